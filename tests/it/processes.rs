//! Mode `processes`: whatever happens to a process, each URL has one row, and
//! nobody is left behind.

use crate::support::{
    cmd::{Desk, Ran, Started, practice_site, until},
    run::{Run, site},
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use urlcheck::{
    Mode, Plan, Scheme, Target,
    engine::{self, Rest, StartError},
    net::Network,
    plan::Worker,
    site::Site,
};

/// So many URLs, spread over hosts that both of two workers own.
fn list(site: &Site, path: &str, number: usize) -> String {
    (0..number).map(|n| site.host_url(&format!("host-{}.test", n % 16), &format!("{path}/{n}")) + "\n").collect()
}

fn processes<'a>(resolver: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["urls.txt", "--mode", "processes", "--loops", "2", "--resolver", resolver], more].concat()
}

/// The live children of a process: its workers.
fn workers(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("this system tells of its processes");
    let ids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter(|id| state(*id).is_some_and(|(parents, state)| parents == parent && state != 'Z')).collect()
}

/// The parent and the state of a process that there is.
fn state(id: u32) -> Option<(u32, char)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in parentheses may hold anything.
    let mut facts = stat.rsplit_once(") ")?.1.split(' ');
    let state = facts.next()?.chars().next()?;
    Some((facts.next()?.parse().ok()?, state))
}

fn is_gone(id: u32) -> bool {
    state(id).is_none_or(|(_, state)| state == 'Z')
}

fn send(signal: Signal, id: u32) {
    kill_process(pid(id), signal).expect("it runs");
}

fn pid(id: u32) -> Pid {
    i32::try_from(id).ok().and_then(Pid::from_raw).expect("a process has a number")
}

/// Each URL has exactly one row.
#[track_caller]
fn assert_whole(ran: &Ran, number: usize) {
    let indices: BTreeSet<String> = ran.column("index").into_iter().collect();
    assert_eq!((ran.rows().len(), indices.len()), (number, number), "{}", ran.stderr);
}

/// A run whose site was asked so often.
fn under_way(desk: &Desk, arguments: &[&str], site: &Site, requests: u64) -> Started {
    let started = desk.cmd(arguments).start();
    until("the first requests", || site.load().requests >= requests);
    started
}

#[test]
fn processes_write_the_rows_of_one_process() {
    let site = site();
    let urls = |mode: &str| {
        vec![
            site.host_url("plain.test", "/"),
            site.tls_url("secure.test", "/"),
            site.host_url("away.test", &format!("/redirect-to?url={}", site.tls_url("elsewhere.test", "/status/404"))),
            site.host_url("flaky.test", &format!("/flaky/1/503/{mode}")),
            site.host_url("missing.test", "/status/410"),
            site.host_url("nothing.test", "/garbage"),
            "no URL".to_owned(),
        ]
    };
    let facts = |mode: &str| {
        let args = ["--mode", mode, "--loops", "3", "--retries", "1", "-H", "X-Odd: caf\u{e9}"];
        let rows = Run::urls(urls(mode)).site(&site).args(args).rows();
        let facts = rows.iter().map(|row| {
            let texts =
                ["input", "url", "detail", "final_url", "remote_ip", "http_version", "content_type", "cert_expires_at"];
            let texts = texts.map(|column| row.text(column).replace(mode, "MODE"));
            let times =
                ["dns_ms", "connect_ms", "tls_ms", "ttfb_ms", "total_ms"].map(|column| row.millis(column).is_some());
            (row.said(), row.number("attempts"), row.cell("num_redirects").to_string(), texts, times, row.hops().len())
        });
        facts.collect::<Vec<_>>()
    };
    assert_eq!(facts("processes"), facts("async"));
}

#[test]
fn a_worker_that_is_killed_loses_no_row() {
    let site = practice_site();
    let resolver = site.resolver().to_string();
    let desk = Desk::new().file("urls.txt", list(&site, "/delay/500", 400));
    let started = under_way(&desk, &processes(&resolver, &[]), &site, 50);
    let killed = workers(started.id());
    assert_eq!(killed.len(), 2);
    send(Signal::KILL, killed[0]);
    until("another in its place", || workers(started.id()).iter().any(|id| !killed.contains(id)));
    let ran = started.end().exits(0).says("another takes its place");
    assert_whole(&ran, 400);
    assert!(ran.column("verdict").iter().all(|verdict| verdict == "up"), "{}", ran.stdout);
}

