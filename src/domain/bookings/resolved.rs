//! What persons' resolutions book: late money pays after all (Zuordnung, *verwahrung an forderung*); money leaves a deposit
//! (Erstattung and Weiterleitung, *verwahrung an erstattung*; Umbuchung, *verwahrung an verwahrung*; Ausbuchung,
//! *verwahrung an erloes*); a shortfall is not pursued (Ausbuchung, *erloes an forderung*); income moves to another title
//! (Umbuchung, *erloes an erloes*).

use super::Claim;
use crate::domain::booking::{Account, Booking, BookingKind, Line, Side};
use crate::domain::ids::{LedgerId, PostenId};
use crate::domain::money::Cents;
use crate::domain::subject::Subject;
use crate::domain::told::Title;

/// Money that lies somewhere in the books and moves on: out of a deposit, or out of what is ordered to be paid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lying {
    /// Whose books.
    pub ledger: LedgerId,
    /// What it is about.
    pub subject: Subject,
    /// Its Posten.
    pub posten: PostenId,
    /// How much.
    pub cents: Cents,
    /// The current year.
    pub haushaltsjahr: i16,
    /// The allgemeine Annahmeanordnung, where it belongs to a payment.
    pub anordnung: String,
}

impl Lying {
    /// Moves parts of it from an account to others.
    pub fn moved(&self, kind: BookingKind, from: &Account, to: &[(Account, PostenId, Cents)]) -> Booking {
        let lines = to.iter().map(|(account, posten, cents)| Line {
            debit: Side {
                account: from.clone(),
                posten: self.posten,
            },
            credit: Side {
                account: account.clone(),
                posten: *posten,
            },
            cents: *cents,
            haushaltsjahr: self.haushaltsjahr,
            haushaltsstelle: match account {
                Account::Erloes { haushaltsstelle, .. } => Some(haushaltsstelle.clone()),
                _ => None,
            },
            objektnummer: match account {
                Account::Erloes { objektnummer, .. } => objektnummer.clone(),
                _ => None,
            },
            anordnung: self.anordnung.clone(),
        });
        Booking {
            kind,
            ledger: self.ledger.clone(),
            subject: self.subject,
            reverses: None,
            lines: lines.collect(),
        }
        .checked()
    }
}

/// Pays `cents` of the claim, of which `credited` is paid already, out of its deposit.
pub fn accepted(claim: &Claim, deposit: PostenId, credited: Cents, cents: Cents) -> Booking {
    let lines = claim.spread(credited, credited + cents).map(|(unit, part)| {
        let mut line = claim.line(Account::Verwahrung, Account::Forderung, part, Some(unit));
        line.debit.posten = deposit;
        line
    });
    claim.booking(BookingKind::Zuordnung, lines.collect())
}

/// Does not pursue what is open between `credited` and `soll`; nothing where nothing is open.
pub fn not_pursued(claim: &Claim, credited: Cents, soll: Cents) -> Option<Booking> {
    let lines: Vec<_> = claim
        .spread(credited, soll)
        .map(|(unit, cents)| claim.line(unit.contra.clone(), Account::Forderung, cents, Some(unit)))
        .collect();
    (!lines.is_empty()).then(|| claim.booking(BookingKind::Ausbuchung, lines))
}

/// The title on which what is paid too much for a claim is income: that of its first item of our own.
pub fn own_title(claim: &Claim) -> Option<Account> {
    let own = |contra: &Account| matches!(contra, Account::Erloes { .. });
    let mut units = claim.units.iter().map(|unit| &unit.contra);
    units.find(|contra| own(contra)).cloned()
}

/// Moves `cents` of a claim's income from a title to another.
pub fn corrected(claim: &Claim, from: &Title, to: &Title, cents: Cents) -> Booking {
    let mut line = claim.line(title(from), title(to), cents, None);
    line.haushaltsstelle = Some(to.haushaltsstelle.clone());
    line.objektnummer.clone_from(&to.objektnummer);
    claim.booking(BookingKind::Umbuchung, vec![line])
}

/// The account of a title's income.
pub fn title(title: &Title) -> Account {
    Account::Erloes {
        haushaltsstelle: title.haushaltsstelle.clone(),
        objektnummer: title.objektnummer.clone(),
    }
}
