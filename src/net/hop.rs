//! One hop, phase by phase, and what is known of it at every instant.

use super::{
    Client, Connected,
    awake::Awake,
    connect,
    dns::{Addresses, Pulse},
    failure::Fault,
    http::{self, Link, Replied},
    wire::Wire,
};
use crate::check::{Certificate, Failure, Phase, Reason, Reply, Request, Timing};
use jiff::Timestamp;
use std::{
    cell::{Cell, RefCell},
    mem,
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use url::{Host, Url};

/// How far a hop has come. It outlives the hop's future, so that a time-out
/// can tell what it cut short.
pub(super) struct Progress {
    started_at: Timestamp,
    started: Instant,
    awake: Awake,
    /// How long this program had not been run by then.
    asleep_before: Duration,
    phase: Cell<Phase>,
    phase_began: Cell<Instant>,
    dns: Cell<Option<Duration>>,
    connect: Cell<Option<Duration>>,
    tls: Cell<Option<Duration>>,
    remote_ip: Cell<Option<IpAddr>>,
    certificate: RefCell<Option<Arc<Certificate>>>,
    first_byte_at: Cell<Option<Instant>>,
}

/// A reply whose head is whole, and the connection that it came on.
pub(super) struct Answer {
    link: Box<Link>,
    replied: Replied,
    timing: Timing,
}

/// What a hop starts with.
pub(super) enum Start {
    /// A connection that was kept.
    Kept(Box<Link>),
    /// The name to be resolved, its turn come.
    Name(Addresses),
}

impl Start {
    /// Waits for whatever must be waited for before a hop's time begins.
    pub(super) async fn of(client: &Client, request: &Request) -> Start {
        let kept = client.pool.borrow_mut().take(&request.url);
        match kept {
            Some(link) => Start::Kept(link),
            None => Start::Name(client.names.begin(host(request)).await),
        }
    }
}

/// Sends a request on a kept connection or a fresh one.
pub(super) async fn send(
    client: &Client,
    request: &Request,
    start: Start,
    progress: &Progress,
    connected: impl Fn(Connected),
) -> Result<Answer, Fault> {
    let addresses = match start {
        Start::Name(addresses) => addresses,
        Start::Kept(link) => {
            connected(Connected::Kept);
            progress.reuse(&link);
            match exchange(link, request, progress).await {
                // A kept connection that fails without a word of reply was closed
                // between two checks, which is nobody's fault: ask again on a
                // fresh one (RFC 9110 section 9.2.2, RFC 9112 section 9.3.1).
                // What this machine lacks is no fault of the connection (macOS and
                // Windows tell so of buffers when something is sent).
                Err(fault) if !progress.saw_reply() && !fault.reason.is_ours() => progress.restart(),
                ended => return ended,
            }
            client.names.begin(host(request)).await
        }
    };
    let link = open(client, request, addresses, progress, connected).await?;
    exchange(link, request, progress).await
}

async fn open(
    client: &Client,
    request: &Request,
    addresses: Addresses,
    progress: &Progress,
    connected: impl Fn(Connected),
) -> Result<Box<Link>, Fault> {
    let (url, limit) = (&request.url, request.timeouts.connect);
    let port = url.port_or_known_default().expect("http and https have default ports");
    let addresses = addresses.get().await?;
    progress.enter(Phase::Connect);
    if !matches!(url.host(), Some(Host::Domain(_))) {
        progress.dns.set(None);
    }
    let report = |ip| progress.remote_ip.set(Some(ip));
    let tcp = connect::connect(&addresses, port, &client.setup.guard, (limit, &client.awake), report).await?;
    connected(Connected::Fresh);
    let remote_ip = progress.remote_ip.get().expect("a connection has an address");
    if url.scheme() == "http" {
        progress.enter(Phase::Reply);
        return Ok(Box::new(Link::new(Wire::Plain(tcp), client.scratch.clone(), remote_ip, None)));
    }
    progress.enter(Phase::Tls);
    // Boxed, so that checks without TLS are not as large as one.
    let handshake = Box::pin(client.setup.tls.handshake(host(request), tcp));
    let Ok((ended, shown)) = client.awake.timeout(limit, handshake).await else {
        return Err(Fault::new(Reason::ConnectTimeout, format!("connected, but no TLS handshake within {limit:?}")));
    };
    progress.certificate.replace(shown.certificate.clone());
    let tls = ended?;
    progress.enter(Phase::Reply);
    Ok(Box::new(Link::new(Wire::Tls(Box::new(tls)), client.scratch.clone(), remote_ip, shown.certificate)))
}

async fn exchange(mut link: Box<Link>, request: &Request, progress: &Progress) -> Result<Answer, Fault> {
    let replied = link.send(request, &progress.first_byte_at).await?;
    Ok(Answer { link, replied, timing: progress.timing() })
}

impl Answer {
    /// Keeps the connection if it is good for more. This has a bound of its own
    /// and no part in the hop's time: what is known by now stands.
    pub(super) async fn settle(self, client: &Client, url: &Url, more: bool) -> Reply {
        let Answer { link, mut replied, timing } = self;
        let head = &mut replied.head;
        let is_worth_keeping = more || http::leads_back(head, url);
        let reply = Reply {
            status: head.status,
            version: head.version,
            remote_ip: Some(link.remote_ip),
            headers: mem::take(&mut head.headers),
            certificate: link.certificate.clone(),
            timing,
        };
        if !is_worth_keeping {
            client.pool.borrow_mut().forget(url);
        } else if let Some(link) = link.drain(replied).await {
            client.pool.borrow_mut().keep(url, link);
        }
        reply
    }
}

fn host(request: &Request) -> &str {
    request.url.host_str().expect("an http URL has a host")
}

impl Progress {
    pub(super) fn begin(awake: Awake) -> Progress {
        let started = Instant::now();
        Progress {
            started_at: Timestamp::now(),
            started,
            asleep_before: awake.asleep(),
            awake,
            phase: Cell::new(Phase::Dns),
            phase_began: Cell::new(started),
            dns: Cell::default(),
            connect: Cell::default(),
            tls: Cell::default(),
            remote_ip: Cell::default(),
            certificate: RefCell::default(),
            first_byte_at: Cell::default(),
        }
    }

    /// What a fault comes to, with everything that is known of its hop.
    pub(super) fn failure(&self, fault: Fault) -> Failure {
        Failure {
            reason: fault.reason,
            phase: self.phase.get(),
            detail: fault.detail,
            remote_ip: self.remote_ip.get(),
            certificate: self.certificate.take(),
            timing: self.timing(),
        }
    }

    /// The hop's time is up, wherever it is.
    pub(super) fn timed_out(&self, limit: Duration, pulse: &Pulse) -> Failure {
        let fault = match self.phase.get() {
            Phase::Dns => {
                Fault::new(pulse.silence_since(self.started), format!("no answer for the name within {limit:?}"))
            }
            Phase::Connect => Fault::new(Reason::ConnectTimeout, format!("no connection within {limit:?}")),
            Phase::Tls => Fault::new(Reason::ConnectTimeout, format!("no TLS handshake within {limit:?}")),
            _ if self.saw_reply() => {
                Fault::new(Reason::TotalTimeout, format!("the reply's head began, but was not whole within {limit:?}"))
            }
            _ => Fault::new(Reason::TtfbTimeout, format!("connected, but no reply within {limit:?}")),
        };
        self.failure(fault)
    }

    /// Ends a phase and begins the next.
    fn enter(&self, phase: Phase) {
        let now = Instant::now();
        let took = Some(now.saturating_duration_since(self.phase_began.replace(now)));
        match self.phase.replace(phase) {
            Phase::Dns => self.dns.set(took),
            Phase::Connect => self.connect.set(took),
            Phase::Tls => self.tls.set(took),
            Phase::Reply | Phase::Redirect => {}
        }
    }

    /// The hop goes on a connection that was open already.
    fn reuse(&self, link: &Link) {
        self.phase.set(Phase::Reply);
        self.remote_ip.set(Some(link.remote_ip));
        self.certificate.replace(link.certificate.clone());
    }

    /// The kept connection was none: begin at the beginning.
    fn restart(&self) {
        self.phase.set(Phase::Dns);
        self.phase_began.set(Instant::now());
        self.remote_ip.set(None);
        self.certificate.replace(None);
        self.first_byte_at.set(None);
    }

    fn saw_reply(&self) -> bool {
        self.first_byte_at.get().is_some()
    }

    fn timing(&self) -> Timing {
        // A chain of redirects has its time-out by this, which counts time awake.
        let total = self.started.elapsed().saturating_sub(self.awake.asleep() - self.asleep_before);
        let ttfb = self.first_byte_at.get().map(|at| at.saturating_duration_since(self.phase_began.get()).min(total));
        Timing {
            started_at: Some(self.started_at),
            dns: self.dns.get(),
            connect: self.connect.get(),
            tls: self.tls.get(),
            ttfb,
            total,
        }
    }
}
