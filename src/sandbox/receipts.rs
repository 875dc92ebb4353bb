//! ePayBL's list of Zahlungseingänge: the money that came to a Mandant, one line per movement.

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Cents,
    movement::{Movement, MovementKind, Way},
    payment::Payment,
    shared::Book,
    world::{Account, World},
};

/// One Zahlungseingang.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// That of its movement: no other receipt of this sandbox has it, later ones have higher ones.
    pub number: u64,
    /// When it was booked.
    pub at: Timestamp,
    /// Its Mandant.
    pub mandant: String,
    /// Its Bewirtschafter.
    pub bewirtschafter: String,
    /// Its Kassenzeichen.
    pub kassenzeichen: String,
    /// The client's number for who paid.
    pub kundennummer: String,
    /// Always above zero.
    pub amount: Cents,
    /// The method, such as `KREDITKARTE`.
    pub method: String,
    /// How the money came.
    pub way: Way,
    /// Of another procedure: no client of this sandbox has asked for it.
    pub foreign: bool,
}

impl Receipt {
    fn of(account: &Account, payment: &Payment, movement: &Movement) -> Self {
        Self {
            number: movement.number,
            at: movement.at,
            mandant: account.mandant.clone(),
            bewirtschafter: account.bewirtschafter.clone(),
            kassenzeichen: payment.kassenzeichen.clone(),
            kundennummer: payment.list.kundennummer.clone(),
            amount: movement.amount,
            method: movement.method.clone(),
            way: movement.way,
            foreign: false,
        }
    }
}

impl Book {
    /// All Zahlungseingänge of a Mandant, collected debits among them, in the order of their numbers.
    pub(super) fn receipts(&self, world: &World, mandant: &str) -> Vec<Receipt> {
        let mut receipts = Vec::new();
        for payment in &self.payments {
            let account = &world.accounts[payment.account];
            if account.mandant != mandant {
                continue;
            }
            let came =
                |movement: &&Movement| matches!(movement.kind, MovementKind::Receipt | MovementKind::Debit);
            let of = payment.movements.iter().filter(came);
            receipts.extend(of.map(|movement| Receipt::of(account, payment, movement)));
        }
        for stray in &self.strays {
            let account = &world.accounts[stray.account];
            if let Some(kassenzeichen) = stray.kassenzeichen.clone().filter(|_| account.mandant == mandant) {
                receipts.push(Receipt {
                    number: stray.number,
                    at: stray.at,
                    mandant: account.mandant.clone(),
                    bewirtschafter: account.bewirtschafter.clone(),
                    kassenzeichen,
                    kundennummer: String::new(),
                    amount: stray.amount,
                    method: "UEBERWEISUNGVOR".to_owned(),
                    way: Way::Bank,
                    foreign: true,
                });
            }
        }
        receipts.sort_by_key(|receipt| receipt.number);
        receipts
    }
}
