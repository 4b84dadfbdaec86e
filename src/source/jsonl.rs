//! JSON lines: an object a line, one field of which is the URL, or a string,
//! which is the URL itself. The other fields are not carried to the output.
//!
//! The first object decides which field it is, for the whole input.

use super::{SourceError, bounded_lines::BoundedLines, column, open::Bytes, text};
use crate::check::{Scheme, Target};
use serde_json::Value;

/// More than any URL, because its object may hold much else.
const LONGEST_LINE: usize = 1024 * 1024;

/// The lines of an input.
pub(super) struct Jsonl {
    lines: BoundedLines,
    /// Whether the line at hand is still to be advanced to.
    waiting: bool,
    wanted: Option<String>,
    field: Option<String>,
}

impl Jsonl {
    /// Reads the first line already, so that an input without a URL is told
    /// before anything is checked.
    pub(super) fn open(name: String, bytes: Bytes, wanted: Option<&str>) -> Result<Jsonl, SourceError> {
        let lines = BoundedLines::new(name, bytes, LONGEST_LINE);
        let mut jsonl = Jsonl { lines, waiting: false, wanted: wanted.map(str::to_owned), field: None };
        if jsonl.advance()? {
            jsonl.waiting = true;
            if jsonl.lines.line().trim_ascii_start().starts_with(b"[") {
                return Err(SourceError::JsonArray { name: jsonl.lines.name().to_owned() });
            }
            if let Ok(object @ Value::Object(_)) = text::decoded(jsonl.lines.line()).and_then(parse) {
                jsonl.find_field(&object)?;
            }
        }
        Ok(jsonl)
    }

    /// Goes on to the next line that is not blank; false at the end.
    pub(super) fn advance(&mut self) -> Result<bool, SourceError> {
        if std::mem::take(&mut self.waiting) {
            return Ok(true);
        }
        while self.lines.advance()? {
            if !self.lines.line().trim_ascii().is_empty() || self.lines.was_cut() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The target of the line. Fails when this is the first object and its
    /// fields do not tell which one is the URL.
    pub(super) fn target(&mut self, index: u64, default_scheme: Scheme) -> Result<Target, SourceError> {
        let line = self.lines.line();
        if self.lines.was_cut() {
            let why = format!("the line is longer than {LONGEST_LINE} bytes");
            return Ok(Target::invalid(index, text::beginning(line), why));
        }
        let value = match text::decoded(line).and_then(parse) {
            Ok(value) => value,
            Err(why) => return Ok(self.invalid(index, why)),
        };
        let found = match &value {
            Value::String(_) => &value,
            Value::Object(fields) => match fields.get(self.find_field(&value)?) {
                Some(found) => found,
                None => {
                    let field = self.field.as_deref().unwrap_or_default();
                    return Ok(self.invalid(index, format!("the object has no field {field:?}")));
                }
            },
            other => {
                let why = format!("the line is {}, not an object or a string", kind(other));
                return Ok(self.invalid(index, why));
            }
        };
        Ok(match found {
            Value::String(url) => text::target(index, url.as_bytes(), false, default_scheme),
            other => {
                let field = self.field.as_deref().unwrap_or_default();
                self.invalid(index, format!("the field {field:?} is {}, not a string", kind(other)))
            }
        })
    }

    /// The field that holds the URL: the one of the first object's.
    fn find_field(&mut self, object: &Value) -> Result<&str, SourceError> {
        if self.field.is_none() {
            let names: Vec<String> = object.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
            let place = column::find(self.lines.name(), "field", &names, self.wanted.as_deref())?;
            self.field = Some(names[place].clone());
        }
        Ok(self.field.as_deref().unwrap_or_default())
    }

    fn invalid(&self, index: u64, why: String) -> Target {
        let line = self.lines.line();
        let shown = if line.len() > 1000 { text::beginning(line) } else { text::readable(line) };
        Target::invalid(index, shown, why)
    }
}

fn parse(line: &str) -> Result<Value, String> {
    serde_json::from_str(line).map_err(|error| {
        let said = error.to_string();
        // Its line number is always 1: it knows of no other lines.
        let said = said.split(" at line ").next().unwrap_or(&said);
        format!("the line is no JSON: {said} at its character {}", error.column())
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
