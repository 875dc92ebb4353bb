//! What a payout may lack: a fee that its list or the contract with the payment service provider explains to the cent,
//! and nothing else, so that no shortage hides as a fee.

use serde::Serialize;

use super::outcome::Rule;
use crate::domain::money::Cents;

/// What a payment service provider may keep, by contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub struct Contract {
    /// For each payout, in cents.
    pub per_payout: Cents,
    /// For each payment in it, in cents.
    pub per_item: Cents,
    /// Of the gross sum, in millionths: 12 500 is 1.25 %.
    pub millionths: u32,
}

/// A payout as the provider's list has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Payout {
    /// The sum of its payments, refunds and chargebacks taken off.
    pub gross: Cents,
    /// The fee, where the list has a column for it.
    pub fee: Option<Cents>,
    /// How many payments it holds.
    pub count: u32,
    /// The contract, where there is one.
    pub contract: Option<Contract>,
}

/// Whether an amount is this payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weighed {
    /// It is; this much was kept.
    Fits(Rule, Cents),
    /// It is less, and nothing explains by how much.
    Short,
    /// It is more than its payments.
    Over,
}

impl Contract {
    /// The fee to the cent, half a cent rounded up; none where it is beyond all bounds.
    pub fn fee(&self, gross: Cents, count: u32) -> Option<Cents> {
        let share = i128::from(gross.get()) * i128::from(self.millionths);
        let share = (share + 500_000).div_euclid(1_000_000);
        let items = i128::from(self.per_item.get()) * i128::from(count);
        let fee = share + items + i128::from(self.per_payout.get());
        i64::try_from(fee).ok().map(Cents::new)
    }
}

impl Payout {
    /// What the bank should show: the list's net, else the contract's, else the gross sum.
    pub fn net(&self) -> Cents {
        self.fee
            .or_else(|| self.contract?.fee(self.gross, self.count))
            .and_then(|fee| self.gross.checked_sub(fee))
            .unwrap_or(self.gross)
    }

    /// By which rule an amount is this payout, and what was kept; none where nothing explains the difference.
    pub fn fits(&self, found: Cents) -> Option<(Rule, Cents)> {
        match self.weigh(found) {
            Weighed::Fits(rule, kept) => Some((rule, kept)),
            Weighed::Short | Weighed::Over => None,
        }
    }

    /// Weighs an amount that bears its reference. The contract speaks only where the list has no fee; it may be off by
    /// one cent per payment, because the provider rounds each of them. Gross always fits: nothing is missing, and the
    /// fee is billed apart.
    pub(super) fn weigh(&self, found: Cents) -> Weighed {
        if found == self.gross {
            return Weighed::Fits(Rule::PayoutGross, Cents::ZERO);
        }
        let Some(kept) = self.gross.checked_sub(found) else {
            return Weighed::Over;
        };
        if kept < Cents::ZERO {
            return Weighed::Over;
        }
        match (self.fee, self.contract) {
            (Some(fee), _) if fee == kept => Weighed::Fits(Rule::PayoutList, kept),
            (None, Some(contract)) => {
                let off = contract
                    .fee(self.gross, self.count)
                    .and_then(|fee| kept.checked_sub(fee))
                    .map(|off| off.get().unsigned_abs());
                match off {
                    Some(off) if off <= u64::from(self.count) => Weighed::Fits(Rule::PayoutContract, kept),
                    _ => Weighed::Short,
                }
            }
            _ => Weighed::Short,
        }
    }
}
