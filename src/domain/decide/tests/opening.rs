//! The call that opens a payment, its answers, and answers that come when nobody waits for them.

use super::super::testkit::{accepted_soll, kz, route};
use super::super::{NextStep, Outcome};
use super::story::Story;
use crate::domain::case::Way;
use crate::domain::case::{Ending, PortalAnswer, Standing};
use crate::domain::ids::AttemptId;
use crate::domain::told::Word;

fn ended(story: &Story, attempt: AttemptId) -> Option<Ending> {
    match story.attempt(attempt).standing {
        Standing::Ended { how, .. } => Some(how),
        _ => None,
    }
}

fn open_as(kassenzeichen: &str, page: &str) -> Outcome {
    Outcome::Open {
        kassenzeichen: Some(kz(kassenzeichen)),
        remote: None,
        way: Way::Paypage(page.to_owned()),
    }
}

fn refused() -> Outcome {
    Outcome::Refused {
        code: "-0611".to_owned(),
    }
}

#[test]
fn an_order_is_watched_from_when_its_call_must_have_ended() {
    let story = Story::of(route());
    let until = story.ctx.now.plus_seconds(30);
    assert_eq!(story.step(story.current()), NextStep::Wait(until));
    assert_eq!(story.watches[&story.current()], Some(until));
}

#[test]
fn a_refusal_frees_the_keys_of_the_request() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.outcome(attempt, &refused());
    assert!(matches!(&story.payment().answer, PortalAnswer::Refused { code, .. } if code == "-0611"));
    let scopes: Vec<_> = story
        .last
        .effects
        .released
        .iter()
        .map(|key| key.scope.as_str())
        .collect();
    assert_eq!(
        scopes,
        [
            "request/geburtsurkunde/standesamt",
            "transaction/geburtsurkunde/standesamt"
        ]
    );
    assert!(story.events.is_empty(), "gateways never knew of it");
    assert_eq!(story.watches[&attempt], None);
    // The same request comes again and is taken.
    story.another(&super::super::testkit::order("request-1"));
}

#[test]
fn an_unclear_call_is_sent_again_under_the_same_number_and_opens() {
    let mut story = Story::of(route());
    let attempt = story.current();
    let nummer = story.attempt(attempt).nummer.clone();
    story.outcome(attempt, &Outcome::Unclear);
    story.sends_again(attempt);
    assert!(matches!(
        story.attempt(attempt).standing,
        Standing::Calling { sent: 2, .. }
    ));
    story.outcome(attempt, &Outcome::Unclear);
    story.sends_again(attempt);
    assert!(matches!(
        story.attempt(attempt).standing,
        Standing::Calling { sent: 3, .. }
    ));
    story.opens(attempt, Some("KZ1"));
    assert_eq!(story.attempt(attempt).nummer, nummer);
    assert_eq!(story.attempt(attempt).standing, Standing::Open);
    assert_eq!(story.step(attempt), NextStep::Ask);
}

#[test]
fn a_number_that_is_used_already_leaves_an_orphan_and_a_linked_attempt() {
    let mut story = Story::of(route());
    let orphan = story.current();
    story.outcome(orphan, &Outcome::Unclear);
    story.sends_again(orphan);
    let next = story
        .outcome(orphan, &Outcome::AlreadyUsed)
        .expect("a new attempt");
    assert_eq!(ended(&story, orphan), Some(Ending::Orphaned));
    assert_eq!(story.current(), next);
    assert_eq!(story.attempt(next).replaces, Some(orphan));
    assert_ne!(story.attempt(next).nummer, story.attempt(orphan).nummer);
    assert_ne!(story.attempt(next).posten, story.attempt(orphan).posten);
    assert_eq!(story.exceptions, ["verwaist"]);
    assert_eq!(story.payment().answer, PortalAnswer::Initial);
}

#[test]
fn a_payment_leaves_three_orphans_behind_at_most() {
    let mut story = Story::of(route());
    for _ in 0..3 {
        assert!(story.outcome(story.current(), &Outcome::AlreadyUsed).is_some());
    }
    assert_eq!(story.outcome(story.current(), &Outcome::AlreadyUsed), None);
    assert_eq!(story.payment().answer.as_str(), "REFUSED");
    assert_eq!(story.payment().attempts.len(), 4);
}

