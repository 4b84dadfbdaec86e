//! All integration tests, in one binary: a module a behaviour.

/// The real event loops, and what wakes them.
mod event_loops;
/// What several tests stand on.
mod support;
/// Check, schedule and run without a network, hours in milliseconds.
mod virtual_time;
