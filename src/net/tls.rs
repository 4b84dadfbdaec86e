//! TLS: one configuration for the whole run, and a verifier that records what
//! it was shown even when it refuses it.

use super::{NetworkError, certificate, failure};
use crate::check::{Certificate, Reason};
use data_encoding::{BASE64, DecodeError};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        Resumption, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use serde::{Deserialize, Serialize};
use std::{cell::RefCell, path::Path, sync::Arc};
use tokio::{net::TcpStream, sync::OnceCell, task::spawn_blocking};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// What the verifier saw in the handshake that is being polled.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) certificate: Option<Arc<Certificate>>,
    pub(super) refused: Option<Reason>,
}

tokio::task_local! {
    pub(super) static SHOWN: RefCell<Shown>;
}

/// Authorities to trust besides the system's; written down as Base64 (RFC 4648).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub(super) struct Authorities(Vec<CertificateDer<'static>>);

/// The run's side of every handshake; the roots are loaded when the first
/// https target comes.
#[derive(Debug)]
pub(super) struct Tls {
    added: Authorities,
    insecure: bool,
    made: OnceCell<Made>,
}

/// What every handshake goes by.
#[derive(Clone, Debug)]
struct Made {
    config: Arc<ClientConfig>,
    recorder: Arc<Recorder>,
}

impl Tls {
    /// Trusts `added` besides the system's authorities.
    pub(super) fn new(added: Authorities, insecure: bool) -> Tls {
        Tls { added, insecure, made: OnceCell::new() }
    }

    /// The authorities that are trusted besides the system's.
    pub(super) fn authorities(&self) -> Authorities {
        self.added.clone()
    }

    /// The configuration, made when it is first asked for. Reading the
    /// system's roots takes too long for a thread that watches sockets.
    pub(super) async fn config(&self) -> Arc<ClientConfig> {
        self.made().await.config.clone()
    }

    async fn made(&self) -> &Made {
        let make = || async {
            let (added, insecure) = (self.added.clone(), self.insecure);
            let made = spawn_blocking(move || make(&added.0, insecure));
            made.await.expect("making a configuration from checked parts does not panic")
        };
        self.made.get_or_init(make).await
    }

    /// The authorities that the user trusts besides the system's.
    pub(super) fn added(&self) -> &[CertificateDer<'static>] {
        &self.added.0
    }

    /// Whether connections are used whatever their certificate.
    pub(super) fn is_insecure(&self) -> bool {
        self.insecure
    }

    /// Judges the certificates, leaf first, that another program was shown by `host`.
    pub(super) async fn look(&self, host: &str, shown: &[CertificateDer<'_>]) -> Shown {
        let (Some((leaf, chain)), Some(name)) = (shown.split_first(), server_name(host)) else {
            return Shown::default();
        };
        self.made().await.recorder.look(leaf, chain, &name, &[], UnixTime::now()).0
    }

    /// Shakes hands as `host`; what was shown comes back whatever the end.
    pub(super) async fn handshake(
        &self,
        host: &str,
        tcp: TcpStream,
    ) -> (Result<TlsStream<TcpStream>, failure::Fault>, Shown) {
        let config = self.config().await;
        let Some(name) = server_name(host) else {
            let fault = failure::Fault::new(Reason::TlsName, format!("no certificate can be for the name {host}"));
            return (Err(fault), Shown::default());
        };
        let shaking = async {
            let ended = TlsConnector::from(config).connect(name, tcp).await;
            (ended, SHOWN.with(RefCell::take))
        };
        let (ended, shown) = SHOWN.scope(RefCell::default(), shaking).await;
        let ended = ended.map_err(|error| {
            let why = shown.certificate.as_deref().and_then(|certificate| certificate.refused.clone());
            match (shown.refused.filter(|_| !self.insecure), why) {
                (Some(reason), Some(why)) => failure::Fault::new(reason, why),
                _ => failure::Fault::handshaking(&error),
            }
        });
        (ended, shown)
    }
}

/// The authorities in a PEM file, if there is one.
pub(super) fn authorities(cacert: Option<&Path>) -> Result<Authorities, NetworkError> {
    cacert.map(read_authorities).transpose().map(|read| Authorities(read.unwrap_or_default()))
}

impl From<Authorities> for Vec<String> {
    fn from(authorities: Authorities) -> Vec<String> {
        authorities.0.iter().map(|authority| BASE64.encode(authority)).collect()
    }
}

impl TryFrom<Vec<String>> for Authorities {
    type Error = DecodeError;

