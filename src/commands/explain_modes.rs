//! `urlcheck explain-modes`: which way to run what, and why. It claims no figure
//! of its own: it names the command that measures on the reader's machine.

use super::mode_facts;
use crate::plan::Mode;
use std::io::{self, Write};

/// Columns of the text.
const WIDTH: usize = 80;

/// The talk's three questions.
const QUESTIONS: &str = "\
The talk's three questions

1000 URLs: what is the obvious way?
  async. The work is waiting, and an event loop waits for a thousand replies with
  one thread a core. `urlcheck compare` shows it for 1,000 URLs of a practice site,
  `urlcheck compare urls.txt` for yours, and either ends with a recommendation.

A test suite: tests that compute, block, crash and hang?
  Processes. Tests use the CPU, share what they should not, and some never end: only
  a process can be given a core, its own memory, and an end from outside. Threads
  and loops share the fate of the worst test. (Rust's own `cargo test` takes threads
  and pays for it: one test that aborts takes the others along.)

Millions of jobs on a queue?
  A pool of workers that take jobs from a queue outside of them, each worker an event
  loop when jobs wait, a process a core when they compute. Whatever the worker, a job
  must be safe to do twice, and the number of jobs in flight bounded. One machine
  goes far before that: `urlcheck` reads a list of any length in bounded memory
  (`--look-ahead`), and goes on after a crash (`--resume`).";

const MEASURE: &str = "\
Measure it
  urlcheck compare                           every mode, 1,000 URLs of a practice site
  urlcheck compare urls.txt --modes async,threads -c 64
  urlcheck compare --sweep                   where each mode stops to gain from more
  urlcheck compare --with-python             beside threading, multiprocessing, ...";

/// Writes the table.
///
/// # Errors
/// Those of `out`.
pub(super) fn run(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Who waits for the replies: the ways to run, each a --mode\n")?;
    writeln!(out, "  pick        if")?;
    for mode in Mode::ALL {
        write_wrapped(out, &format!("  {mode:<12}"), mode_facts::of(mode).when)?;
    }
    for mode in Mode::ALL {
        let facts = mode_facts::of(mode);
        writeln!(out)?;
        write_wrapped(out, &format!("{mode:<14}"), facts.paradigm)?;
        write_wrapped(out, "  good for    ", facts.good_for)?;
        write_wrapped(out, "  costs       ", facts.costs)?;
        write_wrapped(out, "  traps       ", facts.traps)?;
    }
    writeln!(out, "\nEvery mode gives the same rows; only the waiting differs.\n")?;
    writeln!(out, "{QUESTIONS}\n\n{MEASURE}")?;
    out.flush()
}

/// A head, and beside it a text broken between words.
fn write_wrapped(out: &mut impl Write, head: &str, text: &str) -> io::Result<()> {
    let mut line = head.to_owned();
    let mut is_empty = true;
    for word in text.split_whitespace() {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{line}")?;
            line = " ".repeat(head.chars().count());
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    writeln!(out, "{line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_is_told_of_within_a_terminals_width() {
        let mut out = Vec::new();
        run(&mut out).expect("a vector takes all");
        let text = String::from_utf8(out).expect("text");
        for mode in Mode::ALL {
            let head = format!("\n{mode:<14}");
            let told = text.split_once(&head).unwrap_or_else(|| panic!("{mode} in {text}")).1;
            let parts = ["\n  good for ", "\n  costs ", "\n  traps "].map(|part| told.find(part));
            assert!(parts.is_sorted() && parts[0].is_some(), "{mode}: {parts:?}");
        }
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= 90), "{widest:?}");
    }
}
