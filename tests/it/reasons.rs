//! Every reason code, and a real behaviour of a server, a resolver or this
//! machine that gives it.
//!
//! Absent: `local_ports` and `local_network`, which only a machine without
//! free ports or without a network gives; `net` tests them by the system's codes.

use crate::support::run::{Row, Run, site};
use std::collections::BTreeSet;
use urlcheck::{Reason, site::Site};

/// Time-outs that a fault takes up, shorter than the tests' usual ones.
const SHORT: [&str; 4] = ["--timeout", "3s", "--connect-timeout", "2s"];

/// Behaviours of a server or a name, each with what its row must say.
fn faults(site: &Site) -> Vec<(String, &'static str)> {
    let black_hole = site.blackhole_url("hole.test", "/").expect("this system leaves connections waiting");
    vec![
        (site.host_url("nxdomain.test", "/"), "down dns_nxdomain"),
        (site.host_url("shop.invalid", "/"), "down dns_nxdomain"),
        (site.host_url("noaddress.test", "/"), "down dns_nxdomain"),
        (site.host_url("servfail.test", "/"), "down dns_servfail"),
        (site.host_url("refused-dns.test", "/"), "down dns_servfail"),
        (site.refused_url("refused.test", "/"), "down connect_refused"),
        (black_hole, "down connect_timeout"),
        (site.tls_url("tls-hang.test", "/"), "down connect_timeout"),
        (site.url("/reset"), "down connect_reset"),
        (site.url("/close"), "down connect_reset"),
        (site.tls_url("tls-reset.test", "/"), "down connect_reset"),
        (site.tls_url("tls-close.test", "/"), "down connect_reset"),
        ("http://[fe80::1]/".to_owned(), "down connect_unreachable"),
        (site.tls_url("expired.test", "/"), "down tls_expired"),
        (site.tls_url("notyet.test", "/"), "down tls_not_yet_valid"),
        (site.tls_url("wrong.test", "/"), "down tls_name"),
        (site.tls_url("untrusted.test", "/"), "down tls_untrusted"),
        (site.tls_url("selfsigned.test", "/"), "down tls_self_signed"),
        (site.tls_url("tls-garbage.test", "/"), "down tls_handshake"),
        (site.tls_url("tls-alert.test", "/"), "down tls_handshake"),
        (site.tls_url("expiring.test", "/"), "degraded tls_expiring"),
        (site.url("/hang"), "down ttfb_timeout"),
        (site.url("/drip-head"), "down total_timeout"),
        (site.url("/status/404"), "down http_status"),
        (site.url("/status/500"), "down http_status"),
        (site.url("/status/304"), "down http_status"),
        (site.url("/status/799"), "down http_status"),
        (site.url("/throttle/9?retry-after=none"), "unknown http_throttled"),
        (site.url("/status/401"), "unknown http_blocked"),
        (site.url("/status/403"), "unknown http_blocked"),
        (site.url("/status/451"), "unknown http_blocked"),
        (site.url("/status/999"), "unknown http_blocked"),
        (site.url("/header?name=CF-Mitigated&value=challenge&status=503"), "unknown http_blocked"),
        (site.url("/garbage"), "down http_protocol"),
        (site.url("/http09"), "down http_protocol"),
        (site.url("/bad-status/abc"), "down http_protocol"),
        (site.url("/bad-status/20"), "down http_protocol"),
        (site.url("/bad-status/2000"), "down http_protocol"),
        (site.url("/bad-status/099"), "down http_protocol"),
        (site.url("/interim-flood"), "down http_protocol"),
        (site.url("/head-size/102400"), "down http_header_too_large"),
        (site.url("/headers/300"), "down http_header_too_large"),
        (site.url("/loop"), "down redirect_loop"),
        (site.url("/loop/3"), "down redirect_loop"),
        (site.url("/redirect/20"), "down redirect_limit"),
        (site.url("/redirect-to?url=ftp://shop.test/"), "down redirect_invalid"),
        (site.url("/location-raw/%20"), "down redirect_invalid"),
        ("ftp://shop.test/".to_owned(), "down input_invalid"),
    ]
}

#[test]
fn every_fault_of_a_site_has_its_reason() {
    let site = site();
    let faults = faults(&site);
    let rows = Run::urls(faults.iter().map(|(url, _)| url)).site(&site).args(SHORT).args(["--no-breaker"]).rows();
    let said: Vec<_> = faults.iter().zip(&rows).map(|((url, _), row)| (url.clone(), row.said())).collect();
    let wanted: Vec<_> = faults.iter().map(|(url, wanted)| (url.clone(), (*wanted).to_owned())).collect();
    assert_eq!(said, wanted);
}
