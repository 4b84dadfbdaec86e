//! A small world of good and bad hosts and pages, as the properties draw it:
//! what each page does is known, so that each verdict can be foretold.

use crate::support::{
    answer::{self, Answer},
    sim::{Sim, Stop},
    trace::Trace,
};
use proptest::{collection::vec, option, prelude::*};
use std::{collections::HashMap, ops::Range, sync::Arc, time::Duration};
use urlcheck::{
    Outcome, Policy, Reason, Scheme, Target,
    check::{Check, Next, Request},
    schedule::Limits,
};

/// What a host does, whatever the page.
const HOSTS: [(&str, HostDoes); 9] = [
    ("one.example", HostDoes::Live),
    ("two.example", HostDoes::Live),
    ("three.example", HostDoes::Live),
    ("four.example:8080", HostDoes::Live),
    ("refusing.example", HostDoes::Refuse),
    ("refusing.example:8080", HostDoes::Refuse),
    ("hole.example", HostDoes::Swallow),
    ("nowhere.example", HostDoes::NotExist),
    ("recovering.example", HostDoes::Recover),
];

/// Requests that a recovering host refuses before it answers.
const REFUSED_FIRST: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HostDoes {
    Live,
    Refuse,
    Swallow,
    NotExist,
    Recover,
}

/// What a page does where its host lets it.
#[derive(Clone, Debug)]
pub(crate) enum PageDoes {
    Invalid,
    Reply(u16),
    Flaky { first: usize },
    Throttle { first: usize, seconds: u64 },
    Leave,
    RedirectTo { host: usize },
    Loop,
    Mute,
    RunOutOfDescriptors { first: usize },
}

/// One drawn run: what there is to check, and how.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) sim: Sim,
    /// The host of each page, and what the page does.
    pub(crate) pages: Vec<(usize, PageDoes)>,
}

pub(crate) fn worlds() -> impl Strategy<Value = World> {
    let pages = vec((0..HOSTS.len(), page()), 0..40);
    (sims(None), pages).prop_map(|(sim, pages)| World { sim, pages })
}

pub(crate) fn stopped_worlds() -> impl Strategy<Value = World> {
    let reason = prop_oneof![Just(Reason::RunAborted), Just(Reason::RunDeadline)];
    let stop = (0..20_000u64, reason, 0..10_000u64).prop_map(|(at, reason, grace)| Stop {
        at: Duration::from_millis(at),
        reason,
        grace: Duration::from_millis(grace),
    });
    (worlds(), stop).prop_map(|(world, stop)| World { sim: Sim { stop: Some(stop), ..world.sim }, ..world })
}

fn page() -> impl Strategy<Value = PageDoes> {
    let first: Range<usize> = 1..4;
    prop_oneof![
        1 => Just(PageDoes::Invalid),
        6 => prop_oneof![Just(200), Just(404), Just(500), Just(403)].prop_map(PageDoes::Reply),
        2 => first.clone().prop_map(|first| PageDoes::Flaky { first }),
        2 => (first.clone(), 0..4u64).prop_map(|(first, seconds)| PageDoes::Throttle { first, seconds }),
        1 => Just(PageDoes::Leave),
        4 => (0..HOSTS.len()).prop_map(|host| PageDoes::RedirectTo { host }),
        1 => Just(PageDoes::Loop),
        1 => Just(PageDoes::Mute),
        1 => first.prop_map(|first| PageDoes::RunOutOfDescriptors { first }),
    ]
}

fn sims(stop: Option<Stop>) -> impl Strategy<Value = Sim> {
    let bounds = (1..8usize, 0..4usize, 1..12usize, 0..5usize);
    let paces = (option::of(0.5..300.0), option::of(0.2..50.0));
    (bounds, paces, any::<bool>(), 0..4u32, 1..4usize).prop_map(move |(bounds, paces, breaker, retries, shards)| {
        let (concurrency, per_host, look_ahead, waiting_room) = bounds;
        let (rate, host_rate) = paces;
        let limits = Limits { concurrency, per_host, rate, host_rate, look_ahead, waiting_room, breaker };
        Sim { policy: Policy { retries, ..Policy::default() }, limits, shards, stop }
    })
}

