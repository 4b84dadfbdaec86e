//! The program as its user runs it, in a folder of its own: files, arguments,
//! standard input, and what came of it. Nothing here waits without an end.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use urlcheck::site::{Site, SiteOptions};

/// Longer than any run of a test takes, however busy the machine is.
const LIMIT: Duration = Duration::from_secs(90);

/// A working directory of its own.
pub(crate) struct Desk(TempDir);

/// A command line, before it runs.
pub(crate) struct Cmd {
    pub(super) command: Command,
    input: Vec<u8>,
    lines_read: usize,
}

/// A command that runs.
pub(crate) struct Started {
    stdin: Option<ChildStdin>,
    stdout: Lines,
    stderr: Lines,
    exit: Exit,
}

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A row of the output, by its columns.
pub(crate) type Row = BTreeMap<String, String>;

/// A site with nothing special about it.
pub(crate) fn practice_site() -> Site {
    Site::start(SiteOptions::default()).expect("loopback has free ports")
}

/// Waits until something is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + LIMIT;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        thread::park_timeout(Duration::from_millis(5));
    }
}

/// What `tests/all.sh` has put into the target folder before the tests.
pub(crate) fn in_target(path: &str) -> PathBuf {
    let path = target().join(path);
    assert!(path.exists(), "{} is not there; tests/all.sh puts it there", path.display());
    path
}

/// Where cargo builds.
pub(crate) fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is a folder in the target folder")
}

impl Desk {
    pub(crate) fn new() -> Desk {
        Desk(tempfile::tempdir().expect("a temporary folder"))
    }

    /// Puts a file on it.
    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Desk {
        fs::write(self.path().join(name), content).expect("the folder takes files");
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// What is in a file.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).expect(name)
    }

    /// The files that are there.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).expect("the folder is there");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// A command line in this folder, its environment empty.
    pub(crate) fn cmd(&self, arguments: &[&str]) -> Cmd {
        let mut command = Command::new(env!("CARGO_BIN_EXE_urlcheck"));
        command.args(arguments).current_dir(self.path()).env_clear();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Cmd { command, input: Vec::new(), lines_read: usize::MAX }
    }

    /// Puts a shell script on it, to be run as a program, in a folder where
    /// nothing else is; where that is.
    #[cfg(unix)]
    pub(crate) fn program(&self, name: &str, script: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let folder = self.path().join("bin");
        fs::create_dir(&folder).expect("the folder is ours");
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}")).expect("the folder is ours");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
        path
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.cmd(arguments).run()
    }

    /// A shell script in which `"$0" "$@"` is the command line.
    pub(crate) fn script(&self, script: &str, arguments: &[&str]) -> Cmd {
        let mut command = Command::new("sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_urlcheck")]).args(arguments).current_dir(self.path());
        command.env_clear().env("PATH", std::env::var_os("PATH").expect("a path is set"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Cmd { command, input: Vec::new(), lines_read: usize::MAX }
    }
}

impl Cmd {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Cmd {
        self.command.env(name, value);
        self
    }

    /// What [`Cmd::run`] writes to its standard input.
    pub(crate) fn input(mut self, bytes: impl Into<Vec<u8>>) -> Cmd {
        self.input = bytes.into();
        self
    }

    /// Sends its standard output to a file or device.
    pub(crate) fn stdout_to(mut self, path: &str) -> Cmd {
        let file = fs::File::options().write(true).open(path).expect(path);
        self.command.stdout(file);
        self
    }

    /// Gives it a standard error whose reader has gone.
    pub(crate) fn unheard(mut self) -> Cmd {
        let (reader, writer) = std::io::pipe().expect("the system has pipes");
        drop(reader);
        self.command.stderr(writer);
        self
    }

    /// Closes its standard output after so many lines, as `head` does.
    pub(crate) fn head(self, lines_read: usize) -> Cmd {
        Cmd { lines_read, ..self }
    }

    /// Starts it as one that ignores a signal, as `nohup` does.
    #[cfg(target_os = "linux")]
    pub(crate) fn ignoring(self, signal: &str) -> Cmd {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("trap '' {signal}; exec \"$0\" \"$@\"")]).arg(self.command.get_program());
        shell.args(self.command.get_args()).env_clear();
        shell.current_dir(self.command.get_current_dir().expect("a desk has a folder"));
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Cmd { command: shell, ..self }
    }

    /// Puts it into a group of its own, whose signals do not reach the tests.
    #[cfg(unix)]
    pub(crate) fn in_own_group(mut self) -> Cmd {
        std::os::unix::process::CommandExt::process_group(&mut self.command, 0);
        self
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> Ran {
        let input = std::mem::take(&mut self.input);
        let mut started = self.start();
        let mut stdin = started.stdin.take().expect("it is a pipe");
        // It may end without having read everything.
        thread::spawn(move || stdin.write_all(&input));
        started.end()
    }

    pub(crate) fn start(mut self) -> Started {
        let mut child = self.command.spawn().expect("the program starts");
        Started {
            stdin: child.stdin.take(),
            stdout: Lines::of(child.stdout.take(), self.lines_read),
            stderr: Lines::of(child.stderr.take(), usize::MAX),
            exit: Exit::of(child),
        }
    }
}

