//! The targets that a worker process has and owes an outcome for.

use crate::check::Target;
use rustc_hash::FxHashMap;

/// Targets by their index, which is one target's own in every list that this
/// program reads, but need not be in the targets of another.
#[derive(Default)]
pub(super) struct Unfinished(FxHashMap<u64, Vec<Target>>);

impl Unfinished {
    pub(super) fn add(&mut self, target: Target) {
        self.0.entry(target.index).or_default().push(target);
    }

    /// Takes a target out; false when it is not there.
    pub(super) fn remove(&mut self, target: &Target) -> bool {
        let Some(same_index) = self.0.get_mut(&target.index) else { return false };
        let Some(at) = same_index.iter().position(|held| held == target) else { return false };
        same_index.swap_remove(at);
        if same_index.is_empty() {
            self.0.remove(&target.index);
        }
        true
    }

    /// All of them, in the order of their indices. None is left.
    pub(super) fn take(&mut self) -> Vec<Target> {
        let mut targets: Vec<Target> = std::mem::take(&mut self.0).into_values().flatten().collect();
        targets.sort_by_key(|target| target.index);
        targets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Scheme;

    #[test]
    fn targets_of_one_index_are_told_apart() {
        let target = |host: &str| Target::parse(7, host, Scheme::Https);
        let mut unfinished = Unfinished::default();
        for host in ["a.test", "b.test", "b.test", "c.test"] {
            unfinished.add(target(host));
        }
        assert!(unfinished.remove(&target("b.test")) && unfinished.remove(&target("a.test")));
        assert!(
            !unfinished.remove(&target("a.test")) && !unfinished.remove(&Target::parse(8, "b.test", Scheme::Https))
        );
        assert_eq!(unfinished.take(), [target("b.test"), target("c.test")]);
        assert!(unfinished.take().is_empty());
    }
}
