//! The log on standard error: warnings for everybody, more with `-v`; above
//! the bar, where there is one.

use crate::sink::{Bar, told_lines};
use std::{
    fmt,
    io::{self, Write},
    sync::OnceLock,
};
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

/// The bar that stands on standard error. The log is the process's, and so is this.
static BAR: OnceLock<Bar> = OnceLock::new();

/// From here on the log goes to standard error, as far as `verbose` says.
pub(super) fn begin(verbose: u8, coloured: bool) {
    let coloured = coloured && verbose > 0;
    let log = tracing_subscriber::fmt()
        .with_writer(move || Out { coloured })
        .with_env_filter(EnvFilter::new(filter(verbose)));
    let begun = match verbose {
        0 => log.with_ansi(false).event_format(ForEverybody).try_init(),
        _ => log.compact().with_ansi(coloured).try_init(),
    };
    // A program that uses the library may have a log of its own already.
    if begun.is_err() {
        tracing::debug!("the log was already set up");
    }
}

/// From here on the log keeps clear of a bar. Only the first one counts.
pub(super) fn keep_above(bar: &Bar) {
    BAR.get_or_init(|| bar.clone());
}

/// Standard error, beside the bar if there is one.
struct Out {
    coloured: bool,
}

/// It is given whole lines, with whatever hosts and files are called.
impl Write for Out {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let shown = told_lines(&String::from_utf8_lossy(lines), self.coloured);
        match BAR.get() {
            Some(bar) => bar.beside(io::stderr()).write_all(shown.as_bytes())?,
            None => io::stderr().write_all(shown.as_bytes())?,
        }
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Our own news by the count of -v; those of the crates below only when they
/// are errors, as a failed lookup or handshake is a row and no news.
fn filter(verbose: u8) -> &'static str {
    match verbose {
        0 => "error,urlcheck=warn",
        1 => "error,urlcheck=info",
        2 => "warn,urlcheck=debug",
        _ => "debug,urlcheck=trace",
    }
}

/// A warning as errors are written, too: `urlcheck: there is no URL in the input`.
struct ForEverybody;

impl<S, F> FormatEvent<S, F> for ForEverybody
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    F: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, F>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        out.write_str("urlcheck: ")?;
        context.format_fields(out.by_ref(), event)?;
        out.write_str("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_of_v_is_a_filter() {
        for verbose in 0..=4 {
            assert!(EnvFilter::try_new(filter(verbose)).is_ok(), "{verbose}");
        }
    }
}
