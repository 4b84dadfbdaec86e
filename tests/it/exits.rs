//! Every exit code, and the line that `--fail-on` draws.

use crate::support::cmd::{Desk, practice_site};

#[test]
fn the_worst_row_and_the_line_decide() {
    let site = practice_site();
    let desk = Desk::new().file("ca.pem", site.ca_pem());
    let resolver = site.resolver().to_string();
    let (up, down, unknown) = (site.url("a"), site.url("status/404"), site.url("status/403"));
    let degraded = site.tls_url("expiring.market.test", "/");
    for (url, verdict, codes) in [
        (&up, "up", [0, 0, 0, 0]),
        (&degraded, "degraded", [0, 1, 1, 0]),
        (&down, "down", [1, 1, 1, 0]),
        (&unknown, "unknown", [0, 0, 1, 0]),
    ] {
        for (line, code) in ["down", "degraded", "unknown", "never"].into_iter().zip(codes) {
            let arguments = ["--resolver", &resolver, "--cacert", "ca.pem", "--fail-on", line, &up, url];
            assert_eq!(desk.run(&arguments).exits(code).column("verdict"), ["up", verdict], "--fail-on {line}");
        }
    }
}

#[test]
fn a_run_that_cannot_be_made_is_two() {
    let desk = Desk::new();
    for arguments in [
        &["--no-such-flag"][..],
        &["--timeout", "soon"],
        &["--fail-on", "sometimes"],
        &["nosuch.txt"],
        &["demo", "many"],
        &["demo", "0"],
        &["completions"],
        &["completions", "dos"],
        &["man", "dance"],
    ] {
        let ran = desk.run(arguments).exits(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{arguments:?}");
    }
}
