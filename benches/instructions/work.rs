//! The work itself: the same each time, without a clock that matters, a socket
//! or a file.

use super::{
    lists,
    virtual_time::{World, target},
};
use std::{hint::black_box, io};
use urlcheck::{
    Outcome,
    sink::{Csv, Event, Jsonl, Show, Sink, Style, Text},
    source::Format,
};

/// Targets of the run, hosts that it asks, and targets that wait at once.
const TARGETS: u64 = 10_000;
const HOSTS: u64 = 2_500;
const WAITING: u64 = 5_000;

/// Lines of each list.
const LINES: u64 = 10_000;

/// Rows of each format, of so many outcomes over and over.
const ROWS: usize = 10_000;
const OUTCOMES: u64 = 64;

/// Reads a list.
pub(crate) fn read(format: Format) {
    assert_eq!(lists::read(format, lists::text(format, LINES)), LINES as usize);
}

/// Makes a run: half of the targets wait from the start, each other one comes
/// for one that has ended.
pub(crate) fn run() {
    let mut world = World::new(WAITING as usize);
    let mut n_ended = 0;
    let mut count = |outcome: Outcome| {
        black_box(outcome);
        n_ended += 1;
    };
    (1..=WAITING).for_each(|index| world.push(target(index, HOSTS)));
    world.replace((WAITING + 1..=TARGETS).map(|index| target(index, HOSTS)).collect(), &mut count);
    world.finish(&mut count);
    assert_eq!(n_ended, TARGETS, "each target has its outcome");
}

/// Writes rows as CSV.
pub(crate) fn write_csv() {
    write(Csv::new(io::sink(), Vec::new()).expect("nothing is written"));
}

/// Writes rows as JSON lines.
pub(crate) fn write_jsonl() {
    write(Jsonl::new(io::sink(), Vec::new()));
}

/// Writes rows for people.
pub(crate) fn write_text() {
    write(Text::new(io::sink(), Show::All, Style { colour: true, width: Some(120) }));
}

fn write(mut sink: impl Sink) {
    let mut world = World::new(OUTCOMES as usize);
    (1..=OUTCOMES).for_each(|index| world.push(target(index, OUTCOMES)));
    let mut outcomes = Vec::new();
    world.finish(|outcome| outcomes.push(outcome));
    for outcome in outcomes.iter().cycle().take(ROWS) {
        sink.event(&Event::Finished(outcome)).expect("nothing is written");
    }
}
