//! What every driver of a [`Run`] does between two waits: takes what was sent
//! to it, heeds a stop, hands outcomes and checks on, and tells how it stands.
//!
//! Absent is the waiting itself, and the sending: that is what modes differ in.

use super::{
    Shard,
    inbox::{Post, Standing},
    run::{Run, Todo},
    shared::{Shared, Stop},
};
use crate::{
    check::{Check, Failure, Outcome, Reply},
    net::Connected,
    schedule::FlightId,
};
use std::{mem, sync::Arc, time::Instant};
use tokio::sync::mpsc::{Sender, error::TrySendError};

/// A run, or a loop's part of it, and its ties to the rest.
pub(super) struct Driver {
    index: usize,
    run: Run,
    shared: Arc<Shared>,
    /// Outcomes that wait for room in the channel.
    done: Vec<Outcome>,
    /// Targets not begun, as last told.
    fresh: usize,
    stopped: bool,
}

impl Driver {
    pub(super) fn new(index: usize, run: Run, shared: Arc<Shared>) -> Driver {
        Driver { index, run, shared, done: Vec::new(), fresh: 0, stopped: false }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Which inbox is its own.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// Connections worth keeping open between checks: one for every slot.
    pub(super) fn idle_connections(&self) -> usize {
        self.run.schedule().limits().concurrency
    }

    /// Takes in what was sent since the last turn, and the stop there is.
    pub(super) fn begin_turn(&mut self) -> Option<Stop> {
        let now = Instant::now();
        for post in self.shared.inbox(self.index).take() {
            match post {
                Post::Target(target) => {
                    self.fresh += 1;
                    self.run.push(target, now);
                }
                Post::Moved(moved) => self.run.adopt(moved, now),
            }
        }
        let stop = self.shared.heed_deadline();
        if let Some(stop) = stop
            && !self.stopped
        {
            self.stopped = true;
            self.run.stop(stop.reason, now);
        }
        self.run.hold_fresh(self.shared.is_flooded());
        stop
    }

    /// What to do now. Nothing new while outcomes wait for room: a channel
    /// that is full holds new checks back, never running ones.
    pub(super) fn todo(&mut self) -> Todo {
        if self.done.is_empty() { self.run.todo(Instant::now()) } else { Todo::Await }
    }

    /// Whether another check could be begun at once.
    pub(super) fn has_more(&self) -> bool {
        self.run.schedule().can_start()
    }

    /// A check on the wire has its connection.
    pub(super) fn connected(&mut self, flight: FlightId, connected: Connected) {
        self.run.connected(flight, connected == Connected::Fresh, Instant::now());
    }

    /// Takes what came of a sent check.
    pub(super) fn settle(&mut self, flight: FlightId, check: Box<Check>, reply: Result<Reply, Failure>) {
        if let Err(failure) = &reply
            && failure.reason.is_ours()
        {
            self.shared.tell_want(failure);
        }
        self.run.settle(flight, check, reply, Instant::now());
    }

    /// A check on the wire is called off, because the run is.
    pub(super) fn give_up(&mut self, flight: FlightId, check: Box<Check>) {
        self.run.give_up(flight, check, Instant::now());
    }

    /// Nothing is on the wire any more: redirects that were taken since the
    /// stop may wait for their hosts, and end as well.
    pub(super) fn end_hops(&mut self, stop: Stop) {
        self.run.stop(stop.reason, Instant::now());
    }

    /// Hands checks on to the loops that own their hosts, and outcomes to
    /// whoever takes them. False when nobody does any more.
    pub(super) fn deliver(&mut self, outcomes: &Sender<Vec<Outcome>>) -> bool {
        let ended = self.gather();
        let sent = match self.done.is_empty() {
            true => Ok(()),
            false => outcomes.try_send(mem::take(&mut self.done)),
        };
        // Only now: the last one ends the run, and its outcomes are on their way.
        self.shared.finish(ended);
        match sent {
            Ok(()) => true,
            Err(TrySendError::Full(done)) => {
                self.done = done;
                true
            }
            Err(TrySendError::Closed(_)) => false,
        }
    }

    /// The outcomes that found no room, for a driver that has waited for it.
    pub(super) fn take_done(&mut self) -> Vec<Outcome> {
        mem::take(&mut self.done)
    }

    /// Whether outcomes wait for room.
    pub(super) fn is_blocked(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is nothing left to do, ever.
    pub(super) fn is_over(&self) -> bool {
        self.done.is_empty() && self.shared.is_over()
    }

    /// Tells how this part of the run stands, at the end of a turn.
    pub(super) fn end_turn(&mut self) {
        let schedule = self.run.schedule();
        let fresh = schedule.fresh();
        let standing = Standing {
            wanted: if self.done.is_empty() { schedule.wanted() } else { 0 },
            starving: schedule.is_starving(),
            again: schedule.again(),
            on_wire: schedule.on_wire(),
            in_room: schedule.in_room(),
            begun: self.fresh - fresh,
        };
        self.fresh = fresh;
        self.shared.tell(self.index, &standing);
        if self.shared.is_crowded()
            && let Some((host, n_targets)) = schedule.crowding_host()
        {
            self.shared.tell_crowded(host, n_targets);
        }
    }

    fn gather(&mut self) -> usize {
        while let Some(moved) = self.run.moved() {
            let owner = Shard::index_of(&moved.under_way.check.request().url, self.shared.n_loops());
            self.shared.post_moved(owner, moved);
        }
        let before = self.done.len();
        while let Some(outcome) = self.run.outcome() {
            self.done.push(outcome);
        }
        self.done.len() - before
    }
}
