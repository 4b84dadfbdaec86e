//! Where a run writes to: whether an output is fit to be written, before any
//! of them is emptied, and the sinks that write it.

use super::{
    is_coloured, log,
    row_output::{self, MadeOf, RowOutputEnd},
};
use crate::{
    cli::{Order, RowFormat, When},
    resume::{self, Done, Existing},
    settings::Output,
    sink::{Bar, Csv, Jsonl, Kept, Ordered, Progress, Show, Sink, Sinks, Style, Summary, Text},
    source::Input,
};
use anyhow::{Context, ensure};
use same_file::Handle;
use std::{
    fs,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Refuses an output that is also read, or is two outputs at once: the one
/// would wipe out the other, whatever name it goes by.
pub(super) fn ensure_distinct(output: &Output, inputs: &[Input]) -> anyhow::Result<()> {
    let read: Vec<Handle> = inputs.iter().filter_map(opened).collect();
    let beside = output.file.as_deref().map(resume::beside);
    for path in output.file.iter().chain(beside.iter().flatten()).chain(&output.summary) {
        let is_read = file(path).is_some_and(|handle| read.contains(&handle));
        ensure!(!is_read, "{}: is an input; an output would wipe it out", path.display());
    }
    if output.file.is_none() {
        let is_read = Handle::stdout().is_ok_and(|handle| is_file(&handle) && read.contains(&handle));
        ensure!(!is_read, "standard output is an input, too; the run would never end: write the rows to another file");
    }
    match (&output.file, &output.summary) {
        (Some(rows), Some(summary)) => {
            let why = "the summary would wipe out the rows (-o); name another file";
            ensure!(!is_same(rows, summary), "{}: {why}", summary.display());
            let why = "the summary would wipe out what --resume needs; name another file";
            ensure!(!is_same(&resume::sidecar(rows), summary), "{}: {why}", summary.display());
        }
        (None, Some(summary)) => {
            let is_rows = file(summary).is_some_and(|file| Handle::stdout().is_ok_and(|stdout| stdout == file));
            let why = "the summary would wipe out the rows (standard output); name another file";
            ensure!(!is_rows, "{}: {why}", summary.display());
        }
        (_, None) => {}
    }
    Ok(())
}

/// Whether an input is known to end: a pipe, also one that has a path, may
/// stay open for ever.
pub(super) fn has_end(input: &Input) -> bool {
    match input {
        Input::File(path) => fs::metadata(path).is_ok_and(|metadata| metadata.is_file()),
        Input::Stdin => Handle::stdin().is_ok_and(|handle| is_file(&handle)),
        Input::Url(_) => true,
    }
}

/// Everything that a run writes to.
pub(super) struct Outputs {
    pub(super) sinks: Sinks,
    /// The targets that have their row already.
    pub(super) done: Arc<Done>,
    /// Closes the rows' file, when all sinks have finished.
    pub(super) end: Option<RowOutputEnd>,
}

/// Progress, then rows, then the summary: the order in which they are heard.
pub(super) fn open(output: &Output, made_of: &MadeOf<'_>) -> anyhow::Result<Outputs> {
    let (out, err) = (io::stdout().is_terminal(), io::stderr().is_terminal());
    let resumes = matches!(output.existing, Existing::Resume(_));
    ensure!(!resumes || output.file.is_some(), "--resume needs the file to go on with: -o FILE");
    // The summary's file is made sure of before the rows' file is touched.
    let mut summary = Summary::new();
    if let Some(path) = &output.summary {
        summary = summary.file(path).context("cannot write the --summary")?;
    }
    let rows_file = output.file.as_deref().map(|path| row_output::open(path, output, made_of)).transpose()?;
    let kept = rows_file.as_ref().map_or_else(Kept::default, |rows| rows.kept.clone());
    let mut sinks = Sinks::keeping(kept.counts());
    let bar = (err && output.shows_progress()).then(Bar::on_stderr);
    match &bar {
        Some(bar) => {
            log::keep_above(bar);
            sinks.add("the progress bar", Progress::bar(bar.clone()));
        }
        None if output.progress == When::Always && !output.quiet => {
            sinks.add("standard error", Progress::lines(Spoken));
        }
        None => {}
    }
    let style = |is_terminal| Style { colour: is_coloured(output.color, is_terminal), width: width(is_terminal) };
    summary = summary.keeping(&kept);
    if !output.quiet {
        summary = summary.lines(Spoken, style(err));
    }
    let (mut done, mut end) = (Arc::default(), None);
    let mut rows = Rows { format: format(output), order: output.order, has_header: false, columns: made_of.columns };
    match (rows_file, &output.file, &bar) {
        (Some(file), Some(path), _) => {
            (done, end) = (Arc::new(file.done), file.end);
            rows.has_header = file.has_header;
            let name = path.display().to_string();
            sinks.add(
                &name,
                rows.sink(file.out, output.show, style(false), &done).with_context(|| cannot_write(&name))?,
            );
        }
        (_, _, bar) => {
            let out_style = style(out);
            let stdout: Box<dyn Write + Send> = match bar.as_ref().filter(|_| out) {
                Some(bar) => Box::new(bar.beside(io::stdout())),
                None => Box::new(io::stdout()),
            };
            sinks.add(STDOUT, rows.sink(stdout, output.show, out_style, &done).with_context(|| cannot_write(STDOUT))?);
        }
    }
    sinks.add("the summary", summary);
    Ok(Outputs { sinks, done, end })
}

/// Standard error, where nothing stands that a run depends on: whoever has
/// closed it only hears no more.
struct Spoken;

impl Write for Spoken {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _unheard = io::stderr().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const STDOUT: &str = "standard output";

fn cannot_write(name: &str) -> String {
    format!("{name}: cannot be written")
}

fn format(output: &Output) -> RowFormat {
    output.format(output.file.is_none() && io::stdout().is_terminal())
}

/// How the rows are written.
struct Rows<'a> {
    format: RowFormat,
    order: Order,
    /// The file has its header already.
    has_header: bool,
    columns: &'a [String],
}

impl Rows<'_> {
    fn sink(
        &self,
        out: impl Write + Send + 'static,
        show: Show,
        style: Style,
        done: &Arc<Done>,
    ) -> io::Result<Box<dyn Sink + Send>> {
        match self.order {
            Order::Completion => self.formatted(out, show, style),
            // Targets are numbered from 1, and each has its row, now or already.
            Order::Input => {
                let done = done.clone();
                let turns = (1..).filter(move |index| !done.has(*index));
                Ok(Box::new(Ordered::new(out, turns, |page| self.formatted(page, show, style))?))
            }
        }
    }

    fn formatted(
        &self,
        out: impl Write + Send + 'static,
        show: Show,
        style: Style,
    ) -> io::Result<Box<dyn Sink + Send>> {
        let columns = self.columns.to_vec();
        Ok(match self.format {
            RowFormat::Csv if self.has_header => Box::new(Csv::after_header(out, columns.len())),
            RowFormat::Csv => Box::new(Csv::new(out, columns)?),
            RowFormat::Jsonl => Box::new(Jsonl::new(out, columns)),
            RowFormat::Text => Box::new(Text::new(out, show, style)),
        })
    }
}

