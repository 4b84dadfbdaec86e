//! Modes `threads` and `sequential`: OS threads around one locked run.
//!
//! Each thread takes a check under the lock, sends it without, and settles it
//! under the lock again. There is one thread more than requests at once, so
//! that one always minds the clock, the stop and the outcomes; whoever takes a
//! check wakes another where there is more to do. A blocking request cannot be
//! called off, so that the checks stay here while their requests are on the
//! wire: when the grace is over they end here, whatever the threads wait for.

use super::{
    driver::Driver,
    run::{Sent, Todo},
    shared::{Shared, Stop, lock},
};
use crate::{
    check::{Check, Failure, Outcome, Reply, Request},
    net::BlockingClient,
    schedule::FlightId,
};
use rustc_hash::FxHashMap;
use std::{
    io,
    sync::{Arc, Mutex},
    thread,
    time::Instant,
};
use tokio::sync::mpsc::Sender;

/// Starts the threads, each with a client of its own from `client`.
pub(super) fn spawn(
    concurrency: usize,
    driver: Driver,
    client: impl Fn() -> BlockingClient,
    outcomes: Sender<Vec<Outcome>>,
) -> io::Result<()> {
    let shared = driver.shared().clone();
    let desk = Desk { driver, on_wire: FxHashMap::default(), outcomes: Some(outcomes), delivering: false, alarm: None };
    let crew = Arc::new(Crew { shared, desk: Mutex::new(desk) });
    for n in 0..=concurrency {
        let (own, client) = (crew.clone(), client());
        let begun = thread::Builder::new().name(format!("check-{n}")).spawn(move || own.work(&client));
        if let Err(error) = begun {
            // Those that were started must not wait for a run that never begins.
            lock(&crew.desk).outcomes = None;
            crew.ring_all();
            return Err(error);
        }
    }
    Ok(())
}

/// What the threads share.
struct Crew {
    shared: Arc<Shared>,
    desk: Mutex<Desk>,
}

/// The run, and what of it the threads are at.
struct Desk {
    driver: Driver,
    on_wire: FxHashMap<FlightId, Box<Check>>,
    /// `None` when the run is over.
    outcomes: Option<Sender<Vec<Outcome>>>,
    /// A thread waits for room in the channel.
    delivering: bool,
    /// A thread waits for this instant.
    alarm: Option<Instant>,
}

/// What a thread is to do without the lock.
enum Job {
    Send { sent: Flying, wake: bool },
    Deliver(Sender<Vec<Outcome>>, Vec<Outcome>),
    Wait(Option<Instant>),
    Leave,
}

struct Flying {
    flight: FlightId,
    request: Request,
    more: bool,
}

/// What came of a thread's last job.
enum Came {
    Back(FlightId, Box<Result<Reply, Failure>>),
    Delivered { heard: bool },
    Woken { alarm: Option<Instant> },
}

impl Crew {
    fn work(&self, client: &BlockingClient) {
        let bell = &self.shared.inbox(0).bell;
        let mut came = None;
        loop {
            let rings = bell.rings();
            let job = {
                let mut desk = lock(&self.desk);
                if let Some(came) = came.take() {
                    desk.take(came);
                }
                desk.next()
            };
            came = Some(match job {
                Job::Send { sent, wake } => {
                    if wake {
                        bell.ring();
                    }
                    Came::Back(sent.flight, Box::new(client.send(&sent.request, sent.more)))
                }
                Job::Deliver(outcomes, done) => Came::Delivered { heard: outcomes.blocking_send(done).is_ok() },
                Job::Wait(alarm) => {
                    bell.wait(rings, alarm);
                    Came::Woken { alarm }
                }
                Job::Leave => return self.ring_all(),
            });
        }
    }

    fn ring_all(&self) {
        self.shared.inbox(0).bell.ring_all();
    }
}

impl Desk {
    fn take(&mut self, came: Came) {
        match came {
            Came::Back(flight, reply) => {
                // It is gone if the run was stopped, and its grace is over.
                if let Some(check) = self.on_wire.remove(&flight) {
                    self.driver.settle(flight, check, *reply);
                }
            }
            Came::Delivered { heard } => {
                self.delivering = false;
                if !heard {
                    self.outcomes = None;
                }
            }
            Came::Woken { alarm } if alarm.is_some() && alarm == self.alarm => self.alarm = None,
            Came::Woken { .. } => {}
        }
    }

    fn next(&mut self) -> Job {
        let stop = self.driver.begin_turn();
        if let Some(stop) = stop.filter(|stop| stop.until <= Instant::now()) {
            self.call_off(stop);
        }
        let Some(outcomes) = self.outcomes.as_ref().filter(|outcomes| !outcomes.is_closed()) else {
            return Job::Leave;
        };
        if !self.delivering && !self.driver.deliver(outcomes) {
            self.outcomes = None;
            return Job::Leave;
        }
        if self.driver.is_blocked() && !self.delivering {
            self.delivering = true;
            return Job::Deliver(outcomes.clone(), self.driver.take_done());
        }
        if self.driver.is_over() && !self.delivering {
            self.outcomes = None;
            return Job::Leave;
        }
        let todo = if self.delivering { Todo::Await } else { self.driver.todo() };
        self.driver.end_turn();
        match todo {
            Todo::Send(Sent { flight, check, more }) => {
                let request = check.request().clone();
                self.on_wire.insert(flight, check);
                Job::Send {
                    sent: Flying { flight, request, more },
                    // For the next check, or to mind the clock in this thread's place.
                    wake: self.driver.has_more() || self.alarm.is_none(),
                }
            }
            Todo::Sleep(at) => self.wait(Some(at), stop),
            Todo::Await | Todo::Finished => self.wait(None, stop),
        }
    }

    /// Waits for an instant unless another thread does so already.
    fn wait(&mut self, at: Option<Instant>, stop: Option<Stop>) -> Job {
        let stopping = match stop {
            Some(stop) => Some(stop.until).filter(|_| !self.on_wire.is_empty()),
            None => self.driver.shared().deadline,
        };
        let at = at.into_iter().chain(stopping).min().filter(|at| self.alarm.is_none_or(|alarm| *at < alarm));
        if at.is_some() {
            self.alarm = at;
        }
        Job::Wait(at)
    }

    fn call_off(&mut self, stop: Stop) {
        for (flight, check) in self.on_wire.drain() {
            self.driver.give_up(flight, check);
        }
        self.driver.end_hops(stop);
    }
}
