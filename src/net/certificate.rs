//! A certificate's facts, for the row: who, by whom, for which names, how long.

use crate::check::Certificate;
use jiff::Timestamp;
use rustls::{
    CertificateError, Error,
    pki_types::{CertificateDer, UnixTime},
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use x509_parser::{extensions::GeneralName, prelude::FromDer, time::ASN1Time};

/// Names told of one certificate; some hold thousands.
const MOST_NAMES: usize = 100;

/// How much of a name is told (characters): a host's has 253 at most, and a
/// certificate may be as large as its sender likes.
const LONGEST_NAME: usize = 256;

/// Names told in a sentence.
const SHOWN_NAMES: usize = 3;

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
    facts.subject = cut(&parsed.subject().to_string());
    facts.issuer = cut(&parsed.issuer().to_string());
    facts.valid_from = timestamp(parsed.validity().not_before);
    facts.expires_at = timestamp(parsed.validity().not_after);
    if let Ok(Some(names)) = parsed.subject_alternative_name() {
        facts.names = names.value.general_names.iter().filter_map(name).take(MOST_NAMES).collect();
    }
    (facts, parsed.subject() == parsed.issuer())
}

/// Why a certificate was refused, for people.
pub(super) fn refusal(error: &Error, facts: &Certificate, self_signed: bool) -> String {
    use CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext,
        UnknownIssuer,
    };
    let Error::InvalidCertificate(refusal) = error else { return error.to_string() };
    match refusal {
        Expired => "the certificate has expired".to_owned(),
        ExpiredContext { not_after, .. } => {
            format!("{} expired on {}", whose(facts.expires_at, *not_after), day(*not_after))
        }
        NotValidYet => "the certificate is not valid yet".to_owned(),
        NotValidYetContext { not_before, .. } => {
            format!("{} is not valid before {}", whose(facts.valid_from, *not_before), day(*not_before))
        }
        NotValidForName | NotValidForNameContext { .. } => format!("the certificate is for {}", listed(&facts.names)),
        UnknownIssuer if self_signed => "the certificate is signed by nobody but itself".to_owned(),
        UnknownIssuer => format!("no trusted authority vouches for the certificate's issuer, {}", facts.issuer),
        other => other.to_string(),
    }
}

/// The date in an error may be that of any certificate in the chain.
fn whose(own: Option<Timestamp>, date: UnixTime) -> &'static str {
    match own == instant(date) {
        true => "the certificate",
        false => "an authority's certificate that it depends on",
    }
}

fn day(date: UnixTime) -> String {
    instant(date).map_or_else(|| "a day out of time".to_owned(), |date| date.strftime("%Y-%m-%d").to_string())
}

fn instant(date: UnixTime) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(date.as_secs()).ok()?).ok()
}

/// `a.example, b.example and 3 more`
fn listed(names: &[String]) -> String {
    let (shown, more) = names.split_at(names.len().min(SHOWN_NAMES));
    match (shown, more.len()) {
        ([], _) => "no name at all".to_owned(),
        (shown, 0) => shown.join(", "),
        (shown, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

fn cut(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

fn timestamp(time: ASN1Time) -> Option<Timestamp> {
    Timestamp::from_second(time.timestamp()).ok()
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(cut(name)),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(|octets| IpAddr::from(Ipv4Addr::from(octets)));
            let v6 = <[u8; 16]>::try_from(*bytes).map(|octets| IpAddr::from(Ipv6Addr::from(octets)));
            v4.or(v6).ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn facts(names: &[&str]) -> Certificate {
        Certificate {
            subject: String::new(),
            issuer: "CN=Some Authority".to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            valid_from: None,
            expires_at: Timestamp::from_second(86_400).ok(),
            chain_length: 1,
            refused: None,
        }
    }

    fn said(refused: CertificateError, names: &[&str]) -> String {
        refusal(&Error::InvalidCertificate(refused), &facts(names), false)
    }

    fn at(seconds: u64) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(seconds))
    }

    #[test]
    fn a_refusal_is_a_sentence_for_people() {
        let expired = |not_after| CertificateError::ExpiredContext { time: at(200_000), not_after: at(not_after) };
        assert_eq!(said(expired(86_400), &[]), "the certificate expired on 1970-01-02");
        let of_another = "an authority's certificate that it depends on expired on 1970-01-03";
        assert_eq!(said(expired(172_800), &[]), of_another);
        let issuer = "no trusted authority vouches for the certificate's issuer, CN=Some Authority";
        assert_eq!(said(CertificateError::UnknownIssuer, &[]), issuer);
    }

    #[test]
    fn names_are_listed_as_far_as_a_sentence_goes() {
        for (names, listed) in [
            (&[][..], "no name at all"),
            (&["a.example"], "a.example"),
            (&["a.example", "b.example", "c.example"], "a.example, b.example, c.example"),
            (&["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
        ] {
            assert_eq!(said(CertificateError::NotValidForName, names), format!("the certificate is for {listed}"));
        }
    }
}
