//! Ports where something else than a web server listens, and servers that want
//! to know who asks.

use crate::support::{
    raw::{hear_out, serve},
    run::{Row, Run},
};
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};
use std::{
    io::{Read, Write},
    sync::Arc,
};

/// It may speak before it is asked, which must make no difference.
#[test]
fn a_server_that_speaks_first_speaks_no_http() {
    let address = serve(|mut stream| {
        stream.write_all(b"SSH-2.0-Practice_1.0\r\n").expect("it listens");
        hear_out(stream);
    });
    let rows = Run::urls((0..40).map(|n| format!("http://{address}/{n}"))).args(["--per-host", "1"]).rows();
    for row in rows {
        assert_eq!(row.said(), "down http_protocol", "{}", row.text("detail"));
    }
    let row = Run::urls([format!("https://{address}/")]).row();
    assert_eq!(row.said(), "down tls_handshake", "{}", row.text("detail"));
}

/// With TLS 1.3 the refusal comes after the client's side of the handshake.
#[test]
fn a_server_that_wants_our_certificate_is_told_from_one_that_is_down() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = wanting_certificates(version);
        let address = serve(move |stream| {
            let session = ServerConnection::new(config.clone()).expect("the configuration is whole");
            let mut secret = StreamOwned::new(session, stream);
            hear_out(&mut secret);
            // What is left unread would turn the refusal into a reset.
            hear_out(secret.sock);
        });
        let row = Run::urls([format!("https://{address}/")]).args(["--insecure"]).row();
        assert_eq!(row.said(), "down tls_handshake", "{version:?}: {}", row.text("detail"));
    }
}

fn wanting_certificates(version: &'static rustls::SupportedProtocolVersion) -> Arc<ServerConfig> {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
    let certificate: CertificateDer<'static> = params.self_signed(&key).expect("a certificate").der().clone();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).expect("a certificate");
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .expect("the provider speaks it")
        .with_client_cert_verifier(verifier.expect("there is an authority"))
        .with_single_cert(vec![certificate], PrivateKeyDer::Pkcs8(key.serialize_der().into()));
    Arc::new(config.expect("the key is the certificate's"))
}

/// A kept connection on which something was said meanwhile is not used again.
#[test]
fn a_word_out_of_turn_ends_a_kept_connection() {
    let address = serve(|mut stream| {
        let mut bytes = [0; 4096];
        while stream.read(&mut bytes).is_ok_and(|n| n > 0) {
            let two = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 No\r\n";
            if stream.write_all(two).is_err() {
                return;
            }
        }
    });
    let rows = Run::urls((0..40).map(|n| format!("http://{address}/{n}"))).args(["--per-host", "1"]).rows();
    let up = rows.iter().map(Row::said).filter(|said| said == "up").count();
    assert_eq!(up, 40);
}
