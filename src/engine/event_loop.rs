//! One event loop: a thread, a runtime, and the checks of the hosts that it
//! owns, all waited for in one task.

use super::{
    carrier::Carrier,
    driver::Driver,
    run::{Sent, Todo},
    shared::Stop,
};
use crate::{
    check::{Check, Failure, Outcome, Reply},
    net::Connected,
    schedule::FlightId,
};
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    thread,
    time::Instant,
};
use tokio::{runtime::Runtime, sync::mpsc, time::sleep_until};

/// Starts the loop on a thread of its own. The carrier is made inside the runtime.
pub(super) fn spawn(
    index: usize,
    runtime: Runtime,
    driver: Driver,
    carrier: impl FnOnce() -> Carrier + Send + 'static,
    outcomes: mpsc::Sender<Vec<Outcome>>,
) -> io::Result<()> {
    thread::Builder::new().name(format!("loop-{index}")).spawn(move || {
        let carrier = {
            let _inside = runtime.enter();
            carrier()
        };
        let sky = Sky::default();
        // The loop is one task that polls many sockets: tokio's budget for a
        // task, meant to be fair among tasks, would only stall them.
        runtime.block_on(tokio::task::unconstrained(drive(driver, outcomes, &carrier, &sky)));
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

async fn drive(mut driver: Driver, outcomes: mpsc::Sender<Vec<Outcome>>, carrier: &Carrier, sky: &Sky) {
    let mut flights = FuturesUnordered::new();
    let shared = driver.shared().clone();
    let bell = &shared.inbox(driver.index()).bell;
    loop {
        let stop = driver.begin_turn();
        if let Some(stop) = stop
            && stop.until <= Instant::now()
        {
            sky.leaving.set(true);
            hear(&mut driver, sky);
            call_back(&mut driver, &mut flights, stop);
        }
        if !driver.deliver(&outcomes) || driver.is_over() {
            return;
        }
        let mut wake = None;
        loop {
            hear(&mut driver, sky);
            match driver.todo() {
                Todo::Send(sent) => flights.push(fly(carrier, sky, sent)),
                Todo::Sleep(at) => {
                    wake = Some(at);
                    break;
                }
                Todo::Await | Todo::Finished => break,
            }
        }
        driver.end_turn();
        wake = wake.into_iter().chain(shared.deadline.filter(|_| stop.is_none())).min();
        wake = wake.into_iter().chain(stop.map(|stop| stop.until).filter(|_| !sky.leaving.get())).min();
        tokio::select! {
            biased;
            Some(landed) = flights.next() => {
                land(&mut driver, sky, landed);
                while let Some(Some(landed)) = flights.next().now_or_never() {
                    land(&mut driver, sky, landed);
                }
            }
            () = bell.rung() => {}
            room = outcomes.reserve(), if driver.is_blocked() => match room {
                Ok(room) => room.send(driver.take_done()),
                Err(_) => return,
            },
            () = outcomes.closed() => return,
            () = sleep_until(wake.unwrap_or_else(Instant::now).into()), if wake.is_some() => {}
        }
    }
}

fn land(driver: &mut Driver, sky: &Sky, landed: Landed) {
    hear(driver, sky);
    match landed.reply {
        Some(reply) => driver.settle(landed.flight, landed.check, reply),
        None => driver.give_up(landed.flight, landed.check),
    }
}

/// Tells the driver which checks have their connections.
fn hear(driver: &mut Driver, sky: &Sky) {
    for (flight, connected) in sky.connected.borrow_mut().drain(..) {
        driver.connected(flight, connected);
    }
}

/// Lands every check where it is.
fn call_back<F: Future<Output = Landed>>(driver: &mut Driver, flights: &mut FuturesUnordered<F>, stop: Stop) {
    let mut cx = Context::from_waker(Waker::noop());
    for flight in Pin::new(&mut std::mem::take(flights)).iter_pin_mut() {
        if let Poll::Ready(landed) = flight.poll(&mut cx) {
            driver.give_up(landed.flight, landed.check);
        }
    }
    driver.end_hops(stop);
}

/// One request of one check, on the wire.
async fn fly(carrier: &Carrier, sky: &Sky, sent: Sent) -> Landed {
    let Sent { flight, check, more } = sent;
    let reply = {
        let heard = |connected| sky.connected.borrow_mut().push((flight, connected));
        let mut sending = pin!(carrier.send(check.request(), more, heard));
        poll_fn(|cx| match sky.leaving.get() {
            true => Poll::Ready(None),
            false => sending.as_mut().poll(cx).map(Some),
        })
        .await
    };
    Landed { flight, check, reply }
}
