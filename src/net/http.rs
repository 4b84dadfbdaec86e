//! One request and its reply on one connection, with hyper's HTTP/1, driven in
//! the caller's own task.

use super::{
    failure::Fault,
    meter::{Meter, Metered, Wire},
};
use crate::check::{Certificate, KeptHeaders, Reason, Request};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header, uri::PathAndQuery};
use http_body_util::Empty;
use hyper::{
    Response,
    body::{Body, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use std::{
    future::{Future, poll_fn},
    net::IpAddr,
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::timeout;
use url::{Position, Url};

/// A reply's head has at most this many bytes and headers.
pub(super) const MOST_HEAD_BYTES: usize = 64 * 1024;
pub(super) const MOST_HEADERS: usize = 256;

/// A body is read this far for the sake of the connection, and no longer than
/// a new connection would take.
pub(super) const MOST_DRAINED_BYTES: u64 = 64 * 1024;
pub(super) const LONGEST_DRAIN: Duration = Duration::from_millis(500);

/// A header that stands in the row is shown this far: real media types are
/// shorter (RFC 6838 section 4.2), and a row should not be as large as a head.
const MOST_SHOWN: usize = 256;

/// Headers that only a bot wall in front of a site sends.
const WALLS: [&str; 2] = ["cf-mitigated", "x-amzn-waf-action"];

/// An open connection that speaks HTTP/1.
pub(super) struct Link {
    sender: http1::SendRequest<Empty<Bytes>>,
    connection: Pin<Box<http1::Connection<TokioIo<Metered>, Empty<Bytes>>>>,
    meter: Rc<Meter>,
    pub(super) remote_ip: IpAddr,
    pub(super) certificate: Option<Arc<Certificate>>,
}

impl Link {
    /// Speaks HTTP/1 on an open connection; nothing is sent yet.
    pub(super) async fn open(wire: Wire, remote_ip: IpAddr, certificate: Option<Arc<Certificate>>) -> Link {
        let meter = Rc::new(Meter::default());
        let io = TokioIo::new(Metered { wire, meter: meter.clone() });
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(MOST_HEAD_BYTES)
            .max_header_size(MOST_HEAD_BYTES)
            .max_headers(MOST_HEADERS)
            .title_case_headers(true)
            // What browsers forgive keeps no site from its visitors.
            .allow_spaces_after_header_name_in_responses(true)
            .allow_obsolete_multiline_headers_in_responses(true)
            .ignore_invalid_headers_in_responses(true)
            .handshake(io)
            .await
            .expect("an HTTP/1 client connection begins without I/O");
        Link { sender, connection: Box::pin(connection), meter, remote_ip, certificate }
    }

    /// When the first byte of the latest reply came.
    pub(super) fn meter(&self) -> &Rc<Meter> {
        &self.meter
    }

    /// Sends a request and waits for the head of its reply.
    pub(super) async fn send(&mut self, request: &Request) -> Result<Response<Incoming>, Fault> {
        let message = message(request)?;
        self.meter.begin();
        let mut sending = pin!(self.sender.send_request(message));
        let mut open = true;
        let connection = &mut self.connection;
        let ended = poll_fn(|cx| {
            // The connection first: it is what moves the bytes. Its own error
            // reaches the sender as well, with the request's point of view.
            open = open && connection.as_mut().poll(cx).is_pending();
            sending.as_mut().poll(cx)
        })
        .await;
        self.meter.head_is_read();
        ended.map_err(|error| {
            if self.meter.overrun() {
                return Fault::new(Reason::HttpProtocol, "interim replies without end");
            }
            let bytes_seen = self.meter.first_byte_at().is_some();
            if error.is_canceled() {
                self.meter.unasked();
            }
            Fault::replying(&error, bytes_seen)
        })
    }

    /// Reads what is left of a body, so that the connection can be used again.
    /// `None` when it cannot.
    pub(super) async fn drain(mut self, reply: Response<Incoming>) -> Option<Link> {
        let body = reply.into_body();
        if body.size_hint().lower() > MOST_DRAINED_BYTES {
            return None;
        }
        let drained = timeout(LONGEST_DRAIN, self.read_out(body)).await;
        (drained == Ok(true)).then_some(self)
    }

    /// Whether the connection is still good, as far as can be known without asking.
    pub(super) fn is_alive(&mut self) -> bool {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        self.connection.as_mut().poll(&mut cx).is_pending() && self.sender.is_ready()
    }

    async fn read_out(&mut self, mut body: Incoming) -> bool {
        let mut left = MOST_DRAINED_BYTES;
        let mut at_end = body.is_end_stream();
        poll_fn(|cx| {
            let closed = self.connection.as_mut().poll(cx).is_ready();
            while !at_end {
                match Pin::new(&mut body).poll_frame(cx) {
                    Poll::Ready(None) => at_end = true,
                    Poll::Ready(Some(Ok(frame))) => {
                        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
                        match left.checked_sub(bytes) {
                            Some(rest) => left = rest,
                            None => return Poll::Ready(false),
                        }
                        if self.connection.as_mut().poll(cx).is_ready() {
                            return Poll::Ready(false);
                        }
                    }
                    Poll::Ready(Some(Err(_))) => return Poll::Ready(false),
                    Poll::Pending if closed => return Poll::Ready(false),
                    Poll::Pending => return Poll::Pending,
                }
            }
            match self.sender.poll_ready(cx) {
                Poll::Ready(ready) => Poll::Ready(ready.is_ok()),
                Poll::Pending if closed => Poll::Ready(false),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }
}

/// The headers of a reply that are kept.
pub(super) fn kept(headers: &HeaderMap) -> KeptHeaders {
    let raw = |name| headers.get(name).map(|value: &HeaderValue| Box::from(value.as_bytes()));
    let wall = WALLS.iter().find_map(|name| Some((name, headers.get(*name)?)));
    KeptHeaders {
        location: raw(header::LOCATION),
        retry_after: raw(header::RETRY_AFTER),
        date: raw(header::DATE),
        content_type: headers.get(header::CONTENT_TYPE).map(shown),
        blocked_by: wall.map(|(name, value)| format!("{name}: {}", shown(value)).into()),
    }
}

/// Whether a reply redirects to the origin that it came from. Only a guess,
/// which costs no more than a connection: the check decides where to go.
pub(super) fn leads_back(reply: &Response<Incoming>, url: &Url) -> bool {
    let location = reply.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    matches!(reply.status().as_u16(), 301 | 302 | 303 | 307 | 308)
        && location.and_then(|location| url.join(location).ok()).is_some_and(|to| to.origin() == url.origin())
}

fn shown(value: &HeaderValue) -> Box<str> {
    let bytes = &value.as_bytes()[..value.len().min(MOST_SHOWN)];
    match str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => text.into(),
        _ => bytes.escape_ascii().map(char::from).take(MOST_SHOWN).collect::<String>().into(),
    }
}

fn message(request: &Request) -> Result<http::Request<Empty<Bytes>>, Fault> {
    let url = &request.url;
    let path: PathAndQuery = url[Position::BeforePath..Position::AfterQuery].parse().map_err(|error| {
        Fault::new(Reason::InputInvalid, format!("the path cannot be asked for over HTTP: {error}"))
    })?;
    let mut message = http::Request::new(Empty::new());
    *message.method_mut() = request.method.clone();
    *message.uri_mut() = path.into();
    let headers = message.headers_mut();
    headers.reserve(request.headers.len() + 2);
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])
        .map_err(|_| Fault::new(Reason::InputInvalid, "the host cannot be written in a Host header"))?;
    headers.insert(header::HOST, host);
    for (name, value) in request.headers.iter() {
        headers.append(name.clone(), value.clone());
    }
    if let Some(credentials) = basic(url) {
        headers.insert(header::AUTHORIZATION, credentials);
    }
    Ok(message)
}

/// A URL's user name and password as Basic credentials (RFC 7617).
pub(super) fn basic(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let plain = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
    let pair = [plain(url.username()), plain(url.password().unwrap_or_default())].join(&b':');
    let encoded = data_encoding::BASE64.encode(&pair);
    let mut value = HeaderValue::from_str(&format!("Basic {encoded}")).expect("base64 is plain ASCII");
    value.set_sensitive(true);
    Some(value)
}
