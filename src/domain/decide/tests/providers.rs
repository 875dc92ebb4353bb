//! What other kinds of providers bring: sums instead of words, ids instead of Kassenzeichen, transfers instead of pages,
//! outcomes that cannot be known, and Kassenzeichen of our own.

use super::super::testkit::{accepted_soll, kz, method, order, route};
use super::super::{NextStep, Outcome, Reading};
use super::story::Story;
use crate::domain::case::{Awaited, Standing, TransferTo, Way};
use crate::domain::ids::{AttemptId, RemoteId};
use crate::domain::money::Cents;
use crate::domain::pool::{OwnKassenzeichen, PoolTaken};
use crate::domain::proof::ProofTable;
use crate::domain::tenant::{Flow, Route};
use crate::domain::told::{Amounts, Page, Told, Word};

const DAY: i64 = 86_400;

fn soap(route: Route) -> Story {
    let mut story = Story::of(route);
    story.reading = Reading {
        proof: ProofTable::SoapSums,
        default_zvp: "epaybl",
    };
    story
}

fn xbezahldienst() -> Story {
    let mut story = Story::of(route());
    story.reading = Reading {
        proof: ProofTable::Xbezahldienste,
        default_zvp: "pmpayment",
    };
    story
}

/// Claim, receipts, returns, cancellations and saldo behind a Kassenzeichen.
fn sums(claim: i64, receipts: i64, returns: i64, cancelled: i64, saldo: i64) -> Told {
    Told {
        kassenzeichen: Some(kz("KZ1")),
        method: Some(method("KREDITKARTE")),
        saldo: Some(Cents::new(saldo)),
        amounts: Some(Amounts {
            hauptforderungen: Some(Cents::new(claim)),
            zahlungseingaenge: Some(Cents::new(receipts)),
            ruecklastschriften: Some(Cents::new(returns)),
            stornos: Some(Cents::new(cancelled)),
            ..Amounts::default()
        }),
        ..Told::default()
    }
}

fn says(word: Word, reference: Option<&str>) -> Told {
    Told {
        kassenzeichen: reference.map(kz),
        method: Some(method("PAYPAL")),
        word: Some(word),
        ..Told::default()
    }
}

fn open_with(story: &mut Story, remote: &str) -> (AttemptId, Option<AttemptId>) {
    let attempt = story.current();
    let next = story.outcome(
        attempt,
        &Outcome::Open {
            kassenzeichen: None,
            remote: Some(RemoteId::parse(remote).expect("an id")),
            way: Way::Paypage("https://pay.example/1".to_owned()),
        },
    );
    (attempt, next)
}

