//! What a statement must keep before anything of it is booked: [`Scales`] weigh the pieces of one statement on their
//! way, in memory that does not grow with it; [`sequence()`] weighs a statement against those of its account that are
//! known already. `reasons` names why a guard is broken or says nothing, `words` says it in German and English.
//!
//! To add a guard: what it adds up goes into `Open`, its verdict into [`Weighed`], its words into [`Fault`] and
//! [`Lack`].

pub mod reasons;
pub mod sequence;
mod tally;
#[cfg(test)]
pub(crate) mod testkit;
#[cfg(test)]
mod tests;
mod words;

use serde::Serialize;

pub use self::reasons::{Fault, Lack, Sum, Whose};
pub use self::sequence::sequence;
pub use self::tally::Side;

use self::tally::Tallies;
use crate::domain::statement::{
    Balance, Batch, Detail, Direction, Entry, Format, Head, Piece, Place, Role, Status, Tail,
};

/// What a guard says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It was checked and is as it must be.
    Held,
    /// It was checked and is not: nothing of the statement may be booked.
    Broken {
        /// What does not fit.
        why: Fault,
    },
    /// It could not be checked.
    NotApplicable {
        /// What was missing.
        why: Lack,
    },
}

impl Verdict {
    /// Whether the statement may not be booked for it.
    pub const fn is_broken(&self) -> bool {
        matches!(self, Self::Broken { .. })
    }
}

/// A statement, weighed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Weighed {
    /// Opening balance and booked entries make the closing balance.
    pub balance: Verdict,
    /// The details of each entry make the entry.
    pub details: Verdict,
    /// What was read is as many and as much as the bank says.
    pub stated: Verdict,
    /// Everything is in the currency of the account.
    pub currency: Verdict,
    /// What was read.
    pub sums: Sums,
}

impl Weighed {
    /// Each guard by its name.
    pub const fn guards(&self) -> [(&'static str, &Verdict); 4] {
        [
            ("balance", &self.balance),
            ("details", &self.details),
            ("stated", &self.stated),
            ("currency", &self.currency),
        ]
    }

    /// Whether any guard is broken.
    pub fn is_broken(&self) -> bool {
        self.guards().iter().any(|(_, verdict)| verdict.is_broken())
    }
}

/// What was read of a statement in all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Sums {
    /// The currency of the account, as far as the file says it.
    pub currency: Option<String>,
    /// Booked entries that go in.
    pub credits: Side,
    /// Booked entries that go out.
    pub debits: Side,
    /// Entries that are not booked: expected, or told only.
    pub unbooked: u64,
    /// Batched lines whose payments are not told here.
    pub unopened: u64,
}

/// Weighs statements, piece by piece.
#[derive(Debug, Default)]
pub struct Scales {
    open: Option<Open>,
}

impl Scales {
    /// Puts the next piece on. Of a tail comes what its statement weighs; a refusal takes everything off again.
    pub fn weigh(&mut self, piece: &Piece) -> Option<Weighed> {
        match piece {
            Piece::Head(head) => self.open = Some(Open::begin(head)),
            Piece::Entry(entry) => {
                if let Some(open) = &mut self.open {
                    open.entry(entry);
                }
            }
            Piece::Detail(detail) => {
                if let Some(open) = &mut self.open {
                    open.detail(detail);
                }
            }
            Piece::Tail(tail) => return self.open.take().map(|open| open.end(tail)),
            Piece::Refused(_) => self.open = None,
        }
        None
    }
}

/// A statement whose tail is still to come.
#[derive(Debug)]
struct Open {
    format: Format,
    currency: Option<String>,
    opening: Option<Balance>,
    /// All that is booked, with its sign.
    booked: Sum,
    tallies: Tallies,
    unopened: u64,
    opened: u64,
    line: Option<Line>,
    /// The first line whose details do not make it.
    torn: Option<Fault>,
    /// The first amount in another currency, of what is booked.
    foreign: Option<Fault>,
    /// Whether anything is in another currency, booked or not.
    mixed: bool,
}

impl Open {
    fn begin(head: &Head) -> Self {
        let mut open = Self {
            format: head.format,
            currency: head.currency.clone(),
            opening: head.opening.clone(),
            booked: Sum::default(),
            tallies: Tallies::default(),
            unopened: 0,
            opened: 0,
            line: None,
            torn: None,
            foreign: None,
            mixed: false,
        };
        if let Some(opening) = &head.opening {
            open.in_currency(&opening.currency, Whose::Opening);
        }
        open
    }

    /// The first currency that is told is that of the account; all others are measured by it.
    fn in_currency(&mut self, found: &str, whose: Whose) {
        let account = self.currency.get_or_insert_with(|| found.to_owned());
        if account != found && self.foreign.is_none() {
            self.foreign = Some(Fault::OtherCurrency {
                whose,
                found: found.to_owned(),
                account: account.clone(),
            });
        }
    }

    fn entry(&mut self, entry: &Entry) {
        self.close_line();
        if entry.status == Status::Booked {
            self.in_currency(&entry.currency, Whose::Entry(entry.ordinal));
            self.booked += Sum::signed(entry.direction, entry.cents);
        } else {
            // What is only expected may still be in the currency in which it was ordered.
            let account = self.currency.get_or_insert_with(|| entry.currency.clone());
            self.mixed |= *account != entry.currency;
        }
        self.tallies.add(entry);
        self.line = Some(Line::begin(entry));
    }

