//! Mode `processes`: worker processes of ourselves, each with one event loop
//! and the hosts whose name hashes to it.
//!
//! One thread has a task for each worker. It hands on what the reader posts,
//! takes what the worker tells, and keeps each target until its outcome is
//! there: a worker that dies is replaced, and what it owed is checked again.
//!
//! Nothing grows, and nobody waits for ever: the reader posts no more than the
//! plan looks ahead, a worker always reads what it is sent, and whoever takes
//! the outcomes slowly keeps this thread from reading the workers' lines, which
//! keeps them from beginning checks.

use super::{
    Part, Shard, StartError, bounds, current_thread,
    inbox::{Post, Standing},
    pipes::Process,
    shared::{Shared, Stop},
    unfinished::Unfinished,
    wire::{FromWorker, Job, ToWorker, Travelling, VERSION},
};
use crate::{
    check::{HostKey, Outcome, Reason, Target},
    plan::Worker,
    schedule::Limits,
};
use futures::future::join_all;
use std::{
    collections::VecDeque,
    io, mem,
    sync::{Arc, mpsc as channel},
    thread,
    time::{Duration, Instant},
};
use tokio::{
    sync::mpsc::{Sender, error::TrySendError},
    time::sleep_until,
};

/// Workers that may die one after the other without a single outcome.
const MOST_DEATHS: u32 = 3;

/// How long a worker that should have ended may say nothing before it is killed.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts the workers, and returns when they are ready.
pub(super) fn start(part: &Part<'_>, n_workers: usize) -> Result<(), StartError> {
    let worker = part.plan.worker.clone().ok_or(StartError::NoWorker)?;
    let stations: Vec<Station> = (0..n_workers).map(|index| Station::new(part, &worker, index, n_workers)).collect();
    let outcomes = part.outcomes.clone();
    let runtime = current_thread()?;
    let (begun, told) = channel::sync_channel(1);
    thread::Builder::new().name("processes".to_owned()).spawn(move || {
        runtime.block_on(async {
            let ready = join_all(stations.into_iter().map(Station::begin)).await;
            let stations: Result<Vec<Station>, StartError> = ready.into_iter().collect();
            match stations {
                Err(error) => _ = begun.send(Err(error)),
                // Whoever starts the run waits for this.
                Ok(stations) if begun.send(Ok(())).is_ok() => {
                    join_all(stations.into_iter().map(|station| station.drive(outcomes.clone()))).await;
                }
                Ok(_) => {}
            }
        });
    })?;
    let ended = |_| StartError::Worker { program: worker.program.clone(), why: "its thread ended".to_owned() };
    told.recv().map_err(ended)?
}

/// One worker's place: the process that holds it at present, and what it owes.
struct Station {
    shared: Arc<Shared>,
    worker: Worker,
    job: Job,
    process: Option<Process>,
    /// What was sent to this place, and not to the process yet.
    queue: VecDeque<Post>,
    unfinished: Unfinished,
    /// Targets that the process was sent and has not told to have begun.
    fresh: usize,
    /// Processes that died here since the last outcome.
    deaths: u32,
    /// Outcomes that wait for room in the channel.
    done: Vec<Outcome>,
    crowded: Option<(HostKey, usize)>,
    told_stop: bool,
    /// When the process was last heard, or could not be heard for want of room.
    heard_at: Instant,
}

impl Station {
    fn new(part: &Part<'_>, worker: &Worker, index: usize, of: usize) -> Station {
        let mut limits = bounds::share(&part.limits, index, of);
        // The first turns of all workers, one after the other, take up one gap
        // of a worker's own rate.
        limits.rate = limits.rate.map(|rate| rate / of as f64);
        let job = Job {
            version: VERSION.to_owned(),
            policy: part.plan.policy.clone(),
            rate_after: gap(&limits).mul_f64(index as f64 / of as f64),
            limits,
            network: part.plan.network.clone(),
            held: part.setup.held(),
            index,
            of,
        };
        Station {
            shared: part.shared.clone(),
            worker: worker.clone(),
            job,
            process: None,
            queue: VecDeque::new(),
            unfinished: Unfinished::default(),
            fresh: 0,
            deaths: 0,
            done: Vec::new(),
            crowded: None,
            told_stop: false,
            heard_at: Instant::now(),
        }
    }

    async fn begin(mut self) -> Result<Station, StartError> {
        let fault = |why| StartError::Worker { program: self.worker.program.clone(), why };
        let mut process = Process::start(&self.worker, self.job.clone())
            .map_err(|error| fault(format!("it cannot be run: {error}")))?;
        process.greet().await.map_err(fault)?;
        self.process = Some(process);
        // One that comes in its place must not come too soon after its last request.
        self.job.rate_after = gap(&self.job.limits);
        Ok(self)
    }

