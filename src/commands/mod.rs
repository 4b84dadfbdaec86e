//! One file for each verb, and what all verbs need.

pub mod check;
pub mod compare;
mod completions;
pub mod demo;
mod explain_modes;
mod log;
mod man;
mod mode_facts;
mod outputs;
mod practice_site;
mod row_output;
mod session;
mod signals;
pub mod worker;

use crate::{
    cli::{self, Cli, Command, Options, When},
    exit::Exit,
    plan::Mode,
    settings::{self, Settings},
};
use anyhow::Context;
use std::{
    env,
    error::Error,
    io::{self, IsTerminal},
    path::Path,
};

/// Runs the verb of a command line.
///
/// # Errors
/// The run could not be made or finished; [`Exit::Failed`] is its exit code,
/// unless [`is_closed_pipe`].
pub fn run(cli: Cli) -> anyhow::Result<Exit> {
    match cli.command {
        None => {
            let inputs = inputs(cli.inputs, io::stdin().is_terminal())?;
            check::run(&inputs, settings(cli.options)?)
        }
        Some(Command::Demo { urls, options }) => demo::run(urls.get(), settings(*options)?),
        Some(Command::Worker { verbose, color }) => worker::run(verbose, color),
        Some(Command::Compare(verb)) => compare::run(*verb),
        Some(Command::ExplainModes) => {
            explain_modes::run(&mut io::stdout().lock()).context("cannot write the table")?;
            Ok(Exit::Fine)
        }
        Some(Command::PracticeSite { urls, plain }) => {
            practice_site::run(urls.get(), plain, io::stdin().lock(), &mut io::stdout().lock())?;
            Ok(Exit::Fine)
        }
        Some(Command::Completions { shell }) => {
            completions::run(shell, &mut io::stdout().lock()).context("cannot write the script")?;
            Ok(Exit::Fine)
        }
        Some(Command::Man { command }) => {
            man::run(command.as_deref(), &mut io::stdout().lock()).context("cannot write the manual page")?;
            Ok(Exit::Fine)
        }
    }
}

/// How a command line ends that only asked for help, or was wrong. Help that
/// nobody could read is a failure, unless its reader had enough.
pub fn answered(wrong: bool, printed: io::Result<()>) -> Exit {
    match printed {
        _ if wrong => Exit::Failed,
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Exit::Failed,
        _ => Exit::Fine,
    }
}

/// Whether a command ended only because the reader of its standard output
/// went away, as `head` does: a clean stop.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let broken = |cause: &(dyn Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    error.chain().any(broken)
}

/// Whether a stream gets colour. `NO_COLOR` (<https://no-color.org>) and a
/// terminal that knows none turn it off, unless it was asked for.
pub fn is_coloured(color: When, is_terminal: bool) -> bool {
    match color {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            is_terminal && !refused && env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// What was asked for, with the working directory's settings; from here on
/// the log goes where and as far as they say.
fn settings(options: Options) -> anyhow::Result<Settings> {
    let mut settings = Settings::resolve(options, Path::new(""))?;
    log::begin(settings.output.verbose, is_coloured(settings.output.color, io::stderr().is_terminal()));
    let variables = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for sentence in settings::unknown_variables(variables) {
        tracing::warn!("{sentence}");
    }
    if settings.plan.mode == Mode::Processes {
        settings.plan.worker = Some(worker::of_this_program(settings.output.verbose, settings.output.color)?);
    }
    Ok(settings)
}

/// The inputs as given; without any, standard input, if something is there.
fn inputs(given: Vec<String>, stdin_is_terminal: bool) -> anyhow::Result<Vec<String>> {
    if let Some(first) = given.first() {
        anyhow::ensure!(
            !cli::is_verb(first),
            "{first} is a command, and its options come after it: urlcheck {first} [OPTIONS] \
             (a file of that name: ./{first})"
        );
        return Ok(given);
    }
    anyhow::ensure!(
        !stdin_is_terminal,
        "nothing to check; give a file, a URL, or - for standard input (urlcheck --help says more)"
    );
    Ok(vec!["-".to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_inputs_standard_input_is_read_unless_it_is_a_terminal() {
        assert_eq!(inputs(vec!["a".to_owned()], true).expect("an input"), ["a"]);
        assert_eq!(inputs(Vec::new(), false).expect("standard input"), ["-"]);
        let error = inputs(Vec::new(), true).expect_err("nobody typed a list");
        let sentence = "nothing to check; give a file, a URL, or - for standard input (urlcheck --help says more)";
        assert_eq!(error.to_string(), sentence);
    }

    #[test]
    fn a_closed_pipe_is_known_under_any_context() {
        let error = |kind: io::ErrorKind| anyhow::Error::from(io::Error::from(kind)).context("cannot write the rows");
        assert!(is_closed_pipe(&error(io::ErrorKind::BrokenPipe)));
        assert!(!is_closed_pipe(&error(io::ErrorKind::StorageFull)));
    }

    #[test]
    fn colour_that_is_asked_for_needs_no_terminal() {
        assert!(is_coloured(When::Always, false));
        assert!(!is_coloured(When::Never, true));
        assert!(!is_coloured(When::Auto, false));
    }
}
