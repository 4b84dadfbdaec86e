//! What this machine can give: how many checks it bears on the wire, and
//! whether any request leaves it at all.
//!
//! Where descriptors, ports or memory run out, the slots are halved, and come
//! back one by one as checks connect (additive increase, multiplicative
//! decrease, as TCP has it: RFC 5681). While nothing leaves this machine, one
//! check at a time finds out whether something does again; the others wait.

use super::HostNews;
use crate::check::Reason;
use std::time::{Duration, Instant};

/// Connections after which there is a slot more.
const CONNECTED_FOR_A_SLOT: usize = 16;

/// While nothing leaves this machine, no try comes sooner after the last.
const PROBE_GAP: Duration = Duration::from_millis(100);

/// The slots there are now, and the gate before them.
#[derive(Debug)]
pub(super) struct Means {
    most: usize,
    slots: usize,
    /// Connections since the slots last changed.
    connected: usize,
    /// The last check that had started when the slots were halved: what these
    /// still fail for was known then.
    halved_at: u64,
    cut_off: Option<CutOff>,
}

/// Since a request could not leave, none has.
#[derive(Debug)]
struct CutOff {
    since: Instant,
    next_probe: Instant,
    /// The number of the check that is trying.
    probe: Option<u64>,
}

/// Whether a check may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    Open,
    /// Not before this instant.
    At(Instant),
    /// Not before a check on the wire has ended or connected.
    Shut,
}

impl Means {
    pub(super) fn new(most: usize) -> Means {
        Means { most, slots: most, connected: 0, halved_at: 0, cut_off: None }
    }

    /// Slots for checks on the wire.
    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    /// The part of a number that goes with the slots.
    pub(super) fn part_of(&self, whole: usize) -> usize {
        if self.slots == self.most { whole } else { whole * self.slots / self.most }
    }

    pub(super) fn gate(&self, now: Instant) -> Gate {
        match &self.cut_off {
            None => Gate::Open,
            Some(CutOff { probe: Some(_), .. }) => Gate::Shut,
            Some(CutOff { next_probe, .. }) if now < *next_probe => Gate::At(*next_probe),
            Some(_) => Gate::Open,
        }
    }

    /// Since when nothing has left this machine.
    pub(super) fn cut_off_since(&self) -> Option<Instant> {
        self.cut_off.as_ref().map(|cut_off| cut_off.since)
    }

    /// Those who waited have their rows: whoever comes now waits as long.
    pub(super) fn wait_anew(&mut self, now: Instant) {
        if let Some(cut_off) = &mut self.cut_off {
            cut_off.since = now;
        }
    }

    pub(super) fn started(&mut self, number: u64) {
        if let Some(cut_off) = &mut self.cut_off {
            cut_off.probe = Some(number);
        }
    }

    /// A check has its connection.
    pub(super) fn connected(&mut self) {
        self.cut_off = None;
        self.connected += 1;
        if self.slots < self.most && self.connected >= CONNECTED_FOR_A_SLOT {
            (self.slots, self.connected) = (self.slots + 1, 0);
        }
    }

    /// The check with this number ended, of `started` so far.
    pub(super) fn ended(&mut self, number: u64, started: u64, news: HostNews, now: Instant) {
        let HostNews::Ours(reason) = news else {
            self.cut_off = None;
            return;
        };
        let cut_off = self.cut_off.get_or_insert(CutOff { since: now, next_probe: now + PROBE_GAP, probe: None });
        if cut_off.probe == Some(number) {
            (cut_off.probe, cut_off.next_probe) = (None, now + PROBE_GAP);
        }
        let runs_out = matches!(reason, Reason::LocalFiles | Reason::LocalPorts | Reason::LocalMemory);
        if runs_out && number > self.halved_at {
            self.halved_at = started;
            (self.slots, self.connected) = ((self.slots / 2).max(1), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: HostNews = HostNews::Ours(Reason::LocalFiles);

    #[test]
    fn those_that_started_together_halve_the_slots_once() {
        let (mut means, now) = (Means::new(100), Instant::now());
        (1..=100).for_each(|number| means.ended(number, 100, FILES, now));
        assert_eq!((means.slots(), means.part_of(30)), (50, 15));
        means.ended(101, 150, FILES, now);
        assert_eq!(means.slots(), 25);
        (151..=200).for_each(|number| means.ended(number, number, FILES, now));
        assert_eq!(means.slots(), 1);
    }

    #[test]
    fn connections_bring_the_slots_back() {
        let (mut means, now) = (Means::new(4), Instant::now());
        means.ended(1, 1, FILES, now);
        (0..CONNECTED_FOR_A_SLOT).for_each(|_| means.connected());
        assert_eq!(means.slots(), 3);
        (0..10 * CONNECTED_FOR_A_SLOT).for_each(|_| means.connected());
        assert_eq!((means.slots(), means.part_of(7)), (4, 7));
    }

    #[test]
    fn a_missing_network_takes_no_slots_but_shuts_the_gate() {
        let (mut means, now) = (Means::new(8), Instant::now());
        assert_eq!(means.gate(now), Gate::Open);
        means.ended(1, 2, HostNews::Ours(Reason::LocalNetwork), now);
        assert_eq!((means.slots(), means.gate(now)), (8, Gate::At(now + PROBE_GAP)));
        let later = now + PROBE_GAP;
        assert_eq!(means.gate(later), Gate::Open);
        means.started(3);
        assert_eq!(means.gate(later), Gate::Shut);
        // That of a check from before tells nothing new.
        means.ended(2, 3, HostNews::Ours(Reason::LocalNetwork), later);
        assert_eq!(means.gate(later), Gate::Shut);
        means.ended(3, 3, HostNews::Unconnected, later);
        assert_eq!((means.gate(later), means.cut_off_since()), (Gate::Open, None));
    }
}
