//! A reply that points elsewhere: the next request, or why there is none.
//!
//! Locations are joined as browsers join them (WHATWG URL), because real ones
//! hold spaces, raw UTF-8 and worse, which strict RFC 3986 rejects.

use super::{Hop, Policy, Reason, Reply, Request, Timeouts, reading};
use http::{HeaderMap, HeaderName, header};
use std::{borrow::Cow, sync::Arc};
use url::{Position, Url};

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

/// How much of a Location is shown.
const SHOWN_CHARACTERS: usize = 200;

/// Where a reply to `sent` leads, after the hops that were followed before it.
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
    if text.is_empty() {
        return Err("its Location is blank".to_owned());
    }
    let joined = match base.join(text) {
        Err(error) => Err(reading::explain(error, text)),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => Err(reading::unchecked(url.scheme(), text)),
        Ok(url) => reading::fault(&url).map_or(Ok(url), Err),
    };
    let mut url = joined.map_err(|why| format!("its Location {} leads nowhere: {why}", shown(text)))?;
    url.set_fragment(None);
    Ok(url)
}

/// The beginning of a Location, fit for a sentence. What may be a user name
/// and a password, rather too much than too little, is not shown.
fn shown(text: &str) -> String {
    let start = text.rfind('@').unwrap_or_default();
    let mask = if start > 0 { "***" } else { "" };
    let characters = text[start..].chars().take(SHOWN_CHARACTERS).flat_map(char::escape_debug);
    mask.chars().chain(characters).collect()
}

/// UTF-8 where it is UTF-8, else a character a byte (ISO 8859-1), as browsers do.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

/// User names, passwords and fragments make no other page.
fn same_page(one: &Url, other: &Url) -> bool {
    let page = Position::BeforeHost..Position::AfterQuery;
    one.scheme() == other.scheme() && one[page.clone()] == other[page]
}

fn without_secrets(headers: &Arc<HeaderMap>) -> Arc<HeaderMap> {
    if headers.keys().all(|name| HARMLESS.contains(name)) {
        return headers.clone();
    }
    let harmless = headers.iter().filter(|(name, _)| HARMLESS.contains(name));
    Arc::new(harmless.map(|(name, value)| (name.clone(), value.clone())).collect())
}
