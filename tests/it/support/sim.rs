//! A run under a virtual clock, over a network that is a function: no socket,
//! no sleeping, the same each time. It drives [`Run`] as the event loops do,
//! several of them with checks that move between when there is more than one.

use super::{
    answer::Answer,
    trace::{Row, Start, Trace},
    watch::Watch,
};
use std::{
    collections::{BTreeMap, HashMap},
    iter::Peekable,
    sync::Arc,
    time::{Duration, Instant},
};
use urlcheck::{
    Policy, Reason, Target,
    check::{Check, HostKey, Request},
    engine::{Run, Sent, Shard, Todo},
    schedule::{FlightId, Limits, Rate, Schedule},
};

/// How a run is set up.
#[derive(Clone, Debug)]
pub(crate) struct Sim {
    pub(crate) policy: Policy,
    /// The rate and the look-ahead are the whole run's, the rest each shard's.
    pub(crate) limits: Limits,
    pub(crate) shards: usize,
    pub(crate) stop: Option<Stop>,
}

/// A run is stopped in the middle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop {
    pub(crate) at: Duration,
    pub(crate) reason: Reason,
    /// How long the checks on the wire may still go on.
    pub(crate) grace: Duration,
}

struct World<Targets: Iterator, Network> {
    runs: Vec<Run>,
    policy: Arc<Policy>,
    look_ahead: usize,
    targets: Peekable<Targets>,
    network: Network,
    /// Requests so far, by URL.
    asked: HashMap<String, usize>,
    /// What happens next, by instant and, within one, in the order of the starts.
    events: BTreeMap<(Instant, u64), Event>,
    n_events: u64,
    origin: Instant,
    now: Instant,
    watch: Watch,
    trace: Trace,
}

enum Event {
    Connected { shard: usize, flight: FlightId, fresh: bool },
    Ended(Box<Ended>),
    Stop(Reason),
    CallBack(Reason),
}

struct Ended {
    shard: usize,
    flight: FlightId,
    check: Box<Check>,
    answer: Answer,
}

impl Default for Sim {
    fn default() -> Sim {
        Sim { policy: Policy::default(), limits: Limits::default(), shards: 1, stop: None }
    }
}

impl Sim {
    /// Runs over all targets. `network` is asked once a request, and told how
    /// often the URL was asked before.
    pub(crate) fn run(
        &self,
        targets: impl IntoIterator<Item = Target>,
        network: impl FnMut(&Request, usize) -> Answer,
    ) -> Trace {
        // An arbitrary instant, from which all others are counted.
        let origin = Instant::now();
        let policy = Arc::new(self.policy.clone());
        let rate = self.limits.rate.map(|rate| Arc::new(Rate::new(rate, origin)));
        let run = |index| Run::new(policy.clone(), self.limits.clone(), rate.clone(), Shard { index, of: self.shards });
        let mut world = World {
            runs: (0..self.shards).map(run).collect(),
            policy: policy.clone(),
            look_ahead: self.limits.look_ahead,
            targets: targets.into_iter().peekable(),
            network,
            asked: HashMap::new(),
            events: BTreeMap::new(),
            n_events: 0,
            origin,
            now: origin,
            watch: Watch::new(&self.limits),
            trace: Trace { least_slots: self.limits.concurrency, ..Trace::default() },
        };
        if let Some(stop) = self.stop {
            world.plan(stop.at, Event::Stop(stop.reason));
            world.plan(stop.at + stop.grace, Event::CallBack(stop.reason));
        }
        world.go()
    }
}

impl<Targets: Iterator<Item = Target>, Network: FnMut(&Request, usize) -> Answer> World<Targets, Network> {
    fn go(mut self) -> Trace {
        while let Some(at) = self.turn() {
            self.now = at;
            while let Some(event) = self.events.first_entry().filter(|event| event.key().0 <= at) {
                let event = event.remove();
                self.happen(event);
                self.hand_on();
            }
        }
        self.trace.ended = self.now - self.origin;
        self.trace.slots_left = self.runs.iter().map(|run| run.schedule().slots()).min().unwrap_or_default();
        self.trace.lanes_left = self.sum(Schedule::lanes);
        // Longer than any gap, and than the longest pause.
        let later = self.now + Duration::from_secs(48 * 3600);
        for run in &mut self.runs {
            assert!(matches!(run.todo(later), Todo::Finished));
        }
        self.trace.lanes_later = self.sum(Schedule::lanes);
        self.trace
    }

    /// Reads and begins all that can be now; tells when something is next.
    fn turn(&mut self) -> Option<Instant> {
        loop {
            let flooded = self.heed_flood();
            let read = self.read();
            let (mut wake, mut finished) = (None::<Instant>, 0);
            for shard in 0..self.runs.len() {
                let at = loop {
                    match self.runs[shard].todo(self.now) {
                        Todo::Send(sent) => self.send(shard, sent),
                        Todo::Sleep(at) => break Some(at),
                        Todo::Await => break None,
                        Todo::Finished => {
                            finished += 1;
                            break None;
                        }
                    }
                };
                assert!(at.is_none_or(|at| at > self.now), "a sleep until now");
                wake = wake.into_iter().chain(at).min();
            }
            self.look();
            if read || flooded != self.is_flooded() {
                continue;
            }
            if finished == self.runs.len() && self.targets.peek().is_none() {
                return None;
            }
            let event = self.events.first_key_value().map(|((at, _), _)| *at);
            let next = event.into_iter().chain(wake).min();
            return Some(next.unwrap_or_else(|| panic!("the run stands still: {:?}", self.runs[0].schedule())));
        }
    }

