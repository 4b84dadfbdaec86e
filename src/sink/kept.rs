//! The rows that an output had before the run began, counted.

use super::{Counts, totals::Kind};
use crate::check::{Reason, Verdict};
use std::collections::BTreeMap;

/// Rows that stay in an output, by what they say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Bounded by the verdicts, reasons and statuses that there are.
    kinds: BTreeMap<Kind, u64>,
}

impl Kept {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict, reason: Option<Reason>, status: Option<u16>) {
        *self.kinds.entry(Kind { verdict, reason, status }).or_default() += 1;
    }

    /// The rows by verdict.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.kinds.iter().for_each(|(kind, number)| counts.add_many(kind.verdict, *number));
        counts
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = (Kind, u64)> {
        self.kinds.iter().map(|(kind, number)| (*kind, *number))
    }
}
