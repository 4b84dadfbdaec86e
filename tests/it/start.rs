//! What a list of one URL does not pay for. What starting costs in all is
//! counted by `cargo bench --bench instructions`.

use crate::support::cmd::{Desk, practice_site, until};
use std::fs;

#[test]
fn one_url_has_one_event_loop() {
    let (site, desk) = (practice_site(), Desk::new());
    let url = site.url("/hang");
    let mut run = desk.cmd(&["--quiet", "--loops", "8", "--grace", "0s", &url]).start();
    until("it is asked", || site.seen(&url) > 0);
    // A thread gets its name when it first runs, and the reader ends soon.
    until("its threads", || threads(run.id()) == ["loop-0", "sinks", "urlcheck"]);
    run.signal(rustix::process::Signal::INT);
    run.close_input();
    run.end().exits(130);
}

fn threads(id: u32) -> Vec<String> {
    let tasks = fs::read_dir(format!("/proc/{id}/task")).expect("the program runs");
    let name = |task: fs::DirEntry| fs::read_to_string(task.path().join("comm")).ok();
    let mut names: Vec<String> =
        tasks.filter_map(|task| name(task.ok()?)).map(|name| name.trim_end().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn roots_are_read_for_https_alone() {
    let (site, desk) = (practice_site(), Desk::new());
    let resolver = site.resolver().to_string();
    let run = |url: String| {
        let command = desk.cmd(&["--quiet", "--fail-on", "never", "--resolver", &resolver, &url]);
        command.env("SSL_CERT_FILE", "missing.pem").run().exits(0)
    };
    assert_eq!(run(site.url("/")).stderr, "");
    // There the fault is told, which shows that they are read; as plain text.
    let told = run(site.tls_url("shop.test", "/"));
    assert!(!told.stderr.contains('\u{1b}'), "{}", told.stderr);
    told.says("missing.pem");
}
