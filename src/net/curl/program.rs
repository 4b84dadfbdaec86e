//! Which curl there is, and whether it can do what is asked of it.

use std::{
    env,
    ffi::OsString,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// The first release that tells the certificates in its report.
const LEAST_VERSION: (u32, u32) = (7, 88);

/// How long `curl --version` may take, and how much of it is read.
const PATIENCE: Duration = Duration::from_secs(30);
const MOST_BYTES: u64 = 64 * 1024;

/// A curl that is new enough.
#[derive(Clone, Debug)]
pub struct CurlProgram(PathBuf);

/// Why there is no curl to send with.
#[derive(Debug, thiserror::Error)]
pub enum CurlError {
    /// No folder of PATH has it.
    #[error(
        "there is no curl on PATH, and mode subprocess sends with it; install the package curl, or use another --mode"
    )]
    Missing,
    /// It is older than what this program reads.
    #[error(
        "{} is curl {version}, and mode subprocess needs {}.{} or later; install a newer one, or use another --mode",
        path.display(), LEAST_VERSION.0, LEAST_VERSION.1
    )]
    TooOld {
        /// The program.
        path: PathBuf,
        /// The version that it names.
        version: String,
    },
    /// It does not say what a curl says.
    #[error("{} --version {why}; install the package curl, or use another --mode", path.display())]
    Strange {
        /// The program.
        path: PathBuf,
        /// What it did instead.
        why: String,
    },
}

impl CurlProgram {
    /// Finds the first curl on PATH and asks for its version.
    ///
    /// # Errors
    /// There is none, or none that will do.
    pub fn find() -> Result<CurlProgram, CurlError> {
        let path = env::var_os("PATH").and_then(first_on).ok_or(CurlError::Missing)?;
        let strange = |why: String| CurlError::Strange { path: path.clone(), why };
        let said = version_text(&path).map_err(|error| strange(format!("cannot be run: {error}")))?;
        let version = said.strip_prefix("curl ").and_then(|rest| rest.split_whitespace().next());
        match version.and_then(|version| Some((version, numbers(version)?))) {
            None => Err(strange("names no version".to_owned())),
            Some((version, numbers)) if numbers < LEAST_VERSION => {
                Err(CurlError::TooOld { path, version: version.to_owned() })
            }
            Some(_) => Ok(CurlProgram(path)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

fn first_on(paths: OsString) -> Option<PathBuf> {
    let name = format!("curl{}", env::consts::EXE_SUFFIX);
    let found = env::split_paths(&paths).map(|folder| folder.join(&name)).find(|path| path.is_file())?;
    std::path::absolute(found).ok()
}

fn version_text(path: &Path) -> io::Result<String> {
    let mut command = Command::new(path);
    command.args(["--disable", "--version"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let stdout = child.stdout.take().expect("it is piped");
    let (sender, told) = mpsc::sync_channel(1);
    thread::Builder::new().spawn(move || {
        let mut text = Vec::new();
        let read = stdout.take(MOST_BYTES).read_to_end(&mut text);
        // Nobody listens any more when it took too long.
        let _late = sender.send(read.map(|_| String::from_utf8_lossy(&text).into_owned()));
    })?;
    let told = told.recv_timeout(PATIENCE);
    // It may have ended by itself, which is as well.
    let _ended = child.kill();
    child.wait()?;
    told.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, format!("no end after {PATIENCE:?}"))))
}

/// `7.88.1` and `8.10.0-DEV` have these first two numbers.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(numbers("7.88.1") >= Some(LEAST_VERSION) && numbers("10.0.0-DEV") >= Some(LEAST_VERSION));
        assert!(numbers("7.9.8") < Some(LEAST_VERSION) && numbers("7.81.0") < Some(LEAST_VERSION));
        assert_eq!((numbers("of all trades"), numbers("8")), (None, None));
    }
}
