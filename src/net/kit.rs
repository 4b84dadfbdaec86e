//! What the clients of the other modes share: names, the guard, TLS.
//!
//! They send with reqwest or curl, and yet ask for names as everybody does, so
//! that `--resolver`, `--hosts`, the guard and the reasons hold in every mode:
//! one thread resolves for all of them, and they dial what it found.

use super::{Setup, awake::Awake, dns::Names, failure::Fault};
use crate::check::{Failure, Phase, Reason, Request, Timing};
use futures::{StreamExt, stream::FuturesUnordered};
use jiff::{SignedDuration, Timestamp};
use rustls::ClientConfig;
use std::{
    io,
    net::IpAddr,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tokio::{
    runtime,
    sync::{mpsc, oneshot},
};
use url::Host;

/// Questions between the clients and the thread that resolves.
const QUESTIONS: usize = 64;

/// What the clients of a run share.
pub struct Kit {
    pub(super) setup: Arc<Setup>,
    /// For the connection of one hop, and once more for its TLS handshake.
    pub(super) connect: Duration,
    questions: mpsc::Sender<Question>,
}

/// A name to be resolved.
struct Question {
    host: String,
    /// The handshake's preparations are wanted, too.
    tls: bool,
    answer: oneshot::Sender<Found>,
}

/// What a name came to, and how long that took.
struct Found {
    addresses: Result<Vec<IpAddr>, Fault>,
    took: Duration,
    tls: Option<Arc<ClientConfig>>,
}

/// Where a hop may go, and since when it is under way.
pub(super) struct Start {
    pub(super) at: Timestamp,
    pub(super) began: Instant,
    /// `None` for a literal address.
    pub(super) dns: Option<Duration>,
    /// Those that the guard admits; at least one.
    pub(super) addresses: Vec<IpAddr>,
    /// For https.
    pub(super) tls: Option<Arc<ClientConfig>>,
}

impl Kit {
    /// Starts the thread that resolves: at most `lookups` names at once, each
    /// for at most `connect`.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn new(setup: Arc<Setup>, lookups: usize, connect: Duration) -> io::Result<Kit> {
        let (questions, asked) = mpsc::channel(QUESTIONS);
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let own = setup.clone();
        thread::Builder::new().name("names".to_owned()).spawn(move || {
            let setup = own;
            let names = {
                let _inside = runtime.enter();
                let (hosts, pulse) = (setup.hosts.clone(), setup.pulse.clone());
                Names::new(setup.dns.clone(), setup.family, hosts, pulse, connect, lookups, Awake::new())
            };
            runtime.block_on(answer(&setup, &names, asked));
        })?;
        Ok(Kit { setup, connect, questions })
    }

    /// Finds where a request may go.
    pub(super) async fn start(&self, request: &Request) -> Result<Start, Failure> {
        let (question, answer) = question(request);
        let _asked = self.questions.send(question).await;
        self.found(request, answer.await.ok())
    }

    /// As [`Kit::start`], for a thread that may wait.
    pub(super) fn blocking_start(&self, request: &Request) -> Result<Start, Failure> {
        let (question, answer) = question(request);
        let _asked = self.questions.blocking_send(question);
        self.found(request, answer.blocking_recv().ok())
    }

    /// The addresses of a name once more, as a client asks for them when it
    /// dials: those that the guard admits.
    pub(super) async fn dial(&self, host: &str) -> Result<Vec<IpAddr>, Fault> {
        let (sender, answer) = oneshot::channel();
        let _asked = self.questions.send(Question { host: host.to_owned(), tls: false, answer: sender }).await;
        let found = answer.await.map_err(|_| gone())?;
        self.setup.guard.admitted(&found.addresses?)
    }

    fn found(&self, request: &Request, found: Option<Found>) -> Result<Start, Failure> {
        let found = found.unwrap_or_else(|| Found { addresses: Err(gone()), took: Duration::ZERO, tls: None });
        // Waiting for the turn to ask is no part of the hop's time.
        let now = Instant::now();
        let began = now.checked_sub(found.took).unwrap_or(now);
        let took = SignedDuration::try_from(found.took).unwrap_or_default();
        let at = Timestamp::now().checked_sub(took).expect("no lookup takes centuries");
        let dns = matches!(request.url.host(), Some(Host::Domain(_))).then_some(found.took);
        let failed = |phase, remote_ip, fault: Fault| Failure {
            reason: fault.reason,
            phase,
            detail: fault.detail,
            remote_ip,
            certificate: None,
            timing: Timing { started_at: Some(at), dns, total: found.took, ..Timing::default() },
        };
        let addresses = found.addresses.map_err(|fault| failed(Phase::Dns, None, fault))?;
        let denied = addresses.first().copied();
        let addresses = self.setup.guard.admitted(&addresses).map_err(|fault| failed(Phase::Connect, denied, fault))?;
        Ok(Start { at, began, dns, addresses, tls: found.tls })
    }
}

fn question(request: &Request) -> (Question, oneshot::Receiver<Found>) {
    let (sender, answer) = oneshot::channel();
    let host = request.url.host_str().expect("an http URL has a host").to_owned();
    (Question { host, tls: request.url.scheme() == "https", answer: sender }, answer)
}

fn gone() -> Fault {
    Fault::new(Reason::LocalDns, "the thread that resolves names is gone")
}

/// Answers until nobody can ask any more.
async fn answer(setup: &Setup, names: &Names, mut asked: mpsc::Receiver<Question>) {
    let mut lookups = FuturesUnordered::new();
    loop {
        tokio::select! {
            Some(()) = lookups.next() => {}
            question = asked.recv() => match question {
                Some(question) => lookups.push(resolve(setup, names, question)),
                None => return,
            },
        }
    }
}

async fn resolve(setup: &Setup, names: &Names, question: Question) {
    let tls = match question.tls {
        true => Some(setup.tls.config().await),
        false => None,
    };
    let addresses = names.begin(&question.host).await;
    let began = Instant::now();
    let addresses = addresses.get().await.map(|addresses| addresses.to_vec());
    // Nobody may wait for it any more.
    let _left = question.answer.send(Found { addresses, took: began.elapsed(), tls });
}
