//! Money: on time, in parts, too much, again, too late, and back.

use super::super::testkit::{accepted_soll, kz, route};
use super::story::Story;
use super::{active, inactive};
use crate::domain::bookings::{StornoError, storno};
use crate::domain::case::{CaseStanding, PortalAnswer};
use crate::domain::decide::Outcome;
use crate::domain::told::Word;

fn lines_of(story: &Story, booking: usize) -> Vec<crate::domain::money::Cents> {
    story.bookings[booking]
        .lines
        .iter()
        .map(|line| line.cents)
        .collect()
}

fn open() -> Story {
    let mut story = Story::of(route());
    story.opens(story.current(), Some("KZ1"));
    story
}

#[test]
fn a_temporary_kassenzeichen_is_claimed_when_it_is_paid() {
    let mut story = open();
    let attempt = story.current();
    assert!(story.kinds().is_empty());
    story.paid_but(attempt, 0);
    assert_eq!(story.kinds(), ["sollstellung", "zahlung"]);
    assert!(story.exceptions.is_empty());
    let balances: Vec<_> = story.books.balances().into_iter().collect();
    assert_eq!(
        balances,
        [
            ("erloes/1100.1000/0000000001".to_owned(), -3000),
            ("steuer/U19".to_owned(), -190),
            ("verrechnung/epaybl/KREDITKARTE".to_owned(), 4150),
            ("verwahrung".to_owned(), -960),
        ]
    );
    let PortalAnswer::Payed { reference, .. } = &story.payment().answer else {
        panic!("paid");
    };
    assert_eq!(*reference, kz("KZ1"));
    assert_eq!(story.event_names(), ["payment.paid.v1", "case.paid.v1"]);
}

#[test]
fn an_accepted_claim_is_booked_when_the_provider_has_taken_it() {
    let mut story = Story::of(accepted_soll());
    let attempt = story.current();
    assert!(story.kinds().is_empty());
    story.opens(attempt, Some("KZ1"));
    assert_eq!(story.kinds(), ["sollstellung"]);
    story.paid_but(attempt, 0);
    assert_eq!(story.kinds(), ["sollstellung", "zahlung"]);
}

#[test]
fn an_accepted_claim_is_given_up_at_expiry() {
    let mut story = Story::of(accepted_soll());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.after_expiry();
    story.tells(attempt, Some(&active()));
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    assert_eq!(story.kinds(), ["sollstellung", "absetzung"]);
    assert!(story.books.balances().is_empty());
    assert_eq!(story.event_names(), ["payment.failed.v1"]);
}

#[test]
fn an_accepted_claim_is_given_up_when_the_payer_gives_up() {
    let mut story = Story::of(accepted_soll());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.hears(attempt, Word::Canceled, Some("KZ1"));
    assert_eq!(story.payment().answer.as_str(), "INITIAL");
    story.tells(attempt, Some(&inactive(None, Some(4150))));
    assert_eq!(story.payment().answer.as_str(), "CANCELED");
    assert_eq!(story.kinds(), ["sollstellung", "absetzung"]);
    assert_eq!(story.event_names(), ["payment.canceled.v1"]);
}

#[test]
fn a_part_is_booked_and_the_rest_makes_it_paid() {
    let mut story = open();
    let attempt = story.current();
    story.paid_but(attempt, 1150);
    assert_eq!(story.kinds(), ["sollstellung", "teilzahlung"]);
    assert_eq!(story.exceptions, ["teilzahlung"]);
    assert_eq!(story.payment().answer, PortalAnswer::Initial);
    let parts: Vec<_> = story.bookings[1]
        .lines
        .iter()
        .map(|line| line.cents.get())
        .collect();
    assert_eq!(parts, [2000, 1000]);
    story.paid_but(attempt, 0);
    assert_eq!(story.kinds(), ["sollstellung", "teilzahlung", "zahlung"]);
    assert_eq!(story.payment().answer.as_str(), "PAYED");
}

#[test]
fn a_part_does_not_end_as_failed() {
    let mut story = open();
    let attempt = story.current();
    story.paid_but(attempt, 1150);
    story.after_expiry();
    story.paid_but(attempt, 1150);
    assert_eq!(story.payment().answer, PortalAnswer::Initial);
}

#[test]
fn what_is_more_than_owed_lies_in_a_deposit() {
    let mut story = open();
    let attempt = story.current();
    story.paid_but(attempt, -100);
    assert_eq!(story.kinds(), ["sollstellung", "zahlung", "ueberzahlung"]);
    assert_eq!(story.exceptions, ["ueberzahlung"]);
    assert_eq!(story.attempt(attempt).books.deposited.get(), 100);
    assert_eq!(story.payment().answer.as_str(), "PAYED");
}