    async fn drive(mut self, outcomes: Sender<Vec<Outcome>>) {
        let shared = self.shared.clone();
        let bell = &shared.inbox(self.job.index).bell;
        loop {
            if let Err(why) = self.hear() {
                self.bury(Some(why)).await;
            }
            self.queue.extend(shared.inbox(self.job.index).take());
            let stop = shared.heed_deadline();
            if let Some(stop) = stop
                && self.done.is_empty()
                && self.patient_until(stop) <= Instant::now()
            {
                self.give_up(stop).await;
            }
            self.find_process();
            self.send(stop);
            if !self.deliver(&outcomes) {
                return;
            }
            if self.done.is_empty() && shared.is_over() {
                break;
            }
            let (blocked, listens) = (!self.done.is_empty(), self.done.is_empty());
            let wake = match stop {
                Some(stop) => Some(self.patient_until(stop)).filter(|_| listens && self.process.is_some()),
                None => shared.deadline,
            };
            let came = tokio::select! {
                biased;
                () = bell.rung() => Ok(()),
                room = outcomes.reserve(), if blocked => match room {
                    Ok(room) => {
                        self.heard_at = Instant::now();
                        let done = mem::take(&mut self.done);
                        let n = done.len();
                        room.send(done);
                        shared.finish(n);
                        Ok(())
                    }
                    Err(_) => return,
                },
                () = outcomes.closed() => return,
                came = turn(&mut self.process, listens) => {
                    self.heard_at = Instant::now();
                    came
                }
                () = sleep_until(wake.unwrap_or_else(Instant::now).into()), if wake.is_some() => Ok(()),
            };
            if let Err(why) = came {
                self.bury(why).await;
            }
        }
        // The run is over for whoever waits for its outcomes, be the worker slow or not.
        drop(outcomes);
        if let Some(process) = self.process {
            process.end(PATIENCE).await;
        }
    }

    /// Until when a stopped process may say nothing. Whoever takes the outcomes
    /// slowly gets them all the same.
    fn patient_until(&self, stop: Stop) -> Instant {
        stop.until.max(self.heard_at) + PATIENCE
    }

    /// Sees that there is a process when there is something to do for it.
    fn find_process(&mut self) {
        while self.process.is_none() && !self.queue.is_empty() {
            match Process::start(&self.worker, self.job.clone()) {
                Ok(process) => {
                    self.process = Some(process);
                    self.told_stop = false;
                }
                Err(error) => self.count_failure(&format!("it cannot be run: {error}")),
            }
        }
    }

    /// Puts on its way to the process what waits for it, as far as there is room.
    fn send(&mut self, stop: Option<Stop>) {
        let Some(process) = &mut self.process else { return };
        while process.has_room()
            && let Some(post) = self.queue.pop_front()
        {
            match post {
                Post::Target(target) => {
                    self.fresh += 1;
                    self.unfinished.add(target.clone());
                    process.say(&ToWorker::Target(target));
                }
                Post::Moved(moved) => {
                    self.unfinished.add(moved.under_way.check.target().clone());
                    process.say(&ToWorker::Check(Box::new(Travelling::leaving(moved, Instant::now()))));
                }
            }
        }
        if let Some(Stop { reason, until }) = stop.filter(|_| !self.told_stop) {
            self.told_stop = true;
            process.say(&ToWorker::Stop { reason, grace: until.saturating_duration_since(Instant::now()) });
        }
    }

    /// Takes what the process told. An error says why it is none of ours.
    fn hear(&mut self) -> Result<(), String> {
        let index = self.job.index;
        while let Some(message) = self.process.as_mut().and_then(Process::next) {
            let strange = || "it told what nobody had asked".to_owned();
            match message.map_err(|error| error.to_string())? {
                FromWorker::Ready { version } if version == VERSION => {}
                FromWorker::Ready { version } => return Err(format!("it is version {version} now")),
                FromWorker::Refused { why } => return Err(why),
                FromWorker::Outcome(outcome) => {
                    self.deaths = 0;
                    self.unfinished.remove(&outcome.target).then_some(()).ok_or_else(strange)?;
                    self.done.push(*outcome);
                }
                FromWorker::Moved(moved) => {
                    self.unfinished.remove(moved.check.target()).then_some(()).ok_or_else(strange)?;
                    let owner = Shard::index_of(&moved.check.request().url, self.job.of);
                    self.shared.post_moved(owner, moved.arrived(Instant::now()));
                }
                FromWorker::Standing(mut standing) => {
                    standing.begun = standing.begun.min(self.fresh);
                    self.fresh -= standing.begun;
                    self.shared.tell(index, &standing);
                }
                FromWorker::Crowded { host, n_targets } => self.crowded = Some((host, n_targets)),
            }
        }
        if let Some((host, n_targets)) = self.crowded.as_ref().filter(|_| self.shared.is_crowded()) {
            self.shared.tell_crowded(host, *n_targets);
        }
        Ok(())
    }

