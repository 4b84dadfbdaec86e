//! The command line: what can be written, and nothing of what it does.
//!
//! Flags, environment variables and keys of `urlcheck.toml` are the fields of
//! one struct, [`Options`]: `--max-redirects`, `URLCHECK_MAX_REDIRECTS` and
//! `max_redirects` cannot drift apart. Only this file and its folder know clap.

mod choice;
mod compare;
mod duration;
mod header;
mod help;
mod text;
mod value;

pub use choice::{Commit, FailOn, InputFormat, Method, Order, RowFormat, Scheme, Show, Verdict, When};
pub use compare::{Compare, Given, REFUSED};
pub use duration::{Period, PeriodError};
pub use header::{Header, HeaderError, UserAgent};
pub use help::{command, is_verb, option_names, parse, variable};
pub use value::{Net, Rate, Resolver, ValueError, Whole};

use crate::{check::StatusSet, plan::Mode};
use clap::{ArgAction, Args, Parser, Subcommand};
use help::{CHECKING, FIRST, INPUT, NETWORK, OTHER, OUTPUT, PACE};
use serde::Deserialize;
use std::path::PathBuf;

/// Tells what became of every URL in a list.
///
/// urlcheck asks for each URL once, politely, and writes one truthful row for
/// each: up, degraded, down, unknown or skipped, and why.
#[derive(Clone, Debug, Parser)]
#[command(name = "urlcheck", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// Another verb than the default one.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Files of URLs (.gz too), - for standard input, or URLs
    ///
    /// Without any, urlcheck reads standard input, unless that is a terminal.
    /// A file that is named like a command is written with its folder: ./demo
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<String>,
    /// The options of the default verb.
    #[command(flatten)]
    pub options: Options,
}

/// The verbs that are written out.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Try it without a network: check a practice site on this machine
    Demo {
        /// How many URLs the practice site has
        #[arg(value_name = "N", default_value = "1000")]
        urls: Whole<1>,
        /// The options of the default verb.
        #[command(flatten)]
        options: Box<Options>,
    },
    /// Be a worker process of --mode processes
    #[command(hide = true)]
    Worker {
        /// How much to tell of what happens inside, as the number of -v
        verbose: u8,
        /// When to use colour
        color: When,
    },
    /// Run the same list in every mode, and say which to pick
    ///
    /// Without an INPUT, the list is a practice site's, on this machine. Each
    /// mode runs in a process of its own, all in turn, and is measured.
    Compare(Box<Compare>),
    /// Tell what each mode is good for, what it costs, and its traps
    ExplainModes,
    /// The practice site of compare, in a process of its own
    #[command(hide = true)]
    PracticeSite {
        /// How many URLs its list has
        urls: Whole<1>,
        /// Only what a program finds that asks the system's resolver
        #[arg(long)]
        plain: bool,
    },
    /// Write a script that completes commands and flags in a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual page
    Man {
        /// The command whose page it is; without, urlcheck's own
        command: Option<String>,
    },
}

