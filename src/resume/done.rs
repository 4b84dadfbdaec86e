//! Which targets have their row already: a bit a target.
//!
//! The one thing in the program that grows with the number of targets: 125 KB
//! a million.

use std::collections::BTreeMap;

/// Bits that are kept together. One number far beyond the others, as only a
/// damaged file holds, costs no more than this.
const BITS: u64 = 4096;

const WORD: u64 = u64::BITS as u64;

/// The indexes that are done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pages: BTreeMap<u64, Box<[u64; (BITS / WORD) as usize]>>,
    number: u64,
}

impl Done {
    /// Marks an index; false when it was marked already.
    pub fn mark(&mut self, index: u64) -> bool {
        let page = self.pages.entry(index / BITS).or_insert_with(|| Box::new([0; (BITS / WORD) as usize]));
        let (word, bit) = place(index);
        let is_new = page[word] & bit == 0;
        page[word] |= bit;
        self.number += u64::from(is_new);
        is_new
    }

    /// Whether an index is marked.
    pub fn has(&self, index: u64) -> bool {
        let (word, bit) = place(index);
        self.pages.get(&(index / BITS)).is_some_and(|page| page[word] & bit != 0)
    }

    /// How many indexes are marked.
    pub fn number(&self) -> u64 {
        self.number
    }
}

fn place(index: u64) -> (usize, u64) {
    ((index % BITS / WORD) as usize, 1 << (index % WORD))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn a_million_targets_take_a_bit_each() {
        let mut done = Done::default();
        assert!((1..=1_000_000).all(|index| done.mark(index)));
        assert_eq!(done.number(), 1_000_000);
        assert_eq!(done.pages.len() as u64, 1_000_000 / BITS + 1);
        assert!(!done.mark(7) && done.has(1_000_000) && !done.has(1_000_001) && !done.has(0));
    }

    proptest! {
        #[test]
        fn what_was_marked_is_marked_and_nothing_else(
            indexes in prop::collection::vec(prop_oneof![0..9000_u64, any::<u64>()], 0..50),
            others in prop::collection::vec(prop_oneof![0..9000_u64, any::<u64>()], 0..50),
        ) {
            let (mut done, mut set) = (Done::default(), HashSet::new());
            for index in &indexes {
                prop_assert_eq!(done.mark(*index), set.insert(*index));
            }
            prop_assert_eq!(done.number(), set.len() as u64);
            for index in indexes.iter().chain(&others) {
                prop_assert_eq!(done.has(*index), set.contains(index));
            }
        }
    }
}
