//! `[kasse.hkr]`: which bookings go to the cash system of a Kasse, and how their files look.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::hkr::Chart;

/// Which bookings go to the cash system. There is no default: what is wrong is booked twice, or by nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Postings {
    /// ePayBL hands Soll and Ist to the cash system itself; only what it cannot know goes out.
    Provider,
    /// Nobody else tells the cash system; every booking goes out.
    Connector,
}

impl Postings {
    /// Its name in the tenants file and in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Connector => "connector",
        }
    }
}

/// What a Kasse says of its cash system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HkrRules {
    /// Which bookings go out.
    pub postings: Postings,
    /// The template: the name of a ready one, or the text of one of its own.
    pub template: String,
    /// What the template wants to know.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// The cash system's codes of our accounts.
    pub accounts: Chart,
    /// Whether a file is made by itself as soon as a day is closed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_closing: bool,
}
