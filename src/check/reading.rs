//! Reading a URL from a text that people wrote, or saying why it names none.
//!
//! Texts are read as a browser's address bar reads them (WHATWG URL, `https:/x`
//! and `https:///x` included), except where that would ask a site for something
//! that nobody meant and blame the site for the answer. No sentence shows a
//! user name or a password.

use super::{Scheme, UNSUPPORTED_LENGTH};
use std::net::Ipv6Addr;
use url::{Host, ParseError, Url};

/// Schemes that stand before something other than `//host`, so that what comes
/// after the colon may look like a port or like `password@host`.
const SCHEMES_WITHOUT_SLASHES: [&str; 21] = [
    "about",
    "acct",
    "blob",
    "callto",
    "cid",
    "data",
    "fax",
    "file",
    "geo",
    "javascript",
    "mailto",
    "mid",
    "news",
    "sip",
    "sips",
    "skype",
    "sms",
    "tel",
    "urn",
    "view-source",
    "xmpp",
];

/// RFC 1035 section 2.3.4, written with dots and without the last one.
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

/// A scheme longer than this is no scheme that anybody knows, and not shown.
const LONGEST_SCHEME: usize = 32;

/// The URL that a trimmed text names, without its fragment.
pub(super) fn url_in(text: &str, default_scheme: Scheme) -> Result<Url, String> {
    if text.len() > UNSUPPORTED_LENGTH {
        return Err(too_long(text.len()));
    }
    if let Some(why) = what_else_it_is(text) {
        return Err(why.to_owned());
    }
    let parsed = match written_scheme(text) {
        Some(scheme) if is_web(scheme) => Url::parse(text),
        Some(scheme) => return Err(unchecked(scheme, text)),
        None => Url::parse(&format!("{}://{}", default_scheme.as_str(), text.trim_start_matches('/'))),
    };
    let mut url = parsed.map_err(|error| explain(error, text))?;
    url.set_fragment(None);
    if let (None, Some(Host::Ipv4(address))) = (written_scheme(text), url.host())
        && !text.contains(&address.to_string())
    {
        // Such as 1.2.3 or 42: a version or a page number must not ask a stranger.
        let scheme = url.scheme();
        return Err(format!("it is a number rather than a URL; write {scheme}://{address}/ if that address is meant"));
    }
    match fault(&url) {
        Some(why) => Err(why),
        None => Ok(url),
    }
}

/// Why an http or https URL, however well it is written, cannot be asked for.
pub(super) fn fault(url: &Url) -> Option<String> {
    if url.as_str().len() > UNSUPPORTED_LENGTH {
        return Some(too_long(url.as_str().len()));
    }
    if url.port() == Some(0) {
        return Some("its port is 0, on which no server can be".to_owned());
    }
    let Some(Host::Domain(domain)) = url.host() else { return None };
    if matches!(domain, "http" | "https") && url.path().starts_with("//") {
        return Some(format!("its host is the word {domain}: is there one http too many, or one colon too few?"));
    }
    let name = domain.strip_suffix('.').unwrap_or(domain);
    if name.split('.').any(str::is_empty) {
        return Some("its host has a dot with nothing before it".to_owned());
    }
    if name.len() > LONGEST_NAME {
        return Some(format!("its host has {} characters; a name has at most {LONGEST_NAME}", name.len()));
    }
    let longest = name.split('.').map(str::len).max().unwrap_or_default();
    (longest > LONGEST_LABEL).then(|| {
        format!("a part of its host has {longest} characters; between two dots there are at most {LONGEST_LABEL}")
    })
}

/// What to say of a scheme other than http and https. It is not named where it
/// may be the user of `user:pass/word@host`.
pub(super) fn unchecked(scheme: &str, text: &str) -> String {
    let after = text.get(scheme.len() + 1..).unwrap_or_default();
    let known = after.starts_with("//") || !text.contains('@') || goes_without_slashes(scheme);
    if !known || scheme.len() > LONGEST_SCHEME {
        return "it begins with neither http:// nor https://, and only these are checked".to_owned();
    }
    format!("the scheme {scheme}: is not checked, only http and https are")
}

