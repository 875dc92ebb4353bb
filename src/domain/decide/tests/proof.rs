//! What proves a payment and what does not, and how a payment ends without money.

use super::super::testkit::route;
use super::story::Story;
use super::{active, inactive, told};
use crate::domain::case::PortalAnswer;
use crate::domain::told::{Page, Word};

fn open() -> Story {
    let mut story = Story::of(route());
    story.opens(story.current(), Some("KZ1"));
    story
}

#[test]
fn the_same_answer_twice_is_no_news() {
    let mut story = open();
    let attempt = story.current();
    for answer in [
        active(),
        inactive(Some("KREDITKARTE"), Some(1150)),
        inactive(Some("KREDITKARTE"), Some(-50)),
    ] {
        story.tells(attempt, Some(&answer));
        let rev = story.case.rev;
        story.tells(attempt, Some(&answer));
        assert!(story.last.is_quiet() && story.last.effects.records.is_empty());
        assert_eq!(story.last.ledger, None);
        assert_eq!(story.case.rev, rev);
        assert_eq!(story.last.effects.watches.len(), 1, "only the schedule moves");
    }
}

#[test]
fn a_lagging_status_never_fails_a_payment_before_its_time() {
    let mut story = open();
    let attempt = story.current();
    for answer in [
        active(),
        told(Page::Missing, None, None),
        told(Page::Other("NEU".into()), None, Some(4150)),
    ] {
        story.later(30);
        story.tells(attempt, Some(&answer));
        assert_eq!(story.payment().answer, PortalAnswer::Initial);
    }
    story.paid_but(attempt, 0);
    assert_eq!(story.payment().answer.as_str(), "PAYED");
}

#[test]
fn a_success_stands_in_for_a_saldo_that_lags_and_the_saldo_then_agrees() {
    let mut story = open();
    let attempt = story.current();
    story.hears(attempt, Word::Success, Some("KZ1"));
    story.paid_but(attempt, 4150);
    assert_eq!(story.payment().answer.as_str(), "PAYED");
    assert!(!story.attempt(attempt).heard.confirmed);
    story.paid_but(attempt, 4150);
    assert!(story.last.is_quiet());
    story.paid_but(attempt, 0);
    assert!(story.attempt(attempt).heard.confirmed);
    story.paid_but(attempt, 4150);
    assert_eq!(
        story.kinds(),
        ["sollstellung", "zahlung", "ruecklastschrift"],
        "now it went back"
    );
}

#[test]
fn inaktiv_without_proof_is_an_exception_after_a_while_and_fails_at_expiry() {
    let mut story = open();
    let attempt = story.current();
    for n in 1..=7 {
        story.tells(attempt, Some(&inactive(None, Some(4150))));
        assert_eq!(story.exceptions.len(), usize::from(n >= 5), "answer {n}");
        assert_eq!(story.last.is_quiet(), n > 5, "answer {n}");
    }
    assert_eq!(story.exceptions, ["inaktiv_ohne_nachweis"]);
    assert_eq!(story.payment().answer, PortalAnswer::Initial);
    story.after_expiry();
    story.tells(attempt, Some(&inactive(None, Some(4150))));
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    assert_eq!(story.event_names(), ["payment.failed.v1"]);
}

#[test]
fn a_success_without_proof_never_ends_as_failed() {
    let mut story = open();
    let attempt = story.current();
    story.hears(attempt, Word::Success, Some("KZ1"));
    for answer in [inactive(None, Some(4150)), active(), inactive(None, None)] {
        story.after_expiry();
        story.tells(attempt, Some(&answer));
        assert_eq!(story.payment().answer, PortalAnswer::Initial);
    }
    assert_eq!(story.exceptions, ["erfolg_ohne_nachweis"]);
    story.paid_but(attempt, 0);
    assert_eq!(story.payment().answer.as_str(), "PAYED");
}

#[test]
fn a_success_after_the_end_that_nothing_bears_out_is_named() {
    let mut story = open();
    let attempt = story.current();
    story.after_expiry();
    story.tells(attempt, Some(&active()));
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    story.hears(attempt, Word::Success, Some("KZ1"));
    for _ in 0..5 {
        story.tells(attempt, Some(&inactive(None, Some(4150))));
    }
    assert_eq!(story.exceptions, ["erfolg_ohne_nachweis"]);
    assert_eq!(story.payment().answer.as_str(), "FAILED");
}

#[test]
fn a_closed_page_of_a_paid_or_ended_payment_is_no_exception() {
    let mut story = open();
    let attempt = story.current();
    story.paid_but(attempt, 0);
    for _ in 0..6 {
        story.tells(attempt, Some(&inactive(None, None)));
        assert!(story.last.is_quiet());
    }
    assert!(story.exceptions.is_empty());
}

#[test]
fn unknown_at_the_provider_is_never_failed_and_named_when_the_time_is_over() {
    let mut story = open();
    let attempt = story.current();
    story.tells(attempt, None);
    assert!(story.last.is_quiet());
    story.after_expiry();
    story.tells(attempt, None);
    story.tells(attempt, None);
    assert_eq!(story.exceptions, ["beim_anbieter_unbekannt"]);
    assert_eq!(story.payment().answer, PortalAnswer::Initial);
}

#[test]
fn an_answer_in_the_last_second_still_pays() {
    let mut story = open();
    let attempt = story.current();
    story.after_expiry();
    story.paid_but(attempt, 0);
    assert_eq!(story.payment().answer.as_str(), "PAYED");
}

#[test]
fn a_failed_word_of_the_provider_ends_it_before_its_time() {
    let mut story = open();
    let attempt = story.current();
    story.hears(attempt, Word::Failed, Some("KZ1"));
    story.tells(attempt, Some(&inactive(None, Some(4150))));
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    assert_eq!(story.attempt(attempt).standing.as_str(), "failed");
}
