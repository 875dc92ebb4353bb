//! A payout of a payment provider: what its list comes to, and whose share of the bank's line is which.
//!
//! Whatever the bank shows is ours, the provider's fee, or other systems': *ours + fee = what our lines come to* and
//! *ours + others = what the bank shows*, to the cent. Where no rule explains the bank's amount, there is no share, and
//! nothing is booked by the list.

use sha2::{Digest, Sha256};

use super::money::Cents;
use super::reconcile::{Contract, Payout, Rule};
use super::settlement::{Kind, Line, Owner};

/// What lines come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// How many.
    pub count: u64,
    /// How many of them are payments.
    pub payments: u32,
    /// Σ gross, with what lines of fees take off.
    pub gross: Cents,
    /// Σ of the column of fees; none where the list has none.
    pub fee: Option<Cents>,
    /// What lines that are fees take, more than nothing where it costs us.
    pub fee_lines: Cents,
}

impl Sums {
    /// Of these lines; none where a sum leaves what can be held.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Option<Self> {
        let mut sums = Self::default();
        let (mut told, mut untold, mut fee) = (false, false, Cents::ZERO);
        for line in lines {
            sums.count += 1;
            sums.gross = sums.gross.checked_add(line.gross)?;
            match line.kind {
                Kind::Payment => sums.payments = sums.payments.checked_add(1)?,
                Kind::Fee => sums.fee_lines = sums.fee_lines.checked_sub(line.gross)?,
                Kind::Refund | Kind::Chargeback | Kind::Payout => {}
            }
            match line.fee {
                Some(cents) => {
                    told = true;
                    fee = fee.checked_add(cents)?;
                }
                None => untold |= line.kind == Kind::Payment,
            }
        }
        sums.fee = (told && !untold).then_some(fee);
        Some(sums)
    }

    /// What the Kassenzeichen of these lines are to get: Σ gross without lines of fees.
    pub fn of_payers(&self) -> Cents {
        self.gross + self.fee_lines
    }
}

/// What a list says a payout consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Contents {
    /// Our lines.
    pub ours: Sums,
    /// Lines of other systems.
    pub others: Sums,
}

impl Contents {
    /// Of a list's lines; none where a sum leaves what can be held.
    pub fn of(lines: &[Line]) -> Option<Self> {
        let of = |ours: bool| Sums::of(lines.iter().filter(|line| (line.owner == Owner::Ours) == ours));
        let contents = Self {
            ours: of(true)?,
            others: of(false)?,
        };
        contents.ours.gross.checked_add(contents.others.gross)?;
        Some(contents)
    }

    /// The payout as matching expects it on the bank's account: everybody's lines together.
    pub fn payout(&self, contract: Option<Contract>) -> Payout {
        let fee = match (self.ours, self.others) {
            (ours, others) if others.count == 0 => ours.fee,
            (ours, others) if ours.count == 0 => others.fee,
            (ours, others) => ours.fee.zip(others.fee).map(|(ours, others)| ours + others),
        };
        Payout {
            gross: self.ours.gross + self.others.gross,
            fee,
            count: self.ours.payments.saturating_add(self.others.payments),
            contract,
        }
    }

    /// Whether the payout is exactly nothing, so that no bank will ever show it.
    pub fn is_nothing(&self, contract: Option<Contract>) -> bool {
        self.ours.count > 0 && self.payout(contract).net() == Cents::ZERO
    }

    /// Whose share of what the bank shows is which, and by which rule; none where nothing explains the amount.
    pub fn share(&self, contract: Option<Contract>, shown: Cents) -> Option<(Rule, Share)> {
        let (rule, kept) = self.payout(contract).fits(shown)?;
        let kept_of_others = if self.others.count == 0 {
            Cents::ZERO
        } else if self.ours.count == 0 {
            kept
        } else {
            match (rule, contract) {
                (Rule::PayoutList, _) => self.others.fee.unwrap_or_default(),
                (Rule::PayoutContract, Some(contract)) => {
                    // What is paid for each payout is ours to bear, and so is what rounding makes of the rest.
                    let of_lines = Contract {
                        per_payout: Cents::ZERO,
                        ..contract
                    };
                    let fee = of_lines.fee(self.others.gross, self.others.payments);
                    fee.unwrap_or_default().or_zero().min(kept)
                }
                _ => Cents::ZERO,
            }
        };
        let kept_of_ours = kept - kept_of_others;
        let bank = self.ours.gross - kept_of_ours;
        let share = Share {
            bank,
            fee: kept_of_ours + self.ours.fee_lines,
            others: shown - bank,
        };
        Some((rule, share))
    }
}

/// Whose share of what the bank shows is which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Ours.
    pub bank: Cents,
    /// What the provider kept of ours.
    pub fee: Cents,
    /// Other systems'.
    pub others: Cents,
}

/// What tells a list again: SHA-256 over its lines, whatever their order and their places in the file.
pub fn digest(lines: &[Line]) -> [u8; 32] {
    let mut texts: Vec<Vec<u8>> = lines
        .iter()
        .map(|line| {
            let bare = Line {
                row: 0,
                ..line.clone()
            };
            serde_json::to_vec(&bare).expect("plain values become JSON")
        })
        .collect();
    texts.sort_unstable();
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests;
