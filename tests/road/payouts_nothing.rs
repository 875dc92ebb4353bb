//! Payouts that bring nothing, or take more than they bring.

use crate::bank::Line;
use crate::kit::on_every_database;
use crate::payouts::{
    METHOD, PAYOUT, balance, csv, filed, ledger, moved, open_exceptions, paid, paid_car, shown, with_lists,
};
use crate::statements::iban;
use crate::statements_disorder::{app, day, reconcile, statement, take};

const DAY: i64 = 86_400;

#[tokio::test]
async fn a_payout_of_nothing_is_settled_by_its_list_and_a_later_one_by_the_bank() {
    for holds in ["shared", "exclusive"] {
        on_every_database(async |world| {
            with_lists(world, holds, "").await;
            let (one, two) = (paid_car(world, "0-1").await, paid_car(world, "0-2").await);
            world.forward(3 * DAY);
            let rows = |fee: i64| {
                csv(
                    "PO-20261213",
                    &[
                        paid(&one),
                        paid(&two),
                        ("Rueckbelastung", "EPAY", &two, -3060, 0),
                        ("Entgelt", "EPAY", "", -fee, 0),
                    ],
                )
            };
            filed(world, &rows(2990)).await;
            reconcile(app(world)).await;
            assert_eq!(balance(world, PAYOUT).await, 0);
            assert_eq!(balance(world, METHOD).await, 0);
            assert_eq!(balance(world, "disagio/9100.6580").await, 3060);
            let bank = format!("bank/{}", iban(world));
            assert_eq!(balance(world, &bank).await, 0, "no statement has shown anything");
            let heard = world.heard().await;
            assert!(
                heard.contains(&"payment.returned.v1".to_owned()),
                "the other one went back"
            );
            assert_eq!(open_exceptions(world).await, ["ruecklastschrift"]);
            let since = world.now().plus_seconds(-DAY);
            let listed = app(world).store.payouts(&ledger(), since, None, 9).await;
            let listed = listed.expect("the store");
            assert!(
                listed[0].nothing && listed[0].shown.is_none() && listed[0].done,
                "{listed:?}"
            );
            let before = world.bookings().await;
            reconcile(app(world)).await;
            assert_eq!(world.bookings().await, before);
            // The provider took too much, and pays the rest after all.
            assert_eq!(filed(world, &rows(2490)).await, 2);
            reconcile(app(world)).await;
            assert_eq!(world.bookings().await, before, "the bank has not shown it yet");
            shown(world, 500, "PO-20261213").await;
            reconcile(app(world)).await;
            assert_eq!(balance(world, PAYOUT).await, 0);
            assert_eq!(balance(world, &bank).await, 500);
            assert_eq!(balance(world, "disagio/9100.6580").await, 2560);
            assert_eq!(open_exceptions(world).await, ["ruecklastschrift"]);
        })
        .await;
    }
}

#[tokio::test]
async fn what_other_systems_paid_of_ours_in_a_payout_of_nothing_is_kept_apart() {
    on_every_database(async |world| {
        with_lists(world, "shared", "").await;
        let one = paid_car(world, "0-3").await;
        world.forward(3 * DAY);
        let rows = [
            paid(&one),
            ("Rueckbelastung", "EPAY", &one, -3060, 0),
            ("Zahlung", "KFZ", "KFZ-1", 35, 0),
        ];
        filed(world, &csv("PO-20261214", &rows)).await;
        reconcile(app(world)).await;
        assert_eq!(balance(world, PAYOUT).await, 0);
        assert_eq!(balance(world, "disagio/9100.6580").await, 35);
        assert_eq!(
            balance(world, "verwahrung").await,
            -35,
            "we owe it to the other system"
        );
        let open = open_exceptions(world).await;
        assert_eq!(open.len(), 2, "{open:?}");
        assert!(open.contains(&"anderes_system".to_owned()), "{open:?}");
    })
    .await;
}

#[tokio::test]
async fn a_payout_that_takes_more_than_it_brings_may_come_before_its_list() {
    for holds in ["shared", "exclusive"] {
        on_every_database(async |world| {
            with_lists(world, holds, "").await;
            let one = paid_car(world, "0-4").await;
            world.forward(3 * DAY);
            shown(world, -535, "PO-20261215").await;
            reconcile(app(world)).await;
            let advance = if holds == "exclusive" { 535 } else { 0 };
            assert_eq!(balance(world, "vorschuss").await, advance);
            let rows = [
                paid(&one),
                ("Rueckbelastung", "EPAY", &one, -3060, 0),
                ("Entgelt", "EPAY", "", -500, 0),
            ];
            filed(world, &csv("PO-20261215", &rows)).await;
            reconcile(app(world)).await;
            assert_eq!(balance(world, "vorschuss").await, 0);
            assert_eq!(balance(world, PAYOUT).await, 0);
            assert_eq!(balance(world, "disagio/9100.6580").await, 535);
            assert_eq!(balance(world, &format!("bank/{}", iban(world))).await, -535);
            assert_eq!(open_exceptions(world).await, ["ruecklastschrift"], "{holds}");
            let claimed = "SELECT CAST(sum(cents) AS BIGINT) FROM bank_match";
            assert_eq!(world.number(claimed).await, -535);
            let before = moved(world).await;
            reconcile(app(world)).await;
            assert_eq!(moved(world).await, before);
        })
        .await;
    }
}

#[tokio::test]
async fn a_payout_that_the_bank_takes_back_and_that_comes_again_is_left_to_persons_to_the_cent() {
    on_every_database(async |world| {
        with_lists(world, "shared", "").await;
        let one = paid_car(world, "0-5").await;
        world.forward(3 * DAY);
        filed(world, &csv("PO-20261216", &[paid(&one)])).await;
        shown(world, 3025, "PO-20261216").await;
        reconcile(app(world)).await;
        let booked = balance(world, METHOD).await;
        for (n, line) in [
            Line::back(day(1), 3025, 0, "Auszahlung PO-20261216"),
            Line::new(day(2), 3025, "Auszahlung PO-20261216"),
        ]
        .into_iter()
        .enumerate()
        {
            world.forward(DAY);
            take(app(world), &[statement(world, &format!("R{n}"), vec![line])]).await;
            reconcile(app(world)).await;
        }
        assert_eq!(
            open_exceptions(world).await,
            ["rueckgabe_unklar", "doppelzahlung"]
        );
        assert_eq!(
            (
                balance(world, "vorschuss").await,
                balance(world, "verwahrung").await
            ),
            (3025, -3025),
            "they cancel each other out"
        );
        assert_eq!(
            balance(world, METHOD).await,
            booked,
            "its payments stay as they are"
        );
        assert_eq!(balance(world, &format!("bank/{}", iban(world))).await, 3025);
    })
    .await;
}
