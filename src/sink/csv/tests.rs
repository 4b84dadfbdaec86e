//! What CSV looks like, hostile text included.

use super::*;
use crate::{
    check::{Scheme, Target},
    sink::fixtures::{Full, Shared, invalid, looping, no_such_name, not_found, redirected, up},
};
use proptest::prelude::*;

const HEADER: &str = "index,input,url,verdict,reason,detail,status_code,final_url,num_redirects,attempts,remote_ip,\
                      http_version,content_type,queue_ms,dns_ms,connect_ms,tls_ms,ttfb_ms,total_ms,cert_expires_at,\
                      checked_at";

fn written(outcomes: &[Outcome], extra: &[&str]) -> String {
    let out = Shared::default();
    let extra = extra.iter().map(ToString::to_string).collect();
    let mut csv = Box::new(Csv::new(out.clone(), extra).expect("room for a header"));
    for outcome in outcomes {
        csv.event(&Event::Finished(outcome)).expect("room for a row");
    }
    csv.finish().expect("room for all");
    out.text()
}

fn row(outcome: &Outcome) -> String {
    let text = written(std::slice::from_ref(outcome), &[]);
    text.strip_prefix(HEADER).expect("the header comes first").trim_start_matches('\n').to_owned()
}

#[test]
fn the_header_comes_first_and_alone_when_there_is_no_row() {
    assert_eq!(written(&[], &[]), format!("{HEADER}\n"));
    assert_eq!(written(&[], &["owner", "=note, \"x\""]), format!("{HEADER},owner,\"'=note, \"\"x\"\"\"\n"));
}

#[test]
fn rows_are_as_promised() {
    assert_eq!(
        row(&up(1)),
        "1,example.org,https://example.org/,up,,,200,https://example.org/,0,1,192.0.2.7,1.1,text/html,0.2,1.2,12,\
         20.002,28.2,61.402,2026-12-31T23:59:59Z,2026-03-01T10:00:00.061Z\n"
    );
    assert_eq!(
        row(&not_found(17)),
        "17,http://example.org/old-page,http://example.org/old-page,down,http_status,404 Not Found,404,\
         http://example.org/old-page,0,1,192.0.2.7,1.1,text/html,0.2,1.2,12,20.002,28.2,61.402,,\
         2026-03-01T10:00:00.061Z\n"
    );
    assert_eq!(
        row(&no_such_name(23)),
        "23,https://nosuch.example/,https://nosuch.example/,down,dns_nxdomain,no such name,,https://nosuch.example/,\
         0,1,,,,0.2,,,,,5,,2026-03-01T10:00:00.000Z\n"
    );
    assert_eq!(row(&invalid(4, "http://")), "4,http://,,down,input_invalid,it has no host,,,0,0,,,,0,,,,,,,\n");
}

#[test]
fn redirects_are_counted_and_credentials_masked() {
    assert_eq!(
        row(&redirected(2)),
        "2,http://***@example.org/,http://***@example.org/,up,,,200,https://example.org/,1,1,192.0.2.7,1.1,text/html,\
         0.2,1.2,12,20.002,28.2,122.804,2026-12-31T23:59:59Z,2026-03-01T10:00:00.061Z\n"
    );
    assert!(row(&looping(3)).contains("redirect_loop,the page redirects to itself,301,https://example.org/,0,1,"));
}

#[test]
fn hostile_text_is_text() {
    let hostile = invalid(1, "=cmd|' /C calc'!A0\n\u{1b}]0;x\u{7}\u{9b}31m\u{202e}");
    assert!(row(&hostile).starts_with("1,'=cmd|' /C calc'!A0\\n\\x1b]0;x\\x07\\x9b31m\\u{202e},,down,"));
    let mut typed = up(1);
    let reply = typed.attempts[0].end.as_mut().expect("it is up");
    reply.headers.content_type = Some("@SUM(1,2)\r\nX".into());
    assert!(row(&typed).contains(",\"'@SUM(1,2)\\r\\nX\","));
}

#[test]
fn the_inputs_own_columns_follow() {
    let mut carried = up(1);
    carried.target.extra = vec!["Ann, \"the\" owner".to_owned(), "-1".to_owned()];
    let text = written(&[carried, up(2)], &["owner", "rank"]);
    let ends: Vec<_> = text.lines().map(|line| line.rsplit_once("checked_at").or(line.rsplit_once('Z'))).collect();
    let ends: Vec<_> = ends.into_iter().map(|parts| parts.expect("the last column of ours").1).collect();
    assert_eq!(ends, [",owner,rank", ",\"Ann, \"\"the\"\" owner\",'-1", ",,"]);
}

#[test]
fn what_was_written_before_an_error_is_not_written_again() {
    // The output takes half a row, fails, and then takes everything.
    struct FailsOnce {
        out: Shared,
        calls: usize,
    }
    impl Write for FailsOnce {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.calls += 1;
            match self.calls {
                1 => self.out.write(&bytes[..10]),
                2 => Err(io::ErrorKind::StorageFull.into()),
                _ => self.out.write(bytes),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let out = Shared::default();
    let mut csv = Box::new(Csv::new(FailsOnce { out: out.clone(), calls: 0 }, Vec::new()).expect("a buffered header"));
    csv.event(&Event::Tick(&Default::default())).expect_err("the output is full");
    csv.finish().expect("there is room again");
    assert_eq!(out.text(), format!("{HEADER}\n"));
}

#[test]
fn an_error_keeps_its_kind_even_when_a_row_overflows_the_buffer() {
    let mut csv = Csv::new(Full::closed(), Vec::new()).expect("a buffered header");
    let row = up(1);
    let errors = (0..1000).find_map(|_| csv.event(&Event::Finished(&row)).err());
    assert_eq!(errors.map(|error| error.kind()), Some(io::ErrorKind::BrokenPipe));
}

proptest! {
    #[test]
    fn any_text_is_one_record_of_all_fields(input in any::<String>(), detail in any::<String>(), extra in any::<String>()) {
        let mut outcome = Outcome { detail, ..invalid(1, "x") };
        outcome.target = Target::parse(1, input, Scheme::Https);
        outcome.target.extra = vec![extra];
        let text = written(&[outcome], &["note"]);
        prop_assert_eq!(text.lines().count(), 2);
        prop_assert!(!text.chars().any(|c| c != '\n' && escape::is_unseen(c)));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let records: Vec<_> = reader.records().collect::<Result<_, _>>().expect("records of equal length");
        prop_assert_eq!(records.len(), 1);
        prop_assert_eq!(records[0].len(), Column::ALL.len() + 1);
        prop_assert!(!records[0].iter().any(|cell| cell.starts_with(['=', '+', '-', '@'])));
    }
}
