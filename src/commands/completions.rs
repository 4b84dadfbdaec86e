//! `urlcheck completions SHELL`: a script that completes commands and flags.

use crate::cli;
use clap_complete::Shell;
use std::io::{self, Write};

/// Writes the script for a shell.
///
/// # Errors
/// Those of `out`.
pub(super) fn run(shell: Shell, out: &mut impl Write) -> io::Result<()> {
    // The generator panics when it cannot write, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "urlcheck", &mut script);
    out.write_all(&script)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap_complete::Shell::{Bash, Fish, Zsh};

    #[test]
    fn every_shell_learns_the_flags_and_verbs() {
        for shell in [Bash, Fish, Zsh] {
            let mut out = Vec::new();
            run(shell, &mut out).expect("memory takes every write");
            let script = String::from_utf8(out).expect("a script is text");
            for word in ["max-redirects", "completions", "jsonl"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }

    #[test]
    fn a_closed_pipe_is_an_error_and_no_panic() {
        let mut nowhere: &mut [u8] = &mut [];
        assert!(run(Bash, &mut nowhere).is_err());
    }
}
