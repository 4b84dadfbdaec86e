//! One worker process and the two pipes to it. Neither side ever waits for one
//! pipe without minding the other.

use super::wire::{self, FromWorker, Job, LONGEST_LINE, ToWorker, VERSION};
use crate::plan::Worker;
use std::{
    fmt, io,
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// What is said and not written yet is to be no more than this.
const ENOUGH_UNSENT: usize = 64 * 1024;

/// What is read at once, if the pipe has it.
const ENOUGH_HEARD: usize = 64 * 1024;

/// How long a worker may take to say that it is ready. Far longer than it takes.
const LONGEST_START: Duration = Duration::from_secs(60);

/// A worker process. Dropping it kills it.
pub(super) struct Process {
    child: Child,
    /// `None` when the process reads no more.
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
    /// Lines on their way, of which so much is written.
    unsent: Vec<u8>,
    written: usize,
    /// Bytes that were read, of which so many belong to lines that were taken;
    /// the last line is perhaps not whole yet.
    heard: Vec<u8>,
    taken: usize,
}

/// How a worker process ended.
pub(super) struct Ending(io::Result<ExitStatus>);

impl Process {
    /// Starts the program, in a process group of its own: Ctrl-C on a terminal
    /// is for the run, which then stops its workers.
    pub(super) fn start(worker: &Worker, job: Job) -> io::Result<Process> {
        let mut command = Command::new(&worker.program);
        command.args(&worker.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("it was asked for");
        let mut process = Process { child, stdin, stdout, unsent: Vec::new(), written: 0, heard: Vec::new(), taken: 0 };
        process.say(&ToWorker::Job(Box::new(job)));
        Ok(process)
    }

    /// Waits for the first line, which must say that the job is begun.
    pub(super) async fn greet(&mut self) -> Result<(), String> {
        let first = async {
            loop {
                self.turn(true).await.map_err(|_| "it ended before it said that it is ready".to_owned())?;
                if let Some(first) = self.next() {
                    return first.map_err(|error| format!("its first line is not understood: {error}"));
                }
            }
        };
        match timeout(LONGEST_START, first).await {
            Ok(Ok(FromWorker::Ready { version })) if version == VERSION => Ok(()),
            Ok(Ok(FromWorker::Ready { version })) => Err(format!("it is version {version}, and this one is {VERSION}")),
            Ok(Ok(FromWorker::Refused { why })) | Ok(Err(why)) => Err(why),
            Ok(Ok(_)) => Err("its first line does not say that it is ready".to_owned()),
            Err(_) => Err(format!("it said nothing for {} s", LONGEST_START.as_secs())),
        }
    }

    /// Puts a line on its way.
    pub(super) fn say(&mut self, message: &ToWorker) {
        wire::write(message, &mut self.unsent).expect("a message can be written to memory");
    }

    /// Whether more lines may be put on their way.
    pub(super) fn has_room(&self) -> bool {
        self.unsent.len() - self.written < ENOUGH_UNSENT
    }

    /// Writes some bytes, or reads some if it `listens`, whichever can be done
    /// first. An error tells that the process is gone. Nothing is lost when
    /// this future is dropped.
    pub(super) async fn turn(&mut self, listens: bool) -> io::Result<()> {
        let Process { stdin, stdout, unsent, written, heard, taken, .. } = self;
        heard.drain(..std::mem::take(taken));
        heard.reserve(ENOUGH_HEARD);
        if stdin.is_none() {
            // Nobody reads it; the end of what the process still says is near.
            unsent.clear();
            *written = 0;
        }
        tokio::select! {
            came = write_some(stdin, &unsent[*written..]), if !unsent.is_empty() => match came {
                Ok(n) => *written += n,
                Err(_) => *stdin = None,
            },
            came = stdout.read_buf(heard), if listens => match came? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                _ if heard.len() > LONGEST_LINE => return Err(io::ErrorKind::InvalidData.into()),
                _ => {}
            },
            else => std::future::pending().await,
        }
        if *written == unsent.len() {
            unsent.clear();
            *written = 0;
        }
        Ok(())
    }

    /// The next whole line that was read.
    pub(super) fn next(&mut self) -> Option<Result<FromWorker, wire::WireError>> {
        let left = &self.heard[self.taken..];
        let end = left.iter().position(|byte| *byte == b'\n')?;
        let message = wire::read(&left[..end]);
        self.taken += end + 1;
        Some(message)
    }

    /// Ends a process that has nothing to do any more; kills it when that takes too long.
    pub(super) async fn end(mut self, patience: Duration) {
        self.say(&ToWorker::End);
        let ended = async {
            while self.turn(true).await.is_ok() {
                self.taken = self.heard.len();
            }
        };
        if timeout(patience, ended).await.is_err() {
            tracing::debug!("a worker process did not end; it is killed");
        }
        self.kill().await;
    }

    /// Kills the process, unless it is dead, and tells how it ended.
    pub(super) async fn kill(mut self) -> Ending {
        // It fails for one that has ended already, which is as well.
        let _ended = self.child.start_kill();
        Ending(self.child.wait().await)
    }
}

async fn write_some(stdin: &mut Option<ChildStdin>, bytes: &[u8]) -> io::Result<usize> {
    match stdin {
        Some(stdin) => stdin.write(bytes).await,
        None => Err(io::ErrorKind::BrokenPipe.into()),
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(status) => status.fmt(formatter),
            Err(error) => error.fmt(formatter),
        }
    }
}
