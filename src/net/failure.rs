//! Errors of the wire to reasons: by phase and type, never by their text.

use crate::check::Reason;
use rustls::CertificateError;
use std::{error::Error, fmt, io, net::IpAddr};

/// What went wrong in a phase; the hop adds the phase, the time and the evidence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) reason: Reason,
    pub(super) detail: String,
}

/// So that a resolver of ours can hand one through a client that is not.
impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.detail)
    }
}

impl Error for Fault {}

impl Fault {
    pub(super) fn new(reason: Reason, detail: impl Into<String>) -> Fault {
        Fault { reason, detail: detail.into() }
    }

    /// A connection that could not be opened.
    pub(super) fn connecting(address: IpAddr, error: &io::Error) -> Fault {
        let reason = local(error).unwrap_or(match error.kind() {
            io::ErrorKind::ConnectionRefused => Reason::ConnectRefused,
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => Reason::ConnectReset,
            io::ErrorKind::TimedOut => Reason::ConnectTimeout,
            _ => Reason::ConnectUnreachable,
        });
        let reason = match reason {
            // Without IPv6, no local address fits: that says nothing of ports.
            Reason::LocalPorts if address.is_ipv6() => Reason::LocalNetwork,
            reason => reason,
        };
        Fault::new(reason, error.to_string())
    }

    /// A TLS handshake that did not end well.
    pub(super) fn handshaking(error: &io::Error) -> Fault {
        match tls(error) {
            Some(rustls::Error::InvalidCertificate(refusal)) => Fault::new(refused(refusal), refusal.to_string()),
            Some(rustls::Error::InvalidMessage(_)) => {
                Fault::new(Reason::TlsHandshake, "what the server speaks on this port is not TLS")
            }
            Some(tls) => Fault::new(Reason::TlsHandshake, tls.to_string()),
            None => match local(error) {
                Some(reason) => Fault::new(reason, error.to_string()),
                None => {
                    Fault::new(Reason::ConnectReset, format!("the connection was cut in the TLS handshake ({error})"))
                }
            },
        }
    }

    /// A request that brought no reply's head: the connection failed, or, without
    /// an error, was closed.
    pub(super) fn replying(error: Option<&io::Error>, bytes_seen: bool) -> Fault {
        let in_head = if bytes_seen { "in the middle of the reply's head" } else { "without a reply" };
        let Some(error) = error.filter(|error| error.kind() != io::ErrorKind::UnexpectedEof) else {
            return Fault::new(Reason::ConnectReset, format!("the host closed the connection {in_head}"));
        };
        if let Some(reason) = local(error) {
            return Fault::new(reason, error.to_string());
        }
        if let Some(tls) = tls(error) {
            // TLS 1.3 lets a server refuse us after our side of the handshake,
            // as one does that wants our certificate.
            return Fault::new(Reason::TlsHandshake, tls.to_string());
        }
        Fault::new(
            Reason::ConnectReset,
            match is_reset(error) {
                true => format!("the host reset the connection {in_head}"),
                false => error.to_string(),
            },
        )
    }

    /// The same, as hyper says it, where another client sends with it.
    pub(super) fn of_hyper(error: &hyper::Error) -> Fault {
        if error.is_parse_too_large() {
            return Fault::too_large();
        }
        if error.is_parse() {
            return Fault::new(Reason::HttpProtocol, format!("the reply is not HTTP: {}", deepest(error)));
        }
        match find_io(error) {
            Some(io) => Fault::replying(Some(io), false),
            None if error.is_incomplete_message() => Fault::replying(None, false),
            None if error.is_closed() || error.is_canceled() => Fault::new(Reason::ConnectReset, deepest(error)),
            None => Fault::new(Reason::HttpProtocol, deepest(error)),
        }
    }

    pub(super) fn endless() -> Fault {
        Fault::new(Reason::HttpProtocol, "interim replies or empty lines without end")
    }

    pub(super) fn too_large() -> Fault {
        Fault::new(Reason::HttpHeaderTooLarge, "the reply's head has more than 64 KiB or 256 headers")
    }
}

fn is_reset(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe
    )
}

/// The reasons that are this machine's own.
pub(super) fn local(error: &io::Error) -> Option<Reason> {
    if let Some(reason) = error.raw_os_error().and_then(local_code) {
        return Some(reason);
    }
    match error.kind() {
        io::ErrorKind::AddrNotAvailable => Some(Reason::LocalPorts),
        // EACCES and EPERM are what a firewall or a sandbox of this machine says.
        io::ErrorKind::NetworkDown | io::ErrorKind::NetworkUnreachable | io::ErrorKind::PermissionDenied => {
            Some(Reason::LocalNetwork)
        }
        _ => None,
    }
}

/// Codes that `std::io::ErrorKind` has no kind for.
#[cfg(unix)]
fn local_code(code: i32) -> Option<Reason> {
    match code {
        libc::EMFILE | libc::ENFILE => Some(Reason::LocalFiles),
        libc::ENOBUFS | libc::ENOMEM => Some(Reason::LocalMemory),
        _ => None,
    }
}

/// WSAEMFILE and WSAENOBUFS.
#[cfg(not(unix))]
fn local_code(code: i32) -> Option<Reason> {
    match code {
        10024 => Some(Reason::LocalFiles),
        10055 => Some(Reason::LocalMemory),
        _ => None,
    }
}

/// Why a certificate was refused.
pub(super) fn refused(refusal: &CertificateError) -> Reason {
    match refusal {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Reason::TlsExpired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Reason::TlsNotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Reason::TlsName,
        _ => Reason::TlsUntrusted,
    }
}

fn tls(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn find_io<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return Some(io);
        }
        next = error.source();
    }
    None
}

/// The last error of a chain says most.
fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    fn reason(address: impl Into<IpAddr>, code: i32) -> Reason {
        Fault::connecting(address.into(), &io::Error::from_raw_os_error(code)).reason
    }

    #[test]
    fn what_this_machine_lacks_is_told_from_what_a_host_says() {
        for (code, expected) in [
            (libc::EMFILE, Reason::LocalFiles),
            (libc::ENFILE, Reason::LocalFiles),
            (libc::EADDRNOTAVAIL, Reason::LocalPorts),
            (libc::ENETUNREACH, Reason::LocalNetwork),
            (libc::ENETDOWN, Reason::LocalNetwork),
            (libc::ENOBUFS, Reason::LocalMemory),
            (libc::ENOMEM, Reason::LocalMemory),
            (libc::EACCES, Reason::LocalNetwork),
            (libc::EPERM, Reason::LocalNetwork),
            (libc::ECONNREFUSED, Reason::ConnectRefused),
            (libc::ECONNRESET, Reason::ConnectReset),
            (libc::ETIMEDOUT, Reason::ConnectTimeout),
            (libc::EHOSTUNREACH, Reason::ConnectUnreachable),
        ] {
            assert_eq!(reason(Ipv4Addr::LOCALHOST, code), expected, "{code}");
        }
        assert_eq!(reason(Ipv6Addr::LOCALHOST, libc::EADDRNOTAVAIL), Reason::LocalNetwork);
    }
}
