//! What is measured of a run: one list of figures, for the table, the JSON and
//! the page alike. A figure that a system does not tell is not there.

use serde::{Serialize, Serializer, ser::SerializeMap};

/// One figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    Wall,
    Rate,
    CpuAUrl,
    User,
    System,
    Memory,
    Threads,
    Processes,
    Waits,
    Preempted,
    Files,
}

impl Figure {
    pub(super) const ALL: [Figure; 11] = [
        Figure::Wall,
        Figure::Rate,
        Figure::CpuAUrl,
        Figure::User,
        Figure::System,
        Figure::Memory,
        Figure::Threads,
        Figure::Processes,
        Figure::Waits,
        Figure::Preempted,
        Figure::Files,
    ];

    /// Its key in the JSON, which ends in its unit.
    pub(super) fn key(self) -> &'static str {
        match self {
            Figure::Wall => "wall_s",
            Figure::Rate => "rows_per_s",
            Figure::CpuAUrl => "cpu_us_per_url",
            Figure::User => "user_s",
            Figure::System => "system_s",
            Figure::Memory => "memory_bytes",
            Figure::Threads => "threads",
            Figure::Processes => "processes",
            Figure::Waits => "voluntary_switches",
            Figure::Preempted => "involuntary_switches",
            Figure::Files => "descriptors",
        }
    }

    /// Its column's head.
    pub(super) fn head(self) -> &'static str {
        match self {
            Figure::Wall => "wall",
            Figure::Rate => "rows/s",
            Figure::CpuAUrl => "CPU/URL",
            Figure::User => "user",
            Figure::System => "system",
            Figure::Memory => "memory",
            Figure::Threads => "threads",
            Figure::Processes => "procs",
            Figure::Waits => "waits",
            Figure::Preempted => "preempted",
            Figure::Files => "files",
        }
    }

    /// What it is, for the page's notes.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Figure::Wall => "from the start of the process to its end",
            Figure::Rate => "rows written a second of wall time",
            Figure::CpuAUrl => "user and system CPU of the run, its child processes included, for each URL",
            Figure::User => "CPU in programs, child processes included",
            Figure::System => "CPU in the kernel, child processes included",
            Figure::Memory => "the most resident memory (VmHWM), summed over the processes that live at once",
            Figure::Threads => "the most threads at once, over all its processes",
            Figure::Processes => "the most processes at once, child processes included",
            Figure::Waits => "voluntary context switches: a thread had to wait",
            Figure::Preempted => "involuntary context switches: a thread had to make room",
            Figure::Files => "the most descriptors open at once, over all its processes",
        }
    }

    /// It as people read it.
    pub(super) fn shown(self, value: f64) -> String {
        match self {
            Figure::Wall | Figure::User | Figure::System => seconds(value),
            Figure::CpuAUrl => format!("{} µs", whole(value)),
            Figure::Memory => format!("{} MB", whole(value / 1e6)),
            Figure::Rate => whole(value),
            Figure::Threads | Figure::Processes | Figure::Waits | Figure::Preempted | Figure::Files => whole(value),
        }
    }
}

/// `0.31 s`, `39.3 s`, `412 s`.
pub(super) fn seconds(value: f64) -> String {
    match value {
        _ if value < 9.995 => format!("{value:.2} s"),
        _ if value < 99.95 => format!("{value:.1} s"),
        _ => format!("{} s", whole(value)),
    }
}

fn whole(value: f64) -> String {
    // What is measured is neither negative nor beyond 2^53.
    crate::sink::grouped(value.round() as u64)
}

/// The figures of one run, or of several taken together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Figures([Option<f64>; Figure::ALL.len()]);

impl Figures {
    pub(super) fn get(&self, figure: Figure) -> Option<f64> {
        self.0[figure as usize]
    }

    pub(super) fn set(&mut self, figure: Figure, value: Option<f64>) {
        self.0[figure as usize] = value.filter(|value| value.is_finite());
    }

    /// Each figure over all rounds, its values in order.
    fn over(rounds: &[Figures], choose: impl Fn(&[f64]) -> f64) -> Figures {
        let mut all = Figures::default();
        for figure in Figure::ALL {
            let mut values: Vec<f64> = rounds.iter().filter_map(|round| round.get(figure)).collect();
            values.sort_by(f64::total_cmp);
            all.set(figure, (!values.is_empty()).then(|| choose(&values)));
        }
        all
    }

    pub(super) fn median(rounds: &[Figures]) -> Figures {
        Figures::over(rounds, |values| {
            let middle = values.len() / 2;
            if values.len().is_multiple_of(2) { (values[middle - 1] + values[middle]) / 2.0 } else { values[middle] }
        })
    }

    pub(super) fn least(rounds: &[Figures]) -> Figures {
        Figures::over(rounds, |values| values[0])
    }

    pub(super) fn most(rounds: &[Figures]) -> Figures {
        Figures::over(rounds, |values| values[values.len() - 1])
    }
}

impl Serialize for Figures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Figure::ALL.len()))?;
        for figure in Figure::ALL {
            map.serialize_entry(figure.key(), &self.get(figure))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(wall: f64, threads: Option<f64>) -> Figures {
        let mut figures = Figures::default();
        figures.set(Figure::Wall, Some(wall));
        figures.set(Figure::Threads, threads);
        figures
    }

    #[test]
    fn rounds_are_taken_together_figure_by_figure() {
        let rounds = [figures(3.0, Some(2.0)), figures(1.0, None), figures(2.0, Some(4.0))];
        assert_eq!(Figures::median(&rounds), figures(2.0, Some(3.0)));
        assert_eq!(Figures::least(&rounds), figures(1.0, Some(2.0)));
        assert_eq!(Figures::most(&rounds), figures(3.0, Some(4.0)));
        assert_eq!(Figures::median(&[]), Figures::default());
    }

    #[test]
    fn every_figure_is_its_own_place_and_key() {
        for (n, figure) in Figure::ALL.into_iter().enumerate() {
            assert_eq!(figure as usize, n);
            assert!(Figure::ALL[n + 1..].iter().all(|other| other.key() != figure.key()));
        }
    }

    #[test]
    fn figures_are_shown_with_their_unit() {
        assert_eq!(Figure::Wall.shown(0.3149), "0.31 s");
        assert_eq!(Figure::Wall.shown(39.27), "39.3 s");
        assert_eq!(Figure::CpuAUrl.shown(1234.4), "1,234 µs");
        assert_eq!(Figure::Memory.shown(20_400_000.0), "20 MB");
        assert_eq!(Figure::Waits.shown(20_400.0), "20,400");
    }
}
