//! What a person's resolution books out of a deposit: late money pays after all (Zuordnung, *verwahrung an forderung*), or
//! is ordered to be paid back (Erstattung, *verwahrung an erstattung*).

use super::Claim;
use crate::domain::booking::{Account, Booking, BookingKind, Line, Side};
use crate::domain::ids::{LedgerId, PostenId};
use crate::domain::money::Cents;
use crate::domain::subject::{DetailId, Subject};

/// Pays `cents` of the claim, of which `credited` is paid already, out of its deposit.
pub fn accepted(claim: &Claim, deposit: PostenId, credited: Cents, cents: Cents) -> Booking {
    let lines = claim.spread(credited, credited + cents).map(|(unit, part)| {
        let mut line = claim.line(Account::Verwahrung, Account::Forderung, part, Some(unit));
        line.debit.posten = deposit;
        line
    });
    claim.booking(BookingKind::Zuordnung, lines.collect())
}

/// Orders `cents` of an attempt's deposit to be paid back.
pub fn refunded(claim: &Claim, deposit: PostenId, cents: Cents) -> Booking {
    let mut line = claim.line(Account::Verwahrung, Account::Erstattung, cents, None);
    line.debit.posten = deposit;
    line.credit.posten = deposit;
    claim.booking(BookingKind::Erstattung, vec![line])
}

/// Orders `cents` that nobody knew to be paid back.
pub fn refunded_unknown(
    ledger: &LedgerId,
    detail: DetailId,
    deposit: PostenId,
    cents: Cents,
    haushaltsjahr: i16,
) -> Booking {
    let side = |account| Side {
        account,
        posten: deposit,
    };
    Booking {
        kind: BookingKind::Erstattung,
        ledger: ledger.clone(),
        subject: Subject::Detail(detail),
        reverses: None,
        lines: vec![Line {
            debit: side(Account::Verwahrung),
            credit: side(Account::Erstattung),
            cents,
            haushaltsjahr,
            haushaltsstelle: None,
            objektnummer: None,
            anordnung: String::new(),
        }],
    }
    .checked()
}
