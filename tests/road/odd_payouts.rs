//! Payouts of payment providers that go another way than they should: refunds of what never came, money of other systems
//! that is passed on, a bank that takes a payout back.

use epaybl_connector::domain::payout_order::Way;
use epaybl_connector::domain::resolution::{How, Terms};

use crate::bank::{Line, Statement};
use crate::exceptions::persons;
use crate::kit::{World, on_every_database};
use crate::payouts::{
    METHOD, PAYOUT, balance, csv, filed, ledger, open_exceptions, paid, paid_car, settled, shown, with_lists,
    with_lists_and,
};
use crate::statements::iban;
use crate::statements_disorder::{app, day, reconcile, statement, take};
use crate::ways;

const DAY: i64 = 86_400;

/// The next statement of the account, with one line.
async fn next(world: &World, opening: i64, line: Line) {
    let one = Statement {
        number: Some(2),
        opening: Some(opening),
        ..statement(world, "S2", vec![line])
    };
    take(app(world), &[one]).await;
    reconcile(app(world)).await;
}

#[tokio::test]
async fn a_refund_on_a_list_of_money_that_never_arrived_stops_nothing() {
    on_every_database(async |world| {
        with_lists(world, "exclusive", "").await;
        let arrives = paid_car(world, "r-1").await;
        // Told as paid, and on no payout yet; the list says that it went back.
        let never = paid_car(world, "r-2").await;
        world.forward(3 * DAY);
        let rows = [paid(&arrives), ("Gutschrift", "EPAY", never.as_str(), -3060, 0)];
        filed(
            world,
            &csv(
                "PO-20261124",
                &[rows[0], rows[1], ("Zahlung", "EPAY", "999999", 5000, 0)],
            ),
        )
        .await;
        shown(world, 3025 - 3060 + 5000, "PO-20261124").await;
        reconcile(app(world)).await;
        assert_eq!(settled(&world.heard().await), 1, "the payment beside it arrives");
        assert_eq!(
            balance(world, PAYOUT).await,
            0,
            "every cent of the payout has a place"
        );
        let before = (world.bookings().await, open_exceptions(world).await);
        assert_eq!(before.1, ["listenzeile_ungeklaert"; 2], "{:?}", before.0);
        // What comes later is matched as ever, and what was decided is not decided again.
        next(world, 3025 - 3060 + 5000, Line::new(day(1), 777, "Hundesteuer")).await;
        let mut named = before.1;
        named.push("unbekannter_zahlungseingang".to_owned());
        assert_eq!(open_exceptions(world).await, named);
        assert_eq!(world.bookings().await.len(), before.0.len() + 1);
        assert_eq!(balance(world, "verwahrung").await, -(5000 + 777));
    })
    .await;
}

#[tokio::test]
async fn money_of_other_systems_is_passed_on_out_of_a_payout() {
    on_every_database(async |world| {
        with_lists_and(world, "exclusive", "", |text| text + &persons()).await;
        let kz = paid_car(world, "p-1").await;
        world.forward(3 * DAY);
        let rows = [paid(&kz), ("Zahlung", "KFZ", "KFZ-77", 5000, 50)];
        filed(world, &csv("PO-20261125", &rows)).await;
        shown(world, 3025 + 4950, "PO-20261125").await;
        reconcile(app(world)).await;
        let open = ways::open(world).await;
        let [of] = &open[..] else { panic!("one: {open:?}") };
        assert_eq!(of.code.as_str(), "anderes_system");
        let by_bank = Terms {
            way: Some(Way::Bank),
            ..Terms::default()
        };
        ways::resolved(world, of, How::PassOn, by_bank).await;
        assert_eq!(balance(world, "verwahrung").await, 0);
        assert_eq!(balance(world, "erstattung").await, -4950);
        let orders = app(world)
            .payout_orders(&ledger(), None, 0, 10)
            .await
            .expect("orders");
        let [order] = &orders[..] else {
            panic!("one: {orders:?}")
        };
        assert_eq!((order.order.cents.get(), order.open.get()), (4950, 4950));
        let line = Line::new(day(1), -4950, &format!("Weiterleitung {}", order.order.reference));
        next(world, 3025 + 4950, line).await;
        assert_eq!(balance(world, "erstattung").await, 0);
        let bank = balance(world, &format!("bank/{}", iban(world))).await;
        assert_eq!((bank, balance(world, METHOD).await), (3025, 0));
        assert!(open_exceptions(world).await.is_empty());
        assert_eq!(
            settled(&world.heard().await),
            1,
            "the payment of ours stays as it is"
        );
    })
    .await;
}

#[tokio::test]
async fn a_payout_that_the_bank_takes_back_is_named_and_an_advance() {
    for holds in ["exclusive", "shared"] {
        on_every_database(async |world| {
            with_lists(world, holds, "").await;
            let kz = paid_car(world, "b-1").await;
            world.forward(3 * DAY);
            filed(world, &csv("PO-20261126", &[paid(&kz)])).await;
            shown(world, 3025, "PO-20261126").await;
            reconcile(app(world)).await;
            assert!(open_exceptions(world).await.is_empty());
            next(world, 3025, Line::back(day(1), 3025, 0, "Auszahlung PO-20261126")).await;
            assert_eq!(open_exceptions(world).await, ["rueckgabe_unklar"], "{holds}");
            assert_eq!(balance(world, "vorschuss").await, 3025);
            let bank = balance(world, &format!("bank/{}", iban(world))).await;
            assert_eq!((bank, balance(world, PAYOUT).await), (0, 0));
            // Nobody has told what becomes of the payment; its case stays.
            assert!(
                !world
                    .heard()
                    .await
                    .iter()
                    .any(|kind| kind.starts_with("case.reopened"))
            );
            reconcile(app(world)).await;
            assert_eq!(open_exceptions(world).await.len(), 1, "named once");
        })
        .await;
    }
}
