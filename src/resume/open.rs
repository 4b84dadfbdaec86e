//! The file of the rows, opened: locked, and ready for the next row.
//!
//! Nothing of an old output is changed before the lock is had and all of it was
//! read. Then, in this order, each step whole before the next begins:
//!
//! - anew: the old rows go, then the binding is replaced, then the first row
//!   comes. Whatever is left after a crash is an empty output, or refused.
//! - going on: rows of targets to be checked again leave the file in one
//!   rename; without such rows, only a torn one is cut off.

use super::{
    Again, Binding, BindingError, Done, Layout, ScanError, Unbound,
    binding::sidecar,
    folder::{part_of, remove, sync_folder_of, write_whole},
    scan::{Scan, scan},
};
use crate::sink::Kept;
use same_file::Handle;
use std::{
    fs::{self, File, TryLockError},
    io::{self, BufReader, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

const BUFFER: usize = 256 * 1024;

/// Runs that would have to end one after another just now.
const MOST_TRIES: usize = 100;

/// What becomes of an output that is there already and not empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// It stays as it is: the run is not made.
    #[default]
    Refuse,
    /// Its rows go.
    Replace,
    /// Its rows stay, and only targets without one are checked.
    Resume(Again),
}

/// An output to be opened.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// A regular file, or nothing yet.
    pub path: &'a Path,
    /// How rows are laid out; `None`: for people, which cannot be gone on with.
    pub layout: Option<Layout>,
    /// The input's own columns.
    pub extra: &'a [String],
    /// What to do with the rows in it.
    pub existing: &'a Existing,
    /// What the run is made of.
    pub binding: Result<Binding, Unbound>,
}

/// An output that is ours until it is closed.
#[derive(Debug)]
pub struct Opened {
    /// At its end, where the next row goes.
    pub file: File,
    /// The targets that have a row in it.
    pub done: Done,
    /// Those rows, counted.
    pub kept: Kept,
    /// Whole lines in it.
    pub lines: u64,
    /// Bytes of them.
    pub bytes: u64,
}

/// Why an output cannot be opened. The text says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The system refuses.
    #[error("cannot be written: {0}; is the folder there, and yours?")]
    Io(#[from] io::Error),
    /// Somebody has the lock.
    #[error("another run writes to it; wait for its end, or name another file")]
    Locked,
    /// It has rows, and nobody said what is to become of them.
    #[error("exists already; --resume goes on with it, --force starts it anew")]
    Exists,
    /// There is no going on, whatever is in the file.
    #[error("--resume cannot go on with this run: {0}")]
    Never(String),
    /// The rows are of another run.
    #[error("--resume cannot go on with it: {0}; run as before, or start anew with --force")]
    Binding(#[from] BindingError),
    /// The rows that stay could not be copied.
    #[error(
        "{0}, while the rows that stay were copied beside it; it is unchanged: make room for as much again, then go on"
    )]
    Copy(io::Error),
    /// The rows are not as this program writes them.
    #[error("--resume cannot go on with it: {0}; mend it, or start anew with --force")]
    Scan(#[from] ScanError),
}

/// Opens an output, as [`Existing`] says.
///
/// # Errors
/// Nothing was changed, unless the system failed in the middle: then the next
/// run finds what it needs to go on.
pub fn open(wish: Wish<'_>) -> Result<Opened, OpenError> {
    let binding = match (&wish.binding, wish.existing, wish.layout) {
        (_, Existing::Resume(_), None) => {
            let why = "text leaves rows out; write csv or jsonl (--format)";
            return Err(OpenError::Never(why.to_owned()));
        }
        (Err(unbound), Existing::Resume(_), _) => return Err(OpenError::Never(unbound.to_string())),
        (Ok(binding), _, Some(_)) => Some(binding),
        _ => None,
    };
    // A link stays a link, be it to a file that is yet to be: what it leads to
    // is written, and replaced.
    File::options().append(true).create(true).open(wish.path)?;
    let path = fs::canonicalize(wish.path)?;
    let file = open_locked(&path)?;
    if file.metadata()?.len() == 0 {
        return anew(file, &path, binding);
    }
    match (wish.existing, binding, wish.layout) {
        (Existing::Replace, ..) => anew(file, &path, binding),
        (Existing::Resume(again), Some(binding), Some(layout)) => {
            let old = Binding::beside(&path)?;
            binding.ensure_like(&old)?;
            if old.version() != env!("CARGO_PKG_VERSION") {
                tracing::warn!("{}: was begun by urlcheck {}", path.display(), old.version());
            }
            go_on(file, &path, layout, wish.extra, again)
        }
        _ => Err(OpenError::Exists),
    }
}

