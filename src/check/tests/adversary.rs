//! Servers that send anything at all: nothing panics, every check ends, and
//! only http and https are ever asked for.

use super::*;
use proptest::prelude::*;

/// Bytes of a header, many of them near something that means something.
fn header_bytes() -> impl Strategy<Value = Vec<u8>> {
    let location =
        "(https?:|ftp:|)[/\\\\]{0,3}(user:pw@|)(a|b|example\\.org|\\[::1\\]|\\.|1\\.2)?(:[0-9]{0,6})?/?[ab#?]{0,2}";
    prop_oneof![
        location.prop_map(String::into_bytes),
        "[+-]?[0-9]{0,30}".prop_map(String::into_bytes),
        "[A-Z][a-z]{2}, [0-9]{2} (Jan|Feb|Dec) [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT".prop_map(String::into_bytes),
        any::<String>().prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..60),
    ]
}

fn any_reply() -> impl Strategy<Value = Reply> {
    let status = prop_oneof![3 => 301u16..309, 1 => Just(429), 1 => Just(503), 1 => 100u16..1000];
    let header = || prop::option::of(header_bytes());
    (status, prop::option::weighted(0.9, header_bytes()), header(), header(), 0..100u32).prop_map(
        |(status, location, retry_after, date, took)| Reply {
            headers: KeptHeaders {
                location: location.map(Into::into),
                retry_after: retry_after.map(Into::into),
                date: date.map(Into::into),
                ..KeptHeaders::default()
            },
            timing: Timing { total: took * MILLISECOND, ..reply(status).timing },
            ..reply(status)
        },
    )
}

fn anything() -> impl Strategy<Value = Result<Reply, Failure>> {
    let failed = prop::sample::select(Reason::ALL).prop_map(|reason| failure(reason, Phase::Connect));
    prop_oneof![8 => any_reply().prop_map(Ok), 1 => failed.prop_map(Err)]
}

fn any_policy() -> impl Strategy<Value = Policy> {
    (0..4u32, 0..4u32, 1..500u32, 0..100u64).prop_map(|(max_redirects, retries, total, longest)| Policy {
        max_redirects,
        retries,
        timeouts: Timeouts { total: total * MILLISECOND, ..Policy::default().timeouts },
        max_retry_after: Duration::from_secs(longest),
        ..Policy::default()
    })
}

/// Tries of one request that this machine could not send: no more, whatever the time-out.
const MOST_TRIES: u32 = 20;

proptest! {
    #[test]
    fn every_check_ends_in_time(policy in any_policy(), script in prop::collection::vec(anything(), 16)) {
        let most = (policy.retries + 1) * (policy.max_redirects + 1);
        let longest_delay = policy.max_retry_after.max(policy.backoff.cap);
        let mut check = start("https://user:pw@example.org/", policy);
        let mut replies = script.iter().cycle();
        let mut wanting = 0;
        for sent in 1.. {
            prop_assert!(sent <= most * MOST_TRIES, "request {} of at most {} times {}", sent, most, MOST_TRIES);
            let request = check.request();
            prop_assert!(matches!(request.url.scheme(), "http" | "https"));
            prop_assert!(request.url.host_str().is_some_and(|host| !host.is_empty()));
            prop_assert!(!request.timeouts.total.is_zero());
            let ours = request.url.origin() == url("https://example.org/").origin();
            let credentials = (request.url.username(), request.url.password());
            prop_assert!(credentials == ("", None) || (ours && credentials == ("user", Some("pw"))));
            let reply = replies.next().expect("a cycle has no end").clone();
            let is_ours = reply.as_ref().is_err_and(|failure| failure.reason.is_ours());
            match check.advance(reply) {
                Next::Again { check: next, after } => {
                    prop_assert!(after <= longest_delay);
                    wanting += u32::from(is_ours);
                    check = next;
                }
                Next::Done(outcome) => {
                    let hops: usize = outcome.attempts.iter().map(|attempt| attempt.hops().count()).sum();
                    prop_assert_eq!(hops, (sent - wanting) as usize);
                    prop_assert!(hops <= most as usize);
                    prop_assert!(outcome.reason.is_none() == (outcome.verdict == Verdict::Up));
                    prop_assert!(!outcome.detail.contains("pw") && !outcome.detail.contains("user"), "{}", outcome.detail);
                    break;
                }
            }
        }
    }

    #[test]
    fn any_location_leads_to_a_url_or_says_why(location in header_bytes()) {
        match start("https://example.org/a", no_retries()).advance(Ok(redirect(302, location))) {
            Next::Again { check, .. } => {
                let url = &check.request().url;
                prop_assert!(matches!(url.scheme(), "http" | "https") && url.fragment().is_none());
                prop_assert_eq!((url.username(), url.password()), ("", None));
            }
            Next::Done(outcome) => {
                let reason = outcome.reason.expect("it is not up");
                prop_assert!(reason.code().starts_with("redirect_"), "{}", reason);
                prop_assert!(!outcome.detail.is_empty() && outcome.detail.len() < 3000);
            }
        }
    }

    #[test]
    fn any_retry_after_is_nothing_or_a_wait(retry_after_bytes in header_bytes(), date in header_bytes()) {
        let policy = Policy::default();
        let mut reply = retry_after(503, retry_after_bytes);
        reply.headers.date = Some(date.into());
        match HostAsks::of(&reply, &policy) {
            HostAsks::Nothing => {}
            HostAsks::Pause(asked) => prop_assert!(asked <= policy.max_retry_after),
            HostAsks::Leave(asked) => prop_assert!(asked > policy.max_retry_after),
        }
    }

    #[test]
    fn any_text_is_a_target(text in any::<String>()) {
        let target = Target::parse(1, text.clone(), Scheme::Https);
        prop_assert_eq!(target.input(), &text);
        match Check::start(target, Arc::default()) {
            Ok(check) => prop_assert!(matches!(check.request().url.scheme(), "http" | "https")),
            Err(outcome) => prop_assert!(outcome.reason == Some(Reason::InputInvalid) && !outcome.detail.is_empty()),
        }
    }

    #[test]
    fn a_status_set_is_written_as_it_is_read(ranges in prop::collection::vec((100u16..1000, 0u16..300), 1..6)) {
        let ranges: Vec<_> = ranges.into_iter().map(|(start, more)| (start, (start + more).min(999))).collect();
        let text: Vec<_> = ranges.iter().map(|(start, end)| format!("{start}-{end}")).collect();
        let set: StatusSet = text.join(",").parse().expect("it is a set");
        for status in 0..=1100 {
            let within = ranges.iter().any(|(start, end)| (*start..=*end).contains(&status));
            prop_assert_eq!(set.contains(status), within, "{}", status);
        }
        prop_assert_eq!(set.to_string().parse::<StatusSet>(), Ok(set));
    }
}
