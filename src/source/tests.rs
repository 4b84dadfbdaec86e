//! Whole inputs of every format and kind, read from memory and from files.

use super::{Format, Input, Options, Source, SourceError, count};
use crate::check::{Target, UNSUPPORTED_LENGTH};
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::{
    fs,
    io::{self, Cursor, Read, Write},
    path::PathBuf,
};
use tempfile::TempDir;

const JSONL: Format = Format::Jsonl;
const CSV: Format = Format::Csv;

fn open(bytes: impl AsRef<[u8]> + Send + 'static, format: Format) -> Result<Source, SourceError> {
    Source::from_reader("test", Cursor::new(bytes), Options { format, ..Options::default() })
}

fn read(bytes: impl AsRef<[u8]> + Send + 'static, format: Format) -> Vec<Target> {
    let source = open(bytes, format).expect("it opens");
    source.collect::<Result<_, _>>().expect("memory can be read")
}

/// The URL, or why there is none.
fn said(target: &Target) -> String {
    target.url.as_ref().map_or_else(|why| why.to_string(), |url| url.to_string())
}

fn error(bytes: &'static str, format: Format) -> String {
    open(bytes, format).err().expect("it does not open").to_string()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(TempDir::new().expect("a temporary directory"))
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).expect("the directory can be written");
        path
    }

    fn input(&self, name: &str, bytes: impl AsRef<[u8]>) -> Input {
        Input::File(self.file(name, bytes))
    }
}

#[test]
fn lines_leave_out_blanks_and_comments_only() {
    let text =
        b"\xEF\xBB\xBFhttps://a.example/\r\n\r\n  # no\n b.example \n\t\nftp://c.example/\n\xEF\xBB\xBFd.example\r";
    let targets = read(text, Format::Lines);
    let rows: Vec<(u64, &str)> = targets.iter().map(|target| (target.index, target.input())).collect();
    assert_eq!(rows, [(1, "https://a.example/"), (2, " b.example "), (3, "ftp://c.example/"), (4, "d.example")]);
    assert_eq!(said(&targets[1]), "https://b.example/");
    assert!(said(&targets[2]).contains("ftp"));
    assert_eq!(said(&targets[3]), "https://d.example/");
    assert!(read("", Format::Lines).is_empty());
}

#[test]
fn a_line_without_end_is_one_row_of_little_memory() {
    let long = io::repeat(b'a').take(20 * 1024 * 1024).chain("\nb.example".as_bytes());
    let source = Source::from_reader("test", long, Options::default()).expect("it opens");
    let targets: Vec<Target> = source.collect::<Result<_, _>>().expect("it can be read");
    assert_eq!(targets.len(), 2);
    assert!(targets[0].input().len() < 1000 && said(&targets[0]).contains("longer than 65536"));
    assert_eq!(said(&targets[1]), "https://b.example/");
}

#[test]
fn csv_carries_the_other_columns() {
    let text =
        "\u{feff}id, URL ,note,total_ms\r\n\r\n1,a.example,\"x, \"\"y\"\"\nz\",9\r\n2,b.example\r\n3\r\n4, ,n\r\n";
    let options = Options { format: CSV, reserved_columns: &["url", "total_ms"], ..Options::default() };
    let mut source = Source::from_reader("test", Cursor::new(text), options).expect("it opens");
    assert_eq!(source.columns(), ["id", "note", "input_total_ms"]);
    let targets: Vec<Target> = source.by_ref().collect::<Result<_, _>>().expect("memory can be read");
    assert_eq!(targets[0].extra, ["1", "x, \"y\"\nz", "9"]);
    assert_eq!((targets[0].input(), said(&targets[0])), ("a.example", "https://a.example/".to_owned()));
    assert_eq!(targets[1].extra, ["2", "", ""]);
    assert_eq!((targets[2].input(), said(&targets[2]).contains("ends before its column \"URL\"")), ("", true));
    assert!(said(&targets[3]).contains("column \"URL\" is empty") && targets[3].extra == ["4", "n", ""]);
    assert_eq!(targets.len(), 4);
}

