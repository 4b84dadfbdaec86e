//! All integration tests, in one binary: a module a behaviour.

/// Which addresses are asked.
mod addresses;
/// Where addresses come from.
mod dns;
/// Every reason code, and the behaviour that gives it.
mod reasons;
/// What several tests stand on.
mod support;
/// Certificates, believed or not.
mod tls;
