//! What the program takes, as Linux tells it in `/proc` (proc(5)).

use std::{
    fs, io,
    process::{Child, ExitStatus},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// A tick of the CPU times in `/proc`: the same on every Linux (time(7)).
const TICK: Duration = Duration::from_millis(10);

/// A program that runs, and is killed when nobody watches it any more.
pub(crate) struct Watched(Mutex<Child>);

/// What a program takes at an instant.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    /// Since it began.
    pub(crate) at: Duration,
    /// Rows that it has written.
    pub(crate) rows: u64,
    /// Resident memory in KiB.
    pub(crate) memory: u64,
    /// Open descriptors.
    pub(crate) files: u64,
    /// Threads.
    pub(crate) threads: u64,
    /// CPU time so far, user and system.
    pub(crate) cpu: Duration,
}

impl Watched {
    pub(crate) fn new(child: Child) -> Watched {
        Watched(Mutex::new(child))
    }

    /// Looks at it; `None` when it has ended.
    pub(crate) fn sample(&self, at: Duration, rows: u64) -> io::Result<Option<Sample>> {
        let mut child = self.child();
        if child.try_wait()?.is_some() {
            return Ok(None);
        }
        let folder = format!("/proc/{}", child.id());
        let status = fs::read_to_string(format!("{folder}/status"))?;
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        };
        // While it ends it has no memory any more.
        let (Some(memory), Some(threads)) = (number("VmRSS"), number("Threads")) else { return Ok(None) };
        let files = fs::read_dir(format!("{folder}/fd"))?.count() as u64;
        let cpu = cpu(&fs::read_to_string(format!("{folder}/stat"))?).ok_or(io::ErrorKind::InvalidData)?;
        Ok(Some(Sample { at, rows, memory, files, threads, cpu }))
    }

    pub(crate) fn kill(&self) -> io::Result<()> {
        self.child().kill()
    }

    /// Waits for its end.
    pub(crate) fn wait(&self) -> io::Result<ExitStatus> {
        self.child().wait()
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // After an ordinary end there is nothing left to kill.
        let _ended = self.kill();
    }
}

/// Fields 14 and 15, counted from behind the name, which may hold anything.
fn cpu(stat: &str) -> Option<Duration> {
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let ticks: u32 = fields.next()?.parse::<u32>().ok()? + fields.next()?.parse::<u32>().ok()?;
    Some(TICK * ticks)
}

impl Sample {
    /// Above the lines.
    pub(crate) const HEADER: &str = "time s       rows    rows/s   RSS MiB   fds   threads   CPU us/row";

    /// A line of the table; rates are those since another sample.
    pub(crate) fn line(&self, since: &Sample) -> String {
        let rows = (self.rows - since.rows) as f64;
        let (took, cpu) = ((self.at - since.at).as_secs_f64(), (self.cpu - since.cpu).as_secs_f64());
        format!(
            "{:>6.0} {:>10} {:>9.0} {:>9.1} {:>5} {:>9} {:>12.1}",
            self.at.as_secs_f64(),
            self.rows,
            rows / took,
            self.memory as f64 / 1024.0,
            self.files,
            self.threads,
            cpu / rows * 1e6
        )
    }
}
