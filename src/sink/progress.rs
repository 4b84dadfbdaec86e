//! How far the run is: a bar on a terminal, a line every 30 s elsewhere.

use super::{
    Beside, Counts, Event, Gauge, Sink,
    human::{grouped, per_second, span},
};
use crate::check::Verdict;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    io::{self, LineWriter, Write},
    time::Duration,
};

/// Time between two lines where there is no bar.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// The rate is that of about the last 10 s.
const RATE_OVER: f64 = 10.0;

/// The bar on a terminal, shared by [`Progress`] and by whatever writes to the
/// same terminal.
#[derive(Clone, Debug)]
pub struct Bar(ProgressBar);

/// How far the run is.
pub struct Progress {
    shown: Shown,
    counts: Counts,
    rate: Rate,
}

enum Shown {
    Bar(Bar),
    Lines { out: Box<dyn Write + Send>, next: Duration },
}

impl Bar {
    /// A bar on standard error; nothing is seen of it before the first tick.
    /// A bar that cannot be drawn is no error, for no row depends on it.
    pub fn on_stderr() -> Bar {
        Bar::on(ProgressDrawTarget::stderr())
    }

    /// A writer to the same terminal: rows appear above the bar.
    pub fn beside<W: Write>(&self, out: W) -> LineWriter<Beside<W>> {
        LineWriter::with_capacity(super::BUFFER, Beside::new(self.clone(), out))
    }

    pub(super) fn without<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }

    fn on(target: ProgressDrawTarget) -> Bar {
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(style("{wide_msg}"));
        Bar(bar)
    }

    fn draw(&self, finished: u64, total: Option<u64>, message: String) {
        if self.0.length() != total {
            match total {
                Some(total) => self.0.set_length(total),
                None => self.0.unset_length(),
            }
            self.0.set_style(style(if total.is_some() { "{bar:20} {wide_msg}" } else { "{wide_msg}" }));
        }
        self.0.set_position(finished);
        self.0.set_message(message);
    }
}

impl Progress {
    /// Shows the bar; it goes away at the end.
    pub fn bar(bar: Bar) -> Progress {
        Progress::new(Shown::Bar(bar))
    }

    /// Writes a line every 30 s.
    pub fn lines(out: impl Write + Send + 'static) -> Progress {
        Progress::new(Shown::Lines { out: Box::new(out), next: LINE_EVERY })
    }

    fn new(shown: Shown) -> Progress {
        Progress { shown, counts: Counts::default(), rate: Rate::default() }
    }

    fn tick(&mut self, gauge: &Gauge) -> io::Result<()> {
        let finished = self.counts.total();
        self.rate.measure(gauge.elapsed, finished);
        // A list that grew while it was read has no known end.
        let total = gauge.total.filter(|total| *total >= finished);
        match &mut self.shown {
            Shown::Bar(bar) => {
                let wire = on_wire(gauge);
                bar.draw(finished, total, message(&self.counts, total, self.rate.a_second) + &wire);
            }
            Shown::Lines { out, next } if gauge.elapsed >= *next => {
                *next = gauge.elapsed + LINE_EVERY;
                writeln!(out, "{}", message(&self.counts, total, self.rate.a_second))?;
                out.flush()?;
            }
            Shown::Lines { .. } => {}
        }
        Ok(())
    }

    fn clear(&self) {
        if let Shown::Bar(Bar(bar)) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

impl Sink for Progress {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Finished(outcome) => self.counts.add(outcome.verdict),
            Event::Tick(gauge) => self.tick(gauge)?,
            Event::Ended(_) => self.clear(),
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.clear();
        Ok(())
    }
}

/// Outcomes a second, smoothed exponentially; while the run is young, the mean.
#[derive(Default)]
struct Rate {
    a_second: f64,
    elapsed: Duration,
    finished: u64,
}

impl Rate {
    fn measure(&mut self, elapsed: Duration, finished: u64) {
        let passed = elapsed.saturating_sub(self.elapsed).as_secs_f64();
        if passed == 0.0 {
            return;
        }
        let now = (finished - self.finished) as f64 / passed;
        let weight = (1.0 - (-passed / RATE_OVER).exp()).max(passed / elapsed.as_secs_f64());
        self.a_second += (now - self.a_second) * weight;
        (self.elapsed, self.finished) = (elapsed, finished);
    }
}

/// `12,000 of 100,000 URLs · 431/s · ETA 3 min 24 s · down 12 · unknown 3`
fn message(counts: &Counts, total: Option<u64>, rate: f64) -> String {
    let finished = counts.total();
    let of = total.map_or_else(String::new, |total| format!(" of {}", grouped(total)));
    let left = total.map(|total| (total - finished) as f64 / rate);
    // Without a rate the end is infinitely far, and so it is not told.
    let left = left.and_then(|seconds| Duration::try_from_secs_f64(seconds.ceil()).ok());
    let eta = left.map_or_else(String::new, |left| format!(" · ETA {}", span(left)));
    let (down, unknown) = (grouped(counts.of(Verdict::Down)), grouped(counts.of(Verdict::Unknown)));
    format!("{}{of} URLs · {}{eta} · down {down} · unknown {unknown}", grouped(finished), per_second(rate))
}

/// ` · on wire 256 · waiting 12 · parked 40`, as far as there are any.
fn on_wire(gauge: &Gauge) -> String {
    let parts = [("on wire", gauge.on_wire), ("waiting", gauge.waiting), ("parked", gauge.parked)];
    let told = parts.into_iter().filter(|(_, number)| *number > 0);
    told.map(|(name, number)| format!(" · {name} {}", grouped(number as u64))).collect()
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates are right")
}

#[cfg(test)]
mod tests;
