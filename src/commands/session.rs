//! One run from its first target to its exit code: rows, progress, signals.
//!
//! The engine's threads check; one thread takes the outcomes and tells the
//! sinks; this one waits for the end, or for a signal.

use super::is_coloured;
use crate::{
    check::{Outcome, Reason, Target},
    cli::{RowFormat, When},
    engine::{self, Control, Rest, Running},
    exit::{Exit, Signal},
    settings::{Output, Settings},
    sink::{Bar, Counts, Csv, End, Event, Gauge, Jsonl, Progress, SinkError, Sinks, Stop, Style, Summary, Text},
    source::SourceError,
};
use anyhow::Context;
use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::{runtime, sync::oneshot, time};

/// How long checks on the wire may go on after the first signal.
const GRACE: Duration = Duration::from_secs(10);

/// How often sinks hear that time passes, and flush their rows.
const TICK: Duration = Duration::from_millis(200);

/// A run to make, its inputs open.
pub(super) struct Session {
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
    let Session { targets, columns, total, rest, settings } = session;
    let sinks = sinks(&settings.output, columns)?;
    let failure = Arc::new(Mutex::new(None));
    let running = engine::start(&settings.plan, until_failure(targets, failure.clone()))?;
    let control = running.control();
    let (ended, told) = oneshot::channel();
    let teller = Teller { sinks, running, total, rest, began: Instant::now() };
    let timed = runtime::Builder::new_current_thread().enable_time().build()?;
    thread::Builder::new().name("sinks".to_owned()).spawn(move || {
        // Nobody listens any more after a second signal.
        let _left = ended.send(timed.block_on(teller.tell()));
    })?;
    let watch = watch(&control, rest, told);
    let (told, signal) = runtime::Builder::new_current_thread().enable_all().build()?.block_on(watch)?;
    let Some(told) = told else { return Ok(signal.map_or(Exit::Failed, Exit::from)) };
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
type Watched = (Option<Result<Counts, SinkError>>, Option<Signal>);

/// Waits for the end. The first signal drains the run, the second leaves at once.
async fn watch(
    control: &Control,
    rest: Rest,
    mut told: oneshot::Receiver<Result<Counts, SinkError>>,
) -> io::Result<Watched> {
    let mut signals = Signals::listen()?;
    let mut first = None;
    loop {
        tokio::select! {
            told = &mut told => return Ok((told.ok(), first)),
            signal = signals.next() => {
                if first.is_some() {
                    return Ok((None, first));
                }
                first = Some(signal);
                control.stop(Reason::RunAborted, GRACE, rest);
                tracing::warn!(
                    "stopping: {} checks on the wire may take {} s more; once more to leave at once",
                    control.on_wire() + control.in_room(),
                    GRACE.as_secs()
                );
            }
        }
    }
}

/// The thread of the sinks.
struct Teller {
    sinks: Sinks,
    running: Running,
    total: Total,
    rest: Rest,
    began: Instant,
}

impl Teller {
    async fn tell(mut self) -> Result<Counts, SinkError> {
        let control = self.running.control();
        let mut ticks = time::interval(TICK);
        ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        let mut lost = None;
        loop {
            let told = tokio::select! {
                outcomes = self.running.outcomes() => match outcomes {
                    Some(outcomes) => self.rows(&outcomes),
                    None => break,
                },
                _ = ticks.tick() => self.tick(&control),
            };
            if let Err(error) = told {
                // Rows that nobody keeps are no reason to ask anybody: stop,
                // and let the other outputs be as whole as they can.
                control.stop(Reason::RunAborted, Duration::ZERO, self.rest);
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
        lost.map_or(Ok(()), Err).and(ended).and(finished)
    }

    fn rows(&mut self, outcomes: &[Outcome]) -> Result<(), SinkError> {
        outcomes.iter().try_for_each(|outcome| self.sinks.event(&Event::Finished(outcome)))
    }

    fn tick(&mut self, control: &Control) -> Result<(), SinkError> {
        self.sinks.event(&Event::Tick(&Gauge {
            elapsed: self.began.elapsed(),
            on_wire: control.on_wire(),
            waiting: control.in_room(),
            parked: control.parked(),
            total: self.total.get(),
        }))
    }
}

/// Progress, then rows, then the summary: the order in which they are heard.
fn sinks(output: &Output, columns: Vec<String>) -> anyhow::Result<Sinks> {
    let (out, err) = (io::stdout().is_terminal(), io::stderr().is_terminal());
    let mut sinks = Sinks::default();
    let bar = (err && output.shows_progress()).then(Bar::on_stderr);
    match &bar {
        Some(bar) => sinks.add("the progress bar", Progress::bar(bar.clone())),
        None if output.progress == When::Always && !output.quiet => {
            sinks.add("standard error", Progress::lines(io::stderr()));
        }
        None => {}
    }
    let style = |is_terminal| Style { colour: is_coloured(output.color, is_terminal), width: None };
    match (&output.file, &bar) {
        (Some(path), _) => rows(&mut sinks, &path.display().to_string(), create(path)?, output, style(false), columns)?,
        (None, Some(bar)) if out => {
            rows(&mut sinks, "standard output", bar.beside(io::stdout()), output, style(out), columns)?;
        }
        (None, _) => rows(&mut sinks, "standard output", io::stdout(), output, style(out), columns)?,
    }
    let mut summary = Summary::new();
    if !output.quiet {
        summary = summary.lines(io::stderr(), style(err));
    }
    if let Some(path) = &output.summary {
        summary = summary.file(path).with_context(|| format!("--summary {}: cannot be written", path.display()))?;
    }
    sinks.add("the summary", summary);
    Ok(sinks)
}

fn rows(
    sinks: &mut Sinks,
    name: &str,
    out: impl Write + Send + 'static,
    output: &Output,
    style: Style,
    columns: Vec<String>,
) -> anyhow::Result<()> {
    let to_terminal = output.file.is_none() && io::stdout().is_terminal();
    match output.format(to_terminal) {
        RowFormat::Csv => {
            sinks.add(name, Csv::new(out, columns).with_context(|| format!("{name}: cannot be written"))?);
        }
        RowFormat::Jsonl => sinks.add(name, Jsonl::new(out, columns)),
        RowFormat::Text => {
            let width = to_terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0));
            sinks.add(name, Text::new(out, output.show, Style { width, ..style }));
        }
    }
    Ok(())
}

fn create(path: &Path) -> anyhow::Result<File> {
    File::create(path)
        .with_context(|| format!("-o {}: cannot be written; is the folder there, and yours?", path.display()))
}

impl Output {
    /// Whether progress is shown at all: on a terminal, or when asked for.
    pub(super) fn shows_progress(&self) -> bool {
        match self.progress {
            _ if self.quiet => false,
            When::Never => false,
            When::Always => true,
            When::Auto => io::stderr().is_terminal(),
        }
    }
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

/// The signals that stop a run.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Signals> {
        Ok(Signals {})
    }

    async fn next(&mut self) -> Signal {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Signal::Interrupt,
            // Without a handler there is no signal to wait for.
            Err(_) => std::future::pending().await,
        }
    }
}