    /// Holds targets back while too many checks are under way.
    fn heed_flood(&mut self) -> bool {
        let flooded = self.is_flooded();
        self.runs.iter_mut().for_each(|run| run.hold_fresh(flooded));
        flooded
    }

    fn is_flooded(&self) -> bool {
        self.sum(Schedule::again) >= self.look_ahead
    }

    /// Reads targets as long as the run wants some, as the reader does. A
    /// single schedule says itself when that is too far ahead.
    fn read(&mut self) -> bool {
        let mut any = false;
        while self.runs.iter().any(|run| run.schedule().wanted() > 0)
            && (self.runs.len() == 1 || (self.sum(Schedule::fresh) < self.look_ahead && !self.is_flooded()))
            && let Some(target) = self.targets.next()
        {
            self.push(target);
            any = true;
        }
        if self.targets.peek().is_none() {
            self.runs.iter_mut().for_each(Run::close);
        }
        any
    }

    fn push(&mut self, target: Target) {
        let shard = target.url.as_ref().map_or(0, |url| Shard::index_of(url, self.runs.len()));
        self.runs[shard].push(target, self.now);
        self.hand_on();
    }

    fn send(&mut self, shard: usize, sent: Sent) {
        let Sent { flight, check, .. } = sent;
        let url = &check.request().url;
        let (host, index) = (HostKey::of(url), check.target().index);
        let nth = self.asked.entry(url.to_string()).or_default();
        let answer = (self.network)(check.request(), *nth);
        *nth += 1;
        let at = self.now - self.origin;
        self.watch.start(&host, at);
        self.trace.starts.push(Start { at, host, index });
        if let Some(after) = answer.connect_after {
            self.plan(at + after, Event::Connected { shard, flight, fresh: answer.fresh });
        }
        self.plan(at + answer.total, Event::Ended(Box::new(Ended { shard, flight, check, answer })));
    }

    fn plan(&mut self, at: Duration, event: Event) {
        self.n_events += 1;
        self.events.insert((self.origin + at, self.n_events), event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Connected { shard, flight, fresh } => self.runs[shard].connected(flight, fresh, self.now),
            Event::Ended(ended) => {
                let Ended { shard, flight, check, answer } = *ended;
                let host = HostKey::of(&check.request().url);
                self.watch.end(&host, &answer, &self.policy, self.now - self.origin);
                self.runs[shard].settle(flight, check, answer.reply, self.now);
            }
            Event::Stop(reason) => self.stop(reason),
            Event::CallBack(reason) => self.call_back(reason),
        }
    }

    /// Stops, and reads the rest, so that each target has its row.
    fn stop(&mut self, reason: Reason) {
        for run in &mut self.runs {
            run.stop(reason, self.now);
        }
        self.hand_on();
        while let Some(target) = self.targets.next() {
            self.push(target);
        }
    }

    /// The grace is over: whoever waits or is on the wire has its row now.
    fn call_back(&mut self, reason: Reason) {
        for event in std::mem::take(&mut self.events).into_values() {
            if let Event::Ended(ended) = event {
                self.watch.call_off(&HostKey::of(&ended.check.request().url));
                self.runs[ended.shard].give_up(ended.flight, ended.check, self.now);
            }
        }
        for run in &mut self.runs {
            run.stop(reason, self.now);
        }
        assert_eq!(self.sum(Schedule::again) + self.sum(Schedule::on_wire) + self.sum(Schedule::in_room), 0);
    }

    /// Brings checks that moved to their owners, and rows to the trace.
    fn hand_on(&mut self) {
        let at = self.now - self.origin;
        for shard in 0..self.runs.len() {
            while let Some(moved) = self.runs[shard].moved() {
                let owner = Shard::index_of(&moved.under_way.check.request().url, self.runs.len());
                self.runs[owner].adopt(moved, self.now);
            }
        }
        for shard in 0..self.runs.len() {
            while let Some(outcome) = self.runs[shard].outcome() {
                self.trace.rows.push(Row { at, outcome });
            }
        }
    }

    fn look(&mut self) {
        let schedules: Vec<&Schedule> = self.runs.iter().map(Run::schedule).collect();
        self.watch.look(&schedules, self.now - self.origin);
        self.trace.most_lanes = self.trace.most_lanes.max(self.sum(Schedule::lanes));
        let slots = schedules.iter().map(|schedule| schedule.slots()).min().unwrap_or_default();
        self.trace.least_slots = self.trace.least_slots.min(slots);
        self.trace.most_again = self.trace.most_again.max(self.sum(Schedule::again));
    }

    fn sum(&self, of: fn(&Schedule) -> usize) -> usize {
        self.runs.iter().map(|run| of(run.schedule())).sum()
    }
}
