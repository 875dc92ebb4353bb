//! When an attempt is looked at, and what is done then.

use super::super::testkit::{accepted_soll, ctx, kz, route};
use super::super::{AskPolicy, NextStep, Outcome, next_step};
use super::story::Story;
use super::{active, inactive};
use crate::domain::case::{Attempt, Awaited, Ending, Payment, PortalAnswer, Standing};
use crate::domain::time::Timestamp;
use crate::domain::told::Word;

const DAY: i64 = 86_400;

/// A payment with one attempt in some state.
fn sample(standing: Standing, known: bool, answer: PortalAnswer) -> (Payment, Attempt) {
    let story = Story::of(route());
    let mut payment = story.payment().clone();
    payment.answer = answer;
    let attempt = &mut payment.attempts[0];
    attempt.standing = standing;
    if known {
        attempt.kassenzeichen = Awaited::Known(kz("KZ1"));
    }
    let attempt = attempt.clone();
    (payment, attempt)
}

#[test]
fn the_next_step_follows_from_standing_name_and_time() {
    let now = ctx().now;
    let expiry = now.plus_seconds(3600);
    let soon = now.plus_seconds(10);
    let calling = |until| Standing::Calling { until, sent: 1 };
    let unclear = || Standing::Unclear { since: now, sent: 1 };
    let ended = |how| Standing::Ended { at: now, how };
    let initial = || PortalAnswer::Initial;
    let failed = || PortalAnswer::Failed { at: now };
    let payed = |by: &str| PortalAnswer::Payed {
        at: now,
        method: super::method(by),
        reference: kz("KZ1"),
    };
    let ask = || NextStep::Ask;
    let days = |days: i64| now.plus_seconds(days * DAY);
    // After its window nothing makes an attempt due but news, and news are asked about.
    let table: Vec<(Standing, bool, PortalAnswer, Timestamp, NextStep)> = vec![
        (calling(soon), false, initial(), now, NextStep::Wait(soon)),
        (calling(soon), true, initial(), now, NextStep::Wait(soon)),
        (calling(soon), false, initial(), soon, NextStep::SendAgain),
        (calling(soon), false, initial(), expiry, NextStep::Expire),
        (calling(soon), true, initial(), expiry, ask()),
        (unclear(), false, initial(), now, NextStep::SendAgain),
        (unclear(), true, initial(), now, NextStep::SendAgain),
        (unclear(), false, initial(), expiry, NextStep::Expire),
        (unclear(), true, initial(), expiry, ask()),
        (Standing::Open, false, initial(), now, NextStep::Wait(expiry)),
        (Standing::Open, false, initial(), expiry, NextStep::Expire),
        (Standing::Open, true, initial(), now, ask()),
        (Standing::Open, true, initial(), expiry, ask()),
        (ended(Ending::Orphaned), true, initial(), days(90), ask()),
        (ended(Ending::Orphaned), false, initial(), now, NextStep::Stop),
        (
            ended(Ending::Orphaned),
            true,
            payed("KREDITKARTE"),
            days(29),
            ask(),
        ),
        (
            ended(Ending::Orphaned),
            true,
            payed("KREDITKARTE"),
            days(30),
            ask(),
        ),
        (ended(Ending::Paid), true, payed("KREDITKARTE"), days(182), ask()),
        (ended(Ending::Paid), true, payed("KREDITKARTE"), days(183), ask()),
        (ended(Ending::Paid), true, payed("LASTSCHRIFT"), days(426), ask()),
        (ended(Ending::Paid), true, payed("LASTSCHRIFT"), days(427), ask()),
        (ended(Ending::Paid), true, payed("UNBEKANNT"), days(183), ask()),
        (ended(Ending::Failed), true, failed(), days(29), ask()),
        (ended(Ending::Failed), true, failed(), days(30), ask()),
        (ended(Ending::Failed), false, failed(), now, NextStep::Stop),
    ];
    for (standing, known, answer, at, step) in table {
        let (payment, attempt) = sample(standing.clone(), known, answer.clone());
        assert_eq!(
            next_step(&payment, &attempt, at),
            step,
            "{standing:?} {known} {answer:?} {at}"
        );
    }
}

#[test]
fn questions_grow_rarer_and_the_last_one_is_asked_when_the_time_is_over() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    let due = |story: &Story| {
        story.watches[&attempt]
            .expect("it is watched")
            .since(story.ctx.now)
            .as_secs()
    };
    assert_eq!(due(&story), 20);
    let policy = AskPolicy::default();
    let mut pauses = Vec::new();
    for tries in 1..=6 {
        let change = super::super::told(
            &mut story.ctx,
            &story.case,
            attempt,
            Some(&active()),
            super::story::KONNEKTOR,
            None,
            tries,
        );
        story.commit(change);
        pauses.push(due(&story));
    }
    assert_eq!(
        pauses,
        [40, 80, 160, 320, policy.open_seconds, policy.open_seconds]
    );
    story.later(3590);
    story.no_answer(attempt);
    assert_eq!(due(&story), 10);
}

