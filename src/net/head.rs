//! The head of a reply: read with the parser that hyper has, forgiven what
//! browsers forgive, and of its headers only what matters.

use crate::check::KeptHeaders;
use http::{HeaderMap, Method, Version};
use httparse::{Error, Header, ParserConfig, Response, Status};
use std::{borrow::Cow, mem::MaybeUninit};

/// A reply's head has at most this many bytes and headers.
pub(super) const MOST_HEAD_BYTES: usize = 64 * 1024;
pub(super) const MOST_HEADERS: usize = 256;

/// More bytes than this without a last head are no reply: interim replies (1xx)
/// without end, for one.
pub(super) const MOST_HEADS_BYTES: usize = 256 * 1024;

/// A header that stands in the row is shown this far: real media types are
/// shorter (RFC 6838 section 4.2), and a row should not be as large as a head.
const MOST_SHOWN: usize = 256;

/// Headers that only a bot wall in front of a site sends.
const WALLS: [&str; 2] = ["cf-mitigated", "x-amzn-waf-action"];

/// What the first bytes of a connection are.
pub(super) enum Heads {
    /// The last head, whole.
    Whole(Head),
    /// Not whole, perhaps not even begun, after so many bytes of interim heads
    /// and empty lines.
    Part(usize),
    /// More than 64 KiB or 256 headers.
    TooLarge,
    /// Something else.
    NotHttp(String),
}

/// A head, and where it leaves the connection.
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) version: Version,
    pub(super) headers: KeptHeaders,
    pub(super) length: Length,
    /// Whether the connection is good for another request once the body is read.
    pub(super) stays_open: bool,
    /// Its own bytes and those of what came before it.
    pub(super) n_bytes: usize,
}

/// Where the body ends (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Bytes(u64),
    Chunked,
    UntilClosed,
}

impl Heads {
    /// Reads past interim replies (1xx, RFC 9110 section 15.2) to the last head
    /// of the reply to a request of this method.
    pub(super) fn read(bytes: &[u8], method: &Method) -> Heads {
        let mut n_bytes = 0;
        loop {
            // Forgiven, and forgotten as interim heads are.
            n_bytes += n_empty_lines(&bytes[n_bytes..]);
            let bytes_left = &bytes[n_bytes..];
            let mut room = [const { MaybeUninit::uninit() }; MOST_HEADERS];
            let mut response = Response::new(&mut []);
            let parsed = forgiving().parse_response_with_uninit_headers(&mut response, bytes_left, &mut room);
            let length = match parsed {
                Ok(Status::Complete(length)) => length,
                Ok(Status::Partial) if bytes_left.len() > MOST_HEAD_BYTES => return Heads::TooLarge,
                Ok(Status::Partial) => return Heads::Part(n_bytes),
                Err(Error::TooManyHeaders) => return Heads::TooLarge,
                Err(error) => return Heads::NotHttp(error.to_string()),
            };
            if length > MOST_HEAD_BYTES {
                return Heads::TooLarge;
            }
            n_bytes += length;
            match response.code.expect("a whole head has a status") {
                // 101 ends HTTP on its connection, and so is the last.
                100 | 102..200 => {}
                status @ ..100 => return Heads::NotHttp(format!("{status:03} is no status")),
                status => {
                    let head = Head::of(status, &response, method, n_bytes);
                    return head.map_or_else(|why| Heads::NotHttp(why.to_owned()), Heads::Whole);
                }
            }
        }
    }
}

impl Head {
    fn of(status: u16, response: &Response<'_, '_>, method: &Method, n_bytes: usize) -> Result<Head, &'static str> {
        let headers = &*response.headers;
        let version = if response.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 };
        let length = match status {
            101 | 204 | 304 => Length::Bytes(0),
            _ if *method == Method::HEAD => Length::Bytes(0),
            _ => length(headers, version)?,
        };
        let stays_open = match version {
            Version::HTTP_11 => !says(headers, "connection", "close"),
            _ => says(headers, "connection", "keep-alive") && !says(headers, "connection", "close"),
        };
        Ok(Head {
            status,
            version,
            headers: kept(headers.iter().map(|header| (header.name, header.value))),
            length,
            stays_open: stays_open && status != 101 && length != Length::UntilClosed,
            n_bytes,
        })
    }
}

