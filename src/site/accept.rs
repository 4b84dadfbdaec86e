//! The practice site's threads: each has an event loop of its own, takes
//! connections from the same sockets and stops when dropped.

use super::{count::Counts, dns, ports::Ports, serve, tls};
use rustls::ServerConfig;
use std::{
    io,
    net::TcpListener,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::{Semaphore, oneshot},
    time::sleep,
};

/// One thread of the site. Dropping it ends the thread and all its connections.
#[derive(Debug)]
pub(super) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the connections of all threads share.
#[derive(Clone)]
pub(super) struct Shared {
    counts: Arc<Counts>,
    tls: Arc<ServerConfig>,
    room: Arc<Semaphore>,
}

#[derive(Clone, Copy)]
enum Speaks {
    Http,
    Tls,
}

/// After an error of `accept`, which would only come again at once.
const PAUSE: Duration = Duration::from_millis(10);

impl Server {
    /// Starts a thread; the first one (number 0) serves names besides.
    pub(super) fn start(number: usize, ports: &Ports, shared: &Shared) -> io::Result<Server> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let entered = runtime.enter();
        for listener in ports.http.listeners.iter().chain(ports.hosts.iter().map(|(_, listener)| listener)) {
            spawn_accepting(listener, Speaks::Http, shared)?;
        }
        for listener in &ports.tls.listeners {
            spawn_accepting(listener, Speaks::Tls, shared)?;
        }
        if number == 0 {
            let socket = tokio::net::UdpSocket::from_std(ports.dns.try_clone()?)?;
            tokio::spawn(dns::serve(socket, shared.counts.clone()));
        }
        drop(entered);
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name(format!("site-{number}")).spawn(move || run(&runtime, stopped))?;
        Ok(Server { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there was told when it happened.
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// Room for so many connections; the later ones wait for it.
    pub(super) fn new(counts: Arc<Counts>, tls: Arc<ServerConfig>, max_connections: usize) -> Shared {
        let room = Semaphore::new(max_connections.clamp(1, Semaphore::MAX_PERMITS));
        Shared { counts, tls, room: Arc::new(room) }
    }
}

fn run(runtime: &Runtime, stopped: oneshot::Receiver<()>) {
    // That the sender is gone is the signal; nothing is ever sent.
    let _ = runtime.block_on(stopped);
}

fn spawn_accepting(listener: &TcpListener, speaks: Speaks, shared: &Shared) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener.try_clone()?)?;
    tokio::spawn(accept(listener, speaks, shared.clone()));
    Ok(())
}

async fn accept(listener: tokio::net::TcpListener, speaks: Speaks, shared: Shared) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, or the client left already.
            sleep(PAUSE).await;
            continue;
        };
        let room = shared.room.clone().acquire_owned().await.expect("nobody closes the semaphore");
        let Shared { counts, tls, .. } = shared.clone();
        tokio::spawn(async move {
            let counted = counts.open_connection();
            // Small writes go out as they are made: drips depend on it.
            if stream.set_nodelay(true).is_ok() {
                match speaks {
                    Speaks::Http => serve::connection(stream, counts).await,
                    Speaks::Tls => tls::connection(stream, tls, counts).await,
                }
            }
            // In this order, or the next connection would be counted beside this one.
            drop(counted);
            drop(room);
        });
    }
}
