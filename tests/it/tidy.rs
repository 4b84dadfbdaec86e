//! The rules of the house, as tests: each fault is told with its file, its
//! line, the rule and what to do.

mod table;
mod tree;

pub(crate) use tree::ROOT;

use std::collections::BTreeSet;
use table::{CLOCKS, CRATES, EMPTY_NAMES, IMPURE, MACHINE_FOLDERS, MODULES, PURE, TIES};
use tree::{Line, Source, files, has_word, is_of_a_name, sources, text};

/// Fails with all faults at once.
fn tell(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// A fault for each line that breaks a rule.
fn tell_lines(breaks: impl Fn(&Source, &Line) -> bool, rule: &str) {
    let mut faults = Vec::new();
    for source in &sources() {
        let broken = source.lines.iter().filter(|line| breaks(source, line));
        faults.extend(broken.map(|line| fault(source, line.number, rule)));
    }
    tell(&faults);
}

fn fault(source: &Source, line: usize, rule: &str) -> String {
    format!("{}:{line}: {rule}", source.path)
}

/// The names of all tests.
pub(crate) fn test_names() -> Vec<String> {
    let mut names = Vec::new();
    for source in sources() {
        let is_marked = |line: &Line| ["#[test]", "#[tokio::test]"].contains(&line.code.trim());
        let tests = source.lines.windows(4).filter(|lines| lines[0].is_test && is_marked(&lines[0]));
        let functions =
            tests.filter_map(|lines| lines[1..].iter().find_map(|line| Some(line.code.split_once("fn ")?.1)));
        names.extend(functions.filter_map(|function| Some(function.split_once('(')?.0.to_owned())));
    }
    names
}

impl Source {
    fn is_of_the_program(&self) -> bool {
        self.path.starts_with("src/")
    }

    /// The module of `src` that the file belongs to: the first folder or name.
    fn module(&self) -> Option<&str> {
        let path = self.path.strip_prefix("src/")?;
        Some(path.split_once('/').map_or(path.trim_end_matches(".rs"), |(folder, _)| folder))
    }

    fn is_in(&self, modules: &[&str]) -> bool {
        self.module().is_some_and(|module| modules.contains(&module))
    }
}

#[test]
fn each_file_begins_with_what_it_is_for() {
    let silent = |line: &Line| !line.text.starts_with("//! ") && !line.text.starts_with("#!");
    tell_lines(|_, line| line.number == 1 && silent(line), "the first line is `//!` and says what the file is for");
}

#[test]
fn files_are_short() {
    let sources = sources();
    let mut faults = Vec::new();
    for source in &sources {
        let most = if source.path == "src/main.rs" { 60 } else { 500 };
        if source.lines.len() > most {
            faults.push(fault(source, most, &format!("at most {most} lines; move a part to a file of its own")));
        }
    }
    let mut lengths: Vec<usize> =
        sources.iter().filter(|source| source.is_of_the_program()).map(|source| source.lines.len()).collect();
    lengths.sort_unstable();
    let (median, p90) = (lengths[lengths.len() / 2], lengths[lengths.len() * 9 / 10]);
    if median > 150 || p90 > 300 {
        faults
            .push(format!("src: half of the files have {median} lines or more (150 at most), one in ten {p90} (300)"));
    }
    tell(&faults);
}

#[test]
fn names_say_what_a_file_is_for() {
    let is_empty =
        |path: &String| path.split('/').any(|part| EMPTY_NAMES.contains(&part.split('.').next().unwrap_or_default()));
    let empty = files().into_iter().filter(|path| path.ends_with(".rs")).filter(is_empty);
    let rule = "a name that fits anything; name the one thing that it is about";
    tell(&empty.map(|path| format!("{path}: {rule}")).collect::<Vec<_>>());
}

#[test]
fn modules_use_only_those_of_the_table() {
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    for source in &sources() {
        let Some(module) = source.module().filter(|module| !TIES.contains(module)) else { continue };
        let Some((module, allowed)) = MODULES.iter().find(|(name, _)| *name == module) else {
            faults.push(fault(source, 1, "a module that is not in tests/it/tidy/table.rs; give it a line there"));
            continue;
        };
        for (line, other) in crate_uses(source).into_iter().filter(|(_, other)| other != module) {
            if !allowed.contains(&other.as_str()) {
                let rule = format!("{module} must not use crate::{other}; pass in what it needs");
                faults.push(fault(source, line, &rule));
            }
            used.insert((*module, other));
        }
    }
    for (module, others) in MODULES {
        let idle = others.iter().filter(|other| !used.contains(&(*module, (**other).to_owned())));
        faults.extend(idle.map(|other| format!("table.rs: {module} uses {other} no more; take it out of the table")));
    }
    tell(&faults);
}

/// The modules that a file names after `crate::`, or after a `super::` that
/// leads as far, each with its line.
fn crate_uses(source: &Source) -> Vec<(usize, String)> {
    let is_the_module = matches!(source.path.matches('/').count(), 1) || source.path.ends_with("/mod.rs");
    let mut uses = Vec::new();
    let code: String = source.lines.iter().map(|line| line.code.as_str()).collect::<Vec<_>>().join("\n");
    for (at, path) in code.match_indices("crate::").chain(code.match_indices("super::")) {
        let line = code[..at].matches('\n').count();
        let leads_to_the_root = path == "crate::" || (is_the_module && !source.lines[line].is_test);
        if leads_to_the_root && !code[..at].ends_with(|c| is_of_a_name(c) || c == '$') {
            uses.extend(first_names(&code[at + path.len()..]).into_iter().map(|name| (line + 1, name)));
        }
    }
    uses
}

/// `a` of `a::b`; `a` and `c` of `{a::b, c::{d, e}}`.
fn first_names(path: &str) -> Vec<String> {
    let name = |part: &str| part.trim_start().chars().take_while(|c| is_of_a_name(*c)).collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut names, mut depth) = (vec![name(group)], 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(name(&group[at + 1..])),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn outside_crates_stay_where_they_live() {
    let sources = sources();
    let mut faults = Vec::new();
    for name in dependencies() {
        let Some((_, homes)) = CRATES.iter().find(|(known, _)| *known == name) else {
            faults.push(format!("Cargo.toml: {name} has no home; give it a line in tests/it/tidy/table.rs"));
            continue;
        };
        let mut lived_in = BTreeSet::new();
        for source in sources.iter().filter(|source| source.is_of_the_program()) {
            let home = homes.iter().find(|home| is_inside(&source.path, home));
            for line in source.lines.iter().filter(|line| !line.is_test && names_crate(&line.code, &name)) {
                match home {
                    _ if homes.is_empty() => {}
                    Some(home) => _ = lived_in.insert(*home),
                    None => faults.push(fault(source, line.number, &format!("{name} lives in {}", homes.join(", ")))),
                }
            }
        }
        let left = homes.iter().filter(|home| !lived_in.contains(*home));
        faults.extend(left.map(|home| format!("table.rs: {name} is not in src/{home} any more; take it out")));
    }
    tell(&faults);
}

fn is_inside(path: &str, home: &str) -> bool {
    let inside = path.strip_prefix("src/").and_then(|path| path.strip_prefix(home));
    inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether code begins a path with the crate: `name::` and not `mine::name::`.
fn names_crate(code: &str, name: &str) -> bool {
    let path = format!("{name}::");
    let begins = |at: usize| !code[..at].ends_with(|c| is_of_a_name(c) || c == ':');
    code.match_indices(&path).any(|(at, _)| begins(at)) || has_word(code, &format!("use {name};"))
}

#[test]
fn each_dependency_says_why_it_is_there_and_is_used() {
    let manifest = text("Cargo.toml");
    let lines: Vec<&str> = manifest.lines().collect();
    let sources = sources();
    let (mut faults, mut inside, mut n_dependencies) = (Vec::new(), false, 0);
    for (n, line) in lines.iter().enumerate() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        }
        let Some((name, _)) = line.split_once(" = ").filter(|_| inside && !line.starts_with('#')) else { continue };
        n_dependencies += 1;
        let comment = lines[n - 1].strip_prefix("# ");
        if comment.is_none_or(|comment| !comment.ends_with('.')) {
            faults.push(format!("Cargo.toml:{}: above {name} a sentence says why it is there", n + 1));
        }
        let name = name.replace('-', "_");
        if !sources.iter().any(|source| source.lines.iter().any(|line| names_crate(&line.code, &name))) {
            faults.push(format!("Cargo.toml:{}: no code names {name}; take it out", n + 1));
        }
    }
    assert!(n_dependencies > 40, "the dependencies are found");
    tell(&faults);
}

/// The names under `[dependencies]` of Cargo.toml, as code writes them.
fn dependencies() -> Vec<String> {
    let manifest = text("Cargo.toml");
    let section = manifest.split("\n[").find_map(|section| section.strip_prefix("dependencies]"));
    let lines = section.expect("there are dependencies").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| Some(line.split_once(" = ")?.0.replace('-', "_"))).collect()
}

