//! What is left of a reply's body, byte for byte, so that the connection can
//! be used again: nothing of it is kept.

use super::head::Length;

/// A body under way.
#[derive(Debug)]
pub(super) enum Body {
    /// So many bytes are to come.
    Bytes(u64),
    /// Chunks are to come (RFC 9112 section 7.1).
    Chunked(Chunks),
    /// Everything until the connection closes.
    UntilClosed,
}

/// How far chunks are read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chunks {
    /// In the digits of a size, of which there was at least one or none yet.
    Size(Option<u64>),
    /// Behind the size, in what may follow it on its line.
    Extension(u64),
    /// So many bytes of a chunk are to come.
    Data(u64),
    /// At the line's end behind a chunk.
    AfterData,
    /// In the lines behind the last chunk; whether this one is empty so far.
    Trailer(bool),
    /// Behind it all.
    End,
}

/// What comes after some bytes of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// Nothing: the body is over, exactly.
    Nothing,
    /// More of it.
    More,
    /// Whatever it is, it is no body, or more than one.
    Broken,
}

impl Body {
    pub(super) fn new(length: Length) -> Body {
        match length {
            Length::Bytes(bytes) => Body::Bytes(bytes),
            Length::Chunked => Body::Chunked(Chunks::Size(None)),
            Length::UntilClosed => Body::UntilClosed,
        }
    }

    /// At least so many bytes are to come.
    pub(super) fn least(&self) -> u64 {
        match self {
            Body::Bytes(bytes) | Body::Chunked(Chunks::Data(bytes)) => *bytes,
            Body::Chunked(_) | Body::UntilClosed => 0,
        }
    }

    /// Takes the next bytes, perhaps none.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Left {
        match self {
            Body::UntilClosed => Left::More,
            Body::Bytes(left) => match left.checked_sub(bytes.len() as u64) {
                None => Left::Broken,
                Some(rest) => {
                    *left = rest;
                    if rest == 0 { Left::Nothing } else { Left::More }
                }
            },
            Body::Chunked(chunks) => chunks.take(bytes),
        }
    }
}

impl Chunks {
    fn take(&mut self, mut bytes: &[u8]) -> Left {
        while let Some((byte, rest)) = bytes.split_first() {
            if let Chunks::Data(left) = self {
                let taken = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= taken as u64;
                bytes = &bytes[taken..];
                if *left == 0 {
                    *self = Chunks::AfterData;
                }
                continue;
            }
            match self.step(*byte) {
                Some(next) => *self = next,
                None => return Left::Broken,
            }
            bytes = rest;
        }
        if *self == Chunks::End { Left::Nothing } else { Left::More }
    }

    /// Where one byte leads that is not a chunk's own; `None` where it cannot stand.
    fn step(&self, byte: u8) -> Option<Chunks> {
        let begun = |size| if size == 0 { Chunks::Trailer(true) } else { Chunks::Data(size) };
        Some(match (self, byte) {
            (Chunks::Size(Some(size)), b'\n') | (Chunks::Extension(size), b'\n') => begun(*size),
            (Chunks::Size(Some(size)), b'\r' | b' ' | b'\t' | b';') | (Chunks::Extension(size), _) => {
                Chunks::Extension(*size)
            }
            (Chunks::Size(size), digit) => {
                let digit = char::from(digit).to_digit(16)?;
                Chunks::Size(Some(size.unwrap_or(0).checked_mul(16)?.checked_add(digit.into())?))
            }
            (Chunks::AfterData, b'\r') => Chunks::AfterData,
            (Chunks::AfterData, b'\n') => Chunks::Size(None),
            (Chunks::Trailer(true), b'\n') => Chunks::End,
            (Chunks::Trailer(empty), b'\r') => Chunks::Trailer(*empty),
            (Chunks::Trailer(_), byte) => Chunks::Trailer(byte == b'\n'),
            (Chunks::AfterData | Chunks::Data(_) | Chunks::End, _) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same at once, and byte by byte.
    fn left(length: Length, bytes: &[u8]) -> Left {
        let at_once = Body::new(length).take(bytes);
        let mut body = Body::new(length);
        let mut bit_by_bit = body.take(b"");
        for byte in bytes {
            bit_by_bit = body.take(&[*byte]);
            if bit_by_bit == Left::Broken {
                break;
            }
        }
        assert_eq!(at_once, bit_by_bit, "{}", bytes.escape_ascii());
        at_once
    }

    #[test]
    fn a_body_ends_where_its_head_says() {
        assert_eq!(left(Length::Bytes(0), b""), Left::Nothing);
        assert_eq!(left(Length::Bytes(3), b"ab"), Left::More);
        assert_eq!(left(Length::Bytes(3), b"abc"), Left::Nothing);
        assert_eq!(left(Length::Bytes(3), b"abcd"), Left::Broken);
        assert_eq!(left(Length::UntilClosed, b"abc"), Left::More);
    }

    #[test]
    fn chunks_end_with_an_empty_one_and_an_empty_line() {
        for (bytes, expected) in [
            (&b""[..], Left::More),
            (b"3\r\nabc\r\n", Left::More),
            (b"3\r\nabc\r\n0\r\n", Left::More),
            (b"3\r\nabc\r\n0\r\n\r\n", Left::Nothing),
            (b"3 ;a=\"b;c\"\r\nabc\r\n00\r\n\r\n", Left::Nothing),
            (b"1A\n0123456789abcdef0123456789\n0\n\n", Left::Nothing),
            (b"0\r\nExpires: now\r\nA: b\r\n\r\n", Left::Nothing),
            (b"0\r\n\r\nHTTP/1.1", Left::Broken),
            (b"3\r\nabcd", Left::Broken),
            (b"\r\n", Left::Broken),
            (b";a\r\n", Left::Broken),
            (b"x\r\n", Left::Broken),
            (b"fffffffffffffffff\r\n", Left::Broken),
        ] {
            assert_eq!(left(Length::Chunked, bytes), expected, "{}", bytes.escape_ascii());
        }
    }
}
