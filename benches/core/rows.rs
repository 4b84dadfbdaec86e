//! From outcomes to rows, in each format that is written.

use super::virtual_time::{World, target};
use divan::{Bencher, counter::ItemsCount};
use std::io;
use urlcheck::{
    Outcome,
    sink::{Csv, Event, Jsonl, Show, Sink, Style, Text},
};

const ROWS: u64 = 10_000;

/// Some that are up, and some of each kind that is not.
fn outcomes() -> Vec<Outcome> {
    let mut world = World::new(ROWS as usize);
    (1..=ROWS).for_each(|index| world.push(target(index, ROWS)));
    let mut outcomes = Vec::new();
    world.finish(|outcome| outcomes.push(outcome));
    outcomes
}

fn write(bencher: Bencher, mut sink: impl Sink) {
    let outcomes = outcomes();
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
        for outcome in &outcomes {
            sink.event(&Event::Finished(outcome)).expect("nothing is written");
        }
    });
}

#[divan::bench]
fn csv(bencher: Bencher) {
    write(bencher, Csv::new(io::sink(), Vec::new()).expect("nothing is written"));
}

#[divan::bench]
fn jsonl(bencher: Bencher) {
    write(bencher, Jsonl::new(io::sink(), Vec::new()));
}

#[divan::bench]
fn text(bencher: Bencher) {
    write(bencher, Text::new(io::sink(), Show::All, Style { colour: true, width: Some(120) }));
}
