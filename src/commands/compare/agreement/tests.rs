//! Rows that agree in any order, rows that differ in one cell, rows of Python.

use super::{super::contender::Peer, *};
use crate::plan::Mode;
use std::fs;

fn ours(folder: &Path, mode: Mode, rows: &[(u64, &str, u16)]) -> Rows {
    let path = folder.join(mode.as_str());
    let lines: Vec<String> = rows
        .iter()
        .map(|(index, verdict, status)| {
            format!(r#"{{"index":{index},"url":"http://{index}.test/","verdict":"{verdict}","status_code":{status},"total_ms":{index}}}"#)
        })
        .collect();
    fs::write(&path, lines.join("\n")).expect("the folder is ours");
    Rows { contender: Contender::Mode(mode), path, urls: rows.len() as u64 }
}

fn agreement(runs: &[Rows]) -> Agreement {
    let mut agreement = Agreement::default();
    agreement.add(runs).expect("readable rows");
    agreement
}

#[test]
fn the_order_of_rows_makes_no_difference_and_parts_are_compared_as_far_as_they_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let part = ours(folder.path(), Mode::Sequential, &[(1, "up", 200)]);
    let whole = ours(folder.path(), Mode::Async, &[(1, "up", 200), (2, "down", 404)]);
    let other = ours(folder.path(), Mode::Threads, &[(2, "down", 404), (1, "up", 200)]);
    let agreement = agreement(&[part, whole, other]);
    assert_eq!((agreement.compared, agreement.different), (3, 0));
}

#[test]
fn a_difference_is_told_with_both_sides() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = ours(folder.path(), Mode::Async, &[(1, "up", 200), (2, "down", 404)]);
    let other = ours(folder.path(), Mode::Threads, &[(2, "down", 410), (1, "up", 200)]);
    let agreement = agreement(&[one, other]);
    let told = Difference {
        index: 2,
        url: "http://2.test/".to_owned(),
        column: "status_code",
        mode: "threads",
        says: "410".to_owned(),
        reference: "async",
        reference_says: "404".to_owned(),
    };
    assert_eq!((agreement.compared, agreement.different, agreement.differences), (2, 1, vec![told]));
}

/// One row twice and another missing are as many rows as there are URLs.
#[test]
fn a_row_that_is_there_twice_is_a_difference() {
    let folder = tempfile::tempdir().expect("a folder");
    let twice = [(1, "up", 200), (1, "up", 200)];
    for runs in [
        [
            ours(folder.path(), Mode::Async, &[(1, "up", 200), (2, "up", 200)]),
            ours(folder.path(), Mode::Threads, &twice),
        ],
        [
            ours(folder.path(), Mode::Async, &twice),
            ours(folder.path(), Mode::Threads, &[(1, "up", 200), (2, "up", 200)]),
        ],
    ] {
        assert!(agreement(&runs).different > 0);
    }
}

#[test]
fn many_differences_are_counted_and_few_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = |status| (1..=50).map(|index| (index, "up", status)).collect::<Vec<_>>();
    let agreement =
        agreement(&[ours(folder.path(), Mode::Async, &rows(200)), ours(folder.path(), Mode::Tasks, &rows(201))]);
    assert_eq!((agreement.different, agreement.differences.len()), (50, MOST_TOLD));
}

#[test]
fn a_row_of_python_has_the_status_or_an_error_where_we_have_no_good_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = ours(folder.path(), Mode::Async, &[(1, "up", 200), (2, "down", 302), (3, "up", 204)]);
    let path = folder.path().join("python");
    fs::write(&path, "index,url,status_code,error\n1,a,200,\n2,b,,TooManyRedirects\n3,c,,\"odd, indeed\"\n")
        .expect("the folder is ours");
    let agreement = agreement(&[one, Rows { contender: Contender::Python(Peer::Asyncio), path, urls: 3 }]);
    assert_eq!((agreement.compared, agreement.different), (3, 1));
    assert_eq!((agreement.differences[0].index, agreement.differences[0].mode), (3, "py-asyncio"));
}
