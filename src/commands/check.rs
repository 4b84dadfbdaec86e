//! `urlcheck urls.txt`: the main job.

use super::{
    outputs,
    session::{self, Session},
};
use crate::{
    engine::{self, Rest},
    exit::Exit,
    settings::Settings,
    sink,
    source::{self, Input, Source},
};
use std::thread;

/// Checks the URLs of the inputs.
///
/// # Errors
/// The run could not be made or finished.
pub fn run(inputs: &[String], mut settings: Settings) -> anyhow::Result<Exit> {
    let inputs: Vec<Input> = inputs.iter().map(Input::from_argument).collect();
    // A loop has a thread, a runtime and a resolver: most of what a handful of URLs costs.
    if settings.plan.mode.has_loops() && inputs.iter().all(|input| matches!(input, Input::Url(_))) {
        settings.plan.loops = Some(engine::n_loops(&settings.plan).min(inputs.len()));
    }
    let options = source::Options {
        format: settings.input.format,
        url_column: settings.input.url_column.clone(),
        default_scheme: settings.input.default_scheme,
        reserved_columns: sink::RESERVED,
    };
    outputs::ensure_distinct(&settings.output, &inputs)?;
    let targets = Source::open(inputs.clone(), options.clone())?;
    let (total, counted) = session::Total::unknown();
    if settings.output.shows_progress() {
        // Beside the run: a list of millions takes a moment to count.
        thread::Builder::new().name("count".to_owned()).spawn({
            let inputs = inputs.clone();
            move || counted.set(source::count(&inputs, &options))
        })?;
    }
    let rest = if inputs.iter().all(outputs::has_end) { Rest::Read } else { Rest::Leave };
    let columns = targets.columns().to_vec();
    session::run(Session { inputs: Ok(inputs), columns, targets: Box::new(targets), total, rest, settings })
}
