//! What the books wait for, and what they have settled already: the other side of matching.
//!
//! A new kind of expected money is a variant of [`Kind`]; what it expects on the bank is told by
//! `Book::expects`, and fees only by [`terms`](super::terms).

use jiff::civil::Date;
use serde::Serialize;

use super::InputError;
use super::lines::{offset, twice};
use super::terms::Payout;
use super::text::{Gap, gap, letter_or_digit, upper};
use crate::domain::money::Cents;

/// An item of the books, by the caller's id; open and settled ones are numbered apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// An item that was open when the run began.
    Open(u64),
    /// An item that had been settled before the run began.
    Settled(u64),
}

/// What an open item waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A transfer of a payer of which the provider has said nothing yet (Vorkasse, Rechnung). Found on the statement
    /// first, both sides are booked at once.
    Claim,
    /// Money that the provider says was paid and that the bank shows one by one, such as a direct debit.
    Settlement,
    /// A payout of a payment service provider for many payments.
    Payout(Payout),
    /// A refund on its way out.
    Refund,
}

/// What a reference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Name {
    /// The Kassenzeichen.
    Kassenzeichen,
    /// Our number of the attempt at the provider.
    Transaktionsnummer,
    /// The portal's id of the request.
    RequestId,
    /// The reference of a payout, as the bank shows it.
    Payout,
    /// Any other.
    Other,
}

impl Name {
    /// Its name in evidence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kassenzeichen => "kassenzeichen",
            Self::Transaktionsnummer => "transaktionsnummer",
            Self::RequestId => "request_id",
            Self::Payout => "payout",
            Self::Other => "other",
        }
    }
}

/// An open item as it is handed in.
#[derive(Debug, Clone)]
pub struct Open<'a> {
    /// Its id.
    pub id: u64,
    /// What it waits for.
    pub kind: Kind,
    /// Its references. One without letters and digits, or with more than 127 of them, cannot be found and is left out;
    /// one with fewer than six is found only where it fills a field.
    pub references: Vec<(Name, &'a str)>,
    /// What is still expected: in is positive, out is negative. Of a payout its list counts instead.
    pub cents: Cents,
    /// The day from which it is open.
    pub since: Date,
    /// The day on which it is due, where it is later.
    pub due: Option<Date>,
    /// The only account on which it may be paid, where there is one.
    pub account: Option<u32>,
}

/// A settled item as it is handed in: what a return takes back, what a second payment pays again.
#[derive(Debug, Clone)]
pub struct Settled<'a> {
    /// Its id.
    pub id: u64,
    /// What it had waited for.
    pub kind: Kind,
    /// Its references, as of an open item.
    pub references: Vec<(Name, &'a str)>,
    /// What was paid: in is positive, out is negative.
    pub cents: Cents,
    /// The day on which it was settled.
    pub since: Date,
    /// The only account on which it may be paid, where there is one.
    pub account: Option<u32>,
}

/// All items of a run.
#[derive(Debug, Default)]
pub struct Book {
    items: Vec<Item>,
    references: Vec<Reference>,
    payouts: Vec<Payout>,
    text: Vec<u8>,
}

/// [`Kind`] in few bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waits {
    Ahead,
    Told,
    Payout(u32),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub target: Target,
    waits: Waits,
    pub cents: Cents,
    pub since: Date,
    pub due: Date,
    pub account: Option<u32>,
    from: u32,
    to: u32,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Reference {
    pub item: u32,
    at: u32,
    len: u8,
    /// Leading zeros of a number, which are not part of the key.
    pub zeros: u8,
    /// Whether it has digits only.
    pub number: bool,
    /// Whether it is written with marks inside that do not stand inside others, such as a colon.
    pub marked: bool,
    pub name: Name,
}

/// The longest reference that is searched.
pub(super) const LONGEST: usize = 127;

impl Book {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many items, open and settled.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Adds an open item; in which order they are added does not matter.
    ///
    /// # Errors
    /// [`InputError::TooMuch`] when all references together exceed 4 GiB.
    pub fn open(&mut self, open: &Open<'_>) -> Result<(), InputError> {
        let due = open.due.map_or(open.since, |due| due.max(open.since));
        self.add(
            Target::Open(open.id),
            open.kind,
            open.cents,
            (open.since, due),
            open.account,
            &open.references,
        )
    }

