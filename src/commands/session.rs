//! One run from its first target to its exit code: rows, progress, signals.
//!
//! The engine's threads check; one thread takes the outcomes and tells the
//! sinks; this one waits for the end, or for a signal.

use super::{
    outputs::{self, Outputs},
    row_output::{MadeOf, RowOutputEnd},
    signals::Signals,
};
use crate::{
    check::{Outcome, Reason, Target},
    engine::{self, Control, Rest, Running},
    exit::{Exit, Signal},
    resume::Unbound,
    settings::Settings,
    sink::{Commit, Counts, End, Event, Gauge, SinkError, Sinks, Stop, Summary},
    source::{Input, SourceError},
};
use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::{runtime, sync::oneshot, time};

/// How long the sinks may take to write what is finished after a second signal.
const LAST_WRITES: Duration = Duration::from_secs(2);

/// How often sinks hear that time passes, and flush their rows.
const TICK: Duration = Duration::from_millis(200);

/// A run to make, its inputs open.
pub(super) struct Session {
    /// Where the targets come from, if they come from there again.
    pub(super) inputs: Result<Vec<Input>, Unbound>,
    /// The targets; an error is about the input, and the last item.
    pub(super) targets: Box<dyn Iterator<Item = Result<Target, SourceError>> + Send>,
    /// Columns of the input that the output carries.
    pub(super) columns: Vec<String>,
    /// Targets in all, once that is known.
    pub(super) total: Total,
    /// What becomes of targets that were not read when the run is stopped.
    pub(super) rest: Rest,
    pub(super) settings: Settings,
}

/// A number of targets that is told when it is known.
#[derive(Clone)]
pub(super) struct Total(Arc<AtomicU64>);

/// Makes the run.
pub(super) fn run(session: Session) -> anyhow::Result<Exit> {
    let Session { inputs, targets, columns, total, rest, settings } = session;
    engine::ensure_room(&settings.plan)?;
    // What is wrong with the network's files is told before an output is emptied.
    let network = engine::network(&settings.plan)?;
    let made_of = MadeOf { inputs: &inputs, settings: &settings.bound, columns: &columns };
    let Outputs { sinks, done, end } = outputs::open(&settings.output, &made_of)?;
    // Before anything is sent, and after all that may wait for others, as a
    // named pipe does for its reader: from here on a signal is heard.
    let waiting = runtime::Builder::new_current_thread().enable_all().build()?;
    let signals = waiting.block_on(async { Signals::listen() })?;
    let n_done = done.number();
    let failure = Arc::new(Mutex::new(None));
    let targets = until_failure(targets, failure.clone()).filter(move |target| !done.has(target.index));
    let running = engine::start_on(network, &settings.plan, targets, rest)?;
    let control = running.control();
    let (ended, told) = oneshot::channel();
    let is_safe_at_once = settings.output.commit == Commit::Every;
    let teller = Teller { sinks, end, is_safe_at_once, running, total, n_done, began: Instant::now() };
    let timed = runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("sinks".to_owned()).spawn(move || {
        // Nobody listens any more when that takes too long after a second signal.
        let _left = ended.send(timed.block_on(teller.tell()));
    })?;
    let (told, signal) = waiting.block_on(watch(&control, settings.grace, signals, told));
    let Some(told) = told else {
        // The sinks are left where they are, and cannot clean up themselves.
        settings.output.summary.as_deref().iter().for_each(|path| Summary::discard(path));
        return Ok(signal.map_or(Exit::Failed, Exit::from));
    };
    let counts = told?;
    if let Some(error) = failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(anyhow::Error::from(error).context("stopped early; every target read before has its row"));
    }
    if counts.total() == 0 && signal.is_none() {
        tracing::warn!("there is no URL in the input");
    }
    Ok(Exit::of(|verdict| counts.of(verdict), settings.fail_on, signal))
}

/// The targets up to the first error, which is left for the end.
fn until_failure(
    targets: impl Iterator<Item = Result<Target, SourceError>>,
    failure: Arc<Mutex<Option<SourceError>>>,
) -> impl Iterator<Item = Target> {
    targets.map_while(move |target| match target {
        Ok(target) => Some(target),
        Err(error) => {
            failure.lock().unwrap_or_else(PoisonError::into_inner).replace(error);
            None
        }
    })
}

/// What was told in the end, if it came to that, and the signal that stopped it.
type Watched = (Option<anyhow::Result<Counts>>, Option<Signal>);

