//! `urlcheck compare`: the same list in every mode, one fresh process after
//! another, in turn, measured; then what to make of it.
//!
//! In reading order: `list` is what all run, `contender` who runs it, `round` one
//! run, `agreement` whether the rows are the same, `report` all that was found
//! out, `table` and `page` how it is shown, `recommend` what follows from it.

mod agreement;
mod chart;
mod contender;
mod figure;
mod list;
mod machine;
mod page;
mod process_tree;
mod recommend;
mod report;
mod round;
mod site_process;
mod sweep;
mod table;
mod usage;

use super::{is_coloured, session::Signals};
use crate::{
    cli::{Compare, REFUSED},
    exit::{Exit, Signal},
    plan::Mode,
    settings,
    sink::Replacement,
};
use agreement::{Agreement, Rows};
use anyhow::{Context, bail};
use contender::{Contender, Job, Peer};
use jiff::Timestamp;
use list::{List, Part};
use machine::Machine;
use report::{Entry, ListFacts, Report};
use round::Round;
use serde_json::Value;
use std::{
    env, fs,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use tokio::runtime;

/// Rounds, unless told.
const ROUNDS: u32 = 3;

/// Of the practice site's list, sequential gets one URL in so many: with all it
/// would take most of the time.
const SEQUENTIAL_PART: u64 = 10;

/// A warm-up has a tenth of the list, and no more than this.
const WARM_UP: u64 = 100;

/// Runs the list in every mode that was asked for.
///
/// # Errors
/// Nothing could be compared, or an output could not be written.
pub fn run(verb: Compare) -> anyhow::Result<Exit> {
    refuse(&verb)?;
    let settings = super::settings(verb.options.clone())?;
    let mut outputs = Outputs::prepare(&verb)?;
    let folder =
        tempfile::Builder::new().prefix("urlcheck-compare-").tempdir().context("there is no temporary folder")?;
    let program = env::current_exe().context("this program cannot be found again")?;
    let list = match verb.inputs.is_empty() {
        true => List::of_practice_site(&program, verb.with_python, &verb.given, folder.path())?,
        false => List::of_inputs(&verb.inputs, &settings, folder.path())?,
    };
    let concurrency = u32::try_from(settings.plan.limits.concurrency).unwrap_or(u32::MAX);
    let entrants = entrants(&verb, &list, concurrency)?;
    let rounds = verb.rounds.map_or(if verb.sweep { 1 } else { ROUNDS }, |rounds| rounds.get());
    let facts = ListFacts { name: list.name.clone(), urls: list.whole.urls, ..ListFacts::default() };
    let report = Report {
        urlcheck: env!("CARGO_PKG_VERSION"),
        began_at: Timestamp::now().to_string(),
        machine: Machine::this(),
        list: facts,
        concurrency,
        rounds,
        sweep: verb.sweep,
        runs: entrants.iter().map(|(contender, c, part)| Entry::new(*contender, *c, part.urls)).collect(),
        agreement: Agreement::default(),
        recommendation: None,
    };
    let mut comparison =
        Comparison { program, list, entrants, folder, report, verb: &verb, quiet: settings.output.quiet };
    if let Some(signal) = runtime::Builder::new_current_thread().enable_all().build()?.block_on(comparison.measure())? {
        return Ok(signal.into());
    }
    let mut report = comparison.report;
    if let Some(why) =
        report.runs.first().and_then(|entry| entry.failed.as_ref()).filter(|_| report.measured().next().is_none())
    {
        bail!("nothing could be compared: {why}");
    }
    if !verb.sweep {
        report.recommendation = recommend::of(&report, settings.plan.limits.per_host);
    }
    outputs.write(&report)?;
    let coloured = is_coloured(settings.output.color, io::stdout().is_terminal());
    io::stdout().lock().write_all(table::text(&report, coloured).as_bytes()).context("cannot write the table")?;
    Ok(if report.agreement.different == 0 { Exit::Fine } else { Exit::Down })
}

/// Options of the default verb that mean nothing here are refused by name.
fn refuse(verb: &Compare) -> anyhow::Result<()> {
    let Some(given) = verb.given.iter().find(|given| REFUSED.contains(&given.name.as_str())) else { return Ok(()) };
    let flag = given.name.replace('_', "-");
    let instead = match given.name.as_str() {
        "mode" => "--modes names those to compare",
        "output" | "format" | "summary" => "its rows are only compared; --json and --html write what came of it",
        _ => "its rows are only compared; urlcheck compare --help lists what it takes",
    };
    bail!("urlcheck compare takes no --{flag}: {instead}")
}

/// Who runs with how many requests at once, and which part of the list.
type Entrant = (Contender, u32, Part);

fn entrants(verb: &Compare, list: &List, concurrency: u32) -> anyhow::Result<Vec<Entrant>> {
    let mut contenders: Vec<Contender> = match &verb.modes {
        Some(modes) => modes.iter().map(|mode| Contender::Mode(settings::mode(*mode))).collect(),
        None => Mode::ALL.into_iter().map(Contender::Mode).collect(),
    };
    if verb.with_python {
        contenders.extend(Peer::ALL.map(Contender::Python));
    }
    let mut entrants: Vec<Entrant> = Vec::new();
    for contender in contenders {
        if entrants.iter().any(|(other, _, _)| *other == contender) {
            continue;
        }
        if verb.sweep {
            for step in sweep::steps(contender) {
                entrants.push((contender, *step, list.part(sweep::urls(*step, list.whole.urls))?));
            }
            continue;
        }
        let is_slow = contender == Contender::Mode(Mode::Sequential) && list.site.is_some();
        let urls = if is_slow { list.whole.urls / SEQUENTIAL_PART } else { list.whole.urls };
        entrants.push((contender, contender.concurrency(concurrency), list.part(urls)?));
    }
    Ok(entrants)
}

/// A comparison under way.
struct Comparison<'a> {
    program: PathBuf,
    list: List,
    entrants: Vec<Entrant>,
    /// For the lists and the rows; removed with this.
    folder: TempDir,
    report: Report,
    verb: &'a Compare,
    quiet: bool,
}

