//! What is remembered of hosts: how many there are, which fail most, which are
//! slowest. Each memory has a bound, and says when it had to forget.

use crate::check::Outcome;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use std::{hash::BuildHasher, time::Duration};
use url::Position;

/// Hosts are told apart up to this many.
pub(super) const MOST_DISTINCT: usize = 100_000;

/// Failing hosts that are counted at once.
const MOST_COUNTED: usize = 1024;

/// Slowest hosts that are remembered.
const SLOWEST: usize = 5;

/// The host of an outcome's target, with the port if the URL names one.
pub(super) fn host(outcome: &Outcome) -> Option<&str> {
    outcome.target.url.as_ref().ok().map(|url| &url[Position::BeforeHost..Position::AfterPort])
}

/// How many hosts there are: exact (but for a chance of one in a billion that
/// two of them hash alike) up to [`MOST_DISTINCT`].
#[derive(Default)]
pub(super) struct Distinct {
    seen: FxHashSet<u64>,
    more: bool,
}

impl Distinct {
    pub(super) fn add(&mut self, host: &str) {
        if self.more {
            return;
        }
        self.seen.insert(FxBuildHasher.hash_one(host));
        if self.seen.len() > MOST_DISTINCT {
            self.seen = FxHashSet::default();
            self.more = true;
        }
    }

    /// The number, or `None` when there are more than [`MOST_DISTINCT`].
    pub(super) fn number(&self) -> Option<usize> {
        (!self.more).then_some(self.seen.len())
    }
}

/// The hosts with the most failures, by the counting of Misra and Gries
/// (Finding repeated elements, 1982): when there is no room for another host,
/// every count loses one. Whoever fails often enough stays.
#[derive(Default)]
pub(super) struct MostFailing {
    counts: FxHashMap<Box<str>, u64>,
    lost: u64,
}

impl MostFailing {
    pub(super) fn add(&mut self, host: &str) {
        if let Some(count) = self.counts.get_mut(host) {
            *count += 1;
        } else if self.counts.len() < MOST_COUNTED {
            self.counts.insert(host.into(), 1);
        } else {
            self.lost += 1;
            self.counts.retain(|_, count| {
                *count -= 1;
                *count > 0
            });
        }
    }

    /// The hosts with the largest counts, the largest first, at most `n`.
    pub(super) fn top(&self, n: usize) -> Vec<(&str, u64)> {
        let mut hosts: Vec<_> = self.counts.iter().map(|(host, count)| (&**host, *count)).collect();
        hosts.sort_unstable_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
        hosts.truncate(n);
        hosts
    }

    /// Whether the counts are exact; else they are at least what they say.
    pub(super) fn is_exact(&self) -> bool {
        self.lost == 0
    }
}

/// The hosts whose slowest outcome took longest, the slowest first.
#[derive(Default)]
pub(super) struct Slowest(Vec<(Duration, Box<str>)>);

impl Slowest {
    pub(super) fn add(&mut self, host: &str, total: Duration) {
        if self.0.len() == SLOWEST && self.0.last().is_some_and(|(least, _)| total <= *least) {
            return;
        }
        match self.0.iter_mut().find(|(_, known)| **known == *host) {
            Some((slowest, _)) => *slowest = total.max(*slowest),
            None => {
                self.0.truncate(SLOWEST - 1);
                self.0.push((total, host.into()));
            }
        }
        self.0.sort_by_key(|(total, _)| std::cmp::Reverse(*total));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Duration)> {
        self.0.iter().map(|(total, host)| (&**host, *total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_counted_up_to_the_bound() {
        let mut hosts = Distinct::default();
        (0..MOST_DISTINCT).for_each(|n| hosts.add(&format!("host{n}.example")));
        hosts.add("host1.example");
        assert_eq!(hosts.number(), Some(MOST_DISTINCT));
        hosts.add("one.more.example");
        assert_eq!((hosts.number(), hosts.seen.capacity()), (None, 0));
    }

    #[test]
    fn the_most_failing_stay_among_many() {
        let mut failing = MostFailing::default();
        for n in 0..100_000 {
            failing.add(&format!("once{n}.example"));
            if n % 10 == 0 {
                failing.add("often.example");
            }
        }
        assert!(failing.counts.len() <= MOST_COUNTED);
        assert!(!failing.is_exact());
        let top = failing.top(1);
        assert_eq!(top[0].0, "often.example");
        assert!(top[0].1 <= 10_000 && top[0].1 + failing.lost >= 10_000, "{top:?}, lost {}", failing.lost);
    }

    #[test]
    fn few_failing_hosts_are_counted_exactly() {
        let mut failing = MostFailing::default();
        ["b", "a", "c", "a", "b"].into_iter().for_each(|host| failing.add(host));
        assert_eq!(failing.top(2), [("a", 2), ("b", 2)]);
        assert!(failing.is_exact());
    }

    #[test]
    fn the_slowest_are_hosts_not_rows() {
        let mut slowest = Slowest::default();
        for (host, millis) in [("a", 10), ("b", 70), ("c", 30), ("d", 40), ("e", 50), ("b", 20), ("f", 60), ("c", 80)] {
            slowest.add(host, Duration::from_millis(millis));
        }
        let order: Vec<_> = slowest.iter().map(|(host, total)| (host, total.as_millis())).collect();
        assert_eq!(order, [("c", 80), ("b", 70), ("f", 60), ("e", 50), ("d", 40)]);
    }
}
