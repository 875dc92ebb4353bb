//! The case over several payments, and the events that gateways hear.

use super::super::testkit::{order, route};
use super::super::{Outcome, request_key};
use super::story::Story;
use super::{active, inactive};
use crate::domain::case::CaseStanding;
use crate::domain::told::Word;

#[test]
fn a_case_is_paid_only_when_nothing_is_under_way() {
    let mut story = Story::of(route());
    let first = story.current();
    story.opens(first, Some("KZ1"));
    let second = story.another(&order("request-2"));
    story.opens(second, Some("KZ2"));
    story.paid_but(first, 0);
    assert_eq!(story.case.standing, CaseStanding::Open);
    assert_eq!(story.event_names(), ["payment.paid.v1"]);
    story.paid_but(second, 0);
    assert_eq!(story.case.standing, CaseStanding::Paid);
    assert_eq!(
        story.event_names(),
        ["payment.paid.v1", "payment.paid.v1", "case.paid.v1"]
    );
}

#[test]
fn the_end_of_another_payment_makes_the_case_paid_and_the_event_is_about_the_paid_one() {
    let mut story = Story::of(route());
    let first = story.current();
    story.opens(first, Some("KZ1"));
    let second = story.another(&order("request-2"));
    story.opens(second, Some("KZ2"));
    story.paid_but(first, 0);
    story.hears(second, Word::Canceled, Some("KZ2"));
    story.tells(second, Some(&inactive(None, Some(4150))));
    assert_eq!(
        story.event_names(),
        ["payment.paid.v1", "payment.canceled.v1", "case.paid.v1"]
    );
    let data = &story.events[2].1["data"];
    assert_eq!(
        (&data["status"], &data["request_id"]),
        (&"PAYED".into(), &"request-1".into())
    );
    assert_eq!(data["case_standing"], "paid");
}

#[test]
fn a_refused_second_payment_does_not_keep_the_case_open() {
    let mut story = Story::of(route());
    let first = story.current();
    story.opens(first, Some("KZ1"));
    let second = story.another(&order("request-2"));
    story.paid_but(first, 0);
    assert_eq!(story.case.standing, CaseStanding::Open);
    story.outcome(
        second,
        &Outcome::Refused {
            code: "-1".to_owned(),
        },
    );
    assert_eq!(story.case.standing, CaseStanding::Paid);
    assert_eq!(story.events[1].1["data"]["request_id"], "request-1");
}

#[test]
fn a_further_payment_does_not_reopen_a_paid_case() {
    let mut story = Story::of(route());
    let first = story.current();
    story.opens(first, Some("KZ1"));
    story.paid_but(first, 0);
    let second = story.another(&order("request-2"));
    story.opens(second, Some("KZ2"));
    assert_eq!(story.case.standing, CaseStanding::Paid);
    story.after_expiry();
    story.tells(second, Some(&active()));
    assert_eq!(story.case.standing, CaseStanding::Paid);
    assert_eq!(story.event_names().last(), Some(&"payment.failed.v1"));
}

#[test]
fn a_case_reopens_when_all_its_money_went_back_and_not_before() {
    let mut story = Story::of(route());
    let first = story.current();
    story.opens(first, Some("KZ1"));
    story.paid_but(first, 0);
    let second = story.another(&order("request-2"));
    story.opens(second, Some("KZ2"));
    story.paid_but(second, 0);
    story.paid_but(first, 4150);
    assert_eq!(story.case.standing, CaseStanding::Paid);
    story.paid_but(second, 4150);
    assert_eq!(story.case.standing, CaseStanding::Reopened);
    story.paid_but(first, 0);
    assert_eq!(story.case.standing, CaseStanding::Paid);
}

#[test]
fn events_are_counted_and_name_what_a_gateway_needs() {
    let mut story = Story::of(route());
    let attempt = story.current();
    story.opens(attempt, Some("KZ1"));
    story.paid_but(attempt, 0);
    let (_, paid) = &story.events[0];
    assert_eq!(paid["subject"], story.case.id.to_string());
    let data = &paid["data"];
    for (member, value) in [
        ("case_key", "AZ-1"),
        ("status", "PAYED"),
        ("case_standing", "open"),
        ("amount", "41.50"),
        ("payment_method", "KREDITKARTE"),
        ("transaction_reference", "KZ1"),
        ("request_id", "request-1"),
        ("environment", "test"),
    ] {
        assert_eq!(data[member], value, "{member}");
    }
    assert_eq!(story.events[1].1["data"]["status_seq"], 2);
    assert_eq!(story.events[1].1["data"]["case_standing"], "paid");
}

#[test]
fn a_request_is_used_once_on_its_route() {
    let mut story = Story::of(route());
    let key = request_key(&route().key(), "request-1", story.payment().id);
    let new = super::super::testkit::new_payment(route(), 9, story.ctx.now);
    let again = super::super::accept(&mut story.ctx, Some(&story.case), &order("request-1"), new)
        .expect("the order fits its route");
    assert!(
        again
            .change
            .guards
            .keys
            .iter()
            .any(|other| (&other.scope, &other.key) == (&key.scope, &key.key))
    );
    assert!(!story.commit(again.change), "its requestId is taken");
}
