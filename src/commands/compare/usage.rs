//! The processor time and context switches of children that have ended, their
//! own children included (getrusage(2), RUSAGE_CHILDREN).

use super::figure::{Figure, Figures};

/// What all children used so far that were waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usage {
    user_s: f64,
    system_s: f64,
    waits: f64,
    preempted: f64,
}

impl Usage {
    /// `None` where the system does not tell.
    #[cfg(unix)]
    pub(super) fn of_children() -> Option<Usage> {
        use nix::sys::{
            resource::{UsageWho, getrusage},
            time::TimeVal,
        };
        let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
        Some(Usage {
            user_s: seconds(usage.user_time()),
            system_s: seconds(usage.system_time()),
            waits: usage.voluntary_context_switches() as f64,
            preempted: usage.involuntary_context_switches() as f64,
        })
    }

    #[cfg(not(unix))]
    pub(super) fn of_children() -> Option<Usage> {
        None
    }

    /// Adds what was used since an earlier look to the figures of a run of
    /// that many URLs.
    pub(super) fn tell(self, earlier: Usage, n_urls: u64, figures: &mut Figures) {
        let (user, system) = (self.user_s - earlier.user_s, self.system_s - earlier.system_s);
        figures.set(Figure::User, Some(user));
        figures.set(Figure::System, Some(system));
        figures.set(Figure::CpuAUrl, Some((user + system) * 1e6 / n_urls as f64));
        figures.set(Figure::Waits, Some(self.waits - earlier.waits));
        figures.set(Figure::Preempted, Some(self.preempted - earlier.preempted));
    }
}
