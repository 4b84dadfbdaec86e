//! Rows and summaries for people and programs, and outputs that cannot be written.

use crate::support::cmd::{Desk, practice_site, rows};
use serde_json::Value;
use urlcheck::site::Site;

/// One URL that is up, one that is not found, one that is forbidden, and none.
fn mixed(site: &Site) -> Desk {
    let list = [site.url("a"), site.url("status/404"), site.url("status/403"), "ftp://a.example/".to_owned()];
    Desk::new().file("urls.txt", list.join("\n"))
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

#[test]
fn rows_are_csv_unless_somebody_says_otherwise() {
    let site = practice_site();
    let desk = mixed(&site);
    assert_eq!(desk.run(&["urls.txt"]).exits(1).column("verdict"), ["up", "down", "unknown", "down"]);
    assert_eq!(json_lines(&desk.run(&["urls.txt", "-f", "jsonl"]).exits(1).stdout).len(), 4);

    for (arguments, file) in [(&["-o", "rows.csv"][..], "rows.csv"), (&["-o", "rows"], "rows")] {
        let ran = desk.run(&[&["urls.txt"], arguments].concat()).exits(1);
        assert_eq!((ran.stdout.as_str(), rows(&desk.read(file)).len()), ("", 4));
    }
    for arguments in [&["-o", "rows.jsonl"][..], &["-o", "rows.NDJSON"], &["-f", "jsonl", "-o", "other.csv"]] {
        desk.run(&[&["urls.txt"], arguments].concat()).exits(1);
        assert_eq!(json_lines(&desk.read(arguments[arguments.len() - 1])).len(), 4);
    }
}

#[test]
fn text_shows_problems_or_all_or_nothing() {
    let site = practice_site();
    let desk = mixed(&site);
    let lines = |show| desk.run(&["urls.txt", "-f", "text", "--show", show]).exits(1).stdout.lines().count();
    assert_eq!([lines("problems"), lines("all"), lines("none")], [3, 4, 0]);
    let ran = desk.run(&["urls.txt", "-f", "text"]).exits(1);
    let not_found = format!("    down  404  http_status        {:<48}  row 2", site.url("status/404"));
    assert!(ran.stdout.lines().any(|line| line == not_found), "{}", ran.stdout);
}

#[test]
fn the_summary_agrees_with_the_rows() {
    let site = practice_site();
    let desk = mixed(&site);
    let ran = desk.run(&["urls.txt", "--summary", "summary.json"]).exits(1);
    let ran = ran.says("\nup 1 · degraded 0 · down 2 · unknown 1\n").says("4 URLs on 1 host in ");
    let summary: Value = serde_json::from_str(&desk.read("summary.json")).expect("JSON");
    let keys: Vec<&String> = summary.as_object().expect("an object").keys().collect();
    let promised = [
        "by_reason",
        "by_status",
        "by_verdict",
        "elapsed_ms",
        "failing_hosts",
        "failing_hosts_exact",
        "hosts",
        "hosts_more",
        "kept",
        "notes",
        "rate_per_s",
        "slowest_hosts",
        "stopped",
        "total_ms",
        "urls",
    ];
    assert_eq!(keys, promised);
    for verdict in ["up", "degraded", "down", "unknown", "skipped"] {
        let number = ran.column("verdict").iter().filter(|word| *word == verdict).count();
        assert_eq!(summary["by_verdict"][verdict], number, "{verdict}");
    }
    for reason in ["http_status", "http_blocked", "input_invalid"] {
        assert_eq!(summary["by_reason"][reason], ran.count(reason), "{reason}");
    }
    assert_eq!(summary["by_status"], serde_json::json!({"200": 1, "403": 1, "404": 1}));
    assert_eq!((&summary["urls"], &summary["hosts"], &summary["stopped"]), (&4.into(), &1.into(), &Value::Null));
    let longest = ran.rows().iter().filter_map(|row| row["total_ms"].parse::<f64>().ok()).fold(0.0, f64::max);
    assert_eq!(summary["total_ms"]["max"].as_f64(), Some(longest));
    assert_eq!(desk.names(), ["summary.json", "urls.txt"]);
}

#[test]
fn a_summary_needs_a_file_of_its_own() {
    let site = practice_site();
    let desk = Desk::new();
    let ran = desk.run(&[&site.url("a"), "--summary", "-"]).exits(2);
    ran.says("urlcheck: --summary - names no file; write --summary /dev/stdout where the rows go elsewhere (-o)");
    assert_eq!((site.load().requests, desk.names()), (0, Vec::new()));
    let ran = desk.run(&[&site.url("a"), "--summary", "/dev/stdout", "-o", "rows.csv"]).exits(0);
    let summary: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(summary["urls"], 1);
}

#[test]
fn quiet_is_silent_while_all_is_up() {
    let site = practice_site();
    let ran = Desk::new().run(&["-q", "-f", "text", &site.url("a"), &site.url("b")]).exits(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    let ran = mixed(&site).run(&["-q", "-f", "text", "urls.txt"]).exits(1);
    assert_eq!((ran.stdout.lines().count(), ran.stderr.as_str()), (3, ""));
}

#[test]
fn a_pipe_gets_neither_bar_nor_colour_unless_asked_for() {
    let site = practice_site();
    let desk = Desk::new();
    let ran = desk.run(&["-f", "text", "--show", "all", &site.url("delay/500")]).exits(0);
    assert!(!(ran.stderr + &ran.stdout).contains(['\r', '\u{1b}', '█']));
    let ran = desk.run(&["-f", "text", "--show", "all", "--color", "always", &site.url("a")]).exits(0);
    assert!(ran.stdout.starts_with("\u{1b}[32m      up") && ran.stderr.contains("\u{1b}[32mup 1"), "{ran:?}");
    let ran = desk.run(&["--progress", "always", &site.url("delay/500")]).exits(0);
    assert!(!ran.stderr.contains(['\r', '\u{1b}', '█']), "{}", ran.stderr);
}

#[test]
fn a_reader_that_leaves_ends_the_run_cleanly() {
    let site = practice_site();
    let list: String = (0..20_000).map(|n| format!("{}\n", site.url(&format!("delay/20/{n}")))).collect();
    let desk = Desk::new().file("urls.txt", list);
    let ran = desk.cmd(&["urls.txt", "--summary", "summary.json"]).head(2).run().exits(0);
    assert_eq!(ran.rows().len(), 1);
    assert!(!ran.stderr.contains("error") && !ran.stderr.contains("urlcheck:"), "{}", ran.stderr);
    assert!(site.load().requests < 10_000, "{} of 20000 requests", site.load().requests);
    assert!(desk.read("summary.json").contains("\"stopped\": \"output\""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_ends_the_run_and_says_what_was_kept() {
    let site = practice_site();
    let kept = "(what it holds of the first 0 URLs is complete): No space left on device (os error 28)\n";
    let desk = Desk::new();
    let (delayed, at_once) = (site.url("delay/500"), site.url("a"));
    for url in [&delayed, &at_once] {
        let ran = desk.cmd(&[url]).stdout_to("/dev/full").run().exits(2);
        ran.says(&format!("urlcheck: could not write standard output {kept}"));
        let ran = desk.run(&["-o", "/dev/full", url]).exits(2);
        ran.says(&format!("urlcheck: could not write /dev/full {kept}"));
    }
    let ran = desk.run(&["--summary", "/dev/full", &at_once]).exits(2);
    let ran = ran.says("urlcheck: could not write the summary ");
    assert_eq!(ran.column("verdict"), ["up"]);
    // Help and the like do not pretend either.
    for arguments in [&["man"][..], &["completions", "bash"]] {
        desk.cmd(arguments).stdout_to("/dev/full").run().exits(2).says("urlcheck: cannot write the ");
    }
    for arguments in [&["--help"][..], &["-h"], &["--version"], &["demo", "--help"]] {
        desk.cmd(arguments).stdout_to("/dev/full").run().exits(2);
    }
}

#[test]
fn an_output_that_cannot_be_is_told_before_anything_is_sent() {
    let site = practice_site();
    let desk = Desk::new().file("urls.txt", site.url("a")).file("old.csv", "old");
    let no_folder = "No such file or directory (os error 2)";
    for (arguments, sentence) in [
        (
            &["-o", "no/rows.csv"][..],
            format!("-o no/rows.csv: cannot be written: {no_folder}; is the folder there, and yours?"),
        ),
        (
            &["-o", "."],
            "-o .: cannot be written: Is a directory (os error 21); is the folder there, and yours?".to_owned(),
        ),
        (
            &["--summary", "no/summary.json", "-o", "old.csv"],
            format!("cannot write the --summary: no/summary.json: {no_folder}"),
        ),
        (&["-o", "urls.txt"], "urls.txt: is an input; an output would wipe it out".to_owned()),
        (&["--summary", "./urls.txt"], "./urls.txt: is an input; an output would wipe it out".to_owned()),
        (
            &["-o", "old.csv", "--summary", "./old.csv"],
            "./old.csv: the summary would wipe out the rows (-o); name another file".to_owned(),
        ),
        (
            &["-o", "new.csv", "--summary", "./new.csv"],
            "./new.csv: the summary would wipe out the rows (-o); name another file".to_owned(),
        ),
    ] {
        let ran = desk.run(&[&["urls.txt"], arguments].concat()).exits(2);
        assert_eq!((ran.stderr, ran.stdout), (format!("urlcheck: {sentence}\n"), String::new()));
    }
    assert_eq!(
        (site.load().requests, desk.read("urls.txt"), desk.read("old.csv")),
        (0, site.url("a"), "old".to_owned())
    );
    assert_eq!(desk.names(), ["old.csv", "urls.txt"]);
}

#[cfg(unix)]
#[test]
fn an_output_that_is_the_input_by_another_name_is_refused() {
    let site = practice_site();
    let desk = Desk::new().file("urls.txt", site.url("a"));
    std::os::unix::fs::symlink(desk.path().join("urls.txt"), desk.path().join("link")).expect("a link");
    std::fs::hard_link(desk.path().join("urls.txt"), desk.path().join("hard")).expect("a link");
    for name in ["link", "hard"] {
        desk.run(&["urls.txt", "-o", name]).exits(2).says(&format!("urlcheck: {name}: is an input; "));
    }
    assert_eq!((desk.read("urls.txt"), site.load().requests), (site.url("a"), 0));
    // Nor may it lie where a run writes for a moment.
    for name in ["rows.csv.part", "rows.csv.run", "rows.csv.run.part"] {
        let desk = Desk::new().file(name, site.url("a"));
        desk.run(&[name, "-o", "rows.csv"]).exits(2).says(": is an input; ");
        assert_eq!(desk.read(name), site.url("a"));
    }
}

#[cfg(unix)]
#[test]
fn a_summary_that_would_wipe_out_standard_output_is_refused() {
    let site = practice_site();
    let desk = Desk::new().file("rows.csv", "old");
    let path = desk.path().join("rows.csv").display().to_string();
    for summary in ["rows.csv", "/dev/stdout"] {
        let ran = desk.cmd(&[&site.url("a"), "--summary", summary]).stdout_to(&path).run().exits(2);
        let why = "the summary would wipe out the rows (standard output); name another file";
        assert_eq!(ran.stderr, format!("urlcheck: {summary}: {why}\n"));
    }
    assert_eq!((desk.read("rows.csv"), site.load().requests), ("old".to_owned(), 0));
}

#[cfg(unix)]
#[test]
fn rows_that_would_be_read_again_are_refused() {
    let site = practice_site();
    let desk = Desk::new().file("urls.txt", site.url("a"));
    let path = desk.path().join("urls.txt").display().to_string();
    let said = "urlcheck: standard output is an input, too; the run would never end: write the rows to another file\n";
    assert_eq!(desk.cmd(&["urls.txt"]).stdout_to(&path).run().exits(2).stderr, said);
    assert_eq!((desk.read("urls.txt"), site.load().requests), (site.url("a"), 0));
    desk.cmd(&[&site.url("a")]).stdout_to("/dev/null").run().exits(0);
}

/// What people are told is no part of the run.
#[test]
fn nobody_needs_to_hear_what_is_said() {
    let site = practice_site();
    let desk = Desk::new().file("urls.txt", site.url("status/404"));
    let ran = desk.cmd(&["urls.txt", "-o", "rows.csv", "--progress", "always"]).unheard().run();
    assert_eq!((ran.code, desk.read("rows.csv").lines().count()), (Some(1), 2), "{ran:?}");
}
