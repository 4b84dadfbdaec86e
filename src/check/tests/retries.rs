//! What is tried again, how often, and after how long.

use super::*;

/// The delay before the next try, if there is one.
fn delay_of(next: Next) -> Option<Duration> {
    match next {
        Next::Again { check, after } => {
            assert_eq!(check.request().url, *check.target().url.as_ref().expect("a URL"));
            Some(after)
        }
        Next::Done(_) => None,
    }
}

fn delay_after(reply: Result<Reply, Failure>, policy: Policy) -> Option<Duration> {
    delay_of(start("example.org", policy).advance(reply))
}

/// The delays of a target that never answers.
fn delays(index: u64, policy: &Policy) -> Vec<Duration> {
    let target = Target::parse(index, "example.org", Scheme::Https);
    let mut check = Check::start(target, Arc::new(policy.clone())).expect("a URL");
    let mut delays = Vec::new();
    loop {
        match check.advance(refused()) {
            Next::Done(outcome) => {
                assert_eq!(outcome.attempts.len(), delays.len() + 1);
                return delays;
            }
            Next::Again { check: next, after } => {
                delays.push(after);
                check = next;
            }
        }
    }
}

#[test]
fn transient_failures_are_tried_again_and_lasting_ones_are_not() {
    for reason in Reason::ALL {
        let retried = delay_after(Err(failure(*reason, Phase::Connect)), Policy::default()).is_some();
        assert_eq!(retried, reason.is_transient(), "{reason}");
    }
    let transient = Reason::ALL.iter().filter(|reason| reason.is_transient()).map(|reason| reason.code());
    let expected = "dns_servfail dns_timeout connect_refused connect_timeout connect_reset connect_unreachable \
                    ttfb_timeout total_timeout http_throttled http_protocol local_files local_ports local_memory \
                    local_network local_dns local_process";
    assert_eq!(transient.collect::<Vec<_>>().join(" "), expected);
}

#[test]
fn what_this_machine_lacks_is_no_attempt_and_waited_for_as_long_as_one_may_take() {
    let want = || Err(failure(Reason::LocalPorts, Phase::Connect));
    let policy = Policy { retries: 1, ..Policy::default() };
    let (mut check, mut delays) = (start("example.org", policy.clone()), Vec::new());
    let outcome = loop {
        match check.advance(want()) {
            Next::Again { check: next, after } => {
                delays.push(after);
                check = next;
                check.wait(after);
            }
            Next::Done(outcome) => break outcome,
        }
    };
    let tried = failure(Reason::LocalPorts, Phase::Connect).timing.total * delays.len() as u32;
    assert_eq!(delays.iter().sum::<Duration>() + tried, policy.timeouts.total);
    assert!(delays.len() < 10, "{delays:?}");
    assert_eq!((outcome.reason, outcome.attempts.len()), (Some(Reason::LocalPorts), 1));
    // In between, the only retry is still there, and so is the redirect that was taken.
    let check = after_all(start("example.org", policy), [Ok(redirect(302, "/b")), want(), want()]);
    assert_eq!(check.request().url.path(), "/b");
    let (check, _) = again(check.advance(Ok(reply(503))));
    let outcome = done(after_all(check, [want(), want()]).advance(Ok(reply(503))));
    assert_eq!((outcome.reason, outcome.attempts.len()), (Some(Reason::HttpStatus), 2));
}

#[test]
fn transient_statuses_are_tried_again_and_lasting_ones_are_not() {
    let retried = |status: &u16| delay_after(Ok(reply(*status)), Policy::default()).is_some();
    let statuses: Vec<u16> = (100..=999).filter(retried).collect();
    assert_eq!(statuses, [408, 425, 429, 500, 502, 503, 504]);
    // Not those that a bot wall sent, nor those that are accepted.
    let walled = (100..=999).filter(|status| delay_after(Ok(walled(*status)), Policy::default()).is_some());
    assert_eq!(walled.count(), 0);
    let accepting = Policy { accept: "100-999".parse().expect("a set"), ..Policy::default() };
    let accepted = (100..=999).filter(|status| delay_after(Ok(reply(*status)), accepting.clone()).is_some());
    assert_eq!(accepted.count(), 0);
}

#[test]
fn as_many_retries_as_allowed() {
    for retries in [0, 1, 2, 7] {
        let policy = Policy { retries, ..Policy::default() };
        assert_eq!(delays(1, &policy).len(), retries as usize);
    }
    let outcome = run("example.org", Policy::default(), [refused(), Ok(reply(500)), Ok(reply(200))]);
    assert_eq!((outcome.verdict, outcome.attempts.len()), (Verdict::Up, 3));
}

#[test]
fn delays_double_up_to_the_cap_with_up_to_half_taken_off() {
    let backoff = Backoff { first: Duration::from_secs(1), cap: Duration::from_secs(30) };
    let policy = Policy { retries: 40, backoff, ..Policy::default() };
    for index in 0..200 {
        for (attempt, delay) in delays(index, &policy).into_iter().enumerate() {
            let full = Duration::from_secs(1 << attempt.min(10)).min(backoff.cap);
            assert!(delay > full / 2 && delay <= full, "{index} {attempt}: {delay:?} of {full:?}");
        }
    }
    let cap_below_first = Policy { backoff: Backoff { cap: MILLISECOND, ..backoff }, ..policy.clone() };
    assert!(delays(1, &cap_below_first).iter().all(|delay| *delay <= MILLISECOND));
    let longest = Policy { backoff: Backoff { first: Duration::MAX, cap: Duration::MAX }, retries: 1, ..policy };
    assert!((0..2000).all(|index| delays(index, &longest)[0] > Duration::MAX / 2));
}

