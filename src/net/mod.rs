//! HOW a request is sent: the only module that opens sockets to targets.
//!
//! One hop is: names → guard → connection → TLS → HTTP/1 head → as much of the
//! body as lets the connection be used again. Everything of a hop happens in
//! the caller's task, so that each phase is a local variable, and an error
//! knows the phase it happened in. Redirects and retries are not followed here.

mod awake;
mod body;
mod certificate;
mod connect;
mod curl;
mod dialling;
mod dns;
mod failure;
mod guard;
mod head;
mod hop;
mod hosts;
mod http;
mod kit;
mod lookup_sockets;
mod pool;
mod reqwest_async;
mod reqwest_blocking;
mod reqwest_shared;
mod tls;
mod wire;

pub use curl::{CurlClient, CurlError, CurlProgram};
pub use hosts::{Hosts, HostsError};
pub use kit::Kit;
pub use reqwest_async::TaskClient;
pub use reqwest_blocking::BlockingClient;

use crate::check::{Failure, Reason, Reply, Request};
use awake::Awake;
pub use dns::LOOKUP_SOCKETS;
use dns::{Names, Pulse};
use guard::Guard;
use hickory_resolver::{
    config::{ConnectionConfig, NameServerConfig, ProtocolConfig, ResolverConfig},
    system_conf::read_system_conf,
};
use hop::Progress;
use ipnet::IpNet;
use pool::Pool;
use serde::{Deserialize, Serialize};
use std::{
    cell::RefCell,
    fs,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tls::{Authorities, Tls};
use wire::Scratch;

/// How the network is reached.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Network {
    /// The DNS server to ask; `None`: the system's.
    pub resolver: Option<SocketAddr>,
    /// A file of names and addresses, as `/etc/hosts`, asked before DNS. It is
    /// read once; another process gets what it held ([`Held`]).
    #[serde(skip)]
    pub hosts: Option<PathBuf>,
    /// The address families to use.
    pub family: Family,
    /// A PEM file of authorities to trust besides the system's; as `hosts`.
    #[serde(skip)]
    pub cacert: Option<PathBuf>,
    /// Use connections whose certificate is refused (the row still records why).
    pub insecure: bool,
    /// Refuse every address that is not of the public internet.
    pub deny_private: bool,
    /// Addresses that are not refused all the same.
    pub allow_net: Vec<IpNet>,
}

/// The address families to use (`-4`, `-6`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Family {
    /// Both, IPv6 with a short head start (RFC 8305).
    #[default]
    Both,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

/// Why the network cannot be reached as asked.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The file of `--hosts` cannot be read.
    #[error("--hosts {}: {source}; give a file of lines such as 127.0.0.1 name", path.display())]
    HostsFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file of `--hosts` has a line that is none.
    #[error("--hosts {}, {source}", path.display())]
    HostsLine {
        /// The file.
        path: PathBuf,
        /// The line, and what is wrong with it.
        source: HostsError,
    },
    /// The file of `--cacert` holds no authorities.
    #[error("--cacert {}: {why}", path.display())]
    Cacert {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// What the files of a network's description held when they were read: a pipe
/// can be read but once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Held {
    hosts: Arc<Hosts>,
    authorities: Authorities,
}

/// What all event loops of a run share: names, roots, rules.
#[derive(Debug)]
pub struct Setup {
    hosts: Arc<Hosts>,
    dns: ResolverConfig,
    pulse: Arc<Pulse>,
    tls: Tls,
    family: Family,
    guard: Guard,
    curl: Option<CurlProgram>,
}

impl Setup {
    /// Reads the files that the network's description names.
    pub fn new(network: &Network) -> Result<Setup, NetworkError> {
        let hosts = network.hosts.as_ref().map(read_hosts).transpose()?.unwrap_or_default();
        let hosts = Arc::new(hosts.or(Hosts::system()));
        let authorities = tls::authorities(network.cacert.as_deref())?;
        Ok(Setup::of(network, Held { hosts, authorities }))
    }

    /// The network as described, with what its files held.
    pub fn of(network: &Network, held: Held) -> Setup {
        Setup {
            hosts: held.hosts,
            dns: network.resolver.map_or_else(system_resolver, given_resolver),
            pulse: Arc::new(Pulse::new()),
            tls: Tls::new(held.authorities, network.insecure),
            family: network.family,
            guard: match network.deny_private {
                true => Guard::PublicAnd(network.allow_net.clone()),
                false => Guard::Open,
            },
            curl: None,
        }
    }

