//! Connections: kept for the next check of their host, and no longer than that;
//! and the times that rows tell of them.

use crate::support::modes::modes;
use crate::support::run::{Run, site};

/// A connection is kept when more work of its host is known as a check begins:
/// while this one lasts, all of a short list is read.
const SLOW_START: &str = "/delay/500/start";

#[test]
fn one_connection_does_for_many_checks() {
    let site = site();
    let rows = Run::urls((0..200).map(|n| site.url(&format!("/{n}")))).args(["--per-host", "1"]).rows();
    assert!(rows.iter().all(|row| row.said() == "up" && row.number("attempts") == 1));
    // The first checks may begin before more of the list is read.
    assert_eq!(site.load().requests, 200);
    assert!(site.load().connections <= 10, "{:?}", site.load());
}

#[test]
fn many_hosts_share_no_connection_and_waste_none() {
    let site = site();
    for loops in [1, 2] {
        let before = site.load().connections;
        let urls = (0..300).map(|n| site.host_url(&format!("shop-{}.test", n % 3), &format!("/status/404/{n}")));
        let rows = Run::urls(urls).site(&site).args(["--per-host", "2"]).loops(loops).rows();
        assert!(rows.iter().all(|row| row.said() == "down http_status"));
        let connections = site.load().connections - before;
        assert!(connections <= 30, "{connections} with {loops} loops");
    }
}

#[test]
fn only_a_fresh_connection_has_times_of_its_own() {
    let site = site();
    let paths = [SLOW_START, "/delay/100/1", "/delay/100/2", "/delay/100/3"];
    let rows =
        Run::urls(paths.map(|path| site.tls_url("shop.test", path))).site(&site).args(["--per-host", "1"]).rows();
    for (n, row) in rows.iter().enumerate().filter(|(n, _)| *n != 1) {
        for column in ["dns_ms", "connect_ms", "tls_ms"] {
            assert_eq!(row.millis(column).is_some(), n == 0, "{column} of row {n}");
        }
        let (ttfb, total) = (row.millis("ttfb_ms").expect("it replied"), row.millis("total_ms").expect("it ended"));
        assert!((100.0..=total).contains(&ttfb), "{ttfb} of {total}");
        assert!(row.cell("certificate").is_object() && row.text("remote_ip") == "127.0.0.1");
    }
}

#[test]
fn plain_connections_have_no_tls_time() {
    let site = site();
    let rows = Run::urls([site.host_url("shop.test", "/"), site.url("/")]).site(&site).rows();
    assert!(rows.iter().all(|row| row.millis("tls_ms").is_none() && row.millis("connect_ms").is_some()));
    assert!(rows[0].millis("dns_ms").is_some() && rows[1].millis("dns_ms").is_none());
}

/// The server says that it keeps the connection, and does not.
#[test]
fn a_kept_connection_that_was_closed_is_nobody_s_fault() {
    let site = site();
    let paths = (0..40).map(|n| if n % 2 == 0 { format!("/keep-alive-close/{n}") } else { format!("/{n}") });
    let paths: Vec<String> = paths.collect();
    let plain = paths.iter().map(|path| site.url(path));
    let secret = paths.iter().map(|path| site.tls_url("shop.test", path));
    let rows = Run::urls(plain.chain(secret)).site(&site).args(["--per-host", "1"]).rows();
    for row in &rows {
        assert_eq!((row.said().as_str(), row.number("attempts")), ("up", 1), "{row:?}");
    }
}

/// Reset without a reply: on a kept connection that may be an old close, so it
/// is asked once more; on a fresh one it is the host's answer.
#[test]
fn a_reset_is_told_on_a_kept_connection_too() {
    let site = site();
    let urls = [SLOW_START, "/", "/reset", "/1"].map(|path| site.url(path));
    let rows = Run::urls(urls).args(["--per-host", "1"]).rows();
    assert_eq!(rows[2].said(), "down connect_reset");
    assert_eq!((rows[2].number("attempts"), site.seen(&site.url("/reset"))), (1, 2));
    assert_eq!(rows[3].said(), "up");
}

/// The first host's lane is done long before the second host leads back to it.
#[test]
fn a_connection_is_closed_when_its_host_has_no_more_work() {
    let site = site();
    let back = format!("/delay/2000/redirect-to?url={}", site.host_url("a.test", "/3"));
    let here = [SLOW_START, "/1", "/2"].map(|path| site.host_url("a.test", path));
    let urls = here.into_iter().chain([site.host_url("b.test", &back)]);
    let rows = Run::urls(urls).site(&site).args(["--per-host", "1"]).loops(1).rows();
    assert!(rows[2].millis("connect_ms").is_none());
    assert_eq!(rows[3].said(), "up");
    assert!(rows[3].millis("connect_ms").is_some());
}

/// A redirect to the same host goes on where it came from.
#[test]
fn a_redirect_on_the_same_host_takes_the_same_connection() {
    let site = site();
    let row = Run::urls([site.tls_url("shop.test", "/redirect/3")]).site(&site).row();
    assert_eq!((row.said().as_str(), row.number("num_redirects")), ("up", 3));
    assert_eq!(site.load().connections, 1);
}

modes! {
    inside:
    one_connection_does_for_many_checks,
    many_hosts_share_no_connection_and_waste_none,
    a_reset_is_told_on_a_kept_connection_too;
    concurrent_inside:
    a_connection_is_closed_when_its_host_has_no_more_work;
    every:
    plain_connections_have_no_tls_time,
    a_kept_connection_that_was_closed_is_nobody_s_fault;
    telling:
    only_a_fresh_connection_has_times_of_its_own,
    a_redirect_on_the_same_host_takes_the_same_connection;
}
