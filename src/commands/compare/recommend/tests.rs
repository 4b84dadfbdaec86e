//! Made-up figures, and what follows from them.

use super::*;

fn measured(mode: Mode, wall_s: f64, cpu: f64) -> Measured {
    Measured { mode, wall_s, is_scaled: false, cpu_us_per_url: Some(cpu) }
}

/// A thousand URLs on 300 hosts, two cores.
fn known(modes: &[Measured]) -> Known {
    Known { urls: 1000, hosts: Some(300), concurrency: 256, per_host: 6, cores: 2, modes: modes.to_vec() }
}

fn recommended(known: &Known) -> Recommendation {
    recommend(known).expect("there is a mode")
}

fn says(known: &Known, part: &str) -> bool {
    recommended(known).sentences.iter().any(|sentence| sentence.contains(part))
}

#[test]
fn the_fastest_is_picked() {
    let known = known(&[
        measured(Mode::Async, 1.0, 200.0),
        measured(Mode::Threads, 1.5, 100.0),
        measured(Mode::Sequential, 40.0, 90.0),
    ]);
    let found = recommended(&known);
    assert_eq!((found.mode, found.bound_by), (Mode::Async, Bound::Waiting));
    assert_eq!(
        found.sentences[..2],
        [
            "Recommendation: async (urlcheck -m async). It is the fastest: 1.00 s; threads takes 1.5 times as long.",
            "The list is bound by waiting: async used 10 % of the time of 2 cores; \
             the rest it waited for the hosts.",
        ]
    );
    assert!(says(&known, ": sequential, for 40 times the time and 0.5 times the CPU of async."));
    assert!(!says(&known, "any of them will do"));
}

#[test]
fn of_the_equally_fast_the_one_with_the_least_cpu_is_picked() {
    let known = known(&[measured(Mode::Async, 1.05, 100.0), measured(Mode::Tasks, 1.0, 300.0)]);
    assert_eq!(recommended(&known).mode, Mode::Async);
    assert!(says(&known, "tasks and it are about equally fast (1.05 s), and it takes the least CPU a URL: 100 µs."));
}

#[test]
fn what_keeps_the_cores_busy_is_told() {
    let bound = |cpu| recommended(&known(&[measured(Mode::Async, 1.0, cpu)])).bound_by;
    assert_eq!([bound(700.0), bound(1200.0), bound(1900.0)], [Bound::Waiting, Bound::Both, Bound::Cpu]);
    let untold = Measured { mode: Mode::Async, wall_s: 1.0, is_scaled: false, cpu_us_per_url: None };
    assert_eq!(recommended(&known(&[untold])).bound_by, Bound::Untold);
    assert!(says(&known(&[untold]), "It is the only mode that ran."));
}

#[test]
fn few_hosts_set_the_pace() {
    let all = known(&[measured(Mode::Async, 1.0, 100.0)]);
    let sentence = "Its 4 hosts get at most 6 requests at once each (--per-host), 24 in all";
    assert!(says(&Known { hosts: Some(4), ..all.clone() }, sentence));
    for other in [
        all.clone(),
        Known { hosts: Some(4), per_host: 0, ..all.clone() },
        Known { hosts: Some(4), urls: 20, ..all.clone() },
        Known { hosts: None, ..all },
    ] {
        assert!(!says(&other, "set the pace"), "{other:?}");
    }
}

#[test]
fn a_short_list_is_no_problem() {
    let known = known(&[measured(Mode::Async, 0.1, 100.0), measured(Mode::Sequential, 1.5, 100.0)]);
    assert!(says(&known, "One after the other takes 1.50 s, too: for a list this short any of them will do."));
}

#[test]
fn without_a_mode_there_is_nothing_to_recommend() {
    assert_eq!(recommend(&known(&[])), None);
}

#[test]
fn a_time_that_nobody_measured_is_told_as_one() {
    let part = Measured { is_scaled: true, ..measured(Mode::Sequential, 40.0, 90.0) };
    assert!(says(&known(&[measured(Mode::Async, 1.0, 200.0), part]), "sequential, for about 40 times the time"));
}
