//! Redirects: where they lead, what goes along, and what stays behind.

use crate::support::modes::modes;
use crate::support::run::{Row, Run, site};

#[test]
fn a_chain_is_followed_to_its_end() {
    let site = site();
    let row = Run::urls([site.url("/redirect/3")]).row();
    assert_eq!((row.said().as_str(), row.number("num_redirects"), row.number("status_code")), ("up", 3, 200));
    assert_eq!(row.text("final_url"), site.url("/redirect/0"));
    let statuses: Vec<_> = row.hops().iter().map(|hop| hop["status_code"].as_u64()).collect();
    assert_eq!(statuses, [302, 302, 302, 200].map(Some));
    assert_eq!(row.hops()[1]["url"].as_str(), Some(site.url("/redirect/2").as_str()));
}

#[test]
fn every_status_that_redirects_does() {
    let site = site();
    let urls = [301, 302, 303, 307, 308].map(|status| site.url(&format!("/redirect-to?url=/x&status={status}")));
    assert!(Run::urls(urls).rows().iter().all(|row| row.said() == "up" && row.number("num_redirects") == 1));
    let urls = ["/redirect-to?url=/x&status=300", "/redirect-to?url=/x&status=304", "/status/302"];
    let rows = Run::urls(urls.map(|path| site.url(path))).rows();
    assert!(rows.iter().all(|row| row.said() == "down http_status" && row.number("num_redirects") == 0));
}

#[test]
fn there_are_only_so_many_redirects() {
    let site = site();
    let said = |path: &str, most: &str| Run::urls([site.url(path)]).args(["--max-redirects", most]).row().said();
    assert_eq!(said("/redirect/2", "2"), "up");
    assert_eq!(said("/redirect/3", "2"), "down redirect_limit");
    assert_eq!(said("/redirect/1", "0"), "down redirect_limit");
}

#[test]
fn an_accepted_redirect_is_an_answer() {
    let site = site();
    let row = Run::urls([site.url("/redirect/1")]).args(["--accept", "302"]).row();
    assert_eq!((row.said().as_str(), row.number("status_code"), row.number("num_redirects")), ("up", 302, 0));
}

#[test]
fn locations_are_read_as_browsers_read_them() {
    let site = site();
    for (location, path) in [
        ("%2Fa%20b", "/a%20b"),
        ("%2F%C3%BC", "/%C3%BC"),
        ("%2F%FC", "/%C3%BC"),
        ("%20%2Fspaced%20", "/spaced"),
        ("..%2Frelative", "/relative"),
        ("%2Fpage%3Fquery", "/page?query"),
        ("%2Fpage%23part", "/page"),
        ("%2F%2F127.0.0.1:PORT%2Fx", "/x"),
        ("%5C%5C127.0.0.1:PORT%5Cx", "/x"),
    ] {
        let port = site.url("").rsplit(':').next().map(|port| port.trim_end_matches('/').to_owned()).expect("a port");
        let location = location.replace("PORT", &port);
        let row = Run::urls([site.url(&format!("/location-raw/{location}"))]).row();
        assert_eq!((row.said().as_str(), row.text("final_url")), ("up", site.url(path).as_str()), "{location}");
    }
}

#[test]
fn a_redirect_fails_as_its_target_does() {
    let site = site();
    let to = |url: &str| site.url(&format!("/redirect-to?url={url}"));
    let targets = [
        (site.refused_url("refused.test", "/"), "down connect_refused"),
        (site.host_url("nxdomain.test", "/"), "down dns_nxdomain"),
        (site.tls_url("expired.test", "/"), "down tls_expired"),
        (site.url("/status/410"), "down http_status"),
        (site.host_url("shop.test", "/reset"), "down connect_reset"),
    ];
    let rows = Run::urls(targets.iter().map(|(url, _)| to(url))).site(&site).rows();
    for (row, (url, wanted)) in rows.iter().zip(&targets) {
        assert_eq!((row.said().as_str(), row.text("final_url")), (*wanted, url.as_str()));
        assert_eq!((row.number("num_redirects"), row.hops().len()), (1, 2));
    }
}

