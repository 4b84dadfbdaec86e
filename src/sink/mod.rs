//! WHERE TO: what happened goes to files, pipes and people.
//!
//! The owner of a run tells [`Sinks`] every [`Event`], in order, on one thread.
//! A sink writes, counts or shows it; none of them judges an outcome, knows the
//! network or reads the clock (time comes with the events). Nothing here grows
//! with the number of targets.

mod beside;
mod cell;
mod columns;
mod csv;
mod escape;
mod hosts;
mod human;
mod jsonl;
mod kept;
mod ordered;
mod progress;
mod replace;
mod report;
mod row_file;
mod secrets;
mod sinks;
mod style;
mod summary;
mod text;
mod told;
mod totals;
mod wrap;

pub use self::csv::{Csv, csv_header};
pub use beside::Beside;
pub use columns::{Column, RESERVED};
pub use human::{counted, grouped};
pub use jsonl::Jsonl;
pub use kept::Kept;
pub use ordered::{Ordered, Page};
pub use progress::{Bar, Progress};
pub use replace::Replacement;
pub use row_file::{Commit, RowFile, RowFileEnd, RowFileError};
pub use secrets::masked_input;
pub use sinks::{SinkError, Sinks};
pub use style::Style;
pub use summary::Summary;
pub use text::{Show, Text};
pub use told::{told, told_lines};
pub use totals::Counts;

use crate::check::{Outcome, Reason};
use serde::Serialize;
use std::{io, time::Duration};

/// Rows are gathered up to this size (64 KiB) before they are written.
const BUFFER: usize = 64 * 1024;

/// What a sink hears of a run.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A target has its outcome.
    Finished(&'a Outcome),
    /// Some time passed, about a fifth of a second: show how far it is.
    Tick(&'a Gauge),
    /// The run is over; every outcome was told.
    Ended(&'a End),
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauge {
    /// Since the run began.
    pub elapsed: Duration,
    /// Checks on the wire.
    pub on_wire: usize,
    /// Checks in the waiting room: on the wire without a connection for so
    /// long that they gave up their slot.
    pub waiting: usize,
    /// Checks that wait for a time: a rate, a host's pause, a retry.
    pub parked: usize,
    /// Targets in all, when the inputs tell.
    pub total: Option<u64>,
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// The whole run.
    pub elapsed: Duration,
    /// What stopped it before its work was done, if anything did.
    pub stopped: Option<Stop>,
    /// What else the summary should tell, a sentence each (such as that one
    /// host held most of the list). A handful at most.
    pub notes: Vec<String>,
}

/// What stopped a run before its work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// The user or the system (Ctrl-C, SIGTERM).
    Signal,
    /// The run's own deadline.
    Deadline,
    /// An output that could not be written.
    Output,
}

impl Stop {
    /// The reason in the rows of the targets that it left unasked.
    pub fn reason(self) -> Reason {
        match self {
            Stop::Deadline => Reason::RunDeadline,
            Stop::Signal | Stop::Output => Reason::RunAborted,
        }
    }
}

/// Something that hears the events of a run.
pub trait Sink {
    /// Takes one event. An error is about the output, never about a target.
    fn event(&mut self, event: &Event<'_>) -> io::Result<()>;

    /// Writes what is still held back. Dropping a sink instead may lose rows.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

impl Sink for Box<dyn Sink + Send> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        (**self).event(event)
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        (*self).finish()
    }
}

#[cfg(test)]
mod fixtures;