#[test]
fn no_answer_moves_the_schedule_and_nothing_else() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.after_expiry();
    story.no_answer(attempt);
    assert!(story.last.is_quiet());
    assert_eq!(story.last.ledger, None);
    assert_eq!(
        story.payment().answer,
        PortalAnswer::Initial,
        "no answer is no end"
    );
}

#[test]
fn a_call_that_stays_unclear_ends_at_expiry_and_says_so() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.outcome(attempt, &Outcome::Unclear);
    story.after_expiry();
    assert_eq!(story.step(attempt), NextStep::Expire);
    story.no_answer(attempt);
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    assert_eq!(story.exceptions, ["beim_anbieter_unklar"]);
    assert_eq!(story.watches[&attempt], None);
    // Its answer comes after all: what can be asked now is watched.
    story.opens(attempt, Some("KZ1"));
    assert!(story.watches[&attempt].is_some());
    assert_eq!(
        story.attempt(attempt).paypage(),
        None,
        "nobody pays what has failed"
    );
    story.paid_but(attempt, 0);
    assert_eq!(story.kinds(), ["spaete_zahlung"]);
}

#[test]
fn a_kassenzeichen_that_is_never_named_ends_at_expiry_and_a_callback_still_wakes_it() {
    let mut story = Story::of(accepted_soll());
    let attempt = story.current();
    story.opens(attempt, None);
    story.after_expiry();
    assert_eq!(story.step(attempt), NextStep::Expire);
    story.no_answer(attempt);
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    assert_eq!(story.exceptions, ["kassenzeichen_nie_genannt"]);
    assert_eq!(story.kinds(), ["sollstellung", "absetzung"]);
    story.hears(attempt, Word::Success, Some("KZ1"));
    assert_eq!(story.step(attempt), NextStep::Ask);
    story.paid_but(attempt, 0);
    assert_eq!(story.kinds(), ["sollstellung", "absetzung", "spaete_zahlung"]);
}

#[test]
fn an_unclear_call_whose_name_is_known_is_asked_for_at_expiry() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.outcome(attempt, &Outcome::Unclear);
    story.hears(attempt, Word::Interim, Some("KZ1"));
    story.after_expiry();
    assert_eq!(story.step(attempt), NextStep::Ask);
    story.tells(attempt, Some(&active()));
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    assert_eq!(story.attempt(attempt).standing.as_str(), "failed");
}

#[test]
fn an_orphan_without_a_name_is_not_asked_for_again_and_again() {
    let mut story = Story::of(route());
    let orphan = story.current();
    story.outcome(orphan, &Outcome::AlreadyUsed);
    assert_eq!(story.watches[&orphan], None);
    story.no_answer(orphan);
    assert_eq!(story.watches[&orphan], None);
}

#[test]
fn a_closed_page_of_an_orphan_is_no_exception_and_ends_nothing() {
    let mut story = Story::of(route());
    let orphan = story.current();
    story.hears(orphan, Word::Canceled, Some("KZ1"));
    story.outcome(orphan, &Outcome::AlreadyUsed);
    story.after_expiry();
    for _ in 0..6 {
        story.tells(orphan, Some(&inactive(None, Some(4150))));
        story.tells(orphan, Some(&inactive(None, None)));
        assert!(story.last.is_quiet());
    }
    assert_eq!(story.exceptions, ["verwaist"]);
    assert_eq!(story.payment().answer, PortalAnswer::Initial);
}

#[test]
fn a_paid_attempt_is_watched_daily_until_returns_are_over() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.paid_but(attempt, 0);
    assert_eq!(story.watches[&attempt], Some(story.ctx.now.plus_seconds(DAY)));
    story.later(182 * DAY);
    story.paid_but(attempt, 0);
    assert_eq!(story.watches[&attempt], None);
}

#[test]
fn a_reason_that_comes_after_the_window_is_still_asked_about() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.after_expiry();
    story.tells(attempt, Some(&active()));
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    story.later(40 * DAY);
    // A late success, while the provider is away for a moment.
    story.hears(attempt, Word::Success, Some("KZ1"));
    assert_eq!(story.step(attempt), NextStep::Ask);
    story.no_answer(attempt);
    let again = story.watches[&attempt].expect("the reason is not forgotten");
    assert_eq!(again.since(story.ctx.now).as_secs(), 20);
    story.paid_but(attempt, 0);
    assert_eq!(story.exceptions, ["spaete_zahlung"]);
    assert_eq!(story.watches[&attempt], None, "and then it is over");
}

#[test]
fn a_last_question_without_an_answer_is_not_asked_for_ever() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.after_expiry();
    story.tells(attempt, Some(&active()));
    story.later(40 * DAY);
    let mut asked = 0;
    let mut tries = 0;
    loop {
        let change = super::super::not_answered(&mut story.ctx, &story.case, attempt, tries);
        story.commit(change);
        let Some(due) = story.watches[&attempt] else { break };
        story.ctx.now = due;
        (asked, tries) = (asked + 1, tries + 1);
    }
    assert_eq!(asked, 16);
}
