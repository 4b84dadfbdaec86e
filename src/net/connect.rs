//! A TCP connection to the first address that answers (RFC 8305, Happy Eyeballs).

use super::{
    awake::Awake,
    failure::{Fault, local},
    guard::Guard,
};
use crate::check::Reason;
use futures::{StreamExt, stream::FuturesUnordered};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

/// An address gets this head start before the next one is tried beside it
/// (RFC 8305 section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// Addresses that are dialled at once: where a name has more, each gives way to
/// the ones after it in time, lest one check takes a descriptor for each.
const MOST_AT_ONCE: usize = 8;

/// Opens a connection within `limit` of time awake; `report` hears of the address in question.
pub(super) async fn connect(
    addresses: &[IpAddr],
    port: u16,
    guard: &Guard,
    (limit, awake): (Duration, &Awake),
    report: impl Fn(IpAddr),
) -> Result<TcpStream, Fault> {
    let admitted = guard.admitted(addresses);
    if let Some(first) = admitted.as_deref().unwrap_or(addresses).first() {
        report(*first);
    }
    let admitted = admitted?;
    let dialled = match admitted.as_slice() {
        [only] => {
            let dialled = awake.timeout(limit, TcpStream::connect(SocketAddr::new(*only, port))).await;
            dialled.map(|dialled| dialled.map_err(|error| (*only, error)))
        }
        several => {
            let dial = |address| TcpStream::connect(SocketAddr::new(address, port));
            // Boxed, so that checks of hosts with one address are not as large.
            awake.timeout(limit, Box::pin(race(several, HEAD_START, dial, &report))).await
        }
    };
    match dialled {
        Ok(Ok(stream)) => {
            // The request and TLS's last message are small writes in a row,
            // which must not wait for each other's acknowledgement.
            stream.set_nodelay(true).map_err(|error| Fault::connecting(admitted[0], &error))?;
            Ok(stream)
        }
        Ok(Err((address, error))) => Err(Fault::connecting(address, &error)),
        Err(_) => Err(Fault::new(Reason::ConnectTimeout, format!("no connection within {limit:?}"))),
    }
}

/// Tries the addresses in order, each with a head start before the next; a
/// failure brings the next one at once.
async fn race<S, D: Future<Output = io::Result<S>>>(
    addresses: &[IpAddr],
    head_start: Duration,
    dial: impl Fn(IpAddr) -> D,
    report: &impl Fn(IpAddr),
) -> Result<S, (IpAddr, io::Error)> {
    let patience = match addresses.len() > MOST_AT_ONCE {
        true => head_start * MOST_AT_ONCE as u32,
        false => Duration::MAX,
    };
    let mut waiting = addresses.iter();
    let mut dialling = FuturesUnordered::new();
    let mut failure: Option<(IpAddr, io::Error)> = None;
    loop {
        if dialling.len() < MOST_AT_ONCE
            && let Some(address) = waiting.next()
        {
            let dialled = timeout(patience, dial(*address));
            dialling
                .push(async move { (*address, dialled.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))) });
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
                Err(error) if failure.as_ref().is_none_or(|(_, known)| weighs_more(&error, known)) => {
                    report(address);
                    failure = Some((address, error));
                }
                Err(_) => {}
            },
            () = sleep(head_start), if waiting.len() > 0 && dialling.len() < MOST_AT_ONCE => {}
        }
    }
}

/// Which of two failures is the host's: what it says outweighs that this machine
/// has no way to one of its addresses, such as IPv6; but where something else of
/// ours ran out, an address was never asked, and nothing is known of the host.
fn weighs_more(error: &io::Error, known: &io::Error) -> bool {
    let weight = |error| match local(error) {
        Some(Reason::LocalNetwork) => 0,
        None => 1,
        Some(_) => 2,
    };
    weight(error) > weight(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, future::pending, net::Ipv4Addr, rc::Rc};

    /// A dial under way, counted as long as it lasts.
    struct Dial(Rc<Cell<usize>>);

    impl Drop for Dial {
        fn drop(&mut self) {
            self.0.set(self.0.get() - 1);
        }
    }

    #[test]
    #[cfg(unix)]
    fn an_address_that_was_never_asked_speaks_for_no_host() {
        let code = io::Error::from_raw_os_error;
        let (refused, no_route, no_files) = (code(libc::ECONNREFUSED), code(libc::ENETUNREACH), code(libc::EMFILE));
        assert!(weighs_more(&refused, &no_route) && !weighs_more(&no_route, &refused));
        assert!(weighs_more(&no_files, &refused) && !weighs_more(&refused, &no_files));
        assert!(!weighs_more(&refused, &refused));
    }

    #[test]
    fn silent_addresses_give_way_and_are_tried_to_the_last() {
        let addresses: Vec<IpAddr> = (0..40).map(|n| Ipv4Addr::new(127, 9, 8, n).into()).collect();
        let (under_way, most, tried) = (Rc::new(Cell::new(0)), Cell::new(0), Cell::new(0));
        let dial = |_| {
            tried.set(tried.get() + 1);
            under_way.set(under_way.get() + 1);
            most.set(most.get().max(under_way.get()));
            let counted = Dial(under_way.clone());
            async move {
                let _counted = counted;
                pending::<io::Result<()>>().await
            }
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let ended = runtime.block_on(race(&addresses, Duration::from_millis(2), dial, &|_| {}));
        let (_, error) = ended.expect_err("nobody answers");
        assert_eq!((error.kind(), tried.get()), (io::ErrorKind::TimedOut, 40));
        assert!(most.get() <= MOST_AT_ONCE, "{} at once", most.get());
    }
}
