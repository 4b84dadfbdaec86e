//! The closing lines for people, and the same numbers in a file for programs.

use super::{
    End, Event, Kept, Sink, Stop, Style, hosts,
    human::{counted, grouped, millis, per_second, span},
    replace::Replacement,
    report::{Report, rate},
    totals::Totals,
    wrap::wrapped,
};
use crate::check::{Reason, Verdict};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
    path::Path,
};

/// Hosts that a line names.
const NAMED_HOSTS: usize = 3;

/// Statuses of a reason that a line names.
const NAMED_STATUSES: usize = 6;

/// Counts every outcome and tells the totals at the end.
pub struct Summary {
    totals: Totals,
    lines: Option<(Box<dyn Write + Send>, Style)>,
    file: Option<Replacement>,
}

impl Summary {
    /// Tells nobody yet: see [`Summary::lines`] and [`Summary::file`].
    pub fn new() -> Summary {
        Summary { totals: Totals::new(), lines: None, file: None }
    }

    /// Begins with the rows that the output has already.
    pub fn keeping(mut self, kept: &Kept) -> Summary {
        self.totals.keep(kept);
        self
    }

    /// Writes the closing lines for people.
    pub fn lines(self, out: impl Write + Send + 'static, style: Style) -> Summary {
        Summary { lines: Some((Box::new(out), style)), ..self }
    }

    /// Writes the numbers as JSON to a file, which appears whole or not at all.
    /// Fails now when it could not be written at the end.
    pub fn file(self, path: &Path) -> io::Result<Summary> {
        Ok(Summary { file: Some(Replacement::prepare(path)?), ..self })
    }
}

impl Summary {
    fn write_lines(&mut self, end: &End) -> io::Result<()> {
        let Some((out, style)) = &mut self.lines else { return Ok(()) };
        out.write_all(closing_lines(&self.totals, end, *style).as_bytes())?;
        out.flush()
    }

    fn write_file(&mut self, end: &End) -> io::Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let mut json = serde_json::to_vec_pretty(&Report::of(&self.totals, end))?;
        json.push(b'\n');
        file.commit(&json)
    }
}

impl Default for Summary {
    fn default() -> Summary {
        Summary::new()
    }
}

impl Sink for Summary {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Finished(outcome) => self.totals.add(outcome),
            Event::Tick(_) => {}
            Event::Ended(end) => {
                // Neither is to miss the end because the other failed.
                let lines = self.write_lines(end);
                let file = self.write_file(end);
                return lines.and(file);
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        Ok(())
    }
}

fn closing_lines(totals: &Totals, end: &End, style: Style) -> String {
    let number = totals.hosts.number().map_or_else(
        || format!("more than {}", counted(hosts::MOST_DISTINCT as u64, "host")),
        |number| counted(number as u64, "host"),
    );
    let rate = per_second(rate(totals, end));
    let urls = counted(totals.made(), "URL");
    let mut lines = vec![format!("{urls} on {number} in {} ({rate})", span(end.elapsed))];
    if totals.kept > 0 {
        let were = if totals.kept == 1 { "was" } else { "were" };
        lines.push(format!("with {} that {were} there already:", counted(totals.kept, "row")));
    }
    lines.extend(end.stopped.map(|stop| stopped(totals, stop)));
    lines.push(verdicts(totals, style));
    let not_up = [Verdict::Down, Verdict::Unknown, Verdict::Degraded, Verdict::Skipped];
    lines.extend(not_up.into_iter().filter_map(|verdict| reasons(totals, verdict, style)));
    lines.extend(times(totals));
    lines.extend(most_down(totals));
    lines.extend(end.notes.iter().cloned());
    if let Some(width) = style.width {
        lines = lines.iter().map(|line| wrapped(line, width)).collect();
    }
    lines.join("\n") + "\n"
}

