//! The comparison as one page for browsers: charts, the figures as a table, the
//! sentences. It loads nothing, runs nothing, and escapes every text.

use super::{
    chart,
    figure::Figure,
    report::Report,
    sweep,
    table::{cells, charted},
};

/// Readable in light and in dark, as the reader's system has it.
const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c1e21;--soft:#5c6370;--paper:#fff;--line:#d9dce1;--bar:#2b6cb0;
--c0:#2b6cb0;--c1:#b7410e;--c2:#2f855a;--c3:#805ad5;--c4:#b83280;--c5:#8a6d00;--c6:#4a5568;--c7:#0b7285}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--soft:#a0a7b3;--paper:#16181c;--line:#373c45;--bar:#63a4e8;
--c0:#63a4e8;--c1:#f08c5a;--c2:#68d391;--c3:#b794f4;--c4:#f687b3;--c5:#ecc94b;--c6:#a0aec0;--c7:#66d9e8}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1.5rem 1rem 3rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:0 0 .5rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}
p{margin:.4rem 0}.soft{color:var(--soft)}
figure{margin:1.2rem 0}figcaption{font-weight:600;margin-bottom:.4rem}
svg{display:block;overflow:visible}svg text{fill:var(--ink);font-size:14px}
svg .value{text-anchor:end;fill:var(--soft)}.bar{fill:var(--bar)}
svg .tick{fill:var(--soft);font-size:12px}svg .step{text-anchor:middle}svg .grid{stroke:var(--line)}
.lines line:not(.grid){stroke-width:2.5}.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.3rem 1.2rem}
.swatch{display:inline-block;width:.8em;height:.8em;margin-right:.4em;border-radius:2px}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;white-space:nowrap}
th,td{padding:.3rem .7rem;text-align:right;border-bottom:1px solid var(--line)}
th:first-child,td:first-child{text-align:left;padding-left:0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dd{margin:0}dt{font-weight:600}
";

/// Colours of the sweep's lines; with more modes they come round again.
const COLOURS: usize = 8;

/// The page.
pub(super) fn page(report: &Report) -> String {
    let mut main = String::new();
    main.push_str("<h1>urlcheck compare</h1>\n");
    paragraphs(&mut main, "soft", &report.heading());
    if let Some(recommendation) = &report.recommendation {
        main.push_str("<h2>What to pick</h2>\n");
        paragraphs(&mut main, "pick", &recommendation.sentences);
    }
    if report.sweep {
        main.push_str("<h2>Where it stops to gain</h2>\n");
        main.push_str(&chart::lines(report));
        paragraphs(&mut main, "knee", &sweep::sentences(report));
    } else {
        main.push_str("<h2>Charts</h2>\n");
        let memory = report.figures().into_iter().filter(|figure| *figure == Figure::Memory);
        charted(report).into_iter().chain(memory).for_each(|figure| main.push_str(&chart::bars(report, figure)));
    }
    main.push_str("<h2>Figures</h2>\n");
    main.push_str(&table(&if report.sweep { sweep::cells(report) } else { cells(report) }));
    main.push_str("<h2>Rows</h2>\n");
    paragraphs(&mut main, "note", &report.notes());
    main.push_str("<h2>What the figures are</h2>\n<dl>\n");
    for figure in report.figures() {
        main.push_str(&format!("<dt>{}</dt><dd>{}</dd>\n", escaped(figure.head()), escaped(figure.sentence())));
    }
    let about = format!("urlcheck {}, {}", report.urlcheck, report.began_at);
    main.push_str(&format!("</dl>\n<p class=\"soft\">{}</p>\n", escaped(&about)));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>urlcheck compare</title>\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n{main}</body>\n</html>\n",
        colours(report)
    )
}

/// A colour for each line of the sweep.
fn colours(report: &Report) -> String {
    let one = |n: usize| {
        let colour = n % COLOURS;
        format!(
            "line.c{n}{{stroke:var(--c{colour})}}circle.c{n}{{fill:var(--c{colour})}}.swatch.c{n}{{background:var(--c{colour})}}\n"
        )
    };
    let number = if report.sweep { sweep::lines(report).len() } else { 0 };
    (0..number).map(one).collect()
}

fn paragraphs(page: &mut String, class: &str, sentences: &[String]) {
    for sentence in sentences {
        page.push_str(&format!("<p class=\"{class}\">{}</p>\n", escaped(sentence)));
    }
}

/// The first row is the head.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let mut table = String::from("<div class=\"scroll\"><table>\n");
    for (n, row) in rows.iter().enumerate() {
        let tag = if n == 0 { "th" } else { "td" };
        let cell = |(at, cell): (usize, &String)| {
            // What could not run has one sentence instead of its figures.
            let wide = if at + 1 == row.len() && row.len() < columns { columns - at } else { 1 };
            let span = if wide > 1 { format!(" colspan=\"{wide}\"") } else { String::new() };
            format!("<{tag}{span}>{}</{tag}>", escaped(cell))
        };
        table.push_str(&format!("<tr>{}</tr>\n", row.iter().enumerate().map(cell).collect::<String>()));
    }
    table + "</table></div>\n"
}

/// Text for HTML, in elements and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(character),
        }
    }
    safe
}
