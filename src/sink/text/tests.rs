//! What people see, hostile text included.

use super::*;
use crate::{
    check::{Phase, Scheme, Target},
    sink::{
        End, Gauge,
        fixtures::{Shared, failure, invalid, no_such_name, not_found, outcome, redirected, reply, up},
    },
};

const TERMINAL: Style = Style { colour: false, width: Some(80) };

fn written(outcomes: &[Outcome], show: Show, style: Style) -> String {
    let out = Shared::default();
    let mut text = Box::new(Text::new(out.clone(), show, style));
    for outcome in outcomes {
        text.event(&Event::Finished(outcome)).expect("room for a row");
    }
    text.event(&Event::Tick(&Gauge::default())).expect("room for all");
    let shown = out.text();
    text.event(&Event::Ended(&End::default())).expect("room for the end");
    text.finish().expect("room for all");
    assert_eq!(out.text().trim_end(), shown.trim_end(), "a tick shows everything");
    out.text()
}

fn blocked(index: u64) -> Outcome {
    let blocked = outcome(index, "https://shop.example/", Some(Reason::HttpBlocked), Ok(reply(403)));
    Outcome { detail: "403 Forbidden; cf-mitigated: challenge".to_owned(), ..blocked }
}

#[test]
fn problems_are_lines_that_align() {
    assert_eq!(
        written(&[not_found(17), up(18), no_such_name(23), blocked(40)], Show::Problems, Style::default()),
        [
            "    down  404  http_status        http://example.org/old-page                       row 17\n",
            "    down       dns_nxdomain       https://nosuch.example/                           row 23\n",
            " unknown  403  http_blocked       https://shop.example/                             row 40  cf-mitigated: ",
            "challenge\n",
        ]
        .concat()
    );
}

#[test]
fn a_terminal_gets_details_below_and_long_urls_cut() {
    let long = "https://www.example.org/a/very/long/path/to/some/document.html";
    let long = outcome(5, long, Some(Reason::HttpStatus), Ok(reply(404)));
    assert_eq!(
        written(&[not_found(17), no_such_name(23), blocked(40), long], Show::Problems, TERMINAL),
        [
            "    down  404  http_status        http://example.org/old-page          row 17\n",
            "    down       dns_nxdomain       https://nosuch.example/              row 23\n",
            " unknown  403  http_blocked       https://shop.example/                row 40\n",
            "                                  cf-mitigated: challenge\n",
            "    down  404  http_status        https://www.example.org/a/very…e/document.html\n",
            "                                  row 5\n",
            "\n",
        ]
        .concat()
    );
}

#[test]
fn a_long_reason_makes_no_line_longer_than_the_terminal() {
    for path in ["", "a/path", "a/longer/path", "a/very/long/path/to/some/document.html"] {
        let url = format!("https://www.example.org/{path}");
        let wide = outcome(12_345, &url, Some(Reason::HttpHeaderTooLarge), Ok(reply(200)));
        let text = written(&[wide], Show::Problems, TERMINAL);
        assert!(text.lines().all(|line| line.width() <= 80), "{text}");
    }
}

#[test]
fn what_is_shown_is_what_was_asked_for() {
    let aborted = Outcome::unasked(Target::parse(3, "example.org", Scheme::Https), Reason::RunAborted);
    let late = Outcome::unasked(Target::parse(4, "example.org", Scheme::Https), Reason::RunDeadline);
    let rows = [up(1), not_found(2), aborted, late];
    let lines = |show| written(&rows, show, Style::default()).lines().count();
    assert_eq!((lines(Show::Problems), lines(Show::All), lines(Show::None)), (1, 4, 0));
    assert_eq!(written(&[up(1)], Show::Problems, TERMINAL), "");
}

#[test]
fn colours_come_only_when_asked_for() {
    let coloured = Style { colour: true, width: None };
    let row = written(&[not_found(17)], Show::All, coloured);
    assert_eq!(
        row,
        "\u{1b}[31m    down\u{1b}[0m  404  http_status        http://example.org/old-page                       \
         \u{1b}[2mrow 17\u{1b}[0m\n"
    );
    assert!(written(&[up(1)], Show::All, coloured).starts_with("\u{1b}[32m      up\u{1b}[0m  200  "));
}

#[test]
fn hostile_text_and_credentials_do_not_reach_the_terminal() {
    let mut hostile = invalid(1, "\u{1b}]0;owned\u{7}\n\u{9b}2J\u{202e}x");
    hostile.detail = "said \u{1b}[2J of https://u:p@example.org/".to_owned();
    let text = written(&[hostile, redirected(2)], Show::All, Style { colour: false, width: None });
    assert_eq!(
        text,
        "    down       input_invalid      \\x1b]0;owned\\x07\\n\\x9b2J\\u{202e}x                 row 1  said \\x1b[2J of \
         https://***@example.org/\n      up  200                     http://***@example.org/                           \
         row 2\n"
    );
}

#[test]
fn cuts_keep_the_host_and_the_end() {
    assert_eq!(cut_middle("https://example.org/a", 24), "https://example.org/a");
    assert_eq!(cut_middle("https://example.org/abcdefghijkl", 24), "https://example.org/…jkl");
    assert_eq!(cut_middle("https://a-very-long-host-name.example.org/abc", 24), "https://a-very-long-hos…");
    assert_eq!(cut_middle("中文中文中文中文中文中文中文", 24).width(), 23);
    assert_eq!(cut_end("中文中文", 6), "中文…");
    assert_eq!(cut_end("abc", 3), "abc");
}

#[test]
fn a_detail_that_does_not_fit_is_cut() {
    let detail = "x".repeat(100);
    let failed = failure(Reason::ConnectReset, Phase::Connect, &detail);
    let refused = outcome(1, "https://example.org/", Some(Reason::ConnectReset), Err(failed));
    let text = written(&[refused], Show::Problems, TERMINAL);
    assert!(text.lines().all(|line| line.width() <= 80), "{text}");
    assert!(text.contains("xx…\n"), "{text}");
}

#[test]
fn a_redirect_tells_where_it_led() {
    let moved = |reason| Outcome { reason: Some(reason), verdict: reason.verdict(), ..redirected(3) };
    let below =
        |reason| written(&[moved(reason)], Show::All, TERMINAL).lines().nth(1).unwrap_or_default().trim().to_owned();
    assert_eq!(below(Reason::HttpStatus), "redirected to https://example.org/");
    assert_eq!(below(Reason::RedirectLoop), "");
    assert_eq!(written(&[redirected(3)], Show::All, TERMINAL).lines().filter(|line| !line.is_empty()).count(), 1);
}

#[test]
fn a_long_detail_begins_further_left() {
    let detail = "no trusted authority vouches for the certificate's issuer";
    let refused = outcome(
        1,
        "https://example.org/",
        Some(Reason::TlsUntrusted),
        Err(failure(Reason::TlsUntrusted, Phase::Tls, detail)),
    );
    let text = written(&[refused], Show::Problems, TERMINAL);
    assert!(text.contains(&format!("\n          {detail}\n")), "{text}");
}
