//! urlcheck tells what became of every URL in a list, from ten to a hundred
//! million.
//!
//! ```text
//!  source ──Target──▶ schedule ──Check──▶ net ──Reply | Failure──▶ check ──Outcome──▶ sink
//!  (where from)        (WHEN)            (HOW)                     (WHAT next,         (where to)
//!                         ▲                                         the verdict)
//!                         └────────── Again { check, after } ──────────┘
//!  engine = WHO waits: event loops · one thread · threads · green tasks · processes
//!  plan   = what the user asked for, resolved and validated before the first packet
//! ```
//!
//! A check is a value, the run is a value, and only the waiting differs between
//! the ways to run it. One direction, one loop; the only way back is a check put
//! back into the schedule: a redirect's next hop, a retry after its delay.
//!
//! To check URLs from your own program: [`check()`] for one, [`outcomes()`] for
//! many. To read the source, go in this order:
//!
//! * [`mod@check`]: what happens to one target. Pure: no I/O, no clock.
//! * [`schedule`]: when a check may run. Pure; time is an argument.
//! * [`net`]: how one request is sent. The only module that opens sockets.
//! * [`engine`]: who waits for the other three.
//! * [`source`] and [`sink`]: where targets come from, where outcomes go.
//! * [`resume`]: what an output has already, when a run goes on.
//! * [`plan`], [`settings`], [`cli`]: what the user asked for, from the inside out.
//! * [`commands`] and [`exit`]: the verbs, and how they end.
//! * [`site`]: a local server with scripted behaviour, to practise and test on.
//!
//! What holds everywhere: rows out = targets in. Memory grows with the limits,
//! never with the number of targets. No slot is held while nothing is on the
//! wire. A slow output stops new checks, never running ones. A host's limits
//! hold for every hop.

pub mod check;
pub mod cli;
pub mod commands;
pub mod engine;
pub mod exit;
mod library;
pub mod net;
pub mod plan;
pub mod resume;
pub mod schedule;
pub mod settings;
pub mod sink;
pub mod site;
pub mod source;

pub use check::{Outcome, Policy, Reason, Scheme, StatusSet, Target, Verdict};
pub use library::{Outcomes, check, outcomes};
pub use plan::{Mode, Plan};

/// The examples in README are as good as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
