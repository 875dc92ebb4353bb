//! Postings to the cash system of a Kasse (HKR): what a booking of the books is to the other side.
//!
//! The books keep their own accounts; a [`Chart`] gives each the code that the cash system knows it by. How postings
//! become a file is `export/hkr`'s; which of them do is told in `scope` and `outgoing`.

mod chart;
mod outgoing;
#[cfg(test)]
mod outgoing_tests;
mod reach;
mod scope;
#[cfg(test)]
mod scope_tests;
#[cfg(test)]
mod tests;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use self::chart::{Chart, check_chart};
pub use self::outgoing::{Candidate, Chosen, LineId, Reach, choose, lines_digest};
pub use self::reach::missing_codes;
pub use self::scope::{Said, goes_out};
use super::money::Cents;

/// A line of a booking, as it goes to the cash system: debit an credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The place of its booking in the ledger's log.
    pub position: u64,
    /// Its number within the booking, from 1.
    pub line: u32,
    /// What the booking is: `zahlung`, `storno`.
    pub kind: String,
    /// The day under which it is booked.
    pub buchungstag: Date,
    /// The year of the Fälligkeit, as the line has it.
    pub haushaltsjahr: i16,
    /// Soll: an account of the books, `verrechnung/epaybl/KREDITKARTE`.
    pub debit: String,
    /// Haben: an account of the books.
    pub credit: String,
    /// More than nothing.
    pub cents: Cents,
    /// The title concerned, where there is one.
    pub haushaltsstelle: Option<String>,
    /// The Objektnummer concerned, where there is one.
    pub objektnummer: Option<String>,
    /// The Kassenzeichen, where the line belongs to one.
    pub kassenzeichen: Option<String>,
    /// The Buchungstext.
    pub text: String,
    /// The allgemeine Annahmeanordnung under which the Soll stands.
    pub anordnung: Option<String>,
    /// The authority whose money it is.
    pub authority: Option<String>,
    /// How was paid.
    pub method: Option<String>,
}

/// What the postings of a file come to. It is fixed when the file gets its number, and compared when it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// How many lines of bookings.
    pub lines: u64,
    /// Their sum; Soll and Haben are the same, since each line has both sides.
    pub sum: Cents,
    /// The first Buchungstag.
    pub first: Option<Date>,
    /// The last Buchungstag.
    pub last: Option<Date>,
}

impl Totals {
    /// With one more posting; none where the sum leaves what can be held.
    #[must_use]
    pub fn with(self, posting: &Posting) -> Option<Self> {
        let day = posting.buchungstag;
        Some(Self {
            lines: self.lines + 1,
            sum: self.sum.checked_add(posting.cents)?,
            first: Some(self.first.map_or(day, |first| first.min(day))),
            last: Some(self.last.map_or(day, |last| last.max(day))),
        })
    }

    /// Of all these postings; none where the sum leaves what can be held.
    pub fn of<'a>(postings: impl IntoIterator<Item = &'a Posting>) -> Option<Self> {
        postings.into_iter().try_fold(Self::default(), Self::with)
    }
}
