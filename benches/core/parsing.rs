//! From the bytes of a list to its targets, URLs parsed.

use super::lists;
use divan::{Bencher, counter::ItemsCount};
use urlcheck::source::Format;

const TARGETS: u64 = 10_000;

fn read(bencher: Bencher, format: Format) {
    let text = lists::text(format, TARGETS);
    bencher
        .counter(ItemsCount::new(TARGETS))
        .with_inputs(|| text.clone())
        .bench_values(|text| assert_eq!(lists::read(format, text), TARGETS as usize));
}

#[divan::bench]
fn lines(bencher: Bencher) {
    read(bencher, Format::Lines);
}

#[divan::bench]
fn csv(bencher: Bencher) {
    read(bencher, Format::Csv);
}

#[divan::bench]
fn jsonl(bencher: Bencher) {
    read(bencher, Format::Jsonl);
}
