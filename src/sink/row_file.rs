//! The file of the rows on its way to the disk, and what stays of it when the
//! disk is full.
//!
//! A [`RowFile`] is written to; its [`RowFileEnd`] closes it. Rows are made safe
//! in groups, on a thread of their own, so that a slow disk stops no row from
//! being gathered. What fails once fails for good: after a failed sync the
//! system may have dropped rows that it had taken, and another that succeeds
//! says nothing about them. The file is then cut to its last row that is known
//! to be whole.

use std::{
    fs::File,
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

/// When rows are made safe against a power cut (`--sync`). Whether the program
/// ends well or badly does not matter: that loses no row which was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Commit {
    /// When the system sees fit.
    Never,
    /// At least every second and every 1,000 rows.
    #[default]
    Interval,
    /// At every flush, which waits for it.
    Every,
}

/// With the fifth of a second that rows are gathered for, a second.
const INTERVAL: Duration = Duration::from_millis(800);

/// So many rows wait for no time to pass.
const GROUP: u64 = 1000;

/// A file of rows, each a line.
pub struct RowFile(Arc<Shared>);

/// The end of a [`RowFile`]: closes it, and knows what went wrong.
pub struct RowFileEnd {
    shared: Arc<Shared>,
    syncing: Option<JoinHandle<()>>,
}

/// Rows could not be written, or not be made safe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct RowFileError {
    /// What the system said.
    pub why: String,
    /// Whole lines that stay in the file, and are safe as far as `--sync` goes.
    pub lines: u64,
    /// Whether half a row may stay behind them, because it could not be cut off.
    pub torn: bool,
    /// What kind of error that is.
    pub kind: io::ErrorKind,
}

struct Shared {
    file: File,
    commit: Commit,
    state: Mutex<State>,
    /// Rung when there is enough to make safe, and at the end.
    bell: Condvar,
}

struct State {
    /// The end of the last whole line.
    whole: Mark,
    /// The end of what was written.
    bytes: u64,
    /// What was made safe.
    safe: Mark,
    failed: Option<RowFileError>,
    closed: bool,
}

/// The end of a line.
#[derive(Clone, Copy, PartialEq)]
struct Mark {
    bytes: u64,
    lines: u64,
}

impl RowFile {
    /// Goes on at the end of a file that has so many whole lines already, so
    /// many bytes long, which are safe.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub fn new(file: File, bytes: u64, lines: u64, commit: Commit) -> io::Result<(RowFile, RowFileEnd)> {
        RowFile::every(INTERVAL, file, Mark { bytes, lines }, commit)
    }

    fn every(interval: Duration, file: File, there: Mark, commit: Commit) -> io::Result<(RowFile, RowFileEnd)> {
        let state = State { whole: there, bytes: there.bytes, safe: there, failed: None, closed: false };
        let shared = Arc::new(Shared { file, commit, state: Mutex::new(state), bell: Condvar::new() });
        let mut end = RowFileEnd { shared: shared.clone(), syncing: None };
        if commit == Commit::Interval {
            let shared = shared.clone();
            end.syncing =
                Some(thread::Builder::new().name("sync".to_owned()).spawn(move || shared.sync_in_groups(interval))?);
        }
        Ok((RowFile(shared), end))
    }
}

impl Write for RowFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.state();
        state.intact()?;
        let written = match (&self.0.file).write(bytes) {
            Ok(0) if !bytes.is_empty() => Err(io::ErrorKind::WriteZero.into()),
            other => other,
        };
        match written {
            Ok(n_written) => {
                state.add(&bytes[..n_written]);
                if state.whole.lines - state.safe.lines >= GROUP {
                    self.0.bell.notify_all();
                }
                Ok(n_written)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.0.fail(&mut state, &error, true);
                state.intact().map(|()| 0)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.0.commit == Commit::Every {
            self.0.sync();
        }
        self.0.state().intact()
    }
}

impl RowFileEnd {
    /// Makes the last rows safe and tells what failed, if anything did. The
    /// writer must have been flushed.
    ///
    /// # Errors
    /// Not all that was written is whole and safe.
    pub fn close(mut self) -> Result<(), RowFileError> {
        self.stop();
        if let Some(syncing) = self.syncing.take() {
            // It would have ended the program, had it panicked.
            let _ended = syncing.join();
        }
        if self.shared.commit != Commit::Never {
            self.shared.sync();
        }
        self.shared.state().failed.clone().map_or(Ok(()), Err)
    }

    fn stop(&self) {
        self.shared.state().closed = true;
        self.shared.bell.notify_all();
    }
}

