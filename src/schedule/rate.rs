//! The run's rate: so many requests a second in all, whatever the host.
//!
//! governor's cell rate limiter (GCRA) is asked with `check`, never waited for:
//! a check that may not go yet is a timer in the schedule, not a slot held.

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{InMemoryState, NotKeyed},
};
use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// One limiter, shared by all event loops of a run.
#[derive(Debug)]
pub struct Rate {
    limiter: RateLimiter<NotKeyed, InMemoryState, GivenClock, NoOpMiddleware<Nanos>>,
    clock: GivenClock,
    origin: Instant,
    /// No turn comes before this.
    first: Instant,
}

impl Rate {
    /// A rate in requests a second, above zero; `origin` is any instant that is not after the first use.
    ///
    /// Requests are paced, not bunched: at most a hundredth of a second's worth
    /// goes at once, which is as finely as timers wake.
    pub fn new(per_second: f64, origin: Instant) -> Rate {
        let clock = GivenClock::default();
        let gap = Duration::from_secs_f64((1.0 / per_second).clamp(1e-9, 1e9));
        let burst = NonZeroU32::new((per_second / 100.0) as u32).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(gap).expect("the gap is above zero").allow_burst(burst);
        Rate { limiter: RateLimiter::direct_with_clock(quota, clock.clone()), clock, origin, first: origin }
    }

    /// The same rate, its first turn so long after the origin: shares of one
    /// rate whose first turns are spread take turns.
    pub fn after(self, delay: Duration) -> Rate {
        Rate { first: self.origin + delay, ..self }
    }

    /// Takes a request's turn, or says when the next one comes.
    pub(super) fn check(&self, now: Instant) -> Result<(), Instant> {
        if now < self.first {
            return Err(self.first);
        }
        self.clock.set(now.saturating_duration_since(self.origin));
        self.limiter.check().map_err(|early| now + early.wait_time_from(self.clock.now()).max(Duration::from_nanos(1)))
    }
}

/// A clock that shows the latest instant it was given, so that the schedule
/// reads none.
#[derive(Clone, Debug, Default)]
struct GivenClock(Arc<AtomicU64>);

impl GivenClock {
    fn set(&self, since_origin: Duration) {
        let nanos = u64::try_from(since_origin.as_nanos()).unwrap_or(u64::MAX);
        self.0.fetch_max(nanos, Ordering::Relaxed);
    }
}

impl Clock for GivenClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Starts in the first `seconds` when asked as soon as allowed.
    fn starts(per_second: f64, seconds: u64) -> usize {
        let origin = Instant::now();
        let rate = Rate::new(per_second, origin);
        let (mut now, mut starts) = (origin, 0);
        while now < origin + Duration::from_secs(seconds) {
            match rate.check(now) {
                Ok(()) => starts += 1,
                Err(at) => now = at,
            }
        }
        starts
    }

    #[test]
    fn shares_of_a_rate_take_turns() {
        let (origin, second) = (Instant::now(), Duration::from_secs(1));
        let mut starts = Vec::new();
        for share in 0..3 {
            let rate = Rate::new(1.0, origin).after(second / 3 * share);
            let mut now = origin;
            while now < origin + second * 4 {
                match rate.check(now) {
                    Ok(()) => starts.push(now.duration_since(origin)),
                    Err(at) => now = at,
                }
            }
        }
        starts.sort();
        assert_eq!(starts.len(), 12);
        for (k, start) in (0..).zip(starts) {
            assert!(start >= second / 3 * k, "start {k} at {start:?}");
        }
    }

    #[test]
    fn the_rate_is_kept_slow_and_fast() {
        assert_eq!(starts(0.5, 10), 5);
        assert_eq!(starts(10.0, 10), 100);
        let fast = starts(10_000.0, 10);
        assert!((100_000..=100_100).contains(&fast), "{fast}");
    }
}
