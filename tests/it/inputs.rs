//! Lists in every format, from everywhere, good and bad: rows out are targets
//! in, and an input that cannot be read is told before anything is sent.

use crate::support::cmd::{Desk, practice_site, rows};
use flate2::{Compression, write::GzEncoder};
use std::{fs, io::Write, iter, process::Command, thread};

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()).expect("memory takes every write")
}

#[test]
fn every_format_gives_the_same_targets() {
    let site = practice_site();
    let (a, b) = (site.url("a"), site.url("b"));
    let lines = format!("\u{feff}# shops\r\n\r\n{a}\r\n\t # closed: http://c.example/\n{b}");
    for (name, content) in [
        ("urls.txt", lines.clone().into_bytes()),
        ("urls.gz", gzip(&lines)),
        ("urls.csv", format!("name,URL\r\nA,{a}\r\nB,\"{b}\"\r\n").into_bytes()),
        ("urls.tsv.gz", gzip(&format!("name\tlink\nA\t{a}\n\nB\t{b}\n"))),
        ("urls.jsonl", format!("{{\"id\": 1, \"url\": \"{a}\"}}\n\n\"{b}\"\n").into_bytes()),
        ("no-ending", format!("{{\"url\": \"{a}\"}}\n{{\"url\": \"{b}\", \"id\": 2}}").into_bytes()),
    ] {
        let desk = Desk::new().file(name, &content);
        for ran in [desk.run(&[name]), desk.cmd(&["-", "--input-format", format_of(name)]).input(content).run()] {
            let ran = ran.exits(0);
            assert_eq!(ran.column("input"), [a.as_str(), b.as_str()], "{name}");
            assert_eq!((ran.column("index"), ran.column("verdict")), (words("1 2"), words("up up")), "{name}");
        }
    }
}

