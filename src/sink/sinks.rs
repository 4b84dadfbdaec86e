//! The fan-out: every event to every sink, and the count of verdicts that the
//! exit code needs.

use super::{Counts, Event, Sink};
use std::{io, mem};

/// All sinks of a run. They hear each event in the order of their adding, so
/// rows for people go before the summary that closes them.
#[derive(Default)]
pub struct Sinks {
    sinks: Vec<Named>,
    counts: Counts,
    kept: u64,
}

/// An output that could not be written. The other outputs went on.
#[derive(Debug, thiserror::Error)]
#[error("could not write {name} (what it holds of the first {kept} URLs is complete)")]
pub struct SinkError {
    /// The output as the user named it.
    pub name: String,
    /// Outcomes that were told before its last successful flush.
    pub kept: u64,
    /// What the system said.
    pub source: io::Error,
}

struct Named {
    name: String,
    sink: Box<dyn Sink + Send>,
}

impl Sinks {
    /// Begins the count of verdicts with the rows that the output has already.
    pub fn keeping(counts: Counts) -> Sinks {
        Sinks { counts, ..Sinks::default() }
    }

    /// Adds a sink; `name` is what its output is called in an error.
    pub fn add(&mut self, name: impl Into<String>, sink: impl Sink + Send + 'static) {
        self.sinks.push(Named { name: name.into(), sink: Box::new(sink) });
    }

    /// Tells every sink. A sink that fails hears no more; the first failure is
    /// returned after all the others have heard the event.
    pub fn event(&mut self, event: &Event<'_>) -> Result<(), SinkError> {
        if let Event::Finished(outcome) = event {
            self.counts.add(outcome.verdict);
        }
        let mut first = None;
        self.sinks.retain_mut(|named| match named.sink.event(event) {
            Ok(()) => true,
            Err(source) => {
                let name = mem::take(&mut named.name);
                first.get_or_insert(SinkError { name, kept: self.kept, source });
                false
            }
        });
        // Sinks flush whenever time passes.
        if let (None, Event::Tick(_) | Event::Ended(_)) = (&first, event) {
            self.kept = self.counts.total();
        }
        first.map_or(Ok(()), Err)
    }

    /// Outcomes so far, by verdict.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Finishes every sink, also after one of them failed, and returns the
    /// first failure or the counts.
    pub fn finish(self) -> Result<Counts, SinkError> {
        let mut first = None;
        for Named { name, sink } in self.sinks {
            if let Err(source) = sink.finish() {
                first.get_or_insert(SinkError { name, kept: self.kept, source });
            }
        }
        first.map_or(Ok(self.counts), Err)
    }
}

impl SinkError {
    /// Whether the reader went away, as `head` does once it has enough.
    pub fn is_closed_pipe(&self) -> bool {
        self.source.kind() == io::ErrorKind::BrokenPipe
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check::Verdict,
        sink::{
            Csv, End, Gauge, Jsonl, Show, Style, Text,
            fixtures::{Full, Shared, not_found, up},
        },
    };

    #[test]
    fn every_sink_hears_everything_and_verdicts_are_counted() {
        let (rows, lines) = (Shared::default(), Shared::default());
        let mut sinks = Sinks::default();
        sinks.add("rows.csv", Csv::new(rows.clone(), Vec::new()).expect("a header"));
        sinks.add("rows.jsonl", Jsonl::new(lines.clone(), Vec::new()));
        sinks.event(&Event::Finished(&up(1))).expect("a row");
        sinks.event(&Event::Finished(&not_found(2))).expect("a row");
        let counts = sinks.finish().expect("all written");
        assert_eq!((counts.of(Verdict::Up), counts.of(Verdict::Down), counts.total()), (1, 1, 2));
        assert_eq!((rows.text().lines().count(), lines.text().lines().count()), (3, 2));
    }

    #[test]
    fn a_failing_output_is_named_and_the_others_go_on() {
        let lines = Shared::default();
        let mut sinks = Sinks::default();
        sinks.add("full.csv", Csv::new(Full::after(700), Vec::new()).expect("a buffered header"));
        sinks.add("rows.jsonl", Jsonl::new(lines.clone(), Vec::new()));
        sinks.event(&Event::Finished(&up(1))).expect("still buffered");
        sinks.event(&Event::Tick(&Gauge::default())).expect("there is room for one row");
        (2..6).for_each(|index| sinks.event(&Event::Finished(&up(index))).expect("still buffered"));
        let error = sinks.event(&Event::Tick(&Gauge::default())).expect_err("no room for six rows");
        assert_eq!(error.to_string(), "could not write full.csv (what it holds of the first 1 URLs is complete)");
        assert_eq!(error.source.kind(), io::ErrorKind::StorageFull);
        assert!(!error.is_closed_pipe());
        sinks.event(&Event::Ended(&End::default())).expect("the failed sink hears no more");
        assert_eq!(sinks.finish().expect("the other is written").total(), 5);
        assert_eq!(lines.text().lines().count(), 5);
    }

    #[test]
    fn what_fails_at_the_very_end_is_told_too() {
        for add in [
            |sinks: &mut Sinks, full| sinks.add("out", Csv::new(full, Vec::new()).expect("a buffered header")),
            |sinks: &mut Sinks, full| sinks.add("out", Jsonl::new(full, Vec::new())),
            |sinks: &mut Sinks, full| sinks.add("out", Text::new(full, Show::All, Style::default())),
        ] {
            let mut sinks = Sinks::default();
            add(&mut sinks, Full::after(0));
            sinks.event(&Event::Finished(&up(1))).expect("still buffered");
            let error = sinks.finish().expect_err("nothing can be written");
            assert_eq!((error.name.as_str(), error.kept), ("out", 0));
        }
    }

    #[test]
    fn a_closed_pipe_is_known_as_one() {
        for add in [
            |sinks: &mut Sinks| sinks.add("-", Csv::new(Full::closed(), Vec::new()).expect("a buffered header")),
            |sinks: &mut Sinks| sinks.add("-", Jsonl::new(Full::closed(), Vec::new())),
        ] {
            let mut sinks = Sinks::default();
            add(&mut sinks);
            sinks.event(&Event::Finished(&up(1))).expect("still buffered");
            let error = sinks.event(&Event::Tick(&Gauge::default())).expect_err("closed");
            assert!(error.is_closed_pipe(), "{error:?}");
        }
    }
}
