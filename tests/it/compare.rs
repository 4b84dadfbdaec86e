//! `urlcheck compare`: every mode has its line, all agree, every figure is there;
//! what cannot run, what disagrees and what is stopped is told, and nothing stays
//! behind. `explain-modes` tells of every mode.

mod page;

use crate::support::cmd::{Cmd, Desk, Ran, practice_site, until};
use rustix::process::Signal;
use serde_json::Value;
use std::{env, fs, path::Path};
use urlcheck::{Mode, site::Site};

/// A list of what a site does well and badly, on a desk with all that is needed.
fn desk(site: &Site) -> Desk {
    let paths = ["status/404", "redirect/2", "delay/20/a", "reset", "garbage", "loop/2"];
    let well = (0..24).map(|n| site.tls_url(&format!("good-{n}.test"), &format!("delay/{n}/page")));
    let badly = paths.into_iter().map(|path| site.host_url(&format!("{}.test", path.replace('/', "-")), path));
    let names = ["expired.test", "wrong.test"].map(|name| site.tls_url(name, ""));
    let list: Vec<String> = well.chain(badly).chain(names).chain(["no url".to_owned()]).collect();
    Desk::new().file("urls.txt", list.join("\n")).file("authority.pem", site.ca_pem())
}

/// The command line of a comparison, where other programs are found and
/// temporary files have a folder of their own.
fn compare(desk: &Desk, site: &Site, arguments: &[&str]) -> Cmd {
    let temporary = desk.path().join("temporary");
    fs::create_dir_all(&temporary).expect("the desk is ours");
    let resolver = site.resolver().to_string();
    let arguments = [&["compare"], arguments, &["--resolver", &resolver, "--cacert", "authority.pem"]].concat();
    let path = env::var("PATH").expect("a path is set");
    desk.cmd(&arguments).env("PATH", &path).env("TMPDIR", temporary.to_str().expect("a plain path"))
}

fn left_over(desk: &Desk) -> usize {
    fs::read_dir(desk.path().join("temporary")).expect("it was made").count()
}

fn json(desk: &Desk, name: &str) -> Value {
    serde_json::from_str(&desk.read(name)).expect("a file of JSON")
}

/// The lines of the table: those that begin with a mode's name, up to the bars.
fn table_line<'a>(ran: &'a Ran, mode: &str) -> &'a str {
    let line = ran.stdout.lines().find(|line| line.split_whitespace().next() == Some(mode));
    line.unwrap_or_else(|| panic!("no line for {mode} in {}", ran.stdout))
}

#[test]
fn every_mode_has_its_line_its_figures_and_the_same_rows() {
    let site = practice_site();
    let desk = desk(&site);
    let arguments = ["urls.txt", "--rounds", "2", "--retries", "0", "--json", "out.json"];
    let ran = compare(&desk, &site, &arguments).run().exits(0);
    assert!(ran.stdout.contains("\nAll rows agree: "), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nRecommendation: "), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nWall time of the whole list"), "{}", ran.stdout);
    assert!(!ran.stdout.contains('\u{1b}'), "colour is for terminals");
    let ran = ran.says("warm-up: async\n").says("round 2 of 2: async, 256 at once\n");

    let json = json(&desk, "out.json");
    assert_eq!((json["list"]["urls"].as_u64(), json["rounds"].as_u64()), (Some(33), Some(2)));
    assert!(json["machine"]["cores"].as_u64() >= Some(1) && json["began_at"].is_string(), "{json}");
    let modes: Vec<&str> =
        json["runs"].as_array().expect("runs").iter().map(|run| run["mode"].as_str().expect("a name")).collect();
    assert_eq!(modes, Mode::ALL.map(Mode::as_str));
    for run in json["runs"].as_array().expect("runs") {
        assert_eq!((run["failed"].as_str(), run["urls"].as_u64()), (None, Some(33)), "{run}");
        assert_eq!(run["rounds"].as_array().map(Vec::len), Some(2), "{run}");
        for (figure, value) in run["median"].as_object().expect("figures") {
            let least = if figure == "involuntary_switches" { 0.0 } else { 0.001 };
            assert!(value.as_f64().is_some_and(|value| value >= least), "{figure} of {run}");
            let (low, high) = (run["least"][figure].as_f64(), run["most"][figure].as_f64());
            assert!(low <= value.as_f64() && value.as_f64() <= high, "{figure} of {run}");
        }
        assert_eq!(run["median"].as_object().map(serde_json::Map::len), Some(11));
        assert!(table_line(&ran, run["mode"].as_str().expect("a name")).contains(" µs "), "{}", ran.stdout);
    }
    let compared = 33 * (Mode::ALL.len() as u64 - 1) * 2;
    assert_eq!(json["agreement"]["compared"].as_u64(), Some(compared));
    assert_eq!(json["agreement"]["different"].as_u64(), Some(0), "{}", json["agreement"]);
    assert!(modes.contains(&json["recommendation"]["mode"].as_str().expect("a mode")));
    assert_eq!(left_over(&desk), 0, "temporary files");
}

