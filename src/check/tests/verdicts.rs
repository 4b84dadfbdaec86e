//! What replies and failures come to.

use super::*;
use Reason::{HttpBlocked, HttpStatus, HttpThrottled, TlsExpiring};
use Verdict::{Degraded, Down, Unknown, Up};

fn judged(reply: Reply) -> Outcome {
    run("example.org", no_retries(), [reply])
}

#[test]
fn every_status_has_its_verdict() {
    for (statuses, verdict, reason) in [
        (vec![200, 201, 204, 206, 226, 299], Up, None),
        (vec![100, 101, 199, 300, 301, 304, 399], Down, Some(HttpStatus)),
        (vec![400, 402, 404, 405, 408, 410, 418, 425, 450, 499], Down, Some(HttpStatus)),
        (vec![500, 501, 502, 503, 504, 505, 599, 600, 998], Down, Some(HttpStatus)),
        (vec![401, 403, 407, 451, 999], Unknown, Some(HttpBlocked)),
        (vec![429], Unknown, Some(HttpThrottled)),
    ] {
        for status in statuses {
            let outcome = judged(reply(status));
            assert_eq!((outcome.verdict, outcome.reason), (verdict, reason), "{status}");
            assert_eq!(outcome.status_code(), Some(status));
        }
    }
}

#[test]
fn details_say_what_the_status_does_not() {
    for (reply, detail) in [
        (reply(200), ""),
        (reply(404), "404 Not Found"),
        (reply(999), "999"),
        (reply(301), "301 Moved Permanently; no Location says where to"),
        (reply(304), "304 Not Modified"),
        (walled(403), "403 Forbidden; cf-mitigated: challenge"),
        (retry_after(429, "61"), "429 Too Many Requests; it asks to wait 61 s"),
        (retry_after(429, "user:pw@"), "429 Too Many Requests"),
        (retry_after(503, "Sun, 01 Mar 2026 10:00:30 GMT"), "503 Service Unavailable; it asks to wait 30 s"),
        (retry_after(404, "9"), "404 Not Found"),
    ] {
        assert_eq!(judged(reply).detail, detail);
    }
    let mut verbose = walled(403);
    verbose.headers.blocked_by = Some("x".repeat(60_000).into());
    assert!(judged(verbose).detail.len() < 500);
}

#[test]
fn a_bot_wall_is_no_answer_of_the_site() {
    for status in [202, 200, 403, 404, 405, 429, 503] {
        let outcome = judged(walled(status));
        assert_eq!((outcome.verdict, outcome.reason), (Unknown, Some(HttpBlocked)), "{status}");
    }
    // Who accepts a status that walls send has seen it.
    assert_eq!(run("example.org", accept("200-299,403"), [walled(403)]).verdict, Up);
    assert_eq!(run("example.org", accept("200-299,403"), [walled(202)]).verdict, Unknown);
}

#[test]
fn accepted_is_what_the_policy_says() {
    assert_eq!(run("example.org", accept("404,5xx"), [reply(503)]).verdict, Up);
    assert_eq!(run("example.org", accept("401"), [reply(401)]).verdict, Up);
    let outcome = run("example.org", accept("404"), [reply(200)]);
    assert_eq!(said(&outcome), (Down, Some(HttpStatus), "200 OK"));
}

#[test]
fn a_failure_gives_its_reasons_verdict() {
    for reason in Reason::ALL {
        // What is ours has to last.
        let last = || Err(failure(*reason, Phase::Tls));
        let mut next = start("example.org", no_retries()).advance(last());
        let outcome = loop {
            match next {
                Next::Again { check, .. } if reason.is_ours() => next = check.advance(last()),
                ended => break done(ended),
            }
        };
        assert_eq!(said(&outcome), (reason.verdict(), Some(*reason), format!("scripted {reason}").as_str()));
    }
    let unknown = Reason::ALL.iter().filter(|reason| reason.verdict() == Unknown).map(|reason| reason.code());
    let expected = "http_throttled http_blocked guard_address local_files local_ports local_memory local_network \
                    local_dns local_process run_aborted";
    assert_eq!(unknown.collect::<Vec<_>>().join(" "), expected);
    let skipped = Reason::ALL.iter().filter(|reason| reason.verdict() == Verdict::Skipped);
    assert_eq!(skipped.collect::<Vec<_>>(), [&Reason::RunDeadline]);
    let degraded = Reason::ALL.iter().filter(|reason| reason.verdict() == Degraded);
    assert_eq!(degraded.collect::<Vec<_>>(), [&TlsExpiring]);
}

#[test]
fn the_last_attempt_is_the_one_that_counts() {
    let outcome = run("example.org", Policy::default(), [refused(), Ok(reply(503)), Ok(reply(404))]);
    assert_eq!(said(&outcome), (Down, Some(HttpStatus), "404 Not Found"));
    let outcome = run("example.org", Policy::default(), [Ok(reply(503)), Ok(reply(503)), refused()]);
    assert_eq!(said(&outcome), (Down, Some(Reason::ConnectRefused), "scripted connect_refused"));
}

/// The outcome over TLS with a certificate that ends so much later.
fn expiring(status: u16, left: jiff::SignedDuration, policy: Policy) -> Outcome {
    let mut reply = reply(status);
    reply.certificate = Some(Arc::new(Certificate {
        subject: String::new(),
        issuer: String::new(),
        names: Vec::new(),
        valid_from: None,
        expires_at: Some(now() + left),
        chain_length: 1,
        refused: None,
    }));
    run("example.org", policy, [reply])
}

#[test]
fn a_certificate_that_ends_soon_is_a_warning() {
    let hours = jiff::SignedDuration::from_hours;
    let fortnight = hours(14 * 24);
    let second = jiff::SignedDuration::from_secs(1);
    for (left, verdict) in [
        (fortnight + second, Up),
        (fortnight, Up),
        (fortnight - second, Degraded),
        (second, Degraded),
        (hours(-3), Up),
        (hours(24 * 3650), Up),
    ] {
        let outcome = expiring(200, left, no_retries());
        assert_eq!(
            (outcome.verdict, outcome.reason),
            (verdict, (verdict == Degraded).then_some(TlsExpiring)),
            "{left}"
        );
    }
    let detail = |left| expiring(200, left, no_retries()).detail;
    assert_eq!(detail(hours(51)), "the certificate expires in 2 days and 3 hours, at 2026-03-03T13:00:00Z");
}

#[test]
fn the_warning_can_be_moved_and_turned_off_and_hides_nothing_worse() {
    let hour = jiff::SignedDuration::from_hours(1);
    let warning = |expiry_warning| Policy { expiry_warning, ..no_retries() };
    assert_eq!(expiring(200, hour, warning(Duration::from_secs(3601))).verdict, Degraded);
    assert_eq!(expiring(200, hour, warning(Duration::from_secs(3600))).verdict, Up);
    assert_eq!(expiring(200, hour, warning(Duration::ZERO)).verdict, Up);
    assert_eq!(expiring(200, -hour, warning(Duration::ZERO)).verdict, Up);
    assert_eq!(expiring(404, hour, no_retries()).reason, Some(HttpStatus));
}
