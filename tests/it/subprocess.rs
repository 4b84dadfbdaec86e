//! Mode `subprocess`: rows as in mode `async`, processes that leave no trace,
//! and a curl that is missing, too old or mad.
//!
//! The mad ones are scripts in a folder of their own, first on PATH.

use crate::{
    reasons::{SHORT, faults},
    support::{
        cmd::{Cmd, Desk, practice_site, until},
        run::{Run, site},
    },
};
use rustix::process::Signal;
use std::{env, fs};

/// The columns that must not depend on who waits.
const SAME: [&str; 6] = ["verdict", "reason", "status_code", "final_url", "num_redirects", "attempts"];

/// A version that is new enough, and nothing else so far.
const VERSION: &str = "case \"$*\" in *--version*) echo 'curl 8.0.0 (made up)'; exit;; esac\n";

fn path() -> String {
    env::var("PATH").expect("there is a PATH")
}

/// The program in mode `subprocess`, with this machine's curl.
fn cmd(desk: &Desk, arguments: &[&str]) -> Cmd {
    desk.cmd(&[&["urls.txt", "--mode", "subprocess"], arguments].concat()).env("PATH", &path())
}

/// The same with a script in curl's place.
fn cmd_with(desk: &Desk, script: &str, arguments: &[&str]) -> Cmd {
    let curl = desk.program("curl", script);
    let folder = curl.parent().expect("it is in a folder").display();
    cmd(desk, arguments).env("PATH", &format!("{folder}:{}", path()))
}

fn desk(urls: &[String]) -> Desk {
    Desk::new().file("urls.txt", urls.join("\n"))
}

/// A process by its number: its program, its parent, and whether it has ended
/// and was not waited for.
struct Process {
    id: String,
    name: String,
    parent: u32,
    is_zombie: bool,
}

/// The processes of this machine, as proc(5) has them.
fn processes() -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("Linux has it");
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let read = |id: String| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(") ")?;
        let mut rest = rest.split(' ');
        let is_zombie = rest.next() == Some("Z");
        Some(Process { name: name.to_owned(), parent: rest.next()?.parse().ok()?, is_zombie, id })
    };
    ids.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())).filter_map(read).collect()
}

/// The curls that a run has started and not yet waited for.
fn curls_of(run: u32) -> Vec<Process> {
    processes().into_iter().filter(|process| process.parent == run && process.name == "curl").collect()
}

#[test]
fn a_curl_gives_the_row_that_the_event_loop_gives() {
    let site = site();
    let mut urls: Vec<String> = faults(&site).into_iter().map(|(url, _)| url).collect();
    urls.extend(site.demo_urls(120));
    urls.extend(
        [
            "/reset-after-head",
            "/endless-body",
            "/endless-chunks",
            "/drip-body",
            "/short-body",
            "/cut-chunk",
            "/interim/5",
            "/extra-reply",
            "/status/204",
            "/body/70000",
            "/header?name=Content-Type&value=text/h%FFtml",
            "/header?name=X-Space%20&value=before-the-colon",
            "/header?name=X-Folded&value=one%0D%0A%20two",
            "/location-raw/%FF?status=302",
            "/page?",
            "/a|b%22;{c}",
        ]
        .map(|path| site.url(path)),
    );
    urls.extend(["many.test", "shop.test.", "v6.test"].map(|host| site.host_url(host, "/")));
    let rows = |mode| {
        let args = SHORT.iter().copied().chain(["--no-breaker", "--retries", "1", "-c", "16", "--mode", mode]);
        Run::urls(&urls).site(&site).args(args).rows()
    };
    // The first run uses up what happens once (flaky, throttle).
    let (_, own, curls) = (rows("async"), rows("async"), rows("subprocess"));
    for (own, curl) in own.iter().zip(&curls) {
        for column in SAME {
            assert_eq!(own.cell(column), curl.cell(column), "{column} of {}: {}", own.text("url"), curl.text("detail"));
        }
    }
}

