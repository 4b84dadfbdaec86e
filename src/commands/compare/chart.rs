//! Charts as inline SVG. Widths are parts of the page's, heights are pixels, so
//! that texts keep their size in a narrow window.

use super::{
    figure::Figure,
    page::escaped,
    report::Report,
    sweep::{self, STEPS},
    table::{charted_value, title},
};
use std::fmt::Write;

/// Pixels of a bar with its label.
const ROW: usize = 42;

/// Pixels of the lines' field, and where it begins.
const FIELD: f64 = 260.0;
const TOP: f64 = 16.0;

/// A bar for each run.
pub(super) fn bars(report: &Report, figure: Figure) -> String {
    let values = report.measured().filter_map(|entry| Some((entry, charted_value(report, entry, figure)?)));
    let values: Vec<_> = values.collect();
    let most = values.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let mut svg = String::new();
    for (n, (entry, value)) in values.iter().enumerate() {
        let (name, shown) = (escaped(entry.contender.name()), figure.shown(*value));
        let part = if figure == Figure::Wall && entry.urls < report.list.urls { "*" } else { "" };
        let (text, bar, width) = (n * ROW + 15, n * ROW + 21, value / most * 100.0);
        put(
            &mut svg,
            format_args!(
                "<text x=\"0\" y=\"{text}\">{name}</text><text class=\"value\" x=\"100%\" y=\"{text}\">{shown}{part}</text>\
                 <rect class=\"bar\" data-mode=\"{name}\" data-value=\"{value}\" x=\"0\" y=\"{bar}\" \
                 width=\"{width:.3}%\" height=\"13\" rx=\"2\"><title>{name}: {shown}</title></rect>\n"
            ),
        );
    }
    let (key, title, height) = (figure.key(), escaped(title(figure)), values.len() * ROW);
    format!(
        "<figure><figcaption>{title}</figcaption>\n\
         <svg class=\"bars\" data-figure=\"{key}\" role=\"img\" aria-label=\"{title}\" width=\"100%\" height=\"{height}\">\n\
         {svg}</svg></figure>\n"
    )
}

/// The rates of `--sweep`: a line for each mode over the requests at once.
pub(super) fn lines(report: &Report) -> String {
    let lines = sweep::lines(report);
    let rates = report.measured().filter_map(|entry| entry.median.get(Figure::Rate));
    let most = rates.fold(f64::MIN_POSITIVE, f64::max);
    let x = |step: u32| {
        let at = STEPS.iter().position(|known| *known == step).unwrap_or_default();
        8.0 + 86.0 * at as f64 / (STEPS.len() - 1) as f64
    };
    let y = |rate: f64| TOP + FIELD * (1.0 - rate / most);
    let (mut svg, mut legend) = (String::new(), String::new());
    for part in [0.0, 0.5, 1.0] {
        let (at, rate) = (y(most * part), Figure::Rate.shown(most * part));
        put(
            &mut svg,
            format_args!(
                "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
                 <text class=\"tick\" x=\"0\" y=\"{:.1}\">{rate}</text>\n",
                at - 3.0
            ),
        );
    }
    for step in STEPS {
        let (at, below) = (x(step), TOP + FIELD + 18.0);
        put(&mut svg, format_args!("<text class=\"tick step\" x=\"{at:.2}%\" y=\"{below}\">{step}</text>\n"));
    }
    for (n, (contender, entries)) in lines.iter().enumerate() {
        let points: Vec<(f64, f64, f64)> = entries
            .iter()
            .filter_map(|entry| entry.median.get(Figure::Rate).map(|rate| (x(entry.concurrency), y(rate), rate)))
            .collect();
        let name = escaped(contender.name());
        for pair in points.windows(2) {
            let [(x1, y1, _), (x2, y2, _)] = pair else { continue };
            put(
                &mut svg,
                format_args!("<line class=\"c{n}\" x1=\"{x1:.2}%\" y1=\"{y1:.1}\" x2=\"{x2:.2}%\" y2=\"{y2:.1}\"/>\n"),
            );
        }
        for (x, y, rate) in points {
            put(
                &mut svg,
                format_args!(
                    "<circle class=\"c{n}\" data-mode=\"{name}\" data-value=\"{rate}\" cx=\"{x:.2}%\" cy=\"{y:.1}\" r=\"4\">\
                     <title>{name}: {} rows/s</title></circle>\n",
                    Figure::Rate.shown(rate)
                ),
            );
        }
        put(&mut legend, format_args!("<li><span class=\"swatch c{n}\"></span>{name}</li>\n"));
    }
    let height = TOP + FIELD + 28.0;
    format!(
        "<figure><figcaption>Rows a second by requests at once (higher is better)</figcaption>\n\
         <svg class=\"lines\" role=\"img\" aria-label=\"Rows a second by requests at once\" width=\"100%\" height=\"{height}\">\n\
         {svg}</svg>\n<ul class=\"legend\">\n{legend}</ul></figure>\n"
    )
}

fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("a String takes all text");
}
