//! What one event loop is sent and tells of itself, to the loops beside it or,
//! in a worker process, to its parent.

use super::{bell::Bell, run::Moved, shared::lock};
use crate::check::Target;
use serde::{Deserialize, Serialize};
use std::{
    collections::VecDeque,
    mem,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize},
    },
};

/// What the loop of a worker process tells its parent.
#[derive(Default)]
pub(super) struct Told {
    standing: Mutex<Option<Standing>>,
    /// Rung when there is something to tell, a check that moves away included.
    pub(super) bell: Bell,
}

/// What one event loop is sent, and what it tells of itself.
#[derive(Default)]
pub(super) struct Inbox {
    pub(super) posts: Mutex<VecDeque<Post>>,
    /// Rung when there is something to look at.
    pub(super) bell: Bell,
    /// Targets that it could begin at once if it had them.
    pub(super) wanted: AtomicUsize,
    /// It has free slots and nothing to fill them with: a target wakes it.
    /// Otherwise it finds its targets when it turns, which costs no wake-up.
    pub(super) starving: AtomicBool,
    /// Checks under way that wait, as it last told.
    pub(super) again: AtomicUsize,
    pub(super) on_wire: AtomicUsize,
    pub(super) in_room: AtomicUsize,
}

pub(super) enum Post {
    Target(Target),
    Moved(Moved),
}

/// What a loop tells of itself after every turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Standing {
    pub(super) wanted: usize,
    pub(super) starving: bool,
    pub(super) again: usize,
    pub(super) on_wire: usize,
    pub(super) in_room: usize,
    /// Targets begun since the last turn.
    pub(super) begun: usize,
}

impl Told {
    pub(super) fn tell(&self, standing: &Standing) {
        let mut last = lock(&self.standing);
        let begun = last.as_ref().map_or(0, |last| last.begun) + standing.begun;
        let now = Standing { begun, ..standing.clone() };
        *last = Some(now);
        drop(last);
        self.bell.ring();
    }

    /// How the loop stands, if it has told since the last look.
    pub(super) fn take(&self) -> Option<Standing> {
        lock(&self.standing).take()
    }
}

impl Inbox {
    /// Everything that was sent since the last look.
    pub(super) fn take(&self) -> VecDeque<Post> {
        mem::take(&mut *lock(&self.posts))
    }
}
