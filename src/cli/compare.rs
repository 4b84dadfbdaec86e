//! What `urlcheck compare` can be told, beside the options of the default verb.

use super::{Mode, Options, Whole, help::COMPARE};
use clap::{ArgMatches, Args, parser::ValueSource};
use std::{ffi::OsString, path::PathBuf};

/// The options of the default verb, by the names of their fields, that make no
/// sense when many runs are compared: their rows are nobody's to read.
pub const REFUSED: &[&str] = &[
    "output",
    "format",
    "show",
    "fail_on",
    "resume",
    "resume_unknown",
    "recheck",
    "force",
    "sync",
    "summary",
    "progress",
    "mode",
];

/// `urlcheck compare`.
#[derive(Args, Clone, Debug)]
pub struct Compare {
    /// Files of URLs (.gz too), - for standard input, or URLs; without, a practice site
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<String>,
    /// Only these modes, such as async,threads
    #[arg(long, value_name = "MODES", value_delimiter = ',', help_heading = COMPARE)]
    pub modes: Option<Vec<Mode>>,
    /// How often each of them runs, after a warm-up [default: 3; with --sweep 1]
    #[arg(long, value_name = "N", help_heading = COMPARE)]
    pub rounds: Option<Whole<1>>,
    /// Run with 1, 4, 16, 64, 256 and 1024 requests at once: where does it stop to help?
    #[arg(long, help_heading = COMPARE)]
    pub sweep: bool,
    /// Compare with the same job in Python, too (python3 and some packages)
    #[arg(long, help_heading = COMPARE)]
    pub with_python: bool,
    /// Write all figures to this file, as JSON
    #[arg(long, value_name = "FILE", help_heading = COMPARE)]
    pub json: Option<PathBuf>,
    /// Write tables and charts to this file, as a page for browsers
    #[arg(long, value_name = "FILE", help_heading = COMPARE)]
    pub html: Option<PathBuf>,
    /// The options of the default verb.
    #[command(flatten)]
    pub options: Options,
    /// Those that stand on the command line, to be repeated for each run.
    #[arg(skip)]
    pub given: Vec<Given>,
}

/// An option of the default verb as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The name of its field.
    pub name: String,
    /// It as one argument, such as `--timeout=5s`.
    pub argument: OsString,
}

impl Given {
    /// An option, as if it had been given.
    pub fn new(name: &str, value: impl Into<OsString>) -> Given {
        let mut argument = OsString::from(format!("--{}=", name.replace('_', "-")));
        argument.push(value.into());
        Given { name: name.to_owned(), argument }
    }
}

/// The options of these names that stand on the command line. What comes from
/// the environment or a file comes from there to each run by itself.
pub(super) fn given(matches: &ArgMatches, names: &[String]) -> Vec<Given> {
    let is_given = |name: &&String| *name != "verbose" && matches.value_source(name) == Some(ValueSource::CommandLine);
    let values = |name: &String| {
        let name = name.clone();
        let values = matches.get_raw(&name).into_iter().flatten();
        values.map(|value| Given::new(&name, value)).collect::<Vec<_>>()
    };
    names.iter().filter(is_given).flat_map(values).collect()
}

#[cfg(test)]
mod tests {
    use crate::cli::{Command, parse};

    #[test]
    fn what_was_given_can_be_given_again() {
        let line = ["urlcheck", "compare", "a", "-c9", "--insecure", "-HA: b", "-H", "C: d", "--rounds", "2", "-v"];
        let cli = parse(line.map(Into::into)).expect("a command line");
        let Some(Command::Compare(verb)) = cli.command else { panic!("another verb") };
        let again: Vec<String> =
            verb.given.iter().map(|given| given.argument.to_str().expect("text").to_owned()).collect();
        assert_eq!(again, ["--concurrency=9", "--header=A: b", "--header=C: d", "--insecure=true"]);
    }
}
