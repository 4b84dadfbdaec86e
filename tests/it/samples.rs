//! Every file in `samples` does what it is for, as a stranger would try it.

use crate::support::shell::Shell;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use urlcheck::{
    cli::{command, option_names, parse},
    settings::Settings,
};

fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("samples/{name}: {error}"))
}

#[test]
fn every_sample_is_tested_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let names = fs::read_dir(folder).expect("there are samples").map(|entry| {
        entry.expect("the samples can be read").file_name().into_string().expect("samples have plain names")
    });
    let tests = include_str!("samples.rs");
    let untested: Vec<String> = names.filter(|name| !tests.contains(&format!("{name}\""))).collect();
    assert!(untested.is_empty(), "samples without a test: {untested:?}");
}

#[test]
fn the_list_gets_exactly_one_row_per_url() {
    let shell = Shell::new();
    let said = shell.run("urlcheck samples/urls.txt > out.csv");
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    let list = shell.read("samples/urls.txt");
    let urls: Vec<&str> = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let rows = shell.read("out.csv");
    let mut rows: Vec<Vec<&str>> = rows.lines().skip(1).map(|row| row.splitn(6, ',').collect()).collect();
    rows.sort_by_key(|row| row[0].parse::<usize>().expect("an index"));
    assert_eq!(rows.iter().map(|row| row[1]).collect::<Vec<_>>(), urls);
    let count = |verdict: &str, reason: &str| rows.iter().filter(|row| row[3..5] == [verdict, reason]).count();
    assert_eq!(
        [count("up", ""), count("down", "http_status"), count("down", "dns_nxdomain"), count("down", "input_invalid")],
        [5, 1, 2, 3]
    );
}

#[test]
fn tables_are_read_and_a_csv_keeps_its_other_columns() {
    let shell = Shell::new();
    for list in ["urls.csv", "urls.jsonl"] {
        let said = shell.run(&format!("urlcheck samples/{list} -f jsonl"));
        assert_eq!(said.code, Some(1), "{list}: {}", said.stderr);
        let rows: Vec<serde_json::Value> =
            said.stdout.lines().map(|row| serde_json::from_str(row).expect("a JSON object a line")).collect();
        let is_csv = list == "urls.csv";
        assert_eq!(rows.len(), sample(list).lines().count() - usize::from(is_csv), "{list}");
        for (index, verdict, name) in [(1, "up", "Example, Inc."), (2, "up", "Town hall"), (3, "down", "Old shop")] {
            let row = rows.iter().find(|row| row["index"] == index).unwrap_or_else(|| panic!("{index} in {rows:?}"));
            assert_eq!(row["verdict"], verdict, "{list}: {row}");
            assert!(!is_csv || row["name"] == name, "{list}: {row}");
        }
    }
}

/// What `urlcheck.toml` in a folder means.
fn settings(file: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    fs::write(folder.path().join("urlcheck.toml"), file).expect("the folder is ours");
    let nothing = parse(["urlcheck".into(), "x".into()]).expect("no flags").options;
    Settings::resolve(nothing, folder.path()).map(|settings| format!("{settings:?}")).map_err(|error| error.to_string())
}

/// The lines of the sample that are keys behind a `#`.
fn keys_of_the_sample() -> Vec<(String, String)> {
    let text = sample("urlcheck.toml");
    let lines = text.lines().filter_map(|line| line.strip_prefix('#')).filter(|line| !line.starts_with(' '));
    let keys = lines.filter_map(|line| Some((line.split_once(" = ")?.0.to_owned(), line.to_owned())));
    keys.collect()
}

#[test]
fn the_settings_have_every_key_once() {
    let keys: Vec<String> = keys_of_the_sample().into_iter().map(|(key, _)| key).collect();
    let known = option_names().into_iter().filter(|name| !["config", "verbose"].contains(&name.as_str()));
    assert_eq!(keys.iter().cloned().collect::<BTreeSet<_>>(), known.collect());
    assert_eq!(keys.len(), keys.iter().collect::<BTreeSet<_>>().len(), "a key stands there twice");
}

#[test]
fn the_settings_show_the_defaults() {
    let plain = settings("").expect("nothing said is fine");
    assert_eq!(settings(&sample("urlcheck.toml")).expect("a valid file"), plain, "as it is, it changes nothing");
    let command = command();
    for (key, line) in keys_of_the_sample() {
        let arg = command.get_arguments().find(|arg| *arg.get_id() == key).expect("a flag for every key");
        let help = arg.get_help().expect("every flag has its help").to_string();
        // A default in words, and the program's own name and version, are no example.
        let has_default = help.split_once("[default: ").is_some_and(|(_, default)| !default.contains([' ', '/']));
        match settings(&line) {
            Ok(set) if has_default || line.ends_with(" = false") => assert_eq!(set, plain, "{line}: not the default"),
            Ok(set) => assert_ne!(set, plain, "{line}: changes nothing"),
            Err(error) => assert!(["hosts", "cacert", "allow_net"].contains(&key.as_str()), "{line}: {error}"),
        }
    }
}

/// A home with `~/urlcheck/urls.txt` and a `mail` that keeps what it is given.
fn home(urls: &str) -> Shell {
    let shell = Shell::new();
    shell.write("urlcheck/urls.txt", &shell.with_ports(urls));
    shell.write("urlcheck/urlcheck.toml", &sample("urlcheck.toml"));
    shell.write("bin/mail", "#!/bin/sh\n{ echo \"$@\"; cat; } > \"$HOME/mail.txt\"\n");
    let said = shell.run("chmod +x bin/mail");
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    shell
}

