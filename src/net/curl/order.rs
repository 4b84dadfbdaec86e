//! What curl shall do, as a file of its options (curl(1), `--config`).

use super::{super::reqwest_shared::message, trust::Trust};
use crate::check::Request;
use http::{HeaderName, header};
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use url::Position;

/// The name that stands for the addresses that curl may dial.
const ADDRESSES: &str = "addresses.invalid";

/// How long curl may take.
#[derive(Clone, Copy)]
pub(super) struct Times {
    /// For the connection, TLS included.
    pub(super) connect: Duration,
    /// For everything.
    pub(super) total: Duration,
}

/// The options of one request to one of `addresses`. Without `trust`, any
/// certificate will do.
pub(super) fn text(request: &Request, addresses: &[IpAddr], times: Times, trust: Option<&Trust>) -> Vec<u8> {
    let (url, headers) = message(request, true);
    let port = url.port_or_known_default().expect("http and https have default ports");
    let mut order = Order(Vec::with_capacity(1024));
    order.flags(&["silent", "verbose", "globoff", "http1.1", "tlsv1.2", "no-keepalive", "no-sessionid"]);
    order.option("proto", "=http,https");
    order.option("noproxy", "*");
    // Whatever the URL's host, a name or not, curl dials what was resolved and admitted.
    order.option("connect-to", format!("::{ADDRESSES}:{port}"));
    let listed: Vec<String> = addresses.iter().map(|address| bracketed(*address)).collect();
    order.option("resolve", format!("{ADDRESSES}:{port}:{}", listed.join(",")));
    order.option("connect-timeout", seconds(times.connect));
    order.option("max-time", seconds(times.total));
    match trust {
        None => order.flags(&["insecure"]),
        Some(trust) => {
            order.option("cacert", trust.file());
            order.option("capath", trust.folder());
        }
    }
    match url.scheme() {
        // curl takes not all of the names that there are; a server only sees this header.
        "http" => {
            order.option("url", format!("http://{ADDRESSES}:{port}/"));
            order.option("header", format!("Host: {}", &url[Position::BeforeHost..Position::AfterPort]));
        }
        _ => order.option("url", format!("{}/", &url[..Position::AfterPort])),
    }
    // curl would write some paths and queries in another way.
    order.option("request-target", &url[Position::BeforePath..Position::AfterQuery]);
    // The head alone, whatever the method: the connection is closed on a body.
    order.flags(&["head"]);
    order.option("request", request.method.as_str());
    for name in [header::ACCEPT, header::USER_AGENT].iter().filter(|name| !headers.contains_key(*name)) {
        order.option("header", format!("{}:", title_case(name)));
    }
    for (name, value) in &headers {
        // A header without a value is written with `;`, as `name:` removes one of curl's own.
        let mark = if value.is_empty() { ";" } else { ": " };
        order.option("header", [title_case(name).as_bytes(), mark.as_bytes(), value.as_bytes()].concat());
    }
    order.option("write-out", "%{stderr}\n%{json}\n");
    order.0
}

struct Order(Vec<u8>);

impl Order {
    fn flags(&mut self, names: &[&str]) {
        for name in names {
            self.0.extend([name.as_bytes(), b"\n"].concat());
        }
    }

    fn option(&mut self, name: &str, value: impl AsRef<[u8]>) {
        self.0.extend([name.as_bytes(), b" = \""].concat());
        for byte in value.as_ref() {
            match byte {
                b'"' | b'\\' => self.0.extend([b'\\', *byte]),
                b'\n' => self.0.extend(b"\\n"),
                b'\t' => self.0.extend(b"\\t"),
                _ => self.0.push(*byte),
            }
        }
        self.0.extend(b"\"\n");
    }
}

fn bracketed(address: IpAddr) -> String {
    let with_port = SocketAddr::new(address, 0).to_string();
    with_port.trim_end_matches(":0").to_owned()
}

/// curl takes parts of a second, and reads nothing as no limit at all.
fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64().max(0.001))
}

/// `user-agent` as `User-Agent`, as every other mode writes it.
fn title_case(name: &HeaderName) -> String {
    let mut starts = true;
    let cased = name.as_str().chars().map(|character| {
        let cased = if starts { character.to_ascii_uppercase() } else { character };
        starts = character == '-';
        cased
    });
    cased.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Policy;
    use http::{HeaderMap, HeaderValue, Method};
    use std::sync::Arc;
    use url::Url;

    fn order(url: &str, headers: HeaderMap) -> String {
        let timeouts = Policy::default().timeouts;
        let url = Url::parse(url).expect("a URL");
        let request = Request { method: Method::GET, url, headers: Arc::new(headers), timeouts };
        let addresses = ["127.0.0.1".parse().expect("an address"), "::1".parse().expect("an address")];
        let text =
            text(&request, &addresses, Times { connect: timeouts.connect, total: Duration::from_micros(1) }, None);
        String::from_utf8(text).expect("it is all text")
    }

    #[test]
    fn only_the_addresses_that_were_admitted_are_dialled() {
        let written = order("http://a$b.test:81/", HeaderMap::new());
        for line in ["url = \"http://addresses.invalid:81/\"", "header = \"Host: a$b.test:81\""] {
            assert!(written.lines().any(|written| written == line), "{line} in {written}");
        }
        let order = order("https://shop.test./a?b=%22", HeaderMap::new());
        for line in [
            "url = \"https://shop.test./\"",
            "request-target = \"/a?b=%22\"",
            "connect-to = \"::addresses.invalid:443\"",
            "resolve = \"addresses.invalid:443:127.0.0.1,[::1]\"",
            "max-time = \"0.001\"",
        ] {
            assert!(order.lines().any(|written| written == line), "{line} in {order}");
        }
    }

    #[test]
    fn no_value_ends_its_line_or_its_quotes() {
        let mut headers = HeaderMap::new();
        headers.insert("x-odd", HeaderValue::from_static("a\""));
        headers.insert("x-tab", HeaderValue::from_static("a\\\tb"));
        headers.insert("x-empty", HeaderValue::from_static(""));
        let order = order("http://u:p@shop.test/", headers);
        for line in [
            "header = \"X-Odd: a\\\"\"",
            "header = \"X-Tab: a\\\\\\tb\"",
            "header = \"X-Empty;\"",
            "header = \"Accept:\"",
            "header = \"Authorization: Basic dTpw\"",
        ] {
            assert!(order.lines().any(|written| written == line), "{line} in {order}");
        }
    }
}