/// The headers of a reply that are kept; of several of a name, the first.
pub(super) fn kept<'a>(headers: impl Iterator<Item = (&'a str, &'a [u8])>) -> KeptHeaders {
    let mut kept = KeptHeaders::default();
    for (name, value) in headers {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let raw = || one_line(value).into();
        match () {
            () if is("location") => drop(kept.location.get_or_insert_with(raw)),
            () if is("retry-after") => drop(kept.retry_after.get_or_insert_with(raw)),
            () if is("date") => drop(kept.date.get_or_insert_with(raw)),
            () if is("content-type") => drop(kept.content_type.get_or_insert_with(|| shown(value))),
            () => {
                if let Some(wall) = WALLS.iter().find(|wall| is(wall)) {
                    kept.blocked_by.get_or_insert_with(|| format!("{wall}: {}", shown(value)).into());
                }
            }
        }
    }
    kept
}

/// As [`kept`], of headers that another client has read.
pub(super) fn kept_of(headers: &HeaderMap) -> KeptHeaders {
    kept(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())))
}

/// Bytes of empty lines before a head.
fn n_empty_lines(bytes: &[u8]) -> usize {
    let mut bytes_left = bytes;
    while let Some(rest) = bytes_left.strip_prefix(b"\r\n").or_else(|| bytes_left.strip_prefix(b"\n")) {
        bytes_left = rest;
    }
    bytes.len() - bytes_left.len()
}

fn forgiving() -> ParserConfig {
    let mut config = ParserConfig::default();
    config
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .ignore_invalid_headers_in_responses(true);
    config
}

