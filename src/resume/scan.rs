//! An old output, read from beginning to end: which targets have a row that
//! stays, and where the last whole row ends.

use super::{
    Again, Done, Layout,
    row::{OldRow, RowReader},
};
use crate::sink::{self, Column, Kept};
use std::io::{self, BufRead, Read};

/// No row is longer: a URL has 64 KiB at most, a CSV input's row 1 MiB, and
/// JSON may take six bytes for one.
const LONGEST_ROW: usize = 64 * 1024 * 1024;

/// What an old output holds.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// The targets whose rows stay.
    pub done: Done,
    /// What those rows say, counted.
    pub kept: Kept,
    /// Rows of targets that are to be checked again.
    pub again: u64,
    /// Bytes up to the end of the last whole row.
    pub whole: u64,
    /// Bytes behind them: a row that was cut short.
    pub torn: u64,
    /// Whole lines, the CSV header among them.
    pub lines: u64,
}

/// Why an old output cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// It cannot be read, or a line not be passed on.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A whole line is no row of such a run.
    #[error("line {line} is no row of this run: {why}")]
    Foreign {
        /// 1-based.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
}

/// Reads an old output whose rows have `extra` columns besides ours. Every
/// whole line that stays is passed to `keep`, its end included.
///
/// Any bytes will do: what is no output of ours is an error that names the
/// line, and bytes behind the last line's end are a torn row.
///
/// # Errors
/// Reading fails, or `keep` does; a line is no row, or a target's second one.
pub fn scan(
    mut old: impl BufRead,
    layout: Layout,
    extra: &[String],
    again: &Again,
    mut keep: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<Scan, ScanError> {
    let mut rows = RowReader::new(layout, Column::ALL.len() + extra.len());
    let mut scan = Scan::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let n_read = old.by_ref().take(LONGEST_ROW as u64).read_until(b'\n', &mut line)?;
        let number = scan.lines + 1;
        if !line.ends_with(b"\n") {
            if n_read == LONGEST_ROW {
                return Err(ScanError::Foreign { line: number, why: "it has no end".to_owned() });
            }
            scan.torn = n_read as u64;
            return Ok(scan);
        }
        let stays = match layout {
            Layout::Csv if number == 1 => is_header(&line, extra).map(|()| true),
            _ => rows.read(&line).and_then(|row| scan.take(row, again)),
        };
        if stays.map_err(|why| ScanError::Foreign { line: number, why })? {
            keep(&line)?;
        }
        scan.whole += n_read as u64;
        scan.lines = number;
    }
}

fn is_header(line: &[u8], extra: &[String]) -> Result<(), String> {
    match line == sink::csv_header(extra) {
        true => Ok(()),
        false => Err("its columns are others".to_owned()),
    }
}

impl Scan {
    /// Whether a row stays.
    fn take(&mut self, row: OldRow, again: &Again) -> Result<bool, String> {
        if self.done.has(row.index) {
            return Err(format!("the target {} has a row already", row.index));
        }
        if again.wants(row.verdict, row.reason) {
            self.again += 1;
            return Ok(false);
        }
        self.done.mark(row.index);
        self.kept.add(row.verdict, row.reason, row.status);
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
