//! All integration tests, in one binary: a module a behaviour.

/// A slow taker of rows holds new checks back, and nothing else.
mod back_pressure;
/// Help, manual, completions, the demo: what the command line gives.
mod cli;
/// Every exit code, and the line that `--fail-on` draws.
mod exits;
/// Lists in every format, from everywhere, good and bad.
mod inputs;
/// Rows and summaries, and outputs that cannot be written.
mod outputs;
/// Flags, environment and `urlcheck.toml`, and the sentence for each fault.
mod settings;
/// Ctrl-C, SIGTERM and the deadline.
#[cfg(unix)]
mod signals;
/// What several tests stand on.
mod support;
/// What people see on a terminal.
#[cfg(unix)]
mod terminal;
/// Check, schedule and run without a network, hours in milliseconds.
mod virtual_time;
