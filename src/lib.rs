//! urlcheck tells what became of every URL in a list.

pub mod check;
pub mod cli;
pub mod commands;
pub mod engine;
pub mod exit;
pub mod net;
pub mod plan;
pub mod schedule;
pub mod settings;
pub mod sink;
pub mod site;
pub mod source;

pub use check::{Check, Outcome, Policy, Reason, Scheme, StatusSet, Target, Verdict};
