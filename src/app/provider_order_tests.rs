//! How many Buchungen a payment becomes.

use super::*;
use crate::domain::decide::accept;
use crate::domain::decide::testkit::{ctx, item, new_payment, order_of, route};
use crate::domain::order::OrderItem;
use crate::domain::tenant::{Route, TaxRule};

fn lines_of(granularity: Granularity, items: Vec<OrderItem>) -> Vec<(i64, i64, String)> {
    let mut tax = route().tax;
    tax.push(TaxRule {
        rate: rust_decimal::Decimal::from(7),
        key: "U7".to_owned(),
        objektnummer: None,
        href: None,
    });
    let route = Route {
        granularity,
        tax,
        ..route()
    };
    let mut ctx = ctx();
    let order = order_of("request-1", items);
    let new = new_payment(route, 1, ctx.now);
    let accepted = accept(&mut ctx, None, &order, new).expect("the order fits its route");
    let texts = PaymentTexts {
        purpose: None,
        description: None,
        payer: None,
        redirect_url: order.redirect_url.clone(),
        items: order.items.clone(),
    };
    lines(&accepted.case.payments[0], &texts, "GEBUEHR")
        .iter()
        .map(|line| {
            (
                line.net.get(),
                line.tax.get(),
                line.tax_rate.normalize().to_string(),
            )
        })
        .collect()
}

fn of_two_rates() -> Vec<OrderItem> {
    let seven = OrderItem {
        tax_rate: "7.0".parse().expect("a rate"),
        ..item(1000, 70)
    };
    vec![item(2000, 0), item(1000, 190), seven, item(500, 95), item(300, 0)]
}

fn line(net: i64, tax: i64, rate: &str) -> (i64, i64, String) {
    (net, tax, rate.to_owned())
}

#[test]
fn one_title_with_two_rates_stays_two_lines_whose_tax_follows_from_their_rate() {
    assert_eq!(
        lines_of(Granularity::Title, of_two_rates()),
        [line(2300, 0, "0"), line(1500, 285, "19"), line(1000, 70, "7")]
    );
}

#[test]
fn one_line_for_all_has_the_rate_of_the_first() {
    assert_eq!(
        lines_of(Granularity::Total, of_two_rates()),
        [line(4800, 355, "0")]
    );
}
