//! What outweighs what, what the words mean, and the sentence for each fault.

use super::*;
use crate::cli;
use std::{fs, time::Duration};
use tempfile::TempDir;

/// The settings of a command line in a folder with this `urlcheck.toml`.
fn resolve(arguments: &[&str], file: &str) -> Result<Settings, String> {
    let folder = folder(file);
    Settings::resolve(options(arguments), folder.path()).map_err(|error| {
        // The folder's name is another one each time.
        error.to_string().replace(&format!("{}/", folder.path().display()), "")
    })
}

fn settings(arguments: &[&str], file: &str) -> Settings {
    resolve(arguments, file).expect("valid settings")
}

fn complaint(file: &str) -> String {
    resolve(&[], file).expect_err("a fault")
}

fn options(arguments: &[&str]) -> Options {
    let line = ["urlcheck"].iter().chain(arguments).chain(&["x"]).map(Into::into);
    cli::parse(line).expect("a valid command line").options
}

fn folder(file: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join(FILE_NAME), file).expect("the file is written");
    folder
}

#[test]
fn nothing_said_means_the_defaults() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = Settings::resolve(Options::default(), folder.path()).expect("the defaults are valid");
    assert_eq!(format!("{:?}", settings.plan), format!("{:?}", Plan::default()));
    assert_eq!(settings.fail_on, FailOn::default());
    assert_eq!(settings.input.default_scheme, check::Scheme::default());
    assert_eq!(settings.plan.policy.method, Policy::default().method);
}

#[test]
fn the_defaults_in_the_help_are_the_defaults() {
    let command = cli::command();
    let shown: Vec<String> = command
        .get_arguments()
        .filter_map(|arg| {
            let help = arg.get_help()?.to_string();
            let (_, default) = help.split_once(" [default: ")?;
            // A default in words has spaces.
            let default = default.trim_end_matches(']').split_whitespace().collect::<Vec<_>>();
            match default[..] {
                [word] => Some(format!("--{}={word}", arg.get_long()?)),
                _ => None,
            }
        })
        .collect();
    assert!(shown.len() >= 17, "{shown:?}");
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    assert_eq!(format!("{:?}", settings(&shown, "")), format!("{:?}", settings(&[], "")));
}

#[test]
fn flags_outweigh_the_file_field_by_field() {
    let file = "concurrency = 100\nretries = 0\ninsecure = true\nheader = ['X-A: 1', 'X-B: 2']\n";
    let both = settings(&["-c", "7", "--insecure=false", "-H", "X-C: 3"], file).plan;
    assert_eq!(both.limits.concurrency, 7);
    assert_eq!(both.policy.retries, 0);
    assert!(!both.network.insecure);
    assert!(both.policy.headers.contains_key("x-c") && !both.policy.headers.contains_key("x-a"));
    let alone = settings(&[], file).plan;
    assert_eq!(alone.limits.concurrency, 100);
    assert!(alone.network.insecure);
    assert!(alone.policy.headers.contains_key("x-a") && alone.policy.headers.contains_key("x-b"));
}

/// A text for each option that is not its default.
fn other_value(name: &str) -> &'static str {
    match name {
        "output" | "summary" => "some.file",
        "hosts" | "cacert" => "Cargo.toml",
        "format" | "input_format" => "jsonl",
        "show" => "all",
        "url_column" => "link",
        "concurrency" | "per_host" | "retries" | "look_ahead" | "loops" | "max_redirects" => "3",
        "rate" | "host_rate" => "2.5",
        "timeout" | "deadline" | "max_retry_after" | "expiry_warning" => "1m30s",
        "connect_timeout" => "250ms",
        "accept" => "200-299,404",
        "fail_on" => "unknown",
        "default_scheme" => "http",
        "progress" | "color" => "never",
        "quiet" | "no_breaker" | "ipv4" | "ipv6" | "insecure" | "deny_private" => "true",
        "resume" | "resume_unknown" | "force" => "true",
        "recheck" => "down",
        "sync" => "every",
        "method" => "HEAD",
        "header" => "X-A: 1",
        "user_agent" => "robot",
        "resolver" | "allow_net" => "192.0.2.1",
        other => panic!("{other} is a new option; give it a value here"),
    }
}

