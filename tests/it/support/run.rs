//! The real program against a practice site: what it was asked, and what it said.
//!
//! Every run has a folder of its own, so that no settings of this machine are
//! read, and an end: one that hangs is killed and fails its test. Open files are
//! limited by `sh`, and interrupts sent by `kill`, as every Unix has them.

use super::modes;
use serde_json::{Map, Value};
use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use urlcheck::site::{Site, SiteOptions};

/// No run of a test takes longer, unless it hangs.
const LONGEST_RUN: Duration = Duration::from_secs(60);

/// What the tests would otherwise repeat; flags outweigh it. The time-outs are
/// longer than a busy machine is slow: a test about time-outs sets its own.
const DEFAULTS: [(&str, &str); 5] = [
    ("URLCHECK_FORMAT", "jsonl"),
    ("URLCHECK_RETRIES", "0"),
    ("URLCHECK_TIMEOUT", "30s"),
    ("URLCHECK_CONNECT_TIMEOUT", "20s"),
    ("URLCHECK_FAIL_ON", "never"),
];

/// A practice site with nothing special about it.
pub(crate) fn site() -> Site {
    Site::start(SiteOptions::default()).expect("loopback has free ports")
}

/// A run to make.
pub(crate) struct Run {
    folder: TempDir,
    urls: Vec<String>,
    args: Vec<String>,
    open_files: Option<u32>,
}

/// A run that ended.
pub(crate) struct Ended {
    /// Before the program was started: no request of its began sooner.
    pub(crate) began: Instant,
    /// `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    n_urls: usize,
}

/// A run that goes on, its first rows read.
pub(crate) struct Going {
    child: Child,
    began: Instant,
    /// When it is killed.
    until: Instant,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    /// The lines of standard output so far.
    told: String,
    n_urls: usize,
    /// Removed when the run is over.
    _folder: TempDir,
}

/// One row of the output.
#[derive(Clone, Debug)]
pub(crate) struct Row(Map<String, Value>);

impl Run {
    /// The check of these URLs, each on a line of a file.
    pub(crate) fn urls<T: Into<String>>(urls: impl IntoIterator<Item = T>) -> Run {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let urls = urls.into_iter().map(Into::into).collect();
        Run { folder, urls, args: Vec::new(), open_files: None }
    }

    /// Flags to add.
    pub(crate) fn args<T: Into<String>>(mut self, args: impl IntoIterator<Item = T>) -> Run {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// With so many event loops, where the mode has any.
    pub(crate) fn loops(self, n: u32) -> Run {
        if modes::has_loops() { self.args(["--loops".to_owned(), n.to_string()]) } else { self }
    }

    /// A site whose name server is asked, and whose authority is trusted.
    pub(crate) fn site(self, site: &Site) -> Run {
        let authority = self.file("authority.pem", site.ca_pem());
        self.args(["--resolver".to_owned(), site.resolver().to_string(), "--cacert".to_owned(), authority])
    }

    /// How many files the program may have open at once.
    pub(crate) fn open_files(mut self, most: u32) -> Run {
        self.open_files = Some(most);
        self
    }

    /// A file in the folder of the run; its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("the folder is ours");
        path.into_os_string().into_string().expect("the path of a new folder is plain text")
    }

    /// Makes the run.
    pub(crate) fn ended(self) -> Ended {
        self.start().ended()
    }

    /// Makes the run: its rows in the order of the list, one for every URL.
    pub(crate) fn rows(self) -> Vec<Row> {
        self.ended().rows()
    }

    /// Makes the run: the row of its only URL.
    pub(crate) fn row(self) -> Row {
        let mut rows = self.rows();
        assert_eq!(rows.len(), 1, "a test of one row has one URL");
        rows.remove(0)
    }

    /// Starts the run and waits for its first `n` rows.
    pub(crate) fn until_rows(self, n: usize) -> Going {
        let mut going = self.start();
        for _ in 0..n {
            assert!(going.hear(), "the run ended before {n} rows");
        }
        going
    }