impl Started {
    /// Writes to its standard input.
    pub(crate) fn write(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("not closed yet");
        stdin.write_all(text.as_bytes()).and_then(|()| stdin.flush()).expect("it reads its input");
    }

    pub(crate) fn close_input(&mut self) {
        drop(self.stdin.take());
    }

    /// The next line of its standard output.
    pub(crate) fn line(&mut self) -> String {
        self.stdout.next().expect("a line before the end")
    }

    /// The next line of its standard error.
    pub(crate) fn error_line(&mut self) -> String {
        self.stderr.next().expect("a line before the end")
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.exit.id
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        self.exit.signal(signal);
    }

    /// Signals it and all others of its group, as a terminal does.
    #[cfg(unix)]
    pub(crate) fn signal_group(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process_group(self.exit.process(), signal).expect("it still runs");
    }

    /// Kills it, so that it can do nothing more.
    #[cfg(unix)]
    pub(crate) fn kill(mut self) {
        self.exit.kill();
        self.exit.wait();
    }

    /// Changes how many files it may have open, while it runs.
    #[cfg(target_os = "linux")]
    pub(crate) fn limit_files(&self, limit: rustix::process::Rlimit) {
        rustix::process::prlimit(Some(self.exit.process()), rustix::process::Resource::Nofile, limit)
            .expect("the limit stays below the hard one");
    }

    /// Waits for its end; a standard input that is still open stays so.
    pub(crate) fn end(mut self) -> Ran {
        let code = self.exit.wait();
        while self.stdout.next().is_some() {}
        while self.stderr.next().is_some() {}
        Ran { code, stdout: self.stdout.seen, stderr: self.stderr.seen }
    }
}

impl Ran {
    /// Holds it to an exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// Holds its standard error to a part.
    #[track_caller]
    pub(crate) fn says(self, part: &str) -> Ran {
        assert!(self.stderr.contains(part), "{part:?} is not in {}", self.stderr);
        self
    }

    /// The rows of its CSV, in the order of the input.
    pub(crate) fn rows(&self) -> Vec<Row> {
        rows(&self.stdout)
    }

    /// A column of its CSV, in the order of the input.
    pub(crate) fn column(&self, name: &str) -> Vec<String> {
        self.rows().into_iter().map(|mut row| row.remove(name).expect(name)).collect()
    }

    /// How many rows of its CSV have this reason.
    pub(crate) fn count(&self, reason: &str) -> usize {
        self.column("reason").iter().filter(|code| *code == reason).count()
    }
}

/// The rows of a CSV, in the order of the input.
pub(crate) fn rows(csv: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let mut rows: Vec<Row> = reader.deserialize().map(|row| row.expect("a row like its header")).collect();
    rows.sort_by_key(|row| row["index"].parse::<u64>().expect("a number"));
    rows
}

/// The lines of a pipe, taken as they come.
struct Lines {
    lines: Receiver<String>,
    seen: String,
}

impl Lines {
    fn of(pipe: Option<impl Read + Send + 'static>, most: usize) -> Lines {
        let (sender, lines) = mpsc::channel();
        if let Some(pipe) = pipe {
            thread::spawn(move || {
                for line in BufReader::new(pipe).split(b'\n').take(most) {
                    let line = line.expect("a pipe can be read");
                    if sender.send(String::from_utf8(line).expect("text is UTF-8") + "\n").is_err() {
                        return;
                    }
                }
            });
        }
        Lines { lines, seen: String::new() }
    }

    fn next(&mut self) -> Option<String> {
        match self.lines.recv_timeout(LIMIT) {
            Ok(line) => {
                self.seen.push_str(&line);
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("no line and no end within {LIMIT:?}, after {}", self.seen),
        }
    }
}

/// A child whose end is waited for elsewhere; killed when nobody wants it any more.
pub(super) struct Exit {
    id: u32,
    told: Receiver<Option<i32>>,
    code: Option<Option<i32>>,
}

impl Exit {
    pub(super) fn of(mut child: Child) -> Exit {
        let (sender, told) = mpsc::channel();
        let id = child.id();
        thread::spawn(move || sender.send(child.wait().expect("a child can be waited for").code()));
        Exit { id, told, code: None }
    }

    pub(super) fn wait(&mut self) -> Option<i32> {
        let code = self.told.recv_timeout(LIMIT).expect("it ends in time");
        *self.code.insert(code)
    }

    #[cfg(unix)]
    pub(super) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.process(), signal).expect("it still runs");
    }

    #[cfg(unix)]
    fn process(&self) -> rustix::process::Pid {
        i32::try_from(self.id).ok().and_then(rustix::process::Pid::from_raw).expect("a process has a number")
    }

    #[cfg(unix)]
    fn kill(&self) {
        // It may have ended by itself just now.
        let _ended = rustix::process::kill_process(self.process(), rustix::process::Signal::KILL);
    }
}

impl Drop for Exit {
    fn drop(&mut self) {
        #[cfg(unix)]
        if self.code.is_none() && self.told.try_recv().is_err() {
            self.kill();
        }
    }
}
