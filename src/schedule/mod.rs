//! WHEN a check may run.
//!
//! Every host has a lane: its queue, its checks on the wire, its pace and its
//! breaker. A check that may not go now is an entry in a lane or a timer, never
//! a slot held. This module does no I/O and reads no clock (`now` is an
//! argument), so that a test runs hours of schedule in milliseconds.

mod breaker;
mod flight;
mod lane;
mod limits;
mod means;
mod rate;
mod turns;

pub use flight::FlightId;
pub use lane::UnderWay;
pub use limits::Limits;
pub use rate::Rate;

use crate::check::{HostKey, Reason, Target};
use flight::Flights;
use lane::{Lane, Parked, Wish};
use means::Gate;
use rustc_hash::FxHashMap;
use slab::Slab;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use turns::Turns;

type LaneId = usize;

/// As many lanes are kept ready however few slots there are: a connection is
/// kept only for a host that is known to have more work.
const LEAST_READY: usize = 8;

/// A lane that holds more than one part in so many of the look-ahead keeps others from being read.
const LARGEST_SHARE: usize = 4;

/// All lanes of a run, or of the part of it that one event loop owns.
#[derive(Debug)]
pub struct Schedule {
    limits: Limits,
    gap: Option<Duration>,
    rate: Option<Arc<Rate>>,
    lanes: Slab<(HostKey, Lane)>,
    by_host: FxHashMap<HostKey, LaneId>,
    turns: Turns,
    /// Whether targets that were not begun are held back.
    hold: bool,
    flights: Flights,
    tickets: u64,
    /// The lane that last had more than its share of the look-ahead.
    crowding: Option<LaneId>,
    fresh: usize,
    again: usize,
}

/// The schedule's answer to what can start now.
#[derive(Debug)]
pub(crate) enum Pop {
    /// This, now.
    Start(Start),
    /// Nothing before this instant.
    At(Instant),
    /// Nothing before a check on the wire ends, or a target arrives.
    Await,
}

/// Something to start.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) flight: FlightId,
    pub(crate) what: Startable,
    /// How long it waited for its turn.
    pub(crate) waited: Duration,
    /// Whether its lane has more work, for which the connection is worth keeping.
    pub(crate) more: bool,
}

/// A target that was not begun, or a check under way.
#[derive(Debug)]
pub(crate) enum Startable {
    Fresh(Target),
    Again(UnderWay),
}

/// What a request that ended tells of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostNews {
    /// There was a connection.
    Connected,
    /// There was none, and that is the host's fault.
    Unconnected,
    /// Nothing is known: no address was asked.
    Unknown,
    /// Nothing is known: this machine lacked what [`Reason`] says.
    Ours(Reason),
}

impl Schedule {
    /// An empty schedule. `rate` is the run's, shared by all its schedules.
    pub fn new(limits: Limits, rate: Option<Arc<Rate>>) -> Schedule {
        Schedule {
            gap: limits.host_rate.map(|rate| Duration::from_secs_f64((1.0 / rate).clamp(1e-9, 1e9))),
            rate,
            lanes: Slab::new(),
            by_host: FxHashMap::default(),
            turns: Turns::default(),
            hold: false,
            flights: Flights::new(limits.concurrency, limits.waiting_room),
            tickets: 0,
            crowding: None,
            fresh: 0,
            again: 0,
            limits,
        }
    }

    /// A target arrives for `host`.
    pub(crate) fn push_target(&mut self, host: HostKey, target: Target, now: Instant) {
        let id = self.lane(host);
        let lane = &mut self.lanes[id].1;
        lane.push_fresh(target, now);
        if lane.n_fresh() > self.limits.look_ahead / LARGEST_SHARE {
            self.crowding = Some(id);
        }
        self.fresh += 1;
        self.place(id, now);
    }

    /// A check under way is to go on at `host`, and not before `due`.
    pub(crate) fn push_check(&mut self, host: HostKey, under_way: UnderWay, due: Instant, now: Instant) {
        let id = self.lane(host);
        self.tickets += 1;
        self.lanes[id].1.push_again(under_way, due, self.tickets, now);
        self.again += 1;
        self.place(id, now);
    }

