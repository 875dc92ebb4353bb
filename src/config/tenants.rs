//! The tenants file: `[[kasse]]`, `[[authority]]`, `[[target]]`, `[[mandant]]`, `[[route]]` and `[[client]]` in TOML,
//! read into the types of `domain::tenant` and `domain::mandant` and checked as a whole. `domain::plan` compares it with what the store has.
//!
//! The settings are the fields of those types, with one difference: a client's routes are written
//! `"originatorId/endPointId"`. To add a rule: `check.rs` for one entry, `cross.rs` between entries.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::problems::{Problems, did_you_mean};
use super::section::checked_section;
use super::{Config, parse_toml};
use crate::domain::mandant::pools_that_meet;
use crate::domain::tenants::Tenants;

mod check;
mod cross;
mod hkr;
#[cfg(test)]
mod hkr_tests;
#[cfg(test)]
mod list_tests;
mod mandant;
#[cfg(test)]
mod tests;

const KINDS: [&str; 6] = ["kasse", "authority", "target", "mandant", "route", "client"];

/// Reads and checks the text of a tenants file.
///
/// # Errors
/// All [`Problems`], with paths such as `route[2] (thavel-urkunde/16064003).expires_after_minutes`; lists count from 0.
pub fn parse(text: &str) -> Result<Tenants, Problems> {
    let mut problems = Problems::default();
    let mut root = match parse_toml(text) {
        Ok(root) => root,
        Err(what) => {
            problems.at("tenants file", what);
            return Err(problems);
        }
    };
    for name in root.keys().filter(|name| !KINDS.contains(&name.as_str())) {
        problems.at(
            name,
            format!("this list is not known{}", did_you_mean(name, KINDS)),
        );
    }
    let mut file = File {
        kassen: list(&mut root, "kasse", &mut problems),
        authorities: list(&mut root, "authority", &mut problems),
        targets: list(&mut root, "target", &mut problems),
        mandanten: list(&mut root, "mandant", &mut problems),
        routes: list(&mut root, "route", &mut problems),
        clients: list(&mut root, "client", &mut problems),
    };
    file.client_routes(&mut problems);
    let tenants = Tenants {
        kassen: typed(&file.kassen, &[], check::kasse, &mut problems),
        authorities: typed(&file.authorities, &[], check::authority, &mut problems),
        targets: typed(&file.targets, &[], check::target, &mut problems),
        mandanten: typed(&file.mandanten, &[], mandant::check, &mut problems),
        routes: typed(&file.routes, &check::WHY_ROUTE, check::route, &mut problems),
        clients: typed(&file.clients, &[], check::client, &mut problems),
    };
    cross::check(&file, &mut problems);
    let kassen: Vec<_> = tenants
        .kassen
        .iter()
        .map(|kasse| (format!("kasse {}", kasse.id), kasse))
        .collect();
    check::accounts(&kassen, &mut problems);
    check::roles(&tenants.clients, &tenants.authorities, &mut problems);
    check::released(&tenants, &mut problems);
    hkr::codes(&kassen, &tenants.authorities, &tenants.routes, &mut problems);
    problems.or(Some(tenants))
}

/// Checks what the tenants need of the configuration: every provider that they name is there, of the Kasse's environment,
/// and able to do what is asked of it.
pub fn check_against(tenants: &Tenants, config: &Config) -> Problems {
    cross::providers(tenants, &config.providers)
}

/// Checks tenants that are stored already, each by itself: what an older version let in may no longer be enough.
pub fn check_stored(tenants: &Tenants) -> Problems {
    let mut problems = Problems::default();
    for kasse in &tenants.kassen {
        check::kasse(kasse, &format!("kasse {}", kasse.id), &mut problems);
    }
    let kassen: Vec<_> = tenants
        .kassen
        .iter()
        .map(|kasse| (format!("kasse {}", kasse.id), kasse))
        .collect();
    check::accounts(&kassen, &mut problems);
    hkr::codes(&kassen, &tenants.authorities, &tenants.routes, &mut problems);
    for authority in &tenants.authorities {
        check::authority(authority, &format!("authority {}", authority.id), &mut problems);
    }
    for target in &tenants.targets {
        check::target(target, &format!("target {}", target.id), &mut problems);
    }
    for mandant in &tenants.mandanten {
        mandant::check(mandant, &format!("mandant {}", mandant.id()), &mut problems);
    }
    for (path, told) in pools_that_meet(&tenants.mandanten) {
        problems.at(path, told);
    }
    for route in &tenants.routes {
        check::route(route, &format!("route {}", route.key()), &mut problems);
    }
    check::released(tenants, &mut problems);
    problems
}

