//! What several tests stand on.

/// The program as its user runs it.
pub(crate) mod cmd;
/// The program on a terminal.
#[cfg(unix)]
pub(crate) mod pty;
