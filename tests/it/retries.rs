//! What is tried again, and what is not.

use crate::support::modes::modes;
use crate::support::run::{Row, Run, site};

fn facts(rows: &[Row]) -> Vec<(String, u64)> {
    rows.iter().map(|row| (row.said(), row.number("attempts"))).collect()
}

/// Each of its own host: what a kept connection loses is asked again at once,
/// and is no attempt.
#[test]
fn what_may_pass_is_tried_again() {
    let site = site();
    let causes = ["503", "reset", "close", "garbage", "429", "408"];
    let urls = causes.map(|cause| site.host_url(&format!("{cause}.test"), &format!("/flaky/1/{cause}")));
    let rows = Run::urls(urls).site(&site).args(["--retries", "1"]).rows();
    for (row, cause) in rows.iter().zip(causes) {
        assert_eq!((row.said().as_str(), row.number("attempts"), row.number("status_code")), ("up", 2, 200), "{cause}");
    }
}

#[test]
fn there_are_only_so_many_attempts() {
    let site = site();
    let urls = [site.url("/flaky/2/503"), site.url("/status/502"), site.refused_url("refused.test", "/")];
    let rows = Run::urls(urls).site(&site).args(["--retries", "1"]).rows();
    let wanted = ["down http_status", "down http_status", "down connect_refused"].map(|said| (said.to_owned(), 2));
    assert_eq!(facts(&rows), wanted);
    assert_eq!(rows[0].number("status_code"), 503);
    assert_eq!(site.seen(&site.url("/flaky/2/503")), 2);
}

#[test]
fn what_lasts_is_asked_once() {
    let site = site();
    let urls = [
        site.url("/status/404"),
        site.url("/status/403"),
        site.url("/loop"),
        site.url("/headers/300"),
        site.tls_url("expired.test", "/"),
        site.host_url("nxdomain.test", "/"),
    ];
    let rows = Run::urls(urls).site(&site).args(["--retries", "2"]).rows();
    assert!(rows.iter().all(|row| row.number("attempts") == 1), "{:?}", facts(&rows));
    assert_eq!(site.seen(&site.url("/status/404")), 1);
}

/// The retry begins where the list began, and the row tells of it alone.
#[test]
fn a_retry_takes_all_redirects_again() {
    let site = site();
    let start = site.url("/redirect-to?url=/flaky/1/503");
    let row = Run::urls([start.clone()]).args(["--retries", "1"]).row();
    assert_eq!((row.said().as_str(), row.number("attempts"), row.number("num_redirects")), ("up", 2, 1));
    assert_eq!((site.seen(&start), row.hops().len()), (2, 2));
}

modes! {
    every:
    what_may_pass_is_tried_again,
    there_are_only_so_many_attempts,
    what_lasts_is_asked_once,
    a_retry_takes_all_redirects_again;
}