fn length(headers: &[Header<'_>], version: Version) -> Result<Length, &'static str> {
    if let Some(coding) = members(headers, "transfer-encoding").last() {
        return match coding.eq_ignore_ascii_case(b"chunked") {
            // In HTTP/1.0 where it ends is anyone's guess (RFC 9112 section 6.1).
            true if version == Version::HTTP_11 => Ok(Length::Chunked),
            _ => Ok(Length::UntilClosed),
        };
    }
    let mut lengths = members(headers, "content-length").map(|digits| match digits.iter().all(u8::is_ascii_digit) {
        true => str::from_utf8(digits).ok()?.parse::<u64>().ok(),
        false => None,
    });
    let Some(first) = lengths.next() else { return Ok(Length::UntilClosed) };
    let first = first.ok_or("its Content-Length is no number of bytes")?;
    match lengths.all(|next| next == Some(first)) {
        true => Ok(Length::Bytes(first)),
        false => Err("its Content-Length contradicts itself"),
    }
}

fn says(headers: &[Header<'_>], name: &str, word: &str) -> bool {
    members(headers, name).any(|member| member.eq_ignore_ascii_case(word.as_bytes()))
}

/// The members of a header that is a list (RFC 9110 section 5.6.1), over all its lines.
fn members<'a>(headers: &'a [Header<'_>], name: &str) -> impl Iterator<Item = &'a [u8]> {
    let lines = headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
    lines.flat_map(|line| line.value.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii)
}

/// A value that was folded over several lines is one, each fold a space
/// (RFC 9112 section 5.2).
fn one_line(value: &[u8]) -> Cow<'_, [u8]> {
    match value.contains(&b'\n') {
        true => value.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).collect::<Vec<_>>().join(&b' ').into(),
        false => value.into(),
    }
}

fn shown(value: &[u8]) -> Box<str> {
    let line = one_line(value);
    let line = &line[..line.len().min(MOST_SHOWN)];
    match str::from_utf8(line) {
        Ok(text) if text.is_ascii() => text.into(),
        _ => line.escape_ascii().map(char::from).take(MOST_SHOWN).collect::<String>().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(bytes: &[u8]) -> String {
        match Heads::read(bytes, &Method::GET) {
            Heads::Whole(head) => {
                let open = if head.stays_open { "open" } else { "closes" };
                format!("{} {:?} {:?} {open}", head.status, head.version, head.length)
            }
            Heads::Part(_) => "part".to_owned(),
            Heads::TooLarge => "too large".to_owned(),
            Heads::NotHttp(_) => "not HTTP".to_owned(),
        }
    }

    #[test]
    fn heads_are_read_as_far_as_they_are_heads() {
        for (bytes, expected) in [
            (&b""[..], "part"),
            (b"HTTP/1.1 200 OK\r\nA: b\r\n", "part"),
            (b"HTTP/1.0 204\r\n\r\n", "204 HTTP/1.0 Bytes(0) closes"),
            (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\n", "200 HTTP/1.0 Bytes(1) open"),
            (
                b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nA: \xff\r\nB : c\r\n d\r\n\r\n",
                "200 HTTP/1.1 UntilClosed closes",
            ),
            (b"HTTP/1.1 100 Continue\r\n\r\n", "part"),
            (b"HTTP/1.1 101 Switching\r\n\r\n", "101 HTTP/1.1 Bytes(0) closes"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2, 2\r\n\r\n", "200 HTTP/1.1 Bytes(2) open"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", "not HTTP"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n", "not HTTP"),
            (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", "304 HTTP/1.1 Bytes(0) open"),
            (
                b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n",
                "200 HTTP/1.1 Chunked open",
            ),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "200 HTTP/1.1 UntilClosed closes"),
            (
                b"HTTP/1.1 200 OK\r\nConnection: x, Close\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
                "200 HTTP/1.1 Bytes(0) closes",
            ),
            (
                b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
                "200 HTTP/1.0 UntilClosed closes",
            ),
            (b"HTTP/1.0 304 Same\r\nTransfer-Encoding: chunked\r\n\r\n", "304 HTTP/1.0 Bytes(0) closes"),
            (b"\r\n\nHTTP/1.1 204 Fine\r\n\r\n", "204 HTTP/1.1 Bytes(0) open"),
            (b"HTTP/1.1 099 Low\r\n\r\n", "not HTTP"),
            (b"<html>\r\n\r\n", "not HTTP"),
        ] {
            assert_eq!(said(bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_reply_to_head_has_no_body_whatever_it_says() {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n";
        let read = Heads::read(head, &Method::HEAD);
        assert!(matches!(read, Heads::Whole(Head { length: Length::Bytes(0), stays_open: true, .. })));
    }

    #[test]
    fn what_is_kept_is_the_first_of_its_name_on_one_line() {
        let head = b"HTTP/1.1 302 Found\r\nLOCATION: /a \r\n \tb\r\nLocation: /c\r\nDate: now\r\nRetry-After: 5\r\n\
                     Content-Type: text/\xe9\r\nCF-Mitigated: challenge\r\nContent-Length: 0\r\n\r\n";
        let Heads::Whole(Head { headers, .. }) = Heads::read(head, &Method::GET) else { panic!("it is whole") };
        let expected = KeptHeaders {
            location: Some(b"/a b".as_slice().into()),
            retry_after: Some(b"5".as_slice().into()),
            date: Some(b"now".as_slice().into()),
            content_type: Some("text/\\xe9".into()),
            blocked_by: Some("cf-mitigated: challenge".into()),
        };
        assert_eq!(headers, expected);
    }

    #[test]
    fn no_head_is_beyond_its_bounds() {
        let large = [b"HTTP/1.1 200 OK\r\nA: ".as_slice(), &[b'b'; MOST_HEAD_BYTES], b"\r\n\r\n"].concat();
        assert_eq!(said(&large), "too large");
        assert_eq!(said(&large[..MOST_HEAD_BYTES + 1]), "too large");
        let many = [b"HTTP/1.1 200 OK\r\n".as_slice(), &b"A: b\r\n".repeat(MOST_HEADERS + 1), b"\r\n"].concat();
        assert_eq!(said(&many), "too large");
        assert_eq!(said(&b"HTTP/1.1 103 Early\r\n\r\n".repeat(1000)), "part");
    }
}
