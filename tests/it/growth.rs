//! `benches/peers/growth.sh`, for a thousand targets: its table is whole, and a
//! row that is wrong or lost is told.

use crate::support::cmd::Desk;
use std::{
    path::Path,
    process::{Command, Output},
};

/// The shortest table, with this program as urlcheck.
fn growth(urlcheck: &Path) -> Output {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/growth.sh"));
    command.args(["--upto", "1000", "--urlcheck"]).arg(urlcheck);
    command.output().expect("there is a shell")
}

/// The cells of the table's body.
fn cells(said: &str) -> Vec<Vec<&str>> {
    let lines = said.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    lines.skip(1).map(|line| line.split(" | ").collect()).collect()
}

#[test]
fn the_table_of_growth_is_whole_and_all_rows_are_right() {
    let ran = growth(Path::new(env!("CARGO_BIN_EXE_urlcheck")));
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    assert!(said.contains(concat!("urlcheck ", env!("CARGO_PKG_VERSION"))), "{said}");
    let cells = cells(&said);
    let lists: Vec<&[&str]> = cells.iter().map(|line| &line[..2]).collect();
    assert_eq!(lists, [["1,000", "1"], ["1,000", "1,000"]], "{said}");
    for line in cells {
        assert_eq!((line.len(), line[7]), (8, "all"), "{said}");
        let n_figures = line[2..7].iter().filter(|cell| cell.starts_with(|c: char| c.is_ascii_digit())).count();
        assert_eq!(n_figures, 5, "{said}");
        assert!(!line[2].starts_with("0.0 ") && !line[5].starts_with("0 "), "it took nothing? {said}");
    }
}

#[test]
fn a_row_that_is_wrong_lost_or_doubled_is_told_by_the_table_of_growth() {
    let urlcheck = env!("CARGO_BIN_EXE_urlcheck");
    // The header is line 1: one row is changed, two go and one comes twice.
    let faulty = format!("'{urlcheck}' \"$@\" | sed -e '3s/,200,/,404,/' -e 4,5d -e 6p\n");
    let desk = Desk::new();
    let ran = growth(&desk.program("faulty", &faulty));
    let said = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(ran.status.code(), Some(1), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    for line in cells(&said) {
        assert_eq!(line[7], "997 (2 wrong, 2 lost)", "{said}");
    }
}
