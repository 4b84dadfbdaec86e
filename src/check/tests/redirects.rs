//! Which replies lead on, where to, and what is taken along.

use super::*;
use http::{HeaderName, Method, header};

/// Where a Location leads from `https://example.org/a/b?c`.
fn leads(location: impl AsRef<[u8]>) -> Result<String, String> {
    match start("https://example.org/a/b?c", no_retries()).advance(Ok(redirect(302, location))) {
        Next::Again { check, after } => {
            assert_eq!(after, Duration::ZERO);
            Ok(check.request().url.to_string())
        }
        Next::Done(outcome) => {
            assert_eq!((outcome.verdict, outcome.reason), (Verdict::Down, Some(Reason::RedirectInvalid)));
            assert_eq!((outcome.status_code(), outcome.num_redirects()), (Some(302), 0));
            Err(outcome.detail)
        }
    }
}

#[test]
fn the_five_redirects_keep_the_method() {
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        for status in [301, 302, 303, 307, 308] {
            let policy = Policy { method: method.clone(), ..no_retries() };
            let check = after_all(start("https://example.org/", policy), [Ok(redirect(status, "/x"))]);
            assert_eq!((&check.request().method, check.request().url.path()), (&method, "/x"), "{status}");
        }
    }
}

#[test]
fn other_statuses_lead_nowhere() {
    for status in [200, 201, 300, 304, 305, 306, 404, 503] {
        let outcome = run("example.org", no_retries(), [redirect(status, "/x")]);
        assert_eq!((outcome.status_code(), outcome.num_redirects()), (Some(status), 0));
        assert_eq!(outcome.reason, (status >= 300).then_some(Reason::HttpStatus), "{status}");
    }
}