#[test]
fn more_that_comes_after_paid_lies_in_the_same_deposit() {
    let mut story = open();
    let attempt = story.current();
    story.paid_but(attempt, -100);
    story.paid_but(attempt, -300);
    assert_eq!(
        story.kinds(),
        ["sollstellung", "zahlung", "ueberzahlung", "ueberzahlung"]
    );
    assert_eq!(story.attempt(attempt).books.deposited.get(), 300);
}

/// The first attempt is orphaned under a Kassenzeichen that a callback taught, the second is open.
fn orphaned() -> (
    Story,
    crate::domain::ids::AttemptId,
    crate::domain::ids::AttemptId,
) {
    let mut story = Story::of(route());
    let orphan = story.current();
    story.outcome(orphan, &Outcome::Unclear);
    story.hears(orphan, Word::Interim, Some("KZ1"));
    story.sends_again(orphan);
    let next = story
        .outcome(orphan, &Outcome::AlreadyUsed)
        .expect("a new attempt");
    story.opens(next, Some("KZ2"));
    (story, orphan, next)
}

#[test]
fn money_on_an_orphan_is_a_doppelzahlung() {
    let (mut story, orphan, next) = orphaned();
    story.paid_but(orphan, 0);
    assert_eq!(story.kinds(), ["doppelzahlung"]);
    assert_eq!(story.payment().answer, PortalAnswer::Initial);
    story.paid_but(next, 0);
    assert_eq!(story.payment().answer.as_str(), "PAYED");
    assert_eq!(story.exceptions, ["verwaist", "doppelzahlung"]);
}

#[test]
fn money_on_an_orphan_is_a_doppelzahlung_after_its_replacement_was_paid_too() {
    let (mut story, orphan, next) = orphaned();
    story.paid_but(next, 0);
    story.paid_but(orphan, 0);
    assert_eq!(story.kinds(), ["sollstellung", "zahlung", "doppelzahlung"]);
    story.paid_but(orphan, 4150);
    assert_eq!(story.kinds().last(), Some(&"ruecklastschrift"));
    assert_eq!(
        story.case.standing,
        CaseStanding::Paid,
        "the other one is still paid"
    );
    assert!(!story.event_names().contains(&"case.reopened.v1"));
}

#[test]
fn money_after_the_end_is_late_and_reopens_nothing() {
    let mut story = Story::of(accepted_soll());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.after_expiry();
    story.tells(attempt, Some(&active()));
    story.paid_but(attempt, 0);
    assert_eq!(story.kinds(), ["sollstellung", "absetzung", "spaete_zahlung"]);
    assert_eq!(story.exceptions, ["spaete_zahlung"]);
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    assert_eq!(story.attempt(attempt).books.deposited.get(), 4150);
    story.paid_but(attempt, 4150);
    assert_eq!(story.attempt(attempt).books.deposited.get(), 0);
    assert!(story.books.balances().is_empty());
    assert_eq!(story.event_names(), ["payment.failed.v1"]);
}

#[test]
fn a_return_opens_the_claim_and_the_case_and_a_new_payment_closes_both() {
    let mut story = open();
    let attempt = story.current();
    story.paid_but(attempt, 0);
    story.paid_but(attempt, 4150);
    assert_eq!(story.kinds(), ["sollstellung", "zahlung", "ruecklastschrift"]);
    assert_eq!(story.exceptions, ["ruecklastschrift"]);
    assert_eq!(story.attempt(attempt).books.open().get(), 4150);
    assert_eq!(story.payment().answer.as_str(), "PAYED", "never back");
    assert_eq!(story.case.standing, CaseStanding::Reopened);
    story.paid_but(attempt, 4150);
    assert_eq!(story.kinds().len(), 3, "the same word twice is no news");
    story.paid_but(attempt, 0);
    assert_eq!(story.kinds().last(), Some(&"zahlung"));
    assert_eq!(
        story.event_names(),
        [
            "payment.paid.v1",
            "case.paid.v1",
            "payment.returned.v1",
            "case.reopened.v1",
            "case.paid.v1"
        ]
    );
    assert_eq!(story.events[2].1["data"]["amount"], "41.50");
}

