//! The side that misbehaves: raw bytes on a connection that hyper let go of.
//! Every fault ends when the client leaves, or when its patience is over.

use super::{PATIENCE, script::Fault, serve::Wire};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncWriteExt, copy, sink},
    time::{sleep, timeout},
};

/// Between two drops of a drip.
const DRIP: Duration = Duration::from_millis(100);

const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\npage\n";
const LAST_PAGE: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\nConnection: close\r\n\r\npage\n";
const INTERIM: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
/// Its body is short enough to be read to its end for the connection's sake.
const DRIP_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 50000\r\n\r\n";
const LONG_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000000\r\n\r\n";
const CHUNKED_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
const ENDLESS_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n";
/// A chunk of 4 KiB, as Transfer-Encoding frames it (RFC 9112 section 7.1).
const CHUNK_SIZE: &[u8] = b"1000\r\n";

/// Does what the fault says, then closes the connection.
pub(super) async fn act<W: Wire>(fault: Fault, mut stream: W) {
    // A client that leaves while it is being mistreated does right.
    let _ = timeout(PATIENCE, perform(fault, &mut stream)).await;
}

async fn perform<W: Wire>(fault: Fault, stream: &mut W) -> io::Result<()> {
    match fault {
        Fault::Reset => return stream.tcp().set_zero_linger(),
        Fault::ResetAfterHead => {
            stream.write_all(LONG_HEAD).await?;
            stream.flush().await?;
            return stream.tcp().set_zero_linger();
        }
        Fault::Close => {}
        Fault::Hang => return hang(stream).await,
        Fault::DripHead => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nX-Drip: ").await?;
            drip(stream, b".").await?;
        }
        Fault::DripInterim => drip(stream, INTERIM).await?,
        Fault::DripBody => {
            stream.write_all(DRIP_HEAD).await?;
            drip(stream, b".").await?;
        }
        Fault::EndlessBody => {
            stream.write_all(ENDLESS_HEAD).await?;
            repeat(stream, &[b'x'; 4096]).await?;
        }
        Fault::EndlessChunks => {
            stream.write_all(CHUNKED_HEAD).await?;
            repeat(stream, &[CHUNK_SIZE, &[b'x'; 4096], b"\r\n"].concat()).await?;
        }
        Fault::ShortBody => {
            stream.write_all(LONG_HEAD).await?;
            stream.write_all(b"only this").await?;
        }
        Fault::CutChunk => {
            stream.write_all(CHUNKED_HEAD).await?;
            stream.write_all(CHUNK_SIZE).await?;
            stream.write_all(b"only this").await?;
        }
        Fault::Garbage => stream.write_all(b"\x00\xff\x13 this is no HTTP \x7f\r\n\x01\x02\r\n\r\n").await?,
        Fault::Http09 => stream.write_all(b"<title>Practice</title>\n<p>A page without a head.\n").await?,
        Fault::BadStatus(status) => {
            let end = b" Practice\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(&[b"HTTP/1.1 ".as_slice(), &status, end].concat()).await?;
        }
        Fault::Interim(number) => {
            for _ in 0..number {
                stream.write_all(INTERIM).await?;
            }
            stream.write_all(LAST_PAGE).await?;
        }
        Fault::InterimFlood => repeat(stream, INTERIM).await?,
        Fault::RawHeader { status, name, value } => {
            let status = format!("HTTP/1.1 {status} Practice\r\n");
            let end = b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(&[status.as_bytes(), &name, b": ", &value, end].concat()).await?;
        }
        Fault::KeepAliveClose => stream.write_all(PAGE).await?,
        Fault::ExtraReply => {
            stream.write_all(&PAGE.repeat(2)).await?;
            stream.flush().await?;
            return hang(stream).await;
        }
    }
    stream.shutdown().await
}

/// Says no more, and reads until the client leaves.
async fn hang<W: Wire>(stream: &mut W) -> io::Result<()> {
    copy(stream, &mut sink()).await.map(|_| ())
}

async fn drip<W: Wire>(stream: &mut W, drop: &[u8]) -> io::Result<()> {
    loop {
        stream.write_all(drop).await?;
        stream.flush().await?;
        sleep(DRIP).await;
    }
}

async fn repeat<W: Wire>(stream: &mut W, bytes: &[u8]) -> io::Result<()> {
    loop {
        stream.write_all(bytes).await?;
    }
}
