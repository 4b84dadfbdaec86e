//! The breaker of a lane: how many checks a host gets that nothing connects to.
//!
//! The first failed connection takes the lane down to one probe at a time, and
//! the check that failed does the probing, at the pace of its own retries. The
//! others wait without a slot. They end only when a whole check ended without
//! a connection, and nothing connected meanwhile: on the same evidence that a
//! URL alone gets its verdict by, never on less.

use std::time::Instant;

/// The state of one lane's breaker.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Breaker {
    /// The host connects, as far as is known.
    #[default]
    Closed,
    /// The last try to connect failed.
    Probing {
        /// Due time and ticket of the check that goes next, once one waits.
        probe: Option<(Instant, u64)>,
    },
}

impl Breaker {
    /// Something connected: all is well.
    pub(super) fn close(&mut self) {
        *self = Breaker::Closed;
    }

    /// A connection failed.
    pub(super) fn open(&mut self) {
        if *self == Breaker::Closed {
            *self = Breaker::Probing { probe: None };
        }
    }

    /// A check that is under way waits in the lane: while nobody probes, it will.
    pub(super) fn nominate(&mut self, key: (Instant, u64)) {
        if let Breaker::Probing { probe: probe @ None } = self {
            *probe = Some(key);
        }
    }

    /// The check that goes before all others.
    pub(super) fn probe(&self) -> Option<(Instant, u64)> {
        match self {
            Breaker::Closed => None,
            Breaker::Probing { probe } => *probe,
        }
    }

    /// The probe is on its way.
    pub(super) fn started(&mut self) {
        if let Breaker::Probing { probe } = self {
            *probe = None;
        }
    }

    /// How many checks may be on the wire; `per_host` 0 is no limit.
    pub(super) fn cap(&self, per_host: usize) -> usize {
        match self {
            Breaker::Probing { .. } => 1,
            Breaker::Closed if per_host == 0 => usize::MAX,
            Breaker::Closed => per_host,
        }
    }
}
