//! What a row can ask of an outcome, for each way that a check can end.

use super::*;

/// What stands in the columns that come from the attempts: status, last URL,
/// redirects, attempts, time on the wire in milliseconds.
fn row(outcome: &Outcome) -> (Option<u16>, Option<&str>, usize, usize, Option<u128>) {
    (
        outcome.status_code(),
        outcome.final_url().map(Url::as_str),
        outcome.num_redirects(),
        outcome.attempts.len(),
        outcome.total().map(|total| total.as_millis()),
    )
}

/// The URLs and statuses of the last attempt's requests.
fn hops(outcome: &Outcome) -> Vec<(&str, Option<u16>)> {
    let last = outcome.attempts.last().into_iter().flat_map(Attempt::hops);
    last.map(|(url, came)| (url.path(), came.ok().map(|reply| reply.status))).collect()
}

#[test]
fn a_reply() {
    let mut answer = reply(404);
    answer.headers.content_type = Some("text/html".into());
    let outcome = run("https://example.org/a", no_retries(), [answer.clone()]);
    assert_eq!(row(&outcome), (Some(404), Some("https://example.org/a"), 0, 1, Some(10)));
    assert_eq!(hops(&outcome), [("/a", Some(404))]);
    assert_eq!((outcome.remote_ip(), outcome.http_version()), (answer.remote_ip, Some(Version::HTTP_11)));
    assert_eq!((outcome.content_type(), outcome.checked_at()), (Some("text/html"), Some(now())));
    assert_eq!(outcome.timing(), answer.timing);
}

#[test]
fn a_failure() {
    let outcome = run("https://example.org/a", no_retries(), [refused()]);
    assert_eq!(row(&outcome), (None, Some("https://example.org/a"), 0, 1, Some(5)));
    assert_eq!(hops(&outcome), [("/a", None)]);
    assert_eq!((outcome.remote_ip(), outcome.http_version(), outcome.content_type()), (None, None, None));
    assert!(outcome.attempts.iter().all(|attempt| !attempt.connected()));
}

#[test]
fn redirects_then_a_reply_or_a_failure() {
    let to = |location| Ok(redirect(302, location));
    let outcome = run("https://example.org/a", no_retries(), [to("/b"), to("/c"), Ok(reply(200))]);
    assert_eq!(row(&outcome), (Some(200), Some("https://example.org/c"), 2, 1, Some(30)));
    assert_eq!(hops(&outcome), [("/a", Some(302)), ("/b", Some(302)), ("/c", Some(200))]);

    // The status of a redirect is not the status of a page that did not answer.
    let outcome = run("https://example.org/a", no_retries(), [to("/b"), refused()]);
    assert_eq!(row(&outcome), (None, Some("https://example.org/b"), 1, 1, Some(15)));
    assert_eq!(hops(&outcome), [("/a", Some(302)), ("/b", None)]);
    assert!(outcome.attempts[0].connected());
}

#[test]
fn a_redirect_that_is_not_taken_is_counted_once() {
    let to = |location| redirect(302, location);
    let outcome = run("https://example.org/a", no_retries(), [to("/b"), to("ftp://example.org/")]);
    assert_eq!(row(&outcome), (Some(302), Some("https://example.org/b"), 1, 1, Some(20)));
    assert_eq!(hops(&outcome), [("/a", Some(302)), ("/b", Some(302))]);
    assert_eq!((outcome.remote_ip(), outcome.http_version()), (reply(0).remote_ip, Some(Version::HTTP_11)));
    assert_eq!(outcome.checked_at(), Some(now()));

    let outcome = run("https://example.org/a", no_retries(), [to("/a")]);
    assert_eq!(row(&outcome), (Some(302), Some("https://example.org/a"), 0, 1, Some(10)));
    assert_eq!(hops(&outcome), [("/a", Some(302))]);
}

#[test]
fn retries_add_up_and_the_last_one_tells() {
    let to = |location| Ok(redirect(302, location));
    let outcome = run("https://example.org/a", Policy::default(), [to("/b"), refused(), Ok(reply(500)), to("/a")]);
    assert_eq!(row(&outcome), (Some(302), Some("https://example.org/a"), 0, 3, Some(10 + 5 + 10 + 10)));
    assert_eq!(hops(&outcome), [("/a", Some(302))]);
}

