//! Requests as most programs send them that know no event loop: with
//! `reqwest::blocking`, the thread waiting for each reply.
//!
//! Each such client has a thread and an event loop of its own that nobody
//! sees; that is why every checking thread has its own client.

use super::{
    dialling::{Dialling, Watch},
    http::{LONGEST_DRAIN, MOST_DRAINED_BYTES},
    kit::{Kit, Start},
    reqwest_shared::{
        MOST_STALE, connect_time, failure, head, message, reply, set_up, time_left, tls_config, was_stale,
    },
};
use crate::check::{Failure, Reply, Request};
use reqwest::blocking::Client;
use std::{
    cell::{OnceCell, RefCell},
    collections::VecDeque,
    io::Read,
    sync::Arc,
    time::Instant,
};
use url::Origin;

/// Hosts that a thread keeps connections to.
const MOST_KEPT: usize = 8;

/// A client of one thread.
pub struct BlockingClient {
    kit: Arc<Kit>,
    dialling: Arc<Dialling>,
    /// Of the latest requests: a host's next check often goes to another thread,
    /// and connections that wait here in vain are its host's and our files.
    latest: RefCell<VecDeque<Origin>>,
    http: OnceCell<Client>,
    https: OnceCell<Client>,
}

impl BlockingClient {
    /// A client that is made when it is first needed.
    pub fn new(kit: Arc<Kit>) -> BlockingClient {
        BlockingClient {
            kit,
            dialling: Arc::default(),
            latest: RefCell::default(),
            http: OnceCell::new(),
            https: OnceCell::new(),
        }
    }

    /// Sends one request and waits for what comes of it. `more` says that its
    /// host has more work, for which a connection is worth keeping.
    ///
    /// # Errors
    /// No usable reply: a fact about the site or this machine.
    pub fn send(&self, request: &Request, more: bool) -> Result<Reply, Failure> {
        let more = self.comes_again(request) && more;
        let start = self.kit.blocking_start(request)?;
        let mut stale = 0;
        loop {
            self.dialling.reset();
            match self.exchange(request, more, &start) {
                Err(failure) if was_stale(&failure, &self.dialling) && stale < MOST_STALE => stale += 1,
                ended => return ended,
            }
        }
    }

    /// Whether the request's host was asked by this thread lately.
    fn comes_again(&self, request: &Request) -> bool {
        let (origin, mut latest) = (request.url.origin(), self.latest.borrow_mut());
        let known = latest.contains(&origin);
        if !known {
            latest.truncate(MOST_KEPT - 1);
            latest.push_front(origin);
        }
        known
    }

    fn exchange(&self, request: &Request, more: bool, start: &Start) -> Result<Reply, Failure> {
        let (url, headers) = message(request, more);
        let client = if start.tls.is_some() { &self.https } else { &self.http };
        let client = match client.get() {
            Some(client) => client,
            None => {
                let made = self.client(start).map_err(|error| failure(&error, request, start, &self.dialling))?;
                client.get_or_init(|| made)
            }
        };
        let sending = client.request(request.method.clone(), url).headers(headers).timeout(time_left(request, start));
        let response = sending.send().map_err(|error| failure(&error, request, start, &self.dialling))?;
        let reply = reply(&head!(response), start, &self.dialling)?;
        if more {
            drain(response);
        }
        Ok(reply)
    }

    /// Its own hidden thread and event loop may be more than the system gives.
    fn client(&self, start: &Start) -> reqwest::Result<Client> {
        let watch = Watch::Client(self.dialling.clone());
        let connect = connect_time(&self.kit, start);
        set_up!(Client::builder(), self.kit.clone(), watch, tls_config(start), connect)
            .timeout(None)
            .pool_max_idle_per_host(1)
            .build()
    }
}

/// Reads what is left of a body as far as that is worth a connection.
fn drain(response: reqwest::blocking::Response) {
    let until = Instant::now() + LONGEST_DRAIN;
    let mut body = response.take(MOST_DRAINED_BYTES);
    let mut read = [0; 8 * 1024];
    // An error closes the connection, which is all that there is to do.
    while Instant::now() < until && body.read(&mut read).is_ok_and(|bytes| bytes > 0) {}
}
