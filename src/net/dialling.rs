//! What is watched of the connections that reqwest opens, which tells nobody of them.

use super::{
    Connected,
    tls::{SHOWN, Shown},
};
use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Instant,
};
use tokio::sync::oneshot;
use tower_layer::Layer;
use tower_service::Service;

/// What is known of a request's connection. A client fills it in while it connects.
#[derive(Debug, Default)]
pub(super) struct Dialling(Mutex<Dialled>);

#[derive(Debug, Default)]
pub(super) struct Dialled {
    /// A connection was begun for this request, rather than a kept one used.
    pub(super) began: Option<Instant>,
    pub(super) connected: Option<Instant>,
    pub(super) shown: Shown,
    /// Hears of the connection, once.
    tell: Option<oneshot::Sender<Connected>>,
}

tokio::task_local! {
    /// That of the green task that sends.
    pub(super) static DIALLING: Arc<Dialling>;
}

impl Dialling {
    /// For a request whose sender wants to hear of its connection.
    pub(super) fn telling(tell: oneshot::Sender<Connected>) -> Dialling {
        Dialling(Mutex::new(Dialled { tell: Some(tell), ..Dialled::default() }))
    }

    /// The request is about to be sent, or sent again.
    pub(super) fn reset(&self) {
        let mut dialled = self.lock();
        *dialled = Dialled { tell: dialled.tell.take(), ..Dialled::default() };
    }

    /// Whoever sends on a kept connection has it at once.
    pub(super) fn is_kept_unless_begun(&self) {
        let mut dialled = self.lock();
        if dialled.began.is_none() {
            dialled.tell(Connected::Kept);
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Dialled> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dialled {
    fn tell(&mut self, how: Connected) {
        if let Some(tell) = self.tell.take() {
            // Nobody listens once the check was called off.
            let _left = tell.send(how);
        }
    }
}

/// Whose connections are watched.
#[derive(Clone, Debug)]
pub(super) enum Watch {
    /// Those of the task that connects.
    Task,
    /// Those of a client that sends one request at a time.
    Client(Arc<Dialling>),
}

impl Watch {
    fn dialling(&self) -> Option<Arc<Dialling>> {
        match self {
            Watch::Task => DIALLING.try_with(Arc::clone).ok(),
            Watch::Client(dialling) => Some(dialling.clone()),
        }
    }
}

impl<S> Layer<S> for Watch {
    type Service = Watched<S>;

    fn layer(&self, connector: S) -> Watched<S> {
        Watched { connector, watch: self.clone() }
    }
}

/// A connector that is watched.
#[derive(Clone, Debug)]
pub(super) struct Watched<S> {
    connector: S,
    watch: Watch,
}

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
    S::Response: Send,
    S::Error: Send,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let dialling = self.watch.dialling();
        if let Some(dialling) = &dialling {
            dialling.lock().began = Some(Instant::now());
        }
        let connecting = self.connector.call(request);
        let connecting = async { (connecting.await, SHOWN.with(RefCell::take)) };
        Box::pin(async move {
            let (ended, shown) = SHOWN.scope(RefCell::default(), connecting).await;
            if let Some(dialling) = dialling {
                let mut dialled = dialling.lock();
                dialled.shown = shown;
                if ended.is_ok() {
                    dialled.connected = Some(Instant::now());
                    dialled.tell(Connected::Fresh);
                }
            }
            ended
        })
    }
}