impl Comparison<'_> {
    /// The warm-ups, then the rounds: all contenders in each, so that what
    /// drifts meanwhile hits them alike.
    async fn measure(&mut self) -> anyhow::Result<Option<Signal>> {
        let mut signals = Signals::listen()?;
        for n in 0..self.entrants.len() {
            let (contender, concurrency, part) = self.entrants[n].clone();
            if self.entrants[..n].iter().any(|(other, _, _)| *other == contender) {
                continue;
            }
            self.tell(format_args!("warm-up: {contender}"));
            let urls = (self.list.whole.urls / 10).clamp(1, WARM_UP).min(part.urls);
            let warm_up = (contender, concurrency, self.list.part(urls)?);
            match self.run_one(&warm_up, "warm-up", &mut signals).await? {
                Round::Stopped(signal) => return Ok(Some(signal)),
                Round::Failed(why) => self.give_up(contender, &why),
                Round::Measured(_) => {}
            }
            self.clear("warm-up")?;
        }
        for round in 1..=self.report.rounds {
            if let Some(signal) = self.round(round, &mut signals).await? {
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
                    let folder = self.folder.path().join(format!("run-{n}"));
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
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder).context("the temporary folder takes no more")?;
        let job = Job {
            program: &self.program,
            list: &self.list,
            given: &self.verb.given,
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
        match fs::remove_dir_all(self.folder.path().join(name)) {
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

/// The files that were asked for, made sure of before the first run.
struct Outputs {
    json: Option<Replacement>,
    html: Option<Replacement>,
}

impl Outputs {
    fn prepare(verb: &Compare) -> anyhow::Result<Outputs> {
        let prepare = |path: &Option<PathBuf>, flag: &str| {
            let prepared = path.as_deref().map(Replacement::prepare).transpose();
            prepared.with_context(|| format!("{flag} cannot be written"))
        };
        Ok(Outputs { json: prepare(&verb.json, "--json")?, html: prepare(&verb.html, "--html")? })
    }

    fn write(&mut self, report: &Report) -> anyhow::Result<()> {
        if let Some(json) = self.json.take() {
            let mut text = serde_json::to_vec_pretty(report)?;
            text.push(b'\n');
            json.commit(&text).context("--json cannot be written")?;
        }
        if let Some(html) = self.html.take() {
            html.commit(page::page(report).as_bytes()).context("--html cannot be written")?;
        }
        Ok(())
    }
}
