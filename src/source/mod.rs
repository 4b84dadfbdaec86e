//! Where targets come from: lists as lines, CSV or JSON lines, compressed or
//! not, from files, standard input or the command line.
//!
//! A [`Source`] reads as it is asked, in memory that does not grow with its
//! inputs. A row that names no URL is a target like any other, and says why;
//! an error is only what keeps an input from being read. Nothing here opens a
//! connection or knows what becomes of the targets.

mod bounded_lines;
mod column;
mod count;
mod csv;
mod error;
mod format;
mod input;
mod jsonl;
mod lines;
mod open;
mod rows;
#[cfg(test)]
mod tests;
mod text;

pub use count::count;
pub use error::SourceError;
pub use format::Format;
pub use input::Input;

use crate::check::{Scheme, Target};
use rows::Rows;
use std::{collections::HashMap, io::Read, vec};

/// How inputs are to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The layout of every input.
    pub format: Format,
    /// The CSV column or JSON field that holds the URL; `None`: the one with a
    /// usual name.
    pub url_column: Option<String>,
    /// What a text without a scheme means.
    pub default_scheme: Scheme,
    /// Names that a carried column cannot have because the output has columns
    /// of these names itself; it gets `input_` before its name.
    pub reserved_columns: &'static [&'static str],
}

/// The targets of all inputs, one after another, numbered from 1.
///
/// An error is given once and is the last item: there may be rows behind it
/// that nobody will see.
pub struct Source {
    options: Options,
    columns: Vec<String>,
    waiting: vec::IntoIter<Waiting>,
    reading: Option<(Rows, Vec<usize>)>,
    n_targets: u64,
}

/// An input whose turn has not come, and its columns' places among the
/// source's columns.
struct Waiting {
    input: Held,
    places: Vec<usize>,
}

enum Held {
    /// Closed again after a first look, lest many inputs take many descriptors
    /// and buffers.
    Closed(Input),
    /// Left open, because a pipe can be opened only once.
    Open(Box<Rows>),
}

impl Source {
    /// Opens every input and reads every CSV header, so that what is wrong
    /// with the third of them is told before anything is checked.
    pub fn open(inputs: Vec<Input>, options: Options) -> Result<Source, SourceError> {
        if inputs.iter().filter(|input| **input == Input::Stdin).count() > 1 {
            return Err(SourceError::StdinTwice);
        }
        let mut columns = Columns::default();
        let mut waiting = Vec::with_capacity(inputs.len());
        for input in inputs {
            let rows = Rows::open(&input, &options)?;
            let places = columns.places(rows.carried());
            let input = if input.is_rereadable() { Held::Closed(input) } else { Held::Open(Box::new(rows)) };
            waiting.push(Waiting { input, places });
        }
        Ok(Source::new(waiting, columns, options))
    }

    /// Reads one input from any reader. The name stands in errors; its ending
    /// may tell the format, as a file's does.
    pub fn from_reader(
        name: impl Into<String>,
        reader: impl Read + Send + 'static,
        options: Options,
    ) -> Result<Source, SourceError> {
        let rows = Rows::read(name.into(), reader, &options)?;
        let mut columns = Columns::default();
        let places = columns.places(rows.carried());
        Ok(Source::new(vec![Waiting { input: Held::Open(Box::new(rows)), places }], columns, options))
    }

    /// The names of the cells that every target carries in
    /// [`extra`](Target::extra): the columns of all CSV inputs but the URL's,
    /// each name once, in order of first appearance.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    fn new(waiting: Vec<Waiting>, columns: Columns, options: Options) -> Source {
        Source { options, columns: columns.names, waiting: waiting.into_iter(), reading: None, n_targets: 0 }
    }

    fn read(&mut self) -> Result<Option<Target>, SourceError> {
        loop {
            if let Some((rows, places)) = &mut self.reading
                && rows.advance()?
            {
                self.n_targets += 1;
                let mut target = rows.target(self.n_targets, self.options.default_scheme)?;
                let cells = std::mem::replace(&mut target.extra, vec![String::new(); self.columns.len()]);
                for (cell, place) in cells.into_iter().zip(places) {
                    target.extra[*place] = cell;
                }
                return Ok(Some(target));
            }
            self.reading = None;
            let Some(Waiting { input, places }) = self.waiting.next() else { return Ok(None) };
            let rows = match input {
                Held::Open(rows) => *rows,
                Held::Closed(input) => self.reopen(&input, &places)?,
            };
            self.reading = Some((rows, places));
        }
    }

    fn reopen(&self, input: &Input, places: &[usize]) -> Result<Rows, SourceError> {
        let rows = Rows::open(input, &self.options)?;
        let names = places.iter().map(|place| &self.columns[*place]);
        match rows.carried().iter().eq(names) {
            true => Ok(rows),
            false => Err(SourceError::Changed { name: input.to_string() }),
        }
    }
}

impl Iterator for Source {
    type Item = Result<Target, SourceError>;

    fn next(&mut self) -> Option<Result<Target, SourceError>> {
        let item = self.read().transpose();
        if let Some(Err(_)) = item {
            self.reading = None;
            self.waiting = Vec::new().into_iter();
        }
        item
    }
}

/// The union of the columns of several inputs.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Columns {
    /// The places of an input's columns, those that are new at the end.
    fn places(&mut self, names: &[String]) -> Vec<usize> {
        let place_of = |name: &String| {
            *self.places.entry(name.clone()).or_insert_with(|| {
                self.names.push(name.clone());
                self.names.len() - 1
            })
        };
        names.iter().map(place_of).collect()
    }
}
