//! Outcomes and outputs for this module's tests.

use crate::check::{
    Attempt, Certificate, Failure, Hop, KeptHeaders, Outcome, Phase, Reason, Reply, Scheme, Target, Timing, Verdict,
};
use http::Version;
use jiff::Timestamp;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};
use url::Url;

/// An output whose content the test can read.
#[derive(Clone, Default)]
pub(super) struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no test thread panicked").clone()).expect("all output is UTF-8")
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test thread panicked").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An output that takes so many bytes and then fails.
pub(super) struct Full {
    room: usize,
    kind: io::ErrorKind,
}

impl Full {
    pub(super) fn after(room: usize) -> Full {
        Full { room, kind: io::ErrorKind::StorageFull }
    }

    pub(super) fn closed() -> Full {
        Full { room: 0, kind: io::ErrorKind::BrokenPipe }
    }
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = bytes.len().min(self.room);
        self.room -= written;
        if written == 0 { Err(self.kind.into()) } else { Ok(written) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn url(text: &str) -> Url {
    Url::parse(text).expect("the test's URL is one")
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().expect("the test's instant is one")
}

pub(super) fn certificate() -> Certificate {
    Certificate {
        subject: "CN=example.org".to_owned(),
        issuer: "CN=Test CA".to_owned(),
        names: vec!["example.org".to_owned()],
        valid_from: Some(at("2026-01-01T00:00:00Z")),
        expires_at: Some(at("2026-12-31T23:59:59Z")),
        chain_length: 2,
        refused: None,
    }
}

/// A reply over a new connection, 61.402 ms after it was asked for.
pub(super) fn reply(status: u16) -> Reply {
    Reply {
        status,
        version: Version::HTTP_11,
        remote_ip: Some([192, 0, 2, 7].into()),
        headers: KeptHeaders { content_type: Some("text/html".into()), ..KeptHeaders::default() },
        certificate: Some(Arc::new(certificate())),
        timing: Timing {
            started_at: Some(at("2026-03-01T10:00:00.0617Z")),
            dns: Some(Duration::from_micros(1_200)),
            connect: Some(Duration::from_millis(12)),
            tls: Some(Duration::from_micros(20_002)),
            ttfb: Some(Duration::from_micros(28_200)),
            total: Duration::from_micros(61_402),
        },
    }
}

pub(super) fn failure(reason: Reason, phase: Phase, detail: &str) -> Failure {
    Failure {
        reason,
        phase,
        detail: detail.to_owned(),
        remote_ip: None,
        certificate: None,
        timing: Timing {
            started_at: Some(at("2026-03-01T10:00:00Z")),
            total: Duration::from_millis(5),
            ..Timing::default()
        },
    }
}

/// The outcome of a text that is a URL, after one attempt.
pub(super) fn outcome(index: u64, text: &str, reason: Option<Reason>, end: Result<Reply, Failure>) -> Outcome {
    let target = Target::parse(index, text, Scheme::Https);
    let asked = target.url.clone().expect("the test's text is a URL");
    let detail = match &end {
        Ok(_) if reason.is_some() => "404 Not Found".to_owned(),
        Ok(_) => String::new(),
        Err(failure) => failure.detail.clone(),
    };
    Outcome {
        target,
        verdict: reason.map_or(Verdict::Up, Reason::verdict),
        reason,
        detail,
        attempts: vec![Attempt { followed: Vec::new(), url: asked, end }],
        waited: Duration::from_micros(200),
    }
}

pub(super) fn up(index: u64) -> Outcome {
    outcome(index, "example.org", None, Ok(reply(200)))
}

pub(super) fn not_found(index: u64) -> Outcome {
    let mut reply = reply(404);
    reply.certificate = None;
    outcome(index, "http://example.org/old-page", Some(Reason::HttpStatus), Ok(reply))
}

pub(super) fn no_such_name(index: u64) -> Outcome {
    let failure = failure(Reason::DnsNxdomain, Phase::Dns, "no such name");
    outcome(index, "https://nosuch.example/", Some(Reason::DnsNxdomain), Err(failure))
}

pub(super) fn invalid(index: u64, text: &str) -> Outcome {
    let target = Target::invalid(index, text, "it has no host");
    Outcome { detail: "it has no host".to_owned(), ..Outcome::unasked(target, Reason::InputInvalid) }
}

/// Up after one redirect, with credentials in the first URL.
pub(super) fn redirected(index: u64) -> Outcome {
    let mut outcome = outcome(index, "http://user:pw@example.org/", None, Ok(reply(200)));
    let attempt = &mut outcome.attempts[0];
    let mut first = reply(301);
    (first.certificate, first.timing.tls) = (None, None);
    attempt.followed.push(Hop { url: attempt.url.clone(), reply: first });
    attempt.url = url("https://example.org/");
    outcome
}

/// A redirect that leads nowhere: its hop is the end as well.
pub(super) fn looping(index: u64) -> Outcome {
    let mut outcome = outcome(index, "https://example.org/", Some(Reason::RedirectLoop), Ok(reply(301)));
    outcome.detail = "the page redirects to itself".to_owned();
    let attempt = &mut outcome.attempts[0];
    attempt.followed.push(Hop { url: attempt.url.clone(), reply: reply(301) });
    let failure = failure(Reason::RedirectLoop, Phase::Redirect, &outcome.detail);
    attempt.end = Err(Failure { timing: reply(301).timing, ..failure });
    outcome
}
