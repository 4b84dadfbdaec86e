//! Flags over environment over `urlcheck.toml` over defaults, as one value.
//!
//! The flags come in with the environment already under them (`cli`); this
//! module puts the file under both and turns what was written into what it
//! means. Nothing here looks at a terminal.

mod bound;
mod file;
mod merge;
mod variable;

pub use file::{FILE_NAME, FileError};
pub use variable::unknown_variables;

use crate::{
    check::{self, Policy, Timeouts},
    cli::{self, Options, Period, Rate, RowFormat, Whole},
    exit::FailOn,
    net::{Family, Network},
    plan::{self, Mode, Plan, PlanError},
    resume::{Again, Existing, Setting},
    schedule::Limits,
    sink, source,
};
use http::{Method, header::USER_AGENT};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// All that was asked for, except the inputs themselves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How the inputs are read.
    pub input: Input,
    /// Where the rows and the summary go.
    pub output: Output,
    /// What makes the exit code 1.
    pub fail_on: FailOn,
    /// What of it changes rows: see [`resume`](crate::resume).
    pub bound: Vec<Setting>,
    /// How long checks on the wire may go on after a signal.
    pub grace: Duration,
    /// The run: valid, its files readable a moment ago.
    pub plan: Plan,
}

/// How the inputs are read.
#[derive(Clone, Debug)]
pub struct Input {
    /// Their format.
    pub format: source::Format,
    /// The column or field that holds the URL; `None`: by its usual names.
    pub url_column: Option<String>,
    /// What a URL without a scheme means.
    pub default_scheme: check::Scheme,
}

/// Where the rows and the summary go, and who reads them.
#[derive(Clone, Debug)]
pub struct Output {
    /// The rows' file; `None`: standard output.
    pub file: Option<PathBuf>,
    /// The rows' format, if it was named; see [`Output::format`].
    pub named_format: Option<RowFormat>,
    /// The rows that the text format shows.
    pub show: sink::Show,
    /// What becomes of rows that are in the file already.
    pub existing: Existing,
    /// When rows in a file are made safe.
    pub commit: sink::Commit,
    /// The rows' order.
    pub order: cli::Order,
    /// The file of the JSON summary.
    pub summary: Option<PathBuf>,
    /// When to show how far the run is.
    pub progress: cli::When,
    /// When to use colour.
    pub color: cli::When,
    /// No summary for people, no progress.
    pub quiet: bool,
    /// How much to tell of what happens inside: 0, 1 or more.
    pub verbose: u8,
}

/// Why there are no settings. The flags themselves are clap's to judge.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file of settings is not readable or not valid.
    #[error(transparent)]
    File(#[from] FileError),
    /// One at a time, and many at once.
    #[error("--mode sequential sends one request at a time; leave out --concurrency, or use --mode threads")]
    Sequential,
    /// No address would be left.
    #[error("--ipv4 and --ipv6 exclude each other; leave one out, or write --ipv6=false where a file sets it")]
    NoFamily,
    /// Nothing is refused that could be excepted: whoever writes this may think
    /// that only those addresses are asked.
    #[error("--allow-net excepts addresses from what --deny-private refuses; add --deny-private, or leave it out")]
    NothingDenied,
    /// Standard output is the rows' place, and the summary's only by its name.
    #[error(
        "--summary - names no file; write --summary /dev/stdout where the rows go elsewhere (-o), or ./- for a file of that name"
    )]
    SummaryToStdout,
    /// An output cannot be gone on with and started anew.
    #[error(
        "--force and --resume (--resume-unknown, --recheck) exclude each other; leave one out, or write --force=false \
         where a file sets it"
    )]
    BothWays,
    /// The plan cannot be carried out.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl Settings {
    /// Puts the file of settings under the flags: the one that they name, or
    /// else `urlcheck.toml` in `folder`, if there is one.
    ///
    /// # Errors
    /// The file has a fault, or the whole is no plan that can be carried out.
    pub fn resolve(flags: Options, folder: &Path) -> Result<Settings, SettingsError> {
        let file = file::read(flags.config.as_deref(), folder)?;
        let options = merge::over(flags, file);
        if options.mode == Some(Mode::Sequential) && options.concurrency.is_some_and(|wanted| wanted.get() > 1) {
            return Err(SettingsError::Sequential);
        }
        let plan = plan(&options)?;
        plan.validate()?;
        if options.summary.as_deref() == Some(Path::new("-")) {
            return Err(SettingsError::SummaryToStdout);
        }
        let bound = bound::bound(&options, &plan);
        let existing = existing(&options)?;
        let input = Input {
            format: format(options.input_format.unwrap_or_default()),
            url_column: options.url_column,
            default_scheme: scheme(options.default_scheme.unwrap_or_default()),
        };
        let output = Output {
            file: options.output.filter(|path| path.as_os_str() != "-"),
            named_format: options.format,
            show: show(options.show.unwrap_or_default()),
            existing,
            commit: commit(options.sync.unwrap_or_default()),
            order: options.order.unwrap_or_default(),
            summary: options.summary,
            progress: options.progress.unwrap_or_default(),
            color: options.color.unwrap_or_default(),
            quiet: options.quiet.unwrap_or_default(),
            verbose: options.verbose,
        };
        let grace = options.grace.map_or(plan::GRACE, Period::get);
        Ok(Settings { input, output, fail_on: fail_on(options.fail_on.unwrap_or_default()), grace, bound, plan })
    }
}

