//! The ways to run: one list, one schedule, one verdict, and six ways to wait.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Who waits for the replies. Everything else is the same in all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// One event loop a core, a set of futures in each.
    #[default]
    Async,
    /// One request after the other.
    Sequential,
    /// A pool of threads around one lock, a blocking client in each.
    Threads,
    /// A green task for each request, on a work-stealing runtime.
    Tasks,
    /// Worker processes, an event loop in each.
    Processes,
    /// One curl process for each request.
    Subprocess,
}

impl Mode {
    /// Every mode, the default first.
    pub const ALL: [Mode; 6] =
        [Mode::Async, Mode::Sequential, Mode::Threads, Mode::Tasks, Mode::Processes, Mode::Subprocess];

    /// Its name, as `--mode` takes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Async => "async",
            Mode::Sequential => "sequential",
            Mode::Threads => "threads",
            Mode::Tasks => "tasks",
            Mode::Processes => "processes",
            Mode::Subprocess => "subprocess",
        }
    }

    /// What it is, for `--help`.
    pub fn sentence(self) -> &'static str {
        match self {
            Mode::Async => "One event loop a core, a set of futures in each",
            Mode::Sequential => "One request after the other",
            Mode::Threads => "Threads around one lock, a blocking client in each",
            Mode::Tasks => "A green task for each request, on a work-stealing runtime",
            Mode::Processes => "Worker processes, an event loop in each",
            Mode::Subprocess => "A curl process for each request",
        }
    }

    /// Whether `--loops` means something in it: event loops, or processes of one each.
    pub fn has_loops(self) -> bool {
        matches!(self, Mode::Async | Mode::Processes)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
