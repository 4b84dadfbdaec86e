//! The newcomer's list: URLs of a town's web, nine of ten in good health and
//! the tenth in every kind of trouble. The same list each time; only the ports
//! differ.

/// The URLs of the list, made one at a time.
#[derive(Clone, Debug)]
pub struct DemoUrls {
    pub(super) http: u16,
    pub(super) tls: u16,
    pub(super) refused: u16,
    pub(super) next: usize,
    pub(super) end: usize,
}

/// One URL in so many is in trouble.
const TROUBLE_EVERY: usize = 10;
/// URLs of the same host, on average.
const URLS_A_HOST: usize = 3;

const KINDS: [&str; 12] =
    ["shop", "blog", "docs", "news", "forum", "wiki", "museum", "library", "bakery", "cinema", "school", "harbour"];
/// Few domains with many hosts each: hosts of one domain share a certificate.
const DOMAINS: [&str; 8] = [
    "oldtown.example",
    "riverside.test",
    "hilltop.example",
    "market.test",
    "garden.example",
    "station.test",
    "island.example",
    "valley.test",
];
const PAGES: [&str; 10] = [
    "",
    "about",
    "contact",
    "opening-hours",
    "events/2024",
    "articles/tides",
    "products/lamp",
    "photos/bridge",
    "jobs",
    "search?q=boats",
];
/// The sixteenths of a log-normal distribution with a median of 26 ms.
const DELAYS_MS: [u32; 16] = [5, 8, 10, 13, 15, 18, 21, 24, 28, 32, 37, 43, 52, 65, 88, 120];

/// Where the trouble is: in a path of an ordinary host, in a name over TLS, or
/// in a name or port.
#[derive(Clone, Copy)]
enum Trouble {
    Path(&'static str),
    Tls(&'static str),
    Name(&'static str),
    Invalid,
    Refused,
}

/// In the order in which they come; what is more common in the world comes
/// more often. None waits for a time-out.
const TROUBLES: [Trouble; 34] = [
    Trouble::Path("status/404/old-page"),
    Trouble::Tls("expired"),
    Trouble::Path("status/500/cart"),
    Trouble::Invalid,
    Trouble::Path("status/404/moved-away"),
    Trouble::Path("redirect/2/campaign"),
    Trouble::Path("status/403/members"),
    Trouble::Refused,
    Trouble::Path("flaky/1/503/checkout"),
    Trouble::Path("status/404/summer-sale"),
    Trouble::Path("loop/2"),
    Trouble::Tls("wrong"),
    Trouble::Path("throttle/1/feed?retry-after=1"),
    Trouble::Path("status/410/archive"),
    Trouble::Path("reset/upload"),
    Trouble::Path("status/404/team"),
    Trouble::Tls("selfsigned"),
    Trouble::Path("redirect/1/new-home"),
    Trouble::Path("status/503/maintenance"),
    Trouble::Path("garbage/legacy"),
    Trouble::Name("nxdomain"),
    Trouble::Path("status/404/map"),
    Trouble::Tls("untrusted"),
    Trouble::Path("redirect/12/endless-moves"),
    Trouble::Path("status/401/account"),
    Trouble::Path("location-raw/ftp:%2f%2ffiles.market.test%2f"),
    Trouble::Path("flaky/1/reset/gallery"),
    Trouble::Tls("expiring"),
    Trouble::Path("status/404/press"),
    Trouble::Path("short-body/video"),
    Trouble::Tls("notyet"),
    Trouble::Name("servfail"),
    Trouble::Path("head-size/102400/cookies"),
    Trouble::Tls("tls-alert"),
];

impl Iterator for DemoUrls {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.next == self.end {
            return None;
        }
        let index = self.next;
        self.next += 1;
        // Half-way between the tens, so that even a list of ten has some trouble.
        Some(match index % TROUBLE_EVERY {
            5 => self.trouble(index),
            _ => self.healthy(index),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.end - self.next, Some(self.end - self.next))
    }
}

impl ExactSizeIterator for DemoUrls {}

impl DemoUrls {
    fn healthy(&self, index: usize) -> String {
        let hash = scatter(index);
        let delay = DELAYS_MS[hash % DELAYS_MS.len()];
        let page = PAGES[hash / DELAYS_MS.len() % PAGES.len()];
        format!("{}/delay/{delay}/{page}", self.host(index))
    }

    fn trouble(&self, index: usize) -> String {
        let number = index / TROUBLE_EVERY;
        let domain = DOMAINS[number % DOMAINS.len()];
        match TROUBLES[number % TROUBLES.len()] {
            Trouble::Path(path) => format!("{}/{path}", self.host(index)),
            Trouble::Tls(word) => format!("https://{word}-{number}.{domain}:{}/", self.tls),
            Trouble::Name(word) => format!("http://{word}-{number}.{domain}:{}/", self.http),
            Trouble::Invalid => format!("http://closed-shop-{number}.invalid:{}/", self.http),
            Trouble::Refused => format!("http://moved-out-{number}.{domain}:{}/", self.refused),
        }
    }

    /// Two hosts of three speak HTTPS.
    fn host(&self, index: usize) -> String {
        let hosts = (self.end / URLS_A_HOST).max(1);
        let number = scatter(index) / 7 % hosts;
        let kind = KINDS[number % KINDS.len()];
        let domain = DOMAINS[number / KINDS.len() % DOMAINS.len()];
        let (scheme, port) = if number % 3 == 1 { ("http", self.http) } else { ("https", self.tls) };
        format!("{scheme}://{kind}-{number}.{domain}:{port}")
    }
}

/// A number without any order to it, the same for the same index (the
/// finalizer of SplitMix64).
fn scatter(index: usize) -> usize {
    let mut bits = (index as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits ^ (bits >> 31)) >> 33) as usize
}

#[cfg(test)]
mod tests {
    use super::{
        super::{dns, script},
        *,
    };
    use std::collections::HashSet;

    fn list(end: usize) -> Vec<String> {
        DemoUrls { http: 1, tls: 2, refused: 3, next: 0, end }.collect()
    }

    fn host(url: &str) -> &str {
        url.split('/').nth(2).and_then(|authority| authority.split(':').next()).expect("a host")
    }

    #[test]
    fn the_list_is_the_same_each_time() {
        assert_eq!(list(1000), list(1000));
        assert_eq!(list(1000).len(), 1000);
        assert!(list(0).is_empty());
    }

    #[test]
    fn a_tenth_is_in_trouble_on_a_third_as_many_hosts() {
        let urls = list(1000);
        let healthy = urls.iter().filter(|url| url.contains("/delay/")).count();
        assert_eq!(healthy, 900);
        let hosts: HashSet<&str> = urls.iter().map(|url| host(url)).collect();
        assert!((250..450).contains(&hosts.len()), "{} hosts", hosts.len());
        assert!(list(10).iter().any(|url| url.contains("/status/404/")));
    }

    #[test]
    fn every_url_is_a_script_on_a_reserved_name() {
        for text in list(2000) {
            let url = url::Url::parse(&text).expect(&text);
            assert_eq!(url.as_str(), text);
            let domain = host(&text).rsplit('.').next();
            assert!(matches!(domain, Some("test" | "example" | "invalid")), "{text}");
            let script = script::Script::parse(url.path(), url.query().unwrap_or_default());
            assert!(!matches!(script, script::Script::Mistake(_)), "{text}: {script:?}");
            if text.contains("/delay/") {
                assert!(dns::is_plain(host(&text)), "{text}");
            }
        }
    }
}