    /// What can start now?
    pub(crate) fn pop(&mut self, now: Instant) -> Pop {
        if !self.hold {
            for id in self.turns.take_held() {
                self.place(id, now);
            }
        }
        while let Some((at, id)) = self.turns.next_timer()
            && at <= now
        {
            self.place(id, now);
        }
        self.flights.make_room(now);
        if !self.flights.has_slot() {
            return self.flights.next_move().map_or(Pop::Await, Pop::At);
        }
        while let Some(id) = self.turns.first_ready() {
            if self.hold && self.lanes[id].1.next_is_fresh(now) {
                self.place(id, now);
                continue;
            }
            match self.flights.means.gate(now) {
                Gate::Open => {}
                Gate::At(at) => return Pop::At(at),
                Gate::Shut => return self.flights.next_move().map_or(Pop::Await, Pop::At),
            }
            if let Some(Err(at)) = self.rate.as_ref().map(|rate| rate.check(now)) {
                return Pop::At(at);
            }
            return Pop::Start(self.start(id, now));
        }
        self.turns.next_timer().map_or(Pop::Await, |(at, _)| Pop::At(at))
    }

    /// A check on the wire has its connection; `fresh` unless it was a kept one.
    pub(crate) fn connected(&mut self, flight: FlightId, fresh: bool, now: Instant) {
        let id = self.flights.connected(flight, fresh, now);
        self.lanes[id].1.connected(now);
        self.place(id, now);
    }

    /// A check on the wire ended, telling `news` of its host, which asks for
    /// nothing before `pause_until`. [`Schedule::resume`] must follow.
    pub(crate) fn end(
        &mut self,
        flight: FlightId,
        news: HostNews,
        pause_until: Option<Instant>,
        now: Instant,
    ) -> LaneEnd {
        let (id, began) = self.flights.end(flight, news, now);
        let lane = &mut self.lanes[id].1;
        lane.busy -= 1;
        if let Some(at) = pause_until {
            lane.pause_until(at);
        }
        match news {
            HostNews::Connected => lane.connected(now),
            HostNews::Unconnected if self.limits.breaker => lane.breaker.open(),
            HostNews::Unconnected | HostNews::Unknown | HostNews::Ours(_) => {}
        }
        LaneEnd { id, began }
    }

    /// Puts the lane of a check that ended back in its place, once what
    /// follows from that end is known.
    pub(crate) fn resume(&mut self, lane: LaneEnd, now: Instant) {
        self.place(lane.id, now);
    }

    /// Whether nothing connected to the host since the check that ended began.
    pub(crate) fn is_dead(&self, lane: &LaneEnd) -> bool {
        self.limits.breaker && self.lanes[lane.id].1.is_dead_since(lane.began)
    }

    /// The host of a check that ended.
    pub(crate) fn host(&self, lane: &LaneEnd) -> &HostKey {
        &self.lanes[lane.id].0
    }

    /// Takes out everything that waits in a lane.
    pub(crate) fn drain_lane(&mut self, lane: &LaneEnd) -> Vec<Startable> {
        let parked = self.lanes[lane.id].1.drain();
        parked.map(|parked| self.unpark(parked).0).collect()
    }

    /// A host is to be left alone until an instant; `why` is for the rows of
    /// those that come until then.
    pub(crate) fn leave(&mut self, lane: &LaneEnd, until: Instant, why: String) {
        self.lanes[lane.id].1.leave_until(until, why.into_boxed_str());
    }

    /// Why a host is left alone now, if it is.
    pub(crate) fn left(&self, host: &HostKey, now: Instant) -> Option<&str> {
        self.lanes[*self.by_host.get(host)?].1.left(now)
    }

    /// Takes out everything that waits anywhere.
    pub(crate) fn drain(&mut self, now: Instant) -> Vec<Startable> {
        self.drain_lanes(self.lanes.iter().map(|(id, _)| id).collect(), now)
    }

    fn drain_lanes(&mut self, ids: Vec<LaneId>, now: Instant) -> Vec<Startable> {
        let mut drained = Vec::new();
        for id in ids {
            let parked = self.lanes[id].1.drain();
            drained.extend(parked.map(|parked| self.unpark(parked).0));
            self.place(id, now);
        }
        drained
    }

    /// Takes out everything that could have gone when nothing has left this
    /// machine for as long as `patience`; what comes after that waits as long.
    /// Who waits for a host's pause or gap shows nothing, and is left alone.
    pub(crate) fn drain_cut_off(&mut self, patience: Duration, now: Instant) -> Vec<Startable> {
        let lasted = self.flights.means.cut_off_since().map(|since| now.saturating_duration_since(since));
        if lasted.is_none_or(|lasted| lasted < patience) {
            return Vec::new();
        }
        self.flights.means.wait_anew(now);
        let free = self.lanes.iter().filter(|(_, (_, lane))| lane.is_free(now)).map(|(id, _)| id);
        self.drain_lanes(free.collect(), now)
    }