#[test]
fn csv_rows_with_too_many_cells_do_not_blame_a_site() {
    let targets = read("name,url\nSmith, John,https://a.example/\nx,b.example,, \n", CSV);
    assert_eq!(targets[0].input(), "Smith, John,https://a.example/");
    assert!(said(&targets[0]).contains("3 cells, the header 2; put quotes around a cell that holds a ','"));
    assert_eq!((said(&targets[1]), &targets[1].extra), ("https://b.example/".to_owned(), &vec!["x".to_owned()]));
    let one_column = read("url\nhttps://a.example/?q=1,2\n", CSV);
    assert_eq!(said(&one_column[0]), "https://a.example/?q=1,2");
}

#[test]
fn csv_separators_are_found_in_the_header() {
    for text in ["id;url;a,b\n1;x.example;2", "id\turl\n1\tx.example", "url\nx.example", "\n\nid,url\n1,x.example\n"] {
        assert_eq!(said(&read(text, CSV)[0]), "https://x.example/", "{text:?}");
    }
}

#[test]
fn csv_cells_that_are_no_text_or_too_long_are_rows() {
    let targets = read(&b"id,url\n\xe9,https://a.example/\xe9\n2,b.example\n"[..], CSV);
    assert_eq!((targets[0].input(), targets[0].extra[0].as_str()), ("https://a.example/\\xE9", "\\xE9"));
    assert!(said(&targets[0]).contains("byte 19 (0xE9)"), "{}", said(&targets[0]));
    assert_eq!(said(&targets[1]), "https://b.example/");
    let long = format!("url\n{}\nb.example\n", "a".repeat(UNSUPPORTED_LENGTH + 1));
    let targets = read(long, CSV);
    assert!(targets[0].input().len() < 1000 && said(&targets[0]).contains("longer than 65536"));
    assert_eq!(targets.len(), 2);
    assert!(said(&read("id,url\n1,\"a.example\nb.example\"\n", CSV)[0]).contains("lines 2 to 3 are one row"));
}

#[test]
fn csv_with_an_open_quote_ends_with_an_error_that_says_where() {
    for end in ["\n", "\r\n"] {
        let text = format!("url,note{end}a.example,\"1{end}2\"{end}b.example,\"x{end}c.example,y{end}");
        let mut source = open(text, CSV).expect("its header is whole");
        assert!(matches!(source.next(), Some(Ok(target)) if target.extra == [format!("1{end}2")]));
        let error = source.next().expect("an item").expect_err("a quote is open").to_string();
        assert!(error.contains("test, line 4:") && error.contains("quote"), "{error}");
        assert!(source.next().is_none());
    }
    let endless = Cursor::new("url,note\na.example,\"").chain(io::repeat(b'x'));
    let options = Options { format: CSV, ..Options::default() };
    let mut source = Source::from_reader("test", endless, options).expect("its header is whole");
    assert!(matches!(source.next(), Some(Err(SourceError::RowWithoutEnd { line: 2, .. }))));
    assert!(read("url,note\na.example,\"1\n2\"", CSV).len() == 1);
}

#[test]
fn csv_without_a_url_column_does_not_open() {
    assert!(error("id,name\n", CSV).contains("there are: id, name"));
    assert!(error("https://a.example/,x\n", CSV).contains("the first row holds a URL (https://a.example/)"));
    assert!(read("", CSV).is_empty() && read("\n \n", CSV).is_empty() && read("id,url\n", CSV).is_empty());
}

#[test]
fn json_lines_are_objects_or_strings() {
    let text = concat!(
        "{\"id\": 1, \"link\": \"https://a.example/\\u00fc\"}\r\n\n\"b.example\"\n{\"url\": \"c.example\"}\n",
        "{\"link\": 5}\n{\"link\"\n[1]\n{\"link\": \"d.example\", \"url\": \"x\"}\n",
    );
    let targets = read(text, JSONL);
    let said: Vec<String> = targets.iter().map(said).collect();
    assert_eq!(targets[0].input(), "https://a.example/ü");
    assert_eq!(said[1], "https://b.example/");
    assert!(said[2].contains("no field \"link\"") && targets[2].input() == "{\"url\": \"c.example\"}", "{said:?}");
    assert!(said[3].contains("the field \"link\" is a number"), "{said:?}");
    assert!(said[4].contains("no JSON: EOF while parsing an object at its character 7"), "{said:?}");
    assert!(said[5].contains("an array, not an object or a string"), "{said:?}");
    assert_eq!(said[6], "https://d.example/");
    assert!(self::said(&read(&b"{\"url\": \"\xff\"}"[..], JSONL)[0]).contains("byte 10 (0xFF)"));
}