    fn try_from(written: Vec<String>) -> Result<Authorities, DecodeError> {
        let read = written.iter().map(|text| Ok(BASE64.decode(text.as_bytes())?.into()));
        read.collect::<Result<_, _>>().map(Authorities)
    }
}

/// The name that a URL's host must prove to be.
fn server_name(host: &str) -> Option<ServerName<'static>> {
    let bare = host.trim_start_matches('[').trim_end_matches([']', '.']);
    ServerName::try_from(bare.to_owned()).ok()
}

fn read_authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, NetworkError> {
    let bytes = std::fs::read(path)
        .map_err(|source| NetworkError::Cacert { path: path.to_owned(), why: source.to_string() })?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let wrong = |why: String| NetworkError::Cacert { path: path.to_owned(), why };
    match read {
        Ok(authorities) if authorities.is_empty() => {
            Err(wrong("it holds no certificate; a PEM file has -----BEGIN CERTIFICATE----- lines".to_owned()))
        }
        Ok(authorities) => {
            let mut store = RootCertStore::empty();
            for (n, authority) in authorities.iter().enumerate() {
                store
                    .add(authority.clone())
                    .map_err(|error| wrong(format!("certificate {} in it is none: {error}", n + 1)))?;
            }
            Ok(authorities)
        }
        Err(error) => Err(wrong(error.to_string())),
    }
}

fn make(added: &[CertificateDer<'static>], insecure: bool) -> Made {
    let provider = Arc::new(aws_lc_rs::default_provider());
    // The first random bytes of a process cost a tenth of a second of gathering
    // entropy; without any, the first handshake fails and says so itself.
    let _gathered = provider.secure_random.fill(&mut [0; 32]);
    let recorder = Arc::new(Recorder { judge: judge(added, &provider), insecure });
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider speaks TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(recorder.clone())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Hosts are met once: tickets would only cost a lock and memory.
    config.resumption = Resumption::disabled();
    Made { config: Arc::new(config), recorder }
}

/// Who judges: the system's roots, or the bundled ones where there are none,
/// and the user's besides.
fn judge(added: &[CertificateDer<'static>], provider: &Arc<CryptoProvider>) -> Arc<WebPkiServerVerifier> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::warn!(%error, "some of the system's certificates could not be read");
    }
    let (usable, _) = roots.add_parsable_certificates(system.certs);
    if usable == 0 {
        tracing::warn!("the system has no root certificates; those of Mozilla, built into this program, are used");
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots.add_parsable_certificates(added.iter().cloned());
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .expect("there are roots, and no revocation lists to be wrong")
}

/// Judges as webpki does, and records what it judged.
#[derive(Debug)]
struct Recorder {
    judge: Arc<WebPkiServerVerifier>,
    insecure: bool,
}

impl Recorder {
    fn look(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> (Shown, Result<ServerCertVerified, Error>) {
        let judged = self.judge.verify_server_cert(leaf, chain, name, ocsp, now);
        let (mut certificate, self_signed) = certificate::read(leaf, chain.len() + 1);
        let refused = judged.as_ref().err().map(|error| match error {
            Error::InvalidCertificate(refusal) => match failure::refused(refusal) {
                Reason::TlsUntrusted if self_signed => Reason::TlsSelfSigned,
                reason => reason,
            },
            _ => Reason::TlsHandshake,
        });
        certificate.refused = judged.as_ref().err().map(|error| certificate::refusal(error, &certificate, self_signed));
        (Shown { certificate: Some(Arc::new(certificate)), refused }, judged)
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let (shown, judged) = self.look(leaf, chain, name, ocsp, now);
        SHOWN.with(|slot| slot.replace(shown));
        match judged {
            Err(_) if self.insecure => Ok(ServerCertVerified::assertion()),
            judged => judged,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge.verify_tls12_signature(message, leaf, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge.verify_tls13_signature(message, leaf, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}