/// What curl measured is told, and what it showed of the certificate.
#[test]
fn timings_and_certificates_are_curl_s_own() {
    let site = site();
    let urls = [site.tls_url("shop.test", "/delay/100"), site.tls_url("wrong.test", "/"), site.url("/hang")];
    let rows = Run::urls(urls).site(&site).args(SHORT).args(["--mode", "subprocess"]).rows();
    for column in ["dns_ms", "connect_ms", "tls_ms", "ttfb_ms", "total_ms"] {
        assert!(rows[0].millis(column).is_some(), "{column}");
    }
    assert!(rows[0].millis("ttfb_ms") >= Some(100.0));
    assert!(rows[0].cell("certificate")["issuer"].as_str().is_some_and(|issuer| issuer.contains("Practice Authority")));
    assert_eq!((rows[0].text("remote_ip"), rows[0].text("http_version")), ("127.0.0.1", "1.1"));
    assert_eq!(rows[1].text("detail"), "the certificate is for elsewhere.test");
    assert!(rows[2].millis("connect_ms").is_some() && rows[2].millis("ttfb_ms").is_none());
}

#[test]
fn a_refused_certificate_keeps_the_request_from_its_server() {
    let site = site();
    let urls = ["expired", "wrong", "selfsigned"].map(|kind| site.tls_url(&format!("{kind}.test"), "/"));
    let rows = Run::urls(&urls).site(&site).args(["--mode", "subprocess"]).rows();
    assert!(rows.iter().all(|row| row.text("verdict") == "down"));
    assert_eq!(site.load().requests, 0);
    let rows = Run::urls(&urls).site(&site).args(["--mode", "subprocess", "--insecure"]).rows();
    assert!(rows.iter().all(|row| row.said() == "up" && row.cell("certificate")["refused"].is_string()), "{rows:?}");
}

#[test]
fn no_secret_stands_in_the_arguments() {
    let site = practice_site();
    let url = site.url("/hang/q-secret").replace("://", "://user:p-secret@");
    let desk = desk(&[url]);
    let mut started =
        cmd(&desk, &["-H", "X-Key: h-secret", "--timeout", "10m"]).env("URLCHECK_USER_AGENT", "e-secret").start();
    until("the request", || site.load().requests == 1);
    let curls = curls_of(started.id());
    assert_eq!(curls.len(), 1);
    for file in ["cmdline", "environ"] {
        let shown = fs::read(format!("/proc/{}/{file}", curls[0].id)).expect("it runs");
        let shown = String::from_utf8_lossy(&shown);
        assert!(!shown.is_empty() && !shown.contains("secret"), "{file}: {shown}");
    }
    started.signal(Signal::INT);
    while !started.error_line().contains("stopping") {}
    started.signal(Signal::INT);
    started.end().exits(130);
}

/// An endless run would fill the process table.
#[test]
fn processes_that_ended_are_waited_for() {
    let site = practice_site();
    let mut urls: Vec<String> = (0..20).map(|n| site.url(&format!("/{n}"))).collect();
    urls.push(site.url("/hang"));
    let desk = desk(&urls);
    let started = cmd(&desk, &["--timeout", "10m", "--per-host", "0"]).start();
    until("all requests", || site.load().requests == 21);
    until("one curl is left, and no zombie", || {
        let curls = curls_of(started.id());
        curls.len() == 1 && !curls[0].is_zombie
    });
    let id = started.id();
    started.signal(Signal::KILL);
    drop(started);
    until("the run is gone", || !processes().iter().any(|process| process.id == id.to_string() && !process.is_zombie));
}

/// As a terminal sends it: to every process of the group.
#[test]
fn an_interrupt_of_the_group_lets_running_curls_end() {
    let site = practice_site();
    let urls: Vec<String> = (0..100).map(|n| site.url(&format!("/delay/700/{n}"))).collect();
    let desk = desk(&urls);
    let started = cmd(&desk, &[]).in_own_group().start();
    until("the first requests", || site.load().requests >= 6);
    started.signal_group(Signal::INT);
    let ran = started.end().exits(130);
    assert_eq!((ran.rows().len(), ran.count("") + ran.count("run_aborted")), (100, 100));
    assert!(ran.count("") >= 6, "{}", ran.stdout);
}

