//! `Retry-After`: a host's wish is kept by all its checks, and one that asks
//! for longer than allowed is left alone.

use super::list;
use crate::support::{answer, sim::Sim};
use std::time::Duration;
use urlcheck::{Policy, Reason, Target, Verdict, schedule::Limits};

fn urls(n: usize) -> impl Iterator<Item = Target> {
    list((0..n).map(|n| format!("http://busy.example/{n}")))
}

#[test]
fn a_host_that_asks_for_an_hour_is_left_alone() {
    let ask = answer::retry_after(503, 3600, Duration::from_millis(50));
    let trace = Sim::default().run(urls(200), |_, _| ask.clone());
    trace.assert_one_row_each(200);
    // Those that were on the wire, and none after.
    assert_eq!(trace.starts.len(), 6);
    assert_eq!(trace.count(Some(Reason::HttpStatus)), 6);
    assert_eq!(trace.count(Some(Reason::HttpThrottled)), 194);
    let left = trace.first(Reason::HttpThrottled);
    assert_eq!(left.detail, "in row 1 busy.example:80 asked to wait 3600 s, longer than the 60 s allowed");
    assert_eq!(left.verdict, Verdict::Unknown);
}

#[test]
fn who_is_read_later_or_redirected_there_leaves_it_alone_too() {
    let targets = list((0..300).map(|n| match n % 3 {
        0 => format!("http://busy.example/{n}"),
        _ => format!("http://host-{n}.example/{n}"),
    }));
    let limits = Limits { look_ahead: 10, concurrency: 4, ..Limits::default() };
    let trace = Sim { limits, ..Sim::default() }.run(targets, |request, _| match request.url.host_str() {
        Some("busy.example") => answer::retry_after(429, 7200, Duration::from_millis(10)),
        _ if request.url.path().ends_with('1') => answer::redirect("http://busy.example/", Duration::from_millis(500)),
        _ => answer::status(200, Duration::from_millis(20)),
    });
    trace.assert_one_row_each(300);
    let asked = trace.starts.iter().filter(|start| start.host.as_str() == "busy.example:80").count();
    assert!(asked <= 4, "{asked} requests");
    // A third is its own; of the others, those whose numbers end in 1 lead there.
    let led = (0..300).filter(|n| n % 3 != 0 && n % 10 == 1).count();
    assert_eq!(trace.count(Some(Reason::HttpThrottled)), 100 + led);
    assert_eq!(trace.count(None), 200 - led);
}

#[test]
fn after_that_time_it_is_asked_again() {
    // Two slots, and one target read ahead: the last is read when its second
    // neighbour is begun, after 3 s, while the first is still on the wire.
    let urls = ["busy.example/slow", "busy.example/asks", "near.example/1", "near.example/2", "busy.example/late"];
    let limits = Limits { look_ahead: 1, concurrency: 2, waiting_room: 0, ..Limits::default() };
    let policy = Policy { max_retry_after: Duration::ZERO, ..Policy::default() };
    let sim = Sim { limits, policy, ..Sim::default() };
    let trace = sim.run(list(urls.map(|url| format!("http://{url}"))), |request, _| match request.url.path() {
        "/asks" => answer::retry_after(503, 1, Duration::from_millis(10)),
        "/slow" => answer::status(200, Duration::from_secs(15)),
        _ => answer::status(200, Duration::from_secs(3)),
    });
    assert_eq!(trace.count(None), 4);
    assert_eq!(trace.count(Some(Reason::HttpStatus)), 1);
    assert_eq!(trace.starts[4].at, Duration::from_millis(6_010));
}

#[test]
fn a_short_pause_holds_for_every_check_of_the_host() {
    let mut requests = 0;
    let trace = Sim::default().run(urls(100), |_, _| {
        requests += 1;
        if requests == 20 {
            return answer::retry_after(429, 7, Duration::from_millis(50));
        }
        answer::status(200, Duration::from_millis(50))
    });
    trace.assert_one_row_each(100);
    assert_eq!(trace.count(None), 100);
    // That nothing starts in the pause is asserted by the watch; that there was one, here.
    let gaps = trace.starts.windows(2).map(|pair| pair[1].at - pair[0].at);
    assert_eq!(gaps.filter(|gap| *gap >= Duration::from_secs(6)).count(), 1);
}

#[test]
fn a_pause_that_no_check_waits_for_keeps_nobody_up() {
    let sim = Sim { policy: Policy { retries: 0, ..Policy::default() }, ..Sim::default() };
    let trace = sim.run(urls(1), |_, _| answer::retry_after(429, 60, Duration::from_millis(50)));
    assert_eq!(trace.ended, Duration::from_millis(50));
    assert_eq!((trace.lanes_left, trace.lanes_later), (1, 0));
}