const ALL_UP: &str = "https://example.com/\nhttp://example.net/\n";
const ONE_DOWN: &str = "https://example.com/\nhttps://example.com/status/404\n";

#[test]
fn the_crontab_line_speaks_only_of_problems() {
    let crontab = sample("crontab");
    let line = crontab.lines().rfind(|line| !line.starts_with('#')).expect("a line to run");
    let fields: Vec<&str> = line.splitn(6, ' ').collect();
    let [minutes, "*", "*", "*", "*", command] = fields[..] else { panic!("no crontab line: {line}") };
    assert_eq!(minutes, "*/15");
    assert!(!command.contains('%'), "cron would take it for a line's end (crontab(5))");

    let said = home(ALL_UP).run(command);
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(0), "", ""));
    let said = home(ONE_DOWN).run(command);
    assert_eq!((said.code, said.stderr.as_str()), (Some(1), ""));
    assert_eq!(said.stdout.lines().count(), 1, "{}", said.stdout);
    assert!(said.stdout.contains("https://example.com/status/404"), "{}", said.stdout);
}

/// The value of a key of a unit file, which stands there once.
fn unit_value(unit: &str, key: &str) -> String {
    let values: Vec<&str> =
        unit.lines().filter_map(|line| line.strip_prefix(key)).filter_map(|rest| rest.strip_prefix('=')).collect();
    let [value] = values[..] else { panic!("{key} stands there {} times", values.len()) };
    value.to_owned()
}

#[test]
fn the_systemd_service_mails_only_problems() {
    let unit = sample("urlcheck.service");
    let start = unit_value(&unit, "ExecStart");
    assert!(!start.contains(['%', '$', '\\']), "systemd would read it its own way (systemd.service(5)): {start}");
    assert_eq!(unit_value(&unit, "WorkingDirectory"), "%h/urlcheck");
    let command = format!("cd \"$HOME/urlcheck\" && {start}");

    let shell = home(ALL_UP);
    let said = shell.run(&command);
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(0), "", ""));
    assert!(!shell.path("mail.txt").exists(), "a mail though all is up: {}", shell.read("mail.txt"));

    let shell = home(ONE_DOWN);
    assert_eq!(shell.run(&command).code, Some(0));
    let mail = shell.read("mail.txt");
    assert!(mail.starts_with("-s urlcheck: problems you@example.org\n"), "{mail}");
    assert!(mail.contains("https://example.com/status/404") && mail.lines().count() == 2, "{mail}");

    let shell = home(ALL_UP);
    fs::remove_file(shell.path("urlcheck/urls.txt")).expect("it was there");
    assert_eq!(shell.run(&command).code, Some(0));
    assert!(shell.read("mail.txt").contains("urls.txt"), "a run that could not be made is mailed, too");
}

#[test]
fn the_systemd_timer_starts_the_service() {
    let timer = sample("urlcheck.timer");
    assert_eq!(unit_value(&timer, "OnCalendar"), "*:0/15");
    assert_eq!(unit_value(&timer, "WantedBy"), "timers.target");
    assert!(!timer.contains("\nUnit="), "without it, the service of the same name is meant (systemd.timer(5))");
    for (unit, sections) in [(timer, "UnitTimerInstall"), (sample("urlcheck.service"), "UnitService")] {
        let named: String = unit.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')).collect();
        assert_eq!(named, sections);
        let said = unit.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '[']));
        assert!(said.clone().count() > 1 && said.clone().all(|line| line.contains('=')), "{unit}");
    }
}

#[test]
fn a_list_is_split_by_host_and_none_is_lost() {
    let shell = Shell::new();
    let hosts =
        ["Example.com", "user@example.com:81", "example.com.", "www.example.com", "a.test", "b.test", "[::1]:80"];
    let urls = (0..70).map(|n| format!("  http://{}/{n},\"?a=/@x\" \r\n\n# a remark\n", hosts[n % hosts.len()]));
    shell.write("list.txt", &(urls.collect::<String>() + "a.test\na.test?b\n"));
    shell.write("split-by-host.awk", &sample("split-by-host.awk"));
    let said = shell.run("awk -v n=3 -f split-by-host.awk list.txt");
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
    let mut parts_of_hosts = BTreeMap::<String, BTreeSet<usize>>::new();
    let mut found = Vec::new();
    for part in 0..3 {
        let text = shell.read(&format!("part-{part}.csv"));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().expect("a header"), vec!["target", "url"]);
        for row in reader.deserialize::<(usize, String)>() {
            let (target, url) = row.expect("a number and a URL");
            let host = url.strip_prefix("http://").unwrap_or(&url).split(['/', '?']).next().unwrap_or_default();
            let host = host.rsplit('@').next().unwrap_or_default().to_lowercase();
            let host = host.trim_end_matches(":81").trim_end_matches(":80").trim_end_matches('.');
            parts_of_hosts.entry(host.to_owned()).or_default().insert(part);
            found.push((target, url));
        }
    }
    found.sort();
    let expected = (0..70).map(|n| format!("http://{}/{n},\"?a=/@x\"", hosts[n % hosts.len()]));
    let expected = expected.chain(["a.test".to_owned(), "a.test?b".to_owned()]);
    assert_eq!(found, (1..).zip(expected).collect::<Vec<_>>());
    assert!(parts_of_hosts.len() == 5 && parts_of_hosts.values().all(|parts| parts.len() == 1), "{parts_of_hosts:?}");
    let said = shell.run("awk -f split-by-host.awk list.txt");
    assert_eq!((said.code, said.stderr.contains("give the number of parts")), (Some(2), true));
}
