//! Which addresses are asked: the guard, the families, and the order of the tries.

use crate::support::modes::modes;
use crate::support::run::{Row, Run, site};
use std::{
    io::{self, BufRead, BufReader, Write},
    net::TcpListener,
    thread,
};
use urlcheck::site::{Site, SiteOptions};

/// This machine, as URLs may write it.
const LOCAL: [&str; 20] = [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "0177.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "%31%32%37.0.0.1",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "[::]",
    "[::1]",
    "[0:0::0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "localhost",
    "shop.test",
];

/// Addresses that are no host's on the internet, or lead to such by a detour.
const ELSEWHERE: [&str; 9] = [
    "169.254.169.254",
    "0xa9fea9fe",
    "10.0.0.1",
    "[::ffff:a9fe:a9fe]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[fd00::1]",
    "[fe80::1]",
];

#[test]
pub(crate) fn private_addresses_are_refused_in_every_shape() {
    let site = site();
    let port = site.url("").rsplit(':').next().map(|port| port.trim_end_matches('/').to_owned()).expect("a port");
    let urls = LOCAL.iter().chain(&ELSEWHERE).map(|host| format!("http://{host}:{port}/"));
    let rows = Run::urls(urls).site(&site).args(["--deny-private"]).rows();
    for row in &rows {
        assert_eq!(row.said(), "unknown guard_address", "{}", row.text("url"));
        assert_ne!(row.text("remote_ip"), "");
    }
    assert_eq!(site.load().connections, 0);
}

#[test]
fn a_file_of_names_does_not_get_past_the_guard() {
    let run = Run::urls(["http://shop.test/"]);
    let hosts = run.file("hosts", "10.1.2.3 shop.test\n");
    let row = run.args(["--deny-private", "--hosts", &hosts]).row();
    assert_eq!((row.said().as_str(), row.text("remote_ip")), ("unknown guard_address", "10.1.2.3"));
}

#[test]
fn a_private_address_beside_a_public_one_is_not_tried() {
    let site = site();
    let url = site.host_url("both.test", "/");
    let run = Run::urls([url]);
    // 192.0.2.0/24 is for documentation (RFC 5737), and no public address either.
    let hosts = run.file("hosts", "127.0.0.1 both.test\n192.0.2.1 both.test\n");
    let row = run.args(["--deny-private", "--hosts", &hosts]).row();
    assert_eq!(row.said(), "unknown guard_address");
    assert_eq!(site.load().connections, 0);
}

/// A site that is on 127.0.0.2 besides, the public address of these tests.
fn two_addresses() -> Site {
    Site::start(SiteOptions { addresses: 1, ..SiteOptions::default() }).expect("loopback has free ports")
}

const ONLY_THE_SECOND: [&str; 3] = ["--deny-private", "--allow-net", "127.0.0.2/32"];

#[test]
fn what_is_allowed_is_asked_and_nothing_else() {
    let site = two_addresses();
    let urls = [site.loopback_url(0, "/"), site.url("/"), "http://127.0.0.3:9/".to_owned()];
    let rows = Run::urls(urls).args(ONLY_THE_SECOND).rows();
    let said: Vec<_> = rows.iter().map(Row::said).collect();
    assert_eq!(said, ["up", "unknown guard_address", "unknown guard_address"]);
}

/// The address that was let through is the one that is dialled: a second
/// lookup would bring another.
#[test]
fn the_address_that_was_checked_is_the_one_that_is_dialled() {
    let site = two_addresses();
    let row = Run::urls([site.host_url("flip.test", "/")]).site(&site).args(ONLY_THE_SECOND).args(["-4"]).row();
    assert_eq!((row.said().as_str(), row.text("remote_ip"), site.lookups("flip.test")), ("up", "127.0.0.2", 1));
}

/// DNS rebinding: the name is allowed when it is first asked for, and private
/// ever after. A final dot makes the same name ask anew.
#[test]
fn a_name_that_turns_private_is_refused_from_then_on() {
    let site = two_addresses();
    let inside = site.host_url("flip.test.", "/inside");
    let url = site.host_url("flip.test", &format!("/redirect-to?url={inside}"));
    let row = Run::urls([url]).site(&site).args(ONLY_THE_SECOND).args(["-4"]).row();
    assert_eq!((row.said().as_str(), row.text("remote_ip")), ("unknown guard_address", "127.0.0.1"));
    assert_eq!((row.number("num_redirects"), row.hops()[0]["remote_ip"].as_str()), (1, Some("127.0.0.2")));
    assert_eq!((site.lookups("flip.test"), site.seen(&inside)), (2, 0));
}

#[test]
fn no_redirect_leads_to_a_private_address_in_any_shape() {
    let site = two_addresses();
    let port = site.url("").rsplit(':').next().map(|port| port.trim_end_matches('/').to_owned()).expect("a port");
    let to = |host: &str| site.loopback_url(0, &format!("/redirect-to?url=http://{host}:{port}/inside"));
    let rows = Run::urls(LOCAL.map(to)).site(&site).args(ONLY_THE_SECOND).rows();
    for (row, host) in rows.iter().zip(LOCAL) {
        assert_eq!((row.said().as_str(), row.number("num_redirects")), ("unknown guard_address", 1), "{host}");
    }
    // Each row's first hop, and no other.
    assert_eq!(site.load().requests, LOCAL.len() as u64);
}

