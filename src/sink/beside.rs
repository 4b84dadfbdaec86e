//! Output to a terminal that also shows the progress bar.

use super::Bar;
use std::io::{self, Write};

/// Takes the bar away while it writes, and puts it back below what was written.
/// Wrapped in a `LineWriter` by [`Bar::beside`], so that the bar never stands
/// behind half a line.
#[derive(Debug)]
pub struct Beside<W> {
    bar: Bar,
    out: W,
}

impl<W: Write> Beside<W> {
    pub(super) fn new(bar: Bar, out: W) -> Beside<W> {
        Beside { bar, out }
    }
}

impl<W: Write> Write for Beside<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bar.without(|| self.out.write_all(bytes).and_then(|()| self.out.flush()))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
