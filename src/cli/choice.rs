//! The closed sets of words that flags and keys take, each with what it means.

use crate::plan::Mode;
use clap::{ValueEnum, builder::PossibleValue};
use serde::Deserialize;

/// The format of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowFormat {
    /// For people.
    Text,
    /// RFC 4180, with a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// The rows that the text format shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Show {
    /// Rows that are not up.
    #[default]
    Problems,
    /// Every row.
    All,
    /// Only the summary.
    None,
}

/// The order of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Each as soon as it is known.
    #[default]
    Completion,
    /// Each after those before it in the input.
    Input,
}

/// When to do something that suits a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// On a terminal.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// The format of the inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputFormat {
    /// By the name of the file, else by its beginning.
    #[default]
    Auto,
    /// A URL a line.
    Lines,
    /// A table with a header.
    Csv,
    /// A JSON object a line.
    Jsonl,
}

/// What a URL without a scheme means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// http://
    Http,
    /// https://
    #[default]
    Https,
}

/// A method that changes nothing on the server (RFC 9110 section 9.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[clap(rename_all = "UPPER")]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// The page as people get it; its body is not read.
    #[default]
    Get,
    /// Only the head; some servers answer it wrongly.
    Head,
    /// What the server allows.
    Options,
}

/// When rows are made safe against a power cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Commit {
    /// When the system sees fit.
    None,
    /// At least every second and every 1,000 rows.
    #[default]
    Interval,
    /// After every batch, before the next.
    Every,
}

/// A judgement, as rows have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The status is accepted.
    Up,
    /// Up, with a warning.
    Degraded,
    /// The site's fault.
    Down,
    /// It could not be told.
    Unknown,
    /// It was not asked.
    Skipped,
}

/// The line that a verdict must cross to make the exit code 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// Only down.
    #[default]
    Down,
    /// Also degraded.
    Degraded,
    /// Also unknown.
    Unknown,
    /// Nothing.
    Never,
}

/// The plan's own modes, each with its sentence for the help.
impl ValueEnum for Mode {
    fn value_variants<'a>() -> &'a [Mode] {
        &Mode::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()).help(self.sentence()))
    }
}
