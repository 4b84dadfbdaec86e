//! The sockets that hickory asks the DNS servers with, watched: when this
//! machine has none to give, hickory tells of a time-out or of nothing at all.

use super::failure;
use crate::check::Reason;
use hickory_resolver::net::runtime::{DnsUdpSocket, RuntimeProvider, TokioRuntimeProvider};
use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

/// hickory's way to tokio's sockets, with a memory of what was lacking.
#[derive(Clone, Default)]
pub(super) struct LookupSockets {
    tokio: TokioRuntimeProvider,
    lacked: Lacked,
}

/// A UDP socket; what cannot leave by it is remembered, too.
pub(super) struct LookupSocket {
    udp: <TokioRuntimeProvider as RuntimeProvider>::Udp,
    lacked: Lacked,
}

/// What this machine last lacked for a socket, and when.
#[derive(Clone, Default)]
pub(super) struct Lacked(Arc<Mutex<Option<(Instant, Reason, String)>>>);

type Socket<S> = Pin<Box<dyn Send + Future<Output = io::Result<S>>>>;

impl LookupSockets {
    /// What is known of the sockets that could not be had.
    pub(super) fn lacked(&self) -> Lacked {
        self.lacked.clone()
    }
}

impl Lacked {
    /// What was lacking since an instant, and what the system said.
    pub(super) fn since(&self, instant: Instant) -> Option<(Reason, String)> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|(at, ..)| *at >= instant).map(|(_, reason, said)| (*reason, said.clone()))
    }

    fn hear<S>(&self, made: io::Result<S>) -> io::Result<S> {
        if let Err(error) = &made
            // hickory draws ports at random, some of which are not for it.
            && error.kind() != io::ErrorKind::PermissionDenied
            && let Some(reason) = failure::local(error)
        {
            let lack = (Instant::now(), reason, error.to_string());
            self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(lack);
        }
        made
    }
}

impl RuntimeProvider for LookupSockets {
    type Handle = <TokioRuntimeProvider as RuntimeProvider>::Handle;
    type Timer = <TokioRuntimeProvider as RuntimeProvider>::Timer;
    type Udp = LookupSocket;
    type Tcp = <TokioRuntimeProvider as RuntimeProvider>::Tcp;

    fn create_handle(&self) -> Self::Handle {
        self.tokio.create_handle()
    }

    fn connect_tcp(
        &self,
        server: SocketAddr,
        local: Option<SocketAddr>,
        wait_for: Option<Duration>,
    ) -> Socket<Self::Tcp> {
        let (connecting, lacked) = (self.tokio.connect_tcp(server, local, wait_for), self.lacked());
        Box::pin(async move { lacked.hear(connecting.await) })
    }

    fn bind_udp(&self, local: SocketAddr, server: SocketAddr) -> Socket<Self::Udp> {
        let (binding, lacked) = (self.tokio.bind_udp(local, server), self.lacked());
        Box::pin(async move { lacked.hear(binding.await).map(|udp| LookupSocket { udp, lacked }) })
    }
}

impl DnsUdpSocket for LookupSocket {
    type Time = <TokioRuntimeProvider as RuntimeProvider>::Timer;

    fn poll_recv_from(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<(usize, SocketAddr)>> {
        DnsUdpSocket::poll_recv_from(&self.udp, cx, buf)
    }

    fn poll_send_to(&self, cx: &mut Context<'_>, buf: &[u8], target: SocketAddr) -> Poll<io::Result<usize>> {
        DnsUdpSocket::poll_send_to(&self.udp, cx, buf, target).map(|sent| self.lacked.hear(sent))
    }
}
