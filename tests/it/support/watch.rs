//! What must hold at every instant of every run: the limits, for the whole and
//! for each host, whatever it is that starts (first request, retry or hop).

use super::answer::Answer;
use std::{collections::HashMap, time::Duration};
use urlcheck::{
    Policy,
    check::{HostAsks, HostKey},
    schedule::{Limits, Schedule},
};

/// A host that asks to be left alone for longer is asked again all the same.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);

/// Counts for itself what starts and ends, and asserts.
#[derive(Debug)]
pub(crate) struct Watch {
    limits: Limits,
    hosts: HashMap<HostKey, Seen>,
    on_wire: usize,
    starts: usize,
    /// The least of `starts so far - rate × now`, which bounds what may start from now on.
    least: f64,
}

#[derive(Debug, Default)]
struct Seen {
    on_wire: usize,
    /// No start before this, counted from the run's begin.
    free_at: Duration,
}

impl Watch {
    pub(crate) fn new(limits: &Limits) -> Watch {
        Watch { limits: limits.clone(), hosts: HashMap::new(), on_wire: 0, starts: 0, least: f64::INFINITY }
    }

    pub(crate) fn start(&mut self, host: &HostKey, now: Duration) {
        let seen = self.hosts.entry(host.clone()).or_default();
        assert!(now >= seen.free_at, "{host}: a start at {now:?}, not free before {:?}", seen.free_at);
        if let Some(rate) = self.limits.host_rate {
            seen.free_at = now + Duration::from_secs_f64(1.0 / rate);
        }
        seen.on_wire += 1;
        self.on_wire += 1;
        let per_host = self.limits.per_host;
        assert!(per_host == 0 || seen.on_wire <= per_host, "{host}: {} on the wire at {now:?}", seen.on_wire);
        if let Some(rate) = self.limits.rate {
            self.keep_rate(rate, now);
        }
    }

    /// However long the stretch of time, it has a burst and its share of the
    /// rate at most. The burst is a hundredth of a second's worth.
    fn keep_rate(&mut self, rate: f64, now: Duration) {
        let due = rate * now.as_secs_f64();
        self.least = self.least.min(self.starts as f64 - due);
        self.starts += 1;
        let burst = (rate / 100.0).floor().max(1.0);
        let most = self.starts as f64 - due - self.least;
        assert!(most <= burst + 0.001, "{most} starts above the rate of {rate} at {now:?}");
    }

    pub(crate) fn end(&mut self, host: &HostKey, answer: &Answer, policy: &Policy, now: Duration) {
        let seen = self.hosts.get_mut(host).expect("it was started");
        seen.on_wire -= 1;
        self.on_wire -= 1;
        let asks = answer.reply.as_ref().map_or(HostAsks::Nothing, |reply| HostAsks::of(reply, policy));
        if let HostAsks::Pause(asked) | HostAsks::Leave(asked) = asks {
            seen.free_at = seen.free_at.max(now + asked.min(LONGEST_PAUSE));
        }
    }

    /// A check is called off: nobody knows what its host would have said.
    pub(crate) fn call_off(&mut self, host: &HostKey) {
        self.hosts.get_mut(host).expect("it was started").on_wire -= 1;
        self.on_wire -= 1;
    }

    /// Between two events: is everything as bounded as promised?
    pub(crate) fn look(&self, schedules: &[&Schedule], now: Duration) {
        let limits = &self.limits;
        for schedule in schedules {
            let (on_wire, in_room) = (schedule.on_wire(), schedule.in_room());
            assert!(on_wire <= limits.concurrency, "{on_wire} slots are held at {now:?}");
            assert!(in_room <= limits.waiting_room, "{in_room} are in the waiting room at {now:?}");
        }
        let sum = |of: fn(&Schedule) -> usize| schedules.iter().map(|schedule| of(schedule)).sum::<usize>();
        let (fresh, again) = (sum(Schedule::fresh), sum(Schedule::again));
        assert_eq!(sum(Schedule::on_wire) + sum(Schedule::in_room), self.on_wire, "at {now:?}");
        assert!(fresh <= limits.look_ahead, "{fresh} targets wait at {now:?}");
        // Whoever was on the wire when the bound was reached may still come back.
        let most_again = limits.look_ahead + schedules.len() * (limits.concurrency + limits.waiting_room);
        assert!(again <= most_again, "{again} checks wait to go on at {now:?}");
        let lanes = sum(Schedule::lanes);
        if lanes > fresh + again + self.on_wire {
            let kept = self.hosts.values().filter(|seen| seen.on_wire > 0 || seen.free_at > now).count();
            assert!(lanes <= fresh + again + kept, "{lanes} lanes at {now:?}, of which {kept} have a reason");
        }
    }
}
