//! WHO waits: the drivers of a [`Run`].
//!
//! The run says what to do and what follows; a driver only sends, sleeps and
//! waits. Mode `async`: one event loop a core, each owning the hosts whose name
//! hashes to it (`event_loop`), fed by one thread that reads the targets
//! (`reader`). Outcomes leave through one bounded channel.

mod bounds;
mod event_loop;
mod reader;
mod run;
mod shared;

pub use run::{Moved, Run, Sent, Todo};
pub use shared::{Control, Rest};

use crate::{
    check::{Outcome, Reason, Target},
    net::{NetworkError, Setup},
    plan::{Plan, PlanError},
    schedule::Rate,
};
use rustc_hash::FxHasher;
use shared::Shared;
use std::{
    hash::{Hash, Hasher},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
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
    /// The system gives no threads.
    #[error("no thread for the run: {0}; raise the limits of processes and open files (ulimit -u, -n)")]
    Thread(#[from] std::io::Error),
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
    start_on(Setup::new(&plan.network)?, plan, source, rest)
}

/// As [`start`], for a plan that is known to hold, on its network made ready.
pub fn start_on(
    network: Setup,
    plan: &Plan,
    source: impl Iterator<Item = Target> + Send + 'static,
    rest: Rest,
) -> Result<Running, StartError> {
    let setup = Arc::new(network);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let n_loops = plan.loops.unwrap_or(cores).clamp(1, plan.limits.concurrency.max(1));
    let (files, least) = (bounds::raise_file_limit(), bounds::least_files(n_loops));
    if files < least {
        return Err(StartError::Files { files, least, n_loops });
    }
    let (limits, lookups) = bounds::fit(&plan.limits, files, n_loops);
    let now = Instant::now();
    let rate = limits.rate.map(|rate| Arc::new(Rate::new(rate, now)));
    let shared = Arc::new(Shared::new(n_loops, limits.look_ahead, plan.deadline.map(|deadline| now + deadline), rest));
    let (sender, outcomes) = mpsc::channel(BATCHES);
    for index in 0..n_loops {
        let run = Run::new(
            plan.policy.clone(),
            bounds::share(&limits, index, n_loops),
            rate.clone(),
            Shard { index, of: n_loops },
        );
        event_loop::spawn(index, run, lookups, setup.clone(), shared.clone(), sender.clone())?;
    }
    reader::spawn(Box::new(source), shared.clone(), sender)?;
    Ok(Running { outcomes, control: Control::new(shared) })
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
