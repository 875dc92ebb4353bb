//! Money that does not fit: more than owed (Ueberzahlung), again (Doppelzahlung), too late (spaete Zahlung). All are
//! *verrechnung an verwahrung* of a deposit of its own, and each opens an exception.

use super::Claim;
use crate::domain::booking::{Account, Booking, BookingKind, Side};
use crate::domain::ids::{Method, PostenId};
use crate::domain::money::Cents;

/// More than was owed.
pub fn ueberzahlung(claim: &Claim, deposit: PostenId, cents: Cents, zvp: &str, method: &Method) -> Booking {
    verwahrung(BookingKind::Ueberzahlung, claim, deposit, cents, zvp, method)
}

/// Paid again by another attempt.
pub fn doppelzahlung(claim: &Claim, deposit: PostenId, cents: Cents, zvp: &str, method: &Method) -> Booking {
    verwahrung(BookingKind::Doppelzahlung, claim, deposit, cents, zvp, method)
}

/// Paid after the end.
pub fn spaete_zahlung(claim: &Claim, deposit: PostenId, cents: Cents, zvp: &str, method: &Method) -> Booking {
    verwahrung(BookingKind::SpaeteZahlung, claim, deposit, cents, zvp, method)
}

fn verwahrung(
    kind: BookingKind,
    claim: &Claim,
    deposit: PostenId,
    cents: Cents,
    zvp: &str,
    method: &Method,
) -> Booking {
    let mut line = claim.line(Claim::verrechnung(zvp, method), Account::Verwahrung, cents, None);
    line.credit = Side {
        account: Account::Verwahrung,
        posten: deposit,
    };
    claim.booking(kind, vec![line])
}
