//! One request and its reply on one connection, in HTTP/1.1 (RFC 9112).
//!
//! httparse reads the heads, as it does for hyper, whose client holds 24 KiB of
//! buffers and queues for every connection. Here one that waits holds none.

use super::{
    body::{Body, Left},
    failure::{Fault, local},
    head::{Head, Heads, MOST_HEADS_BYTES},
    wire::{Scratch, Wire},
};
use crate::check::{Certificate, Reason, Request};
use http::{HeaderValue, header};
use std::{
    cell::Cell,
    future::poll_fn,
    io, mem,
    net::IpAddr,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};
use tokio::time::timeout;
use url::{Position, Url};

/// A body is read this far for the sake of the connection, and no longer than
/// a new connection would take.
pub(super) const MOST_DRAINED_BYTES: u64 = 64 * 1024;
pub(super) const LONGEST_DRAIN: Duration = Duration::from_millis(500);

/// An open connection that speaks HTTP/1.
pub(super) struct Link {
    wire: Wire,
    scratch: Scratch,
    pub(super) remote_ip: IpAddr,
    pub(super) certificate: Option<Arc<Certificate>>,
}

/// A reply's head, and what is left of its body.
pub(super) struct Replied {
    pub(super) head: Head,
    body: Body,
    left: Left,
}

impl Link {
    /// Speaks HTTP/1 on an open connection; nothing is sent yet.
    pub(super) fn new(wire: Wire, scratch: Scratch, remote_ip: IpAddr, certificate: Option<Arc<Certificate>>) -> Link {
        Link { wire, scratch, remote_ip, certificate }
    }

    /// Sends a request and waits for the head of its reply; `first_byte_at`
    /// hears when that begins.
    pub(super) async fn send(
        &mut self,
        request: &Request,
        first_byte_at: &Cell<Option<Instant>>,
    ) -> Result<Replied, Fault> {
        let mut unsent = Unsent::new(message(request));
        let mut heard = Heard::default();
        let cut = |error: Option<&io::Error>| Poll::Ready(Err(Fault::replying(error, first_byte_at.get().is_some())));
        let mut replied = poll_fn(|cx| {
            // A server may reply before it has read everything, and close.
            let sent = unsent.poll(&mut self.wire, cx);
            loop {
                let look = |bytes: &[u8]| {
                    if !bytes.is_empty() && first_byte_at.get().is_none() {
                        first_byte_at.set(Some(Instant::now()));
                    }
                    (bytes.len(), heard.look(bytes, request))
                };
                match self.scratch.read(&mut self.wire, cx, look) {
                    Poll::Pending => match sent {
                        // What the host did to the connection shows in what is read of
                        // it; what this machine lacks may not.
                        Err(error) if local(&error).is_some() => return cut(Some(&error)),
                        _ => return Poll::Pending,
                    },
                    Poll::Ready(Ok((1.., None))) => {}
                    Poll::Ready(Ok((1.., Some(replied)))) => return Poll::Ready(replied),
                    Poll::Ready(Ok((0, _))) => return cut(sent.err().as_ref()),
                    Poll::Ready(Err(error)) => return cut(Some(&error)),
                }
            }
        })
        .await?;
        // What came next would go out behind the rest of this request.
        replied.head.stays_open &= unsent.is_sent();
        Ok(replied)
    }

    /// Reads what is left of a body, so that the connection can be used again.
    /// `None` when it cannot.
    pub(super) async fn drain(mut self: Box<Self>, replied: Replied) -> Option<Box<Link>> {
        let Replied { head, mut body, mut left } = replied;
        if !head.stays_open || body.least() > MOST_DRAINED_BYTES {
            return None;
        }
        let mut bytes_left = MOST_DRAINED_BYTES;
        let read = poll_fn(|cx| {
            while left == Left::More {
                let take = |bytes: &[u8]| (bytes.len() as u64, body.take(bytes));
                match self.scratch.read(&mut self.wire, cx, take) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok((n_bytes @ 1.., after))) if n_bytes <= bytes_left => {
                        bytes_left -= n_bytes;
                        left = after;
                    }
                    Poll::Ready(_) => return Poll::Ready(false),
                }
            }
            Poll::Ready(left == Left::Nothing)
        });
        (timeout(LONGEST_DRAIN, read).await == Ok(true)).then_some(self)
    }

    /// Whether the connection is still good, as far as can be known without
    /// asking: a server that says anything unasked, or closes, wants no more.
    pub(super) fn is_alive(&mut self) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        self.scratch.read(&mut self.wire, &mut cx, |_| ()).is_pending()
    }
}

