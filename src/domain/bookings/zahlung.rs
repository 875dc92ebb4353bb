//! Zahlung and Teilzahlung: *verrechnung an forderung*, up to what is open, spread over the items in their order.

use super::Claim;
use crate::domain::booking::{Account, Booking, BookingKind};
use crate::domain::ids::Method;
use crate::domain::money::Cents;

/// Pays `cents` of the claim, of which `credited` is paid already. It is a Zahlung when nothing stays open.
pub fn zahlung(claim: &Claim, credited: Cents, cents: Cents, zvp: &str, method: &Method) -> Booking {
    let paid = credited + cents;
    assert!(paid <= claim.total(), "a Zahlung goes up to what is open");
    let account = Claim::verrechnung(zvp, method);
    let lines = claim
        .spread(credited, paid)
        .map(|(unit, part)| claim.line(account.clone(), Account::Forderung, part, Some(unit)))
        .collect();
    let kind = if paid == claim.total() {
        BookingKind::Zahlung
    } else {
        BookingKind::Teilzahlung
    };
    claim.booking(kind, lines)
}
