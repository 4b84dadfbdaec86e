//! The closing lines, and the same numbers as JSON.

use super::*;
use crate::{
    check::{Outcome, Scheme, Target},
    sink::fixtures::{Full, Shared, invalid, no_such_name, not_found, outcome, reply, up},
};
use serde_json::{Value, json};
use std::time::Duration;

fn totals(outcomes: impl IntoIterator<Item = Outcome>) -> Totals {
    let mut totals = Totals::new();
    outcomes.into_iter().for_each(|outcome| totals.add(&outcome));
    totals
}

fn end() -> End {
    End { elapsed: Duration::from_millis(4_210), ..End::default() }
}

fn slow(index: u64, host: &str, status: u16, millis: u64) -> Outcome {
    let mut reply = reply(status);
    reply.timing.total = Duration::from_millis(millis);
    let reason = (status != 200).then_some(Reason::HttpStatus);
    outcome(index, &format!("https://{host}/"), reason, Ok(reply))
}

/// 1,000 URLs much as in the picture: 940 up (on 300 hosts, 10 to 103 ms), 45 down, 15 unknown.
fn run() -> Totals {
    let up = (0..940).map(|n| slow(n, &format!("host{}.example", n % 300), 200, 10 + n / 10));
    let down = (0..31).map(|n| slow(n, "a.example", 404, 240)).chain((0..4).map(|n| slow(n, "b.example", 500, 1_900)));
    let unnamed = (0..9).map(no_such_name).chain((0..1).map(|n| invalid(n, "http://")));
    let unknown = (0..15).map(|n| outcome(n, "https://c.example/", Some(Reason::HttpBlocked), Ok(reply(403))));
    totals(up.chain(down).chain(unnamed).chain(unknown))
}

#[test]
fn the_closing_lines_are_as_promised() {
    assert_eq!(
        closing_lines(&run(), &end(), Style::default()),
        "\
1,000 URLs on 304 hosts in 4.2 s (238/s)
up 940 · degraded 0 · down 45 · unknown 15
down: http_status 404 x31, 500 x4 · dns_nxdomain x9 · input_invalid x1
unknown: http_blocked 403 x15
total_ms p50 59 · p90 97 · p99 240 · slowest b.example (1,900), a.example (240), host30.example (103)
most down: a.example x31 · nosuch.example x9 · b.example x4
"
    );
}

#[test]
fn an_empty_run_has_a_summary_too() {
    assert_eq!(
        closing_lines(&totals([]), &End::default(), Style::default()),
        "0 URLs on 0 hosts in 0 s (0/s)\nup 0 · degraded 0 · down 0 · unknown 0\n"
    );
}

#[test]
fn a_run_that_was_stopped_says_so() {
    let left = |reason| (0..412).map(move |n| Outcome::unasked(Target::parse(n, "a.example", Scheme::Https), reason));
    let stopped =
        |stop| End { stopped: Some(stop), notes: vec!["a.example held 90 % of the list".to_owned()], ..end() };
    let lines = closing_lines(&totals(left(Reason::RunAborted)), &stopped(Stop::Signal), Style::default());
    assert_eq!(
        lines,
        "\
412 URLs on 1 host in 4.2 s (98/s)
stopped by a signal: 412 rows are unknown/run_aborted
up 0 · degraded 0 · down 0 · unknown 412
unknown: run_aborted x412
a.example held 90 % of the list
"
    );
    let lines = closing_lines(&totals(left(Reason::RunDeadline).take(1)), &stopped(Stop::Deadline), Style::default());
    assert!(lines.contains("stopped by the deadline: 1 row is skipped/run_deadline\n"), "{lines}");
    assert!(lines.contains("unknown 0 · skipped 1\n"), "{lines}");
}