#[test]
fn workers_end_with_a_run_that_is_killed() {
    let site = practice_site();
    let resolver = site.resolver().to_string();
    let desk = Desk::new().file("urls.txt", list(&site, "/hang", 200));
    let started = under_way(&desk, &processes(&resolver, &["--timeout", "10m"]), &site, 50);
    let workers = workers(started.id());
    assert_eq!(workers.len(), 2);
    started.signal(Signal::KILL);
    assert_eq!(started.end().code, None);
    until("the workers' end", || workers.iter().all(|id| is_gone(*id)));
}

#[test]
fn an_interrupt_of_the_process_group_drains_once() {
    let site = practice_site();
    let resolver = site.resolver().to_string();
    let desk = Desk::new().file("urls.txt", list(&site, "/delay/700", 500));
    let started = desk.cmd(&processes(&resolver, &[])).in_own_group().start();
    until("the first requests", || site.load().requests >= 6);
    started.signal_group(Signal::INT);
    let ran = started.end().exits(130);
    assert_whole(&ran, 500);
    assert_eq!((ran.stderr.matches("stopping: ").count(), ran.stderr.matches("ended early").count()), (1, 0));
    // What was on the wire ended as it would have ended anyway.
    assert_eq!(ran.count("") as u64, site.load().requests);
    assert_eq!(ran.count("") + ran.count("run_aborted"), 500);
}

#[test]
fn a_termination_of_every_process_is_the_runs_to_heed() {
    let site = practice_site();
    let resolver = site.resolver().to_string();
    let desk = Desk::new().file("urls.txt", list(&site, "/delay/700", 100));
    let started = under_way(&desk, &processes(&resolver, &[]), &site, 6);
    for id in workers(started.id()) {
        send(Signal::TERM, id);
    }
    started.signal(Signal::TERM);
    let ran = started.end().exits(143);
    assert_whole(&ran, 100);
    assert!(!ran.stderr.contains("ended early"), "{}", ran.stderr);
}

#[test]
fn a_worker_that_hangs_does_not_outlast_the_deadline() {
    let site = practice_site();
    let resolver = site.resolver().to_string();
    let desk = Desk::new().file("urls.txt", list(&site, "/hang", 100));
    let started = under_way(&desk, &processes(&resolver, &["--timeout", "10m", "--deadline", "3s"]), &site, 6);
    for id in workers(started.id()) {
        send(Signal::STOP, id);
    }
    let ran = started.end().exits(0);
    assert_whole(&ran, 100);
    assert_eq!(ran.count("run_deadline"), 100);
}

#[test]
fn a_host_has_one_owner_whoever_leads_to_it() {
    let site = site();
    let here = |path: &str| site.host_url("shop.test", path);
    let urls = (0..8).flat_map(|n| {
        let to_here = format!("/redirect-to?url={}", here(&format!("/delay/20/to/{n}")));
        [
            here(&format!("/delay/20/{n}")),
            here(&format!("/flaky/1/503/{n}")),
            site.host_url(&format!("other-{n}.test"), &to_here),
        ]
    });
    let args = ["--mode", "processes", "--loops", "3", "--per-host", "1", "--retries", "1"];
    for row in Run::urls(urls.collect::<Vec<_>>()).site(&site).args(args).rows() {
        assert_eq!(row.said(), "up", "{row:?}");
    }
    let load = site.host_load(&here("/"));
    assert_eq!((load.requests, load.most_at_once), (32, 1));
}

#[test]
fn the_workers_share_one_rate() {
    let site = site();
    let hosts: Vec<String> = (0..12).map(|n| format!("host-{n}.test")).collect();
    let urls = (0..48).map(|n| site.host_url(&hosts[n % 12], &format!("/{n}")));
    let args = ["--mode", "processes", "--loops", "3", "--rate", "50"];
    let ended = Run::urls(urls.collect::<Vec<_>>()).site(&site).args(args).ended();
    assert_eq!(ended.rows().len(), 48);
    let mut starts: Vec<Instant> =
        hosts.iter().flat_map(|host| site.host_load(&site.host_url(host, "/")).starts).collect();
    starts.sort();
    for (k, start) in (0u32..).zip(&starts) {
        assert!(start.duration_since(ended.began) >= Duration::from_millis(20) * k, "request {k}");
    }
}

