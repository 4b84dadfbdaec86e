//! Servers that mean harm: whatever they send, a check takes bounded time and
//! memory, its row is true, and the next check of the host gets its own reply.

use crate::support::modes::modes;
use crate::support::{
    raw::{answer, hear_out, path, self_signed, serve, serve_little_by_little, tls},
    run::{Row, Run, site},
};
use flate2::{Compression, write::GzEncoder};
use rcgen::{CertificateParams, DnType};
use rustls::{ServerConnection, StreamOwned};
use std::{
    io::{BufRead, BufReader, Write},
    iter,
    net::TcpStream,
    sync::Arc,
    thread,
};

/// Replies that no good server sends, each whole in its bytes, and the row.
fn replies() -> Vec<(Vec<u8>, &'static str)> {
    let reply = |head: &str, said| (head.as_bytes().to_vec(), said);
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";
    let tiny: String = iter::repeat_n("1\r\nx\r\n", 20_000).collect();
    let long = "x".repeat(60_000);
    vec![
        // Lengths that contradict each other (RFC 9112 section 6.3).
        reply("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "up"),
        reply("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", "up"),
        reply("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", "down http_protocol"),
        reply("HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok", "down http_protocol"),
        reply("HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok", "down http_protocol"),
        reply("HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok", "down http_protocol"),
        reply("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok", "down http_protocol"),
        reply("HTTP/1.1 404 No\r\nTransfer-Encoding: chunked, gzip\r\n\r\nok", "down http_status"),
        // Bodies that are not what the head says: the status stands.
        reply(&format!("{chunked}\r\nzz\r\nok\r\n"), "up"),
        reply(&format!("{chunked}\r\nfffffffffffffffff\r\nok\r\n"), "up"),
        reply(&format!("{chunked}\r\n1;{long}\r\nx\r\n0\r\n\r\n"), "up"),
        reply(&format!("{chunked}\r\n0\r\nX-Late: {long}\r\n\r\n"), "up"),
        reply(&format!("{chunked}\r\n{tiny}0\r\n\r\n"), "up"),
        reply("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", "up"),
        reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore than nothing", "up"),
        reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 Mine\r\nContent-Length: 0\r\n\r\n", "up"),
        // Status lines that are none.
        reply("HTTP/1.1 001 Low\r\n\r\n", "down http_protocol"),
        reply("HTTP/1.1 1000 High\r\n\r\n", "down http_protocol"),
        reply("HTTP/1.1 -200 OK\r\n\r\n", "down http_protocol"),
        reply("HTTP/1.1 2OO OK\r\n\r\n", "down http_protocol"),
        reply("HTTP/2.0 200 OK\r\n\r\n", "down http_protocol"),
        reply("HTTP/1.10 200 OK\r\n\r\n", "down http_protocol"),
        reply("ICY 200 OK\r\n\r\n", "down http_protocol"),
        reply("<html>no head at all</html>\r\n\r\n", "down http_protocol"),
        reply("HTTP/1.1 999 Go Away\r\nContent-Length: 0\r\n\r\n", "unknown http_blocked"),
        // Heads that are wrong, or too much.
        reply("HTTP/1.1 200 OK\r\nX-Nul: a\0b\r\nContent-Length: 0\r\n\r\n", "down http_protocol"),
        reply(&format!("HTTP/1.1 200 OK\r\nX: {long}{long}\r\n\r\n"), "down http_header_too_large"),
        reply(&format!("HTTP/1.1 200 {long}{long}\r\n\r\n"), "down http_header_too_large"),
        reply(&format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(20_000)), "down http_header_too_large"),
        // Interim replies, and one that ends HTTP.
        reply(
            &format!("{}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n".repeat(50)),
            "up",
        ),
        reply("HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: upgrade\r\n\r\n", "down http_status"),
    ]
}

/// After each, the same connection is offered for the next check, whose reply
/// must be its own.
#[test]
fn no_reply_is_too_odd_and_none_is_taken_for_another() {
    let replies = Arc::new(replies());
    let known = replies.clone();
    let address = serve(move |mut stream| {
        answer(&mut stream, |path| match path.strip_prefix("/odd/") {
            Some(number) => Some(known[number.parse::<usize>().expect("a number")].0.clone()),
            None => Some(b"HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\ngone".to_vec()),
        });
    });
    let urls = (0..replies.len()).flat_map(|n| [format!("http://{address}/odd/{n}"), format!("http://{address}/{n}")]);
    let rows = Run::urls(urls).args(["--per-host", "1", "--timeout", "20s"]).rows();
    let said: Vec<_> = rows.iter().step_by(2).map(Row::said).collect();
    let wanted: Vec<_> = replies.iter().map(|(_, said)| (*said).to_owned()).collect();
    assert_eq!(said, wanted);
    for row in rows.iter().skip(1).step_by(2) {
        assert_eq!((row.number("status_code"), row.number("attempts")), (410, 1), "{}", row.text("url"));
    }
}

