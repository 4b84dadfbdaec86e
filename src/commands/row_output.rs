//! The rows' file (`-o`): opened anew or gone on with, and closed; and, when
//! it could not be written, how to go on.

use crate::{
    cli::RowFormat,
    resume::{self, Binding, Done, Existing, Layout, Setting, Unbound, Wish},
    settings::Output,
    sink::{Commit, Kept, RowFile, RowFileEnd, RowFileError},
    source::Input,
};
use anyhow::{anyhow, ensure};
use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

/// What a run is made of, as far as that can be had again.
pub(super) struct MadeOf<'a> {
    pub(super) inputs: &'a Result<Vec<Input>, Unbound>,
    pub(super) settings: &'a [Setting],
    /// The input's own columns.
    pub(super) columns: &'a [String],
}

/// The rows' file, open.
pub(super) struct RowOutput {
    pub(super) out: Box<dyn Write + Send>,
    /// The targets that have a row in it already.
    pub(super) done: Done,
    /// Those rows, counted.
    pub(super) kept: Kept,
    /// Whether its header is there already.
    pub(super) has_header: bool,
    /// Closes it; a pipe or a device needs no closing.
    pub(super) end: Option<RowOutputEnd>,
}

/// The end of a file of rows.
pub(super) struct RowOutputEnd {
    file: RowFileEnd,
    path: PathBuf,
    /// Lines of it that are no rows.
    headers: u64,
    commit: Commit,
    can_go_on: bool,
}

/// Opens the rows' file, as `--resume` and `--force` say.
pub(super) fn open(path: &Path, output: &Output, made_of: &MadeOf<'_>) -> anyhow::Result<RowOutput> {
    let named = |error: &dyn std::fmt::Display| anyhow!("-o {}: {error}", path.display());
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        let resumes = matches!(output.existing, Existing::Resume(_));
        ensure!(!resumes, named(&"is no file, so --resume has nothing to go on with"));
        let out = File::create(path).map_err(|error| named(&resume::OpenError::Io(error)))?;
        let (done, kept) = (Done::default(), Kept::default());
        return Ok(RowOutput { out: Box::new(out), done, kept, has_header: false, end: None });
    }
    let layout = match output.format(false) {
        RowFormat::Csv => Some(Layout::Csv),
        RowFormat::Jsonl => Some(Layout::Jsonl),
        RowFormat::Text => None,
    };
    let binding = match (layout, made_of.inputs) {
        (_, Err(unbound)) => Err(unbound.clone()),
        (None, Ok(_)) => Err(Unbound("text cannot be read back".to_owned())),
        (Some(layout), Ok(inputs)) => {
            Binding::of(layout, made_of.columns, inputs, made_of.settings).map_err(anyhow::Error::from)?
        }
    };
    let can_go_on = binding.is_ok();
    let wish = Wish { path, layout, extra: made_of.columns, existing: &output.existing, binding };
    let opened = resume::open(wish).map_err(|error| named(&error))?;
    let (out, file) = RowFile::new(opened.file, opened.bytes, opened.lines, output.commit)?;
    let end = RowOutputEnd {
        file,
        path: path.to_owned(),
        headers: u64::from(layout == Some(Layout::Csv)),
        commit: output.commit,
        can_go_on,
    };
    let has_header = opened.lines > 0;
    Ok(RowOutput { out: Box::new(out), done: opened.done, kept: opened.kept, has_header, end: Some(end) })
}

impl RowOutputEnd {
    /// Makes the last rows safe; says what is left when that, or anything
    /// before, went wrong.
    pub(super) fn close(self) -> anyhow::Result<()> {
        let RowOutputEnd { file, path, headers, commit, can_go_on } = self;
        file.close().map_err(|error| {
            let next = if can_go_on { go_on(env::args_os().collect()) } else { None };
            anyhow!("could not write {}: {}", path.display(), sentence(&error, headers, commit, next.as_deref()))
        })
    }
}

