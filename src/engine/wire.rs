//! The lines between a run and its worker processes: one JSON value each, in
//! both directions. What they mean is in `processes` and `worker`.
//!
//! They hold headers and URLs with their secrets, so no error shows a line.

use super::{inbox::Standing, run::Moved};
use crate::{
    check::{Check, HostKey, Outcome, Policy, Reason, Target},
    net::{Held, Network},
    schedule::{Limits, UnderWay},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    io::{self, Write},
    sync::Arc,
    time::{Duration, Instant},
};

/// Both ends are the same program, or they do not work together.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// No line is longer (64 MiB), job included: the names of `--hosts` are in it.
pub(super) const LONGEST_LINE: usize = 64 << 20;

/// What a worker is sent: a job, then whatever comes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToWorker {
    /// What the worker is to do, and how.
    Job(Box<Job>),
    /// A target of a host that the worker owns.
    Target(Target),
    /// A check that goes on at a host that the worker owns.
    Check(Box<Travelling>),
    /// The run is stopped; checks on the wire may go on for `grace`.
    Stop { reason: Reason, grace: Duration },
    /// Every target has its outcome, and none will come.
    End,
}

/// What a worker sends.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FromWorker {
    /// The first line: the job is understood and begun.
    Ready { version: String },
    /// Instead of it: why the job cannot be begun.
    Refused { why: String },
    /// A target has its outcome.
    Outcome(Box<Outcome>),
    /// A check goes on at a host that the worker does not own.
    Moved(Box<Travelling>),
    /// How the worker's part of the run stands.
    Standing(Standing),
    /// A host took up more than its share of what is read ahead.
    Crowded { host: HostKey, n_targets: usize },
}

/// A worker's part of a plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) version: String,
    pub(super) policy: Arc<Policy>,
    /// The worker's share of them; the look-ahead is the whole run's.
    pub(super) limits: Limits,
    /// Nothing is sent before this has passed, so that the shares of a rate
    /// take turns.
    pub(super) rate_after: Duration,
    pub(super) network: Network,
    /// What the network's files held.
    pub(super) held: Held,
    /// Which worker this is, of how many.
    pub(super) index: usize,
    pub(super) of: usize,
}

/// A check between two processes, whose clocks have no common instant.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Travelling {
    pub(super) check: Box<Check>,
    due_in: Duration,
    began_ago: Duration,
}

impl Travelling {
    pub(super) fn leaving(moved: Moved, now: Instant) -> Travelling {
        let Moved { under_way: UnderWay { check, began }, due } = moved;
        let (due_in, began_ago) = (due.saturating_duration_since(now), now.saturating_duration_since(began));
        Travelling { check, due_in, began_ago }
    }

    pub(super) fn arrived(self, now: Instant) -> Moved {
        let began = now.checked_sub(self.began_ago).unwrap_or(now);
        Moved { under_way: UnderWay { check: self.check, began }, due: now + self.due_in }
    }
}

/// Why a line is none; it tells where, and nothing of what is in it.
#[derive(Debug, thiserror::Error)]
#[error("it is no message of this version (character {column})")]
pub(super) struct WireError {
    column: usize,
}

/// Writes a message as a line.
pub(super) fn write(message: &impl Serialize, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut out, message)?;
    out.write_all(b"\n")
}

/// Reads the message of a line.
pub(super) fn read<T: DeserializeOwned>(line: &[u8]) -> Result<T, WireError> {
    serde_json::from_slice(line).map_err(|error| WireError { column: error.column() })
}

#[cfg(test)]
mod tests;
