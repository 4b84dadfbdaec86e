//! The program's rows, held to the list as they come: each target's exactly
//! once, with what it must say. A bit a target.

use super::list::{Kind, List};
use anyhow::{Context, Result, ensure};
use std::{
    io::{Read, Write},
    sync::atomic::{AtomicU64, Ordering},
};
use urlcheck::{resume::Done, sink::Column};

/// Rows by what their targets are.
pub(crate) struct Rows([u64; Kind::ALL.len()]);

impl Rows {
    /// Reads the rows to their end, and counts them as they come.
    pub(crate) fn read(csv: impl Read, list: &List, n_rows: &AtomicU64) -> Result<Rows> {
        let mut reader = csv::ReaderBuilder::new().buffer_capacity(64 * 1024).from_reader(csv);
        let (mut row, mut done, mut rows) = (csv::StringRecord::new(), Done::default(), Rows(Default::default()));
        while reader.read_record(&mut row).context("the output is no CSV")? {
            let index = row[Column::Index as usize].parse().context("an index is no number")?;
            ensure!((1..=list.n_targets()).contains(&index), "there is no target {index}");
            ensure!(done.mark(index), "the target {index} has two rows");
            let kind = list.kind(index);
            let [verdict, reason, status] =
                [Column::Verdict, Column::Reason, Column::StatusCode].map(|column| &row[column as usize]);
            let said = format!("{verdict} {reason} {status}");
            ensure!(
                kind.says().contains(&said.as_str()),
                "the target {index}, {}, is {kind:?}, yet its row says: {}",
                list.url(index),
                row.iter().collect::<Vec<_>>().join(",")
            );
            rows.0[kind as usize] += 1;
            n_rows.store(done.number(), Ordering::Relaxed);
        }
        let n_targets = list.n_targets();
        ensure!(done.number() == n_targets, "{} of {n_targets} rows are lost", n_targets - done.number());
        Ok(rows)
    }

    /// How many there were of each kind.
    pub(crate) fn tell(&self, list: &List, told: &mut impl Write) -> Result<()> {
        writeln!(told, "{} targets have one row each, as they must be:", list.n_targets())?;
        for (kind, number) in Kind::ALL.into_iter().zip(self.0) {
            let says: Vec<&str> = kind.says().iter().map(|said| said.trim_end()).collect();
            writeln!(told, "{number:>9} {:<12} {}", format!("{kind:?}"), says.join(" or "))?;
        }
        Ok(())
    }
}
