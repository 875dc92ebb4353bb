//! Reading members of a JSON object, and remembering everything that is wrong with them.
//!
//! A portal's developer should see all faults of a request at once, so reading never stops at the first: a reader notes
//! the fault with its path, gives `None`, and goes on; whoever assembles the whole looks at the notes first.

use serde_json::{Map, Value};

use super::check::{Fault, wrong_kind};
use super::system_response::Refusal;

/// How many faults are named; the rest is counted.
const NAMED_PROBLEMS: usize = 10;
/// How many warnings are kept; the rest is counted.
const NAMED_WARNINGS: usize = 20;

/// What was found out while reading.
#[derive(Debug, Default)]
pub(super) struct Notes {
    problems: Vec<String>,
    problems_more: usize,
    warnings: Vec<String>,
    warnings_more: usize,
}

impl Notes {
    /// A fault at a path: the request is refused.
    pub(super) fn fault(&mut self, path: &str, fault: &Fault) {
        self.problem(format!("{path}: {fault}"));
    }

    /// A fault in words.
    pub(super) fn problem(&mut self, text: String) {
        if self.problems.len() < NAMED_PROBLEMS {
            self.problems.push(text);
        } else {
            self.problems_more += 1;
        }
    }

    /// Something odd that fails nothing. Without personal data: warnings are logged.
    pub(super) fn warn(&mut self, text: String) {
        if self.warnings.len() < NAMED_WARNINGS {
            self.warnings.push(text);
        } else {
            self.warnings_more += 1;
        }
    }

    /// Whether anything speaks against the request.
    pub(super) const fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    /// Everything that speaks against the request, as one refusal.
    pub(super) fn into_refusal(mut self) -> Refusal {
        if self.problems_more > 0 {
            self.problems.push(format!("and {} more", self.problems_more));
        }
        Refusal::Validation(self.problems.join("; "))
    }

    /// The warnings of a good request.
    pub(super) fn into_warnings(mut self) -> Vec<String> {
        if self.warnings_more > 0 {
            self.warnings.push(format!("and {} more", self.warnings_more));
        }
        self.warnings
    }
}

/// A JSON object and the path at which it stands.
#[derive(Debug, Clone)]
pub(super) struct Members<'a> {
    path: String,
    map: &'a Map<String, Value>,
}

impl<'a> Members<'a> {
    /// The object at a path; empty for the body itself.
    pub(super) fn at(path: String, value: &'a Value) -> Result<Self, Fault> {
        match value.as_object() {
            Some(map) => Ok(Self { path, map }),
            None => Err(wrong_kind(value, "an object")),
        }
    }

    /// The path of a member.
    pub(super) fn path(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// A member; null is the same as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// Every member that is not null.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
        self.map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.as_str(), value))
    }

    /// A member that may be absent; `None` too where it is faulty, which is noted.
    pub(super) fn optional<T>(
        &self,
        name: &str,
        notes: &mut Notes,
        read: impl FnOnce(&'a Value) -> Result<T, Fault>,
    ) -> Option<T> {
        read(self.get(name)?)
            .map_err(|fault| notes.fault(&self.path(name), &fault))
            .ok()
    }

    /// A member that must be there; where it is not, that is noted.
    pub(super) fn required<T>(
        &self,
        name: &str,
        notes: &mut Notes,
        read: impl FnOnce(&'a Value) -> Result<T, Fault>,
    ) -> Option<T> {
        if self.get(name).is_none() {
            notes.fault(&self.path(name), &Fault::Missing);
        }
        self.optional(name, notes, read)
    }

    /// Warns of members that the standard does not have; they are ignored.
    pub(super) fn warn_of_unknown(&self, known: &[&str], notes: &mut Notes) {
        for (name, _) in self
            .map
            .iter()
            .filter(|(name, _)| !known.contains(&name.as_str()))
        {
            let name: String = name.chars().take(40).filter(|c| !c.is_control()).collect();
            notes.warn(format!(
                "{} is not a member of the standard, ignored",
                self.path(&name)
            ));
        }
    }
}

/// The path of the first U+0000 in a text or a name, in whatever depth.
pub(super) fn nul(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .find_map(|(index, entry)| nul(entry).map(|rest| format!("[{index}]{rest}"))),
        Value::Object(map) => map.iter().find_map(|(name, entry)| {
            if name.contains('\0') {
                return Some(".(a member name)".to_owned());
            }
            nul(entry).map(|rest| format!(".{}{rest}", name.chars().take(40).collect::<String>()))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}
