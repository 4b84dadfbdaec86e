//! What the loops and the reader of one run share: posts, demand, the end.

use super::{
    inbox::{Inbox, Post, Standing, Told},
    run::Moved,
};
use crate::check::{Failure, HostKey, Reason, Target};
use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Stops a run or looks at it, from any thread.
#[derive(Clone)]
pub struct Control(Arc<Shared>);

/// What becomes of the targets that were not read yet when a run is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// They are read, and each has its row: for inputs that have an end.
    Read,
    /// They are left where they are: for a pipe whose other end may go on for ever.
    Leave,
}

/// How a run is to end before its time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    pub(super) reason: Reason,
    /// Until when checks on the wire may go on.
    pub(super) until: Instant,
}

pub(super) struct Shared {
    inboxes: Vec<Inbox>,
    look_ahead: usize,
    pub(super) deadline: Option<Instant>,
    rest: Rest,
    /// The rest is left where it is, also where it has an end.
    left: AtomicBool,
    /// Targets that were read and have no outcome yet.
    unfinished: AtomicUsize,
    /// Targets that were read and not begun, in all loops.
    fresh: AtomicUsize,
    /// Checks under way that wait for a retry or a hop, in all loops: one sum,
    /// so that exactly one loop sees it fall below a bound.
    again: AtomicUsize,
    /// No target will be read any more.
    closed: AtomicBool,
    stop: Mutex<Option<Stop>>,
    demand: Condvar,
    /// The reader waits for demand.
    reader_waits: AtomicBool,
    /// That this machine lacked something was told, once.
    wanted: OnceLock<()>,
    /// Which host took up the look-ahead, with so many targets; told once.
    crowded: OnceLock<(HostKey, usize)>,
    /// In a worker process, what its loop has told and its parent has not heard.
    told: Option<Told>,
}

impl Control {
    pub(super) fn new(shared: Arc<Shared>) -> Control {
        Control(shared)
    }

    /// Begins nothing more; checks on the wire may go on for `grace`, the rest
    /// ends as `reason`. The first reason and the shortest grace count.
    pub fn stop(&self, reason: Reason, grace: Duration) {
        self.0.stop(Stop { reason, until: Instant::now() + grace });
    }

    /// Ends at once what was read, and leaves what was not where it is.
    pub fn leave(&self) {
        self.0.left.store(true, Ordering::Release);
        self.stop(Reason::RunAborted, Duration::ZERO);
    }

    /// Why the run was stopped, if it was.
    pub fn stopped(&self) -> Option<Reason> {
        self.0.stopped().map(|stop| stop.reason)
    }

    /// What else there is to tell of the run, a sentence each.
    pub fn notes(&self) -> Vec<String> {
        let note = |(host, n_targets): &(HostKey, usize)| {
            let look_ahead = self.0.look_ahead;
            format!(
                "{host} held {n_targets} of the {look_ahead} targets read ahead: other hosts may have waited for it (--look-ahead)"
            )
        };
        self.0.crowded.get().map(note).into_iter().collect()
    }

    /// Checks that hold a slot.
    pub fn on_wire(&self) -> usize {
        self.0.inboxes.iter().map(|inbox| inbox.on_wire.load(Ordering::Relaxed)).sum()
    }

    /// Checks without a connection that gave up their slot.
    pub fn in_room(&self) -> usize {
        self.0.inboxes.iter().map(|inbox| inbox.in_room.load(Ordering::Relaxed)).sum()
    }

    /// Targets and checks that wait for their turn.
    pub fn parked(&self) -> usize {
        self.0.fresh.load(Ordering::Relaxed) + self.0.again()
    }
}

impl Shared {
    pub(super) fn new(n_loops: usize, look_ahead: usize, deadline: Option<Instant>, rest: Rest) -> Shared {
        Shared {
            inboxes: (0..n_loops).map(|_| Inbox::default()).collect(),
            look_ahead,
            deadline,
            rest,
            left: AtomicBool::new(false),
            unfinished: AtomicUsize::new(0),
            fresh: AtomicUsize::new(0),
            again: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            stop: Mutex::new(None),
            demand: Condvar::new(),
            reader_waits: AtomicBool::new(false),
            crowded: OnceLock::new(),
            wanted: OnceLock::new(),
            told: None,
        }
    }

