//! Rows as JSON lines: an object a line, all that is known, nothing changed but
//! credentials.

use super::{
    BUFFER, Column, Event, Sink,
    cell::Cell,
    columns::{CERTIFICATE, HOPS},
    escape::is_unseen,
    secrets::masked_url,
};
use crate::check::{Attempt, Failure, Outcome, Reply, Timing};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::ser::Formatter;
use std::{
    io::{self, BufWriter, Write},
    net::IpAddr,
};
use url::Url;

/// Rows as JSON lines.
pub struct Jsonl<W: Write> {
    out: BufWriter<W>,
    extra: Vec<String>,
    line: Vec<u8>,
}

impl<W: Write> Jsonl<W> {
    /// `extra` names the input's own columns, of which every target has as many cells.
    pub fn new(out: W, extra: Vec<String>) -> Jsonl<W> {
        Jsonl { out: BufWriter::with_capacity(BUFFER, out), extra, line: Vec::new() }
    }
}

impl<W: Write> Sink for Jsonl<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let Event::Finished(outcome) = event else { return self.out.flush() };
        self.line.clear();
        let mut serializer = serde_json::Serializer::with_formatter(&mut self.line, Visible);
        Row { outcome, extra: &self.extra }.serialize(&mut serializer)?;
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

struct Row<'a> {
    outcome: &'a Outcome,
    extra: &'a [String],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_map(None)?;
        for column in Column::ALL {
            row.serialize_entry(column.name(), &column.of(self.outcome))?;
        }
        for (n, name) in self.extra.iter().enumerate() {
            row.serialize_entry(name, &self.outcome.target.extra.get(n))?;
        }
        row.serialize_entry(HOPS, &Hops(self.outcome.attempts.last()))?;
        row.serialize_entry(CERTIFICATE, &self.outcome.certificate())?;
        row.end()
    }
}

/// The requests of the last attempt, in order.
struct Hops<'a>(Option<&'a Attempt>);

impl Serialize for Hops<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hops = self.0.into_iter().flat_map(Attempt::hops);
        serializer.collect_seq(hops.map(|(url, came)| match came {
            Ok(reply) => HopRow::replied(url, reply),
            Err(failure) => HopRow::failed(url, failure),
        }))
    }
}

#[derive(Serialize)]
struct HopRow<'a> {
    url: Cell<'a>,
    status_code: Option<u16>,
    remote_ip: Option<IpAddr>,
    dns_ms: Cell<'a>,
    connect_ms: Cell<'a>,
    tls_ms: Cell<'a>,
    ttfb_ms: Cell<'a>,
    total_ms: Cell<'a>,
}

impl<'a> HopRow<'a> {
    fn replied(url: &'a Url, reply: &Reply) -> HopRow<'a> {
        HopRow::new(url, Some(reply.status), reply.remote_ip, reply.timing)
    }

    fn failed(url: &'a Url, failure: &Failure) -> HopRow<'a> {
        HopRow::new(url, None, failure.remote_ip, failure.timing)
    }

    fn new(url: &'a Url, status_code: Option<u16>, remote_ip: Option<IpAddr>, timing: Timing) -> HopRow<'a> {
        HopRow {
            url: Cell::Text(masked_url(url)),
            status_code,
            remote_ip,
            dns_ms: Cell::millis(timing.dns),
            connect_ms: Cell::millis(timing.connect),
            tls_ms: Cell::millis(timing.tls),
            ttfb_ms: Cell::millis(timing.ttfb),
            total_ms: Cell::millis(Some(timing.total)),
        }
    }
}

/// Compact JSON whose unseen characters are escaped beyond what JSON asks for
/// (RFC 8259 section 7 allows it for any), so that a terminal may show it.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_unseen) {
            let unseen = rest[at..].chars().next().expect("one was found there");
            out.write_all(&rest.as_bytes()[..at])?;
            for unit in unseen.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + unseen.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests;
