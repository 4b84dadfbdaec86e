//! The originals in `benches/peers`: each tells every URL of a list once, and
//! tells it right. And the table beside other programs, on tiny lists. What
//! they need is installed by `tests/all.sh`.

use crate::support::cmd::{Desk, in_target, practice_site, target};
use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Output},
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

fn tells_every_url(script: &str) {
    let site = practice_site();
    let list = list(&site);
    let urls: String = list.iter().map(|(url, _)| format!("{url}\n")).collect();
    let desk = Desk::new().file("urls.txt", urls).file("authority.pem", site.ca_pem());
    let mut command = Command::new(in_target("peers/bin/python3"));
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

/// `benches/peers/run.sh --quick` with this program as urlcheck.
fn side_by_side(urlcheck: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/run.sh"));
    command.arg("--quick").args(arguments).env("URLCHECK", urlcheck).env("CARGO_TARGET_DIR", target());
    command.output().expect("there is a shell")
}

#[test]
fn all_programs_tell_every_url_of_each_workload() {
    let ran = side_by_side(Path::new(env!("CARGO_BIN_EXE_urlcheck")), &["--programs", "curl,aiohttp"]);
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    let tables: Vec<&str> = said.split("\n### ").skip(1).collect();
    assert_eq!(tables.len(), 9, "{said}");
    for table in tables {
        let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        let rows = table.lines().filter(|line| line.starts_with("| ")).skip(2).map(cells);
        let rows: Vec<Vec<String>> = rows.filter(|row| !row[12].starts_with("left out: ")).collect();
        for name in ["**urlcheck**", "aiohttp"] {
            assert!(rows.iter().any(|row| row[1] == name), "where is {name}? {table}");
        }
        for row in rows {
            assert_eq!((row[9].as_str(), row[10].as_str()), ("0", "0"), "{} lost a row: {table}", row[1]);
        }
    }
}

#[test]
fn a_row_that_is_wrong_or_lost_is_told_of_urlcheck_too() {
    let urlcheck = env!("CARGO_BIN_EXE_urlcheck");
    let faulty = format!("'{urlcheck}' \"$@\" | sed -e '3s/,200,/,404,/' -e 4d\n");
    let desk = Desk::new();
    let ran = side_by_side(&desk.program("faulty", &faulty), &["--workloads", "http", "--programs", "none"]);
    let said = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(ran.status.code(), Some(1), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    assert!(said.contains("| 58 | 1 | 1 |"), "{said}");
}
