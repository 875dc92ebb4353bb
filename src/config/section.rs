//! A table of the configuration read into a struct, with every problem named by its path.
//!
//! serde stops at the first problem. So a wrong or missing value is replaced by a stand-in that fits, reading goes on
//! until nothing is left to complain about, and what was read is thrown away if there was anything. A value never
//! appears in a message, since it may be a secret.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use toml::{Table, Value};

use super::problems::{Problems, did_you_mean, join};

/// More problems than anybody reads at once.
const MOST: usize = 500;

/// Texts that satisfy some strict type, tried in turn after a problem; never kept.
const STAND_INS: [&str; 6] = [
    "a",
    "1",
    "aaaaaaaaaaaaaaaaaaaaaaaa",
    "https://stand-in.example/",
    "127.0.0.1:1",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
];

/// Reads a struct from its table. Unknown settings, missing ones and wrong types become problems under `path`, and then
/// the answer is `None`. Text is accepted for a number, a switch or a list (environment variables and files have
/// nothing else): it is read as TOML, and for a list otherwise one entry a line.
pub fn section<T: DeserializeOwned>(table: &Table, path: &str, problems: &mut Problems) -> Option<T> {
    checked_section(table, path, problems, |_, _, _| {})
}

/// Like [`section`], and checks the values too, even where others could not be read.
pub(super) fn checked_section<T: DeserializeOwned>(
    table: &Table,
    path: &str,
    problems: &mut Problems,
    validate: fn(&T, &str, &mut Problems),
) -> Option<T> {
    let mut tree = Value::Table(table.clone());
    let mut clean = true;
    for _ in 0..MOST {
        let fault = match read::<T>(&tree) {
            Ok(value) => {
                let mut found = Problems::default();
                validate(&value, path, &mut found);
                // a stand-in is no news: its place was named already
                problems.append_new(found);
                return clean.then_some(value);
            }
            Err(fault) => fault,
        };
        if reread_text::<T>(&mut tree, &fault) {
            continue;
        }
        clean = false;
        let at = join(path, &fault.to_string());
        // one problem a place, and nothing can be missing from what is wrong as a whole
        if !(problems.mention(&at) || fault.missing && problems.cover(&at)) {
            problems.at(at, fault.in_words(&tree));
        }
        if !stand_in::<T>(&mut tree, &fault) {
            return None;
        }
    }
    None
}

/// The first problem of a tree.
struct Fault {
    /// Where; of a missing or unknown setting, including its name.
    at: Vec<Segment>,
    missing: bool,
    unknown: bool,
    message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.at.iter().enumerate() {
            match segment {
                Segment::Seq { index } => write!(f, "[{index}]")?,
                Segment::Map { key: name } | Segment::Enum { variant: name } => {
                    write!(f, "{}{name}", if index == 0 { "" } else { "." })?;
                }
                Segment::Unknown => {}
            }
        }
        Ok(())
    }
}

impl Fault {
    fn in_words(&self, tree: &Value) -> String {
        let message = self.message.as_str();
        if self.missing {
            return "is missing".to_owned();
        }
        let mut quoted = quoted(message);
        if message.starts_with("unknown ") && !quoted.is_empty() {
            let wrong = quoted.remove(0);
            return if self.unknown {
                format!("this setting is not known{}", did_you_mean(wrong, quoted))
            } else {
                format!("«{wrong}» is not one of {}", quoted.join(", "))
            };
        }
        let expected = message.rsplit_once(", expected ").map(|(_, expected)| expected);
        match (expected, find(tree, &self.at)) {
            (Some(expected), Some(value)) if message.starts_with("invalid type: ") => {
                format!("should be {}, but is {}", wanted(expected), kind_of(value))
            }
            (Some(_), Some(Value::Integer(number))) if message.starts_with("invalid value: ") => {
                format!("{number} is out of range")
            }
            (Some(expected), _) if message.starts_with("invalid value: ") => {
                format!("cannot be used: {expected}")
            }
            // some types repeat the value at the end of what they say
            (_, Some(Value::String(text))) => message.trim_end_matches(&format!(": {text:?}")).to_owned(),
            _ => message.to_owned(),
        }
    }
}

