//! What the booking lines of a ledger add up to: balances, and what the books hold of each attempt.

use std::collections::BTreeMap;

use super::{AuditError, wrong};
use crate::domain::booking::{Account, Booking, BookingKind};
use crate::domain::ids::LedgerId;

/// What the lines say of each attempt.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct OfAttempt {
    pub(super) soll: i64,
    pub(super) set_off: i64,
    pub(super) credited: i64,
    pub(super) deposited: i64,
    pub(super) deposit: Option<String>,
    pub(super) settled: i64,
    pub(super) refunded: i64,
}

/// The sums of a ledger so far.
#[derive(Default)]
pub(super) struct Sums {
    pub(super) balances: BTreeMap<(String, String), (i64, i64)>,
    pub(super) attempts: BTreeMap<String, OfAttempt>,
    pub(super) reversed: BTreeMap<u64, Booking>,
    pub(super) bookings: u64,
    pub(super) moved: i64,
    pub(super) personal: u64,
    pub(super) erased: u64,
}

impl Sums {
    /// Adds a booking.
    pub(super) fn add(
        &mut self,
        ledger: &LedgerId,
        position: u64,
        booking: &Booking,
    ) -> Result<(), AuditError> {
        self.bookings += 1;
        self.moved += booking.total().get();
        for line in &booking.lines {
            let cents = line.cents.get();
            for (side, debit, credit) in [(&line.debit, cents, 0), (&line.credit, 0, cents)] {
                let sums = self
                    .balances
                    .entry((side.posten.to_string(), side.account.to_string()))
                    .or_default();
                sums.0 += debit;
                sums.1 += credit;
            }
        }
        let (of, sign) = match booking.reverses {
            None => (booking.clone(), 1),
            Some(reversed) => {
                let of = self.reversed.get(&reversed).cloned().ok_or_else(|| {
                    wrong(
                        "booking",
                        format!("{ledger}/{position}"),
                        format!("reverses {reversed}, which is no booking"),
                    )
                })?;
                (of, -1)
            }
        };
        if booking.reverses.is_none() {
            self.reversed.insert(position, booking.clone());
        }
        let Some(attempt) = booking.subject.attempt() else {
            return Ok(());
        };
        let attempt = self.attempts.entry(attempt.to_string()).or_default();
        for line in &of.lines {
            let cents = sign * line.cents.get();
            let forderung = (
                line.debit.account == Account::Forderung,
                line.credit.account == Account::Forderung,
            );
            match (of.kind, forderung) {
                (BookingKind::Sollstellung, _) => attempt.soll += cents,
                (BookingKind::Absetzung, _) => attempt.set_off += cents,
                // Late money that pays after all.
                (BookingKind::Zuordnung, (_, true)) => {
                    attempt.credited += cents;
                    attempt.deposited -= cents;
                }
                // Both move verrechnung against what the bank shows, or what was found in deposit.
                (BookingKind::Gutschrift | BookingKind::Zuordnung, _) => attempt.settled += cents,
                (BookingKind::Erstattung, _) => {
                    attempt.deposited -= cents;
                    attempt.refunded += cents;
                }
                (BookingKind::Ruecklastschrift, (false, _)) if line.debit.account == Account::Erstattung => {
                    attempt.refunded -= cents;
                }
                (BookingKind::Rueckgabe, _) => {
                    let settled = matches!(line.debit.account, Account::Verrechnung { .. });
                    attempt.settled -= if settled { cents } else { 0 };
                }
                (_, (true, _)) => attempt.credited -= cents,
                (_, (_, true)) => attempt.credited += cents,
                (BookingKind::Ruecklastschrift, _) => attempt.deposited -= cents,
                _ => {
                    attempt.deposited += cents;
                    attempt.deposit = Some(line.credit.posten.to_string());
                }
            }
        }
        Ok(())
    }
}