#[test]
fn a_signed_success_is_never_orphaned_and_never_refused() {
    for late in [Outcome::AlreadyUsed, refused(), Outcome::Unclear] {
        let mut story = Story::of(route());
        let attempt = story.current();
        story.hears(attempt, Word::Success, Some("KZ1"));
        assert_eq!(story.outcome(attempt, &late), None);
        assert_eq!(story.attempt(attempt).standing.as_str(), "unclear");
        assert_eq!(story.step(attempt), NextStep::Ask);
        story.paid_but(attempt, 0);
        assert_eq!(story.payment().answer.as_str(), "PAYED");
    }
}

#[test]
fn a_part_payment_is_never_orphaned_either() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.hears(attempt, Word::Interim, Some("KZ1"));
    story.paid_but(attempt, 1000);
    assert_eq!(story.outcome(attempt, &Outcome::AlreadyUsed), None);
    assert_eq!(story.step(attempt), NextStep::Ask);
    story.paid_but(attempt, 0);
    assert_eq!(ended(&story, attempt), Some(Ending::Paid));
}

#[test]
fn answers_that_come_after_the_matter_is_settled_change_nothing() {
    let late = [
        Outcome::AlreadyUsed,
        refused(),
        Outcome::Unclear,
        open_as("KZ1", "https://other"),
    ];
    for outcome in &late {
        let mut story = Story::of(route());
        let attempt = story.current();
        story.opens(attempt, Some("KZ1"));
        assert_eq!(story.outcome(attempt, outcome), None);
        assert!(story.last.is_quiet());
        assert_eq!(
            story.attempt(attempt).paypage(),
            Some("https://paypage.example/KZ1")
        );
        story.paid_but(attempt, 0);
        assert_eq!(story.outcome(attempt, outcome), None);
        assert!(story.last.is_quiet());
        assert_eq!(ended(&story, attempt), Some(Ending::Paid));
    }
}

#[test]
fn answers_that_come_twice_to_an_unclear_attempt_are_taken_as_they_are() {
    let unclear = || {
        let mut story = Story::of(route());
        story.outcome(story.current(), &Outcome::Unclear);
        story
    };
    let mut story = unclear();
    story.outcome(story.current(), &Outcome::Unclear);
    assert!(story.last.is_quiet());
    let mut story = unclear();
    story.outcome(story.current(), &refused());
    assert_eq!(story.payment().answer.as_str(), "REFUSED");
    let mut story = unclear();
    assert!(story.outcome(story.current(), &Outcome::AlreadyUsed).is_some());
    let mut story = unclear();
    story.opens(story.current(), Some("KZ1"));
    assert_eq!(story.attempt(story.current()).standing, Standing::Open);
}

#[test]
fn a_page_that_comes_too_late_is_handed_to_nobody_but_watched() {
    let mut story = Story::of(route());
    let orphan = story.current();
    story
        .outcome(orphan, &Outcome::AlreadyUsed)
        .expect("a new attempt");
    assert_eq!(story.watches[&orphan], None);
    story.opens(orphan, Some("KZ1"));
    assert_eq!(story.attempt(orphan).paypage(), None);
    assert!(story.watches[&orphan].is_some());
    assert_eq!(story.step(orphan), NextStep::Ask);
}

#[test]
fn a_page_under_somebody_elses_kassenzeichen_is_handed_to_nobody() {
    let mut story = Story::of(accepted_soll());
    let first = story.current();
    story.opens(first, Some("KZ1"));
    let second = story.another(&super::super::testkit::order("request-2"));
    let next = story
        .outcome(second, &open_as("KZ1", "https://paypage"))
        .expect("a new attempt");
    assert_eq!(ended(&story, second), Some(Ending::Orphaned));
    assert_eq!(story.attempt(second).paypage(), None);
    assert_eq!(story.exceptions, ["fremdes_kassenzeichen", "verwaist"]);
    story.opens(next, Some("KZ2"));
    story.paid_but(next, 0);
    assert_eq!(story.case.payments[1].answer.as_str(), "PAYED");
}

#[test]
#[should_panic(expected = "does not go from open to calling")]
fn an_open_attempt_is_never_sent_again() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    let until = story.ctx.now.plus_seconds(30);
    super::super::begin_call(&mut story.ctx, &story.case, attempt, until);
}
