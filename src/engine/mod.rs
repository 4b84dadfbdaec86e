//! WHO waits: the drivers of a [`Run`].
//!
//! The run says what to do and what follows; a driver only sends, sleeps and
//! waits. One thread reads the targets (`reader`); outcomes leave through one
//! bounded channel. Between them, by [`Mode`]: event loops, each owning the
//! hosts whose name hashes to it (`event_loop`), with requests that they carry
//! themselves, as green tasks, or as curl processes (`carrier`); threads around
//! one lock (`threads`); or worker processes with an event loop each
//! (`processes`, `worker`, and the lines between them, `wire`). What all of
//! them do between two waits is written once (`driver`).

mod bell;
mod bounds;
mod carrier;
mod driver;
mod event_loop;
mod inbox;
mod pipes;
mod processes;
mod reader;
mod run;
mod shared;
mod threads;
mod unfinished;
mod wire;
mod worker;

pub use run::{Moved, Run, Sent, Todo};
pub use shared::{Control, Rest};
pub use worker::{End, WorkError, work};

use crate::{
    check::{Outcome, Reason, Target},
    net::{BlockingClient, Client, CurlClient, CurlError, CurlProgram, Kit, NetworkError, Setup, TaskClient},
    plan::{Mode, Plan, PlanError},
    schedule::{Limits, Rate},
};
use carrier::Carrier;
use driver::Driver;
use rustc_hash::FxHasher;
use shared::Shared;
use std::{
    hash::{Hash, Hasher},
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tokio::{runtime, sync::mpsc};
use url::Url;

/// Batches of outcomes between the loops and whoever takes them.
const BATCHES: usize = 64;

/// A run under way. Dropping it stops everything without a trace.
pub struct Running {
    outcomes: mpsc::Receiver<Vec<Outcome>>,
    control: Control,
}

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The plan cannot be carried out.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A file that describes the network is not as it should be.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// There is no curl to send with.
    #[error(transparent)]
    Curl(#[from] CurlError),
    /// The system gives no threads.
    #[error("no thread for the run: {0}; raise the limits of processes and open files (ulimit -u, -n)")]
    Thread(#[from] std::io::Error),
    /// Worker processes need a program to run.
    #[error(
        "mode processes needs a program to run as its workers; set `Plan::worker` to urlcheck with the argument worker"
    )]
    NoWorker,
    /// A worker process cannot do its part.
    #[error("{} cannot work as a process of this run: {why}; use another --mode, or see that the program is whole", program.display())]
    Worker {
        /// What was to run as a worker.
        program: PathBuf,
        /// What came of it.
        why: String,
    },
    /// The system allows too few open files for even one check.
    #[error(
        "only {files} files may be open at once, and {n_loops} event loops need {least}; raise ulimit -n or lower --loops"
    )]
    Files {
        /// As many may be open.
        files: usize,
        /// As many are needed.
        least: usize,
        /// For so many loops.
        n_loops: usize,
    },
}

/// Begins a run of a plan over the targets that `source` brings.
///
/// Nothing is asked for before the plan is known to hold. The source is read on
/// a thread of its own, and only as far as `look_ahead` allows; `rest` says what
/// becomes of what is left of it when the run is stopped, by its deadline too.
pub fn start(
    plan: &Plan,
    source: impl Iterator<Item = Target> + Send + 'static,
    rest: Rest,
) -> Result<Running, StartError> {
    plan.validate()?;
    start_on(network(plan)?, plan, source, rest)
}

/// Makes the network of a plan ready: reads its files, finds its curl.
pub fn network(plan: &Plan) -> Result<Setup, StartError> {
    let setup = Setup::new(&plan.network)?;
    match plan.mode {
        Mode::Subprocess => Ok(setup.with_curl()?),
        _ => Ok(setup),
    }
}

/// As [`start`], for a plan that is known to hold, on its network made ready.
pub fn start_on(
    network: Setup,
    plan: &Plan,
    source: impl Iterator<Item = Target> + Send + 'static,
    rest: Rest,
) -> Result<Running, StartError> {
    let setup = Arc::new(network);
    let (files, n_loops) = room(plan)?;
    let now = Instant::now();
    let deadline = plan.deadline.map(|deadline| now + deadline);
    let shared = Arc::new(Shared::new(n_loops, plan.limits.look_ahead, deadline, rest));
    let (sender, outcomes) = mpsc::channel(BATCHES);
    let (limits, lookups) = match plan.mode {
        // Each worker process fits its share into files of its own.
        Mode::Processes => (plan.limits.clone(), 0),
        mode => bounds::fit(mode, &plan.limits, files, n_loops),
    };
    let part = Part { setup, plan, limits, lookups, shared: &shared, outcomes: &sender };
    part.start(n_loops, now)?;
    reader::spawn(Box::new(source), shared.clone(), sender)?;
    Ok(Running { outcomes, control: Control::new(shared) })
}

/// Whether there are files enough for a run to begin with.
///
/// # Errors
/// There are not.
pub fn ensure_room(plan: &Plan) -> Result<(), StartError> {
    room(plan).map(|_| ())
}