/// What keeps a text from being a URL, in words for people.
pub(super) fn explain(error: ParseError, text: &str) -> String {
    let host = host_text(text);
    match error {
        ParseError::EmptyHost => "it has no host".to_owned(),
        ParseError::InvalidPort if text.contains('@') => {
            "its port is not a number from 0 to 65535 (in a password write / as %2F, ? as %3F, # as %23)".to_owned()
        }
        ParseError::InvalidPort => "its port is not a number from 0 to 65535".to_owned(),
        ParseError::InvalidIpv4Address => "its host looks like an IPv4 address but is none".to_owned(),
        ParseError::InvalidIpv6Address if host.contains('%') => {
            "its host is an IPv6 address with a zone, which URLs do not have (leave out the %…)".to_owned()
        }
        ParseError::InvalidIpv6Address => "its host is no valid IPv6 address".to_owned(),
        ParseError::IdnaError | ParseError::InvalidDomainCharacter => match host.chars().find(|c| never_in_host(*c)) {
            Some(' ') => "its host has a space in it, which host names cannot have".to_owned(),
            Some(character) => format!("its host has the character {character:?}, which host names cannot have"),
            None => "its host is no valid international domain name".to_owned(),
        },
        other => other.to_string(),
    }
}

/// What a text is, if it is clearly something else than one URL.
fn what_else_it_is(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("the text is empty");
    }
    // The URL standard drops tabs and line breaks, which would join two URLs to
    // one that nobody wrote.
    if text.contains(['\t', '\n', '\r']) {
        return Some("the text holds a tab or a line break: is it more than one URL?");
    }
    if [" http://", " https://"].iter().any(|next| text.contains(next)) {
        return Some("the text holds a space and another URL: write one URL a line");
    }
    if text.starts_with(['"', '\'', '<', '(', '“', '‘', '«']) {
        return Some("it begins with a quote or a bracket: write the URL alone");
    }
    let relative = ["?", "#", "./", "../", "\\"].iter().any(|start| text.starts_with(start));
    if relative || (text.starts_with('/') && !text.starts_with("//")) {
        return Some("it is a part of a URL, without a host: write all of it, such as https://example.org/page");
    }
    if matches!(text.as_bytes(), [drive, b':', b'\\', ..] if drive.is_ascii_alphabetic())
        || matches!(text.as_bytes(), [drive, b':', b'/', next, ..] if drive.is_ascii_alphabetic() && *next != b'/')
    {
        return Some("it is the path of a file, not a URL");
    }
    let host = host_text(text);
    if host.split('%').next().is_some_and(|address| address.parse::<Ipv6Addr>().is_ok()) {
        return Some("its host is an IPv6 address without brackets: write https://[2001:db8::1]/");
    }
    // `user@host` with a scheme, a port or a path is a URL. Alone it is nearly
    // always somebody's mail, and its host being up would say nothing of it.
    let mail = text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if mail && !text.contains([':', '/', '\\', '?', '#', ' ']) {
        return Some("it looks like an e-mail address; if it is a URL with a user name, write https:// before it");
    }
    None
}

/// The scheme that a text names, if any. `example.org:8080` and `localhost:`
/// name a port and `user:password@example.org` a user, not a scheme.
fn written_scheme(text: &str) -> Option<&str> {
    let (before, after) = text.split_once(':')?;
    let possible = before.starts_with(|c: char| c.is_ascii_alphabetic())
        && before.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let certain = after.starts_with("//") || is_web(before) || goes_without_slashes(before);
    let port = after.is_empty() || after.starts_with(|c: char| c.is_ascii_digit());
    let host = port || before.contains('.') || authority(after).contains('@');
    (possible && (certain || !host)).then_some(before)
}

fn goes_without_slashes(scheme: &str) -> bool {
    SCHEMES_WITHOUT_SLASHES.iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

fn is_web(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

/// The host of a text, port and all, without what may be a password before it.
fn host_text(text: &str) -> &str {
    let after_scheme = text.split_once("//").map_or(text, |(_, after)| after);
    let authority = authority(after_scheme.trim_start_matches(['/', '\\']));
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// WHATWG URL, section 4.4: for http and https a backslash is a slash.
fn authority(text: &str) -> &str {
    text.split(['/', '\\', '?', '#']).next().unwrap_or_default()
}

/// WHATWG URL, section 3.1: the forbidden domain code points that can get here.
fn never_in_host(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '<' | '>' | '[' | ']' | '^' | '|' | '%' | '"' | '`' | '{' | '}')
}

fn too_long(bytes: usize) -> String {
    format!("{bytes} bytes long, percent-encoded; a URL has at most {UNSUPPORTED_LENGTH}")
}

#[cfg(test)]
mod tests;
