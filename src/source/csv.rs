//! Comma-separated values (RFC 4180): a header, then a target a row.
//!
//! The separator is the comma, the semicolon or the tab, whichever the header
//! has most. Empty lines are no rows; every other row is a target:
//! - missing cells are empty; without the URL's cell the row is no URL;
//! - a line break is part of a cell in quotes, but no URL has one: such a row
//!   names its lines, as a quote that is missing has made one row of several;
//! - blank cells beyond the header's are dropped;
//! - with other cells beyond them, nobody knows which cell is the URL (a comma
//!   without quotes stands in one of them), so the row is no URL, and its
//!   `input` is the whole row. Only if the header has one column, the whole
//!   row is the URL, commas and all.

use super::{SourceError, column, open::Bytes, text};
use crate::check::{Scheme, Target, UNSUPPORTED_LENGTH};
use ::csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};
use std::io::{self, Read};

/// A row of this many bytes is none: a quote was not closed.
const LONGEST_ROW: usize = 1024 * 1024;

/// The rows of an input.
pub(super) struct Csv {
    name: String,
    reader: Reader<Rationed>,
    separator: char,
    crlf: bool,
    record: ByteRecord,
    header: Vec<String>,
    /// `None` when the input is empty.
    url_column: Option<usize>,
    carried: Vec<String>,
    /// Where the row begins, 1-based.
    line: u64,
    /// Whether a row was told to look like several.
    told: bool,
}

impl Csv {
    /// Reads the header, whose line `first_line` is.
    pub(super) fn open(
        name: String,
        bytes: Bytes,
        first_line: &[u8],
        wanted: Option<&str>,
        reserved: &[&str],
    ) -> Result<Csv, SourceError> {
        let separator = delimiter(first_line);
        let bytes = Rationed { bytes, left: LONGEST_ROW, ended: false, last: 0 };
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(bytes);
        let mut csv = Csv {
            name,
            reader,
            separator: char::from(separator),
            crlf: first_line.ends_with(b"\r"),
            record: ByteRecord::new(),
            header: Vec::new(),
            url_column: None,
            carried: Vec::new(),
            line: 1,
            told: false,
        };
        while csv.advance()? {
            if csv.record.iter().any(|cell| !cell.trim_ascii().is_empty()) {
                csv.read_header(wanted, reserved)?;
                break;
            }
        }
        Ok(csv)
    }

    /// The names of the other columns, as the output has them.
    pub(super) fn carried(&self) -> &[String] {
        &self.carried
    }

    /// Goes on to the next row; false at the end.
    pub(super) fn advance(&mut self) -> Result<bool, SourceError> {
        // The reader ends a row at CR, and counts the line at the LF after it.
        let line = self.reader.position().line() + u64::from(self.crlf && self.url_column.is_some());
        self.line = line;
        self.reader.get_mut().left = LONGEST_ROW;
        let more = self.reader.read_byte_record(&mut self.record).map_err(|error| {
            let name = self.name.clone();
            match error.into_kind() {
                ErrorKind::Io(_) if self.reader.get_ref().left == 0 => SourceError::RowWithoutEnd { name, line },
                ErrorKind::Io(why) => SourceError::Read { name, line, why },
                other => SourceError::Read { name, line, why: io::Error::other(format!("{other:?}")) },
            }
        })?;
        if more && self.ends_in_quotes() {
            return Err(SourceError::RowWithoutEnd { name: self.name.clone(), line });
        }
        Ok(more)
    }

