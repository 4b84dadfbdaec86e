//! What an argument names: a file, standard input, or a URL.

use std::{ffi::OsString, fmt, fs, path::PathBuf};

/// Where targets are to be read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file, gzip or not.
    File(PathBuf),
    /// Standard input, gzip or not.
    Stdin,
    /// One URL, which is the only target.
    Url(String),
}

impl Input {
    /// `-` is standard input, a text with a scheme and `://` a URL, anything
    /// else a file. Whether the file is there is asked when it is opened.
    pub fn from_argument(argument: impl Into<OsString>) -> Input {
        let argument = argument.into();
        match argument.to_str() {
            Some("-") => Input::Stdin,
            Some(text) if has_scheme(text) => Input::Url(text.to_owned()),
            _ => Input::File(argument.into()),
        }
    }

    /// Whether it gives the same again when it is opened again: a pipe, also
    /// one that has a path, does not.
    pub fn is_rereadable(&self) -> bool {
        match self {
            Input::File(path) => fs::metadata(path).is_ok_and(|metadata| metadata.is_file()),
            Input::Stdin => false,
            Input::Url(_) => true,
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::File(path) => path.display().fmt(formatter),
            Input::Stdin => formatter.write_str("standard input"),
            Input::Url(url) => formatter.write_str(url),
        }
    }
}

fn has_scheme(text: &str) -> bool {
    text.trim().split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_told_apart() {
        for text in ["https://example.org/", "HTTP://example.org", "ftp://example.org", " http://x"] {
            assert_eq!(Input::from_argument(text), Input::Url(text.to_owned()));
        }
        for text in ["urls.txt", "example.org", "a/b", "C:\\urls.txt", "./-", "://x", "-x://y", ""] {
            assert_eq!(Input::from_argument(text), Input::File(text.into()));
        }
        assert_eq!(Input::from_argument("-"), Input::Stdin);
    }
}
