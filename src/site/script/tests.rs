//! Paths and names, and what they mean.

use super::*;
use proptest::prelude::*;

fn script(path: &str) -> Script {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Script::parse(path, query)
}

fn reply(status: u16) -> Script {
    Script::Status(StatusCode::from_u16(status).expect("a status"))
}

fn after(ms: u64, then: Script) -> Script {
    Script::Delay { wait: Duration::from_millis(ms), then: Box::new(then) }
}

#[test]
fn well_behaved_paths() {
    for (path, wanted) in [
        ("/", Script::Page),
        ("", Script::Page),
        ("/shop/17", Script::Page),
        ("/status/404", reply(404)),
        ("/status/999/old-page?x=1", reply(999)),
        ("/delay/250/status/200", after(250, reply(200))),
        ("/delay/5/shop/17", after(5, Script::Page)),
        ("/delay/5/delay/6/reset", after(5, after(6, Script::Broken(Fault::Reset)))),
        ("/flaky/2/503", Script::Flaky { first: 2, then: Box::new(reply(503)) }),
        ("/flaky/1/reset", Script::Flaky { first: 1, then: Box::new(Script::Broken(Fault::Reset)) }),
        ("/redirect/3/deal", Script::Redirect { left: 3 }),
        ("/loop", Script::Loop { length: 1, at: 0 }),
        ("/loop/2", Script::Loop { length: 2, at: 0 }),
        ("/loop/2/1", Script::Loop { length: 2, at: 1 }),
        ("/body/65536", Script::Body { bytes: 65536 }),
        ("/head-size/102400", Script::HeadSize { bytes: 102_400 }),
        ("/headers/300", Script::Headers { number: 300 }),
        ("/has-header/cookie", Script::Header { name: "cookie".to_owned(), wanted: true }),
        ("/lacks-header/cookie", Script::Header { name: "cookie".to_owned(), wanted: false }),
    ] {
        assert_eq!(script(path), wanted, "{path}");
    }
}

#[test]
fn queries_are_percent_decoded() {
    let throttle = |retry_after| Script::Throttle { first: 2, status: StatusCode::TOO_MANY_REQUESTS, retry_after };
    assert_eq!(script("/throttle/2"), throttle(Some(HeaderValue::from_static("1"))));
    assert_eq!(script("/throttle/2?retry-after=a%20b"), throttle(Some(HeaderValue::from_static("a b"))));
    assert_eq!(script("/throttle/2?retry-after=none"), throttle(None));
    let location = HeaderValue::from_static("http://b.test/?c=d&e");
    let status = StatusCode::PERMANENT_REDIRECT;
    let redirect = Script::RedirectTo { location, status };
    assert_eq!(script("/redirect-to?url=http://b.test/?c=d%26e&status=308"), redirect);
    let header = |status, name: &[u8], value: &[u8]| {
        Script::Broken(Fault::RawHeader { status, name: name.to_vec(), value: value.to_vec() })
    };
    assert_eq!(script("/location-raw/%ff%20/x"), header(302, b"Location", b"\xff "));
    assert_eq!(script("/header?name=X-A&value=%e9&status=201"), header(201, b"X-A", b"\xe9"));
    assert_eq!(script("/bad-status/%00"), Script::Broken(Fault::BadStatus(vec![0])));
}

#[test]
fn mistakes_say_what_is_wrong() {
    for (path, part) in [
        ("/status/abc", "200 to 999"),
        ("/status/100", "200 to 999"),
        ("/delay/x/status/200", "delay needs a number"),
        ("/flaky/2/status/abc", "200 to 999"),
        ("/loop/0", "from 1"),
        ("/body/99999999", "up to 1048576"),
        ("/redirect-to", "?url="),
        ("/redirect-to?url=%0a", "location-raw"),
        ("/delay/1/delay/1/delay/1/delay/1/delay/1/x", "inside each other"),
    ] {
        match script(path) {
            Script::Mistake(why) => assert!(why.contains(part), "{path}: {why}"),
            other => panic!("{path}: {other:?}"),
        }
    }
}

#[test]
fn a_host_word_may_have_a_number() {
    for (name, word) in [
        ("expired.test", "expired"),
        ("expired-17.garden.test", "expired"),
        ("tls-hang.test", "tls-hang"),
        ("tls-hang-3.test", "tls-hang"),
        ("shop-", "shop-"),
        ("127.0.0.1", "127"),
        ("", ""),
    ] {
        assert_eq!(host_word(name), word, "{name}");
    }
}

proptest! {
    #[test]
    fn any_path_has_a_script(path in "(/(delay|flaky|loop|status|[0-9]{1,12}|%[0-9a-f]{2}|.{0,6}))*", query in ".*") {
        Script::parse(&path, &query);
    }
}