#[test]
fn only_some_modules_read_the_clock() {
    let reads = |line: &Line| {
        ["Instant::now", "SystemTime::now", "Timestamp::now", "Zoned::now", ".elapsed("]
            .iter()
            .any(|clock| line.code.contains(clock))
    };
    tell_lines(
        |source, line| source.is_of_the_program() && !source.is_in(&CLOCKS) && !line.is_test && reads(line),
        "this module reads no clock; take `now` as an argument",
    );
}

#[test]
fn check_and_schedule_are_pure() {
    tell_lines(
        |source, line| source.is_in(&PURE) && !line.is_test && IMPURE.iter().any(|impure| has_word(&line.code, impure)),
        "check and schedule do no I/O, spawn nothing and wait for nothing; leave it to net, engine or source",
    );
}

#[test]
fn only_sinks_and_verbs_print() {
    let macros = ["println!", "print!", "eprintln!", "eprint!", "dbg!"];
    tell_lines(
        |_, line| macros.iter().any(|print| has_word(&line.code, print)),
        "write to the `Write` that was given and return its errors",
    );
    let streams = ["stdout()", "stderr()"];
    tell_lines(
        |source, line| {
            let prints = source.is_in(&["sink", "commands", "main"]) || !source.is_of_the_program();
            !prints && streams.iter().any(|stream| has_word(&line.code, stream))
        },
        "only sink, commands and main.rs know where people read",
    );
}

