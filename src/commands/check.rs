//! `urlcheck urls.txt`: the main job.

use crate::{exit::Exit, settings::Settings};

/// Checks the URLs of the inputs.
///
/// # Errors
/// The run could not be made or finished.
pub fn run(inputs: &[String], settings: Settings) -> anyhow::Result<Exit> {
    anyhow::bail!("the engine is not joined yet: {inputs:?} {settings:#?}")
}
