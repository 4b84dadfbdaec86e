//! Attempts in, verdict and reason out.

use super::{Attempt, Certificate, Outcome, Policy, Reason, Reply, Target};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// The judgement of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The status is accepted and every expectation held.
    Up,
    /// Up, with a warning.
    Degraded,
    /// The site's fault.
    Down,
    /// It could not be told.
    Unknown,
    /// It was not asked.
    Skipped,
}

impl Verdict {
    /// Every verdict, the best first.
    pub const ALL: [Verdict; 5] = [Verdict::Up, Verdict::Degraded, Verdict::Down, Verdict::Unknown, Verdict::Skipped];

    /// The word as it stands in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Up => "up",
            Verdict::Degraded => "degraded",
            Verdict::Down => "down",
            Verdict::Unknown => "unknown",
            Verdict::Skipped => "skipped",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// Judges a check by its last attempt.
pub(super) fn judge(target: Target, attempts: Vec<Attempt>, waited: Duration, policy: &Policy) -> Outcome {
    let last = attempts.last().expect("a check ends with an attempt");
    let (reason, detail) = match &last.end {
        Ok(reply) => judge_reply(reply, policy),
        Err(failure) => (Some(failure.reason), failure.detail.clone()),
    };
    Outcome { verdict: reason.map_or(Verdict::Up, Reason::verdict), reason, detail, target, attempts, waited }
}

fn judge_reply(reply: &Reply, policy: &Policy) -> (Option<Reason>, String) {
    let Some((reason, detail)) = judge_status(reply, policy) else {
        let expiring = reply.certificate.as_deref().and_then(|certificate| expiring(certificate, reply, policy));
        return expiring.map_or((None, String::new()), |detail| (Some(Reason::TlsExpiring), detail));
    };
    (Some(reason), detail)
}

fn judge_status(reply: &Reply, policy: &Policy) -> Option<(Reason, String)> {
    if policy.accept.contains(reply.status) {
        return None;
    }
    let words = StatusCode::from_u16(reply.status).ok().and_then(|status| status.canonical_reason());
    let said = words.map_or_else(|| reply.status.to_string(), |words| format!("{} {words}", reply.status));
    if let Some(wall) = &reply.headers.blocked_by {
        return Some((Reason::HttpBlocked, format!("{said}; {wall}")));
    }
    let reason = match reply.status {
        401 | 403 | 407 | 451 | 999 => Reason::HttpBlocked,
        429 => Reason::HttpThrottled,
        _ => Reason::HttpStatus,
    };
    let asked = reply.headers.retry_after.as_deref().filter(|_| matches!(reply.status, 429 | 503));
    let detail = match asked {
        Some(asked) => format!("{said}; Retry-After: {}", asked.escape_ascii()),
        None => said,
    };
    Some((reason, detail))
}

/// What to say of a certificate that ends within the policy's warning time.
fn expiring(certificate: &Certificate, reply: &Reply, policy: &Policy) -> Option<String> {
    let now: Timestamp = reply.timing.started_at?;
    let left = certificate.expires_at?.duration_since(now);
    // One that is over and was used all the same (`--insecure`) does not end soon.
    let left = Duration::try_from(left).ok()?;
    (left < policy.expiry_warning).then(|| {
        let hours = left.as_secs() / 3600;
        format!("the certificate expires in {} days and {} hours", hours / 24, hours % 24)
    })
}
