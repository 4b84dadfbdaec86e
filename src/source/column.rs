//! Which column or field holds the URL, and what the others are called in the
//! output.

use super::SourceError;
use std::collections::HashSet;

/// The names that say themselves that they hold the URL, in any case.
const USUAL_NAMES: [&str; 6] = ["url", "link", "href", "website", "homepage", "uri"];

/// No message lists more names than this.
const LISTED: usize = 30;

/// Where the URL is among the names: the one called `wanted`, exactly or else
/// in another case; without a wish, the only one with a usual name. `what` is
/// what the names belong to: `column` or `field`.
pub(super) fn find(
    input: &str,
    what: &'static str,
    names: &[String],
    wanted: Option<&str>,
) -> Result<usize, SourceError> {
    let fitting = match wanted {
        Some(wanted) => match places(names, |name| name == wanted) {
            exact if exact.is_empty() => places(names, |name| is_same(name, wanted)),
            exact => exact,
        },
        None => places(names, |name| USUAL_NAMES.iter().any(|usual| is_same(name, usual))),
    };
    let (name, listed) = (input.to_owned(), list(names.iter()));
    match (fitting.as_slice(), wanted) {
        ([place], _) => Ok(*place),
        ([], Some(wanted)) => Err(SourceError::NoSuchColumn { name, what, wanted: wanted.to_owned(), listed }),
        ([], None) => Err(SourceError::NoUrlColumn { name, what, usual: USUAL_NAMES.join(", "), listed }),
        _ => {
            let fitting = list(fitting.iter().map(|place| &names[*place]));
            Err(SourceError::SeveralUrlColumns { name, what, fitting, listed })
        }
    }
}

/// The names of the other columns as the output has them, each only once: a
/// nameless one is called by its place, one named like a column of ours gets
/// `input_` before its name, the second of a name `_2` after it.
pub(super) fn carried(header: &[String], url_column: usize, reserved: &[&str]) -> Vec<String> {
    let mut taken = HashSet::new();
    let others = header.iter().enumerate().filter(|(place, _)| *place != url_column);
    others
        .map(|(place, name)| {
            let base = match name.trim() {
                "" => format!("column_{}", place + 1),
                name if reserved.iter().any(|reserved| is_same(name, reserved)) => format!("input_{name}"),
                name => name.to_owned(),
            };
            let mut unique = base.clone();
            let mut n = 2;
            while !taken.insert(unique.clone()) || reserved.iter().any(|reserved| is_same(&unique, reserved)) {
                unique = format!("{base}_{n}");
                n += 1;
            }
            unique
        })
        .collect()
}

fn is_same(name: &str, other: &str) -> bool {
    name.trim().eq_ignore_ascii_case(other.trim())
}

fn places(names: &[String], fits: impl Fn(&str) -> bool) -> Vec<usize> {
    (0..names.len()).filter(|place| fits(&names[*place])).collect()
}

fn list<'a>(names: impl ExactSizeIterator<Item = &'a String>) -> String {
    let more = names.len().saturating_sub(LISTED);
    let shown: Vec<&str> = names.take(LISTED).map(String::as_str).collect();
    let shown = if shown.is_empty() { "none".to_owned() } else { shown.join(", ") };
    if more > 0 { format!("{shown}, and {more} more") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    fn found(text: &str, wanted: Option<&str>) -> Result<usize, String> {
        find("a.csv", "column", &names(text), wanted).map_err(|error| error.to_string())
    }

    #[test]
    fn one_usual_name_is_found() {
        assert_eq!(found("id,url,name", None), Ok(1));
        assert_eq!(found("id,name, Website ", None), Ok(2));
    }

    #[test]
    fn a_wish_is_exact_before_it_is_not() {
        assert_eq!(found("Page,page,url", Some("page")), Ok(1));
        assert_eq!(found("id,Page", Some("page")), Ok(1));
    }

    #[test]
    fn none_or_several_list_the_columns() {
        let none = found("id,name", None).expect_err("none fits");
        assert!(none.contains("--url-column") && none.contains("there are: id, name"), "{none}");
        let several = found("id,url,Link", None).expect_err("two fit");
        assert!(several.contains("url, Link; say which with --url-column"), "{several}");
        let wrong = found("id,url", Some("page")).expect_err("no such column");
        assert!(wrong.contains("\"page\"") && wrong.contains("there are: id, url"), "{wrong}");
        assert!(found("id,Page,PAGE", Some("page")).is_err());
        let wide = found(&vec!["x"; 1000].join(","), None).expect_err("none fits");
        assert!(wide.ends_with("x, and 970 more"), "{wide}");
    }

    #[test]
    fn carried_names_are_unique_and_not_ours() {
        let header = names("id,url,Status_code,,id, note ,input_status_code");
        assert_eq!(
            carried(&header, 1, &["url", "status_code"]),
            ["id", "input_Status_code", "column_4", "id_2", "note", "input_status_code"]
        );
        assert_eq!(carried(&names("a,a_2,a,url"), 3, &[]), ["a", "a_2", "a_3"]);
        assert_eq!(carried(&names("url,input"), 0, &["input", "input_input"]), ["input_input_2"]);
    }
}
