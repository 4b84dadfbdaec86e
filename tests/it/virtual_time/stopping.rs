//! A run that is stopped: nothing is begun, what is on the wire is settled, and
//! every target has its row.

use super::list;
use crate::support::{
    answer,
    sim::{Sim, Stop},
};
use std::time::Duration;
use urlcheck::{Reason, schedule::Limits};

const TARGETS: usize = 1_000;

fn sim(at: u64, grace: u64, reason: Reason) -> Sim {
    let stop = Stop { at: Duration::from_millis(at), reason, grace: Duration::from_millis(grace) };
    Sim { limits: Limits { concurrency: 50, ..Limits::default() }, stop: Some(stop), ..Sim::default() }
}

fn urls() -> impl Iterator<Item = urlcheck::Target> {
    list((0..TARGETS).map(|n| format!("http://host-{n}.example/")))
}

#[test]
fn what_is_on_the_wire_is_settled() {
    let trace =
        sim(250, 10_000, Reason::RunAborted).run(urls(), |_, _| answer::status(200, Duration::from_millis(100)));
    trace.assert_one_row_each(TARGETS);
    // Three rounds of fifty were begun when it was stopped.
    assert_eq!(trace.count(None), 150);
    assert_eq!(trace.count(Some(Reason::RunAborted)), TARGETS - 150);
    assert_eq!(trace.took(), Duration::from_millis(300));
}

#[test]
fn a_deadline_calls_back_what_is_on_the_wire() {
    let trace = sim(250, 0, Reason::RunDeadline).run(urls(), |_, _| answer::status(200, Duration::from_millis(100)));
    trace.assert_one_row_each(TARGETS);
    assert_eq!(trace.count(None), 100);
    assert_eq!(trace.count(Some(Reason::RunDeadline)), TARGETS - 100);
    assert_eq!(trace.took(), Duration::from_millis(250));
}

#[test]
fn redirects_are_followed_to_their_end_and_retries_are_not_begun() {
    let trace = sim(50, 10_000, Reason::RunAborted).run(urls(), |request, _| match request.url.host_str() {
        Some("target.example") => answer::status(200, Duration::from_millis(10)),
        Some(host) if host < "host-2" => answer::status(503, Duration::from_millis(100)),
        _ => answer::redirect("http://target.example/", Duration::from_millis(100)),
    });
    trace.assert_one_row_each(TARGETS);
    assert_eq!(trace.starts.iter().filter(|start| start.at > Duration::from_millis(50)).count(), trace.count(None));
    // Of hosts 0 to 49, those whose names begin with host-0 and host-1 fail: 0, 1 and 10 to 19.
    assert_eq!(trace.count(None), 38);
    let aborted = trace.rows.iter().filter(|row| row.outcome.reason == Some(Reason::RunAborted));
    assert_eq!(aborted.filter(|row| row.outcome.attempts.len() == 1).count(), 12);
}

#[test]
fn a_hop_that_waits_for_its_host_has_its_row_when_the_grace_is_over() {
    let targets = ["http://busy.example/", "http://moved.example/"].map(String::from);
    let trace = sim(50, 1_000, Reason::RunAborted).run(list(targets), |request, _| match request.url.host_str() {
        Some("busy.example") => answer::retry_after(429, 50, Duration::from_millis(10)),
        _ => answer::redirect("http://busy.example/", Duration::from_millis(100)),
    });
    trace.assert_one_row_each(2);
    assert_eq!(trace.count(Some(Reason::RunAborted)), 2);
    assert_eq!(trace.took(), Duration::from_millis(1_050));
}
