//! What can be wrong with a Mandant of the tenants file: within its ranges of Kassenzeichen, between ranges, and between
//! it and what its provider can do.

use toml::Value;

use super::Entry;
use crate::config::problems::{Problems, join};
use crate::config::providers::ProviderKind;
use crate::domain::mandant::{MandantSettings, overlaps};
use crate::domain::pool::PoolRange;

pub(super) fn check(mandant: &MandantSettings, path: &str, problems: &mut Problems) {
    problems.unless(
        !mandant.name.trim().is_empty(),
        join(path, "name"),
        "must not be blank",
    );
    for (index, range) in mandant.pool.iter().enumerate() {
        for (setting, told) in range.faults() {
            problems.at(format!("{path}.pool[{index}].{setting}"), told);
        }
    }
}

/// What a Mandant asks of its provider.
pub(super) fn able(mandant: &MandantSettings, kind: ProviderKind, path: &str, problems: &mut Problems) {
    let provider = &mandant.provider;
    problems.unless(
        mandant.pool.is_empty() || kind.takes_kassenzeichen(),
        join(path, "pool"),
        format!("provider {provider} takes no Kassenzeichen from us: leave the pool out"),
    );
    problems.unless(
        !mandant.exclusive_cursor || kind.has_read_cursor(),
        join(path, "exclusive_cursor"),
        format!("provider {provider} has no list of unread receipts: leave it out, payments are asked about one by one"),
    );
}

/// Ranges of entries that spell the same number. An entry or range with a fault of its own is told of elsewhere.
pub(super) fn overlaps_of(entries: &[Entry], problems: &mut Problems) {
    let mut ranges: Vec<(String, &str, PoolRange)> = Vec::new();
    for entry in entries {
        let (Some(provider), Some(Value::Array(pool))) = (entry.text("provider"), entry.table.get("pool"))
        else {
            continue;
        };
        for (index, range) in pool.iter().enumerate() {
            if let Ok(range) = range.clone().try_into() {
                ranges.push((format!("{}.pool[{index}]", entry.path), provider, range));
            }
        }
    }
    let ranges: Vec<_> = ranges
        .iter()
        .map(|(path, provider, range)| (path.clone(), *provider, range))
        .collect();
    for (path, told) in overlaps(&ranges) {
        problems.at(path, told);
    }
}

#[cfg(test)]
#[path = "mandant_tests.rs"]
mod tests;
