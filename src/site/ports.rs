//! The practice site's sockets: those that listen, one that refuses, one that
//! never answers. All are on loopback.

use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    time::Duration,
};

/// The sockets of a site, open as long as it.
#[derive(Debug)]
pub(super) struct Ports {
    /// Port and sockets for HTTP, `[::1]` among them where there is IPv6.
    pub(super) http: Door,
    /// The same for HTTPS.
    pub(super) tls: Door,
    /// More addresses for HTTP, each a host of its own.
    pub(super) hosts: Vec<(SocketAddr, TcpListener)>,
    /// For DNS.
    pub(super) dns: UdpSocket,
    /// Bound but not listening: connecting is refused, and nobody else can get the port.
    refused: Socket,
}

/// One port on 127.0.0.1, and on ::1 where there is IPv6.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) port: u16,
    pub(super) listeners: Vec<TcpListener>,
}

/// A listener that accepts nothing, its queue full of our own connections, so
/// that a new one never comes to be.
#[derive(Debug)]
pub(super) struct BlackHole {
    pub(super) port: u16,
    _listener: Socket,
    _queue: Vec<TcpStream>,
}

/// Connections that wait to be accepted: hundreds of clients start at once.
const BACKLOG: i32 = 4096;
/// A connection over loopback is there at once, or not at all.
const FILLS_WITHIN: Duration = Duration::from_millis(250);
const LONGEST_QUEUE: usize = 512;
/// Other programs may hold a port on ::1 alone.
const MOST_TRIES: usize = 16;

impl Ports {
    /// Binds everything; port 0 is any free one.
    pub(super) fn bind(http: u16, tls: u16, dns: u16, addresses: usize) -> io::Result<Ports> {
        let http = Door::bind(http)?;
        let hosts = (0..addresses).map(|n| bind_host(n, http.port)).collect::<io::Result<_>>()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, dns));
        let dns = UdpSocket::bind(address).map_err(|error| not_had(address, &error))?;
        dns.set_nonblocking(true)?;
        let refused = bind_tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        Ok(Ports { http, tls: Door::bind(tls)?, hosts, dns, refused })
    }

    /// The port at which every connection is refused.
    pub(super) fn refused(&self) -> io::Result<u16> {
        port_of(&self.refused)
    }
}

impl Door {
    fn bind(port: u16) -> io::Result<Door> {
        let mut tries = 0;
        loop {
            tries += 1;
            let v4 = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
            let bound = v4.local_addr()?.port();
            match listen(SocketAddr::from((Ipv6Addr::LOCALHOST, bound))) {
                Ok(v6) => return Ok(Door { port: bound, listeners: vec![v4, v6] }),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && port == 0 && tries < MOST_TRIES => {}
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
                // There is no IPv6 here.
                Err(_) => return Ok(Door { port: bound, listeners: vec![v4] }),
            }
        }
    }

    /// Whether the site can be reached over IPv6.
    pub(super) fn has_ipv6(&self) -> bool {
        self.listeners.len() > 1
    }
}

impl BlackHole {
    /// Fills the queue of a listener. How long a queue of length zero is differs
    /// between systems, and one (Windows) refuses when it is full: an error.
    pub(super) fn new() -> io::Result<BlackHole> {
        let listener = bind_tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        listener.listen(0)?;
        let port = port_of(&listener)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut queue = Vec::new();
        while queue.len() < LONGEST_QUEUE {
            match TcpStream::connect_timeout(&address, FILLS_WITHIN) {
                Ok(stream) => queue.push(stream),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    return Ok(BlackHole { port, _listener: listener, _queue: queue });
                }
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no end of room for unaccepted connections"))
    }
}

/// The n-th address beside 127.0.0.1 that can be had; where the system has no
/// more of them (macOS, Windows), another port of 127.0.0.1.
fn bind_host(n: usize, port: u16) -> io::Result<(SocketAddr, TcpListener)> {
    let [high, low] = u16::try_from(n + 2).map_err(io::Error::other)?.to_be_bytes();
    let listener = listen(SocketAddr::from((Ipv4Addr::new(127, 0, high, low), port)))
        .or_else(|_| listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))))?;
    Ok((listener.local_addr()?, listener))
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = bind_tcp(address)?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn bind_tcp(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // On Windows the option lets two programs share a port.
    if cfg!(unix) && address.port() != 0 {
        socket.set_reuse_address(true)?;
    }
    socket.bind(&address.into()).map_err(|error| not_had(address, &error))?;
    Ok(socket)
}

fn not_had(address: SocketAddr, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("the practice site cannot have {address} ({error}); another port may be free"))
}

fn port_of(socket: &Socket) -> io::Result<u16> {
    let address = socket.local_addr()?.as_socket();
    Ok(address.expect("a TCP socket has an address").port())
}
