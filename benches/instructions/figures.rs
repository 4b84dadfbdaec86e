//! Counted instructions beside those that were stored, and what to do when
//! they differ.

use super::part::Part;
use anyhow::{Context, Result, ensure};
use std::fmt;

/// How much of a stored figure a count may differ by, in percent.
const TOLERANCE: f64 = 5.0;

/// How the stored figures are changed on purpose.
pub(crate) const RENEW: &str = "cargo bench --bench instructions -- --renew";

/// The instructions of each part, as built by one compiler for one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    /// The compiler's version and what it compiles for; counts of another say nothing.
    pub(crate) built_by: String,
    /// In the order of [`Part::ALL`].
    pub(crate) counts: Vec<(Part, u64)>,
}

impl Figures {
    /// Reads what [`Figures`] writes.
    ///
    /// # Errors
    /// The text is something else, or does not name each part once.
    pub(crate) fn parse(text: &str) -> Result<Figures> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let built_by = lines.next().context("the line of the compiler is missing")?.to_owned();
        let count = |line: &str| {
            let (name, count) = line.split_once(' ')?;
            Some((Part::named(name)?, count.trim().parse().ok()?))
        };
        let counts = lines
            .map(|line| count(line).with_context(|| format!("{line:?} is no part and its count")))
            .collect::<Result<Vec<(Part, u64)>>>()?;
        let parts = counts.iter().map(|(part, _)| *part);
        ensure!(parts.eq(Part::ALL), "it does not name each part once, in order; write it anew: {RENEW}");
        Ok(Figures { built_by, counts })
    }

    /// Everything that is wrong with what was counted now, a sentence each.
    pub(crate) fn faults(&self, now: &Figures) -> Vec<String> {
        if self.built_by != now.built_by {
            return vec![format!(
                "nothing was compared: the figures are of {}, and this is {}, whose counts say nothing beside them; \
                 use that one, or, to go over to this one, renew the figures on a commit without other changes: {RENEW}",
                self.built_by, now.built_by
            )];
        }
        let pairs = self.counts.iter().zip(&now.counts);
        pairs.filter_map(|((part, stored), (_, counted))| fault(*part, *stored, *counted)).collect()
    }

    /// A line for each part: stored, counted, the change in percent.
    pub(crate) fn table(&self, now: &Figures) -> String {
        let mut table = format!("{:<12} {:>14} {:>14} {:>8}\n", "part", "stored", "counted", "change");
        for ((part, stored), (_, counted)) in self.counts.iter().zip(&now.counts) {
            let change = change(*stored, *counted);
            table += &format!("{:<12} {stored:>14} {counted:>14} {change:>+7.1}%\n", part.name());
        }
        table
    }
}

fn change(stored: u64, counted: u64) -> f64 {
    (counted as f64 - stored as f64) / stored as f64 * 100.0
}

fn fault(part: Part, stored: u64, counted: u64) -> Option<String> {
    let (name, change) = (part.name(), change(stored, counted));
    if change > TOLERANCE {
        return Some(format!(
            "{name} takes {counted} instructions, {change:.1} % more than the {stored} that are stored ({TOLERANCE} % \
             are let pass); find what it is, or, if it is worth that, store it and say why in the commit: {RENEW}"
        ));
    }
    (change < -TOLERANCE).then(|| {
        format!(
            "{name} takes {counted} instructions, {:.1} % less than the {stored} that are stored: well done; store it, \
             lest as much is lost again unseen: {RENEW}",
            -change
        )
    })
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Instructions of fixed work, which must not grow by more than {TOLERANCE} %")?;
        writeln!(f, "# unless these figures are changed on purpose: {RENEW}")?;
        writeln!(f, "{}", self.built_by)?;
        self.counts.iter().try_for_each(|(part, count)| writeln!(f, "{:<12} {count}", part.name()))
    }
}
