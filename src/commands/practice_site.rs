//! `urlcheck practice-site`: the site that `compare` runs against, in a process
//! of its own, so that its processor time is not that of the runs. Not meant
//! for people: it speaks JSON lines and ends when its standard input does.

use crate::site::{Site, SiteOptions};
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::{
    io::{self, BufRead, Write},
    net::SocketAddr,
};

/// Hosts of a plain list.
const PLAIN_HOSTS: usize = 100;

/// The paths of a plain list, in turn: nine of ten answer after a while, with
/// the delays of the newcomer's list, and the tenth is in trouble.
const PLAIN_DELAYS_MS: [u32; 16] = [5, 8, 10, 13, 15, 18, 21, 24, 28, 32, 37, 43, 52, 65, 88, 120];
const PLAIN_TROUBLES: [&str; 8] = [
    "status/404/old-page",
    "status/500/cart",
    "redirect/2/campaign",
    "reset/upload",
    "status/403/members",
    "status/410/archive",
    "loop/2",
    "close/early",
];

/// What the site says first, in one line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Greeting {
    /// Its name server.
    pub(super) resolver: SocketAddr,
    /// Its authority, in PEM.
    pub(super) authority: String,
    /// Its list.
    pub(super) urls: Vec<String>,
}

/// Serves until `orders` ends. Each line of it makes every URL new again, and
/// is answered with an empty line.
///
/// # Errors
/// The site cannot start, or nobody listens.
pub(super) fn run(urls: u32, plain: bool, orders: impl BufRead, out: &mut impl Write) -> anyhow::Result<()> {
    // A site that runs out of descriptors would be measured in place of its clients.
    rlimit::increase_nofile_limit(u64::MAX).context("the limit of open files cannot be raised")?;
    let addresses = if plain { PLAIN_HOSTS } else { 0 };
    let options = SiteOptions { counted: 0, addresses, ..SiteOptions::default() };
    let site = Site::start(options).context("the practice site cannot start on this machine's loopback address")?;
    let urls = urls as usize;
    let urls = if plain { plain_urls(&site, urls) } else { site.demo_urls(urls).map(steady).collect() };
    say(
        out,
        &serde_json::to_string(&Greeting { resolver: site.resolver(), authority: site.ca_pem().to_owned(), urls })?,
    )?;
    for order in orders.lines() {
        order.context("cannot read what to do next")?;
        site.forget();
        say(out, "")?;
    }
    Ok(())
}

fn say(out: &mut impl Write, line: &str) -> io::Result<()> {
    writeln!(out, "{line}")?;
    out.flush()
}

/// A reset of a kept connection is nobody's fault, and the request is sent again
/// at once. Whether the first request meets a kept connection is chance, and so
/// a script that resets only the first has no place in a list of equal rows.
fn steady(url: String) -> String {
    url.replace("/flaky/1/reset/", "/reset/")
}

/// Addresses for hosts and no TLS: what a program can check that knows neither
/// the site's name server nor its authority.
fn plain_urls(site: &Site, urls: usize) -> Vec<String> {
    let path = |n: usize| match n % 10 {
        5 => format!("{}/{n}", PLAIN_TROUBLES[n / 10 % PLAIN_TROUBLES.len()]),
        // 7 and 16 have no common factor, so every delay comes as often.
        _ => format!("delay/{}/page/{n}", PLAIN_DELAYS_MS[n * 7 % PLAIN_DELAYS_MS.len()]),
    };
    (0..urls).map(|n| site.loopback_url(n, &path(n))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greeting(plain: bool) -> (Greeting, usize) {
        let mut said = Vec::new();
        run(1000, plain, &b"\n\n"[..], &mut said).expect("a site");
        let said = String::from_utf8(said).expect("text");
        let (first, rest) = said.split_once('\n').expect("a line");
        (serde_json::from_str(first).expect("JSON"), rest.lines().count())
    }

    #[test]
    fn it_greets_answers_and_ends() {
        let (greeting, answers) = greeting(false);
        assert_eq!((greeting.urls.len(), answers), (1000, 2));
        assert!(greeting.authority.contains("BEGIN CERTIFICATE") && greeting.resolver.ip().is_loopback());
    }

    #[test]
    fn no_url_is_up_by_chance() {
        let flaky = |url: &str| url.contains("/flaky/1/reset/");
        assert!(!flaky(&steady("http://a.test/flaky/1/reset/gallery".to_owned())));
        assert!(!greeting(false).0.urls.iter().any(|url| flaky(url)));
    }

    #[test]
    fn a_plain_list_needs_no_names() {
        let (greeting, _) = greeting(true);
        assert!(greeting.urls.iter().all(|url| url.starts_with("http://127.")), "{:?}", greeting.urls);
        assert_eq!(greeting.urls.iter().filter(|url| url.contains("/delay/")).count(), 900);
    }
}
