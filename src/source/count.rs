//! How many targets there will be, for a progress bar's total.

use super::{Input, Options, rows::Rows};

/// The number of targets that a [`Source`](super::Source) of these inputs
/// will give. Reads every input from beginning to end, but no URL. `None` when
/// it cannot be told: a pipe would be empty afterwards, and what is wrong with
/// an input is the source's to say, after the rows before it.
pub fn count(inputs: &[Input], options: &Options) -> Option<u64> {
    if !inputs.iter().all(Input::is_rereadable) {
        return None;
    }
    let mut n_targets = 0;
    for input in inputs {
        let mut rows = Rows::open(input, options).ok()?;
        while rows.advance().ok()? {
            n_targets += 1;
        }
    }
    Some(n_targets)
}
