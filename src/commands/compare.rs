//! `urlcheck compare`: the same list in every mode, one fresh process after
//! another, in turn, measured; then what to make of it.
//!
//! In reading order: `list` is what all run, `contender` who runs it, `comparison` the rounds,
//! `round` one run, `agreement` whether the rows are the same, `report` all that was found
//! out, `table` and `page` how it is shown, `recommend` what follows from it.

mod agreement;
mod chart;
mod comparison;
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

use super::{is_coloured, signals::Signals};
use crate::{
    cli::{Compare, REFUSED},
    exit::{Exit, Signal},
    plan::Mode,
    settings::Settings,
    sink::Replacement,
};
use agreement::Agreement;
use anyhow::{Context, bail};
use comparison::{Comparison, Entrant};
use contender::{Contender, Peer};
use jiff::Timestamp;
use list::List;
use machine::Machine;
use report::{Entry, ListFacts, Report};
use std::{
    env,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    thread,
};
use tokio::{runtime, sync::oneshot};

/// Rounds, unless told.
const ROUNDS: u32 = 3;

/// Runs the list in every mode that was asked for.
///
/// # Errors
/// Nothing could be compared, or an output could not be written.
pub fn run(verb: Compare) -> anyhow::Result<Exit> {
    refuse(&verb)?;
    let settings = super::settings(verb.options.clone())?;
    let outputs = Outputs::prepare(&verb)?;
    let folder =
        tempfile::Builder::new().prefix("urlcheck-compare-").tempdir().context("there is no temporary folder")?;
    let compared = compare(&verb, &settings, folder.path());
    let report = match runtime::Builder::new_current_thread().enable_all().build()?.block_on(compared)? {
        Ok(report) => report,
        Err(signal) => return Ok(signal.into()),
    };
    outputs.write(&report)?;
    let coloured = is_coloured(settings.output.color, io::stdout().is_terminal());
    io::stdout().lock().write_all(table::text(&report, coloured).as_bytes()).context("cannot write the table")?;
    Ok(if report.agreement.different == 0 { Exit::Fine } else { Exit::Down })
}

/// What came of it, or the signal that stopped it.
async fn compare(verb: &Compare, settings: &Settings, folder: &Path) -> anyhow::Result<Result<Report, Signal>> {
    let mut signals = Signals::listen()?;
    let program = env::current_exe().context("this program cannot be found again")?;
    let list = tokio::select! {
        list = list(verb, settings, &program, folder)? => list.context("the list was not read")??,
        signal = signals.next() => return Ok(Err(signal)),
    };
    let concurrency = u32::try_from(settings.plan.limits.concurrency).unwrap_or(u32::MAX);
    let entrants = entrants(verb, &list, concurrency)?;
    let report = Report {
        urlcheck: env!("CARGO_PKG_VERSION"),
        began_at: Timestamp::now().to_string(),
        machine: Machine::this(),
        list: ListFacts { name: list.name.clone(), urls: list.whole.urls, ..ListFacts::default() },
        concurrency,
        rounds: verb.rounds.map_or(if verb.sweep { 1 } else { ROUNDS }, |rounds| rounds.get()),
        sweep: verb.sweep,
        runs: entrants.iter().map(|(contender, at_once, part)| Entry::new(*contender, *at_once, part.urls)).collect(),
        agreement: Agreement::default(),
        recommendation: None,
    };
    let (given, quiet) = (&verb.given[..], settings.output.quiet);
    let mut comparison = Comparison { program: &program, list, entrants, folder, report, given, quiet };
    if let Some(signal) = comparison.measure(&mut signals).await? {
        return Ok(Err(signal));
    }
    let mut report = comparison.report;
    if report.measured().next().is_none() {
        let why = report.runs.iter().find_map(|entry| entry.failed.as_deref()).unwrap_or("no mode is left");
        bail!("nothing could be compared: {why}");
    }
    if !verb.sweep {
        report.recommendation = recommend::of(&report, settings.plan.limits.per_host);
    }
    Ok(Ok(report))
}

/// The list, made on a thread of its own: a pipe may stay open for ever.
fn list(
    verb: &Compare,
    settings: &Settings,
    program: &Path,
    folder: &Path,
) -> io::Result<oneshot::Receiver<anyhow::Result<List>>> {
    let (tell, told) = oneshot::channel();
    let (verb, settings) = (verb.clone(), settings.clone());
    let (program, folder) = (program.to_owned(), folder.to_owned());
    thread::Builder::new().name("list".to_owned()).spawn(move || {
        let list = match verb.inputs.is_empty() {
            true => List::of_practice_site(&program, verb.with_python, &verb.given, &folder),
            false => List::of_inputs(&verb.inputs, &settings, &folder),
        };
        // Nobody listens any more after a signal.
        let _left = tell.send(list);
    })?;
    Ok(told)
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

fn entrants(verb: &Compare, list: &List, concurrency: u32) -> anyhow::Result<Vec<Entrant>> {
    let mut contenders: Vec<Contender> = match &verb.modes {
        Some(modes) => modes.iter().copied().map(Contender::Mode).collect(),
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
        let part = if list.site.is_some() { contender.practice_part() } else { 1 };
        let urls = (list.whole.urls / part).max(1);
        entrants.push((contender, contender.concurrency(concurrency), list.part(urls)?));
    }
    Ok(entrants)
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

    fn write(self, report: &Report) -> anyhow::Result<()> {
        if let Some(json) = self.json {
            let mut text = serde_json::to_vec_pretty(report)?;
            text.push(b'\n');
            json.commit(&text).context("--json cannot be written")?;
        }
        if let Some(html) = self.html {
            html.commit(page::page(report).as_bytes()).context("--html cannot be written")?;
        }
        Ok(())
    }
}
