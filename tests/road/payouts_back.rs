//! A later list takes back a line whose money has moved on since, and the audit finds whoever changes what a list said.

use epaybl_connector::app::exceptions::{Decision, DecisionError, TakingBack};
use epaybl_connector::domain::ids::{AttemptId, ClientId, ExceptionId};
use epaybl_connector::domain::resolution::{How, Terms};

use crate::kit::{CAR, World, on_every_database};
use crate::payouts::{
    METHOD, PAYOUT, balance, csv, filed, ledger, moved, open_exceptions, paid, paid_car, shown, with_lists,
    with_lists_and,
};
use crate::requests::car;
use crate::statements_disorder::{app, reconcile};

const DAY: i64 = 86_400;

/// What the books hold as shown on the account, of all attempts.
async fn arrived(world: &World) -> i64 {
    let query = "SELECT CAST(sum(settled_cents) AS BIGINT) FROM attempt";
    world.number(query).await
}

#[tokio::test]
async fn a_line_that_the_provider_told_of_since_leaves_its_payment_when_the_list_is_put_right() {
    on_every_database(async |world| {
        with_lists_and(world, "shared", "", |text| {
            text.replace(
                "code = \"SEPASDD\"\n",
                "code = \"SEPASDD\"\nrelease = \"settled\"\n",
            )
        })
        .await;
        world.open(CAR, &car("z-1")).await;
        let untold = world.newest().kassenzeichen;
        let known = paid_car(world, "z-2").await;
        world.forward(3 * DAY);
        filed(world, &csv("PO-20261210", &[paid(&untold)])).await;
        shown(world, 3025, "PO-20261210").await;
        reconcile(app(world)).await;
        assert_eq!(open_exceptions(world).await, ["listenzeile_ungeklaert"]);
        drop(world.sandbox().pay(&untold, Some("SEPASDD")).expect("it is paid"));
        world.live(DAY, DAY / 4).await;
        reconcile(app(world)).await;
        assert!(open_exceptions(world).await.is_empty(), "the program took it out");
        assert_eq!(arrived(world).await, 3060);
        let reopened = |heard: &[String]| heard.iter().filter(|kind| *kind == "case.reopened.v1").count();
        assert_eq!(reopened(&world.heard().await), 0);
        let before = moved(world).await;
        assert_eq!(filed(world, &csv("PO-20261210", &[paid(&known)])).await, 2);
        reconcile(app(world)).await;
        let booked = moved(world).await;
        assert_eq!(booked[..before.len()], before[..], "nothing is deleted");
        assert_eq!(
            booked[before.len()..],
            [
                format!("ruecknahme: {METHOD} an {PAYOUT} 30.60"),
                format!("gutschrift: {PAYOUT} an {METHOD} 30.60"),
            ]
        );
        assert_eq!(balance(world, "vorschuss").await, 0);
        assert_eq!(balance(world, PAYOUT).await, 0);
        assert_eq!(balance(world, METHOD).await, 3060, "it is waited for again");
        assert_eq!(reopened(&world.heard().await), 1, "its gateway hears so");
        assert!(open_exceptions(world).await.is_empty());
        reconcile(app(world)).await;
        assert_eq!(moved(world).await, booked);
    })
    .await;
}

