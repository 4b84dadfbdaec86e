//! One row of the input, and the URL that it names.

use serde::{Deserialize, Serialize};
use std::fmt;
use url::{Host, ParseError, Url};

/// Texts longer than this (64 KiB) are no URLs: no server takes them, and
/// `http::Uri` holds no more.
pub const UNSUPPORTED_LENGTH: usize = 64 * 1024;

/// One row of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// 1-based number of the target over all inputs, in reading order.
    pub index: u64,
    /// The text as found, undecodable bytes shown as `\xNN`.
    pub input: String,
    /// The URL that the text names, or why it names none.
    pub url: Result<Url, Invalid>,
    /// A CSV input's other columns, carried to the output.
    pub extra: Vec<String>,
}

/// Why a text is no URL that can be checked: a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invalid(Box<str>);

/// What a text without a scheme means (`--default-scheme`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// `http://`
    Http,
    /// `https://`
    #[default]
    Https,
}

/// A host and port, the unit of politeness: limits, pauses and the breaker hold for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostKey(Box<str>);

impl Target {
    /// Reads a target from the text of a row, surrounding space ignored.
    ///
    /// ```
    /// use urlcheck::{Scheme, Target};
    /// let target = Target::parse(1, "example.org/a b", Scheme::Https);
    /// assert_eq!(target.url.unwrap().as_str(), "https://example.org/a%20b");
    /// ```
    pub fn parse(index: u64, input: impl Into<String>, default_scheme: Scheme) -> Target {
        let input = input.into();
        let url = parse_url(input.trim(), default_scheme);
        Target { index, input, url, extra: Vec::new() }
    }

    /// A row that names no URL, whatever its text.
    pub fn invalid(index: u64, input: impl Into<String>, why: impl Into<Invalid>) -> Target {
        Target { index, input: input.into(), url: Err(why.into()), extra: Vec::new() }
    }
}

impl HostKey {
    /// The host and port of a URL as `host:port`, the scheme's port when it
    /// names none.
    pub fn of(url: &Url) -> HostKey {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        HostKey(format!("{host}:{port}").into_boxed_str())
    }

    /// The text `host:port`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Scheme {
    /// The scheme's name as it stands before `://`.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<T: Into<String>> From<T> for Invalid {
    fn from(why: T) -> Invalid {
        Invalid(why.into().into_boxed_str())
    }
}

fn parse_url(text: &str, default_scheme: Scheme) -> Result<Url, Invalid> {
    if text.is_empty() {
        return Err("the text is empty".into());
    }
    if text.len() > UNSUPPORTED_LENGTH {
        return Err(format!("{} bytes long; a URL has at most {UNSUPPORTED_LENGTH}", text.len()).into());
    }
    let parsed = match written_scheme(text) {
        Some(scheme) if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") => Url::parse(text),
        Some(scheme) => return Err(format!("the scheme {scheme}: is not checked, only http and https are").into()),
        None => Url::parse(&format!("{}://{}", default_scheme.as_str(), text.trim_start_matches('/'))),
    };
    let mut url = parsed.map_err(|error| Invalid::from(explain(error, text)))?;
    if url.host().is_none_or(|host| host == Host::Domain("")) {
        return Err("it has no host".into());
    }
    url.set_fragment(None);
    Ok(url)
}

/// The scheme that a text names, if any. `example.org:8080` and
/// `localhost:8080/x` name a port, not a scheme.
fn written_scheme(text: &str) -> Option<&str> {
    let (before, after) = text.split_once(':')?;
    let scheme_like = before.starts_with(|c: char| c.is_ascii_alphabetic())
        && before.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let port_like = {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && after[digits..].chars().next().is_none_or(|c| matches!(c, '/' | '?' | '#'))
    };
    let slashes = after.starts_with("//");
    (scheme_like && (slashes || (!port_like && !before.contains('.')))).then_some(before)
}

fn explain(error: ParseError, text: &str) -> String {
    match error {
        ParseError::EmptyHost => "it has no host".to_owned(),
        ParseError::InvalidPort => "its port is not a number from 0 to 65535".to_owned(),
        ParseError::InvalidIpv4Address => "its host looks like an IPv4 address but is none".to_owned(),
        ParseError::InvalidIpv6Address if text.contains('%') => {
            "its host is an IPv6 address with a zone, which URLs do not have (leave out the %…)".to_owned()
        }
        ParseError::InvalidIpv6Address => "its host is no valid IPv6 address".to_owned(),
        ParseError::InvalidDomainCharacter => "its host has a character that host names cannot have".to_owned(),
        ParseError::IdnaError => "its host is no valid international domain name".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        let target = Target::parse(1, text, Scheme::Https);
        target.url.map(String::from).map_err(|why| why.to_string())
    }

    #[test]
    fn texts_that_are_urls() {
        for (text, url) in [
            ("http://example.org", "http://example.org/"),
            ("HTTP://EXAMPLE.org/A?b#c", "http://example.org/A?b"),
            ("example.org/a b", "https://example.org/a%20b"),
            ("//example.org/x", "https://example.org/x"),
            ("example.org:8080", "https://example.org:8080/"),
            ("localhost:8080/x", "https://localhost:8080/x"),
            ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
            ("http://0x7f.1/", "http://127.0.0.1/"),
            ("http://[::1]:8/", "http://[::1]:8/"),
            ("  https://example.org/ ", "https://example.org/"),
            ("user:pw@example.org", "https://user:pw@example.org/"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(url), "{text}");
        }
    }

    #[test]
    fn texts_that_are_none_say_why() {
        for (text, part) in [
            ("", "empty"),
            ("ftp://example.org/", "scheme ftp:"),
            ("mailto:a@example.org", "scheme mailto:"),
            ("javascript:void(0)", "scheme javascript:"),
            ("http://", "no host"),
            ("http://example.org:99999/", "port"),
            ("http://1.2.3.256/", "IPv4"),
            ("http://[::1/", "IPv6"),
            ("http://[fe80::1%25eth0]/", "zone"),
            ("http://a b.example/", "character"),
        ] {
            let why = read(text).expect_err(text);
            assert!(why.contains(part), "{text}: {why}");
        }
        let why = read(&"a".repeat(UNSUPPORTED_LENGTH + 1)).expect_err("too long");
        assert!(why.contains("at most 65536"), "{why}");
    }

    #[test]
    fn a_host_key_names_the_port() {
        let key = |url: &str| HostKey::of(&Url::parse(url).expect("a URL")).to_string();
        assert_eq!(key("http://example.org/"), "example.org:80");
        assert_eq!(key("https://example.org/"), "example.org:443");
        assert_eq!(key("https://[::1]:8443/"), "[::1]:8443");
    }
}
