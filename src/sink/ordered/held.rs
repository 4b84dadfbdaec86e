//! Rows that wait for their turn: as many as fit in memory, the others in
//! temporary files.
//!
//! What is in memory goes to a file, sorted, whenever it is too much. Eight
//! such files become one, eight of those again, and so on: so there are few of
//! them however many rows wait, and each row is written but a few times.

use super::run::{Draft, Run};
use std::{
    collections::BTreeMap,
    env, io,
    path::{Path, PathBuf},
};

/// Rows in memory, in bytes.
const ROOM: usize = 8 * 1024 * 1024;

/// What a row in memory takes besides its bytes, about.
const BESIDES: usize = 48;

/// So many files of a size become one of the next.
const MERGED: usize = 8;

/// Rows by their indexes, of which the lowest can be taken.
pub(super) struct Held {
    room: usize,
    folder: PathBuf,
    rows: BTreeMap<u64, Box<[u8]>>,
    /// What the rows in memory take.
    taken: usize,
    /// None is empty.
    runs: Vec<Run>,
}

impl Default for Held {
    /// Files are in the system's temporary folder, and disappear with the process.
    fn default() -> Held {
        Held::new(ROOM, &env::temp_dir())
    }
}

impl Held {
    /// Holds about `room` bytes in memory, the rest in files of the folder.
    pub(super) fn new(room: usize, folder: &Path) -> Held {
        Held { room, folder: folder.to_owned(), rows: BTreeMap::new(), taken: 0, runs: Vec::new() }
    }

    /// Takes a row in. After an error it still has all rows.
    pub(super) fn put(&mut self, index: u64, row: &[u8]) -> io::Result<()> {
        self.taken += row.len() + BESIDES;
        self.rows.insert(index, row.into());
        if self.taken > self.room {
            self.spill().map_err(|error| self.naming(&error))?;
        }
        Ok(())
    }

    /// The lowest index that is here.
    pub(super) fn lowest(&self) -> Option<u64> {
        let in_memory = self.rows.first_key_value().map(|(index, _)| *index);
        in_memory.into_iter().chain(self.runs.iter().filter_map(Run::lowest)).min()
    }

    /// Takes the row of an index out, to the end of `page`, if that index is
    /// here and no lower one.
    pub(super) fn take(&mut self, index: u64, page: &mut Vec<u8>) -> io::Result<bool> {
        if let Some(row) = self.rows.remove(&index) {
            self.taken -= row.len() + BESIDES;
            page.extend_from_slice(&row);
            return Ok(true);
        }
        let Some(at) = self.runs.iter().position(|run| run.lowest() == Some(index)) else { return Ok(false) };
        self.runs[at].take(page).map_err(|error| self.naming(&error))?;
        if self.runs[at].lowest().is_none() {
            self.runs.swap_remove(at);
        }
        Ok(true)
    }

    fn spill(&mut self) -> io::Result<()> {
        let mut draft = Draft::begin(&self.folder)?;
        for (index, row) in &self.rows {
            draft.add(*index, row)?;
        }
        self.runs.push(draft.end(0)?);
        self.rows.clear();
        self.taken = 0;
        let mut level = 0;
        while self.runs.iter().filter(|run| run.level() == level).count() >= MERGED {
            self.merge(level)?;
            level += 1;
        }
        Ok(())
    }

    fn merge(&mut self, level: u32) -> io::Result<()> {
        let mut merging: Vec<Run> = self.runs.extract_if(.., |run| run.level() == level).collect();
        let places: Vec<_> = merging.iter().map(Run::place).collect();
        let done = merged(&self.folder, &mut merging, level + 1).map(|run| self.runs.push(run));
        if done.is_err() {
            // The files that there were are as good as before.
            for (run, place) in merging.iter_mut().zip(places) {
                run.go_back(place)?;
            }
            self.runs.append(&mut merging);
        }
        done
    }

    fn naming(&self, error: &io::Error) -> io::Error {
        let sentence = format!(
            "rows that wait for their turn (--order input) cannot be kept in {}: {error}; set TMPDIR to a folder with more room",
            self.folder.display()
        );
        io::Error::new(error.kind(), sentence)
    }
}

/// One file of all the rows of several.
fn merged(folder: &Path, runs: &mut [Run], level: u32) -> io::Result<Run> {
    let mut draft = Draft::begin(folder)?;
    let mut row = Vec::new();
    while let Some((index, run)) =
        runs.iter_mut().filter_map(|run| Some((run.lowest()?, run))).min_by_key(|(index, _)| *index)
    {
        row.clear();
        run.take(&mut row)?;
        draft.add(index, &row)?;
    }
    draft.end(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_and_files_are_bounded_however_many_wait() {
        let mut held = Held::new(1_000, &env::temp_dir());
        for index in (1..=20_000).rev() {
            held.put(index, b"a row of thirty bytes, or about").expect("there is room");
            assert!(held.taken <= 1_000);
            // Seven of each level, and ten levels hold more than there is.
            assert!(held.runs.len() <= 7 * 10, "{} files", held.runs.len());
        }
        let mut page = Vec::new();
        for index in 1..=20_000 {
            assert!(held.take(index, &mut page).expect("it can be read"), "{index}");
        }
        assert_eq!((held.lowest(), held.runs.len(), held.taken), (None, 0, 0));
    }

    #[test]
    fn a_merge_that_fails_leaves_every_row() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut held = Held::new(0, folder.path());
        (1..=7).rev().for_each(|index| held.put(index, &[index as u8]).expect("there is room"));
        held.folder = folder.path().join("gone");
        held.merge(0).expect_err("there is no such folder");
        let mut page = Vec::new();
        (1..=7).for_each(|index| assert!(held.take(index, &mut page).expect("it can be read")));
        assert_eq!(page, [1, 2, 3, 4, 5, 6, 7]);
    }
}
