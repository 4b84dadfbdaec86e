//! What the practice site saw: how often each URL, host and name was asked for,
//! and how much of it at once. Bounded: what is new once a book is full is
//! served as ever but not counted.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

/// What the whole site saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SiteLoad {
    /// Connections accepted, the TLS ones included.
    pub connections: u64,
    /// Connections open now.
    pub open_connections: u64,
    /// The most connections that were ever open at once.
    pub most_connections: u64,
    /// Requests begun.
    pub requests: u64,
}

/// What one host of the site, as named by `Host`, saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostLoad {
    /// Requests begun.
    pub requests: u64,
    /// Requests not yet answered. One whose client went away is open until the
    /// site notices.
    pub open: u64,
    /// The most requests that were ever open at once. A request ends just
    /// before its reply is sent, so this never counts more than the client had.
    pub most_at_once: u64,
    /// When the first 256 requests began.
    pub starts: Vec<Instant>,
}

const MOST_STARTS: usize = 256;
/// URLs whose script remembers how often it was asked.
const MOST_TRIES: usize = 100_000;

/// All counters of a site, shared by its threads.
#[derive(Debug)]
pub(super) struct Counts {
    /// The most URLs, hosts and names counted, each.
    most: usize,
    connections: AtomicU64,
    open_connections: AtomicU64,
    most_connections: AtomicU64,
    requests: AtomicU64,
    books: Mutex<Books>,
}

#[derive(Debug, Default)]
struct Books {
    urls: HashMap<Box<str>, u64>,
    hosts: HashMap<Box<str>, HostLoad>,
    names: HashMap<Box<str>, u64>,
    tries: HashMap<Box<str>, u64>,
}

/// An open connection, until it is dropped.
pub(super) struct OpenConnection(Arc<Counts>);

/// A request that was not yet answered, until it is dropped.
pub(super) struct OpenRequest {
    counts: Arc<Counts>,
    host: Box<str>,
}

impl Counts {
    pub(super) fn new(most: usize) -> Counts {
        Counts {
            most,
            connections: AtomicU64::new(0),
            open_connections: AtomicU64::new(0),
            most_connections: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            books: Mutex::default(),
        }
    }

    pub(super) fn open_connection(self: &Arc<Counts>) -> OpenConnection {
        self.connections.fetch_add(1, Relaxed);
        let open = self.open_connections.fetch_add(1, Relaxed) + 1;
        self.most_connections.fetch_max(open, Relaxed);
        OpenConnection(self.clone())
    }

    /// A request of `host` (with its port) for `path` (with its query) begins.
    pub(super) fn open_request(self: &Arc<Counts>, host: &str, path: &str) -> OpenRequest {
        self.requests.fetch_add(1, Relaxed);
        let mut books = self.books();
        if let Some(asked) = entry(&mut books.urls, &format!("{host}{path}"), self.most) {
            *asked += 1;
        }
        if let Some(load) = entry(&mut books.hosts, host, self.most) {
            load.requests += 1;
            load.open += 1;
            load.most_at_once = load.most_at_once.max(load.open);
            if load.starts.len() < MOST_STARTS {
                load.starts.push(Instant::now());
            }
        }
        drop(books);
        OpenRequest { counts: self.clone(), host: host.into() }
    }

    /// Which try of a URL this is, from 1, for the scripts that end well after
    /// some; the last of all when too many URLs have such a script.
    pub(super) fn next_try(&self, host: &str, path: &str) -> u64 {
        match entry(&mut self.books().tries, &format!("{host}{path}"), MOST_TRIES) {
            Some(tries) => {
                *tries += 1;
                *tries
            }
            None => u64::MAX,
        }
    }

    /// From here on every URL's next try is its first.
    pub(super) fn forget(&self) {
        self.books().tries.clear();
    }

    /// A name was looked up.
    pub(super) fn lookup(&self, name: &str) {
        if let Some(asked) = entry(&mut self.books().names, name, self.most) {
            *asked += 1;
        }
    }

    pub(super) fn load(&self) -> SiteLoad {
        SiteLoad {
            connections: self.connections.load(Relaxed),
            open_connections: self.open_connections.load(Relaxed),
            most_connections: self.most_connections.load(Relaxed),
            requests: self.requests.load(Relaxed),
        }
    }

    pub(super) fn host(&self, host: &str) -> HostLoad {
        self.books().hosts.get(host).cloned().unwrap_or_default()
    }

    /// How often a URL without its scheme was asked.
    pub(super) fn url(&self, url: &str) -> u64 {
        self.books().urls.get(url).copied().unwrap_or_default()
    }

    pub(super) fn name(&self, name: &str) -> u64 {
        self.books().names.get(name).copied().unwrap_or_default()
    }

    /// A thread that panicked while counting leaves a count short, no more.
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.open_connections.fetch_sub(1, Relaxed);
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        if let Some(load) = self.counts.books().hosts.get_mut(&self.host) {
            // A request that began while the book was full was not counted in.
            load.open = load.open.saturating_sub(1);
        }
    }
}

/// The entry of a key, new unless the book already holds `most`.
fn entry<'a, V: Default>(book: &'a mut HashMap<Box<str>, V>, key: &str, most: usize) -> Option<&'a mut V> {
    if !book.contains_key(key) {
        if book.len() >= most {
            return None;
        }
        book.insert(key.into(), V::default());
    }
    book.get_mut(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_at_once_are_counted_by_host() {
        let counts = Arc::new(Counts::new(10));
        let first = counts.open_request("a.test:80", "/1");
        let second = counts.open_request("a.test:80", "/1");
        drop(first);
        let third = counts.open_request("a.test:80", "/2");
        let other = counts.open_request("b.test:80", "/1");
        assert_eq!(counts.url("a.test:80/1"), 2);
        let load = counts.host("a.test:80");
        assert_eq!((load.requests, load.open, load.most_at_once, load.starts.len()), (3, 2, 2, 3));
        drop((second, third, other));
        assert_eq!(counts.host("a.test:80").open, 0);
        assert_eq!(counts.load().requests, 4);
    }

    #[test]
    fn a_full_book_takes_nothing_new() {
        let counts = Arc::new(Counts::new(2));
        for (host, name) in [("a", "n1"), ("b", "n2"), ("c", "n3"), ("a", "n1")] {
            counts.open_request(host, "/");
            counts.lookup(name);
        }
        assert_eq!([counts.url("a/"), counts.url("b/"), counts.url("c/")], [2, 1, 0]);
        assert_eq!([counts.name("n1"), counts.name("n2"), counts.name("n3")], [2, 1, 0]);
        assert_eq!(counts.host("c"), HostLoad::default());
        assert_eq!(counts.load().requests, 4);
    }

    #[test]
    fn tries_count_from_one_for_each_url() {
        let counts = Counts::new(0);
        let tries: Vec<u64> = ["/a", "/a", "/b", "/a"].into_iter().map(|path| counts.next_try("h", path)).collect();
        assert_eq!(tries, [1, 2, 1, 3]);
        counts.forget();
        assert_eq!(counts.next_try("h", "/a"), 1);
    }
}
