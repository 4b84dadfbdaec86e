//! Ctrl-C, SIGTERM, a closed terminal, a stopped process and the deadline: every
//! target has its row, and the exit code says what happened.

use crate::support::cmd::{Cmd, Desk, Ran, Row, practice_site, rows, until};
use rustix::process::Signal;
use std::{collections::BTreeSet, fs::File, io::Write, process::Command};
use urlcheck::site::Site;

/// A list of so many URLs that each do the same.
fn list(site: &Site, path: &str, number: usize) -> Desk {
    let list: String = (0..number).map(|n| format!("{}\n", site.url(&format!("{path}/{n}")))).collect();
    Desk::new().file("urls.txt", list)
}

/// Sends the signal once the site has had so many requests.
fn signalled(cmd: Cmd, signal: Signal, site: &Site, requests: u64) -> Ran {
    let started = cmd.start();
    until("the first requests", || site.load().requests >= requests);
    started.signal(signal);
    started.end()
}

fn reasons(ran: &Ran) -> BTreeSet<String> {
    ran.column("reason").into_iter().collect()
}

fn set<const N: usize>(codes: [&str; N]) -> BTreeSet<String> {
    codes.map(str::to_owned).into()
}

#[test]
fn an_interrupt_lets_running_checks_end_and_leaves_no_target_without_a_row() {
    let site = practice_site();
    let desk = list(&site, "delay/700", 500);
    let ran = signalled(desk.cmd(&["urls.txt"]), Signal::INT, &site, 6).exits(130);
    let ran = ran.says("urlcheck: stopping: ").says("\nstopped by a signal: ");
    assert_eq!((ran.rows().len(), reasons(&ran)), (500, set(["", "run_aborted"])));
    // What was on the wire ended as it would have ended anyway.
    assert_eq!(ran.count("") as u64, site.load().requests);
    let aborted = ran.rows().into_iter().find(|row| row["reason"] == "run_aborted").expect("a row");
    assert_eq!((aborted["verdict"].as_str(), aborted["attempts"].as_str()), ("unknown", "0"));
}

#[test]
fn a_termination_is_as_gentle() {
    let site = practice_site();
    let desk = list(&site, "hang", 100);
    let cmd = desk.cmd(&["urls.txt", "--timeout", "2s", "--retries", "0", "--summary", "summary.json"]);
    let ran = signalled(cmd, Signal::TERM, &site, 6).exits(143);
    assert_eq!((ran.rows().len(), reasons(&ran)), (100, set(["ttfb_timeout", "run_aborted"])));
    assert!(desk.read("summary.json").contains("\"stopped\": \"signal\""));
}

#[test]
fn a_check_that_goes_on_too_long_is_given_up() {
    let site = practice_site();
    let desk = list(&site, "hang", 20);
    let ran = signalled(desk.cmd(&["urls.txt", "--timeout", "10m"]), Signal::INT, &site, 6).exits(130);
    assert_eq!((ran.rows().len(), ran.count("run_aborted")), (20, 20));
}

#[test]
fn the_grace_is_as_long_as_is_asked_for() {
    let site = practice_site();
    let desk = list(&site, "hang", 20);
    // Longer than this test may take.
    let cmd = desk.cmd(&["urls.txt", "--timeout", "10m", "--grace", "0"]);
    let ran = signalled(cmd, Signal::TERM, &site, 6).exits(143).says("may take 0 s more");
    assert_eq!((ran.rows().len(), ran.count("run_aborted")), (20, 20));
}

#[test]
fn a_closed_terminal_is_as_gentle() {
    let site = practice_site();
    let desk = list(&site, "delay/700", 100);
    let ran = signalled(desk.cmd(&["urls.txt"]), Signal::HUP, &site, 6).exits(129);
    assert_eq!((ran.rows().len(), reasons(&ran)), (100, set(["", "run_aborted"])));
    assert_eq!(ran.count("") as u64, site.load().requests);
}

#[cfg(target_os = "linux")]
#[test]
fn under_nohup_a_closed_terminal_is_nothing() {
    let site = practice_site();
    let desk = list(&site, "delay/200", 8);
    let cmd = desk.cmd(&["urls.txt", "--per-host", "1"]).ignoring("HUP");
    let ran = signalled(cmd, Signal::HUP, &site, 1).exits(0);
    assert_eq!(ran.count(""), 8);
}