/// A request on its way out.
struct Unsent {
    message: Vec<u8>,
    n_sent: usize,
}

impl Unsent {
    fn new(message: Vec<u8>) -> Unsent {
        Unsent { message, n_sent: 0 }
    }

    fn is_sent(&self) -> bool {
        self.n_sent == self.message.len()
    }

    /// Sends on; what cannot be sent any more may have its reply all the same.
    fn poll(&mut self, wire: &mut Wire, cx: &mut Context<'_>) -> io::Result<()> {
        while !self.is_sent() {
            match wire.poll_write(cx, &self.message[self.n_sent..])? {
                Poll::Pending => return Ok(()),
                Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(n_bytes) => self.n_sent += n_bytes,
            }
        }
        // A connection that waits for its reply holds none.
        (self.message, self.n_sent) = (Vec::new(), 0);
        match wire.poll_flush(cx) {
            Poll::Ready(Err(error)) => Err(error),
            Poll::Ready(Ok(())) | Poll::Pending => Ok(()),
        }
    }
}

/// What was heard of a head that is not whole.
#[derive(Default)]
struct Heard {
    bytes: Vec<u8>,
    /// As many of them had been heard when they were last parsed.
    n_parsed: usize,
    /// Bytes of interim heads and empty lines, which are forgotten.
    n_forgotten: usize,
}

impl Heard {
    /// Hears more; tells what it comes to, once it does.
    fn look(&mut self, bytes: &[u8], request: &Request) -> Option<Result<Replied, Fault>> {
        let seen = self.bytes.len();
        if seen == 0 {
            return self.read(bytes, request);
        }
        self.bytes.extend_from_slice(bytes);
        // A head that comes byte by byte is not parsed again with each of them.
        if !ends_a_line_twice(&self.bytes, seen) && self.bytes.len() < 2 * self.n_parsed {
            return None;
        }
        let bytes = mem::take(&mut self.bytes);
        self.read(&bytes, request)
    }

    fn read(&mut self, bytes: &[u8], request: &Request) -> Option<Result<Replied, Fault>> {
        Some(match Heads::read(bytes, &request.method) {
            Heads::Part(n_bytes) => {
                self.n_forgotten += n_bytes;
                self.bytes.extend_from_slice(&bytes[n_bytes..]);
                self.n_parsed = self.bytes.len();
                if self.n_forgotten + self.n_parsed <= MOST_HEADS_BYTES {
                    return None;
                }
                Err(Fault::endless())
            }
            Heads::Whole(head) => {
                let mut body = Body::new(head.length);
                let left = body.take(&bytes[head.n_bytes..]);
                Ok(Replied { head, body, left })
            }
            Heads::TooLarge => Err(Fault::too_large()),
            Heads::NotHttp(why) => Err(Fault::new(Reason::HttpProtocol, format!("the reply is not HTTP: {why}"))),
        })
    }
}

/// Whether an empty line ends behind the first `seen` bytes.
fn ends_a_line_twice(bytes: &[u8], seen: usize) -> bool {
    let news = bytes[seen..].iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    news.map(|(at, _)| &bytes[..seen + at]).any(|before| before.ends_with(b"\n") || before.ends_with(b"\n\r"))
}

/// Whether a reply redirects to the origin that it came from. Only a guess,
/// which costs no more than a connection: the check decides where to go.
pub(super) fn leads_back(head: &Head, url: &Url) -> bool {
    let location = head.headers.location.as_deref().and_then(|location| str::from_utf8(location).ok());
    matches!(head.status, 301 | 302 | 303 | 307 | 308)
        && location.and_then(|location| url.join(location).ok()).is_some_and(|to| to.origin() == url.origin())
}

/// A request as it goes on the wire (RFC 9112 sections 2 and 3).
fn message(request: &Request) -> Vec<u8> {
    let url = &request.url;
    let path = &url[Position::BeforePath..Position::AfterQuery];
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let mut message = Vec::with_capacity(256);
    for part in [request.method.as_str(), " ", path, " HTTP/1.1\r\nHost: ", host, "\r\n"] {
        message.extend_from_slice(part.as_bytes());
    }
    let credentials = basic(url).map(|credentials| (&header::AUTHORIZATION, credentials));
    let given = request.headers.iter().filter(|(name, _)| credentials.is_none() || *name != header::AUTHORIZATION);
    for (name, value) in given.chain(credentials.iter().map(|(name, value)| (*name, value))) {
        push_title_case(&mut message, name.as_str());
        for part in [b": ", value.as_bytes(), b"\r\n"] {
            message.extend_from_slice(part);
        }
    }
    message.extend_from_slice(b"\r\n");
    message
}

