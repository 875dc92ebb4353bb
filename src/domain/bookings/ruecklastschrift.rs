//! Ruecklastschrift: money went back. First out of the deposit that lies with the attempt (*verwahrung an
//! verrechnung*), the rest opens the claim again (*forderung an verrechnung*). Months may lie between: it is booked in
//! the current year, and so is what is paid on the reopened claim.

use super::Claim;
use crate::domain::booking::{Account, Booking, BookingKind, Side};
use crate::domain::ids::{Method, PostenId};
use crate::domain::money::Cents;

/// Takes back `from_deposit` out of the deposit and `from_claim` of the `credited` cents of the claim.
pub fn ruecklastschrift(
    claim: &Claim,
    deposit: Option<(PostenId, Cents)>,
    credited: Cents,
    from_claim: Cents,
    zvp: &str,
    method: &Method,
) -> Booking {
    let account = Claim::verrechnung(zvp, method);
    let mut lines = Vec::new();
    if let Some((posten, cents)) = deposit.filter(|(_, cents)| cents.is_positive()) {
        let mut line = claim.line(Account::Verwahrung, account.clone(), cents, None);
        line.debit = Side {
            account: Account::Verwahrung,
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
