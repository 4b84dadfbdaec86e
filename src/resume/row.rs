//! A line of an old output: which target it is about, and what it says of it.
//!
//! Pure, and for any bytes: what is no row of ours says why.

use crate::{
    check::{Reason, Verdict},
    sink::Column,
};
use csv_core::{ReadRecordResult, Reader};
use serde::Deserialize;

/// How rows are laid out in a file that can be gone on with. The text for
/// people is not among them: it leaves rows out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// See [`sink::Csv`](crate::sink::Csv).
    Csv,
    /// See [`sink::Jsonl`](crate::sink::Jsonl).
    Jsonl,
}

/// What going on needs to know of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldRow {
    /// The target's number.
    pub index: u64,
    /// What was judged.
    pub verdict: Verdict,
    /// Why it was not up.
    pub reason: Option<Reason>,
    /// The last reply's status.
    pub status: Option<u16>,
}

/// Reads rows, line by line.
pub(super) struct RowReader {
    layout: Layout,
    n_columns: usize,
    csv: Reader,
    /// The cells of a row, one after another, and where each ends.
    cells: Vec<u8>,
    ends: Vec<usize>,
}

impl Layout {
    /// The name, as in `--format`.
    pub fn as_str(self) -> &'static str {
        match self {
            Layout::Csv => "csv",
            Layout::Jsonl => "jsonl",
        }
    }
}

impl RowReader {
    /// For rows of so many columns.
    pub(super) fn new(layout: Layout, n_columns: usize) -> RowReader {
        RowReader { layout, n_columns, csv: Reader::new(), cells: Vec::new(), ends: vec![0; n_columns + 1] }
    }

    /// The row of a line with its end; or what is wrong with it, as the end of
    /// a sentence.
    pub(super) fn read(&mut self, line: &[u8]) -> Result<OldRow, String> {
        match self.layout {
            Layout::Csv => self.csv_row(line),
            Layout::Jsonl => jsonl_row(line),
        }
    }

    fn csv_row(&mut self, line: &[u8]) -> Result<OldRow, String> {
        self.csv.reset();
        // No cell is longer than the line that it stands in.
        if self.cells.len() <= line.len() {
            self.cells.resize(line.len() + 1, 0);
        }
        let (result, n_read, _, n_cells) = self.csv.read_record(line, &mut self.cells, &mut self.ends);
        match result {
            ReadRecordResult::Record if n_read == line.len() && n_cells == self.n_columns => {}
            ReadRecordResult::Record | ReadRecordResult::OutputEndsFull => {
                return Err(format!("it does not have the {} cells of its header", self.n_columns));
            }
            _ if line.trim_ascii().is_empty() => return Err("it is empty".to_owned()),
            _ => return Err("a quote in it is not closed".to_owned()),
        }
        let index = self.cell(Column::Index)?;
        let row = OldRow {
            index: index.parse().map_err(|_| format!("its index is {}", shown(index)))?,
            verdict: verdict(self.cell(Column::Verdict)?)?,
            reason: reason(self.cell(Column::Reason)?)?,
            status: status(self.cell(Column::StatusCode)?)?,
        };
        numbered(row)
    }

    fn cell(&self, column: Column) -> Result<&str, String> {
        let place = column as usize;
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        str::from_utf8(&self.cells[start..self.ends[place]]).map_err(|_| format!("its {} is no text", column.name()))
    }
}

fn jsonl_row(line: &[u8]) -> Result<OldRow, String> {
    #[derive(Deserialize)]
    struct Row {
        index: u64,
        verdict: Verdict,
        reason: Option<Reason>,
        status_code: Option<u16>,
    }
    // An array of these four would do otherwise.
    if !line.starts_with(b"{") {
        return Err("it is no JSON object".to_owned());
    }
    let row: Row = serde_json::from_slice(line).map_err(|error| {
        let said = error.to_string();
        said.split(" at line ").next().unwrap_or(&said).to_owned()
    })?;
    numbered(OldRow { index: row.index, verdict: row.verdict, reason: row.reason, status: row.status_code })
}

/// Targets are numbered from 1.
fn numbered(row: OldRow) -> Result<OldRow, String> {
    if row.index == 0 { Err("its index is 0".to_owned()) } else { Ok(row) }
}

fn verdict(cell: &str) -> Result<Verdict, String> {
    let known = Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == cell);
    known.ok_or_else(|| format!("its verdict is {}", shown(cell)))
}

fn reason(cell: &str) -> Result<Option<Reason>, String> {
    if cell.is_empty() {
        return Ok(None);
    }
    let known = Reason::ALL.iter().find(|reason| reason.code() == cell);
    known.map(|reason| Some(*reason)).ok_or_else(|| format!("its reason is {}", shown(cell)))
}

fn status(cell: &str) -> Result<Option<u16>, String> {
    if cell.is_empty() {
        return Ok(None);
    }
    cell.parse().map(Some).map_err(|_| format!("its status_code is {}", shown(cell)))
}

/// Foreign text, short and harmless.
fn shown(cell: &str) -> String {
    format!("{:?}", cell.chars().take(40).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "7,a,https://a.example/,down,http_status,404 Not Found,404,,0,1,,,,,,,,,,,";

    fn read(layout: Layout, line: &[u8]) -> Result<OldRow, String> {
        RowReader::new(layout, Column::ALL.len()).read(line)
    }

    #[test]
    fn a_row_tells_what_it_is_about() {
        let row = OldRow { index: 7, verdict: Verdict::Down, reason: Some(Reason::HttpStatus), status: Some(404) };
        assert_eq!(read(Layout::Csv, format!("{ROW}\n").as_bytes()), Ok(row));
        let quoted = ROW.replace("404 Not Found", "\"a \"\"word\"\", or two\"");
        assert_eq!(read(Layout::Csv, format!("{quoted}\n").as_bytes()), Ok(row));
        let json = r#"{"index":7,"input":"a","verdict":"down","reason":"http_status","status_code":404,"hops":[{}]}"#;
        assert_eq!(read(Layout::Jsonl, format!("{json}\n").as_bytes()), Ok(row));
    }

    #[test]
    fn what_is_no_row_says_why() {
        for (line, why) in [
            ("", "it is empty"),
            ("7,a", "it does not have the 21 cells of its header"),
            (&format!("{ROW},"), "it does not have the 21 cells of its header"),
            (&ROW.replace("a,", "\"a,"), "a quote in it is not closed"),
            (&ROW.replacen('7', "x", 1), "its index is \"x\""),
            (&ROW.replacen('7', "0", 1), "its index is 0"),
            (&ROW.replace("down", "gone"), "its verdict is \"gone\""),
            (&ROW.replace("http_status", "bad\u{1b}"), "its reason is \"bad\\u{1b}\""),
            (&ROW.replace(",404,", ",99999,"), "its status_code is \"99999\""),
        ] {
            assert_eq!(read(Layout::Csv, format!("{line}\n").as_bytes()), Err(why.to_owned()), "{line}");
        }
        for line in ["[7,\"down\",\"http_status\",404]", "{}", "{\"index\":0,\"verdict\":\"up\"}", "{\"index\":7", ""] {
            assert!(read(Layout::Jsonl, format!("{line}\n").as_bytes()).is_err(), "{line}");
        }
    }
}
