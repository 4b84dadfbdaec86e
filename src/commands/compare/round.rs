//! One run of one contender: a fresh process, watched until it ends.

use super::{
    contender::{Contender, Job},
    figure::{Figure, Figures},
    process_tree::{self, Peaks},
    usage::Usage,
};
use crate::{commands::signals::Signals, exit::Signal, sink};
use anyhow::Context;
use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader},
    path::Path,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};
use tokio::{process::Child, time};

/// Time between two looks at the processes.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// And so many times what a look takes, that looking costs a twentieth of a core at most.
const LOOK_SHARE: u32 = 20;

/// What came of a run.
pub(super) enum Round {
    /// It ended with a row for every URL.
    Measured(Figures),
    /// It could not be made; why.
    Failed(String),
    /// We were told to stop.
    Stopped(Signal),
}

/// Makes a run.
///
/// # Errors
/// Only about ourselves: no room for files, no signals.
pub(super) async fn run(contender: Contender, job: &Job<'_>, signals: &mut Signals) -> anyhow::Result<Round> {
    let mut command = contender.command(job);
    let errors = job.folder.join("errors");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&errors)?).kill_on_drop(true);
    if contender.writes_to_stdout() {
        command.stdout(File::create(job.rows())?);
    }
    // Ctrl-C on a terminal is for us alone.
    #[cfg(unix)]
    command.process_group(0);
    let before = Usage::of_children();
    let began = Instant::now();
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Ok(Round::Failed(not_started(contender, &error))),
    };
    let mut peaks = Peaks::default();
    let status = match watch(&mut child, &mut peaks, signals).await? {
        Ok(status) => status,
        Err(signal) => return Ok(Round::Stopped(signal)),
    };
    let wall = began.elapsed().as_secs_f64();
    if !status.success() {
        return Ok(Round::Failed(why(contender, status, &errors)));
    }
    let rows = count_rows(contender, &job.rows())?;
    if rows != job.targets.urls {
        return Ok(Round::Failed(format!("it wrote {rows} rows for {} URLs", job.targets.urls)));
    }
    let mut figures = Figures::default();
    figures.set(Figure::Wall, Some(wall));
    figures.set(Figure::Rate, Some(rows as f64 / wall));
    peaks.tell(&mut figures);
    if let (Some(before), Some(after)) = (before, Usage::of_children()) {
        after.tell(before, job.targets.urls, &mut figures);
    }
    Ok(Round::Measured(figures))
}

/// Looks at the processes until they end, or until we are to stop: then they
/// are ended, too.
async fn watch(
    child: &mut Child,
    peaks: &mut Peaks,
    signals: &mut Signals,
) -> anyhow::Result<Result<ExitStatus, Signal>> {
    let mut pause = Duration::from_millis(1);
    loop {
        tokio::select! {
            status = child.wait() => return Ok(Ok(status.context("a run cannot be waited for")?)),
            () = time::sleep(pause) => {
                let began = Instant::now();
                child.id().into_iter().for_each(|id| peaks.look(id));
                pause = LOOK_EVERY.max(began.elapsed() * LOOK_SHARE);
            }
            signal = signals.next() => {
                child.id().into_iter().for_each(end_tree);
                child.kill().await.context("a run cannot be ended")?;
                return Ok(Err(signal));
            }
        }
    }
}

/// Ends a process and all that descend from it, whatever their group.
#[cfg(unix)]
fn end_tree(id: u32) {
    use nix::{
        sys::signal::{Signal::SIGKILL, kill, killpg},
        unistd::Pid,
    };
    let ids = process_tree::tree(id).into_iter().filter_map(|id| i32::try_from(id).ok()).map(Pid::from_raw);
    for id in ids {
        // It may have ended by itself just now, or lead no group.
        let _ended = (killpg(id, SIGKILL), kill(id, SIGKILL));
    }
}

#[cfg(not(unix))]
fn end_tree(id: u32) {
    // Only what runs on Unix has processes of its own to end.
    tracing::debug!("{} processes end with their parent", process_tree::tree(id).len());
}

fn count_rows(contender: Contender, path: &Path) -> anyhow::Result<u64> {
    let rows = File::open(path).context("a run wrote no rows")?;
    if contender.writes_to_stdout() {
        return Ok(csv::Reader::from_reader(BufReader::new(rows)).byte_records().count() as u64);
    }
    Ok(BufReader::new(rows).split(b'\n').count() as u64)
}

fn not_started(contender: Contender, error: &io::Error) -> String {
    let help = contender.help().map(|help| format!("; {help}")).unwrap_or_default();
    format!("it cannot start: {error}{help}")
}

/// The last line that it said, which is the error in our own runs and in Python's.
fn why(contender: Contender, status: ExitStatus, errors: &Path) -> String {
    let said = fs::read(errors).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    let last = sink::told(last.strip_prefix("urlcheck: ").unwrap_or(last));
    match (contender, status.code()) {
        (Contender::Mode(_), Some(2)) => last,
        _ => {
            let help = contender.help().map(|help| format!("; {help}")).unwrap_or_default();
            format!("{last} ({status}){help}")
        }
    }
}
