//! `--sweep`: how the rate grows with the requests at once, and where each mode
//! stops to gain from more.

use super::{
    contender::Contender,
    figure::{Figure, seconds},
    report::{Entry, Report},
};
use crate::plan::Mode;

/// Requests at once.
pub(super) const STEPS: [u32; 6] = [1, 4, 16, 64, 256, 1024];

/// URLs of a step, for each request at once; a step with fewer would be over
/// before it began, one with more would take minutes with one request at once.
const URLS_A_REQUEST: u64 = 50;

/// A rate counts as the best from this part of it on.
const AS_GOOD: f64 = 0.9;

/// The steps of a contender.
pub(super) fn steps(contender: Contender) -> &'static [u32] {
    if contender == Contender::Mode(Mode::Sequential) { &STEPS[..1] } else { &STEPS }
}

/// How much of the list a step gets.
pub(super) fn urls(concurrency: u32, whole: u64) -> u64 {
    whole.min(u64::from(concurrency) * URLS_A_REQUEST)
}

/// A contender's entries, in the order of the steps.
pub(super) fn lines(report: &Report) -> Vec<(Contender, Vec<&Entry>)> {
    let mut lines: Vec<(Contender, Vec<&Entry>)> = Vec::new();
    for entry in report.measured() {
        match lines.iter_mut().find(|(contender, _)| *contender == entry.contender) {
            Some((_, entries)) => entries.push(entry),
            None => lines.push((entry.contender, vec![entry])),
        }
    }
    lines
}

/// Rows a second: a line for each mode, a column for each step.
pub(super) fn cells(report: &Report) -> Vec<Vec<String>> {
    let head = STEPS.iter().map(|step| format!("{step} at once"));
    let mut rows = vec![[String::from("rows/s")].into_iter().chain(head).collect::<Vec<_>>()];
    for (contender, entries) in lines(report) {
        let cell = |step: &u32| {
            let entry = entries.iter().find(|entry| entry.concurrency == *step)?;
            Some(Figure::Rate.shown(entry.median.get(Figure::Rate)?))
        };
        let row = STEPS.iter().map(|step| cell(step).unwrap_or_else(|| "-".to_owned()));
        rows.push([contender.name().to_owned()].into_iter().chain(row).collect());
    }
    rows
}

/// The step from which on more requests at once gain a tenth at most.
pub(super) fn knee<'a>(entries: &[&'a Entry]) -> Option<&'a Entry> {
    let rate = |entry: &Entry| entry.median.get(Figure::Rate);
    let best = entries.iter().filter_map(|entry| rate(entry)).fold(0.0, f64::max);
    entries.iter().find(|entry| rate(entry).is_some_and(|rate| rate >= best * AS_GOOD)).copied()
}

/// Where each mode stops to gain.
pub(super) fn sentences(report: &Report) -> Vec<String> {
    let lines = lines(report).into_iter().filter(|(_, entries)| entries.len() > 1);
    lines.filter_map(|(contender, entries)| sentence(contender, &entries)).collect()
}

fn sentence(contender: Contender, entries: &[&Entry]) -> Option<String> {
    let knee = knee(entries)?;
    let last = entries.last()?;
    let cpu = |entry: &Entry| entry.median.get(Figure::CpuAUrl).map(|cpu| Figure::CpuAUrl.shown(cpu));
    let cost = cpu(knee).map(|cpu| format!(", at {cpu} of CPU a URL")).unwrap_or_default();
    let rate = Figure::Rate.shown(knee.median.get(Figure::Rate)?);
    if knee.concurrency == last.concurrency {
        return Some(format!("{contender} still gains at {} at once: {rate} rows/s{cost}.", knee.concurrency));
    }
    let wall = last.median.get(Figure::Wall).map(seconds)?;
    Some(format!(
        "{contender} stops to gain at {} at once: {rate} rows/s{cost}; {} at once take {wall} for {}.",
        knee.concurrency,
        last.concurrency,
        crate::sink::counted(last.urls, "URL")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(concurrency: u32, rate: f64) -> Entry {
        let mut entry = Entry::new(Contender::Mode(Mode::Async), concurrency, 1000);
        entry.median.set(Figure::Rate, Some(rate));
        entry.median.set(Figure::Wall, Some(1000.0 / rate));
        entry
    }

    #[test]
    fn the_knee_is_where_more_gains_a_tenth_at_most() {
        let entries = [entry(1, 30.0), entry(4, 110.0), entry(16, 400.0), entry(64, 920.0), entry(256, 1000.0)];
        let entries: Vec<&Entry> = entries.iter().collect();
        assert_eq!(knee(&entries).map(|entry| entry.concurrency), Some(64));
        let said = sentence(Contender::Mode(Mode::Async), &entries).expect("a sentence");
        assert_eq!(said, "async stops to gain at 64 at once: 920 rows/s; 256 at once take 1.00 s for 1,000 URLs.");
        let said = sentence(Contender::Mode(Mode::Async), &entries[..3]).expect("a sentence");
        assert_eq!(said, "async still gains at 16 at once: 400 rows/s.");
        assert!(knee(&[]).is_none());
    }

    #[test]
    fn a_step_has_enough_urls_and_no_more_than_there_are() {
        assert_eq!([urls(1, 1000), urls(4, 1000), urls(16, 1000), urls(1024, 1000)], [50, 200, 800, 1000]);
        assert_eq!(steps(Contender::Mode(Mode::Sequential)), [1]);
    }
}