/// One entry before it has its type: checks between entries must not be silenced by a problem within one.
struct Entry {
    /// `route[2] (thavel-urkunde/16064003)`.
    path: String,
    table: Table,
}

impl Entry {
    fn text(&self, setting: &str) -> Option<&str> {
        self.table.get(setting).and_then(Value::as_str)
    }

    /// How others refer to it.
    fn id(&self) -> Option<String> {
        let pair = |first, second| Some(format!("{}/{}", self.text(first)?, self.text(second)?));
        let own = self.text("id").map(str::to_owned);
        own.or_else(|| pair("originator_id", "end_point_id"))
            .or_else(|| pair("provider", "number"))
    }

    fn at(&self, setting: &str) -> String {
        format!("{}.{setting}", self.path)
    }
}

/// The file's lists.
struct File {
    kassen: Vec<Entry>,
    authorities: Vec<Entry>,
    targets: Vec<Entry>,
    mandanten: Vec<Entry>,
    routes: Vec<Entry>,
    clients: Vec<Entry>,
}

impl File {
    /// Turns `"originatorId/endPointId"` into the pair that the domain knows.
    fn client_routes(&mut self, problems: &mut Problems) {
        for client in &mut self.clients {
            let path = client.at("routes");
            let Some(Value::Array(routes)) = client.table.get_mut("routes") else {
                continue;
            };
            for (index, route) in routes.iter_mut().enumerate() {
                let Some((originator, end_point)) = route.as_str().and_then(|text| text.split_once('/'))
                else {
                    problems.at(
                        format!("{path}[{index}]"),
                        "should be \"originatorId/endPointId\"",
                    );
                    continue;
                };
                let pair = [("originator_id", originator), ("end_point_id", end_point)];
                let pair = pair.map(|(key, text)| (key.to_owned(), Value::String(text.to_owned())));
                *route = Value::Table(pair.into_iter().collect());
            }
        }
    }
}

fn list(root: &mut Table, kind: &str, problems: &mut Problems) -> Vec<Entry> {
    let entries = match root.remove(kind) {
        None => return Vec::new(),
        Some(Value::Array(entries)) => entries,
        Some(_) => {
            problems.at(kind, format!("should be a list, written [[{kind}]]"));
            return Vec::new();
        }
    };
    let mut known = Vec::new();
    for (index, value) in entries.into_iter().enumerate() {
        let Value::Table(table) = value else {
            problems.at(format!("{kind}[{index}]"), "should be a section");
            continue;
        };
        let mut entry = Entry {
            path: format!("{kind}[{index}]"),
            table,
        };
        if let Some(id) = entry.id() {
            entry.path = format!("{kind}[{index}] ({id})");
        }
        known.push(entry);
    }
    known
}

fn typed<T: DeserializeOwned>(
    entries: &[Entry],
    why: &[(&str, &str)],
    validate: fn(&T, &str, &mut Problems),
    problems: &mut Problems,
) -> Vec<T> {
    let mut things = Vec::new();
    for entry in entries {
        nul(&Value::Table(entry.table.clone()), &entry.path, problems);
        for (setting, why) in why {
            problems.unless(
                entry.table.contains_key(*setting),
                entry.at(setting),
                format!("is missing: {why}"),
            );
        }
        things.extend(checked_section(&entry.table, &entry.path, problems, validate));
    }
    things
}

/// U+0000 is refused at every door: PostgreSQL cannot keep it.
fn nul(value: &Value, path: &str, problems: &mut Problems) {
    match value {
        Value::String(text) => problems.unless(!text.contains('\0'), path, "contains U+0000"),
        Value::Array(list) => list.iter().for_each(|value| nul(value, path, problems)),
        Value::Table(table) => table.iter().for_each(|(key, value)| {
            nul(value, &format!("{path}.{key}"), problems);
        }),
        _ => {}
    }
}