/// Where its body ends is not known (RFC 9112 section 6.1), which is no reason
/// to call a page that everybody sees no page.
#[test]
fn an_old_reply_with_a_coding_is_a_reply() {
    let address = serve(|mut stream| {
        let head = "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
        answer(&mut stream, |_| Some(head.as_bytes().to_vec()));
    });
    let urls = (0..20).map(|n| format!("http://{address}/{n}"));
    let rows = Run::urls(urls).args(["--per-host", "1"]).rows();
    assert!(rows.iter().all(|row| (row.said().as_str(), row.number("attempts")) == ("up", 1)), "{rows:?}");
    assert!(rows.iter().all(|row| row.millis("connect_ms").is_some()), "a connection was used again: {rows:?}");
}

/// It has heard enough, answers, and reads the rest later. What comes next on
/// the connection must not begin in the middle of a request.
#[test]
fn a_reply_before_the_end_of_its_request_spoils_no_other() {
    let address = serve_little_by_little(|stream| {
        let mut lines = BufReader::new(stream.try_clone().expect("a second handle")).lines();
        while let Some(Ok(first)) = lines.next() {
            let is_early = first == "GET /early HTTP/1.1";
            let answer = |head: &[u8]| (&stream).write_all(head).is_ok();
            let goes_on = !is_early || answer(b"HTTP/1.1 431 Enough\r\nContent-Length: 0\r\n\r\n");
            // Until the empty line that ends the head.
            let is_whole = goes_on && lines.by_ref().map_while(Result::ok).any(|line| line.is_empty());
            if !is_whole || !(is_early || answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
                return;
            }
        }
    });
    // A connection that was used takes more at once than a fresh one.
    let urls = ["/early", "/early", "/after"].map(|path| format!("http://{address}{path}"));
    // More than a socket takes at once.
    let large: Vec<String> =
        (0..16).flat_map(|n| ["-H".to_owned(), format!("X-{n}: {}", "x".repeat(60_000))]).collect();
    let rows = Run::urls(urls).args(large).args(["--per-host", "1", "--timeout", "10s"]).rows();
    let said = rows.iter().map(|row| row.number("status_code")).collect::<Vec<_>>();
    assert_eq!(said, [431, 431, 200]);
}

