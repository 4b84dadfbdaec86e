//! The bytes of a connection, plain or encrypted, and the one place in memory
//! that an event loop reads them into.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

/// As much is read at once: most heads are whole after one read.
const READ_AT_ONCE: usize = 16 * 1024;

/// A plain or an encrypted connection.
#[derive(Debug)]
pub(super) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Where all connections of an event loop read to: the loop polls one at a time,
/// so that none that waits holds a buffer of its own.
#[derive(Clone)]
pub(super) struct Scratch(Rc<RefCell<Box<[u8]>>>);

impl Scratch {
    pub(super) fn new() -> Scratch {
        Scratch(Rc::new(RefCell::new(vec![0; READ_AT_ONCE].into_boxed_slice())))
    }

    /// Reads what is there, and shows it; nothing is the end of the stream.
    pub(super) fn read<T>(
        &self,
        wire: &mut Wire,
        cx: &mut Context<'_>,
        look: impl FnOnce(&[u8]) -> T,
    ) -> Poll<io::Result<T>> {
        let mut scratch = self.0.borrow_mut();
        let mut bytes = ReadBuf::new(&mut scratch);
        ready!(match wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_read(cx, &mut bytes),
            Wire::Tls(tls) => Pin::new(tls).poll_read(cx, &mut bytes),
        })?;
        Poll::Ready(Ok(look(bytes.filled())))
    }
}

impl Wire {
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Wire::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Wire::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
        }
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Wire::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }
}
