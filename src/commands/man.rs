//! `urlcheck man`: the manual page, made from the same text as `--help`.

use crate::cli;
use clap_mangen::Man;
use std::io::{self, Write};

/// Writes the manual page.
///
/// # Errors
/// Those of `out`.
pub(super) fn run(out: &mut impl Write) -> io::Result<()> {
    let mut page = Vec::new();
    Man::new(cli::command()).render(&mut page)?;
    out.write_all(&page)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_flags_examples_and_exit_codes() {
        let mut out = Vec::new();
        run(&mut out).expect("memory takes every write");
        let page = String::from_utf8(out).expect("a page is text");
        for part in [".TH urlcheck 1", "max\\-redirects", "Examples:", "Exit codes:"] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }
}
