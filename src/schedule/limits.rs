//! How much at once, how fast, and how far ahead.

use serde::{Deserialize, Serialize};

/// What a run may do at once and per second.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// Checks on the wire at once.
    pub concurrency: usize,
    /// Checks on the wire to one host:port; 0: no limit.
    pub per_host: usize,
    /// Requests a second in all.
    pub rate: Option<f64>,
    /// Requests a second to one host:port.
    pub host_rate: Option<f64>,
    /// Targets read but not begun; also the bound of checks that wait for a retry or a hop.
    pub look_ahead: usize,
    /// Checks without a connection that gave up their slot.
    pub waiting_room: usize,
    /// Whether a host that nothing connects to ends its waiting checks.
    pub breaker: bool,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            concurrency: 256,
            per_host: 6,
            rate: None,
            host_rate: None,
            look_ahead: 100_000,
            waiting_room: 4096,
            breaker: true,
        }
    }
}
