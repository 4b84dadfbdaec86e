//! Checks driven by scripted replies: what is asked next, and what comes of it.

mod adversary;
mod outcomes;
mod redirects;
mod retries;
mod verdicts;

use super::*;
use http::{HeaderMap, Version};
use jiff::Timestamp;

const MILLISECOND: Duration = Duration::from_millis(1);

/// When every scripted request is sent.
fn now() -> Timestamp {
    at("2026-03-01T10:00:00Z")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("the test's instant is one")
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("the test's URL is one")
}

/// A reply that took 10 ms.
fn reply(status: u16) -> Reply {
    Reply {
        status,
        version: Version::HTTP_11,
        remote_ip: Some([192, 0, 2, 7].into()),
        headers: KeptHeaders::default(),
        certificate: None,
        timing: Timing { started_at: Some(now()), total: 10 * MILLISECOND, ..Timing::default() },
    }
}

fn redirect(status: u16, location: impl AsRef<[u8]>) -> Reply {
    let mut reply = reply(status);
    reply.headers.location = Some(location.as_ref().into());
    reply
}

fn retry_after(status: u16, value: impl AsRef<[u8]>) -> Reply {
    let mut reply = reply(status);
    reply.headers.retry_after = Some(value.as_ref().into());
    reply
}

fn walled(status: u16) -> Reply {
    let mut reply = reply(status);
    reply.headers.blocked_by = Some("cf-mitigated: challenge".into());
    reply
}

/// A failure that took 5 ms.
fn failure(reason: Reason, phase: Phase) -> Failure {
    Failure {
        reason,
        phase,
        detail: format!("scripted {reason}"),
        remote_ip: None,
        certificate: None,
        timing: Timing { started_at: Some(now()), total: 5 * MILLISECOND, ..Timing::default() },
    }
}

fn refused() -> Result<Reply, Failure> {
    Err(failure(Reason::ConnectRefused, Phase::Connect))
}

fn no_retries() -> Policy {
    Policy { retries: 0, ..Policy::default() }
}

fn accept(statuses: &str) -> Policy {
    Policy { accept: statuses.parse().expect("the test's statuses are a set"), ..no_retries() }
}

fn start(text: &str, policy: Policy) -> Check {
    let target = Target::parse(1, text, Scheme::Https);
    Check::start(target, Arc::new(policy)).expect("the test's text is a URL")
}

/// Sends on, with the delay that was asked for.
fn again(next: Next) -> (Check, Duration) {
    match next {
        Next::Again { check, after } => (check, after),
        Next::Done(outcome) => panic!("it ended as {:?}: {}", outcome.reason, outcome.detail),
    }
}

fn done(next: Next) -> Outcome {
    match next {
        Next::Again { check, after } => panic!("it asks for {} after {after:?}", check.request().url),
        Next::Done(outcome) => outcome,
    }
}

/// The check after each of these replies, which all lead on.
fn after_all(check: Check, replies: impl IntoIterator<Item = Result<Reply, Failure>>) -> Check {
    replies.into_iter().fold(check, |check, reply| again(check.advance(reply)).0)
}

/// The outcome of a check of which the last of these replies is the end.
fn run<R: Into<Scripted>>(text: &str, policy: Policy, replies: impl IntoIterator<Item = R>) -> Outcome {
    let mut replies: Vec<_> = replies.into_iter().map(|reply| reply.into().0).collect();
    let last = replies.pop().expect("a script has a reply");
    done(after_all(start(text, policy), replies).advance(last))
}

struct Scripted(Result<Reply, Failure>);

impl From<Reply> for Scripted {
    fn from(reply: Reply) -> Scripted {
        Scripted(Ok(reply))
    }
}

impl From<Result<Reply, Failure>> for Scripted {
    fn from(reply: Result<Reply, Failure>) -> Scripted {
        Scripted(reply)
    }
}

/// What a row says first: verdict, code, detail.
fn said(outcome: &Outcome) -> (Verdict, Option<Reason>, &str) {
    (outcome.verdict, outcome.reason, &outcome.detail)
}

#[test]
fn a_check_asks_what_its_policy_says() {
    let headers = HeaderMap::from_iter([(http::header::ACCEPT, "*/*".parse().expect("a header's value"))]);
    let policy = Policy { method: http::Method::HEAD, headers: Arc::new(headers.clone()), ..Policy::default() };
    let check = start("example.org/x#y", policy.clone());
    let request = check.request();
    assert_eq!((request.method.as_str(), request.url.as_str()), ("HEAD", "https://example.org/x"));
    assert_eq!((&*request.headers, request.timeouts), (&headers, policy.timeouts));
    assert_eq!((check.target().index, check.policy().method.as_str()), (1, "HEAD"));
}

#[test]
fn a_target_that_is_no_url_is_its_own_outcome() {
    let target = Target::parse(7, "mailto:a@example.org", Scheme::Https);
    let outcome = Check::start(target, Arc::default()).expect_err("nothing can be sent");
    let detail = "the scheme mailto: is not checked, only http and https are";
    assert_eq!(said(&outcome), (Verdict::Down, Some(Reason::InputInvalid), detail));
    assert_eq!((outcome.target.index, outcome.attempts.len()), (7, 0));
}
