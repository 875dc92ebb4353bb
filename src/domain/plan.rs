//! What `tenants apply` would do: the wanted state of the tenants file against what the store has. A pure comparison,
//! so that the plan that is shown is the plan that is carried out.

use std::fmt;

use serde_json::Value;

use super::tenants::{Kind, Tenants};

/// The newest version of something, as the store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub id: String,
    /// Its version, from 1.
    pub version: i64,
    /// Its content.
    pub json: String,
    /// Whether it is closed.
    pub closed: bool,
}

/// One setting, before and after; `None` where it was not or will not be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// For example `methods[0].max_cents`.
    pub setting: String,
    /// Before.
    pub before: Option<Value>,
    /// After.
    pub after: Option<Value>,
}

/// What happens to one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Version 1 is written.
    Create {
        /// Its content.
        json: String,
    },
    /// A new version is written.
    Change {
        /// The version that was read, a guard of the Change.
        from: i64,
        /// Its content.
        json: String,
        /// What differs.
        differences: Vec<Difference>,
    },
    /// Nothing.
    Keep,
    /// It is not in the file, and stays as it is.
    KeepAbsent,
    /// It is not in the file, and is closed; nothing is deleted.
    Close {
        /// The version that was read, a guard of the Change.
        from: i64,
    },
    /// It was closed and is wanted again: a new version is written.
    Reopen {
        /// The version that was read, a guard of the Change.
        from: i64,
        /// Its content.
        json: String,
        /// What differs.
        differences: Vec<Difference>,
    },
}

/// One entry and what happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub id: String,
    /// What happens.
    pub deed: Deed,
}

/// What would be done, in the order in which things need each other. `Display` is what a person reads before saying yes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// All entries of the file and the store, those that are closed and stay so left out.
    pub steps: Vec<Step>,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Something that can never change would.
    #[error("{kind} {id}: {setting} cannot change from {before} to {after}: {why}")]
    Fixed {
        /// What it is.
        kind: Kind,
        /// Which one.
        id: String,
        /// The setting.
        setting: &'static str,
        /// What it is now.
        before: Value,
        /// What the file wants.
        after: Value,
        /// Why not.
        why: &'static str,
    },
    /// The store holds something that this program cannot read.
    #[error("{kind} {id}: version {version} in the store cannot be read: {why}")]
    Stored {
        /// What it is.
        kind: Kind,
        /// Which one.
        id: String,
        /// Its version.
        version: i64,
        /// Why not.
        why: String,
    },
    /// The wanted state cannot be written as JSON.
    #[error("the tenants cannot be written as JSON: {0}")]
    Json(String),
}

/// Compares what is with what is wanted. `current` holds the newest version of each entry, in any order.
///
/// # Errors
/// Every [`PlanError`], not just the first.
pub fn plan(current: &[Current], wanted: &Tenants, close_absent: bool) -> Result<Plan, Vec<PlanError>> {
    let entries = wanted
        .entries()
        .map_err(|error| vec![PlanError::Json(error.to_string())])?;
    let mut errors = Vec::new();
    let mut steps: Vec<Step> = Vec::new();
    for (kind, id, after) in &entries {
        let known = current
            .iter()
            .find(|known| known.kind == *kind && known.id == *id);
        match known.map_or_else(
            || {
                Ok(Deed::Create {
                    json: after.to_string(),
                })
            },
            |known| changed(known, after),
        ) {
            Ok(deed) => steps.push(Step {
                kind: *kind,
                id: id.clone(),
                deed,
            }),
            Err(found) => errors.extend(found),
        }
    }
    let absent = |known: &&Current| {
        !entries
            .iter()
            .any(|(kind, id, _)| known.kind == *kind && known.id == *id)
    };
    steps.extend(
        current
            .iter()
            .filter(|known| !known.closed)
            .filter(absent)
            .map(|known| Step {
                kind: known.kind,
                id: known.id.clone(),
                deed: if close_absent {
                    Deed::Close { from: known.version }
                } else {
                    Deed::KeepAbsent
                },
            }),
    );
    steps.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    if errors.is_empty() {
        Ok(Plan { steps })
    } else {
        Err(errors)
    }
}

