//! What holds for every list, every network and all limits. That the limits
//! themselves hold is asserted by the watch at every instant of each of these runs.

use super::world::{self, World};
use crate::support::trace::{Row, Trace};
use proptest::{prelude::*, test_runner::RngSeed};
use urlcheck::{Outcome, Reason, check::HostKey};

/// The same cases each time.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 100, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn rows_are_as_many_as_targets_and_each_is_true(world in world::worlds()) {
        let trace = world.run();
        trace.assert_one_row_each(world.pages.len());
        for row in &trace.rows {
            assert_true(&world, &trace, &row.outcome);
        }
    }

    #[test]
    fn a_stop_at_any_time_leaves_no_row_out_and_begins_nothing(world in world::stopped_worlds()) {
        let trace = world.run();
        let stop = world.sim.stop.expect("it is stopped");
        trace.assert_one_row_each(world.pages.len());
        for Row { at, outcome } in &trace.rows {
            if outcome.reason == Some(stop.reason) {
                prop_assert!(*at >= stop.at);
            } else {
                assert_true(&world, &trace, outcome);
            }
            prop_assert!(*at <= stop.at + stop.grace, "a row after the grace, at {at:?}");
        }
        for late in trace.starts.iter().filter(|start| start.at > stop.at) {
            let begun = trace.starts.iter().any(|start| start.index == late.index && start.at <= stop.at);
            prop_assert!(begun, "row {} was begun at {:?}", late.index, late.at);
        }
    }

    #[test]
    fn no_lane_outlives_its_work_and_its_pauses(world in world::worlds()) {
        let trace = world.run();
        prop_assert_eq!(trace.lanes_later, 0);
        let asked: std::collections::HashSet<&HostKey> = trace.starts.iter().map(|start| &start.host).collect();
        prop_assert!(trace.lanes_left <= asked.len());
        prop_assert!(trace.most_lanes <= world.sim.limits.look_ahead + world.pages.len());
    }

    #[test]
    fn the_same_run_again_is_the_same(world in world::worlds()) {
        prop_assert_eq!(world.run(), world.run());
    }
}

/// Asserts that an outcome is the one that the target has when it is checked
/// alone, or that it ended with its host and rightly so.
fn assert_true(world: &World, trace: &Trace, outcome: &Outcome) {
    let index = outcome.target.index;
    let alone = world.alone(index);
    let same = |alone: &Outcome| Outcome { waited: outcome.waited, ..alone.clone() } == *outcome;
    if alone.as_ref().is_some_and(same) {
        return;
    }
    let ends = named_row(outcome)
        .map(|row| &trace.rows.iter().find(|of| of.outcome.target.index == row).expect("a row").outcome);
    match (outcome.reason, ends.and_then(|row| row.reason)) {
        (Some(Reason::HostDown), Some(Reason::ConnectRefused | Reason::ConnectTimeout)) => {
            assert!(world.may_be_host_down(index), "{outcome:?}");
        }
        (Some(Reason::HttpThrottled), Some(Reason::HttpStatus)) => assert!(world.may_be_left(index), "{outcome:?}"),
        _ => assert!(alone.is_none(), "{outcome:?} is, alone, {alone:?}"),
    }
}

/// The row that an outcome names as the one that showed why.
fn named_row(outcome: &Outcome) -> Option<u64> {
    let (_, after) = outcome.detail.split_once("row ")?;
    after.split(' ').next()?.parse().ok()
}