    /// How many targets more would help. Lanes that are ready for every free
    /// slot, and for half of all slots, are enough: reading in small bites costs
    /// wake-ups. There is a bound to looking ahead.
    pub fn wanted(&self) -> usize {
        let (slots, ready) = (self.limits.concurrency, self.turns.n_ready());
        let enough = (slots / 2).max(self.flights.free_slots()).max(LEAST_READY);
        // What is read while nothing leaves this machine may not be asked at all.
        if self.is_cut_off() && self.fresh > 0 {
            return 0;
        }
        if self.hold || self.fresh >= self.limits.look_ahead || ready >= enough {
            return 0;
        }
        slots.max(LEAST_READY) - ready
    }

    /// Whether there are slots to fill and nothing to fill them with.
    pub fn is_starving(&self) -> bool {
        self.turns.n_ready() == 0 && self.flights.has_slot()
    }

    /// Whether a lane is ready and there is a slot for it.
    pub fn can_start(&self) -> bool {
        self.turns.n_ready() > 0 && self.flights.has_slot()
    }

    /// Whether nothing leaves this machine, for want of something of its own.
    pub fn is_cut_off(&self) -> bool {
        self.flights.means.cut_off_since().is_some()
    }

    /// Checks that may be on the wire now: as many as planned, unless this
    /// machine lacks the means.
    pub fn slots(&self) -> usize {
        self.flights.means.slots()
    }

    /// Holds targets that were not begun back, or lets them go: the checks
    /// under way are too many.
    pub fn hold_fresh(&mut self, hold: bool) {
        self.hold = hold;
    }

    /// What this schedule keeps to.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether nothing waits and nothing is on the wire.
    pub fn is_idle(&self) -> bool {
        self.fresh + self.again + self.on_wire() + self.in_room() == 0
    }

    /// Targets that wait and were not begun.
    pub fn fresh(&self) -> usize {
        self.fresh
    }

    /// Checks under way that wait for a retry or a hop.
    pub fn again(&self) -> usize {
        self.again
    }

    /// Checks on the wire that hold a slot.
    pub fn on_wire(&self) -> usize {
        self.flights.on_wire()
    }

    /// Checks on the wire in the waiting room.
    pub fn in_room(&self) -> usize {
        self.flights.in_room()
    }

    /// Hosts that have work, or a pace to keep.
    pub fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// The host that holds more than its share of the look-ahead, if one does,
    /// and how many targets wait for it: the others may wait for it to be read.
    pub fn crowding_host(&self) -> Option<(&HostKey, usize)> {
        let (host, lane) = self.lanes.get(self.crowding?)?;
        (lane.n_fresh() > self.limits.look_ahead / LARGEST_SHARE).then_some((host, lane.n_fresh()))
    }

    fn start(&mut self, id: LaneId, now: Instant) -> Start {
        let lane = &mut self.lanes[id].1;
        self.turns.leave(id, &mut lane.place);
        let parked = lane.pop(now, self.gap).expect("a ready lane has a check to start");
        let more = lane.has_work();
        let (what, since) = self.unpark(parked);
        self.place(id, now);
        let began = match &what {
            Startable::Fresh(_) => now,
            Startable::Again(under_way) => under_way.began,
        };
        Start { flight: self.flights.start(id, began, now), what, waited: now.saturating_duration_since(since), more }
    }

    fn unpark(&mut self, parked: Parked) -> (Startable, Instant) {
        match parked {
            Parked::Fresh(target, since) => {
                self.fresh -= 1;
                (Startable::Fresh(target), since)
            }
            Parked::Again(under_way, since) => {
                self.again -= 1;
                (Startable::Again(under_way), since)
            }
        }
    }

    fn lane(&mut self, host: HostKey) -> LaneId {
        if let Some(id) = self.by_host.get(&host) {
            return *id;
        }
        let id = self.lanes.insert((host.clone(), Lane::default()));
        self.by_host.insert(host, id);
        id
    }

    /// Puts a lane where it belongs now, or deletes it.
    fn place(&mut self, id: LaneId, now: Instant) {
        let lane = &mut self.lanes[id].1;
        let wish = lane.wish(now, self.limits.per_host, self.hold);
        self.turns.put(id, &mut lane.place, wish);
        if self.hold && lane.has_fresh() {
            self.turns.hold(id);
        }
        if wish == Wish::Gone {
            self.turns.forget(id);
            let (host, _) = self.lanes.remove(id);
            self.by_host.remove(&host);
        }
    }
}

/// The lane of a check that just ended; handed back by [`Schedule::resume`].
#[derive(Debug)]
pub(crate) struct LaneEnd {
    id: LaneId,
    /// When the check began that ended.
    pub(crate) began: Instant,
}
