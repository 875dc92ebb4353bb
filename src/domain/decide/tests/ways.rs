//! What persons decide of a case, and take back again. Whatever they do, in whatever order: the books balance, no deposit
//! is below nothing, and when all of it is taken back every account is where it was.

use proptest::prelude::*;

use super::super::testkit::{accepted_soll, apply};
use super::super::{
    Holder, Lies, NotResolved, Outcome, PayingOut, Undoing, accepted_late, divided, income_moved, ordered,
    paid_elsewhere, undone, written_off,
};
use super::inactive;
use super::story::Story;
use crate::domain::booking::{Account, Booking};
use crate::domain::case::Case;
use crate::domain::change::Change;
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, ExceptionId, PostenId};
use crate::domain::money::Cents;
use crate::domain::payout_order::Way;
use crate::domain::record::Body;
use crate::domain::resolution::How;
use crate::domain::told::{Corrected, Title, Word};

/// A story whose authority gives small differences up.
fn generous() -> (Story, AttemptId) {
    let mut story = Story::of(accepted_soll());
    let authority = std::sync::Arc::make_mut(&mut story.case.authority);
    authority.limits.shortfall_cents = 500;
    authority.limits.overpayment_cents = 500;
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    (story, attempt)
}

fn title(haushaltsstelle: &str) -> Title {
    Title {
        haushaltsstelle: haushaltsstelle.to_owned(),
        objektnummer: Some("0000000001".to_owned()),
    }
}

fn correction() -> Corrected {
    Corrected {
        from: title("1100.1000"),
        to: title("1100.2000"),
    }
}

/// What a person decides.
fn resolve(story: &mut Story, attempt: AttemptId, how: How) -> Result<Change, NotResolved> {
    let case = story.case.clone();
    let of = story.attempt(attempt).clone();
    let ctx = &mut story.ctx;
    let holder = Holder::Attempt(&case, attempt);
    let there = of.books.deposited;
    match how {
        How::Accept => accepted_late(ctx, &case, attempt),
        How::Elsewhere => paid_elsewhere(ctx, &case, attempt, "Q-2026-17"),
        How::WriteOff => written_off(ctx, &case, attempt, ExceptionCode::Underpaid),
        How::Divide => divided(ctx, &holder, &[Cents::new(1), there - Cents::new(1)]),
        How::Refund | How::PassOn => {
            let payout = PayingOut {
                exception: ExceptionId(uuid::Uuid::from_u128(1)),
                passed_on: how == How::PassOn,
                way: Way::Bank,
                number: 1,
            };
            ordered(ctx, &holder, payout)
        }
        _ => {
            let account = crate::domain::bookings::title(&correction().from);
            let income = -story.books.balance(of.posten, |other| *other == account);
            income_moved(&mut story.ctx, &case, attempt, &correction(), income)
        }
    }
}

/// What a resolution booked, with places in the log.
fn booked(change: &Change) -> Vec<(u64, Booking)> {
    let bookings = change.effects.records.iter().filter_map(|(body, _)| match body {
        Body::Booking(booking) => Some(booking.clone()),
        _ => None,
    });
    (0..).zip(bookings).collect()
}

fn lies(story: &Story, booked: &[(u64, Booking)]) -> Lies {
    let lines = booked.iter().flat_map(|(_, booking)| &booking.lines);
    let sides = lines.flat_map(|line| [&line.debit, &line.credit]);
    let there = |posten: PostenId, account: &Account| -story.books.balance(posten, |other| other == account);
    sides
        .map(|side| {
            (
                (side.posten, side.account.clone()),
                there(side.posten, &side.account),
            )
        })
        .collect()
}

fn take_back(
    story: &mut Story,
    attempt: AttemptId,
    how: How,
    booked: &[(u64, Booking)],
) -> Result<(), NotResolved> {
    let lies = lies(story, booked);
    let undoing = Undoing {
        how,
        booked,
        lies: &lies,
    };
    let case = story.case.clone();
    let change = undone(&mut story.ctx, &case, attempt, &undoing)?;
    assert!(story.commit(change));
    Ok(())
}

fn does(story: &mut Story, attempt: AttemptId, how: How) -> Result<Vec<(u64, Booking)>, NotResolved> {
    let change = resolve(story, attempt, how)?;
    let booked = booked(&change);
    assert!(story.commit(change));
    Ok(booked)
}