fn read<T: DeserializeOwned>(tree: &Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(tree.clone()).map_err(
        |error: serde_path_to_error::Error<toml::de::Error>| {
            let mut at: Vec<Segment> = error.path().iter().cloned().collect();
            let message = error.inner().message().trim().to_owned();
            let missing = message.starts_with("missing field ");
            if missing && let Some(name) = quoted(&message).first() {
                at.push(Segment::Map {
                    key: (*name).to_owned(),
                });
            }
            let unknown = message.starts_with("unknown field ");
            Fault {
                at,
                missing,
                unknown,
                message,
            }
        },
    )
}

/// Whether the tree has no problem at this place any more.
fn settled<T: DeserializeOwned>(tree: &Value, fault: &Fault) -> bool {
    read::<T>(tree).map_or_else(|next| next.to_string() != fault.to_string(), |_| true)
}

fn reread_text<T: DeserializeOwned>(tree: &mut Value, fault: &Fault) -> bool {
    if !fault.message.starts_with("invalid type: string") {
        return false;
    }
    let Some(Value::String(text)) = find(tree, &fault.at).cloned() else {
        return false;
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines = Value::Array(lines.map(|line| Value::String(line.to_owned())).collect());
    literal(&text)
        .into_iter()
        .chain([lines])
        .any(|value| try_value::<T>(tree, fault, value))
        || {
            place(tree, &fault.at, Value::String(text));
            false
        }
}

fn stand_in<T: DeserializeOwned>(tree: &mut Value, fault: &Fault) -> bool {
    if fault.unknown {
        return remove(tree, &fault.at);
    }
    // an enum names its variants in the message that follows the first stand-in
    STAND_INS
        .iter()
        .any(|text| try_value::<T>(tree, fault, Value::String((*text).to_owned())))
        || variants::<T>(tree).any(|name| try_value::<T>(tree, fault, Value::String(name)))
        || [
            Value::Integer(1),
            Value::Boolean(true),
            Value::Array(Vec::new()),
            Value::Table(Table::new()),
        ]
        .into_iter()
        .any(|value| try_value::<T>(tree, fault, value))
}

fn variants<T: DeserializeOwned>(tree: &Value) -> impl Iterator<Item = String> + use<T> {
    let message = read::<T>(tree).err().map(|fault| fault.message);
    let message = message
        .filter(|message| message.starts_with("unknown variant "))
        .unwrap_or_default();
    let names: Vec<String> = quoted(&message).into_iter().skip(1).map(str::to_owned).collect();
    names.into_iter()
}

fn try_value<T: DeserializeOwned>(tree: &mut Value, fault: &Fault, value: Value) -> bool {
    place(tree, &fault.at, value) && settled::<T>(tree, fault)
}

/// A text as the one TOML value that it spells.
pub(super) fn literal(text: &str) -> Option<Value> {
    let mut table: Table = toml::from_str(&format!("x = {}", text.trim())).ok()?;
    (table.len() == 1).then(|| table.remove("x")).flatten()
}

fn find<'a>(tree: &'a Value, at: &[Segment]) -> Option<&'a Value> {
    at.iter().try_fold(tree, |value, segment| match segment {
        Segment::Seq { index } => value.get(*index),
        Segment::Map { key } => value.get(key),
        Segment::Enum { variant } => Some(value.get(variant).unwrap_or(value)),
        Segment::Unknown => None,
    })
}

fn find_mut<'a>(tree: &'a mut Value, at: &[Segment]) -> Option<&'a mut Value> {
    at.iter().try_fold(tree, |value, segment| match segment {
        Segment::Seq { index } => value.get_mut(*index),
        Segment::Map { key } => value.get_mut(key),
        Segment::Enum { variant } if value.get(variant).is_some() => value.get_mut(variant),
        Segment::Enum { .. } => Some(value),
        Segment::Unknown => None,
    })
}

