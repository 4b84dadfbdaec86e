//! The summary as JSON (`--summary FILE`): the numbers of the closing lines, for
//! programs. Keys keep their names and meanings.

use super::{Counts, End, Stop, cell::Millis, hosts::MOST_DISTINCT, totals::Totals};
use serde::Serialize;
use std::collections::BTreeMap;

/// Failing hosts that the report names.
const NAMED: usize = 10;

#[derive(Serialize)]
pub(super) struct Report<'a> {
    /// Rows in all.
    urls: u64,
    /// Of these, rows that the output had before: see `--resume`. Hosts, times
    /// and the rate are without them.
    kept: u64,
    /// Distinct hosts, with their ports.
    hosts: usize,
    /// Whether there are more hosts than `hosts` says.
    hosts_more: bool,
    elapsed_ms: Millis,
    rate_per_s: f64,
    by_verdict: &'a Counts,
    /// Only the codes that occurred.
    by_reason: BTreeMap<&'static str, u64>,
    /// Only the statuses that occurred.
    by_status: BTreeMap<u16, u64>,
    /// Null when nothing was sent.
    total_ms: Option<TotalMs>,
    slowest_hosts: Vec<SlowHost<'a>>,
    failing_hosts: Vec<FailingHost<'a>>,
    /// Whether the counts of failing hosts are exact; else they are at least that.
    failing_hosts_exact: bool,
    /// `signal`, `deadline`, `output`, or null when all was done.
    stopped: Option<Stop>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct TotalMs {
    p50: Millis,
    p90: Millis,
    p99: Millis,
    max: Millis,
}

#[derive(Serialize)]
struct SlowHost<'a> {
    host: &'a str,
    total_ms: Millis,
}

#[derive(Serialize)]
struct FailingHost<'a> {
    host: &'a str,
    down: u64,
}

impl<'a> Report<'a> {
    pub(super) fn of(totals: &'a Totals, end: &'a End) -> Report<'a> {
        let (mut by_reason, mut by_status) = (BTreeMap::new(), BTreeMap::new());
        for (kind, count) in totals.kinds() {
            if let Some(reason) = kind.reason {
                *by_reason.entry(reason.code()).or_default() += count;
            }
            if let Some(status) = kind.status {
                *by_status.entry(status).or_default() += count;
            }
        }
        let millis = |quantile| Millis(quantile);
        Report {
            urls: totals.counts.total(),
            kept: totals.kept,
            hosts: totals.hosts.number().unwrap_or(MOST_DISTINCT),
            hosts_more: totals.hosts.number().is_none(),
            elapsed_ms: Millis(end.elapsed),
            rate_per_s: (rate(totals, end) * 1000.0).round() / 1000.0,
            by_verdict: &totals.counts,
            by_reason,
            by_status,
            total_ms: totals.quantiles().map(|times| TotalMs {
                p50: millis(times.p50),
                p90: millis(times.p90),
                p99: millis(times.p99),
                max: millis(times.max),
            }),
            slowest_hosts: totals
                .slowest
                .iter()
                .map(|(host, total)| SlowHost { host, total_ms: Millis(total) })
                .collect(),
            failing_hosts: totals
                .failing
                .top(NAMED)
                .into_iter()
                .map(|(host, down)| FailingHost { host, down })
                .collect(),
            failing_hosts_exact: totals.failing.is_exact(),
            stopped: end.stopped,
            notes: &end.notes,
        }
    }
}

/// Outcomes a second over the whole run; 0 when no time passed.
pub(super) fn rate(totals: &Totals, end: &End) -> f64 {
    match end.elapsed.as_secs_f64() {
        0.0 => 0.0,
        seconds => totals.made() as f64 / seconds,
    }
}