/// How many event loops or worker processes a plan has: one a core, unless it says otherwise.
pub fn n_loops(plan: &Plan) -> usize {
    if !plan.mode.has_loops() {
        return 1;
    }
    let cores = || thread::available_parallelism().map_or(1, usize::from);
    plan.loops.unwrap_or_else(cores).clamp(1, plan.limits.concurrency.max(1))
}

/// How many files may be open, and how many loops or processes there are to be.
fn room(plan: &Plan) -> Result<(usize, usize), StartError> {
    let n_loops = n_loops(plan);
    let (files, least) = (bounds::raise_file_limit(), bounds::least_files(n_loops));
    if files < least {
        return Err(StartError::Files { files, least, n_loops });
    }
    Ok((files, n_loops))
}

/// What the drivers of a run are made of.
struct Part<'a> {
    setup: Arc<Setup>,
    plan: &'a Plan,
    limits: Limits,
    lookups: usize,
    shared: &'a Arc<Shared>,
    outcomes: &'a mpsc::Sender<Vec<Outcome>>,
}

impl Part<'_> {
    fn start(&self, n_loops: usize, now: Instant) -> Result<(), StartError> {
        let rate = self.limits.rate.map(|rate| Arc::new(Rate::new(rate, now)));
        let connect = self.plan.policy.timeouts.connect;
        match self.plan.mode {
            Mode::Async => {
                for index in 0..n_loops {
                    let (driver, setup) = (self.driver(index, n_loops, rate.clone()), self.setup.clone());
                    let (idle, lookups) = (driver.idle_connections(), self.lookups);
                    let carrier = move || Carrier::Pipeline(Box::new(Client::new(setup, idle, lookups, connect)));
                    event_loop::spawn(index, current_thread()?, driver, carrier, self.outcomes.clone())?;
                }
            }
            Mode::Tasks => {
                let (driver, kit) = (self.driver(0, 1, rate), self.kit()?);
                let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
                event_loop::spawn(0, runtime, driver, || Carrier::Tasks(TaskClient::new(kit)), self.outcomes.clone())?;
            }
            Mode::Subprocess => {
                let program = self.setup.curl().cloned().map_or_else(CurlProgram::find, Ok)?;
                let (driver, client) = (self.driver(0, 1, rate), CurlClient::new(self.kit()?, program));
                let carrier = || Carrier::Curl(Box::new(client));
                event_loop::spawn(0, current_thread()?, driver, carrier, self.outcomes.clone())?;
            }
            Mode::Threads | Mode::Sequential => {
                let (driver, kit) = (self.driver(0, 1, rate), self.kit()?);
                let client = || BlockingClient::new(kit.clone());
                threads::spawn(self.limits.concurrency, driver, client, self.outcomes.clone())?;
            }
            Mode::Processes => processes::start(self, n_loops)?,
        }
        Ok(())
    }

    fn driver(&self, index: usize, n_loops: usize, rate: Option<Arc<Rate>>) -> Driver {
        let limits = bounds::share(&self.limits, index, n_loops);
        let shard = Shard { index, of: n_loops };
        Driver::new(index, Run::new(self.plan.policy.clone(), limits, rate, shard), self.shared.clone())
    }

    fn kit(&self) -> Result<Arc<Kit>, StartError> {
        Ok(Arc::new(Kit::new(self.setup.clone(), self.lookups, self.plan.policy.timeouts.connect)?))
    }
}

fn current_thread() -> std::io::Result<runtime::Runtime> {
    runtime::Builder::new_current_thread().enable_all().build()
}

impl Running {
    /// The next outcomes; `None` when every target has had its own.
    pub async fn outcomes(&mut self) -> Option<Vec<Outcome>> {
        self.outcomes.recv().await
    }

    /// The next outcomes, if there are any yet, for streams.
    pub fn poll_outcomes(&mut self, cx: &mut std::task::Context<'_>) -> std::task::Poll<Option<Vec<Outcome>>> {
        self.outcomes.poll_recv(cx)
    }

    /// Stops the run, or looks at it, from elsewhere.
    pub fn control(&self) -> Control {
        self.control.clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The loops see that nobody takes outcomes. The reader waits for them,
        // and must let go of its source.
        self.control.stop(Reason::RunAborted, Duration::ZERO);
    }
}

/// Which part of the hosts an event loop owns: those whose name hashes to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// This part, from 0.
    pub index: usize,
    /// Parts in all.
    pub of: usize,
}

impl Shard {
    /// The only part there is.
    pub const WHOLE: Shard = Shard { index: 0, of: 1 };

    /// Whether a URL's host belongs here.
    pub fn owns(self, url: &Url) -> bool {
        Shard::index_of(url, self.of) == self.index
    }

    /// The part that a URL's host belongs to. Ports do not count, so that a
    /// name is resolved in one place.
    pub fn index_of(url: &Url, of: usize) -> usize {
        if of == 1 {
            return 0;
        }
        let mut hasher = FxHasher::default();
        url.host_str().hash(&mut hasher);
        // The high bits of this hash are its good ones.
        (hasher.finish() >> 32) as usize % of
    }
}
