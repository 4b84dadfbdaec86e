//! The one list of columns, and how an outcome gives each of them.
//!
//! CSV's header and JSONL's keys are these names in this order, then the CSV
//! input's other columns; JSONL adds `hops` and `certificate`.

use super::{
    cell::Cell,
    secrets::{masked_input, masked_sentence, masked_url},
};
use crate::check::Outcome;

macro_rules! columns {
    ($($column:ident $name:literal $sentence:literal;)*) => {
        /// A column of every row; its name never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Column {
            $(#[doc = $sentence] $column,)*
        }

        impl Column {
            /// Every column, in the order of the row.
            pub const ALL: &'static [Column] = &[$(Column::$column,)*];

            /// The name in CSV's header and JSONL's keys.
            pub const fn name(self) -> &'static str {
                match self { $(Column::$column => $name,)* }
            }

            /// What it tells, in a sentence for people.
            pub fn sentence(self) -> &'static str {
                match self { $(Column::$column => $sentence,)* }
            }
        }

        /// The names that an input's own columns cannot have in the output:
        /// the columns, and what JSONL adds.
        pub const RESERVED: &[&str] = &[$($name,)* HOPS, CERTIFICATE];
    };
}

/// JSONL's key of the requests of the last attempt.
pub(super) const HOPS: &str = "hops";

/// JSONL's key of the last server's certificate.
pub(super) const CERTIFICATE: &str = "certificate";

columns! {
    Index "index" "The 1-based number of the target over all inputs.";
    Input "input" "The text as found.";
    Url "url" "The URL that the text names, normalised; empty when it names none.";
    Verdict "verdict" "The judgement: up, degraded, down, unknown or skipped.";
    Reason "reason" "The code of why it is not up; empty when it is.";
    Detail "detail" "More about the reason, for people; its wording may change.";
    StatusCode "status_code" "The status of the last reply.";
    FinalUrl "final_url" "The URL that was asked last, after redirects.";
    NumRedirects "num_redirects" "Redirects taken in the last attempt.";
    Attempts "attempts" "How many times it was tried; 0 when nothing was sent.";
    RemoteIp "remote_ip" "The address that was asked last.";
    HttpVersion "http_version" "The version of HTTP of the last reply.";
    ContentType "content_type" "The last reply's Content-Type.";
    QueueMs "queue_ms" "Milliseconds that it waited for its turns: slots, rates, hosts, retry delays.";
    DnsMs "dns_ms" "Milliseconds of the last hop until the addresses were known.";
    ConnectMs "connect_ms" "Milliseconds of the last hop until the connection was open.";
    TlsMs "tls_ms" "Milliseconds of the last hop until the TLS handshake was done.";
    TtfbMs "ttfb_ms" "Milliseconds of the last hop from the request to the first byte of the reply.";
    TotalMs "total_ms" "Milliseconds on the wire over all hops and attempts.";
    CertExpiresAt "cert_expires_at" "When the last server's certificate ends (RFC 3339, UTC).";
    CheckedAt "checked_at" "When the last request was sent (RFC 3339, UTC).";
}

impl Column {
    /// What an outcome has in this column. No cell holds a user name or a password.
    pub(super) fn of(self, outcome: &Outcome) -> Cell<'_> {
        let timing = outcome.timing();
        match self {
            Column::Index => Cell::Number(outcome.target.index),
            Column::Input => Cell::Text(masked_input(&outcome.target)),
            Column::Url => outcome.target.url.as_ref().map_or(Cell::Absent, |url| Cell::Text(masked_url(url))),
            Column::Verdict => Cell::text(outcome.verdict.as_str()),
            Column::Reason => outcome.reason.map_or(Cell::Absent, |reason| Cell::text(reason.code())),
            Column::Detail if outcome.detail.is_empty() => Cell::Absent,
            Column::Detail => Cell::Text(masked_sentence(&outcome.detail)),
            Column::StatusCode => outcome.status_code().map_or(Cell::Absent, |status| Cell::Number(status.into())),
            Column::FinalUrl => outcome.final_url().map_or(Cell::Absent, |url| Cell::Text(masked_url(url))),
            Column::NumRedirects => Cell::number(outcome.num_redirects()),
            Column::Attempts => Cell::number(outcome.attempts.len()),
            Column::RemoteIp => outcome.remote_ip().map_or(Cell::Absent, Cell::Ip),
            Column::HttpVersion => outcome.http_version().map_or(Cell::Absent, Cell::version),
            Column::ContentType => outcome.content_type().map_or(Cell::Absent, Cell::text),
            Column::QueueMs => Cell::millis(Some(outcome.waited)),
            Column::DnsMs => Cell::millis(timing.dns),
            Column::ConnectMs => Cell::millis(timing.connect),
            Column::TlsMs => Cell::millis(timing.tls),
            Column::TtfbMs => Cell::millis(timing.ttfb),
            Column::TotalMs => Cell::millis(outcome.total()),
            Column::CertExpiresAt => {
                outcome.certificate().and_then(|certificate| certificate.expires_at).map_or(Cell::Absent, Cell::Second)
            }
            Column::CheckedAt => outcome.checked_at().map_or(Cell::Absent, Cell::Millisecond),
        }
    }
}
