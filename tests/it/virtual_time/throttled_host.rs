//! Hosts take turns, and one that throttles holds up nobody but itself, however
//! much of the list is its own and wherever that stands.

use super::list;
use crate::support::{answer, sim::Sim, trace::Trace};
use std::time::Duration;
use urlcheck::{Outcome, schedule::Limits};

const TARGETS: usize = 5_000;

/// Two of five targets are of the throttled host.
fn is_throttled(n: usize) -> bool {
    n % 5 < 2
}

fn url(n: usize) -> String {
    match is_throttled(n) {
        true => format!("http://throttled.example/{n}"),
        false => format!("http://host-{}.example/{n}", n % 500),
    }
}

/// Every request to the throttled host is asked to come back in 10 s; the others take 50 ms.
fn run(sim: &Sim, targets: impl Iterator<Item = usize>) -> Trace {
    sim.run(list(targets.map(url)), |request, _| match request.url.host_str() {
        Some("throttled.example") => answer::retry_after(429, 10, Duration::from_millis(50)),
        _ => answer::status(200, Duration::from_millis(50)),
    })
}

fn assert_undisturbed(limits: Limits, targets: impl Iterator<Item = usize>) {
    let sim = Sim { limits, ..Sim::default() };
    let alone = run(&sim, (0..TARGETS).filter(|n| !is_throttled(*n)));
    let all = run(&sim, targets);
    all.assert_one_row_each(TARGETS);
    let others =
        |outcome: &Outcome| outcome.target.url.as_ref().is_ok_and(|url| url.host_str() != Some("throttled.example"));
    let took = all.took_of(others);
    assert!(took <= alone.took().mul_f64(1.05), "{took:?}, without the throttled host {:?}", alone.took());
    assert!(took < all.took(), "the throttled host was not throttled");
}

#[test]
fn interleaved_it_delays_nobody() {
    assert_undisturbed(Limits { concurrency: 64, ..Limits::default() }, 0..TARGETS);
}

#[test]
fn sorted_to_the_front_it_delays_nobody() {
    let sorted = (0..TARGETS).filter(|n| is_throttled(*n)).chain((0..TARGETS).filter(|n| !is_throttled(*n)));
    assert_undisturbed(Limits { concurrency: 64, ..Limits::default() }, sorted);
}

#[test]
fn without_a_limit_for_hosts_it_delays_nobody() {
    assert_undisturbed(Limits { concurrency: 64, per_host: 0, ..Limits::default() }, 0..TARGETS);
}

#[test]
fn hosts_take_turns_in_the_order_in_which_they_came() {
    let hosts = ["a", "b", "a", "a", "c", "b"];
    let sim = Sim { limits: Limits { concurrency: 4, rate: Some(10.0), ..Limits::default() }, ..Sim::default() };
    let trace = sim.run(list(hosts.map(|host| format!("http://{host}/"))), |_, _| answer::status(200, Duration::ZERO));
    let turns: Vec<u64> = trace.starts.iter().map(|start| start.index).collect();
    assert_eq!(turns, [1, 2, 5, 3, 6, 4]);
}
