//! Each script does what its table says, as seen by a plain blocking socket.

use super::*;
use std::{
    io::{ErrorKind, Read, Write as _},
    net::{TcpStream, UdpSocket},
};

/// Not a measure: what should not take long at all must not block the tests for ever.
const GUARD: Duration = Duration::from_secs(20);

fn site() -> Site {
    Site::start(SiteOptions::default()).expect("a site")
}

/// Sends a request for a URL of the site and leaves the reply to be read.
fn send(url: &str, headers: &str) -> TcpStream {
    let (authority, path) = without_scheme(url).split_once('/').expect("a path");
    let mut stream = TcpStream::connect(authority).expect("a connection");
    stream.set_read_timeout(Some(GUARD)).expect("a time-out");
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {authority}\r\n{headers}\r\n").expect("room for a request");
    stream
}

/// Everything that comes, and how it ends.
fn all(mut stream: TcpStream) -> (String, Option<ErrorKind>) {
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).err().map(|error| error.kind());
    (String::from_utf8_lossy(&bytes).into_owned(), end)
}

/// The reply to a path on a connection of its own.
fn get(site: &Site, path: &str) -> String {
    all(send(&site.url(path), "Connection: close\r\n")).0
}

fn status(reply: &str) -> &str {
    reply.strip_prefix("HTTP/1.1 ").map_or("", |rest| &rest[..3])
}

fn header<'a>(reply: &'a str, name: &str) -> Option<&'a str> {
    reply.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// Reads the start of a reply that may have no end.
fn starts_with(mut stream: &TcpStream, start: &str) {
    let mut bytes = vec![0; start.len()];
    stream.read_exact(&mut bytes).expect("a start");
    assert_eq!(String::from_utf8_lossy(&bytes), start);
}

#[test]
fn ordinary_pages_and_statuses() {
    let site = site();
    let page = get(&site, "/shop/17");
    assert_eq!((status(&page), header(&page, "content-type")), ("200", Some("text/html; charset=utf-8")));
    assert!(page.contains("Practice"), "{page}");
    for (path, wanted) in [
        ("/status/404", "404"),
        ("/status/999", "999"),
        ("/delay/1/status/410", "410"),
        ("/status/abc", "400"),
        ("/has-header/cookie", "400"),
        ("/lacks-header/cookie", "200"),
    ] {
        assert_eq!(status(&get(&site, path)), wanted, "{path}");
    }
    let (reply, _) = all(send(&site.url("/has-header/cookie"), "Cookie: a=b\r\nConnection: close\r\n"));
    assert_eq!(status(&reply), "200");
    assert!(get(&site, "/body/65536").ends_with(&"x".repeat(65536)));
    assert_eq!(header(&get(&site, "/head-size/102400"), "x-large").map(str::len), Some(102_400));
    assert!(header(&get(&site, "/headers/300"), "x-header-299").is_some());
}

