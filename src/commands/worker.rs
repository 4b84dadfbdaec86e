//! `urlcheck worker`: a process of mode `processes`. Not meant for people.

use super::{is_coloured, log};
use crate::{
    cli::When,
    engine::{self, End},
    exit::Exit,
    plan::Worker,
};
use anyhow::Context;
use std::io::{self, IsTerminal};

/// Does what the lines of standard input say, and tells of it on standard output.
///
/// # Errors
/// Standard input is not what a run writes to its worker processes.
pub fn run(verbose: u8, color: When) -> anyhow::Result<Exit> {
    log::begin(verbose, is_coloured(color, io::stderr().is_terminal()));
    ignore_signals()?;
    match engine::work(io::stdin().lock(), io::stdout())? {
        End::Done => Ok(Exit::Fine),
        End::Alone => Ok(Exit::Failed),
    }
}

/// This program as the worker of a run, with the log of the run.
pub(super) fn of_this_program(verbose: u8, color: When) -> anyhow::Result<Worker> {
    let program =
        std::env::current_exe().context("the path of this program is not known, so it cannot be its own worker")?;
    let color = match color {
        When::Auto => "auto",
        When::Always => "always",
        When::Never => "never",
    };
    Ok(Worker { program, arguments: vec!["worker".to_owned(), verbose.to_string(), color.to_owned()] })
}

/// A signal to all processes at once, as a service manager sends it, is the
/// run's to heed: it lets what is on the wire end, which is in here.
#[cfg(unix)]
fn ignore_signals() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _inside = runtime.enter();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        // From the first listener on the signal does nothing else, for good.
        drop(signal(kind)?);
    }
    Ok(())
}

#[cfg(not(unix))]
fn ignore_signals() -> io::Result<()> {
    Ok(())
}
