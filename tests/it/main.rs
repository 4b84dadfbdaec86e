//! All integration tests, in one binary: a module a behaviour.

/// A slow taker of rows holds new checks back, and nothing else.
mod back_pressure;
/// What README and `docs` say is so, and their examples do what they show.
mod readme;
/// Every file in `samples` does what it is for.
mod samples;
/// What several tests stand on.
mod support;
/// The rules of the house hold.
mod tidy;
/// Check, schedule and run without a network, hours in milliseconds.
mod virtual_time;
