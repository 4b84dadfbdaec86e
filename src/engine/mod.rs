//! WHO waits: x

mod run;

pub use run::{Moved, Run, Sent, Todo};

use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};
use url::Url;

/// Which part of the hosts an event loop owns: those whose name hashes to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// This part, from 0.
    pub index: usize,
    /// Parts in all.
    pub of: usize,
}

impl Shard {
    /// The only part there is.
    pub const WHOLE: Shard = Shard { index: 0, of: 1 };

    /// Whether a URL's host belongs here.
    pub fn owns(self, url: &Url) -> bool {
        self.of == 1 || Shard::index_of(url, self.of) == self.index
    }

    /// The part that a URL's host belongs to. Ports do not count, so that a
    /// name is resolved in one place.
    pub fn index_of(url: &Url, of: usize) -> usize {
        let mut hasher = FxHasher::default();
        url.host_str().hash(&mut hasher);
        // The high bits of this hash are its good ones.
        (hasher.finish() >> 32) as usize % of
    }
}