#[test]
fn locations_lead_where_browsers_go() {
    for (location, url) in [
        ("/x", "https://example.org/x"),
        ("x", "https://example.org/a/x"),
        ("../x", "https://example.org/x"),
        ("?d", "https://example.org/a/b?d"),
        ("//other.example/x", "https://other.example/x"),
        ("http://other.example", "http://other.example/"),
        ("HTTPS://OTHER.example:443/X#frag", "https://other.example/X"),
        ("https:x", "https://example.org/a/x"),
        ("https:///other.example/", "https://other.example/"),
        ("\\\\other.example\\x", "https://other.example/x"),
        (" \t/x ", "https://example.org/x"),
        ("/a b/ü?q=ö ö", "https://example.org/a%20b/%C3%BC?q=%C3%B6%20%C3%B6"),
        ("/100%/[x]|^", "https://example.org/100%/[x]|^"),
        ("[", "https://example.org/a/["),
        ("/a\u{1}\u{7f}b", "https://example.org/a%01%7Fb"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ] {
        assert_eq!(leads(location).as_deref(), Ok(url), "{location}");
    }
    assert_eq!(leads(b"/caf\xe9").as_deref(), Ok("https://example.org/caf%C3%A9"));
}

#[test]
fn locations_that_lead_nowhere_say_why() {
    for (location, part) in [
        ("", "is blank"),
        (" \t", "is blank"),
        ("ftp://example.org/", "ftp://example.org/ leads nowhere: the scheme ftp: is not checked"),
        ("mailto:a@example.org", "***@example.org leads nowhere: the scheme mailto:"),
        ("javascript:history.back()", "the scheme javascript:"),
        ("about:blank", "the scheme about:"),
        ("http://", "it has no host"),
        ("http://[::1", "no valid IPv6"),
        ("http://a b/", "has a space"),
        ("http://example.org:0/", "its port is 0"),
        ("https://https//example.org/", "is the word https"),
        ("http://user:secret@a b/", "its Location ***@a b/ leads nowhere"),
        ("ftp://user:secret@example.org/", "its Location ***@example.org/ leads nowhere"),
        ("user:secret@example.org", "its Location ***@example.org leads nowhere"),
        ("ftp://\u{1b}[31m\n\u{202e}", "ftp://\\u{1b}[31m\\n\\u{202e}"),
    ] {
        let why = leads(location).expect_err(location);
        assert!(why.contains(part) && !why.contains("user:"), "{location}: {why}");
        assert!(!why.contains("secret"), "{location}: {why}");
    }
}

#[test]
fn a_location_of_70_kib_is_too_long_and_not_repeated() {
    let why = leads(format!("/{}", "ü".repeat(35 * 1024))).expect_err("too long");
    assert!(why.contains("at most 65536") && why.chars().count() < 400, "{why}");
    let why = leads(format!("ftp://x/{}", "\u{1}".repeat(70 * 1024))).expect_err("no http");
    assert!(why.len() < 1500, "{why}");
}

#[test]
fn as_many_redirects_as_allowed_and_no_more() {
    let hop = |n| Ok(redirect(302, format!("/{n}")));
    for max_redirects in [0, 1, 10] {
        let policy = Policy { max_redirects, ..no_retries() };
        let check = after_all(start("https://example.org/", policy), (1..=max_redirects).map(hop));
        let up = done(check.advance(Ok(reply(200))));
        assert_eq!((up.verdict, up.num_redirects()), (Verdict::Up, max_redirects as usize));

        let policy = Policy { max_redirects, ..no_retries() };
        let check = after_all(start("https://example.org/", policy), (1..=max_redirects).map(hop));
        let down = done(check.advance(hop(max_redirects + 1)));
        let detail = format!("more than {max_redirects} redirects");
        assert_eq!(said(&down), (Verdict::Down, Some(Reason::RedirectLimit), detail.as_str()));
        assert_eq!((down.num_redirects(), down.status_code()), (max_redirects as usize, Some(302)));
    }
}

#[test]
fn loops_are_found() {
    let to_itself = "the page redirects to itself";
    for (text, locations, detail) in [
        ("https://example.org/", vec!["/"], to_itself),
        ("https://example.org/", vec!["https://EXAMPLE.ORG:443/#frag"], to_itself),
        ("https://u:p@example.org/", vec!["https://example.org/"], to_itself),
        ("https://example.org/", vec!["/b", "/"], "after 2 redirects back at hop 1"),
        ("https://example.org/", vec!["/b", "/c", "/b#x"], "after 3 redirects back at hop 2"),
        ("http://example.org/", vec!["https://example.org/", "http://example.org/"], "after 2 redirects back at hop 1"),
    ] {
        let outcome = run(text, Policy::default(), locations.iter().map(|location| redirect(301, location)));
        assert_eq!(said(&outcome), (Verdict::Down, Some(Reason::RedirectLoop), detail), "{locations:?}");
        assert_eq!(outcome.num_redirects(), locations.len() - 1);
    }
}

#[test]
fn what_only_looks_like_a_loop_is_none() {
    let hops = ["https://example.org/", "https://example.org/?x", "https://example.org:8443/", "https://example.org./"];
    let outcome = run("http://example.org/", Policy::default(), {
        let hops = hops.iter().map(|location| redirect(301, location));
        hops.chain([reply(200)])
    });
    assert_eq!((outcome.verdict, outcome.num_redirects()), (Verdict::Up, 4));
    assert_eq!(outcome.final_url().map(Url::as_str), Some("https://example.org./"));
}

/// The names of the headers that are sent to a Location from `http://u:p@example.org/`, and the URL.
fn taken_along(locations: &[&str]) -> (Vec<HeaderName>, String) {
    let names = [header::USER_AGENT, header::ACCEPT, header::AUTHORIZATION, header::COOKIE];
    let own = [HeaderName::from_static("x-api-key"), header::REFERER, header::PROXY_AUTHORIZATION];
    let value = http::HeaderValue::from_static("x");
    let headers: HeaderMap = names.into_iter().chain(own).map(|name| (name, value.clone())).collect();
    let policy = Policy { headers: Arc::new(headers), ..no_retries() };
    let replies = locations.iter().map(|location| Ok(redirect(307, location)));
    let check = after_all(start("http://u:p@example.org/", policy), replies);
    let mut sent: Vec<_> = check.request().headers.keys().cloned().collect();
    sent.sort_by_key(|name| name.as_str().to_owned());
    (sent, check.request().url.to_string())
}

#[test]
fn secrets_stay_on_their_origin() {
    let (all, _) = taken_along(&[]);
    assert_eq!(all.len(), 7);
    for location in ["/x", "//example.org/x", "http://EXAMPLE.org:80/x", "http://evil:take@example.org/x"] {
        assert_eq!(taken_along(&[location]), (all.clone(), "http://u:p@example.org/x".to_owned()), "{location}");
    }
    let harmless = vec![header::ACCEPT, header::USER_AGENT];
    for url in ["https://example.org/x", "http://www.example.org/x", "http://example.org:8080/x"] {
        assert_eq!(taken_along(&[url]), (harmless.clone(), url.to_owned()));
    }
    // Back at the first origin, they do not come back: the other one sent us there.
    let there_and_back = taken_along(&["http://evil:take@other.example/", "http://evil:take@example.org/x"]);
    assert_eq!(there_and_back, (harmless, "http://example.org/x".to_owned()));
}

#[test]
fn odd_credentials_go_on_as_they_are() {
    let check = start("http://a%40b%25:p%3Aw%2F@example.org/", no_retries());
    let url = after_all(check, [Ok(redirect(301, "/x"))]).request().url.to_string();
    assert_eq!(url, "http://a%40b%25:p%3Aw%2F@example.org/x");
}

#[test]
fn the_time_out_goes_on_over_redirects() {
    let total = 25 * MILLISECOND;
    let policy = Policy { timeouts: Timeouts { total, ..Policy::default().timeouts }, ..no_retries() };
    let check = start("https://example.org/", policy.clone());
    assert_eq!(check.request().timeouts, policy.timeouts);
    let check = after_all(check, [Ok(redirect(301, "/1"))]);
    assert_eq!(check.request().timeouts, Timeouts { total: 15 * MILLISECOND, ..policy.timeouts });
    let check = after_all(check, [Ok(redirect(301, "/2"))]);
    assert_eq!(check.request().timeouts.total, 5 * MILLISECOND);

    let outcome = done(check.advance(Ok(redirect(301, "/3"))));
    let detail = "the redirects took longer than the time-out of 25ms";
    assert_eq!(said(&outcome), (Verdict::Down, Some(Reason::TotalTimeout), detail));
    assert_eq!((outcome.num_redirects(), outcome.total()), (2, Some(30 * MILLISECOND)));
}

#[test]
fn a_retry_begins_with_the_whole_time_the_first_url_and_all_headers() {
    let check = start("https://u:p@example.org/a", Policy::default());
    let first = check.request().clone();
    let check = after_all(check, [Ok(redirect(301, "http://other.example/b")), refused()]);
    assert_eq!(check.request().url, first.url);
    assert_eq!(check.request().timeouts, first.timeouts);
    assert!(Arc::ptr_eq(&check.request().headers, &first.headers));
    // What the first attempt followed is no loop for the second, nor counts its time.
    let check = after_all(check, [Ok(redirect(301, "http://other.example/b"))]);
    assert_eq!(check.request().timeouts.total, first.timeouts.total - 10 * MILLISECOND);
    let outcome = done(check.advance(Ok(reply(200))));
    assert_eq!((outcome.verdict, outcome.num_redirects(), outcome.attempts.len()), (Verdict::Up, 1, 2));
}

#[test]
fn an_accepted_redirect_is_an_answer() {
    let outcome = run("example.org", accept("200-299,301"), [redirect(301, "/x")]);
    assert_eq!((said(&outcome), outcome.num_redirects()), ((Verdict::Up, None, ""), 0));
    assert_eq!(outcome.final_url().map(Url::as_str), Some("https://example.org/"));
    let outcome = run("example.org", accept("301"), [redirect(302, "/x"), redirect(301, "/y")]);
    assert_eq!((outcome.verdict, outcome.num_redirects()), (Verdict::Up, 1));
}