impl World {
    pub(crate) fn run(&self) -> Trace {
        let mut asked = HashMap::new();
        self.sim.run(self.targets(), |request, nth| {
            let host = host_of(request);
            let asked: &mut usize = asked.entry(host).or_default();
            *asked += 1;
            match HOSTS[host].1 {
                HostDoes::Recover if *asked <= REFUSED_FIRST => answer::refused(),
                _ => self.answer(request, nth),
            }
        })
    }

    fn targets(&self) -> Vec<Target> {
        (1..).zip(&self.pages).map(|(index, page)| target(index, page)).collect()
    }

    /// What becomes of a target that is checked alone; `None` when it depends on the others.
    pub(crate) fn alone(&self, index: u64) -> Option<Outcome> {
        let target = target(index, &self.pages[index as usize - 1]);
        let mut asked: HashMap<String, usize> = HashMap::new();
        let mut check = match Check::start(target, Arc::new(self.sim.policy.clone())) {
            Ok(check) => check,
            Err(outcome) => return Some(*outcome),
        };
        loop {
            let request = check.request();
            if HOSTS[host_of(request)].1 == HostDoes::Recover {
                return None;
            }
            let nth = asked.entry(request.url.to_string()).or_default();
            let answer = self.answer(request, *nth);
            *nth += 1;
            match check.advance(answer.reply) {
                Next::Again { check: again, .. } => check = again,
                Next::Done(outcome) => return Some(outcome),
            }
        }
    }

    fn answer(&self, request: &Request, nth: usize) -> Answer {
        match HOSTS[host_of(request)].1 {
            HostDoes::Refuse => return answer::refused(),
            HostDoes::Swallow => return answer::black_hole(),
            HostDoes::NotExist => return answer::no_such_name(),
            HostDoes::Live | HostDoes::Recover => {}
        }
        let mut path = request.url.path_segments().expect("an http URL has a path");
        let index: usize = path.next().and_then(|index| index.parse().ok()).expect("its row");
        let took = Duration::from_millis(10 + index as u64 * 37 % 300);
        if path.next().is_some() {
            return answer::status(200, took);
        }
        match &self.pages[index - 1].1 {
            PageDoes::Invalid => unreachable!("it has no URL"),
            PageDoes::Reply(status) => answer::status(*status, took),
            PageDoes::Flaky { first } if nth < *first => answer::status(503, took),
            PageDoes::Throttle { first, seconds } if nth < *first => answer::retry_after(429, *seconds, took),
            PageDoes::RunOutOfDescriptors { first } if nth < *first => answer::no_descriptor(),
            PageDoes::Flaky { .. } | PageDoes::Throttle { .. } | PageDoes::RunOutOfDescriptors { .. } => {
                answer::status(200, took)
            }
            PageDoes::Leave => answer::retry_after(503, 7200, took),
            PageDoes::RedirectTo { host } => answer::redirect(&format!("http://{}/{index}/hop", HOSTS[*host].0), took),
            PageDoes::Loop => answer::redirect(request.url.as_str(), took),
            PageDoes::Mute => answer::mute(Duration::from_secs(20)),
        }
    }

    /// Whether a target may end with its host, because nothing connects to one
    /// that it asks.
    pub(crate) fn may_be_host_down(&self, index: u64) -> bool {
        self.hosts_of(index)
            .any(|host| matches!(HOSTS[host].1, HostDoes::Refuse | HostDoes::Swallow | HostDoes::Recover))
    }

    /// Whether a target may end with its host, because one that it asks wants
    /// to be left alone.
    pub(crate) fn may_be_left(&self, index: u64) -> bool {
        self.hosts_of(index)
            .any(|host| self.pages.iter().any(|(of, does)| *of == host && matches!(does, PageDoes::Leave)))
    }

    fn hosts_of(&self, index: u64) -> impl Iterator<Item = usize> {
        let (host, does) = &self.pages[index as usize - 1];
        let next = match does {
            PageDoes::RedirectTo { host } => Some(*host),
            _ => None,
        };
        [*host].into_iter().chain(next)
    }
}

fn target(index: u64, (host, does): &(usize, PageDoes)) -> Target {
    let text = match does {
        PageDoes::Invalid => "ftp://example.org/".to_owned(),
        _ => format!("http://{}/{index}", HOSTS[*host].0),
    };
    Target::parse(index, text, Scheme::Http)
}

fn host_of(request: &Request) -> usize {
    let authority = request.url.authority();
    HOSTS.iter().position(|(name, _)| *name == authority).expect("every host is known")
}