/// As browsers and curl write names: some servers know no other way.
fn push_title_case(message: &mut Vec<u8>, name: &str) {
    let mut starts = true;
    for byte in name.bytes() {
        message.push(if starts { byte.to_ascii_uppercase() } else { byte });
        starts = byte == b'-';
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Policy, Scheme, Target};
    use proptest::{prop_assert, prop_assert_eq, proptest};

    fn request(url: &str) -> Request {
        let check = Check::start(Target::parse(1, url, Scheme::Http), Arc::new(Policy::default()));
        check.expect("it is a URL").request().clone()
    }

    #[test]
    fn a_request_names_its_host_first_and_its_credentials_once() {
        let mut request = request("http://me:secret@example.org:8080/a?b#c");
        let headers = Arc::make_mut(&mut request.headers);
        headers.clear();
        headers.insert("x-some-thing", HeaderValue::from_static("1"));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer x"));
        let message = String::from_utf8(message(&request)).expect("ASCII");
        let expected = "GET /a?b HTTP/1.1\r\nHost: example.org:8080\r\nX-Some-Thing: 1\r\n\
                        Authorization: Basic bWU6c2VjcmV0\r\n\r\n";
        assert_eq!(message, expected);
    }

    proptest! {
        /// Whatever stands in a list, its request is one, for one path.
        #[test]
        fn no_path_and_no_query_ends_its_line(text in ".*") {
            let target = Target::parse(1, format!("http://example.org/{text}"), Scheme::Http);
            if let Ok(check) = Check::start(target, Arc::new(Policy::default())) {
                let message = message(check.request());
                let line = message.split(|byte| *byte == b'\n').next().expect("a first line");
                let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
                let [b"GET", path, b"HTTP/1.1\r"] = words[..] else { panic!("{}", line.escape_ascii()) };
                prop_assert!(path.starts_with(b"/") && path.iter().all(u8::is_ascii_graphic));
                prop_assert_eq!(message.windows(4).position(|end| end == b"\r\n\r\n"), Some(message.len() - 4));
            }
        }
    }

    #[test]
    fn a_head_that_comes_in_parts_is_the_same_head() {
        let bytes = b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        let request = request("http://example.org/");
        for at_once in [1, 2, 3, 7, 40, bytes.len()] {
            let mut heard = Heard::default();
            let read = bytes.chunks(at_once).find_map(|part| heard.look(part, &request));
            let Replied { head, mut body, left } = read.expect("it is whole").expect("it is a head");
            assert_eq!((head.status, head.stays_open), (200, true), "{at_once}");
            let after = &bytes[bytes.len() - 5..];
            let n_taken = 5 - usize::try_from(body.least()).expect("few");
            let left = if n_taken < 5 { body.take(&after[n_taken..]) } else { left };
            assert_eq!(left, Left::Nothing, "{at_once}");
        }
    }

    #[test]
    fn interim_heads_are_forgotten_one_by_one_and_have_an_end() {
        let request = request("http://example.org/");
        let interim = b"HTTP/1.1 103 Early\r\n\r\n";
        let mut heard = Heard::default();
        for _ in 0..MOST_HEADS_BYTES / interim.len() {
            assert!(heard.look(interim, &request).is_none());
            assert!(heard.bytes.is_empty());
        }
        let told = heard.look(&interim.repeat(2), &request);
        assert!(told.is_some_and(|told| told.is_err_and(|fault| fault.detail.contains("without end"))));
        let mut heard = Heard::default();
        assert!((0..1000).all(|_| heard.look(b"\r\n", &request).is_none() && heard.bytes.is_empty()));
    }

    #[test]
    fn what_is_no_head_is_told_before_it_ends() {
        let request = request("http://example.org/");
        let mut heard = Heard::default();
        let told = b"SSH-2.0-OpenSSH_9.2\r\n".chunks(1).find_map(|byte| heard.look(byte, &request));
        assert!(told.is_some_and(|told| told.is_err_and(|fault| fault.reason == Reason::HttpProtocol)));
    }
}