fn place(tree: &mut Value, at: &[Segment], value: Value) -> bool {
    match at.split_last() {
        Some((Segment::Map { key }, parent)) => match find_mut(tree, parent) {
            Some(Value::Table(table)) => {
                table.insert(key.clone(), value);
                true
            }
            _ => false,
        },
        Some(_) => find_mut(tree, at).is_some_and(|old| {
            *old = value;
            true
        }),
        None => false,
    }
}

fn remove(tree: &mut Value, at: &[Segment]) -> bool {
    match at.split_last() {
        Some((Segment::Map { key }, parent)) => find_mut(tree, parent)
            .and_then(Value::as_table_mut)
            .is_some_and(|table| table.remove(key).is_some()),
        _ => false,
    }
}

/// The names between backticks in a message of serde's.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

fn wanted(expected: &str) -> &str {
    match expected {
        "a string" | "a borrowed string" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        other if other.starts_with("struct ") || other == "a map" => "a section",
        other => other,
    }
}

const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a decimal point",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tenant::Route;
    use secrecy::ExposeSecret;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Room {
        base_url: url::Url,
        timeout: u32,
        names: Vec<String>,
        mandanten: Vec<Mandant>,
        colour: Colour,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Mandant {
        id: crate::domain::ids::Mandant,
        secret: secrecy::SecretString,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Colour {
        Red,
        Green,
    }

    fn complaints(text: &str) -> Vec<String> {
        let table: Table = toml::from_str(text).expect("TOML");
        let mut problems = Problems::default();
        assert!(section::<Room>(&table, "providers.x", &mut problems).is_none());
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn everything_wrong_is_told_at_once_and_nothing_twice() {
        let told = complaints(
            r#"
            base_ulr = "https://epay.example"
            timeout = "soon"
            names = [1]
            colour = "blue"
            mandanten = [{ id = "ä" }, { id = "TH1", secret = 5 }]
            "#,
        );
        assert_eq!(
            told,
            [
                "providers.x.base_ulr: this setting is not known; did you mean «base_url»?",
                "providers.x.colour: «blue» is not one of red, green",
                "providers.x.mandanten[0].id: Mandant «ä» contains «ä»; allowed are A-Z a-z 0-9 _ -",
                "providers.x.mandanten[0].secret: is missing",
                "providers.x.mandanten[1].secret: should be text, but is a whole number",
                "providers.x.names[0]: should be text, but is a whole number",
                "providers.x.timeout: should be a whole number, but is text",
                "providers.x.base_url: is missing",
            ]
        );
    }

    #[test]
    fn an_empty_table_misses_everything() {
        assert_eq!(complaints("").len(), 5);
    }

    #[test]
    fn a_route_without_anything_names_every_missing_setting() {
        let mut problems = Problems::default();
        assert!(section::<Route>(&Table::new(), "route[0]", &mut problems).is_none());
        assert_eq!(problems.len(), 13, "{problems}");
        assert!(
            problems.iter().all(|problem| problem.text == "is missing"),
            "{problems}"
        );
    }

    #[test]
    fn text_from_outside_becomes_the_number_and_the_list_that_is_wanted() {
        let table: Table = toml::from_str(
            "base_url = 'https://epay.example'\ntimeout = '20'\nnames = \"one\\ntwo\\n\"\ncolour = 'green'\n\
             mandanten = '[{id = \"TH1\", secret = \"12345\"}]'",
        )
        .expect("TOML");
        let mut problems = Problems::default();
        let room: Room = section(&table, "providers.x", &mut problems).expect("all well");
        assert_eq!(
            (room.timeout, room.names),
            (20, vec!["one".to_owned(), "two".to_owned()])
        );
        assert_eq!(room.base_url.host_str(), Some("epay.example"));
        assert!(matches!(room.colour, Colour::Green));
        let mandant = &room.mandanten[0];
        assert_eq!(
            (mandant.id.as_str(), mandant.secret.expose_secret()),
            ("TH1", "12345")
        );
        assert!(problems.is_empty());
    }
}