#[test]
fn a_second_interrupt_ends_what_is_on_the_wire_and_harms_nothing() {
    let site = practice_site();
    let desk = list(&site, "hang", 20);
    let args = ["urls.txt", "--timeout", "10m", "--grace", "10m", "-o", "rows.csv", "--summary", "summary.json"];
    let mut started = desk.cmd(&args).start();
    until("the first requests", || site.load().requests >= 6);
    started.signal(Signal::INT);
    while !started.error_line().contains("stopping") {}
    started.signal(Signal::INT);
    // Had it waited for the checks that hang, the test would not end.
    started.end().exits(130).says("\nstopped by a signal: 20 rows are unknown/run_aborted");
    let rows = rows(&desk.read("rows.csv"));
    assert!(rows.len() == 20 && rows.iter().all(|row| row["reason"] == "run_aborted"), "{rows:?}");
    assert_eq!(desk.names(), ["rows.csv", "rows.csv.run", "summary.json", "urls.txt"]);
}

/// The output is a pipe that nobody reads, so that nothing can be written.
fn stuck(signals: usize) {
    let site = practice_site();
    let list: String = (0..5_000).map(|n| format!("ftp://example.org/{n}\n")).chain([site.url("hang")]).collect();
    let desk = Desk::new().file("urls.txt", list);
    let path = desk.path().join("rows");
    assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo is everywhere").success());
    let pipe = File::options().read(true).write(true).open(&path).expect("a pipe");
    let args = ["urls.txt", "-o", "rows", "-f", "csv", "--summary", "summary.json", "--timeout", "10m"];
    let mut started = desk.cmd(&args).start();
    until("the request", || site.load().requests == 1);
    assert!(desk.names().iter().any(|name| name.ends_with(".part")));
    started.signal(Signal::INT);
    while !started.error_line().contains("stopping") {}
    (1..signals).for_each(|_| started.signal(Signal::INT));
    started.end().exits(130);
    assert_eq!(desk.names(), ["rows", "urls.txt"]);
    drop(pipe);
}

#[test]
fn an_output_that_takes_nothing_does_not_keep_the_second_interrupt() {
    stuck(2);
}

#[test]
fn an_output_that_takes_nothing_does_not_keep_the_third_interrupt() {
    stuck(3);
}

/// Of a process that nobody ran, the time-outs stand still.
#[test]
fn a_suspended_run_makes_no_time_outs_of_the_replies_that_came_meanwhile() {
    let site = practice_site();
    // Longer than the time-out, unless the time asleep does not count. The
    // second hop has what the first has left.
    let path = format!("delay/5000/redirect-to?url={}", site.url("second"));
    let desk = Desk::new().file("urls.txt", (0..20).map(|_| site.url(&path) + "\n").collect::<String>());
    let args = ["urls.txt", "--timeout", "4s", "--retries", "0", "--per-host", "0", "--loops", "1"];
    let started = desk.cmd(&args).start();
    until("the requests", || site.load().requests == 20);
    started.signal(Signal::STOP);
    until("every reply", || site.host_load(&site.url("")).open == 0);
    started.signal(Signal::CONT);
    let ran = started.end().exits(0);
    assert_eq!((ran.rows().len(), ran.count("")), (20, 20), "{}", ran.stdout);
    let total = |row: &Row| row["total_ms"].parse::<f64>().expect("a number");
    assert!(ran.rows().iter().all(|row| total(row) < 4_000.0), "{}", ran.stdout);
}

/// A suspended run that finds its peers gone asks again: that a connection was
/// cut is a failure that may pass.
#[test]
fn a_suspended_run_asks_again_where_its_peers_left_meanwhile() {
    let site = practice_site();
    let desk = list(&site, "flaky/1/delay/2000/close", 10);
    let started = desk.cmd(&["urls.txt", "--per-host", "0", "--retries", "1"]).start();
    until("the requests", || site.load().requests == 10);
    started.signal(Signal::STOP);
    until("every end", || site.load().open_connections == 0);
    started.signal(Signal::CONT);
    let ran = started.end().exits(0);
    assert_eq!((ran.rows().len(), ran.count("")), (10, 10), "{}", ran.stdout);
}