/// A 200 before anybody asked: it is told as no HTTP, or, when it comes while
/// the request is on its way, cannot be told from a reply. What comes after it
/// is no other host's.
#[test]
fn a_reply_before_the_request_answers_nobody_else() {
    let site = site();
    let address = serve(|mut stream| {
        // A client that has left already is no fault here.
        let _left = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        answer(&mut stream, |_| Some(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n".to_vec()));
    });
    let port = address.rsplit(':').next().expect("a port");
    let rows = Run::urls((0..20).map(|n| format!("http://host-{n}.test:{port}/"))).site(&site).rows();
    for row in rows {
        assert!(["down http_protocol", "up"].contains(&row.said().as_str()), "{row:?}");
    }
}

/// Every host sends on to the next one, without an end.
#[test]
fn redirects_across_hosts_without_end_end() {
    let site = site();
    let address = serve(|mut stream| {
        let port = stream.local_addr().expect("it is bound").port();
        answer(&mut stream, |path| {
            let next = path.trim_start_matches('/').parse::<u64>().expect("a number") + 1;
            let to = format!("http://host-{next}.test:{port}/{next}");
            Some(format!("HTTP/1.1 302 On\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n").into_bytes())
        });
    });
    let row = Run::urls([format!("http://{address}/0")]).site(&site).row();
    assert_eq!((row.said().as_str(), row.number("num_redirects")), ("down redirect_limit", 10));
    assert_eq!(row.hops().len(), 11);
}

/// Each stands for ever; the row comes when the time is up.
#[test]
fn servers_that_take_their_time_get_no_more_than_there_is() {
    let site = site();
    // It accepts and never reads: what is sent must not wait for ever either.
    let deaf = serve(|stream| {
        thread::park();
        drop(stream);
    });
    let long = "x".repeat(60_000);
    let cases = [
        (site.url("/drip-head"), "down total_timeout"),
        (site.tls_url("shop.test", "/drip-head"), "down total_timeout"),
        (site.url("/drip-body"), "up"),
        (site.tls_url("shop.test", "/drip-body"), "up"),
        (site.url("/hang"), "down ttfb_timeout"),
        (site.tls_url("tls-hang.test", "/"), "down connect_timeout"),
        (site.url("/drip-interim"), "down total_timeout"),
        (format!("http://{deaf}/{long}"), "down ttfb_timeout"),
        (format!("https://{deaf}/{long}"), "down connect_timeout"),
    ];
    let args = ["--timeout", "2s", "--connect-timeout", "1s"];
    let rows = Run::urls(cases.iter().map(|(url, _)| url)).site(&site).args(args).rows();
    for (row, (url, wanted)) in rows.iter().zip(&cases) {
        assert_eq!(row.said(), *wanted, "{}", &url[..url.len().min(60)]);
    }
}

#[test]
fn certificates_without_measure_make_no_row_without_measure() {
    let mut params = CertificateParams::new((0..1500).map(|n| format!("shop-{n}.test")).collect::<Vec<_>>());
    params.as_mut().expect("names").distinguished_name.push(DnType::OrganizationName, "x".repeat(20_000));
    let (leaf, key) = self_signed(params.expect("names"));
    let config = tls(vec![leaf], key);
    let large = serve(move |stream| shake(stream, config.clone()));

    // More than a TLS message may hold (RFC 8446 section 4.4.2 allows 16 MiB).
    let (leaf, key) = self_signed(CertificateParams::new(["shop.test".to_owned()]).expect("a name"));
    let config = tls(vec![leaf; 400], key);
    let endless = serve(move |stream| shake(stream, config.clone()));

    let rows = Run::urls([format!("https://{large}/"), format!("https://{endless}/")]).rows();
    assert_eq!(rows[0].said(), "down tls_self_signed", "{}", rows[0].text("detail"));
    assert_eq!(rows[0].cell("certificate")["names"].as_array().map(Vec::len), Some(100));
    assert!(format!("{:?}", rows[0]).len() < 10_000, "{:?}", rows[0]);
    assert_eq!(rows[1].text("verdict"), "down", "{:?}", rows[1]);
    assert!(rows[1].text("reason").starts_with("tls_"), "{:?}", rows[1]);
}

fn shake(stream: TcpStream, config: Arc<rustls::ServerConfig>) {
    let session = ServerConnection::new(config).expect("the configuration is whole");
    let mut secret = StreamOwned::new(session, stream);
    answer(&mut secret, |_| Some(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec()));
    hear_out(secret.sock);
}

/// TLS that ends right after its handshake, with or without a goodbye, and in
/// the middle of a reply.
#[test]
fn tls_that_ends_at_odd_moments_is_a_cut_connection() {
    let (leaf, key) = self_signed(CertificateParams::new(["127.0.0.1".to_owned()]).expect("a name"));
    let config = tls(vec![leaf], key);
    let address = serve(move |stream| {
        let session = ServerConnection::new(config.clone()).expect("the configuration is whole");
        let mut secret = StreamOwned::new(session, stream);
        match path(&mut secret).as_deref() {
            Some("/goodbye") => {
                secret.conn.send_close_notify();
                let _sent = secret.flush();
            }
            Some("/half") => _ = secret.write_all(b"HTTP/1.1 200 OK\r\nConte").and_then(|()| secret.flush()),
            _ => {}
        }
    });
    let urls = ["/goodbye", "/nothing", "/half"].map(|path| format!("https://{address}{path}"));
    for row in Run::urls(urls).args(["--insecure", "--per-host", "1"]).rows() {
        assert_eq!((row.said().as_str(), row.number("attempts")), ("down connect_reset", 1), "{}", row.text("detail"));
    }
}

/// Two hundred of them at once: what they send is dropped as it comes, and
/// what is packed stays packed (64 MiB each would it be).
#[cfg(target_os = "linux")]
#[test]
fn bombs_take_little_memory() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    (0..64).try_for_each(|_| packed.write_all(&[0; 1 << 20])).expect("memory takes every write");
    let packed = packed.finish().expect("memory takes every write");
    assert!(packed.len() < 70_000, "{} bytes", packed.len());
    let bomb = serve(move |mut stream| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", packed.len());
        answer(&mut stream, |_| Some([head.as_bytes(), &packed].concat()));
    });
    let site = site();
    let paths = ["/endless-body", "/endless-chunks", "/interim-flood", "/head-size/1048576", "/headers/20000"];
    let urls: Vec<String> = (0..40)
        .flat_map(|n| {
            let others = paths.map(|path| site.url(&format!("{path}/{n}")));
            others.into_iter().chain([format!("http://{bomb}/{n}")])
        })
        .collect();
    // The last one keeps the program running until it was looked at.
    let n_bombs = urls.len();
    let args = ["--per-host", "0", "--concurrency", "250", "--timeout", "50s"];
    let going = Run::urls(urls.into_iter().chain([site.url("/hang")])).args(args).until_rows(n_bombs);
    let peak = going.peak_memory();
    let ended = going.interrupt();
    let up = ended.rows().iter().filter(|row| row.said() == "up").count();
    assert_eq!(up, 40 * 3, "bodies without an end hide no status, and what is packed is none of our business");
    assert!(peak < 64, "{peak} MiB");
}

modes! {
    every:
    no_reply_is_too_odd_and_none_is_taken_for_another,
    a_reply_before_the_request_answers_nobody_else,
    redirects_across_hosts_without_end_end,
    tls_that_ends_at_odd_moments_is_a_cut_connection;
    inside:
    a_reply_before_the_end_of_its_request_spoils_no_other,
    certificates_without_measure_make_no_row_without_measure;
    telling:
    an_old_reply_with_a_coding_is_a_reply,
    servers_that_take_their_time_get_no_more_than_there_is;
}
