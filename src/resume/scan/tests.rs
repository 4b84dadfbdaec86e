//! Old outputs, whole, torn, foreign and arbitrary.

use super::*;
use crate::check::{Reason, Verdict};
use proptest::prelude::*;
use std::cell::Cell;

const NONE: &str = ",,,,,,,,,,";

fn csv(rows: &[(u64, &str)]) -> String {
    let header = String::from_utf8(sink::csv_header(&[])).expect("text");
    let rows = rows.iter().map(|(index, said)| format!("{index},a,https://a.example/,{said},,404,,0,1{NONE},\n"));
    header + &rows.collect::<String>()
}

fn jsonl(rows: &[(u64, &str)]) -> String {
    let rows = rows.iter().map(|(index, said)| {
        let (verdict, reason) = said.split_once(',').expect("both");
        let reason = if reason.is_empty() { "null".to_owned() } else { format!("\"{reason}\"") };
        format!("{{\"index\":{index},\"verdict\":\"{verdict}\",\"reason\":{reason},\"status_code\":404}}\n")
    });
    rows.collect()
}

fn read(text: &[u8], layout: Layout, again: &Again) -> Result<(Scan, Vec<u8>), String> {
    let mut kept = Vec::new();
    let scan = scan(text, layout, &[], again, |line| {
        kept.extend_from_slice(line);
        Ok(())
    });
    scan.map(|scan| (scan, kept)).map_err(|error| error.to_string())
}

const ROWS: [(u64, &str); 5] = [
    (3, "up,"),
    (1, "unknown,run_aborted"),
    (9, "down,http_status"),
    (2, "skipped,run_deadline"),
    (8, "unknown,http_blocked"),
];

#[test]
fn rows_that_stay_are_marked_and_counted_and_the_others_left_out() {
    for (layout, write) in [(Layout::Csv, csv as fn(&[(u64, &str)]) -> String), (Layout::Jsonl, jsonl)] {
        for (verdicts, stay) in [
            (vec![], &[0, 2, 4][..]),
            (vec![Verdict::Unknown], &[0, 2]),
            (vec![Verdict::Down, Verdict::Unknown], &[0]),
            (vec![Verdict::Up], &[2, 4]),
        ] {
            let text = write(&ROWS);
            let (scan, kept) = read(text.as_bytes(), layout, &Again { verdicts }).expect("rows of ours");
            let stay: Vec<_> = stay.iter().map(|place| ROWS[*place]).collect();
            assert_eq!(String::from_utf8(kept).expect("text"), write(&stay));
            assert!((0..12).all(|index| scan.done.has(index) == stay.iter().any(|(stays, _)| *stays == index)));
            assert_eq!((scan.whole, scan.torn, scan.lines), (text.len() as u64, 0, text.lines().count() as u64));
            assert_eq!(scan.again as usize, ROWS.len() - stay.len());
            assert_eq!(scan.kept.counts().total() as usize, stay.len());
        }
    }
}

#[test]
fn what_a_row_says_is_kept_for_the_summary() {
    let (scan, _) = read(csv(&ROWS[2..3]).as_bytes(), Layout::Csv, &Again::default()).expect("a row of ours");
    let mut kept = Kept::default();
    kept.add(Verdict::Down, Some(Reason::HttpStatus), Some(404));
    assert_eq!(scan.kept, kept);
}

#[test]
fn a_torn_row_is_left_out_wherever_it_is_torn() {
    for (layout, text) in [(Layout::Csv, csv(&ROWS)), (Layout::Jsonl, jsonl(&ROWS))] {
        for cut in 0..text.len() {
            let whole = text[..cut].rfind('\n').map_or(0, |end| end + 1);
            let (scan, _) = read(&text.as_bytes()[..cut], layout, &Again::default()).expect("rows of ours");
            assert_eq!((scan.whole, scan.torn), (whole as u64, (cut - whole) as u64));
            assert_eq!(scan.lines, text[..whole].lines().count() as u64);
        }
    }
}

#[test]
fn a_line_in_the_middle_that_is_no_row_is_named() {
    let complain = |text: &str| read(text.as_bytes(), Layout::Csv, &Again::default()).expect_err("no output of ours");
    let text = csv(&ROWS);
    assert_eq!(complain("a,b\n"), "line 1 is no row of this run: its columns are others");
    let odd = text.replacen("\n9,", "\nnine,", 1);
    assert_eq!(complain(&odd), "line 4 is no row of this run: its index is \"nine\"");
    let twice = format!("{text}{}", text.lines().nth(1).expect("a row")) + "\n";
    assert_eq!(complain(&twice), "line 7 is no row of this run: the target 3 has a row already");
    let empty = text.replacen('\n', "\n\n", 1);
    assert_eq!(complain(&empty), "line 2 is no row of this run: it is empty");
    assert!(read(text.as_bytes(), Layout::Jsonl, &Again::default()).expect_err("CSV").starts_with("line 1 is no row"));
}

#[test]
fn a_row_that_cannot_be_passed_on_is_an_error() {
    let n_kept = Cell::new(0);
    let failed = scan(csv(&ROWS).as_bytes(), Layout::Csv, &[], &Again::default(), |_| {
        n_kept.set(n_kept.get() + 1);
        if n_kept.get() == 2 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    });
    assert!(matches!(failed, Err(ScanError::Io(_))));
    assert_eq!(n_kept.get(), 2);
}

proptest! {
    /// Also what begins as an output of ours does.
    #[test]
    fn any_bytes_can_be_read(
        bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b','), Just(b'"'), Just(b'1'), any::<u8>()], 0..200),
        begins in 0..4_usize,
        cut in any::<prop::sample::Index>(),
    ) {
        let begin = [String::new(), csv(&[]), csv(&ROWS), jsonl(&ROWS)];
        let mut text = begin[begins].clone().into_bytes();
        text.truncate(cut.index(text.len() + 1));
        text.extend_from_slice(&bytes);
        for layout in [Layout::Csv, Layout::Jsonl] {
            if let Ok((scan, kept)) = read(&text, layout, &Again::default()) {
                prop_assert_eq!(scan.whole + scan.torn, text.len() as u64);
                prop_assert!(kept.len() as u64 <= scan.whole);
                prop_assert!(scan.kept.counts().total() == scan.done.number());
            }
        }
    }
}
