//! Ctrl-C, SIGTERM and the deadline: every target has its row, and the exit
//! code says what happened.

use crate::support::cmd::{Cmd, Desk, Ran, practice_site, until};
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
fn a_second_interrupt_leaves_at_once() {
    let site = practice_site();
    let desk = list(&site, "hang", 20);
    let mut started = desk.cmd(&["urls.txt", "--timeout", "10m"]).start();
    until("the first requests", || site.load().requests >= 6);
    started.signal(Signal::INT);
    while !started.error_line().contains("stopping") {}
    started.signal(Signal::INT);
    let ran = started.end().exits(130);
    // Had it waited for the checks that hang, they would have rows, too.
    assert!(ran.stdout.lines().count() < 20, "{}", ran.stdout);
    assert!(!ran.stderr.contains("URLs on"), "{}", ran.stderr);
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
fn the_deadline_skips_what_is_left() {
    let site = practice_site();
    let desk = list(&site, "hang", 100);
    let ran = desk.run(&["urls.txt", "--deadline", "1s", "--timeout", "10m", "--summary", "summary.json"]).exits(0);
    let ran = ran.says("\nstopped by the deadline: 100 rows are skipped/run_deadline\n");
    assert_eq!((ran.rows().len(), ran.count("run_deadline")), (100, 100));
    assert!(ran.column("verdict").iter().all(|verdict| verdict == "skipped"));
    assert!(desk.read("summary.json").contains("\"stopped\": \"deadline\""));
}