/// The options of the default verb, as far as given.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Write the rows to this file instead of standard output
    #[arg(short, long, value_name = "FILE", help_heading = FIRST)]
    pub output: Option<PathBuf>,
    /// The rows' format [default: text on a terminal, jsonl for FILE.jsonl, csv otherwise]
    #[arg(short, long, value_name = "FORMAT", help_heading = FIRST)]
    pub format: Option<RowFormat>,
    /// Which rows the text format shows
    #[arg(long, value_name = "ROWS", help_heading = FIRST)]
    pub show: Option<Show>,
    /// The column of a CSV input, or field of a JSONL one, that holds the URL
    #[arg(long, value_name = "NAME", help_heading = FIRST)]
    pub url_column: Option<String>,
    /// Requests at once
    #[arg(short, long, value_name = "N", help_heading = FIRST)]
    #[serde(deserialize_with = "text::one")]
    pub concurrency: Option<Whole<1>>,
    /// Requests a second in all
    #[arg(long, value_name = "N", help_heading = FIRST)]
    #[serde(deserialize_with = "text::one")]
    pub rate: Option<Rate>,
    /// The longest that one attempt may take, redirects included
    #[arg(long, value_name = "TIME", help_heading = FIRST)]
    #[serde(deserialize_with = "text::one")]
    pub timeout: Option<Period<1>>,
    /// Attempts after the first, when the failure may pass
    #[arg(long, value_name = "N", help_heading = FIRST)]
    #[serde(deserialize_with = "text::one")]
    pub retries: Option<Whole<0>>,
    /// The statuses that are up, such as 200-299,301,4xx
    #[arg(long, value_name = "STATUSES", help_heading = FIRST)]
    #[serde(deserialize_with = "text::one")]
    pub accept: Option<StatusSet>,
    /// What makes the exit code 1
    #[arg(long, value_name = "VERDICT", help_heading = FIRST)]
    pub fail_on: Option<FailOn>,

    /// The inputs' format
    #[arg(long, value_name = "FORMAT", help_heading = INPUT)]
    pub input_format: Option<InputFormat>,
    /// What a URL without a scheme means
    #[arg(long, value_name = "SCHEME", help_heading = INPUT)]
    pub default_scheme: Option<Scheme>,

    /// The rows' order: as they end, or as in the input, which keeps rows waiting
    #[arg(long, value_name = "ORDER", help_heading = OUTPUT)]
    pub order: Option<Order>,
    /// Go on with an output that is there: only URLs without a row are checked
    #[arg(long, help_heading = OUTPUT)]
    pub resume: Option<bool>,
    /// As --resume, and check again what is unknown
    #[arg(long, help_heading = OUTPUT)]
    pub resume_unknown: Option<bool>,
    /// As --resume, and check again what has one of these verdicts: down,degraded
    #[arg(long, value_name = "VERDICTS", value_delimiter = ',', help_heading = OUTPUT)]
    pub recheck: Option<Vec<Verdict>>,
    /// Start an output that is there anew
    #[arg(long, help_heading = OUTPUT)]
    pub force: Option<bool>,
    /// When the rows of a file are made safe against a power cut
    #[arg(long, value_name = "WHEN", help_heading = OUTPUT)]
    pub sync: Option<Commit>,
    /// Write the summary to this file, too, as JSON
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub summary: Option<PathBuf>,
    /// Show how far the run is
    #[arg(long, value_name = "WHEN", help_heading = OUTPUT)]
    pub progress: Option<When>,
    /// Colour what people read; NO_COLOR is heeded
    #[arg(long, value_name = "WHEN", help_heading = OUTPUT)]
    pub color: Option<When>,
    /// No summary, no progress, only rows and errors
    #[arg(short, long, help_heading = OUTPUT)]
    pub quiet: Option<bool>,
    /// Tell on standard error what happens inside; -vv tells more
    #[arg(short, long, action = ArgAction::Count, help_heading = OUTPUT)]
    #[serde(skip)]
    pub verbose: u8,

    /// Requests at once to one host and port; 0: no limit
    #[arg(long, value_name = "N", help_heading = PACE)]
    #[serde(deserialize_with = "text::one")]
    pub per_host: Option<Whole<0>>,
    /// Requests a second to one host and port
    #[arg(long, value_name = "N", help_heading = PACE)]
    #[serde(deserialize_with = "text::one")]
    pub host_rate: Option<Rate>,
    /// URLs read before their turn, so that a list sorted by host keeps many hosts busy
    #[arg(long, value_name = "N", help_heading = PACE)]
    #[serde(deserialize_with = "text::one")]
    pub look_ahead: Option<Whole<1>>,
    /// Who waits for the replies (urlcheck explain-modes says which to pick)
    #[arg(short, long, value_name = "MODE", help_heading = PACE)]
    pub mode: Option<Mode>,
    /// Event loops, or worker processes [default: one a core]
    #[arg(long, value_name = "N", help_heading = PACE)]
    #[serde(deserialize_with = "text::one")]
    pub loops: Option<Whole<1>>,
    /// End the run after this long, skipping what is left; 0: never
    #[arg(long, value_name = "TIME", help_heading = PACE)]
    #[serde(deserialize_with = "text::one")]
    pub deadline: Option<Period<0>>,
    /// Let checks on the wire go on so long after Ctrl-C or SIGTERM; 0: not at all
    #[arg(long, value_name = "TIME", help_heading = PACE)]
    #[serde(deserialize_with = "text::one")]
    pub grace: Option<Period<0>>,
    /// The longest pause that a host may ask for; its URLs are unknown if it wants more
    #[arg(long, value_name = "TIME", help_heading = PACE)]
    #[serde(deserialize_with = "text::one")]
    pub max_retry_after: Option<Period<0>>,
    /// Keep asking for every URL of a host that nothing connects to
    #[arg(long, help_heading = PACE)]
    pub no_breaker: Option<bool>,

    /// The longest that a connection may take, and again its TLS handshake
    #[arg(long, value_name = "TIME", help_heading = CHECKING)]
    #[serde(deserialize_with = "text::one")]
    pub connect_timeout: Option<Period<1>>,
    /// Follow at most so many; a URL with more is down
    #[arg(long, value_name = "N", help_heading = CHECKING)]
    #[serde(deserialize_with = "text::one")]
    pub max_redirects: Option<Whole<0>>,
    /// The method of the requests
    #[arg(short = 'X', long, value_name = "METHOD", help_heading = CHECKING)]
    pub method: Option<Method>,
    /// A header to send, such as 'Accept-Language: de'; can be given many times
    #[arg(short = 'H', long, value_name = "HEADER", help_heading = CHECKING)]
    #[serde(deserialize_with = "text::many")]
    pub header: Option<Vec<Header>>,
    /// The User-Agent to send
    #[arg(short = 'A', long, value_name = "TEXT", help_heading = CHECKING)]
    #[serde(deserialize_with = "text::one")]
    pub user_agent: Option<UserAgent>,
    /// Degraded when the certificate ends sooner than this; 0: never
    #[arg(long, value_name = "TIME", help_heading = CHECKING)]
    #[serde(deserialize_with = "text::one")]
    pub expiry_warning: Option<Period<0>>,

    /// The DNS server to ask [default: the system's]
    #[arg(long, value_name = "IP[:PORT]", help_heading = NETWORK)]
    #[serde(deserialize_with = "text::one")]
    pub resolver: Option<Resolver>,
    /// Names and addresses as in /etc/hosts, asked before DNS
    #[arg(long, value_name = "FILE", help_heading = NETWORK)]
    pub hosts: Option<PathBuf>,
    /// IPv4 only
    #[arg(short = '4', long, help_heading = NETWORK)]
    pub ipv4: Option<bool>,
    /// IPv6 only
    #[arg(short = '6', long, help_heading = NETWORK)]
    pub ipv6: Option<bool>,
    /// Trust the authorities of this PEM file, too
    #[arg(long, value_name = "FILE", help_heading = NETWORK)]
    pub cacert: Option<PathBuf>,
    /// Accept every certificate; rows still tell when it expires
    #[arg(long, help_heading = NETWORK)]
    pub insecure: Option<bool>,
    /// Refuse addresses that are not public
    #[arg(long, help_heading = NETWORK)]
    pub deny_private: Option<bool>,
    /// With --deny-private, addresses to ask all the same, such as 10.1.0.0/16,::1; can be given many times
    #[arg(long, value_name = "CIDR", value_delimiter = ',', help_heading = NETWORK)]
    #[serde(deserialize_with = "text::many")]
    pub allow_net: Option<Vec<Net>>,

    /// The file of settings [default: urlcheck.toml, if there is one]
    #[arg(long, value_name = "FILE", help_heading = OTHER)]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

#[cfg(test)]
mod tests;
