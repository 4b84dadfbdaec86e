//! What several tests stand on.

/// Shell scripts in a folder where the practice site stands in for the web.
pub(crate) mod shell;
