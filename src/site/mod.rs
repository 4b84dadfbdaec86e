//! The practice site: a local server that does what the URL says, good or bad,
//! so that `demo`, `compare` and every test need no network.
//!
//! In reading order: `script` says what paths and names mean, `serve` answers
//! over HTTP, `broken` breaks its rules, `tls` and `certificate` do what a name
//! says to handshakes, `dns` to lookups; `ports` holds the sockets, `accept`
//! runs the threads, `count` keeps what was seen and `demo` makes the
//! newcomer's list. Nothing here listens outside loopback, and nothing here is
//! known to the rest of the program.

mod accept;
mod broken;
mod certificate;
mod count;
mod demo;
mod dns;
mod ports;
mod script;
mod serve;
mod tls;

pub use count::{HostLoad, SiteLoad};
pub use demo::DemoUrls;

use accept::{Server, Shared};
use certificate::Certificates;
use count::Counts;
use ports::{BlackHole, Ports};
use std::{
    fmt::Write,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How a site is set up; [`SiteOptions::default`] is right for tests.
#[derive(Clone, Debug)]
pub struct SiteOptions {
    /// Threads that serve, each with an event loop of its own.
    pub threads: usize,
    /// Addresses beside 127.0.0.1 for [`Site::loopback_url`].
    pub addresses: usize,
    /// Connections beyond this wait until others close.
    pub max_connections: usize,
    /// URLs, hosts and names that are counted, each; the later ones are not.
    pub counted: usize,
    /// Port for HTTP; 0: any free one.
    pub http_port: u16,
    /// Port for HTTPS; 0: any free one.
    pub tls_port: u16,
    /// UDP port of the name server; 0: any free one.
    pub dns_port: u16,
}

/// A running practice site; stops when dropped.
#[derive(Debug)]
pub struct Site {
    ports: Ports,
    refused_port: u16,
    resolver: SocketAddr,
    certificates: Arc<Certificates>,
    counts: Arc<Counts>,
    black_hole: Mutex<Option<BlackHole>>,
    servers: Vec<Server>,
}

/// How long a connection may be misbehaved on: longer than any client waits,
/// yet not for ever.
const PATIENCE: Duration = Duration::from_secs(600);

impl Default for SiteOptions {
    fn default() -> SiteOptions {
        SiteOptions {
            threads: 1,
            addresses: 0,
            max_connections: 10_000,
            counted: 10_000,
            http_port: 0,
            tls_port: 0,
            dns_port: 0,
        }
    }
}

impl Site {
    /// Binds the sockets and starts to serve. An error names the address that
    /// could not be had, or says what else is missing: threads, keys.
    pub fn start(options: SiteOptions) -> io::Result<Site> {
        let ports = Ports::bind(options.http_port, options.tls_port, options.dns_port, options.addresses)?;
        let certificates = Arc::new(Certificates::new()?);
        let counts = Arc::new(Counts::new(options.counted));
        let shared = Shared::new(counts.clone(), tls::config(certificates.clone())?, options.max_connections);
        let mut site = Site {
            refused_port: ports.refused()?,
            resolver: ports.dns.local_addr()?,
            ports,
            certificates,
            counts,
            black_hole: Mutex::default(),
            servers: Vec::new(),
        };
        for number in 0..options.threads.max(1) {
            site.servers.push(Server::start(number, &site.ports, &shared)?);
        }
        Ok(site)
    }

    /// `http://127.0.0.1:PORT/path`.
    pub fn url(&self, path: &str) -> String {
        self.host_url("127.0.0.1", path)
    }

    /// `http://host:PORT/path`: a name that [`Site::resolver`] knows, or `[::1]`.
    pub fn host_url(&self, host: &str, path: &str) -> String {
        join("http", host, self.ports.http.port, path)
    }

    /// `https://host:PORT/path`: what the handshake does is up to the name.
    pub fn tls_url(&self, host: &str, path: &str) -> String {
        join("https", host, self.ports.tls.port, path)
    }

    /// An address instead of a name: one of the `addresses` that the site was
    /// started with, each an address or at least a port of its own; they come
    /// round again. Without any it is [`Site::url`].
    pub fn loopback_url(&self, n: usize, path: &str) -> String {
        match self.ports.hosts.len() {
            0 => self.url(path),
            hosts => {
                let (address, _) = &self.ports.hosts[n % hosts];
                join("http", &address.ip().to_string(), address.port(), path)
            }
        }
    }

    /// A URL whose port refuses every connection, as long as the site runs.
    pub fn refused_url(&self, host: &str, path: &str) -> String {
        join("http", host, self.refused_port, path)
    }

    /// A URL whose port neither takes nor refuses a connection. An error where
    /// the system has no such thing (Windows refuses).
    pub fn blackhole_url(&self, host: &str, path: &str) -> io::Result<String> {
        let mut black_hole = self.black_hole.lock().unwrap_or_else(PoisonError::into_inner);
        let hole = match black_hole.take() {
            Some(hole) => hole,
            None => BlackHole::new()?,
        };
        let url = join("http", host, hole.port, path);
        *black_hole = Some(hole);
        Ok(url)
    }

    /// Whether the site listens on `[::1]` too.
    pub fn has_ipv6(&self) -> bool {
        self.ports.http.has_ipv6() && self.ports.tls.has_ipv6()
    }

    /// The name server, over UDP. It knows every `.test`, `.example` and
    /// `.invalid` name and refuses all others.
    pub fn resolver(&self) -> SocketAddr {
        self.resolver
    }

    /// Lines as in `/etc/hosts` for those of the names that the name server
    /// leads to 127.0.0.1, for programs that cannot ask another resolver.
    pub fn hosts_text<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> String {
        let mut text = String::new();
        for name in names.into_iter().filter(|name| dns::is_plain(name)) {
            writeln!(text, "{} {name}", Ipv4Addr::LOCALHOST).expect("a String takes any text");
        }
        text
    }

    /// The authority that signed the good certificates, in PEM.
    pub fn ca_pem(&self) -> &str {
        self.certificates.authority_pem()
    }

    /// A newcomer's list of `n` URLs, the same each time but for the ports:
    /// nine of ten are up after a short delay, the tenth is in trouble. The
    /// names are known to [`Site::resolver`], the authority is [`Site::ca_pem`].
    pub fn demo_urls(&self, n: usize) -> DemoUrls {
        DemoUrls { http: self.ports.http.port, tls: self.ports.tls.port, refused: self.refused_port, next: 0, end: n }
    }

    /// Every URL is new again to the scripts that end well after some
    /// requests, so that the next run finds the site as the last one did.
    pub fn forget(&self) {
        self.counts.forget();
    }

    /// What the whole site saw so far.
    pub fn load(&self) -> SiteLoad {
        self.counts.load()
    }

    /// How often a URL was asked, each request of it counted when it began.
    pub fn seen(&self, url: &str) -> u64 {
        self.counts.url(without_scheme(url))
    }

    /// What the host and port of a URL saw so far.
    pub fn host_load(&self, url: &str) -> HostLoad {
        let authority = without_scheme(url).split('/').next().unwrap_or_default();
        self.counts.host(authority)
    }

    /// How often the name server was asked for a name, whatever its case and type.
    pub fn lookups(&self, name: &str) -> u64 {
        self.counts.name(&name.to_ascii_lowercase())
    }
}

fn join(scheme: &str, host: &str, port: u16, path: &str) -> String {
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{scheme}://{host}:{port}{slash}{path}")
}

fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

#[cfg(test)]
mod tests;
