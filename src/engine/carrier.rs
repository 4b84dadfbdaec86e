//! Who carries the requests of an event loop: what differs between the modes
//! that wait on one.

use crate::{
    check::{Failure, Reply, Request},
    net::{Client, Connected, CurlClient, TaskClient},
};

/// Who carries the requests of an event loop.
pub(super) enum Carrier {
    /// The loop's own task, on the program's own pipeline (mode `async`).
    Pipeline(Box<Client>),
    /// A green task for each, all on one client (mode `tasks`).
    Tasks(TaskClient),
    /// A curl process for each (mode `subprocess`).
    Curl(Box<CurlClient>),
}

impl Carrier {
    /// Sends one request. Dropping the future calls it off, its task or its
    /// process included.
    pub(super) async fn send(
        &self,
        request: &Request,
        more: bool,
        connected: impl Fn(Connected),
    ) -> Result<Reply, Failure> {
        // The rarer ones are boxed, so that the others' checks in flight are
        // not as large as theirs.
        match self {
            Carrier::Pipeline(client) => client.send(request, more, connected).await,
            Carrier::Tasks(client) => Box::pin(client.send(request, more, connected)).await,
            Carrier::Curl(client) => Box::pin(client.send(request, connected)).await,
        }
    }
}
