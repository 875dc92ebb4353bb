//! What a line of a booking means for the sums of its attempt. The audit adds the log up with it, and a reversal takes
//! back with it what a resolution booked.

use crate::domain::booking::{Account, BookingKind, Line};
use crate::domain::case::Books;

/// Adds a line of a booking of this kind to the sums; takes it off them where the booking is reversed.
pub fn effect(books: &mut Books, kind: BookingKind, line: &Line, reversed: bool) {
    let cents = if reversed { -line.cents } else { line.cents };
    let debit = &line.debit.account;
    let onto_claim = line.credit.account == Account::Forderung;
    match (kind, debit) {
        (BookingKind::Sollstellung, _) => books.soll += cents,
        (BookingKind::Absetzung, _) => books.set_off += cents,
        (BookingKind::Ausbuchung, _) if onto_claim => books.set_off += cents,
        // What was divided, or kept.
        (BookingKind::Ausbuchung | BookingKind::Umbuchung, Account::Verwahrung) => {
            books.deposited += -cents;
            books.gone += cents;
        }
        // Late money that pays after all.
        (BookingKind::Zuordnung, _) if onto_claim => {
            books.credited += cents;
            books.deposited += -cents;
        }
        // Both move verrechnung against what the bank shows, or what was found in deposit.
        (BookingKind::Gutschrift | BookingKind::Zuordnung, _) => books.settled += cents,
        (BookingKind::Erstattung | BookingKind::Weiterleitung, _) => {
            books.deposited += -cents;
            books.refunded += cents;
        }
        (BookingKind::Auskehrung, _) => {
            books.refunded += -cents;
            books.gone += cents;
        }
        (BookingKind::Ruecklastschrift, Account::Erstattung) => books.refunded += -cents,
        (BookingKind::Ruecklastschrift, Account::Vorschuss) => books.gone += -cents,
        (BookingKind::Rueckgabe, Account::Verrechnung { .. }) | (BookingKind::Ruecknahme, _) => {
            books.settled += -cents;
        }
        (BookingKind::Rueckgabe | BookingKind::Ausbuchung | BookingKind::Umbuchung, _) => {}
        (_, Account::Forderung) => books.credited += -cents,
        (_, _) if onto_claim => books.credited += cents,
        (BookingKind::Ruecklastschrift, _) => books.deposited += -cents,
        _ => {
            books.deposited += cents;
            books.deposit = Some(line.credit.posten);
        }
    }
}