    /// Hands outcomes to whoever takes them; false when nobody does any more.
    fn deliver(&mut self, outcomes: &Sender<Vec<Outcome>>) -> bool {
        let done = mem::take(&mut self.done);
        let n = done.len();
        if n == 0 {
            return true;
        }
        match outcomes.try_send(done) {
            Ok(()) => {
                self.shared.finish(n);
                true
            }
            Err(TrySendError::Full(done)) => {
                self.done = done;
                true
            }
            Err(TrySendError::Closed(_)) => false,
        }
    }

    /// The process is gone. What it owed begins again, each with the owner of
    /// its host; after too many deaths it has its rows instead.
    async fn bury(&mut self, why: Option<String>) {
        let ending = self.dismiss().await;
        let why = why.or(ending).unwrap_or_default();
        self.deaths += 1;
        let targets = self.unfinished.take();
        let n = targets.len();
        if self.deaths >= MOST_DEATHS {
            let detail = self.forgive(&why);
            self.done.extend(targets.into_iter().map(|target| row(target, Reason::RunAborted, &detail)));
            return tracing::warn!("{detail}; {n} of its URLs are told unknown");
        }
        tracing::warn!(
            "a worker process ended early ({why}); another takes its place, and checks {n} of its URLs again"
        );
        for target in targets {
            let owner = target.url.as_ref().map_or(0, |url| Shard::index_of(url, self.job.of));
            self.shared.post_again(owner, target);
        }
    }

    /// The run was stopped, and its grace and some patience are over.
    async fn give_up(&mut self, stop: Stop) {
        self.dismiss().await;
        let (reason, detail) = (stop.reason, stop.reason.sentence());
        self.done.extend(self.unfinished.take().into_iter().map(|target| row(target, reason, detail)));
        self.give_up_queue(reason, detail);
    }

    /// A process cannot even be started.
    fn count_failure(&mut self, why: &str) {
        self.deaths += 1;
        if self.deaths >= MOST_DEATHS {
            let detail = self.forgive(why);
            self.give_up_queue(Reason::RunAborted, &detail);
        }
    }

    /// Begins to count deaths anew, and tells of those that there were.
    fn forgive(&mut self, why: &str) -> String {
        self.deaths = 0;
        format!("{MOST_DEATHS} worker processes in a row ended without a single row, the last with: {why}")
    }

    /// Ends the process, if there is one, and tells how it ended. Its part of
    /// the run stands still, and would begin a target at once.
    async fn dismiss(&mut self) -> Option<String> {
        let process = self.process.take()?;
        let ending = process.kill().await;
        let standing = Standing { wanted: 1, starving: true, begun: mem::take(&mut self.fresh), ..Standing::default() };
        self.shared.tell(self.job.index, &standing);
        Some(ending.to_string())
    }

    fn give_up_queue(&mut self, reason: Reason, detail: &str) {
        let mut begun = 0;
        for post in mem::take(&mut self.queue) {
            self.done.push(match post {
                Post::Target(target) => {
                    begun += 1;
                    row(target, reason, detail)
                }
                Post::Moved(moved) => moved.under_way.check.abandon(reason, detail.to_owned()),
            });
        }
        let standing = Standing { wanted: 1, starving: true, begun, ..Standing::default() };
        self.shared.tell(self.job.index, &standing);
    }
}

/// The row of a target whose check nobody knows anything of.
fn row(target: Target, reason: Reason, detail: &str) -> Outcome {
    match &target.url {
        Ok(_) => Outcome { detail: detail.to_owned(), ..Outcome::unasked(target, reason) },
        Err(_) => Outcome::invalid(target),
    }
}

/// The time between two requests at a rate.
fn gap(limits: &Limits) -> Duration {
    limits.rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(1.0 / rate))
}

/// Waits for the process to take or tell something. Without one that is never;
/// an error is its end, and says why if that is not in how it ended.
async fn turn(process: &mut Option<Process>, listens: bool) -> Result<(), Option<String>> {
    let Some(process) = process else { return std::future::pending().await };
    process.turn(listens).await.map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => None,
        _ => Some(error.to_string()),
    })
}
