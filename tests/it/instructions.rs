//! The judgement of `cargo bench --bench instructions`: what grows is seen,
//! and what cannot be compared is no pass. The counting itself is .ci/run's.

#[path = "../../benches/instructions/figures.rs"]
mod figures;
#[path = "../../benches/instructions/part.rs"]
mod part;

use figures::{Figures, RENEW};
use part::Part;

fn counted(run: u64) -> Figures {
    let count = |part| (part, if part == Part::Run { run } else { 5_000_000 });
    Figures { built_by: "rustc 1.95.0 for x86_64 linux".to_owned(), counts: Part::ALL.map(count).into() }
}

#[test]
fn growth_of_more_than_five_percent_is_a_fault() {
    let stored = counted(1_000_000);
    assert_eq!(stored.faults(&counted(1_000_000)), [""; 0]);
    assert_eq!(stored.faults(&counted(1_050_000)), [""; 0]);
    let faults = stored.faults(&counted(1_051_000));
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with("run takes 1051000 instructions, 5.1 % more than the 1000000"), "{faults:?}");
    assert!(faults[0].ends_with(RENEW), "{faults:?}");
    assert!(stored.table(&counted(1_051_000)).contains("1051000    +5.1%"));
}

#[test]
fn what_was_won_must_be_stored() {
    let stored = counted(1_000_000);
    assert_eq!(stored.faults(&counted(950_000)), [""; 0]);
    let faults = stored.faults(&counted(940_000));
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with("run takes 940000 instructions, 6.0 % less"), "{faults:?}");
    assert!(faults[0].ends_with(RENEW), "{faults:?}");
}

#[test]
fn another_compiler_is_told_and_is_no_pass() {
    let other = Figures { built_by: "rustc 2.0.0 for x86_64 linux".to_owned(), ..counted(1) };
    let faults = counted(1).faults(&other);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].contains("1.95.0") && faults[0].contains("2.0.0") && faults[0].ends_with(RENEW), "{faults:?}");
}

#[test]
fn figures_are_read_as_they_are_written() {
    let figures = counted(7);
    assert_eq!(Figures::parse(&figures.to_string()).expect("figures"), figures);
    let told = |text: &str| Figures::parse(text).expect_err("no figures").to_string();
    let written = figures.to_string();
    let lost: String =
        written.lines().filter(|line| !line.starts_with("run")).map(|line| format!("{line}\n")).collect();
    assert!(told(&lost).ends_with(RENEW));
    assert!(told(&written.replace("run ", "ran ")).contains("is no part and its count"));
    assert_eq!(told("# only this\n"), "the line of the compiler is missing");
}

#[test]
fn the_stored_figures_are_whole() {
    Figures::parse(include_str!("../../benches/instructions/figures.txt")).expect("a figure for each part");
}
