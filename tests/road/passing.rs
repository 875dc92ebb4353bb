//! What the provider tells as a sum, and the bank and lists show one by one, in any order: paid twice, paid and returned.

use epaybl_connector::sandbox::Cents;

use crate::bank::{Line, Statement};
use crate::kit::{World, on_every_database};
use crate::payouts::{
    METHOD, PAYOUT, balance, csv, filed, open_exceptions, paid, paid_car, shown, with_lists,
};
use crate::statements::iban;
use crate::statements_disorder::{app, day, reconcile, statement, take};

const DAY: i64 = 86_400;

/// The bank shows one payment: the `n`th statement, beginning with this balance.
async fn line(world: &World, n: u32, opening: i64, line: Line) {
    let one = Statement {
        number: Some(n),
        opening: Some(opening),
        ..statement(world, &format!("S{n}"), vec![line])
    };
    take(app(world), &[one]).await;
    reconcile(app(world)).await;
}

#[tokio::test]
async fn who_pays_on_the_page_and_by_transfer_is_found_on_list_and_statement() {
    on_every_database(async |world| {
        with_lists(world, "exclusive", "").await;
        let kz = paid_car(world, "t-1").await;
        world
            .sandbox()
            .transfer(&iban(world), Cents::new(3060), &kz)
            .expect("a transfer");
        world.live(3 * DAY, DAY / 2).await;
        assert_eq!(open_exceptions(world).await, ["ueberzahlung"], "told as 61.20");
        // Half of what was told: it waits for the other half.
        line(world, 2, 3025, Line::new(day(1), 3060, &kz)).await;
        assert_eq!(open_exceptions(world).await, ["ueberzahlung", "betrag_weicht_ab"]);
        filed(world, &csv("PO-20261201", &[paid(&kz)])).await;
        shown(world, 3025, "PO-20261201").await;
        reconcile(app(world)).await;
        reconcile(app(world)).await;
        assert_eq!(
            open_exceptions(world).await,
            ["ueberzahlung"],
            "the other has resolved itself"
        );
        assert_eq!(
            (balance(world, METHOD).await, balance(world, PAYOUT).await),
            (0, 0)
        );
        assert_eq!(
            balance(world, "verwahrung").await,
            -3060,
            "what was paid too much"
        );
    })
    .await;
}

#[tokio::test]
async fn a_chargeback_that_was_told_before_any_list_is_settled_by_two_lists() {
    on_every_database(async |world| {
        with_lists(world, "shared", "").await;
        let kz = paid_car(world, "c-1").await;
        world.sandbox().return_money(&kz, None).expect("money goes back");
        world.live(2 * DAY, DAY / 2).await;
        assert_eq!(open_exceptions(world).await, ["ruecklastschrift"]);
        filed(world, &csv("PO-20261201", &[paid(&kz)])).await;
        shown(world, 3025, "PO-20261201").await;
        reconcile(app(world)).await;
        assert_eq!(
            balance(world, METHOD).await,
            -3060,
            "it came, and has not been seen going"
        );
        let back = ("Rueckbelastung", "EPAY", kz.as_str(), -3060, 0);
        filed(world, &csv("PO-20261202", &[back])).await;
        line(world, 2, 3025, Line::new(day(1), -3060, "Auszahlung PO-20261202")).await;
        reconcile(app(world)).await;
        assert_eq!(open_exceptions(world).await, ["ruecklastschrift"]);
        assert_eq!(
            (balance(world, METHOD).await, balance(world, PAYOUT).await),
            (0, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn money_that_the_provider_told_to_have_gone_back_leaves_by_an_ordinary_transfer() {
    on_every_database(async |world| {
        with_lists(world, "exclusive", "").await;
        let kz = paid_car(world, "g-1").await;
        line(world, 1, 0, Line::new(day(0), 3060, &kz)).await;
        world.sandbox().return_money(&kz, None).expect("money goes back");
        world.live(2 * DAY, DAY / 2).await;
        line(
            world,
            2,
            3060,
            Line::new(day(1), -3060, &format!("Erstattung {kz}")),
        )
        .await;
        assert_eq!(open_exceptions(world).await, ["ruecklastschrift"]);
        assert_eq!(balance(world, METHOD).await, 0);
        let booked = world.bookings().await;
        let last = booked.last().map(String::as_str).unwrap_or_default();
        assert!(last.starts_with("rueckgabe: verrechnung/"), "{booked:#?}");
    })
    .await;
}