/// Long enough for every pipe and channel to be full many times over.
#[test]
fn a_slow_reader_holds_the_workers_back_and_misses_no_row() {
    const N: usize = 20_000;
    let site = practice_site();
    let resolver = site.resolver().to_string();
    let desk =
        Desk::new().file("urls.txt", list(&site, "/a-path-that-is-rather-long-so-that-the-pipes-are-soon-full", N));
    let mut child = Command::new(env!("CARGO_BIN_EXE_urlcheck"))
        .args(processes(&resolver, &["-q", "-f", "jsonl", "--per-host", "0", "--timeout", "2m"]))
        .current_dir(desk.path())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let (mut last, mut unchanged) = (0, 0);
    until("a standstill", || {
        let requests = site.load().requests;
        unchanged = if requests > 0 && requests == last { unchanged + 1 } else { 0 };
        last = requests;
        unchanged > 200
    });
    assert!(last < N as u64, "nobody read a row, and every URL was asked for");
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let indices: Vec<u64> = lines
        .map(|line| serde_json::from_str::<serde_json::Value>(&line.expect("text")).expect("a row"))
        .map(|row| {
            assert_eq!(row["verdict"], "up", "{row}");
            row["index"].as_u64().expect("a number")
        })
        .collect();
    assert_eq!((indices.len(), indices.into_iter().collect::<BTreeSet<_>>().len()), (N, N));
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_worker_that_is_told_nonsense_says_who_it_is_for() {
    let desk = Desk::new();
    for input in ["https://example.org/\n", "{}\n", "\"end\"\n", "no end of line", "\u{0}\n"] {
        let ran = desk.cmd(&["worker", "0", "never"]).input(input).run().exits(2);
        let ran = ran.says("urlcheck: line 1: ").says("this verb is for urlcheck itself and not for people");
        assert!(ran.stdout.is_empty(), "{}", ran.stdout);
    }
    let ran = desk.cmd(&["worker", "0", "never"]).input("").run().exits(2);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert!(!desk.run(&["--help"]).stdout.contains("worker process of"));
}

/// A plan whose workers are this script. `$1` is where it may keep things.
fn scripted(script: &str) -> Plan {
    let arguments = vec!["-c".to_owned(), script.replace("VERSION", env!("CARGO_PKG_VERSION"))];
    let worker = Worker { program: PathBuf::from("/bin/sh"), arguments };
    Plan { mode: Mode::Processes, loops: Some(1), worker: Some(worker), network: Network::default(), ..Plan::default() }
}

fn start(plan: &Plan, number: u64) -> Result<engine::Running, StartError> {
    let targets = (1..=number).map(|index| Target::parse(index, "http://a.test/", Scheme::Http));
    engine::start(plan, targets, Rest::Read)
}

#[tokio::test]
async fn a_worker_that_dies_again_and_again_is_no_endless_loop() {
    // It takes the job, says that it is ready for one target, and dies of that.
    let plan = scripted(
        r#"read -r job; echo '{"ready":{"version":"VERSION"}}'
        echo '{"standing":{"wanted":8,"starving":true,"again":0,"on_wire":0,"in_room":0,"begun":0}}'
        read -r target; exit 7"#,
    );
    let mut running = start(&plan, 20).expect("the script says that it is ready");
    let mut indices = BTreeSet::new();
    while let Some(outcomes) = running.outcomes().await {
        for outcome in outcomes {
            assert!(outcome.detail.contains("3 worker processes in a row ended"), "{}", outcome.detail);
            assert!(outcome.detail.contains("exit status: 7"), "{}", outcome.detail);
            assert_eq!(outcome.reason.map(|reason| reason.code()), Some("run_aborted"));
            assert!(indices.insert(outcome.target.index), "two rows for {}", outcome.target.index);
        }
    }
    assert_eq!(indices.len(), 20);
}

#[test]
fn a_worker_that_cannot_start_is_told_at_once() {
    let why = |plan: &Plan| start(plan, 1).err().expect("it cannot start").to_string();
    let none = Plan { worker: None, ..scripted("") };
    assert!(why(&none).contains("set `Plan::worker`"), "{}", why(&none));
    for (script, part) in [
        ("exit 1", "it ended before it said that it is ready"),
        ("echo hello", "its first line is not understood"),
        ("echo '{\"ready\":{\"version\":\"0.0.1\"}}'", "it is version 0.0.1"),
        ("echo '{\"refused\":{\"why\":\"too few files\"}}'", "too few files"),
    ] {
        let said = why(&scripted(script));
        assert!(said.starts_with("/bin/sh cannot work as a process of this run: ") && said.contains(part), "{said}");
    }
    let gone = Worker { program: PathBuf::from("/nowhere/urlcheck"), arguments: Vec::new() };
    let gone = Plan { worker: Some(gone), ..scripted("") };
    assert!(why(&gone).contains("it cannot be run: "), "{}", why(&gone));
}
