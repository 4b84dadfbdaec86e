//! A comparison under way: the warm-ups, the rounds, and the rows held against
//! each other.

use super::{
    agreement::Rows,
    contender::{Contender, Job},
    list::{List, Part},
    report::{Entry, Report},
    round::{self, Round},
};
use crate::{cli::Given, commands::signals::Signals, exit::Signal};
use anyhow::Context;
use serde_json::Value;
use std::{
    fs,
    io::{self, Write},
    path::Path,
};

/// A warm-up has a tenth of the list, and no more than this.
const WARM_UP: u64 = 100;

/// Who runs with how many requests at once, and which part of the list.
pub(super) type Entrant = (Contender, u32, Part);

/// A comparison under way.
pub(super) struct Comparison<'a> {
    /// This program.
    pub(super) program: &'a Path,
    pub(super) list: List,
    pub(super) entrants: Vec<Entrant>,
    /// For the rows; somebody else removes it.
    pub(super) folder: &'a Path,
    /// An entry for each entrant.
    pub(super) report: Report,
    pub(super) given: &'a [Given],
    pub(super) quiet: bool,
}

impl Comparison<'_> {
    /// The warm-ups, then the rounds: all contenders in each, so that what
    /// drifts meanwhile hits them alike.
    pub(super) async fn measure(&mut self, signals: &mut Signals) -> anyhow::Result<Option<Signal>> {
        for n in 0..self.entrants.len() {
            let (contender, concurrency, part) = self.entrants[n].clone();
            if self.entrants[..n].iter().any(|(other, _, _)| *other == contender) {
                continue;
            }
            self.tell(format_args!("warm-up: {contender}"));
            let urls = (self.list.whole.urls / 10).clamp(1, WARM_UP).min(part.urls);
            let warm_up = (contender, concurrency, self.list.part(urls)?);
            match self.run_one(&warm_up, "warm-up", signals).await? {
                Round::Stopped(signal) => return Ok(Some(signal)),
                Round::Failed(why) => self.give_up(contender, &why),
                Round::Measured(_) => {}
            }
            self.clear("warm-up")?;
        }
        for round in 1..=self.report.rounds {
            if let Some(signal) = self.round(round, signals).await? {
                return Ok(Some(signal));
            }
        }
        self.report.runs.iter_mut().for_each(Entry::conclude);
        Ok(None)
    }

    async fn round(&mut self, round: u32, signals: &mut Signals) -> anyhow::Result<Option<Signal>> {
        let mut rows = Vec::new();
        for n in 0..self.entrants.len() {
            if self.report.runs[n].failed.is_some() {
                continue;
            }
            let entrant = self.entrants[n].clone();
            let rounds = self.report.rounds;
            self.tell(format_args!("round {round} of {rounds}: {}, {} at once", entrant.0, entrant.1));
            match self.run_one(&entrant, &format!("run-{n}"), signals).await? {
                Round::Stopped(signal) => return Ok(Some(signal)),
                Round::Failed(why) => self.report.runs[n].failed = Some(why),
                Round::Measured(figures) => {
                    self.report.runs[n].rounds.push(figures);
                    let folder = self.folder.join(format!("run-{n}"));
                    self.learn(&folder, entrant.2.urls);
                    rows.push(Rows { contender: entrant.0, path: folder.join("rows"), urls: entrant.2.urls });
                }
            }
        }
        self.report.agreement.add(&rows)?;
        for n in 0..self.entrants.len() {
            self.clear(&format!("run-{n}"))?;
        }
        Ok(None)
    }

    /// Makes a run in a new folder of this name.
    async fn run_one(&mut self, entrant: &Entrant, name: &str, signals: &mut Signals) -> anyhow::Result<Round> {
        let (contender, concurrency, targets) = entrant;
        if let Some(site) = &mut self.list.site {
            site.forget()?;
        }
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder).context("the temporary folder takes no more")?;
        let job = Job {
            program: self.program,
            list: &self.list,
            given: self.given,
            concurrency: *concurrency,
            targets,
            folder: &folder,
        };
        round::run(*contender, &job, signals).await
    }

    /// What the first run of the whole list tells of it.
    fn learn(&mut self, folder: &Path, urls: u64) {
        let list = &mut self.report.list;
        if list.hosts.is_some() || urls < list.urls {
            return;
        }
        let summary = fs::read(folder.join("summary.json")).ok();
        let Some(summary) = summary.and_then(|json| serde_json::from_slice::<Value>(&json).ok()) else { return };
        list.hosts = summary["hosts"].as_u64();
        list.p50_ms = summary["total_ms"]["p50"].as_f64();
        list.p99_ms = summary["total_ms"]["p99"].as_f64();
    }

    fn give_up(&mut self, contender: Contender, why: &str) {
        let entries = self.report.runs.iter_mut().filter(|entry| entry.contender == contender);
        entries.for_each(|entry| entry.failed = Some(why.to_owned()));
    }

    /// Rows are large, and no longer needed.
    fn clear(&self, name: &str) -> anyhow::Result<()> {
        match fs::remove_dir_all(self.folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).context("a temporary folder cannot be removed")
            }
            _ => Ok(()),
        }
    }

    fn tell(&self, what: std::fmt::Arguments<'_>) {
        if !self.quiet {
            // Nobody needs it, so it is no loss when nobody can read it.
            let _unread = writeln!(io::stderr(), "{what}");
        }
    }
}
