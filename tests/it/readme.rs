//! README and `docs` say what is so: their examples are run and must say what
//! is shown there, their tables are those of the program, and every flag and
//! test that they name exists. `cargo test` compiles README's Rust besides.

use crate::support::shell::Shell;
use std::{fs, path::Path};
use urlcheck::{Reason, cli, exit::Exit, sink::Column};

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A `$ command` of a console block, with the lines that it says.
struct Example {
    line: usize,
    command: String,
    said: Vec<String>,
}

/// The examples of the ```` ```console ```` blocks. A block below a line
/// `<!-- not run: why -->` is left out.
fn examples(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let (mut inside, mut skipped) = (false, false);
    for (n, line) in page.lines().enumerate() {
        match line {
            "```console" => inside = !skipped,
            _ if line.starts_with("```") => (inside, skipped) = (false, false),
            _ if line.starts_with("<!-- not run: ") => skipped = true,
            _ if !inside => {}
            _ => match line.strip_prefix("$ ") {
                Some(command) => {
                    examples.push(Example { line: n + 1, command: command.to_owned(), said: Vec::new() });
                }
                None => examples.last_mut().expect("a command comes first").said.push(line.to_owned()),
            },
        }
    }
    examples
}

/// Lines without what differs from run to run: times, and the spaces that keep
/// columns apart. Rows come in the order in which they end, so lines are sorted.
fn lasting<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let lasting = lines.into_iter().map(|line| {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_total = line.contains(" URLs on ") || line.contains(" URL on ");
        match line.split_once(" in ") {
            Some((counts, _)) if is_total => counts.to_owned(),
            _ if line.starts_with("total_ms ") => "total_ms".to_owned(),
            _ => line,
        }
    });
    let mut lines: Vec<String> = lasting.filter(|line| !line.is_empty()).collect();
    lines.sort();
    lines
}

#[test]
fn the_examples_say_what_is_shown() {
    for name in ["README.md", "docs/scale.md"] {
        let examples = examples(&page(name));
        assert!(examples.len() > 5, "{name} has its examples");
        let shell = Shell::new();
        let mut faults = Vec::new();
        for Example { line, command, said } in &examples {
            let now = shell.run(&format!("exec 2>&1; {}", shell.with_ports(&format!("{command}\n"))));
            if lasting(now.stdout.lines()) != lasting(said.iter().map(String::as_str)) {
                faults.push(format!("{name}:{line}: $ {command}\n{}", now.stdout));
            }
        }
        assert!(faults.is_empty(), "these examples say something else now:\n{}", faults.join("\n"));
    }
}

/// The lines of a table's body must be these.
fn assert_table(name: &str, header: &str, body: &[String]) {
    let page = page(name);
    let after = page.split_once(&format!("{header}\n")).unwrap_or_else(|| panic!("{name} has no table {header}")).1;
    let found: Vec<&str> = after.lines().skip(1).take_while(|line| line.starts_with('|')).collect();
    assert_eq!(found, body, "{name}: the table {header} should be\n{}\n", body.join("\n"));
}

#[test]
fn the_tables_are_those_of_the_program() {
    let exits = Exit::ALL.map(|exit| format!("| {} | {} |", exit.code(), exit.sentence()));
    assert_table("README.md", "| exit code | meaning |", &exits);

    let command = cli::command();
    let first = command.get_arguments().filter(|arg| arg.get_help_heading() == Some("The ten that matter first"));
    let flags: Vec<String> = first
        .map(|arg| {
            let help = arg.get_help().expect("every flag has its help").to_string();
            let (what, default) = help.split_once(" [default: ").unwrap_or((&help, "]"));
            let short = arg.get_short().map(|short| format!("`-{short}` ")).unwrap_or_default();
            let long = arg.get_long().expect("every flag has a name");
            format!("| {short}`--{long}` | {what} | {} |", default.trim_end_matches(']'))
        })
        .collect();
    assert_eq!(flags.len(), 10);
    assert_table("README.md", "| flag | what it sets | default |", &flags);

    let columns = Column::ALL.iter().map(|column| format!("| `{}` | {} |", column.name(), column.sentence()));
    assert_table("docs/rows.md", "| column | what it tells |", &columns.collect::<Vec<_>>());

    let reasons = Reason::ALL.iter().map(|reason| {
        let again = if reason.is_transient() { "yes" } else { "no" };
        format!("| `{}` | {} | {again} | {} |", reason.code(), reason.verdict(), reason.sentence())
    });
    assert_table("docs/rows.md", "| reason | verdict | tried again | meaning |", &reasons.collect::<Vec<_>>());
}

