//! The far side of mode `processes`: one event loop, told what to do by the
//! lines of a run in another process, and telling it what came of that.
//!
//! The lines are read at all times, whatever the loop and its outcomes wait
//! for, so that neither side can wait for the other for ever. How many they are
//! is the parent's business, which sends no more than its plan looks ahead.

use super::{
    Shard, bounds,
    carrier::Carrier,
    driver::Driver,
    event_loop,
    inbox::Post,
    run::Run,
    shared::{Shared, Stop},
    wire::{self, FromWorker, Job, LONGEST_LINE, ToWorker, Travelling, VERSION, WireError},
};
use crate::{
    check::Outcome,
    net::{Client, Setup},
    schedule::Rate,
};
use std::{
    io::{self, BufRead, BufWriter, Read, Write},
    sync::Arc,
    thread,
    time::Instant,
};
use tokio::{runtime, sync::mpsc};

/// Batches of outcomes between the loop and the pipe.
const BATCHES: usize = 64;

/// How the work of a worker process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It was told that there is no more.
    Done,
    /// The lines ended without a word: the run that began it is gone, and
    /// nobody wants to know any more.
    Alone,
}

/// Why a worker process cannot work.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// A line that the run did not write, or not this version of it.
    #[error("line {line}: {why}; this verb is for urlcheck itself and not for people: use urlcheck --mode processes")]
    Line {
        /// 1-based.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The pipe cannot be read.
    #[error("the pipe from the run that began this process cannot be read: {0}")]
    Pipe(#[from] io::Error),
    /// The job cannot be begun; the run was told.
    #[error("{0}")]
    Refused(String),
}

/// Does the part of a run that `lines` tell, and tells `out` what comes of it.
///
/// # Errors
/// A line is none, or what it asks for cannot be begun.
pub fn work(lines: impl BufRead, out: impl Write + Send + 'static) -> Result<End, WorkError> {
    let mut lines = Lines { lines, line: Vec::new(), number: 0 };
    let job = match lines.next()? {
        None => return Ok(End::Alone),
        Some(ToWorker::Job(job)) if job.version == VERSION => job,
        Some(_) => return Err(lines.fault("it is no job of this version")),
    };
    let index = job.index;
    let mut out = BufWriter::new(out);
    let (shared, outcomes) = match begin(*job) {
        Ok(begun) => begun,
        Err(why) => {
            tell(&mut out, &FromWorker::Refused { why: why.clone() })?;
            return Err(WorkError::Refused(why));
        }
    };
    tell(&mut out, &FromWorker::Ready { version: VERSION.to_owned() })?;
    let timeless = runtime::Builder::new_current_thread().build()?;
    let teller = Teller { index, shared: shared.clone(), out };
    let teller =
        thread::Builder::new().name("outcomes".to_owned()).spawn(move || timeless.block_on(teller.tell(outcomes)))?;
    while let Some(message) = lines.next()? {
        match message {
            ToWorker::Job(_) => return Err(lines.fault("a second job")),
            ToWorker::Target(target) => {
                shared.post_target(index, target).map_err(|_| lines.fault("a target after the end"))?;
            }
            ToWorker::Check(check) => shared.post_arrived(index, check.arrived(Instant::now())),
            ToWorker::Stop { reason, grace } => shared.stop(Stop { reason, until: Instant::now() + grace }),
            ToWorker::End => {
                shared.close();
                // It has told everything that it could, or nobody listened.
                let _told = teller.join();
                return Ok(End::Done);
            }
        }
    }
    Ok(End::Alone)
}

/// Starts the event loop of a job; an error is a sentence for the run.
fn begin(job: Job) -> Result<(Arc<Shared>, mpsc::Receiver<Vec<Outcome>>), String> {
    let Job { policy, limits, rate_after, network, held, index, of, .. } = job;
    let (files, least) = (bounds::raise_file_limit(), bounds::least_files(1));
    if files < least {
        return Err(format!("only {files} files may be open at once in it, and it needs {least}; raise ulimit -n"));
    }
    let (limits, lookups) = bounds::fit(crate::plan::Mode::Processes, &limits, files, 1);
    let now = Instant::now();
    let rate = limits.rate.map(|rate| Arc::new(Rate::new(rate, now).after(rate_after)));
    let connect = policy.timeouts.connect;
    let shared = Arc::new(Shared::of_worker(of, (limits.look_ahead / of).max(1)));
    let driver = Driver::new(index, Run::new(policy, limits, rate, Shard { index, of }), shared.clone());
    let idle = driver.idle_connections();
    let setup = Arc::new(Setup::of(&network, held));
    let carrier = move || Carrier::Pipeline(Box::new(Client::new(setup, idle, lookups, connect)));
    let (sender, outcomes) = mpsc::channel(BATCHES);
    let started =
        super::current_thread().and_then(|runtime| event_loop::spawn(index, runtime, driver, carrier, sender));
    started.map_err(|error| format!("it has no thread for its loop: {error}"))?;
    Ok((shared, outcomes))
}

/// Writes a line that must not wait for others.
fn tell(out: &mut impl Write, message: &FromWorker) -> io::Result<()> {
    wire::write(message, &mut *out)?;
    out.flush()
}

/// The thread that writes lines. Where it waits for the pipe, outcomes fill
/// their channel, which holds new checks back and never running ones.
struct Teller<W: Write> {
    index: usize,
    shared: Arc<Shared>,
    out: BufWriter<W>,
}

impl<W: Write> Teller<W> {
    /// Until the loop is gone, or nobody listens.
    async fn tell(mut self, mut outcomes: mpsc::Receiver<Vec<Outcome>>) -> io::Result<()> {
        let shared = self.shared.clone();
        let told = shared.told().expect("a worker's loop tells its parent");
        let mut crowded = false;
        loop {
            let first = tokio::select! {
                biased;
                batch = outcomes.recv() => match batch {
                    Some(batch) => batch,
                    None => return self.out.flush(),
                },
                () = told.bell.rung() => Vec::new(),
            };
            let mut batch = Some(first);
            while let Some(some) = batch {
                for outcome in some {
                    wire::write(&FromWorker::Outcome(Box::new(outcome)), &mut self.out)?;
                }
                batch = outcomes.try_recv().ok();
            }
            self.tell_moved()?;
            if let Some((host, n_targets)) = shared.crowded().filter(|_| !crowded) {
                crowded = true;
                wire::write(&FromWorker::Crowded { host: host.clone(), n_targets: *n_targets }, &mut self.out)?;
            }
            if let Some(standing) = told.take() {
                wire::write(&FromWorker::Standing(standing), &mut self.out)?;
            }
            self.out.flush()?;
        }
    }

    /// Checks that went to loops which are in other processes.
    fn tell_moved(&mut self) -> io::Result<()> {
        for other in (0..self.shared.n_loops()).filter(|other| *other != self.index) {
            for post in self.shared.inbox(other).take() {
                if let Post::Moved(moved) = post {
                    let moved = Travelling::leaving(moved, Instant::now());
                    wire::write(&FromWorker::Moved(Box::new(moved)), &mut self.out)?;
                    self.shared.finish(1);
                }
            }
        }
        Ok(())
    }
}

/// Messages, a line each.
struct Lines<R> {
    lines: R,
    line: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<ToWorker>, WorkError> {
        self.line.clear();
        self.number += 1;
        let read = self.lines.by_ref().take(LONGEST_LINE as u64).read_until(b'\n', &mut self.line)?;
        // A line that was cut short is the end, too: its writer is gone.
        if read == 0 || (self.line.last() != Some(&b'\n') && read < LONGEST_LINE) {
            return match self.number {
                1 if read > 0 => Err(self.fault("it has no end")),
                _ => Ok(None),
            };
        }
        wire::read(&self.line).map(Some).map_err(|error: WireError| self.fault(&error.to_string()))
    }

    fn fault(&self, why: &str) -> WorkError {
        WorkError::Line { line: self.number, why: why.to_owned() }
    }
}
