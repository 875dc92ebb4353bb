//! What is expected, as the other side of matching: attempts, and payouts of payment providers behind them.

use super::{Run, refunds};
use crate::app::payouts::{is_exclusive, settings};
use crate::app::ports::{Deposited, Expected, ListedOrder, ListedPayout, OpenDetail};
use crate::domain::decide::{PayoutShown, Shown};
use crate::domain::money::Cents;
use crate::domain::reconcile::{Book, InputError, Kind, Name, Open, Settled, Target};
use crate::domain::tenant::Kasse;

/// What a payment on a statement may be.
pub(super) enum Item<'a> {
    Attempt(&'a Expected),
    Payout(&'a ListedPayout),
    Order(&'a ListedOrder),
}

pub(super) fn item_of(run: &Run, target: Target) -> Item<'_> {
    let (Target::Open(at) | Target::Settled(at)) = target;
    let at = usize::try_from(at).expect("items are numbered by their place");
    let (attempts, payouts) = (run.expected.len(), run.payouts.len());
    if at < attempts {
        Item::Attempt(&run.expected[at])
    } else if at < attempts + payouts {
        Item::Payout(&run.payouts[at - attempts])
    } else {
        Item::Order(&run.orders[at - attempts - payouts])
    }
}

pub(super) fn payout_of(of: &OpenDetail, found: &Shown, lay: Option<&Deposited>) -> PayoutShown {
    PayoutShown {
        detail: of.id,
        account: of.account.clone(),
        whole: of.cents,
        first: true,
        from: lay.map(|lay| lay.posten),
        rule: found.rule.clone(),
        evidence: found.evidence.clone(),
    }
}

/// What is expected, as the other side of matching: each attempt by its place in the list, payouts behind them, then orders.
pub(super) fn book(kasse: &Kasse, run: &Run) -> Result<Book, InputError> {
    let mut book = of_attempts(&run.expected)?;
    add_payouts(&mut book, kasse, run)?;
    refunds::add(&mut book, run.expected.len() + run.payouts.len(), &run.orders)?;
    Ok(book)
}

/// Attempts alone, each by its place in the list.
pub(in crate::app) fn of_attempts(expected: &[Expected]) -> Result<Book, InputError> {
    let mut book = Book::new();
    for (id, of) in (0..).zip(expected) {
        let kassenzeichen = of
            .kassenzeichen
            .as_ref()
            .map(|kz| (Name::Kassenzeichen, kz.as_str()));
        let nummer = (Name::Transaktionsnummer, of.nummer.as_str());
        let references: Vec<_> = kassenzeichen.into_iter().chain([nummer]).collect();
        let since = of.since.berlin_day();
        let waited_for = of.total - of.settled;
        let open = if of.outstanding.is_positive() {
            Some((Kind::Settlement, of.outstanding))
        } else if of.passing.is_positive() {
            Some((Kind::Settlement, of.passing))
        } else if of.returning.is_positive() {
            // The provider told that it went back: a debit with our reference shows it, marked as a return or not.
            Some((Kind::Refund, -of.returning))
        } else if of.awaited_transfer && waited_for.is_positive() {
            Some((Kind::Claim, waited_for))
        } else {
            None
        };
        if let Some((kind, cents)) = open {
            book.open(&Open {
                id,
                kind,
                references: references.clone(),
                cents,
                since,
                due: None,
                account: None,
            })?;
        }
        let returnable = if of.settled.is_positive() {
            of.settled
        } else {
            of.passing
        };
        if returnable.is_positive() {
            book.settled(&Settled {
                id,
                kind: Kind::Settlement,
                references,
                cents: returnable,
                since,
                account: None,
            })?;
        }
    }
    Ok(book)
}

/// Payouts, by their places behind what is expected. One that has nothing of ours on the town's account is none of ours.
fn add_payouts(book: &mut Book, kasse: &Kasse, run: &Run) -> Result<(), InputError> {
    for (id, payout) in (run.expected.len() as u64..).zip(&run.payouts) {
        let Some(list) = settings(kasse, payout) else {
            continue;
        };
        let account = list.account.as_ref();
        let ours = account.is_some_and(|iban| is_exclusive(kasse, iban)) || payout.contents.ours.count > 0;
        if !ours {
            continue;
        }
        let account = account.and_then(|iban| kasse.accounts.iter().position(|known| known.iban == *iban));
        let account = account.and_then(|at| u32::try_from(at).ok());
        let kind = Kind::Payout(payout.contents.payout(list.terms()));
        let references = vec![(Name::Payout, payout.reference.as_str())];
        let since = payout.at.berlin_day();
        match &payout.shown {
            None => book.open(&Open {
                id,
                kind,
                references,
                cents: Cents::ZERO,
                since,
                due: None,
                account,
            })?,
            Some(shown) => book.settled(&Settled {
                id,
                kind,
                references,
                cents: shown.whole,
                since,
                account,
            })?,
        }
    }
    Ok(())
}