/// Waits for the end. The first signal drains the run; the second ends what is
/// on the wire, and leaves what was not read; the third leaves at once, as does
/// this when the outputs take too long to be written after the second.
async fn watch(
    control: &Control,
    grace: Duration,
    mut signals: Signals,
    mut told: oneshot::Receiver<anyhow::Result<Counts>>,
) -> Watched {
    let (mut first, mut leaves_at) = (None, None);
    loop {
        tokio::select! {
            told = &mut told => return (told.ok(), first),
            () = time::sleep_until(leaves_at.unwrap_or_else(time::Instant::now)), if leaves_at.is_some() => {
                return (None, first);
            }
            signal = signals.next() => match (first, leaves_at) {
                (None, _) => {
                    first = Some(signal);
                    control.stop(Reason::RunAborted, grace);
                    let n_checks = control.on_wire() + control.in_room();
                    tracing::warn!(
                        "stopping: {n_checks} check{} on the wire may take {} s more; once more to leave at once",
                        if n_checks == 1 { "" } else { "s" },
                        grace.as_secs()
                    );
                }
                (Some(_), None) => {
                    control.leave();
                    leaves_at = Some(time::Instant::now() + LAST_WRITES);
                }
                (Some(_), Some(_)) => return (None, first),
            },
        }
    }
}

/// The thread of the sinks.
struct Teller {
    sinks: Sinks,
    /// Closes the rows' file.
    end: Option<RowOutputEnd>,
    /// Each batch of rows is made safe before the next is taken.
    is_safe_at_once: bool,
    running: Running,
    total: Total,
    /// Targets of the total that had their row before.
    n_done: u64,
    began: Instant,
}

impl Teller {
    async fn tell(mut self) -> anyhow::Result<Counts> {
        #[cfg(unix)]
        let _heard = outlive_file_limit()?;
        let control = self.running.control();
        let mut ticks = time::interval(TICK);
        ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        let mut lost = None;
        loop {
            let told = tokio::select! {
                outcomes = self.running.outcomes() => match outcomes {
                    Some(outcomes) => self.rows(&outcomes, &control),
                    None => break,
                },
                _ = ticks.tick() => self.tick(&control),
            };
            if let Err(error) = told {
                // Rows that nobody keeps are no reason to ask anybody: stop,
                // and let the other outputs be as whole as they can.
                control.stop(Reason::RunAborted, Duration::ZERO);
                let gone = error.is_closed_pipe();
                lost.get_or_insert(error);
                if gone {
                    break;
                }
            }
        }
        let stopped = match (&lost, control.stopped()) {
            (Some(_), _) => Some(Stop::Output),
            (None, Some(Reason::RunDeadline)) => Some(Stop::Deadline),
            (None, stopped) => stopped.map(|_| Stop::Signal),
        };
        let end = End { elapsed: self.began.elapsed(), stopped, notes: control.notes() };
        let ended = self.sinks.event(&Event::Ended(&end));
        let finished = self.sinks.finish();
        // What became of the rows matters more than any other output.
        self.end.map_or(Ok(()), RowOutputEnd::close)?;
        Ok(lost.map_or(Ok(()), Err).and(ended).and(finished)?)
    }

    fn rows(&mut self, outcomes: &[Outcome], control: &Control) -> Result<(), SinkError> {
        outcomes.iter().try_for_each(|outcome| self.sinks.event(&Event::Finished(outcome)))?;
        if self.is_safe_at_once { self.tick(control) } else { Ok(()) }
    }

    fn tick(&mut self, control: &Control) -> Result<(), SinkError> {
        self.sinks.event(&Event::Tick(&Gauge {
            elapsed: self.began.elapsed(),
            on_wire: control.on_wire(),
            waiting: control.in_room(),
            parked: control.parked(),
            total: self.total.get().map(|total| total.saturating_sub(self.n_done)),
        }))
    }
}

/// A file as large as the user may have (`ulimit -f`) is an error of the write
/// that is told like a full disk; its signal would end the program instead.
#[cfg(unix)]
fn outlive_file_limit() -> io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(libc::SIGXFSZ))
}

impl Total {
    /// A total to be told, and the same for whoever will tell it.
    pub(super) fn unknown() -> (Total, Total) {
        let total = Total(Arc::new(AtomicU64::new(u64::MAX)));
        (total.clone(), total)
    }

    pub(super) fn set(&self, total: Option<u64>) {
        if let Some(total) = total {
            self.0.store(total, Ordering::Relaxed);
        }
    }

    fn get(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|total| *total != u64::MAX)
    }
}
