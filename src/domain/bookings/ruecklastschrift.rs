//! Ruecklastschrift: money went back. First out of the deposit that lies with the attempt (*verwahrung an
//! verrechnung*), the rest opens the claim again (*forderung an verrechnung*). Months may lie between: it is booked in
//! the current year, and so is what is paid on the reopened claim.

use super::Claim;
use crate::domain::booking::{Account, Booking, BookingKind, Side};
use crate::domain::ids::{Method, PostenId};
use crate::domain::money::Cents;

/// Takes back what was ordered to be paid back, then what lies in the deposit (both beside its Posten), and `from_claim`
/// of the `credited` cents of the claim.
pub fn ruecklastschrift(
    claim: &Claim,
    deposit: Option<(PostenId, Cents, Cents)>,
    credited: Cents,
    from_claim: Cents,
    zvp: &str,
    method: &Method,
) -> Booking {
    let account = Claim::verrechnung(zvp, method);
    let mut lines = Vec::new();
    for (from, posten, cents) in deposit
        .into_iter()
        .flat_map(|(posten, refund, cents)| {
            [
                (Account::Erstattung, posten, refund),
                (Account::Verwahrung, posten, cents),
            ]
        })
        .filter(|(_, _, cents)| cents.is_positive())
    {
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
