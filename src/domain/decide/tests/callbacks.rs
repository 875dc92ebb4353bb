//! Callbacks: they teach, they wake, they book nothing.

use super::super::testkit::{kz, route};
use super::super::{NextStep, Outcome};
use super::story::Story;
use super::{active, inactive};
use crate::domain::case::{PortalAnswer, Standing};
use crate::domain::change::Personal;
use crate::domain::ids::{Bewirtschafter, Mandant};
use crate::domain::told::{Verified, Word};

fn verified(word: Word, kassenzeichen: Option<&str>) -> Verified {
    Verified {
        mandant: Mandant::parse("4711").expect("an id"),
        bewirtschafter: Bewirtschafter::parse("0815").expect("an id"),
        kassenzeichen: kassenzeichen.map(kz),
        zvp: None,
        method: None,
        word,
        status: "success".to_owned(),
        dedup_key: "1".to_owned(),
    }
}

#[test]
fn a_callback_teaches_the_kassenzeichen_and_wakes_the_attempt() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.opens(attempt, None);
    let expiry = story.payment().expires_at;
    assert_eq!(story.step(attempt), NextStep::Wait(expiry));
    assert_eq!(story.watches[&attempt], Some(expiry));
    assert!(story.hears(attempt, Word::Success, Some("KZ1")));
    assert_eq!(story.attempt(attempt).kassenzeichen.known(), Some(&kz("KZ1")));
    assert_eq!(story.watches[&attempt], Some(story.ctx.now));
    assert!(story.bookings.is_empty(), "a callback books nothing");
    assert_eq!(story.step(attempt), NextStep::Ask);
    story.paid_but(attempt, 0);
    assert_eq!(story.payment().answer.as_str(), "PAYED");
    assert!(
        story
            .books
            .balances()
            .contains_key("verrechnung/girosolution/KREDITKARTE")
    );
}

#[test]
fn a_callback_that_arrives_twice_is_taken_once() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    assert!(story.hears(attempt, Word::Success, Some("KZ1")));
    let rev = story.case.rev;
    assert!(!story.hears(attempt, Word::Success, Some("KZ1")));
    assert_eq!(story.case.rev, rev);
}

#[test]
fn a_callback_may_come_before_the_answer_of_the_call() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.hears(attempt, Word::Success, Some("KZ1"));
    assert_eq!(story.step(attempt), NextStep::Ask);
    story.paid_but(attempt, 0);
    assert_eq!(story.payment().answer.as_str(), "PAYED");
    // The answer of the call finds it paid.
    story.opens(attempt, Some("KZ1"));
    assert_eq!(story.attempt(attempt).standing.as_str(), "paid");
    assert_eq!(story.kinds(), ["sollstellung", "zahlung"]);
    assert_eq!(story.outcome(attempt, &Outcome::AlreadyUsed), None);
}

#[test]
fn a_callback_before_the_answer_does_not_hinder_the_page() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.hears(attempt, Word::Interim, Some("KZ1"));
    story.opens(attempt, Some("KZ1"));
    assert_eq!(story.attempt(attempt).standing, Standing::Open);
    assert!(story.attempt(attempt).paypage().is_some());
}

#[test]
fn a_callback_that_names_another_kassenzeichen_changes_nothing_but_is_named() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.hears(attempt, Word::Success, Some("KZ9"));
    assert_eq!(story.exceptions, ["fremdes_kassenzeichen"]);
    assert_eq!(story.attempt(attempt).kassenzeichen.known(), Some(&kz("KZ1")));
    assert!(!story.attempt(attempt).heard.success);
    assert_eq!(
        story.watches[&attempt],
        Some(story.ctx.now),
        "it is a reason to ask"
    );
}

#[test]
fn a_callback_that_names_none_is_no_word_of_success() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.hears(attempt, Word::Success, None);
    assert!(!story.attempt(attempt).heard.success);
    assert!(story.exceptions.is_empty());
}

