//! The tree of values before it is given its types: environment variables over the file, then `…_file` settings.
//!
//! `EPAYBL_SERVER__LISTEN` is `server.listen`: two underscores part the names, and a name written with hyphens in the
//! file is found with underscores (`EPAYBL_PROVIDERS__EPAYBL_TH__BASE_URL`). Other variables that begin with `EPAYBL_`
//! are left alone, since orchestrators add their own, unless they look like a setting with one underscore too few.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml::{Table, Value};

use super::SECTIONS;
use super::problems::{Problems, join};
use super::section::literal;

/// What the names of our variables begin with.
pub(super) const PREFIX: &str = "EPAYBL_";

/// Sections whose settings are ids that the operator chose: a provider's, a target's.
const OWN_CHOICE: [&str; 2] = ["providers", "notify.secrets"];

/// Lays environment variables over the tree.
pub(super) fn overlay(
    root: &mut Table,
    env: impl Iterator<Item = (String, String)>,
    problems: &mut Problems,
) {
    let ours: BTreeMap<String, String> = env.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    let mut given = BTreeSet::new();
    for (name, value) in ours {
        let rest = name[PREFIX.len()..].to_lowercase();
        if !rest.contains("__") {
            if let Some((section, setting)) = rest.split_once('_')
                && SECTIONS.contains(&section)
            {
                let meant = format!("{PREFIX}{}__{}", section.to_uppercase(), setting.to_uppercase());
                problems.at(
                    name,
                    format!("two underscores part section and setting; did you mean {meant}?"),
                );
            }
            continue;
        }
        if value.contains('\u{FFFD}') {
            problems.at(name, "is not UTF-8 text");
        } else if let Err(text) = insert(root, &rest, value, &mut given) {
            problems.at(name, text);
        }
    }
}

fn insert(root: &mut Table, name: &str, value: String, given: &mut BTreeSet<String>) -> Result<(), String> {
    let parts: Vec<&str> = name.split("__").collect();
    if parts.iter().any(|part| part.is_empty()) {
        return Err("has an empty part between underscores".to_owned());
    }
    let Some((last, sections)) = parts.split_last() else {
        return Ok(());
    };
    let mut table = root;
    let mut path = String::new();
    for part in sections {
        let key = spelled(table, part, OWN_CHOICE.contains(&path.as_str()));
        path = join(&path, &key);
        table = match table.entry(key).or_insert_with(|| Value::Table(Table::new())) {
            Value::Table(inner) => inner,
            _ => return Err(format!("{path} is a setting, not a section")),
        };
    }
    let key = spelled(table, last, OWN_CHOICE.contains(&path.as_str()));
    path = join(&path, &key);
    if matches!(table.get(&key), Some(Value::Table(_))) {
        return Err(format!("{path} is a section, not a setting"));
    }
    // a value given here replaces a file named in the configuration, and the other way round
    let twin = key
        .strip_suffix("_file")
        .map_or_else(|| format!("{key}_file"), str::to_owned);
    let twin_path = path
        .strip_suffix("_file")
        .map_or_else(|| format!("{path}_file"), str::to_owned);
    if !given.contains(&twin_path) {
        table.remove(&twin);
    }
    given.insert(path);
    // lists and inline tables are taken apart now, so that a `…_file` inside them is found
    let structured = value
        .trim_start()
        .starts_with(['[', '{'])
        .then(|| literal(&value))
        .flatten();
    table.insert(key, structured.unwrap_or(Value::String(value)));
    Ok(())
}

/// The name as the table spells it already; a new name of an operator's own choice has hyphens, as such ids have.
fn spelled(table: &Table, part: &str, own_choice: bool) -> String {
    let (stem, suffix) = part
        .strip_suffix("_file")
        .map_or((part, ""), |stem| (stem, "_file"));
    let mut known = table.keys().map(|key| key.strip_suffix("_file").unwrap_or(key));
    let known = known.find(|key| key.to_lowercase().replace('-', "_") == stem);
    let stem = known.map_or_else(
        || {
            if own_choice {
                stem.replace('_', "-")
            } else {
                stem.to_owned()
            }
        },
        str::to_owned,
    );
    format!("{stem}{suffix}")
}

/// Replaces every `x_file` by `x` with the file's content, in all sections. Relative names start at `base`.
pub(super) fn resolve_files(table: &mut Table, base: &Path, path: &str, problems: &mut Problems) {
    let files: Vec<String> = table
        .keys()
        .filter(|key| key.len() > 5 && key.ends_with("_file"))
        .cloned()
        .collect();
    for key in files {
        let here = join(path, &key);
        let setting = key.strip_suffix("_file").unwrap_or(&key).to_owned();
        let Some(named) = table.remove(&key) else {
            continue;
        };
        if table.contains_key(&setting) {
            problems.at(here, format!("{setting} is given as well; keep one of the two"));
            continue;
        }
        if let Some(value) = contents(&named, base, &here, problems) {
            table.insert(setting, value);
        }
    }
    for (key, value) in table.iter_mut() {
        descend(value, base, &join(path, key), problems);
    }
}

fn descend(value: &mut Value, base: &Path, path: &str, problems: &mut Problems) {
    match value {
        Value::Table(inner) => resolve_files(inner, base, path, problems),
        Value::Array(list) => {
            for (index, entry) in list.iter_mut().enumerate() {
                descend(entry, base, &format!("{path}[{index}]"), problems);
            }
        }
        _ => {}
    }
}

fn contents(named: &Value, base: &Path, path: &str, problems: &mut Problems) -> Option<Value> {
    match named {
        Value::String(file) => match read_text(&base.join(file)) {
            Ok(text) => Some(Value::String(text)),
            Err(text) => {
                problems.at(path, text);
                None
            }
        },
        Value::Array(files) => {
            let read = files.iter().enumerate().filter_map(|(index, file)| {
                let path = format!("{path}[{index}]");
                if file.is_str() {
                    return contents(file, base, &path, problems);
                }
                problems.at(path, "should be the name of a file");
                None
            });
            Some(Value::Array(read.collect()))
        }
        _ => {
            problems.at(path, "should be the name of a file, or a list of them");
            None
        }
    }
}

fn read_text(file: &Path) -> Result<String, String> {
    let named = file.display();
    let bytes = std::fs::read(file).map_err(|error| format!("{named} cannot be read: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{named} is not UTF-8 text"))?;
    let trimmed = text
        .strip_suffix('\n')
        .map_or(text.as_str(), |rest| rest.strip_suffix('\r').unwrap_or(rest));
    if trimmed.is_empty() {
        return Err(format!("{named} is empty"));
    }
    Ok(trimmed.to_owned())
}
