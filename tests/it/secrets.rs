//! Passwords in URLs and tokens in headers: sent to their own origin only, and
//! neither written, logged nor told, however the check ends and however wrong
//! the list is.

use crate::support::modes::modes;
use crate::support::{
    cmd::{Desk, Ran, practice_site},
    run::Run,
};
use urlcheck::site::Site;

/// What must not be seen: the password, the token, and both as they are sent
/// (`user:hunter2` in base64).
const SECRETS: [&str; 4] = ["hunter2", "HUNTER2", "s3cr3t", "dXNlcjpodW50ZXIy"];

/// Headers that carry the token, some of names that nobody knows.
const HEADERS: [&str; 6] = [
    "Authorization: Bearer s3cr3t",
    "Cookie: id=s3cr3t",
    "Proxy-Authorization: Basic s3cr3t",
    "X-Api-Key: s3cr3t",
    "X-Auth-Token: s3cr3t",
    "Referer: https://a.example/?key=s3cr3t",
];

#[track_caller]
fn assert_no_secret(what: &str, text: &str) {
    for secret in SECRETS {
        let at = text.find(secret);
        assert!(at.is_none(), "{what} tells {secret}: …{}", &text[at.unwrap_or(0).saturating_sub(200)..][..200]);
    }
}

fn with_password(url: &str) -> String {
    url.replacen("://", "://user:hunter2@", 1)
}

/// Checks that end in every way that there is, each with a password in its URL.
fn good_lines(site: &Site) -> Vec<String> {
    let location = site.host_url("other.test", "/").replacen("://", "://user:hunter%2532@", 1);
    [
        site.host_url("shop.test", "/"),
        site.tls_url("shop.test", "/"),
        site.host_url("shop.test", "/status/500"),
        site.host_url("shop.test", "/redirect/2"),
        site.host_url("shop.test", "/loop"),
        site.host_url("shop.test", "/redirect/20"),
        site.host_url("shop.test", &format!("/redirect-to?url={location}")),
        site.host_url("shop.test", "/location-raw/http:%2F%2Fuser:hunter%32@[%2F"),
        site.host_url("shop.test", "/location-raw/ftp:%2F%2Fuser:hunter%32@a%2F"),
        site.host_url("shop.test", "/header?name=Content-Type&value=https:%2F%2Fa"),
        site.host_url("shop.test", "/garbage"),
        site.host_url("shop.test", "/reset"),
        site.host_url("shop.test", "/head-size/102400"),
        site.refused_url("refused.test", "/"),
        site.host_url("nxdomain.test", "/"),
        site.host_url("servfail.test", "/"),
        site.tls_url("expired.test", "/"),
        site.tls_url("tls-alert.test", "/"),
        site.host_url("shop.test", "/throttle/9?retry-after=1000"),
    ]
    .map(|url| with_password(&url))
    .to_vec()
}

/// Lines that are no URLs, a password in each.
const BAD_LINES: [&str; 14] = [
    "ftp://user:hunter2@a.example/",
    "https://user:hunter2@[::1/",
    "https://user:hunter2@a b.example/",
    "https://user:hunter2@a.example:99999/",
    "https://user:hunter2@a.example:0/",
    "http://user:hunter2@",
    "http://user:hunter2@:80/",
    "https://user:hunter2@a..example/",
    "https://user:hunter2@a.example https://user:hunter2@b.example/",
    "<https://user:hunter2@a.example/>",
    "https//user:hunter2@a.example/",
    "http://http://user:hunter2@a.example/",
    "user:hunter2@a b",
    "https://user:hunter2@xn--a/",
];

fn assert_silent(ran: &Ran, desk: &Desk) {
    assert_no_secret("standard output", &ran.stdout);
    assert_no_secret("standard error", &ran.stderr);
    if desk.path().join("summary.json").exists() {
        assert_no_secret("the summary", &desk.read("summary.json"));
    }
}

#[test]
fn no_password_and_no_token_is_written_or_logged() {
    let site = practice_site();
    let list: Vec<String> = good_lines(&site).into_iter().chain(BAD_LINES.map(str::to_owned)).collect();
    let csv: String = list.iter().map(|line| format!("1,\"{line}\"\n2,{line},surplus,cells\n")).collect();
    let jsonl: String = list.iter().map(|line| format!("{{\"url\": \"{line}\"}}\n{{\"url\": \"{line}\"\n")).collect();
    let desk = Desk::new()
        .file("urls.txt", list.join("\n"))
        .file("urls.csv", format!("id,url\n{csv}"))
        .file("urls.jsonl", jsonl)
        .file("authority.pem", site.ca_pem());
    let resolver = site.resolver().to_string();
    for (input, format, verbose) in [
        ("urls.txt", "text", "-v"),
        ("urls.txt", "csv", "-vv"),
        ("urls.txt", "jsonl", "-vvv"),
        ("urls.csv", "csv", "-vvv"),
        ("urls.jsonl", "text", "-q"),
    ] {
        let mut arguments = vec![input, "-f", format, verbose, "--resolver", &resolver, "--cacert", "authority.pem"];
        arguments.extend(["--retries", "0", "--progress", "always", "--summary", "summary.json", "--show", "all"]);
        arguments.extend(HEADERS.iter().flat_map(|header| ["-H", header]));
        let ran = desk.run(&arguments).exits(1);
        assert!(ran.stdout.lines().count() >= list.len(), "{}", ran.stdout);
        assert_silent(&ran, &desk);
    }
}

