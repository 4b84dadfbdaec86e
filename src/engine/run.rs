//! A run as a value: what to do now, and what follows from a reply.
//!
//! Pure, like the check and the schedule that it joins: the drivers beside it
//! only send, sleep and wait.

use super::Shard;
use crate::{
    check::{Check, Failure, HostAsks, HostKey, Next, Outcome, Policy, Reason, Reply, Target},
    schedule::{FlightId, HostNews, LaneEnd, Limits, Pop, Rate, Schedule, Start, Startable, UnderWay},
};
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

/// A host that asks to be left alone for longer is asked again after this.
const LONGEST_LEAVE: Duration = Duration::from_secs(24 * 3600);

/// One execution of a plan, or one event loop's part of it.
#[derive(Debug)]
pub struct Run {
    schedule: Schedule,
    policy: Arc<Policy>,
    shard: Shard,
    ended: VecDeque<Outcome>,
    moved: VecDeque<Moved>,
    stopped: Option<Reason>,
    closed: bool,
}

/// What a driver is to do now.
#[derive(Debug)]
pub enum Todo {
    /// Send a check's request; [`Run::settle`] takes what comes of it.
    Send(Sent),
    /// Nothing before this instant, unless something happens.
    Sleep(Instant),
    /// Nothing before something happens.
    Await,
    /// Nothing ever again.
    Finished,
}

/// A check on its way to the wire.
#[derive(Debug)]
pub struct Sent {
    /// The schedule's mark of it.
    pub flight: FlightId,
    /// The check whose request is to be sent.
    pub check: Box<Check>,
    /// Whether its host has more work, for which the connection is worth keeping.
    pub more: bool,
}

/// A check that goes on at a host that another event loop owns.
#[derive(Debug)]
pub struct Moved {
    /// The check.
    pub under_way: UnderWay,
    /// Not before this.
    pub due: Instant,
}

impl Run {
    /// A run with nothing in it. `rate` is shared by all loops of a run.
    pub fn new(policy: Arc<Policy>, limits: Limits, rate: Option<Arc<Rate>>, shard: Shard) -> Run {
        Run {
            schedule: Schedule::new(limits, rate),
            policy,
            shard,
            ended: VecDeque::new(),
            moved: VecDeque::new(),
            stopped: None,
            closed: false,
        }
    }

    /// Takes a target in.
    pub fn push(&mut self, target: Target, now: Instant) {
        let Ok(url) = &target.url else {
            return self.ended.push_back(Outcome::invalid(target));
        };
        if let Some(reason) = self.stopped {
            return self.ended.push_back(Outcome::unasked(target, reason));
        }
        let host = HostKey::of(url);
        match self.schedule.left(&host, now).map(str::to_owned) {
            Some(detail) => {
                self.ended.push_back(Outcome { detail, ..Outcome::unasked(target, Reason::HttpThrottled) });
            }
            None => self.schedule.push_target(host, target, now),
        }
    }

    /// Takes over a check that another loop began.
    pub fn adopt(&mut self, moved: Moved, now: Instant) {
        self.go_on(moved, now);
    }

    /// No target will come any more.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// What to do now.
    pub fn todo(&mut self, now: Instant) -> Todo {
        match self.schedule.pop(now) {
            Pop::Start(Start { flight, what, waited, more }) => {
                let mut check = match what {
                    Startable::Again(under_way) => under_way.check,
                    Startable::Fresh(target) => {
                        let check = Check::start(target, self.policy.clone());
                        Box::new(check.expect("a scheduled target has a URL"))
                    }
                };
                check.wait(waited);
                Todo::Send(Sent { flight, check, more })
            }
            // A gap or a pause that no check waits for keeps nobody up.
            Pop::At(_) | Pop::Await if self.closed && self.schedule.is_idle() => Todo::Finished,
            Pop::At(at) => Todo::Sleep(at),
            Pop::Await => Todo::Await,
        }
    }

    /// A check on the wire has its connection; `fresh` unless it was a kept one.
    pub fn connected(&mut self, flight: FlightId, fresh: bool, now: Instant) {
        self.schedule.connected(flight, fresh, now);
    }