#[test]
fn a_return_reopens_what_was_paid_last() {
    let mut story = open();
    let attempt = story.current();
    story.paid_but(attempt, 0);
    story.paid_but(attempt, 1050);
    let lines = &story.bookings[2].lines;
    let titles: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line.haushaltsstelle.as_deref().unwrap_or_default(),
                line.cents.get(),
            )
        })
        .collect();
    assert_eq!(titles, [("1100.1000", 90), ("0300.1617", 960)]);
    story.paid_but(attempt, 0);
    assert_eq!(
        lines_of(&story, 3),
        lines_of(&story, 2),
        "and the next money closes it"
    );
}

#[test]
fn a_part_that_went_back_before_the_payer_gave_up_ends_in_one_answer() {
    let mut story = open();
    let attempt = story.current();
    story.hears(attempt, Word::Canceled, Some("KZ1"));
    story.paid_but(attempt, 1150);
    story.tells(attempt, Some(&inactive(None, Some(4150))));
    assert_eq!(
        story.kinds(),
        ["sollstellung", "teilzahlung", "ruecklastschrift", "absetzung"]
    );
    assert_eq!(story.payment().answer.as_str(), "CANCELED");
    assert!(story.books.balances().is_empty());
}

#[test]
fn a_return_whose_fee_is_owed_as_well_is_a_return() {
    let mut story = open();
    let attempt = story.current();
    story.paid_but(attempt, 0);
    story.tells(attempt, Some(&inactive(Some("LASTSCHRIFT"), Some(4450))));
    assert_eq!(story.kinds().last(), Some(&"ruecklastschrift"));
    assert_eq!(story.attempt(attempt).books.credited.get(), 0);
}

#[test]
fn an_open_page_after_a_payment_is_a_replica_that_lags_and_no_return() {
    let mut story = open();
    let attempt = story.current();
    story.paid_but(attempt, 0);
    story.tells(attempt, Some(&active()));
    assert_eq!(story.kinds(), ["sollstellung", "zahlung"]);
    assert_eq!(story.event_names(), ["payment.paid.v1", "case.paid.v1"]);
    story.paid_but(attempt, 4150);
    assert_eq!(story.kinds().last(), Some(&"ruecklastschrift"));
}

#[test]
fn a_return_leaves_the_accounts_on_which_its_money_lies() {
    let mut story = open();
    let attempt = story.current();
    story.paid_but(attempt, 1150);
    story.hears(attempt, Word::Success, Some("KZ1"));
    story.tells(attempt, Some(&inactive(Some("LASTSCHRIFT"), Some(0))));
    let balances = story.books.balances();
    assert_eq!(balances["verrechnung/epaybl/KREDITKARTE"], 3000);
    assert_eq!(balances["verrechnung/girosolution/LASTSCHRIFT"], 1150);
    story.tells(attempt, Some(&inactive(None, Some(4150))));
    let balances = story.books.balances();
    assert_eq!(balances["forderung"], 4150);
    assert!(
        !balances.keys().any(|account| account.starts_with("verrechnung")),
        "{balances:?}"
    );
}

#[test]
fn an_overpayment_that_goes_back_leaves_the_case_paid() {
    let mut story = open();
    let attempt = story.current();
    story.paid_but(attempt, -100);
    story.paid_but(attempt, 0);
    assert_eq!(story.attempt(attempt).books.deposited.get(), 0);
    assert_eq!(story.attempt(attempt).books.credited.get(), 4150);
    assert_eq!(story.case.standing, CaseStanding::Paid);
}

#[test]
fn a_saldo_beyond_all_bounds_is_no_word_on_money() {
    let mut story = open();
    let attempt = story.current();
    story.paid_but(attempt, i64::MIN);
    story.paid_but(attempt, i64::MAX);
    assert!(story.kinds().is_empty());
}

#[test]
fn a_storno_is_the_mirror_image_and_is_not_reversed_itself() {
    let mut story = open();
    story.paid_but(story.current(), 0);
    let zahlung = &story.bookings[1];
    let mirror = storno(7, zahlung).expect("a Zahlung is reversed");
    assert_eq!(mirror.reverses, Some(7));
    assert_eq!(mirror.total(), zahlung.total());
    for (line, mirrored) in zahlung.lines.iter().zip(&mirror.lines) {
        assert_eq!((&line.debit, &line.credit), (&mirrored.credit, &mirrored.debit));
        assert_eq!(line.haushaltsjahr, mirrored.haushaltsjahr);
    }
    assert_eq!(storno(8, &mirror), Err(StornoError::OfStorno));
}
