//! Attempts in, verdict and reason out.

use super::{Attempt, Certificate, Outcome, Policy, Reason, Reply, Target, retry};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// How much of a header is shown in a sentence.
const SHOWN_CHARACTERS: usize = 100;

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
    if !is_accepted(reply, policy) {
        let (reason, detail) = judge_status(reply);
        return (Some(reason), detail);
    }
    let expiring = reply.certificate.as_deref().and_then(|certificate| expiring(certificate, reply, policy));
    expiring.map_or((None, String::new()), |detail| (Some(Reason::TlsExpiring), detail))
}

/// A success in whose place a bot wall answered is none: one of them sends its
/// challenge as 202. Whoever accepts other statuses has seen what they are.
fn is_accepted(reply: &Reply, policy: &Policy) -> bool {
    let walled = reply.headers.blocked_by.is_some() && (200..300).contains(&reply.status);
    policy.accept.contains(reply.status) && !walled
}

fn judge_status(reply: &Reply) -> (Reason, String) {
    let words = StatusCode::from_u16(reply.status).ok().and_then(|status| status.canonical_reason());
    let said = words.map_or_else(|| reply.status.to_string(), |words| format!("{} {words}", reply.status));
    if let Some(wall) = &reply.headers.blocked_by {
        let wall: String = wall.chars().take(SHOWN_CHARACTERS).collect();
        return (Reason::HttpBlocked, format!("{said}; {wall}"));
    }
    match reply.status {
        401 | 403 | 407 | 451 | 999 => (Reason::HttpBlocked, said),
        429 => (Reason::HttpThrottled, said + &wait_asked_for(reply)),
        503 => (Reason::HttpStatus, said + &wait_asked_for(reply)),
        301 | 302 | 303 | 307 | 308 => (Reason::HttpStatus, format!("{said}; no Location says where to")),
        _ => (Reason::HttpStatus, said),
    }
}

fn wait_asked_for(reply: &Reply) -> String {
    retry::asked_wait(reply).map_or_else(String::new, |asked| format!("; it asks to wait {} s", asked.as_secs()))
}

/// What to say of a certificate that ends within the policy's warning time.
fn expiring(certificate: &Certificate, reply: &Reply, policy: &Policy) -> Option<String> {
    let (now, end) = (reply.timing.started_at?, certificate.expires_at?);
    // One that is over and was used all the same (`--insecure`) does not end soon.
    let left = Duration::try_from(end.duration_since(now)).ok()?;
    let hours = left.as_secs() / 3600;
    (left < policy.expiry_warning)
        .then(|| format!("the certificate expires in {} days and {} hours, at {end}", hours / 24, hours % 24))
}
