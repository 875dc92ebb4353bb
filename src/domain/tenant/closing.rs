//! `[kasse.closing]`: how the days of a Kasse are closed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::calendar::{KasseCalendar, Land, LocalDay, bank_days_after};
use crate::domain::closing::SignerRole;
use crate::domain::ids::Method;

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
    /// Within how many bank days (TARGET) a statement must show what a provider told; what is not there then is named.
    pub arrival_bank_days: u32,
    /// The same for single methods, where their payouts come less often.
    pub arrival_bank_days_of: BTreeMap<Method, u32>,
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
            arrival_bank_days: 5,
            arrival_bank_days_of: BTreeMap::new(),
        }
    }
}

impl ClosingRules {
    /// The day by whose statement money must be there that was told on a day.
    pub fn arrives_by(&self, told_on: Date, method: Option<&Method>) -> Date {
        bank_days_after(told_on, self.arrival_days(method))
    }

    /// The day by which it is missing although no statement of that day is there: a quiet account has none.
    pub fn given_up_by(&self, told_on: Date, method: Option<&Method>) -> Date {
        bank_days_after(told_on, 2 * self.arrival_days(method))
    }

    fn arrival_days(&self, method: Option<&Method>) -> u32 {
        let own = method.and_then(|method| self.arrival_bank_days_of.get(method));
        own.copied().unwrap_or(self.arrival_bank_days)
    }

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