#[tokio::test]
async fn a_line_that_a_person_assigned_leaves_its_payment_and_cannot_lie_in_deposit_again() {
    on_every_database(async |world| {
        with_lists_and(world, "shared", "", |text| {
            text + "\n[[client]]\nid = \"karla\"\nname = \"Karla\"\n\
                    roles = { unstrut-hainich-kreis = [\"kasse\"] }\n"
        })
        .await;
        world.open(CAR, &car("z-3")).await;
        let attempt = newest(world, "z-3").await;
        let known = paid_car(world, "z-4").await;
        world.forward(3 * DAY);
        filed(world, &csv("PO-20261211", &[paid("999999")])).await;
        shown(world, 3025, "PO-20261211").await;
        reconcile(app(world)).await;
        let open = app(world)
            .worklist(&ledger(), false, None, 10)
            .await
            .expect("the worklist");
        assign(world, open[0].id, attempt).await;
        assert_eq!(arrived(world).await, 3060);
        filed(world, &csv("PO-20261211", &[paid(&known)])).await;
        reconcile(app(world)).await;
        assert_eq!(arrived(world).await, 3060, "the other one has it now");
        assert_eq!(balance(world, "vorschuss").await, 0);
        assert_eq!(balance(world, PAYOUT).await, 0);
        assert_eq!(balance(world, METHOD).await, 0);
        assert_eq!(
            balance(world, "verrechnung/epaybl/UEBERWEISUNG").await,
            0,
            "only a person had said that it was paid: nothing is waited for"
        );
        assert_eq!(
            open_exceptions(world).await,
            ["ruecklastschrift"],
            "it is open again"
        );
        let heard = world.heard().await;
        let returned = heard.iter().filter(|kind| *kind == "payment.returned.v1");
        assert_eq!(returned.count(), 1, "{heard:?}");
        let back = TakingBack {
            ledger: ledger(),
            exception: open[0].id,
            person: ClientId::parse("karla").expect("an id"),
            reason: "Irrtum".to_owned(),
        };
        let refused = app(world).take_back(&back).await;
        assert!(matches!(refused, Err(DecisionError::Books(_))), "{refused:?}");
    })
    .await;
}

async fn newest(world: &World, request: &str) -> AttemptId {
    let found = app(world).find(request).await.expect("it is found");
    let mut payments = found[0].case.payments.iter();
    let asked = payments.find(|payment| payment.request_id.as_str() == request);
    asked.expect("the payment").current().id
}

async fn assign(world: &World, exception: ExceptionId, attempt: AttemptId) {
    let decision = Decision {
        ledger: ledger(),
        exception,
        how: How::Assign,
        attempt: Some(attempt),
        cents: None,
        terms: Terms::default(),
        person: ClientId::parse("karla").expect("an id"),
        reason: "Der Zahlungsanbieter hat die Zeile verwechselt".to_owned(),
    };
    let decided = app(world).decide_exception(&decision).await;
    assert!(decided.expect("it is assigned").resolved);
}

#[tokio::test]
async fn whoever_changes_a_line_of_a_list_is_found_by_the_audit() {
    on_every_database(async |world| {
        with_lists(world, "shared", "").await;
        let (one, two) = (paid_car(world, "z-5").await, paid_car(world, "z-6").await);
        filed(
            world,
            &csv("PO-20261212", &[paid(&one), ("Zahlung", "KFZ", "K-1", 5000, 50)]),
        )
        .await;
        filed(world, &csv("PO-20261212", &[paid(&two)])).await;
        world.everything_is_whole().await;
        for (change, back) in [
            (
                "UPDATE list_line SET gross_cents = gross_cents + 1",
                "UPDATE list_line SET gross_cents = gross_cents - 1",
            ),
            (
                "UPDATE list_line SET owner = 'KFZ-2' WHERE owner = 'KFZ'",
                "UPDATE list_line SET owner = 'KFZ' WHERE owner = 'KFZ-2'",
            ),
            (
                "UPDATE list_line_gone SET gone_n = gone_n + 7",
                "UPDATE list_line_gone SET gone_n = gone_n - 7",
            ),
            (
                "UPDATE settlement_list SET state = 'staging' WHERE revision = 1",
                "UPDATE settlement_list SET state = 'filed' WHERE revision = 1",
            ),
        ] {
            world
                .sql(change)
                .await
                .expect("who owns the database can change it");
            let found = app(world).verify_audit().await;
            let found = found.expect_err(change).to_string();
            let told = "its lines are not those that were filed";
            assert!(
                found.starts_with("list_line ") && found.contains(told),
                "{change}: {found}"
            );
            world.sql(back).await.expect("as it was");
            world.everything_is_whole().await;
        }
    })
    .await;
}
