//! One event loop: a thread, a current-thread runtime, and the checks of the
//! hosts that it owns, all in one task.

use super::{
    Shard,
    run::{Run, Sent, Todo},
    shared::{Post, Shared, Standing, Stop},
};
use crate::{
    check::{Check, Failure, Outcome, Reply},
    net::{Client, Connected, Setup},
    schedule::FlightId,
};
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    io, mem,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
    thread,
    time::Instant,
};
use tokio::{sync::mpsc, time::sleep_until};

/// Starts the loop on a thread of its own.
pub(super) fn spawn(
    index: usize,
    run: Run,
    lookups: usize,
    setup: Arc<Setup>,
    shared: Arc<Shared>,
    outcomes: mpsc::Sender<Vec<Outcome>>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name(format!("loop-{index}")).spawn(move || {
        let client = {
            let _inside = runtime.enter();
            Client::new(setup, run.idle_connections(), lookups, run.dns_timeout())
        };
        let sky = Sky::default();
        let event_loop =
            EventLoop { index, run, shared: &shared, outcomes, done: Vec::new(), fresh: 0, stopped: false };
        // The loop is one task that polls many sockets: tokio's budget for a
        // task, meant to be fair among tasks, would only stall them.
        runtime.block_on(tokio::task::unconstrained(event_loop.drive(&client, &sky)));
    })?;
    Ok(())
}

/// What the checks in flight tell their loop, and it them.
#[derive(Default)]
struct Sky {
    connected: RefCell<Vec<(FlightId, Connected)>>,
    /// The grace is over: everything lands where it is.
    leaving: Cell<bool>,
}

/// A check that is back: with what came of it, or `None` when it was called off.
struct Landed {
    flight: FlightId,
    check: Box<Check>,
    reply: Option<Result<Reply, Failure>>,
}

struct EventLoop<'a> {
    index: usize,
    run: Run,
    shared: &'a Shared,
    outcomes: mpsc::Sender<Vec<Outcome>>,
    /// Outcomes that wait for room in the channel.
    done: Vec<Outcome>,
    /// Targets not begun, as last told.
    fresh: usize,
    stopped: bool,
}

impl EventLoop<'_> {
    async fn drive(mut self, client: &Client, sky: &Sky) {
        let mut flights = FuturesUnordered::new();
        let (bell, outcomes) = (&self.shared.inbox(self.index).bell, self.outcomes.clone());
        loop {
            self.take_posts();
            let stop = self.heed_stop();
            if let Some(stop) = stop
                && stop.until <= Instant::now()
            {
                sky.leaving.set(true);
                self.call_back(&mut flights, sky);
                // Redirects that were taken since may wait for their hosts.
                self.run.stop(stop.reason, Instant::now());
            }
            self.run.hold_fresh(self.shared.is_flooded());
            if !self.deliver() || (self.done.is_empty() && self.shared.is_over()) {
                return;
            }
            let mut wake = None;
            // A channel that is full holds new checks back, never running ones.
            while self.done.is_empty() {
                match self.todo(sky) {
                    Todo::Send(sent) => flights.push(fly(client, sky, sent)),
                    Todo::Sleep(at) => {
                        wake = Some(at);
                        break;
                    }
                    Todo::Await | Todo::Finished => break,
                }
            }
            self.tell();
            wake = wake.into_iter().chain(self.shared.deadline.filter(|_| !self.stopped)).min();
            wake = wake.into_iter().chain(stop.map(|stop| stop.until).filter(|_| !sky.leaving.get())).min();
            tokio::select! {
                biased;
                Some(landed) = flights.next() => {
                    self.land(landed, sky);
                    while let Some(Some(landed)) = flights.next().now_or_never() {
                        self.land(landed, sky);
                    }
                }
                () = bell.notified() => {}
                room = outcomes.reserve(), if !self.done.is_empty() => match room {
                    Ok(room) => room.send(mem::take(&mut self.done)),
                    Err(_) => return,
                },
                () = outcomes.closed() => return,
                () = sleep_until(wake.unwrap_or_else(Instant::now).into()), if wake.is_some() => {}
            }
        }
    }

    fn take_posts(&mut self) {
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
    }

    fn heed_stop(&mut self) -> Option<Stop> {
        let stop = self.shared.heed_deadline();
        if let Some(stop) = stop
            && !self.stopped
        {
            self.stopped = true;
            self.run.stop(stop.reason, Instant::now());
        }
        stop
    }

    fn todo(&mut self, sky: &Sky) -> Todo {
        let now = Instant::now();
        self.hear(sky, now);
        self.run.todo(now)
    }

    /// Tells the run which checks have their connections.
    fn hear(&mut self, sky: &Sky, now: Instant) {
        for (flight, connected) in sky.connected.borrow_mut().drain(..) {
            self.run.connected(flight, connected == Connected::Fresh, now);
        }
    }

    fn land(&mut self, landed: Landed, sky: &Sky) {
        let now = Instant::now();
        self.hear(sky, now);
        if let Some(Err(failure)) = &landed.reply
            && failure.reason.is_ours()
        {
            self.shared.tell_want(failure);
        }
        match landed.reply {
            Some(reply) => self.run.settle(landed.flight, landed.check, reply, now),
            None => self.run.give_up(landed.flight, landed.check, now),
        }
    }

    /// Lands every check where it is.
    fn call_back<F: Future<Output = Landed>>(&mut self, flights: &mut FuturesUnordered<F>, sky: &Sky) {
        let mut cx = Context::from_waker(Waker::noop());
        self.hear(sky, Instant::now());
        for flight in Pin::new(&mut mem::take(flights)).iter_pin_mut() {
            if let Poll::Ready(landed) = flight.poll(&mut cx) {
                self.run.give_up(landed.flight, landed.check, Instant::now());
            }
        }
    }

    /// Hands outcomes and checks on. False when nobody takes outcomes any more.
    fn deliver(&mut self) -> bool {
        while let Some(moved) = self.run.moved() {
            let owner = Shard::index_of(&moved.under_way.check.request().url, self.shared.n_loops());
            self.shared.post_moved(owner, moved);
        }
        let before = self.done.len();
        while let Some(outcome) = self.run.outcome() {
            self.done.push(outcome);
        }
        let ended = self.done.len() - before;
        if !self.done.is_empty() {
            match self.outcomes.try_send(mem::take(&mut self.done)) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(done)) => self.done = done,
                Err(mpsc::error::TrySendError::Closed(_)) => return false,
            }
        }
        self.shared.finish(ended);
        true
    }

    fn tell(&mut self) {
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
}

/// One request of one check, on the wire.
async fn fly(client: &Client, sky: &Sky, sent: Sent) -> Landed {
    let Sent { flight, check, more } = sent;
    let reply = {
        let heard = |connected| sky.connected.borrow_mut().push((flight, connected));
        let mut sending = pin!(client.send(check.request(), more, heard));
        poll_fn(|cx| match sky.leaving.get() {
            true => Poll::Ready(None),
            false => sending.as_mut().poll(cx).map(Some),
        })
        .await
    };
    Landed { flight, check, reply }
}
