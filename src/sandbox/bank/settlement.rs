//! What payment service providers pay out: the money of one day, method and account together, two bank days
//! later, less the disagio. The list of a payout says which Kassenzeichen it is made of.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::days;
use crate::sandbox::{
    Cents,
    movement::{MovementKind, Way},
    shared::Book,
    world::Method,
};

/// One credit (or, after more chargebacks than payments, one debit) by a payment service provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sandbox) struct Payout {
    /// The day the money is on the account.
    pub(in crate::sandbox) day: Date,
    pub(in crate::sandbox) iban: String,
    pub(in crate::sandbox) zvp: String,
    pub(in crate::sandbox) method: String,
    /// Names it on the statement and in the list.
    pub(in crate::sandbox) reference: String,
    pub(in crate::sandbox) lines: Vec<Line>,
}

/// One payment or chargeback of a payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sandbox) struct Line {
    /// Of the movement.
    pub(in crate::sandbox) number: u64,
    pub(in crate::sandbox) day: Date,
    pub(in crate::sandbox) mandant: String,
    pub(in crate::sandbox) bewirtschafter: String,
    pub(in crate::sandbox) kassenzeichen: String,
    /// Below zero for a chargeback.
    pub(in crate::sandbox) gross: Cents,
    pub(in crate::sandbox) fee: Cents,
}

impl Payout {
    pub(in crate::sandbox) fn gross(&self) -> Cents {
        self.sum(|line| line.gross)
    }

    pub(in crate::sandbox) fn fee(&self) -> Cents {
        self.sum(|line| line.fee)
    }

    pub(in crate::sandbox) fn net(&self) -> Cents {
        self.gross().minus(self.fee())
    }

    fn sum(&self, part: impl Fn(&Line) -> Cents) -> Cents {
        (self.lines.iter()).fold(Cents::ZERO, |sum, line| sum.plus(part(line)))
    }
}

/// The disagio of a payment: the rate of its method, rounded half up, and the fixed part.
fn fee(method: &Method, amount: Cents) -> Cents {
    let rate = i64::from(method.fee_basis_points);
    let share = (amount.get().saturating_mul(rate) + 5_000) / 10_000;
    Cents::new(share).plus(method.fee_fixed)
}

impl Book {
    /// All payouts, in the order of day, account, provider and method.
    pub(in crate::sandbox) fn payouts(&self) -> Vec<Payout> {
        // One account may be shared by several Bewirtschafter: they are paid out together.
        let mut payouts: BTreeMap<(Date, String, String, String), Vec<Line>> = BTreeMap::new();
        for payment in &self.payments {
            let account = &self.world.accounts[payment.account];
            for movement in payment
                .movements
                .iter()
                .filter(|moved| moved.way == Way::Acquirer)
            {
                let Some(method) = account.method(&movement.method) else {
                    continue;
                };
                let (gross, fee) = match movement.kind {
                    MovementKind::Receipt | MovementKind::Debit => {
                        (movement.amount, fee(method, movement.amount))
                    }
                    MovementKind::Return => (Cents::ZERO.minus(movement.amount), Cents::ZERO),
                    MovementKind::Storno | MovementKind::Charge => continue,
                };
                let sold_on = days::day_of(movement.at);
                let iban = self.banks[payment.account].iban.clone();
                let key = (sold_on, iban, method.zvp.clone(), method.code.clone());
                payouts.entry(key).or_default().push(Line {
                    number: movement.number,
                    day: sold_on,
                    mandant: account.mandant.clone(),
                    bewirtschafter: account.bewirtschafter.clone(),
                    kassenzeichen: payment.kassenzeichen.clone(),
                    gross,
                    fee,
                });
            }
        }
        let made = payouts
            .into_iter()
            .map(|((sold_on, iban, zvp, method), mut lines)| {
                lines.sort_by_key(|line| line.number);
                let first = lines.first().map_or(0, |line| line.number);
                Payout {
                    day: days::later(sold_on, 2),
                    reference: format!("PO{}{first:06}", sold_on.strftime("%Y%m%d")),
                    iban,
                    zvp,
                    method,
                    lines,
                }
            });
        made.collect()
    }

    /// The lists of all payouts of a provider on a day, as CSV with semicolons; amounts with a comma, as
    /// such lists come in Germany.
    pub(in crate::sandbox) fn settlement_csv(&self, zvp: &str, day: Date) -> Option<String> {
        let payouts = self.payouts().into_iter();
        let payouts: Vec<Payout> = payouts
            .filter(|payout| payout.zvp == zvp && payout.day == day)
            .collect();
        if payouts.is_empty() {
            return None;
        }
        let mut csv =
            "Auszahlungsreferenz;Auszahlungstag;IBAN;Umsatztag;Mandant;Bewirtschafter;Kassenzeichen;\
                       Zahlverfahren;Brutto;Gebuehr;Netto;Waehrung\r\n"
                .to_owned();
        for payout in &payouts {
            for line in &payout.lines {
                let fields = [
                    payout.reference.clone(),
                    payout.day.to_string(),
                    payout.iban.clone(),
                    line.day.to_string(),
                    super::csv_text(&line.mandant),
                    super::csv_text(&line.bewirtschafter),
                    super::csv_text(&line.kassenzeichen),
                    super::csv_text(&payout.method),
                    super::comma(line.gross),
                    super::comma(line.fee),
                    super::comma(line.gross.minus(line.fee)),
                    "EUR".to_owned(),
                ];
                csv.push_str(&fields.join(";"));
                csv.push_str("\r\n");
            }
        }
        Some(csv)
    }
}
