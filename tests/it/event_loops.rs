//! The real event loops, over loopback: none of them sleeps through what it waits for.

use crate::support::cmd::until;
use std::{
    hint::black_box,
    iter,
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    time::Duration,
};
use urlcheck::{
    Plan, Policy, Reason, Scheme, Target,
    check::Backoff,
    engine::{self, Rest, Running},
    net::Network,
    schedule::Limits,
    site::{Site, SiteOptions},
};

/// Far above what any step here takes, so that a run that stands still is told from a busy machine.
const STANDSTILL: Duration = Duration::from_secs(20);

fn site() -> Site {
    Site::start(SiteOptions::default()).expect("loopback has ports")
}

fn targets(urls: Vec<String>) -> impl Iterator<Item = Target> + Send {
    (1..).zip(urls).map(|(index, url)| Target::parse(index, url, Scheme::Http))
}

async fn next(running: &mut Running) -> Option<Vec<urlcheck::Outcome>> {
    tokio::time::timeout(STANDSTILL, running.outcomes()).await.expect("the run stands still")
}

#[tokio::test]
async fn a_channel_that_is_full_again_and_again_loses_no_wake_up() {
    let site = site();
    let urls = (0..3_000).map(|_| site.url("/")).collect();
    let plan = Plan { limits: Limits { per_host: 2, ..Limits::default() }, loops: Some(1), ..Plan::default() };
    let mut running = engine::start(&plan, targets(urls), Rest::Read).expect("a run on loopback starts");
    let mut rows = 0;
    while let Some(batch) = next(&mut running).await {
        rows += batch.len() as u64;
        // Slower than the loop, by a little that varies: the channel is full
        // most of the time, and has room again at every moment of the loop's turn.
        (0..30_000 + rows * 3_700 % 40_000).for_each(|turn| assert!(black_box(turn) < u64::MAX));
    }
    assert_eq!(rows, 3_000);
}

#[tokio::test]
async fn the_end_of_a_flood_of_retries_wakes_every_loop() {
    let site = site();
    let urls = (0..600).map(|n| site.host_url(&format!("host-{}.test", n % 8), &format!("/flaky/1/503/{n}"))).collect();
    let plan = Plan {
        // Every page fails once, and one retry is a flood.
        limits: Limits { look_ahead: 1, ..Limits::default() },
        policy: Arc::new(Policy {
            backoff: Backoff { first: Duration::from_millis(1), cap: Duration::from_millis(1) },
            ..Policy::default()
        }),
        network: Network { resolver: Some(site.resolver()), ..Network::default() },
        loops: Some(3),
        ..Plan::default()
    };
    let mut running = engine::start(&plan, targets(urls), Rest::Read).expect("a run on loopback starts");
    let mut rows = 0;
    while let Some(batch) = next(&mut running).await {
        rows += batch.iter().filter(|outcome| outcome.reason.is_none()).count();
    }
    assert_eq!(rows, 600);
}

#[tokio::test]
async fn a_run_that_is_dropped_lets_go_of_its_source() {
    let site = site();
    let (held, gone) = mpsc::channel::<()>();
    let url = site.url("/hang");
    let source = (1..).map(move |index| {
        let _held = &held;
        Target::parse(index, url.as_str(), Scheme::Http)
    });
    let plan = Plan { limits: Limits { look_ahead: 10, ..Limits::default() }, ..Plan::default() };
    let running = engine::start(&plan, source, Rest::Read).expect("a run on loopback starts");
    until("what is read ahead", || running.control().parked() >= 10);
    drop(running);
    assert_eq!(gone.recv_timeout(STANDSTILL), Err(RecvTimeoutError::Disconnected));
}

#[tokio::test]
async fn a_run_that_is_left_does_not_read_its_source_to_the_end() {
    let site = site();
    let url = site.url("/hang");
    let without_end = (1..).map(move |index| Target::parse(index, url.as_str(), Scheme::Http));
    let mut running = engine::start(&Plan::default(), without_end, Rest::Read).expect("a run on loopback starts");
    let control = running.control();
    until("a request", || control.on_wire() > 0);
    control.stop(Reason::RunAborted, STANDSTILL * 100);
    // What waits has its rows, a batch or two, and then what is read.
    for _ in 0..100 {
        assert!(next(&mut running).await.is_some());
    }
    control.leave();
    let mut batches = 0;
    while let Some(batch) = next(&mut running).await {
        batches += 1;
        assert!(batches < 1_000, "it goes on reading");
        assert!(batch.iter().all(|outcome| outcome.reason == Some(Reason::RunAborted)));
    }
}

#[tokio::test]
async fn a_source_that_panics_ends_the_run() {
    let site = site();
    let known = targets(vec![site.url("/")]);
    let source = known.chain(iter::from_fn(|| panic!("the source of this test breaks")));
    let mut running = engine::start(&Plan::default(), source, Rest::Read).expect("a run on loopback starts");
    assert_eq!(next(&mut running).await.map(|batch| batch.len()), Some(1));
    assert!(next(&mut running).await.is_none());
}

#[tokio::test]
async fn a_plan_that_cannot_be_carried_out_does_not_begin() {
    let plan = Plan { limits: Limits { look_ahead: 0, ..Limits::default() }, ..Plan::default() };
    let refused = engine::start(&plan, targets(Vec::new()), Rest::Read).err().expect("nothing could ever be sent");
    assert_eq!(refused.to_string(), "--look-ahead is 0; it must be at least 1");
}

#[tokio::test]
async fn the_grace_is_over_for_hops_that_wait_too() {
    let site = site();
    let urls = vec![
        site.host_url("pausing.test", "/throttle/9?retry-after=50"),
        site.host_url("moved.test", &format!("/delay/2000/redirect-to?url={}", site.host_url("pausing.test", "/"))),
    ];
    let plan = Plan {
        network: Network { resolver: Some(site.resolver()), ..Network::default() },
        loops: Some(1),
        ..Plan::default()
    };
    let mut running = engine::start(&plan, targets(urls), Rest::Read).expect("a run on loopback starts");
    let control = running.control();
    // The first waits for its retry, the second is on the wire.
    until("one of each", || control.parked() == 1 && control.on_wire() == 1);
    control.stop(Reason::RunAborted, Duration::from_secs(4));
    let mut reasons = Vec::new();
    while let Some(batch) = next(&mut running).await {
        reasons.extend(batch.into_iter().map(|outcome| outcome.reason));
    }
    assert_eq!(reasons, [Some(Reason::RunAborted); 2]);
}
