//! `urlcheck demo`: the main job on a practice site, with no network.

use super::session::{self, Session};
use crate::{
    check::{Scheme, Target},
    engine::Rest,
    exit::Exit,
    resume::Unbound,
    settings::Settings,
    site::{Site, SiteOptions},
};
use anyhow::Context;
use std::{env, fs, process};

/// Checks a practice site of `urls` URLs on this machine.
///
/// # Errors
/// The run could not be made or finished.
pub fn run(urls: u32, mut settings: Settings) -> anyhow::Result<Exit> {
    let options = SiteOptions { counted: 0, ..SiteOptions::default() };
    let site = Site::start(options).context("the practice site cannot start on this machine's loopback address")?;
    settings.plan.network.resolver = Some(site.resolver());
    let trusted = Trusted::write(site.ca_pem())?;
    settings.plan.network.cacert = Some(trusted.0.clone());
    let urls = site.demo_urls(urls as usize);
    let (total, counted) = session::Total::unknown();
    counted.set(Some(urls.len() as u64));
    let targets = (1..).zip(urls).map(|(index, url)| Ok(Target::parse(index, url, Scheme::Https)));
    let inputs = Err(Unbound("the practice site is another one each time".to_owned()));
    session::run(Session { inputs, targets: Box::new(targets), columns: Vec::new(), total, rest: Rest::Read, settings })
}

/// The site's authority, in a file of its own for as long as it is needed.
struct Trusted(std::path::PathBuf);

impl Trusted {
    fn write(pem: &str) -> anyhow::Result<Trusted> {
        let path = env::temp_dir().join(format!("urlcheck-demo-{}.pem", process::id()));
        fs::write(&path, pem).with_context(|| format!("{}: cannot be written", path.display()))?;
        Ok(Trusted(path))
    }
}

impl Drop for Trusted {
    fn drop(&mut self) {
        // A temporary folder that refuses this loses nothing of the run.
        let _left_over = fs::remove_file(&self.0);
    }
}
