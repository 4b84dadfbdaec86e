//! How one target is checked: method, headers, time-outs, redirects, retries, expectations.

use super::{Request, StatusSet, written};
use http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use url::Url;

/// How one target is checked. [`Policy::default`] holds the program's defaults.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Policy {
    /// GET, HEAD or OPTIONS: methods that change nothing (RFC 9110 section 9.2.1).
    #[serde(with = "written::method")]
    pub method: Method,
    /// Sent with every request; on another origin only the harmless ones.
    #[serde(with = "written::headers")]
    pub headers: Arc<HeaderMap>,
    /// Bounds of one attempt.
    pub timeouts: Timeouts,
    /// More redirects than this end the check as `redirect_limit`.
    pub max_redirects: u32,
    /// Attempts after the first, for transient reasons only.
    pub retries: u32,
    /// The delay before a retry.
    pub backoff: Backoff,
    /// A host that asks to wait longer (`Retry-After`) is left alone: its
    /// checks end as `http_throttled`.
    pub max_retry_after: Duration,
    /// The statuses that are up.
    pub accept: StatusSet,
    /// A certificate that ends sooner than this makes an up target degraded; zero: never.
    pub expiry_warning: Duration,
}

/// Bounds of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// For the connection of one hop, and once more for its TLS handshake.
    pub connect: Duration,
    /// For everything: names, connections, handshakes and heads of all hops.
    pub total: Duration,
}

/// Exponential backoff: `first`, then twice as long each time, at most `cap`.
/// The jitter takes off up to half of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backoff {
    /// Delay before the first retry.
    pub first: Duration,
    /// No delay is longer.
    pub cap: Duration,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            method: Method::GET,
            headers: Arc::new(HeaderMap::new()),
            timeouts: Timeouts { connect: Duration::from_secs(5), total: Duration::from_secs(20) },
            max_redirects: 10,
            retries: 2,
            backoff: Backoff { first: Duration::from_secs(1), cap: Duration::from_secs(30) },
            max_retry_after: Duration::from_secs(60),
            accept: StatusSet::default(),
            expiry_warning: Duration::from_secs(14 * 24 * 3600),
        }
    }
}

impl Policy {
    /// The first request of an attempt.
    pub(super) fn request(&self, url: Url) -> Request {
        Request { method: self.method.clone(), url, headers: self.headers.clone(), timeouts: self.timeouts }
    }
}