#[test]
fn the_certificate_is_the_last_servers_also_when_it_was_refused() {
    let certificate = Arc::new(Certificate {
        subject: "CN=example.org".to_owned(),
        issuer: String::new(),
        names: Vec::new(),
        valid_from: None,
        expires_at: None,
        chain_length: 1,
        refused: Some("expired".to_owned()),
    });
    let refused = Failure { certificate: Some(certificate.clone()), ..failure(Reason::TlsExpired, Phase::Tls) };
    let outcome = run("example.org", no_retries(), [Ok(redirect(301, "/b")), Err(refused)]);
    assert_eq!(outcome.certificate(), Some(&*certificate));
    let looping = Reply { certificate: Some(certificate.clone()), ..redirect(301, "/") };
    assert_eq!(run("example.org", no_retries(), [looping]).certificate(), Some(&*certificate));
    assert_eq!(run("example.org", no_retries(), [reply(200)]).certificate(), None);
}

#[test]
fn nothing_was_sent() {
    let target = || Target::parse(1, "example.org", Scheme::Https);
    let none = (None, None, 0, 0, None);
    let outcome = Outcome::unasked(target(), Reason::RunDeadline);
    assert_eq!(said(&outcome), (Verdict::Skipped, Some(Reason::RunDeadline), "The run's deadline passed first."));
    assert_eq!((row(&outcome), hops(&outcome).len()), (none, 0));
    assert_eq!((outcome.checked_at(), outcome.timing()), (None, Timing::default()));

    let outcome = Outcome::invalid(Target::parse(1, "http://", Scheme::Https));
    assert_eq!(said(&outcome), (Verdict::Down, Some(Reason::InputInvalid), "it has no host"));
    assert_eq!(row(&outcome), none);
    // A target that is a URL after all: the reason's own sentence is better than none.
    assert_eq!(Outcome::invalid(target()).detail, Reason::InputInvalid.sentence());

    let outcome = start("example.org", no_retries()).abandon(Reason::RunAborted, "stopped".to_owned());
    assert_eq!(said(&outcome), (Verdict::Unknown, Some(Reason::RunAborted), "stopped"));
    assert_eq!(row(&outcome), none);
}

#[test]
fn a_check_that_is_given_up_keeps_its_evidence() {
    let abandon = |check: Check| check.abandon(Reason::HttpThrottled, "row 3 said so".to_owned());
    let before_its_retry = abandon(after_all(start("https://example.org/a", Policy::default()), [Ok(reply(503))]));
    assert_eq!(row(&before_its_retry), (Some(503), Some("https://example.org/a"), 0, 1, Some(10)));
    let told = (Verdict::Unknown, Some(Reason::HttpThrottled), "row 3 said so");
    assert_eq!(said(&before_its_retry), told);

    let to = |location| Ok(redirect(302, location));
    let check = start("https://example.org/a", Policy::default());
    let between_hops = abandon(after_all(check, [Ok(reply(503)), to("/b"), to("/c")]));
    assert_eq!(row(&between_hops), (Some(302), Some("https://example.org/b"), 1, 2, Some(30)));
    assert_eq!((said(&between_hops), between_hops.checked_at()), (told, Some(now())));
    assert_eq!(hops(&between_hops), [("/a", Some(302)), ("/b", Some(302))]);
}

#[test]
fn waiting_is_told_apart_from_time_on_the_wire() {
    let mut check = start("example.org", Policy::default());
    check.wait(Duration::from_secs(3));
    let mut check = after_all(check, [refused()]);
    check.wait(Duration::from_secs(4));
    let outcome = done(check.advance(Ok(reply(200))));
    assert_eq!((outcome.waited, outcome.total()), (Duration::from_secs(7), Some(15 * MILLISECOND)));
}

#[test]
fn whether_a_check_ever_connected() {
    let check = start("example.org", Policy { retries: 9, ..Policy::default() });
    assert!(!check.connected_once());
    let check = after_all(check, [refused(), Err(failure(Reason::DnsTimeout, Phase::Dns))]);
    assert!(!check.connected_once());
    let check = after_all(check, [Ok(redirect(301, "/b"))]);
    assert!(check.connected_once());
    assert!(after_all(check, [refused(), refused()]).connected_once());
    let check = start("example.org", Policy::default());
    assert!(after_all(check, [Err(failure(Reason::TtfbTimeout, Phase::Reply))]).connected_once());
}
