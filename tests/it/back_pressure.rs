//! Back-pressure through the real event loops: rows that are taken slowly hold
//! new checks back, and the run goes on when they are taken.

use futures::future::poll_fn;
use std::time::Duration;
use urlcheck::{
    Scheme, Target,
    engine::{self, Running},
    plan::Plan,
    schedule::Limits,
    site::{Site, SiteOptions},
};

/// Far above what a batch takes, so that a run that stands still is told from a busy machine.
const STANDSTILL: Duration = Duration::from_secs(30);

const TARGETS: u64 = 5_000;

#[tokio::test]
async fn a_channel_that_is_full_again_and_again_loses_no_wake_up() {
    let site = Site::start(SiteOptions::default()).expect("loopback has ports");
    let url = site.url("/status/200");
    let plan = Plan { limits: Limits { per_host: 2, ..Limits::default() }, loops: Some(1), ..Plan::default() };
    let targets = (1..=TARGETS).map(move |index| Target::parse(index, url.clone(), Scheme::Http));
    let mut running = engine::start(&plan, targets).expect("a run on loopback starts");
    let mut rows = 0;
    while let Some(ended) = next(&mut running).await {
        rows += ended;
        // Slower than the loop, by a little that varies: the channel is full
        // most of the time, and has room again at every moment of the loop's turn.
        std::thread::sleep(Duration::from_micros(300 + rows * 37 % 400));
    }
    assert_eq!(rows, TARGETS);
}

async fn next(running: &mut Running) -> Option<u64> {
    let batch = tokio::time::timeout(STANDSTILL, poll_fn(|cx| running.poll_outcomes(cx))).await;
    batch.expect("the run stands still").map(|batch| batch.len() as u64)
}