#[test]
fn the_statuses_that_are_listed_are_those() {
    let statuses = (400..600).chain([999]);
    let shell = Shell::new();
    let list: String = statuses.clone().map(|status| format!("http://n{status}.test/status/{status}\n")).collect();
    shell.write("list.txt", &shell.with_ports(&list));
    let said = shell.run("urlcheck -q --retries 1 --fail-on never -f jsonl list.txt");
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
    let rows: Vec<serde_json::Value> =
        said.stdout.lines().map(|row| serde_json::from_str(row).expect("a JSON object a line")).collect();
    assert_eq!(rows.len(), statuses.count());
    let listed = |is_listed: &dyn Fn(&serde_json::Value) -> bool| {
        let mut statuses: Vec<u64> =
            rows.iter().filter(|row| is_listed(row)).filter_map(|row| row["status_code"].as_u64()).collect();
        statuses.sort_unstable();
        let (last, others) = statuses.split_last().expect("there are some");
        let others: Vec<String> = others.iter().map(u64::to_string).collect();
        format!("- {} and {last}.", others.join(", "))
    };
    let page = page("docs/rows.md");
    let lists: Vec<&str> = page.lines().filter(|line| line.starts_with("- 4")).collect();
    assert_eq!(lists, [listed(&|row| row["attempts"] == 2), listed(&|row| row["verdict"] == "unknown")]);
}

#[test]
fn every_flag_that_is_named_exists() {
    let command = cli::command();
    let verbs = [&command].into_iter().chain(command.get_subcommands());
    let known: Vec<String> =
        verbs.flat_map(|verb| verb.get_arguments()).filter_map(|arg| Some(format!("--{}", arg.get_long()?))).collect();
    for name in
        ["README.md", "docs/rows.md", "docs/scale.md", "samples/urlcheck.toml", "samples/urls.txt", "samples/crontab"]
    {
        let page = page(name);
        // Other programs have flags of their own.
        let ours = page
            .lines()
            .enumerate()
            .filter(|(_, line)| !["cargo", "git ", "benches/"].iter().any(|it| line.contains(it)));
        for (n, line) in ours {
            let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            for flag in words.filter(|word| word.starts_with("--") && word.len() > 3 && !word.starts_with("---")) {
                assert!(known.iter().any(|known| known == flag), "{name}:{}: there is no {flag}", n + 1);
            }
        }
    }
}

#[test]
fn the_examples_in_the_help_are_command_lines() {
    let help = cli::command().render_long_help().to_string();
    let lines: Vec<&str> = help
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_once("urlcheck "))
        // The command itself, or what another one sends it.
        .filter(|(before, _)| before.is_empty() || before.ends_with("| "))
        .map(|(_, rest)| rest)
        .collect();
    assert!(lines.len() > 5, "the help has its examples: {help}");
    for line in lines {
        let words = line.split("   ").next().unwrap_or_default().split(" > ").next().unwrap_or_default();
        let words = std::iter::once("urlcheck").chain(words.split_whitespace());
        let parsed = cli::parse(words.map(Into::into));
        assert!(parsed.is_ok(), "urlcheck {line}: {}", parsed.expect_err("it is none"));
    }
}

#[test]
fn every_guarantee_names_a_test_that_exists() {
    let page = page("README.md");
    let section = page.split("\n## ").find_map(|section| section.strip_prefix("Guarantees\n")).expect("a section");
    let guarantees: Vec<&str> = section.split("\n- ").skip(1).collect();
    assert!(guarantees.len() > 5, "README has its guarantees");
    let tests: Vec<String> = crate::tidy::test_names();
    for guarantee in guarantees {
        let named: Vec<&str> =
            guarantee.split('`').skip(1).step_by(2).filter(|word| word.matches('_').count() > 1).collect();
        assert!(!named.is_empty(), "which test holds this? {guarantee}");
        let missing: Vec<&&str> = named.iter().filter(|name| !tests.iter().any(|test| test == **name)).collect();
        assert!(missing.is_empty(), "there is no test {missing:?}");
    }
}
