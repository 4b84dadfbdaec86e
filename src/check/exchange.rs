//! What is sent and what comes back, one hop at a time.

use super::{Reason, Timeouts, written};
use http::{HeaderMap, Method, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::Arc, time::Duration};
use url::Url;

/// One hop to send.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// GET, HEAD or OPTIONS.
    #[serde(with = "written::method")]
    pub method: Method,
    /// Its user name and password, if any, are sent as Basic credentials.
    pub url: Url,
    /// Everything else to send; `Host` and `Connection` are the wire's own.
    #[serde(with = "written::headers")]
    pub headers: Arc<HeaderMap>,
    /// What is left of the attempt's time.
    pub timeouts: Timeouts,
}

/// A server's answer to one hop: its head, and the few headers that matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// 100 to 999; what is above 599 is nobody's standard but is told as it is.
    pub status: u16,
    /// HTTP/1.0 or HTTP/1.1.
    #[serde(with = "written::version")]
    pub version: Version,
    /// The address that answered.
    pub remote_ip: Option<IpAddr>,
    /// The headers that decide what is next or stand in the row.
    pub headers: KeptHeaders,
    /// Over TLS, the certificate that the server showed.
    pub certificate: Option<Arc<Certificate>>,
    /// Where the time went.
    pub timing: Timing,
}

/// The headers of a reply that are kept; raw where they are parsed later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptHeaders {
    /// `Location`, as bytes: real ones hold raw UTF-8, spaces and worse.
    #[serde(with = "written::bytes")]
    pub location: Option<Box<[u8]>>,
    /// `Retry-After`: seconds or an HTTP-date.
    #[serde(with = "written::bytes")]
    pub retry_after: Option<Box<[u8]>>,
    /// `Date`: the server's own clock, which an HTTP-date of its is read by.
    #[serde(with = "written::bytes")]
    pub date: Option<Box<[u8]>>,
    /// `Content-Type`, bytes that are not ASCII shown as `\xNN`.
    pub content_type: Option<Box<str>>,
    /// Evidence that a bot wall answered in the site's place
    /// (`cf-mitigated`, `x-amzn-waf-action`), as `name: value`.
    pub blocked_by: Option<Box<str>>,
}

/// No usable reply: what failed, where, and the evidence so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The stable code.
    pub reason: Reason,
    /// How far the hop had come.
    pub phase: Phase,
    /// For people, never parsed.
    pub detail: String,
    /// The address that was asked, when it came to that.
    pub remote_ip: Option<IpAddr>,
    /// The certificate that was shown, refused ones included.
    pub certificate: Option<Arc<Certificate>>,
    /// Where the time went.
    pub timing: Timing,
}

/// The parts of a hop, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Asking for the addresses of a name.
    Dns,
    /// Opening the TCP connection.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Sending the request and waiting for the reply's head.
    Reply,
    /// The reply is there; where it leads to is at fault.
    Redirect,
}

/// Where the time of one hop went. `None` did not happen: a kept connection
/// has no `dns`, `connect` and `tls`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// When the hop began.
    pub started_at: Option<Timestamp>,
    /// Until the addresses were known.
    pub dns: Option<Duration>,
    /// Until the connection was open.
    pub connect: Option<Duration>,
    /// Until the TLS handshake was done.
    pub tls: Option<Duration>,
    /// From the request to the first byte of the reply.
    pub ttfb: Option<Duration>,
    /// The whole hop.
    pub total: Duration,
}

/// What a server's certificate says, and whether it was believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Distinguished name of the holder.
    pub subject: String,
    /// Distinguished name of the signer.
    pub issuer: String,
    /// DNS names and IP addresses that it is good for, at most 100 of them.
    pub names: Vec<String>,
    /// Start of its validity.
    pub valid_from: Option<Timestamp>,
    /// End of its validity.
    pub expires_at: Option<Timestamp>,
    /// Number of certificates that the server sent.
    pub chain_length: usize,
    /// Why it was not believed; with `--insecure` it was used all the same.
    pub refused: Option<String>,
}

impl Failure {
    /// A failure that a reply itself gives cause for: a redirect that leads nowhere.
    pub(super) fn of_reply(reason: Reason, detail: String, reply: &Reply) -> Failure {
        Failure {
            reason,
            phase: Phase::Redirect,
            detail,
            remote_ip: reply.remote_ip,
            certificate: reply.certificate.clone(),
            timing: reply.timing,
        }
    }

    /// Whether a connection was open when it failed.
    pub fn connected(&self) -> bool {
        self.phase > Phase::Connect
    }
}
