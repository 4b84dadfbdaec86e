//! One row of the input, and the URL that it names.

use super::reading;
use serde::{Deserialize, Serialize};
use std::fmt;
use url::Url;

/// Texts longer than this (64 KiB) are no URLs: no server takes them, and
/// `http::Uri` holds no more.
pub const UNSUPPORTED_LENGTH: usize = 64 * 1024;

/// One row of the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// 1-based number of the target over all inputs, in reading order.
    pub index: u64,
    /// The text as found; `None` when it is the URL to the letter, as most are,
    /// for a hundred thousand targets wait at once.
    input: Option<Box<str>>,
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
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
        let url = reading::url_in(input.trim(), default_scheme).map_err(Invalid::from);
        let is_url = url.as_ref().is_ok_and(|url| url.as_str() == input);
        Target { index, input: (!is_url).then(|| input.into()), url, extra: Vec::new() }
    }

    /// A row that names no URL, whatever its text.
    pub fn invalid(index: u64, input: impl Into<String>, why: impl Into<Invalid>) -> Target {
        Target { index, input: Some(input.into().into()), url: Err(why.into()), extra: Vec::new() }
    }

    /// The text as found, undecodable bytes shown as `\xNN`.
    pub fn input(&self) -> &str {
        match (&self.input, &self.url) {
            (Some(input), _) => input,
            (None, Ok(url)) => url.as_str(),
            (None, Err(_)) => "",
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_key_names_the_port() {
        let key = |url: &str| HostKey::of(&Url::parse(url).expect("a URL")).to_string();
        assert_eq!(key("http://example.org/"), "example.org:80");
        assert_eq!(key("https://example.org/"), "example.org:443");
        assert_eq!(key("https://[::1]:8443/"), "[::1]:8443");
    }
}
