//! `[[kasse.account]]`: an account whose statements are taken.

use serde::{Deserialize, Serialize};

use crate::domain::statement::{Format, Iban};

/// An account of a Kasse at a bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankAccount {
    /// Its number.
    pub iban: Iban,
    /// Whether all of it is e-payment money.
    #[serde(default)]
    pub holds: AccountHolds,
    /// The one format whose statements book; others are previews, or add details.
    #[serde(default)]
    pub format: BookingFormat,
    /// For how many bank days a batched line on an account of e-payment money alone waits for its details (camt.054)
    /// before it becomes a deposit as a whole.
    #[serde(
        default = "default_details_days",
        skip_serializing_if = "is_default_details_days"
    )]
    pub details_days: u32,
}

const fn default_details_days() -> u32 {
    3
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_default_details_days(days: &u32) -> bool {
    *days == default_details_days()
}

/// Whose money is on an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountHolds {
    /// The town's ordinary account: only what is proven ours is booked, the rest is foreign.
    #[default]
    Shared,
    /// E-payment money alone: what nobody knows is a deposit.
    Exclusive,
}

/// A format whose statements may book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BookingFormat {
    /// camt.053.
    #[default]
    Camt053,
    /// MT940.
    Mt940,
}

impl BookingFormat {
    /// The format of statements.
    pub const fn of(self) -> Format {
        match self {
            Self::Camt053 => Format::Camt053,
            Self::Mt940 => Format::Mt940,
        }
    }
}
