//! Hosts: how many checks at once, how fast, and when they ask to be left alone.
//! The site's own clock is the witness; no request can begin before its time.

use crate::support::modes::modes;
use crate::support::run::{Row, Run, site};
use std::time::{Duration, Instant};
use urlcheck::site::Site;

/// First requests, retries, redirects on the host and redirects from other
/// hosts, all of them for `host`.
fn crowd(site: &Site, host: &str) -> Vec<String> {
    let here = |path: &str| site.host_url(host, path);
    (0..8)
        .flat_map(|n| {
            let to_here = format!("/redirect-to?url={}", here(&format!("/delay/20/to/{n}")));
            [
                here(&format!("/delay/20/{n}")),
                here(&format!("/delay/20/redirect-to?url=/delay/20/hop/{n}")),
                here(&format!("/flaky/1/503/{n}")),
                site.host_url(&format!("other-{n}.test"), &to_here),
            ]
        })
        .collect()
}

fn assert_all_up(rows: &[Row]) {
    for row in rows {
        assert_eq!(row.said(), "up", "{row:?}");
    }
}

/// The k-th request to begin (from 0) began no sooner than k gaps after the start.
fn assert_paced(starts: &[Instant], began: Instant, gap: Duration) {
    for (k, start) in (0u32..).zip(starts) {
        let (after, least) = (start.duration_since(began), gap * k);
        assert!(after >= least, "request {k} after {after:?}, not {least:?}");
    }
}

#[test]
fn a_host_is_asked_only_so_much_at_once() {
    for loops in [1, 2] {
        let site = site();
        let args = ["--per-host", "2", "--retries", "1"];
        assert_all_up(&Run::urls(crowd(&site, "shop.test")).site(&site).args(args).loops(loops).rows());
        let load = site.host_load(&site.host_url("shop.test", "/"));
        assert_eq!(load.requests, 48);
        assert!(load.most_at_once <= 2, "{} with {loops} loops", load.most_at_once);
    }
}

#[test]
fn a_host_is_asked_only_so_often() {
    for loops in [1, 2] {
        let site = site();
        let args = ["--host-rate", "40", "--retries", "1"];
        let ended = Run::urls(crowd(&site, "shop.test")).site(&site).args(args).loops(loops).ended();
        assert_all_up(&ended.rows());
        let load = site.host_load(&site.host_url("shop.test", "/"));
        assert_eq!(load.starts.len(), 48);
        assert_paced(&load.starts, ended.began, Duration::from_millis(25));
    }
}

#[test]
fn all_hosts_together_are_asked_only_so_often() {
    for loops in [1, 2] {
        let site = site();
        let args = ["--rate", "50", "--retries", "1"];
        let ended = Run::urls(crowd(&site, "shop.test")).site(&site).args(args).loops(loops).ended();
        assert_all_up(&ended.rows());
        let hosts = (0..8).map(|n| format!("other-{n}.test")).chain(["shop.test".to_owned()]);
        let mut starts: Vec<Instant> =
            hosts.flat_map(|host| site.host_load(&site.host_url(&host, "/")).starts).collect();
        starts.sort();
        assert_eq!(starts.len(), 56);
        assert_paced(&starts, ended.began, Duration::from_millis(20));
    }
}

#[test]
fn a_host_that_asks_for_a_pause_gets_it_for_all_its_urls() {
    let site = site();
    for (status, loops) in [("429", 1), ("503", 2)] {
        let host = format!("shop-{status}.test");
        let first = format!("/throttle/1?retry-after=2&status={status}");
        let paths = [first.as_str(), "/1", "/2", "/3"].map(|path| site.host_url(&host, path));
        let other = site.host_url("other.test", &format!("/redirect-to?url={}", site.host_url(&host, "/4")));
        let urls = paths.into_iter().chain([other]);
        let rows = Run::urls(urls).site(&site).args(["--per-host", "1", "--retries", "1"]).loops(loops).rows();
        assert_all_up(&rows);
        let attempts: Vec<u64> = rows.iter().map(|row| row.number("attempts")).collect();
        assert_eq!(attempts, [2, 1, 1, 1, 1]);
        let starts = site.host_load(&site.host_url(&host, "/")).starts;
        let pauses = starts.windows(2).filter(|pair| pair[1].duration_since(pair[0]) >= Duration::from_secs(2)).count();
        assert_eq!((starts.len(), pauses), (6, 1), "{starts:?}");
    }
}

#[test]
fn a_host_that_asks_for_too_long_a_pause_is_left_alone() {
    let site = site();
    let paths = ["/throttle/9?retry-after=61", "/1", "/2"].map(|path| site.host_url("shop.test", path));
    let urls = paths.into_iter().chain([site.host_url("other.test", "/")]);
    let rows = Run::urls(urls).site(&site).args(["--per-host", "1", "--retries", "2"]).rows();
    let facts: Vec<_> = rows.iter().map(|row| (row.said(), row.number("attempts"))).collect();
    let throttled = "unknown http_throttled".to_owned();
    assert_eq!(facts, [(throttled.clone(), 1), (throttled.clone(), 0), (throttled, 0), ("up".to_owned(), 1)]);
    assert_eq!(site.host_load(&site.host_url("shop.test", "/")).requests, 1);
}

modes! {
    every:
    a_host_is_asked_only_so_often,
    all_hosts_together_are_asked_only_so_often,
    a_host_that_asks_for_a_pause_gets_it_for_all_its_urls,
    a_host_that_asks_for_too_long_a_pause_is_left_alone;
    concurrent:
    a_host_is_asked_only_so_much_at_once;
}