    /// What the loop of a worker process and its parent share: only one of the
    /// inboxes has a loop here, the others collect what moves away.
    pub(super) fn of_worker(n_loops: usize, look_ahead: usize) -> Shared {
        Shared { told: Some(Told::default()), ..Shared::new(n_loops, look_ahead, None, Rest::Read) }
    }

    pub(super) fn told(&self) -> Option<&Told> {
        self.told.as_ref()
    }

    pub(super) fn n_loops(&self) -> usize {
        self.inboxes.len()
    }

    pub(super) fn inbox(&self, index: usize) -> &Inbox {
        &self.inboxes[index]
    }

    /// A target was read for a loop. It comes back when the run was stopped
    /// meanwhile and left its rest, as the loops may be gone already; those that
    /// are not wait until [`Shared::finish`] hears of it.
    pub(super) fn post_target(&self, index: usize, target: Target) -> Result<(), (Stop, Target)> {
        // First, so that no loop that sees no stop, or this number, leaves.
        self.unfinished.fetch_add(1, Ordering::AcqRel);
        if let Some(stop) = self.stopped().filter(|_| self.rest() == Rest::Leave) {
            return Err((stop, target));
        }
        self.fresh.fetch_add(1, Ordering::Relaxed);
        let inbox = &self.inboxes[index];
        let wanted = |wanted: usize| wanted.checked_sub(1);
        let _was_zero = inbox.wanted.fetch_update(Ordering::Relaxed, Ordering::Relaxed, wanted);
        lock(&inbox.posts).push_back(Post::Target(target));
        if inbox.starving.load(Ordering::Relaxed) {
            inbox.bell.ring();
        }
        Ok(())
    }

    /// A check goes on at a loop. Bounded by what the loops may have under way.
    pub(super) fn post_moved(&self, index: usize, moved: Moved) {
        let inbox = &self.inboxes[index];
        lock(&inbox.posts).push_back(Post::Moved(moved));
        inbox.bell.ring();
        if let Some(told) = &self.told {
            told.bell.ring();
        }
    }

    /// A check that another process began goes on at a loop of this one.
    pub(super) fn post_arrived(&self, index: usize, moved: Moved) {
        self.unfinished.fetch_add(1, Ordering::AcqRel);
        self.post_moved(index, moved);
    }

    /// A target whose worker process ended begins again.
    pub(super) fn post_again(&self, index: usize, target: Target) {
        self.fresh.fetch_add(1, Ordering::SeqCst);
        let inbox = &self.inboxes[index];
        lock(&inbox.posts).push_back(Post::Target(target));
        inbox.bell.ring();
    }

    /// Waits until a target more would help, or there is a stop.
    pub(super) fn wait_for_demand(&self) -> Option<Stop> {
        if self.has_demand(self.look_ahead) {
            return self.stopped();
        }
        let mut stop = lock(&self.stop);
        self.reader_waits.store(true, Ordering::SeqCst);
        while stop.is_none() && !self.has_demand(self.low_water()) {
            stop = self.demand.wait(stop).unwrap_or_else(PoisonError::into_inner);
        }
        self.reader_waits.store(false, Ordering::SeqCst);
        *stop
    }

    pub(super) fn tell(&self, index: usize, standing: &Standing) {
        let inbox = &self.inboxes[index];
        self.tell_again(inbox, standing.again);
        inbox.on_wire.store(standing.on_wire, Ordering::Relaxed);
        inbox.in_room.store(standing.in_room, Ordering::Relaxed);
        self.fresh.fetch_sub(standing.begun, Ordering::SeqCst);
        inbox.wanted.store(standing.wanted, Ordering::SeqCst);
        inbox.starving.store(standing.starving, Ordering::Relaxed);
        // The lock orders this with a post that found nobody starving.
        if standing.starving && !lock(&inbox.posts).is_empty() {
            inbox.bell.ring();
        }
        self.tell_reader();
        if let Some(told) = &self.told {
            told.tell(standing);
        }
    }

    /// Adds up the checks that wait to go on. The loop that ends a flood wakes
    /// the others, which held their targets back meanwhile, and the reader.
    fn tell_again(&self, inbox: &Inbox, again: usize) {
        let change = again.wrapping_sub(inbox.again.swap(again, Ordering::Relaxed));
        let before = self.again.fetch_add(change, Ordering::SeqCst);
        if before >= self.look_ahead && before.wrapping_add(change) < self.look_ahead {
            self.ring_all();
        }
    }

