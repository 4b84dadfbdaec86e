//! Every exit code and what it means.

use crate::check::Verdict;
use std::process::ExitCode;

/// How a run of the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing crossed the line that `--fail-on` draws.
    Fine,
    /// Something did.
    Down,
    /// The run could not be made, or not finished.
    Failed,
    /// SIGHUP, a terminal that was closed.
    HungUp,
    /// SIGINT, Ctrl-C.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

/// The verdicts that make a run end with [`Exit::Down`], each step wider than the one before.
/// A skipped target never does: it was not asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailOn {
    /// Only down.
    #[default]
    Down,
    /// Down and degraded.
    Degraded,
    /// Down, degraded and unknown: everything that is not plainly up.
    Unknown,
    /// None.
    Never,
}

/// A signal that stopped a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGHUP, a terminal that was closed.
    Hangup,
    /// SIGINT, Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl From<Signal> for Exit {
    fn from(signal: Signal) -> Exit {
        match signal {
            Signal::Hangup => Exit::HungUp,
            Signal::Interrupt => Exit::Interrupted,
            Signal::Terminate => Exit::Terminated,
        }
    }
}

impl Exit {
    /// Every exit, by its code.
    pub const ALL: [Exit; 6] =
        [Exit::Fine, Exit::Down, Exit::Failed, Exit::HungUp, Exit::Interrupted, Exit::Terminated];

    /// How a run ended whose rows were all written. `count` tells how many
    /// rows have a verdict.
    pub fn of(count: impl Fn(Verdict) -> u64, fail_on: FailOn, stopped: Option<Signal>) -> Exit {
        match stopped {
            Some(signal) => signal.into(),
            None if fail_on.verdicts().iter().any(|verdict| count(*verdict) > 0) => Exit::Down,
            None => Exit::Fine,
        }
    }

    /// The number that the shell sees; 128 + n for the signal n, as shells do.
    pub fn code(self) -> u8 {
        match self {
            Exit::Fine => 0,
            Exit::Down => 1,
            Exit::Failed => 2,
            Exit::HungUp => 129,
            Exit::Interrupted => 130,
            Exit::Terminated => 143,
        }
    }

    /// What it means, for `--help`.
    pub fn sentence(self) -> &'static str {
        match self {
            Exit::Fine => "nothing was down (--fail-on moves the line), or the reader of the rows wanted no more",
            Exit::Down => "something was down; of compare: the modes disagree",
            Exit::Failed => "the run could not be made or finished: usage, settings, input or output",
            Exit::HungUp => {
                "stopped as its terminal was closed (SIGHUP); every row is written, unless a second signal cut that short"
            }
            Exit::Interrupted => "stopped by Ctrl-C (SIGINT); every row is written, unless a second one cut that short",
            Exit::Terminated => "stopped by SIGTERM; every row is written, unless a second one cut that short",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

impl FailOn {
    fn verdicts(self) -> &'static [Verdict] {
        match self {
            FailOn::Down => &[Verdict::Down],
            FailOn::Degraded => &[Verdict::Down, Verdict::Degraded],
            FailOn::Unknown => &[Verdict::Down, Verdict::Degraded, Verdict::Unknown],
            FailOn::Never => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exit of a run in which only these verdicts were seen.
    fn exit(seen: &[Verdict], fail_on: FailOn) -> Exit {
        Exit::of(|verdict| u64::from(seen.contains(&verdict)), fail_on, None)
    }

    #[test]
    fn one_verdict_alone_decides_by_the_line() {
        use Exit::{Down as D, Fine as F};
        // The columns are up, degraded, down, unknown, skipped.
        for (fail_on, exits) in [
            (FailOn::Down, [F, F, D, F, F]),
            (FailOn::Degraded, [F, D, D, F, F]),
            (FailOn::Unknown, [F, D, D, D, F]),
            (FailOn::Never, [F, F, F, F, F]),
        ] {
            assert_eq!(Verdict::ALL.map(|verdict| exit(&[verdict], fail_on)), exits, "{fail_on:?}");
        }
    }

    #[test]
    fn many_verdicts_end_as_the_worst_of_them() {
        for fail_on in [FailOn::Down, FailOn::Degraded, FailOn::Unknown, FailOn::Never] {
            for set in 0..1 << Verdict::ALL.len() {
                let seen: Vec<Verdict> =
                    (0..Verdict::ALL.len()).filter(|n| set >> n & 1 == 1).map(|n| Verdict::ALL[n]).collect();
                let alone = seen.iter().any(|verdict| exit(&[*verdict], fail_on) == Exit::Down);
                assert_eq!(exit(&seen, fail_on) == Exit::Down, alone, "{seen:?} {fail_on:?}");
            }
        }
        assert_eq!(exit(&[], FailOn::default()), Exit::Fine);
    }

    #[test]
    fn a_signal_outweighs_every_verdict() {
        for fail_on in [FailOn::Down, FailOn::Degraded, FailOn::Unknown, FailOn::Never] {
            for count in [0, 1] {
                let exit = |signal| Exit::of(|_| count, fail_on, Some(signal));
                assert_eq!(exit(Signal::Hangup), Exit::HungUp);
                assert_eq!(exit(Signal::Interrupt), Exit::Interrupted);
                assert_eq!(exit(Signal::Terminate), Exit::Terminated);
            }
        }
    }

    #[test]
    fn codes_are_the_documented_ones() {
        assert_eq!(Exit::ALL.map(Exit::code), [0, 1, 2, 129, 130, 143]);
        assert!(Exit::ALL.iter().all(|exit| !exit.sentence().is_empty()));
    }
}
