//! A connection's bytes, counted: when the first byte of a reply came, and how
//! many came before its head was whole.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Instant,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

/// More bytes than this without a whole head are no reply: interim replies
/// (1xx) without end, for one.
const MOST_HEAD_BYTES: usize = 256 * 1024;

/// What a connection tells of the reply that is read on it.
#[derive(Debug, Default)]
pub(super) struct Meter {
    first_byte_at: Cell<Option<Instant>>,
    head_bytes: Cell<usize>,
    in_head: Cell<bool>,
    overrun: Cell<bool>,
}

impl Meter {
    /// A request is about to be sent.
    pub(super) fn begin(&self) {
        self.first_byte_at.set(None);
        self.head_bytes.set(0);
        self.in_head.set(true);
    }

    /// The head is whole.
    pub(super) fn head_is_read(&self) {
        self.in_head.set(false);
    }

    /// The request never left: what came was no reply to it.
    pub(super) fn unasked(&self) {
        self.first_byte_at.set(None);
    }

    /// When the first byte of the reply came.
    pub(super) fn first_byte_at(&self) -> Option<Instant> {
        self.first_byte_at.get()
    }

    /// Whether the head went beyond all bounds.
    pub(super) fn overrun(&self) -> bool {
        self.overrun.get()
    }

    fn count(&self, bytes: usize) -> io::Result<()> {
        if !self.in_head.get() || bytes == 0 {
            return Ok(());
        }
        if self.first_byte_at.get().is_none() {
            self.first_byte_at.set(Some(Instant::now()));
        }
        self.head_bytes.set(self.head_bytes.get() + bytes);
        if self.head_bytes.get() > MOST_HEAD_BYTES {
            self.overrun.set(true);
            return Err(io::Error::other("the head has no end"));
        }
        Ok(())
    }
}

/// A plain or an encrypted connection.
#[derive(Debug)]
pub(super) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection under its meter.
#[derive(Debug)]
pub(super) struct Metered {
    pub(super) wire: Wire,
    pub(super) meter: Rc<Meter>,
}

impl AsyncRead for Metered {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Wire::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        })?;
        Poll::Ready(self.meter.count(buf.filled().len() - before))
    }
}

impl AsyncWrite for Metered {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Wire::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
