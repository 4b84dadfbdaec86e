//! What must be done besides, so that a file's new name survives a power cut.

use super::sidecar;
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Makes new, renamed and removed names in the folder of a file lasting.
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    // Other systems neither can nor need to.
    if cfg!(unix) {
        File::open(folder_of(path))?.sync_all()?;
    }
    Ok(())
}

/// Writes a small file that is there whole or not at all, whatever happens.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let part = part_of(path);
    let mut file = File::create(&part)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    sync_folder_of(path)
}

/// Removes a file that may not be there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.and_then(|()| sync_folder_of(path)),
    }
}

/// Where a file is written before it takes its name. Always the same, so that
/// what a killed run left there is used again, not left for ever.
pub(super) fn part_of(path: &Path) -> PathBuf {
    with_ending(path, ".part")
}

/// The files that a run writes beside an output of this name, for longer or
/// for a moment.
pub fn beside(output: &Path) -> [PathBuf; 3] {
    let sidecar = sidecar(output);
    [part_of(output), part_of(&sidecar), sidecar]
}

/// The path with something behind its name.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
