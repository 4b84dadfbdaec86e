//! Dead hosts do not set the pace: a check without a connection gives up its
//! slot, and the living go on.

use super::list;
use crate::support::{
    answer::{self, Answer},
    sim::Sim,
    trace::Trace,
};
use std::time::Duration;
use urlcheck::{Reason, schedule::Limits};

#[test]
fn ten_per_cent_of_dead_hosts_cost_the_living_a_fifth_at_most() {
    assert_pace(20_000, 256, |_| Duration::from_millis(50));
}

#[test]
fn so_it_is_where_replies_take_from_20_to_400_ms() {
    assert_pace(20_000, 256, spread);
}

#[test]
fn so_it_is_with_few_slots_and_with_many() {
    assert_pace(6_000, 16, spread);
    assert_pace(6_000, 1_000, spread);
}

/// Every tenth host is dead; of these a third refuses, a third is a black hole
/// and a third has no such name.
fn assert_pace(targets: usize, concurrency: usize, takes: fn(usize) -> Duration) {
    let sim = Sim { limits: Limits { concurrency, ..Limits::default() }, ..Sim::default() };
    let is_dead = |n: usize| n.is_multiple_of(10);
    let urls = |n: usize| format!("http://host-{n}.example/");
    let alone = run(&sim, (1..=targets).filter(|n| !is_dead(*n)).map(urls), takes);
    let all = run(&sim, (1..=targets).map(urls), takes);
    all.assert_one_row_each(targets);
    for (reason, rest) in [(Reason::ConnectRefused, 0), (Reason::ConnectTimeout, 10), (Reason::DnsNxdomain, 20)] {
        assert_eq!(all.count(Some(reason)), (1..=targets).filter(|n| n % 30 == rest).count(), "{reason}");
    }
    assert_eq!(all.count(None), targets / 10 * 9);
    let took = all.took_of(|outcome| outcome.reason.is_none());
    assert!(took <= alone.took().mul_f64(1.2), "{took:?}, without the dead {:?}", alone.took());
}

fn run(sim: &Sim, urls: impl Iterator<Item = String>, takes: fn(usize) -> Duration) -> Trace {
    sim.run(list(urls), |request, _| {
        let host = request.url.host_str().expect("it has a host");
        let n: usize = host["host-".len()..].split('.').next().and_then(|n| n.parse().ok()).expect("its number");
        answer(n, takes)
    })
}

fn answer(n: usize, takes: fn(usize) -> Duration) -> Answer {
    match n % 30 {
        0 => answer::refused(),
        10 => answer::black_hole(),
        20 => answer::no_such_name(),
        _ => answer::status(200, takes(n)),
    }
}

/// Most replies come soon and some late, from 20 to 400 ms: about log-normal.
fn spread(n: usize) -> Duration {
    // Three digits that seem drawn, of which the mean is seldom at an end.
    let drawn = [7_919, 104_729, 611_953].map(|prime| (n * prime / 7 % 100) as f64 / 99.0);
    Duration::from_secs_f64(0.02 * 20.0_f64.powf(drawn.iter().sum::<f64>() / 3.0))
}
