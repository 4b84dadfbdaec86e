//! The command line as it is written, and the help that tells of it.

use super::*;
use std::collections::BTreeSet;

fn read(arguments: &[&str]) -> Result<Cli, String> {
    let line = ["urlcheck"].iter().chain(arguments).map(Into::into);
    parse(line).map_err(|error| error.to_string())
}

/// The first line of what is said about a wrong command line.
fn complaint(arguments: &[&str]) -> String {
    let error = read(arguments).expect_err("a wrong command line");
    error.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn clap_finds_no_fault_in_the_command() {
    command().debug_assert();
}

#[test]
fn inputs_are_the_default_verb() {
    let cli = read(&["-c", "5", "a.txt", "-", "--rate=2.5", "b.csv.gz"]).expect("the default verb");
    assert!(cli.command.is_none());
    assert_eq!(cli.inputs, ["a.txt", "-", "b.csv.gz"]);
    assert_eq!(cli.options.concurrency.map(Whole::get), Some(5));
    assert_eq!(cli.options.rate.map(Rate::get), Some(2.5));
    assert_eq!(read(&["./demo"]).expect("a file").inputs, ["./demo"]);
    assert!(read(&[]).expect("standard input").inputs.is_empty());
}

#[test]
fn verbs_are_written_first() {
    match read(&["demo", "20", "-f", "csv"]).expect("a verb").command {
        Some(Command::Demo { urls, options }) => {
            assert_eq!(urls.get(), 20);
            assert_eq!(options.format, Some(RowFormat::Csv));
        }
        other => panic!("{other:?}"),
    }
    let default = read(&["demo"]).expect("a verb").command;
    assert!(matches!(default, Some(Command::Demo { urls, .. }) if urls.get() == 1000));
    assert!(matches!(read(&["man"]).expect("a verb").command, Some(Command::Man { command: None })));
    let late = read(&["-c", "5", "demo"]).expect("after a flag every word is an input");
    assert!(late.command.is_none() && late.inputs == ["demo"]);
}

#[test]
fn a_yes_can_be_taken_back() {
    let insecure = |arguments: &[&str]| read(arguments).expect("flags").options.insecure;
    assert_eq!(insecure(&["x"]), None);
    assert_eq!(insecure(&["--insecure", "x"]), Some(true));
    assert_eq!(insecure(&["--insecure=false", "x"]), Some(false));
    let options = read(&["-q4vv", "x"]).expect("flags").options;
    assert_eq!((options.quiet, options.ipv4, options.verbose), (Some(true), Some(true), 2));
}

#[test]
fn wrong_values_name_the_flag_and_what_is_allowed() {
    for (arguments, sentence) in [
        (["-c", "0"], "'0' for '--concurrency <N>': must be a whole number from 1 to 4294967295"),
        (["--rate=-1", "x"], "'-1' for '--rate <N>': must be a number of requests a second from 0.00001 to 1000000"),
        (["--timeout", "20"], "'20' for '--timeout <TIME>': has no unit; write 20s, 500ms, 1m30s, 2h or 14d"),
        (["--timeout", "0"], "'0' for '--timeout <TIME>': is too short; the least is 1ms"),
        (
            ["--accept", "ok"],
            "'ok' for '--accept <STATUSES>': \"ok\" is no status, range or class; write them as 301, 200-299 or 4xx, \
             from 100 to 999",
        ),
        (["-H", "Accept"], "'***' for '--header <HEADER>': has no colon; write it as 'Name: value'"),
        (
            ["-H", "Host: a"],
            "'***' for '--header <HEADER>': host cannot be set: it follows from the URL; use --hosts to reach a \
             name at another address",
        ),
        (["-X", "POST"], "'POST' for '--method <METHOD>'"),
        (["-f", "xml"], "'xml' for '--format <FORMAT>'"),
    ] {
        assert_eq!(complaint(&arguments), format!("error: invalid value {sentence}"));
    }
    assert_eq!(
        complaint(&["--resolver", "dns.example"]),
        "error: invalid value 'dns.example' for '--resolver <IP[:PORT]>': must be an IP address, with a port if it is \
         not 53: 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:5353"
    );
    assert_eq!(complaint(&["--max-redirect", "1"]), "error: unexpected argument '--max-redirect' found");
}

#[test]
fn a_wrong_value_from_the_environment_names_the_variable() {
    let refused = |argument: &str| command().try_get_matches_from(["urlcheck", argument]).expect_err("a wrong value");
    let with = |name: &'static str, value: &'static str| {
        move |asked: &str| (asked == name).then(|| std::ffi::OsString::from(value))
    };
    for (argument, name, value) in [
        ("--host-rate=x", "URLCHECK_HOST_RATE", "x"),
        ("--insecure=perhaps", "URLCHECK_INSECURE", "perhaps"),
        ("--format=xml", "URLCHECK_FORMAT", "xml"),
    ] {
        let error = refused(argument);
        assert_eq!(help::variable_at_fault(&error, with(name, value)).as_deref(), Some(name));
        assert_eq!(help::variable_at_fault(&error, with(name, "other")), None, "the flag itself is at fault");
        assert_eq!(help::variable_at_fault(&error, |_| None), None);
    }
}

#[test]
fn every_option_has_its_flag_its_variable_and_its_help() {
    let command = command();
    let (short, long) = (command.clone().render_help().to_string(), command.clone().render_long_help().to_string());
    for name in option_names() {
        let flag = format!("--{}", name.replace('_', "-"));
        let arg = command.get_arguments().find(|arg| *arg.get_id() == name).expect("an argument a field");
        assert_eq!(arg.get_long().map(|long| format!("--{long}")), Some(flag.clone()));
        let variable = format!("URLCHECK_{}", name.to_uppercase());
        assert_eq!(arg.get_env().and_then(|env| env.to_str()), Some(variable.as_str()));
        assert!(arg.get_help_heading().is_some(), "{flag} stands under no heading");
        assert!(arg.get_help().is_some(), "{flag} has no help");
        assert!(short.contains(&flag) && long.contains(&flag), "{flag} is not in the help");
    }
}

#[test]
fn every_option_is_a_key() {
    let keys = "unknown = 1".parse::<toml::Table>().expect("TOML");
    let error = Options::deserialize(keys).expect_err("an unknown key").to_string();
    let keys: BTreeSet<&str> = error.split('`').skip(3).step_by(2).collect();
    let flags = option_names();
    let flags: BTreeSet<&str> =
        flags.iter().map(String::as_str).filter(|n| !["config", "verbose"].contains(n)).collect();
    assert_eq!(keys, flags);
}

#[test]
fn the_default_verb_has_at_most_50_flags() {
    let flags = command().get_arguments().filter(|arg| arg.get_long().is_some()).count();
    assert!(flags <= 50, "{flags}");
}

#[test]
fn the_ten_that_matter_come_first() {
    let command = command();
    let first = command.get_arguments().filter(|arg| arg.get_help_heading() == Some(FIRST));
    assert_eq!(first.count(), 10);
    let help = command.clone().render_help().to_string();
    let places =
        [FIRST, INPUT, OUTPUT, PACE, CHECKING, NETWORK, OTHER].map(|heading| help.find(&format!("\n{heading}:\n")));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{help}");
}