impl Output {
    /// The rows' format: as named; else by the file's name; else text on a
    /// terminal and CSV for other programs.
    pub fn format(&self, stdout_is_terminal: bool) -> RowFormat {
        let by_name = || {
            let extension = self.file.as_deref()?.extension()?.to_str()?.to_ascii_lowercase();
            matches!(extension.as_str(), "jsonl" | "ndjson").then_some(RowFormat::Jsonl)
        };
        let to_people = self.file.is_none() && stdout_is_terminal;
        let other = if to_people { RowFormat::Text } else { RowFormat::Csv };
        self.named_format.or_else(by_name).unwrap_or(other)
    }
}

fn plan(options: &Options) -> Result<Plan, SettingsError> {
    let standard = Plan::default();
    Ok(Plan {
        policy: Arc::new(policy(options, &standard.policy)),
        limits: limits(options, standard.limits),
        network: network(options)?,
        mode: options.mode.unwrap_or_default(),
        loops: options.loops.map(Whole::count),
        worker: None,
        deadline: options.deadline.map(Period::get).filter(|deadline| !deadline.is_zero()),
    })
}

fn policy(options: &Options, standard: &Policy) -> Policy {
    let users = options.header.iter().flatten().map(|header| (header.name.clone(), header.value.clone()));
    let named = options.header.iter().flatten().any(|header| header.name == USER_AGENT);
    let agent = options.user_agent.clone().filter(|_| !named).map(|agent| (USER_AGENT, agent.get()));
    let total = options.timeout.map_or(standard.timeouts.total, Period::get);
    let connect = options.connect_timeout.map_or(standard.timeouts.connect, Period::get);
    Policy {
        method: method(options.method.unwrap_or_default()),
        headers: Arc::new(plan::headers(users.chain(agent))),
        // A connection cannot take longer than the whole, of which it is a part.
        timeouts: Timeouts { connect: connect.min(total), total },
        max_redirects: options.max_redirects.map_or(standard.max_redirects, Whole::get),
        retries: options.retries.map_or(standard.retries, Whole::get),
        max_retry_after: options.max_retry_after.map_or(standard.max_retry_after, Period::get),
        accept: options.accept.clone().unwrap_or_else(|| standard.accept.clone()),
        expiry_warning: options.expiry_warning.map_or(standard.expiry_warning, Period::get),
        ..standard.clone()
    }
}