fn width(is_terminal: bool) -> Option<usize> {
    is_terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0))
}

impl Output {
    /// Whether progress is shown at all: on a terminal, or when asked for.
    pub(super) fn shows_progress(&self) -> bool {
        match self.progress {
            _ if self.quiet => false,
            When::Never => false,
            When::Always => true,
            When::Auto => io::stderr().is_terminal(),
        }
    }
}

fn opened(input: &Input) -> Option<Handle> {
    match input {
        Input::File(path) => file(path),
        Input::Stdin => Handle::stdin().ok(),
        Input::Url(_) => None,
    }
}

/// A named pipe must not be opened only to look at it: that waits for its
/// other end, and takes it away again.
fn file(path: &Path) -> Option<Handle> {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file()).then(|| Handle::from_path(path).ok()).flatten()
}

/// A terminal or `/dev/null` may well be both.
fn is_file(handle: &Handle) -> bool {
    handle.as_file().metadata().is_ok_and(|metadata| metadata.is_file())
}

/// Whether two paths are one file, also one that is yet to be.
fn is_same(one: &Path, other: &Path) -> bool {
    match (file(one), file(other)) {
        (Some(one), Some(other)) => one == other,
        // A device may well be both.
        _ if one.exists() || other.exists() => false,
        _ => one.file_name() == other.file_name() && folder(one).is_some_and(|one| folder(other) == Some(one)),
    }
}

fn folder(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()
}
