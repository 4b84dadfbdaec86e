//! A file that appears whole or not at all.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A file to be written at the end, made sure of at the beginning: its content
/// goes to a new file beside it, which then takes its name.
#[derive(Debug)]
pub struct Replacement {
    file: File,
    path: PathBuf,
    /// The new file until it takes its name; `None` where there is nothing to
    /// replace: a pipe, a terminal, `/dev/stdout`.
    part: Option<PathBuf>,
}

impl Replacement {
    /// Fails when the file could not be written later; the error names it.
    pub fn prepare(path: &Path) -> io::Result<Replacement> {
        open(path).map_err(|error| naming(path, error))
    }

    /// Writes the content and gives the file its name.
    pub fn commit(mut self, content: &[u8]) -> io::Result<()> {
        let done = self.replace(content);
        done.map_err(|error| naming(&self.path, error))
    }

    fn replace(&mut self, content: &[u8]) -> io::Result<()> {
        self.file.write_all(content)?;
        if let Some(part) = &self.part {
            self.file.sync_all()?;
            fs::rename(part, &self.path)?;
            self.part = None;
        }
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<Replacement> {
    let path = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(metadata) if !metadata.is_file() => {
            let file = File::options().write(true).open(path)?;
            return Ok(Replacement { file, path: path.to_owned(), part: None });
        }
        // A link stays a link: the file that it leads to is replaced.
        Ok(_) => fs::canonicalize(path)?,
        Err(_) => path.to_owned(),
    };
    let part = part_of(&path)?;
    Ok(Replacement { file: File::create(&part)?, path, part: Some(part) })
}

/// The new file beside the one that it is to replace.
fn part_of(path: &Path) -> io::Result<PathBuf> {
    let mut name = path.file_name().map(OsString::from).ok_or(io::ErrorKind::InvalidFilename)?;
    name.push(format!(".{}.part", std::process::id()));
    Ok(path.with_file_name(name))
}

/// Removes what [`Replacement::prepare`] put beside `path`, when the program
/// leaves without the one who would: from another thread, at any time.
pub(super) fn discard(path: &Path) {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let Ok(part) = part_of(&path) {
        // It may have its name already, or never have been.
        let _ = fs::remove_file(part);
    }
}

fn naming(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if let Some(part) = &self.part {
            // What stays behind is an unused file; there is nobody left to tell.
            let _ = fs::remove_file(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the folder is there");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn the_old_content_stays_until_the_new_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("summary.json");
        fs::write(&path, "old").expect("writable");
        let replacement = Replacement::prepare(&path).expect("writable");
        assert_eq!(fs::read(&path).expect("readable"), b"old");
        replacement.commit(b"new").expect("written");
        assert_eq!(fs::read(&path).expect("readable"), b"new");
        assert_eq!(names(folder.path()), ["summary.json"]);
    }

    #[test]
    fn one_that_is_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(Replacement::prepare(&folder.path().join("summary.json")).expect("writable"));
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn one_that_somebody_else_holds_can_be_discarded() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("summary.json");
        let held = Replacement::prepare(&path).expect("writable");
        discard(&path);
        discard(&path);
        assert_eq!(names(folder.path()), [""; 0]);
        drop(held);
    }

    #[test]
    fn what_cannot_be_written_fails_at_the_beginning() {
        let folder = tempfile::tempdir().expect("a folder");
        let kind = |path: PathBuf| Replacement::prepare(&path).err().map(|error| error.kind());
        assert_eq!(kind(folder.path().join("no/such/folder.json")), Some(io::ErrorKind::NotFound));
        assert_eq!(kind(folder.path().to_owned()), Some(io::ErrorKind::IsADirectory));
    }

    #[test]
    fn an_error_names_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("gone/summary.json");
        let error = Replacement::prepare(&path).expect_err("there is no such folder");
        assert!(error.to_string().starts_with(&format!("{}: ", path.display())), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn devices_and_links_are_not_replaced() {
        let full = Path::new("/dev/full");
        if full.exists() {
            let error = Replacement::prepare(full).expect("it opens").commit(b"{}").expect_err("it is full");
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        }
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").expect("writable");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        Replacement::prepare(&link).expect("writable").commit(b"new").expect("written");
        assert_eq!(fs::read(&file).expect("readable"), b"new");
        assert!(fs::symlink_metadata(&link).expect("still there").is_symlink());
    }
}
