//! The breaker: a host that nothing connects to gets few requests, and its rows
//! end on the same evidence that a URL alone gets its verdict by.

use super::list;
use crate::support::{
    answer::{self, Answer},
    sim::Sim,
    trace::Trace,
};
use std::time::Duration;
use urlcheck::{Policy, Reason, Target, check::Request, schedule::Limits};

const TARGETS: usize = 500;

fn sim(retries: u32) -> Sim {
    Sim { policy: Policy { retries, ..Policy::default() }, ..Sim::default() }
}

fn urls(host: &str, n: usize) -> Vec<Target> {
    list((0..n).map(|n| format!("http://{host}/{n}"))).collect()
}

fn fast() -> Answer {
    answer::status(200, Duration::from_millis(30))
}

/// All rows are the host's, and name the row that showed it.
fn assert_host_down(trace: &Trace, own: usize) {
    trace.assert_one_row_each(TARGETS);
    assert_eq!(trace.count(Some(Reason::ConnectRefused)), own);
    assert_eq!(trace.count(Some(Reason::HostDown)), TARGETS - own);
    let showed = trace.first(Reason::ConnectRefused).target.index;
    let detail = format!("row {showed} showed that nothing connects to dead.example:80 (connect_refused)");
    for row in trace.rows.iter().filter(|row| row.outcome.reason == Some(Reason::HostDown)) {
        assert_eq!(row.outcome.detail, detail);
    }
}

#[test]
fn five_hundred_urls_of_a_dead_host_cost_eight_requests() {
    let trace = sim(2).run(urls("dead.example", TARGETS), |_, _| answer::refused());
    // As many as may go at once, then one check's two retries.
    assert_eq!(trace.starts.len(), 6 + 2);
    assert_host_down(&trace, 1);
    assert!(trace.took() < Duration::from_secs(4), "{:?}", trace.took());
}

#[test]
fn without_retries_the_first_to_fail_shows_it() {
    let trace = sim(0).run(urls("dead.example", TARGETS), |_, _| answer::refused());
    assert_eq!(trace.starts.len(), 6);
    // Those on the wire at that time have their own evidence.
    assert_host_down(&trace, 6);
}

#[test]
fn switched_off_every_url_is_asked() {
    let limits = Limits { breaker: false, ..Limits::default() };
    let trace = Sim { limits, ..sim(1) }.run(urls("dead.example", 50), |_, _| answer::refused());
    assert_eq!(trace.starts.len(), 100);
    assert_eq!(trace.count(Some(Reason::ConnectRefused)), 50);
}

#[test]
fn a_host_that_comes_back_loses_none() {
    let mut requests = 0;
    let trace = sim(2).run(urls("back.example", TARGETS), |_, _| {
        requests += 1;
        // Well begun, then away for as long as it takes to fail seven times.
        if (200..207).contains(&requests) { answer::refused() } else { fast() }
    });
    trace.assert_one_row_each(TARGETS);
    assert_eq!(trace.count(None), TARGETS);
    assert_eq!(trace.starts.len(), TARGETS + 7);
}

#[test]
fn while_it_is_away_one_probe_at_a_time_is_sent() {
    let mut requests = 0;
    let trace = sim(2).run(urls("away.example", TARGETS), |_, _| {
        requests += 1;
        if requests < 100 { fast() } else { answer::refused() }
    });
    trace.assert_one_row_each(TARGETS);
    // Three found it gone; until the last three replies were there, nine more
    // did. None of these shows that it is dead, for something connected after
    // they began: each has its own verdict. The next one shows it.
    let own = 3 + 9 + 1;
    assert_eq!(trace.starts.len(), 99 + own * 3);
    assert_eq!(trace.count(None), 99);
    assert_eq!(trace.count(Some(Reason::ConnectRefused)), own);
    assert_eq!(trace.count(Some(Reason::HostDown)), TARGETS - 99 - own);
    // The probes never meet.
    let probes = &trace.starts[99 + own..];
    assert!(probes.windows(2).all(|pair| pair[1].at > pair[0].at));
}

#[test]
fn what_this_machine_lacks_is_no_evidence() {
    let trace = sim(1).run(urls("innocent.example", 40), |_, _| answer::no_descriptor());
    assert_eq!(trace.count(Some(Reason::LocalFiles)), 40);
}

#[test]
fn another_port_is_another_host() {
    let targets = list((0..40).map(|n| format!("http://half.example:{}/{n}", 8000 + n % 2)));
    let trace = sim(2).run(targets, |request, _| match request.url.port() {
        Some(8000) => answer::refused(),
        _ => fast(),
    });
    assert_eq!(trace.count(None), 20);
    assert_eq!(trace.count(Some(Reason::HostDown)), 19);
}

#[test]
fn a_redirect_to_a_dead_host_is_its_rows_own_failure_or_names_who_showed_it() {
    let network = |request: &Request, _: usize| match request.url.host_str() {
        Some("dead.example") => answer::refused(),
        _ => answer::redirect(&format!("http://dead.example{}", request.url.path()), Duration::from_millis(30)),
    };
    let targets = list((0..20).map(|n| format!("http://host-{n}.example/{n}")));
    let trace = sim(0).run(targets, network);
    trace.assert_one_row_each(20);
    let (own, down) = (trace.count(Some(Reason::ConnectRefused)), trace.count(Some(Reason::HostDown)));
    assert_eq!((own, down), (6, 14));
    let to_dead = trace.starts.iter().filter(|start| start.host.as_str() == "dead.example:80").count();
    assert_eq!(to_dead, 6);
    let ended = trace.first(Reason::HostDown);
    let [attempt] = ended.attempts.as_slice() else { panic!("{ended:?}") };
    assert_eq!(attempt.followed.len(), 1, "the redirect that was not taken");
}

#[test]
fn a_black_hole_is_found_out_by_one_check_too() {
    let trace = sim(2).run(urls("hole.example", 100), |_, _| answer::black_hole());
    assert_eq!(trace.starts.len(), 6 + 2);
    assert_eq!(trace.count(Some(Reason::HostDown)), 99);
}
