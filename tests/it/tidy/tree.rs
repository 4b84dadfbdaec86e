//! The files of this project, as the rules see them: each line's code without
//! its comments and without the insides of its strings, and whether it is a test's.

use std::{fs, path::Path};

/// The folder of the project.
pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A Rust file.
pub(crate) struct Source {
    /// From the project's folder, with `/`.
    pub(crate) path: String,
    pub(crate) lines: Vec<Line>,
}

/// A line of a Rust file.
pub(crate) struct Line {
    /// 1-based.
    pub(crate) number: usize,
    /// As it stands there.
    pub(crate) text: String,
    /// Without comments; strings and characters are empty.
    pub(crate) code: String,
    /// Whether only tests see it.
    pub(crate) is_test: bool,
}

/// Every Rust file, in the order of their paths.
pub(crate) fn sources() -> Vec<Source> {
    let rust = files().into_iter().filter(|path| path.ends_with(".rs"));
    let mut sources: Vec<Source> = rust.map(Source::read).collect();
    let marked: Vec<String> = sources.iter().flat_map(Source::test_files).collect();
    for source in &mut sources {
        // What a test file declares is in the folder of its name.
        let is_marked = |file: &String| source.path == *file || source.path.starts_with(&file.replace(".rs", "/"));
        if source.path.starts_with("tests/") || marked.iter().any(is_marked) {
            source.lines.iter_mut().for_each(|line| line.is_test = true);
        }
    }
    sources
}

/// Every file but what git and cargo keep beside them.
pub(crate) fn files() -> Vec<String> {
    let mut files = Vec::new();
    collect("", &mut files);
    files.sort();
    files
}

/// The text of a file of the project.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn collect(folder: &str, files: &mut Vec<String>) {
    let entries = fs::read_dir(Path::new(ROOT).join(folder)).expect("the project's folders can be read");
    for entry in entries {
        let entry = entry.expect("the project's folders can be read");
        let name = entry.file_name().into_string().expect("the project's files have plain names");
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        match entry.file_type().expect("the project's files can be looked at").is_dir() {
            true if [".git", "target"].contains(&name.as_str()) => {}
            true => collect(&path, files),
            false if name == ".git" => {}
            false => files.push(path),
        }
    }
}

impl Source {
    fn read(path: String) -> Source {
        let text = text(&path);
        let code = code_of(&text);
        let pairs = text.lines().zip(code.lines());
        let lines = pairs.enumerate().map(|(n, (text, code))| Line {
            number: n + 1,
            text: text.to_owned(),
            code: code.to_owned(),
            is_test: false,
        });
        let mut source = Source { path, lines: lines.collect() };
        source.mark_tests();
        source
    }

    /// `#[cfg(test)]` and the item that follows it, up to its last brace or
    /// its semicolon.
    fn mark_tests(&mut self) {
        let mut depth: Option<i32> = None;
        for line in &mut self.lines {
            if depth.is_none() && line.code.trim_start().starts_with("#[cfg(test)]") {
                depth = Some(0);
            }
            let Some(open) = &mut depth else { continue };
            line.is_test = true;
            let closes = line.code.contains(['}', ';']);
            *open += line.code.matches('{').count() as i32 - line.code.matches('}').count() as i32;
            if closes && *open == 0 {
                depth = None;
            }
        }
    }

    /// The files that this one declares with `#[cfg(test)] mod name;`.
    fn test_files(&self) -> Vec<String> {
        let folder = match self.path.strip_suffix("/mod.rs").or(self.path.strip_suffix("/lib.rs")) {
            Some(folder) => folder,
            None => self.path.trim_end_matches(".rs"),
        };
        let names = self.lines.iter().filter(|line| line.is_test).filter_map(|line| {
            line.code.trim().strip_suffix(';')?.rsplit_once("mod ").map(|(_, name)| name.trim().to_owned())
        });
        names.map(|name| format!("{folder}/{name}.rs")).collect()
    }
}

/// Rust text without its comments and without what is inside its strings and
/// characters; its lines stay where they are.
fn code_of(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let (length, kept) = match next {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), ""),
            '/' if rest.starts_with("/*") => (rest.find("*/").map_or(rest.len(), |end| end + 2), ""),
            'r' if begins_a_word(&code) && raw_string(rest).is_some() => (raw_string(rest).unwrap_or_default(), "\"\""),
            '"' => (quoted(rest, '"'), "\"\""),
            '\'' if is_character(rest) => (quoted(rest, '\''), "''"),
            _ => (next.len_utf8(), &rest[..next.len_utf8()]),
        };
        let (taken, after) = rest.split_at(length);
        code.push_str(kept);
        if kept != taken {
            code.extend(taken.chars().filter(|character| *character == '\n'));
        }
        rest = after;
    }
    code
}

/// Whether what follows this code is no part of a name; the b of a raw byte
/// string is none.
fn begins_a_word(code: &str) -> bool {
    !code.strip_suffix('b').unwrap_or(code).ends_with(is_of_a_name)
}

/// The length of a raw string that begins here.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text[1..].len() - text[1..].trim_start_matches('#').len();
    let start = text[1 + hashes..].starts_with('"').then_some(hashes + 2)?;
    let end = format!("\"{}", "#".repeat(hashes));
    text[start..].find(&end).map(|length| start + length + end.len())
}

/// The length of a string or character that begins here, its quotes included.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A quote begins a character, and no lifetime, when another follows soon.
fn is_character(text: &str) -> bool {
    let mut after = text.chars().skip(1);
    matches!((after.next(), after.next()), (Some('\\'), _) | (Some(_), Some('\'')))
}

/// Whether a character can stand in a name.
pub(crate) fn is_of_a_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Where a word stands in code, and not as a part of another.
pub(crate) fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let starts = !word.starts_with(is_of_a_name) || !code[..at].ends_with(is_of_a_name);
        starts && (!word.ends_with(is_of_a_name) || !code[at + word.len()..].starts_with(is_of_a_name))
    })
}

#[test]
fn code_is_told_from_comments_and_strings() {
    for (text, code) in [
        ("a(); // b()", "a(); "),
        ("a(\"b \\\" // c\") + d", "a(\"\") + d"),
        ("f(br#\"a\"b\"#, 'x', '\\'', '\"')", "f(b\"\", '', '', '')"),
        ("r\"\\\" + '\"'", "\"\" + ''"),
        ("fn f<'a>(x: &'a str) /* no\n more */ {", "fn f<'a>(x: &'a str) \n {"),
        ("for r in \"a\nb\" {}", "for r in \"\"\n {}"),
    ] {
        assert_eq!(code_of(text), code, "{text}");
    }
    assert!(has_word("time::sleep(d)", "sleep(") && !has_word("oversleep(d)", "sleep("));
}
