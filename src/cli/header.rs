//! A header as people write it: `Name: value`.

use http::{HeaderName, HeaderValue, header};
use std::str::FromStr;

/// A header to send with every request. Its value is marked as sensitive:
/// it may be a password, and logs must not show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name, in small letters.
    pub name: HeaderName,
    /// The value, without surrounding space.
    pub value: HeaderValue,
}

/// The value of the header `User-Agent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserAgent(HeaderValue);

/// Why a text is no header, or one that cannot be set. No sentence shows the
/// text: it may be a password without the colon before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// There is no colon.
    #[error("has no colon; write it as 'Name: value'")]
    NoColon,
    /// The part before the colon cannot be a name (RFC 9110 section 5.1).
    #[error("what stands before the colon is no header name; names have letters, digits and - only")]
    Name,
    /// The part after the colon cannot be a value (RFC 9110 section 5.5).
    #[error("the value has a control character, which headers cannot have")]
    Value,
    /// The header says how the request is sent, which is not the user's to say.
    #[error("{name} cannot be set: {why}")]
    Refused {
        /// The name.
        name: HeaderName,
        /// The reason, as the end of a sentence.
        why: &'static str,
    },
}

impl FromStr for Header {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, HeaderError> {
        let (name, value) = text.split_once(':').ok_or(HeaderError::NoColon)?;
        let name = HeaderName::from_str(name.trim()).map_err(|_| HeaderError::Name)?;
        if let Some(why) = refusal(&name) {
            return Err(HeaderError::Refused { name, why });
        }
        let mut value = read_value(value)?;
        value.set_sensitive(true);
        Ok(Header { name, value })
    }
}

impl UserAgent {
    /// The value as it is sent.
    pub fn get(self) -> HeaderValue {
        self.0
    }
}

impl FromStr for UserAgent {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, HeaderError> {
        read_value(text).map(UserAgent)
    }
}

fn read_value(text: &str) -> Result<HeaderValue, HeaderError> {
    HeaderValue::from_str(text.trim()).map_err(|_| HeaderError::Value)
}

/// Why a header is not the user's to set, if so.
fn refusal(name: &HeaderName) -> Option<&'static str> {
    if *name == header::HOST {
        return Some("it follows from the URL; use --hosts to reach a name at another address");
    }
    if [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::TRAILER, header::EXPECT].contains(name) {
        return Some("a check has no body to send");
    }
    let of_connection = [header::CONNECTION, header::UPGRADE, header::TE].contains(name)
        || ["keep-alive", "proxy-connection"].contains(&name.as_str());
    of_connection.then_some("urlcheck decides how long a connection is kept and what it speaks")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, String), String> {
        let header: Header = text.parse().map_err(|error: HeaderError| error.to_string())?;
        Ok((header.name.to_string(), header.value.to_str().expect("visible ASCII").to_owned()))
    }

    #[test]
    fn a_name_and_a_value() {
        for (text, name, value) in [
            ("Accept: text/html", "accept", "text/html"),
            ("X-Key:a:b", "x-key", "a:b"),
            (" X-Empty : ", "x-empty", ""),
            ("Authorization: Bearer secret", "authorization", "Bearer secret"),
        ] {
            assert_eq!(read(text), Ok((name.to_owned(), value.to_owned())), "{text:?}");
        }
    }

    #[test]
    fn a_value_is_not_shown_in_logs() {
        let header: Header = "Authorization: Bearer secret".parse().expect("a header");
        assert!(!format!("{header:?}").contains("secret"));
    }

    #[test]
    fn what_is_no_header_says_why() {
        let bad_name = "what stands before the colon is no header name; names have letters, digits and - only";
        let bad_value = "the value has a control character, which headers cannot have";
        for (text, why) in [
            ("Accept", "has no colon; write it as 'Name: value'"),
            (": x", bad_name),
            ("a b: x", bad_name),
            ("A: x\r\nB: y", bad_value),
            ("A: x\u{7f}", bad_value),
        ] {
            assert_eq!(read(text), Err(why.to_owned()), "{text:?}");
        }
        assert_eq!("a\nb".parse::<UserAgent>(), Err(HeaderError::Value));
    }

    #[test]
    fn headers_of_the_connection_are_refused() {
        for (name, why) in [
            ("Host", "it follows from the URL; use --hosts to reach a name at another address"),
            ("Content-Length", "a check has no body to send"),
            ("Transfer-Encoding", "a check has no body to send"),
            ("Trailer", "a check has no body to send"),
            ("Expect", "a check has no body to send"),
            ("Connection", "urlcheck decides how long a connection is kept and what it speaks"),
            ("Keep-Alive", "urlcheck decides how long a connection is kept and what it speaks"),
            ("Proxy-Connection", "urlcheck decides how long a connection is kept and what it speaks"),
            ("TE", "urlcheck decides how long a connection is kept and what it speaks"),
            ("Upgrade", "urlcheck decides how long a connection is kept and what it speaks"),
        ] {
            let sentence = format!("{} cannot be set: {why}", name.to_lowercase());
            assert_eq!(read(&format!("{name}: x")), Err(sentence), "{name}");
        }
    }
}
