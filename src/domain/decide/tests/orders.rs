//! What an order becomes: its Kontierung, its claim, its year; and what is refused.

use rust_decimal::Decimal;

use super::super::testkit::{accepted_soll, at, ctx, item, new_payment, order, order_of, route};
use super::super::{Ctx, accept};
use super::story::Story;
use crate::domain::money::Cents;
use crate::domain::order::OrderError;
use crate::domain::tenant::{CaseKeyRule, Route, TransactionIdRule};

fn refused(route: Route, order: &crate::domain::order::Order) -> OrderError {
    let mut ctx = ctx();
    let new = new_payment(route, 1, ctx.now);
    accept(&mut ctx, None, order, new)
        .map(|_| ())
        .expect_err("it is refused")
}

#[test]
fn items_tax_and_somebody_elses_money_have_lines_of_their_own() {
    let mut story = Story::of(accepted_soll());
    story.opens(story.current(), Some("KZ1"));
    let lines: Vec<_> = story.bookings[0]
        .lines
        .iter()
        .map(|line| {
            assert_eq!(line.debit.account.to_string(), "forderung");
            assert_eq!(line.anordnung, "AAO-2026-7");
            let title = line.haushaltsstelle.as_deref().unwrap_or_default();
            (line.credit.account.to_string(), title, line.cents.get())
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("erloes/1100.1000/0000000001".to_owned(), "1100.1000", 2000),
            ("erloes/1100.1000/0000000001".to_owned(), "1100.1000", 1000),
            ("steuer/U19".to_owned(), "1100.1000", 190),
            ("verwahrung".to_owned(), "0300.1617", 960),
        ]
    );
}

#[test]
fn the_haushaltsjahr_is_the_year_of_the_faelligkeit_but_a_return_is_booked_in_its_own_year() {
    let due_in_two_weeks = Route {
        due_days: 14,
        ..accepted_soll()
    };
    // 23:30 in Greenwich is the next year in Berlin; due two weeks later.
    for (now, route, year) in [
        ("2026-12-31T22:30:00Z", accepted_soll(), 2026),
        ("2026-12-31T23:30:00Z", accepted_soll(), 2027),
        ("2026-12-20T11:00:00Z", due_in_two_weeks, 2027),
    ] {
        let ctx = Ctx {
            now: at(now),
            ..ctx()
        };
        let mut story = Story::of_order(route, &order("request-1"), ctx);
        let attempt = story.current();
        story.opens(attempt, Some("KZ1"));
        story.later(40 * 86_400);
        story.paid_but(attempt, -100);
        // Seen forty days later, everything goes back, and is paid once more after that.
        story.paid_but(attempt, 4150);
        story.paid_but(attempt, 0);
        assert_eq!(story.kinds().len(), 5);
        for (index, booking) in story.bookings.iter().enumerate() {
            let year = if index < 3 { year } else { 2027 };
            assert!(
                booking.lines.iter().all(|line| line.haushaltsjahr == year),
                "{now} {booking:?}"
            );
        }
    }
}

#[test]
fn the_control_total_is_the_sum_of_the_items() {
    let mut order = order("request-1");
    order.total = Cents::new(4160);
    let sum = Cents::new(4150);
    assert_eq!(
        refused(route(), &order),
        OrderError::Sum {
            total: order.total,
            sum
        }
    );
}

#[test]
fn an_unmapped_tax_rate_is_refused() {
    let mut item = item(1000, 70);
    item.tax_rate = Decimal::from(7);
    let rate = Decimal::from(7);
    assert_eq!(
        refused(route(), &order_of("r", vec![item])),
        OrderError::TaxRate { item: 1, rate }
    );
}

#[test]
fn a_title_that_nobody_names_is_missing() {
    for haushaltsstelle in [None, Some(String::new())] {
        let route = Route {
            haushaltsstelle,
            ..route()
        };
        let key = "haushaltsstelle";
        assert_eq!(
            refused(route, &order_of("r", vec![item(100, 0)])),
            OrderError::BookingDataMissing { item: 1, key }
        );
    }
}

#[test]
fn a_portal_sets_only_what_its_route_lets_it_set() {
    let silent = Route {
        portal_may_set: std::collections::BTreeMap::new(),
        ..accepted_soll()
    };
    let mut story = Story::of(silent);
    story.opens(story.current(), Some("KZ1"));
    let last = story.bookings[0].lines.last().expect("a line");
    assert_eq!(
        last.credit.account.to_string(),
        "erloes/1100.1000/0000000001",
        "the rest is ours"
    );
    let mut strict = route();
    for allowed in strict.portal_may_set.values_mut() {
        allowed.insert("1100.1000".to_owned());
    }
    assert!(matches!(
        refused(strict, &order("r")),
        OrderError::BookingDataNotAllowed { item: 3, value, .. } if value == "0300.1617"
    ));
}

#[test]
fn amounts_that_nobody_can_pay_are_refused() {
    for items in [
        vec![],
        vec![item(0, 0)],
        vec![item(5000, 0), item(-1000, 0)],
        vec![item(1000, -190)],
        vec![item(i64::MAX, 1)],
        vec![item(i64::MAX, 0), item(i64::MAX, 0)],
        vec![item(1_000_001, 0)],
    ] {
        let order = crate::domain::order::Order {
            total: items.iter().fold(Cents::ZERO, |sum, item| {
                sum.checked_add(item.net)
                    .and_then(|sum| sum.checked_add(item.tax))
                    .unwrap_or(Cents::ZERO)
            }),
            items: items.clone(),
            ..order("r")
        };
        assert!(
            matches!(refused(route(), &order), OrderError::NoMethod(_)),
            "{items:?}"
        );
    }
}

#[test]
fn the_case_is_found_by_the_routes_choice_of_key() {
    let by = |rule| {
        let route = Route {
            case_key: rule,
            ..route()
        };
        let mut order = order("request-1");
        order.items[1]
            .booking_data
            .insert("az".to_owned(), "AZ-9".to_owned());
        Story::of_order(route, &order, ctx()).case.key
    };
    assert_eq!(by(CaseKeyRule::RequestId), "request-1");
    assert_eq!(by(CaseKeyRule::ItemReference), "AZ-1");
    assert_eq!(by(CaseKeyRule::BookingData("az".to_owned())), "AZ-9");
    let missing = Route {
        case_key: CaseKeyRule::BookingData("nichts".to_owned()),
        ..route()
    };
    assert!(matches!(refused(missing, &order("r")), OrderError::CaseKey(_)));
}

#[test]
fn the_portal_gets_its_own_id_back_or_one_of_ours() {
    let story = Story::of(route());
    assert_eq!(story.payment().transaction_id.as_str(), "request-1");
    let own = Story::of(Route {
        transaction_id: TransactionIdRule::Own,
        ..route()
    });
    assert_eq!(
        own.payment().transaction_id.as_str(),
        own.payment().id.to_string()
    );
}
