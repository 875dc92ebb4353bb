//! The head of a ledger's log, and the pure function that gives records their places under its lock.

use jiff::civil::Date;

use super::ids::{ChangeId, LedgerId};
use super::merkle::{CompactRange, leaf_hash};
use super::record::{Body, Commitment, Record};
use super::time::Timestamp;

/// A record without its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What happened.
    pub body: Body,
    /// The personal data that belongs to it.
    pub personal: Vec<Commitment>,
}

/// The head row of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The ledger.
    pub ledger: LedgerId,
    /// The tree over all records.
    pub tree: CompactRange,
    /// How many events the ledger has.
    pub events: u64,
    /// When the latest record was recorded.
    pub recorded_at: Timestamp,
    /// The Kasse's open day, once it has closed one.
    pub open_day: Option<Date>,
}

impl Head {
    /// Gives drafts their places: position, time (never backwards) and booking day (the day in Berlin, or the Kasse's
    /// open day if that is later). A cut also gets what lies before it, and opens the day that it names. Returns the
    /// records with their canonical bytes.
    pub fn stamp(
        &mut self,
        change: ChangeId,
        drafts: impl IntoIterator<Item = Draft>,
        now: Timestamp,
    ) -> Vec<(Record, Vec<u8>)> {
        self.recorded_at = self.recorded_at.max(now);
        let today = self.recorded_at.berlin_day();
        let buchungstag = self.open_day.map_or(today, |open| open.max(today));
        drafts
            .into_iter()
            .map(|mut draft| {
                if let Body::ClosingCut(cut) = &mut draft.body {
                    cut.size = self.tree.size();
                    cut.root = self.tree.root();
                    self.open_day = self.open_day.max(Some(cut.open));
                }
                let record = Record {
                    ledger: self.ledger.clone(),
                    position: self.tree.size(),
                    recorded_at: self.recorded_at,
                    buchungstag,
                    change,
                    body: draft.body,
                    personal: draft.personal,
                };
                let bytes = record.encode();
                self.tree.push(leaf_hash(&bytes));
                (record, bytes)
            })
            .collect()
    }

    /// The place of the next event.
    pub fn next_event(&mut self) -> u64 {
        let place = self.events;
        self.events += 1;
        place
    }
}