/// Whoever goes away while we write to them is an error of the write.
#[cfg(target_os = "linux")]
#[test]
fn a_peer_or_a_reader_that_goes_away_does_not_kill() {
    let site = practice_site();
    let list: String = (0..100).map(|n| site.url(&format!("keep-alive-close/{n}")) + "\n").collect();
    let desk = Desk::new().file("short.txt", &list).file("urls.txt", list + &site.url("hang\n"));
    let mut started = desk.cmd(&["urls.txt", "--per-host", "1", "--timeout", "10m"]).start();
    until("the last request", || site.load().requests >= 101);
    let status = std::fs::read_to_string(format!("/proc/{}/status", started.id())).expect("it still runs");
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:\t")).expect("a mask");
    let mask = u64::from_str_radix(ignored, 16).expect("a number");
    assert_eq!(mask >> (Signal::PIPE.as_raw() - 1) & 1, 1, "SIGPIPE would kill");
    assert!(started.line().starts_with("index,"));
    started.signal(Signal::INT);
    started.signal(Signal::INT);
    assert!(started.end().code.is_some(), "a signal killed it");
    let ran = desk.cmd(&["short.txt", "--per-host", "1"]).head(20).run();
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

/// Nor does one that has a path, which is no file with an end, whatever it looks like.
#[test]
fn a_pipe_that_stays_open_does_not_keep_a_stopped_run() {
    for input in ["-", "/dev/stdin"] {
        let site = practice_site();
        let mut started = Desk::new().cmd(&[input]).start();
        started.write(&format!("{}\n{}\n", site.url("delay/700/1"), site.url("delay/700/2")));
        until("both requests", || site.load().requests == 2);
        started.signal(Signal::INT);
        let ran = started.end().exits(130);
        assert_eq!(ran.column("verdict"), ["up", "up"], "{input}");
    }
}

#[test]
fn a_pipe_that_stays_open_does_not_outlast_the_deadline() {
    let site = practice_site();
    let mut started = Desk::new().cmd(&["-", "--deadline", "1s", "--timeout", "10m"]).start();
    started.write(&format!("{}\n", site.url("hang")));
    let ran = started.end().exits(0);
    assert_eq!(ran.column("reason"), ["run_deadline"]);
}

#[test]
fn a_named_pipe_that_stays_open_does_not_either() {
    let site = practice_site();
    let desk = Desk::new();
    let path = desk.path().join("in");
    assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo is everywhere").success());
    // Open both ways, so that it neither waits for a reader nor ends.
    let mut pipe = File::options().read(true).write(true).open(&path).expect("a pipe");
    writeln!(pipe, "{}", site.url("a")).expect("there is room");
    let ran = signalled(desk.cmd(&["in"]), Signal::INT, &site, 1).exits(130);
    assert_eq!(ran.column("verdict"), ["up"]);
    drop(pipe);
}

#[test]
fn the_deadline_ends_retries_pauses_and_redirects_that_wait() {
    let site = practice_site();
    let asks_for_a_pause = site.host_url("pausing.test", "/throttle/9?retry-after=50");
    let moved =
        site.host_url("moved.test", &format!("/delay/500/redirect-to?url={}", site.host_url("pausing.test", "/")));
    let fails = site.host_url("failing.test", "/flaky/9/503");
    let desk = Desk::new().file("urls.txt", format!("{asks_for_a_pause}\n{moved}\n{fails}\n{}\n", site.url("hang")));
    let resolver = site.resolver().to_string();
    let args = ["urls.txt", "--resolver", &resolver, "--retries", "30", "--deadline", "3s", "--timeout", "10m"];
    let ran = desk.run(&args).exits(0);
    assert_eq!(ran.column("reason"), ["run_deadline"; 4]);
    assert_eq!(ran.column("verdict"), ["skipped"; 4]);
}

#[test]
fn a_grace_ends_with_the_deadline() {
    let site = practice_site();
    let desk = list(&site, "hang", 10);
    let cmd = desk.cmd(&["urls.txt", "--timeout", "10m", "--grace", "10m", "--deadline", "3s"]);
    let ran = signalled(cmd, Signal::INT, &site, 6).exits(130);
    assert_eq!(ran.count("run_aborted"), 10);
}

#[test]
fn the_deadline_skips_what_is_left() {
    let site = practice_site();
    let desk = list(&site, "hang", 100);
    let ran = desk.run(&["urls.txt", "--deadline", "1s", "--timeout", "10m", "--summary", "summary.json"]).exits(0);
    let ran = ran.says("\nstopped by the deadline: 100 rows are skipped/run_deadline\n");
    assert_eq!((ran.rows().len(), ran.count("run_deadline")), (100, 100));
    assert!(ran.column("verdict").iter().all(|verdict| verdict == "skipped"));
    assert!(desk.read("summary.json").contains("\"stopped\": \"deadline\""));
}
