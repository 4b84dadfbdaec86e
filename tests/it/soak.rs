//! The soak (`cargo bench --bench soak`), for a moment: its rows are all there
//! and as they must be, and its judgement sees what grows.

#[path = "../../benches/soak/mod.rs"]
mod bench;

use bench::{
    growth::{Growth, Peaks},
    list::List,
    rows::Rows,
    usage::Sample,
};
use std::{sync::atomic::AtomicU64, time::Duration};
use urlcheck::sink::csv_header;

#[test]
fn each_target_of_a_soak_has_the_row_that_it_must_have() {
    let mut told = Vec::new();
    let growth = bench::soak(10_000, &mut told).expect("its rows are as they must be");
    let told = String::from_utf8(told).expect("text");
    // The look is once a second, so the table may be empty.
    assert!(told.starts_with(Sample::HEADER), "{told}");
    assert!(told.contains("10000 targets have one row each"), "{told}");
    assert_eq!(growth, Growth::TooShort, "{told}");
}

#[test]
fn a_row_that_is_lost_doubled_or_wrong_is_seen() {
    let list = List::new(200).expect("loopback has free ports");
    let row = |index: u64| {
        let said = list.kind(index).says()[0].replacen(' ', ",", 1).replace(' ', ",,");
        format!("{index},a,a,{said},,0,1{}\n", ",".repeat(11))
    };
    let rows: Vec<String> = (1..=200).rev().map(row).collect();
    let header = String::from_utf8(csv_header(&[])).expect("text");
    let read = |rows: &[String]| {
        let csv = header.clone() + &rows.concat();
        Rows::read(csv.as_bytes(), &list, &AtomicU64::new(0)).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(read(&rows), Ok(()));
    assert_eq!(read(&rows[1..]), Err("1 of 200 rows are lost".to_owned()));
    assert_eq!(read(&[&rows[..], &rows[..1]].concat()), Err("the target 200 has two rows".to_owned()));
    assert_eq!(read(&[row(1).replacen('1', "201", 1)]), Err("there is no target 201".to_owned()));
    let wrong = read(&[row(1).replace("200", "500")]).expect_err("a page is up");
    assert!(wrong.starts_with("the target 1, http://host-0.soak.test:"), "{wrong}");
}

/// A run of 1,000 rows in as many seconds, and what it takes at each of them.
fn judged(takes: impl Fn(u64) -> Peaks) -> Growth {
    let samples = (1..=1000).map(|second| {
        let Peaks { memory, files, threads } = takes(second);
        Sample { at: Duration::from_secs(second), rows: second, memory, files, threads, cpu: Duration::ZERO }
    });
    Growth::of(&samples.collect::<Vec<_>>(), 1000)
}

#[test]
fn what_grows_with_the_rows_is_seen() {
    let steady = Peaks { memory: 40_000, files: 300, threads: 4 };
    let wobbly = |second: u64| Peaks { memory: 40_000 + second % 7 * 100, files: 300 + second % 5, threads: 4 };
    assert!(matches!(judged(wobbly), Growth::Flat(..)));
    // What fills up in the beginning does not count.
    assert_eq!(judged(|second| if second < 90 { Peaks::default() } else { steady }), Growth::Flat(steady, steady));
    for grows in [
        |second| Peaks { memory: 40_000 + 6 * second, files: 300, threads: 4 },
        |second| Peaks { memory: 40_000, files: 300 + second / 20, threads: 4 },
        |second| Peaks { memory: 40_000, files: 300, threads: 4 + second / 950 },
    ] {
        assert!(matches!(judged(grows), Growth::Grows(..)));
    }
}

#[test]
fn a_short_run_shows_nothing_of_growth() {
    let sample = |second| Sample { at: Duration::from_secs(second), rows: second * 10, ..Sample::default() };
    assert_eq!(Growth::of(&[], 10), Growth::TooShort);
    assert_eq!(
        Growth::of(&(1..=100).map(sample).collect::<Vec<_>>(), 1000),
        Growth::Flat(Peaks::default(), Peaks::default())
    );
    assert_eq!(Growth::of(&(1..=100).map(sample).collect::<Vec<_>>(), 700), Growth::TooShort);
}
