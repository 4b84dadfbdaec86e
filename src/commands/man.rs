//! `urlcheck man`: the manual pages, made from the same text as `--help`.

use crate::cli;
use clap_mangen::Man;
use std::io::{self, Write};

/// Writes the manual page of a command, or else that of urlcheck, which
/// refers to the others.
///
/// # Errors
/// There is no such command; or those of `out`.
pub(super) fn run(name: Option<&str>, out: &mut impl Write) -> io::Result<()> {
    let mut urlcheck = cli::command().disable_help_subcommand(true);
    urlcheck.build();
    let command = match name {
        Some(name) => urlcheck.find_subcommand(name).cloned().ok_or_else(|| no_such_command(name))?,
        None => urlcheck,
    };
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    out.write_all(&page)?;
    out.flush()
}

fn no_such_command(name: &str) -> io::Error {
    let why = format!("there is no command {name:?}; urlcheck --help lists them");
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(name: Option<&str>) -> Result<String, String> {
        let mut out = Vec::new();
        run(name, &mut out).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(out).expect("a page is text"))
    }

    #[test]
    fn the_page_has_flags_examples_and_exit_codes() {
        let page = page(None).expect("the main page");
        for part in [".TH urlcheck 1", "max\\-redirects", "Examples:", "Exit codes:"] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }

    #[test]
    fn every_page_that_it_refers_to_is_there() {
        let main = page(None).expect("the main page");
        let named = main.lines().filter_map(|line| line.strip_prefix("urlcheck\\-")?.strip_suffix("(1)"));
        let named: Vec<String> = named.map(|name| name.replace("\\-", "-")).collect();
        assert!(named.iter().any(|name| name == "demo"), "{main}");
        for name in named {
            assert!(page(Some(&name)).expect(&name).contains(&format!(".TH urlcheck-{name} 1")), "{name}");
        }
        assert_eq!(page(Some("dance")), Err("there is no command \"dance\"; urlcheck --help lists them".to_owned()));
    }
}
