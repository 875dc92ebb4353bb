//! One file per kind of booking: from what is known of an attempt to the lines of the Buchungssatz.
//!
//! All share [`Claim`]: the open item of one attempt, cut into the units by which money is spread.

mod absetzung;
mod bank;
mod effect;
mod payout;
mod resolved;
mod ruecklastschrift;
mod sollstellung;
mod storno;
mod verwahrung;
mod zahlung;

pub use absetzung::absetzung;
pub use bank::{Left, Source, arrived, rueckgabe, taken_back, unknown};
pub use effect::effect;
pub use payout::{PAYOUT, PayoutAccount};
pub use resolved::{Lying, accepted, corrected, not_pursued, own_title, title};
pub use ruecklastschrift::ruecklastschrift;
pub use sollstellung::sollstellung;
pub use storno::{StornoError, storno};
pub use verwahrung::{doppelzahlung, spaete_zahlung, ueberzahlung};
pub use zahlung::zahlung;

use super::booking::{Account, Booking, BookingKind, Line, Side};
use super::case::{Attempt, Case, Payment};
use super::ids::{LedgerId, Method, PostenId};
use super::money::Cents;
use super::subject::Subject;
use super::told::Title;

/// A part of a claim that stands on one account: the net of an item, or its tax.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Unit {
    contra: Account,
    cents: Cents,
    haushaltsstelle: String,
    objektnummer: Option<String>,
}

/// The claim of one attempt, as bookings see it.
#[derive(Debug, Clone)]
pub struct Claim {
    ledger: LedgerId,
    subject: Subject,
    posten: PostenId,
    haushaltsjahr: i16,
    anordnung: String,
    units: Vec<Unit>,
}

impl Claim {
    /// The claim that an attempt of a payment stands for.
    pub fn of(case: &Case, payment: &Payment, attempt: &Attempt) -> Self {
        let mut units = Vec::new();
        for item in &payment.items {
            let title = &item.kontierung;
            let written = Title {
                haushaltsstelle: title.haushaltsstelle.clone(),
                objektnummer: title.objektnummer.clone(),
            };
            let stands = written.after(&attempt.heard.corrected);
            let on_title = if title.fremd { written.clone() } else { stands };
            let income = if title.fremd {
                Account::Verwahrung
            } else {
                resolved::title(&on_title)
            };
            let tax = title
                .tax_key
                .as_ref()
                .map(|key| Account::Steuer { key: key.clone() });
            for (contra, cents, on) in [(Some(income), item.net, &on_title), (tax, item.tax, &written)] {
                if let (Some(contra), true) = (contra, cents.is_positive()) {
                    units.push(Unit {
                        contra,
                        cents,
                        haushaltsstelle: on.haushaltsstelle.clone(),
                        objektnummer: on.objektnummer.clone(),
                    });
                }
            }
        }
        Self {
            ledger: case.ledger.clone(),
            subject: Subject::Attempt {
                case: case.id,
                attempt: attempt.id,
            },
            posten: attempt.posten,
            haushaltsjahr: attempt.heard.reopened_in.unwrap_or(payment.due.year()),
            anordnung: payment.route.value.anordnung.clone(),
            units,
        }
    }

    /// The claim as a return books it: in the current year, whatever the year of the Fälligkeit.
    #[must_use]
    pub fn in_year(self, haushaltsjahr: i16) -> Self {
        Self {
            haushaltsjahr,
            ..self
        }
    }

    /// The whole of it.
    pub fn total(&self) -> Cents {
        self.units.iter().map(|unit| unit.cents).sum()
    }

    /// Spreads the range from `from` to `to` cents of the claim over its units, in their order: the one pure function
    /// by which part amounts find their items.
    fn spread(&self, from: Cents, to: Cents) -> impl Iterator<Item = (&Unit, Cents)> {
        let mut start = Cents::ZERO;
        self.units.iter().filter_map(move |unit| {
            let end = start + unit.cents;
            let part = end.min(to) - if start > from { start } else { from };
            start = end;
            part.is_positive().then_some((unit, part))
        })
    }

    fn booking(&self, kind: BookingKind, lines: Vec<Line>) -> Booking {
        Booking {
            kind,
            ledger: self.ledger.clone(),
            subject: self.subject,
            reverses: None,
            lines,
        }
        .checked()
    }

    fn line(&self, debit: Account, credit: Account, cents: Cents, unit: Option<&Unit>) -> Line {
        Line {
            debit: Side {
                account: debit,
                posten: self.posten,
            },
            credit: Side {
                account: credit,
                posten: self.posten,
            },
            cents,
            haushaltsjahr: self.haushaltsjahr,
            haushaltsstelle: unit.map(|unit| unit.haushaltsstelle.clone()),
            objektnummer: unit.and_then(|unit| unit.objektnummer.clone()),
            anordnung: self.anordnung.clone(),
        }
    }

    fn verrechnung(zvp: &str, method: &Method) -> Account {
        Account::Verrechnung {
            zvp: if zvp.is_empty() { "unbekannt" } else { zvp }.to_owned(),
            method: method.clone(),
        }
    }
}
