//! HOW: x

use std::{net::SocketAddr, path::PathBuf};

/// How the network is reached.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// The DNS server to ask; `None`: the system's.
    pub resolver: Option<SocketAddr>,
    /// A file of names and addresses, as `/etc/hosts`, asked before DNS.
    pub hosts: Option<PathBuf>,
    /// The address families to use.
    pub family: Family,
    /// A PEM file of authorities to trust besides the system's.
    pub cacert: Option<PathBuf>,
    /// Use connections whose certificate is refused (the row still records why).
    pub insecure: bool,
    /// Refuse every address that is not global unicast.
    pub deny_private: bool,
}

/// The address families to use (`-4`, `-6`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// Both, IPv6 with a short head start (RFC 8305).
    #[default]
    Both,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}