#[test]
fn a_faulty_command_line_or_file_shows_no_secret() {
    let site = practice_site();
    let url = site.url("a");
    let desk = Desk::new()
        .file("bare.csv", "https://user:hunter2@a.example/,1\n")
        .file("settings.toml", "header = ['Authorization Bearer s3cr3t']\n")
        .file("one.toml", "header = ['X s3cr3t: 1']\n");
    for arguments in [
        &["user:hunter2@a.example"][..],
        &["user:hunter2@a.example/list.txt"],
        &["bare.csv"],
        &["-H", "Authorization Bearer s3cr3t", &url],
        &["-H", "X s3cr3t: 1", &url],
        &["-H", "Host: s3cr3t", &url],
        &["--config", "settings.toml", &url],
        &["--config", "one.toml", &url],
        &["-o", "no/https://user:hunter2@a/rows.csv", &url],
        &["--no-such-flag", "https://user:hunter2@a.example/"],
    ] {
        assert_silent(&desk.run(arguments).exits(2), &desk);
    }
    let ran = desk.cmd(&[&url]).env("URLCHECK_HEADER", "Authorization Bearer s3cr3t").run().exits(2);
    assert_silent(&ran, &desk);
    // A list may as well be one text, which then is in no message either.
    let desk = Desk::new().file("urlcheck.toml", "header = 'Authorization: Bearer s3cr3t'\n");
    assert_silent(&desk.run(&["-vvv", &site.url("has-header/authorization")]).exits(0), &desk);
}

/// An origin is a scheme, a host and a port: with one of them another, nothing
/// goes along (CVE-2018-1000007, CVE-2022-27774, CVE-2022-27776 are of this kind).
#[test]
fn no_secret_goes_to_another_scheme_host_or_port() {
    let (site, other) = (practice_site(), practice_site());
    let names = HEADERS.map(|header| header.split(':').next().expect("a name"));
    for name in names {
        let path = format!("/lacks-header/{name}");
        let elsewhere =
            [site.tls_url("shop.test", &path), site.host_url("other.test", &path), other.host_url("shop.test", &path)];
        let away = elsewhere.map(|to| site.host_url("shop.test", &format!("/redirect-to?url={to}")));
        // There and back again: what was dropped once stays dropped.
        let there = other.host_url("shop.test", &format!("/redirect-to?url={}", site.host_url("shop.test", &path)));
        let back = site.host_url("shop.test", &format!("/redirect-to?url={there}"));
        let here = site.host_url("shop.test", &format!("/redirect-to?url=/has-header/{name}"));
        let urls = away.into_iter().chain([back, here]);
        let args = HEADERS.iter().flat_map(|header| ["-H", header]);
        for row in Run::urls(urls).site(&site).args(args).rows() {
            assert_eq!(row.said(), "up", "{name}: {}", row.text("url"));
        }
    }
    let path = "/lacks-header/authorization";
    let elsewhere =
        [site.tls_url("shop.test", path), site.host_url("other.test", path), other.host_url("shop.test", path)];
    let away = elsewhere.map(|to| with_password(&site.host_url("shop.test", &format!("/redirect-to?url={to}"))));
    for row in Run::urls(away).site(&site).rows() {
        assert_eq!(row.said(), "up", "{}", row.text("url"));
    }
}

/// A server cannot make us send a password that it made up.
#[test]
fn a_password_in_a_location_is_not_used() {
    let site = practice_site();
    for host in ["shop.test", "other.test"] {
        let to = site.host_url(host, "/lacks-header/authorization").replacen("://", "://user:hunter%2532@", 1);
        let ended = Run::urls([site.host_url("shop.test", &format!("/redirect-to?url={to}"))]).site(&site).ended();
        let row = &ended.rows()[0];
        assert_eq!((row.said().as_str(), row.number("num_redirects")), ("up", 1), "{row:?}");
        assert_no_secret("the row", &ended.stdout);
    }
}

modes! {
    every:
    no_password_and_no_token_is_written_or_logged,
    a_faulty_command_line_or_file_shows_no_secret,
    no_secret_goes_to_another_scheme_host_or_port,
    a_password_in_a_location_is_not_used;
}