    /// Wakes the reader if it waits and there is demand, be it that one loop
    /// made room in the look-ahead and another wants the target. Sequentially
    /// consistent on both sides: either this sees the reader wait, or the
    /// reader sees this demand.
    fn tell_reader(&self) {
        if self.reader_waits.load(Ordering::SeqCst) && self.has_demand(self.low_water()) {
            // The reader has this lock from its look at the demand until it waits.
            drop(lock(&self.stop));
            self.demand.notify_one();
        }
    }

    /// Whether so many checks are under way that no target may be begun:
    /// they are bounded as the targets are.
    pub(super) fn is_flooded(&self) -> bool {
        self.again() >= self.look_ahead
    }

    /// Whether reading waits for the look-ahead, and nobody has said why yet.
    pub(super) fn is_crowded(&self) -> bool {
        self.fresh.load(Ordering::Relaxed) >= self.look_ahead && self.crowded.get().is_none()
    }

    /// Says which host took up the look-ahead.
    pub(super) fn tell_crowded(&self, host: &HostKey, n_targets: usize) {
        // The first to say it is enough.
        let _said = self.crowded.set((host.clone(), n_targets));
        if let Some(told) = &self.told {
            told.bell.ring();
        }
    }

    /// The host that took up the look-ahead, and with how many targets.
    pub(super) fn crowded(&self) -> Option<&(HostKey, usize)> {
        self.crowded.get()
    }

    /// Says what this machine lacks, for whoever wonders why nothing moves.
    pub(super) fn tell_want(&self, failure: &Failure) {
        if self.wanted.set(()).is_ok() {
            let sentence = failure.reason.sentence().trim_end_matches('.');
            tracing::warn!("{sentence} ({}); what waits for it is tried again for a while", failure.detail);
        }
    }

    /// Targets had their outcomes.
    pub(super) fn finish(&self, n: usize) {
        if n > 0 && self.unfinished.fetch_sub(n, Ordering::AcqRel) == n && self.is_over() {
            self.ring_all();
        }
    }

    /// No target will be read any more.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.ring_all();
    }

    /// Whether every target had its outcome, and none will come.
    pub(super) fn is_over(&self) -> bool {
        self.is_closed() && self.unfinished.load(Ordering::Acquire) == 0
    }

    /// Stops, or ends a stop's grace sooner. No grace goes beyond the deadline.
    pub(super) fn stop(&self, stop: Stop) {
        let mut stopped = lock(&self.stop);
        let until = stopped.iter().map(|before| before.until).chain(self.deadline).fold(stop.until, Instant::min);
        let reason = stopped.map_or(stop.reason, |before| before.reason);
        *stopped = Some(Stop { reason, until });
        self.demand.notify_all();
        drop(stopped);
        self.ring_all();
    }

    /// What becomes of the targets that were not read yet.
    pub(super) fn rest(&self) -> Rest {
        if self.left.load(Ordering::Acquire) { Rest::Leave } else { self.rest }
    }

    /// The stop that there is, the deadline's included.
    pub(super) fn heed_deadline(&self) -> Option<Stop> {
        let stopped = self.stopped();
        match self.deadline.filter(|deadline| stopped.is_none() && *deadline <= Instant::now()) {
            None => stopped,
            Some(until) => {
                self.stop(Stop { reason: Reason::RunDeadline, until });
                self.stopped()
            }
        }
    }

    pub(super) fn stopped(&self) -> Option<Stop> {
        *lock(&self.stop)
    }

    fn is_closed(&self) -> bool {
        let left = self.rest() == Rest::Leave && self.stopped().is_some();
        self.closed.load(Ordering::Acquire) || left
    }

    /// Once the reader waits, it waits until reading is worth the wake-up.
    fn low_water(&self) -> usize {
        self.look_ahead - self.look_ahead / 8
    }

    fn has_demand(&self, most: usize) -> bool {
        self.fresh.load(Ordering::SeqCst) < most.max(1)
            && !self.is_flooded()
            && self.inboxes.iter().any(|inbox| inbox.wanted.load(Ordering::SeqCst) > 0)
    }

    fn again(&self) -> usize {
        self.again.load(Ordering::SeqCst)
    }

    fn ring_all(&self) {
        for inbox in &self.inboxes {
            inbox.bell.ring_all();
        }
    }
}

/// A panic elsewhere leaves these small states whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
