//! The pure core, check, schedule and run, in virtual time: hours in
//! milliseconds, the same each time.

/// A host that nothing connects to.
mod breaker;
/// A check without a connection frees its slot.
mod dead_hosts;
/// `Retry-After`, kept and refused.
mod left_alone;
/// No step looks at all lanes.
mod many_lanes;
/// What this machine lacks: slots that shrink and come back, and the wait for a network.
mod means;
/// What holds for every list, every network and all limits.
mod properties;
/// A run that is stopped.
mod stopping;
/// A host that throttles delays itself alone.
mod throttled_host;
/// The hosts and pages that the properties draw.
mod world;

use urlcheck::{Scheme, Target};

/// A list of URLs, numbered from 1.
fn list(urls: impl IntoIterator<Item = String>) -> impl Iterator<Item = Target> {
    (1..).zip(urls).map(|(index, url)| Target::parse(index, url, Scheme::Http))
}
