//! `floor LIST` asks for every URL of a list with as little as it takes: one
//! event loop a core, sockets, TLS, a parser of heads. Absent are a schedule,
//! retries, redirects, time-outs, DNS and all that a row of urlcheck tells, so
//! lists must be of hosts that answer. What urlcheck costs more is its own.

mod list;
mod reply;
mod worker;

use anyhow::{Context, Result};
use clap::Parser;
use rustls::{
    ClientConfig, RootCertStore,
    client::Resumption,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{
    cell::RefCell,
    collections::HashMap,
    fs,
    io::{self, Stdout},
    net::IpAddr,
    path::{Path, PathBuf},
    rc::Rc,
    sync::{Arc, Mutex},
    thread,
};
use tokio::{runtime, task::LocalSet};
use worker::Worker;

/// Asks for every URL of a list with bare sockets, and writes `url,status_code`
/// to standard output, in the order in which they end; 0: it failed.
#[derive(Parser)]
struct Options {
    /// A file with a URL a line, whose host is an address or a name of --hosts
    list: PathBuf,
    /// Requests at once, over all event loops
    #[arg(long, value_name = "N", default_value_t = 200)]
    concurrency: usize,
    /// Addresses of names, in lines as /etc/hosts has them
    #[arg(long, value_name = "FILE")]
    hosts: Option<PathBuf>,
    /// The authority of all certificates, as PEM; https needs it
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Ask over the connection of the URL before, where host and port are the same
    #[arg(long)]
    keep_alive: bool,
}

/// What all workers share, whichever event loop they are on.
struct Shared {
    addresses: HashMap<String, IpAddr>,
    tls: Option<Arc<ClientConfig>>,
    keep_alive: bool,
    rows: Mutex<csv::Writer<Stdout>>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    rlimit::increase_nofile_limit(u64::MAX).context("cannot raise the number of open files")?;
    let shared = Arc::new(Shared {
        addresses: options.hosts.as_deref().map(addresses).transpose()?.unwrap_or_default(),
        tls: options.ca.as_deref().map(tls).transpose()?,
        keep_alive: options.keep_alive,
        rows: Mutex::new(csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(io::stdout())),
    });
    shared.row(&["url", "status_code"])?;

    let n_workers = options.concurrency.max(1);
    let n_loops = thread::available_parallelism().map_or(1, usize::from).min(n_workers);
    let lists = (0..n_loops).map(|nth| list::Share::open(&options.list, nth, n_loops)).collect::<Result<Vec<_>>>()?;
    let loops = lists.into_iter().enumerate().map(|(nth, list)| {
        let shared = Arc::clone(&shared);
        let n_workers = n_workers / n_loops + usize::from(nth < n_workers % n_loops);
        thread::spawn(move || run(list, n_workers, &shared))
    });
    for ended in loops.collect::<Vec<_>>() {
        ended.join().expect("a panic ends the whole program")?;
    }
    shared.rows.lock().expect("a panic ends the whole program").flush().context("cannot write the rows")
}

impl Shared {
    fn row(&self, cells: &[&str; 2]) -> Result<()> {
        self.rows.lock().expect("a panic ends the whole program").write_record(cells).context("cannot write the rows")
    }
}

/// An event loop, from its share's first URL to its last.
fn run(list: list::Share, n_workers: usize, shared: &Arc<Shared>) -> Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_io().build().context("cannot start an event loop")?;
    let list = Rc::new(RefCell::new(list));
    LocalSet::new().block_on(&runtime, async {
        let worker = |_| tokio::task::spawn_local(Worker::new(Rc::clone(&list), Arc::clone(shared)).run());
        for ended in (0..n_workers).map(worker).collect::<Vec<_>>() {
            ended.await.context("a worker ended early")??;
        }
        Ok(())
    })
}

/// The names of a hosts file.
fn addresses(path: &Path) -> Result<HashMap<String, IpAddr>> {
    let text = fs::read_to_string(path).with_context(|| format!("--hosts {}: cannot be read", path.display()))?;
    let mut addresses = HashMap::new();
    for (n, line) in text.lines().enumerate() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let Some(address) = words.next() else { continue };
        let address: IpAddr = address
            .parse()
            .with_context(|| format!("--hosts {}, line {}: {address:?} is no address", path.display(), n + 1))?;
        addresses.extend(words.map(|name| (name.to_owned(), address)));
    }
    Ok(addresses)
}

/// TLS 1.3 as a list of distinct hosts needs it: each handshake is a full one.
fn tls(path: &Path) -> Result<Arc<ClientConfig>> {
    let told = || format!("--ca {}: cannot be read as certificates in PEM", path.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).with_context(told)? {
        roots.add(certificate.with_context(told)?).with_context(told)?;
    }
    let versions = &[&rustls::version::TLS13];
    let mut config =
        ClientConfig::builder_with_protocol_versions(versions).with_root_certificates(roots).with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
