//! `--order input`: rows come as the list has them, whoever ends first, in
//! every format, to files and pipes, and however a run ends.

use crate::support::cmd::{Desk, Ran, practice_site, until};
use urlcheck::site::Site;

/// Rows that are ready at once, each of about 1,400 bytes: more than is held in memory.
const MANY: usize = 8_000;

/// A list whose first row comes last.
fn late_first(site: &Site, late: &str) -> String {
    let others: String =
        (2..=60).map(|n| format!("{}\n", site.url(&format!("status/{}", 200 + n % 3 * 102)))).collect();
    format!("{}\n{others}", site.url(late))
}

/// The indexes of the rows, in the output's own order.
fn indexes(csv: &str) -> Vec<usize> {
    let cells = csv.lines().skip(1).map(|row| row.split(',').next().unwrap_or_default());
    cells.map(|index| index.parse().expect("an index")).collect()
}

fn counting(number: usize) -> Vec<usize> {
    (1..=number).collect()
}

#[test]
fn rows_come_in_the_order_of_the_list() {
    let site = practice_site();
    let desk = Desk::new().file("urls.txt", late_first(&site, "delay/500"));
    let run = |arguments: &[&str]| desk.run(&[&["urls.txt", "--order", "input"], arguments].concat()).exits(1);
    assert_eq!(indexes(&run(&[]).stdout), counting(60));
    run(&["-o", "rows.csv"]);
    assert_eq!(indexes(&desk.read("rows.csv")), counting(60));
    let json = run(&["-f", "jsonl"]).stdout;
    let begins: Vec<bool> =
        json.lines().zip(1..).map(|(row, n)| row.starts_with(&format!("{{\"index\":{n},"))).collect();
    assert_eq!(begins, [true; 60]);
    let text = run(&["-f", "text", "--show", "all"]).stdout;
    let rows: Vec<usize> =
        text.lines().filter_map(|row| row.split("  row ").nth(1)?.split(' ').next()?.parse().ok()).collect();
    assert_eq!(rows, counting(60));
}

#[test]
fn without_it_rows_come_as_they_end() {
    let site = practice_site();
    let desk = Desk::new().file("urls.txt", late_first(&site, "delay/2000"));
    assert_eq!(indexes(&desk.run(&["urls.txt"]).exits(1).stdout).last(), Some(&1));
}

/// A row that is written waits for no later one.
#[test]
fn a_row_whose_turn_has_come_is_written_at_once() {
    let site = practice_site();
    let mut started = Desk::new().cmd(&["-", "--order", "input", "--timeout", "10m"]).start();
    started.write(&format!("{}\n{}\n", site.url("a"), site.url("hang")));
    assert!(started.line().starts_with("index,"));
    assert!(started.line().starts_with("1,"));
}

#[cfg(unix)]
#[test]
fn a_signal_s_rows_are_in_order_too() {
    let site = practice_site();
    let desk = Desk::new().file("urls.txt", late_first(&site, "hang"));
    let started = desk.cmd(&["urls.txt", "--order", "input", "--timeout", "3s", "--per-host", "1"]).start();
    until("the first request", || site.load().requests >= 1);
    started.signal(rustix::process::Signal::INT);
    assert_eq!(indexes(&started.end().exits(130).stdout), counting(60));
}

/// Texts that are no URLs end at once, and the first row does not.
fn many(site: &Site) -> Desk {
    let others: String = (2..=MANY).map(|n| format!("{n} {}\n", "no url ".repeat(190))).collect();
    Desk::new().file("urls.txt", format!("{}\n{others}", site.url("hang")))
}

fn run_many(desk: &Desk, timeout: &str, folder: &str) -> Ran {
    let arguments = ["urls.txt", "--order", "input", "--timeout", timeout, "--retries", "0", "-o", "rows.csv"];
    desk.cmd(&arguments).env("TMPDIR", folder).run()
}

#[test]
fn rows_beyond_memory_wait_in_unnamed_files() {
    let site = practice_site();
    let desk = many(&site);
    run_many(&desk, "3s", &desk.path().display().to_string()).exits(1);
    assert_eq!(indexes(&desk.read("rows.csv")), counting(MANY));
    assert_eq!(desk.names(), ["rows.csv", "rows.csv.run", "urls.txt"]);
}

#[test]
fn a_temporary_folder_that_takes_nothing_ends_the_run_and_is_named() {
    let site = practice_site();
    let desk = many(&site);
    // Only this error ends it: the first row would take longer than the test.
    let ran = run_many(&desk, "10m", "/nowhere").exits(2);
    let ran = ran.says("could not write rows.csv ").says("cannot be kept in /nowhere: ").says("set TMPDIR to a folder");
    assert!(ran.stderr.contains("(--order input)"), "{}", ran.stderr);
    // What was known is there, in order.
    let rows = indexes(&desk.read("rows.csv"));
    assert!(!rows.is_empty() && rows.is_sorted(), "{rows:?}");
}
