//! Any bytes are a list whose targets are numbered and whose rows are lines.

use std::{
    io::{self, Cursor, Write},
    sync::{Arc, Mutex, PoisonError},
};
use urlcheck::{
    Outcome, Reason, Target,
    sink::{Csv, Event, Jsonl, RESERVED, Sink},
    source::{Format, Options, Source},
};

/// A URL a line.
pub fn lines(data: &[u8]) {
    read(data, Format::Lines);
}

/// A table with a header.
pub fn csv(data: &[u8]) {
    read(data, Format::Csv);
}

/// A JSON value a line.
pub fn jsonl(data: &[u8]) {
    read(data, Format::Jsonl);
}

/// Reads a list, once as the format and once as what it looks like.
fn read(data: &[u8], format: Format) {
    for format in [format, Format::Auto] {
        let options = Options { format, reserved_columns: RESERVED, ..Options::default() };
        let Ok(source) = Source::from_reader("list", Cursor::new(data.to_vec()), options) else { continue };
        let columns = source.columns().to_vec();
        let (mut targets, mut failed) = (Vec::new(), false);
        for item in source {
            assert!(!failed, "an error is the last item");
            match item {
                Ok(target) => targets.push(target),
                Err(_) => failed = true,
            }
        }
        assert!(targets.len() <= data.len(), "there are more targets than bytes");
        for (target, index) in targets.iter().zip(1..) {
            assert_eq!((target.index, target.extra.len()), (index, columns.len()));
            if let Ok(url) = &target.url {
                assert!(matches!(url.scheme(), "http" | "https") && url.has_host(), "{url} cannot be asked for");
            }
        }
        rows(targets, columns);
    }
}

/// A row is one line, whatever foreign text it holds, and shows no character
/// that a terminal would obey.
fn rows(targets: Vec<Target>, columns: Vec<String>) {
    let (csv, jsonl) = (Output::default(), Output::default());
    let mut sinks: [Box<dyn Sink>; 2] = [
        Box::new(Csv::new(csv.clone(), columns.clone()).expect("memory takes a header")),
        Box::new(Jsonl::new(jsonl.clone(), columns)),
    ];
    let n_rows = targets.len();
    for target in targets {
        let outcome = match target.url {
            Ok(_) => Outcome::unasked(target, Reason::RunAborted),
            Err(_) => Outcome::invalid(target),
        };
        for sink in &mut sinks {
            sink.event(&Event::Finished(&outcome)).expect("memory takes a row");
        }
    }
    for sink in sinks {
        sink.finish().expect("memory takes all rows");
    }
    for (output, n_lines) in [(csv, n_rows + 1), (jsonl, n_rows)] {
        let text = String::from_utf8(output.taken()).expect("rows are UTF-8");
        assert_eq!(text.matches('\n').count(), n_lines, "{text:?}");
        assert!(!text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "{text:?}");
    }
}

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    fn taken(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
