//! All integration tests, in one binary: a module a behaviour.

/// A slow taker of rows holds new checks back, and nothing else.
mod back_pressure;
/// What several tests stand on.
mod support;
/// Check, schedule and run without a network, hours in milliseconds.
mod virtual_time;