#[test]
fn what_was_paid_at_the_counter_pays_the_case_and_later_money_is_too_much() {
    let (mut story, attempt) = generous();
    let before = story.books.balances();
    let first = does(&mut story, attempt, How::Elsewhere).expect("nothing is paid");
    assert_eq!(story.kinds().last(), Some(&"absetzung"));
    assert_eq!(
        story.payment().answer.as_str(),
        "INITIAL",
        "the portal's answer stays"
    );
    assert_eq!(story.event_names().last(), Some(&"case.paid.v1"));
    take_back(&mut story, attempt, How::Elsewhere, &first).expect("nothing has moved since");
    assert_eq!(story.event_names().last(), Some(&"case.reopened.v1"));
    assert_eq!(story.books.balances(), before);
    does(&mut story, attempt, How::Elsewhere).expect("it was taken back");
    let again = does(&mut story, attempt, How::Elsewhere);
    assert_eq!(again.map(|_| ()), Err(NotResolved::PaidAlready));
    story.paid_but(attempt, 0);
    assert_eq!(story.exceptions, ["doppelzahlung"]);
    assert!(story.case.is_released());
}

#[test]
fn what_stands_open_again_on_any_attempt_of_a_payment_that_is_over_is_given_up_again() {
    let mut story = Story::of(accepted_soll());
    let orphan = story.current();
    story.outcome(orphan, &Outcome::Unclear);
    story.hears(orphan, Word::Interim, Some("KZ1"));
    story.sends_again(orphan);
    let next = story
        .outcome(orphan, &Outcome::AlreadyUsed)
        .expect("a new attempt");
    story.opens(next, Some("KZ2"));
    story.after_expiry();
    story.tells(next, Some(&inactive(None, Some(4150))));
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    // As late money leaves each of them that was accepted and went back.
    let mut case = story.case.clone();
    for attempt in &mut case.payments[0].attempts {
        attempt.books.soll = Cents::new(4150);
        attempt.books.set_off = Cents::ZERO;
    }
    let open = |case: &Case| [0, 1].map(|at| case.payments[0].attempts[at].books.open());
    let change = paid_elsewhere(&mut story.ctx, &case, next, "Q-2026-18").expect("nothing is paid");
    let after = apply(&case, &change);
    assert_eq!(
        (open(&case), open(&after)),
        ([Cents::new(4150); 2], [Cents::ZERO; 2])
    );
    let undoing = Undoing {
        how: How::Elsewhere,
        booked: &booked(&change),
        lies: &Lies::new(),
    };
    let change = undone(&mut story.ctx, &after, next, &undoing).expect("nothing has moved since");
    let back = apply(&after, &change);
    assert!(!back.payments[0].is_paid_elsewhere());
    assert_eq!(open(&back), [Cents::ZERO; 2], "nobody waits for it any more");
}

#[test]
fn a_page_that_was_paid_elsewhere_ends_by_itself_and_the_case_stays_paid() {
    let (mut story, attempt) = generous();
    does(&mut story, attempt, How::Elsewhere).expect("nothing is paid");
    story.after_expiry();
    story.tells(attempt, Some(&inactive(None, Some(4150))));
    story.tells(attempt, Some(&super::active()));
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    assert!(story.case.is_released());
    assert!(!story.event_names().contains(&"case.reopened.v1"));
}

#[test]
fn a_small_shortfall_is_not_pursued_and_a_large_one_is_refused_with_the_limit() {
    for (saldo, pays) in [(500, true), (501, false)] {
        let (mut story, attempt) = generous();
        story.paid_but(attempt, saldo);
        assert_eq!(story.exceptions, ["teilzahlung"]);
        let before = story.books.balances();
        let done = does(&mut story, attempt, How::WriteOff);
        if pays {
            let booked = done.expect("within the limit");
            assert_eq!(story.payment().answer.as_str(), "PAYED");
            assert_eq!(story.event_names().last(), Some(&"case.paid.v1"));
            take_back(&mut story, attempt, How::WriteOff, &booked).expect("nothing has moved since");
            assert_eq!(story.event_names().last(), Some(&"case.reopened.v1"));
            assert_eq!(story.books.balances(), before);
            story.paid_but(attempt, 0);
            assert_eq!(story.event_names().last(), Some(&"case.paid.v1"));
        } else {
            let why = done.expect_err("above the limit").to_string();
            assert_eq!(
                why,
                "5.01 are more than the authority's limit shortfall_cents of 5.00"
            );
        }
    }
}

