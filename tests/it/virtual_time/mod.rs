//! The pure core, check, schedule and run, in virtual time: hours in
//! milliseconds, the same each time.

/// What holds for every list, every network and all limits.
mod properties;
/// The hosts and pages that the properties draw.
mod world;