fn format_of(name: &str) -> &'static str {
    match name {
        name if name.contains("sv") => "csv",
        "urls.jsonl" => "jsonl",
        _ => "auto",
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn inputs_of_all_kinds_are_numbered_as_one() {
    let site = practice_site();
    let url = |path: &str| site.url(path);
    let desk = Desk::new().file("a.txt", format!("{}\n", url("1"))).file("d.csv", format!("id,url\n7,{}\n", url("4")));
    let ran = desk.cmd(&["a.txt", "-", &url("3"), "d.csv"]).input(url("2")).run().exits(0);
    assert_eq!(ran.column("input"), [url("1"), url("2"), url("3"), url("4")]);
    assert_eq!((ran.column("index"), ran.column("id").join("|")), (words("1 2 3 4"), "|||7".to_owned()));
}

#[test]
fn without_arguments_standard_input_is_the_list() {
    let site = practice_site();
    let ran = Desk::new().cmd(&[]).input(format!("{}\n", site.url("a"))).run().exits(0);
    assert_eq!(ran.column("verdict"), ["up"]);
}

#[test]
fn the_input_stands_in_the_row_as_found() {
    let site = practice_site();
    let found = format!("  {}  ", site.url("a b#top").replace("http", "HTTP"));
    let rows = Desk::new().cmd(&["-"]).input(format!("{found}\n")).run().exits(0).rows();
    assert_eq!((rows[0]["input"].as_str(), rows[0]["url"].as_str()), (found.as_str(), site.url("a%20b").as_str()));
    let bare = site.url("a").replace("http://", "");
    let rows = Desk::new().cmd(&["-", "--default-scheme", "http"]).input(bare.clone()).run().exits(0).rows();
    assert_eq!((rows[0]["input"].as_str(), rows[0]["url"].as_str()), (bare.as_str(), site.url("a").as_str()));
}

#[test]
fn a_rows_other_cells_are_carried_whatever_they_hold() {
    let site = practice_site();
    let url = site.url("a");
    let list = format!("name,url,status_code,note\n\"O'Hara, \"\"Bob\"\"\",{url},old,\"two\nlines\"\nshort,{url}\n");
    let desk = Desk::new().file("list.csv", list);
    let rows = desk.run(&["list.csv"]).exits(0).rows();
    assert_eq!((rows[0]["name"].as_str(), rows[0]["note"].as_str()), ("O'Hara, \"Bob\"", "two\\nlines"));
    assert_eq!((rows[0]["status_code"].as_str(), rows[0]["input_status_code"].as_str()), ("200", "old"));
    assert_eq!((rows[1]["name"].as_str(), rows[1]["note"].as_str()), ("short", ""));

    let ran = desk.run(&["list.csv", "-f", "jsonl", "--per-host", "1"]).exits(0);
    let row: serde_json::Value = serde_json::from_str(ran.stdout.lines().next().expect("a row")).expect("JSON");
    assert_eq!((&row["name"], &row["note"]), (&"O'Hara, \"Bob\"".into(), &"two\nlines".into()));
    assert_eq!((&row["status_code"], &row["input_status_code"]), (&200.into(), &"old".into()));
}

#[test]
fn a_ragged_row_is_a_row() {
    let site = practice_site();
    let list = format!("id,url\n1,{0}\n2\n3,{0}?a,b\n4,\n5,{0},,\n", site.url("a"));
    let rows = Desk::new().file("list.csv", list).run(&["list.csv"]).exits(1).rows();
    let told: Vec<(&str, &str)> = rows.iter().map(|row| (row["reason"].as_str(), row["detail"].as_str())).collect();
    assert_eq!(
        told,
        [
            ("", ""),
            ("input_invalid", "the row ends before its column \"url\""),
            ("input_invalid", "the row has 3 cells, the header 2; put quotes around a cell that holds a ','"),
            ("input_invalid", "the row's column \"url\" is empty"),
            ("", ""),
        ]
    );
}

#[test]
fn the_url_column_is_found_or_asked_for() {
    let site = practice_site();
    let url = site.url("a");
    let list = format!("url,Homepage,other\nx,{url},y\n");
    let desk =
        Desk::new().file("two.csv", &list).file("none.csv", "id,name\n1,a\n").file("bare.csv", "http://a.example/,1\n");
    assert_eq!(desk.run(&["two.csv", "--url-column", "Homepage"]).exits(0).column("input"), [url]);
    for (arguments, sentence) in [
        (
            &["two.csv"][..],
            "two.csv: more than one column may hold the URL: url, Homepage; say which with --url-column; there are: \
             url, Homepage, other",
        ),
        (
            &["two.csv", "--url-column", "page"],
            "two.csv: no column is named \"page\" (--url-column); there are: url, Homepage, other",
        ),
        (
            &["none.csv"],
            "none.csv: no column is named url, link, href, website, homepage, uri; say which one holds the URL with \
             --url-column; there are: id, name",
        ),
        (
            &["bare.csv"],
            "bare.csv: the first row holds a URL (http://a.example/) where the names of the columns should be; add a \
             header line such as \"url\", or use --input-format lines if each line is one URL",
        ),
    ] {
        let ran = desk.run(arguments).exits(2);
        assert_eq!((ran.stderr, ran.stdout), (format!("urlcheck: {sentence}\n"), String::new()));
    }
    assert_eq!(site.load().requests, 1);
}

#[test]
fn an_input_that_cannot_be_read_is_told_before_anything_is_sent() {
    let site = practice_site();
    let desk = Desk::new().file("good.txt", site.url("a")).file("array.json", "[\"http://a.example/\"]\n");
    for (input, sentence) in [
        (
            "nosuch.txt",
            "nosuch.txt: no such file; if it is a URL, write it with its scheme, as in https://example.org/",
        ),
        (
            "shop.example",
            "shop.example: no such file; if it is a URL, write it with its scheme, as in https://shop.example",
        ),
        (
            "good.txt/b.txt",
            "good.txt/b.txt: cannot be opened: Not a directory (os error 20); check its path and permissions",
        ),
        (".", ". is a directory; name the files in it, such as ./urls.txt"),
        ("array.json", "array.json: this is one JSON array; write one value a line, as jq -c '.[]' does"),
        ("-\n-", "standard input (-) is named twice, but can be read only once; leave one out"),
    ] {
        let inputs: Vec<&str> = iter::once("good.txt").chain(input.lines()).collect();
        let ran = desk.run(&inputs).exits(2);
        assert_eq!((ran.stderr, ran.stdout), (format!("urlcheck: {sentence}\n"), String::new()));
    }
    assert_eq!(site.load().requests, 0);
}

#[test]
fn an_empty_list_is_fine_and_says_so() {
    for list in ["", "\n \r\n", "# nothing yet\n", "\u{feff}"] {
        let ran = Desk::new().file("urls.txt", list).run(&["urls.txt"]).exits(0);
        let ran = ran.says("urlcheck: there is no URL in the input\n");
        assert_eq!(ran.rows().len(), 0, "{list:?}");
        assert!(ran.stdout.starts_with("index,input,url,"), "{list:?}");
    }
}

#[test]
fn a_cut_gzip_gives_its_rows_and_then_an_error() {
    let site = practice_site();
    let list: String = (0..300).map(|n| format!("{}\n", site.url(&format!("page/{n}")))).collect();
    let mut bytes = gzip(&list);
    bytes.truncate(bytes.len() * 9 / 10);
    let desk = Desk::new().file("urls.txt.gz", bytes);
    let ran = desk.run(&["urls.txt.gz", "--per-host", "0"]).exits(2).says("urlcheck: stopped early; ");
    let ran = ran.says("urls.txt.gz, line ").says("gzip data is cut short");
    let rows = ran.rows();
    assert!(rows.len() > 50, "{} rows", rows.len());
    for (n, row) in rows.iter().enumerate() {
        assert_eq!((&row["input"], row["verdict"].as_str()), (&site.url(&format!("page/{n}")), "up"));
    }
    assert_eq!(site.load().requests, rows.len() as u64);
}

#[test]
fn what_is_no_url_is_a_row_that_says_why() {
    let site = practice_site();
    let mut list =
        format!("{0}\nftp://a.example/\nhttp://\nno host at all\nhttp://a.example/caf", site.url("a")).into_bytes();
    list.extend(b"\xe9\nhttp://a.example/");
    list.extend(iter::repeat_n(b'a', 70_000));
    list.extend(format!("\n{}", site.url("b")).bytes());
    let ran = Desk::new().file("urls.txt", list).run(&["urls.txt"]).exits(1);
    let told: Vec<String> = ran.rows().iter().map(|row| format!("{} {}", row["reason"], row["detail"])).collect();
    assert_eq!(
        told,
        [
            " ",
            "input_invalid the scheme ftp: is not checked, only http and https are",
            "input_invalid it has no host",
            "input_invalid its host has a space in it, which host names cannot have",
            "input_invalid byte 21 (0xE9) is not UTF-8; save the list as UTF-8",
            "input_invalid the text is longer than 65536 bytes, the most that a URL can have",
            " ",
        ]
    );
    assert!(ran.column("input")[4].ends_with("/caf\\xE9"));
    assert_eq!(site.load().requests, 2);
}

#[test]
fn a_row_is_out_before_a_slow_list_is_whole() {
    let site = practice_site();
    let mut started = Desk::new().cmd(&["-", "-f", "jsonl"]).start();
    for path in ["first", "second"] {
        started.write(&format!("{}\n", site.url(path)));
        let row = started.line();
        assert!(row.contains(&site.url(path)) && row.contains("\"verdict\":\"up\""), "{row}");
    }
    started.close_input();
    started.end().exits(0).says("2 URLs on 1 host in ");
}

#[cfg(unix)]
#[test]
fn named_pipes_are_opened_once() {
    let site = practice_site();
    let desk = Desk::new();
    let pipes = ["in", "out"].map(|name| desk.path().join(name));
    let made = Command::new("mkfifo").args(&pipes).status().expect("mkfifo is everywhere");
    assert!(made.success());
    let [list, rows] = pipes;
    let url = site.url("a");
    let writer = thread::spawn(move || fs::write(list, url));
    let reader = thread::spawn(move || fs::read_to_string(rows));
    desk.run(&["in", "-o", "out"]).exits(0);
    writer.join().expect("no panic").expect("its reader stayed");
    let written = reader.join().expect("no panic").expect("text");
    assert_eq!(self::rows(&written).iter().map(|row| row["verdict"].as_str()).collect::<Vec<_>>(), ["up"]);
}

/// A quote that is not closed, until a later row closes it: what it swallowed
/// has no rows, and that is told.
#[test]
fn a_quote_that_swallows_rows_is_told() {
    let site = practice_site();
    let url = site.url("a");
    let list = format!("url,note\n{url},fine\n\"{url},open\n{url},x\n{url}\",y\n{url},\"two\nlines\"\n");
    let ran = Desk::new().file("list.csv", list).run(&["list.csv"]).exits(1);
    let told: Vec<String> = ran.rows().iter().map(|row| format!("{} {}", row["reason"], row["detail"])).collect();
    let lines = "lines 3 to 5 are one row; is a quote (\") missing there?";
    assert_eq!(told, [" ", &format!("input_invalid its quotes hold a line break: {lines}"), " "]);
    ran.says(&format!("urlcheck: list.csv: a cell of several lines holds a URL, too: {lines}\n"));

    let list = format!("id,note,url\n1,fine,{url}\n2,\"open,{url}\n3,\"closed\",{url}\n4,fine,{url}\n");
    let ran = Desk::new().file("list.csv", list).run(&["list.csv"]).exits(0);
    assert_eq!(ran.column("id"), ["1", "2", "4"]);
    ran.says("urlcheck: list.csv: a cell of several lines holds a URL, too: lines 3 to 4 are one row; ");
}
