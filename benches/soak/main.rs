//! `cargo bench --bench soak`: millions of targets through the release program,
//! and whether anything grows with them. Needs Linux, for its `/proc`.
//!
//! The number of targets is an argument or `URLCHECK_SOAK_TARGETS`.

#[path = "mod.rs"]
mod soak;

use anyhow::{Context, Result, bail};
use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

/// What a night brings, in ten minutes on two cores that have other work, too.
const TARGETS: u64 = 5_000_000;

fn main() -> ExitCode {
    let ran = n_targets().and_then(|n_targets| soak::soak(n_targets, &mut io::stdout()));
    match ran {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            let _unread = writeln!(io::stderr(), "soak: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn n_targets() -> Result<u64> {
    // cargo adds --bench to what the user gave.
    let argument = env::args().skip(1).find(|argument| argument != "--bench");
    let Some(text) = argument.or_else(|| env::var("URLCHECK_SOAK_TARGETS").ok()) else { return Ok(TARGETS) };
    match text.replace('_', "").parse().with_context(|| format!("{text} is no number of targets"))? {
        0 => bail!("0 targets tell nothing; give at least 1"),
        n_targets => Ok(n_targets),
    }
}
