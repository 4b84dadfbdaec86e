//! A lane: what waits for one host, and when its next check may start.

use super::{breaker::Breaker, turns::Place};
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
    pub check: Box<Check>,
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
    /// Until when the host asked to be left alone, and that in words for the rows.
    left: Option<(Instant, Box<str>)>,
    pub(super) breaker: Breaker,
    /// When a connection was last seen.
    connected_at: Option<Instant>,
    /// Where the schedule keeps this lane at present.
    pub(super) place: Place,
}

/// What a lane has to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// A check may start now.
    Start,
    /// Nothing before this instant.
    At(Instant),
    /// Nothing before a check on the wire ends, or targets are held back no more.
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

    /// Whether neither the host's rate nor a pause that it asked for holds its checks.
    pub(super) fn is_free(&self, now: Instant) -> bool {
        self.free_at.is_none_or(|at| at <= now)
    }

    /// Nothing starts before `instant`.
    pub(super) fn pause_until(&mut self, instant: Instant) {
        self.free_at = self.free_at.max(Some(instant));
    }

    /// Nothing starts before `instant`, and what comes until then is told `why`.
    pub(super) fn leave_until(&mut self, instant: Instant, why: Box<str>) {
        self.pause_until(instant);
        self.left = Some((instant, why));
    }

    /// Why nothing of this host is to be asked, if so.
    pub(super) fn left(&self, now: Instant) -> Option<&str> {
        self.left.as_ref().filter(|(until, _)| now < *until).map(|(_, why)| &**why)
    }

    /// Targets that wait and were not begun.
    pub(super) fn n_fresh(&self) -> usize {
        self.fresh.len()
    }

    pub(super) fn has_work(&self) -> bool {
        self.has_fresh() || !self.again.is_empty()
    }

    pub(super) fn has_fresh(&self) -> bool {
        !self.fresh.is_empty()
    }

    /// Whether the next to start would be a target that was not begun yet.
    pub(super) fn next_is_fresh(&self, now: Instant) -> bool {
        self.due_again(now).is_none() && !self.fresh.is_empty()
    }

    /// What to do next; with `hold`, targets that were not begun stay where they are.
    pub(super) fn wish(&self, now: Instant, per_host: usize, hold: bool) -> Wish {
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
        match self.next_due(now, hold).map(|due| due.max(free_at.unwrap_or(due))) {
            None => Wish::Await,
            Some(at) if at <= now => Wish::Start,
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

    /// When the next check is due; `None` when all that waits is held back.
    fn next_due(&self, now: Instant, hold: bool) -> Option<Instant> {
        let probe = self.breaker.probe();
        let again = probe.or_else(|| self.again.first_key_value().map(|(key, _)| *key)).map(|(due, _)| due);
        let fresh = (self.has_fresh() && probe.is_none() && !hold).then_some(now);
        again.into_iter().chain(fresh).min()
    }

    /// The check under way that goes next, if one is due.
    fn due_again(&self, now: Instant) -> Option<(Instant, u64)> {
        let key = self.breaker.probe().or_else(|| self.again.first_key_value().map(|(key, _)| *key))?;
        (key.0 <= now).then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Scheme;

    #[test]
    fn the_next_gap_is_no_wish_to_be_left_alone() {
        let origin = Instant::now();
        let mut lane = Lane::default();
        lane.leave_until(origin + Duration::from_secs(60), "it asked for a minute".into());
        assert_eq!(lane.left(origin), Some("it asked for a minute"));
        let now = origin + Duration::from_secs(61);
        lane.push_fresh(Target::parse(1, "example.org", Scheme::Https), now);
        assert_eq!(lane.wish(now, 1, false), Wish::Start);
        lane.pop(now, Some(Duration::from_secs(1)));
        assert_eq!(lane.left(now), None);
    }
}
