//! The command as clap runs it: what the fields of [`Options`](super::Options)
//! say, and what holds for each of them alike: the name of its environment
//! variable, its default, how a file's yes is taken back.

use super::{
    Cli, Command as Verb, Commit, FailOn, InputFormat, Method, Options, Order, Period, REFUSED, Scheme, Show, When,
    compare,
};
use crate::{
    exit::Exit,
    plan::{self, Mode, Plan},
};
use clap::{
    Arg, ArgAction, Args, Command, CommandFactory, FromArgMatches, Subcommand, ValueEnum,
    builder::{BoolishValueParser, StyledStr},
    error::{ContextKind, ContextValue, Error},
};
use std::{any::TypeId, env, ffi::OsString};

pub(super) const FIRST: &str = "The ten that matter first";
pub(super) const INPUT: &str = "Input";
pub(super) const OUTPUT: &str = "Output";
pub(super) const PACE: &str = "Politeness and speed";
pub(super) const CHECKING: &str = "Checking";
pub(super) const NETWORK: &str = "Network";
pub(super) const OTHER: &str = "Other";
pub(super) const COMPARE: &str = "What is compared";

const EXAMPLES: &str = "\
Examples:
  urlcheck urls.txt                         problems and a summary on the terminal
  urlcheck urls.txt > out.csv               one row for every URL
  urlcheck urls.txt -o out.csv --resume     go on where an earlier run ended
  urlcheck sites.csv --url-column Homepage -o out.jsonl
  zcat urls.gz | urlcheck -                 a list from another program
  urlcheck https://example.org/             a single URL
  urlcheck urls.txt --rate 20 --per-host 1  slowly, one request a host at a time
  urlcheck -q -f text urls.txt              from cron: silent while all is up
  urlcheck ./demo                           a file that is named like a command
  urlcheck compare urls.txt                 which way to run is the best for this list";

const SETTINGS: &str = "\
Settings:
  Each flag is also a key of ./urlcheck.toml, or of the file that --config names
  (max_redirects = 5), and an environment variable (URLCHECK_MAX_REDIRECTS=5).
  A flag outweighs the environment, the environment the file; --insecure=false
  takes back the file's insecure = true.";

/// The whole command line, for parsing, completions and the man page.
pub fn command() -> Command {
    let (command, defaults) = (Cli::command(), Plan::default());
    // The options are the default verb's flags, so they need not be built once more.
    let options: Vec<String> =
        command.get_arguments().filter(|arg| !arg.is_positional()).map(|arg| arg.get_id().to_string()).collect();
    // What a verb has of its own is neither a variable nor a key of the file.
    let complete =
        |arg: Arg| if options.iter().any(|name| arg.get_id() == name) { complete(arg, &defaults) } else { arg };
    let command = command.mut_args(complete).mut_subcommands(|command| {
        let compares = command.get_name() == "compare";
        let hidden = |arg: Arg| if compares && REFUSED.contains(&arg.get_id().as_str()) { arg.hide(true) } else { arg };
        command.mut_args(|arg| hidden(complete(arg))).disable_help_flag(true).arg(help_flag())
    });
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    command
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(help_flag())
        .arg(version.help_heading(OTHER).help("Print the version"))
        .after_help("--help says more, with examples and exit codes.")
        .after_long_help(format!("{EXAMPLES}\n\n{SETTINGS}\n\n{}", exit_codes()))
}

/// Reads a command line, the program's name first.
///
/// # Errors
/// What is wrong with it, or the help that it asks for: both are for clap to show.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, Error> {
    let matches = command().try_get_matches_from(arguments).map_err(|error| {
        let error = match variable_at_fault(&error, |name| env::var_os(name)) {
            Some(name) => with_tip(error, format!("the value comes from the environment variable {name}")),
            None => error,
        };
        without_secret(error)
    })?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    if let (Some(Verb::Compare(verb)), Some((_, matches))) = (&mut cli.command, matches.subcommand()) {
        verb.given = compare::given(matches, &option_names());
    }
    Ok(cli)
}