#[test]
fn every_run_has_the_same_delays_and_every_target_its_own() {
    let policy = Policy { retries: 2, ..Policy::default() };
    assert_eq!(delays(7, &policy), delays(7, &policy));
    let firsts: std::collections::BTreeSet<_> = (0..1000).map(|index| delays(index, &policy)[0]).collect();
    assert!(firsts.len() > 500, "only {} delays for 1,000 targets", firsts.len());
    let spread = firsts.last().expect("one of 1,000").saturating_sub(*firsts.first().expect("one of 1,000"));
    assert!(spread > 400 * MILLISECOND, "{spread:?}");
}

#[test]
fn what_a_host_asks_for() {
    let policy = Policy::default();
    let seconds = |seconds| HostAsks::Pause(Duration::from_secs(seconds));
    let nothing_said = HostAsks::Pause(policy.backoff.first);
    for (value, asked) in [
        ("0", seconds(0)),
        ("7", seconds(7)),
        (" 007 ", seconds(7)),
        ("60", seconds(60)),
        ("61", HostAsks::Leave(Duration::from_secs(61))),
        ("99999999999999999999999", HostAsks::Leave(Duration::from_secs(u64::MAX))),
        // The three forms of an HTTP-date, 30 s after the request was sent.
        ("Sun, 01 Mar 2026 10:00:30 GMT", seconds(30)),
        ("Sunday, 01-Mar-26 10:00:30 GMT", seconds(30)),
        ("Sun Mar  1 10:00:30 2026", seconds(30)),
        ("Sun, 01 Mar 2026 09:00:00 GMT", seconds(0)),
        ("", nothing_said),
        ("-5", nothing_said),
        ("+5", nothing_said),
        ("1.5", nothing_said),
        ("5, 6", nothing_said),
        ("soon", nothing_said),
        ("Sun, 31 Feb 2026 10:00:30 GMT", nothing_said),
        ("\u{663}", nothing_said),
    ] {
        assert_eq!(HostAsks::of(&retry_after(429, value), &policy), asked, "{value}");
    }
    assert_eq!(HostAsks::of(&retry_after(429, b"\xff"), &policy), nothing_said);
    assert_eq!(HostAsks::of(&reply(429), &policy), nothing_said);
    for never in ["Mon, 02 Mar 2026 10:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        assert!(matches!(HostAsks::of(&retry_after(429, never), &policy), HostAsks::Leave(_)), "{never}");
    }
}

#[test]
fn only_429_and_a_503_that_says_how_long_ask_for_a_pause() {
    let policy = Policy::default();
    for status in (100..=999).filter(|status| !matches!(status, 429 | 503)) {
        assert_eq!(HostAsks::of(&retry_after(status, "9"), &policy), HostAsks::Nothing, "{status}");
    }
    assert_eq!(HostAsks::of(&reply(503), &policy), HostAsks::Nothing);
    assert_eq!(HostAsks::of(&retry_after(503, "9"), &policy), HostAsks::Pause(Duration::from_secs(9)));
    assert_eq!(HostAsks::of(&retry_after(503, "99"), &policy), HostAsks::Leave(Duration::from_secs(99)));
}

#[test]
fn a_date_is_read_by_the_servers_own_clock() {
    let mut skewed = retry_after(503, "Wed, 01 Jan 2020 00:00:20 GMT");
    assert_eq!(HostAsks::of(&skewed, &Policy::default()), HostAsks::Pause(Duration::ZERO));
    skewed.headers.date = Some(b"Wed, 01 Jan 2020 00:00:00 GMT".as_slice().into());
    let pause = HostAsks::Pause(Duration::from_secs(20));
    assert_eq!(HostAsks::of(&skewed, &Policy::default()), pause);
    skewed.timing.started_at = None;
    assert_eq!(HostAsks::of(&skewed, &Policy::default()), pause);
    // Without any clock a date means nothing, and a Date that is none is no clock.
    skewed.headers.date = Some(b"yesterday".as_slice().into());
    assert_eq!(HostAsks::of(&skewed, &Policy::default()), HostAsks::Nothing);
}

#[test]
fn a_retry_waits_as_long_as_asked_and_never_less_than_the_backoff() {
    let delay = |reply| delay_after(Ok(reply), Policy::default());
    let backoff = delay(reply(503)).expect("a retry");
    assert!(backoff <= Policy::default().backoff.first);
    assert_eq!(delay(retry_after(503, "45")), Some(Duration::from_secs(45)));
    assert_eq!(delay(retry_after(429, "0")), Some(backoff));
    assert_eq!(delay(reply(429)), Some(Policy::default().backoff.first));
    assert_eq!(delay(retry_after(429, "61")), None);
    assert_eq!(delay(retry_after(503, "61")), None);
    // A 500 may say it too, but not to the whole host; the backoff is enough.
    assert_eq!(delay(retry_after(500, "45")), Some(backoff));
}
