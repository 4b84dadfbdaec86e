//! Sorted rows in an unnamed temporary file, written once and read once.
//!
//! A row is its index and its length, eight bytes each (little-endian), then
//! its bytes. The file has no name, so nothing stays behind however the
//! process ends.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    path::Path,
};

/// What is read or written at once: there are up to seven files of each level.
const BUFFER: usize = 32 * 1024;

/// A row's index and length.
const HEAD: usize = 16;

/// Rows that are being written.
pub(super) struct Draft {
    file: BufWriter<File>,
    rows: u64,
}

/// Rows to be read, the lowest first.
pub(super) struct Run {
    file: BufReader<File>,
    place: Place,
    level: u32,
}

/// How far a run was read.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    /// Behind the head of the next row.
    offset: u64,
    /// The next row's index and length.
    index: u64,
    length: u64,
    /// Rows that are left, the next one included.
    left: u64,
}

impl Draft {
    /// A new file of a folder.
    pub(super) fn begin(folder: &Path) -> io::Result<Draft> {
        Ok(Draft { file: BufWriter::with_capacity(BUFFER, tempfile::tempfile_in(folder)?), rows: 0 })
    }

    /// Adds a row. Its index is higher than those before.
    pub(super) fn add(&mut self, index: u64, row: &[u8]) -> io::Result<()> {
        self.file.write_all(&index.to_le_bytes())?;
        self.file.write_all(&(row.len() as u64).to_le_bytes())?;
        self.file.write_all(row)?;
        self.rows += 1;
        Ok(())
    }

    /// Makes it a run. `level` tells how often its rows were merged.
    pub(super) fn end(self, level: u32) -> io::Result<Run> {
        let mut file = self.file.into_inner()?;
        file.rewind()?;
        let mut run = Run { file: BufReader::with_capacity(BUFFER, file), place: Place::default(), level };
        run.place.left = self.rows;
        run.read_head()?;
        Ok(run)
    }
}

impl Run {
    /// The index of the next row, the lowest; `None`: there is none left.
    pub(super) fn lowest(&self) -> Option<u64> {
        (self.place.left > 0).then_some(self.place.index)
    }

    /// Takes the next row out, to the end of `page`.
    pub(super) fn take(&mut self, page: &mut Vec<u8>) -> io::Result<()> {
        let length = self.place.length;
        let read = self.file.by_ref().take(length).read_to_end(page)?;
        if (read as u64) < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.place.offset += length;
        self.place.left -= 1;
        self.read_head()
    }

    /// How often its rows were merged.
    pub(super) fn level(&self) -> u32 {
        self.level
    }

    /// Where it stands, to come back to.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Goes back to where it stood.
    pub(super) fn go_back(&mut self, place: Place) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(place.offset))?;
        self.place = place;
        Ok(())
    }

    fn read_head(&mut self) -> io::Result<()> {
        if self.place.left == 0 {
            return Ok(());
        }
        let mut head = [0; HEAD];
        self.file.read_exact(&mut head)?;
        let number = |at: usize| {
            let bytes = head[at..at + HEAD / 2].try_into().expect("half of a head is eight bytes");
            u64::from_le_bytes(bytes)
        };
        (self.place.index, self.place.length) = (number(0), number(HEAD / 2));
        self.place.offset += HEAD as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_went_back_gives_the_same_rows_again() {
        let mut draft = Draft::begin(&std::env::temp_dir()).expect("a file");
        for (index, row) in [(3, "three"), (8, ""), (9, "nine")] {
            draft.add(index, row.as_bytes()).expect("there is room");
        }
        let mut run = draft.end(0).expect("it can be read");
        let mut page = Vec::new();
        run.take(&mut page).expect("a row");
        let place = run.place();
        for _ in 0..2 {
            assert_eq!(run.lowest(), Some(8));
            run.take(&mut page).expect("a row");
            assert_eq!(run.lowest(), Some(9));
            run.take(&mut page).expect("a row");
            assert_eq!(run.lowest(), None);
            run.go_back(place).expect("a file can be read again");
        }
        assert_eq!(page, b"threeninenine");
    }
}