    /// The target of the row, with its other cells in the order of
    /// [`carried`](Csv::carried).
    pub(super) fn target(&mut self, index: u64, default_scheme: Scheme) -> Target {
        self.tell_swallowed_rows();
        let url_column = self.url_column.unwrap_or_default();
        let n_cells = self.record.iter().rposition(|cell| !cell.trim_ascii().is_empty()).map_or(0, |last| last + 1);
        let too_many = n_cells > self.header.len();
        let name = self.header.get(url_column).map_or("", |name| name.trim());
        let mut target = match self.record.get(url_column) {
            _ if too_many && self.header.len() == 1 => {
                text::target(index, &self.joined(n_cells), false, default_scheme)
            }
            _ if too_many => {
                let why = format!(
                    "the row has {n_cells} cells, the header {}; put quotes around a cell that holds a {:?}",
                    self.header.len(),
                    self.separator
                );
                Target::invalid(index, shown(&self.joined(n_cells)), why)
            }
            None => Target::invalid(index, "", format!("the row ends before its column {name:?}")),
            Some(cell) if cell.trim_ascii().is_empty() => {
                Target::invalid(index, shown(cell), format!("the row's column {name:?} is empty"))
            }
            Some(cell) if has_line_break(cell) => {
                let why = format!("its quotes hold a line break: {}", self.lines());
                Target::invalid(index, shown(cell), why)
            }
            Some(cell) => text::target(index, cell, false, default_scheme),
        };
        let others = (0..self.header.len()).filter(|place| *place != url_column);
        target.extra = others.map(|place| self.record.get(place).map(text::readable).unwrap_or_default()).collect();
        target
    }

    fn read_header(&mut self, wanted: Option<&str>, reserved: &[&str]) -> Result<(), SourceError> {
        self.header = self.record.iter().map(text::readable).collect();
        let url_column = column::find(&self.name, "column", &self.header, wanted).map_err(|error| {
            match self.header.iter().find(|cell| cell.contains("://")) {
                Some(cell) => SourceError::NoHeader { name: self.name.clone(), cell: cell.clone() },
                None => error,
            }
        })?;
        self.carried = column::carried(&self.header, url_column, reserved);
        self.url_column = Some(url_column);
        Ok(())
    }

    /// Says once of an input that a row may have swallowed those after it.
    /// Texts of several lines are no fault, but those with a URL in them.
    fn tell_swallowed_rows(&mut self) {
        let swallows = |cell: &[u8]| has_line_break(cell) && cell.windows(3).any(|part| part == b"://");
        if !self.told && self.record.iter().any(swallows) {
            self.told = true;
            tracing::warn!("{}: a cell of several lines holds a URL, too: {}", self.name, self.lines());
        }
    }

    /// `lines 3 to 7 are one row; is a quote (") missing there?`
    fn lines(&self) -> String {
        let breaks: usize = self.record.iter().map(|cell| cell.iter().filter(|byte| **byte == b'\n').count()).sum();
        let last = self.line + breaks as u64;
        format!("lines {} to {last} are one row; is a quote (\") missing there?", self.line)
    }

    fn joined(&self, n_cells: usize) -> Vec<u8> {
        let cells: Vec<&[u8]> = self.record.iter().take(n_cells).collect();
        cells.join(&(self.separator as u8))
    }

    /// Whether a quote is open at the end of the input: its cell has swallowed
    /// the rows after it. Only a cell in quotes holds a line break, and only
    /// one that was closed ends with a quote.
    fn ends_in_quotes(&self) -> bool {
        let bytes = self.reader.get_ref();
        let last_cell = self.record.iter().next_back().unwrap_or_default();
        bytes.ended && bytes.last != b'"' && last_cell.iter().any(|byte| matches!(byte, b'\r' | b'\n'))
    }
}

/// The separator that a header has most; the comma when there is none.
pub(super) fn delimiter(header: &[u8]) -> u8 {
    let count = |delimiter: u8| header.iter().filter(|byte| **byte == delimiter).count();
    // The last one of equals is the greatest.
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

/// At the ends of a cell it is only space.
fn has_line_break(cell: &[u8]) -> bool {
    cell.trim_ascii().contains(&b'\n')
}

fn shown(bytes: &[u8]) -> String {
    if bytes.len() > UNSUPPORTED_LENGTH { text::beginning(bytes) } else { text::readable(bytes) }
}

/// Gives out no more bytes than a row may have, so that a quote that is never
/// closed costs no more memory than that.
struct Rationed {
    bytes: Bytes,
    left: usize,
    ended: bool,
    /// The last byte that is no space and ends no line.
    last: u8,
}

impl Read for Rationed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other("the row is too long"));
        }
        let most = buffer.len().min(self.left);
        let n_read = self.bytes.read(&mut buffer[..most])?;
        self.left -= n_read;
        self.ended = n_read == 0;
        if let Some(last) = buffer[..n_read].iter().rfind(|byte| !byte.is_ascii_whitespace()) {
            self.last = *last;
        }
        Ok(n_read)
    }
}
