//! Who waits for whom, and that nobody does so in vain.

use super::*;
use crate::check::Scheme;
use std::{sync::mpsc, thread};

/// In some of them the reader sleeps already when it is told.
const ROUNDS: usize = 200;

const IDLE: Standing = Standing { wanted: 0, starving: false, again: 0, on_wire: 0, in_room: 0, begun: 0 };

#[test]
fn a_target_that_comes_after_a_run_was_left_keeps_nobody() {
    let shared = Shared::new(2, 1, None, Rest::Leave);
    shared.stop(Stop { reason: Reason::RunAborted, until: Instant::now() });
    // The first loop sees this, and is gone for good.
    assert!(shared.is_over());
    let refused = shared.post_target(0, Target::parse(1, "example.org", Scheme::Https));
    assert_eq!(refused.map_err(|(stop, target)| (stop.reason, target.index)), Err((Reason::RunAborted, 1)));
    shared.finish(1);
    assert!(shared.is_over(), "the second loop waits for a row that nobody writes");
}

#[test]
fn a_later_stop_may_shorten_the_grace_and_changes_nothing_else() {
    let shared = Shared::new(1, 1, None, Rest::Read);
    let now = Instant::now();
    let at = |seconds| now + Duration::from_secs(seconds);
    for (reason, until, wanted) in
        [(Reason::RunAborted, 10, 10), (Reason::RunDeadline, 20, 10), (Reason::RunDeadline, 5, 5)]
    {
        shared.stop(Stop { reason, until: at(until) });
        let stop = shared.stopped().expect("it is stopped");
        assert_eq!((stop.reason, stop.until), (Reason::RunAborted, at(wanted)));
    }
    let shared = Shared::new(1, 1, Some(at(3)), Rest::Read);
    shared.stop(Stop { reason: Reason::RunAborted, until: at(10) });
    assert_eq!(shared.stopped().map(|stop| stop.until), Some(at(3)), "the deadline counts, too");
}

#[test]
fn room_that_one_loop_makes_is_read_for_another() {
    let shared = Arc::new(Shared::new(2, 1, None, Rest::Read));
    let target = || Target::parse(1, "example.org", Scheme::Https);
    // One target fills the look-ahead, and the other loop wants one.
    shared.post_target(0, target()).expect("it goes on");
    shared.tell(1, &Standing { wanted: 1, ..IDLE });
    let (told, reads) = mpsc::channel();
    let reader = shared.clone();
    let waiting = thread::spawn(move || {
        for _ in 0..ROUNDS {
            reader.wait_for_demand();
            reader.post_target(0, target()).expect("it goes on");
            told.send(()).expect("the test listens");
        }
    });
    for _ in 0..ROUNDS {
        // The first loop begins its target, and wants no other.
        shared.tell(0, &Standing { begun: 1, ..IDLE });
        reads.recv_timeout(Duration::from_secs(20)).expect("the reader sleeps although there is demand");
    }
    waiting.join().expect("it was woken");
}
