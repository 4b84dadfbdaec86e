//! What a run is bound to, and the sentence for each difference.

use super::*;
use std::fs;
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("writable");
    }
    folder
}

fn of(folder: &TempDir, inputs: &[&str], extra: &[&str], settings: &[Setting]) -> Binding {
    let input = |text: &&str| match Input::from_argument(*text) {
        Input::File(path) => Input::File(folder.path().join(path)),
        other => other,
    };
    let inputs: Vec<Input> = inputs.iter().map(input).collect();
    let extra: Vec<String> = extra.iter().map(ToString::to_string).collect();
    Binding::of(Layout::Csv, &extra, &inputs, settings).expect("files that can be read").expect("inputs that stay")
}

fn text(flag: &'static str, text: &str) -> Setting {
    Setting { flag, given: Given::Text(text.to_owned()) }
}

fn difference(now: &Binding, then: &Binding) -> String {
    now.ensure_like(then).map_or_else(|error| error.to_string(), |()| "none".to_owned())
}

#[test]
fn the_same_run_again_is_like_itself_wherever_it_lies() {
    let files = [("urls.txt", "https://a.example/\n")];
    let settings = [text("accept", "200-299")];
    let (one, other) = (folder(&files), folder(&files));
    let then = of(&one, &["urls.txt", "https://b.example/"], &["owner"], &settings);
    let now = of(&other, &["urls.txt", "https://b.example/"], &["owner"], &settings);
    assert_eq!(difference(&now, &then), "none");
    let read: Binding = serde_json::from_slice(&then.to_json()).expect("it is JSON");
    assert_eq!(difference(&now, &read), "none");
    let newer = Binding { urlcheck: "99.0.0".to_owned(), ..then };
    assert_eq!(difference(&now, &newer), "none", "a newer program may go on");
}

#[test]
fn each_difference_has_its_sentence() {
    let desk = folder(&[("a.txt", "a"), ("b.txt", "b"), ("pem", "1")]);
    let settings = [text("accept", "200-299")];
    let then = of(&desk, &["a.txt"], &[], &settings);
    for (now, sentence) in [
        (of(&desk, &["b.txt"], &[], &settings), "it has the rows of another input, a.txt, not b.txt"),
        (of(&desk, &["a.txt", "b.txt"], &[], &settings), "it has the rows of 1 inputs, not of 2"),
        (of(&desk, &["a.txt"], &["owner"], &settings), "its rows have other columns"),
        (of(&desk, &["a.txt"], &[], &[text("accept", "4xx")]), "its rows were made with --accept 200-299, not 4xx"),
        (of(&desk, &["a.txt"], &[], &[]), "its rows were made with --accept 200-299, not nothing"),
        (
            of(&desk, &["a.txt"], &[], &[text("accept", "4xx"), text("method", "HEAD")]),
            "its rows were made with --accept 200-299, not 4xx and with --method nothing, not HEAD",
        ),
    ] {
        assert_eq!(difference(&now, &then), sentence);
    }
    let jsonl = Binding { format: "jsonl".to_owned(), ..then.clone() };
    assert_eq!(difference(&jsonl, &then), "its rows are csv, not jsonl (--format)");
    fs::write(desk.path().join("a.txt"), "c").expect("writable");
    let changed = of(&desk, &["a.txt"], &[], &settings);
    assert_eq!(difference(&changed, &then), "the input a.txt has changed since its run began");

    let content = |path: &str| [Setting { flag: "cacert", given: Given::Content(Some(desk.path().join(path))) }];
    let then = of(&desk, &[], &[], &content("pem"));
    assert_eq!(difference(&of(&desk, &[], &[], &content("pem")), &then), "none");
    let now = difference(&of(&desk, &[], &[], &content("b.txt")), &then);
    assert!(now.starts_with("its rows were made with --cacert of the hash "), "{now}");
}

#[test]
fn no_secret_is_written() {
    let secret = Setting { flag: "header", given: Given::Secret(b"authorization:hunter2".to_vec()) };
    let bound = of(&folder(&[]), &["https://me:hunter2@a.example/"], &[], &[secret]);
    let json = String::from_utf8(bound.to_json()).expect("text");
    assert!(!json.contains("hunter2") && json.contains("https://***@a.example/"), "{json}");
}

#[test]
fn what_can_be_read_only_once_is_not_bound() {
    let bound = Binding::of(Layout::Csv, &[], &[Input::Stdin], &[]).expect("nothing was read");
    assert_eq!(bound, Err(Unbound("standard input can be read only once".to_owned())));
}
