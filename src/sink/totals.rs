//! What is counted over a whole run, in memory that does not grow with it.

use super::{
    Kept,
    hosts::{Distinct, MostFailing, Slowest, host},
};
use crate::check::{Outcome, Reason, Verdict};
use hdrhistogram::Histogram;
use serde::{Serialize, Serializer};
use std::{collections::BTreeMap, time::Duration};

/// Outcomes by verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; Verdict::ALL.len()]);

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        self.add_many(verdict, 1);
    }

    pub(super) fn add_many(&mut self, verdict: Verdict, number: u64) {
        self.0[verdict as usize] += number;
    }

    /// The outcomes with this verdict.
    pub fn of(&self, verdict: Verdict) -> u64 {
        self.0[verdict as usize]
    }

    /// All outcomes.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Verdict::ALL.iter().map(|verdict| (verdict.as_str(), self.of(*verdict))))
    }
}

/// Everything that the summary tells.
pub(super) struct Totals {
    pub(super) counts: Counts,
    /// Of these, rows that were there before the run began.
    pub(super) kept: u64,
    pub(super) hosts: Distinct,
    pub(super) failing: MostFailing,
    pub(super) slowest: Slowest,
    /// Bounded by the verdicts, reasons and statuses that there are.
    kinds: BTreeMap<Kind, u64>,
    /// Of `total_ms`, in microseconds, to three digits.
    times: Histogram<u64>,
    longest: Duration,
}

/// What tells outcomes apart in the summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) verdict: Verdict,
    pub(super) reason: Option<Reason>,
    pub(super) status: Option<u16>,
}

/// A part of all times took at most this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quantiles {
    pub(super) p50: Duration,
    pub(super) p90: Duration,
    pub(super) p99: Duration,
    pub(super) max: Duration,
}

impl Totals {
    pub(super) fn new() -> Totals {
        // From a microsecond to a day in 200 KiB; what is longer counts as a day.
        let times = Histogram::new_with_bounds(1, 86_400_000_000, 3).expect("the bounds are in order");
        Totals {
            counts: Counts::default(),
            kept: 0,
            hosts: Distinct::default(),
            failing: MostFailing::default(),
            slowest: Slowest::default(),
            kinds: BTreeMap::new(),
            times,
            longest: Duration::ZERO,
        }
    }

    pub(super) fn add(&mut self, outcome: &Outcome) {
        self.counts.add(outcome.verdict);
        let kind = Kind { verdict: outcome.verdict, reason: outcome.reason, status: outcome.status_code() };
        *self.kinds.entry(kind).or_default() += 1;
        let Some(host) = host(outcome) else { return };
        self.hosts.add(host);
        if outcome.verdict == Verdict::Down {
            self.failing.add(host);
        }
        if let Some(total) = outcome.total() {
            self.times.saturating_record(u64::try_from(total.as_micros()).unwrap_or(u64::MAX));
            self.longest = self.longest.max(total);
            self.slowest.add(host, total);
        }
    }

    /// Counts rows that were there already. Their hosts and times are not
    /// those of this run.
    pub(super) fn keep(&mut self, kept: &Kept) {
        for (kind, number) in kept.kinds() {
            self.counts.add_many(kind.verdict, number);
            *self.kinds.entry(kind).or_default() += number;
            self.kept += number;
        }
    }

    /// Outcomes of this run.
    pub(super) fn made(&self) -> u64 {
        self.counts.total() - self.kept
    }

    /// The kinds of outcomes and how many there are of each.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (Kind, u64)> {
        self.kinds.iter().map(|(kind, count)| (*kind, *count))
    }

    /// Of the time on the wire; `None` when nothing was sent.
    pub(super) fn quantiles(&self) -> Option<Quantiles> {
        // A bucket of the histogram may end above the longest time itself.
        let at = |quantile| Duration::from_micros(self.times.value_at_quantile(quantile)).min(self.longest);
        (!self.times.is_empty()).then(|| Quantiles { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: self.longest })
    }
}
