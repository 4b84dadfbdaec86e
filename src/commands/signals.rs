//! The signals that stop a run: Ctrl-C, SIGTERM and a closed terminal.
//!
//! Absent: SIGPIPE, which Rust's start-up ignores and nothing here restores. A
//! peer or a reader that goes away is an error of a write.

use crate::exit::Signal;
use std::io;

/// All of them, listened to.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    /// `None` where whoever started the program wants it to outlive its terminal.
    #[cfg(unix)]
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn listen() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        // To listen to a signal is to ignore it no more.
        let hangup = (!is_hangup_ignored()).then(|| signal(SignalKind::hangup())).transpose()?;
        Ok(Signals { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())?, hangup })
    }

    pub(super) async fn next(&mut self) -> Signal {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = hangup => Signal::Hangup,
        }
    }
}

/// Whether SIGHUP is ignored, as `nohup` leaves it: proc(5) tells, where there
/// is one; elsewhere the terminal's end counts.
#[cfg(unix)]
fn is_hangup_ignored() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hangup(&status))
}

/// SIGHUP is the first signal, and so the lowest bit.
#[cfg(unix)]
fn ignores_hangup(status: &str) -> bool {
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> io::Result<Signals> {
        Ok(Signals {})
    }

    pub(super) async fn next(&mut self) -> Signal {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Signal::Interrupt,
            // Without a handler there is no signal to wait for.
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_tells_what_is_ignored() {
        let status = |mask| format!("Name:\turlcheck\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\n");
        for (mask, ignored) in [("0000000000001001", true), ("0000000000001000", false), ("no number", false)] {
            assert_eq!(ignores_hangup(&status(mask)), ignored, "{mask}");
        }
        assert!(!ignores_hangup(""));
    }
}
