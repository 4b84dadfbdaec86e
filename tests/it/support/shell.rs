//! Shell commands in a folder of their own, where `urlcheck` is on the path,
//! `samples` is at hand and a practice site stands in for the web.
//!
//! The site has ports of its own, so the lists get them and what is said loses
//! them again: `https://example.com/` stands for `https://example.com:PORT/`.

use std::{
    env, fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};
use tempfile::TempDir;
use urlcheck::site::{Site, SiteOptions};

/// No command takes longer, unless it hangs.
const LONGEST: Duration = Duration::from_secs(60);

/// Names reserved for examples (RFC 2606, RFC 6761) that lead to the practice site.
const RESERVED: [&str; 5] = ["example.com", "example.net", "example.org", ".example", ".test"];

/// The lists among the samples.
const LISTS: [&str; 3] = ["urls.txt", "urls.csv", "urls.jsonl"];

/// A folder to run commands in.
pub(crate) struct Shell {
    folder: TempDir,
    http: String,
    https: String,
    resolver: String,
    _site: Site,
}

/// What a command said.
pub(crate) struct Said {
    /// `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Shell {
    /// A folder that is also the home of who works in it, with `urlcheck`
    /// where `cargo install` puts it.
    pub(crate) fn new() -> Shell {
        let site = Site::start(SiteOptions::default()).expect("loopback has free ports");
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let port = |url: String| url.rsplit(':').next().map(|port| format!(":{port}")).expect("a URL with a port");
        let shell = Shell {
            http: port(site.url("")).replace('/', ""),
            https: port(site.tls_url("a.test", "")).replace('/', ""),
            resolver: site.resolver().to_string(),
            folder,
            _site: site,
        };
        shell.write("authority.pem", shell._site.ca_pem());
        shell.write("hosts", "127.0.0.1 example.com www.example.com example.net example.org www.example.org\n");
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")).expect("there are samples") {
            let entry = entry.expect("the samples can be read");
            let text = fs::read_to_string(entry.path()).expect("samples are text");
            let name = entry.file_name().into_string().expect("samples have plain names");
            let text = if LISTS.contains(&name.as_str()) { shell.with_ports(&text) } else { text };
            shell.write(&format!("samples/{name}"), &text);
        }
        let program = shell.path(".cargo/bin/urlcheck");
        fs::create_dir_all(program.parent().expect("it has a folder")).expect("the folder is ours");
        let built = env!("CARGO_BIN_EXE_urlcheck");
        fs::hard_link(built, &program).or_else(|_| fs::copy(built, &program).map(|_| ())).expect("the folder is ours");
        shell
    }

    /// Where a file of the folder is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("the folder is ours");
        fs::write(path, text).expect("the folder is ours");
    }

    /// The text of a file of the folder, without the site's ports.
    pub(crate) fn read(&self, name: &str) -> String {
        self.without_ports(&fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}")))
    }

    /// Runs a command as a shell does that nobody sits at.
    pub(crate) fn run(&self, command: &str) -> Said {
        let mut child = Command::new("sh")
            .args(["-c", command])
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", env::join_paths(self.program_folders()).expect("folders without a colon"))
            .env("URLCHECK_RESOLVER", &self.resolver)
            .env("URLCHECK_HOSTS", self.path("hosts"))
            .env("URLCHECK_CACERT", self.path("authority.pem"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("there is a shell");
        let stdout = read(child.stdout.take().expect("it is piped"));
        let stderr = read(child.stderr.take().expect("it is piped"));
        let mut heard = [stdout, stderr].map(|told| match told.recv_timeout(LONGEST) {
            Ok(text) => self.without_ports(&text),
            Err(_) => {
                // It may have ended just now; either way it took too long.
                let _ended = child.kill();
                panic!("{command}: did not end within {} s", LONGEST.as_secs())
            }
        });
        let code = child.wait().expect("it can be waited for").code();
        let [stdout, stderr] = heard.each_mut().map(std::mem::take);
        Said { code, stdout, stderr }
    }

    /// Our own first, so that a test can put a program of its own there.
    fn program_folders(&self) -> Vec<PathBuf> {
        let system = env::var_os("PATH").expect("a path is set");
        [self.path("bin"), self.path(".cargo/bin")].into_iter().chain(env::split_paths(&system)).collect()
    }

    /// Adds the site's port to each reserved name that has none, comments left out.
    pub(crate) fn with_ports(&self, text: &str) -> String {
        let lines = text.split_inclusive('\n').map(|line| match line.starts_with('#') {
            true => line.to_owned(),
            false => self.line_with_ports(line),
        });
        lines.collect()
    }

    fn line_with_ports(&self, line: &str) -> String {
        let mut ended = String::new();
        for (at, character) in line.char_indices() {
            let name_ended = RESERVED.iter().any(|name| line[..at].ends_with(name));
            if name_ended && !character.is_ascii_alphanumeric() && !".-:@".contains(character) {
                let start = line[..at].rfind([' ', '"', ',', '\t']).map_or(0, |before| before + 1);
                ended.push_str(if line[start..].starts_with("http://") { &self.http } else { &self.https });
            }
            ended.push(character);
        }
        ended
    }

    fn without_ports(&self, text: &str) -> String {
        text.replace(&self.http, "").replace(&self.https, "")
    }
}

/// All that a pipe gives, once it is closed.
fn read(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        if pipe.read_to_string(&mut text).is_ok() {
            // Nobody listens any more when the command took too long.
            let _late = tell.send(text);
        }
    });
    told
}
