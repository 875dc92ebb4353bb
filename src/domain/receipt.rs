//! Receipts out of a provider's list of those that nobody has read: which of them are new to us. A receipt is a reason to
//! ask, never an amount to book.
//!
//! The list belongs to a Mandant, and confirming a reading takes all of it from everybody. So what is listed is kept
//! first and confirmed then; and after a crash in between, [`news`] tells what was kept already from what is new.

use std::collections::BTreeMap;

use super::ids::{AttemptId, Mandant, ProviderId};
use super::mandant::mandant_id;
use super::money::Cents;
use super::time::Timestamp;

/// A receipt as the provider lists it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Receipt {
    /// The Kassenzeichen that was paid, as it came; what is not ours may have any form.
    pub kassenzeichen: String,
    /// How much; negative where money went back.
    pub cents: Cents,
    /// When the provider booked it.
    pub booked_at: Option<Timestamp>,
}

/// Characters of a foreign text that are kept.
const MOST_CHARS: usize = 100;

/// A foreign text as it is kept: of bounded length, and without what no database takes.
pub fn kept_text(text: &str) -> String {
    let clean = text.chars().map(|c| if c == '\0' { '\u{fffd}' } else { c });
    clean.take(MOST_CHARS).collect()
}

impl Receipt {
    /// As it is kept.
    #[must_use]
    pub fn kept(&self) -> Self {
        Self {
            kassenzeichen: kept_text(&self.kassenzeichen),
            ..self.clone()
        }
    }
}

/// A reading that was kept and of which we do not know that it is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReading {
    /// Its number, counted up for the Mandant.
    pub n: i64,
    /// Whether all of it was kept. Only then was its confirmation asked for.
    pub whole: bool,
    /// What was kept with it: what was new then.
    pub receipts: Vec<Receipt>,
}

/// What a list says beyond what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct News {
    /// Readings up to this number have turned out to be confirmed.
    pub confirmed: Option<i64>,
    /// The places of the receipts in the list that are new to us.
    pub new: Vec<usize>,
}

/// What of a list is new, given the open readings in their order.
///
/// A confirmation takes all of a list or nothing. So a list that still has every receipt of the readings whose
/// confirmation was asked for was not confirmed, and those receipts are the same ones; a list that lacks one was, and
/// all that it has came later, also what looks alike. What was kept of a reading that broke off was never confirmed, and
/// is the same wherever it is listed. Two alike receipts in one list are two.
pub fn news(open: &[OpenReading], listed: &[Receipt]) -> News {
    if listed.is_empty() {
        return News {
            confirmed: open.last().map(|reading| reading.n),
            new: Vec::new(),
        };
    }
    let asked = open.iter().rposition(|reading| reading.whole);
    let counted = |readings: &[OpenReading]| {
        let mut counts: BTreeMap<Receipt, usize> = BTreeMap::new();
        for receipt in readings.iter().flat_map(|reading| &reading.receipts) {
            *counts.entry(receipt.clone()).or_default() += 1;
        }
        counts
    };
    let mut there: BTreeMap<&Receipt, usize> = BTreeMap::new();
    for receipt in listed {
        *there.entry(receipt).or_default() += 1;
    }
    let confirmed = asked.filter(|last| {
        let kept = counted(&open[..=*last]);
        kept.iter()
            .any(|(receipt, count)| there.get(receipt).is_none_or(|there| there < count))
    });
    let mut known = counted(&open[confirmed.map_or(0, |last| last + 1)..]);
    let mut new = Vec::new();
    for (place, receipt) in listed.iter().enumerate() {
        match known.get_mut(receipt) {
            Some(count) if *count > 0 => *count -= 1,
            _ => new.push(place),
        }
    }
    News {
        confirmed: confirmed.map(|last| open[last].n),
        new,
    }
}

/// One step of reading a Mandant's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CursorStep {
    /// A reading begins.
    Begin {
        /// Its number.
        n: i64,
        /// The provider's id of it (EPaymentId).
        batch: String,
    },
    /// A receipt is kept with a reading.
    Keep {
        /// The reading.
        n: i64,
        /// Its place in the list.
        ordinal: i64,
        /// The receipt.
        receipt: Receipt,
        /// The attempt that has its Kassenzeichen, where one of ours has.
        attempt: Option<AttemptId>,
    },
    /// All of a reading is kept; from now on its confirmation may have been asked for.
    Whole {
        /// The reading.
        n: i64,
    },
    /// Readings are confirmed.
    Confirmed {
        /// All up to this one.
        up_to: i64,
    },
}

/// What one Change does to a Mandant's readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorWork {
    /// The provider.
    pub provider: ProviderId,
    /// The Mandant.
    pub mandant: Mandant,
    /// When.
    pub at: Timestamp,
    /// The steps, in their order.
    pub steps: Vec<CursorStep>,
}

impl CursorWork {
    /// The cursor that is read: a Mandant's.
    pub fn cursor(&self) -> String {
        mandant_id(&self.provider, &self.mandant)
    }
}

#[cfg(test)]
#[path = "receipt_tests.rs"]
mod tests;
