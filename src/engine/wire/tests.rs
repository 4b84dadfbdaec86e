//! Every line says at the other end what was said at this one, whatever bytes
//! a server or a list put into it.

use super::*;
use crate::check::{
    Attempt, Backoff, Certificate, Failure, Hop, KeptHeaders, Next, Phase, Reply, Request, Scheme, StatusSet, Timeouts,
    Timing, Verdict,
};
use crate::net::Setup;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version};
use jiff::Timestamp;
use proptest::{collection::vec, option, prelude::*, sample::select};
use std::{fmt::Debug, net::IpAddr};
use url::Url;

/// Equal is what prints the same: the types hold no more than they show, and
/// not all of them can be compared.
fn assert_travels<T: Serialize + DeserializeOwned + Debug>(message: &T) {
    let mut line = Vec::new();
    write(message, &mut line).expect("a message can be written");
    assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1, "{}", String::from_utf8_lossy(&line));
    let arrived: T = read(&line).unwrap_or_else(|error| panic!("{error} of {}", String::from_utf8_lossy(&line)));
    assert_eq!(format!("{arrived:?}"), format!("{message:?}"));
    let mut again = Vec::new();
    write(&arrived, &mut again).expect("a message can be written");
    assert_eq!(again, line);
}

fn text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..12).prop_map(String::from_iter)
}

fn duration() -> impl Strategy<Value = Duration> {
    (0..400_000_000u64, 0..1_000_000_000u32).prop_map(|(seconds, nanos)| Duration::new(seconds, nanos))
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (-377_705_023_201i64..=253_402_207_200, 0..1_000_000_000i32)
        .prop_filter_map("jiff counts that far", |(second, nano)| Timestamp::new(second, nano).ok())
}

fn bytes() -> impl Strategy<Value = Option<Box<[u8]>>> {
    option::of(vec(any::<u8>(), 0..12).prop_map(Vec::into_boxed_slice))
}

fn url() -> impl Strategy<Value = Url> {
    let path = vec(any::<char>(), 0..12).prop_map(String::from_iter);
    let start = select(vec![
        "http://a.test/",
        "https://user:pass%20word@b.test:8443/",
        "http://[::1]:1/?",
        "https://xn--a-ecp.ru/#",
    ]);
    (start, path).prop_filter_map("a URL", |(start, path)| Url::parse(&format!("{start}{path}")).ok())
}

fn target() -> impl Strategy<Value = Target> {
    let input = prop_oneof![text(), url().prop_map(String::from)];
    (any::<u64>(), input, vec(text(), 0..3)).prop_map(|(index, input, extra)| {
        let mut read = Target::parse(index, input, Scheme::Http);
        read.extra = extra;
        read
    })
}

fn timing() -> impl Strategy<Value = Timing> {
    let part = || option::of(duration());
    (option::of(instant()), part(), part(), part(), part(), duration())
        .prop_map(|(started_at, dns, connect, tls, ttfb, total)| Timing { started_at, dns, connect, tls, ttfb, total })
}

fn certificate() -> impl Strategy<Value = Option<Arc<Certificate>>> {
    let facts = (
        text(),
        text(),
        vec(text(), 0..3),
        option::of(instant()),
        option::of(instant()),
        0..9usize,
        option::of(text()),
    );
    option::of(facts.prop_map(|(subject, issuer, names, valid_from, expires_at, chain_length, refused)| {
        Arc::new(Certificate { subject, issuer, names, valid_from, expires_at, chain_length, refused })
    }))
}

fn reply() -> impl Strategy<Value = Reply> {
    let boxed = || option::of(text().prop_map(String::into_boxed_str));
    let headers = (bytes(), bytes(), bytes(), boxed(), boxed()).prop_map(
        |(location, retry_after, date, content_type, blocked_by)| KeptHeaders {
            location,
            retry_after,
            date,
            content_type,
            blocked_by,
        },
    );
    let version = select(vec![Version::HTTP_09, Version::HTTP_10, Version::HTTP_11, Version::HTTP_2, Version::HTTP_3]);
    (100..1000u16, version, option::of(any::<IpAddr>()), headers, certificate(), timing()).prop_map(
        |(status, version, remote_ip, headers, certificate, timing)| Reply {
            status,
            version,
            remote_ip,
            headers,
            certificate,
            timing,
        },
    )
}

fn failure() -> impl Strategy<Value = Failure> {
    let phase = select(vec![Phase::Dns, Phase::Connect, Phase::Tls, Phase::Reply, Phase::Redirect]);
    let reason = select(Reason::ALL.to_vec());
    (reason, phase, text(), option::of(any::<IpAddr>()), certificate(), timing()).prop_map(
        |(reason, phase, detail, remote_ip, certificate, timing)| Failure {
            reason,
            phase,
            detail,
            remote_ip,
            certificate,
            timing,
        },
    )
}

fn came() -> impl Strategy<Value = Result<Reply, Failure>> {
    prop_oneof![reply().prop_map(Ok), failure().prop_map(Err)]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let hop = (url(), reply()).prop_map(|(url, reply)| Hop { url, reply });
    let attempt = (vec(hop, 0..3), url(), came()).prop_map(|(followed, url, end)| Attempt { followed, url, end });
    let reason = option::of(select(Reason::ALL.to_vec()));
    (target(), select(Verdict::ALL.to_vec()), reason, text(), vec(attempt, 0..3), duration()).prop_map(
        |(target, verdict, reason, detail, attempts, waited)| Outcome {
            target,
            verdict,
            reason,
            detail,
            attempts,
            waited,
        },
    )
}