#[test]
fn a_claim_that_may_still_be_paid_is_no_shortfall() {
    let (mut story, attempt) = generous();
    let authority = std::sync::Arc::make_mut(&mut story.case.authority);
    authority.limits.shortfall_cents = 10_000;
    let refused = does(&mut story, attempt, How::WriteOff).map(|_| ());
    assert_eq!(refused, Err(NotResolved::NothingPaid));
}

#[test]
fn a_small_overpayment_is_kept_on_the_claims_title() {
    let (mut story, attempt) = generous();
    story.paid_but(attempt, -500);
    does(&mut story, attempt, How::WriteOff).expect("within the limit");
    let income = story.books.balances()["erloes/1100.1000/0000000001"];
    assert_eq!(income, -3500, "30.00 of the order and 5.00 that was kept");
    story.paid_but(attempt, -1100);
    let above = does(&mut story, attempt, How::WriteOff).map(|_| ());
    assert!(matches!(above, Err(NotResolved::AboveLimit { .. })), "{above:?}");
}

#[test]
fn what_left_the_deposit_is_missing_when_the_payer_takes_all_of_it_back() {
    let (mut story, attempt) = generous();
    story.paid_but(attempt, -1000);
    does(&mut story, attempt, How::Divide).expect("a deposit");
    story.paid_but(attempt, 4150);
    let balances = story.books.balances();
    assert_eq!(balances.get("vorschuss"), Some(&1000), "{balances:?}");
    assert_eq!(balances.get("forderung"), Some(&4150));
    assert_eq!(
        balances.get("verwahrung"),
        Some(&(-1000 - 960)),
        "parts, and a title of others"
    );
}

#[test]
fn a_refund_by_the_acquirer_is_closed_by_the_providers_word() {
    let (mut story, attempt) = generous();
    story.paid_but(attempt, -1000);
    let booked = does(&mut story, attempt, How::Refund).expect("a deposit");
    let exceptions = story.exceptions.clone();
    story.paid_but(attempt, 0);
    assert_eq!(story.event_names().last(), Some(&"payment.refunded.v1"));
    assert_eq!(story.exceptions, exceptions, "what was ordered is no difference");
    assert_eq!(story.books.balances().get("erstattung"), None);
    let late = take_back(&mut story, attempt, How::Refund, &booked);
    assert!(matches!(late, Err(NotResolved::MovedOn(_))), "{late:?}");
}

const WAYS: [How; 7] = [
    How::Accept,
    How::Elsewhere,
    How::WriteOff,
    How::Divide,
    How::Refund,
    How::PassOn,
    How::Correct,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn whatever_is_decided_can_be_taken_back_and_leaves_every_account_as_it_was(
        paid in -900_i64..=4700,
        ends in any::<bool>(),
        steps in prop::collection::vec((0..WAYS.len(), prop::option::of(0..8_usize)), 1..24),
    ) {
        let (mut story, attempt) = generous();
        if ends {
            story.after_expiry();
            story.tells(attempt, Some(&super::active()));
        }
        story.paid_but(attempt, 4150 - paid.max(0));
        let before = story.books.balances();
        let mut done: Vec<(How, Vec<(u64, Booking)>)> = Vec::new();
        for (way, back) in steps {
            match back {
                // Taken back in any order, where the money has not moved on.
                Some(at) if at < done.len() => {
                    let (how, booked) = done[at].clone();
                    if take_back(&mut story, attempt, how, &booked).is_ok() {
                        done.remove(at);
                    }
                }
                _ => if let Ok(booked) = does(&mut story, attempt, WAYS[way]) {
                    done.push((WAYS[way], booked));
                },
            }
            let all: i64 = story.books.balances().values().sum();
            prop_assert_eq!(all, 0, "what is in Soll is in Haben");
        }
        while let Some((how, booked)) = done.pop() {
            let back = take_back(&mut story, attempt, how, &booked);
            prop_assert!(back.is_ok(), "{:?}: {:?}", how, back);
        }
        prop_assert_eq!(story.books.balances(), before);
    }
}
