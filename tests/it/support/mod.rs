//! What several tests stand on.

/// Answers of a network that is not there.
pub(crate) mod answer;
/// The program as its user runs it.
pub(crate) mod cmd;
/// One behaviour, every mode.
pub(crate) mod modes;
/// The program on a terminal.
#[cfg(unix)]
pub(crate) mod pty;
/// Servers that know no HTTP.
pub(crate) mod raw;
/// The real program against a practice site.
pub(crate) mod run;
/// Shell commands where the practice site stands in for the web.
pub(crate) mod shell;
/// A run under a virtual clock.
pub(crate) mod sim;
/// What a simulated run did, and when.
pub(crate) mod trace;
/// What must hold at every instant of a run.
pub(crate) mod watch;
