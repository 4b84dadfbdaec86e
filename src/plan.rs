//! What the user asked for, resolved and validated before the first packet.

use crate::{check::Policy, net::Network, schedule::Limits};
use std::{sync::Arc, time::Duration};

/// Everything that a run needs to know, whatever its mode.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// How each target is checked.
    pub policy: Arc<Policy>,
    /// When checks may run.
    pub limits: Limits,
    /// How the network is reached.
    pub network: Network,
    /// Event loops of mode `async`; `None`: one a core.
    pub loops: Option<usize>,
    /// The run ends after this long, what is left `skipped`/`run_deadline`.
    pub deadline: Option<Duration>,
}
