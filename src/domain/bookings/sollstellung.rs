//! Sollstellung: the claim comes into being, per item *forderung an erloes* and *forderung an steuer* (somebody else's
//! title: *forderung an verwahrung*).

use super::Claim;
use crate::domain::booking::{Account, Booking, BookingKind};

/// The whole claim.
pub fn sollstellung(claim: &Claim) -> Booking {
    let lines = claim
        .units
        .iter()
        .map(|unit| claim.line(Account::Forderung, unit.contra.clone(), unit.cents, Some(unit)))
        .collect();
    claim.booking(BookingKind::Sollstellung, lines)
}
