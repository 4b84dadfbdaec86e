//! A worker: takes a URL, asks for it, writes its row, takes the next.

use anyhow::{Result, bail};
use rustls::pki_types::ServerName;
use std::{cell::RefCell, io, net::IpAddr, rc::Rc, sync::Arc};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{
    Shared,
    list::{Share, Url},
    reply::{self, Reply},
};

/// One of the requests at once of an event loop.
pub(crate) struct Worker {
    list: Rc<RefCell<Share>>,
    shared: Arc<Shared>,
    /// The connection of the URL before, with its origin.
    kept: Option<(String, Stream)>,
    buffer: Vec<u8>,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Worker {
    pub(crate) fn new(list: Rc<RefCell<Share>>, shared: Arc<Shared>) -> Worker {
        Worker { list, shared, kept: None, buffer: Vec::new() }
    }

    /// Works until the list has no more.
    pub(crate) async fn run(mut self) -> Result<()> {
        let mut line = String::new();
        while self.list.borrow_mut().next(&mut line)? {
            if line.starts_with("https:") && self.shared.tls.is_none() {
                bail!("{line}: give --ca FILE, the authority of its certificate");
            }
            // Whatever went wrong, there is a row.
            let status = self.check(&line).await.unwrap_or(0);
            self.shared.row(&[&line, &status.to_string()])?;
        }
        Ok(())
    }

    async fn check(&mut self, line: &str) -> io::Result<u16> {
        let url = Url::split(line).ok_or(io::ErrorKind::InvalidInput)?;
        let origin = &line[..line.len() - url.path.len()];
        if let Some((_, mut stream)) = self.kept.take_if(|(of, _)| of == origin) {
            // A server may close what it kept at any time: then it was not asked.
            if let Ok(reply) = stream.ask(&url, &mut self.buffer).await {
                return Ok(self.keep(origin, stream, reply));
            }
        }
        // Closed before another is opened.
        self.kept = None;
        let mut stream = self.connect(&url).await?;
        let reply = stream.ask(&url, &mut self.buffer).await?;
        Ok(self.keep(origin, stream, reply))
    }

    fn keep(&mut self, origin: &str, stream: Stream, reply: Reply) -> u16 {
        if self.shared.keep_alive && reply.is_kept {
            self.kept = Some((origin.to_owned(), stream));
        }
        reply.status
    }

    async fn connect(&self, url: &Url<'_>) -> io::Result<Stream> {
        let address = match url.host.parse::<IpAddr>() {
            Ok(address) => address,
            Err(_) => *self.shared.addresses.get(url.host).ok_or(io::ErrorKind::HostUnreachable)?,
        };
        let stream = TcpStream::connect((address, url.port)).await?;
        let Some(tls) = self.shared.tls.as_ref().filter(|_| url.is_tls) else { return Ok(Stream::Plain(stream)) };
        // A request follows the end of the handshake, and must not wait for its
        // acknowledgement. In plain HTTP each is the only write in flight.
        stream.set_nodelay(true)?;
        let name = ServerName::try_from(url.host.to_owned()).map_err(io::Error::other)?;
        Ok(Stream::Tls(Box::new(TlsConnector::from(Arc::clone(tls)).connect(name, stream).await?)))
    }
}

impl Stream {
    async fn ask(&mut self, url: &Url<'_>, buffer: &mut Vec<u8>) -> io::Result<Reply> {
        match self {
            Stream::Plain(stream) => reply::ask(stream, url, buffer).await,
            Stream::Tls(stream) => reply::ask(stream.as_mut(), url, buffer).await,
        }
    }
}
