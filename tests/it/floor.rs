//! The floor in `benches/floor`, which urlcheck is measured against: it tells
//! every URL of a list once, and tells it right. `tests/all.sh` builds it.

use crate::support::cmd::{Desk, in_target, practice_site};
use std::process::Command;
use urlcheck::site::Site;

/// What the floor tells of URLs, sorted, each with its status.
fn floor(urls: &[String], site: &Site, flags: &[&str]) -> Vec<(String, String)> {
    let list = urls.join("\n");
    let desk = Desk::new().file("urls.txt", list).file("authority.pem", site.ca_pem());
    let desk = desk.file("hosts", "127.0.0.1 shop.test # and a remark\n");
    let mut command = Command::new(in_target("debug/floor"));
    command.args(["urls.txt", "--concurrency", "3", "--hosts", "hosts", "--ca", "authority.pem"]).args(flags);
    let ran = command.current_dir(desk.path()).output().expect("the floor starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let mut reader = csv::Reader::from_reader(ran.stdout.as_slice());
    let mut rows: Vec<(String, String)> = reader.deserialize().map(|row| row.expect("two cells")).collect();
    rows.sort();
    rows
}

#[test]
fn the_floor_tells_every_url() {
    let site = practice_site();
    let mut list = vec![
        (site.url("/status/404"), "404"),
        (site.url("/status/503"), "503"),
        // No redirects are followed.
        (site.url("/redirect/3"), "302"),
        (site.url("/reset"), "0"),
        (site.url("/garbage"), "0"),
        (site.refused_url("127.0.0.1", "/"), "0"),
        (site.tls_url("127.0.0.1", "/status/410"), "410"),
        ("http://unheard-of.test/".to_owned(), "0"),
        ("no URL at all".to_owned(), "0"),
    ];
    list.extend((0..50).map(|n| (site.url(&format!("/delay/1/{n}")), "200")));
    list.extend((0..5).map(|n| (site.url(&format!("/{n}")).replace("127.0.0.1", "shop.test"), "200")));
    let urls: Vec<String> = list.iter().map(|(url, _)| url.clone()).collect();
    list.sort();
    let expected: Vec<(String, String)> = list.into_iter().map(|(url, status)| (url, status.to_owned())).collect();
    for flags in [&[][..], &["--keep-alive"]] {
        assert_eq!(floor(&urls, &site, flags), expected, "{flags:?}");
    }
}

#[test]
fn the_floor_keeps_connections_only_where_it_is_told_to() {
    // A worker that is quick may leave others nothing to do.
    for (flags, n_connections) in [(&[][..], 40..=40), (&["--keep-alive"], 1..=3)] {
        let site = practice_site();
        let urls: Vec<String> = (0..40).map(|n| site.url(&format!("/{n}"))).collect();
        let rows = floor(&urls, &site, flags);
        assert!(rows.iter().all(|(_, status)| status == "200"), "{rows:?}");
        let connections = site.load().connections;
        assert!(n_connections.contains(&connections), "{flags:?}: {connections}");
    }
}
