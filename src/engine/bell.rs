//! Wakes whoever waits for something to do: a task, or one of many threads.

use super::shared::lock;
use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Instant,
};
use tokio::sync::Notify;

/// Rung when there is something to look at. Whoever is not waiting yet hears
/// of it when it begins to.
#[derive(Default)]
pub(super) struct Bell {
    task: Notify,
    rings: Mutex<Rings>,
    thread: Condvar,
}

/// How often a bell was rung. A thread that takes it before it looks for work,
/// and waits only while it stays the same, misses nothing.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Rings(u64);

impl Bell {
    /// Wakes the task, or one thread.
    pub(super) fn ring(&self) {
        self.task.notify_one();
        lock(&self.rings).0 += 1;
        self.thread.notify_one();
    }

    /// Wakes all threads.
    pub(super) fn ring_all(&self) {
        self.ring();
        self.thread.notify_all();
    }

    /// Waits as the one task that listens.
    pub(super) async fn rung(&self) {
        self.task.notified().await;
    }

    pub(super) fn rings(&self) -> Rings {
        *lock(&self.rings)
    }

    /// Waits as one of many threads, until the bell is rung again or `until`.
    pub(super) fn wait(&self, seen: Rings, until: Option<Instant>) {
        let mut rings = lock(&self.rings);
        while *rings == seen {
            let Some(until) = until else {
                rings = self.thread.wait(rings).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            rings = self.thread.wait_timeout(rings, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, thread};

    #[test]
    fn a_ring_between_the_look_and_the_wait_is_heard() {
        let bell = Bell::default();
        let seen = bell.rings();
        bell.ring();
        // Without an end: this test hangs if the ring is lost.
        bell.wait(seen, None);
    }

    #[test]
    fn all_threads_wake_when_all_are_rung() {
        let bell = Bell::default();
        let (woken, wakes) = mpsc::channel();
        thread::scope(|scope| {
            let seen = bell.rings();
            for _ in 0..8 {
                let woken = woken.clone();
                let bell = &bell;
                scope.spawn(move || {
                    bell.wait(seen, None);
                    woken.send(()).expect("the test listens");
                });
            }
            bell.ring_all();
        });
        assert_eq!(wakes.try_iter().count(), 8);
    }
}
