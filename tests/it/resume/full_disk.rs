//! A disk without room: a file system of 64 KiB where the system lets us mount
//! one, and everywhere a limit on the size of files, which is as real an error.

use super::{assert_complete, whole_rows};
use crate::support::cmd::{Desk, practice_site};
use std::process::{Command, Stdio};
use urlcheck::site::Site;

/// Rows of these take several times the room that there is.
const N: usize = 1500;

/// `ulimit -f` counts in blocks of 512 bytes, or of 1,024.
const SMALL_FILES: &str = "ulimit -f 100 && exec \"$0\" \"$@\"";

/// The output is kept, for what is mounted here ends with the shell.
const SMALL_DISK: &str = "mkdir disk && exec unshare -Urm sh -c 'mount -t tmpfs -o size=128k none disk && \
                          { \"$0\" \"$@\"; code=$?; cp disk/* .; exit $code; }' \"$0\" \"$@\"";

fn may_mount() -> bool {
    let script = "d=$(mktemp -d) && unshare -Urm mount -t tmpfs none \"$d\"; code=$?; rmdir \"$d\"; exit $code";
    let tried = Command::new("sh").args(["-c", script]).stderr(Stdio::null()).status();
    tried.expect("there is a shell").success()
}

fn list(site: &Site) -> Desk {
    let list: String = (0..N).map(|n| format!("{}\n", site.url(&format!("delay/20/{n}")))).collect();
    Desk::new().file("urls.txt", list)
}

/// Runs out of room, and goes on elsewhere.
fn fill(script: &str, folder: &str, name: &str, syncs: &[&str], why: &str) {
    for sync in syncs {
        let site = practice_site();
        let desk = list(&site);
        let output = format!("{folder}{name}");
        let arguments = ["urls.txt", "-o", &output, "-c", "32", "--per-host", "0", "--sync", sync];
        let ran = desk.script(script, &arguments).run().exits(2);
        let asked = site.load().requests;
        assert!(asked < N as u64, "it went on asking");
        let text = desk.read(name);
        assert!(text.ends_with('\n'), "a torn row stays: {text:?}");
        let n_rows = text.lines().count() - usize::from(name.ends_with(".csv"));
        assert!(n_rows > 10, "{n_rows}");
        let safe = if *sync == "none" { "whole" } else { "whole and safe" };
        let command = format!("urlcheck urls.txt -o {output} -c 32 --per-host 0 --sync {sync} --resume");
        ran.says(&format!("urlcheck: could not write {output}: {why}; the {n_rows} rows in it are {safe}; "))
            .says(&format!("make room, then go on: {command}\n"));

        let n_before = whole_rows(&desk, name).len();
        desk.run(&["urls.txt", "-o", name, "--resume"]).exits(0).says(&format!("with {n_before} rows"));
        assert_complete(&whole_rows(&desk, name), N, name);
    }
}

#[test]
fn without_room_the_file_keeps_whole_rows_and_the_run_goes_on_later() {
    for (name, syncs) in [("out.csv", &["none", "interval", "every"][..]), ("out.jsonl", &["interval"])] {
        fill(SMALL_FILES, "", name, syncs, "File too large (os error 27)");
        if cfg!(target_os = "linux") && may_mount() {
            fill(SMALL_DISK, "disk/", name, syncs, "No space left on device (os error 28)");
        }
    }
}
