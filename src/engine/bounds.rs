//! What this machine allows: file descriptors, and from them the limits.

use crate::{net::LOOKUP_SOCKETS, plan::Mode, schedule::Limits};

/// Descriptors for everything but checks: files, pipes, timers, the roots.
const OWN_FILES: usize = 64;

/// What an event loop holds to be able to wait, and what everything else does:
/// with fewer files nothing can begin.
const LOOP_FILES: usize = 5;
const LEAST_FILES: usize = 8;

/// More lookups at once in one loop would overrun a resolver.
const MOST_LOOKUPS: usize = 256;

/// A waiting room larger than this only costs memory.
const LARGEST_ROOM: usize = 16_384;

/// Raises the soft limit of open files to the hard one, and tells it.
pub(super) fn raise_file_limit() -> usize {
    // 8192 is what Windows gives, which has no such limit to ask for.
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(8192);
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// The fewest files that a run can begin with.
pub(super) fn least_files(n_loops: usize) -> usize {
    LEAST_FILES + LOOP_FILES * n_loops
}

/// Fits limits into the number of files that may be open, and tells how many
/// DNS lookups each loop may have on the wire. A lookup's sockets get a third
/// of all.
pub(super) fn fit(mode: Mode, limits: &Limits, files: usize, n_loops: usize) -> (Limits, usize) {
    let free = files.saturating_sub(OWN_FILES + LOOP_FILES * n_loops);
    let lookups = (free / 3 / LOOKUP_SOCKETS / n_loops).clamp(1, MOST_LOOKUPS);
    let free = free.saturating_sub(lookups * LOOKUP_SOCKETS * n_loops);
    let wanted = if mode == Mode::Sequential { 1 } else { limits.concurrency };
    let each = files_of_a_check(mode);
    let concurrency = wanted.clamp(n_loops, (free / each).max(n_loops));
    if concurrency < wanted {
        tracing::warn!(
            "concurrency {} does not fit into {files} open files (ulimit -n); {concurrency} is used",
            wanted
        );
    }
    let room = if has_waiting_room(mode) { limits.waiting_room.min(LARGEST_ROOM) } else { 0 };
    let waiting_room = room.min(free.saturating_sub(each * concurrency));
    (Limits { concurrency, waiting_room, ..limits.clone() }, lookups)
}

/// The files that a check may hold open: its connection, and one that is kept
/// for its host's next check; a blocking client's hidden runtime; the pipes and
/// the handle of a process.
fn files_of_a_check(mode: Mode) -> usize {
    match mode {
        Mode::Async | Mode::Tasks | Mode::Processes => 2,
        Mode::Threads | Mode::Sequential => 8,
        Mode::Subprocess => 6,
    }
}

/// Whether a check that does not connect can be told from one that waits for
/// its reply, and costs no thread or process meanwhile.
fn has_waiting_room(mode: Mode) -> bool {
    matches!(mode, Mode::Async | Mode::Tasks | Mode::Processes)
}

/// One loop's share of the limits.
pub(super) fn share(limits: &Limits, index: usize, of: usize) -> Limits {
    let part = |whole: usize| whole / of + usize::from(index < whole % of);
    Limits { concurrency: part(limits.concurrency), waiting_room: part(limits.waiting_room), ..limits.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_fit_into_the_files_there_are() {
        let limits = Limits::default();
        let (roomy, lookups) = fit(Mode::Async, &limits, 20_000, 2);
        assert_eq!((roomy.concurrency, roomy.waiting_room, lookups), (256, 4096, 256));
        for files in [0, 64, 256, 1024, 4096] {
            let (tight, lookups) = fit(Mode::Async, &limits, files, 2);
            assert!(tight.concurrency >= 2 && lookups >= 1, "{files}");
            let own = OWN_FILES + 2 * LOOP_FILES;
            let used = own + 2 * lookups * LOOKUP_SOCKETS + 2 * tight.concurrency + tight.waiting_room;
            assert!(used <= files.max(own + 2 * LOOKUP_SOCKETS + 4), "{files}: {used}");
        }
    }

    #[test]
    fn shares_add_up() {
        let limits = Limits { concurrency: 257, waiting_room: 10, ..Limits::default() };
        let shares: Vec<Limits> = (0..3).map(|index| share(&limits, index, 3)).collect();
        assert_eq!(shares.iter().map(|share| share.concurrency).sum::<usize>(), 257);
        assert_eq!(shares.iter().map(|share| share.waiting_room).sum::<usize>(), 10);
        assert!(shares.iter().all(|share| share.concurrency >= 85));
    }
}
