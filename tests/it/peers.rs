//! What urlcheck is measured against: the originals in `benches/peers` and the
//! floor in `benches/floor` each tell every URL of a list once, and tell it
//! right. `tests/all.sh` installs their packages and builds the floor.

use crate::support::cmd::{Desk, practice_site};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};
use urlcheck::site::Site;

/// URLs that need no name server, each with the status that it comes to, if any.
fn list(site: &Site) -> Vec<(String, &'static str)> {
    let mut list = vec![
        (site.url("/status/404"), "404"),
        (site.url("/status/503"), "503"),
        (site.url("/redirect/3"), "200"),
        (site.url("/redirect/12"), ""),
        (site.url("/loop"), ""),
        (site.url("/reset"), ""),
        (site.url("/garbage"), ""),
        (site.url("/endless-body"), "200"),
        (site.refused_url("127.0.0.1", "/"), ""),
        (site.tls_url("127.0.0.1", "/status/410"), "410"),
        ("http://shop.invalid/".to_owned(), ""),
        ("no URL at all".to_owned(), ""),
    ];
    list.extend((0..50).map(|n| (site.url(&format!("/delay/20/{n}")), "200")));
    list
}

/// A program that `tests/all.sh` puts into the target folder.
fn program(path: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is a folder in the target folder");
    let program = target.join(path);
    assert!(program.exists(), "{} is not there; tests/all.sh sees to it", program.display());
    program
}

fn tells_every_url(script: &str) {
    let site = practice_site();
    let list = list(&site);
    let urls: String = list.iter().map(|(url, _)| format!("{url}\n")).collect();
    let desk = Desk::new().file("urls.txt", urls).file("authority.pem", site.ca_pem());
    let mut command = Command::new(program("peers/bin/python3"));
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(script));
    command.args(["urls.txt", "-c", "10"]).current_dir(desk.path()).env("SSL_CERT_FILE", "authority.pem");
    let ran = command.output().expect("Python starts");
    let told = String::from_utf8(ran.stdout).expect("text is UTF-8");
    assert!(ran.status.success(), "{script}: {}", String::from_utf8_lossy(&ran.stderr));
    let mut reader = csv::Reader::from_reader(told.as_bytes());
    assert_eq!(reader.headers().expect("a header"), vec!["index", "url", "status_code", "error"]);
    let rows = reader.records().map(|row| row.expect("a row like its header"));
    let by_index: BTreeMap<usize, csv::StringRecord> =
        rows.map(|row| (row[0].parse().expect("a number"), row)).collect();
    assert_eq!((by_index.len(), told.lines().count()), (list.len(), list.len() + 1));
    for ((index, row), (url, status)) in by_index.iter().zip(&list) {
        assert_eq!((&row[1], &row[2], row[3].is_empty()), (url.as_str(), *status, !status.is_empty()), "row {index}");
    }
}

#[test]
fn threads_in_python_tell_every_url() {
    tells_every_url("check_threading.py");
}

#[test]
fn processes_in_python_tell_every_url() {
    tells_every_url("check_multiprocessing.py");
}

#[test]
fn curls_in_python_tell_every_url() {
    tells_every_url("check_subprocess.py");
}

#[test]
fn greenlets_in_python_tell_every_url() {
    tells_every_url("check_gevent.py");
}

#[test]
fn an_event_loop_in_python_tells_every_url() {
    tells_every_url("check_asyncio.py");
}

/// What the floor tells of URLs, sorted, each with its status.
fn floor(urls: &[String], site: &Site, flags: &[&str]) -> Vec<(String, String)> {
    let list = urls.join("\n");
    let desk = Desk::new().file("urls.txt", list).file("authority.pem", site.ca_pem());
    let desk = desk.file("hosts", "127.0.0.1 shop.test # and a remark\n");
    let mut command = Command::new(program("debug/floor"));
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
