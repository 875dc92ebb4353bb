//! `[closing]`: the words of the closing's report.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::tenant::Rechnungswesen;

/// How closings are written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Closing {
    /// Texts of the report in place of the program's own.
    pub wording: Texts,
}

/// Texts by name, for each accounting system.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Texts {
    /// Cameralistic.
    pub kameral: BTreeMap<String, String>,
    /// Double-entry municipal accounting.
    pub doppisch: BTreeMap<String, String>,
    /// The Land's own.
    pub land: BTreeMap<String, String>,
}

impl Closing {
    /// The texts of an accounting system.
    pub const fn wording(&self, of: Rechnungswesen) -> &BTreeMap<String, String> {
        match of {
            Rechnungswesen::Kameral => &self.wording.kameral,
            Rechnungswesen::Doppisch => &self.wording.doppisch,
            Rechnungswesen::Land => &self.wording.land,
        }
    }
}
