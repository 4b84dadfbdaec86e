//! What a request looks like on the wire, read by a server that knows no HTTP.

use crate::support::modes::modes;
use crate::support::run::Run;
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::mpsc,
    thread,
};

/// The head of the one request that a check of `/page?q` sends.
fn head(args: &[&str], credentials: &str) -> Vec<String> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let (sender, heads) = mpsc::channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("it is asked");
        let lines = BufReader::new(&stream).lines().map(|line| line.expect("it is plain text"));
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        stream.write_all(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n").expect("it listens");
        sender.send(head)
    });
    let row = Run::urls([format!("http://{credentials}{address}/page?q#part")]).args(args.iter().copied()).row();
    assert_eq!((row.said().as_str(), row.text("http_version")), ("up", "1.0"));
    let head = heads.recv().expect("it was sent before the reply");
    assert!(head.contains(&format!("Host: {address}")), "{head:?}");
    head
}

#[test]
fn a_request_says_who_asks_and_no_more() {
    let head = head(&[], "");
    assert_eq!(head[0], "GET /page?q HTTP/1.1");
    assert_eq!(head.len(), 5, "{head:?}");
    let version = concat!("User-Agent: urlcheck/", env!("CARGO_PKG_VERSION"));
    for line in [version, "Accept: */*", "Accept-Encoding: identity"] {
        assert!(head.iter().any(|sent| sent == line), "{line} in {head:?}");
    }
}

#[test]
fn a_request_is_as_wished() {
    let args = ["--method", "HEAD", "-A", "Mine/1", "-H", "Accept: text/html", "-H", "X-One: 1", "-H", "X-One: 2"];
    let head = head(&args, "us%20er:p%40ss@");
    assert_eq!(head[0], "HEAD /page?q HTTP/1.1");
    // "us er:p@ss", by base64(1).
    for line in
        ["User-Agent: Mine/1", "Accept: text/html", "X-One: 1", "X-One: 2", "Authorization: Basic dXMgZXI6cEBzcw=="]
    {
        assert!(head.iter().any(|sent| sent.eq_ignore_ascii_case(line)), "{line} in {head:?}");
    }
    assert_eq!(head.iter().filter(|line| line.starts_with("Accept:")).count(), 1);
}

modes! {
    every:
    a_request_says_who_asks_and_no_more,
    a_request_is_as_wished;
}