#[test]
fn json_lines_without_a_url_field_are_an_error() {
    let first = error("\n{\"id\": 1}\n", JSONL);
    assert!(first.contains("no field is named url, link") && first.contains("there are: id"), "{first}");
    let mut source = open("\"a.example\"\n{\"id\": 1}\nb.example\n", JSONL).expect("its first line is good");
    assert!(matches!(source.next(), Some(Ok(_))));
    assert!(matches!(source.next(), Some(Err(SourceError::NoUrlColumn { what: "field", .. }))));
    assert!(source.next().is_none());
    assert!(error("[{\"url\": \"a.example\"}]", JSONL).contains("JSON array"));
}

#[test]
fn gzip_is_told_by_its_bytes() {
    let folder = Folder::new();
    let two_members = [gzip("a.example\nb.exam"), gzip("ple\n")].concat();
    let inputs = vec![
        folder.input("a.txt", two_members),
        folder.input("b.csv.gz", gzip("\u{feff}id,url\n1,c.example\n")),
        folder.input("c.txt.gz", "d.example"),
    ];
    assert_eq!(count(&inputs, &Options::default()), Some(4));
    let source = Source::open(inputs, Options::default()).expect("all open");
    let targets: Vec<Target> = source.collect::<Result<_, _>>().expect("all can be read");
    let inputs: Vec<&str> = targets.iter().map(|target| target.input()).collect();
    assert_eq!(inputs, ["a.example", "b.example", "c.example", "d.example"]);
}

#[test]
fn gzip_that_is_cut_gives_its_rows_and_then_an_error() {
    let text: String = (0..1000).map(|n| format!("https://host{n}.example/\n")).collect();
    let mut bytes = gzip(&text);
    bytes.truncate(bytes.len() * 9 / 10);
    let folder = Folder::new();
    let input = folder.input("urls.txt.gz", bytes);
    assert_eq!(count(std::slice::from_ref(&input), &Options::default()), None);
    let mut items: Vec<_> = Source::open(vec![input], Options::default()).expect("it opens").collect();
    let error = items.pop().expect("an item").expect_err("it is cut").to_string();
    assert!(error.contains("urls.txt.gz, line ") && error.contains("gzip data is cut short"), "{error}");
    assert!(items.len() > 100);
    for (n, item) in items.into_iter().enumerate() {
        assert_eq!(item.expect("a row").input(), format!("https://host{n}.example/"));
    }
}

#[test]
fn a_source_can_be_read_on_another_thread() {
    let source = open("a.example\n", Format::Auto).expect("it opens");
    let reader = std::thread::spawn(move || source.count());
    assert_eq!(reader.join().expect("it does not panic"), 1);
}

#[test]
fn inputs_are_numbered_as_one_and_share_their_columns() {
    let folder = Folder::new();
    let inputs = vec![
        folder.input("a.csv", "id,url,name\n1,a.example,A\n"),
        Input::Url("https://b.example/".to_owned()),
        folder.input("empty.txt", ""),
        folder.input("c.csv", "link,city,id\nc.example,C,3\n"),
    ];
    assert_eq!(count(&inputs, &Options::default()), Some(3));
    let mut source = Source::open(inputs, Options::default()).expect("all open");
    assert_eq!(source.columns(), ["id", "name", "city"]);
    let targets: Vec<Target> = source.by_ref().collect::<Result<_, _>>().expect("all can be read");
    let rows: Vec<(u64, &str, String)> =
        targets.iter().map(|target| (target.index, target.input(), target.extra.join("|"))).collect();
    let expected = [(1, "a.example", "1|A|"), (2, "https://b.example/", "||"), (3, "c.example", "3||C")];
    assert_eq!(rows, expected.map(|(index, input, extra)| (index, input, extra.to_owned())));
}

