//! Runs that go on: after Ctrl-C, after `kill -9`, after a full disk; what they
//! ask again, and when they refuse. Outputs that are there already.

mod full_disk;

use crate::support::cmd::{Desk, Row, practice_site, rows, until};
use rustix::process::Signal;
use std::{collections::BTreeMap, fs};
use urlcheck::{sink::Column, site::Site};

/// The seed of every random choice; a failure tells the round.
const SEED: u64 = 20_261_123;

/// So often a run is killed.
const ROUNDS: usize = 8;

/// A list of so many URLs that each take so many milliseconds.
fn list(site: &Site, millis: u32, number: usize) -> Desk {
    let list: String = (0..number).map(|n| format!("{}\n", site.url(&format!("delay/{millis}/{n}")))).collect();
    Desk::new().file("urls.txt", list)
}

/// The rows of an output in the order of the list, each of them whole.
fn whole_rows(desk: &Desk, name: &str) -> Vec<Row> {
    let text = desk.read(name);
    assert!(text.ends_with('\n'), "the last row is torn");
    if name.ends_with(".csv") {
        return rows(&text);
    }
    let read = |line: &str| {
        let row: BTreeMap<String, serde_json::Value> = serde_json::from_str(line).expect("a JSON object a line");
        assert_eq!(row.len(), Column::ALL.len() + 2, "{line}");
        row.into_iter().map(|(key, value)| (key, value.to_string().trim_matches('"').to_owned())).collect()
    };
    let mut rows: Vec<Row> = text.lines().map(read).collect();
    rows.sort_by_key(|row| row["index"].parse::<u64>().expect("a number"));
    rows
}

/// Exactly one row for every target.
fn assert_complete(rows: &[Row], number: usize, what: &str) {
    let indexes: Vec<usize> = rows.iter().map(|row| row["index"].parse().expect("a number")).collect();
    assert_eq!(indexes, (1..=number).collect::<Vec<_>>(), "{what}");
}

fn column<'a>(rows: &'a [Row], name: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[name].as_str()).collect()
}

/// Knuth's generator; its high bits are its good ones.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn runs_that_are_killed_at_any_moment_leave_one_row_for_every_target_in_the_end() {
    const N: usize = 700;
    let mut state = SEED;
    for output in ["out.csv", "out.jsonl"] {
        let site = practice_site();
        // Every seventh is down and is asked again in every round, so that rows leave the file, too.
        let paths = (0..N).map(|n| if n % 7 == 0 { format!("status/404/{n}") } else { format!("delay/50/{n}") });
        let desk = Desk::new().file("urls.txt", paths.map(|path| site.url(&path) + "\n").collect::<String>());
        let arguments = ["urls.txt", "-o", output, "-c", "16", "--per-host", "0", "--recheck", "down"];
        for round in 0..ROUNDS {
            let before = site.load().requests;
            let more = random(&mut state) % 60;
            let sync = ["--sync=none", "--sync=interval", "--sync=every"][round % 3];
            let started = desk.cmd(&[&arguments[..], &[sync]].concat()).start();
            until("the requests of a round", || site.load().requests >= before + more);
            started.kill();
        }
        desk.run(&["urls.txt", "-o", output, "--resume"]).exits(1);
        let rows = whole_rows(&desk, output);
        assert_complete(&rows, N, &format!("{output}, seed {SEED}"));
        for (n, row) in rows.iter().enumerate() {
            assert_eq!(row["verdict"], if n % 7 == 0 { "down" } else { "up" }, "{row:?}");
            assert!(row["url"].ends_with(&format!("/{n}")), "{row:?}");
        }
    }
}

