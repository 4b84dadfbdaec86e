//! Any bytes in the place of a server's reply, over a real connection.

use std::{cell::RefCell, io, net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    runtime::Runtime,
};
use urlcheck::{
    Policy, Scheme, Target,
    check::{Check, Reason},
    net::{Client, Network, Setup},
};

/// A client and a server of this thread.
struct Pair {
    runtime: Runtime,
    client: Client,
    listener: TcpListener,
    address: SocketAddr,
}

thread_local! {
    static PAIR: RefCell<Option<Pair>> = const { RefCell::new(None) };
}

/// A reply, or a fault of the site: there is a connection, and it is closed.
pub fn reply(data: &[u8]) {
    PAIR.with_borrow_mut(|pair| {
        let Pair { runtime, client, listener, address } =
            pair.get_or_insert_with(|| pair_up().expect("loopback works"));
        let target = Target::parse(1, format!("http://{address}/"), Scheme::Http);
        let check = Check::start(target, Arc::new(Policy::default())).expect("it is a URL");
        let came = runtime.block_on(async {
            tokio::select! {
                came = client.send(check.request(), true, |_| {}) => came,
                error = serve(listener, data) => panic!("a server on loopback failed: {error}"),
            }
        });
        match &came {
            Ok(reply) => assert!((100..=999).contains(&reply.status), "{reply:?}"),
            Err(failure) => {
                let reason = failure.reason;
                let is_of_a_reply =
                    matches!(reason, Reason::HttpProtocol | Reason::HttpHeaderTooLarge | Reason::ConnectReset);
                assert!(is_of_a_reply, "{failure:?}");
            }
        }
        // Whatever it was, the check goes on or ends.
        let _next = check.advance(came);
    });
}

fn pair_up() -> io::Result<Pair> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let setup = Setup::new(&Network::default()).map_err(io::Error::other)?;
    let policy = Policy::default();
    let inside = runtime.enter();
    let client = Client::new(Arc::new(setup), 1, 1, policy.timeouts.connect);
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let address = listener.local_addr()?;
    drop(inside);
    Ok(Pair { runtime, client, listener, address })
}

/// Answers every request with the bytes, and closes. Gives back what went wrong.
async fn serve(listener: &TcpListener, data: &[u8]) -> io::Error {
    loop {
        let (mut stream, _) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => return error,
        };
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            match stream.read_buf(&mut request).await {
                Ok(1..) => {}
                // The client is gone.
                Ok(0) | Err(_) => break,
            }
        }
        // The client may have had enough of them.
        let _cut_short = stream.write_all(data).await;
    }
}
