//! Whose turn it is: the lanes that may start a check, those that wait for an
//! instant, and those whose targets are held back.

use super::{LaneId, lane::Wish};
use std::{collections::BTreeSet, time::Instant};

/// Where a lane stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere: it waits for a check of its own to end.
    #[default]
    Away,
    /// Among those that may start a check now, with this number.
    Ready(u64),
    /// Among those that wait for an instant.
    Timer(Instant),
}

/// All lanes that have a place. Every step costs the logarithm of their
/// number, for a hundred thousand may leave at once.
#[derive(Debug, Default)]
pub(super) struct Turns {
    ready: BTreeSet<(u64, LaneId)>,
    timers: BTreeSet<(Instant, LaneId)>,
    held: BTreeSet<LaneId>,
    numbers: u64,
}

impl Turns {
    /// Moves a lane to where its wish belongs. One that is ready already keeps its turn.
    pub(super) fn put(&mut self, id: LaneId, place: &mut Place, wish: Wish) {
        match (wish, *place) {
            (Wish::Start, Place::Ready(_)) => return,
            (Wish::At(at), Place::Timer(before)) if at == before => return,
            _ => self.leave(id, place),
        }
        *place = match wish {
            Wish::Start => {
                self.numbers += 1;
                self.ready.insert((self.numbers, id));
                Place::Ready(self.numbers)
            }
            Wish::At(at) => {
                self.timers.insert((at, id));
                Place::Timer(at)
            }
            Wish::Await | Wish::Gone => Place::Away,
        };
    }

    /// A lane's turn has come, or it has to go elsewhere.
    pub(super) fn leave(&mut self, id: LaneId, place: &mut Place) {
        match std::mem::take(place) {
            Place::Away => {}
            Place::Ready(number) => drop(self.ready.remove(&(number, id))),
            Place::Timer(at) => drop(self.timers.remove(&(at, id))),
        }
    }

    /// The lane whose turn it is.
    pub(super) fn first_ready(&self) -> Option<LaneId> {
        self.ready.first().map(|(_, id)| *id)
    }

    /// How many lanes may start a check now.
    pub(super) fn n_ready(&self) -> usize {
        self.ready.len()
    }

    /// The next instant that a lane waits for.
    pub(super) fn next_timer(&self) -> Option<(Instant, LaneId)> {
        self.timers.first().copied()
    }

    /// A lane has targets that are held back.
    pub(super) fn hold(&mut self, id: LaneId) {
        self.held.insert(id);
    }

    /// A lane is no more.
    pub(super) fn forget(&mut self, id: LaneId) {
        self.held.remove(&id);
    }

    /// The lanes whose targets were held back.
    pub(super) fn take_held(&mut self) -> BTreeSet<LaneId> {
        std::mem::take(&mut self.held)
    }
}
