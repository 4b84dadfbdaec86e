//! Who is compared: the modes of urlcheck, and the same job in Python as the
//! talk would write it. Each is a command line and a file of rows.

use super::list::List;
use crate::{cli::Given, plan::Mode};
use serde::Serialize;
use std::{
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};
use tokio::process::Command;

/// Who runs the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Contender {
    Mode(Mode),
    Python(Peer),
}

/// The job in Python, by what its standard library or package calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) enum Peer {
    #[serde(rename = "py-threading")]
    Threading,
    #[serde(rename = "py-multiprocessing")]
    Multiprocessing,
    #[serde(rename = "py-subprocess")]
    Subprocess,
    #[serde(rename = "py-gevent")]
    Gevent,
    #[serde(rename = "py-asyncio")]
    Asyncio,
}

impl Peer {
    pub(super) const ALL: [Peer; 5] =
        [Peer::Threading, Peer::Multiprocessing, Peer::Subprocess, Peer::Gevent, Peer::Asyncio];

    fn name(self) -> &'static str {
        match self {
            Peer::Threading => "py-threading",
            Peer::Multiprocessing => "py-multiprocessing",
            Peer::Subprocess => "py-subprocess",
            Peer::Gevent => "py-gevent",
            Peer::Asyncio => "py-asyncio",
        }
    }

    /// Its program, from `benches/peers`.
    fn script(self) -> PathBuf {
        Path::new(PEERS).join(format!("check_{}.py", self.name().trim_start_matches("py-")))
    }
}

/// Where the Python programs are, in this project's folder.
const PEERS: &str = "benches/peers";

/// How the packages that they need are had.
pub(super) const PYTHON_HELP: &str = "--with-python needs python3 and packages, from this project's folder: \
    python3 -m venv venv && . venv/bin/activate && pip install -r benches/peers/requirements.txt";

/// One run to make.
pub(super) struct Job<'a> {
    /// The program of ourselves.
    pub(super) program: &'a Path,
    pub(super) list: &'a List,
    /// The options of the default verb that were given.
    pub(super) given: &'a [Given],
    pub(super) concurrency: u32,
    /// Which part of the list.
    pub(super) targets: &'a super::list::Part,
    /// A folder of this run's own.
    pub(super) folder: &'a Path,
}

impl Job<'_> {
    pub(super) fn rows(&self) -> PathBuf {
        self.folder.join("rows")
    }

    pub(super) fn summary(&self) -> PathBuf {
        self.folder.join("summary.json")
    }
}

impl Contender {
    /// The name in every table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Contender::Mode(mode) => mode.as_str(),
            Contender::Python(peer) => peer.name(),
        }
    }

    /// Requests at once, of those that were asked for.
    pub(super) fn concurrency(self, asked: u32) -> u32 {
        if self == Contender::Mode(Mode::Sequential) { 1 } else { asked }
    }

    /// Of the practice site's list, it gets one URL in so many: with all, the
    /// slow ones would take most of the time.
    pub(super) fn practice_part(self) -> u64 {
        match self {
            Contender::Mode(Mode::Sequential | Mode::Subprocess) => 10,
            Contender::Mode(Mode::Async | Mode::Threads | Mode::Tasks | Mode::Processes) => 1,
            Contender::Python(Peer::Subprocess) => 10,
            Contender::Python(_) => 1,
        }
    }

    /// The command that makes a run, its standard output still to be led.
    pub(super) fn command(self, job: &Job<'_>) -> Command {
        match self {
            Contender::Mode(mode) => {
                let mut command = Command::new(job.program);
                command.args(mode_arguments(mode, job));
                command
            }
            Contender::Python(peer) => {
                let mut command = Command::new("python3");
                command.arg(peer.script()).arg(&job.targets.plain).args(["-c", &job.concurrency.to_string()]);
                command
            }
        }
    }

    /// Whether its rows come on its standard output.
    pub(super) fn writes_to_stdout(self) -> bool {
        matches!(self, Contender::Python(_))
    }

    /// What to do when it cannot run, beyond what it says itself.
    pub(super) fn help(self) -> Option<&'static str> {
        match self {
            Contender::Mode(_) => None,
            Contender::Python(_) => Some(PYTHON_HELP),
        }
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

fn mode_arguments(mode: Mode, job: &Job<'_>) -> Vec<OsString> {
    // Decided here, whatever a file or the environment says.
    let mut ours = vec![
        Given::new("mode", mode.as_str()),
        Given::new("concurrency", Contender::Mode(mode).concurrency(job.concurrency).to_string()),
        Given::new("output", job.rows()),
        Given::new("format", "jsonl"),
        Given::new("summary", job.summary()),
        Given::new("input_format", "jsonl"),
        Given::new("url_column", "url"),
        Given::new("fail_on", "never"),
        Given::new("progress", "never"),
        Given::new("quiet", "true"),
    ];
    ours.extend(job.list.network.iter().cloned());
    let is_ours = |given: &Given| ours.iter().any(|mine| mine.name == given.name);
    let means_nothing = |given: &Given| given.name == "loops" && !mode.has_loops();
    let theirs = job.given.iter().filter(|given| !is_ours(given) && !means_nothing(given));
    let arguments = ours.iter().chain(theirs).map(|given| given.argument.clone());
    arguments.chain([job.targets.jsonl.clone().into_os_string()]).collect()
}
