//! Whether an attempt is tried again, and after how long; and what a reply
//! asks of us for its whole host.

use super::{Attempt, Failure, Policy, Reply};
use jiff::Timestamp;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

/// What a reply asks of us for every check of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostAsks {
    /// Nothing: go on.
    Nothing,
    /// Wait this long before the next request.
    Pause(Duration),
    /// Wait longer than the policy allows: leave the host alone.
    Leave(Duration),
}

impl HostAsks {
    /// 429 asks for a pause; so does 503 when it says how long (RFC 9110 section 10.2.3).
    pub fn of(reply: &Reply, policy: &Policy) -> HostAsks {
        match (reply.status, asked_wait(reply)) {
            (429 | 503, Some(asked)) if asked > policy.max_retry_after => HostAsks::Leave(asked),
            (429 | 503, Some(asked)) => HostAsks::Pause(asked),
            (429, None) => HostAsks::Pause(policy.backoff.first),
            _ => HostAsks::Nothing,
        }
    }
}

/// The delay before the next attempt; `None` when the last one stands.
pub(super) fn after(index: u64, attempts: &[Attempt], policy: &Policy) -> Option<Duration> {
    let last = attempts.last()?;
    if attempts.len() > policy.retries as usize || !is_transient(&last.end, policy) {
        return None;
    }
    let backoff = backoff(index, attempts.len(), policy);
    let Ok(reply) = &last.end else { return Some(backoff) };
    match HostAsks::of(reply, policy) {
        HostAsks::Nothing => Some(backoff),
        HostAsks::Pause(asked) => Some(asked.max(backoff)),
        HostAsks::Leave(_) => None,
    }
}

/// A want of this machine's is no verdict on fewer tries than this.
const LEAST_TRIES: usize = 4;

/// The delay before the same request is tried again that this machine could
/// not send `times` in a row; `None` when that has lasted as long as an attempt
/// may take.
pub(super) fn after_want(index: u64, times: usize, lasted: Duration, policy: &Policy) -> Option<Duration> {
    let patience = policy.timeouts.total;
    let left = patience.saturating_sub(lasted);
    if left.is_zero() && times >= LEAST_TRIES {
        return None;
    }
    let longest = if left.is_zero() { patience / 4 } else { left };
    Some(backoff(index, times, policy).min(longest))
}

fn is_transient(end: &Result<Reply, Failure>, policy: &Policy) -> bool {
    match end {
        // A want of ours ends an attempt only once it has lasted too long.
        Err(failure) => failure.reason.is_transient() && !failure.reason.is_ours(),
        Ok(reply) if policy.accept.contains(reply.status) || reply.headers.blocked_by.is_some() => false,
        Ok(reply) => matches!(reply.status, 408 | 425 | 429 | 500 | 502..=504),
    }
}

/// Exponential backoff, from which a jitter takes up to half. The jitter comes
/// from the target and the attempt, so that every run is repeatable and the
/// retries of many targets do not meet.
fn backoff(index: u64, attempt: usize, policy: &Policy) -> Duration {
    let doubled = u32::try_from(attempt - 1).ok().and_then(|n| 2u32.checked_pow(n)).unwrap_or(u32::MAX);
    let full = policy.backoff.first.saturating_mul(doubled).min(policy.backoff.cap);
    let mut hasher = DefaultHasher::new();
    (index, attempt).hash(&mut hasher);
    let part = (hasher.finish() % 1024) as f64 / 1024.0;
    full - full.mul_f64(part / 2.0)
}

/// How long `Retry-After` asks to wait, in seconds or until an HTTP-date, which
/// is read by the server's own `Date` if it sent one. Nonsense asks nothing.
pub(super) fn asked_wait(reply: &Reply) -> Option<Duration> {
    let text = str::from_utf8(reply.headers.retry_after.as_deref()?).ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number too large for u64 is a wish to be left alone.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let until = http_date(text)?;
    let date = reply.headers.date.as_deref().and_then(|date| http_date(str::from_utf8(date).ok()?.trim()));
    let now = date.or(reply.timing.started_at)?;
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

/// RFC 9110 section 5.6.7; the obsolete forms are read too. The last days of
/// the year 9999, which some use for "never", are later than jiff can count.
fn http_date(text: &str) -> Option<Timestamp> {
    let date = httpdate::parse_http_date(text).ok()?;
    Some(Timestamp::try_from(date).unwrap_or(Timestamp::MAX))
}
