//! A reply that points elsewhere: the next request, or why there is none.
//!
//! Locations are joined as browsers join them (WHATWG URL), because real ones
//! hold spaces, raw UTF-8 and worse, which strict RFC 3986 rejects.

use super::{Hop, Policy, Reason, Reply, Request, Timeouts};
use http::{HeaderMap, HeaderName, header};
use std::{borrow::Cow, sync::Arc};
use url::Url;

/// Where a reply leads.
pub(super) enum Follow {
    /// Nowhere: it is an answer in itself.
    No,
    /// To the next hop.
    To(Url),
    /// Somewhere that is not to be followed.
    Never { reason: Reason, detail: String },
}

/// Headers that carry no secret, and so may go to another origin.
const HARMLESS: [HeaderName; 9] = [
    header::ACCEPT,
    header::ACCEPT_CHARSET,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::CACHE_CONTROL,
    header::DNT,
    header::PRAGMA,
    header::UPGRADE_INSECURE_REQUESTS,
    header::USER_AGENT,
];

pub(super) fn follow(reply: &Reply, sent: &Request, followed: &[Hop], policy: &Policy) -> Follow {
    let Some(location) = &reply.headers.location else { return Follow::No };
    if !matches!(reply.status, 301 | 302 | 303 | 307 | 308) || policy.accept.contains(reply.status) {
        return Follow::No;
    }
    let never = |reason, detail| Follow::Never { reason, detail };
    let url = match join(&sent.url, location) {
        Ok(url) => url,
        Err(detail) => return never(Reason::RedirectInvalid, detail),
    };
    if same_page(&url, &sent.url) {
        return never(Reason::RedirectLoop, "the page redirects to itself".to_owned());
    }
    if let Some(back) = followed.iter().position(|hop| same_page(&hop.url, &url)) {
        let detail = format!("after {} redirects back at hop {}", followed.len() + 1, back + 1);
        return never(Reason::RedirectLoop, detail);
    }
    if followed.len() >= policy.max_redirects as usize {
        return never(Reason::RedirectLimit, format!("more than {} redirects", policy.max_redirects));
    }
    Follow::To(url)
}

/// The next hop's request. The method stays, for GET, HEAD and OPTIONS are
/// kept by every redirect (RFC 9110 section 15.4); secrets stay behind when
/// the origin changes.
pub(super) fn request(sent: &Request, mut url: Url, timeouts: Timeouts) -> Request {
    let same_origin = url.origin() == sent.url.origin();
    // A user name or password in a Location is the server's wish, not the user's.
    let (name, password) = match same_origin {
        true => (sent.url.username(), sent.url.password()),
        false => ("", None),
    };
    url.set_username(name).and_then(|()| url.set_password(password)).expect("a URL with a host takes credentials");
    let headers = if same_origin { sent.headers.clone() } else { without_secrets(&sent.headers) };
    Request { method: sent.method.clone(), url, headers, timeouts }
}

fn join(base: &Url, location: &[u8]) -> Result<Url, String> {
    let text = decode(location);
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
    let shown = || text.chars().take(200).flat_map(char::escape_debug).collect::<String>();
    if text.is_empty() {
        return Err("its Location is blank".to_owned());
    }
    let mut url = base.join(text).map_err(|error| format!("its Location {} is no URL: {error}", shown()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("its Location {} is neither http nor https", shown()));
    }
    if url.as_str().len() > super::UNSUPPORTED_LENGTH {
        return Err(format!("its Location is {} bytes long", url.as_str().len()));
    }
    url.set_fragment(None);
    Ok(url)
}

/// UTF-8 where it is UTF-8, else a character a byte (ISO 8859-1), as browsers do.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

fn same_page(one: &Url, other: &Url) -> bool {
    one[url::Position::BeforeScheme..url::Position::AfterScheme]
        == other[url::Position::BeforeScheme..url::Position::AfterScheme]
        && one[url::Position::BeforeHost..url::Position::AfterQuery]
            == other[url::Position::BeforeHost..url::Position::AfterQuery]
}

fn without_secrets(headers: &Arc<HeaderMap>) -> Arc<HeaderMap> {
    if headers.keys().all(|name| HARMLESS.contains(name)) {
        return headers.clone();
    }
    let harmless = headers.iter().filter(|(name, _)| HARMLESS.contains(name));
    Arc::new(harmless.map(|(name, value)| (name.clone(), value.clone())).collect())
}
