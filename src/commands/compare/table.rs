//! The comparison for a terminal: a table, bars, and the sentences around them.

use super::{
    figure::Figure,
    report::{Entry, Report},
    sweep,
};
use anstyle::AnsiColor;

/// Characters of the longest bar.
const BAR: usize = 40;

/// The whole text.
pub(super) fn text(report: &Report, coloured: bool) -> String {
    let mut lines = report.heading();
    lines.push(String::new());
    if report.sweep {
        lines.extend(aligned(&sweep::cells(report)));
        lines.push(String::new());
        lines.extend(sweep::sentences(report));
    } else {
        lines.extend(aligned(&cells(report)));
        for figure in charted(report) {
            lines.push(String::new());
            lines.extend(bars(report, figure, coloured));
        }
    }
    lines.push(String::new());
    lines.extend(report.notes());
    if let Some(recommendation) = &report.recommendation {
        lines.push(String::new());
        lines.extend(recommendation.sentences.iter().cloned());
    }
    lines.join("\n") + "\n"
}

/// The figures that are worth a chart.
pub(super) fn charted(report: &Report) -> Vec<Figure> {
    let there = report.figures();
    [Figure::Wall, Figure::CpuAUrl].into_iter().filter(|figure| there.contains(figure)).collect()
}

/// A figure of a run for a chart: the wall time is that of the whole list.
pub(super) fn charted_value(report: &Report, entry: &Entry, figure: Figure) -> Option<f64> {
    match figure {
        Figure::Wall => entry.wall_of(report.list.urls),
        _ => entry.median.get(figure),
    }
}

/// The table, its head first.
pub(super) fn cells(report: &Report) -> Vec<Vec<String>> {
    let figures = report.figures();
    let mut head = vec!["mode".to_owned()];
    for figure in &figures {
        head.push(figure.head().to_owned());
        if *figure == Figure::Wall {
            head.push("±".to_owned());
        }
    }
    let mut rows = vec![head];
    for entry in &report.runs {
        let mut row = vec![entry.contender.name().to_owned()];
        if !entry.has_run() {
            row.push("could not run".to_owned());
            rows.push(row);
            continue;
        }
        for figure in &figures {
            let star = if *figure == Figure::Wall && entry.urls < report.list.urls { "*" } else { "" };
            let value = charted_value(report, entry, *figure);
            row.push(value.map_or_else(|| "-".to_owned(), |value| format!("{}{star}", figure.shown(value))));
            if *figure == Figure::Wall {
                let half = entry.spread().map(|spread| format!("{:.0}%", spread * 50.0));
                row.push(half.unwrap_or_else(|| "-".to_owned()));
            }
        }
        rows.push(row);
    }
    rows
}

/// Columns under each other: names to the left, figures to the right.
fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    // A row without figures has a sentence, which is no column's width.
    let full = |row: &&Vec<String>| row.len() == columns;
    let width = |n: usize| rows.iter().filter(full).map(|row| row[n].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let first = rows.iter().map(|row| row[0].chars().count()).max().unwrap_or_default();
    let line = |row: &Vec<String>| {
        let mut line = format!("{:first$}", row[0]);
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            let width = if row.len() == columns { *width } else { 0 };
            line.push_str(&format!("  {cell:>width$}"));
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// A bar for each run, the longest for the greatest.
fn bars(report: &Report, figure: Figure, coloured: bool) -> Vec<String> {
    let values: Vec<(&Entry, f64)> =
        report.measured().filter_map(|entry| Some((entry, charted_value(report, entry, figure)?))).collect();
    let most = values.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let name = values.iter().map(|(entry, _)| entry.contender.name().len()).max().unwrap_or_default();
    let look = if coloured { AnsiColor::Cyan.on_default() } else { anstyle::Style::new() };
    let mut lines = vec![title(figure).to_owned()];
    for (entry, value) in values {
        let bar = "#".repeat(((value / most * BAR as f64).round() as usize).max(1));
        lines.push(format!("{:name$}  {look}{bar}{look:#} {}", entry.contender.name(), figure.shown(value)));
    }
    lines
}

/// What a chart shows.
pub(super) fn title(figure: Figure) -> &'static str {
    match figure {
        Figure::Wall => "Wall time of the whole list (shorter is better)",
        Figure::CpuAUrl => "CPU a URL (shorter is better)",
        _ => figure.head(),
    }
}