/// Hops that cross event loops: each host is owned by one of them.
#[test]
fn chains_over_many_hosts_arrive() {
    let site = site();
    let urls = (0..40).map(|n| {
        let last = site.host_url(&format!("c-{n}.test"), "/end");
        // The inner one is packed once more, as it is a parameter of a parameter.
        let middle = site.host_url(&format!("b-{n}.test"), &format!("/redirect-to?url={last}"));
        site.host_url(&format!("a-{n}.test"), &format!("/redirect-to?url={middle}"))
    });
    for (n, row) in Run::urls(urls).site(&site).loops(4).rows().iter().enumerate() {
        assert_eq!((row.said().as_str(), row.number("num_redirects")), ("up", 2));
        assert_eq!(row.text("final_url"), site.host_url(&format!("c-{n}.test"), "/end"));
    }
}

#[test]
fn a_redirect_to_a_private_address_is_refused() {
    let site = site();
    let run = Run::urls([site.host_url("public.test", "/")]);
    let row = run.site(&site).args(["--deny-private"]).row();
    assert_eq!(row.said(), "unknown guard_address");
}

#[test]
fn credentials_go_to_their_own_origin_only() {
    let site = site();
    let with = |path: &str| site.host_url("shop.test", path).replacen("http://", "http://user:hunter2@", 1);
    let away = |path: &str| with(&format!("/redirect-to?url={}", site.host_url("other.test", path)));
    let urls = [
        with("/has-header/authorization"),
        with("/redirect-to?url=/has-header/authorization"),
        away("/lacks-header/authorization"),
        site.host_url("shop.test", "/lacks-header/authorization"),
        with("/status/500"),
    ];
    let ended = Run::urls(urls).site(&site).ended();
    let said: Vec<_> = ended.rows().iter().map(Row::said).collect();
    assert_eq!(said, ["up", "up", "up", "up", "down http_status"]);
    assert!(!ended.stdout.contains("hunter2") && !ended.stderr.contains("hunter2"), "{}", ended.stdout);
    assert_eq!(ended.rows()[0].text("url"), with("/has-header/authorization").replace("user:hunter2", "***"));
}

#[test]
fn secret_headers_stay_with_their_origin() {
    let site = site();
    let there = |path: &str| site.host_url("other.test", path);
    let away = |path: &str| site.host_url("shop.test", &format!("/redirect-to?url={}", there(path)));
    let urls = [
        site.host_url("shop.test", "/has-header/x-token"),
        site.host_url("shop.test", "/redirect-to?url=/has-header/x-token"),
        away("/lacks-header/x-token"),
        away("/lacks-header/cookie"),
        away("/has-header/accept-language"),
        away("/has-header/user-agent"),
        there("/has-header/x-token"),
    ];
    let args = ["-H", "X-Token: hunter2", "-H", "Cookie: a=b", "-H", "Accept-Language: de"];
    for row in Run::urls(urls).site(&site).args(args).rows() {
        assert_eq!(row.said(), "up", "{}", row.text("url"));
    }
}

/// Another port is another origin, and so is another scheme.
#[test]
fn an_origin_has_a_scheme_and_a_port() {
    let site = site();
    let secret = site.tls_url("shop.test", "/lacks-header/x-token");
    let urls = [site.host_url("shop.test", &format!("/redirect-to?url={secret}"))];
    let row = Run::urls(urls).site(&site).args(["-H", "X-Token: hunter2"]).row();
    assert_eq!((row.said().as_str(), row.text("final_url")), ("up", secret.as_str()));
}

modes! {
    every:
    a_chain_is_followed_to_its_end,
    every_status_that_redirects_does,
    there_are_only_so_many_redirects,
    an_accepted_redirect_is_an_answer,
    locations_are_read_as_browsers_read_them,
    a_redirect_fails_as_its_target_does,
    chains_over_many_hosts_arrive,
    a_redirect_to_a_private_address_is_refused,
    credentials_go_to_their_own_origin_only,
    secret_headers_stay_with_their_origin,
    an_origin_has_a_scheme_and_a_port;
}
