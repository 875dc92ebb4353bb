//! What statements show of an attempt, and what persons decide of what lies in deposit. The rules of a story hold after
//! every step.

use super::super::testkit::{accepted_soll, kz, method, order};
use super::super::{
    Holder, NotResolved, NotSettled, PayingOut, Shown, accepted_late, assigned, not_known, ordered, shown,
};
use super::inactive;
use super::story::Story;
use crate::domain::case::{self, TransferTo};
use crate::domain::decide::{Outcome, Reading};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, ExceptionId, PostenId, StatementId};
use crate::domain::money::Cents;
use crate::domain::payout_order::Way;
use crate::domain::proof::ProofTable;
use crate::domain::record::Body;
use crate::domain::statement::Iban;
use crate::domain::subject::DetailId;
use crate::domain::tenant::{Flow, Route};
use crate::domain::told::{Amounts, Told};

const DAY: i64 = 86_400;

fn by_transfer() -> (Story, AttemptId) {
    let route = Route {
        flow: Flow::Vorkasse,
        expires_after_minutes: 30 * 24 * 60,
        ..accepted_soll()
    };
    let mut story = Story::of_order(route, &order("request-1"), super::super::testkit::ctx());
    story.reading = Reading {
        proof: ProofTable::SoapSums,
        default_zvp: "epaybl",
    };
    let attempt = story.current();
    let to = TransferTo {
        holder: "Stadtkasse".to_owned(),
        iban: iban().to_string(),
        bic: None,
        bank: None,
    };
    let open = Outcome::Open {
        kassenzeichen: Some(kz("KZ1")),
        remote: None,
        way: case::Way::Transfer(to),
    };
    story.outcome(attempt, &open);
    (story, attempt)
}

fn on_page() -> (Story, AttemptId) {
    let mut story = Story::of(accepted_soll());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    (story, attempt)
}

fn iban() -> Iban {
    Iban::parse("DE02120300000000202051").expect("an IBAN")
}

fn sums(receipts: i64, returns: i64) -> Told {
    Told {
        kassenzeichen: Some(kz("KZ1")),
        method: Some(method("UEBERWEISUNG")),
        saldo: Some(Cents::new(4150 - receipts + returns)),
        amounts: Some(Amounts {
            hauptforderungen: Some(Cents::new(4150)),
            zahlungseingaenge: Some(Cents::new(receipts)),
            ruecklastschriften: Some(Cents::new(returns)),
            ..Amounts::default()
        }),
        own_customer: true,
        ..Told::default()
    }
}

/// The `n`th line of a statement shows money of an attempt.
fn shows(story: &mut Story, attempt: AttemptId, n: u32, cents: i64, fee: i64) -> Result<(), NotSettled> {
    let line = Shown {
        detail: DetailId {
            statement: StatementId(uuid::Uuid::from_u128(1)),
            entry: n,
            detail: 1,
        },
        account: iban(),
        cents: Cents::new(cents),
        fee: Cents::new(fee),
        rule: "referenz_genau".to_owned(),
        evidence: String::new(),
    };
    let case = story.case.clone();
    let change = shown(&mut story.ctx, &case, attempt, &line, "epaybl")?;
    assert!(story.commit(change));
    Ok(())
}

fn bank(story: &Story) -> i64 {
    let balances = story.books.balances();
    balances.get(&format!("bank/{}", iban())).copied().unwrap_or(0)
}

#[test]
fn a_transfer_that_the_bank_shows_first_is_no_news_from_the_provider() {
    let (mut story, attempt) = by_transfer();
    shows(&mut story, attempt, 1, 4150, 0).expect("it is waited for");
    assert_eq!(story.payment().answer.as_str(), "PAYED");
    let booked = story.kinds();
    // The provider lags, then tells, then tells again.
    for told in [sums(0, 0), sums(4150, 0), sums(4150, 0)] {
        story.later(DAY);
        story.tells(attempt, Some(&told));
    }
    assert_eq!(story.kinds(), booked);
    assert!(story.exceptions.is_empty());
    assert_eq!(bank(&story), 4150);
    // Its next word is news again: the money goes back.
    story.tells(attempt, Some(&sums(4150, 4150)));
    assert_eq!(story.kinds().last(), Some(&"ruecklastschrift"));
}

