//! Requests as most asynchronous programs send them: each in a green task of
//! its own on a work-stealing runtime, all with one reqwest client.

use super::{
    Connected,
    dialling::{DIALLING, Dialling, Watch},
    http::{LONGEST_DRAIN, MOST_DRAINED_BYTES},
    kit::{Kit, Start},
    reqwest_shared::{
        MOST_STALE, connect_time, failure, head, message, reply, set_up, time_left, tls_config, was_stale,
    },
};
use crate::check::{Failure, Reply, Request};
use futures::future::{Either, select};
use reqwest::Client;
use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{Arc, OnceLock},
};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

/// One client for all green tasks.
#[derive(Clone)]
pub struct TaskClient(Arc<Shared>);

struct Shared {
    kit: Arc<Kit>,
    http: OnceLock<Client>,
    https: OnceLock<Client>,
}

/// A green task that ends when nobody waits for it any more.
struct Task(JoinHandle<Result<Reply, Failure>>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl TaskClient {
    /// A client that is made when it is first needed.
    pub fn new(kit: Arc<Kit>) -> TaskClient {
        TaskClient(Arc::new(Shared { kit, http: OnceLock::new(), https: OnceLock::new() }))
    }

    /// Sends one request from a green task of its own, which ends when this
    /// future does. `more` and `connected` are as in [`super::Client::send`].
    ///
    /// # Errors
    /// No usable reply: a fact about the site or this machine.
    pub async fn send(&self, request: &Request, more: bool, connected: impl Fn(Connected)) -> Result<Reply, Failure> {
        let (tell, told) = oneshot::channel();
        let (shared, request) = (self.0.clone(), request.clone());
        let mut task = Task(tokio::spawn(async move { shared.send(&request, more, tell).await }));
        let ended = match select(pin!(told), &mut task.0).await {
            Either::Left((told, task)) => {
                if let Ok(how) = told {
                    connected(how);
                }
                task.await
            }
            Either::Right((ended, _)) => ended,
        };
        ended.expect("a green task of ours neither panics nor is called off while somebody waits for it")
    }
}

impl Shared {
    async fn send(&self, request: &Request, more: bool, tell: oneshot::Sender<Connected>) -> Result<Reply, Failure> {
        let start = self.kit.start(request).await?;
        let dialling = Arc::new(Dialling::telling(tell));
        let mut stale = 0;
        loop {
            dialling.reset();
            let sent = DIALLING.scope(dialling.clone(), self.exchange(request, more, &start, &dialling)).await;
            match sent {
                Err(failure) if was_stale(&failure, &dialling) && stale < MOST_STALE => stale += 1,
                ended => return ended,
            }
        }
    }

    async fn exchange(
        &self,
        request: &Request,
        more: bool,
        start: &Start,
        dialling: &Dialling,
    ) -> Result<Reply, Failure> {
        let (url, headers) = message(request, more);
        let client = if start.tls.is_some() { &self.https } else { &self.http };
        let client = client.get_or_init(|| self.client(start));
        let sending = client.request(request.method.clone(), url).headers(headers).timeout(time_left(request, start));
        let mut sending = pin!(sending.send());
        let sent = poll_fn(|cx| {
            let polled = sending.as_mut().poll(cx);
            // A kept connection is taken at once, or another is begun.
            dialling.is_kept_unless_begun();
            polled
        });
        let response = sent.await.map_err(|error| failure(&error, request, start, dialling))?;
        let reply = reply(&head!(response), start, dialling)?;
        if more {
            // A body that is not read in time costs its connection.
            let _read = timeout(LONGEST_DRAIN, drain(response)).await;
        }
        Ok(reply)
    }

    fn client(&self, start: &Start) -> Client {
        let connect = connect_time(&self.kit, start);
        set_up!(Client::builder(), self.kit.clone(), Watch::Task, tls_config(start), connect)
            .build()
            .expect("a client whose TLS is made already has nothing to fail on")
    }
}

async fn drain(mut response: reqwest::Response) {
    let mut left = MOST_DRAINED_BYTES;
    while let Ok(Some(chunk)) = response.chunk().await {
        match left.checked_sub(chunk.len() as u64) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}