    /// What the network's files held, for a setup in another process.
    pub fn held(&self) -> Held {
        Held { hosts: self.hosts.clone(), authorities: self.tls.authorities() }
    }

    /// Finds the curl to send with.
    pub fn with_curl(self) -> Result<Setup, CurlError> {
        Ok(Setup { curl: Some(CurlProgram::find()?), ..self })
    }

    /// The curl to send with, if one was to be found.
    pub fn curl(&self) -> Option<&CurlProgram> {
        self.curl.as_ref()
    }
}

/// The network, as one event loop uses it. Stays on its thread.
pub struct Client {
    setup: Arc<Setup>,
    names: Names,
    pool: RefCell<Pool>,
    scratch: Scratch,
    awake: Awake,
}

impl Client {
    /// Begins, inside a runtime, a client that keeps at most `idle` connections open between checks, and
    /// asks DNS for at most `lookups` names at once, each for at most `dns_timeout`.
    pub fn new(setup: Arc<Setup>, idle: usize, lookups: usize, dns_timeout: Duration) -> Client {
        let (hosts, pulse) = (setup.hosts.clone(), setup.pulse.clone());
        let awake = Awake::new();
        let names = Names::new(setup.dns.clone(), setup.family, hosts, pulse, dns_timeout, lookups, awake.clone());
        Client { setup, names, pool: RefCell::new(Pool::new(idle)), scratch: Scratch::new(), awake }
    }

    /// Sends one request. `more` says that its host has more work, for which a
    /// connection is worth keeping; `connected` hears whether there is a fresh
    /// connection or a kept one.
    pub async fn send(&self, request: &Request, more: bool, connected: impl Fn(Connected)) -> Result<Reply, Failure> {
        if request.url.scheme() == "https" {
            // The first handshake's preparations are no part of its time.
            self.setup.tls.config().await;
        }
        let start = hop::Start::of(self, request).await;
        let progress = Progress::begin(self.awake.clone());
        let hop = hop::send(self, request, start, &progress, connected);
        match self.awake.timeout(request.timeouts.total, hop).await {
            Ok(Ok(answer)) => Ok(answer.settle(self, &request.url, more).await),
            Ok(Err(fault)) => {
                if matches!(fault.reason, Reason::LocalFiles | Reason::LocalPorts | Reason::LocalMemory) {
                    // What is kept for speed is wanted for more than that.
                    self.pool.borrow_mut().clear();
                }
                Err(progress.failure(fault))
            }
            Err(_) => Err(progress.timed_out(request.timeouts.total, &self.setup.pulse)),
        }
    }
}

/// How a request came to its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connected {
    /// It was opened for this request.
    Fresh,
    /// It was kept from an earlier one.
    Kept,
}

impl Family {
    fn admits(self, address: IpAddr) -> bool {
        match self {
            Family::Both => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Family::Both => "IPv4 or IPv6",
            Family::V4 => "IPv4",
            Family::V6 => "IPv6",
        }
    }
}

fn read_hosts(path: &PathBuf) -> Result<Hosts, NetworkError> {
    let text = fs::read_to_string(path).map_err(|source| NetworkError::HostsFile { path: path.clone(), source })?;
    Hosts::parse(&text).map_err(|source| NetworkError::HostsLine { path: path.clone(), source })
}

fn given_resolver(address: SocketAddr) -> ResolverConfig {
    let connection = |protocol| {
        let mut connection = ConnectionConfig::new(protocol);
        connection.port = address.port();
        connection
    };
    let connections = vec![connection(ProtocolConfig::Udp), connection(ProtocolConfig::Tcp)];
    ResolverConfig::from_name_servers(vec![NameServerConfig::new(address.ip(), true, connections)])
}

/// The system's DNS servers; where they cannot be read, the one that this
/// machine would run itself, as resolv.conf(5) has it.
fn system_resolver() -> ResolverConfig {
    match read_system_conf() {
        Ok((config, _)) if !config.name_servers().is_empty() => config,
        Ok(_) => given_resolver(SocketAddr::from(([127, 0, 0, 1], 53))),
        Err(error) => {
            tracing::warn!(%error, "the system's DNS servers could not be read; 127.0.0.1 is asked");
            given_resolver(SocketAddr::from(([127, 0, 0, 1], 53)))
        }
    }
}
