//! The practice site in a process of its own: started, made new before each
//! run, and ended with whoever started it.

use crate::commands::practice_site::Greeting;
use anyhow::{Context, ensure};
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A running site. Dropping it ends it; so does the end of this process.
pub(super) struct SiteProcess {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl SiteProcess {
    pub(super) fn start(program: &Path, urls: u32, plain: bool) -> anyhow::Result<(SiteProcess, Greeting)> {
        let mut command = Command::new(program);
        command.args(["practice-site", &urls.to_string()]).args(plain.then_some("--plain"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // Ctrl-C on a terminal is for us alone.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().context("the practice site cannot start")?;
        let orders = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().context("the practice site has no output")?);
        let mut site = SiteProcess { child, orders, answers };
        let greeting = serde_json::from_str(&site.line()?).context("the practice site says something else")?;
        Ok((site, greeting))
    }

    /// Every URL is new again to the site.
    pub(super) fn forget(&mut self) -> anyhow::Result<()> {
        let orders = self.orders.as_mut().context("the practice site was ended")?;
        orders.write_all(b"\n").context("the practice site does not listen")?;
        self.line().map(drop)
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line).context("the practice site cannot be heard")?;
        ensure!(!line.is_empty(), "the practice site ended too soon");
        Ok(line)
    }
}

impl Drop for SiteProcess {
    fn drop(&mut self) {
        drop(self.orders.take());
        // It ends with its input, and what it did is of no interest any more.
        let _ended = self.child.wait();
    }
}
