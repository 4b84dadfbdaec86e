//! Help, manual, completions, the demo: what the command line gives.

use crate::support::cmd::{Desk, practice_site};
use serde_json::Value;

#[test]
fn every_verb_has_its_help() {
    let desk = Desk::new();
    for (arguments, usage) in [
        (&[][..], "urlcheck [OPTIONS] [INPUT]...\n       urlcheck <COMMAND>"),
        (&["demo"], "urlcheck demo [OPTIONS] [N]"),
        (&["compare"], "urlcheck compare [OPTIONS] [INPUT]..."),
        (&["explain-modes"], "urlcheck explain-modes"),
        (&["completions"], "urlcheck completions <SHELL>"),
        (&["man"], "urlcheck man [COMMAND]"),
    ] {
        for flag in ["-h", "--help"] {
            let ran = desk.run(&[arguments, &[flag]].concat()).exits(0);
            assert!(ran.stdout.contains(&format!("Usage: {usage}")) && ran.stderr.is_empty(), "{ran:?}");
        }
    }
    let long = desk.run(&["--help"]).stdout;
    for part in ["The ten that matter first:", "Examples:", "Settings:", "Exit codes:\n  0 ", "  143  "] {
        assert!(long.contains(part), "{part}");
    }
    let version = concat!("urlcheck ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(["-V", "--version"].map(|flag| desk.run(&[flag]).exits(0).stdout), [version; 2]);
}

#[test]
fn the_manual_and_the_completions_are_written() {
    let desk = Desk::new();
    for (arguments, part) in [
        (&["man"][..], ".TH urlcheck 1"),
        (&["man", "demo"], ".TH urlcheck-demo 1"),
        (&["man", "compare"], "with\\-python"),
        (&["completions", "bash"], "--max-redirects"),
        (&["completions", "zsh"], "#compdef urlcheck"),
        (&["completions", "fish"], "complete -c urlcheck"),
    ] {
        let ran = desk.run(arguments).exits(0);
        assert!(ran.stdout.contains(part) && ran.stderr.is_empty(), "{arguments:?}");
    }
    desk.cmd(&["completions", "zsh"]).head(1).run().exits(0);
}

#[test]
fn a_wrong_command_line_says_what_is_right() {
    let desk = Desk::new();
    for (arguments, part) in [
        (
            &["--max-redirect", "3"][..],
            "error: unexpected argument '--max-redirect' found\n\n  \
             tip: a similar argument exists: '--max-redirects'\n",
        ),
        (
            &["--timeout", "20"],
            "error: invalid value '20' for '--timeout <TIME>': has no unit; write 20s, 500ms, 1m30s, 2h or 14d\n",
        ),
        (
            &["--accept", "200-100"],
            "error: invalid value '200-100' for '--accept <STATUSES>': the range 200-100 ends before it begins\n",
        ),
        (&["--rate", "0"], "must be a number of requests a second from 0.00001 to 1000000\n"),
        (&["-4", "-6", "http://a.example/"], "urlcheck: --ipv4 and --ipv6 exclude each other; leave one out"),
        (
            &["-c", "9", "demo", "5"],
            "urlcheck: demo is a command, and its options come after it: urlcheck demo [OPTIONS] \
             (a file of that name: ./demo)\n",
        ),
    ] {
        desk.run(arguments).exits(2).says(part);
    }
}

#[test]
fn the_demo_shows_the_real_thing() {
    let ran = Desk::new().run(&["demo", "50"]).exits(1).says("50 URLs on ").says("\nup 45 · degraded 0 · down 5 · ");
    assert_eq!((ran.rows().len(), ran.count("")), (50, 45));
    assert!(ran.stderr.lines().all(|line| !line.starts_with("urlcheck:")), "{}", ran.stderr);
}

#[test]
fn the_demo_takes_the_flags_of_the_default_verb() {
    let ran = Desk::new().run(&["demo", "20", "-f", "jsonl", "-q", "--fail-on", "never"]).exits(0);
    let rows: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert_eq!((rows.len(), ran.stderr.as_str()), (20, ""));
    assert!(
        rows.iter().all(|row| row["hops"].is_array() && row["url"].as_str().is_some_and(|url| url.contains("://")))
    );
}

#[test]
fn verbose_tells_more_on_standard_error() {
    let site = practice_site();
    let desk = Desk::new();
    let lines = |flag| desk.run(&[flag, &site.url("a")]).exits(0).stderr.lines().count();
    assert!(lines("-vvv") > lines("-q"));
}
