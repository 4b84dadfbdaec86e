//! What people see on a terminal: rows as text, a bar while it lasts, colour,
//! and nothing but rows and summary in the end.

use crate::support::cmd::{Desk, practice_site, until};
use rustix::process::Signal;

#[test]
fn a_terminal_shows_text_with_a_bar_that_goes_away() {
    let site = practice_site();
    let (slow, gone) = (site.url("delay/1500"), site.url("status/404"));
    let shown = Desk::new().cmd(&[&slow, &gone, "--per-host", "1"]).on_terminal(100).end();
    assert_eq!(shown.code, Some(1));
    assert!(shown.sent.contains("of 2 URLs · "), "{}", shown.sent);
    assert!(shown.sent.contains("\u{1b}[31m    down\u{1b}[0m"), "{}", shown.sent);
    let lines: Vec<&str> = shown.screen.lines().collect();
    let row = format!("    down  404  http_status        {gone:<55}  row 2");
    assert_eq!((lines[0], lines[1]), (row.as_str(), ""), "{}", shown.screen);
    assert!(lines[2].starts_with("2 URLs on 1 host in ") && lines[3] == "up 1 · degraded 0 · down 1 · unknown 0");
    assert!(
        lines[4].starts_with("down: http_status 404 x1") && lines[5].starts_with("total_ms p50 "),
        "{}",
        shown.screen
    );
    assert_eq!(lines.len(), 6, "{}", shown.screen);
}

#[test]
fn the_bar_of_a_run_that_goes_on_counts_only_the_rest() {
    let site = practice_site();
    let list = [site.url("a"), site.url("b"), site.url("delay/1500/status/404")].join("\n");
    let desk = Desk::new().file("urls.txt", list);
    desk.run(&["urls.txt", "-o", "out.csv"]).exits(1);
    let shown = desk.cmd(&["urls.txt", "-o", "out.csv", "--recheck", "down"]).on_terminal(100).end();
    assert!(shown.sent.contains("0 of 1 URLs · "), "{}", shown.sent);
    assert!(
        shown.screen.contains("with 2 rows that were there already:\nup 2 · degraded 0 · down 1"),
        "{}",
        shown.screen
    );
}

#[test]
fn no_color_is_heeded() {
    let site = practice_site();
    let shown = Desk::new().cmd(&[&site.url("status/404")]).env("NO_COLOR", "1").on_terminal(100).end();
    assert!(!shown.sent.contains("\u{1b}[31m") && !shown.sent.contains("\u{1b}[2m"), "{}", shown.sent);
}

#[test]
fn a_narrow_terminal_breaks_no_word() {
    let site = practice_site();
    let urls: Vec<String> =
        [404, 410, 418, 500, 501, 505, 599].map(|status| site.url(&format!("status/{status}"))).into();
    let mut arguments: Vec<&str> = urls.iter().map(String::as_str).collect();
    arguments.extend(["--show", "none"]);
    let shown = Desk::new().cmd(&arguments).on_terminal(40).end();
    let lines: Vec<&str> = shown.screen.lines().collect();
    assert_eq!(lines[2], "down: http_status 404 x1, 410 x1,", "{}", shown.screen);
    assert_eq!(lines[3], "  418 x1, 500 x1, 501 x1, 505 x1,", "{}", shown.screen);
}

#[test]
fn an_interrupt_leaves_a_clean_screen() {
    let site = practice_site();
    let running = Desk::new().cmd(&[&site.url("delay/4000")]).on_terminal(100);
    until("the bar", || running.has_shown("of 1 URLs") && site.load().requests == 1);
    running.signal(Signal::INT);
    let shown = running.end();
    assert_eq!(shown.code, Some(130));
    let lines: Vec<&str> = shown.screen.lines().collect();
    assert!(lines[0].starts_with("urlcheck: stopping: 1 check on the wire "), "{}", shown.screen);
    assert!(lines[1].starts_with("1 URL on 1 host in "), "{}", shown.screen);
}
