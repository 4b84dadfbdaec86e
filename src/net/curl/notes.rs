//! What curl says of its work on standard error: its report, and before it,
//! why connections failed, which the report leaves out.

use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde::Deserialize;
use std::{io, net::IpAddr};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

/// A report with a long chain of certificates has a tenth of this.
const MOST_LINE_BYTES: u64 = 1024 * 1024;

/// More lines than this are none of curl's.
const MOST_LINES: usize = 100_000;

/// Errors of a system are numbered from 1; Linux has 133 of them.
const ERRORS: std::ops::RangeInclusive<i32> = 1..=133;

/// What was heard.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) report: Option<Report>,
    /// The certificates that were shown, leaf first, if it came to that.
    pub(super) certificates: Vec<CertificateDer<'static>>,
    /// The address that failed, and what the system said: of several, what a
    /// host said rather than what this machine lacks.
    pub(super) dialled: Option<(IpAddr, io::Error)>,
}

/// curl's own account (curl(1), `--write-out '%{json}'`). Times are in seconds
/// since it began; zero: that never happened.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    pub(super) exitcode: i32,
    pub(super) errormsg: Option<String>,
    pub(super) remote_ip: Option<String>,
    /// Zero: it never was connected. The time of a connection is told only
    /// after its TLS handshake.
    #[serde(default)]
    pub(super) remote_port: i64,
    pub(super) ssl_verify_result: i64,
    pub(super) time_namelookup: f64,
    pub(super) time_connect: f64,
    pub(super) time_appconnect: f64,
    pub(super) time_pretransfer: f64,
    pub(super) time_starttransfer: f64,
    #[serde(default)]
    certs: String,
}

impl Notes {
    /// Hears curl out.
    pub(super) async fn hear(&mut self, stderr: impl AsyncRead + Unpin) -> io::Result<()> {
        let mut stderr = BufReader::new(stderr);
        let mut line = Vec::new();
        for _ in 0..MOST_LINES {
            line.clear();
            if (&mut stderr).take(MOST_LINE_BYTES).read_until(b'\n', &mut line).await? == 0 {
                break;
            }
            self.line(&String::from_utf8_lossy(&line));
        }
        Ok(())
    }

    fn line(&mut self, line: &str) {
        // What a server says stands behind `< `, and so is neither.
        if line.starts_with("{\"") {
            self.report = serde_json::from_str(line).ok();
            let pem = self.report.as_ref().map_or("", |report| report.certs.as_str());
            self.certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).map_while(Result::ok).collect();
        } else if let Some((address, error)) = failed_to_connect(line) {
            let is_better = |(_, known): &(IpAddr, io::Error)| super::local(known).is_some();
            if self.dialled.as_ref().is_none_or(is_better) {
                self.dialled = Some((address, error));
            }
        }
    }
}

/// `* connect to 127.0.0.1 port 1 failed: Connection refused`, or
/// `* Immediate connect fail for fe80::1: Invalid argument`.
fn failed_to_connect(line: &str) -> Option<(IpAddr, io::Error)> {
    let (address, why) = match line.strip_prefix("* connect to ") {
        Some(rest) => rest.split_once(' ').and_then(|(address, rest)| Some((address, rest.split_once(" failed: ")?.1))),
        None => line.strip_prefix("* Immediate connect fail for ")?.split_once(": "),
    }?;
    Some((address.parse().ok()?, system_error(why.trim_end())))
}

/// The error that the system words so.
pub(super) fn system_error(words: &str) -> io::Error {
    let worded = |code: &i32| io::Error::from_raw_os_error(*code).to_string() == format!("{words} (os error {code})");
    ERRORS.into_iter().find(worded).map_or_else(|| io::Error::other(words.to_owned()), io::Error::from_raw_os_error)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_said_is_known_by_its_words() {
        let said = |line| failed_to_connect(line).map(|(address, error)| (address.to_string(), error.raw_os_error()));
        for (line, address, code) in [
            ("* connect to 127.0.0.1 port 1 failed: Connection refused\n", "127.0.0.1", libc::ECONNREFUSED),
            ("* connect to ::1 port 1 from ::1 port 2 failed: No route to host", "::1", libc::EHOSTUNREACH),
            ("* Immediate connect fail for fe80::1: Invalid argument", "fe80::1", libc::EINVAL),
        ] {
            assert_eq!(said(line), Some((address.to_owned(), Some(code))), "{line}");
        }
        assert_eq!(said("< connect to 127.0.0.1 port 1 failed: Connection refused"), None);
        assert_eq!(said("* connect to nowhere"), None);
    }

    #[test]
    fn of_several_addresses_a_host_s_word_counts() {
        let mut notes = Notes::default();
        notes.line("* Immediate connect fail for ::1: Cannot assign requested address\n");
        notes.line("* connect to 127.0.0.1 port 1 failed: Connection refused\n");
        notes.line("* connect to 127.0.0.2 port 1 failed: No route to host\n");
        let (address, error) = notes.dialled.expect("an error");
        assert_eq!((address.to_string().as_str(), error.raw_os_error()), ("127.0.0.1", Some(libc::ECONNREFUSED)));
    }

    #[test]
    fn nonsense_is_no_report() {
        for line in ["{\"certs\":\n", "{}\n", "{\"exitcode\":\"no\"}\n", "< {\"exitcode\":0}\n"] {
            let mut notes = Notes::default();
            notes.line(line);
            assert!(notes.report.is_none(), "{line}");
        }
    }
}
