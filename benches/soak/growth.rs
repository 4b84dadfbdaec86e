//! Whether what a program takes grows with its rows: the peak of its last tenth
//! beside that of a tenth at the beginning.

use super::usage::Sample;
use std::{fmt, time::Duration};

/// Until then everything is still being filled: the look-ahead, the memory of
/// names, the allocator's pages.
const WARM_UP: Duration = Duration::from_secs(60);

/// What peaks may differ by, as those of a tenth happen to: a part, and besides
/// so many KiB and descriptors.
const PART: f64 = 0.05;
const MEMORY: f64 = 2048.0;
const FILES: f64 = 16.0;

/// The most that was taken of each in a part of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Peaks {
    /// In KiB.
    pub(crate) memory: u64,
    pub(crate) files: u64,
    pub(crate) threads: u64,
}

/// What a run shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Growth {
    /// Of a tenth after the warm-up, and of the last tenth.
    Flat(Peaks, Peaks),
    /// The same, where the last is more than chance allows.
    Grows(Peaks, Peaks),
    /// There is not enough between the warm-up and the end.
    TooShort,
}

impl Growth {
    /// The judgement on a run of so many targets. Its warm-up is the first
    /// minute or the first tenth of the rows, whichever is longer.
    pub(crate) fn of(samples: &[Sample], n_targets: u64) -> Growth {
        let tenth = n_targets.div_ceil(10);
        let Some(warm) = samples.iter().find(|sample| sample.at >= WARM_UP && sample.rows >= tenth) else {
            return Growth::TooShort;
        };
        let last = n_targets - tenth;
        if warm.rows + tenth > last {
            return Growth::TooShort;
        }
        let early = Peaks::of(samples, |sample| sample.at >= warm.at && sample.rows < warm.rows + tenth);
        let late = Peaks::of(samples, |sample| sample.rows >= last);
        let is_more = |late: u64, early: u64, besides: f64| late as f64 > early as f64 * (1.0 + PART) + besides;
        let grows = is_more(late.memory, early.memory, MEMORY)
            || is_more(late.files, early.files, FILES)
            || late.threads > early.threads;
        if grows { Growth::Grows(early, late) } else { Growth::Flat(early, late) }
    }
}

impl Peaks {
    fn of(samples: &[Sample], is_in: impl Fn(&Sample) -> bool) -> Peaks {
        samples.iter().filter(|sample| is_in(sample)).fold(Peaks::default(), |peaks, sample| Peaks {
            memory: peaks.memory.max(sample.memory),
            files: peaks.files.max(sample.files),
            threads: peaks.threads.max(sample.threads),
        })
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verdict, early, late) = match self {
            Growth::Flat(early, late) => ("flat", early, late),
            Growth::Grows(early, late) => ("GROWS", early, late),
            Growth::TooShort => return formatter.write_str("too short to tell whether anything grows"),
        };
        let mib = |peaks: &Peaks| peaks.memory as f64 / 1024.0;
        write!(formatter, "{verdict}: peaks of a tenth after the warm-up and of the last one: ")?;
        write!(formatter, "memory {:.1} and {:.1} MiB, ", mib(early), mib(late))?;
        write!(formatter, "{} and {} descriptors, ", early.files, late.files)?;
        write!(formatter, "{} and {} threads", early.threads, late.threads)
    }
}
