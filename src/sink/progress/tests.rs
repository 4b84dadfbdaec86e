//! What the bar and the lines say, and that rows do not disturb the bar.

use super::*;
use crate::sink::{
    End, Text,
    fixtures::{Full, Shared, no_such_name, not_found, up},
    text::Show,
};
use indicatif::TermLike;

/// A terminal of 120 columns that records what it is told.
#[derive(Clone, Default)]
struct Terminal(Shared);

impl std::fmt::Debug for Terminal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Terminal")
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        120
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(&format!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.clone().write_all(text.as_bytes())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write_str("<clear>")
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

fn gauge(seconds: u64, total: Option<u64>) -> Gauge {
    Gauge { elapsed: Duration::from_secs(seconds), on_wire: 256, total, ..Gauge::default() }
}

fn finish(progress: &mut Progress, number: u64) {
    (0..number).for_each(|index| progress.event(&Event::Finished(&up(index))).expect("counted"));
}

#[test]
fn a_line_tells_how_far_it_is() {
    let mut counts = Counts::default();
    (0..11_985).for_each(|_| counts.add(Verdict::Up));
    (0..12).for_each(|_| counts.add(Verdict::Down));
    (0..3).for_each(|_| counts.add(Verdict::Unknown));
    assert_eq!(
        message(&counts, Some(100_000), 431.0),
        "12,000 of 100,000 URLs · 431/s · ETA 3 min 25 s · down 12 · unknown 3"
    );
    assert_eq!(message(&counts, None, 431.0), "12,000 URLs · 431/s · down 12 · unknown 3");
    assert_eq!(message(&Counts::default(), Some(5), 0.0), "0 of 5 URLs · 0/s · down 0 · unknown 0");
}

#[test]
fn lines_come_every_30_seconds() {
    let out = Shared::default();
    let mut progress = Progress::lines(out.clone());
    for second in 1..=61 {
        finish(&mut progress, 10);
        progress.event(&Event::Tick(&gauge(second, Some(1000)))).expect("room for a line");
    }
    assert_eq!(
        out.text(),
        "\
300 of 1,000 URLs · 10/s · ETA 1 min 10 s · down 0 · unknown 0
600 of 1,000 URLs · 10/s · ETA 40 s · down 0 · unknown 0
"
    );
    let error = Progress::lines(Full::after(5)).event(&Event::Tick(&gauge(30, None)));
    assert_eq!(error.map_err(|error| error.kind()), Err(io::ErrorKind::StorageFull));
}

#[test]
fn the_rate_follows_the_last_seconds() {
    let mut rate = Rate::default();
    rate.measure(Duration::ZERO, 0);
    rate.measure(Duration::from_secs(1), 100);
    rate.measure(Duration::from_secs(2), 300);
    assert_eq!(rate.a_second, 150.0, "while young, the mean");
    (3..=60).for_each(|second| rate.measure(Duration::from_secs(second), 300 + (second - 2) * 10));
    assert!((10.0..12.0).contains(&rate.a_second), "{}", rate.a_second);
}

#[test]
fn rows_appear_above_the_bar() {
    let terminal = Terminal::default();
    let bar = Bar::on(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
    let mut progress = Progress::bar(bar.clone());
    let mut rows = Text::new(bar.beside(terminal.0.clone()), Show::Problems, Default::default());
    for event in [Event::Finished(&not_found(1)), Event::Finished(&no_such_name(2)), Event::Tick(&gauge(1, Some(4)))] {
        progress.event(&event).expect("drawn");
        rows.event(&event).expect("written");
    }
    let text = terminal.0.text();
    let message = "2 of 4 URLs · 2/s · ETA 1 s · down 2 · unknown 0 · on wire 256";
    let (before, after) = text.split_once("    down  404").expect("the first row");
    assert!(before.contains(message) && before.ends_with("<clear>"), "{text:?}");
    let (row, after) = after.rsplit_once("row 2\n").expect("the second row");
    assert!(!row.contains("URLs"), "the bar stands between rows: {text:?}");
    assert!(after.contains(message), "the bar comes back: {text:?}");

    let end = End::default();
    progress.event(&Event::Ended(&end)).expect("cleared");
    assert!(terminal.0.text().ends_with("<clear>"), "the bar goes away: {:?}", terminal.0.text());
}

#[test]
fn half_a_line_waits_for_its_end() {
    let terminal = Terminal::default();
    let bar = Bar::on(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
    let mut out = bar.beside(terminal.0.clone());
    out.write_all(b"one\ntw").expect("written");
    assert_eq!(terminal.0.text().replace("<clear>", "").trim(), "one");
    out.write_all(b"o\n").expect("written");
    assert!(terminal.0.text().contains("two\n"));
}