#[test]
fn a_gateway_that_waits_for_the_statement_hears_of_it_with_the_money() {
    use crate::domain::case::CaseStanding;
    use crate::domain::tenant::Release;
    let mut route = accepted_soll();
    for method in &mut route.methods {
        method.release = Release::Settled;
    }
    let mut story = Story::of(route);
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.tells(attempt, Some(&inactive(Some("KREDITKARTE"), Some(0))));
    assert_eq!(story.payment().answer.as_str(), "PAYED");
    assert_eq!(story.case.standing, CaseStanding::Open);
    assert_eq!(story.event_names(), ["payment.paid.v1"]);
    shows(&mut story, attempt, 1, 4000, 0).expect("a part of it");
    assert_eq!(story.case.standing, CaseStanding::Open);
    shows(&mut story, attempt, 2, 150, 0).expect("the rest");
    assert_eq!(story.case.standing, CaseStanding::Paid);
    let heard = ["payment.paid.v1", "payment.settled.v1", "case.paid.v1"];
    assert_eq!(story.event_names(), heard);
    // It goes back, and is told as any other.
    shows(&mut story, attempt, 3, -4150, 0).expect("a return");
    assert_eq!(story.case.standing, CaseStanding::Reopened);
    let heard = ["payment.returned.v1", "case.reopened.v1"];
    assert_eq!(story.event_names()[3..], heard);
}

#[test]
fn parts_and_what_is_too_much_come_by_statement_as_by_the_provider() {
    let (mut story, attempt) = by_transfer();
    shows(&mut story, attempt, 1, 1000, 0).expect("a part");
    assert_eq!(story.payment().answer.as_str(), "INITIAL");
    story.tells(attempt, Some(&sums(1000, 0)));
    story.tells(attempt, Some(&sums(4250, 0)));
    assert_eq!(story.exceptions, ["ueberzahlung"]);
    shows(&mut story, attempt, 2, 3250, 0).expect("what was told");
    assert_eq!(bank(&story), 4250);
    assert_eq!(story.attempt(attempt).books.settled, Cents::new(4250));
}

#[test]
fn a_return_that_the_bank_shows_first_reopens_the_case_once() {
    let (mut story, attempt) = on_page();
    story.tells(attempt, Some(&inactive(Some("LASTSCHRIFT"), Some(0))));
    shows(&mut story, attempt, 1, 4150, 0).expect("what was told");
    story.later(20 * DAY);
    shows(&mut story, attempt, 2, -4450, 300).expect("what was paid");
    assert_eq!(
        story.payment().answer.as_str(),
        "PAYED",
        "the portal's answer stays"
    );
    assert_eq!(story.event_names().last(), Some(&"case.reopened.v1"));
    assert_eq!(bank(&story), -300, "the fee is the town's");
    let booked = story.kinds();
    story.tells(attempt, Some(&inactive(Some("LASTSCHRIFT"), Some(4150))));
    assert_eq!(story.kinds(), booked, "the provider's word is no news");
    // Paid again, in the provider's words.
    story.tells(attempt, Some(&inactive(Some("LASTSCHRIFT"), Some(0))));
    assert_eq!(story.kinds().last(), Some(&"zahlung"));
}

#[test]
fn what_the_provider_told_to_have_gone_back_is_settled_by_the_banks_return() {
    let (mut story, attempt) = on_page();
    story.tells(attempt, Some(&inactive(Some("LASTSCHRIFT"), Some(0))));
    shows(&mut story, attempt, 1, 4150, 0).expect("what was told");
    story.tells(attempt, Some(&inactive(Some("LASTSCHRIFT"), Some(4150))));
    let exceptions = story.exceptions.clone();
    shows(&mut story, attempt, 2, -4150, 0).expect("what was told");
    assert_eq!((bank(&story), &story.exceptions), (0, &exceptions));
    assert!(story.attempt(attempt).heard.outstanding().is_empty());
    let more = shows(&mut story, attempt, 3, -4150, 0);
    assert!(matches!(more, Err(NotSettled::MoreThanPaid { .. })), "{more:?}");
}

#[test]
fn what_came_and_went_before_any_statement_is_settled_when_the_bank_shows_both() {
    let orders: [&[(i64, i64)]; 2] = [&[(4150, 0), (-4450, 300)], &[(-4450, 300), (4150, 0)]];
    for order in orders {
        let (mut story, attempt) = on_page();
        story.tells(attempt, Some(&inactive(Some("LASTSCHRIFT"), Some(0))));
        story.tells(attempt, Some(&inactive(Some("LASTSCHRIFT"), Some(4150))));
        assert_eq!(story.attempt(attempt).heard.passing(), Cents::new(4150));
        let (events, exceptions) = (story.event_names().len(), story.exceptions.clone());
        for ((cents, fee), n) in order.iter().zip(1..) {
            shows(&mut story, attempt, n, *cents, *fee).expect("it was told");
        }
        let heard = &story.attempt(attempt).heard;
        assert!(heard.outstanding().is_empty() && heard.through.is_empty());
        assert_eq!(bank(&story), -300, "the fee is the town's");
        assert_eq!(
            (story.event_names().len(), &story.exceptions),
            (events, &exceptions),
            "both were known"
        );
        let more = shows(&mut story, attempt, 3, 4150, 0);
        assert!(matches!(more, Err(NotSettled::NotTold { .. })), "{more:?}");
    }
}