#[test]
fn what_is_wrong_with_any_input_is_told_at_once() {
    let folder = Folder::new();
    let good = folder.input("a.txt", "a.example");
    let in_a_file = folder.0.path().join("a.txt").join("b.txt");
    let zip = folder.input("sheet.csv", b"PK\x03\x04...");
    let utf_16 = folder.input("wide.txt", b"\xFF\xFEh\0t\0");
    for (input, part) in [
        (
            Input::File("nosuch.example".into()),
            "no such file; if it is a URL, write it with its scheme, as in https://nosuch.example",
        ),
        (Input::File("nosuch.txt".into()), "as in https://example.org/"),
        (Input::File(folder.0.path().to_owned()), "is a directory"),
        (Input::File(in_a_file), "cannot be opened"),
        (zip, "ZIP archive"),
        (utf_16, "UTF-16"),
    ] {
        let opened = Source::open(vec![good.clone(), input.clone()], Options::default());
        let error = opened.err().expect(part).to_string();
        assert!(error.contains(part) && error.starts_with(&input.to_string()), "{error}");
    }
    let twice = Source::open(vec![Input::Stdin, Input::Stdin], Options::default());
    assert!(matches!(twice.err(), Some(SourceError::StdinTwice)));
    assert_eq!(count(&[good, Input::Stdin], &Options::default()), None);
}

#[test]
fn a_header_that_changes_meanwhile_is_an_error() {
    let folder = Folder::new();
    let input = folder.input("a.csv", "id,url\n1,a.example\n");
    let mut source = Source::open(vec![input], Options::default()).expect("it opens");
    folder.file("a.csv", "url,name\na.example,A\n");
    assert!(matches!(source.next(), Some(Err(SourceError::Changed { .. }))));
    assert!(source.next().is_none());
}

#[test]
fn a_read_error_is_told_once() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    for (text, format) in [("a.example\nb", Format::Auto), ("url\na.example\nb", CSV), ("\"a.example\"\n", JSONL)] {
        let options = Options { format, ..Options::default() };
        let mut source = Source::from_reader("test", Cursor::new(text).chain(Broken), options).expect("it opens");
        assert_eq!(source.next().expect("an item").expect("a whole row").input(), "a.example");
        let error = source.next().expect("an item").expect_err("it is broken").to_string();
        assert!(error.contains("test, line ") && error.contains("the disk is gone"), "{error}");
        assert!(source.next().is_none(), "{format:?}");
    }
}

fn some_format() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::Auto), Just(Format::Lines), Just(CSV), Just(JSONL)]
}

fn some_bytes() -> impl Strategy<Value = Vec<u8>> {
    let texts = prop::sample::select(vec![
        "\n",
        "\r\n",
        "\"",
        ",",
        "#",
        " ",
        "url",
        "a.example",
        "{\"url\":\"b\"}",
        "\u{feff}",
    ]);
    let pieces = prop_oneof![4 => texts.prop_map(|text| text.as_bytes().to_vec()), 1 => any::<Vec<u8>>()];
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_give_as_many_targets_as_are_counted(bytes in some_bytes(), format in some_format()) {
        let folder = Folder::new();
        let inputs = vec![folder.input("input", bytes)];
        let options = Options { format, ..Options::default() };
        let counted = count(&inputs, &options);
        let targets: Result<Vec<Target>, SourceError> = Source::open(inputs, options).and_then(Iterator::collect);
        if let Ok(targets) = targets {
            prop_assert_eq!(counted, Some(targets.len() as u64));
            for (n, target) in targets.iter().enumerate() {
                prop_assert_eq!(target.index, n as u64 + 1);
            }
        } else {
            prop_assert_ne!(format, Format::Lines);
        }
    }

    #[test]
    fn a_list_of_urls_is_read_in_order(hosts in prop::collection::vec("[a-z]{1,9}", 0..50), crlf in any::<bool>()) {
        let end = if crlf { "\r\n" } else { "\n" };
        let text: String = hosts.iter().map(|host| format!("{host}.example{end}")).collect();
        let inputs: Vec<String> = read(text, Format::Lines).into_iter().map(|target| target.input().to_owned()).collect();
        let expected: Vec<String> = hosts.iter().map(|host| format!("{host}.example")).collect();
        prop_assert_eq!(inputs, expected);
    }
}