    /// Adds a settled item.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn settled(&mut self, settled: &Settled<'_>) -> Result<(), InputError> {
        let days = (settled.since, settled.since);
        self.add(
            Target::Settled(settled.id),
            settled.kind,
            settled.cents,
            days,
            settled.account,
            &settled.references,
        )
    }

    fn add(
        &mut self,
        target: Target,
        kind: Kind,
        cents: Cents,
        (since, due): (Date, Date),
        account: Option<u32>,
        references: &[(Name, &str)],
    ) -> Result<(), InputError> {
        let item = offset(self.items.len())?;
        let from = offset(self.references.len())?;
        let waits = match kind {
            Kind::Claim => Waits::Ahead,
            Kind::Settlement | Kind::Refund => Waits::Told,
            Kind::Payout(payout) => {
                self.payouts.push(payout);
                Waits::Payout(offset(self.payouts.len())? - 1)
            }
        };
        for (name, written) in references {
            self.name(item, *name, written)?;
        }
        self.items.push(Item {
            target,
            waits,
            cents,
            since,
            due,
            account,
            from,
            to: offset(self.references.len())?,
        });
        Ok(())
    }

    fn name(&mut self, item: u32, name: Name, written: &str) -> Result<(), InputError> {
        let start = self.text.len();
        self.text
            .extend(written.bytes().filter(|byte| letter_or_digit(*byte)).map(upper));
        let number = self.text[start..].iter().all(u8::is_ascii_digit);
        let zeros = if number {
            self.text[start..]
                .iter()
                .take_while(|byte| **byte == b'0')
                .count()
        } else {
            0
        };
        self.text.drain(start..start + zeros);
        let len = self.text.len() - start;
        if len == 0 || len > LONGEST || zeros > LONGEST {
            self.text.truncate(start);
            return Ok(());
        }
        self.references.push(Reference {
            item,
            at: offset(start)?,
            len: u8::try_from(len).unwrap_or(u8::MAX),
            zeros: u8::try_from(zeros).unwrap_or(u8::MAX),
            number,
            marked: written.trim().bytes().any(|byte| gap(byte) == Gap::Mark),
            name,
        });
        offset(self.text.len()).map(|_| ())
    }

    /// # Errors
    /// [`InputError::OpenTwice`] or [`InputError::SettledTwice`] names an id that two items have.
    pub(super) fn check(&self) -> Result<(), InputError> {
        match twice(self.items.iter().map(|item| item.target)) {
            None => Ok(()),
            Some(target) => Err(match target {
                Target::Open(id) => InputError::OpenTwice(id),
                Target::Settled(id) => InputError::SettledTwice(id),
            }),
        }
    }

    pub(super) fn items(&self) -> &[Item] {
        &self.items
    }

    pub(super) fn item(&self, at: u32) -> &Item {
        &self.items[at as usize]
    }

    /// The list behind a payout.
    pub(super) fn payout(&self, item: &Item) -> Option<&Payout> {
        match item.waits {
            Waits::Payout(at) => Some(&self.payouts[at as usize]),
            Waits::Ahead | Waits::Told => None,
        }
    }

    /// What the bank should show of it, with its sign.
    pub(super) fn expects(&self, item: &Item) -> Cents {
        self.payout(item).map_or(item.cents, Payout::net)
    }

    pub(super) fn references(&self) -> &[Reference] {
        &self.references
    }

    pub(super) fn reference(&self, at: u32) -> &Reference {
        &self.references[at as usize]
    }

    /// What is searched: capital letters and digits, of a number without its leading zeros.
    pub(super) fn key(&self, reference: &Reference) -> &[u8] {
        let at = reference.at as usize;
        &self.text[at..at + usize::from(reference.len)]
    }

    pub(super) fn references_of(&self, item: &Item) -> &[Reference] {
        &self.references[item.from as usize..item.to as usize]
    }
}

impl Item {
    /// Whether no provider has said yet that it was paid.
    pub fn ahead(&self) -> bool {
        self.waits == Waits::Ahead
    }
}
