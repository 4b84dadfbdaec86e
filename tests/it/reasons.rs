//! Every reason code, and a real behaviour of a server, a resolver or this
//! machine that gives it.
//!
//! Absent: `local_ports` and `local_network`, which `own_limits` shows where there
//! are network namespaces, and `local_memory`, which no test can bring about for
//! one program alone; `net` tests them by the system's codes.

use crate::support::modes::modes;
use crate::support::run::{Row, Run, site};
use std::{collections::BTreeSet, net::UdpSocket};
use urlcheck::{
    Reason,
    site::{Site, SiteOptions},
};

/// Time-outs that a fault takes up, shorter than the tests' usual ones.
pub(crate) const SHORT: [&str; 4] = ["--timeout", "3s", "--connect-timeout", "2s"];

/// Behaviours of a server or a name, each with what its row must say.
pub(crate) fn faults(site: &Site) -> Vec<(String, &'static str)> {
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

/// Only who sees each byte can tell these from a host that keeps silent.
#[test]
fn a_reply_that_never_comes_to_its_end_is_told_from_silence() {
    let site = site();
    let rows = Run::urls(["/drip-head", "/interim-flood"].map(|path| site.url(path))).args(SHORT).rows();
    assert_eq!(rows.iter().map(Row::said).collect::<Vec<_>>(), ["down total_timeout", "down http_protocol"]);
}

#[test]
fn a_name_without_an_answer_is_to_blame_when_others_are_answered() {
    let site = site();
    // The second name is asked for while the first keeps silent.
    let other = format!("/delay/500/redirect-to?url={}", site.host_url("other.test", "/"));
    let urls = [site.host_url("silent.test", "/"), site.host_url("shop.test", &other)];
    let rows = Run::urls(urls).site(&site).args(SHORT).rows();
    assert_eq!(rows.iter().map(Row::said).collect::<Vec<_>>(), ["down dns_timeout", "up"]);
}

#[test]
fn a_resolver_that_answers_nobody_is_no_site_s_fault() {
    let nobody = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let silent = nobody.local_addr().expect("it is bound").to_string();
    let row = Run::urls(["http://shop.test/"]).args(SHORT).args(["--resolver", &silent]).row();
    assert_eq!(row.said(), "unknown local_dns");
    // A socket with a peer takes nothing from others: they are refused.
    nobody.connect("127.0.0.1:9").expect("a peer needs not be there");
    let row = Run::urls(["http://shop.test/"]).args(SHORT).args(["--resolver", &silent]).row();
    assert_eq!(row.said(), "unknown local_dns");
}

#[test]
fn a_host_that_nothing_connects_to_ends_its_waiting_urls() {
    let site = site();
    let urls = || (0..10).map(|n| site.refused_url("refused.test", &format!("/{n}")));
    // While the first waits for its retry, the whole list is read.
    let rows = Run::urls(urls()).site(&site).args(["--per-host", "1", "--retries", "1"]).rows();
    assert_eq!(rows[0].said(), "down connect_refused");
    for row in &rows[1..] {
        assert_eq!((row.said().as_str(), row.number("attempts")), ("down host_down", 0));
        assert!(row.text("detail").contains("row 1 "), "{}", row.text("detail"));
    }
    let rows = Run::urls(urls()).site(&site).args(["--no-breaker"]).rows();
    assert!(rows.iter().all(|row| row.said() == "down connect_refused"));
}

#[test]
fn what_the_deadline_cuts_short_is_skipped() {
    let site = site();
    let urls = ["/", "/hang", "/1", "/2"].map(|path| site.url(path));
    let rows = Run::urls(urls).args(["--per-host", "1", "--deadline", "4s"]).rows();
    let said: Vec<_> = rows.iter().map(Row::said).collect();
    assert_eq!(said, ["up", "skipped run_deadline", "skipped run_deadline", "skipped run_deadline"]);
}

#[test]
fn what_an_interrupt_leaves_is_unknown() {
    let site = site();
    // After the second, the host is not asked for as long as the test lasts.
    let urls = ["/1", "/throttle/1?retry-after=50", "/2", "/3"].map(|path| site.url(path));
    let ended = Run::urls(urls).args(["--per-host", "1"]).until_rows(2).interrupt();
    let said: Vec<_> = ended.rows().iter().map(Row::said).collect();
    assert_eq!(said, ["up", "unknown http_throttled", "unknown run_aborted", "unknown run_aborted"]);
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
}

/// How many files the program needs besides those of its checks is its own
/// affair: from too few to begin up to enough for everything, no site is blamed.
#[test]
fn a_machine_without_free_files_blames_no_site() {
    let site = site();
    let mut seen = BTreeSet::new();
    for files in 4..32 {
        // The list stays open as long as something in it is not begun.
        let args = ["--look-ahead", "1", "--timeout", "2s"];
        let ended = Run::urls((0..4).map(|n| site.url(&format!("/{n}")))).args(args).loops(1).open_files(files).ended();
        match ended.code {
            Some(0) => seen.extend(ended.rows().iter().map(Row::said)),
            _ => {
                assert_eq!((ended.code, ended.stderr.contains("panic")), (Some(2), false), "{files}: {}", ended.stderr)
            }
        }
    }
    let wanted = ["unknown local_files", "up"].map(str::to_owned);
    assert_eq!(seen, BTreeSet::from(wanted));
}

/// A lookup takes several sockets: while many names are silent, there are files
/// left for connections.
#[test]
fn checks_that_wait_for_names_leave_files_for_others() {
    let site = Site::start(SiteOptions { addresses: 40, ..SiteOptions::default() }).expect("loopback has free ports");
    let plain = (0..20).map(|n| {
        let late = site.loopback_url(n + 20, "/");
        site.loopback_url(n, &format!("/delay/800/redirect-to?url={late}"))
    });
    let silent = (0..200).map(|n| site.host_url(&format!("silent-{n}.test"), "/"));
    let args = ["--connect-timeout", "2s", "--timeout", "9s", "--concurrency", "1000"];
    let rows = Run::urls(plain.chain(silent)).site(&site).args(args).loops(2).open_files(1024).rows();
    for row in &rows[..20] {
        assert_eq!(row.said(), "up", "{}", row.text("detail"));
    }
}

#[test]
fn every_reason_has_its_test() {
    let elsewhere: [(Reason, fn()); 9] = [
        (Reason::TotalTimeout, a_reply_that_never_comes_to_its_end_is_told_from_silence),
        (Reason::DnsTimeout, a_name_without_an_answer_is_to_blame_when_others_are_answered),
        (Reason::GuardAddress, crate::addresses::private_addresses_are_refused_in_every_shape),
        (Reason::LocalFiles, a_machine_without_free_files_blames_no_site),
        (Reason::LocalDns, a_resolver_that_answers_nobody_is_no_site_s_fault),
        (Reason::LocalProcess, crate::subprocess::a_curl_that_talks_nonsense_blames_no_site),
        (Reason::HostDown, a_host_that_nothing_connects_to_ends_its_waiting_urls),
        (Reason::RunDeadline, what_the_deadline_cuts_short_is_skipped),
        (Reason::RunAborted, what_an_interrupt_leaves_is_unknown),
    ];
    let needs_another_machine = [Reason::LocalPorts, Reason::LocalMemory, Reason::LocalNetwork];
    let faults = faults(&site());
    let shown: BTreeSet<&str> = faults.iter().filter_map(|(_, wanted)| wanted.split(' ').nth(1)).collect();
    for reason in Reason::ALL {
        let here = shown.contains(reason.code());
        let there = elsewhere.iter().any(|(shown, _)| shown == reason) || needs_another_machine.contains(reason);
        assert!(here != there, "{reason} is shown by {} tests", usize::from(here) + usize::from(there));
    }
}

modes! {
    every:
    every_fault_of_a_site_has_its_reason,
    a_resolver_that_answers_nobody_is_no_site_s_fault,
    what_the_deadline_cuts_short_is_skipped,
    what_an_interrupt_leaves_is_unknown;
    concurrent:
    a_name_without_an_answer_is_to_blame_when_others_are_answered,
    a_host_that_nothing_connects_to_ends_its_waiting_urls;
    telling:
    a_reply_that_never_comes_to_its_end_is_told_from_silence,
    checks_that_wait_for_names_leave_files_for_others;
}
