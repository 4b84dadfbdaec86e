//! Requests as a script sends them: a curl process for each.
//!
//! In reading order: `program` finds curl, `order` writes what it shall do,
//! `trust` whom it shall believe, `notes` reads what it says of its work, and
//! `verdict` makes a reply or a failure of that and of the head as it came.
//! curl asks for no names, follows no redirects and tries nothing again: that
//! is done as in every mode.

mod notes;
mod order;
mod program;
mod trust;
mod verdict;

pub use program::{CurlError, CurlProgram};

use super::{
    Connected,
    failure::{Fault, local},
    head::MOST_HEADS_BYTES,
    kit::{Kit, Start},
    reqwest_shared::{connect_time, time_left},
};
use crate::check::{Failure, Phase, Reason, Reply, Request, Verdict};
use notes::Notes;
use std::{
    io,
    net::IpAddr,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    sync::OnceCell,
    time::timeout,
};
use trust::Trust;
use verdict::Ran;

/// curl ends by itself when the time is up; one that does not is killed so much
/// later. A busy machine needs a part of it to start a process at all.
const GRACE: Duration = Duration::from_secs(2);

/// curl gives each address half of the time that is left, and so has none for
/// the last of many: it gets a few, and then the next few.
const ADDRESSES_AT_ONCE: usize = 4;

/// Sends each request with a curl of its own.
pub struct CurlClient {
    kit: Arc<Kit>,
    program: CurlProgram,
    /// Made when the first https target comes.
    trust: OnceCell<Result<Trust, Fault>>,
}

impl CurlClient {
    /// A client that starts this program.
    pub fn new(kit: Arc<Kit>, program: CurlProgram) -> CurlClient {
        CurlClient { kit, program, trust: OnceCell::new() }
    }

    /// Sends one request. `connected` hears of its connection when curl has
    /// ended, which tells no sooner. Dropping the future kills the process.
    ///
    /// # Errors
    /// No usable reply: a fact about the site or this machine.
    pub async fn send(&self, request: &Request, connected: impl Fn(Connected)) -> Result<Reply, Failure> {
        let start = self.kit.start(request).await?;
        let until = Instant::now() + connect_time(&self.kit, &start).min(time_left(request, &start));
        let mut groups = start.addresses.chunks(ADDRESSES_AT_ONCE);
        let ended = loop {
            let ended = self.exchange(request, &start, groups.next().unwrap_or_default(), until).await;
            let unconnected = ended.as_ref().is_err_and(|failure| !failure.connected() && is_of_the_site(failure));
            if !unconnected || groups.len() == 0 || Instant::now() >= until {
                break ended;
            }
        };
        if ended.as_ref().map_or_else(Failure::connected, |_| true) {
            connected(Connected::Fresh);
        }
        ended
    }

    /// One request to one of some addresses, connected to before `until`.
    async fn exchange(
        &self,
        request: &Request,
        start: &Start,
        addresses: &[IpAddr],
        until: Instant,
    ) -> Result<Reply, Failure> {
        let tls = &self.kit.setup.tls;
        let failed = |fault| verdict::failed(Phase::Connect, fault, start);
        let trust = self.trust(start.tls.is_some() && !tls.is_insecure()).await.map_err(failed)?;
        let total = time_left(request, start);
        let times = order::Times { connect: until.saturating_duration_since(Instant::now()).min(total), total };
        let order = order::text(request, addresses, times, trust);
        let ran = self.run(&order, total + GRACE).await.map_err(failed)?;
        let shown = tls.look(request.url.host_str().expect("an http URL has a host"), ran.certificates()).await;
        verdict::verdict(ran, request, start, shown)
    }

    async fn trust(&self, is_needed: bool) -> Result<Option<&Trust>, Fault> {
        if !is_needed {
            return Ok(None);
        }
        let trust = self.trust.get_or_init(|| Trust::new(self.kit.setup.tls.added().to_vec())).await;
        trust.as_ref().map(Some).map_err(Clone::clone)
    }

    /// Runs curl to its end, or kills it after `limit`.
    async fn run(&self, order: &[u8], limit: Duration) -> Result<Ran, Fault> {
        let mut child = self.command().spawn().map_err(|error| not_started(&error))?;
        let (mut heads, mut notes) = (Vec::new(), Notes::default());
        match timeout(limit, talk(&mut child, order, &mut heads, &mut notes)).await {
            Ok(Ok(())) => Ok(Ran { heads, notes }),
            Ok(Err(error)) => Err(Fault::new(Reason::LocalProcess, format!("curl cannot be talked to: {error}"))),
            Err(_) => {
                // Killed and waited for; that it has ended by itself just now is no error.
                let _ended = child.kill().await;
                Err(Fault::new(Reason::LocalProcess, format!("curl had not ended after {limit:?} and was killed")))
            }
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.program.path());
        // Whatever may be secret goes through a pipe, not where `ps` shows it.
        command.args(["--disable", "--config", "-"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // What the system says is read by its English words.
        command.env("LC_ALL", "C");
        let ours = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("URLCHECK_"));
        for (name, _) in ours {
            command.env_remove(name);
        }
        // Ctrl-C is for this program, which lets running checks end.
        #[cfg(unix)]
        command.process_group(0);
        command
    }
}

/// Gives curl its orders and hears it out, until it has ended.
async fn talk(child: &mut Child, order: &[u8], heads: &mut Vec<u8>, notes: &mut Notes) -> io::Result<()> {
    let mut stdin = child.stdin.take().expect("it is piped");
    let stdout = child.stdout.take().expect("it is piped");
    let stderr = child.stderr.take().expect("it is piped");
    let tell = async move {
        // A curl that ends without having read everything says why.
        let _told = stdin.write_all(order).await;
    };
    let read = async move {
        // Closed at the bound: curl then ends.
        stdout.take(MOST_HEADS_BYTES as u64 + 1).read_to_end(heads).await
    };
    let ((), read, heard) = tokio::join!(tell, read, notes.hear(stderr));
    read.and(heard)?;
    child.wait().await.map(drop)
}

fn is_of_the_site(failure: &Failure) -> bool {
    failure.reason.verdict() == Verdict::Down
}

fn not_started(error: &io::Error) -> Fault {
    let reason = local(error).filter(|reason| *reason == Reason::LocalFiles).unwrap_or(Reason::LocalProcess);
    Fault::new(reason, format!("curl cannot be started: {error}"))
}