fn limits(options: &Options, standard: Limits) -> Limits {
    Limits {
        concurrency: options.concurrency.map_or(standard.concurrency, Whole::count),
        per_host: options.per_host.map_or(standard.per_host, Whole::count),
        rate: options.rate.map(Rate::get),
        host_rate: options.host_rate.map(Rate::get),
        look_ahead: options.look_ahead.map_or(standard.look_ahead, Whole::count),
        breaker: !options.no_breaker.unwrap_or(!standard.breaker),
        ..standard
    }
}

fn network(options: &Options) -> Result<Network, SettingsError> {
    let family = match (options.ipv4.unwrap_or_default(), options.ipv6.unwrap_or_default()) {
        (true, true) => return Err(SettingsError::NoFamily),
        (true, false) => Family::V4,
        (false, true) => Family::V6,
        (false, false) => Family::Both,
    };
    if options.allow_net.is_some() && options.deny_private.is_none() {
        return Err(SettingsError::NothingDenied);
    }
    Ok(Network {
        resolver: options.resolver.map(|resolver| resolver.get()),
        hosts: options.hosts.clone(),
        family,
        cacert: options.cacert.clone(),
        insecure: options.insecure.unwrap_or_default(),
        deny_private: options.deny_private.unwrap_or_default(),
        allow_net: options.allow_net.iter().flatten().map(|net| net.get()).collect(),
    })
}

/// `--recheck` and `--resume-unknown` are ways to resume, and need no
/// `--resume` beside them.
fn existing(options: &Options) -> Result<Existing, SettingsError> {
    let unknown = options.resume_unknown.unwrap_or_default();
    let mut again: Vec<check::Verdict> = options.recheck.iter().flatten().copied().map(verdict).collect();
    if unknown {
        again.push(check::Verdict::Unknown);
    }
    let resumes = options.resume.unwrap_or_default() || !again.is_empty();
    match (resumes, options.force.unwrap_or_default()) {
        (true, true) => Err(SettingsError::BothWays),
        (true, false) => Ok(Existing::Resume(Again { verdicts: again })),
        (false, true) => Ok(Existing::Replace),
        (false, false) => Ok(Existing::Refuse),
    }
}

fn commit(commit: cli::Commit) -> sink::Commit {
    match commit {
        cli::Commit::None => sink::Commit::Never,
        cli::Commit::Interval => sink::Commit::Interval,
        cli::Commit::Every => sink::Commit::Every,
    }
}

fn verdict(verdict: cli::Verdict) -> check::Verdict {
    match verdict {
        cli::Verdict::Up => check::Verdict::Up,
        cli::Verdict::Degraded => check::Verdict::Degraded,
        cli::Verdict::Down => check::Verdict::Down,
        cli::Verdict::Unknown => check::Verdict::Unknown,
        cli::Verdict::Skipped => check::Verdict::Skipped,
    }
}

fn method(method: cli::Method) -> Method {
    match method {
        cli::Method::Get => Method::GET,
        cli::Method::Head => Method::HEAD,
        cli::Method::Options => Method::OPTIONS,
    }
}

fn format(format: cli::InputFormat) -> source::Format {
    match format {
        cli::InputFormat::Auto => source::Format::Auto,
        cli::InputFormat::Lines => source::Format::Lines,
        cli::InputFormat::Csv => source::Format::Csv,
        cli::InputFormat::Jsonl => source::Format::Jsonl,
    }
}

fn show(show: cli::Show) -> sink::Show {
    match show {
        cli::Show::Problems => sink::Show::Problems,
        cli::Show::All => sink::Show::All,
        cli::Show::None => sink::Show::None,
    }
}

fn scheme(scheme: cli::Scheme) -> check::Scheme {
    match scheme {
        cli::Scheme::Http => check::Scheme::Http,
        cli::Scheme::Https => check::Scheme::Https,
    }
}

fn fail_on(line: cli::FailOn) -> FailOn {
    match line {
        cli::FailOn::Down => FailOn::Down,
        cli::FailOn::Degraded => FailOn::Degraded,
        cli::FailOn::Unknown => FailOn::Unknown,
        cli::FailOn::Never => FailOn::Never,
    }
}

#[cfg(test)]
mod tests;
