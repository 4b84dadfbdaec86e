//! A lane: what waits for one host, and when its next check may start.

use super::breaker::Breaker;
use crate::check::{Check, Target};
use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

/// What waits in a lane.
#[derive(Debug)]
pub(super) enum Parked {
    /// A target that was read and not begun, and since when.
    Fresh(Target, Instant),
    /// A check that goes on, and since when it waits.
    Again(UnderWay, Instant),
}

/// A check that goes on: with a retry, or with a redirect's next hop.
#[derive(Debug)]
pub struct UnderWay {
    /// The check, its next request ready.
    pub check: Check,
    /// When its first request started.
    pub began: Instant,
}

/// One host's queue, and its limits' state.
#[derive(Debug, Default)]
pub(super) struct Lane {
    fresh: VecDeque<Box<(Target, Instant)>>,
    again: BTreeMap<(Instant, u64), Box<(UnderWay, Instant)>>,
    /// Checks on the wire.
    pub(super) busy: usize,
    /// No start before this: the host's rate, or a pause that it asked for.
    free_at: Option<Instant>,
    pub(super) breaker: Breaker,
    /// When a connection was last seen.
    connected_at: Option<Instant>,
    /// Where the schedule keeps this lane at present.
    pub(super) place: Place,
}

/// Where the schedule keeps a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere: it waits for a check of its own to end.
    #[default]
    Away,
    /// Among the lanes that may start a check now.
    Ready,
    /// Among those that wait for an instant.
    Timer(Instant),
    /// Ready, but with nothing except targets, which are held back.
    Held,
}

/// What a lane has to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// A check may start now.
    Start,
    /// Nothing before this instant.
    At(Instant),
    /// Nothing before a check on the wire ends.
    Await,
    /// Nothing at all: the lane can go.
    Gone,
}

impl Lane {
    pub(super) fn push_fresh(&mut self, target: Target, now: Instant) {
        self.fresh.push_back(Box::new((target, now)));
    }

    pub(super) fn push_again(&mut self, under_way: UnderWay, due: Instant, ticket: u64, now: Instant) {
        self.breaker.nominate((due, ticket));
        self.again.insert((due, ticket), Box::new((under_way, now)));
    }

    /// There is a connection: all is well.
    pub(super) fn connected(&mut self, now: Instant) {
        self.connected_at = Some(now);
        self.breaker.close();
    }

    /// Whether nothing connected since `began`.
    pub(super) fn is_dead_since(&self, began: Instant) -> bool {
        self.connected_at.is_none_or(|at| at < began)
    }

    /// Nothing starts before `instant`.
    pub(super) fn pause_until(&mut self, instant: Instant) {
        self.free_at = self.free_at.max(Some(instant));
    }

    /// Targets that wait and were not begun.
    pub(super) fn fresh(&self) -> usize {
        self.fresh.len()
    }

    pub(super) fn has_work(&self) -> bool {
        !(self.fresh.is_empty() && self.again.is_empty())
    }

    /// Whether the next to start would be a target that was not begun yet.
    pub(super) fn next_is_fresh(&self, now: Instant) -> bool {
        self.due_again(now).is_none() && !self.fresh.is_empty()
    }

    pub(super) fn wish(&self, now: Instant, per_host: usize) -> Wish {
        let free_at = self.free_at.filter(|at| now < *at);
        if !self.has_work() {
            return match (self.busy, free_at) {
                (0, None) => Wish::Gone,
                (0, Some(at)) => Wish::At(at),
                _ => Wish::Await,
            };
        }
        if self.busy >= self.breaker.cap(per_host) {
            return Wish::Await;
        }
        match self.next_due(now).max(free_at) {
            None => Wish::Start,
            Some(at) => Wish::At(at),
        }
    }

    /// Takes the next check to start; there is one when [`Lane::wish`] is to start.
    pub(super) fn pop(&mut self, now: Instant, gap: Option<Duration>) -> Option<Parked> {
        let parked = match self.due_again(now) {
            Some(key) => self.again.remove(&key).map(|again| Parked::Again(again.0, again.1)),
            None => self.fresh.pop_front().map(|fresh| Parked::Fresh(fresh.0, fresh.1)),
        };
        self.busy += 1;
        self.breaker.started();
        if let Some(gap) = gap {
            self.free_at = Some(now + gap);
        }
        parked
    }

    /// Everything that waits, the lane left empty and its breaker closed.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Parked> + use<> {
        self.breaker.close();
        let again = std::mem::take(&mut self.again).into_values().map(|again| Parked::Again(again.0, again.1));
        let fresh = std::mem::take(&mut self.fresh).into_iter().map(|fresh| Parked::Fresh(fresh.0, fresh.1));
        again.chain(fresh)
    }

    /// When the next check is due: `None` is now.
    fn next_due(&self, now: Instant) -> Option<Instant> {
        if self.due_again(now).is_some() {
            return None;
        }
        match self.breaker.probe() {
            Some((due, _)) => Some(due),
            None if !self.fresh.is_empty() => None,
            None => self.again.first_key_value().map(|((due, _), _)| *due),
        }
    }

    /// The check under way that goes next, if one is due.
    fn due_again(&self, now: Instant) -> Option<(Instant, u64)> {
        let key = self.breaker.probe().or_else(|| self.again.first_key_value().map(|(key, _)| *key))?;
        (key.0 <= now).then_some(key)
    }
}
