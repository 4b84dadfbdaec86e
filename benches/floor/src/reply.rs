//! One request and its reply on a stream: the head, then the body up to the
//! length that the head tells.

use httparse::{EMPTY_HEADER, Response, Status};
use std::io::{self, ErrorKind, Write};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::list::Url;

/// What is read of a head at most, as urlcheck does.
const MOST_OF_A_HEAD: usize = 64 << 10;
const MOST_HEADERS: usize = 64;

/// What a head says.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Whether the stream is good for another request.
    pub(crate) is_kept: bool,
}

/// Sends a GET with the headers that urlcheck sends, and reads its reply.
/// `buffer` serves for both; what is in it is of no use afterwards.
pub(crate) async fn ask<S>(stream: &mut S, url: &Url<'_>, buffer: &mut Vec<u8>) -> io::Result<Reply>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    buffer.clear();
    write!(
        buffer,
        "GET {} HTTP/1.1\r\nuser-agent: floor\r\naccept: */*\r\naccept-encoding: identity\r\nhost: {}\r\n\r\n",
        url.path, url.authority
    )?;
    stream.write_all(buffer).await?;
    stream.flush().await?;

    buffer.resize(4 << 10, 0);
    let mut n_read = 0;
    let (status, length, n_head) = loop {
        if n_read == buffer.len() {
            if n_read == MOST_OF_A_HEAD {
                return Err(ErrorKind::FileTooLarge.into());
            }
            buffer.resize(2 * n_read, 0);
        }
        n_read += read(stream, &mut buffer[n_read..]).await?;
        if let Some(head) = parse(&buffer[..n_read])? {
            break head;
        }
    };
    let Some(length) = length else { return Ok(Reply { status, is_kept: false }) };
    // More bytes than were told of are nobody's reply.
    let Some(mut n_left) = length.checked_sub(n_read as u64 - n_head as u64) else {
        return Ok(Reply { status, is_kept: false });
    };
    while n_left > 0 {
        let most = usize::try_from(n_left).unwrap_or(usize::MAX).min(buffer.len());
        n_left -= read(stream, &mut buffer[..most]).await? as u64;
    }
    Ok(Reply { status, is_kept: true })
}

/// At least a byte, or an error.
async fn read<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut [u8]) -> io::Result<usize> {
    match stream.read(buffer).await? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        n_read => Ok(n_read),
    }
}

/// Status, length of the body, length of the head, when all of it is there. No
/// length: its end is told in another way, or the connection ends with it, and
/// the stream serves for nothing more.
fn parse(bytes: &[u8]) -> io::Result<Option<(u16, Option<u64>, usize)>> {
    let mut headers = [EMPTY_HEADER; MOST_HEADERS];
    let mut response = Response::new(&mut headers);
    let Status::Complete(n_head) = response.parse(bytes).map_err(io::Error::other)? else { return Ok(None) };
    let status = response.code.expect("a complete head has a status");
    let value = |name: &str| {
        let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        str::from_utf8(header.value).ok()
    };
    let closes = value("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    let length = value("content-length").and_then(|length| length.parse().ok()).filter(|_| !closes);
    Ok(Some((status, length, n_head)))
}