#[test]
fn every_option_means_the_same_as_flag_and_as_key_and_changes_something() {
    let plain = format!("{:?}", settings(&[], ""));
    for name in cli::option_names().iter().filter(|name| !["config", "verbose"].contains(&name.as_str())) {
        let value = other_value(name);
        let flag = format!("--{}={value}", name.replace('_', "-"));
        let written = match name.as_str() {
            "header" | "allow_net" | "recheck" => format!("['{value}']"),
            _ if value.parse::<f64>().is_ok() || value == "true" => value.to_owned(),
            _ => format!("'{value}'"),
        };
        // It excepts from another option, which must be there.
        let with = if name == "allow_net" { &["--deny-private=false"][..] } else { &[] };
        let by_flag = format!("{:?}", settings(&[with, &[&flag]].concat(), ""));
        assert_eq!(by_flag, format!("{:?}", settings(with, &format!("{name} = {written}"))), "{name}");
        assert_ne!(by_flag, plain, "{name} is read but has no effect");
    }
}

#[test]
fn the_words_of_the_plan() {
    let plan =
        settings(&["-4", "--no-breaker", "--per-host=0", "--deadline=0", "--resolver=::1"], "deadline = '1h'").plan;
    assert_eq!(plan.network.family, Family::V4);
    assert!(!plan.limits.breaker);
    assert_eq!(plan.limits.per_host, 0);
    assert_eq!(plan.deadline, None, "0 takes back the file's");
    assert_eq!(plan.network.resolver.map(|address| address.to_string()).as_deref(), Some("[::1]:53"));
    let nets = |arguments: &[&str], file: &str| {
        let nets = settings(arguments, file).plan.network.allow_net;
        nets.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let file = "deny_private = true\nallow_net = ['10.0.0.0/8', '::1']";
    assert_eq!(nets(&[], file), ["10.0.0.0/8", "::1/128"]);
    assert_eq!(nets(&["--allow-net", "10.1.2.3,10.2.0.0/16", "--allow-net=::2"], file).len(), 3);
    let timeouts = settings(&["--timeout", "3s"], "").plan.policy.timeouts;
    assert_eq!(timeouts.connect, Duration::from_secs(3), "the connection is a part of the whole");
}

#[test]
fn what_becomes_of_an_old_output_is_one_of_three() {
    use check::Verdict::{Down, Unknown, Up};
    let existing = |arguments: &[&str], file| settings(arguments, file).output.existing;
    let resume = |verdicts: &[check::Verdict]| Existing::Resume(Again { verdicts: verdicts.to_vec() });
    assert_eq!(existing(&[], ""), Existing::Refuse);
    assert_eq!(existing(&["--force"], ""), Existing::Replace);
    assert_eq!(existing(&["--resume"], "force = false"), resume(&[]));
    assert_eq!(existing(&["--recheck", "down,up"], ""), resume(&[Down, Up]));
    assert_eq!(existing(&["--resume-unknown"], "recheck = ['down']"), resume(&[Down, Unknown]));
    let error = resolve(&["--resume"], "force = true").expect_err("it cannot be both");
    assert!(error.contains("exclude each other") && error.contains("--force=false"), "{error}");
}

#[test]
fn a_header_outweighs_the_user_agent_flag() {
    let agents = |arguments: &[&str]| {
        let plan = settings(arguments, "").plan;
        plan.policy.headers.get_all(USER_AGENT).iter().map(|value| value.as_bytes().to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(agents(&["-A", "robot"]), [b"robot"]);
    assert_eq!(agents(&["-A", "robot", "-H", "User-Agent: other"]), [b"other"]);
}

#[test]
fn the_rows_format_follows_who_reads_them() {
    let format = |arguments: &[&str], terminal| settings(arguments, "").output.format(terminal);
    assert_eq!(format(&[], true), RowFormat::Text);
    assert_eq!(format(&[], false), RowFormat::Csv);
    assert_eq!(format(&["-o", "rows.txt"], true), RowFormat::Csv);
    assert_eq!(format(&["-o", "rows.JSONL"], true), RowFormat::Jsonl);
    assert_eq!(format(&["-o", "rows.jsonl", "-f", "text"], true), RowFormat::Text);
    assert_eq!(format(&["-o", "-"], true), RowFormat::Text);
}

#[test]
fn a_fault_in_the_file_names_line_column_and_key() {
    for (file, sentence) in [
        ("max_redirect = 5", "line 1, column 1: there is no key \"max_redirect\"; did you mean max_redirects?"),
        (
            "retries = 1\nMax-Redirects = 5",
            "line 2, column 1: there is no key \"Max-Redirects\"; did you mean max_redirects?",
        ),
        (
            "colour_of_the_sky = 5",
            "line 1, column 1: there is no key \"colour_of_the_sky\"; the keys are the long flags of urlcheck --help, with _ for -",
        ),
        (
            "config = 'x'",
            "line 1, column 1: there is no key \"config\"; the keys are the long flags of urlcheck --help, with _ for -",
        ),
        ("# é\n timeout = 20", "line 2, column 12: timeout: has no unit; write 20s, 500ms, 1m30s, 2h or 14d"),
        ("timeout = '0s'", "line 1, column 11: timeout: is too short; the least is 1ms"),
        ("concurrency = 0", "line 1, column 15: concurrency: must be a whole number from 1 to 4294967295"),
        ("rate = nan", "line 1, column 8: rate: must be a number of requests a second from 0.00001 to 1000000"),
        (
            "accept = '200-299,ok'",
            "line 1, column 10: accept: \"ok\" is no status, range or class; write them as 301, 200-299 or 4xx, from 100 to 999",
        ),
        ("accept = '299-200'", "line 1, column 10: accept: the range 299-200 ends before it begins"),
        ("header = ['A: 1',\n 'B']", "line 1, column 10: header: has no colon; write it as 'Name: value'"),
        ("format = 'xml'", "line 1, column 10: format: unknown variant `xml`, expected one of `text`, `csv`, `jsonl`"),
        ("quiet = 'yes'", "line 1, column 9: quiet: invalid type: string \"yes\", expected a boolean"),
        ("timeout = true", "line 1, column 11: timeout: invalid type: boolean `true`, expected a text or a number"),
        ("[output]\nfile = 'x'", "line 1, column 1: output: invalid type: map, expected path string"),
        ("retries = 1\nretries = 2", "line 2, column 1: duplicate key"),
        ("retries", "line 1, column 8: key with no value, expected `=`"),
    ] {
        assert_eq!(complaint(file), format!("urlcheck.toml, {sentence}"), "{file}");
    }
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let folder = folder("retries = 1");
    let there = folder.path().join(FILE_NAME).display().to_string();
    let found = Settings::resolve(options(&["--config", &there]), Path::new("elsewhere")).expect("the named file");
    assert_eq!(found.plan.policy.retries, 1);

    let missing = folder.path().join("missing.toml").display().to_string();
    let error = Settings::resolve(options(&["--config", &missing]), folder.path()).expect_err("no such file");
    assert_eq!(error.to_string(), format!("cannot read the settings in {missing}; --config names another file"));
    assert!(std::error::Error::source(&error).is_some(), "the cause is told, too");
}

#[test]
fn faults_of_the_whole_are_told() {
    let family = "--ipv4 and --ipv6 exclude each other; leave one out, or write --ipv6=false where a file sets it";
    assert_eq!(resolve(&["-4"], "ipv6 = true").expect_err("no family"), family);
    assert_eq!(settings(&["-4", "--ipv6=false"], "ipv6 = true").plan.network.family, Family::V4);
    let nothing = "--allow-net excepts addresses from what --deny-private refuses; add --deny-private, or leave it out";
    assert_eq!(resolve(&["--allow-net", "10.0.0.0/8"], "").expect_err("nothing is denied"), nothing);
    let hosts = resolve(&["--hosts", "no/such/file"], "").expect_err("no file");
    assert_eq!(hosts, "cannot read no/such/file, the file of --hosts");
}
