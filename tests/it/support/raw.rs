//! Servers that know no HTTP: bytes in, bytes out, whatever a test wants.

use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use socket2::{Domain, Socket, Type};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
};

/// A server on a port of its own that does this to every connection, each on a
/// thread; its address.
pub(crate) fn serve(act: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    serve_on(TcpListener::bind("127.0.0.1:0").expect("a free port"), act)
}

/// The same, of which few bytes at a time are on their way to it.
pub(crate) fn serve_little_by_little(act: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.set_recv_buffer_size(4 * 1024).and_then(|()| socket.set_tcp_mss(88)).expect("less than usual");
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).and_then(|()| socket.listen(16)).expect("a free port");
    serve_on(socket.into(), act)
}

fn serve_on(listener: TcpListener, act: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let address = listener.local_addr().expect("it is bound").to_string();
    let act = Arc::new(act);
    // They end with the test's process.
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let act = act.clone();
            thread::spawn(move || act(stream));
        }
    });
    address
}

/// Reads the head of a request; its path, or `None` when the client has left.
pub(crate) fn path(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return None,
        }
    }
    let head = String::from_utf8(head).expect("a request of ours is plain text");
    head.split(' ').nth(1).map(str::to_owned)
}

/// Answers every request of a connection by its path, until the client leaves
/// or there is no answer.
pub(crate) fn answer(stream: &mut (impl Read + Write), reply: impl Fn(&str) -> Option<Vec<u8>>) {
    while let Some(path) = path(stream) {
        let Some(reply) = reply(&path) else { return };
        if stream.write_all(&reply).and_then(|()| stream.flush()).is_err() {
            return;
        }
    }
}

/// Reads until the client leaves.
pub(crate) fn hear_out(mut stream: impl Read) {
    let mut bytes = [0; 1024];
    while stream.read(&mut bytes).is_ok_and(|n| n > 0) {}
}

/// A certificate that signed itself, and its key.
pub(crate) fn self_signed(params: CertificateParams) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate").der().clone();
    (certificate, PrivateKeyDer::Pkcs8(key.serialize_der().into()))
}

/// The TLS of a server with these certificates.
pub(crate) fn tls(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Arc<ServerConfig> {
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider speaks TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(chain, key);
    Arc::new(config.expect("the key is the first certificate's"))
}
