//! Answers of a network that is not there: one function a kind of behaviour.

use http::Version;
use std::time::Duration;
use urlcheck::check::{Failure, KeptHeaders, Phase, Reason, Reply, Timing};

/// The connect time-out of [`urlcheck::Policy::default`].
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What comes of one request.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// From the start until there is a connection; `None`: there never is one.
    pub(crate) connect_after: Option<Duration>,
    /// Whether the connection is a new one.
    pub(crate) fresh: bool,
    /// From the start until the end.
    pub(crate) total: Duration,
    pub(crate) reply: Result<Reply, Failure>,
}

/// A status, on a new connection that takes a third of the time.
pub(crate) fn status(status: u16, total: Duration) -> Answer {
    reply(status, KeptHeaders::default(), total)
}

/// A status with `Retry-After`.
pub(crate) fn retry_after(code: u16, seconds: u64, total: Duration) -> Answer {
    let headers = KeptHeaders { retry_after: Some(seconds.to_string().into_bytes().into()), ..KeptHeaders::default() };
    reply(code, headers, total)
}

/// A redirect.
pub(crate) fn redirect(location: &str, total: Duration) -> Answer {
    reply(302, KeptHeaders { location: Some(location.as_bytes().into()), ..KeptHeaders::default() }, total)
}

/// The port is closed.
pub(crate) fn refused() -> Answer {
    unconnected(Reason::ConnectRefused, Phase::Connect, Duration::from_millis(1))
}

/// Nothing comes back until the connect time-out.
pub(crate) fn black_hole() -> Answer {
    unconnected(Reason::ConnectTimeout, Phase::Connect, CONNECT_TIMEOUT)
}

/// The name does not exist.
pub(crate) fn no_such_name() -> Answer {
    unconnected(Reason::DnsNxdomain, Phase::Dns, Duration::from_millis(10))
}

/// This machine has no descriptor left.
pub(crate) fn no_descriptor() -> Answer {
    unconnected(Reason::LocalFiles, Phase::Connect, Duration::ZERO)
}

/// This machine has no network.
pub(crate) fn no_network() -> Answer {
    unconnected(Reason::LocalNetwork, Phase::Connect, Duration::ZERO)
}

/// A connection, and never a reply.
pub(crate) fn mute(total: Duration) -> Answer {
    let connect_after = Some(total.min(Duration::from_millis(10)));
    Answer { connect_after, ..failure(Reason::TtfbTimeout, Phase::Reply, total) }
}

fn reply(status: u16, headers: KeptHeaders, total: Duration) -> Answer {
    let timing = Timing { total, ..Timing::default() };
    let reply = Reply { status, version: Version::HTTP_11, remote_ip: None, headers, certificate: None, timing };
    Answer { connect_after: Some(total / 3), fresh: true, total, reply: Ok(reply) }
}

fn unconnected(reason: Reason, phase: Phase, total: Duration) -> Answer {
    Answer { connect_after: None, ..failure(reason, phase, total) }
}

fn failure(reason: Reason, phase: Phase, total: Duration) -> Answer {
    let timing = Timing { total, ..Timing::default() };
    let failure = Failure { reason, phase, detail: String::new(), remote_ip: None, certificate: None, timing };
    Answer { connect_after: None, fresh: true, total, reply: Err(failure) }
}
