//! Whether all runs say the same of every URL. Rows come in any order, and so
//! they are compared a window of indexes at a time, in bounded memory.

use super::contender::Contender;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    fs::File,
    io::{BufRead, BufReader},
    mem,
    path::{Path, PathBuf},
};

/// Rows of a window.
const WINDOW: u64 = 50_000;

/// Differences that are told one by one.
const MOST_TOLD: usize = 20;

/// What must be the same in every mode; times and addresses may differ.
const COLUMNS: [&str; 6] = ["verdict", "reason", "status_code", "final_url", "num_redirects", "attempts"];
const VERDICT: usize = 0;
const STATUS: usize = 2;

/// A run's rows.
pub(super) struct Rows {
    pub(super) contender: Contender,
    pub(super) path: PathBuf,
    pub(super) urls: u64,
}

/// How far all runs agree.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Agreement {
    /// Rows that were held against the reference's.
    pub(super) compared: u64,
    /// Of these, rows that differ.
    pub(super) different: u64,
    /// The first of them.
    pub(super) differences: Vec<Difference>,
}

/// A cell that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    pub(super) index: u64,
    pub(super) url: String,
    pub(super) column: &'static str,
    pub(super) mode: &'static str,
    pub(super) says: String,
    pub(super) reference: &'static str,
    pub(super) reference_says: String,
}

type Cells = [String; COLUMNS.len()];

impl Agreement {
    /// Compares the rows of a round with those of the first that had the
    /// longest part of the list.
    pub(super) fn add(&mut self, runs: &[Rows]) -> anyhow::Result<()> {
        let Some(most) = runs.iter().map(|run| run.urls).max() else { return Ok(()) };
        let Some(reference) = runs.iter().position(|run| run.urls == most) else { return Ok(()) };
        for first in (1..=most).step_by(usize::try_from(WINDOW).unwrap_or(usize::MAX)) {
            let mut window: Vec<Option<(String, Cells)>> = Vec::new();
            each_row(&runs[reference], first, &mut |at, url, cells| {
                window.resize(window.len().max(at + 1), None);
                if window[at].replace((url, cells)).is_some() {
                    let contender = runs[reference].contender;
                    self.differ(Difference::twice(first + at as u64, contender, contender));
                }
            })?;
            for run in runs.iter().enumerate().filter(|(n, _)| *n != reference).map(|(_, run)| run) {
                let mut seen = Vec::new();
                each_row(run, first, &mut |at, _, cells| {
                    seen.resize(seen.len().max(at + 1), false);
                    if mem::replace(&mut seen[at], true) {
                        // There are as many rows as URLs: another one is missing.
                        self.differ(Difference::twice(first + at as u64, run.contender, runs[reference].contender));
                    }
                    let row = window.get(at).and_then(Option::as_ref);
                    self.hold(first + at as u64, run.contender, &cells, runs[reference].contender, row);
                })?;
            }
        }
        Ok(())
    }

    fn hold(
        &mut self,
        index: u64,
        contender: Contender,
        cells: &Cells,
        reference: Contender,
        row: Option<&(String, Cells)>,
    ) {
        self.compared += 1;
        let missing = (String::new(), Cells::default());
        let (url, expected) = row.unwrap_or(&missing);
        let Some(column) = first_difference(contender, cells, expected) else { return };
        self.differ(Difference {
            index,
            url: url.clone(),
            column: COLUMNS[column],
            mode: contender.name(),
            says: cells[column].clone(),
            reference: reference.name(),
            reference_says: expected[column].clone(),
        });
    }

    fn differ(&mut self, difference: Difference) {
        self.different += 1;
        if self.differences.len() < MOST_TOLD {
            self.differences.push(difference);
        }
    }
}

impl Difference {
    /// A row that came more than once.
    fn twice(index: u64, contender: Contender, reference: Contender) -> Difference {
        Difference {
            index,
            url: String::new(),
            column: "index",
            mode: contender.name(),
            says: "twice".to_owned(),
            reference: reference.name(),
            reference_says: "once".to_owned(),
        }
    }
}

/// The first column that differs. A program in Python tells a status or that
/// there was an error; where a chain of redirects had no good end, either is right.
fn first_difference(contender: Contender, cells: &Cells, expected: &Cells) -> Option<usize> {
    match contender {
        Contender::Mode(_) => (0..COLUMNS.len()).find(|n| cells[*n] != expected[*n]),
        Contender::Python(_) => {
            let is_up = ["up", "degraded"].contains(&expected[VERDICT].as_str());
            let is_same = cells[STATUS] == expected[STATUS] || (cells[STATUS].is_empty() && !is_up);
            (!is_same).then_some(STATUS)
        }
    }
}

/// Each row of a window: its place there, its URL, its cells.
fn each_row(run: &Rows, first: u64, take: &mut dyn FnMut(usize, String, Cells)) -> anyhow::Result<()> {
    let mut give = |index: u64, url: String, cells: Cells| {
        if let Some(at) = index.checked_sub(first).filter(|at| *at < WINDOW) {
            take(usize::try_from(at).unwrap_or(usize::MAX), url, cells);
        }
    };
    match run.contender {
        Contender::Mode(_) => each_of_ours(&run.path, &mut give),
        Contender::Python(_) => each_of_python(&run.path, &mut give),
    }
    .with_context(|| format!("the rows of {} cannot be read again", run.contender))
}

fn each_of_ours(path: &Path, give: &mut dyn FnMut(u64, String, Cells)) -> anyhow::Result<()> {
    for line in BufReader::new(File::open(path)?).lines() {
        let row: Map<String, Value> = serde_json::from_str(&line?)?;
        let cell = |name: &str| match row.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let index = row.get("index").and_then(Value::as_u64).context("a row without an index")?;
        give(index, cell("url"), COLUMNS.map(cell));
    }
    Ok(())
}

/// A row of `benches/peers`.
#[derive(Deserialize)]
struct PythonRow {
    index: u64,
    url: String,
    status_code: Option<u16>,
}

fn each_of_python(path: &Path, give: &mut dyn FnMut(u64, String, Cells)) -> anyhow::Result<()> {
    for row in csv::Reader::from_path(path)?.deserialize() {
        let row: PythonRow = row?;
        let mut cells = Cells::default();
        cells[STATUS] = row.status_code.map(|status| status.to_string()).unwrap_or_default();
        give(row.index, row.url, cells);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