    fn start(self) -> Going {
        let list = self.file("urls.txt", &self.urls.iter().map(|url| format!("{url}\n")).collect::<String>());
        let program = env!("CARGO_BIN_EXE_urlcheck");
        let mut command = match self.open_files {
            None => Command::new(program),
            Some(most) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", &format!("ulimit -n {most} && exec \"$0\" \"$@\""), program]);
                shell
            }
        };
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("URLCHECK_")) {
            command.env_remove(name);
        }
        command
            .envs(DEFAULTS)
            .envs(modes::current().map(|mode| ("URLCHECK_MODE", mode)))
            .args(&self.args)
            .arg(list)
            .current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let began = Instant::now();
        let mut child = command.spawn().expect("the program was built");
        Going {
            began,
            until: began + LONGEST_RUN,
            stdout: lines(child.stdout.take().expect("it is piped")),
            stderr: lines(child.stderr.take().expect("it is piped")),
            told: String::new(),
            n_urls: self.urls.len(),
            child,
            _folder: self.folder,
        }
    }
}

impl Ended {
    /// The rows in the order of the list, one for every URL.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = self.stdout.lines().map(Row::read).collect();
        rows.sort_by_key(Row::index);
        let indexes: BTreeSet<u64> = rows.iter().map(Row::index).collect();
        let wanted: BTreeSet<u64> = (1..=self.n_urls as u64).collect();
        assert!(rows.len() == self.n_urls && indexes == wanted, "not one row a URL: {}\n{}", self.stdout, self.stderr);
        rows
    }
}

impl Going {
    /// The most memory that the program has had so far, in MiB.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it still runs");
        let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the kernel tells it");
        kib.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
    }

    /// Interrupts the run, as Ctrl-C does, and waits for its end.
    pub(crate) fn interrupt(self) -> Ended {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().expect("there is kill");
        assert!(sent.success(), "the run had ended already");
        self.ended()
    }

    fn ended(mut self) -> Ended {
        while self.hear() {}
        let stderr = self.stderr.iter().collect();
        // Its pipes are closed: it ends now, if it has not.
        let status = self.child.wait().expect("it is our child");
        Ended { began: self.began, code: status.code(), stdout: self.told, stderr, n_urls: self.n_urls }
    }

    /// Waits for a line of standard output; false at its end. A run that hangs is killed.
    fn hear(&mut self) -> bool {
        match self.stdout.recv_timeout(self.until.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                self.told += &line;
                true
            }
            Err(RecvTimeoutError::Disconnected) => false,
            Err(RecvTimeoutError::Timeout) => {
                self.child.kill().expect("it is our child");
                let stderr: String = self.stderr.iter().collect();
                panic!("the run did not end within {LONGEST_RUN:?}: {}{stderr}", self.told);
            }
        }
    }
}

impl Row {
    fn read(line: &str) -> Row {
        match serde_json::from_str(line) {
            Ok(Value::Object(row)) => Row(row),
            other => panic!("no row: {line}: {other:?}"),
        }
    }

    pub(crate) fn index(&self) -> u64 {
        self.number("index")
    }

    /// Verdict and reason, such as `down http_status`, or `up` alone.
    pub(crate) fn said(&self) -> String {
        [self.text("verdict"), self.text("reason")].join(" ").trim_end().to_owned()
    }

    /// A cell's text, or number as text; empty when it is absent.
    pub(crate) fn text(&self, column: &str) -> &str {
        self.cell(column).as_str().unwrap_or_default()
    }

    /// A cell that must hold a whole number.
    pub(crate) fn number(&self, column: &str) -> u64 {
        self.cell(column).as_u64().unwrap_or_else(|| panic!("{column} is no number in {:?}", self.0))
    }

    /// A cell that holds milliseconds, if there are any.
    pub(crate) fn millis(&self, column: &str) -> Option<f64> {
        match self.cell(column) {
            Value::Null => None,
            value => Some(value.as_f64().unwrap_or_else(|| panic!("{column} is no number in {:?}", self.0))),
        }
    }

    /// A cell as it is.
    pub(crate) fn cell(&self, column: &str) -> &Value {
        self.0.get(column).unwrap_or_else(|| panic!("no {column} in {:?}", self.0))
    }

    /// The row's requests of the last attempt.
    pub(crate) fn hops(&self) -> &[Value] {
        self.cell("hops").as_array().expect("hops are a list")
    }
}

/// The lines of a pipe, read beside the test so that it never fills up.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        let told = BufReader::new(pipe).lines().map_while(Result::ok);
        // Nobody listens any more once the test failed.
        told.map(|line| sender.send(line + "\n")).take_while(Result::is_ok).for_each(drop);
    });
    lines
}
