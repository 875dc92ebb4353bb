//! Which bookings go to the cash system: by what they are and by the accounts that they move.
//!
//! Where ePayBL hands Soll and Ist to the cash system itself (`provider`), only what it cannot know goes out:
//!
//! | line | goes out | why |
//! |---|---|---|
//! | sollstellung, absetzung | no | ePayBL hands the Soll over, and what becomes of it; also of titles that are `fremd` |
//! | umbuchung, ausbuchung | yes | persons decided it, and ePayBL never hears of it |
//! | one side is `rueckgebuehr` or `disagio` | yes | fees are known from statements and lists of payment providers alone |
//! | one side is `verwahrung` | yes | what lies in deposit, and what becomes of it |
//! | one side is `vorschuss` | yes | what left, and what becomes of it |
//! | one side is `erstattung` | yes | what persons order to be paid back |
//! | any other | no | what was paid and went back by ePayBL's word, and its way over the bank |
//!
//! So the cash system holds of these accounts what our books hold of them (a test states it). A Storno follows what it
//! reverses. A kind that is new has to be given its line here: the compiler asks for it.

use std::collections::BTreeMap;

use crate::domain::booking::{Account, BookingKind};
use crate::domain::tenant::Postings;

/// Whether a line of a booking goes to the cash system. Of a Storno the kind is that of what it reverses.
pub const fn goes_out(postings: Postings, kind: BookingKind, debit: &Account, credit: &Account) -> bool {
    match postings {
        Postings::Connector => true,
        Postings::Provider => match kind {
            // What persons have decided, and told nobody else.
            BookingKind::Umbuchung | BookingKind::Ausbuchung => true,
            _ => !is_soll(kind) && (beyond_the_provider(debit) || beyond_the_provider(credit)),
        },
    }
}

/// What ePayBL calls Soll, whatever accounts it moves.
const fn is_soll(kind: BookingKind) -> bool {
    match kind {
        BookingKind::Sollstellung | BookingKind::Absetzung => true,
        BookingKind::Zahlung
        | BookingKind::Teilzahlung
        | BookingKind::Ueberzahlung
        | BookingKind::Doppelzahlung
        | BookingKind::SpaeteZahlung
        | BookingKind::Ruecklastschrift
        | BookingKind::Gutschrift
        | BookingKind::Rueckgabe
        | BookingKind::Klaerung
        | BookingKind::Vorschuss
        | BookingKind::Zuordnung
        | BookingKind::Erstattung
        | BookingKind::Auszahlung
        | BookingKind::Disagio
        | BookingKind::Ruecknahme
        | BookingKind::Umbuchung
        | BookingKind::Ausbuchung
        | BookingKind::Weiterleitung
        | BookingKind::Auskehrung
        // Of a Storno what it reverses is asked for.
        | BookingKind::Storno => false,
    }
}

/// Whether ePayBL knows nothing of an account.
const fn beyond_the_provider(account: &Account) -> bool {
    match account {
        Account::Verwahrung
        | Account::Vorschuss
        | Account::Erstattung
        | Account::Rueckgebuehr
        | Account::Disagio { .. } => true,
        Account::Forderung
        | Account::Erloes { .. }
        | Account::Steuer { .. }
        | Account::Verrechnung { .. }
        | Account::Bank { .. } => false,
    }
}

/// What a Kasse said of its postings, by the place of the log at which it said so.
///
/// A booking goes by what was said when it was booked, so that no change of mind sends twice what ePayBL has handed over
/// already. What was booked before anything was said goes by what was said first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said(BTreeMap<u64, Postings>);

impl Said {
    /// From places of the log and what was said there.
    pub fn new(said: impl IntoIterator<Item = (u64, Postings)>) -> Self {
        Self(said.into_iter().collect())
    }

    /// What counts for a booking at a place; none where nothing was ever said.
    pub fn at(&self, position: u64) -> Option<Postings> {
        let before = self.0.range(..position).next_back();
        before
            .or_else(|| self.0.first_key_value())
            .map(|(_, postings)| *postings)
    }
}