#[test]
fn an_interrupted_run_goes_on_where_it_ended() {
    let site = practice_site();
    let desk = list(&site, 200, 60);
    let started = desk.cmd(&["urls.txt", "-o", "out.csv"]).start();
    until("the first requests", || site.load().requests >= 6);
    started.signal(Signal::INT);
    started.end().exits(130);
    let first = whole_rows(&desk, "out.csv");
    assert_complete(&first, 60, "an interrupted run leaves no target without a row");
    let n_up = column(&first, "verdict").iter().filter(|verdict| **verdict == "up").count();
    assert!((1..60).contains(&n_up), "{n_up}");

    let ran = desk.run(&["urls.txt", "-o", "out.csv", "--resume"]).exits(0);
    ran.says(&format!("\nwith {n_up} row")).says("there already:\nup 60 · degraded 0 · down 0 · unknown 0\n");
    let rows = whole_rows(&desk, "out.csv");
    assert_complete(&rows, 60, "resumed");
    assert!(column(&rows, "verdict").iter().all(|verdict| *verdict == "up"));
    assert_eq!(site.load().requests, 60, "who had a row was not asked again");

    desk.run(&["urls.txt", "-o", "out.csv", "--resume"]).exits(0).says("0 URLs on 0 hosts");
    assert_eq!((whole_rows(&desk, "out.csv"), site.load().requests), (rows, 60));
}

#[test]
fn the_exit_code_and_the_summary_speak_for_the_whole_file() {
    let site = practice_site();
    let list = [site.url("a"), site.url("status/404")].join("\n");
    let desk = Desk::new().file("urls.txt", list);
    desk.run(&["urls.txt", "-o", "out.jsonl"]).exits(1);
    desk.run(&["urls.txt", "-o", "out.jsonl", "--resume", "--summary", "summary.json"]).exits(1);
    let summary: serde_json::Value = serde_json::from_str(&desk.read("summary.json")).expect("JSON");
    assert_eq!((&summary["urls"], &summary["kept"]), (&2.into(), &2.into()));
    assert_eq!(summary["by_reason"]["http_status"], 1);
}

#[test]
fn only_the_verdicts_that_are_named_are_checked_again() {
    for (output, status, arguments) in
        [("out.csv", 404, &["--recheck", "down"][..]), ("out.jsonl", 403, &["--resume-unknown"])]
    {
        let site = practice_site();
        let urls = [site.url("a"), site.url(&format!("flaky/1/{status}")), site.url("status/500/x")];
        let desk = Desk::new().file("urls.txt", urls.join("\n"));
        let run = |arguments: &[&str]| desk.run(&[&["urls.txt", "--retries=0", "-o", output], arguments].concat());
        run(&[]).exits(1);
        run(arguments).exits(1);
        let rows = whole_rows(&desk, output);
        assert_complete(&rows, 3, output);
        assert_eq!(column(&rows, "verdict"), ["up", "up", "down"]);
        let asked = urls.map(|url| site.seen(&url));
        assert_eq!(asked, if status == 404 { [1, 2, 2] } else { [1, 2, 1] });
    }
}

#[test]
fn rows_that_would_not_belong_together_are_never_mixed() {
    let site = practice_site();
    let desk = Desk::new().file("urls.txt", site.url("a")).file("others.txt", site.url("b"));
    desk.run(&["urls.txt", "-o", "out.csv"]).exits(0);
    let (rows, requests) = (desk.read("out.csv"), site.load().requests);
    for (arguments, part) in [
        (&["others.txt"][..], "it has the rows of another input, urls.txt, not others.txt"),
        (&["urls.txt", "others.txt"], "it has the rows of 1 inputs, not of 2"),
        (&["urls.txt", "--accept", "4xx"], "its rows were made with --accept 200-299, not 400-499"),
        (&["urls.txt", "-H", "X-A: 1"], "its rows were made with --header nothing, not of the hash "),
        (&["urls.txt", "-f", "jsonl"], "its rows are csv, not jsonl (--format)"),
    ] {
        let ran = desk.run(&[arguments, &["-o", "out.csv", "--resume"]].concat()).exits(2);
        ran.says(&format!("urlcheck: -o out.csv: --resume cannot go on with it: {part}")).says("--force");
    }
    // What only changes the pace or what people see may be another.
    desk.run(&["urls.txt", "-o", "out.csv", "--resume", "-q", "-c", "1", "--deadline", "1h"]).exits(0);
    fs::write(desk.path().join("urls.txt"), site.url("c")).expect("writable");
    let ran = desk.run(&["urls.txt", "-o", "out.csv", "--resume"]).exits(2);
    ran.says("the input urls.txt has changed since its run began");
    fs::remove_file(desk.path().join("out.csv.run")).expect("it lies beside the output");
    desk.run(&["urls.txt", "-o", "out.csv", "--resume"]).exits(2).says("out.csv.run is not there, so ");
    assert_eq!((desk.read("out.csv"), site.load().requests), (rows, requests));
}