/// `No space left on device (os error 28); its 412 rows are whole and safe; …`
fn sentence(error: &RowFileError, headers: u64, commit: Commit, go_on: Option<&str>) -> String {
    let n_rows = error.lines.saturating_sub(headers);
    let rows = match n_rows {
        0 => "no row is in it".to_owned(),
        1 => format!("the row in it is {}", how_safe(commit)),
        _ => format!("the {n_rows} rows in it are {}", how_safe(commit)),
    };
    let torn = if error.torn { ", but for a piece of one at its end" } else { "" };
    let next = match go_on {
        Some(command) => format!("make room, then go on: {command}"),
        None => "make room, then run again with --force".to_owned(),
    };
    format!("{}; {rows}{torn}; {next}", error.why)
}

fn how_safe(commit: Commit) -> &'static str {
    match commit {
        Commit::Never => "whole",
        Commit::Interval | Commit::Every => "whole and safe",
    }
}

/// The command line that goes on with a run, ready for a shell. What may be a
/// password is not repeated: then it is told in words. `None` when an argument
/// cannot be written down.
fn go_on(arguments: Vec<OsString>) -> Option<String> {
    let arguments: Vec<String> =
        arguments.into_iter().map(|argument| argument.into_string().ok()).collect::<Option<_>>()?;
    let is_secret =
        |argument: &String| argument.contains('@') || argument.starts_with("-H") || argument.starts_with("--header");
    if arguments.iter().any(is_secret) {
        return Some("the same command with --resume, without --force".to_owned());
    }
    let starts_anew = |argument: &str| argument == "--force" || argument.starts_with("--force=");
    let resumes = ["--resume", "--resume-unknown", "--recheck"];
    let goes_on = |argument: &str| resumes.iter().any(|flag| argument.split('=').next() == Some(flag));
    let mut words = Vec::new();
    for (n, argument) in arguments.iter().enumerate() {
        let word = if n == 0 { Path::new(argument).file_name()?.to_str()? } else { argument };
        if !starts_anew(word) {
            words.push(shlex::try_quote(word).ok()?.into_owned());
        }
    }
    if !arguments.iter().any(|argument| goes_on(argument)) {
        // Behind a `--` it would be an input.
        let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
        words.insert(end, "--resume".to_owned());
    }
    Some(words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(line: &[&str]) -> Option<String> {
        go_on(line.iter().map(Into::into).collect())
    }

    #[test]
    fn the_command_that_goes_on_can_be_pasted() {
        for (line, command) in [
            (&["/bin/urlcheck", "my urls.txt", "-o", "out.csv"][..], "urlcheck 'my urls.txt' -o out.csv --resume"),
            (&["urlcheck", "--force", "a", "-o", "b"], "urlcheck a -o b --resume"),
            (&["urlcheck", "a", "-ob", "--resume"], "urlcheck a -ob --resume"),
            (&["urlcheck", "a", "-ob", "--recheck", "down"], "urlcheck a -ob --recheck down"),
        ] {
            assert_eq!(next(line).as_deref(), Some(command));
        }
    }

    #[test]
    fn the_command_that_goes_on_tells_no_password() {
        for line in [
            &["urlcheck", "https://me:secret@a.example/"][..],
            &["urlcheck", "a", "-HAuthorization: secret"],
            &["urlcheck", "a", "--header", "Authorization: secret"],
        ] {
            assert_eq!(next(line).as_deref(), Some("the same command with --resume, without --force"));
        }
    }

    #[test]
    fn what_is_safe_is_told() {
        let said = |lines, torn, commit, next| {
            let kind = std::io::ErrorKind::StorageFull;
            let error = RowFileError { why: "it is full".to_owned(), lines, torn, kind };
            sentence(&error, 1, commit, next)
        };
        let next = Some("urlcheck a --resume");
        assert_eq!(
            said(413, false, Commit::Interval, next),
            "it is full; the 412 rows in it are whole and safe; make room, then go on: urlcheck a --resume"
        );
        assert_eq!(
            said(2, true, Commit::Never, None),
            "it is full; the row in it is whole, but for a piece of one at its end; make room, then run again with --force"
        );
        assert!(said(0, false, Commit::Every, next).starts_with("it is full; no row is in it; "));
    }
}
