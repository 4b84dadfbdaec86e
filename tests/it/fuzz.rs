//! The fuzz targets, for a moment: on their corpus, and on inputs near it that
//! are the same in each run. `fuzz/run.sh` runs them for as long as wished.

#[path = "../../fuzz/src/lib.rs"]
pub mod targets;

use crate::tidy::ROOT;
use proptest::{
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, RngSeed, TestRunner},
};
use std::{collections::BTreeSet, fs, path::Path};
use targets::TARGETS;

/// Inputs near the corpus of each target. `reply` opens a connection for each.
const CASES: u32 = 1_500;

/// Bytes that mean something somewhere.
const TELLING: &[u8] = b"\0\t\n\r \"#%'+,-./:;=?@[\\]{}019aAxz\x1b\x7f\x85\xff\xe2\xc3";

/// A change of an input.
#[derive(Clone, Debug)]
enum Change {
    Put(Index, u8),
    Insert(Index, u8),
    Remove(Index, usize),
    Repeat(Index, usize),
    Append(Vec<u8>),
}

impl Change {
    fn apply(&self, data: &mut Vec<u8>) {
        // There is always one more place than bytes.
        let place = |at: &Index| at.index(data.len() + 1);
        let part = |at: &Index, length: &usize| place(at)..data.len().min(place(at) + length);
        match self {
            Change::Put(at, byte) => {
                let at = place(at);
                data.splice(at..data.len().min(at + 1), [*byte]);
            }
            Change::Insert(at, byte) => data.insert(place(at), *byte),
            Change::Remove(at, length) => _ = data.drain(part(at, length)),
            Change::Repeat(at, length) => {
                let part = part(at, length);
                let again = data[part.clone()].repeat(3);
                data.splice(part, again);
            }
            Change::Append(bytes) => data.extend(bytes),
        }
    }
}

fn change(corpus: Vec<Vec<u8>>) -> impl Strategy<Value = Change> {
    let byte = || prop_oneof![3 => select(TELLING), 1 => any::<u8>()];
    prop_oneof![
        (any::<Index>(), byte()).prop_map(|(at, byte)| Change::Put(at, byte)),
        (any::<Index>(), byte()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        (any::<Index>(), 1..20usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<Index>(), 1..200usize).prop_map(|(at, length)| Change::Repeat(at, length)),
        select(corpus).prop_map(Change::Append),
    ]
}

/// The committed inputs of a target.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(ROOT).join("fuzz/corpus").join(name);
    let mut inputs: Vec<_> = fs::read_dir(&folder).expect(name).map(|entry| entry.expect("an entry").path()).collect();
    inputs.sort();
    inputs.iter().map(|path| fs::read(path).expect("an input can be read")).collect()
}

#[test]
fn no_bytes_from_outside_break_a_promise() {
    std::thread::scope(|scope| {
        for (name, run) in TARGETS {
            scope.spawn(move || {
                let corpus = corpus(name);
                assert!(!corpus.is_empty(), "{name} has a corpus");
                corpus.iter().for_each(|data| run(data));
                run(b"");
                let config = Config {
                    cases: CASES,
                    rng_seed: RngSeed::Fixed(1),
                    failure_persistence: None,
                    ..Config::default()
                };
                let near = (select(corpus.clone()), prop::collection::vec(change(corpus), 1..8));
                let tried = TestRunner::new(config).run(&near, |(mut data, changes)| {
                    changes.iter().for_each(|change| change.apply(&mut data));
                    run(&data);
                    Ok(())
                });
                tried.unwrap_or_else(|error| panic!("{name}: {error}"));
            });
        }
    });
}

#[test]
fn every_fuzz_target_can_be_run_by_its_name() {
    let names: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let in_folder = |folder: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(Path::new(ROOT).join(folder)).expect(folder);
        let stem = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
        entries.map(|entry| stem(&entry.expect("an entry").path())).collect()
    };
    assert_eq!(in_folder("fuzz/fuzz_targets"), names);
    assert_eq!(in_folder("fuzz/corpus"), names);
    let manifest = fs::read_to_string(Path::new(ROOT).join("fuzz/Cargo.toml")).expect("it can be read");
    let bins = manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\""));
    assert_eq!(bins.map(str::to_owned).collect::<BTreeSet<_>>(), names);
}
