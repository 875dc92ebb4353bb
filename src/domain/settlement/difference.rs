//! What a later revision of a list changes: counter-bookings follow from it, nothing is deleted.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::{Kind, Line};

/// What is other in a new revision. Each line of the old one is in the new one as it was, or in `changed`, or in
/// `removed`; each line of the new one likewise.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Difference {
    /// Lines that are new, in their order.
    pub added: Vec<Line>,
    /// Lines that are gone, in their order.
    pub removed: Vec<Line>,
    /// Lines that say something else, as they were and as they are.
    pub changed: Vec<(Line, Line)>,
}

impl Difference {
    /// Whether both revisions say the same.
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// What makes a line the same line although something in it changed: the provider's id; without one, our reference,
/// together with the kind. Lines with neither are never the same, only equal.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Transaction(String, Kind),
    Reference(String, Kind),
}

fn key(line: &Line) -> Option<Key> {
    match (&line.transaction, &line.reference) {
        (Some(transaction), _) => Some(Key::Transaction(transaction.clone(), line.kind)),
        (None, Some(reference)) => Some(Key::Reference(reference.clone(), line.kind)),
        (None, None) => None,
    }
}

/// The line without its place in the file, as a text that orders lines: equal texts are equal lines.
fn content(line: &Line) -> String {
    format!(
        "{:?}",
        Line {
            row: 0,
            ..line.clone()
        }
    )
}

/// Compares two revisions of one list. Where lines stand does not matter, how often they stand there does. Several
/// changed lines of one key are paired in their order.
pub fn difference(old: &[Line], new: &[Line]) -> Difference {
    let mut known: BTreeMap<String, u64> = BTreeMap::new();
    for line in old {
        *known.entry(content(line)).or_default() += 1;
    }
    // What both have falls away; the rest is compared by key.
    let mut news = Vec::new();
    for line in new {
        match known.get_mut(&content(line)) {
            Some(left) if *left > 0 => *left -= 1,
            _ => news.push(line),
        }
    }
    let mut olds: BTreeMap<Key, VecDeque<&Line>> = BTreeMap::new();
    let mut gone: Vec<&Line> = Vec::new();
    // From the end, so that of equal lines the first ones are those that stayed.
    for line in old.iter().rev() {
        let Some(left) = known.get_mut(&content(line)).filter(|left| **left > 0) else {
            continue;
        };
        *left -= 1;
        match key(line) {
            Some(key) => olds.entry(key).or_default().push_front(line),
            None => gone.push(line),
        }
    }
    let mut difference = Difference::default();
    for line in news {
        match key(line).and_then(|key| olds.get_mut(&key)?.pop_front()) {
            Some(before) => difference.changed.push((before.clone(), line.clone())),
            None => difference.added.push(line.clone()),
        }
    }
    gone.extend(olds.into_values().flatten());
    gone.sort_by_key(|line| line.row);
    difference.removed = gone.into_iter().cloned().collect();
    difference
}