#[test]
fn what_is_paid_again_is_not_reopened_by_the_banks_return_of_the_first() {
    let (mut story, attempt) = on_page();
    for saldo in [0, 4150, 0] {
        story.tells(attempt, Some(&inactive(Some("LASTSCHRIFT"), Some(saldo))));
    }
    let kinds = |story: &Story| {
        story
            .kinds()
            .iter()
            .filter(|kind| **kind == "ruecklastschrift")
            .count()
    };
    for (n, cents) in [(1, 4150), (2, -4150), (3, 4150)] {
        shows(&mut story, attempt, n, cents, 0).expect("it was told");
        assert_eq!(kinds(&story), 1, "after line {n}");
    }
    assert!(story.attempt(attempt).heard.outstanding().is_empty());
    assert_eq!(bank(&story), 4150);
}

#[test]
fn what_was_shown_and_is_told_to_have_gone_and_come_again_may_be_shown_in_any_order() {
    for order in [[-4150, 4150], [4150, -4150]] {
        let (mut story, attempt) = on_page();
        story.tells(attempt, Some(&inactive(Some("LASTSCHRIFT"), Some(0))));
        shows(&mut story, attempt, 1, 4150, 0).expect("it was told");
        for saldo in [4150, 0] {
            story.tells(attempt, Some(&inactive(Some("LASTSCHRIFT"), Some(saldo))));
        }
        let booked = story.event_names().len();
        for (n, cents) in (2..).zip(order) {
            shows(&mut story, attempt, n, cents, 0).expect("it was told");
        }
        let news = &story.event_names()[booked..];
        assert!(
            !news.contains(&"case.reopened.v1"),
            "the case stays paid: {news:?}"
        );
        let heard = &story.attempt(attempt).heard;
        assert!(heard.outstanding().is_empty() && heard.through.is_empty());
        assert_eq!(bank(&story), 4150);
    }
}

#[test]
fn money_that_a_person_assigns_may_be_what_came_and_went() {
    let (mut story, attempt) = on_page();
    for saldo in [0, 4150] {
        story.tells(attempt, Some(&inactive(Some("LASTSCHRIFT"), Some(saldo))));
    }
    let deposit = found(&mut story, 4150);
    let case = story.case.clone();
    let change = assigned(
        &mut story.ctx,
        &case,
        attempt,
        (deposit, Cents::new(4150)),
        "epaybl",
    );
    assert!(story.commit(change.expect("it is assigned")));
    let heard = &story.attempt(attempt).heard;
    assert_eq!((heard.aside, heard.passing()), (Cents::ZERO, Cents::ZERO));
    assert_eq!(
        story.attempt(attempt).books.credited,
        Cents::ZERO,
        "it went back, as was told"
    );
    shows(&mut story, attempt, 2, -4150, 0).expect("it was told");
    assert!(story.attempt(attempt).heard.outstanding().is_empty());
    assert_eq!(bank(&story), 0);
}

#[test]
fn money_for_a_page_that_the_provider_never_told_of_is_not_taken_for_its_payment() {
    let (mut story, attempt) = on_page();
    let refused = shows(&mut story, attempt, 1, 4150, 0);
    assert!(matches!(refused, Err(NotSettled::NotTold { .. })), "{refused:?}");
    assert!(!story.kinds().contains(&"gutschrift"));
}

/// Money that nobody knows lies in a deposit of its own.
fn found(story: &mut Story, cents: i64) -> PostenId {
    let line = Shown {
        detail: DetailId {
            statement: StatementId(uuid::Uuid::from_u128(2)),
            entry: 1,
            detail: 1,
        },
        account: iban(),
        cents: Cents::new(cents),
        fee: Cents::ZERO,
        rule: "klaerung".to_owned(),
        evidence: String::new(),
    };
    let ledger = story.case.ledger.clone();
    let change = not_known(&mut story.ctx, &ledger, &line, ExceptionCode::UnknownCredit);
    let posten = change.effects.posten[0].id;
    story.knows(posten);
    // It is about no case: the books alone take it.
    for (body, _) in &change.effects.records {
        if let Body::Booking(booking) = body {
            story.books.book(booking);
        }
    }
    posten
}

