//! Settlement lists: what a payment provider says a payout consists of, line by line, gross, fee and net.
//!
//! A reader (`statement/settlement`) turns a provider's file into [`Line`]s by a [`Mapping`], which is data of the
//! Kasse: a new provider needs no program. What a later revision of the same list changes is [`difference`]'s to say.

mod difference;
mod mapping;

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use self::difference::{Difference, difference};
pub use self::mapping::{
    Amounts, Column, Decimal, Encoding, Ignored, Kinds, Mapping, Signs, Stated, System, Unit, What, When,
};
use super::money::Cents;

/// What a line of a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Money of a payer.
    Payment,
    /// Money back to a payer, on our order.
    Refund,
    /// Money back to a payer, on his own.
    Chargeback,
    /// What the provider takes, apart from single payments.
    Fee,
    /// The transfer to the bank itself. It is in no total: the other lines are what it consists of.
    Payout,
}

impl Kind {
    /// Its name in tables and settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Chargeback => "chargeback",
            Self::Fee => "fee",
            Self::Payout => "payout",
        }
    }
}

/// Whose a line is: a contract with a provider is often shared with other systems of the town.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Owner {
    /// Ours.
    Ours,
    /// Another system's; its id as written, empty where the cell was.
    Foreign(String),
}

/// A line of a list. Amounts are signed: what comes to us is more than nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Where it stands in the file, from 1. It says nothing about what the line is.
    pub row: u64,
    /// Whose it is.
    pub owner: Owner,
    /// What it is.
    pub kind: Kind,
    /// Our reference as the provider kept it: a Kassenzeichen or a Transaktionsnummer.
    pub reference: Option<String>,
    /// The provider's own id of the line.
    pub transaction: Option<String>,
    /// The payout that it is in.
    pub payout: Option<String>,
    /// What the payer paid; less than nothing where he got money back.
    pub gross: Cents,
    /// What the provider kept; less than nothing where it gave some back. None where the list does not tell.
    pub fee: Option<Cents>,
    /// What was, or will be, paid out: gross − fee. None where the list does not tell.
    pub net: Option<Cents>,
    /// The provider's day of it.
    pub day: Option<Date>,
    /// How was paid.
    pub method: Option<String>,
}

/// What lines come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// How many.
    pub count: u64,
    /// Σ gross.
    pub gross: Cents,
    /// Σ fee; none as soon as one line tells none.
    pub fee: Option<Cents>,
    /// Σ net; none as soon as one line tells none.
    pub net: Option<Cents>,
}

impl Default for Totals {
    fn default() -> Self {
        Self {
            count: 0,
            gross: Cents::ZERO,
            fee: Some(Cents::ZERO),
            net: Some(Cents::ZERO),
        }
    }
}

impl Totals {
    /// With one more line; none where a sum leaves what can be held.
    #[must_use]
    pub fn with(self, line: &Line) -> Option<Self> {
        let sum = |old: Option<Cents>, new: Option<Cents>| match (old, new) {
            (Some(old), Some(new)) => old.checked_add(new).map(Some),
            _ => Some(None),
        };
        Some(Self {
            count: self.count + 1,
            gross: self.gross.checked_add(line.gross)?,
            fee: sum(self.fee, line.fee)?,
            net: sum(self.net, line.net)?,
        })
    }
}

/// What a list came to, once it was read to its end and every total that it states fits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Lines that are ours.
    pub ours: Totals,
    /// Lines of other systems.
    pub foreign: Totals,
    /// All of them: what the list's own totals are about.
    pub all: Totals,
    /// What each payout consists of, ours and others' together: this is what the bank shows. Lines without a payout
    /// reference are under the empty one.
    pub payouts: BTreeMap<String, Totals>,
    /// Lines of [`Kind::Payout`].
    pub transfers: u64,
    /// Lines that the mapping says do not count; they are in no total.
    pub ignored: u64,
    /// How many totals the list stated itself; each was found and fits.
    pub stated: u64,
}

/// A list that is not taken. What was told of it before counts for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Refusal {
    /// The line of the file, from 1, where it is about one.
    pub line: Option<u64>,
    /// The column as the mapping names it, where it is about one.
    pub column: Option<String>,
    /// What is wrong and, where it is known, what to do.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, &self.column) {
            (Some(line), Some(column)) => write!(f, "line {line}, column {column}: {}", self.reason),
            (Some(line), None) => write!(f, "line {line}: {}", self.reason),
            (None, Some(column)) => write!(f, "column {column}: {}", self.reason),
            (None, None) => f.write_str(&self.reason),
        }
    }
}

#[cfg(test)]
mod tests;