/// The environment variable whose value was refused: clap itself names only
/// the flag, which nobody may have written.
pub(super) fn variable_at_fault(error: &Error, value_of: impl Fn(&str) -> Option<OsString>) -> Option<String> {
    let (ContextValue::String(flag), ContextValue::String(value)) =
        (error.get(ContextKind::InvalidArg)?, error.get(ContextKind::InvalidValue)?)
    else {
        return None;
    };
    // The flag stands there with what it takes: --rate <N>, --insecure[=<BOOL>].
    let flag = flag.strip_prefix("--")?.split([' ', '[']).next()?;
    let name = variable(&flag.replace('-', "_"));
    (value_of(&name)? == value.as_str()).then_some(name)
}

/// The value of a header may be a password, and so it is not shown.
fn without_secret(mut error: Error) -> Error {
    let is_header =
        matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(flag)) if flag.starts_with("--header"));
    if is_header && error.get(ContextKind::InvalidValue).is_some() {
        error.insert(ContextKind::InvalidValue, ContextValue::String("***".to_owned()));
    }
    error
}

fn with_tip(mut error: Error, tip: String) -> Error {
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}

/// The environment variable of an option.
pub fn variable(id: &str) -> String {
    format!("URLCHECK_{}", id.to_uppercase())
}

/// The names of the fields of [`Options`], which are the flags' with _ for -.
pub fn option_names() -> Vec<String> {
    Options::augment_args(Command::new("")).get_arguments().map(|arg| arg.get_id().to_string()).collect()
}

/// Whether a verb that is written out has this name.
pub fn is_verb(name: &str) -> bool {
    Verb::has_subcommand(name)
}

fn help_flag() -> Arg {
    let flag = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    flag.help_heading(OTHER).help("Print a summary of all this (-h) or all of it (--help)")
}

fn complete(arg: Arg, defaults: &Plan) -> Arg {
    let id = arg.get_id().to_string();
    if arg.get_long().is_none() {
        return arg;
    }
    let arg = arg.env(variable(&id)).hide_env(true);
    let arg = if arg.get_value_parser().type_id() == TypeId::of::<bool>() { yes_or_no(arg) } else { arg };
    match default(&id, defaults) {
        Some(default) => with_default(arg, &default),
        None => arg,
    }
}

/// `--insecure` is a yes; `--insecure=false` takes back the yes of a file.
fn yes_or_no(arg: Arg) -> Arg {
    arg.value_parser(BoolishValueParser::new())
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value("true")
        .value_name("BOOL")
        .hide_possible_values(true)
}

/// Only shown: clap's own defaults would outweigh those of a file.
fn with_default(arg: Arg, default: &str) -> Arg {
    let append = |help: &StyledStr| format!("{help} [default: {default}]");
    let long = arg.get_long_help().map(append);
    let arg = match arg.get_help().map(append) {
        Some(short) => arg.help(short),
        None => arg,
    };
    match long {
        Some(long) => arg.long_help(long),
        None => arg,
    }
}

/// What holds for a field that is nowhere given, as it would be written.
fn default(id: &str, plan: &Plan) -> Option<String> {
    let Plan { policy, limits, .. } = plan;
    let period = |duration| Some(Period::<0>::of(duration).to_string());
    match id {
        "show" => word(Show::default()),
        "progress" | "color" => word(When::default()),
        "order" => word(Order::default()),
        "mode" => word(Mode::default()),
        "sync" => word(Commit::default()),
        "input_format" => word(InputFormat::default()),
        "default_scheme" => word(Scheme::default()),
        "method" => word(Method::default()),
        "fail_on" => word(FailOn::default()),
        "concurrency" => Some(limits.concurrency.to_string()),
        "per_host" => Some(limits.per_host.to_string()),
        "look_ahead" => Some(limits.look_ahead.to_string()),
        "timeout" => period(policy.timeouts.total),
        "connect_timeout" => period(policy.timeouts.connect),
        "retries" => Some(policy.retries.to_string()),
        "grace" => period(plan::GRACE),
        "max_retry_after" => period(policy.max_retry_after),
        "max_redirects" => Some(policy.max_redirects.to_string()),
        "accept" => Some(policy.accept.to_string()),
        "expiry_warning" => period(policy.expiry_warning),
        "user_agent" => policy.headers.get("user-agent")?.to_str().ok().map(str::to_owned),
        _ => None,
    }
}

fn word(choice: impl ValueEnum) -> Option<String> {
    choice.to_possible_value().map(|value| value.get_name().to_owned())
}

fn exit_codes() -> String {
    let lines = Exit::ALL.map(|exit| format!("  {:<4} {}", exit.code(), exit.sentence()));
    format!("Exit codes:\n{}", lines.join("\n"))
}
