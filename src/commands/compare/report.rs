//! All that a comparison found out, as `--json` writes it. Keys keep their names
//! and meanings.

use super::{
    agreement::Agreement,
    contender::Contender,
    figure::{Figure, Figures},
    machine::Machine,
    recommend::Recommendation,
};
use serde::Serialize;

/// The whole.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// The version of urlcheck.
    pub(super) urlcheck: &'static str,
    /// When it began (RFC 3339, UTC).
    pub(super) began_at: String,
    pub(super) machine: Machine,
    pub(super) list: ListFacts,
    /// Requests at once, as asked for.
    pub(super) concurrency: u32,
    pub(super) rounds: u32,
    pub(super) sweep: bool,
    pub(super) runs: Vec<Entry>,
    pub(super) agreement: Agreement,
    /// Null with `--sweep`, or when no mode could run.
    pub(super) recommendation: Option<Recommendation>,
}

/// The list, as the first run found it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct ListFacts {
    pub(super) name: String,
    pub(super) urls: u64,
    pub(super) hosts: Option<u64>,
    /// Of `total_ms` over its rows.
    pub(super) p50_ms: Option<f64>,
    pub(super) p99_ms: Option<f64>,
}

/// The rounds of a contender.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Entry {
    #[serde(rename = "mode")]
    pub(super) contender: Contender,
    /// Requests at once.
    pub(super) concurrency: u32,
    /// The first so many of the list; figures are of these.
    pub(super) urls: u64,
    /// Why there are no figures.
    pub(super) failed: Option<String>,
    pub(super) rounds: Vec<Figures>,
    /// Of each figure over the rounds.
    pub(super) median: Figures,
    pub(super) least: Figures,
    pub(super) most: Figures,
}

impl Entry {
    pub(super) fn new(contender: Contender, concurrency: u32, urls: u64) -> Entry {
        let none = Figures::default();
        let rounds = Vec::new();
        Entry { contender, concurrency, urls, failed: None, rounds, median: none, least: none, most: none }
    }

    /// Takes its rounds together.
    pub(super) fn conclude(&mut self) {
        self.median = Figures::median(&self.rounds);
        self.least = Figures::least(&self.rounds);
        self.most = Figures::most(&self.rounds);
    }

    pub(super) fn has_run(&self) -> bool {
        self.failed.is_none() && !self.rounds.is_empty()
    }

    /// The wall time of the whole list: as measured, or that of the part times
    /// what the list is longer.
    pub(super) fn wall_of(&self, urls: u64) -> Option<f64> {
        let scale = urls as f64 / self.urls as f64;
        self.median.get(Figure::Wall).map(|wall| wall * scale)
    }

    /// How far the wall time's extremes lie apart, as a part of its median; a
    /// single round has none.
    pub(super) fn spread(&self) -> Option<f64> {
        if self.rounds.len() < 2 {
            return None;
        }
        let of = |figures: &Figures| figures.get(Figure::Wall);
        Some((of(&self.most)? - of(&self.least)?) / of(&self.median)?)
    }
}

impl Report {
    /// Those with figures.
    pub(super) fn measured(&self) -> impl Iterator<Item = &Entry> {
        self.runs.iter().filter(|entry| entry.has_run())
    }

    /// Figures that at least one run has, with the columns of a table.
    pub(super) fn figures(&self) -> Vec<Figure> {
        let is_there = |figure: &Figure| self.measured().any(|entry| entry.median.get(*figure).is_some());
        Figure::ALL.into_iter().filter(is_there).collect()
    }

    /// What stands above every table, a sentence each.
    pub(super) fn heading(&self) -> Vec<String> {
        let ListFacts { name, urls, hosts, p50_ms, p99_ms } = &self.list;
        let on = hosts.map(|hosts| format!(" on {}", crate::sink::counted(hosts, "host"))).unwrap_or_default();
        let slow =
            p50_ms.zip(*p99_ms).map(|(p50, p99)| format!("; a check takes {p50:.0} ms (p50) to {p99:.0} ms (p99)"));
        let rounds = crate::sink::counted(u64::from(self.rounds), "round");
        let at_once = if self.sweep { "1 to 1024".to_owned() } else { self.concurrency.to_string() };
        let mut lines = vec![
            format!("{}{on}: {name}{}", crate::sink::counted(*urls, "URL"), slow.unwrap_or_default()),
            format!("{at_once} requests at once · {rounds} in turn after a warm-up, medians · {}", self.machine),
        ];
        lines.extend(self.parts());
        lines
    }

    /// Which runs had only a part of the list.
    fn parts(&self) -> Vec<String> {
        let mut parts = self.measured().filter(|entry| entry.urls < self.list.urls);
        if self.sweep {
            let first = "With few requests at once, only the first URLs of the list: 50 for each.".to_owned();
            return parts.next().map(|_| first).into_iter().collect();
        }
        parts.filter_map(|entry| self.part(entry)).collect()
    }

    fn part(&self, entry: &Entry) -> Option<String> {
        let wall = Figure::Wall.shown(entry.median.get(Figure::Wall)?);
        let scale = self.list.urls as f64 / entry.urls as f64;
        Some(format!(
            "* {} had only the first {} URLs. Its wall time is what these took ({wall}), times {scale}; \
             its other figures are as measured.",
            entry.contender, entry.urls
        ))
    }

    /// What stands below every table: whether the rows agree, and what was
    /// left out of it.
    pub(super) fn notes(&self) -> Vec<String> {
        let grouped = crate::sink::grouped;
        let Agreement { compared, different, differences } = &self.agreement;
        let mut notes = vec![match (compared, different) {
            (0, _) => "There was only one run, and so no rows to compare.".to_owned(),
            (_, 0) => format!(
                "All rows agree: {} were held against those of the first run of the whole list (verdict, reason, status_code, final_url, num_redirects, attempts).",
                grouped(*compared)
            ),
            _ => format!(
                "{} of {} rows differ from those of the first run of the whole list:",
                grouped(*different),
                grouped(*compared)
            ),
        }];
        notes.extend(differences.iter().map(|difference| {
            let said = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
            format!(
                "  row {} {}: {} is {} in {}, {} in {}",
                difference.index,
                difference.url,
                difference.column,
                said(&difference.says),
                difference.mode,
                said(&difference.reference_says),
                difference.reference
            )
        }));
        if self.measured().any(|entry| matches!(entry.contender, Contender::Python(_))) {
            notes.push("Of Python's rows it is the status that is compared, or that there was an error.".to_owned());
        }
        let failed = self.runs.iter().filter_map(|entry| Some((entry, entry.failed.as_ref()?)));
        notes.extend(failed.map(|(entry, why)| format!("{} could not run: {why}", entry.contender)));
        if self.measured().next().is_some() && self.figures().len() < Figure::ALL.len() {
            let untold = Figure::ALL.into_iter().filter(|figure| !self.figures().contains(figure));
            let heads = untold.map(Figure::head).collect::<Vec<_>>().join(", ");
            notes.push(format!("This system does not tell: {heads}."));
        }
        notes
    }
}
