//! How an input is laid out, told by its name or its first line.

use super::{
    SourceError, column, csv,
    open::{Bytes, look_ahead},
};
use serde::{Deserialize, Serialize};

/// How an input is laid out (`--input-format`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// By the ending of the name, `.gz` left out: `.csv` and `.tsv` are CSV;
    /// `.jsonl`, `.ndjson` and `.json` are JSON lines. Otherwise by the first
    /// line that is not blank: JSON lines if it begins with `{`, CSV if it
    /// names a URL column among others or `--url-column` is given, else lines.
    #[default]
    Auto,
    /// One URL a line; blank lines and those that begin with `#` are no targets.
    Lines,
    /// RFC 4180, separated by commas, semicolons or tabs, with a header.
    Csv,
    /// One JSON object, or one string, a line.
    Jsonl,
}

impl Format {
    /// The format of this input, which is never `Auto`.
    pub(super) fn settle(self, name: &str, first_line: &[u8], url_column: Option<&str>) -> Format {
        match self {
            Format::Auto => by_ending(name).unwrap_or_else(|| by_first_line(first_line, url_column)),
            told => told,
        }
    }
}

/// The first line that is not blank, as far as 64 KiB reach, perhaps with a CR
/// at its end; it stays to be read.
pub(super) fn first_line(name: &str, bytes: Bytes) -> Result<(Vec<u8>, Bytes), SourceError> {
    let is_whole = |seen: &[u8]| {
        let line = seen.trim_ascii_start();
        line.starts_with(b"{") || line.contains(&b'\n')
    };
    let (seen, bytes) = look_ahead(name, bytes, is_whole)?;
    let line = seen.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok((line.to_vec(), bytes))
}

fn by_ending(name: &str) -> Option<Format> {
    let name = name.to_ascii_lowercase();
    let (_, ending) = name.strip_suffix(".gz").unwrap_or(&name).rsplit_once('.')?;
    match ending {
        "csv" | "tsv" => Some(Format::Csv),
        "jsonl" | "ndjson" | "json" => Some(Format::Jsonl),
        _ => None,
    }
}

fn by_first_line(line: &[u8], url_column: Option<&str>) -> Format {
    if line.starts_with(b"{") {
        return Format::Jsonl;
    }
    let line = String::from_utf8_lossy(line);
    let cells: Vec<String> =
        line.split(char::from(csv::delimiter(line.as_bytes()))).map(|cell| cell.replace('"', "")).collect();
    let is_of_a_list = line.starts_with('#') || line.contains("://");
    let is_header = cells.len() > 1 && !is_of_a_list && column::find("", "column", &cells, None).is_ok();
    if url_column.is_some() || is_header { Format::Csv } else { Format::Lines }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_first() {
        for (name, format) in [
            ("a.csv", Format::Csv),
            ("dir.jsonl/a.CSV.gz", Format::Csv),
            ("a.tsv", Format::Csv),
            ("a.jsonl", Format::Jsonl),
            ("a.ndjson.gz", Format::Jsonl),
            ("a.txt", Format::Lines),
            ("a.gz", Format::Lines),
            ("csv", Format::Lines),
        ] {
            assert_eq!(Format::Auto.settle(name, b"https://example.org/", None), format, "{name}");
        }
        assert_eq!(Format::Lines.settle("a.csv", b"{", None), Format::Lines);
    }

    #[test]
    fn then_the_first_line() {
        for (line, format) in [
            ("{\"url\": \"x\"}", Format::Jsonl),
            ("id,url", Format::Csv),
            ("id;\"URL\";name", Format::Csv),
            ("url\tid", Format::Csv),
            ("url", Format::Lines),
            ("https://example.org/a,url", Format::Lines),
            ("https://example.org/a,b", Format::Lines),
            ("# url, link", Format::Lines),
            ("", Format::Lines),
        ] {
            assert_eq!(Format::Auto.settle("standard input", line.as_bytes(), None), format, "{line}");
        }
        assert_eq!(Format::Auto.settle("standard input", b"id,page", Some("page")), Format::Csv);
    }
}