#[test]
fn a_kassenzeichen_of_another_attempt_is_not_learned() {
    let mut story = Story::of(route());
    let first = story.current();
    story.opens(first, Some("KZ1"));
    let second = story.another(&super::super::testkit::order("request-2"));
    story.opens(second, None);
    story.hears(second, Word::Success, Some("KZ1"));
    assert_eq!(story.attempt(second).kassenzeichen.known(), None);
    assert_eq!(story.exceptions, ["fremdes_kassenzeichen"]);
}

#[test]
fn a_callback_of_another_bewirtschafter_or_mandant_teaches_nothing() {
    for foreign in [
        Verified {
            bewirtschafter: Bewirtschafter::parse("9999").expect("an id"),
            ..verified(Word::Success, Some("KZ1"))
        },
        Verified {
            mandant: Mandant::parse("9999").expect("an id"),
            ..verified(Word::Success, Some("KZ1"))
        },
    ] {
        let mut story = Story::of(route());
        let attempt = story.current();
        story.opens(attempt, None);
        story.hears_verified(attempt, foreign);
        assert_eq!(story.exceptions, ["fremder_bewirtschafter"]);
        assert_eq!(story.attempt(attempt).kassenzeichen.known(), None);
        assert!(!story.attempt(attempt).heard.success);
    }
}

#[test]
fn an_answer_that_names_another_kassenzeichen_books_nothing() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    let mut answer = inactive(Some("KREDITKARTE"), Some(0));
    answer.kassenzeichen = Some(kz("KZ9"));
    story.tells(attempt, Some(&answer));
    assert_eq!(story.exceptions, ["fremdes_kassenzeichen"]);
    assert_eq!(story.payment().answer, PortalAnswer::Initial);
    story.tells(attempt, Some(&answer));
    assert!(story.last.is_quiet(), "it is named once");
}

#[test]
fn a_cancel_after_a_success_does_not_unsay_it() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.hears(attempt, Word::Success, Some("KZ1"));
    story.hears(attempt, Word::Canceled, Some("KZ1"));
    story.tells(attempt, Some(&inactive(None, Some(4150))));
    assert_eq!(story.payment().answer, PortalAnswer::Initial);
}

#[test]
fn a_payer_who_gave_up_one_method_may_pay_with_another() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.hears(attempt, Word::Canceled, Some("KZ1"));
    story.tells(attempt, Some(&active()));
    assert_eq!(story.payment().answer, PortalAnswer::Initial);
    story.hears(attempt, Word::Success, Some("KZ1"));
    story.tells(attempt, Some(&inactive(Some("LASTSCHRIFT"), Some(0))));
    assert_eq!(story.payment().answer.as_str(), "PAYED");
}

#[test]
fn an_empty_or_odd_payment_provider_still_names_an_account() {
    for (zvp, account) in [
        ("", "verrechnung/epaybl/KREDITKARTE"),
        ("giro/solution", "verrechnung/giro%2Fsolution/KREDITKARTE"),
    ] {
        let mut story = Story::of(route());
        let attempt = story.current();
        story.opens(attempt, Some("KZ1"));
        let callback = Verified {
            zvp: Some(zvp.to_owned()),
            ..verified(Word::Success, Some("KZ1"))
        };
        story.hears_verified(attempt, callback);
        story.paid_but(attempt, 0);
        assert!(story.books.balances().contains_key(account), "{account}");
    }
}

#[test]
fn a_callback_lies_in_personal_data_as_it_came() {
    let mut story = Story::of(route());
    story.hears(story.current(), Word::Success, Some("KZ1"));
    let effects = &story.last.effects;
    let [Personal { id, class, plain }] = effects.personal.as_slice() else {
        panic!("one piece of personal data");
    };
    assert_eq!((*class, plain.starts_with(b"payer=")), ("callback", true));
    assert_eq!(effects.records[0].1, [*id], "its record commits to it");
}