#[test]
fn nothing_panics_without_saying_why() {
    tell_lines(|_, line| line.code.contains(".unwrap()"), "expect(\"why it cannot fail\"), or an error");
    let unfinished = ["todo!", "unimplemented!"];
    tell_lines(|_, line| unfinished.iter().any(|word| has_word(&line.code, word)), "finish it, or leave it out");
}

#[test]
fn nothing_is_put_off_or_silenced() {
    let notes = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
    tell_lines(|_, line| notes.iter().any(|note| has_word(&line.text, note)), "do it now, or write an issue");
    tell_lines(
        |_, line| line.code.contains("#[allow(") || line.code.contains("#![allow("),
        "mend what is warned of, or `expect` it with a reason",
    );
}

#[test]
fn tests_run_always_and_never_sleep() {
    let ignored = |line: &Line| line.code.trim_start().starts_with("#[ignore");
    tell_lines(|_, line| ignored(line), "a test that does not run holds nothing; mend it or remove it");
    tell_lines(
        |_, line| line.is_test && has_word(&line.code, "sleep("),
        "wait for what can be seen, or turn a virtual clock",
    );
}

#[test]
fn no_path_is_of_one_machine() {
    let folders = MACHINE_FOLDERS.map(|folder| format!("/{folder}/"));
    let of_one = |line: &str| {
        folders.iter().any(|folder| {
            let begins = |at: usize| !line[..at].ends_with(|c: char| is_of_a_name(c) || "~.}-".contains(c));
            line.match_indices(folder.as_str()).any(|(at, _)| begins(at))
        })
    };
    let mut faults = Vec::new();
    let is_text = |path: &String| !path.ends_with(".gz") && !path.starts_with("fuzz/corpus/");
    for path in files().into_iter().filter(is_text) {
        let text = text(&path);
        let lines = text.lines().enumerate().filter(|(_, line)| of_one(line));
        faults.extend(lines.map(|(n, _)| format!("{path}:{}: a path of one machine; derive it or ask for it", n + 1)));
    }
    tell(&faults);
}
