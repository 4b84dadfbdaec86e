//! The well-behaved side: one connection, answered by hyper for as long as the
//! scripts keep to HTTP. The first that does not takes the connection over.

use super::{
    broken,
    count::{Counts, OpenRequest},
    script::{Fault, Script},
};
use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue, LOCATION, RETRY_AFTER},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{
    future::poll_fn,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};
use tokio_rustls::server::TlsStream;

/// A connection, plain or over TLS.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// The TCP connection at the bottom of it.
    fn tcp(&self) -> &TcpStream;
}

/// The fault that takes over, and the request that asked for it.
type Takeover = Arc<Mutex<Option<(Fault, OpenRequest)>>>;

/// Makes hyper let go of a connection without a word on it.
#[derive(Debug, thiserror::Error)]
#[error("the script goes on without HTTP")]
struct LetGo;

const PAGE: &[u8] = b"<!doctype html>\n<title>Practice</title>\n<p>A page of the practice site.\n";
const LARGE_BODY: usize = 1 << 20;
static FILLER: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(vec![b'x'; LARGE_BODY]));

/// Answers the requests of a connection until either side has enough.
pub(super) async fn connection<W: Wire>(stream: W, counts: Arc<Counts>) {
    let takeover = Takeover::default();
    let service = service_fn(|request| Box::pin(answer(request, counts.clone(), takeover.clone())));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // What goes wrong here is the client's doing, such as leaving early.
    let _ = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let mut stream = connection.into_parts().io.into_inner();
    let broken = takeover.lock().unwrap_or_else(PoisonError::into_inner).take();
    match broken {
        Some((fault, open)) => {
            broken::act(fault, stream).await;
            drop(open);
        }
        None => _ = stream.shutdown().await,
    }
}

async fn answer(
    request: Request<Incoming>,
    counts: Arc<Counts>,
    takeover: Takeover,
) -> Result<Response<Full<Bytes>>, LetGo> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let open = counts.open_request(host, target);
    let mut script = Script::parse(request.uri().path(), request.uri().query().unwrap_or_default());
    loop {
        script = match script {
            Script::Delay { wait, then } => {
                sleep(wait).await;
                *then
            }
            Script::Flaky { first, then } => {
                if counts.next_try(host, target) <= u64::from(first) {
                    *then
                } else {
                    Script::Page
                }
            }
            Script::Throttle { first, .. } if counts.next_try(host, target) > u64::from(first) => Script::Page,
            Script::Broken(fault) => {
                *takeover.lock().unwrap_or_else(PoisonError::into_inner) = Some((fault, open));
                return Err(LetGo);
            }
            last => return Ok(reply(last, &request)),
        }
    }
}

fn reply(script: Script, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    match script {
        Script::Status(status) => page(status),
        Script::Throttle { status, retry_after, .. } => {
            let mut reply = page(status);
            if let Some(retry_after) = retry_after {
                reply.headers_mut().insert(RETRY_AFTER, retry_after);
            }
            reply
        }
        Script::Redirect { left: 0 } => page(StatusCode::OK),
        Script::Redirect { left } => redirect(format!("/redirect/{}", left - 1)),
        Script::RedirectTo { location, status } => {
            let mut reply = page(status);
            reply.headers_mut().insert(LOCATION, location);
            reply
        }
        Script::Loop { length: 1, .. } => redirect("/loop".to_owned()),
        Script::Loop { length, at } => match at.saturating_add(1) % length {
            0 => redirect(format!("/loop/{length}")),
            next => redirect(format!("/loop/{length}/{next}")),
        },
        Script::Body { bytes } => html(StatusCode::OK, FILLER.slice(..bytes.min(LARGE_BODY))),
        Script::HeadSize { bytes } => {
            let mut reply = page(StatusCode::OK);
            let value = HeaderValue::from_maybe_shared(FILLER.slice(..bytes.min(LARGE_BODY)));
            reply.headers_mut().insert("x-large", value.expect("a row of letters is a header value"));
            reply
        }
        Script::Headers { number } => {
            let mut reply = page(StatusCode::OK);
            for n in 0..number {
                let name = HeaderName::try_from(format!("x-header-{n}")).expect("letters and digits are a header name");
                reply.headers_mut().insert(name, HeaderValue::from(n));
            }
            reply
        }
        Script::Header { name, wanted } if request.headers().contains_key(&name) == wanted => page(StatusCode::OK),
        Script::Header { .. } => page(StatusCode::BAD_REQUEST),
        Script::Mistake(why) => html(StatusCode::BAD_REQUEST, Bytes::from(format!("{why}\n"))),
        // The rest was played out before it came to a reply.
        Script::Page | Script::Delay { .. } | Script::Flaky { .. } | Script::Broken(_) => page(StatusCode::OK),
    }
}

fn page(status: StatusCode) -> Response<Full<Bytes>> {
    html(status, Bytes::from_static(PAGE))
}

fn redirect(to: String) -> Response<Full<Bytes>> {
    let mut reply = page(StatusCode::FOUND);
    let location = HeaderValue::try_from(to).expect("letters and digits are a header value");
    reply.headers_mut().insert(LOCATION, location);
    reply
}

fn html(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    reply
}

impl Wire for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Wire for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}
