//! The head of a reply, as curl passes it on: read with the parser, and
//! forgiven what is forgiven, as in the other modes.

use super::{
    super::http::{MOST_HEAD_BYTES, MOST_HEADERS},
    MOST_HEADS_BYTES,
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Version,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
};
use httparse::{EMPTY_HEADER, Error, ParserConfig, Response, Status};

/// What the bytes on standard output are.
pub(super) enum Heads {
    /// The last head, whole.
    Whole(Head),
    /// Not whole, perhaps not even begun.
    Part,
    /// More than 64 KiB or 256 headers.
    TooLarge,
    /// Interim replies without end.
    Endless,
    /// Something else.
    NotHttp(String),
}

pub(super) struct Head {
    pub(super) status: u16,
    pub(super) version: Version,
    pub(super) headers: HeaderMap,
}

impl Heads {
    /// Reads past interim replies (1xx, RFC 9110 section 15.2) to the last head.
    pub(super) fn read(mut bytes: &[u8]) -> Heads {
        let n_bytes = bytes.len();
        loop {
            let mut room = [EMPTY_HEADER; MOST_HEADERS];
            let mut response = Response::new(&mut room);
            let length = match forgiving().parse_response(&mut response, bytes) {
                Ok(Status::Complete(length)) => length,
                Ok(Status::Partial) if bytes.len() > MOST_HEAD_BYTES => return Heads::TooLarge,
                Ok(Status::Partial) if n_bytes > MOST_HEADS_BYTES => return Heads::Endless,
                Ok(Status::Partial) => return Heads::Part,
                Err(Error::TooManyHeaders) => return Heads::TooLarge,
                Err(error) => return Heads::NotHttp(error.to_string()),
            };
            let status = response.code.expect("a whole head has a status");
            if length > MOST_HEAD_BYTES {
                return Heads::TooLarge;
            }
            // 101 ends HTTP on its connection, and so is the last.
            if status == 101 || !(100..200).contains(&status) {
                let head = head(status, &response);
                return match has_a_length(&head.headers) {
                    true => Heads::Whole(head),
                    false => Heads::NotHttp("its length contradicts itself".to_owned()),
                };
            }
            bytes = &bytes[length..];
        }
    }
}

fn forgiving() -> ParserConfig {
    let mut config = ParserConfig::default();
    config
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .ignore_invalid_headers_in_responses(true);
    config
}

fn head(status: u16, response: &Response<'_, '_>) -> Head {
    let named = response.headers.iter().filter_map(|header| {
        // A value that was folded over several lines is one.
        let one_line: Vec<u8> =
            header.value.iter().map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte }).collect();
        Some((HeaderName::from_bytes(header.name.as_bytes()).ok()?, HeaderValue::from_bytes(&one_line).ok()?))
    });
    let mut headers = HeaderMap::new();
    for (name, value) in named {
        headers.append(name, value);
    }
    let version = if response.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 };
    Head { status, version, headers }
}

/// Whether a reply's length is none, or one number (RFC 9112 section 6.3).
fn has_a_length(headers: &HeaderMap) -> bool {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter().map(|length| {
        let digits = length.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        digits.and_then(|digits| digits.parse::<u64>().ok())
    });
    let first = lengths.next();
    headers.contains_key(TRANSFER_ENCODING)
        || first.is_none_or(|first| first.is_some() && lengths.all(|next| next == first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(bytes: &[u8]) -> String {
        match Heads::read(bytes) {
            Heads::Whole(head) => format!("{} {:?} {}", head.status, head.version, head.headers.len()),
            Heads::Part => "part".to_owned(),
            Heads::TooLarge => "too large".to_owned(),
            Heads::Endless => "endless".to_owned(),
            Heads::NotHttp(_) => "not HTTP".to_owned(),
        }
    }

    #[test]
    fn heads_are_read_as_far_as_they_are_heads() {
        for (bytes, expected) in [
            (&b""[..], "part"),
            (b"HTTP/1.1 200 OK\r\nA: b\r\n", "part"),
            (b"HTTP/1.0 204\r\n\r\n", "204 HTTP/1.0 0"),
            (
                b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nA: \xff\r\nB : c\r\n d\r\n\r\n",
                "200 HTTP/1.1 2",
            ),
            (b"HTTP/1.1 100 Continue\r\n\r\n", "part"),
            (b"HTTP/1.1 101 Switching\r\n\r\n", "101 HTTP/1.1 0"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n", "200 HTTP/1.1 2"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", "not HTTP"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n", "not HTTP"),
            (b"<html>\r\n\r\n", "not HTTP"),
        ] {
            assert_eq!(said(bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn no_head_is_beyond_its_bounds() {
        let large = [b"HTTP/1.1 200 OK\r\nA: ".as_slice(), &[b'b'; MOST_HEAD_BYTES], b"\r\n\r\n"].concat();
        assert_eq!(said(&large), "too large");
        assert_eq!(said(&large[..MOST_HEAD_BYTES + 1]), "too large");
        let many = [b"HTTP/1.1 200 OK\r\n".as_slice(), &b"A: b\r\n".repeat(MOST_HEADERS + 1), b"\r\n"].concat();
        assert_eq!(said(&many), "too large");
        assert_eq!(said(&b"HTTP/1.1 103 Early\r\n\r\n".repeat(1000)), "part");
        let mut flood = b"HTTP/1.1 103 Early\r\n\r\n".repeat(20_000);
        flood.truncate(MOST_HEADS_BYTES + 1);
        assert_eq!(said(&flood), "endless");
    }
}