/// Opens the file that has this name, and makes sure that it still has it
/// once it is locked: a run that ended just now may have put another there.
fn open_locked(path: &Path) -> Result<File, OpenError> {
    for _ in 0..MOST_TRIES {
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        lock(&file, path)?;
        let locked = Handle::from_file(file.try_clone()?)?;
        if Handle::from_path(path).is_ok_and(|named| named == locked) {
            return Ok(file);
        }
    }
    Err(OpenError::Locked)
}

fn lock(file: &File, path: &Path) -> Result<(), OpenError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked),
        // Some network file systems have no locks, and rows all the same.
        Err(TryLockError::Error(error)) => {
            tracing::warn!("{}: cannot be locked ({error}); see that no other run writes to it", path.display());
            Ok(())
        }
    }
}

fn anew(file: File, path: &Path, binding: Option<&Binding>) -> Result<Opened, OpenError> {
    file.set_len(0)?;
    file.sync_all()?;
    match binding {
        Some(binding) => write_whole(&sidecar(path), &binding.to_json())?,
        None => remove(&sidecar(path))?,
    }
    Ok(Opened { file, done: Done::default(), kept: Kept::default(), lines: 0, bytes: 0 })
}

fn go_on(mut file: File, path: &Path, layout: Layout, extra: &[String], again: &Again) -> Result<Opened, OpenError> {
    let Scan { done, kept, again: n_again, whole, torn, lines } =
        scan(BufReader::with_capacity(BUFFER, &file), layout, extra, again, |_| Ok(()))?;
    if torn > 0 {
        tracing::info!("{}: the last {torn} bytes are no whole row; cut off", path.display());
    }
    let (mut bytes, mut lines) = (whole, lines);
    if n_again > 0 {
        tracing::info!("{}: {n_again} rows leave it, and their targets are checked again", path.display());
        file = without_again(&file, path, layout, extra, again)?;
        (bytes, lines) = (file.metadata()?.len(), lines - n_again);
    } else if torn > 0 {
        file.set_len(whole)?;
        file.sync_all()?;
    }
    file.seek(SeekFrom::End(0))?;
    Ok(Opened { file, done, kept, lines, bytes })
}

/// Puts a file in the output's place that has only the rows that stay. At
/// every instant the name leads to a file that has them; this one is locked
/// before it gets the name, the other one until it has lost it.
fn without_again(
    mut old: &File,
    path: &Path,
    layout: Layout,
    extra: &[String],
    again: &Again,
) -> Result<File, OpenError> {
    let part = Part(part_of(path));
    let new = File::options().read(true).write(true).create(true).truncate(true).open(&part.0)?;
    let copied = |error: ScanError| match error {
        ScanError::Io(error) => OpenError::Copy(error),
        error => OpenError::Scan(error),
    };
    lock(&new, &part.0)?;
    new.set_permissions(old.metadata()?.permissions())?;
    old.seek(SeekFrom::Start(0))?;
    let mut out = BufWriter::with_capacity(BUFFER, &new);
    scan(BufReader::with_capacity(BUFFER, old), layout, extra, again, |line| out.write_all(line)).map_err(copied)?;
    out.flush().map_err(OpenError::Copy)?;
    drop(out);
    new.sync_all().map_err(OpenError::Copy)?;
    fs::rename(&part.0, path)?;
    sync_folder_of(path)?;
    Ok(new)
}

/// A file that takes the output's name, or goes.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // Once it is renamed there is nothing to remove.
        let _renamed = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests;
