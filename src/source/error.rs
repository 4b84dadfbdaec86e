//! What can be wrong with an input itself. A bad row is no error: it is a row.

use std::{io, path::PathBuf};

/// Why an input cannot be read, or not to its end. The text says where, and
/// what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// There is no such file; perhaps the argument was meant as a URL.
    #[error("{}: no such file; if it is a URL, write it with its scheme, as in {written_out}", .path.display())]
    NotFound {
        /// The argument, without what may be a password in it.
        path: PathBuf,
        /// The argument as a URL, or an example of one.
        written_out: String,
    },
    /// A directory in the place of a file.
    #[error("{} is a directory; name the files in it, such as {}", .path.display(), .path.join("urls.txt").display())]
    Directory {
        /// The argument.
        path: PathBuf,
    },
    /// The file is there, but it cannot be opened.
    #[error("{}: cannot be opened: {why}; check its path and permissions", .path.display())]
    Open {
        /// The argument.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// `-` twice.
    #[error("standard input (-) is named twice, but can be read only once; leave one out")]
    StdinTwice,
    /// The bytes are no text that can be read.
    #[error("{name}: this is {what}; {instead}")]
    Unsupported {
        /// The input.
        name: String,
        /// What it is.
        what: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// Reading failed; the rows before were good.
    #[error("{name}, line {line}: cannot be read any further: {why}; the lines before it were read")]
    Read {
        /// The input.
        name: String,
        /// 1-based; the line that was being read.
        line: u64,
        /// What the system or the decompressor says.
        why: io::Error,
    },
    /// The first row of a CSV is data.
    #[error(
        "{name}: the first row holds a URL ({cell}) where the names of the columns should be; \
         add a header line such as \"url\", or use --input-format lines if each line is one URL"
    )]
    NoHeader {
        /// The input.
        name: String,
        /// The cell that is a URL.
        cell: String,
    },
    /// No column or field has a usual name.
    #[error("{name}: no {what} is named {usual}; say which one holds the URL with --url-column; there are: {listed}")]
    NoUrlColumn {
        /// The input.
        name: String,
        /// `column` or `field`.
        what: &'static str,
        /// The usual names.
        usual: String,
        /// The names that there are.
        listed: String,
    },
    /// The name given with `--url-column` does not exist.
    #[error("{name}: no {what} is named {wanted:?} (--url-column); there are: {listed}")]
    NoSuchColumn {
        /// The input.
        name: String,
        /// `column` or `field`.
        what: &'static str,
        /// The name that was asked for.
        wanted: String,
        /// The names that there are.
        listed: String,
    },
    /// Several names fit.
    #[error(
        "{name}: more than one {what} may hold the URL: {fitting}; say which with --url-column; there are: {listed}"
    )]
    SeveralUrlColumns {
        /// The input.
        name: String,
        /// `column` or `field`.
        what: &'static str,
        /// The names that fit.
        fitting: String,
        /// The names that there are.
        listed: String,
    },
    /// A CSV row that goes on and on, or to the end of the input.
    #[error("{name}, line {line}: the row that begins here has no end; close the quote (\") that is open in it")]
    RowWithoutEnd {
        /// The input.
        name: String,
        /// 1-based; where the row begins.
        line: u64,
    },
    /// One JSON array in the place of JSON lines.
    #[error("{name}: this is one JSON array; write one value a line, as jq -c '.[]' does")]
    JsonArray {
        /// The input.
        name: String,
    },
    /// The header of a CSV was another one when the input was opened.
    #[error("{name}: its header has changed since the run began; run again when the file is complete")]
    Changed {
        /// The input.
        name: String,
    },
}
