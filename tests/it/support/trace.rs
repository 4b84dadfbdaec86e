//! What a simulated run did, and when.

use std::time::Duration;
use urlcheck::{Outcome, Reason, check::HostKey};

/// Everything that a run did. All instants count from its begin.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Trace {
    pub(crate) starts: Vec<Start>,
    pub(crate) rows: Vec<Row>,
    /// The most lanes there were.
    pub(crate) most_lanes: usize,
    /// The most checks that waited for a retry or a hop.
    pub(crate) most_again: usize,
    /// The fewest slots that a schedule allowed, and those at the end.
    pub(crate) least_slots: usize,
    pub(crate) slots_left: usize,
    /// When there was nothing left to do.
    pub(crate) ended: Duration,
    /// The lanes there were right after the last row.
    pub(crate) lanes_left: usize,
    /// The lanes there were when every gap and pause had passed.
    pub(crate) lanes_later: usize,
}

/// A request that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) at: Duration,
    pub(crate) host: HostKey,
    /// The target's.
    pub(crate) index: u64,
}

/// An outcome, and when it was told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) at: Duration,
    pub(crate) outcome: Outcome,
}

impl Trace {
    /// When the last row was told.
    pub(crate) fn took(&self) -> Duration {
        self.rows.last().map_or(Duration::ZERO, |row| row.at)
    }

    /// When the last of some rows was told.
    pub(crate) fn took_of(&self, of: impl Fn(&Outcome) -> bool) -> Duration {
        self.rows.iter().filter(|row| of(&row.outcome)).map(|row| row.at).max().unwrap_or_default()
    }

    /// How many rows have a reason; `None`: are up.
    pub(crate) fn count(&self, reason: Option<Reason>) -> usize {
        self.rows.iter().filter(|row| row.outcome.reason == reason).count()
    }

    /// The first row with a reason.
    pub(crate) fn first(&self, reason: Reason) -> &Outcome {
        let found = self.rows.iter().find(|row| row.outcome.reason == Some(reason));
        &found.unwrap_or_else(|| panic!("no row is {reason}")).outcome
    }

    /// Asserts that each of the targets 1 to `n` has exactly one row.
    pub(crate) fn assert_one_row_each(&self, n: usize) {
        let mut indexes: Vec<u64> = self.rows.iter().map(|row| row.outcome.target.index).collect();
        indexes.sort_unstable();
        assert!(indexes.iter().copied().eq(1..=n as u64), "{n} targets, rows of {indexes:?}");
    }
}
