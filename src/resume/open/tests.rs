//! Outputs that are there already, and what each step leaves behind.

use super::*;
use crate::{check::Verdict, sink, source::Input};
use tempfile::TempDir;

const UP: &str = "up,,,200,,0,1,,,,,,,,,,,";
const ABORTED: &str = "unknown,run_aborted,,,,0,0,,,,,,,,,,,";

/// A folder with a list, and where the output is.
fn desk() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("urls.txt"), "a.example\n").expect("writable");
    let path = folder.path().join("out.csv");
    (folder, path)
}

fn binding(path: &Path) -> Result<Binding, Unbound> {
    let list = Input::File(path.with_file_name("urls.txt"));
    Binding::of(Layout::Csv, &[], &[list], &[]).expect("the list can be read")
}

fn opened(path: &Path, existing: Existing) -> Result<Opened, String> {
    let wish = Wish { path, layout: Some(Layout::Csv), extra: &[], existing: &existing, binding: binding(path) };
    open(wish).map_err(|error| error.to_string())
}

fn resume() -> Existing {
    Existing::Resume(Again::default())
}

/// Begins a run, writes these rows and a piece of another, and ends.
fn begin(path: &Path, rows: &[(u64, &str)], torn: &str) {
    let mut file = opened(path, Existing::Refuse).expect("nothing is there").file;
    file.write_all(&sink::csv_header(&[])).expect("room");
    for (index, said) in rows {
        writeln!(file, "{index},a,https://a.example/,{said}").expect("room");
    }
    file.write_all(torn.as_bytes()).expect("room");
}

fn indexes(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("text");
    text.lines().skip(1).map(|row| row.split(',').next().unwrap_or_default().to_owned()).collect()
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).expect("the folder is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_new_output_has_its_binding_before_its_first_row() {
    let (folder, path) = desk();
    let opened = opened(&path, resume()).expect("a missing output is simply begun");
    assert_eq!((opened.lines, opened.bytes, opened.done.number()), (0, 0, 0));
    assert_eq!(names(&folder), ["out.csv", "out.csv.run", "urls.txt"]);
}

#[test]
fn going_on_cuts_a_torn_row_and_appends() {
    let (_folder, path) = desk();
    begin(&path, &[(1, UP), (3, UP)], "4,a,htt");
    let mut opened = opened(&path, resume()).expect("rows of ours");
    assert_eq!((opened.lines, opened.kept.counts().of(Verdict::Up)), (3, 2));
    assert_eq!(
        (opened.done.has(1), opened.done.has(2), opened.done.has(3), opened.done.has(4)),
        (true, false, true, false)
    );
    assert_eq!(opened.bytes, fs::metadata(&path).expect("there").len());
    writeln!(opened.file, "2,").expect("room");
    assert_eq!(indexes(&path), ["1", "3", "2"]);
}

#[test]
fn rows_to_be_checked_again_leave_the_file() {
    let (folder, path) = desk();
    begin(&path, &[(1, UP), (2, ABORTED), (3, UP)], "4,a,htt");
    let mut opened = opened(&path, resume()).expect("rows of ours");
    assert_eq!((opened.lines, opened.done.has(2), indexes(&path)), (3, false, vec!["1".to_owned(), "3".to_owned()]));
    writeln!(opened.file, "2,").expect("room");
    assert_eq!(indexes(&path), ["1", "3", "2"]);
    assert_eq!(names(&folder), ["out.csv", "out.csv.run", "urls.txt"]);
    // The new file is as locked as the old one.
    assert!(self::opened(&path, resume()).expect_err("it is ours").starts_with("another run writes to it; "));
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_file_keeps_its_permissions() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (folder, path) = desk();
    let early = folder.path().join("early.csv");
    symlink(&path, &early).expect("a link to nothing yet");
    begin(&early, &[(1, UP), (2, ABORTED)], "");
    assert!(sidecar(&path).exists(), "it lies beside the file itself");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("it is ours");
    let link = folder.path().join("link.csv");
    symlink(&path, &link).expect("a link");
    opened(&link, resume()).expect("rows of ours");
    assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o640);
    assert_eq!(indexes(&path), ["1"]);
}

#[test]
fn an_output_that_is_there_is_left_alone_unless_told_otherwise() {
    let (_folder, path) = desk();
    begin(&path, &[(1, UP)], "2,a");
    let before = fs::read(&path).expect("there");
    let refused = opened(&path, Existing::Refuse).expect_err("it has rows");
    assert_eq!(refused, "exists already; --resume goes on with it, --force starts it anew");
    assert_eq!(fs::read(&path).expect("there"), before);
    assert_eq!(opened(&path, Existing::Replace).expect("as told").bytes, 0);
    assert_eq!(fs::read(&path).expect("there"), b"");
    opened(&path, Existing::Refuse).expect("an empty file has nothing to lose");
}

#[test]
fn two_runs_cannot_have_one_output() {
    let (_folder, path) = desk();
    let first = opened(&path, Existing::Refuse).expect("nothing is there");
    for existing in [Existing::Refuse, Existing::Replace, resume()] {
        let refused = opened(&path, existing).expect_err("it is locked");
        assert_eq!(refused, "another run writes to it; wait for its end, or name another file");
    }
    drop(first);
    opened(&path, Existing::Replace).expect("it is free again");
}

#[test]
fn nothing_is_changed_when_going_on_is_refused() {
    let (folder, path) = desk();
    begin(&path, &[(1, ABORTED), (2, UP)], "3,a");
    let old = fs::read(&path).expect("there");
    fs::write(&path, [&old[..], b"\n4,b"].concat()).expect("writable");
    let refused = opened(&path, resume()).expect_err("a line is no row");
    assert!(refused.contains("line 4 is no row of this run: it does not have the 21 cells"), "{refused}");
    assert_eq!(fs::read(&path).expect("there"), [&old[..], b"\n4,b"].concat());

    fs::write(&path, &old).expect("writable");
    fs::write(folder.path().join("urls.txt"), "b.example\n").expect("writable");
    let refused = opened(&path, resume()).expect_err("another list");
    assert!(refused.contains("the input urls.txt has changed since its run began; "), "{refused}");
    for (content, part) in
        [(Some("{}"), "out.csv.run is damaged (missing field"), (None, "out.csv.run is not there, so ")]
    {
        match content {
            Some(content) => fs::write(sidecar(&path), content).expect("writable"),
            None => fs::remove_file(sidecar(&path)).expect("there"),
        }
        let refused = opened(&path, resume()).expect_err("nobody knows what it is");
        assert!(refused.contains(part), "{refused}");
    }
    assert_eq!(fs::read(&path).expect("there"), old);
}

#[test]
fn what_cannot_be_gone_on_with_is_refused_and_leaves_no_old_binding() {
    let (folder, path) = desk();
    begin(&path, &[(1, UP)], "");
    let wish = |existing: Existing, layout, binding| {
        open(Wish { path: &path, layout, extra: &[], existing: &existing, binding })
            .map(drop)
            .map_err(|error| error.to_string())
    };
    let unbound = || Err(Unbound("standard input can be read only once".to_owned()));
    let refused = wish(resume(), Some(Layout::Csv), unbound()).expect_err("a pipe");
    assert_eq!(refused, "--resume cannot go on with this run: standard input can be read only once");
    let refused = wish(resume(), None, unbound()).expect_err("text");
    assert!(refused.contains("text leaves rows out"), "{refused}");
    wish(Existing::Replace, Some(Layout::Csv), unbound()).expect("anew it may be anything");
    assert_eq!(names(&folder), ["out.csv", "urls.txt"], "the old binding would lie about the new rows");
}
