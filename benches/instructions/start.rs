//! The program checks a list of one URL: what a run costs that has next to
//! nothing to do. The page is a practice site's, in this process.

use super::count::instructions;
use anyhow::Result;
use std::{fs, path::Path};
use tempfile::TempDir;
use urlcheck::site::{Site, SiteOptions};

/// A name that the practice site's name server and certificate are for.
const HOST: &str = "start.test";

/// The practice site, and what the program needs to believe it.
pub(crate) struct Practice {
    site: Site,
    folder: TempDir,
}

impl Practice {
    pub(crate) fn start() -> Result<Practice> {
        let (site, folder) = (Site::start(SiteOptions::default())?, tempfile::tempdir()?);
        fs::write(folder.path().join("root.pem"), site.ca_pem())?;
        Ok(Practice { site, folder })
    }

    pub(crate) fn check_http(&self, program: &Path) -> Result<u64> {
        self.check(program, &self.site.host_url(HOST, "/"))
    }

    pub(crate) fn check_https(&self, program: &Path) -> Result<u64> {
        self.check(program, &self.site.tls_url(HOST, "/"))
    }

    /// The roots are one, as each machine has others; one URL has one loop on any.
    fn check(&self, program: &Path, url: &str) -> Result<u64> {
        let root = self.folder.path().join("root.pem");
        let root = root.to_str().expect("a temporary folder's path is text");
        let resolver = self.site.resolver().to_string();
        let arguments = ["--quiet", "--resolver", &resolver, url];
        instructions(program, &arguments, &[("SSL_CERT_FILE", root)])
    }
}
