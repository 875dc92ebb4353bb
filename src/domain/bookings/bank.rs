//! What a statement shows: money that the provider told arrives (Gutschrift, *bank an verrechnung*), goes back
//! (Rueckgabe, *verrechnung und rueckgebuehr an bank*, or *an vorschuss*), or is nobody's yet (Klaerung, *bank an verwahrung*; Vorschuss,
//! *vorschuss an bank*), until it is found to be a payment's (Zuordnung, *verwahrung an verrechnung*).

use super::Claim;
use crate::domain::booking::{Account, Booking, BookingKind, Line, Side};
use crate::domain::ids::{LedgerId, PostenId};
use crate::domain::money::Cents;
use crate::domain::statement::Iban;
use crate::domain::subject::{DetailId, Subject};
use crate::domain::told::Received;

/// Where the money of a payment was before it was known to be the payment's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// On a statement, just now.
    Bank(Iban),
    /// In a deposit: an earlier statement showed it.
    Deposit(PostenId),
    /// In a payout of a payment provider that a statement has shown.
    Payout(Side),
}

/// Where the money of a return went from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// The bank, just now.
    Bank(Iban),
    /// An advance: an earlier statement showed it, and nobody knew what for.
    Advance(PostenId),
}

/// Money arrives that was told on these accounts, or is told together with it.
pub fn arrived(claim: &Claim, source: &Source, parts: &[Received]) -> Booking {
    let (kind, debit) = match source {
        Source::Bank(iban) => (
            BookingKind::Gutschrift,
            Side {
                account: Account::Bank { iban: iban.clone() },
                posten: claim.posten,
            },
        ),
        Source::Deposit(posten) => (
            BookingKind::Zuordnung,
            Side {
                account: Account::Verwahrung,
                posten: *posten,
            },
        ),
        Source::Payout(side) => (BookingKind::Gutschrift, side.clone()),
    };
    let lines = parts.iter().map(|part| {
        let mut line = claim.line(
            Account::Verwahrung,
            Claim::verrechnung(&part.zvp, &part.method),
            part.cents,
            None,
        );
        line.debit = debit.clone();
        line
    });
    claim.booking(kind, lines.collect())
}

/// Money went back, with a fee where it is more than nothing.
pub fn rueckgabe(claim: &Claim, from: &Left, parts: &[Received], fee: Cents) -> Booking {
    let credit = match from {
        Left::Bank(iban) => Side {
            account: Account::Bank { iban: iban.clone() },
            posten: claim.posten,
        },
        Left::Advance(posten) => Side {
            account: Account::Vorschuss,
            posten: *posten,
        },
    };
    let line = |debit, cents| {
        let mut line = claim.line(debit, Account::Vorschuss, cents, None);
        line.credit = credit.clone();
        line
    };
    let mut lines: Vec<Line> = parts
        .iter()
        .map(|part| line(Claim::verrechnung(&part.zvp, &part.method), part.cents))
        .collect();
    if fee.is_positive() {
        lines.push(line(Account::Rueckgebuehr, fee));
    }
    claim.booking(BookingKind::Rueckgabe, lines)
}

/// Money goes back into a payout that it had come from, or that it was taken off: it went back to its payer
/// (Rueckgabe), or a later list says that it was never in it (Ruecknahme).
pub fn taken_back(claim: &Claim, kind: BookingKind, payout: &Side, parts: &[Received]) -> Booking {
    let lines = parts.iter().map(|part| {
        let mut line = claim.line(
            Claim::verrechnung(&part.zvp, &part.method),
            Account::Verwahrung,
            part.cents,
            None,
        );
        line.credit = payout.clone();
        line
    });
    claim.booking(kind, lines.collect())
}

/// Money that nobody knows: `cents` more than nothing came in, less than nothing left.
pub fn unknown(
    ledger: &LedgerId,
    detail: DetailId,
    posten: PostenId,
    iban: &Iban,
    cents: Cents,
    haushaltsjahr: i16,
) -> Booking {
    let side = |account| Side { account, posten };
    let bank = side(Account::Bank { iban: iban.clone() });
    let (kind, debit, credit) = if cents.is_positive() {
        (BookingKind::Klaerung, bank, side(Account::Verwahrung))
    } else {
        (BookingKind::Vorschuss, side(Account::Vorschuss), bank)
    };
    Booking {
        kind,
        ledger: ledger.clone(),
        subject: Subject::Detail(detail),
        reverses: None,
        lines: vec![Line {
            debit,
            credit,
            cents: Cents::new(cents.get().abs()),
            haushaltsjahr,
            haushaltsstelle: None,
            objektnummer: None,
            anordnung: String::new(),
        }],
    }
    .checked()
}
