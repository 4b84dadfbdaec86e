//! What several tests stand on.

/// The real program against a practice site.
pub(crate) mod run;
