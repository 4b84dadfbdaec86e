//! `cargo bench --bench instructions`: fixed work, counted in instructions and
//! held to stored figures, so that a regression shows however busy the machine
//! is. Needs valgrind. With `--renew` it stores what it counts.
//!
//! Only counts of one compiler for one kind of machine can be compared; with
//! another, nothing is, and that is a failure which says how to go over.

#[path = "../core/lists.rs"]
mod lists;
#[path = "../core/virtual_time.rs"]
mod virtual_time;

mod count;
mod figures;
mod part;
mod start;
mod work;

use anyhow::{Context, Result, bail, ensure};
use count::instructions;
use figures::Figures;
use part::Part;
use start::Practice;
use std::{
    env, fs,
    io::{self, Write},
    path::Path,
    process::{Command, ExitCode},
};
use urlcheck::source::Format;

/// The program's own: what is allocated costs here what it costs there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Where the figures are stored.
const STORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions/figures.txt");

/// Before the name of the part that this process is to do, or is not to.
const DO: &str = "--do";
const NOTHING: &str = "nothing";

fn main() -> ExitCode {
    // cargo adds --bench to what the user gave.
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [] => compare(),
        ["--renew"] => renew(),
        [DO, name] => perform(name),
        _ => Err(anyhow::anyhow!("{arguments:?} means nothing; give --renew to store new figures, or nothing")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _unread = writeln!(io::stderr(), "instructions: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn compare() -> Result<()> {
    let stored = fs::read_to_string(STORED).context(STORED)?;
    let stored = Figures::parse(&stored).context(STORED)?;
    // What cannot be compared need not be counted.
    let built_by = built_by()?;
    let faults = match stored.built_by == built_by {
        true => {
            let now = count(built_by)?;
            io::stdout().write_all(stored.table(&now).as_bytes())?;
            stored.faults(&now)
        }
        false => stored.faults(&Figures { built_by, counts: Vec::new() }),
    };
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

fn renew() -> Result<()> {
    let now = count(built_by()?)?;
    if let Ok(stored) = fs::read_to_string(STORED).map_err(Into::into).and_then(|text| Figures::parse(&text)) {
        io::stdout().write_all(stored.table(&now).as_bytes())?;
    }
    fs::write(STORED, now.to_string()).context(STORED)
}

/// Who has built this: cargo has asked the same compiler.
fn built_by() -> Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = Command::new(&rustc).arg("--version").output().context("rustc cannot be started")?;
    ensure!(told.status.success(), "rustc --version ended with {}", told.status);
    Ok(format!("{} for {} {}", String::from_utf8(told.stdout)?.trim(), env::consts::ARCH, env::consts::OS))
}

/// Counts all parts, each without what a process costs that does nothing.
fn count(built_by: String) -> Result<Figures> {
    let (own, program) = (env::current_exe()?, Path::new(env!("CARGO_BIN_EXE_urlcheck")));
    let practice = Practice::start()?;
    let nothing = instructions(&own, &[DO, NOTHING], &[])?;
    let count = |part: Part| {
        let counted = match part {
            Part::Version => instructions(program, &["--version"], &[])?,
            Part::OneHttp => practice.check_http(program)?,
            Part::OneHttps => practice.check_https(program)?,
            part => instructions(&own, &[DO, part.name()], &[])? - nothing,
        };
        Ok((part, counted))
    };
    Ok(Figures { built_by, counts: Part::ALL.into_iter().map(count).collect::<Result<_>>()? })
}

/// Does a part's work in this process.
fn perform(name: &str) -> Result<()> {
    if name == NOTHING {
        return Ok(());
    }
    match Part::named(name).with_context(|| format!("{name} is no part"))? {
        Part::ReadLines => work::read(Format::Lines),
        Part::ReadCsv => work::read(Format::Csv),
        Part::ReadJsonl => work::read(Format::Jsonl),
        Part::Run => work::run(),
        Part::WriteCsv => work::write_csv(),
        Part::WriteJsonl => work::write_jsonl(),
        Part::WriteText => work::write_text(),
        Part::Version | Part::OneHttp | Part::OneHttps => bail!("{name} is the program's work"),
    }
    Ok(())
}
