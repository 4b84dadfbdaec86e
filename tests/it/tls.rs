//! Certificates: what rows tell of them, believed or not.

use crate::support::modes::modes;
use crate::support::run::{Row, Run, site};

const REFUSED: [&str; 5] = ["expired", "notyet", "wrong", "untrusted", "selfsigned"];

#[test]
fn a_good_certificate_is_told() {
    let site = site();
    let row = Run::urls([site.tls_url("shop.garden.test", "/")]).site(&site).row();
    assert_eq!(row.said(), "up");
    let certificate = row.cell("certificate");
    assert_eq!(certificate["names"], serde_json::json!(["*.garden.test"]));
    assert_eq!(certificate["chain_length"], 1);
    assert!(certificate["refused"].is_null());
    assert!(certificate["issuer"].as_str().is_some_and(|issuer| issuer.contains("Practice Authority")));
    assert_eq!(certificate["expires_at"].as_str(), Some(row.text("cert_expires_at")));
    assert!(certificate["valid_from"].as_str() < certificate["expires_at"].as_str());
    for column in ["dns_ms", "connect_ms", "tls_ms", "ttfb_ms", "total_ms"] {
        assert!(row.millis(column).is_some(), "{column}");
    }
}

#[test]
fn a_refused_certificate_is_told_all_the_same() {
    let site = site();
    let urls = REFUSED.map(|kind| site.tls_url(&format!("{kind}.test"), "/"));
    for row in Run::urls(urls).site(&site).rows() {
        assert_eq!((row.text("verdict"), row.number("attempts")), ("down", 1));
        assert!(row.cell("certificate")["refused"].is_string(), "{row:?}");
        assert_ne!(row.text("cert_expires_at"), "");
        assert_eq!(row.text("remote_ip"), "127.0.0.1");
    }
    assert_eq!(site.load().requests, 0);
}

#[test]
fn insecure_uses_what_it_does_not_believe() {
    let site = site();
    let urls = REFUSED.map(|kind| site.tls_url(&format!("{kind}.test"), "/"));
    let rows = Run::urls(urls).site(&site).args(["--insecure"]).rows();
    for row in &rows {
        assert_eq!((row.said().as_str(), row.number("status_code")), ("up", 200));
        assert!(row.cell("certificate")["refused"].is_string(), "{row:?}");
    }
}

#[test]
fn an_authority_that_is_not_given_is_not_trusted() {
    let site = site();
    let url = site.tls_url("shop.test", "/");
    let row = Run::urls([url]).args(["--resolver", &site.resolver().to_string()]).row();
    assert_eq!(row.said(), "down tls_untrusted");
}

#[test]
fn a_certificate_that_ends_soon_is_a_warning_if_wished() {
    let site = site();
    let said = |args: &[&str]| {
        let row = Run::urls([site.tls_url("expiring.test", "/")]).site(&site).args(args.iter().copied()).row();
        (row.said(), row.number("status_code"))
    };
    assert_eq!(said(&[]), ("degraded tls_expiring".to_owned(), 200));
    assert_eq!(said(&["--expiry-warning", "1d"]), ("up".to_owned(), 200));
    assert_eq!(said(&["--expiry-warning", "0"]), ("up".to_owned(), 200));
}

#[test]
fn an_address_has_a_certificate_of_its_own() {
    let site = site();
    let rows = Run::urls([site.tls_url("127.0.0.1", "/"), site.tls_url("localhost", "/")]).site(&site).rows();
    assert_eq!(rows.iter().map(Row::said).collect::<Vec<_>>(), ["up", "up"]);
    if site.has_ipv6() {
        assert_eq!(Run::urls([site.tls_url("[::1]", "/")]).site(&site).row().said(), "up");
    }
}

#[test]
fn a_scheme_on_the_other_s_port_is_told() {
    let site = site();
    let plain = site.host_url("shop.test", "/").replace("http:", "https:");
    let secret = site.tls_url("shop.test", "/").replace("https:", "http:");
    let rows = Run::urls([plain, secret]).site(&site).rows();
    assert_eq!(rows[0].said(), "down tls_handshake");
    assert_eq!(rows[1].text("verdict"), "down", "{:?}", rows[1]);
}

modes! {
    inside:
    a_refused_certificate_is_told_all_the_same;
    every:
    insecure_uses_what_it_does_not_believe,
    an_authority_that_is_not_given_is_not_trusted,
    a_certificate_that_ends_soon_is_a_warning_if_wished,
    an_address_has_a_certificate_of_its_own,
    a_scheme_on_the_other_s_port_is_told;
    telling:
    a_good_certificate_is_told;
}
