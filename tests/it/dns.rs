//! Names: where their addresses come from, and how often anybody is asked.

use crate::support::modes::modes;
use crate::support::run::{Row, Run, site};

#[test]
fn a_file_of_names_comes_before_dns() {
    let site = site();
    let run = Run::urls([site.host_url("nxdomain.test", "/"), site.host_url("SHOP.test", "/")]);
    let hosts = run.file("hosts", "# mine\n127.0.0.1 nxdomain.test other.test\n");
    let rows = run.site(&site).args(["--hosts", &hosts]).rows();
    assert!(rows.iter().all(|row| row.said() == "up"));
    assert_eq!((site.lookups("nxdomain.test"), site.lookups("shop.test") > 0), (0, true));
}

#[test]
fn localhost_is_nobody_else() {
    let site = site();
    let urls = ["localhost", "shop.localhost", "localhost."].map(|host| site.host_url(host, "/"));
    for row in Run::urls(urls).site(&site).rows() {
        assert_eq!(row.said(), "up", "{}", row.text("url"));
    }
    assert_eq!(site.lookups("localhost") + site.lookups("shop.localhost"), 0);
}

#[test]
fn a_name_is_asked_for_once_however_many_urls_it_has() {
    let site = site();
    let urls = (0..60).map(|n| site.host_url("shop.test", &format!("/{n}")));
    let rows = Run::urls(urls).site(&site).args(["--per-host", "20"]).rows();
    assert!(rows.iter().all(|row| row.said() == "up"));
    // Once for each family.
    assert_eq!(site.lookups("shop.test"), 2);
}

#[test]
fn a_name_that_is_not_there_is_asked_for_once_too() {
    let site = site();
    let urls = (0..20).map(|n| site.host_url("nxdomain.test", &format!("/{n}")));
    let rows = Run::urls(urls).site(&site).args(["--per-host", "1", "-4", "--retries", "2"]).rows();
    for row in &rows {
        assert_eq!((row.said().as_str(), row.number("attempts")), ("down dns_nxdomain", 1));
    }
    assert_eq!(site.lookups("nxdomain.test"), 1);
}

#[test]
fn a_name_with_a_final_dot_is_the_same_host() {
    let site = site();
    let urls = [site.host_url("shop.test.", "/"), site.tls_url("shop.test.", "/")];
    let rows = Run::urls(urls).site(&site).rows();
    assert_eq!(rows.iter().map(Row::said).collect::<Vec<_>>(), ["up", "up"]);
}

#[test]
fn names_that_are_no_names_are_rows() {
    let site = site();
    let long = format!("{}.test", "a".repeat(64));
    let names = [long.as_str(), "a..test", "a_b.test", "-a.test", "xn--bcher-kva.test", "a$b.test"];
    let rows = Run::urls(names.map(|host| site.host_url(host, "/"))).site(&site).rows();
    let said: Vec<_> = rows.iter().map(Row::said).collect();
    assert_eq!(said, ["down input_invalid", "down input_invalid", "up", "up", "up", "up"]);
}

#[test]
fn a_failing_resolver_is_asked_again() {
    let site = site();
    let row = Run::urls([site.host_url("servfail.test", "/")]).site(&site).args(["--retries", "1", "-4"]).row();
    assert_eq!((row.said().as_str(), row.number("attempts")), ("down dns_servfail", 2));
    assert!(site.lookups("servfail.test") >= 2);
}

/// Far more silent names than are asked for at once: those behind them must
/// wait, and the wait is no fault of theirs.
#[test]
fn names_that_wait_behind_silent_ones_are_not_blamed() {
    let site = site();
    let silent = (0..500).map(|n| site.host_url(&format!("silent-{n}.test"), "/"));
    let live = (0..20).map(|n| site.host_url(&format!("shop-{n}.test"), "/"));
    let args = ["--connect-timeout", "1s", "--timeout", "2s", "--concurrency", "1000"];
    let rows = Run::urls(silent.chain(live)).site(&site).args(args).loops(1).open_files(2048).rows();
    for row in &rows[500..] {
        assert_eq!(row.said(), "up", "{}", row.text("detail"));
    }
}

#[test]
fn an_answer_with_many_addresses_is_tried_to_its_end() {
    let site = site();
    let row = Run::urls([site.host_url("hundreds.test", "/")]).site(&site).row();
    assert_eq!((row.said().as_str(), row.text("remote_ip"), row.number("attempts")), ("up", "127.0.0.1", 1));
}

#[test]
fn aliases_in_a_circle_are_a_fault_of_the_name() {
    let site = site();
    let row = Run::urls([site.host_url("cname-loop.test", "/")]).site(&site).args(["-4"]).row();
    assert_eq!(row.text("verdict"), "down", "{}", row.text("detail"));
    assert!(row.text("reason").starts_with("dns_"), "{row:?}");
    assert!(site.lookups("cname-loop.test") + site.lookups("cname-loop-2.test") < 30);
}

/// Neither the answer to another question nor one without an end is believed.
#[test]
fn forged_and_eternal_answers_do_no_harm() {
    let site = site();
    for host in ["forged.test", "eternal.test"] {
        let row = Run::urls([site.host_url(host, "/")]).site(&site).args(["-4"]).row();
        assert_eq!((row.said().as_str(), row.text("remote_ip")), ("up", "127.0.0.1"), "{host}: {row:?}");
    }
}

modes! {
    every:
    a_file_of_names_comes_before_dns,
    localhost_is_nobody_else,
    a_name_is_asked_for_once_however_many_urls_it_has,
    a_name_that_is_not_there_is_asked_for_once_too,
    a_name_with_a_final_dot_is_the_same_host,
    names_that_are_no_names_are_rows,
    a_failing_resolver_is_asked_again,
    an_answer_with_many_addresses_is_tried_to_its_end,
    aliases_in_a_circle_are_a_fault_of_the_name,
    forged_and_eternal_answers_do_no_harm;
    telling:
    names_that_wait_behind_silent_ones_are_not_blamed;
}
