//! Connections that are kept for their host's next check: few, and not for long.

use super::http::Link;
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};
use url::{Origin, Url};

/// Servers close idle connections after 5 s and more (nginx 75 s, Apache 5 s).
const LONGEST_IDLE: Duration = Duration::from_secs(4);

/// The idle connections of one event loop, the longest idle first.
pub(super) struct Pool {
    idle: VecDeque<Idle>,
    most: usize,
}

struct Idle {
    origin: Origin,
    since: Instant,
    link: Box<Link>,
}

impl Pool {
    /// A pool that keeps at most this many connections in all.
    pub(super) fn new(most: usize) -> Pool {
        Pool { idle: VecDeque::new(), most }
    }

    /// A live connection to a URL's origin, the one used last if there are several.
    pub(super) fn take(&mut self, url: &Url) -> Option<Box<Link>> {
        if self.idle.is_empty() {
            return None;
        }
        self.expire();
        let origin = url.origin();
        while let Some(n) = self.idle.iter().rposition(|idle| idle.origin == origin) {
            let mut idle = self.idle.remove(n).expect("it was found there");
            if idle.link.is_alive() {
                return Some(idle.link);
            }
        }
        None
    }

    /// Keeps a connection; when there are too many, the longest idle goes.
    pub(super) fn keep(&mut self, url: &Url, link: Box<Link>) {
        self.expire();
        if self.idle.len() >= self.most {
            self.idle.pop_front();
        }
        self.idle.push_back(Idle { origin: url.origin(), since: Instant::now(), link });
    }

    /// Closes what is idle to a URL's origin: its lane has no more work.
    pub(super) fn forget(&mut self, url: &Url) {
        if !self.idle.is_empty() {
            let origin = url.origin();
            self.idle.retain(|idle| idle.origin != origin);
        }
    }

    /// Closes all that is idle.
    pub(super) fn clear(&mut self) {
        self.idle.clear();
    }

    fn expire(&mut self) {
        while self.idle.front().is_some_and(|idle| idle.since.elapsed() > LONGEST_IDLE) {
            self.idle.pop_front();
        }
    }
}
