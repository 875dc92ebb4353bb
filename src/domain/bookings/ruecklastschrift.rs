//! Ruecklastschrift: money went back. First out of what is ordered to be paid out and out of the deposit that lies with
//! the attempt (*erstattung* and *verwahrung an verrechnung*), then it opens the claim again (*forderung an verrechnung*);
//! what has left the deposit for good is an advance (*vorschuss an verrechnung*). Months may lie between: it is booked in
//! the current year, and so is what is paid on the reopened claim.

use super::Claim;
use crate::domain::booking::{Account, Booking, BookingKind, Side};
use crate::domain::ids::{Method, PostenId};
use crate::domain::money::Cents;

/// Takes back what lies in these places, and `from_claim` of the `credited` cents of the claim.
pub fn ruecklastschrift(
    claim: &Claim,
    places: Vec<(Account, PostenId, Cents)>,
    credited: Cents,
    from_claim: Cents,
    zvp: &str,
    method: &Method,
) -> Booking {
    let account = Claim::verrechnung(zvp, method);
    let mut lines = Vec::new();
    for (from, posten, cents) in places.into_iter().filter(|(_, _, cents)| cents.is_positive()) {
        let mut line = claim.line(from.clone(), account.clone(), cents, None);
        line.debit = Side {
            account: from,
            posten,
        };
        lines.push(line);
    }
    lines.extend(
        claim
            .spread(credited - from_claim, credited)
            .map(|(unit, cents)| claim.line(Account::Forderung, account.clone(), cents, Some(unit))),
    );
    claim.booking(BookingKind::Ruecklastschrift, lines)
}
