//! Foreign text that a terminal, a spreadsheet or a log would obey: wherever it
//! comes from and wherever it goes, it is shown and not done.

use crate::support::{
    cmd::{Desk, Ran, practice_site, rows},
    raw::{answer, self_signed, serve, tls},
};
use rcgen::{CertificateParams, DnType};
use rustls::{ServerConnection, StreamOwned};

/// A terminal's title and colour, C1, NUL, BEL, DEL, bidirectional override and
/// isolate, zero-width space, line separators.
const EVIL: &str = "\u{1b}]0;x\u{7}\u{1b}[31m\u{9b}31m\u{7f}\u{202e}\u{2066}\u{200b}\u{2028}\u{85}";

/// What may stand in no text that anybody sees, but the ends of lines.
fn is_obeyed(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[track_caller]
fn assert_harmless(what: &str, text: &str) {
    let found = text.chars().find(|character| is_obeyed(*character));
    assert!(found.is_none(), "{what} holds {found:?}: {text:?}");
}

/// No cell begins a formula but in the columns of numbers, which begin none.
fn assert_no_formula(csv: &str) {
    for row in rows(csv) {
        for (column, cell) in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "{column}: {cell}");
        }
    }
}

/// A web server all of whose texts are hostile, over TLS with a certificate of the same kind.
fn hostile_server() -> String {
    let mut params = CertificateParams::new(["other.test".to_owned()]).expect("a name");
    params.distinguished_name.push(DnType::CommonName, format!("=cmd|'/C calc'!A0{EVIL}"));
    params.distinguished_name.push(DnType::OrganizationName, format!("@SUM(A1)\n{EVIL}"));
    let (leaf, key) = self_signed(params);
    let config = tls(vec![leaf], key);
    serve(move |stream| {
        let session = ServerConnection::new(config.clone()).expect("the configuration is whole");
        let mut secret = StreamOwned::new(session, stream);
        answer(&mut secret, |path| {
            // A head with NUL or CR in it is none: these are left out here.
            let evil = EVIL.replace('\u{85}', "");
            let (status, header) = match path {
                "/type" => ("200", format!("Content-Type: =1+1{evil}")),
                "/away" => ("302", format!("Location: ftp://a/{evil}")),
                "/page" => ("302", format!("Location: /end?{evil}")),
                "/end" => ("404", format!("Content-Type: @SUM(A1){evil}")),
                "/wall" => ("503", format!("CF-Mitigated: {evil}")),
                _ => ("404", "Content-Type: -1".to_owned()),
            };
            let sent: Vec<u8> = header.bytes().collect();
            let head = format!("HTTP/1.1 {status} Evil\r\nContent-Length: 0\r\n");
            Some([head.as_bytes(), &sent, b"\r\n\r\n"].concat())
        });
    })
}

/// A list whose texts, other cells and names of columns are hostile.
fn hostile_list(server: &str) -> String {
    let mut list = format!("url,=1+1{EVIL},\"@two\nlines\",＝wide\n");
    for path in ["/type", "/away", "/page", "/wall", &format!("/{EVIL}")] {
        list += &format!("https://{server}{path},=2+2{EVIL},\"-1\nhttp://a/\",＝3\n");
    }
    for text in
        ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "\u{9b}31m", "a\u{0}b", "ftp://a/\u{202e}", "http://a\u{1b}[2J/"]
    {
        list += &format!("{text}{EVIL},,,\n");
    }
    list
}

fn run(desk: &Desk, format: &str, more: &[&str]) -> Ran {
    let always = ["--insecure", "--retries", "0", "--show", "all", "--progress", "always", "-f", format];
    desk.run(&[&always[..], more].concat()).exits(1)
}

#[test]
fn no_text_of_a_stranger_is_obeyed_in_any_output() {
    let server = hostile_server();
    let evil_name = format!("list{}.csv", EVIL.replace(['\0', '/'], ""));
    let desk = Desk::new().file(&evil_name, hostile_list(&server));
    let n_rows = hostile_list(&server).matches("https://").count() + 9;
    for format in ["csv", "jsonl", "text"] {
        for verbose in ["-q", "-vvv"] {
            let ran = run(&desk, format, &[&evil_name, verbose, "--summary", "summary.json"]);
            assert_harmless(format, &ran.stdout);
            assert_harmless("standard error", &ran.stderr);
            assert_harmless("the summary", &desk.read("summary.json"));
            let n_lines = n_rows + usize::from(format == "csv");
            assert_eq!(ran.stdout.lines().count(), n_lines, "a line for each row: {}", ran.stdout);
        }
    }
    let csv = run(&desk, "csv", &[&evil_name]).stdout;
    assert_no_formula(&csv);
    let header = csv.lines().next().expect("a header");
    assert!(header.ends_with(",＝wide") || header.ends_with(",'＝wide"), "{header}");
    assert!(header.contains(",'=1+1") && header.contains(",'@two\\nlines"), "{header}");
    // Without --insecure the certificate is refused, and its texts are the detail.
    for format in ["csv", "jsonl", "text"] {
        let ran = desk.run(&[&evil_name, "-f", format, "--retries", "0"]).exits(1);
        assert_harmless(format, &ran.stdout);
        assert_harmless("standard error", &ran.stderr);
    }
}

#[test]
fn no_text_of_a_stranger_is_obeyed_in_a_message() {
    let site = practice_site();
    let url = site.url("a");
    let evil = EVIL.replace('/', "");
    let name = format!("no{evil}\nurlcheck: all is well");
    let desk = Desk::new()
        .file(&format!("{evil}.csv"), format!("name{evil},{evil}\n1,2\n"))
        .file("bare.csv", format!("http://a/{evil},1\n"))
        .file("hosts", format!("{evil} a.example\n"))
        .file(
            "evil.toml",
            format!("\"{}\" = 1\n", evil.escape_unicode().to_string().replace("\\u{", "\\u").replace('}', "")),
        );
    for arguments in [
        &[name.as_str()][..],
        &[&format!("{evil}.csv")],
        &[&format!("{evil}.csv"), "--url-column", &evil],
        &["bare.csv"],
        &["--hosts", "hosts", &url],
        &["--hosts", &name, &url],
        &["--cacert", &name, &url],
        &["--config", &name, &url],
        &["-o", &format!("{name}/rows.csv"), &url],
        &["--summary", &format!("{name}/summary.json"), &url],
    ] {
        let ran = desk.run(arguments).exits(2);
        assert_harmless("standard error", &ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }
    assert_eq!(site.load().requests, 0);
}
