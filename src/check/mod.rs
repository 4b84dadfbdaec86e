//! WHAT happens to a target: one check, as a value.
//!
//! Feed a [`Check`] what the network said and it tells what to do next: send
//! again (a redirect's next hop, a retry after its delay) or finish with an
//! [`Outcome`]. This module does no I/O, reads no clock, spawns nothing and
//! cannot fail; the same replies give the same outcome in every mode.

mod exchange;
mod expect;
mod outcome;
mod policy;
mod reading;
mod reason;
mod redirect;
mod retry;
mod target;
mod verdict;
mod written;

pub use exchange::{Certificate, Failure, KeptHeaders, Phase, Reply, Request, Timing};
pub use expect::{StatusSet, StatusSetError};
pub use outcome::{Attempt, Hop, Outcome};
pub use policy::{Backoff, Policy, Timeouts};
pub use reason::Reason;
pub use retry::HostAsks;
pub use target::{HostKey, Invalid, Scheme, Target, UNSUPPORTED_LENGTH};
pub use verdict::Verdict;

use redirect::Follow;
use serde::{Deserialize, Serialize};
use std::{mem, sync::Arc, time::Duration};
use url::Url;

/// A target on its way: everything known so far, and the request to send next.
#[derive(Debug, Serialize, Deserialize)]
pub struct Check {
    target: Target,
    policy: Arc<Policy>,
    request: Request,
    followed: Vec<Hop>,
    attempts: Vec<Attempt>,
    /// Time on the wire of this attempt's earlier hops, in which its total
    /// time-out already runs.
    spent: Duration,
    waited: Duration,
    /// What this machine lacked for the request, if the last try ended so.
    want: Option<Box<Want>>,
}

/// This machine lacked something: how often in a row, and for how long.
#[derive(Debug, Serialize, Deserialize)]
struct Want {
    times: usize,
    waited_before: Duration,
    /// The tries that ended so, and the delays between them.
    lasted: Duration,
}

/// What a check asks for once a request of its ended.
#[derive(Debug)]
pub enum Next {
    /// Put it back into the schedule, to be sent no earlier than `after`.
    Again {
        /// The check, its request already the next one.
        check: Check,
        /// Zero for a redirect's next hop; the retry's delay otherwise.
        after: Duration,
    },
    /// The check is over: this is its row.
    Done(Outcome),
}

impl Check {
    /// Starts the check of a target. A target that is no URL is its own
    /// outcome at once.
    pub fn start(target: Target, policy: Arc<Policy>) -> Result<Check, Box<Outcome>> {
        let url = match &target.url {
            Ok(url) => url.clone(),
            Err(_) => return Err(Box::new(Outcome::invalid(target))),
        };
        Ok(Check {
            request: policy.request(url),
            target,
            policy,
            followed: Vec::new(),
            attempts: Vec::new(),
            spent: Duration::ZERO,
            waited: Duration::ZERO,
            want: None,
        })
    }

    /// The request to send now.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The target that this check is about.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// How this target is checked.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Adds to the time that the check waited for its turn.
    pub fn wait(&mut self, waited: Duration) {
        self.waited += waited;
    }

    /// Whether any request of this check ever reached a server.
    pub fn connected_once(&self) -> bool {
        !self.followed.is_empty() || self.attempts.iter().any(Attempt::connected)
    }

    /// Takes what the network said to [`Check::request`] and decides what is
    /// next. Consumes the check, so that nothing can be settled twice.
    pub fn advance(mut self, came: Result<Reply, Failure>) -> Next {
        let reply = match came {
            Err(failure) if failure.reason.is_ours() => return self.want(failure),
            Err(failure) => return self.end_attempt(Err(failure)),
            Ok(reply) => reply,
        };
        self.want = None;
        self.spent += reply.timing.total;
        match redirect::follow(&reply, &self.request, &self.followed, &self.policy) {
            Follow::No => self.end_attempt(Ok(reply)),
            Follow::To(url) => self.hop(reply, url),
            Follow::Never { reason, detail } => self.end_at_redirect(reply, reason, detail),
        }
    }

    /// Ends the check where it stands, with the evidence gathered so far. An
    /// attempt that is between two hops ends with the redirect that is not taken.
    pub fn abandon(mut self, reason: Reason, detail: String) -> Outcome {
        if let Some(last) = self.followed.last() {
            let end = Err(Failure::of_reply(reason, detail.clone(), &last.reply));
            self.attempts.push(Attempt { url: last.url.clone(), followed: self.followed, end });
        }
        Outcome {
            verdict: reason.verdict(),
            reason: Some(reason),
            detail,
            target: self.target,
            attempts: self.attempts,
            waited: self.waited,
        }
    }

    /// The request was not sent, for want of something of this machine's: it is
    /// no attempt, and the same is tried again, for as long as an attempt may take.
    fn want(self, failure: Failure) -> Next {
        let before = Want { times: 0, waited_before: self.waited, lasted: Duration::ZERO };
        let Want { times, waited_before, lasted } = self.want.as_deref().unwrap_or(&before);
        let (times, waited_before, lasted) = (times + 1, *waited_before, *lasted + failure.timing.total);
        // It may have waited longer than it had to.
        let lasted_at_least = lasted.max(self.waited - waited_before);
        match retry::after_want(self.target.index, times, lasted_at_least, &self.policy) {
            None => self.end_attempt(Err(failure)),
            Some(after) => {
                let want = Some(Box::new(Want { times, waited_before, lasted: lasted + after }));
                Next::Again { check: Check { want, ..self }, after }
            }
        }
    }

    fn hop(mut self, reply: Reply, url: Url) -> Next {
        let timeouts = self.policy.timeouts;
        let left = timeouts.total.saturating_sub(self.spent);
        if left.is_zero() {
            let detail = format!("the redirects took longer than the time-out of {:?}", timeouts.total);
            return self.end_at_redirect(reply, Reason::TotalTimeout, detail);
        }
        let request = redirect::request(&self.request, url, Timeouts { total: left, ..timeouts });
        let sent = mem::replace(&mut self.request, request);
        self.followed.push(Hop { url: sent.url, reply });
        Next::Again { check: self, after: Duration::ZERO }
    }

    fn end_at_redirect(mut self, reply: Reply, reason: Reason, detail: String) -> Next {
        let failure = Failure::of_reply(reason, detail, &reply);
        self.followed.push(Hop { url: self.request.url.clone(), reply });
        self.end_attempt(Err(failure))
    }

    fn end_attempt(mut self, end: Result<Reply, Failure>) -> Next {
        (self.spent, self.want) = (Duration::ZERO, None);
        let followed = mem::take(&mut self.followed);
        self.attempts.push(Attempt { followed, url: self.request.url, end });
        let Some(after) = retry::after(self.target.index, &self.attempts, &self.policy) else {
            return Next::Done(verdict::judge(self.target, self.attempts, self.waited, &self.policy));
        };
        let url = self.target.url.clone().expect("a check has a URL, or it would not have started");
        self.request = self.policy.request(url);
        Next::Again { check: self, after }
    }
}

#[cfg(test)]
mod tests;