/// `stopped by a signal: 412 rows are unknown/run_aborted`
fn stopped(totals: &Totals, stop: Stop) -> String {
    let by = match stop {
        Stop::Signal => "a signal",
        Stop::Deadline => "the deadline",
        Stop::Output => "an output that takes no more rows",
    };
    let reason = stop.reason();
    let left: u64 = totals.kinds().filter(|(kind, _)| kind.reason == Some(reason)).map(|(_, count)| count).sum();
    if left == 0 {
        return format!("stopped by {by}");
    }
    let are = if left == 1 { "is" } else { "are" };
    format!("stopped by {by}: {} {are} {}/{reason}", counted(left, "row"), reason.verdict())
}

/// `up 931 · degraded 2 · down 52 · unknown 15`
fn verdicts(totals: &Totals, style: Style) -> String {
    let told =
        Verdict::ALL.into_iter().filter(|verdict| *verdict != Verdict::Skipped || totals.counts.of(*verdict) > 0);
    join(told.map(|verdict| {
        let count = totals.counts.of(verdict);
        let look = if count > 0 { style.verdict(verdict) } else { style.dim() };
        format!("{look}{verdict} {}{look:#}", grouped(count))
    }))
}

/// `down: http_status 404 x31, 500 x4 · dns_nxdomain x9`, the most frequent first.
fn reasons(totals: &Totals, verdict: Verdict, style: Style) -> Option<String> {
    let mut by_reason: BTreeMap<Reason, Vec<(Option<u16>, u64)>> = BTreeMap::new();
    for (kind, count) in totals.kinds().filter(|(kind, _)| kind.verdict == verdict) {
        if let Some(reason) = kind.reason {
            by_reason.entry(reason).or_default().push((kind.status, count));
        }
    }
    let mut reasons: Vec<_> = by_reason.into_iter().collect();
    let sum = |statuses: &[(Option<u16>, u64)]| statuses.iter().map(|(_, count)| count).sum::<u64>();
    reasons.sort_by_key(|(_, statuses)| std::cmp::Reverse(sum(statuses)));
    let told = join(reasons.iter_mut().map(|(reason, statuses)| match reason {
        Reason::HttpStatus | Reason::HttpBlocked | Reason::HttpThrottled => format!("{reason} {}", by_status(statuses)),
        _ => format!("{reason} x{}", grouped(sum(statuses))),
    }));
    let look = style.verdict(verdict);
    (!told.is_empty()).then(|| format!("{look}{verdict}:{look:#} {told}"))
}

/// `404 x31, 500 x4, others x2`
fn by_status(statuses: &mut [(Option<u16>, u64)]) -> String {
    statuses.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let (named, others) = statuses.split_at(statuses.len().min(NAMED_STATUSES));
    let mut text = String::new();
    for (status, count) in named {
        let comma = if text.is_empty() { "" } else { ", " };
        let status = status.map_or_else(String::new, |status| format!("{status} "));
        write!(text, "{comma}{status}x{}", grouped(*count)).expect("a String takes all text");
    }
    if !others.is_empty() {
        let others = others.iter().map(|(_, count)| count).sum();
        write!(text, ", others x{}", grouped(others)).expect("a String takes all text");
    }
    text
}

/// `total_ms p50 61 · p90 240 · p99 1,900 · slowest slow.example (2,310)`
fn times(totals: &Totals) -> Option<String> {
    let times = totals.quantiles()?;
    let slowest: Vec<_> = totals.slowest.iter().map(|(host, total)| format!("{host} ({})", millis(total))).collect();
    let slowest = slowest[..slowest.len().min(NAMED_HOSTS)].join(", ");
    let (p50, p90, p99) = (millis(times.p50), millis(times.p90), millis(times.p99));
    Some(format!("total_ms p50 {p50} · p90 {p90} · p99 {p99} · slowest {slowest}"))
}

/// `most down: a.example x31 · b.example x9`; a host with a single failure is
/// in the rows, not here.
fn most_down(totals: &Totals) -> Option<String> {
    let hosts = totals.failing.top(NAMED_HOSTS).into_iter().filter(|(_, count)| *count > 1);
    let told = join(hosts.map(|(host, count)| format!("{host} x{}", grouped(count))));
    let least = if totals.failing.is_exact() { "" } else { " (at least)" };
    (!told.is_empty()).then(|| format!("most down{least}: {told}"))
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests;
