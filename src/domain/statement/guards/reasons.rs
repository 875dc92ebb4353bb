//! Why a guard is broken, or why it says nothing: with the figures in it. `words` says it in German for the
//! finance office and in English for the command line.
//!
//! To add one: a variant, and its two sentences; the compiler asks for both.

use std::fmt;
use std::ops::AddAssign;

use jiff::civil::Date;
use serde::Serialize;

use super::{Side, Verdict};
use crate::domain::money::Cents;
use crate::domain::statement::Direction;

/// A sum of amounts that nobody has checked yet: too wide to overflow, whatever a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(transparent)]
pub struct Sum(i128);

impl Sum {
    /// An amount with the sign of its direction.
    pub fn signed(direction: Direction, cents: Cents) -> Self {
        let cents = i128::from(cents.get());
        Self(match direction {
            Direction::Credit => cents,
            Direction::Debit => -cents,
        })
    }

    /// In cents.
    pub const fn get(self) -> i128 {
        self.0
    }

    /// German notation with its currency: `1.234,50 EUR`.
    pub fn german(self, currency: &str) -> String {
        let digits = (self.0.unsigned_abs() / 100).to_string();
        let mut grouped = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push('.');
            }
            grouped.push(digit);
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        let text = format!("{sign}{grouped},{:02} {currency}", self.0.unsigned_abs() % 100);
        text.trim_end().to_owned()
    }
}

impl From<Cents> for Sum {
    fn from(cents: Cents) -> Self {
        Self(i128::from(cents.get()))
    }
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        // More than 2^63 amounts of the largest kind would be needed to leave it.
        self.0 = self.0.saturating_add(other.0);
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

/// Whose currency it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// That of the opening balance.
    Opening,
    /// That of the closing balance.
    Closing,
    /// That of an entry, by its number.
    Entry(u32),
}

/// Why a guard is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Fault {
    /// Opening balance and booked entries do not make the closing balance.
    Balance {
        /// What was on the account before.
        opening: Sum,
        /// The sum of the booked entries, with their signs.
        entries: Sum,
        /// What the bank says was on it afterwards.
        closing: Sum,
        /// The currency of the account.
        currency: String,
    },
    /// A format that ends with the closing balance does not: the file was cut off.
    CutOff,
    /// The details of an entry do not make it.
    DetailSum {
        /// The number of the entry.
        entry: u32,
        /// Its line in the file.
        line: u64,
        /// The entry, with its sign.
        amount: Sum,
        /// Its details, with their signs.
        details: Sum,
        /// Its currency.
        currency: String,
    },
    /// A batched line holds more or fewer payments than it says.
    DetailCount {
        /// The number of the entry.
        entry: u32,
        /// Its line in the file.
        line: u64,
        /// How many it says.
        told: u32,
        /// How many were read.
        read: u64,
    },
    /// A batched line names another total than its payments make.
    DetailTotal {
        /// The number of the entry.
        entry: u32,
        /// Its line in the file.
        line: u64,
        /// The total that it names, with the sign of the entry.
        told: Sum,
        /// Its details, with their signs.
        details: Sum,
        /// Its currency.
        currency: String,
    },
    /// There are more or fewer entries than the bank says.
    StatedCount {
        /// How many the bank says.
        told: u64,
        /// How many were read.
        read: u64,
    },
    /// Credits or debits are not as many or as much as the bank says.
    StatedSide {
        /// Which of them.
        direction: Direction,
        /// What the bank says.
        told: Side,
        /// What was read.
        read: Side,
        /// The currency of the account.
        currency: String,
    },
    /// Something is in another currency than the account.
    OtherCurrency {
        /// What.
        whose: Whose,
        /// Its currency.
        found: String,
        /// That of the account.
        account: String,
    },
    /// Statements between the one before and this one are not there.
    MissingStatements {
        /// The number of the first that is missing.
        from: u64,
        /// The number of the last that is missing.
        to: u64,
        /// The year of the statement that was read.
        year: i16,
        /// Whether its opening balance is the closing balance of the one before all the same.
        chained: bool,
    },
    /// A page of a statement is not there.
    MissingPage {
        /// The number of the statement.
        number: u64,
        /// The page that is missing.
        page: u64,
    },
    /// Another statement has the same number.
    SameNumber {
        /// The number.
        number: u64,
        /// The year.
        year: i16,
    },
    /// The opening balance is not the closing balance of the statement before.
    Chain {
        /// The day of the earlier statement.
        day: Date,
        /// Its closing balance.
        closing: Sum,
        /// The opening balance of the later one.
        opening: Sum,
        /// Their currency.
        currency: String,
    },
}

/// Why a guard says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// A notification (camt.054) has no balances.
    NoBalancesByKind,
    /// Neither balance is in the file.
    NoBalances,
    /// The opening balance is not in the file.
    NoOpening,
    /// The closing balance is not in the file.
    NoClosing,
    /// A report during the day: its balances need not be made of its entries.
    Interim,
    /// Amounts in several currencies cannot be added up.
    MixedCurrencies,
    /// The payments of the batched lines are not in the file.
    NotOpened,
    /// The bank names no totals.
    NothingStated,
    /// The file names no currency.
    NoCurrency,
    /// Only statements that book follow on one another.
    NoChain,
    /// The file names no account.
    NoAccount,
    /// No earlier statement of the account is known.
    First,
    /// The same statement is known already.
    KnownAlready,
    /// The bank does not number its statements, and days or balances do not say which one follows.
    NotNumbered,
    /// It covers days of statements that are known, so that it follows none of them.
    Overlapping,
}

impl From<Fault> for Verdict {
    fn from(why: Fault) -> Self {
        Self::Broken { why }
    }
}

impl From<Lack> for Verdict {
    fn from(why: Lack) -> Self {
        Self::NotApplicable { why }
    }
}
