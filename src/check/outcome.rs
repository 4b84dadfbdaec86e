//! The row: a target, its verdict, and the evidence.

use super::{Certificate, Failure, Phase, Reason, Reply, Target, Timing, Verdict};
use http::Version;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, time::Duration};
use url::Url;

/// What became of one target. Every target has exactly one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The row of the input that this is about.
    pub target: Target,
    /// The judgement.
    pub verdict: Verdict,
    /// Why it is not up; `None` when it is.
    pub reason: Option<Reason>,
    /// For people, never parsed.
    pub detail: String,
    /// Every try, in order; empty when nothing was sent.
    pub attempts: Vec<Attempt>,
    /// How long the check waited for its turns: slots, rates, hosts, retry delays.
    pub waited: Duration,
}

/// One try: from the first request to the last reply of its redirects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The hops that were answered with a redirect, in order. When the end is a
    /// failure of [`Phase::Redirect`], the last of them is the redirect that was
    /// not taken.
    pub followed: Vec<Hop>,
    /// The URL that was asked last.
    pub url: Url,
    /// What came of it.
    pub end: Result<Reply, Failure>,
}

/// One request that was answered with a redirect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hop {
    /// What was asked.
    pub url: Url,
    /// What was answered.
    pub reply: Reply,
}

impl Attempt {
    /// Whether a server was reached at all.
    pub fn connected(&self) -> bool {
        !self.followed.is_empty() || self.end.as_ref().map_or_else(Failure::connected, |_| true)
    }

    /// Every request, in order, with what came of it.
    pub fn hops(&self) -> impl Iterator<Item = (&Url, Result<&Reply, &Failure>)> {
        let followed = self.followed.iter().map(|hop| (&hop.url, Ok(&hop.reply)));
        let end = self.redirect_not_taken().is_none().then_some((&self.url, self.end.as_ref()));
        followed.chain(end)
    }

    fn redirect_not_taken(&self) -> Option<&Hop> {
        self.followed.last().filter(|_| self.end.as_ref().is_err_and(|failure| failure.phase == Phase::Redirect))
    }

    fn redirects_taken(&self) -> usize {
        self.followed.len() - usize::from(self.redirect_not_taken().is_some())
    }

    fn total(&self) -> Duration {
        let took = |came: Result<&Reply, &Failure>| came.map_or_else(|failure| failure.timing, |reply| reply.timing);
        self.hops().map(|(_, came)| took(came).total).sum()
    }

    fn timing(&self) -> Timing {
        match &self.end {
            Ok(reply) => reply.timing,
            Err(failure) => failure.timing,
        }
    }

    fn last_reply(&self) -> Option<&Reply> {
        self.end.as_ref().ok().or_else(|| self.redirect_not_taken().map(|hop| &hop.reply))
    }
}

impl Outcome {
    /// The row of a target that is no URL.
    pub fn invalid(target: Target) -> Outcome {
        let why = target.url.as_ref().err().map(ToString::to_string);
        let unasked = Outcome::unasked(target, Reason::InputInvalid);
        Outcome { detail: why.unwrap_or(unasked.detail), ..unasked }
    }

    /// The row of a target that nothing was sent for, and why.
    pub fn unasked(target: Target, reason: Reason) -> Outcome {
        Outcome {
            target,
            verdict: reason.verdict(),
            reason: Some(reason),
            detail: reason.sentence().to_owned(),
            attempts: Vec::new(),
            waited: Duration::ZERO,
        }
    }

    /// The status of the last reply, if the last attempt brought one.
    pub fn status_code(&self) -> Option<u16> {
        Some(self.last()?.last_reply()?.status)
    }

    /// The URL that was asked last.
    pub fn final_url(&self) -> Option<&Url> {
        Some(&self.last()?.url)
    }

    /// Redirects taken in the last attempt.
    pub fn num_redirects(&self) -> usize {
        self.last().map_or(0, Attempt::redirects_taken)
    }

    /// The address that was asked last.
    pub fn remote_ip(&self) -> Option<IpAddr> {
        match &self.last()?.end {
            Ok(reply) => reply.remote_ip,
            Err(failure) => failure.remote_ip,
        }
    }

    /// The last reply's version of HTTP.
    pub fn http_version(&self) -> Option<Version> {
        Some(self.last()?.last_reply()?.version)
    }

    /// The last reply's `Content-Type`.
    pub fn content_type(&self) -> Option<&str> {
        self.last()?.last_reply()?.headers.content_type.as_deref()
    }

    /// The certificate that the last server showed.
    pub fn certificate(&self) -> Option<&Certificate> {
        match &self.last()?.end {
            Ok(reply) => reply.certificate.as_deref(),
            Err(failure) => failure.certificate.as_deref(),
        }
    }

    /// Where the last hop's time went.
    pub fn timing(&self) -> Timing {
        self.last().map(Attempt::timing).unwrap_or_default()
    }

    /// Time on the wire over all hops and attempts.
    pub fn total(&self) -> Option<Duration> {
        self.last()?;
        Some(self.attempts.iter().map(Attempt::total).sum())
    }

    /// When the last request was sent.
    pub fn checked_at(&self) -> Option<Timestamp> {
        self.timing().started_at
    }

    fn last(&self) -> Option<&Attempt> {
        self.attempts.last()
    }
}
