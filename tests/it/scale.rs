//! `docs/scale.md`: what comes out is what its formulas make of what goes in,
//! and the commands that it names are there.

use crate::tidy::ROOT;
use std::{collections::BTreeMap, fs, iter::Peekable, path::Path};

type Figures = BTreeMap<String, f64>;

fn page() -> String {
    fs::read_to_string(Path::new(ROOT).join("docs/scale.md")).expect("the page is there")
}

/// The cells of the table below a heading.
fn table<'a>(page: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let section = page.split("\n## ").find_map(|section| section.strip_prefix(heading)).expect(heading);
    let lines = section.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    lines.skip(1).map(|line| line.split(" | ").collect()).collect()
}

fn figure(text: &str) -> f64 {
    text.replace(',', "").parse().unwrap_or_else(|_| panic!("{text} is no figure"))
}

/// A figure as the page writes it: with as many decimals as `like`.
fn written(figure: f64, like: &str) -> String {
    let n_decimals = like.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let text = format!("{figure:.n_decimals$}");
    let (whole, decimals) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + decimals
}

/// The value of a formula: numbers, names, `+ - * /`, parentheses, `up(a)` and
/// `max(a, b)`.
fn value(formula: &str, known: &Figures) -> f64 {
    let mut tokens = Tokens { known, rest: formula.chars().peekable() };
    let value = tokens.sum();
    assert_eq!(tokens.next_sign(), None, "{formula} goes on after its end");
    value
}

struct Tokens<'a, I: Iterator<Item = char>> {
    known: &'a Figures,
    rest: Peekable<I>,
}

impl<I: Iterator<Item = char>> Tokens<'_, I> {
    fn next_sign(&mut self) -> Option<char> {
        while self.rest.next_if_eq(&' ').is_some() {}
        self.rest.peek().copied()
    }

    fn expect(&mut self, sign: char) {
        assert_eq!(self.next_sign(), Some(sign));
        self.rest.next();
    }

    fn sum(&mut self) -> f64 {
        let mut sum = self.product();
        while let Some(sign @ ('+' | '-')) = self.next_sign() {
            self.rest.next();
            let next = self.product();
            sum = if sign == '+' { sum + next } else { sum - next };
        }
        sum
    }

    fn product(&mut self) -> f64 {
        let mut product = self.term();
        while let Some(sign @ ('*' | '/')) = self.next_sign() {
            self.rest.next();
            let next = self.term();
            product = if sign == '*' { product * next } else { product / next };
        }
        product
    }

    fn term(&mut self) -> f64 {
        let mut word = String::new();
        self.next_sign();
        while let Some(letter) = self.rest.next_if(|c| c.is_ascii_alphanumeric() || "._".contains(*c)) {
            word.push(letter);
        }
        match word.as_str() {
            "" | "up" | "max" => {
                self.expect('(');
                let mut value = self.sum();
                if word == "max" {
                    self.expect(',');
                    value = value.max(self.sum());
                }
                self.expect(')');
                if word == "up" { value.ceil() } else { value }
            }
            number if number.starts_with(|c: char| c.is_ascii_digit()) => figure(number),
            name => *self.known.get(name).unwrap_or_else(|| panic!("there is no figure {name} above this line")),
        }
    }
}

#[test]
fn a_formula_is_worked_out_as_people_do() {
    let known = Figures::from([("a".to_owned(), 6.0), ("b_2".to_owned(), 4.0)]);
    for (formula, expected) in [
        ("a - b_2 - 1", 1.0),
        ("1 + a / b_2 * 2", 4.0),
        ("(1 - 0.5) * (a + b_2)", 5.0),
        ("up(a / b_2) + max(a, b_2 * 2)", 10.0),
    ] {
        assert_eq!(value(formula, &known), expected, "{formula}");
    }
    assert_eq!((written(1234567.0, "1"), written(0.25, "0.1")), ("1,234,567".to_owned(), "0.2".to_owned()));
}

#[test]
fn the_plan_past_one_machine_follows_from_its_figures() {
    let page = page();
    let name = |cell: &str| cell.trim_matches('`').to_owned();
    let goes_in = table(&page, "What goes in\n");
    let mut known: Figures = goes_in.iter().map(|line| (name(line[0]), figure(line[1]))).collect();
    assert!(known.len() > 20 && known.len() == goes_in.len(), "each figure has its name");
    let comes_out = table(&page, "What comes out\n");
    assert!(comes_out.len() > 15, "the page has its results");
    let mut faults = Vec::new();
    for line in &comes_out {
        let value = value(line[3].trim_matches('`'), &known);
        let expected = written(value, line[1]);
        if expected != line[1] {
            faults.push(format!("docs/scale.md: {} is {expected} and not {}", line[0], line[1]));
        }
        known.insert(name(line[0]), value);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let formulas: String =
        comes_out.iter().map(|line| format!(" {} ", line[3].replace(['`', '(', ')', ','], " "))).collect();
    let idle: Vec<&str> =
        goes_in.iter().map(|line| line[0]).filter(|cell| !formulas.contains(&format!(" {} ", name(cell)))).collect();
    assert!(idle.is_empty(), "nothing follows from {idle:?}");
}

#[test]
fn the_plan_s_measuring_commands_exist() {
    let page = page();
    let commands: Vec<&str> = page.split('`').skip(1).step_by(2).filter(|code| code.starts_with("benches/")).collect();
    assert!(commands.len() > 3, "each figure that was measured says how");
    for command in commands {
        let mut words = command.split(' ');
        let script = words.next().expect("a command has a first word");
        let folder = Path::new(ROOT).join(script);
        let folder = folder.parent().expect("a script is in a folder");
        assert!(Path::new(ROOT).join(script).exists(), "there is no {script}");
        // A flag or a workload stands in the script, or in one that it calls.
        let texts = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let texts: String =
            texts.filter(|path| path.is_file()).filter_map(|path| fs::read_to_string(path).ok()).collect();
        for word in words {
            assert!(texts.contains(word), "{command}: nothing in {script}'s folder knows {word}");
        }
    }
}
