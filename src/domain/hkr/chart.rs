//! The codes by which a cash system knows our accounts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Our accounts and their codes at the cash system.
///
/// A key is an account (`forderung`, `erloes/1100.1000/0000000001`), or the beginning of one and `*`
/// (`erloes/1100.*`, `erloes/*`, `*`). The account itself goes first, then the longest beginning.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Chart(BTreeMap<String, String>);

impl Chart {
    /// From keys and codes.
    pub const fn new(codes: BTreeMap<String, String>) -> Self {
        Self(codes)
    }

    /// The code of an account of ours.
    pub fn code(&self, account: &str) -> Option<&str> {
        if let Some(code) = self.0.get(account).filter(|_| !account.ends_with('*')) {
            return Some(code);
        }
        let mut ends: Vec<usize> = account.char_indices().map(|(at, _)| at).collect();
        ends.push(account.len());
        ends.into_iter()
            .rev()
            .find_map(|end| self.0.get(&format!("{}*", &account[..end])))
            .map(String::as_str)
    }

    /// Whether every account that begins like this has a code.
    pub fn covers(&self, beginning: &str) -> bool {
        self.0
            .keys()
            .filter_map(|key| key.strip_suffix('*'))
            .any(|start| beginning.starts_with(start))
    }

    /// Keys and codes, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, code)| (key.as_str(), code.as_str()))
    }

    /// What is wrong with it: the key, and what would be right. Nothing where all is well.
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        for (key, code) in &self.0 {
            let beginning = key.strip_suffix('*').unwrap_or(key);
            if key.is_empty() || beginning.contains('*') {
                let text = "a key is an account, or the beginning of one and a single * at its end";
                problems.push((key.clone(), text.to_owned()));
            }
            if code.trim() != code || code.is_empty() || code.chars().any(char::is_control) {
                let text = format!(
                    "«{}» is no code: empty, or with blanks around it",
                    code.escape_debug()
                );
                problems.push((key.clone(), text));
            }
        }
        problems
    }
}

/// The accounts in use that have no code, each once and in order. It is asked when a tenant is applied, with every
/// account that its routes can book on, so that no nightly file breaks for want of a code.
pub fn check_chart<'a>(chart: &Chart, accounts_in_use: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let used: BTreeSet<&str> = accounts_in_use.into_iter().collect();
    used.into_iter()
        .filter(|account| chart.code(account).is_none())
        .map(str::to_owned)
        .collect()
}
