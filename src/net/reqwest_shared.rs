//! What the two reqwest clients share: how one is built, and what its replies
//! and errors come to.
//!
//! reqwest tells less than our own pipeline: not when the first byte came, nor
//! how long the connection and the handshake took apart. Such cells stay empty.

use super::{
    dialling::Dialling,
    failure::{Fault, local},
    head::{MOST_HEAD_BYTES, kept_of},
    http::basic,
    kit::{Kit, Start},
};
use crate::check::{Certificate, Failure, Phase, Reason, Reply, Request, Timing};
use http::{HeaderMap, HeaderValue, Version, header};
use hyper::ext::ReasonPhrase;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use std::{
    error::Error,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

/// Resolves as all modes do.
pub(super) struct Names(pub(super) Arc<Kit>);

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let kit = self.0.clone();
        Box::pin(async move {
            let addresses = kit.dial(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// A connection that waits longer for its host's next check is closed.
pub(super) const LONGEST_IDLE: Duration = Duration::from_secs(1);

/// Kept connections that may be found closed, one after the other.
pub(super) const MOST_STALE: usize = 8;

/// Sets up a builder of either kind, which have the same methods and no trait.
macro_rules! set_up {
    ($builder:expr, $kit:expr, $watch:expr, $tls:expr, $connect:expr) => {
        $builder
            .tls_backend_preconfigured($tls)
            .tls_info(true)
            .dns_resolver(Arc::new($crate::net::reqwest_shared::Names($kit)))
            .connector_layer($watch)
            .connect_timeout($connect)
            .redirect(::reqwest::redirect::Policy::none())
            .retry(::reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .http1_only()
            .http1_title_case_headers()
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_max_headers($crate::net::head::MOST_HEADERS)
            .tcp_keepalive(None)
            .tcp_nodelay(true)
            .pool_idle_timeout($crate::net::reqwest_shared::LONGEST_IDLE)
    };
}
pub(super) use set_up;

/// The head of a response of either kind.
macro_rules! head {
    ($response:expr) => {
        $crate::net::reqwest_shared::Head {
            status: $response.status().as_u16(),
            version: $response.version(),
            phrase: $response.extensions().get::<::hyper::ext::ReasonPhrase>(),
            headers: $response.headers(),
            remote: $response.remote_addr(),
            leaf: $response
                .extensions()
                .get::<::reqwest::tls::TlsInfo>()
                .and_then(::reqwest::tls::TlsInfo::peer_certificate),
        }
    };
}
pub(super) use head;

/// The headers of a request, and its URL without credentials. Without `more`,
/// the host is told that the connection will not be used again.
pub(super) fn message(request: &Request, more: bool) -> (url::Url, HeaderMap) {
    let mut headers = (*request.headers).clone();
    if let Some(credentials) = basic(&request.url) {
        headers.insert(header::AUTHORIZATION, credentials);
    }
    if !more {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let mut url = request.url.clone();
    if !url.username().is_empty() || url.password().is_some() {
        url.set_username("").and_then(|()| url.set_password(None)).expect("an http URL may have credentials");
    }
    (url, headers)
}

/// What a reply's head comes to.
pub(super) struct Head<'a> {
    pub(super) status: u16,
    pub(super) version: Version,
    pub(super) phrase: Option<&'a ReasonPhrase>,
    pub(super) headers: &'a HeaderMap,
    pub(super) remote: Option<SocketAddr>,
    pub(super) leaf: Option<&'a [u8]>,
}

/// A reply, unless its head is beyond our bounds.
pub(super) fn reply(head: &Head<'_>, start: &Start, dialling: &Dialling) -> Result<Reply, Failure> {
    let phrase = head.phrase.map_or(0, |phrase| phrase.as_bytes().len());
    let fields: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if phrase + fields > MOST_HEAD_BYTES {
        return Err(failed(Phase::Reply, Fault::too_large(), start, dialling));
    }
    Ok(Reply {
        status: head.status,
        version: head.version,
        remote_ip: head.remote.map(|remote| remote.ip()),
        headers: kept_of(head.headers),
        certificate: certificate(dialling, head.leaf),
        timing: timing(start, dialling),
    })
}

/// What an error of reqwest's comes to.
pub(super) fn failure(error: &reqwest::Error, request: &Request, start: &Start, dialling: &Dialling) -> Failure {
    let (began, connected) = {
        let dialled = dialling.lock();
        (dialled.began.is_some(), dialled.connected.is_some())
    };
    let connecting = began && !connected;
    let limit = request.timeouts.total;
    if error.is_timeout() {
        let (phase, fault) = match connecting {
            true => (Phase::Connect, Fault::new(Reason::ConnectTimeout, "no connection within the connect time-out")),
            false => (
                Phase::Reply,
                Fault::new(Reason::TtfbTimeout, format!("connected, but no reply's head within {limit:?}")),
            ),
        };
        return failed(phase, fault, start, dialling);
    }
    if let Some(fault) = find::<Fault>(error) {
        return failed(Phase::Dns, fault.clone(), start, dialling);
    }
    if let Some((reason, io)) = find::<std::io::Error>(error).and_then(|io| Some((local(io)?, io)))
        && error.is_builder()
    {
        return failed(Phase::Connect, Fault::new(reason, io.to_string()), start, dialling);
    }
    if error.is_builder() {
        let detail = "the URL cannot be asked for over HTTP";
        return failed(Phase::Reply, Fault::new(Reason::InputInvalid, detail), start, dialling);
    }
    let (phase, fault) = match (find::<std::io::Error>(error), find::<hyper::Error>(error)) {
        (Some(io), _) if error.is_connect() => connecting_fault(io, request, start, dialling),
        (_, Some(error)) => (Phase::Reply, Fault::of_hyper(error)),
        (Some(io), None) => (Phase::Reply, Fault::handshaking(io)),
        (None, None) => (Phase::Reply, Fault::new(Reason::HttpProtocol, error.to_string())),
    };
    failed(phase, fault, start, dialling)
}

/// A connection or a handshake that did not come about. reqwest wraps the TLS
/// error in an `io::Error` of its own.
fn connecting_fault(io: &std::io::Error, request: &Request, start: &Start, dialling: &Dialling) -> (Phase, Fault) {
    let inner = innermost(io);
    let is_tls = inner.get_ref().is_some_and(|error| error.is::<rustls::Error>());
    if is_tls || (request.url.scheme() == "https" && inner.kind() == std::io::ErrorKind::UnexpectedEof) {
        let shown = &dialling.lock().shown;
        let why = shown.certificate.as_deref().and_then(|certificate| certificate.refused.clone());
        let fault = match (shown.refused, why) {
            (Some(reason), Some(why)) => Fault::new(reason, why),
            _ => Fault::handshaking(inner),
        };
        return (Phase::Tls, fault);
    }
    (Phase::Connect, Fault::connecting(start.addresses[0], inner))
}

fn innermost(error: &std::io::Error) -> &std::io::Error {
    let mut inner = error;
    while let Some(next) = inner.get_ref().and_then(|error| find::<std::io::Error>(error)) {
        inner = next;
    }
    inner
}

fn failed(phase: Phase, fault: Fault, start: &Start, dialling: &Dialling) -> Failure {
    let certificate = dialling.lock().shown.certificate.clone();
    let remote_ip: Option<IpAddr> = (phase != Phase::Dns).then(|| start.addresses.first().copied()).flatten();
    Failure {
        reason: fault.reason,
        phase,
        detail: fault.detail,
        remote_ip,
        certificate,
        timing: timing(start, dialling),
    }
}

fn timing(start: &Start, dialling: &Dialling) -> Timing {
    let (began, connected) = {
        let dialled = dialling.lock();
        (dialled.began, dialled.connected)
    };
    // With https this is the handshake's time as well: nobody can tell them apart.
    let connect = began.zip(connected).map(|(began, connected)| connected - began).filter(|_| start.tls.is_none());
    Timing {
        started_at: Some(start.at),
        dns: start.dns.filter(|_| began.is_some()),
        connect,
        total: start.began.elapsed(),
        ..Timing::default()
    }
}

fn certificate(dialling: &Dialling, leaf: Option<&[u8]>) -> Option<Arc<Certificate>> {
    let shown = dialling.lock().shown.certificate.clone();
    // A kept connection's handshake was another request's; reqwest tells its leaf.
    shown.or_else(|| Some(Arc::new(super::certificate::read(&leaf?.into(), 1).0)))
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// Whether a kept connection was closed between two checks, which is nobody's
/// fault: the request is sent again. A connection may have been begun all the
/// same, when another was given back first; once there, it cannot be told from
/// the one that was used.
pub(super) fn was_stale(failure: &Failure, dialling: &Dialling) -> bool {
    failure.reason == Reason::ConnectReset && failure.phase == Phase::Reply && dialling.lock().connected.is_none()
}

/// What is left of an attempt's time for a request.
pub(super) fn time_left(request: &Request, start: &Start) -> Duration {
    request.timeouts.total.saturating_sub(start.began.elapsed()).max(Duration::from_millis(1))
}

/// The time for connecting: TCP, and once more for TLS.
pub(super) fn connect_time(kit: &Kit, start: &Start) -> Duration {
    if start.tls.is_some() { kit.connect * 2 } else { kit.connect }
}

/// The handshake's side of a client; for one that only speaks http, any will do.
pub(super) fn tls_config(start: &Start) -> ClientConfig {
    match &start.tls {
        Some(config) => (**config).clone(),
        None => ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider speaks TLS 1.2 and 1.3")
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth(),
    }
}
