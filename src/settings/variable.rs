//! Environment variables that look like settings and are none.

use super::file::nearest;
use crate::cli;

/// Among the names of environment variables, those that begin as ours do and
/// set nothing: a sentence each, with the name that may have been meant.
pub fn unknown_variables(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let prefix = cli::variable("");
    let ours: Vec<String> = names.into_iter().filter(|name| name.starts_with(&prefix)).collect();
    // Most runs have none, and to know the options means to build the command line again.
    let options = if ours.is_empty() { Vec::new() } else { cli::option_names() };
    let unknown = ours.into_iter().filter(|name| !options.iter().any(|option| cli::variable(option) == *name));
    let mut sentences: Vec<String> = unknown
        .map(|name| match nearest(&name[prefix.len()..], &options) {
            Some(option) => {
                format!("the environment variable {name} sets nothing; did you mean {}?", cli::variable(&option))
            }
            None => format!("the environment variable {name} sets nothing; urlcheck --help names the flags"),
        })
        .collect();
    sentences.sort();
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_sets_nothing_is_told() {
        let names =
            ["URLCHECK_TIMEOUT", "URLCHECK_CONFIG", "URLCHECK_VERBOSE", "PATH", "urlcheck_timeout", "URLCHECKS"];
        assert!(unknown_variables(names.map(str::to_owned)).is_empty());
        let wrong = ["URLCHECK_XYZZY_OF_OZ", "URLCHECK_TIMEOUTS"].map(str::to_owned);
        assert_eq!(
            unknown_variables(wrong),
            [
                "the environment variable URLCHECK_TIMEOUTS sets nothing; did you mean URLCHECK_TIMEOUT?",
                "the environment variable URLCHECK_XYZZY_OF_OZ sets nothing; urlcheck --help names the flags",
            ]
        );
    }
}