#[test]
fn rows_that_were_there_count_but_not_as_work_of_this_run() {
    let mut kept = Kept::default();
    (0..599).for_each(|_| kept.add(Verdict::Up, None, Some(200)));
    kept.add(Verdict::Down, Some(Reason::HttpStatus), Some(404));
    let mut totals = totals([not_found(1), up(2)]);
    totals.keep(&kept);
    assert_eq!(
        closing_lines(&totals, &end(), Style::default()),
        "\
2 URLs on 1 host in 4.2 s (0.5/s)
with 600 rows that were there already:
up 600 · degraded 0 · down 2 · unknown 0
down: http_status 404 x2
total_ms p50 61 · p90 61 · p99 61 · slowest example.org (61)
"
    );
    let end = end();
    let report = serde_json::to_value(Report::of(&totals, &end)).expect("JSON");
    assert_eq!((&report["urls"], &report["kept"], &report["rate_per_s"]), (&602.into(), &600.into(), &0.475.into()));
    assert_eq!(report["by_status"], json!({"200": 600, "404": 2}));
}

#[test]
fn many_statuses_and_hosts_stay_a_line() {
    let many = (400..500).flat_map(|status| (0..2).map(move |n| slow(n, &format!("h{status}.example"), status, 5)));
    let lines = closing_lines(&totals(many), &end(), Style::default());
    assert!(lines.contains("400 x2, 401 x2, 402 x2, 403 x2, 404 x2, 405 x2, others x188\n"), "{lines}");
    assert!(lines.contains("most down: h400.example x2 · h401.example x2 · h402.example x2\n"), "{lines}");
}

#[test]
fn verdicts_have_their_colours() {
    let style = Style { colour: true, width: None };
    let lines = closing_lines(&totals([up(1), not_found(2)]), &end(), style);
    assert!(
        lines.contains("\u{1b}[32mup 1\u{1b}[0m · \u{1b}[2mdegraded 0\u{1b}[0m · \u{1b}[31mdown 1\u{1b}[0m"),
        "{lines}"
    );
    assert!(lines.contains("\u{1b}[31mdown:\u{1b}[0m http_status 404 x1\n"), "{lines}");
}

#[test]
fn the_file_has_the_same_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("summary.json");
    let mut summary = Summary::new().file(&path).expect("writable");
    for outcome in [up(1), not_found(2), no_such_name(3)] {
        summary.event(&Event::Finished(&outcome)).expect("counted");
    }
    assert!(!path.exists(), "it appears whole or not at all");
    let end = End { stopped: Some(Stop::Deadline), notes: vec!["a note".to_owned()], ..end() };
    summary.event(&Event::Ended(&end)).expect("written");
    let report: Value = serde_json::from_slice(&std::fs::read(&path).expect("there")).expect("JSON");
    assert_eq!(
        report,
        json!({
            "urls": 3,
            "kept": 0,
            "hosts": 2,
            "hosts_more": false,
            "elapsed_ms": 4210,
            "rate_per_s": 0.713,
            "by_verdict": {"up": 1, "degraded": 0, "down": 2, "unknown": 0, "skipped": 0},
            "by_reason": {"dns_nxdomain": 1, "http_status": 1},
            "by_status": {"200": 1, "404": 1},
            "total_ms": {"p50": 61.402, "p90": 61.402, "p99": 61.402, "max": 61.402},
            "slowest_hosts": [
                {"host": "example.org", "total_ms": 61.402},
                {"host": "nosuch.example", "total_ms": 5},
            ],
            "failing_hosts": [{"host": "example.org", "down": 1}, {"host": "nosuch.example", "down": 1}],
            "failing_hosts_exact": true,
            "stopped": "deadline",
            "notes": ["a note"],
        })
    );
}

#[test]
fn one_output_that_fails_does_not_silence_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("summary.json");
    let lines = Summary::new().lines(Full::after(3), Style::default());
    let error = lines.file(&path).expect("writable").event(&Event::Ended(&end())).expect_err("no room for the lines");
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert!(path.exists());

    let out = Shared::default();
    let path = folder.path().join("gone/summary.json");
    std::fs::create_dir(folder.path().join("gone")).expect("a folder");
    let mut both = Summary::new().lines(out.clone(), Style::default()).file(&path).expect("writable");
    std::fs::remove_dir_all(folder.path().join("gone")).expect("removed");
    let error = both.event(&Event::Ended(&end())).expect_err("the folder is gone");
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(out.text().starts_with("0 URLs"));
}
