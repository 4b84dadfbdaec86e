//! What is fed any bytes at all: each target takes some and panics if what
//! comes of them is not as promised.
//!
//! libFuzzer runs them by way of `fuzz_targets`, with coverage, for as long as
//! wished (`run.sh`); `tests/it/fuzz.rs` runs them on the corpus and on inputs
//! near it, in each test run.

/// The hosts file.
pub mod hosts;
/// Lists: lines, CSV and JSON lines.
pub mod inputs;
/// Where a redirect leads.
pub mod location;
/// A server's bytes, as the wire gives them.
pub mod reply;
/// Rows of an earlier run.
pub mod resume;
/// How long a host asks to wait.
pub mod retry_after;
/// `--accept`.
pub mod statuses;

/// A target: its name, which its folder in `corpus` has too, and what runs it.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 9] = [
    ("csv", inputs::csv),
    ("hosts", hosts::hosts),
    ("jsonl", inputs::jsonl),
    ("lines", inputs::lines),
    ("location", location::location),
    ("reply", reply::reply),
    ("resume", resume::resume),
    ("retry_after", retry_after::retry_after),
    ("statuses", statuses::statuses),
];
