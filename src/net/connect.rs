//! A TCP connection to the first address that answers (RFC 8305, Happy Eyeballs).

use super::{awake::Awake, failure::Fault, guard::Guard};
use crate::check::Reason;
use futures::{StreamExt, stream::FuturesUnordered};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::{net::TcpStream, time::sleep};

/// An address gets this head start before the next one is tried beside it
/// (RFC 8305 section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// Opens a connection within `limit` of time awake; `report` hears of the address in question.
pub(super) async fn connect(
    addresses: &[IpAddr],
    port: u16,
    guard: Guard,
    (limit, awake): (Duration, &Awake),
    report: impl Fn(IpAddr),
) -> Result<TcpStream, Fault> {
    let admitted: Vec<IpAddr> = addresses.iter().copied().filter(|address| guard.admits(*address)).collect();
    let Some(first) = admitted.first() else {
        return Err(refuse(addresses, report));
    };
    report(*first);
    let dialled = match admitted.as_slice() {
        [only] => {
            let dialled = awake.timeout(limit, TcpStream::connect(SocketAddr::new(*only, port))).await;
            dialled.map(|dialled| dialled.map_err(|error| (*only, error)))
        }
        several => awake.timeout(limit, race(several, port, &report)).await,
    };
    match dialled {
        Ok(Ok(stream)) => {
            // The request and TLS's last message are small writes in a row,
            // which must not wait for each other's acknowledgement.
            stream.set_nodelay(true).map_err(|error| Fault::connecting(*first, &error))?;
            Ok(stream)
        }
        Ok(Err((address, error))) => Err(Fault::connecting(address, &error)),
        Err(_) => Err(Fault::new(Reason::ConnectTimeout, format!("no connection within {limit:?}"))),
    }
}

fn refuse(addresses: &[IpAddr], report: impl Fn(IpAddr)) -> Fault {
    let Some(denied) = addresses.first() else {
        return Fault::new(Reason::DnsNxdomain, "the name has no address");
    };
    report(*denied);
    Fault::new(Reason::GuardAddress, format!("{denied} is not an address of the public internet"))
}

/// Tries the addresses in order, each with a head start before the next; a
/// failure brings the next one at once.
async fn race(addresses: &[IpAddr], port: u16, report: &impl Fn(IpAddr)) -> Result<TcpStream, (IpAddr, io::Error)> {
    let mut waiting = addresses.iter();
    let mut dialling = FuturesUnordered::new();
    let mut failure: Option<(IpAddr, io::Error)> = None;
    loop {
        if let Some(address) = waiting.next() {
            let socket = SocketAddr::new(*address, port);
            dialling.push(async move { (*address, TcpStream::connect(socket).await) });
        } else if dialling.is_empty() {
            return Err(failure.expect("every address was tried, and none answered"));
        }
        tokio::select! {
            biased;
            Some((address, dialled)) = dialling.next() => match dialled {
                Ok(stream) => {
                    report(address);
                    return Ok(stream);
                }
                // What a host says outweighs what this machine lacks, such as IPv6.
                Err(error) if failure.as_ref().is_none_or(|(_, known)| super::failure::local(known).is_some()) => {
                    report(address);
                    failure = Some((address, error));
                }
                Err(_) => {}
            },
            () = sleep(HEAD_START), if waiting.len() > 0 => {}
        }
    }
}