#[test]
fn without_a_list_the_practice_site_is_compared() {
    let desk = Desk::new();
    let ran = desk.run(&["compare", "--modes", "async,sequential", "--rounds", "1"]).exits(0);
    assert!(ran.stdout.starts_with("1,000 URLs on 352 hosts: the practice site, "), "{}", ran.stdout);
    assert!(ran.stdout.contains("\n* sequential had only the first 100 URLs."), "{}", ran.stdout);
    assert!(table_line(&ran, "sequential").contains(" s*"), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nAll rows agree: 100 were held "), "{}", ran.stdout);
}

#[test]
fn a_list_from_a_pipe_is_the_same_for_all() {
    let site = practice_site();
    let desk = desk(&site);
    let list = format!("{}\n{}\n", site.url("a"), site.url("status/404"));
    let cmd = compare(&desk, &site, &["-", "--modes", "threads,async,threads", "--rounds", "1", "-q"]);
    let ran = cmd.input(list).run().exits(0);
    assert!(ran.stdout.starts_with("2 URLs on 1 host: -; "), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nAll rows agree: 2 were held ") && ran.stderr.is_empty(), "{ran:?}");
}

#[test]
fn rows_that_differ_are_told_and_are_the_exit_code() {
    let site = practice_site();
    // Two warm-ups and the first round's first run: only the last run gets 200.
    let desk = desk(&site).file("urls.txt", site.url("flaky/3/404"));
    let ran = compare(&desk, &site, &["urls.txt", "--modes", "async,threads", "--rounds", "1"]).run().exits(1);
    assert!(ran.stdout.contains("\n1 of 1 rows differ from those of the first run "), "{}", ran.stdout);
    assert!(ran.stdout.contains("verdict is up in threads, down in async\n"), "{}", ran.stdout);
}

#[test]
fn who_cannot_run_is_told_and_keeps_nobody_from_running() {
    let site = practice_site();
    let desk = desk(&site);
    let cmd = compare(&desk, &site, &["urls.txt", "--with-python", "--modes", "async,tasks", "--rounds", "1"]);
    // Nothing is found on this path.
    let ran = cmd.env("PATH", "nowhere").run().exits(0);
    assert!(table_line(&ran, "py-threading").ends_with("could not run"), "{}", ran.stdout);
    assert!(ran.stdout.contains("py-asyncio could not run: it cannot start: "), "{}", ran.stdout);
    assert!(ran.stdout.contains("pip install -r benches/peers/requirements.txt"), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nAll rows agree: 33 were held "), "{}", ran.stdout);
}

#[test]
fn what_makes_no_sense_is_refused_by_name() {
    let site = practice_site();
    let desk = desk(&site);
    let arguments = ["urls.txt", "--rounds", "1", "--modes", "async"];
    for (flags, code, part) in [
        (&["--modes", "dance"][..], 2, "invalid value 'dance' for '--modes <MODES>'"),
        (&["-o", "x.csv"], 2, "urlcheck compare takes no --output: "),
        (&["-m", "tasks"], 2, "urlcheck compare takes no --mode: --modes names those to compare"),
        (&["--resume"], 2, "urlcheck compare takes no --resume: "),
        (&["--fail-on=never"], 2, "urlcheck compare takes no --fail-on: "),
        (&["--json", "no/such/folder"], 2, "--json cannot be written: no/such/folder: "),
        (&["missing.txt"], 2, "urlcheck: missing.txt: "),
        (&["--timeout", "5s", "--per-host", "2", "-H", "A: b", "-q"], 0, ""),
    ] {
        let arguments = if part.contains("MODES") { flags.to_vec() } else { [&arguments, flags].concat() };
        compare(&desk, &site, &arguments).run().exits(code).says(part);
    }
    assert_eq!(left_over(&desk), 0, "temporary files");
}

#[test]
fn the_flags_of_the_default_verb_hold_for_every_run() {
    let site = practice_site();
    let desk = desk(&site).file("urls.txt", site.url("redirect/2"));
    let arguments = ["urls.txt", "--modes", "async,tasks", "--rounds", "1"];
    let next = site.url("redirect/1");
    compare(&desk, &site, &[&arguments[..], &["--max-redirects", "0"]].concat()).run().exits(0);
    assert_eq!(site.seen(&next), 0, "no run goes on");
    compare(&desk, &site, &arguments).run().exits(0);
    assert_eq!(site.seen(&next), 4, "two warm-ups and two runs do");
}

#[test]
fn a_sweep_shows_the_rate_for_each_number_at_once() {
    let site = practice_site();
    let desk = desk(&site);
    let arguments = ["urls.txt", "--sweep", "--modes", "async,sequential", "--retries", "0", "--json", "out.json"];
    let ran = compare(&desk, &site, &arguments).run().exits(0);
    assert!(
        ran.stdout.contains("rows/s      1 at once  4 at once  16 at once  64 at once  256 at once  1024 at once\n")
    );
    assert!(table_line(&ran, "sequential").ends_with("-           -            -             -"), "{}", ran.stdout);
    assert!(
        ran.stdout.lines().any(|line| line.starts_with("async st") && line.contains(" at once: ")),
        "{}",
        ran.stdout
    );
    let json = json(&desk, "out.json");
    let runs = json["runs"].as_array().expect("runs");
    let at_once: Vec<u64> = runs.iter().filter_map(|run| run["concurrency"].as_u64()).collect();
    assert_eq!(at_once, [1, 4, 16, 64, 256, 1024, 1]);
    assert!(runs.iter().all(|run| run["median"]["rows_per_s"].as_f64() > Some(0.0)), "{json}");
    assert!(json["recommendation"].is_null());
}

/// The processes that a process has, and theirs.
fn descendants(id: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    let children: Vec<u32> =
        lists.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect();
    children.iter().flat_map(|id| [*id].into_iter().chain(descendants(*id))).collect()
}

#[test]
fn an_interrupted_comparison_leaves_no_process_and_no_file() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let site = practice_site();
        let desk = desk(&site).file("urls.txt", site.url("hang"));
        let arguments = ["urls.txt", "--modes", "async", "--timeout", "10m", "--json", "out.json"];
        let started = compare(&desk, &site, &arguments).start();
        until("the first request", || site.load().requests > 0);
        let processes = descendants(started.id());
        assert!(!processes.is_empty(), "it runs in a process of its own");
        started.signal(signal);
        let ran = started.end().exits(code);
        assert_eq!(ran.stdout, "");
        until("their end", || processes.iter().all(|id| !Path::new(&format!("/proc/{id}")).exists()));
        assert_eq!(left_over(&desk), 0, "temporary files");
        assert_eq!(desk.names(), ["authority.pem", "temporary", "urls.txt"]);
    }
}

#[test]
fn a_comparison_that_waits_for_its_list_can_be_stopped() {
    let site = practice_site();
    let desk = desk(&site);
    let mut started = compare(&desk, &site, &["-", "--modes", "async"]).start();
    started.write("http://a.test/\n");
    until("its folder", || left_over(&desk) > 0);
    // The folder comes after the signals are listened to, as does the list.
    until("the list", || {
        let folder = fs::read_dir(desk.path().join("temporary")).expect("it was made").flatten().next();
        folder.is_some_and(|folder| fs::read_dir(folder.path()).is_ok_and(|files| files.count() > 0))
    });
    started.signal(Signal::INT);
    started.end().exits(130);
    assert_eq!(left_over(&desk), 0, "temporary files");
}

#[test]
fn the_practice_site_ends_with_whoever_started_it() {
    let mut started = Desk::new().cmd(&["practice-site", "5"]).start();
    let greeting: Value = serde_json::from_str(&started.line()).expect("JSON");
    assert_eq!(greeting["urls"].as_array().map(Vec::len), Some(5));
    started.close_input();
    started.end().exits(0);
}

#[test]
fn every_mode_is_explained() {
    let ran = Desk::new().run(&["explain-modes"]).exits(0);
    for mode in Mode::ALL {
        assert!(ran.stdout.lines().any(|line| line.starts_with(&format!("{mode:<14}"))), "{mode} in {}", ran.stdout);
    }
    for question in ["1000 URLs: ", "A test suite: ", "Millions of jobs on a queue?"] {
        assert!(ran.stdout.contains(question), "{question}");
    }
}
