//! What this machine lacks costs time, and no site its verdict.

use super::list;
use crate::support::{
    answer::{self, Answer},
    sim::Sim,
    trace::Trace,
};
use proptest::{prelude::*, test_runner::RngSeed};
use std::time::Duration;
use urlcheck::{
    Policy, Reason, Target,
    check::{Request, Timeouts},
    schedule::Limits,
};

const PATIENCE: Duration = Duration::from_secs(20);

/// No retries, so that none can be taken for what is tested here.
fn sim(concurrency: usize) -> Sim {
    let limits = Limits { concurrency, ..Limits::default() };
    Sim { policy: Policy { retries: 0, ..Policy::default() }, limits, ..Sim::default() }
}

fn urls(n: usize) -> Vec<Target> {
    list((0..n).map(|n| format!("http://host-{n}.example/"))).collect()
}

fn fast() -> Answer {
    answer::status(200, Duration::from_millis(30))
}

/// Fails the first requests as told, then answers.
fn after(first: usize, failing: fn() -> Answer) -> impl FnMut(&Request, usize) -> Answer {
    let mut asked = 0;
    move |_, _| {
        asked += 1;
        if asked <= first { failing() } else { fast() }
    }
}

/// No instant has more tries than one in a tenth of a second while nothing leaves.
fn assert_paced(trace: &Trace, tries: std::ops::Range<usize>) {
    for pair in trace.starts[tries].windows(2) {
        assert!(pair[1].at - pair[0].at >= Duration::from_millis(100), "{pair:?}");
    }
}

#[test]
fn slots_shrink_where_files_run_out_and_come_back_as_checks_connect() {
    let trace = sim(64).run(urls(3_000), after(70, answer::no_descriptor));
    trace.assert_one_row_each(3_000);
    assert_eq!(trace.count(None), 3_000);
    assert_eq!(trace.starts.len(), 3_070);
    // Once for the first sixty-four, then for each of the tries one by one.
    assert_eq!((trace.least_slots, trace.slots_left), (1, 64));
    assert_paced(&trace, 64..70);
}

#[test]
fn a_minute_without_a_network_costs_no_row() {
    let policy = Policy { timeouts: Timeouts { total: 2 * PATIENCE, ..Policy::default().timeouts }, ..sim(1).policy };
    let trace = Sim { policy, ..sim(64) }.run(urls(1_000), after(64 + 300, answer::no_network));
    trace.assert_one_row_each(1_000);
    assert_eq!(trace.count(None), 1_000);
    assert_paced(&trace, 64..364);
    assert!(trace.took() >= Duration::from_secs(30));
    assert_eq!(trace.least_slots, 64, "it is not the slots that are too many");
}

#[test]
fn a_network_that_never_comes_ends_every_row_in_time_and_blames_no_site() {
    let trace = sim(64).run(urls(1_000), |_, _| answer::no_network());
    trace.assert_one_row_each(1_000);
    assert_eq!(trace.count(Some(Reason::LocalNetwork)), 1_000);
    assert_paced(&trace, 64..trace.starts.len());
    // As many as are read at once wait as long as one check does.
    assert!(trace.took() <= (1_000 / 64 + 2) * (PATIENCE + Duration::from_secs(4)), "{:?}", trace.took());
    assert!(trace.first(Reason::LocalNetwork).detail.contains("nothing has left this machine for 20s"));
}

#[test]
fn a_host_that_this_machine_has_no_way_to_delays_nobody_else() {
    let network = |request: &Request, _: usize| match request.url.host_str() {
        Some(host) if host.ends_with("7.example") => answer::no_network(),
        _ => fast(),
    };
    let trace = sim(16).run(urls(1_000), network);
    trace.assert_one_row_each(1_000);
    assert_eq!((trace.count(None), trace.count(Some(Reason::LocalNetwork))), (900, 100));
    // 900 answers of 30 ms, 16 at once, take 1.7 s.
    assert!(trace.took_of(|outcome| outcome.reason.is_none()) < Duration::from_secs(4));
    assert!(trace.took() < PATIENCE + Duration::from_secs(10), "{:?}", trace.took());
}

#[test]
fn a_host_is_not_told_down_for_what_this_machine_lacks() {
    let targets = || list((0..50).map(|n| format!("http://one.example/{n}")));
    let trace = sim(16).run(targets(), |_, _| answer::no_descriptor());
    assert_eq!(trace.count(Some(Reason::LocalFiles)), 50);
    let trace = sim(16).run(targets(), after(20, answer::no_descriptor));
    assert_eq!(trace.count(None), 50);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60, rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..ProptestConfig::default()
    })]

    /// However many tries fail for want of something, and of what: the slots
    /// stay within their bounds, and no row is lost or untrue.
    #[test]
    fn whatever_is_lacking_for_a_while_costs_no_row(
        concurrency in 1..40usize,
        shards in 1..4usize,
        fails in prop::collection::vec((any::<bool>(), 0..6usize), 1..60),
    ) {
        let mut fails = fails.into_iter().flat_map(|(files, n)| {
            let failing = if files { answer::no_descriptor } else { answer::no_network };
            std::iter::repeat_n(Some(failing), n).chain([None])
        });
        let policy = Policy { timeouts: Timeouts { total: 9 * PATIENCE, ..Policy::default().timeouts }, ..sim(1).policy };
        let trace = Sim { shards, policy, ..sim(concurrency) }
            .run(urls(300), |_, _| fails.next().flatten().map_or_else(fast, |failing| failing()));
        trace.assert_one_row_each(300);
        prop_assert_eq!(trace.count(None), 300);
        prop_assert!((1..=concurrency).contains(&trace.least_slots));
    }
}

/// One host that this machine has no way to says nothing of another that asked
/// for a pause.
#[test]
fn a_host_in_its_pause_is_not_cut_off_with_another() {
    let hosts = (1..=40).map(|n| if n <= 20 { "pause" } else { "no-way" });
    let targets = list(hosts.zip(1..).map(|(host, n)| format!("http://{host}.example/{n}")).collect::<Vec<_>>());
    let limits = Limits { per_host: 1, concurrency: 64, ..Limits::default() };
    let mut asked = false;
    let trace = Sim { limits, ..sim(64) }.run(targets, |request, _| match request.url.host_str() {
        Some("pause.example") if !std::mem::replace(&mut asked, true) => {
            answer::retry_after(429, 2 * PATIENCE.as_secs(), Duration::from_millis(30))
        }
        Some("pause.example") => fast(),
        _ => answer::no_network(),
    });
    trace.assert_one_row_each(40);
    assert_eq!((trace.count(None), trace.count(Some(Reason::HttpThrottled))), (19, 1));
}
