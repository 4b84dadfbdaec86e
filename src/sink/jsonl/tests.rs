//! What JSON lines look like, hostile text included.

use super::*;
use crate::{
    check::{Scheme, Target},
    sink::fixtures::{Shared, certificate, invalid, looping, no_such_name, redirected, up},
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn written(outcome: &Outcome, extra: &[&str]) -> String {
    let out = Shared::default();
    let mut jsonl = Box::new(Jsonl::new(out.clone(), extra.iter().map(ToString::to_string).collect()));
    jsonl.event(&Event::Finished(outcome)).expect("room for a row");
    jsonl.finish().expect("room for all");
    out.text()
}

fn parsed(outcome: &Outcome) -> Value {
    serde_json::from_str(&written(outcome, &[])).expect("one JSON value")
}

#[test]
fn a_row_is_as_promised() {
    assert_eq!(
        written(&up(1), &[]),
        concat!(
            r#"{"index":1,"input":"example.org","url":"https://example.org/","verdict":"up","reason":null,"#,
            r#""detail":null,"status_code":200,"final_url":"https://example.org/","num_redirects":0,"attempts":1,"#,
            r#""remote_ip":"192.0.2.7","http_version":"1.1","content_type":"text/html","queue_ms":0.2,"dns_ms":1.2,"#,
            r#""connect_ms":12,"tls_ms":20.002,"ttfb_ms":28.2,"total_ms":61.402,"#,
            r#""cert_expires_at":"2026-12-31T23:59:59Z","checked_at":"2026-03-01T10:00:00.061Z","#,
            r#""hops":[{"url":"https://example.org/","status_code":200,"remote_ip":"192.0.2.7","dns_ms":1.2,"#,
            r#""connect_ms":12,"tls_ms":20.002,"ttfb_ms":28.2,"total_ms":61.402}],"#,
            r#""certificate":{"subject":"CN=example.org","issuer":"CN=Test CA","names":["example.org"],"#,
            r#""valid_from":"2026-01-01T00:00:00Z","expires_at":"2026-12-31T23:59:59Z","chain_length":2,"#,
            r#""refused":null}}"#,
            "\n"
        )
    );
}

#[test]
fn keys_are_the_columns_then_the_inputs_own_then_the_evidence() {
    let mut outcome = up(1);
    outcome.target.extra = vec!["Ann".to_owned()];
    let row = written(&outcome, &["owner", "missing"]);
    assert!(row.contains(r#"Z","owner":"Ann","missing":null,"hops":[{"#), "{row}");
    let mut from = 0;
    for column in Column::ALL {
        let key = format!("\"{}\":", column.name());
        from += row[from..].find(&key).expect("every column, in order");
    }
}

#[test]
fn hops_are_the_redirects_and_the_end() {
    let row = parsed(&redirected(1));
    assert_eq!(row["hops"].as_array().map(Vec::len), Some(2));
    assert_eq!(row["hops"][0]["url"], "http://***@example.org/");
    assert_eq!((&row["hops"][0]["status_code"], &row["hops"][0]["tls_ms"]), (&json!(301), &Value::Null));
    assert_eq!((&row["hops"][1]["url"], &row["num_redirects"]), (&json!("https://example.org/"), &json!(1)));

    let row = parsed(&looping(2));
    assert_eq!((row["hops"].as_array().map(Vec::len), &row["hops"][0]["status_code"]), (Some(1), &json!(301)));

    let row = parsed(&no_such_name(3));
    assert_eq!((&row["hops"][0]["status_code"], &row["hops"][0]["total_ms"]), (&Value::Null, &json!(5)));
    assert_eq!(row["certificate"], Value::Null);

    let row = parsed(&invalid(4, "http://"));
    assert_eq!((&row["hops"], &row["attempts"], &row["total_ms"]), (&json!([]), &json!(0), &Value::Null));
}

#[test]
fn hostile_text_is_escaped_and_comes_back() {
    let hostile = "=1\n\u{1b}[31m\u{7f}\u{9b}\u{202e}\u{200b}\u{2028}\u{e0041}\"\\é🦀";
    let line = written(&invalid(1, hostile), &[]);
    assert!(line.contains(r#""input":"=1\n\u001b[31m\u007f\u009b\u202e\u200b\u2028\udb40\udc41\"\\é🦀""#), "{line}");
    let row: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(row["input"], hostile);
}

#[test]
fn a_refused_certificate_is_evidence() {
    let mut outcome = up(1);
    let reply = outcome.attempts[0].end.as_mut().expect("it is up");
    reply.certificate =
        Some(std::sync::Arc::new(crate::check::Certificate { refused: Some("expired".to_owned()), ..certificate() }));
    assert_eq!(parsed(&outcome)["certificate"]["refused"], "expired");
}

proptest! {
    #[test]
    fn any_text_is_one_line_that_comes_back(input in any::<String>(), detail in any::<String>(), extra in any::<String>()) {
        prop_assume!(!input.contains('@') && !detail.contains('@'));
        let mut outcome = Outcome { detail: detail.clone(), ..invalid(1, "x") };
        outcome.target = Target::parse(1, input.clone(), Scheme::Https);
        outcome.target.extra = vec![extra.clone()];
        let line = written(&outcome, &["note"]);
        prop_assert_eq!(line.lines().count(), 1);
        prop_assert!(!line.chars().any(|c| c != '\n' && is_unseen(c)));
        let row: Value = serde_json::from_str(&line).expect("one JSON value");
        prop_assert_eq!(row["input"].as_str(), Some(input.as_str()));
        prop_assert_eq!(row["detail"].as_str().unwrap_or_default(), detail);
        prop_assert_eq!(row["note"].as_str(), Some(extra.as_str()));
    }
}
