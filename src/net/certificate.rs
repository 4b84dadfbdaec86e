//! A certificate's facts, for the row: who, by whom, for which names, how long.

use crate::check::Certificate;
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use x509_parser::{extensions::GeneralName, prelude::FromDer, time::ASN1Time};

/// Names told of one certificate; some hold thousands.
const MOST_NAMES: usize = 100;

/// Reads a leaf certificate, and whether it signed itself. One that cannot be
/// read has empty facts: whoever judges it has refused it already.
pub(super) fn read(leaf: &CertificateDer<'_>, chain_length: usize) -> (Certificate, bool) {
    let mut facts = Certificate {
        subject: String::new(),
        issuer: String::new(),
        names: Vec::new(),
        valid_from: None,
        expires_at: None,
        chain_length,
        refused: None,
    };
    let Ok((_, parsed)) = x509_parser::certificate::X509Certificate::from_der(leaf) else { return (facts, false) };
    facts.subject = parsed.subject().to_string();
    facts.issuer = parsed.issuer().to_string();
    facts.valid_from = timestamp(parsed.validity().not_before);
    facts.expires_at = timestamp(parsed.validity().not_after);
    if let Ok(Some(names)) = parsed.subject_alternative_name() {
        facts.names = names.value.general_names.iter().filter_map(name).take(MOST_NAMES).collect();
    }
    (facts, parsed.subject() == parsed.issuer())
}

fn timestamp(time: ASN1Time) -> Option<Timestamp> {
    Timestamp::from_second(time.timestamp()).ok()
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(|octets| IpAddr::from(Ipv4Addr::from(octets)));
            let v6 = <[u8; 16]>::try_from(*bytes).map(|octets| IpAddr::from(Ipv6Addr::from(octets)));
            v4.or(v6).ok().map(|address| address.to_string())
        }
        _ => None,
    }
}
