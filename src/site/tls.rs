//! The TLS side: what happens to a handshake, by the name that the client asks for.
//!
//! | host begins with | handshake |
//! |---|---|
//! | anything else | good, signed by the site's authority |
//! | `expired` `notyet` `expiring` | a certificate that ended, begins later, ends in 3 days |
//! | `wrong` `selfsigned` `untrusted` | for another name, by nobody, by an authority that nobody trusts |
//! | `tls-garbage` | plain text in the place of TLS |
//! | `tls-alert` | a handshake_failure alert |
//! | `tls-hang` | no answer, ever |
//! | `tls-close` `tls-reset` | FIN, RST |

use super::{PATIENCE, certificate::Certificates, count::Counts, script::host_word, serve};
use rustls::{ServerConfig, crypto::aws_lc_rs, server::Acceptor};
use std::{io, sync::Arc};
use tokio::{
    io::{AsyncWriteExt, copy, sink},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

/// A fatal handshake_failure (RFC 8446 sections 5.1 and 6.2).
const ALERT: [u8; 7] = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28];

/// The server's side of TLS 1.2 and 1.3, certificates chosen by name.
pub(super) fn config(certificates: Arc<Certificates>) -> io::Result<Arc<ServerConfig>> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(io::Error::other)?.with_no_client_auth();
    Ok(Arc::new(builder.with_cert_resolver(certificates)))
}

/// Shakes hands, or does what the name asks for in its place; then answers requests.
pub(super) async fn connection(stream: TcpStream, config: Arc<ServerConfig>, counts: Arc<Counts>) {
    if let Ok(Ok(Some(stream))) = timeout(PATIENCE, handshake(stream, config)).await {
        serve::connection(stream, counts).await;
    }
}

async fn handshake(stream: TcpStream, config: Arc<ServerConfig>) -> io::Result<Option<TlsStream<TcpStream>>> {
    let mut start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let hello = start.client_hello();
    match hello.server_name().map(host_word) {
        Some("tls-garbage") => start.io.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\nSpeak plainly.\n").await?,
        Some("tls-alert") => start.io.write_all(&ALERT).await?,
        Some("tls-hang") => _ = copy(&mut start.io, &mut sink()).await?,
        Some("tls-close") => {}
        Some("tls-reset") => return start.io.set_zero_linger().map(|()| None),
        _ => return start.into_stream(config).await.map(Some),
    }
    start.io.shutdown().await?;
    Ok(None)
}
