//! Rows as CSV (RFC 4180, but lines end in LF, as other Unix tools write them).
//!
//! The header comes first even when no row follows. A row is one line whatever
//! foreign text holds: see [`escape`]. JSONL is the format that loses nothing.

use super::{BUFFER, Column, Event, Sink, cell::Cell, escape};
use crate::check::Outcome;
use csv::Writer;
use std::io::{self, BufWriter, Write};

/// Rows as CSV.
pub struct Csv<W: Write> {
    // The csv crate's own buffer would write its rows again after an error
    // halfway; `BufWriter` knows what it has written.
    out: Writer<BufWriter<W>>,
    extra: usize,
    plain: String,
    escaped: String,
}

impl<W: Write> Csv<W> {
    /// Begins with the header: the columns, then the names of the input's own
    /// ones, of which every target has as many cells.
    pub fn new(out: W, extra: Vec<String>) -> io::Result<Csv<W>> {
        let mut csv = Csv::after_header(out, extra.len());
        for name in Column::ALL.iter().map(|column| column.name()).chain(extra.iter().map(String::as_str)) {
            csv.out.write_field(escape::cell(name, &mut csv.escaped)).map_err(io_error)?;
        }
        csv.end_row()?;
        Ok(csv)
    }

    /// Goes on where the header is there already, with so many columns of the
    /// input's own in it.
    pub fn after_header(out: W, extra: usize) -> Csv<W> {
        let out = Writer::from_writer(BufWriter::with_capacity(BUFFER, out));
        Csv { out, extra, plain: String::new(), escaped: String::new() }
    }

    fn row(&mut self, outcome: &Outcome) -> io::Result<()> {
        for column in Column::ALL {
            let written = match column.of(outcome) {
                Cell::Absent => self.out.write_field(""),
                Cell::Text(text) => self.out.write_field(escape::cell(&text, &mut self.escaped)),
                cell => {
                    self.plain.clear();
                    cell.push_to(&mut self.plain);
                    self.out.write_field(&self.plain)
                }
            };
            written.map_err(io_error)?;
        }
        for n in 0..self.extra {
            let text = outcome.target.extra.get(n).map_or("", String::as_str);
            self.out.write_field(escape::cell(text, &mut self.escaped)).map_err(io_error)?;
        }
        self.end_row()
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.out.write_record(None::<&[u8]>).map_err(io_error)
    }
}

impl<W: Write> Sink for Csv<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Finished(outcome) => self.row(outcome),
            Event::Tick(_) | Event::Ended(_) => self.out.flush(),
        }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

/// The header's line, its end included.
pub fn csv_header(extra: &[String]) -> Vec<u8> {
    let mut line = Vec::new();
    let mut csv = Csv::new(&mut line, extra.to_vec()).expect("memory takes all text");
    csv.out.flush().expect("memory takes all text");
    drop(csv);
    line
}

/// The system's own error, whose kind (a closed pipe, a full disk) matters.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests;
