//! A long run squeezed into minutes: the program checks a list whose every row
//! is known beforehand, against a practice site in this process, and is watched
//! by `/proc` meanwhile.
//!
//! `list` says what is asked and what must come of it, `rows` holds the output
//! to it, `usage` reads what the program takes, `growth` judges whether that
//! grows. `tests/it/soak.rs` makes a short run of it with each test run.

pub(crate) mod growth;
pub(crate) mod list;
pub(crate) mod rows;
pub(crate) mod usage;

use anyhow::{Context, Result, anyhow, bail, ensure};
use growth::Growth;
use list::List;
use rows::Rows;
use std::{
    fs,
    io::{BufWriter, Write},
    process::{ChildStdin, Command, Stdio},
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};
use usage::{Sample, Watched};

/// Between two looks at the program.
const PERIOD: Duration = Duration::from_secs(1);

/// A program that writes no row for so long hangs.
const PATIENCE: Duration = Duration::from_secs(180);

/// Lines of the table, about.
const LINES: u64 = 25;

/// Makes a run of so many targets and tells how it goes.
///
/// # Errors
/// A row is missing, comes twice or says something else than it must; or
/// memory, descriptors or threads grow.
pub(crate) fn soak(n_targets: u64, told: &mut (impl Write + Send)) -> Result<Growth> {
    let list = List::new(n_targets)?;
    let folder = tempfile::tempdir()?;
    let (hosts, complaints) = (folder.path().join("hosts"), folder.path().join("stderr"));
    fs::write(&hosts, list.hosts_text())?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_urlcheck"));
    command.args(["-q", "--format", "csv", "--fail-on", "never", "--input-format", "lines", "--hosts"]).arg(&hosts);
    command.args(["--resolver", &list.resolver(), "--per-host", "2", "--retries", "1"]);
    command.args(["--timeout", "20s", "--connect-timeout", "10s", "-"]).current_dir(folder.path()).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(fs::File::create(&complaints)?);
    let mut child = command.spawn().context("the program cannot be started")?;
    let stdin = child.stdin.take().context("its standard input is piped")?;
    let stdout = child.stdout.take().context("its standard output is piped")?;
    let watched = Watched::new(child);
    let n_rows = AtomicU64::new(0);
    let (stop, stopped) = mpsc::channel();
    let (fed, rows, samples) = thread::scope(|scope| {
        let feeding = scope.spawn(|| feed(&list, stdin));
        let watching = scope.spawn(|| watch(&watched, &n_rows, n_targets, stopped, &mut *told));
        let rows = Rows::read(stdout, &list, &n_rows);
        // What goes on though its rows are of no use ends now.
        let killed = if rows.is_err() { watched.kill() } else { Ok(()) };
        drop(stop);
        let panicked = || anyhow!("a thread of the soak panicked");
        let samples = watching.join().map_err(|_| panicked()).flatten();
        (feeding.join().map_err(|_| panicked()).flatten().and(killed.map_err(Into::into)), rows, samples)
    });
    let status = watched.wait()?;
    let complaints = fs::read_to_string(complaints)?;
    let ended = || format!("the program ended with {status}; it said: {complaints}");
    let samples = samples.with_context(ended)?;
    let rows = rows.with_context(ended)?;
    fed.with_context(ended)?;
    ensure!(status.success() && complaints.is_empty(), ended());
    rows.tell(&list, told)?;
    let growth = Growth::of(&samples, n_targets);
    writeln!(told, "{growth}")?;
    match &growth {
        Growth::Grows(..) => bail!("{growth}"),
        Growth::Flat(..) | Growth::TooShort => Ok(growth),
    }
}

/// Writes the list to the program, as fast as it reads.
fn feed(list: &List, stdin: ChildStdin) -> Result<()> {
    let mut out = BufWriter::with_capacity(64 * 1024, stdin);
    let written = (1..=list.n_targets()).try_for_each(|index| writeln!(out, "{}", list.url(index)));
    written.and_then(|()| out.flush()).context("the program did not read its list to the end")
}

/// Looks at the program once a period until it is told to stop, and tells some
/// of what it sees.
fn watch(
    watched: &Watched,
    n_rows: &AtomicU64,
    n_targets: u64,
    stopped: Receiver<()>,
    told: &mut dyn Write,
) -> Result<Vec<Sample>> {
    writeln!(told, "{}", Sample::HEADER)?;
    let (mut samples, mut last_told) = (Vec::<Sample>::new(), Sample::default());
    let (began, mut last_row_at) = (Instant::now(), Instant::now());
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(PERIOD) {
        let rows = n_rows.load(Ordering::Relaxed);
        match samples.last() {
            Some(last) if last.rows == rows && last_row_at.elapsed() > PATIENCE => {
                watched.kill()?;
                bail!("no row came for {PATIENCE:?}, after {rows}");
            }
            Some(last) if last.rows == rows => {}
            _ => last_row_at = Instant::now(),
        }
        let seen = watched.sample(began.elapsed(), rows).context("the program's /proc cannot be read")?;
        let Some(sample) = seen else { break };
        if rows >= last_told.rows + n_targets.div_ceil(LINES) {
            writeln!(told, "{}", sample.line(&last_told))?;
            last_told = sample;
        }
        samples.push(sample);
    }
    Ok(samples)
}
