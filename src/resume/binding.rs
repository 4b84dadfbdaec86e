//! What a run was made of, in a small file beside its output, so that going on
//! is refused where the rows would not belong together.
//!
//! Bound are the inputs by their whole content, the columns, and the settings
//! that change rows; those that only change the pace or what people see are not.

use super::{Layout, folder::with_ending};
use crate::{
    check::{Scheme, Target},
    sink::{Column, masked_input},
    source::Input,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    hash::Hasher,
    io::{self, Read},
    path::{Path, PathBuf},
};
use twox_hash::XxHash3_64;

/// What a run is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The version of this program.
    urlcheck: String,
    format: String,
    columns: Vec<String>,
    inputs: Vec<BoundInput>,
    /// Flags without their dashes.
    settings: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct BoundInput {
    /// A file's name without its folder, which may be another next time; a URL
    /// without its password.
    name: String,
    size: u64,
    hash: String,
}

/// A setting that changes rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The flag, without its dashes.
    pub flag: &'static str,
    /// What it is set to.
    pub given: Given,
}

/// What a setting is set to, and how much of it may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// What may stand in a file.
    Text(String),
    /// What may not: only its hash is kept.
    Secret(Vec<u8>),
    /// A file whose content counts, if there is one.
    Content(Option<PathBuf>),
}

/// An input that does not give the same again, as the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unbound(pub String);

/// Why there is no binding to be had, or it does not hold.
#[derive(Debug, thiserror::Error)]
pub enum BindingError {
    /// A file that counts cannot be read.
    #[error("{path}: cannot be read: {why}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// There is no record of what the old run was made of.
    #[error("{} is not there, so nobody can tell whether its rows belong to this run", .0.display())]
    Missing(PathBuf),
    /// The record is damaged.
    #[error("{path} is damaged ({why}), so nobody can tell whether its rows belong to this run")]
    Damaged {
        /// The record.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Something is not as it was, as a sentence.
    #[error("{0}")]
    Differs(String),
}

/// The file beside an output that holds its binding.
pub fn sidecar(output: &Path) -> PathBuf {
    with_ending(output, ".run")
}

impl Binding {
    /// The binding of a run that is to be made. Reads every input once.
    ///
    /// # Errors
    /// A file cannot be read; or, within, an input that is no file cannot be bound.
    pub fn of(
        layout: Layout,
        extra: &[String],
        inputs: &[Input],
        settings: &[Setting],
    ) -> Result<Result<Binding, Unbound>, BindingError> {
        let mut bound = Vec::with_capacity(inputs.len());
        for input in inputs {
            if !input.is_rereadable() {
                return Ok(Err(Unbound(format!("{input} can be read only once"))));
            }
            bound.push(BoundInput::of(input)?);
        }
        let values = settings.iter().map(|setting| Ok((setting.flag.to_owned(), setting.given.value()?)));
        let names = Column::ALL.iter().map(|column| column.name().to_owned());
        Ok(Ok(Binding {
            urlcheck: env!("CARGO_PKG_VERSION").to_owned(),
            format: layout.as_str().to_owned(),
            columns: names.chain(extra.iter().cloned()).collect(),
            inputs: bound,
            settings: values.collect::<Result<_, BindingError>>()?,
        }))
    }

    /// Reads the binding that lies beside an output.
    pub(super) fn beside(output: &Path) -> Result<Binding, BindingError> {
        let path = sidecar(output);
        let text = std::fs::read(&path).map_err(|why| match why.kind() {
            io::ErrorKind::NotFound => BindingError::Missing(path.clone()),
            _ => BindingError::Read { path: path.clone(), why },
        })?;
        serde_json::from_slice(&text).map_err(|why| BindingError::Damaged { path, why: why.to_string() })
    }

    /// As it stands in its file.
    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("texts and numbers are JSON");
        json.push(b'\n');
        json
    }

    /// Whether rows of this run belong to those of an older one: the first
    /// difference, if there is any. Another version of the program is none.
    pub(super) fn ensure_like(&self, old: &Binding) -> Result<(), BindingError> {
        self.difference(old).map_or(Ok(()), |sentence| Err(BindingError::Differs(sentence)))
    }

    fn difference(&self, old: &Binding) -> Option<String> {
        if self.format != old.format {
            return Some(format!("its rows are {}, not {} (--format)", old.format, self.format));
        }
        if self.inputs.len() != old.inputs.len() {
            return Some(format!("it has the rows of {} inputs, not of {}", old.inputs.len(), self.inputs.len()));
        }
        let mut inputs = self.inputs.iter().zip(&old.inputs);
        if let Some((now, then)) = inputs.find(|(now, then)| now != then) {
            return Some(match now.name == then.name {
                true => format!("the input {} has changed since its run began", now.name),
                false => format!("it has the rows of another input, {}, not {}", then.name, now.name),
            });
        }
        let flags: BTreeSet<&String> = self.settings.keys().chain(old.settings.keys()).collect();
        let differ = flags.into_iter().filter_map(|flag| {
            let (now, then) = (self.settings.get(flag), old.settings.get(flag));
            let shown = |value: Option<&String>| value.map_or("nothing", String::as_str).to_owned();
            (now != then).then(|| format!("with --{flag} {}, not {}", shown(then), shown(now)))
        });
        // All of them: one flag may change what another comes to.
        let differ: Vec<String> = differ.collect();
        if !differ.is_empty() {
            return Some(format!("its rows were made {}", differ.join(" and ")));
        }
        (self.columns != old.columns).then(|| "its rows have other columns".to_owned())
    }

    /// The version of the program that began.
    pub(super) fn version(&self) -> &str {
        &self.urlcheck
    }
}

impl BoundInput {
    fn of(input: &Input) -> Result<BoundInput, BindingError> {
        match input {
            Input::File(path) => {
                let (size, hash) = content(path)?;
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
                Ok(BoundInput { name, size, hash })
            }
            other => {
                let text = other.to_string();
                Ok(BoundInput {
                    name: masked_input(&Target::parse(1, text.as_str(), Scheme::Https)).into_owned(),
                    size: text.len() as u64,
                    hash: shown(XxHash3_64::oneshot(text.as_bytes())),
                })
            }
        }
    }
}

impl Given {
    fn value(&self) -> Result<String, BindingError> {
        match self {
            Given::Text(text) => Ok(text.clone()),
            Given::Secret(bytes) if bytes.is_empty() => Ok("nothing".to_owned()),
            Given::Secret(bytes) => Ok(format!("of the hash {}", shown(XxHash3_64::oneshot(bytes)))),
            Given::Content(None) => Ok("nothing".to_owned()),
            Given::Content(Some(path)) => Ok(format!("of the hash {}", content(path)?.1)),
        }
    }
}

/// The size and the hash of a whole file.
fn content(path: &Path) -> Result<(u64, String), BindingError> {
    let read = || {
        let mut file = File::open(path)?;
        let mut hasher = XxHash3_64::default();
        let mut buffer = vec![0; 256 * 1024];
        let mut size = 0;
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok((size, shown(hasher.finish()))),
                Ok(n_read) => {
                    hasher.write(&buffer[..n_read]);
                    size += n_read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    };
    read().map_err(|why| BindingError::Read { path: path.to_owned(), why })
}

fn shown(hash: u64) -> String {
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests;
