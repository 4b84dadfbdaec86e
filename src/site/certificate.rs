//! The practice site's certificates: one authority to trust, one that nobody
//! trusts, and a certificate for any name, made when it is first asked for.

use super::script::host_word;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::{
    crypto::aws_lc_rs::sign::any_ecdsa_type,
    pki_types::PrivateKeyDer,
    server::{ClientHello, ResolvesServerCert},
    sign::{CertifiedKey, SigningKey},
};
use std::{
    collections::HashMap,
    fmt, io,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

/// What is the matter with a certificate, by the word that the host begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Good,
    Expired,
    NotYet,
    WrongName,
    SelfSigned,
    Untrusted,
    Expiring,
}

/// Both authorities, and the certificates made so far.
pub(super) struct Certificates {
    authority: Issuer<'static, KeyPair>,
    authority_pem: String,
    stranger: Issuer<'static, KeyPair>,
    /// One key for all certificates: a name is what is practised here, not a key.
    key: KeyPair,
    signing: Arc<dyn SigningKey>,
    made: Mutex<HashMap<(Kind, String), Arc<CertifiedKey>>>,
}

const DAY: Duration = Duration::from_secs(24 * 3600);
/// When so many are kept, all are forgotten and made again as needed.
const MOST_KEPT: usize = 1024;

impl Certificates {
    /// Makes both authorities.
    pub(super) fn new() -> io::Result<Certificates> {
        make().map_err(|error| io::Error::other(format!("the practice site's certificates: {error}")))
    }

    /// The authority that signs the good certificates.
    pub(super) fn authority_pem(&self) -> &str {
        &self.authority_pem
    }

    fn certificate(&self, server_name: Option<&str>) -> Result<Arc<CertifiedKey>, rcgen::Error> {
        let kind = server_name.map_or(Kind::Good, Kind::of);
        // Clients send no name when the URL has an address (RFC 6066 section 3).
        let name = server_name.map_or_else(|| "localhost".to_owned(), family);
        let known = (kind, name);
        if let Some(made) = self.made.lock().unwrap_or_else(PoisonError::into_inner).get(&known) {
            return Ok(made.clone());
        }
        let certificate = self.sign(kind, &known.1)?;
        let made = CertifiedKey::new(vec![certificate.der().clone()], self.signing.clone());
        let made = Arc::new(made);
        let mut kept = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(known, made.clone());
        Ok(made)
    }

    fn sign(&self, kind: Kind, name: &str) -> Result<rcgen::Certificate, rcgen::Error> {
        let names = match kind {
            Kind::WrongName => vec!["elsewhere.test".to_owned()],
            _ if name == "localhost" => vec![name.to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()],
            _ => vec![name.to_owned()],
        };
        let now = SystemTime::now();
        let (from, until) = match kind {
            Kind::Expired => (now - 100 * DAY, now - 10 * DAY),
            Kind::NotYet => (now + 10 * DAY, now + 100 * DAY),
            Kind::Expiring => (now - 87 * DAY, now + 3 * DAY),
            _ => (now - 10 * DAY, now + 80 * DAY),
        };
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, name);
        (params.not_before, params.not_after) = (from.into(), until.into());
        match kind {
            Kind::SelfSigned => params.self_signed(&self.key),
            Kind::Untrusted => params.signed_by(&self.key, &self.stranger),
            _ => params.signed_by(&self.key, &self.authority),
        }
    }
}

impl Kind {
    fn of(server_name: &str) -> Kind {
        match host_word(server_name) {
            "expired" => Kind::Expired,
            "notyet" => Kind::NotYet,
            "wrong" => Kind::WrongName,
            "selfsigned" => Kind::SelfSigned,
            "untrusted" => Kind::Untrusted,
            "expiring" => Kind::Expiring,
            _ => Kind::Good,
        }
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.certificate(hello.server_name()).ok()
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Certificates")
    }
}

/// The name on a host's certificate: with three labels or more, its neighbours
/// share it (`*.garden.test`), so that thousands of hosts cost one signature.
/// A wildcard below a top-level domain would not be believed.
fn family(server_name: &str) -> String {
    match server_name.split_once('.') {
        Some((_, parent)) if parent.contains('.') => format!("*.{parent}"),
        _ => server_name.to_owned(),
    }
}

fn make() -> Result<Certificates, rcgen::Error> {
    let (authority, authority_pem) = authority("Practice Authority")?;
    let (stranger, _) = self::authority("Practice Stranger")?;
    let key = KeyPair::generate()?;
    let private = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let signing = any_ecdsa_type(&private).expect("rcgen's keys are ECDSA P-256");
    Ok(Certificates { authority, authority_pem, stranger, key, signing, made: Mutex::default() })
}

fn authority(name: &str) -> Result<(Issuer<'static, KeyPair>, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let pem = params.self_signed(&key)?.pem();
    Ok((Issuer::new(params, key), pem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_certificate() {
        assert_eq!(family("shop-17.garden.test"), "*.garden.test");
        assert_eq!(family("garden.test"), "garden.test");
        assert_eq!(family("localhost"), "localhost");
        let certificates = Certificates::new().expect("authorities");
        let of = |name| certificates.certificate(Some(name)).expect("a certificate");
        assert!(Arc::ptr_eq(&of("a.garden.test"), &of("b.garden.test")));
        assert!(!Arc::ptr_eq(&of("a.garden.test"), &of("expired.garden.test")));
        assert!(!Arc::ptr_eq(&of("a.garden.test"), &of("a.meadow.test")));
    }

    #[test]
    fn only_so_many_are_kept() {
        let certificates = Certificates::new().expect("authorities");
        for n in 0..MOST_KEPT + 10 {
            let certificate = certificates.certificate(Some(&format!("shop-{n}.test"))).expect("a certificate");
            assert_eq!(certificate.cert.len(), 1);
        }
        assert!(certificates.made.lock().expect("nobody panicked").len() <= MOST_KEPT);
    }
}
