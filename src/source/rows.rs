//! One input, open: rows of whichever format.

use super::{
    Format, Input, Options, SourceError,
    csv::Csv,
    format,
    jsonl::Jsonl,
    lines::Lines,
    open::{open_file, text_of},
};
use crate::check::{Scheme, Target};
use std::io::{self, Read};

/// The rows of an input, read one by one: [`advance`](Rows::advance), then
/// [`target`](Rows::target), or not when only their number matters.
pub(super) enum Rows {
    /// A URL that is its own input.
    One { url: String, done: bool },
    /// See [`Format::Lines`].
    Lines(Lines),
    /// See [`Format::Csv`].
    Csv(Csv),
    /// See [`Format::Jsonl`].
    Jsonl(Jsonl),
}

impl Rows {
    /// Opens an input as far as its first target.
    pub(super) fn open(input: &Input, options: &Options) -> Result<Rows, SourceError> {
        let name = input.to_string();
        match input {
            Input::Url(url) => Ok(Rows::One { url: url.clone(), done: false }),
            Input::Stdin => Rows::read(name, io::stdin(), options),
            Input::File(path) => Rows::read(name, open_file(path)?, options),
        }
    }

    /// Reads rows from bytes; the name's ending may tell their format.
    pub(super) fn read(
        name: String,
        reader: impl Read + Send + 'static,
        options: &Options,
    ) -> Result<Rows, SourceError> {
        let wanted = options.url_column.as_deref();
        let (first_line, bytes) = format::first_line(&name, text_of(&name, reader)?)?;
        let format = options.format.settle(&name, &first_line, wanted);
        tracing::debug!(input = name, ?format, "opened");
        Ok(match format {
            Format::Lines | Format::Auto => Rows::Lines(Lines::new(name, bytes)),
            Format::Csv => Rows::Csv(Csv::open(name, bytes, &first_line, wanted, options.reserved_columns)?),
            Format::Jsonl => Rows::Jsonl(Jsonl::open(name, bytes, wanted)?),
        })
    }

    /// The names of the cells that each target carries.
    pub(super) fn carried(&self) -> &[String] {
        match self {
            Rows::Csv(csv) => csv.carried(),
            Rows::One { .. } | Rows::Lines(_) | Rows::Jsonl(_) => &[],
        }
    }

    /// Goes on to the next target; false at the end. After an error there is
    /// nothing more to read.
    pub(super) fn advance(&mut self) -> Result<bool, SourceError> {
        match self {
            Rows::One { done, .. } => Ok(!std::mem::replace(done, true)),
            Rows::Lines(lines) => lines.advance(),
            Rows::Csv(csv) => csv.advance(),
            Rows::Jsonl(jsonl) => jsonl.advance(),
        }
    }

    /// The target advanced to.
    pub(super) fn target(&mut self, index: u64, default_scheme: Scheme) -> Result<Target, SourceError> {
        match self {
            Rows::One { url, .. } => Ok(Target::parse(index, url.as_str(), default_scheme)),
            Rows::Lines(lines) => Ok(lines.target(index, default_scheme)),
            Rows::Csv(csv) => Ok(csv.target(index, default_scheme)),
            Rows::Jsonl(jsonl) => jsonl.target(index, default_scheme),
        }
    }
}