fn changed(known: &Current, after: &Value) -> Result<Deed, Vec<PlanError>> {
    let before = known.kind.normalised(&known.json).map_err(|error| {
        vec![PlanError::Stored {
            kind: known.kind,
            id: known.id.clone(),
            version: known.version,
            why: error.to_string(),
        }]
    })?;
    let fixed = known
        .kind
        .fixed()
        .iter()
        .filter(|(setting, _)| before[*setting] != after[*setting]);
    let errors: Vec<PlanError> = fixed
        .map(|(setting, why)| PlanError::Fixed {
            kind: known.kind,
            id: known.id.clone(),
            setting,
            before: before[*setting].clone(),
            after: after[*setting].clone(),
            why,
        })
        .collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut differences = Vec::new();
    differ("", Some(&before), Some(after), &mut differences);
    let (from, json) = (known.version, after.to_string());
    Ok(match (known.closed, differences.is_empty()) {
        (true, _) => Deed::Reopen {
            from,
            json,
            differences,
        },
        (false, true) => Deed::Keep,
        (false, false) => Deed::Change {
            from,
            json,
            differences,
        },
    })
}

/// Goes down into objects and lists of objects; other values are compared whole.
fn differ(setting: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let gone = old.keys().filter(|key| !new.contains_key(*key));
            for key in new.keys().chain(gone) {
                let dot = if setting.is_empty() { "" } else { "." };
                differ(&format!("{setting}{dot}{key}"), old.get(key), new.get(key), found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) if old.iter().chain(new).all(Value::is_object) => {
            for index in 0..old.len().max(new.len()) {
                differ(
                    &format!("{setting}[{index}]"),
                    old.get(index),
                    new.get(index),
                    found,
                );
            }
        }
        (before, after) if before == after => {}
        (before, after) => found.push(Difference {
            setting: setting.to_owned(),
            before: before.cloned(),
            after: after.cloned(),
        }),
    }
}

impl Plan {
    /// Whether anything would be written.
    pub fn is_empty(&self) -> bool {
        self.steps
            .iter()
            .all(|step| matches!(step.deed, Deed::Keep | Deed::KeepAbsent))
    }

    fn count(&self, wanted: fn(&Deed) -> bool) -> usize {
        self.steps.iter().filter(|step| wanted(&step.deed)).count()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Step { kind, id, deed } in &self.steps {
            match deed {
                Deed::Keep => {}
                Deed::Create { .. } => writeln!(f, "+ {kind} {id}: create")?,
                Deed::KeepAbsent => {
                    writeln!(f, "= {kind} {id}: not in the file, kept (--close would close it)")?;
                }
                Deed::Close { .. } => writeln!(f, "- {kind} {id}: not in the file, close")?,
                Deed::Change {
                    from, differences, ..
                } => {
                    writeln!(f, "~ {kind} {id}: change, version {from} → {}", from + 1)?;
                    lines(f, differences)?;
                }
                Deed::Reopen {
                    from, differences, ..
                } => {
                    writeln!(f, "^ {kind} {id}: reopen, version {from} → {}", from + 1)?;
                    lines(f, differences)?;
                }
            }
        }
        write!(
            f,
            "{} to create, {} to change, {} to reopen, {} to close, {} unchanged, {} absent and kept",
            self.count(|deed| matches!(deed, Deed::Create { .. })),
            self.count(|deed| matches!(deed, Deed::Change { .. })),
            self.count(|deed| matches!(deed, Deed::Reopen { .. })),
            self.count(|deed| matches!(deed, Deed::Close { .. })),
            self.count(|deed| matches!(deed, Deed::Keep)),
            self.count(|deed| matches!(deed, Deed::KeepAbsent)),
        )
    }
}

fn lines(f: &mut fmt::Formatter<'_>, differences: &[Difference]) -> fmt::Result {
    let told = |value: &Option<Value>| {
        value
            .as_ref()
            .map_or_else(|| "not set".to_owned(), ToString::to_string)
    };
    for difference in differences {
        let (before, after) = (told(&difference.before), told(&difference.after));
        writeln!(f, "    {}: {before} → {after}", difference.setting)?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
