//! Rows for people, as they happen.

use super::{
    BUFFER, Event, Sink, Style,
    escape::visible,
    secrets::{masked_input, masked_sentence, masked_url},
};
use crate::check::{Outcome, Reason, Verdict};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, BufWriter, Write},
};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Which rows people see (`--show`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Show {
    /// What is degraded, down or unknown. Targets that were never asked (the
    /// run stopped first) are counted in the summary, not listed.
    #[default]
    Problems,
    /// Every row.
    All,
    /// No row.
    None,
}

/// Columns in front of the URL: verdict, status code and reason. The two
/// longest reasons push their URL further.
const BEFORE_URL: usize = 34;

/// The reason's column.
const REASON_WIDTH: usize = 17;

/// Columns in front of the status code: what does not fit below the URL begins here.
const BEFORE_STATUS: usize = 10;

/// Columns for `row N`; rows above 99,999 take more.
const ROW_NUMBER: usize = 11;

/// The URL's column where the width is not known; longer URLs push `row N`.
const URL_WIDTH: usize = 48;

/// No terminal is so narrow that a URL gets less.
const LEAST_WIDTH: usize = 24;

/// Rows for people.
pub struct Text<W: Write> {
    out: BufWriter<W>,
    show: Show,
    style: Style,
    line: String,
    any: bool,
}

impl<W: Write> Text<W> {
    /// On a terminal whose width is known a URL is cut to fit, and details get
    /// a line of their own; otherwise a row is a line, however long.
    pub fn new(out: W, show: Show, style: Style) -> Text<W> {
        Text { out: BufWriter::with_capacity(BUFFER, out), show, style, line: String::new(), any: false }
    }

    fn row(&mut self, outcome: &Outcome) -> io::Result<()> {
        self.any = true;
        self.line.clear();
        push_row(&mut self.line, outcome, self.style).expect("a String takes all text");
        self.out.write_all(self.line.as_bytes())
    }

    /// On a terminal, an empty line keeps the rows apart from the summary.
    fn end(&mut self) -> io::Result<()> {
        if self.any && self.style.width.is_some() {
            self.out.write_all(b"\n")?;
        }
        self.out.flush()
    }
}

impl<W: Write> Sink for Text<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Finished(outcome) if self.show.shows(outcome) => self.row(outcome),
            Event::Finished(_) => Ok(()),
            Event::Tick(_) => self.out.flush(),
            Event::Ended(_) => self.end(),
        }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

impl Show {
    fn shows(self, outcome: &Outcome) -> bool {
        match self {
            Show::All => true,
            Show::None => false,
            Show::Problems => {
                !matches!(outcome.verdict, Verdict::Up | Verdict::Skipped) && outcome.reason != Some(Reason::RunAborted)
            }
        }
    }
}

fn push_row(line: &mut String, outcome: &Outcome, style: Style) -> std::fmt::Result {
    let url = match &outcome.target.url {
        Ok(url) => masked_url(url),
        Err(_) => masked_input(&outcome.target),
    };
    let url = visible(&url);
    // What is left of the line for the URL, and for all that is told below it.
    let room = style.width.map(|width| width.saturating_sub(BEFORE_URL).max(LEAST_WIDTH));
    let reason = outcome.reason.map_or("", Reason::code);
    let pushed = reason.len().saturating_sub(REASON_WIDTH);
    let url_width = room.map_or(URL_WIDTH, |room| room.saturating_sub(ROW_NUMBER + pushed));
    let url = room.map_or(Cow::Borrowed(&*url), |room| cut_middle(&url, room - pushed));
    let row_fits = room.is_none() || url.width() <= url_width;
    let padding = url_width.saturating_sub(url.width());

    let (look, dim) = (style.verdict(outcome.verdict), style.dim());
    write!(line, "{look}{:>8}{look:#}  ", outcome.verdict)?;
    match outcome.status_code() {
        Some(status) => write!(line, "{status:>3}")?,
        None => line.push_str("   "),
    }
    write!(line, "  {reason:<REASON_WIDTH$}  {url}")?;
    let number = format!("row {}", outcome.target.index);
    let detail = telling_detail(outcome);
    let detail = detail.as_deref().map(visible);
    if row_fits {
        write!(line, "{:padding$}  {dim}{number}{dim:#}", "")?;
    }
    let below = match (room, row_fits, detail) {
        (None, _, Some(detail)) => {
            write!(line, "  {dim}{detail}{dim:#}")?;
            None
        }
        (_, true, detail) => detail,
        (_, false, None) => Some(Cow::Owned(number)),
        (_, false, Some(detail)) => Some(Cow::Owned(format!("{number}  {detail}"))),
    };
    if let Some((below, room)) = below.zip(room) {
        let indent = if below.width() <= room { BEFORE_URL } else { BEFORE_STATUS };
        let room = room + BEFORE_URL - indent;
        write!(line, "\n{:indent$}{dim}{}{dim:#}", "", cut_end(&below, room))?;
    }
    line.push('\n');
    Ok(())
}

/// The detail, where it says more than the columns do.
fn telling_detail(outcome: &Outcome) -> Option<Cow<'_, str>> {
    let told = match outcome.reason? {
        // The status has a column; what else the reply said comes after it.
        Reason::HttpStatus | Reason::HttpBlocked | Reason::HttpThrottled if outcome.status_code().is_some() => {
            outcome.detail.split_once("; ").map_or("", |(_, more)| more)
        }
        Reason::ConnectRefused | Reason::DnsNxdomain | Reason::TlsSelfSigned if outcome.num_redirects() == 0 => "",
        Reason::RunAborted | Reason::RunDeadline => "",
        _ => &outcome.detail,
    };
    let is_redirects_fault =
        matches!(outcome.reason?, Reason::RedirectLoop | Reason::RedirectLimit | Reason::RedirectInvalid);
    let moved = outcome.final_url().filter(|_| outcome.num_redirects() > 0 && !is_redirects_fault);
    match (moved, told) {
        (None, "") => None,
        (None, told) => Some(masked_sentence(told)),
        (Some(url), "") => Some(Cow::Owned(format!("redirected to {}", masked_url(url)))),
        (Some(url), told) => Some(Cow::Owned(format!("redirected to {}: {}", masked_url(url), masked_sentence(told)))),
    }
}

/// Cuts text to a width in columns, its end and (in a URL) its host kept.
fn cut_middle(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let room = width - 1;
    let host_starts = text.find("://").map_or(0, |colon| colon + 3);
    let host_ends = text[host_starts..].find('/').map_or(0, |length| text[..=host_starts + length].width());
    let head = fitting(text.chars(), (room - room / 3).max(host_ends).min(room));
    let tail = fitting(text.chars().rev(), room - text[..head].width());
    Cow::Owned(format!("{}…{}", &text[..head], &text[text.len() - tail..]))
}

fn cut_end(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", &text[..fitting(text.chars(), width - 1)]))
}

/// Bytes of the first characters that fit into so many columns.
fn fitting(characters: impl Iterator<Item = char>, mut columns: usize) -> usize {
    let mut bytes = 0;
    for character in characters {
        let Some(left) = columns.checked_sub(character.width().unwrap_or(0)) else { break };
        columns = left;
        bytes += character.len_utf8();
    }
    bytes
}

#[cfg(test)]
mod tests;
