//! The order of rows, at any disorder and with hardly any memory.

use super::{
    super::{
        Csv, End, Jsonl, Show, Style, Text,
        fixtures::{Full, Shared, not_found, up},
    },
    *,
};
use proptest::{prelude::*, test_runner::Config};

/// An ordered output of one format, made for a test.
fn ordered(
    out: impl Write + Send + 'static,
    held: Held,
    turns: impl Iterator<Item = u64> + Send + 'static,
) -> Ordered<impl Write> {
    let csv = |page| Ok(Box::new(Csv::new(page, Vec::new())?) as Box<dyn Sink + Send>);
    Ordered::holding(held, out, turns, csv).expect("a header")
}

/// In the system's temporary folder.
fn held(room: usize) -> Held {
    Held::new(room, &std::env::temp_dir())
}

/// The outcome of a row whose length depends on its index.
fn row(index: u64) -> Outcome {
    let mut outcome = if index.is_multiple_of(3) { not_found(index) } else { up(index) };
    outcome.detail = "x".repeat(index as usize * 7 % 300);
    outcome
}

fn told(sink: &mut dyn Sink, indexes: &[u64]) {
    for index in indexes {
        sink.event(&Event::Finished(&row(*index))).expect("there is room");
    }
}

/// The indexes of a CSV, in its own order.
fn indexes(csv: &str) -> Vec<u64> {
    let rows = csv.lines().skip(1);
    rows.map(|row| row.split(',').next().and_then(|index| index.parse().ok()).expect("an index")).collect()
}

#[test]
fn a_row_is_written_as_soon_as_its_turn_comes() {
    let out = Shared::default();
    let mut sink = ordered(out.clone(), held(1_000_000), 1..);
    let tick = |sink: &mut dyn Sink| sink.event(&Event::Tick(&Gauge::default())).expect("written");
    tick(&mut sink);
    assert_eq!(out.text().lines().count(), 1, "the header waits for nobody");
    told(&mut sink, &[3, 2]);
    tick(&mut sink);
    assert_eq!(indexes(&out.text()), [0; 0]);
    told(&mut sink, &[1]);
    tick(&mut sink);
    assert_eq!(indexes(&out.text()), [1, 2, 3]);
    told(&mut sink, &[5, 4]);
    tick(&mut sink);
    assert_eq!(indexes(&out.text()), [1, 2, 3, 4, 5]);
}

#[test]
fn what_still_waits_at_the_end_is_written_in_order() {
    for room in [0, 1_000_000] {
        let out = Shared::default();
        let mut sink = ordered(out.clone(), held(room), 1..);
        told(&mut sink, &[7, 3, 9, 5]);
        sink.event(&Event::Ended(&End::default())).expect("written");
        assert_eq!(indexes(&out.text()), [3, 5, 7, 9]);

        let out = Shared::default();
        let mut sink = Box::new(ordered(out.clone(), held(room), 1..));
        told(&mut *sink, &[7, 3, 9, 5]);
        sink.finish().expect("written");
        assert_eq!(indexes(&out.text()), [3, 5, 7, 9], "a run may be given up before its end is told");
    }
}

#[test]
fn rows_that_were_left_out_are_not_waited_for() {
    let out = Shared::default();
    let mut sink = ordered(out.clone(), held(0), [2, 5, 6, 9].into_iter());
    told(&mut sink, &[6, 2, 5]);
    sink.event(&Event::Tick(&Gauge::default())).expect("written");
    assert_eq!(indexes(&out.text()), [2, 5, 6]);
    // One that nobody expected is not lost.
    told(&mut sink, &[3, 9]);
    sink.event(&Event::Ended(&End::default())).expect("written");
    assert_eq!(indexes(&out.text()), [2, 5, 6, 9, 3]);
}

#[test]
fn every_format_is_the_same_as_without_waiting() {
    type Make = fn(Box<dyn Write + Send>) -> Box<dyn Sink + Send>;
    let formats: [Make; 3] = [
        |out| Box::new(Csv::new(out, vec!["id".to_owned()]).expect("a header")),
        |out| Box::new(Jsonl::new(out, vec!["id".to_owned()])),
        |out| Box::new(Text::new(out, Show::Problems, Style { colour: true, width: Some(80) })),
    ];
    for make in formats {
        let (plain, sorted) = (Shared::default(), Shared::default());
        let mut expected = make(Box::new(plain.clone()));
        told(&mut expected, &[1, 2, 3, 4, 5, 6]);
        let make = |page: Page| Ok(make(Box::new(page)));
        let mut sink = Ordered::holding(held(500), sorted.clone(), 1.., make).expect("a header");
        told(&mut sink, &[6, 4, 2, 1, 5, 3]);
        for sink in [&mut expected as &mut dyn Sink, &mut sink] {
            sink.event(&Event::Ended(&End::default())).expect("written");
        }
        assert_eq!(sorted.text(), plain.text());
    }
}

#[test]
fn a_folder_without_room_is_an_error_that_names_it_and_loses_no_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let gone = folder.path().join("gone");
    let out = Shared::default();
    let mut sink = ordered(out.clone(), Held::new(1_000, &gone), 1..);
    let mut told = Vec::new();
    let error = (2..=100).rev().find_map(|index| {
        told.push(index);
        sink.event(&Event::Finished(&row(index))).err()
    });
    let error = error.expect("memory was never enough");
    let begins = format!("rows that wait for their turn (--order input) cannot be kept in {}: ", gone.display());
    assert!(error.to_string().starts_with(&begins), "{error}");
    assert!(error.to_string().ends_with("; set TMPDIR to a folder with more room"), "{error}");
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    told.sort_unstable();
    assert_eq!(indexes(&out.text()), told);
}

#[test]
fn an_output_without_room_is_told_as_such() {
    let mut sink = ordered(Full::after(400), held(0), 1..);
    let mut errors = [2, 3, 1].iter().map(|index| sink.event(&Event::Finished(&row(*index))));
    assert!(errors.all(|told| told.is_ok()), "it is still buffered");
    let error = sink.event(&Event::Tick(&Gauge::default())).expect_err("there is no room");
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert!(!error.to_string().contains("TMPDIR"), "{error}");
}

proptest! {
    #![proptest_config(Config { cases: 64, failure_persistence: None, ..Config::default() })]

    /// Whatever the order in which rows end, which are left out, and however
    /// little memory there is.
    #[test]
    fn any_disorder_becomes_the_input_s_order(
        order in Just((1..=120).collect::<Vec<u64>>()).prop_shuffle(),
        absent in prop::collection::btree_set(1..=120u64, 0..40),
        room in 0..4_000usize,
    ) {
        let out = Shared::default();
        let coming = (1..=120).filter(|index| !absent.contains(index)).collect::<Vec<u64>>();
        let mut sink = ordered(out.clone(), held(room), coming.clone().into_iter());
        let ends: Vec<u64> = order.into_iter().filter(|index| !absent.contains(index)).collect();
        told(&mut sink, &ends);
        // All had their turn before the end is told.
        sink.event(&Event::Tick(&Gauge::default())).expect("written");
        prop_assert_eq!(indexes(&out.text()), coming.clone());
        let plain = Shared::default();
        let mut expected = Csv::new(plain.clone(), Vec::new()).expect("a header");
        told(&mut expected, &coming);
        expected.event(&Event::Tick(&Gauge::default())).expect("written");
        prop_assert_eq!(out.text(), plain.text());
    }
}
