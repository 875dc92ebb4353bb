//! The single movements of money on a Kassenzeichen. Everything cumulative that a read tells is a sum over
//! them, so that no two faces of the sandbox can disagree.

use jiff::Timestamp;
use serde::Serialize;

use super::Cents;

/// What a movement does to the saldo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MovementKind {
    /// Money came (Zahlungseingang); the saldo falls.
    Receipt,
    /// Money was collected from the payer's account (Lastschrift); the saldo falls.
    Debit,
    /// Money went back (Rücklastschrift, chargeback); the saldo rises.
    Return,
    /// The authority took the claim back (Storno), all or part of it; the saldo falls.
    Storno,
    /// Something else is claimed on top, such as the fee of a Rücklastschrift; the saldo rises.
    Charge,
}

/// How the money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// By a payment service provider, who pays out later.
    Acquirer,
    /// By a bank transfer, or collected by the Kasse herself.
    Bank,
    /// Not at all: only the books changed.
    Books,
}

/// One movement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Movement {
    /// Counts all movements of this sandbox from 1; 0 only before it is booked.
    pub number: u64,
    /// When ePayBL booked it.
    pub at: Timestamp,
    /// Always above zero; the kind tells the direction.
    pub amount: Cents,
    /// How much of a receipt was more than was owed.
    pub over: Cents,
    /// What it does to the saldo.
    pub kind: MovementKind,
    /// The method, such as `KREDITKARTE` or `UEBERWEISUNGVOR`; empty for what only changes the books.
    pub method: String,
    /// How the money moved.
    pub way: Way,
    /// The Verwendungszweck of a transfer; empty where the usual one is meant.
    pub purpose: String,
    /// Who sent it; empty where it is who owes.
    pub payer: String,
    /// Of a return: why, such as `MD06`.
    pub reason: Option<String>,
}

/// The sums over some movements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) receipts: Cents,
    pub(super) debits: Cents,
    pub(super) returns: Cents,
    pub(super) stornos: Cents,
    pub(super) charges: Cents,
}

impl Sums {
    pub(super) fn of(movements: &[Movement]) -> Self {
        let mut sums = Self::default();
        for movement in movements {
            let sum = match movement.kind {
                MovementKind::Receipt => &mut sums.receipts,
                MovementKind::Debit => &mut sums.debits,
                MovementKind::Return => &mut sums.returns,
                MovementKind::Storno => &mut sums.stornos,
                MovementKind::Charge => &mut sums.charges,
            };
            *sum = sum.plus(movement.amount);
        }
        sums
    }

    /// Money that came and did not go back.
    pub(super) fn held(self) -> Cents {
        self.receipts.plus(self.debits).minus(self.returns)
    }

    /// What is still owed of this claim; negative when more came.
    pub(super) fn saldo(self, claim: Cents) -> Cents {
        claim.plus(self.charges).minus(self.stornos).minus(self.held())
    }
}