#[test]
fn sums_prove_a_payment_and_its_return() {
    let mut story = soap(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.tells(attempt, Some(&sums(0, 0, 0, 0, 0)));
    assert_eq!(story.payment().answer.as_str(), "INITIAL");
    story.tells(attempt, Some(&sums(4150, 4150, 0, 0, 0)));
    assert_eq!(story.payment().answer.as_str(), "PAYED");
    story.tells(attempt, Some(&sums(4150, 4150, 0, 0, 0)));
    assert_eq!(story.kinds(), ["sollstellung", "zahlung"]);
    story.later(30 * DAY);
    story.tells(attempt, Some(&sums(4150, 4150, 4150, 0, 4150)));
    assert_eq!(story.kinds(), ["sollstellung", "zahlung", "ruecklastschrift"]);
    assert_eq!(
        story.payment().answer.as_str(),
        "PAYED",
        "the portal's answer stays"
    );
    assert_eq!(
        story.event_names(),
        [
            "payment.paid.v1",
            "case.paid.v1",
            "payment.returned.v1",
            "case.reopened.v1"
        ]
    );
}

#[test]
fn a_cancelled_claim_fails_and_books_nothing() {
    let mut story = soap(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.tells(attempt, Some(&sums(4150, 0, 0, 4150, 0)));
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    assert!(story.kinds().is_empty());
}

#[test]
fn a_claim_that_is_cancelled_after_payment_is_named_and_keeps_its_money() {
    let mut story = soap(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.tells(attempt, Some(&sums(4150, 4150, 0, 0, 0)));
    story.tells(attempt, Some(&sums(4150, 4150, 0, 4150, -4150)));
    assert_eq!(story.kinds(), ["sollstellung", "zahlung"]);
    assert_eq!(story.exceptions, ["beim_anbieter_storniert"]);
}

#[test]
fn an_answer_about_another_kunde_books_nothing() {
    let mut story = soap(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    let other = Told {
        other_customer: true,
        ..sums(4150, 4150, 0, 0, 0)
    };
    story.tells(attempt, Some(&other));
    assert!(story.kinds().is_empty());
    assert_eq!(story.exceptions, ["fremder_kunde"]);
    assert_eq!(story.payment().answer.as_str(), "INITIAL");
}

#[test]
fn an_xbezahldienst_is_asked_by_its_id_and_names_the_kassenzeichen_with_the_payment() {
    let mut story = xbezahldienst();
    let (attempt, next) = open_with(&mut story, "0197a5c0-1");
    assert_eq!(next, None);
    assert_eq!(story.step(attempt), NextStep::Ask);
    story.tells(attempt, Some(&says(Word::Interim, None)));
    assert_eq!(story.attempt(attempt).kassenzeichen, Awaited::Awaited);
    story.tells(attempt, Some(&says(Word::Success, Some("KZ9"))));
    assert_eq!(story.payment().answer.as_str(), "PAYED");
    assert_eq!(story.attempt(attempt).kassenzeichen, Awaited::Known(kz("KZ9")));
    assert_eq!(story.kinds(), ["sollstellung", "zahlung"]);
    // Returns are never told, and a word that is taken back is no return.
    story.tells(attempt, Some(&says(Word::Failed, None)));
    assert_eq!(story.kinds(), ["sollstellung", "zahlung"]);
    assert_eq!(story.exceptions, ["wort_zurueckgenommen"]);
}

#[test]
fn an_xbezahldienst_ends_a_payment_by_its_word() {
    for (word, answer) in [(Word::Canceled, "CANCELED"), (Word::Failed, "FAILED")] {
        let mut story = xbezahldienst();
        let (attempt, _) = open_with(&mut story, "0197a5c0-1");
        story.tells(attempt, Some(&says(word, None)));
        assert_eq!(story.payment().answer.as_str(), answer);
    }
}

#[test]
fn a_paid_word_without_a_reference_books_nothing_yet() {
    let mut story = xbezahldienst();
    let (attempt, _) = open_with(&mut story, "0197a5c0-1");
    story.tells(attempt, Some(&says(Word::Success, None)));
    assert_eq!(story.payment().answer.as_str(), "INITIAL");
    assert!(story.kinds().is_empty());
}

#[test]
fn a_service_that_gives_two_attempts_one_id_hands_out_one_page() {
    let mut story = xbezahldienst();
    open_with(&mut story, "0197a5c0-1");
    let second = story.another(&order("request-2"));
    let taken = Outcome::Open {
        kassenzeichen: None,
        remote: Some(RemoteId::parse("0197a5c0-1").expect("an id")),
        way: Way::Paypage("https://pay.example/1".to_owned()),
    };
    let next = story.outcome(second, &taken);
    assert!(next.is_some(), "a new attempt takes its place");
    assert_eq!(story.attempt(second).way, None);
    assert!(story.exceptions.contains(&"fremdes_kassenzeichen"));
}

#[test]
fn an_outcome_that_cannot_be_known_is_named_and_never_sent_again_by_itself() {
    let mut story = soap(route());
    let attempt = story.current();
    assert_eq!(story.outcome(attempt, &Outcome::Unknowable), None);
    assert_eq!(story.exceptions, ["beim_anbieter_unklar"]);
    assert!(matches!(
        story.attempt(attempt).standing,
        Standing::Unclear { .. }
    ));
    assert_eq!(story.watches[&attempt], Some(story.payment().expires_at));
    story.after_expiry();
    assert_eq!(story.step(attempt), NextStep::Expire);
    story.no_answer(attempt);
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    assert_eq!(story.exceptions, ["beim_anbieter_unklar"], "once is enough");
}

fn own(number: &str, next: i64) -> OwnKassenzeichen {
    OwnKassenzeichen {
        kassenzeichen: kz(number),
        taken: PoolTaken {
            range: "epaybl/4711/0815/1".to_owned(),
            next,
        },
    }
}

#[test]
fn a_kassenzeichen_of_our_own_is_taken_in_the_change_that_uses_it() {
    let mut story = soap(route());
    story.own = Some(own("4200000000062", 63));
    let attempt = story.another(&order("request-2"));
    assert_eq!(
        story.attempt(attempt).kassenzeichen,
        Awaited::Known(kz("4200000000062"))
    );
    assert_eq!(story.last.effects.pools, [own("4200000000062", 63).taken]);
    let keys = &story.last.guards.keys;
    assert!(keys.iter().any(|key| key.key == "4200000000062"));
    // Another attempt in its place gets another number.
    story.own = Some(own("4200000000063", 64));
    let next = story
        .outcome(attempt, &Outcome::AlreadyUsed)
        .expect("a new attempt");
    assert_eq!(
        story.attempt(next).kassenzeichen,
        Awaited::Known(kz("4200000000063"))
    );
}

#[test]
fn an_own_kassenzeichen_that_the_provider_never_knew_ends_without_money() {
    let mut story = soap(route());
    story.own = Some(own("4200000000062", 63));
    let attempt = story.another(&order("request-2"));
    story.outcome(attempt, &Outcome::Unclear);
    story.ctx.now = story.ctx.now.plus_seconds(61 * 60);
    assert_eq!(story.step(attempt), NextStep::Ask, "it has a name to ask by");
    story.tells(attempt, None);
    assert_eq!(story.case.payments[1].answer.as_str(), "FAILED");
    assert_eq!(story.exceptions, ["beim_anbieter_unklar"]);
}

fn by_transfer() -> Story {
    let mut story = soap(Route {
        flow: Flow::Vorkasse,
        expires_after_minutes: 30 * 1440,
        ..accepted_soll()
    });
    let attempt = story.current();
    let way = Way::Transfer(TransferTo {
        holder: "Stadtkasse Musterstadt".to_owned(),
        iban: "DE89370400440532013000".to_owned(),
        bic: None,
        bank: None,
    });
    let taken = Outcome::Open {
        kassenzeichen: Some(kz("KZ1")),
        remote: None,
        way,
    };
    assert_eq!(story.outcome(attempt, &taken), None);
    story
}

#[test]
fn a_transfer_may_come_in_parts_and_is_paid_by_the_last() {
    let mut story = by_transfer();
    let attempt = story.current();
    assert_eq!(story.kinds(), ["sollstellung"], "the claim stands at once");
    story.tells(attempt, Some(&sums(4150, 1000, 0, 0, 3150)));
    assert_eq!(story.payment().answer.as_str(), "INITIAL");
    assert!(story.exceptions.is_empty(), "a part is no exception yet");
    story.later(3 * DAY);
    story.tells(attempt, Some(&sums(4150, 4150, 0, 0, 0)));
    assert_eq!(story.payment().answer.as_str(), "PAYED");
    assert!(story.exceptions.is_empty());
}

#[test]
fn a_part_of_a_transfer_at_the_end_of_the_time_is_a_persons_matter() {
    let mut story = by_transfer();
    let attempt = story.current();
    story.tells(attempt, Some(&sums(4150, 1000, 0, 0, 3150)));
    story.after_expiry();
    story.tells(attempt, Some(&sums(4150, 1000, 0, 0, 3150)));
    assert_eq!(story.payment().answer.as_str(), "INITIAL");
    assert_eq!(story.exceptions, ["teilzahlung"]);
}

#[test]
fn a_transfer_of_too_much_pays_and_leaves_a_deposit() {
    let mut story = by_transfer();
    let attempt = story.current();
    story.tells(attempt, Some(&sums(4150, 5000, 0, 0, -850)));
    assert_eq!(story.payment().answer.as_str(), "PAYED");
    assert_eq!(story.attempt(attempt).books.deposited, Cents::new(850));
    assert_eq!(story.exceptions, ["ueberzahlung"]);
}

#[test]
fn a_transfer_that_never_comes_fails_and_its_claim_is_given_up() {
    let mut story = by_transfer();
    let attempt = story.current();
    story.after_expiry();
    story.tells(attempt, Some(&sums(4150, 0, 0, 0, 4150)));
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    assert_eq!(story.kinds(), ["sollstellung", "absetzung"]);
    story.later(DAY);
    story.tells(attempt, Some(&sums(4150, 4150, 0, 0, 0)));
    assert_eq!(story.exceptions, ["spaete_zahlung"]);
}

#[test]
fn a_transfer_is_asked_for_a_few_times_a_day() {
    let mut story = by_transfer();
    let attempt = story.current();
    story.tells(attempt, Some(&sums(4150, 0, 0, 0, 4150)));
    let next = story.watches[&attempt].expect("it is asked again");
    assert_eq!(next, story.ctx.now.plus_seconds(6 * 3600));
}

#[test]
fn a_replica_that_lags_behind_a_transfer_invents_no_return() {
    let mut story = by_transfer();
    let attempt = story.current();
    story.tells(attempt, Some(&sums(4150, 1000, 0, 0, 3150)));
    story.tells(attempt, Some(&sums(4150, 4150, 0, 0, 0)));
    let booked = story.kinds().len();
    // What was true before the second part came, and before the first; the page of a transfer is never open.
    for stale in [sums(4150, 1000, 0, 0, 3150), sums(4150, 0, 0, 0, 4150)] {
        for page in [Page::Missing, Page::Inactive] {
            let stale = Told {
                page,
                ..stale.clone()
            };
            story.tells(attempt, Some(&stale));
        }
    }
    assert_eq!(story.kinds().len(), booked);
    assert!(story.exceptions.is_empty());
    assert!(!story.event_names().contains(&"payment.returned.v1"));
    // The replica has caught up, and lags again another day: that is no fifth time.
    story.tells(attempt, Some(&sums(4150, 4150, 0, 0, 0)));
    story.tells(attempt, Some(&sums(4150, 1000, 0, 0, 3150)));
    assert!(story.exceptions.is_empty());
    // What went back is among what came in.
    story.tells(attempt, Some(&sums(4150, 4150, 1000, 0, 1000)));
    assert_eq!(story.kinds().last(), Some(&"ruecklastschrift"));
    assert_eq!(story.attempt(attempt).books.told(), Cents::new(3150));
}

#[test]
fn a_receipt_that_is_gone_for_good_is_named_and_books_nothing() {
    let mut story = by_transfer();
    let attempt = story.current();
    story.tells(attempt, Some(&sums(4150, 4150, 0, 0, 0)));
    for _ in 0..6 {
        story.tells(attempt, Some(&sums(4150, 0, 0, 0, 4150)));
    }
    assert_eq!(story.kinds(), ["sollstellung", "zahlung"]);
    assert_eq!(story.exceptions, ["wort_zurueckgenommen"]);
}

#[test]
fn money_that_was_paid_out_again_without_a_returned_debit_went_back() {
    let mut story = soap(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.tells(attempt, Some(&sums(4150, 4150, 0, 0, 0)));
    let mut out = sums(4150, 4150, 0, 0, 4150);
    out.amounts.as_mut().expect("sums").sonstige = Some(Cents::new(4150));
    story.tells(attempt, Some(&out));
    assert_eq!(story.kinds(), ["sollstellung", "zahlung", "ruecklastschrift"]);
}

#[test]
fn a_transfer_has_no_page_that_could_be_closed() {
    let mut story = by_transfer();
    let attempt = story.current();
    let nothing = Told {
        page: Page::Inactive,
        ..sums(4150, 0, 0, 0, 4150)
    };
    for _ in 0..8 {
        story.tells(attempt, Some(&nothing));
    }
    story.after_expiry();
    story.tells(attempt, Some(&nothing));
    assert!(story.exceptions.is_empty());
    assert_eq!(story.payment().answer.as_str(), "FAILED");
}

#[test]
fn a_claim_that_is_cancelled_after_its_part_went_back_is_over_at_once() {
    let mut story = by_transfer();
    let attempt = story.current();
    story.tells(attempt, Some(&sums(4150, 1000, 0, 0, 3150)));
    story.tells(attempt, Some(&sums(4150, 1000, 1000, 4150, 0)));
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    assert_eq!(
        story.kinds(),
        ["sollstellung", "teilzahlung", "ruecklastschrift", "absetzung"]
    );
}

#[test]
fn a_number_of_ours_that_was_somebody_elses_books_none_of_their_money() {
    let theirs = Told {
        kassenzeichen: Some(kz("4200000000062")),
        ..sums(4150, 4150, 0, 0, 0)
    };
    for refused in [true, false] {
        let mut story = soap(route());
        story.own = Some(own("4200000000062", 63));
        let attempt = story.another(&order("request-2"));
        if refused {
            let code = "-0310".to_owned();
            story.outcome(attempt, &Outcome::Refused { code });
        } else {
            story.outcome(attempt, &Outcome::Unclear);
            story.ctx.now = story.ctx.now.plus_seconds(61 * 60);
        }
        assert_eq!(story.step(attempt), NextStep::Ask);
        story.tells(attempt, Some(&theirs));
        assert!(story.kinds().is_empty(), "{:?}", story.kinds());
        assert_eq!(story.exceptions.last(), Some(&"fremder_kunde"));
        // The answer names our Kunde: it is ours after all.
        let ours = Told {
            own_customer: true,
            ..theirs.clone()
        };
        story.tells(attempt, Some(&ours));
        assert_eq!(story.attempt(attempt).books.told(), Cents::new(4150));
    }
}
