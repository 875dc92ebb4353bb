//! How many entries and how much: what was read, against what the bank says there is (`TxsSummry`, `90C`, `90D`).
//!
//! Banks count in more than one way, and no field says in which: with or without what is only expected, and a reversal
//! either on the side where it is booked or on the side of what it takes back. So each way is added up, and one of them
//! must fit in all that the bank says.

use serde::Serialize;

use super::{Fault, Lack, Sum, Verdict};
use crate::domain::money::Cents;
use crate::domain::statement::{Direction, Entry, Stated, Status};

/// How many, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Side {
    /// How many entries.
    pub count: u64,
    /// Their sum, without sign.
    pub sum: Sum,
}

impl Side {
    fn add(&mut self, sum: Sum) {
        self.count += 1;
        self.sum += sum;
    }

    fn is(self, told: Option<(u64, Cents)>) -> bool {
        told.is_none_or(|(count, sum)| self.count == count && self.sum == Sum::from(sum))
    }
}

/// Both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub credits: Side,
    pub debits: Side,
}

impl Tally {
    fn add(&mut self, direction: Direction, sum: Sum) {
        match direction {
            Direction::Credit => self.credits.add(sum),
            Direction::Debit => self.debits.add(sum),
        }
    }

    fn count(self) -> u64 {
        self.credits.count + self.debits.count
    }

    fn fits(self, told: Stated) -> bool {
        told.count.is_none_or(|count| count == self.count())
            && self.credits.is(told.credits)
            && self.debits.is(told.debits)
    }
}

/// Every way to count.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    booked: Tally,
    booked_by_origin: Tally,
    all: Tally,
    all_by_origin: Tally,
}

impl Tallies {
    pub(super) fn add(&mut self, entry: &Entry) {
        let sum = Sum::from(entry.cents);
        let side = entry.direction;
        let origin = match (entry.reversal, side) {
            (false, side) => side,
            (true, Direction::Credit) => Direction::Debit,
            (true, Direction::Debit) => Direction::Credit,
        };
        self.all.add(side, sum);
        self.all_by_origin.add(origin, sum);
        if entry.status == Status::Booked {
            self.booked.add(side, sum);
            self.booked_by_origin.add(origin, sum);
        }
    }

    pub(super) fn booked(&self) -> Tally {
        self.booked
    }

    pub(super) fn unbooked(&self) -> u64 {
        self.all.count() - self.booked.count()
    }

    pub(super) fn against(&self, told: Stated, currency: &str) -> Verdict {
        if told == Stated::default() {
            return Lack::NothingStated.into();
        }
        let ways = [self.all, self.booked, self.all_by_origin, self.booked_by_origin];
        if ways.iter().any(|tally| tally.fits(told)) {
            return Verdict::Held;
        }
        let side = |direction, told: Option<(u64, _)>, read: Side| {
            let (count, sum) = told.filter(|_| !read.is(told))?;
            Some(Fault::StatedSide {
                direction,
                told: Side {
                    count,
                    sum: Sum::from(sum),
                },
                read,
                currency: currency.to_owned(),
            })
        };
        let count = |told: u64| Fault::StatedCount {
            told,
            read: self.all.count(),
        };
        // Where none fits, the difference is named from all that was read; where that fits in each single figure that
        // is wrong elsewhere, the count of all is named.
        side(Direction::Credit, told.credits, self.all.credits)
            .or_else(|| side(Direction::Debit, told.debits, self.all.debits))
            .unwrap_or_else(|| count(told.count.unwrap_or_default()))
            .into()
    }
}