    /// Takes what came of a sent check: releases the lane of the host that was
    /// asked, then decides what is next.
    pub fn settle(&mut self, flight: FlightId, check: Box<Check>, reply: Result<Reply, Failure>, now: Instant) {
        let news = news(&reply);
        let asks = reply.as_ref().map_or(HostAsks::Nothing, |reply| HostAsks::of(reply, &self.policy));
        let pause = match asks {
            HostAsks::Pause(asked) => Some(now + asked),
            HostAsks::Nothing | HostAsks::Leave(_) => None,
        };
        let index = check.target().index;
        let want = reply.as_ref().err().filter(|failure| failure.reason.is_ours());
        let want = want.map(|failure| (failure.reason, failure.detail.clone()));
        let lane = self.schedule.end(flight, news, pause, now);
        match check.advance(reply) {
            Next::Again { check, after } => {
                self.go_on(
                    Moved { under_way: UnderWay { check: Box::new(check), began: lane.began }, due: now + after },
                    now,
                );
            }
            Next::Done(outcome) => {
                if let Some(reason) = outcome.reason
                    && news == HostNews::Unconnected
                    && self.schedule.is_dead(&lane)
                {
                    let host = self.schedule.host(&lane);
                    let detail = format!("row {index} showed that nothing connects to {host} ({reason})");
                    self.end_lane(&lane, Reason::HostDown, &detail);
                }
                self.ended.push_back(outcome);
            }
        }
        if let HostAsks::Leave(asked) = asks {
            let host = self.schedule.host(&lane);
            let (asked_s, cap_s) = (asked.as_secs(), self.policy.max_retry_after.as_secs());
            let detail = format!("in row {index} {host} asked to wait {asked_s} s, longer than the {cap_s} s allowed");
            self.end_lane(&lane, Reason::HttpThrottled, &detail);
            self.schedule.leave(&lane, now + asked.min(LONGEST_LEAVE), detail);
        }
        self.schedule.resume(lane, now);
        if let Some((reason, said)) = want {
            self.end_cut_off(index, reason, &said, now);
        }
    }

    /// A check on the wire is given up, because the run is.
    pub fn give_up(&mut self, flight: FlightId, check: Box<Check>, now: Instant) {
        let lane = self.schedule.end(flight, HostNews::Unknown, None, now);
        self.schedule.resume(lane, now);
        self.abandon(check);
    }

    /// Stops: nothing new is begun, everything that waits ends as `reason`
    /// ([`Reason::RunAborted`] or [`Reason::RunDeadline`]), and what is on the
    /// wire goes on, redirects included, until it is settled or given up. Once
    /// more, it ends the hops that wait for their hosts; the first reason stands.
    pub fn stop(&mut self, reason: Reason, now: Instant) {
        let reason = *self.stopped.get_or_insert(reason);
        for startable in self.schedule.drain(now) {
            self.end_waiting(startable, reason, reason.sentence());
        }
    }

    /// The next outcome that is ready.
    pub fn outcome(&mut self) -> Option<Outcome> {
        self.ended.pop_front()
    }

    /// The next check that goes on at another loop.
    pub fn moved(&mut self) -> Option<Moved> {
        self.moved.pop_front()
    }

    /// The lanes, timers and slots.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// Holds targets that were not begun back, or lets them go.
    pub fn hold_fresh(&mut self, hold: bool) {
        self.schedule.hold_fresh(hold);
    }

    /// Puts a check that goes on where it belongs: a retry has its row instead
    /// when the run is stopped, and so has whoever comes to a host that is left alone.
    fn go_on(&mut self, moved: Moved, now: Instant) {
        let url = &moved.under_way.check.request().url;
        if self.stopped.is_some() && moved.due > now {
            self.abandon(moved.under_way.check);
        } else if !self.shard.owns(url) {
            self.moved.push_back(moved);
        } else {
            let host = HostKey::of(url);
            match self.schedule.left(&host, now).map(str::to_owned) {
                Some(why) => self.ended.push_back(moved.under_way.check.abandon(Reason::HttpThrottled, why)),
                None => self.schedule.push_check(host, moved.under_way, moved.due, now),
            }
        }
    }

    fn end_lane(&mut self, lane: &LaneEnd, reason: Reason, detail: &str) {
        for startable in self.schedule.drain_lane(lane) {
            self.end_waiting(startable, reason, detail);
        }
    }

    /// Ends everything that waits once nothing has left this machine for as
    /// long as one check waits for that.
    fn end_cut_off(&mut self, index: u64, reason: Reason, said: &str, now: Instant) {
        let patience = self.policy.timeouts.total;
        let detail = format!("row {index} showed that nothing has left this machine for {patience:?} ({said})");
        for startable in self.schedule.drain_cut_off(patience, now) {
            self.end_waiting(startable, reason, &detail);
        }
    }

    fn end_waiting(&mut self, startable: Startable, reason: Reason, detail: &str) {
        self.ended.push_back(match startable {
            Startable::Fresh(target) => Outcome { detail: detail.to_owned(), ..Outcome::unasked(target, reason) },
            Startable::Again(under_way) => under_way.check.abandon(reason, detail.to_owned()),
        });
    }

    fn abandon(&mut self, check: Box<Check>) {
        let reason = self.stopped.unwrap_or(Reason::RunAborted);
        self.ended.push_back(check.abandon(reason, reason.sentence().to_owned()));
    }
}

/// What a request's end tells of its host.
fn news(reply: &Result<Reply, Failure>) -> HostNews {
    use crate::check::Verdict::Down;
    match reply {
        Ok(_) => HostNews::Connected,
        Err(failure) if failure.reason.is_ours() => HostNews::Ours(failure.reason),
        Err(failure) if failure.connected() => HostNews::Connected,
        Err(failure) if failure.reason.is_transient() && failure.reason.verdict() == Down => HostNews::Unconnected,
        Err(_) => HostNews::Unknown,
    }
}
