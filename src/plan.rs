//! What the user asked for, resolved and validated before the first packet.
//!
//! A plan names no flag's type and no file format: the command line makes one
//! (`settings`), and so can a program that uses the library.

mod mode;

pub use mode::Mode;

use crate::{
    check::{Policy, Timeouts},
    net::Network,
    schedule::Limits,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::{fs::File, io, ops::RangeInclusive, path::Path, path::PathBuf, sync::Arc, time::Duration};

/// No duration of a plan is longer: ten years, which every clock can still add to now.
pub const LONGEST: Duration = Duration::from_secs(3650 * 24 * 3600);

/// How long checks on the wire may go on after a signal, unless asked
/// otherwise: less than service managers leave a program to end in.
pub const GRACE: Duration = Duration::from_secs(10);

/// The rates that can be kept, in requests a second: from about one a day up.
pub const RATES: RangeInclusive<f64> = 0.00001..=1_000_000.0;

/// Everything that a run needs to know, whatever its mode.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How each target is checked.
    pub policy: Arc<Policy>,
    /// When checks may run.
    pub limits: Limits,
    /// How the network is reached.
    pub network: Network,
    /// Who waits for the replies.
    pub mode: Mode,
    /// Event loops of mode `async`, or worker processes of mode `processes`;
    /// `None`: one a core.
    pub loops: Option<usize>,
    /// What mode `processes` runs as its workers; the command line sets itself.
    pub worker: Option<Worker>,
    /// The run ends after this long, what is left `skipped`/`run_deadline`.
    pub deadline: Option<Duration>,
}

/// A program that is a worker process of this very version of urlcheck.
#[derive(Clone, Debug)]
pub struct Worker {
    /// The program `urlcheck`.
    pub program: PathBuf,
    /// `worker`, and what that verb takes besides.
    pub arguments: Vec<String>,
}

/// Why a plan cannot be carried out. It names the flag, which is also the
/// name of the field's key in `urlcheck.toml`.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// With none of these nothing would ever be sent.
    #[error("{flag} is 0; it must be at least 1")]
    Zero {
        /// The flag that sets the number.
        flag: &'static str,
    },
    /// A rate that no clock can keep.
    #[error("{flag} is {rate}; it must be from {least} to {most} requests a second", least = RATES.start(), most = RATES.end())]
    Rate {
        /// The flag that sets the rate.
        flag: &'static str,
        /// The rate, in requests a second.
        rate: f64,
    },
    /// A number of loops for a mode that has none.
    #[error("--loops means nothing in mode {mode}; leave it out, or use --mode async or processes")]
    NoLoops {
        /// The mode.
        mode: Mode,
    },
    /// A time-out that ends everything at once.
    #[error("{flag} is 0; every request must have some time")]
    NoTime {
        /// The flag that sets the time-out.
        flag: &'static str,
    },
    /// A duration that could not be added to the time of day.
    #[error("{flag} is longer than {} days", LONGEST.as_secs() / (24 * 3600))]
    TooLong {
        /// The flag that sets the duration.
        flag: &'static str,
    },
    /// A file that the run would need is not there or not readable.
    #[error("cannot read {path}, the file of {flag}")]
    File {
        /// The flag that names the file.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl Default for Plan {
    /// What the program does when no flag is given.
    fn default() -> Plan {
        Plan {
            policy: Arc::new(Policy { headers: Arc::new(default_headers()), ..Policy::default() }),
            limits: Limits::default(),
            network: Network::default(),
            mode: Mode::default(),
            loops: None,
            worker: None,
            deadline: None,
        }
    }
}

impl Plan {
    /// Tells whether this plan can be carried out, before the first packet.
    ///
    /// # Errors
    /// The first number out of its bounds, or file that cannot be read.
    pub fn validate(&self) -> Result<(), PlanError> {
        let limits = &self.limits;
        at_least_one("--concurrency", limits.concurrency)?;
        at_least_one("--look-ahead", limits.look_ahead)?;
        self.loops.map_or(Ok(()), |loops| at_least_one("--loops", loops))?;
        if self.loops.is_some() && !self.mode.has_loops() {
            return Err(PlanError::NoLoops { mode: self.mode });
        }
        limits.rate.map_or(Ok(()), |rate| possible_rate("--rate", rate))?;
        limits.host_rate.map_or(Ok(()), |rate| possible_rate("--host-rate", rate))?;
        self.validate_durations()?;
        self.network.hosts.as_deref().map_or(Ok(()), |path| readable("--hosts", path))?;
        self.network.cacert.as_deref().map_or(Ok(()), |path| readable("--cacert", path))
    }

    fn validate_durations(&self) -> Result<(), PlanError> {
        let Timeouts { connect, total } = self.policy.timeouts;
        for (flag, timeout) in [("--timeout", total), ("--connect-timeout", connect)] {
            if timeout.is_zero() {
                return Err(PlanError::NoTime { flag });
            }
        }
        let durations = [
            ("--timeout", total),
            ("--connect-timeout", connect),
            ("--deadline", self.deadline.unwrap_or_default()),
            ("--max-retry-after", self.policy.max_retry_after),
            ("--expiry-warning", self.policy.expiry_warning),
        ];
        match durations.into_iter().find(|(_, duration)| *duration > LONGEST) {
            Some((flag, _)) => Err(PlanError::TooLong { flag }),
            None => Ok(()),
        }
    }
}

/// The headers of every request, unless the user names them: who asks, that
/// any kind of answer will do, and that it need not be packed, as nobody reads it.
pub fn default_headers() -> HeaderMap {
    const USER_AGENT: &str = concat!("urlcheck/", env!("CARGO_PKG_VERSION"));
    let headers = [(header::USER_AGENT, USER_AGENT), (header::ACCEPT, "*/*"), (header::ACCEPT_ENCODING, "identity")];
    headers.map(|(name, value)| (name, HeaderValue::from_static(value))).into_iter().collect()
}

/// The default headers and the user's. A name that the user gives takes the
/// place of the default; a name that the user gives twice is sent twice.
pub fn headers(users: impl IntoIterator<Item = (HeaderName, HeaderValue)>) -> HeaderMap {
    let mut chosen = HeaderMap::new();
    for (name, value) in users {
        chosen.append(name, value);
    }
    for (name, value) in &default_headers() {
        chosen.entry(name).or_insert_with(|| value.clone());
    }
    chosen
}

fn at_least_one(flag: &'static str, number: usize) -> Result<(), PlanError> {
    if number == 0 { Err(PlanError::Zero { flag }) } else { Ok(()) }
}

fn possible_rate(flag: &'static str, rate: f64) -> Result<(), PlanError> {
    if RATES.contains(&rate) { Ok(()) } else { Err(PlanError::Rate { flag, rate }) }
}

/// Opening is the only proof that a file can be read; a directory opens, too.
fn readable(flag: &'static str, path: &Path) -> Result<(), PlanError> {
    let opened = File::open(path).and_then(|file| file.metadata());
    let outcome = opened.and_then(|facts| match facts.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        false => Ok(()),
    });
    outcome.map_err(|source| PlanError::File { flag, path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
