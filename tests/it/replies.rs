//! Replies that are odd without being wrong, and bodies that go wrong after a
//! good head: the status is told, and the next check of the host is unharmed.

use crate::support::modes::modes;
use crate::support::run::{Row, Run, site};
use std::iter;

/// Longer than any run of a test may take: what waits for these fails.
const PATIENT: [&str; 6] = ["--timeout", "1h", "--connect-timeout", "1h", "--per-host", "1"];

const BODIES: [&str; 6] =
    ["/reset-after-head", "/endless-body", "/endless-chunks", "/drip-body", "/short-body", "/cut-chunk"];

#[test]
fn a_broken_body_hides_no_status() {
    let site = site();
    let paths: Vec<String> =
        BODIES.iter().flat_map(|body| [(*body).to_owned(), format!("/status/404{body}")]).collect();
    let plain = paths.iter().map(|path| site.url(path));
    let secret = paths.iter().map(|path| site.tls_url("shop.test", path));
    let rows = Run::urls(plain.chain(secret)).site(&site).args(PATIENT).rows();
    for (row, path) in rows.iter().zip(paths.iter().cycle()) {
        let wanted = if path.starts_with("/status") { "down http_status" } else { "up" };
        assert_eq!((row.said().as_str(), row.number("attempts")), (wanted, 1), "{}", row.text("url"));
    }
}

/// The time-out is for the head. What is read after it is for the sake of the
/// connection, and takes nothing back of what is known.
#[test]
fn a_body_that_goes_on_past_the_time_out_hides_no_status() {
    let site = site();
    let urls = (0..6).map(|n| site.url(&format!("/drip-body/{n}")));
    let rows = Run::urls(urls).args(["--timeout", "400ms", "--retries", "0", "--per-host", "1"]).rows();
    assert!(rows.iter().all(|row| row.said() == "up"), "{rows:?}");
}

#[test]
fn bodies_are_read_as_far_as_that_saves_connections() {
    let connections = |bytes: u32| {
        let site = site();
        // While this lasts, all of the list is read.
        let urls =
            iter::once(site.url("/delay/500/start")).chain((0..40).map(|n| site.url(&format!("/body/{bytes}/{n}"))));
        let rows = Run::urls(urls).args(PATIENT).rows();
        assert!(rows.iter().all(|row| row.said() == "up"));
        site.load().connections
    };
    assert!(connections(1 << 20) >= 40);
    for small in [0, 1, 65_536] {
        let connections = connections(small);
        assert!(connections <= 10, "{connections} for {small}");
    }
}

#[test]
fn interim_replies_are_no_replies() {
    let site = site();
    let rows = Run::urls([site.url("/interim/5"), site.url("/interim/1")]).args(["--per-host", "1"]).rows();
    for row in rows {
        assert_eq!((row.said().as_str(), row.number("status_code"), row.number("attempts")), ("up", 200, 1));
    }
}

/// Two replies to one request: the second one is nobody's.
#[test]
fn a_reply_that_nobody_asked_for_answers_nobody() {
    let site = site();
    let paths: Vec<String> = (0..40)
        .map(|n| if n % 2 == 0 { format!("/extra-reply/{n}") } else { format!("/status/{}", 500 + n) })
        .collect();
    let rows = Run::urls(paths.iter().map(|path| site.url(path))).args(["--per-host", "1"]).rows();
    for (n, row) in rows.iter().enumerate() {
        let wanted = if n % 2 == 0 { 200 } else { 500 + n as u64 };
        assert_eq!((row.number("status_code"), row.number("attempts")), (wanted, 1), "{}", row.text("url"));
    }
}

#[test]
fn header_values_of_any_bytes_are_read() {
    let site = site();
    let paths = [
        "/header?name=Content-Type&value=text/h%FFtml",
        "/header?name=X-Odd&value=%80%81%FF%C3%BC",
        "/header?name=Content-Type&value=text/plain%09;%20charset=%22x%22",
    ];
    let rows = Run::urls(paths.map(|path| site.url(path))).rows();
    assert_eq!(rows.iter().map(Row::said).collect::<Vec<_>>(), ["up", "up", "up"]);
    assert_eq!(rows[0].text("content_type"), r"text/h\xfftml");
}

/// What browsers read although it is not as it should be: a site that is up
/// for its visitors is up here.
#[test]
fn headers_that_browsers_forgive_are_forgiven() {
    let site = site();
    let paths = [
        "/header?name=X-Space%20&value=before-the-colon",
        "/header?name=X-Folded&value=one%0D%0A%20two",
        "/header?name=No%20Name&value=at-all",
    ];
    for row in Run::urls(paths.map(|path| site.url(path))).rows() {
        assert_eq!(row.said(), "up", "{}: {}", row.text("url"), row.text("detail"));
    }
    // Of a folded value, the fold is one space (RFC 9112 section 5.2).
    let urls = ["Location&status=302", "Content-Type"]
        .map(|name| site.url(&format!("/header?value=/has-header/User-Agent/one%20%0D%0A%20%09two&name={name}")));
    let rows = Run::urls(urls).rows();
    assert_eq!(rows[0].said(), "up", "{}", rows[0].text("final_url"));
    assert!(rows[0].text("final_url").ends_with("/one%20two"), "{}", rows[0].text("final_url"));
    assert_eq!(rows[1].text("content_type"), "/has-header/User-Agent/one two");
}

#[test]
fn a_huge_content_type_makes_no_huge_row() {
    let site = site();
    let url = site.url(&format!("/header?name=Content-Type&value=text/html;{}", "x".repeat(50_000)));
    let row = Run::urls([url]).row();
    assert_eq!((row.said().as_str(), row.number("status_code")), ("up", 200));
    assert!(row.text("content_type").starts_with("text/html;xxx"));
    assert!(row.text("content_type").len() <= 256, "{}", row.text("content_type").len());
}

#[test]
fn a_head_with_no_body_is_whole() {
    let site = site();
    let urls = ["/status/204", "/status/205", "/bad-status/200"].map(|path| site.url(path));
    for row in Run::urls(urls).args(PATIENT).rows() {
        assert_eq!(row.said(), "up", "{}", row.text("url"));
    }
    let rows = Run::urls(["/body/70000", "/status/404", "/redirect/2"].map(|path| site.url(path)));
    let rows = rows.args(PATIENT).args(["--method", "HEAD"]).rows();
    assert_eq!(rows.iter().map(Row::said).collect::<Vec<_>>(), ["up", "down http_status", "up"]);
}

modes! {
    every:
    a_broken_body_hides_no_status,
    a_body_that_goes_on_past_the_time_out_hides_no_status,
    interim_replies_are_no_replies,
    a_reply_that_nobody_asked_for_answers_nobody,
    header_values_of_any_bytes_are_read,
    headers_that_browsers_forgive_are_forgiven,
    a_huge_content_type_makes_no_huge_row,
    a_head_with_no_body_is_whole;
    concurrent_inside:
    bodies_are_read_as_far_as_that_saves_connections;
}
