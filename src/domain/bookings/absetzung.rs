//! Absetzung: the open rest of a claim is given up, *erloes an forderung* (and steuer).

use super::Claim;
use crate::domain::booking::{Account, Booking, BookingKind};
use crate::domain::money::Cents;

/// Gives up what is open between `credited` and `soll`; nothing where nothing is open.
pub fn absetzung(claim: &Claim, credited: Cents, soll: Cents) -> Option<Booking> {
    let lines: Vec<_> = claim
        .spread(credited, soll)
        .map(|(unit, cents)| claim.line(unit.contra.clone(), Account::Forderung, cents, Some(unit)))
        .collect();
    (!lines.is_empty()).then(|| claim.booking(BookingKind::Absetzung, lines))
}
