//! How many instructions a program takes, as callgrind counts them: the same
//! on a busy machine as on a quiet one.

use anyhow::{Context, Result, ensure};
use std::{env, fs, path::Path, process::Command};

/// The instructions of a whole process and its threads, from its first to its
/// last. It runs in a folder of its own; `variables` are all its environment
/// but the way to valgrind.
///
/// # Errors
/// There is no valgrind, or the program does not end well.
pub(crate) fn instructions(program: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Result<u64> {
    let folder = tempfile::tempdir()?;
    let counts = folder.path().join("counts");
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--tool=callgrind"]).arg(format!("--callgrind-out-file={}", counts.display()));
    command.arg(program).args(arguments).current_dir(folder.path());
    let path = env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).envs(variables.iter().copied());
    let told = command.output().context("valgrind cannot be started; install it (tests/needs.sh does on Debian)")?;
    let said = || String::from_utf8_lossy(&told.stderr).into_owned();
    ensure!(told.status.success(), "{arguments:?} ended with {}: {}", told.status, said());
    let counts = fs::read_to_string(counts).with_context(|| format!("callgrind left no counts: {}", said()))?;
    let total = counts.lines().find_map(|line| line.strip_prefix("totals: "));
    total.and_then(|total| total.trim().parse().ok()).context("callgrind's counts have no total")
}
