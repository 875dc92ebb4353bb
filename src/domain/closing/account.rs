//! The name of an account as a closing keeps it. A closing is a document that is read for ten years, so it keeps the
//! text of the log and not the enum of today's program; what the text means follows from its first part.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::booking::Account;

/// The name of an account as the log has it: `forderung`, `erloes/1100.1000`, `bank/DE89…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountName(String);

/// What an account is for, as far as a closing tells accounts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountClass {
    /// What payers owe.
    Forderung,
    /// Money that is not, or not yet, income of a title.
    Verwahrung,
    /// Money that went and that somebody owes us back.
    Vorschuss,
    /// A bank account.
    Bank,
    /// Any other.
    Other,
}

impl AccountName {
    /// From the text of the log.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The account of a bank account.
    pub fn bank(iban: &str) -> Self {
        Self(format!("bank/{iban}"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is for.
    pub fn class(&self) -> AccountClass {
        match self.0.split('/').next().unwrap_or_default() {
            "forderung" => AccountClass::Forderung,
            "verwahrung" => AccountClass::Verwahrung,
            "vorschuss" => AccountClass::Vorschuss,
            "bank" => AccountClass::Bank,
            _ => AccountClass::Other,
        }
    }
}

impl From<&Account> for AccountName {
    fn from(account: &Account) -> Self {
        Self(account.to_string())
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