#[test]
fn what_the_deadline_calls_off_leaves_no_curl_behind() {
    let site = practice_site();
    let urls: Vec<String> = (0..4).map(|n| site.url(&format!("/hang/{n}"))).collect();
    let desk = desk(&urls);
    let mut started = cmd(&desk, &["--timeout", "60s", "--deadline", "10s"]).start();
    let id = started.id();
    started.close_input();
    until("the requests", || site.load().requests == 4);
    let ids: Vec<String> = curls_of(id).into_iter().map(|curl| curl.id).collect();
    assert_eq!(ids.len(), 4);
    assert_eq!(started.end().exits(0).count("run_deadline"), 4);
    until("they are gone", || !processes().iter().any(|process| ids.contains(&process.id)));
}

#[test]
fn a_curl_that_does_not_end_is_killed_and_blames_no_site() {
    let site = practice_site();
    let desk = desk(&[site.url("/")]);
    let script = format!("{VERSION}echo $$ > pid; exec sleep 1000\n");
    let ran = cmd_with(&desk, &script, &["--timeout", "300ms", "--retries", "0"]).run().exits(0);
    assert_eq!(ran.column("verdict"), ["unknown"]);
    assert_eq!(ran.column("reason"), ["local_process"]);
    let id = desk.read("pid");
    assert!(!fs::exists(format!("/proc/{}", id.trim())).expect("Linux has it"));
}

#[test]
pub(crate) fn a_curl_that_talks_nonsense_blames_no_site() {
    let site = practice_site();
    for nonsense in [
        "exit 0",
        "exit 7",
        "kill -9 $$",
        "echo nonsense; echo nonsense >&2; exit 22",
        "printf 'HTTP/1.1 404 Not Found\\r\\n\\r\\n'",
        "echo '{\"exitcode\":0}' >&2",
        "echo '{\"exitcode\":7,\"ssl_verify_result\":0,\"time_namelookup\":0,\"time_connect\":0,\"time_appconnect\":0,\
         \"time_pretransfer\":0,\"time_starttransfer\":0}' >&2",
        "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2",
    ] {
        let ran = cmd_with(
            &desk(&[site.url("/")]),
            &format!("{VERSION}{nonsense}\n"),
            &["--retries", "0", "--timeout", "1s"],
        )
        .run();
        assert_eq!(ran.exits(0).column("reason"), ["local_process"], "{nonsense}");
    }
    assert_eq!(site.load().connections, 0);
}

#[test]
fn without_a_curl_that_will_do_nothing_is_begun() {
    let site = practice_site();
    let url = || [site.url("/")];
    let desk_with_rows = desk(&url()).file("out.csv", "rows of yesterday");
    let ran = cmd(&desk_with_rows, &["-o", "out.csv"]).env("PATH", "").run().exits(2);
    assert!(ran.says("there is no curl on PATH").says("install the package curl").stdout.is_empty());
    assert_eq!(desk_with_rows.read("out.csv"), "rows of yesterday");
    for (script, why) in [
        ("echo 'curl 7.81.0 (x86_64-pc-linux-gnu)'", "is curl 7.81.0, and mode subprocess needs 7.88 or later"),
        ("echo 'I am a teapot'", "names no version"),
    ] {
        let ran = cmd_with(&desk(&url()), script, &[]).run().exits(2);
        assert!(ran.says(why).stdout.is_empty());
    }
    assert_eq!(site.load().connections, 0);
}

#[test]
fn loops_are_refused() {
    let site = practice_site();
    let ran = cmd(&desk(&[site.url("/")]), &["--loops", "2"]).run().exits(2);
    assert!(ran.says("--loops").stdout.is_empty());
}
