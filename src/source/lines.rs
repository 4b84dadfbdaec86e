//! One URL a line. Blank lines and those that begin with # are no targets.

use super::{SourceError, bounded_lines::BoundedLines, open::Bytes, text};
use crate::check::{Scheme, Target, UNSUPPORTED_LENGTH};

/// The lines of an input.
pub(super) struct Lines(BoundedLines);

impl Lines {
    pub(super) fn new(name: String, bytes: Bytes) -> Lines {
        Lines(BoundedLines::new(name, bytes, UNSUPPORTED_LENGTH))
    }

    /// Goes on to the next line that is a target; false at the end.
    pub(super) fn advance(&mut self) -> Result<bool, SourceError> {
        while self.0.advance()? {
            let line = self.0.line().trim_ascii_start();
            // A line that is too long is not known to be blank.
            if !line.starts_with(b"#") && (!line.is_empty() || self.0.was_cut()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The target of the line.
    pub(super) fn target(&self, index: u64, default_scheme: Scheme) -> Target {
        text::target(index, self.0.line(), self.0.was_cut(), default_scheme)
    }
}