impl Drop for RowFileEnd {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // What a panicking thread leaves there is as true as before.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sync_in_groups(&self, interval: Duration) {
        loop {
            let is_idle = |state: &mut State| state.is_going() && state.whole.lines - state.safe.lines < GROUP;
            let waited = self.bell.wait_timeout_while(self.state(), interval, is_idle);
            let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if !state.is_going() {
                return;
            }
            drop(state);
            self.sync();
        }
    }

    /// Makes safe what is whole by now. Rows may be written meanwhile.
    fn sync(&self) {
        let state = self.state();
        let whole = state.whole;
        if state.failed.is_some() || state.safe == whole {
            return;
        }
        drop(state);
        let synced = self.file.sync_data();
        let mut state = self.state();
        match synced {
            Ok(()) => state.safe = whole,
            Err(error) => self.fail(&mut state, &error, false),
        }
    }

    /// Nothing is written any more. What is whole stays; when the system says
    /// that it may have lost some of it, what was safe before.
    fn fail(&self, state: &mut State, error: &io::Error, whole_is_there: bool) {
        if state.failed.is_some() {
            return;
        }
        let mut stays = state.safe;
        let mut cut = Ok(());
        if whole_is_there {
            cut = self.file.set_len(state.whole.bytes);
            if self.commit == Commit::Never || self.file.sync_all().is_ok() {
                stays = state.whole;
            }
        }
        if stays != state.whole {
            cut = self.file.set_len(stays.bytes);
        }
        let torn = cut.is_err();
        state.failed = Some(RowFileError { why: error.to_string(), lines: stays.lines, torn, kind: error.kind() });
    }
}

impl State {
    fn intact(&self) -> io::Result<()> {
        self.failed.as_ref().map_or(Ok(()), |failed| Err(io::Error::new(failed.kind, failed.clone())))
    }

    fn is_going(&self) -> bool {
        !self.closed && self.failed.is_none()
    }

    fn add(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            self.whole = Mark { bytes: self.bytes + last as u64 + 1, lines: self.whole.lines + lines };
        }
        self.bytes += bytes.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{Seek, SeekFrom},
        time::Instant,
    };

    fn temporary(content: &str) -> File {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(content.as_bytes()).expect("there is room");
        file
    }

    fn read(mut file: File) -> String {
        file.seek(SeekFrom::Start(0)).expect("a file");
        io::read_to_string(file).expect("text")
    }

    fn begun(file: &File, commit: Commit) -> (RowFile, RowFileEnd) {
        let file = file.try_clone().expect("a descriptor");
        RowFile::new(file, 4, 1, commit).expect("a thread")
    }

    #[test]
    fn rows_go_on_where_the_file_ends_and_are_safe_at_the_end() {
        for commit in [Commit::Never, Commit::Interval, Commit::Every] {
            let file = temporary("old\n");
            let (mut rows, end) = begun(&file, commit);
            for _ in 0..2 * GROUP {
                rows.write_all(b"row\n").expect("there is room");
            }
            rows.flush().expect("there is room");
            let shared = rows.0.clone();
            assert_eq!(end.close(), Ok(()));
            assert_eq!(shared.state().safe.lines, if commit == Commit::Never { 1 } else { 2 * GROUP + 1 });
            assert_eq!(read(file), format!("old\n{}", "row\n".repeat(2 * GROUP as usize)));
        }
    }

    #[test]
    fn a_flush_waits_where_every_batch_is_to_be_safe() {
        let file = temporary("old\n");
        let (mut rows, _end) = begun(&file, Commit::Every);
        rows.write_all(b"row\nro").expect("there is room");
        assert_eq!(rows.0.state().safe.lines, 1);
        rows.flush().expect("there is room");
        assert_eq!(rows.0.state().safe.lines, 2);
    }

    #[test]
    fn a_group_of_rows_does_not_wait_for_time_to_pass() {
        let file = temporary("old\n");
        let there = Mark { bytes: 4, lines: 1 };
        let never = Duration::from_secs(3600);
        let (mut rows, _end) = RowFile::every(never, file, there, Commit::Interval).expect("a thread");
        rows.write_all("row\n".repeat(GROUP as usize).as_bytes()).expect("there is room");
        let until = Instant::now() + Duration::from_secs(60);
        while rows.0.state().safe.lines < GROUP {
            assert!(Instant::now() < until, "nobody makes them safe");
            thread::yield_now();
        }
    }

    #[test]
    fn after_a_failure_only_whole_rows_stay_and_none_follows() {
        for (whole_is_there, stays) in [(true, "old\nrow 1\nrow 2\n"), (false, "old\nrow 1\n")] {
            let file = temporary("old\n");
            let (mut rows, end) = begun(&file, Commit::Every);
            rows.write_all(b"row 1\n").and_then(|()| rows.flush()).expect("there is room");
            rows.write_all(b"row 2\nrow").expect("there is room");
            rows.0.fail(&mut rows.0.state(), &io::ErrorKind::StorageFull.into(), whole_is_there);
            let error = rows.write_all(b" 3\n").expect_err("it failed for good");
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
            assert!(rows.flush().is_err());
            let failed = end.close().expect_err("it failed for good");
            assert_eq!((failed.lines, failed.torn), (stays.lines().count() as u64, false));
            assert_eq!(read(file), stays);
        }
    }
}