/// One address of the name is private and listens; the other is allowed and
/// refuses. The first is not tried, not even then.
#[test]
fn of_several_addresses_only_the_allowed_ones_are_tried() {
    let private = TcpListener::bind("127.0.0.1:0").expect("a free port");
    private.set_nonblocking(true).expect("sockets can");
    let port = private.local_addr().expect("it is bound").port();
    let run = Run::urls([format!("http://both.test:{port}/")]);
    let hosts = run.file("hosts", "127.0.0.1 both.test\n127.0.0.2 both.test\n");
    let row = run.args(["--hosts", &hosts]).args(ONLY_THE_SECOND).row();
    assert_eq!((row.said().as_str(), row.text("remote_ip")), ("down connect_refused", "127.0.0.2"));
    assert!(private.accept().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock));

    let site = site();
    let url = site.host_url("many.test", "/");
    let said = |net: &str| Run::urls([url.clone()]).site(&site).args(["--deny-private", "--allow-net", net]).row();
    assert_eq!(said("127.9.9.0/24").said(), "down connect_refused");
    assert_eq!(site.load().connections, 0);
    assert_eq!(said("127.0.0.1").said(), "up");
}

#[test]
fn every_shape_of_an_address_is_asked_without_the_guard() {
    let site = site();
    let port = site.url("").rsplit(':').next().map(|port| port.trim_end_matches('/').to_owned()).expect("a port");
    let urls = ["0x7f.1", "2130706433", "[::ffff:127.0.0.1]"].map(|host| format!("http://{host}:{port}/"));
    for row in Run::urls(urls).rows() {
        assert_eq!((row.said().as_str(), row.millis("dns_ms")), ("up", None), "{}", row.text("url"));
    }
}

#[test]
fn an_address_that_answers_is_found_behind_dead_ones() {
    let site = site();
    let urls = (0..5).map(|n| site.host_url(&format!("many-{n}.test"), "/"));
    for row in Run::urls(urls).site(&site).rows() {
        let facts = (row.said(), row.text("remote_ip"), row.number("attempts"));
        assert_eq!(facts, ("up".to_owned(), "127.0.0.1", 1));
    }
    let row = Run::urls([site.refused_url("many.test", "/")]).site(&site).row();
    assert_eq!(row.said(), "down connect_refused");
}

/// The name's first address never answers; the next gets its turn long before
/// the connect time-out.
#[test]
fn an_address_that_answers_is_found_behind_a_silent_one() {
    let site = site();
    let hole = site.blackhole_url("both.test", "/").expect("this system leaves connections waiting");
    let port = hole.trim_end_matches('/').rsplit(':').next().expect("a port").to_owned();
    let listener = TcpListener::bind(format!("127.0.0.2:{port}")).expect("another address of loopback");
    let run = Run::urls([hole]);
    let hosts = run.file("hosts", "127.0.0.1 both.test\n127.0.0.2 both.test\n");
    // It ends with the test's process if it is never asked.
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("it is bound");
        // A reply before the request would be none.
        BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").expect("it listens");
    });
    let row = run.args(["--hosts", &hosts, "--timeout", "20s"]).row();
    assert_eq!((row.said().as_str(), row.text("remote_ip")), ("up", "127.0.0.2"));
}

#[test]
fn families_are_kept_to() {
    let site = site();
    let urls = || [site.host_url("v6.test", "/"), site.host_url("v4.test", "/"), site.host_url("localhost", "/")];
    let said = |rows: Vec<Row>| rows.iter().map(|row| (row.said(), row.text("remote_ip").to_owned())).collect();
    let owned = |facts: [(&str, &str); 3]| facts.map(|(said, ip)| (said.to_owned(), ip.to_owned())).to_vec();
    let told: Vec<_> = said(Run::urls(urls()).site(&site).args(["-4"]).rows());
    assert_eq!(told, owned([("down dns_nxdomain", ""), ("up", "127.0.0.1"), ("up", "127.0.0.1")]));
    if site.has_ipv6() {
        let told: Vec<_> = said(Run::urls(urls()).site(&site).args(["-6"]).rows());
        assert_eq!(told, owned([("up", "::1"), ("down dns_nxdomain", ""), ("up", "::1")]));
        let told: Vec<_> = said(Run::urls(urls()).site(&site).rows());
        assert_eq!(told[0], ("up".to_owned(), "::1".to_owned()));
    }
}

#[test]
fn an_address_of_the_other_family_is_not_asked() {
    let site = site();
    let row = Run::urls([site.url("/")]).site(&site).args(["-6"]).row();
    assert_eq!(row.said(), "unknown guard_address");
    let row = Run::urls(["http://[::1]:9/"]).site(&site).args(["-4"]).row();
    assert_eq!(row.said(), "unknown guard_address");
    assert_eq!(site.load().connections, 0);
}

modes! {
    every:
    a_file_of_names_does_not_get_past_the_guard,
    a_private_address_beside_a_public_one_is_not_tried,
    what_is_allowed_is_asked_and_nothing_else,
    the_address_that_was_checked_is_the_one_that_is_dialled,
    a_name_that_turns_private_is_refused_from_then_on,
    no_redirect_leads_to_a_private_address_in_any_shape,
    of_several_addresses_only_the_allowed_ones_are_tried,
    every_shape_of_an_address_is_asked_without_the_guard,
    an_address_that_answers_is_found_behind_dead_ones,
    an_address_that_answers_is_found_behind_a_silent_one,
    families_are_kept_to,
    an_address_of_the_other_family_is_not_asked;
}
