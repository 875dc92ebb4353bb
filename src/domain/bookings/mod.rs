//! One file per kind of booking: from what is known of an attempt to the lines of the Buchungssatz.
//!
//! All share [`Claim`]: the open item of one attempt, cut into the units by which money is spread.

mod absetzung;
mod bank;
mod resolved;
mod ruecklastschrift;
mod sollstellung;
mod storno;
mod verwahrung;
mod zahlung;

pub use absetzung::absetzung;
pub use bank::{Source, arrived, rueckgabe, unknown};
pub use resolved::{accepted, refunded, refunded_unknown};
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
            let income = if title.fremd {
                Account::Verwahrung
            } else {
                Account::Erloes {
                    haushaltsstelle: title.haushaltsstelle.clone(),
                    objektnummer: title.objektnummer.clone(),
                }
            };
            let tax = title
                .tax_key
                .as_ref()
                .map(|key| Account::Steuer { key: key.clone() });
            for (contra, cents) in [(Some(income), item.net), (tax, item.tax)] {
                if let (Some(contra), true) = (contra, cents.is_positive()) {
                    units.push(Unit {
                        contra,
                        cents,
                        haushaltsstelle: title.haushaltsstelle.clone(),
                        objektnummer: title.objektnummer.clone(),
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
