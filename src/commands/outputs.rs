//! Where a run writes to: whether an output is fit to be written, before any
//! of them is emptied, and the sinks that write it.

use super::{is_coloured, log};
use crate::{
    cli::{Order, RowFormat, When},
    settings::Output,
    sink::{Bar, Csv, Jsonl, Ordered, Progress, Show, Sink, Sinks, Style, Summary, Text},
    source::Input,
};
use anyhow::{Context, anyhow, ensure};
use same_file::Handle;
use std::{
    fs::{self, File},
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

/// Refuses an output that is also read, or is two outputs at once: the one
/// would wipe out the other, whatever name it goes by.
pub(super) fn ensure_distinct(output: &Output, inputs: &[Input]) -> anyhow::Result<()> {
    let read: Vec<Handle> = inputs.iter().filter_map(opened).collect();
    for path in output.file.iter().chain(&output.summary) {
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

/// Progress, then rows, then the summary: the order in which they are heard.
pub(super) fn sinks(output: &Output, columns: Vec<String>) -> anyhow::Result<Sinks> {
    let (out, err) = (io::stdout().is_terminal(), io::stderr().is_terminal());
    let mut sinks = Sinks::default();
    let bar = (err && output.shows_progress()).then(Bar::on_stderr);
    match &bar {
        Some(bar) => {
            log::keep_above(bar);
            sinks.add("the progress bar", Progress::bar(bar.clone()));
        }
        None if output.progress == When::Always && !output.quiet => {
            sinks.add("standard error", Progress::lines(io::stderr()));
        }
        None => {}
    }
    let style = |is_terminal| Style { colour: is_coloured(output.color, is_terminal), width: width(is_terminal) };
    // The summary's file is made sure of before the rows' file is emptied.
    let mut summary = Summary::new();
    if !output.quiet {
        summary = summary.lines(io::stderr(), style(err));
    }
    if let Some(path) = &output.summary {
        summary = summary.file(path).context("cannot write the --summary")?;
    }
    match (&output.file, &bar) {
        (Some(path), _) => rows(&mut sinks, &path.display().to_string(), create(path)?, output, style(false), columns)?,
        (None, Some(bar)) if out => {
            rows(&mut sinks, "standard output", bar.beside(io::stdout()), output, style(out), columns)?;
        }
        (None, _) => rows(&mut sinks, "standard output", io::stdout(), output, style(out), columns)?,
    }
    sinks.add("the summary", summary);
    Ok(sinks)
}

fn rows(
    sinks: &mut Sinks,
    name: &str,
    out: impl Write + Send + 'static,
    output: &Output,
    style: Style,
    columns: Vec<String>,
) -> anyhow::Result<()> {
    let format = output.format(output.file.is_none() && io::stdout().is_terminal());
    let show = output.show;
    let rows = match output.order {
        Order::Completion => formatted(out, format, show, style, columns),
        // Every target has its row, and they are numbered from 1.
        Order::Input => Ordered::new(out, 1.., |page| formatted(page, format, show, style, columns))
            .map(|ordered| Box::new(ordered) as Box<dyn Sink + Send>),
    };
    sinks.add(name, rows.with_context(|| format!("{name}: cannot be written"))?);
    Ok(())
}

fn formatted(
    out: impl Write + Send + 'static,
    format: RowFormat,
    show: Show,
    style: Style,
    columns: Vec<String>,
) -> io::Result<Box<dyn Sink + Send>> {
    Ok(match format {
        RowFormat::Csv => Box::new(Csv::new(out, columns)?),
        RowFormat::Jsonl => Box::new(Jsonl::new(out, columns)),
        RowFormat::Text => Box::new(Text::new(out, show, style)),
    })
}

fn create(path: &Path) -> anyhow::Result<File> {
    File::create(path)
        .map_err(|error| anyhow!("-o {}: cannot be written: {error}; is the folder there, and yours?", path.display()))
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