#[test]
fn money_that_a_person_assigns_to_a_page_pays_it_and_a_later_payment_there_is_another() {
    let (mut story, attempt) = on_page();
    let posten = found(&mut story, 4150);
    let case = story.case.clone();
    let change = assigned(
        &mut story.ctx,
        &case,
        attempt,
        (posten, Cents::new(4150)),
        "epaybl",
    );
    assert!(story.commit(change.expect("it has a Kassenzeichen")));
    assert_eq!(story.payment().answer.as_str(), "PAYED");
    assert_eq!(
        story.books.balance(posten, |_| true),
        Cents::new(4150),
        "only the bank is left"
    );
    // The page was still open, and the citizen pays there too.
    story.tells(attempt, Some(&inactive(Some("KREDITKARTE"), Some(0))));
    assert_eq!(story.exceptions.last(), Some(&"ueberzahlung"));
    assert_eq!(story.attempt(attempt).books.deposited, Cents::new(4150));
}

#[test]
fn an_attempt_without_kassenzeichen_is_assigned_nothing() {
    let mut story = Story::of(accepted_soll());
    let attempt = story.current();
    story.opens(attempt, None);
    let posten = found(&mut story, 4150);
    let case = story.case.clone();
    let refused = assigned(
        &mut story.ctx,
        &case,
        attempt,
        (posten, Cents::new(4150)),
        "epaybl",
    );
    assert_eq!(refused, Err(NotResolved::NoKassenzeichen));
}

#[test]
fn late_money_is_accepted_or_paid_back_and_never_both() {
    let (mut story, attempt) = by_transfer();
    story.later(31 * DAY);
    story.tells(attempt, Some(&sums(0, 0)));
    assert_eq!(story.payment().answer.as_str(), "FAILED");
    let case = story.case.clone();
    let nothing = accepted_late(&mut story.ctx, &case, attempt);
    assert_eq!(nothing, Err(NotResolved::NoDeposit));
    story.tells(attempt, Some(&sums(5000, 0)));
    assert_eq!(story.exceptions, ["spaete_zahlung"]);
    let case = story.case.clone();
    let change = accepted_late(&mut story.ctx, &case, attempt).expect("enough lies there");
    assert!(story.commit(change));
    assert!(story.case.is_released());
    assert_eq!(
        story.payment().answer.as_str(),
        "FAILED",
        "the portal's answer stays"
    );
    assert_eq!(story.event_names().last(), Some(&"case.paid.v1"));
    let case = story.case.clone();
    let again = accepted_late(&mut story.ctx, &case, attempt);
    assert_eq!(again, Err(NotResolved::PaidAlready));
    let payout = PayingOut {
        exception: ExceptionId(uuid::Uuid::from_u128(9)),
        passed_on: false,
        way: Way::Acquirer,
        number: 1,
    };
    let holder = Holder::Attempt(&case, attempt);
    let change = ordered(&mut story.ctx, &holder, payout).expect("the rest");
    assert!(story.commit(change));
    let books = story.attempt(attempt).books;
    assert_eq!((books.deposited, books.refunded), (Cents::ZERO, Cents::new(850)));
    // The provider's sums have not changed, and are no news.
    let booked = story.kinds();
    story.tells(attempt, Some(&sums(5000, 0)));
    assert_eq!(story.kinds(), booked);
}

#[test]
fn what_never_arrived_does_not_go_back_from_the_bank_and_nothing_is_half_booked() {
    let (mut story, attempt) = on_page();
    story.tells(attempt, Some(&inactive(Some("KREDITKARTE"), Some(0))));
    let before = story.case.clone();
    // Told as paid, never shown, and now the bank shows it going out: that is no return of it.
    let refused = shows(&mut story, attempt, 1, -4150, 0);
    assert!(
        matches!(refused, Err(NotSettled::MoreThanPaid { .. })),
        "{refused:?}"
    );
    shows(&mut story, attempt, 2, 1000, 0).expect("a part arrives");
    let refused = shows(&mut story, attempt, 3, -4150, 0);
    assert!(
        matches!(refused, Err(NotSettled::MoreThanPaid { .. })),
        "{refused:?}"
    );
    assert_eq!(story.attempt(attempt).books.settled, Cents::new(1000));
    assert_eq!(story.case.payments[0].answer, before.payments[0].answer);
}