#[test]
fn a_connection_is_kept() {
    let site = site();
    let stream = send(&site.url("/status/204"), "");
    starts_with(&stream, "HTTP/1.1 204 No Content\r\n");
    let mut again = &stream;
    again
        .write_all(b"GET /status/404 HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        .expect("the same connection");
    assert!(all(stream).0.contains("HTTP/1.1 404 Not Found\r\n"));
    assert_eq!((site.load().connections, site.load().requests), (1, 2));
}

#[test]
fn what_is_flaky_ends_well_for_each_url() {
    let site = site();
    let statuses = |path: &str| -> Vec<String> { (0..4).map(|_| status(&get(&site, path)).to_owned()).collect() };
    assert_eq!(statuses("/flaky/2/503"), ["503", "503", "200", "200"]);
    assert_eq!(statuses("/flaky/2/503/other"), ["503", "503", "200", "200"]);
    assert_eq!(statuses("/flaky/1/close"), ["", "200", "200", "200"]);
    assert_eq!(statuses("/throttle/3"), ["429", "429", "429", "200"]);
    assert_eq!(site.seen(&site.url("/flaky/2/503")), 4);
    let throttled = get(&site, "/throttle/1?retry-after=7&status=503");
    assert_eq!((status(&throttled), header(&throttled, "retry-after")), ("503", Some("7")));
    assert_eq!(header(&get(&site, "/throttle/1?retry-after=none"), "retry-after"), None);
}

#[test]
fn redirects_lead_on() {
    let site = site();
    for (path, wanted, location) in [
        ("/redirect/3", "302", Some("/redirect/2")),
        ("/redirect/1/deal", "302", Some("/redirect/0")),
        ("/redirect/0", "200", None),
        ("/redirect-to?url=http://b.test/%3Fc&status=307", "307", Some("http://b.test/?c")),
        ("/loop", "302", Some("/loop")),
        ("/loop/2", "302", Some("/loop/2/1")),
        ("/loop/2/1", "302", Some("/loop/2")),
    ] {
        let reply = get(&site, path);
        assert_eq!((status(&reply), header(&reply, "location")), (wanted, location), "{path}");
    }
    assert!(get(&site, "/location-raw/%20%c3%bc%20b").contains("\r\nLocation:  ü b\r\n"));
    assert!(get(&site, "/location-raw/").contains("\r\nLocation: \r\n"));
}

#[test]
fn connections_are_cut() {
    let site = site();
    let end = |path: &str| all(send(&site.url(path), ""));
    let reset = Some(ErrorKind::ConnectionReset);
    assert_eq!(end("/reset"), (String::new(), reset));
    assert_eq!(end("/close"), (String::new(), None));
    let (reply, error) = end("/reset-after-head");
    assert_eq!((status(&reply), error), ("200", reset));
    for path in ["/short-body", "/cut-chunk"] {
        let (reply, error) = end(path);
        assert!(status(&reply) == "200" && reply.ends_with("only this") && error.is_none(), "{path}: {reply}");
    }
    let (reply, error) = end("/keep-alive-close");
    assert!(reply.ends_with("\r\n\r\npage\n") && !reply.contains("close") && error.is_none(), "{reply}");
}

#[test]
fn what_is_no_http() {
    let site = site();
    assert!(get(&site, "/garbage").contains("no HTTP"));
    assert!(get(&site, "/http09").starts_with("<title>"));
    assert!(get(&site, "/bad-status/abc").starts_with("HTTP/1.1 abc "));
    assert!(get(&site, "/bad-status/001").starts_with("HTTP/1.1 001 "));
    assert!(get(&site, "/header?name=X-A&value=caf%e9").contains("\r\nX-A: caf\u{fffd}\r\n"));
    let interim = get(&site, "/interim/5");
    assert_eq!((interim.matches(" 103 Early").count(), interim.matches(" 200 OK").count()), (5, 1));
}

#[test]
fn what_has_no_end_ends_with_its_client() {
    let site = site();
    for (path, start) in [
        ("/drip-head", "HTTP/1.1 200 OK\r\nX-Drip: ."),
        ("/drip-body", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 50000\r\n\r\n."),
        ("/endless-body", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\nxxxx"),
        (
            "/endless-chunks",
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\nxx",
        ),
        ("/interim-flood", "HTTP/1.1 103 Early Hints\r\n"),
        ("/extra-reply", "HTTP/1.1 200 OK\r\n"),
    ] {
        starts_with(&send(&site.url(path), ""), start);
    }
    // The site is not busy with those who left.
    assert_eq!(status(&get(&site, "/")), "200");
}

#[test]
fn a_second_reply_comes_unasked() {
    let site = site();
    let mut stream = send(&site.url("/extra-reply"), "");
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"page\n") || bytes.len() < 100 {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("two replies");
        bytes.push(byte[0]);
    }
    assert_eq!(String::from_utf8_lossy(&bytes).matches("HTTP/1.1 200 OK").count(), 2);
}

#[test]
fn open_requests_are_counted_by_host() {
    let site = site();
    let url = site.url("/drip-head");
    let streams: Vec<TcpStream> = (0..3).map(|_| send(&url, "")).collect();
    streams.iter().for_each(|stream| starts_with(stream, "H"));
    let load = site.host_load(&url);
    assert_eq!((load.requests, load.open, load.most_at_once, load.starts.len()), (3, 3, 3, 3));
    assert_eq!(site.load().open_connections, 3);
    assert_eq!(site.host_load("http://other.test/").requests, 0);
}

#[test]
fn hanging_ends_when_the_site_does() {
    let site = site();
    let dripping = send(&site.url("/drip-head"), "");
    let hanging = send(&site.url("/hang"), "");
    starts_with(&dripping, "H");
    drop(site);
    let (reply, _) = all(hanging);
    assert_eq!(reply, "");
}

#[test]
fn connections_beyond_the_most_wait() {
    let site = Site::start(SiteOptions { max_connections: 1, ..SiteOptions::default() }).expect("a site");
    let first = send(&site.url("/"), "");
    starts_with(&first, "HTTP/1.1 200");
    let second = send(&site.url("/"), "Connection: close\r\n");
    drop(first);
    assert_eq!(status(&all(second).0), "200");
    assert_eq!(site.load().most_connections, 1);
}

#[test]
fn addresses_are_hosts_of_their_own() {
    let options = SiteOptions { addresses: 3, threads: 2, ..SiteOptions::default() };
    let site = Site::start(options).expect("a site");
    let urls: Vec<String> = (0..3).map(|n| site.loopback_url(n, "/")).collect();
    for url in &urls {
        assert_eq!(status(&all(send(url, "Connection: close\r\n")).0), "200", "{url}");
        assert_eq!(site.host_load(url).requests, 1);
    }
    assert_eq!(site.loopback_url(3, "/"), urls[0]);
    if site.has_ipv6() {
        assert_eq!(status(&all(send(&site.host_url("[::1]", "/"), "Connection: close\r\n")).0), "200");
    }
}

#[test]
fn a_taken_port_is_named() {
    let site = site();
    let http_port = site.ports.http.port;
    let error = Site::start(SiteOptions { http_port, ..SiteOptions::default() }).expect_err("the port is taken");
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(error.to_string().contains(&format!("127.0.0.1:{http_port}")), "{error}");
}

#[test]
fn a_refused_port_refuses() {
    let site = site();
    let url = site.refused_url("127.0.0.1", "/");
    let error = TcpStream::connect(without_scheme(&url).trim_end_matches('/')).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    assert!(!dns::DEAD.iter().any(|dead| TcpStream::connect((*dead, site.ports.http.port)).is_ok()));
}

#[cfg(unix)]
#[test]
fn a_black_hole_does_not_connect() {
    let site = site();
    let url = site.blackhole_url("127.0.0.1", "/").expect("a black hole");
    assert_eq!(site.blackhole_url("127.0.0.1", "/").expect("the same one"), url);
    let address = without_scheme(&url).trim_end_matches('/').parse().expect("an address");
    for _ in 0..3 {
        let error = TcpStream::connect_timeout(&address, Duration::from_millis(50)).expect_err("no connection");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_broadcast_address_is_unreachable_at_once() {
    let error = TcpStream::connect((Ipv4Addr::BROADCAST, 80)).expect_err("TCP has no broadcast");
    assert_eq!(error.kind(), ErrorKind::NetworkUnreachable);
}

#[test]
fn names_are_answered_and_counted() {
    let site = site();
    // A query for the address of shop.test, byte by byte (RFC 1035 section 4.1).
    let query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04shop\x04test\x00\x00\x01\x00\x01";
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    socket.set_read_timeout(Some(GUARD)).expect("a time-out");
    socket.send_to(query, site.resolver()).expect("a query");
    let mut reply = [0; 512];
    let length = socket.recv(&mut reply).expect("an answer");
    assert_eq!(reply[..2], query[..2]);
    assert!(reply[..length].ends_with(&[127, 0, 0, 1]));
    assert_eq!((site.lookups("Shop.test"), site.lookups("other.test")), (1, 0));
    let names = ["shop.test", "nxdomain.test", "many.test", "blog.garden.example", "www.iana.org"];
    assert_eq!(site.hosts_text(names), "127.0.0.1 shop.test\n127.0.0.1 blog.garden.example\n");
}

mod over_tls {
    use super::*;
    use rustls::{
        AlertDescription, CertificateError, ClientConfig, ClientConnection, Error, RootCertStore, Stream,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    };

    /// The status of the reply to a request over TLS, or why there is none.
    fn ask(site: &Site, host: &str) -> Result<String, std::io::Error> {
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_slice(site.ca_pem().as_bytes()).expect("PEM");
        roots.add(authority).expect("an authority");
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(host.to_owned()).expect("a name");
        let mut client = ClientConnection::new(Arc::new(config), name).expect("a client");
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, site.ports.tls.port)).expect("a connection");
        stream.set_read_timeout(Some(GUARD)).expect("a time-out");
        let mut stream = Stream::new(&mut client, &mut stream);
        write!(stream, "GET /status/404 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        Ok(status(&reply).to_owned())
    }

    fn refusal(site: &Site, host: &str) -> Error {
        let error = ask(site, host).expect_err(host);
        let error = error.into_inner().expect("an error of TLS");
        *error.downcast::<Error>().expect("an error of rustls")
    }

    #[test]
    fn good_and_soon_ending_certificates_are_believed() {
        let site = site();
        for host in
            ["shop.test", "shop-17.garden.test", "expiring.test", "expiring-3.garden.test", "127.0.0.1", "localhost"]
        {
            assert_eq!(ask(&site, host).expect(host), "404");
        }
        assert_eq!(site.host_load("https://shop.test/").requests, 1);
    }

    #[test]
    fn each_other_certificate_is_refused_for_its_own_reason() {
        let site = site();
        for host in ["expired", "notyet", "wrong", "selfsigned", "untrusted"] {
            for host in [format!("{host}.test"), format!("{host}-2.garden.example")] {
                let Error::InvalidCertificate(why) = refusal(&site, &host) else { panic!("{host}") };
                assert!(
                    match &why {
                        CertificateError::ExpiredContext { .. } => host.starts_with("expired"),
                        CertificateError::NotValidYetContext { .. } => host.starts_with("notyet"),
                        CertificateError::NotValidForNameContext { .. } => host.starts_with("wrong"),
                        CertificateError::UnknownIssuer =>
                            host.starts_with("selfsigned") || host.starts_with("untrusted"),
                        _ => false,
                    },
                    "{host}: {why:?}"
                );
            }
        }
    }

    #[test]
    fn handshakes_go_wrong() {
        let site = site();
        assert!(matches!(refusal(&site, "tls-garbage.test"), Error::InvalidMessage(_)));
        assert_eq!(refusal(&site, "tls-alert.test"), Error::AlertReceived(AlertDescription::HandshakeFailure));
        let kind = |host| ask(&site, host).expect_err(host).kind();
        assert_eq!(kind("tls-close.test"), ErrorKind::UnexpectedEof);
        assert_eq!(kind("tls-reset-2.test"), ErrorKind::ConnectionReset);
    }
}
