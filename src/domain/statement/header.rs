//! The little that is kept in mind of a statement to place others beside it: its number, its balances, its days. The
//! sequence guard and the identity of entries both decide by it; a store keeps one row of it per statement.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Balance, Entry, Format, Head, Sequence, Status, Tail};
use crate::domain::money::Cents;

/// What places a statement among the others of its account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The account as the statement names it.
    pub account: String,
    /// The format.
    pub format: Format,
    /// The currency of the account, as far as the file says it.
    pub currency: Option<String>,
    /// The number and page, where they count.
    pub sequence: Option<Sequence>,
    /// What was on the account before.
    pub opening: Option<Level>,
    /// What was on it afterwards.
    pub closing: Option<Level>,
    /// The days of its booked entries.
    pub days: Days,
    /// The day of the statement: that of its closing balance, else the last that it covers, else the last on which
    /// it books.
    pub day: Option<Date>,
}

/// A balance without its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// More than nothing is credit, less is debit.
    pub cents: Cents,
    /// Its day.
    pub day: Option<Date>,
}

impl From<&Balance> for Level {
    fn from(balance: &Balance) -> Self {
        Self {
            cents: balance.cents,
            day: balance.day,
        }
    }
}

/// The days on which a statement books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Days {
    /// It books nothing.
    Nothing,
    /// From the first to the last.
    Between(Date, Date),
    /// An entry says no day.
    Unknown,
}

impl Days {
    fn and(self, day: Option<Date>) -> Self {
        match (self, day) {
            (Self::Unknown, _) | (_, None) => Self::Unknown,
            (Self::Nothing, Some(day)) => Self::Between(day, day),
            (Self::Between(first, last), Some(day)) => Self::Between(first.min(day), last.max(day)),
        }
    }

    /// Whether both book on a day in common, as far as is known.
    pub fn touch(self, other: Self) -> bool {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => false,
            (Self::Unknown, _) | (_, Self::Unknown) => true,
            (Self::Between(first, last), Self::Between(from, to)) => first <= to && from <= last,
        }
    }
}

/// The day of an entry: that on which it was booked, else that from which it counts.
pub fn day_of(entry: &Entry) -> Option<Date> {
    entry.booked_on.or(entry.valued_on)
}

impl Header {
    /// Begins with the head of a statement. What is booked is still to be added.
    pub fn begin(head: &Head) -> Self {
        Self {
            account: head.account.clone(),
            format: head.format,
            currency: head
                .currency
                .clone()
                .or_else(|| head.opening.as_ref().map(|opening| opening.currency.clone())),
            sequence: head.sequence,
            opening: head.opening.as_ref().map(Level::from),
            closing: None,
            days: Days::Nothing,
            day: head.period.map(|(_, last)| last),
        }
    }

    /// Adds an entry.
    pub fn entry(&mut self, entry: &Entry) {
        if entry.status == Status::Booked {
            self.days = self.days.and(day_of(entry));
        }
    }

    /// Ends with the tail.
    #[must_use]
    pub fn end(mut self, tail: &Tail) -> Self {
        self.closing = tail.closing.as_ref().map(Level::from);
        if self.currency.is_none() {
            self.currency = tail.closing.as_ref().map(|closing| closing.currency.clone());
        }
        let last = match self.days {
            Days::Between(_, last) => Some(last),
            Days::Nothing | Days::Unknown => None,
        };
        self.day = self.closing.and_then(|closing| closing.day).or(self.day).or(last);
        self
    }

    /// The year in which its number counts.
    pub fn year(&self) -> Option<i16> {
        self.day.map(Date::year)
    }

    /// Whether its opening balance is the closing balance of the other; none where either says none, or where they
    /// are in different currencies.
    pub fn opens_where_closes(&self, earlier: &Self) -> Option<bool> {
        let (opening, closing) = (self.opening?, earlier.closing?);
        match (&self.currency, &earlier.currency) {
            (Some(own), Some(other)) if own != other => None,
            _ => Some(opening.cents == closing.cents),
        }
    }

    /// Whether what it books adds up to nothing, as far as its balances say.
    pub fn adds_up_to_nothing(&self) -> bool {
        matches!((self.opening, self.closing), (Some(opening), Some(closing)) if opening.cents == closing.cents)
    }
}
