//! Lists of made-up URLs in each format that is read, and the reading of them.

use std::{fmt::Write, hint::black_box, io::Cursor};
use urlcheck::source::{Format, Options, Source};

/// A list of so many URLs.
pub(crate) fn text(format: Format, n_targets: u64) -> String {
    let mut text = String::new();
    if format == Format::Csv {
        text.push_str("name,url,note\n");
    }
    for n in 0..n_targets {
        let url = format!("https://www.host-{n}.example/articles/2026/page-{n}.html?lang=en&ref={n}");
        match format {
            Format::Lines | Format::Auto => writeln!(text, "{url}"),
            Format::Csv => writeln!(text, "\"Host, the {n}th\",{url},checked by hand"),
            Format::Jsonl => writeln!(text, r#"{{"name": "host {n}", "url": "{url}", "tags": ["a", "b"]}}"#),
        }
        .expect("a String takes any text");
    }
    text
}

/// Reads a list to its end, and tells how many targets it has.
pub(crate) fn read(format: Format, text: String) -> usize {
    let options = Options { format, ..Options::default() };
    let source = Source::from_reader("list", Cursor::new(text.into_bytes()), options).expect("the list is well-formed");
    source.map(|target| black_box(target.expect("the list is well-formed"))).filter(|target| target.url.is_ok()).count()
}