    fn detail(&mut self, detail: &Detail) {
        if let Some(line) = &mut self.line {
            line.add(detail);
        }
    }

    fn close_line(&mut self) {
        let Some(line) = self.line.take() else { return };
        match line.end() {
            Verdict::Held => self.opened += 1,
            Verdict::NotApplicable { .. } => self.unopened += 1,
            Verdict::Broken { why } => {
                self.opened += 1;
                self.torn.get_or_insert(why);
            }
        }
    }

    fn end(mut self, tail: &Tail) -> Weighed {
        self.close_line();
        if let Some(closing) = &tail.closing {
            self.in_currency(&closing.currency, Whose::Closing);
        }
        Weighed {
            balance: self.balance(tail.closing.as_ref()),
            stated: if self.mixed || self.foreign.is_some() {
                Lack::MixedCurrencies.into()
            } else {
                self.tallies.against(tail.stated, &self.name_of_currency())
            },
            sums: Sums {
                currency: self.currency.clone(),
                credits: self.tallies.booked().credits,
                debits: self.tallies.booked().debits,
                unbooked: self.tallies.unbooked(),
                unopened: self.unopened,
            },
            details: match self.torn {
                Some(why) => why.into(),
                None if self.unopened > 0 && self.opened == 0 => Lack::NotOpened.into(),
                None => Verdict::Held,
            },
            currency: match (self.foreign, self.currency) {
                (Some(why), _) => why.into(),
                (None, Some(_)) => Verdict::Held,
                (None, None) => Lack::NoCurrency.into(),
            },
        }
    }

    fn name_of_currency(&self) -> String {
        self.currency.clone().unwrap_or_default()
    }

    fn balance(&self, closing: Option<&Balance>) -> Verdict {
        if self.format.role() == Role::Details {
            return Lack::NoBalancesByKind.into();
        }
        let (opening, closing) = match (&self.opening, closing) {
            (Some(opening), Some(closing)) => (opening, closing),
            (None, Some(_)) => return Lack::NoOpening.into(),
            // Nothing else ends an MT940: one that opens and does not close was cut off.
            (Some(_), None) if self.format == Format::Mt940 => return Fault::CutOff.into(),
            (Some(_), None) => return Lack::NoClosing.into(),
            (None, None) => return Lack::NoBalances.into(),
        };
        if self.foreign.is_some() {
            return Lack::MixedCurrencies.into();
        }
        let mut reached = Sum::from(opening.cents);
        reached += self.booked;
        if reached == Sum::from(closing.cents) {
            Verdict::Held
        } else if self.format.role() == Role::Previews {
            // What is told during the day may be all of the day or only what is new, and its balance may hold what is
            // only expected: a difference says nothing, and it never books.
            Lack::Interim.into()
        } else {
            Fault::Balance {
                opening: opening.cents.into(),
                entries: self.booked,
                closing: closing.cents.into(),
                currency: self.name_of_currency(),
            }
            .into()
        }
    }
}

/// An entry whose details are still to come.
#[derive(Debug)]
struct Line {
    entry: u32,
    place: Place,
    amount: Sum,
    direction: Direction,
    currency: String,
    batch: Option<Batch>,
    details: u64,
    sum: Sum,
    /// Whether each detail says how much it is.
    told: bool,
}

impl Line {
    fn begin(entry: &Entry) -> Self {
        Self {
            entry: entry.ordinal,
            place: entry.place,
            amount: Sum::signed(entry.direction, entry.cents),
            direction: entry.direction,
            currency: entry.currency.clone(),
            batch: entry.batch.clone(),
            details: 0,
            sum: Sum::default(),
            told: true,
        }
    }

    fn add(&mut self, detail: &Detail) {
        self.details += 1;
        match detail.cents {
            Some(cents) => self.sum += Sum::signed(detail.direction, cents),
            None => self.told = false,
        }
    }

    fn end(self) -> Verdict {
        let batch = self.batch.unwrap_or_default();
        // The one detail of a batched line that is not opened says of what kind the line is, not what is in it
        // (Deutsche Kreditwirtschaft, Anlage 3: the code of the Sammler stands in the first and only TxDtls).
        let closed = self.details == 1 && batch.count.is_some_and(|count| count > 1);
        if self.details == 0 || !self.told || closed {
            return Lack::NotOpened.into();
        }
        let (entry, line) = (self.entry, self.place.line);
        if let Some(told) = batch.count
            && u64::from(told) != self.details
        {
            return Fault::DetailCount {
                entry,
                line,
                told,
                read: self.details,
            }
            .into();
        }
        if self.sum != self.amount {
            return Fault::DetailSum {
                entry,
                line,
                amount: self.amount,
                details: self.sum,
                currency: self.currency,
            }
            .into();
        }
        if let Some(told) = batch.total
            && Sum::signed(self.direction, told) != self.sum
        {
            return Fault::DetailTotal {
                entry,
                line,
                told: Sum::signed(self.direction, told),
                details: self.sum,
                currency: self.currency,
            }
            .into();
        }
        Verdict::Held
    }
}