/// Values of headers hold every byte but the control characters (RFC 9110 section 5.5).
fn headers() -> impl Strategy<Value = Arc<HeaderMap>> {
    let value = vec(any::<u8>().prop_filter("sent", |byte| *byte >= 32 && *byte != 127), 0..12);
    let name = select(vec!["accept", "cookie", "x-odd"]);
    vec((name, value, any::<bool>()), 0..5).prop_map(|lines| {
        let mut headers = HeaderMap::new();
        for (name, value, secret) in lines {
            let mut value = HeaderValue::from_bytes(&value).expect("bytes that can be sent");
            value.set_sensitive(secret);
            headers.append(HeaderName::from_static(name), value);
        }
        Arc::new(headers)
    })
}

fn policy() -> impl Strategy<Value = Arc<Policy>> {
    let method = select(vec![Method::GET, Method::HEAD, Method::OPTIONS]);
    let accept = select(vec!["200-299", "200-299,301,4xx", "999"]);
    let numbers = (any::<u32>(), any::<u32>(), vec(duration(), 6));
    (method, headers(), accept, numbers).prop_map(|(method, headers, accept, (max_redirects, retries, times))| {
        Arc::new(Policy {
            method,
            headers,
            timeouts: Timeouts { connect: times[0], total: times[1] },
            max_redirects,
            retries,
            backoff: Backoff { first: times[2], cap: times[3] },
            max_retry_after: times[4],
            accept: accept.parse::<StatusSet>().expect("a set of statuses"),
            expiry_warning: times[5],
        })
    })
}

/// A check that goes on, after some replies and failures.
fn travelling() -> impl Strategy<Value = Travelling> {
    let parts = (url(), policy(), vec(came(), 0..4), duration(), duration());
    parts.prop_map(|(url, policy, came, due_in, began_ago)| {
        let start = || Check::start(Target::parse(1, url.as_str(), Scheme::Http), policy.clone()).expect("it is a URL");
        let mut check = start();
        for came in came {
            check = match check.advance(came) {
                Next::Again { check, .. } => check,
                Next::Done(_) => start(),
            };
        }
        check.wait(due_in);
        Travelling { check: Box::new(check), due_in, began_ago }
    })
}

fn job() -> impl Strategy<Value = Job> {
    (
        policy(),
        any::<bool>(),
        option::of((1..8_000_000u32).prop_map(|eighths| f64::from(eighths) / 8.0)),
        option::of(any::<(IpAddr, u16)>()),
        duration(),
    )
        .prop_map(|(policy, yes, rate, resolver, rate_after)| {
            let network = Network { resolver: resolver.map(Into::into), insecure: yes, ..Network::default() };
            Job {
                version: VERSION.to_owned(),
                policy,
                limits: Limits { rate, host_rate: rate, breaker: yes, ..Limits::default() },
                rate_after,
                held: Setup::new(&network).expect("no file is named").held(),
                network,
                index: 1,
                of: 3,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_worker_is_told_arrives(target in target(), check in travelling(), reason in select(Reason::ALL.to_vec()), grace in duration()) {
        assert_travels(&ToWorker::Target(target));
        assert_travels(&ToWorker::Check(Box::new(check)));
        assert_travels(&ToWorker::Stop { reason, grace });
        assert_travels(&ToWorker::End);
    }

    #[test]
    fn a_job_arrives(job in job()) {
        // The names of hosts are in no order, so that only what is equal can be compared.
        let value = |job: &Job| serde_json::to_value(job).expect("a job can be written");
        let mut line = Vec::new();
        write(&job, &mut line).expect("a job can be written");
        let arrived: Job = read(&line).expect("it was written as a job");
        prop_assert_eq!(value(&arrived), value(&job));
    }

    #[test]
    fn what_a_worker_tells_arrives(outcome in outcome(), check in travelling(), url in url(), why in text(), n in any::<u16>()) {
        assert_travels(&FromWorker::Outcome(Box::new(outcome)));
        assert_travels(&FromWorker::Moved(Box::new(check)));
        let n = usize::from(n);
        assert_travels(&FromWorker::Standing(Standing { wanted: n, starving: n == 0, again: n, on_wire: n, in_room: n, begun: n }));
        assert_travels(&FromWorker::Crowded { host: HostKey::of(&url), n_targets: n });
        assert_travels(&FromWorker::Refused { why });
        assert_travels(&FromWorker::Ready { version: VERSION.to_owned() });
    }
}

#[test]
fn a_request_travels_whole() {
    let mut value = HeaderValue::from_bytes(b"caf\xe9 \xff").expect("bytes that can be sent");
    value.set_sensitive(true);
    let headers = HeaderMap::from_iter([(HeaderName::from_static("cookie"), value)]);
    let policy = Policy { headers: Arc::new(headers), ..Policy::default() };
    let check = Check::start(Target::parse(1, "http://a.test/", Scheme::Http), Arc::new(policy)).expect("it is a URL");
    let mut line = Vec::new();
    write(&check, &mut line).expect("a check can be written");
    let arrived: Check = read(&line).expect("it was written as a check");
    let Request { headers, .. } = arrived.request();
    assert_eq!(headers["cookie"].as_bytes(), b"caf\xe9 \xff");
    assert!(headers["cookie"].is_sensitive(), "a log may not show it");
}

#[test]
fn a_line_that_is_none_is_not_shown() {
    for line in ["", "{}", "null", "{\"target\":7}", "{\"secret\":\"hunter2\"}", "{\"end\":null} more", "\u{0}"] {
        let error = read::<ToWorker>(line.as_bytes()).expect_err(line);
        assert!(error.to_string().starts_with("it is no message of this version (character "), "{error}");
        assert!(!error.to_string().contains("hunter2"));
    }
}
