//! A run in virtual time, over a network that is a function: no socket, no
//! clock, nobody waits. Every reply takes as long as any other, so that what
//! stands in for the network is a queue and costs next to nothing.

use http::Version;
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};
use urlcheck::{
    Outcome, Policy, Reason, Scheme, Target,
    check::{Failure, KeptHeaders, Phase, Reply, Request, Timing},
    engine::{Run, Sent, Shard, Todo},
    schedule::Limits,
};

/// From a request to its end.
const LATENCY: Duration = Duration::from_millis(50);

/// One event loop's run, and what stands in for its network.
pub(crate) struct World {
    run: Run,
    /// What is on the wire, and when it lands: in the order of the starts.
    wire: VecDeque<(Instant, Sent)>,
    now: Instant,
}

/// The target of a number, one of so many hosts.
pub(crate) fn target(index: u64, hosts: u64) -> Target {
    Target::parse(index, format!("http://host-{}.example/{index}", index % hosts), Scheme::Http)
}

impl World {
    /// A run with the program's own policy and limits, but room for so many
    /// targets that wait.
    pub(crate) fn new(look_ahead: usize) -> World {
        let limits = Limits { look_ahead, ..Limits::default() };
        let run = Run::new(Arc::new(Policy::default()), limits, None, Shard::WHOLE);
        // An arbitrary instant, from which all others are counted.
        World { run, wire: VecDeque::new(), now: Instant::now() }
    }

    pub(crate) fn push(&mut self, target: Target) {
        self.run.push(target, self.now);
    }

    /// Checks on until each of these targets has taken the place of one that
    /// has ended: as many wait as before.
    pub(crate) fn replace(&mut self, targets: Vec<Target>, mut ended: impl FnMut(Outcome)) {
        let mut targets = targets.into_iter();
        while targets.len() > 0 && self.turn() {
            while let Some(outcome) = self.run.outcome() {
                ended(outcome);
                if let Some(target) = targets.next() {
                    self.push(target);
                }
            }
        }
    }

    /// Checks on until every target has ended.
    pub(crate) fn finish(&mut self, mut ended: impl FnMut(Outcome)) {
        self.run.close();
        while self.turn() {
            while let Some(outcome) = self.run.outcome() {
                ended(outcome);
            }
        }
    }

    /// Begins all that can be begun, then lets time pass until something
    /// happens; false when nothing is left to happen.
    fn turn(&mut self) -> bool {
        let wake = loop {
            match self.run.todo(self.now) {
                Todo::Send(sent) => self.wire.push_back((self.now + LATENCY, sent)),
                Todo::Sleep(at) => break Some(at),
                Todo::Await => break None,
                Todo::Finished => return false,
            }
        };
        let lands = self.wire.front().map(|(at, _)| *at);
        self.now = lands.into_iter().chain(wake).min().expect("a run that waits for nothing is over");
        while let Some((_, sent)) = self.wire.pop_front_if(|(at, _)| *at <= self.now) {
            self.land(sent);
        }
        true
    }

    fn land(&mut self, sent: Sent) {
        let Sent { flight, check, .. } = sent;
        let reply = answer(check.target().index, check.request());
        if reply.is_ok() {
            self.run.connected(flight, true, self.now);
        }
        self.run.settle(flight, check, reply, self.now);
    }
}

/// What comes of a request: most pages are there; of sixteen one is not, one
/// has moved, one is in trouble and asked again, and at one nothing connects.
fn answer(index: u64, request: &Request) -> Result<Reply, Failure> {
    match index % 16 {
        3 => Ok(reply(404, KeptHeaders::default())),
        7 if !request.url.path().starts_with("/moved") => {
            let location = Some(format!("/moved/{index}").into_bytes().into());
            Ok(reply(301, KeptHeaders { location, ..KeptHeaders::default() }))
        }
        11 => Ok(reply(503, KeptHeaders::default())),
        15 => Err(Failure {
            reason: Reason::ConnectRefused,
            phase: Phase::Connect,
            detail: "connection refused".to_owned(),
            remote_ip: Some([192, 0, 2, 7].into()),
            certificate: None,
            timing: timing(),
        }),
        _ => Ok(reply(200, KeptHeaders { content_type: Some("text/html".into()), ..KeptHeaders::default() })),
    }
}

fn reply(status: u16, headers: KeptHeaders) -> Reply {
    let remote_ip = Some([192, 0, 2, 7].into());
    Reply { status, version: Version::HTTP_11, remote_ip, headers, certificate: None, timing: timing() }
}

fn timing() -> Timing {
    Timing {
        started_at: Some("2026-03-01T10:00:00.0617Z".parse().expect("it is an instant")),
        dns: Some(Duration::from_micros(1_200)),
        connect: Some(Duration::from_millis(12)),
        tls: None,
        ttfb: Some(Duration::from_micros(36_402)),
        total: LATENCY,
    }
}