#[test]
fn an_output_that_is_there_is_not_overwritten_by_accident() {
    let site = practice_site();
    let desk = Desk::new().file("urls.txt", site.url("a")).file("old.csv", "old\n").file("empty.csv", "");
    let ran = desk.run(&["urls.txt", "-o", "old.csv"]).exits(2);
    let why = "-o old.csv: exists already; --resume goes on with it, --force starts it anew";
    assert_eq!((ran.stderr, desk.read("old.csv")), (format!("urlcheck: {why}\n"), "old\n".to_owned()));
    assert_eq!(site.load().requests, 0);
    desk.run(&["urls.txt", "-o", "old.csv", "--force"]).exits(0);
    desk.run(&["urls.txt", "-o", "empty.csv"]).exits(0);
    desk.run(&["urls.txt", "-o", "new.csv", "--resume"]).exits(0);
    for name in ["old.csv", "empty.csv", "new.csv"] {
        assert_complete(&whole_rows(&desk, name), 1, name);
    }
    let ran = desk.run(&["urls.txt", "-o", "old.csv", "--force", "--resume"]).exits(2);
    ran.says("--force and --resume (--resume-unknown, --recheck) exclude each other");
}

#[test]
fn what_resume_needs_is_no_other_file_of_the_run() {
    let site = practice_site();
    let desk = Desk::new().file("out.csv.run", site.url("a"));
    desk.run(&["out.csv.run", "-o", "out.csv"]).exits(2).says("out.csv.run: is an input; ");
    let ran = desk.run(&[&site.url("a"), "-o", "rows.csv", "--summary", "rows.csv.run"]).exits(2);
    ran.says("rows.csv.run: the summary would wipe out what --resume needs; name another file");
    assert_eq!(desk.names(), ["out.csv.run"]);
}

#[test]
fn a_second_run_on_the_same_output_is_refused_while_the_first_goes_on() {
    let site = practice_site();
    let desk = Desk::new().file("urls.txt", site.url("hang"));
    let started = desk.cmd(&["urls.txt", "-o", "out.csv", "--timeout", "10m"]).start();
    until("the first request", || site.load().requests == 1);
    for how in [&[][..], &["--resume"], &["--force"], &["--recheck", "down"]] {
        let ran = desk.run(&[&["urls.txt", "-o", "out.csv"], how].concat()).exits(2);
        let why = "another run writes to it; wait for its end, or name another file";
        assert_eq!(ran.stderr, format!("urlcheck: -o out.csv: {why}\n"));
    }
    started.kill();
    desk.run(&["urls.txt", "-o", "out.csv", "--force", "--timeout", "1s", "--retries", "0"]).exits(1);
}

#[test]
fn what_cannot_be_gone_on_with_says_why() {
    let site = practice_site();
    let desk = Desk::new().file("urls.txt", site.url("a"));
    for (arguments, part) in [
        (&["-", "-o", "a.csv"][..], "--resume cannot go on with this run: standard input can be read only once"),
        (&["urls.txt", "-o", "a.txt", "-f", "text"], "text leaves rows out; write csv or jsonl (--format)"),
        (&["demo", "5", "-o", "a.csv"], "the practice site is another one each time"),
        (&["urls.txt"], "--resume needs the file to go on with: -o FILE"),
        (&["urls.txt", "-o", "/dev/null"], "-o /dev/null: is no file, so --resume has nothing to go on with"),
    ] {
        desk.run(&[arguments, &["--resume"]].concat()).exits(2).says(part);
    }
    assert_eq!((desk.names(), site.load().requests), (vec!["urls.txt".to_owned()], 0));
    // Without --resume they are written as ever, and leave nothing beside them.
    desk.cmd(&["-", "-o", "a.csv"]).input(site.url("a")).run().exits(0);
    assert_eq!(desk.names(), ["a.csv", "urls.txt"]);
}
