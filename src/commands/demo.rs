//! `urlcheck demo`: the main job on a practice site.

use crate::{exit::Exit, settings::Settings};

/// Checks a practice site of `urls` URLs.
///
/// # Errors
/// The run could not be made or finished.
pub fn run(urls: u32, settings: Settings) -> anyhow::Result<Exit> {
    anyhow::bail!("the practice site is not joined yet: {urls} {settings:#?}")
}
