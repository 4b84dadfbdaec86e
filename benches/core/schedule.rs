//! A check's way through a run, from target to outcome, while so many hosts
//! have work: what it costs must hardly depend on their number.

use super::virtual_time::{World, target};
use divan::{Bencher, counter::ItemsCount};
use std::hint::black_box;

/// Checks that are timed together.
const CHECKS: u64 = 10_000;

#[divan::bench(args = [1, 100_000, 1_000_000])]
fn check_among_lanes(bencher: Bencher, lanes: u64) {
    let waiting = lanes.max(CHECKS);
    let mut world = World::new(waiting as usize);
    (1..=waiting).for_each(|index| world.push(target(index, lanes)));
    let mut next = waiting;
    bencher
        .counter(ItemsCount::new(CHECKS))
        .with_inputs(|| {
            next += CHECKS;
            (next - CHECKS + 1..=next).map(|index| target(index, lanes)).collect()
        })
        .bench_local_values(|targets: Vec<_>| world.replace(targets, |outcome| drop(black_box(outcome))));
}
