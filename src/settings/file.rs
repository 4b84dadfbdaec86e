//! `urlcheck.toml`: the options as a file, and where in it a fault is.

use crate::cli::{self, Options};
use serde::Deserialize;
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};
use toml::de::{DeTable, Deserializer};

/// The name of the file that is read when none is named.
pub const FILE_NAME: &str = "urlcheck.toml";

/// Why a file of settings is of no use.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not there, or not readable, or no text.
    #[error("cannot read the settings in {path}; --config names another file")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// It is no TOML.
    #[error("{place}: {message}")]
    Syntax {
        /// Where.
        place: Place,
        /// What TOML wants there.
        message: String,
    },
    /// A key is no flag's name.
    #[error("{place}: there is no key {key:?}{}", suggestion(.nearest.as_deref()))]
    UnknownKey {
        /// Where.
        place: Place,
        /// The key.
        key: String,
        /// The known key that looks most like it.
        nearest: Option<String>,
    },
    /// A key's value is not what its flag takes.
    #[error("{place}: {key}: {message}")]
    Value {
        /// Where.
        place: Place,
        /// The key.
        key: String,
        /// What is wrong with it, or what it must be.
        message: String,
    },
}

/// A place in a file of settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
}

/// Reads the file that is named, or else the one in `folder`, if there is one.
pub(super) fn read(named: Option<&Path>, folder: &Path) -> Result<Options, FileError> {
    let path = named.map_or_else(|| folder.join(FILE_NAME), Path::to_owned);
    match fs::read_to_string(&path) {
        Ok(text) => parse(&text, &path),
        Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => Ok(Options::default()),
        Err(source) => Err(FileError::Read { path, source }),
    }
}

fn parse(text: &str, path: &Path) -> Result<Options, FileError> {
    let place = |at: usize| Place::of(text, at, path);
    let table = DeTable::parse(text).map_err(|error| FileError::Syntax {
        place: place(error.span().unwrap_or_default().start),
        message: error.message().to_owned(),
    })?;
    // The keys with the places where they begin, in the order of the file. A
    // section begins with its bracket, which belongs to the value.
    let starts = table.get_ref().iter().map(|(key, value)| (key.span().start.min(value.span().start), key.get_ref()));
    let mut keys: Vec<(usize, String)> = starts.map(|(start, key)| (start, key.to_string())).collect();
    keys.sort();
    let known = known_keys();
    if let Some((start, key)) = keys.iter().find(|(_, key)| !known.contains(key)) {
        return Err(FileError::UnknownKey { place: place(*start), key: key.clone(), nearest: nearest(key, &known) });
    }
    Options::deserialize(Deserializer::from(table)).map_err(|error| {
        let at = error.span().unwrap_or_default().start;
        let key = keys.into_iter().rfind(|(start, _)| *start <= at).map(|(_, key)| key).unwrap_or_default();
        FileError::Value { place: place(at), key, message: error.message().to_owned() }
    })
}

/// The flags' names, as keys: all but those that say something about the file
/// itself or about one call.
fn known_keys() -> Vec<String> {
    cli::option_names().into_iter().filter(|name| !["config", "verbose"].contains(&name.as_str())).collect()
}

pub(super) fn nearest(key: &str, known: &[String]) -> Option<String> {
    let written = key.replace('-', "_").to_lowercase();
    let alike = known.iter().map(|name| (strsim::normalized_damerau_levenshtein(&written, name), name));
    let (likeness, name) = alike.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (likeness > 0.6).then(|| name.clone())
}

fn suggestion(nearest: Option<&str>) -> String {
    match nearest {
        Some(name) => format!("; did you mean {name}?"),
        None => "; the keys are the long flags of urlcheck --help, with _ for -".to_owned(),
    }
}

impl Place {
    fn of(text: &str, at: usize, path: &Path) -> Place {
        let before = text.get(..at).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, line {}, column {}", self.path.display(), self.line, self.column)
    }
}
