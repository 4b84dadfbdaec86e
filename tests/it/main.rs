//! All integration tests, in one binary: a module a behaviour.

/// What README and `docs` say is so, and their examples do what they show.
mod readme;
/// Every file in `samples` does what it is for.
mod samples;
/// What several tests stand on.
mod support;
/// The rules of the house hold.
mod tidy;
