//! Fees that a bank tells with a payment, and what they leave of it on the account.

use std::collections::VecDeque;

use super::entry::Basics;
use super::fields::{cents, direction, yes};
use super::tree::At;
use super::xml::Fault;
use crate::domain::money::Cents;
use crate::domain::statement::{Detail, Direction};

/// A fee as it is told, in the currency of the entry.
struct Fee {
    cents: Cents,
    /// It was paid back.
    credited: bool,
    /// It is said to be not included in the amount.
    apart: bool,
}

/// Flat `Chrgs` in versions 02 and 03, `Chrgs/Rcrd` since 04.
fn fees(root: At<'_>, basics: &Basics) -> Result<Vec<Fee>, Fault> {
    let mut found = Vec::new();
    for charges in root.all("Chrgs") {
        let records = charges.all("Rcrd");
        let records = if records.is_empty() {
            vec![charges]
        } else {
            records
        };
        for record in records {
            let Some(at) = record.find("Amt").or_else(|| record.find("TtlChrgsAndTaxAmt")) else {
                continue;
            };
            let foreign = at.currency().is_some_and(|currency| currency != basics.currency);
            if foreign || at.text().is_none() {
                continue;
            }
            found.push(Fee {
                cents: cents(at)?,
                credited: direction(record)? == Some(Direction::Credit),
                apart: record.find("ChrgInclInd").is_some() && !yes(record, "ChrgInclInd"),
            });
        }
    }
    found.retain(|fee| fee.cents != Cents::ZERO);
    Ok(found)
}

/// Fees that the amount holds. What is credited, or said to be not included, or in another currency, is none of them.
///
/// # Errors
/// A fee is no amount.
pub fn charges(root: At<'_>, basics: &Basics) -> Result<Vec<Cents>, Fault> {
    let fees = fees(root, basics)?.into_iter();
    Ok(fees
        .filter(|fee| !fee.credited && !fee.apart)
        .map(|fee| fee.cents)
        .collect())
}

/// What all fees together move on the account, with their sign; nothing where there are none.
///
/// # Errors
/// A fee is no amount.
pub fn moved(root: At<'_>, basics: &Basics) -> Result<Cents, Fault> {
    let moved = fees(root, basics)?.into_iter().try_fold(Cents::ZERO, |sum, fee| {
        sum.checked_add(if fee.credited { fee.cents } else { -fee.cents })
    });
    Ok(moved.unwrap_or(Cents::ZERO))
}

/// Some banks tell a payment without its fees and book both in one entry; others tell it with them. Which it is, they
/// say in `ChrgInclInd` or not at all, and not alike, so that the sum alone decides: where the details make the entry
/// with their fees and not without, each is worth what it comes to on the account, and holds its fee.
///
/// `of_entry` are the fees that the entry tells for its only detail.
pub fn make_up(details: &mut VecDeque<(Detail, Cents)>, of_entry: Cents, basics: &Basics) {
    if let [(_, fees)] = details.make_contiguous()
        && *fees == Cents::ZERO
    {
        *fees = of_entry;
    }
    let signed = |detail: &Detail| detail.cents.map(|cents| detail.direction.signed(cents));
    let sum = |with_fees: bool| {
        details.iter().try_fold(Cents::ZERO, |sum, (detail, fees)| {
            let fees = if with_fees { *fees } else { Cents::ZERO };
            sum.checked_add(signed(detail)?)?.checked_add(fees)
        })
    };
    let entry = basics.direction.signed(basics.cents);
    if sum(false) == Some(entry) || sum(true) != Some(entry) {
        return;
    }
    for (detail, fees) in details {
        let Some(told) = detail.cents.filter(|_| *fees != Cents::ZERO) else {
            continue;
        };
        // A fee that is more than the payment turns it round.
        let come_to = detail.direction.signed(told) + *fees;
        detail.direction = if come_to.get() < 0 {
            Direction::Debit
        } else {
            Direction::Credit
        };
        detail.cents = Some(detail.direction.signed(come_to));
        detail.original = detail.original.or(Some(told));
        if detail.charges.is_empty() && fees.get() < 0 {
            detail.charges = vec![-*fees];
        }
    }
}
