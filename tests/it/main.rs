//! All integration tests, in one binary: a module a behaviour.

/// Every reason code, and the behaviour that gives it.
mod reasons;
/// What several tests stand on.
mod support;
