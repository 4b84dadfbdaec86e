//! Time-outs that count only the time in which this program was run.
//!
//! A program that is stopped (SIGSTOP, a frozen container or virtual machine)
//! finds all its timers over when it goes on, and the replies in its sockets. A
//! heart beats in each runtime: when it has been still for much longer than
//! between two beats, nothing was run meanwhile.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, error::Elapsed, interval, timeout_at},
};

/// Between two beats.
const BEAT: Duration = Duration::from_millis(250);

/// A busy machine is late; nobody is late by more than this who is awake.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long this program was not run, as one event loop knows it.
#[derive(Clone, Debug)]
pub(super) struct Awake {
    heart: Arc<Heart>,
    _beating: Arc<Beating>,
}

#[derive(Debug)]
struct Heart {
    origin: Instant,
    /// Microseconds from the origin to the last beat.
    beat: AtomicU64,
    /// Microseconds without a beat, of all times that were too long.
    asleep: AtomicU64,
}

/// The task of the heart, which ends with the last of those who listen.
#[derive(Debug)]
struct Beating(JoinHandle<()>);

impl Drop for Beating {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Awake {
    /// Begins to listen; must be called inside a runtime.
    pub(super) fn new() -> Awake {
        let heart = Arc::new(Heart { origin: Instant::now(), beat: AtomicU64::new(0), asleep: AtomicU64::new(0) });
        let beats = heart.clone();
        let beating = tokio::spawn(async move {
            let mut ticks = interval(BEAT);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                beats.look(Instant::now());
            }
        });
        Awake { heart, _beating: Arc::new(Beating(beating)) }
    }

    /// How long this program was not run, so far.
    pub(super) fn asleep(&self) -> Duration {
        self.heart.look(Instant::now())
    }

    /// As [`tokio::time::timeout`], for `limit` of time awake.
    pub(super) async fn timeout<F: Future>(&self, limit: Duration, future: F) -> Result<F::Output, Elapsed> {
        let mut future = pin!(future);
        let mut asleep = self.asleep();
        let mut until = Instant::now() + limit;
        loop {
            match timeout_at(until.into(), future.as_mut()).await {
                Ok(output) => return Ok(output),
                Err(elapsed) => {
                    let slept = self.asleep() - asleep;
                    if slept.is_zero() {
                        return Err(elapsed);
                    }
                    asleep += slept;
                    until += slept;
                }
            }
        }
    }
}

impl Heart {
    /// Beats, and tells the time asleep so far.
    fn look(&self, now: Instant) -> Duration {
        let now = micros(now.saturating_duration_since(self.origin));
        let still = now.saturating_sub(self.beat.swap(now, Ordering::Relaxed));
        let slept = if still > micros(LONGEST_PAUSE) { still } else { 0 };
        Duration::from_micros(self.asleep.fetch_add(slept, Ordering::Relaxed) + slept)
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heart() -> Heart {
        Heart { origin: Instant::now(), beat: AtomicU64::new(0), asleep: AtomicU64::new(0) }
    }

    #[test]
    fn a_heart_that_stood_still_tells_for_how_long() {
        let heart = heart();
        let at = |millis| heart.origin + Duration::from_millis(millis);
        for beat in [250, 500, 1_400, 1_600] {
            assert_eq!(heart.look(at(beat)), Duration::ZERO, "late, but awake");
        }
        assert_eq!(heart.look(at(3_601_600)), Duration::from_secs(3600));
        assert_eq!(heart.look(at(3_601_700)), Duration::from_secs(3600));
        assert_eq!(heart.look(at(3_611_700)), Duration::from_secs(3610));
    }
}
