//! `[kasse.closing]`: how the days of a Kasse are closed.

use serde::{Deserialize, Serialize};

use crate::domain::calendar::{KasseCalendar, Land, LocalDay};
use crate::domain::closing::SignerRole;

/// How the days of a Kasse are closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClosingRules {
    /// Whose public holidays it keeps.
    pub land: Land,
    /// Days on which it is closed besides.
    pub local_closed: Vec<LocalDay>,
    /// Days on which it works although it would not.
    pub local_open: Vec<LocalDay>,
    /// How often it closes.
    pub rhythm: ClosingRhythm,
    /// One role for each signature that is needed.
    pub signatures: Vec<SignerRole>,
    /// The reference under which the program was released (§ 36a ThürGemHV); the closing says so where it is empty.
    pub freigabe: String,
    /// Whether a closing waits for the statements of every account; else of those only that ever had one.
    pub every_account: bool,
}

impl Default for ClosingRules {
    fn default() -> Self {
        Self {
            land: Land::Thueringen,
            local_closed: Vec::new(),
            local_open: Vec::new(),
            rhythm: ClosingRhythm::Daily,
            signatures: vec![SignerRole::Clerk, SignerRole::Kassenverwalter],
            freigabe: String::new(),
            every_account: false,
        }
    }
}

impl ClosingRules {
    /// The days on which the Kasse works.
    pub fn calendar(&self) -> KasseCalendar {
        KasseCalendar {
            land: self.land,
            local_closed: self.local_closed.clone(),
            local_open: self.local_open.clone(),
        }
    }
}

/// How often a Kasse closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClosingRhythm {
    /// On each Kasse day, what lies before it.
    #[default]
    Daily,
    /// On the first Kasse day of a week, the weeks before it.
    Weekly,
}
