//! The rules that hold after every step of a story, and the ten-line model of the books that they are held against.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::booking::{Account, Booking};
use crate::domain::case::{Attempt, Awaited, Case, CaseStanding, Ending, Payment, PortalAnswer, Standing};
use crate::domain::change::CASE_STEPS;
use crate::domain::ids::{AttemptId, PostenId};
use crate::domain::money::Cents;
use crate::domain::time::Timestamp;

/// Balances, debit less credit, per account and Posten: the ten-line model of the books.
#[derive(Default)]
pub(super) struct Books(BTreeMap<(Account, PostenId), Cents>);

impl Books {
    pub(super) fn book(&mut self, booking: &Booking) {
        for line in &booking.lines {
            assert!(line.cents.is_positive(), "a line moves more than nothing");
            for (side, cents) in [(&line.debit, line.cents), (&line.credit, -line.cents)] {
                let key = (side.account.clone(), side.posten);
                *self.0.entry(key).or_default() += cents;
            }
        }
    }

    /// Debit less credit on one Posten, over the accounts that are meant.
    pub(super) fn balance(&self, posten: PostenId, meant: impl Fn(&Account) -> bool) -> Cents {
        let on = |((account, of), cents): (&(Account, PostenId), &Cents)| {
            (*of == posten && meant(account)).then_some(*cents)
        };
        self.0.iter().filter_map(on).sum()
    }

    /// Every balance that is not nothing, as text.
    pub(super) fn balances(&self) -> BTreeMap<String, i64> {
        let mut by_account = BTreeMap::new();
        for ((account, _), cents) in &self.0 {
            *by_account.entry(account.to_string()).or_default() += cents.get();
        }
        by_account.retain(|_, cents| *cents != 0);
        by_account
    }
}

/// Nothing goes a step that is not in its table, and an answer that was given stays as it is.
pub(super) fn steps(before: &Case, after: &Case) {
    for payment in &before.payments {
        let then = after.payment(payment.id).expect("a payment stays");
        if then.answer != payment.answer {
            let step = (payment.answer.as_str(), then.answer.as_str());
            assert!(PortalAnswer::STEPS.contains(&step), "{step:?}");
        }
        for attempt in &payment.attempts {
            let next = then.attempt(attempt.id).expect("an attempt stays");
            if next.standing != attempt.standing {
                let step = (attempt.standing.as_str(), next.standing.as_str());
                assert!(Standing::STEPS.contains(&step), "{step:?}");
            }
            let forgets = attempt.kassenzeichen != Awaited::Awaited;
            assert!(!forgets || next.kassenzeichen == attempt.kassenzeichen);
        }
    }
    if after.standing != before.standing {
        assert!(CASE_STEPS.contains(&(before.standing, after.standing)));
    }
}

/// What holds of a case after every step: its attempts, its watches, its standing.
pub(super) fn check(case: &Case, books: &Books, watches: &BTreeMap<AttemptId, Option<Timestamp>>) {
    let mut names = BTreeSet::new();
    for payment in &case.payments {
        for attempt in &payment.attempts {
            attempt_holds(attempt, books);
            assert!(
                attempt
                    .kassenzeichen
                    .known()
                    .is_none_or(|known| names.insert(known.clone())),
                "a Kassenzeichen belongs to one attempt"
            );
            let current = attempt.id == payment.current().id;
            let waits = attempt.standing.is_under_way();
            assert_eq!(waits, current && payment.is_under_way(), "{attempt:?}");
            assert!(
                !waits || watches[&attempt.id].is_some(),
                "what is under way is watched"
            );
        }
    }
    if case.is_released() {
        assert_eq!(case.standing, CaseStanding::Paid);
    }
    if !case.payments.iter().any(Payment::is_paid) {
        assert_ne!(case.standing, CaseStanding::Paid);
    }
}

/// What the books hold of an attempt is what its lines say.
fn attempt_holds(attempt: &Attempt, ledger: &Books) {
    let books = attempt.books;
    let ours = attempt.posten;
    let is_claim = |account: &Account| *account == Account::Forderung;
    let is_verrechnung = |account: &Account| matches!(account, Account::Verrechnung { .. });
    assert_eq!(ledger.balance(ours, is_claim), books.open(), "forderung");
    let owed = books.told() - books.settled;
    assert_eq!(ledger.balance(ours, is_verrechnung), owed, "verrechnung");
    let at_bank = |account: &Account| matches!(account, Account::Bank { .. } | Account::Rueckgebuehr);
    let income = ledger.balance(ours, |account| {
        !is_claim(account) && !is_verrechnung(account) && !at_bank(account)
    });
    assert_eq!(-income, books.soll - books.set_off, "erloes and steuer");
    let in_deposit = |account: &Account| *account == Account::Verwahrung;
    let lies = books.deposit.map(|posten| ledger.balance(posten, in_deposit));
    assert_eq!(-lies.unwrap_or_default(), books.deposited, "verwahrung");
    let orders = &attempt.heard.orders;
    for order in orders {
        assert_eq!(-ledger.balance(order.posten, |_| true), order.cents, "an order");
    }
    let ordered: Cents = orders.iter().map(|order| order.cents).sum();
    assert_eq!(ordered, books.refunded, "erstattung");
    for amount in [
        books.soll,
        books.set_off,
        books.credited,
        books.deposited,
        books.refunded,
        books.gone,
        books.open(),
    ] {
        assert!(amount >= Cents::ZERO, "{books:?}");
    }
    for received in &attempt.heard.received {
        let account = Account::Verrechnung {
            zvp: received.zvp.clone(),
            method: received.method.clone(),
        };
        let there = ledger.balance(ours, |other| *other == account);
        let shown = attempt.heard.settled.iter();
        let shown = shown.filter(|one| one.zvp == received.zvp && one.method == received.method);
        let shown: Cents = shown.map(|one| one.cents).sum();
        assert!(
            there + shown >= received.cents,
            "no account owes less than was told"
        );
    }
    let settled: Cents = attempt.heard.settled.iter().map(|one| one.cents).sum();
    assert_eq!(settled, books.settled, "what statements have shown, by account");
    let received: Cents = attempt.heard.received.iter().map(|received| received.cents).sum();
    assert_eq!(received, books.told());
    let over = matches!(attempt.standing, Standing::Ended { how, .. } if how != Ending::Paid);
    // Late money that was accepted pays after all.
    if over && books.credited == Cents::ZERO {
        assert_eq!(books.open(), Cents::ZERO, "given up");
    }
}
