//! The list: every loop reads it for itself and takes every so many-th line, so
//! that memory does not grow with it. And the parts of a URL that a request
//! needs, without a parser's care.

use anyhow::{Context, Result};
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

/// One loop's share of a list.
pub(crate) struct Share {
    path: PathBuf,
    reader: BufReader<File>,
    /// Lines that are read before the next one of this share.
    n_before: usize,
    n_shares: usize,
}

/// What of a URL goes into a request.
pub(crate) struct Url<'a> {
    pub(crate) is_tls: bool,
    /// Host and port as they stand in the URL.
    pub(crate) authority: &'a str,
    /// Without the brackets of an IPv6 address.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    /// Path and query, from the slash.
    pub(crate) path: &'a str,
}

impl Share {
    /// The `nth` (0-based) of so many shares.
    pub(crate) fn open(path: &Path, nth: usize, n_shares: usize) -> Result<Share> {
        let file = File::open(path).with_context(|| format!("{}: cannot be opened", path.display()))?;
        Ok(Share { path: path.to_owned(), reader: BufReader::new(file), n_before: nth, n_shares })
    }

    /// Puts the next line of the share into `line`; tells whether there is one.
    pub(crate) fn next(&mut self, line: &mut String) -> Result<bool> {
        for _ in 0..=self.n_before {
            line.clear();
            let read = self.reader.read_line(line);
            if read.with_context(|| format!("{}: cannot be read as text", self.path.display()))? == 0 {
                return Ok(false);
            }
        }
        self.n_before = self.n_shares - 1;
        line.truncate(line.trim_end().len());
        Ok(true)
    }
}

impl Url<'_> {
    /// None for what is no `http` or `https` URL with a path.
    pub(crate) fn split(text: &str) -> Option<Url<'_>> {
        let (is_tls, rest, port) = match text.strip_prefix("http://") {
            Some(rest) => (false, rest, 80),
            None => (true, text.strip_prefix("https://")?, 443),
        };
        let (authority, path) = rest.split_at(rest.find('/')?);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, port),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        Some(Url { is_tls, authority, host, port, path })
    }
}
