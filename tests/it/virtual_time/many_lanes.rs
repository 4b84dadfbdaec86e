//! Many lanes at once: no step may look at all of them. Where one does, these
//! tests take minutes instead of a second.

use super::list;
use crate::support::{
    answer,
    sim::{Sim, Stop},
};
use std::time::Duration;
use urlcheck::{Reason, Target, schedule::Limits};

const TARGETS: usize = 20_000;

const REPLY: Duration = Duration::from_millis(50);

fn urls(hosts: usize) -> impl Iterator<Item = Target> {
    list((0..TARGETS).map(move |n| format!("http://host-{}.example/{n}", n % hosts)))
}

/// As many slots as targets: every lane that has work is ready at once.
fn wide(limits: Limits) -> Sim {
    Sim { limits: Limits { concurrency: TARGETS, ..limits }, ..Sim::default() }
}

#[test]
fn all_are_ready_when_the_run_is_stopped() {
    let stop = Stop { at: Duration::from_secs(10), reason: Reason::RunAborted, grace: Duration::from_secs(1) };
    let slow = Limits { rate: Some(10.0), ..Limits::default() };
    let trace = Sim { stop: Some(stop), ..wide(slow) }.run(urls(TARGETS), |_, _| answer::status(200, REPLY));
    trace.assert_one_row_each(TARGETS);
    // One each tenth of a second, from the first instant on.
    assert_eq!(trace.count(None), 100);
}

#[test]
fn all_are_paused_by_their_own_replies() {
    // Two targets a host: the second is ready, for want of rate, when the first is told to wait.
    let limits = Limits { rate: Some(TARGETS as f64), ..Limits::default() };
    let trace = wide(limits).run(urls(TARGETS / 2), |_, nth| match nth {
        0 => answer::retry_after(429, 5, REPLY),
        _ => answer::status(200, REPLY),
    });
    trace.assert_one_row_each(TARGETS);
    assert_eq!(trace.count(None), TARGETS);
}

#[test]
fn all_have_a_retry_that_is_due_while_targets_are_held_back() {
    let limits = Limits { look_ahead: TARGETS / 4, ..Limits::default() };
    let trace = wide(limits).run(urls(TARGETS / 2), |_, nth| match nth {
        0 => answer::status(503, REPLY),
        _ => answer::status(200, REPLY),
    });
    trace.assert_one_row_each(TARGETS);
    assert_eq!(trace.count(None), TARGETS);
    assert!(trace.most_again >= TARGETS / 4, "{}", trace.most_again);
}
