//! Checks on the wire: the slots, and the waiting room for those that do not connect.
//!
//! A check that has no connection after the patience moves to the waiting room,
//! which has its own, larger bound, and frees its slot: dead hosts must not set
//! the pace of the living.

use super::{HostNews, LaneId, means::Means};
use slab::Slab;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// No check keeps its slot longer than this without a connection.
const LONGEST_PATIENCE: Duration = Duration::from_secs(1);

/// Shorter waits are a busy machine rather than a dead host.
const SHORTEST_PATIENCE: Duration = Duration::from_millis(20);

/// A check on the wire, as the schedule knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlightId(usize);

#[derive(Debug)]
struct Flight {
    lane: LaneId,
    /// When the check's first request started.
    began: Instant,
    started: Instant,
    number: u64,
    seat: Seat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seat {
    Connecting,
    Connected,
    WaitingRoom,
}

/// All checks on the wire.
#[derive(Debug)]
pub(super) struct Flights {
    flights: Slab<Flight>,
    /// Checks that hold a slot and have no connection yet, in the order of their starts.
    connecting: BTreeSet<(u64, FlightId)>,
    patience: Patience,
    started: u64,
    pub(super) means: Means,
    room: usize,
    in_room: usize,
}

impl Flights {
    pub(super) fn new(slots: usize, room: usize) -> Flights {
        Flights {
            flights: Slab::new(),
            connecting: BTreeSet::new(),
            patience: Patience::default(),
            started: 0,
            means: Means::new(slots),
            room,
            in_room: 0,
        }
    }

    pub(super) fn start(&mut self, lane: LaneId, began: Instant, now: Instant) -> FlightId {
        self.started += 1;
        let number = self.started;
        self.means.started(number);
        let flight =
            FlightId(self.flights.insert(Flight { lane, began, started: now, number, seat: Seat::Connecting }));
        self.connecting.insert((number, flight));
        flight
    }

    /// A check has its connection; `fresh` unless the connection was a kept one.
    pub(super) fn connected(&mut self, flight: FlightId, fresh: bool, now: Instant) -> LaneId {
        let found = self.flights.get_mut(flight.0).expect("a flight is known until it ends");
        if fresh {
            self.patience.learn(now.saturating_duration_since(found.started));
        }
        // Kept ones count as well: hosts that keep theirs open bring few others.
        self.means.connected();
        if found.seat == Seat::Connecting {
            found.seat = Seat::Connected;
            self.connecting.remove(&(found.number, flight));
        }
        found.lane
    }

    /// A check's request ended with news: its lane, and when the check began.
    pub(super) fn end(&mut self, flight: FlightId, news: HostNews, now: Instant) -> (LaneId, Instant) {
        let ended = self.flights.remove(flight.0);
        self.means.ended(ended.number, self.started, news, now);
        match ended.seat {
            Seat::Connecting => drop(self.connecting.remove(&(ended.number, flight))),
            Seat::Connected => {}
            Seat::WaitingRoom => self.in_room -= 1,
        }
        (ended.lane, ended.began)
    }

    /// Moves to the waiting room whoever has been without a connection for too long.
    pub(super) fn make_room(&mut self, now: Instant) {
        while let Some(at) = self.next_move()
            && at <= now
        {
            let (_, flight) = self.connecting.pop_first().expect("there is a next move");
            self.flights[flight.0].seat = Seat::WaitingRoom;
            self.in_room += 1;
        }
    }

    /// When the next check will be moved; `None` when nobody can be.
    pub(super) fn next_move(&self) -> Option<Instant> {
        let (_, flight) = *self.connecting.first()?;
        (self.in_room < self.means.part_of(self.room)).then(|| self.flights[flight.0].started + self.patience.get())
    }

    pub(super) fn has_slot(&self) -> bool {
        self.free_slots() > 0
    }

    pub(super) fn free_slots(&self) -> usize {
        // A check that connects in the waiting room leaves it without a slot.
        self.means.slots().saturating_sub(self.on_wire())
    }

    /// Checks that hold a slot.
    pub(super) fn on_wire(&self) -> usize {
        self.flights.len() - self.in_room
    }

    /// Checks in the waiting room.
    pub(super) fn in_room(&self) -> usize {
        self.in_room
    }
}

/// How long a check keeps its slot without a connection: well above what
/// connecting takes on this run, by the estimator that TCP sets its
/// retransmission timer with (RFC 6298: smoothed mean + 4 × mean deviation).
#[derive(Debug, Default)]
struct Patience {
    mean: Option<Duration>,
    deviation: Duration,
}

impl Patience {
    fn learn(&mut self, took: Duration) {
        // What took longer, be it that this machine slept, teaches no more.
        let took = took.min(LONGEST_PATIENCE);
        match &mut self.mean {
            None => {
                self.deviation = took / 2;
                self.mean = Some(took);
            }
            Some(mean) => {
                self.deviation = (self.deviation * 3 + mean.abs_diff(took)) / 4;
                *mean = (*mean * 7 + took) / 8;
            }
        }
    }

    fn get(&self) -> Duration {
        let learnt = self.mean.map_or(LONGEST_PATIENCE, |mean| mean + self.deviation * 4);
        learnt.clamp(SHORTEST_PATIENCE, LONGEST_PATIENCE)
    }
}
