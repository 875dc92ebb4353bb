//! What the booking lines of a ledger add up to: balances, and what the books hold of each attempt.

use std::collections::BTreeMap;

use super::orders::Orders;
use super::{AuditError, wrong};
use crate::domain::booking::Booking;
use crate::domain::bookings::effect;
use crate::domain::case::Books;
use crate::domain::ids::LedgerId;

/// The sums of a ledger so far.
#[derive(Default)]
pub(super) struct Sums {
    pub(super) balances: BTreeMap<(String, String), (i64, i64)>,
    pub(super) attempts: BTreeMap<String, Books>,
    pub(super) reversed: BTreeMap<u64, Booking>,
    pub(super) orders: Orders,
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
        let (of, reversed) = match booking.reverses {
            None => (booking.clone(), false),
            Some(reversed) => {
                let of = self.reversed.get(&reversed).cloned().ok_or_else(|| {
                    wrong(
                        "booking",
                        format!("{ledger}/{position}"),
                        format!("reverses {reversed}, which is no booking"),
                    )
                })?;
                (of, true)
            }
        };
        if booking.reverses.is_none() {
            self.reversed.insert(position, booking.clone());
        }
        let Some(attempt) = booking.subject.attempt() else {
            return Ok(());
        };
        let books = self.attempts.entry(attempt.to_string()).or_default();
        for line in &of.lines {
            effect(books, of.kind, line, reversed);
        }
        Ok(())
    }
}
