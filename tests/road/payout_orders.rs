//! Money that is ordered to be paid out is followed until it has left: on a statement, by the provider's word, or by the
//! hand of the Kasse.

use epaybl_connector::app::exceptions::{Decision, DecisionError, PaidOut};
use epaybl_connector::app::ports::ListedOrder;
use epaybl_connector::domain::ids::{ClientId, LedgerId};
use epaybl_connector::domain::payout_order::Way;
use epaybl_connector::domain::resolution::{How, Terms};
use epaybl_connector::export::payout_orders;
use epaybl_connector::sandbox::{Cents, StatementFormat};

use crate::bank::Line;
use crate::exceptions::{with_persons, with_persons_and};
use crate::kit::{CAR, World, with_each_provider};
use crate::postings_more::without_triggers;
use crate::providers::soap3;
use crate::statements::{KASSE, iban, import};
use crate::statements_disorder::{app, reconcile, statement, take};
use crate::ways::{back, lies, open, opened, resolved, transferred};

const DAY: i64 = 86_400;

fn ledger() -> LedgerId {
    LedgerId::parse(KASSE).expect("an id")
}

async fn orders(world: &World) -> Vec<ListedOrder> {
    let app = &world.stage().connector.app;
    app.payout_orders(&ledger(), None, 0, 100).await.expect("orders")
}

fn by(way: Way) -> Terms {
    Terms {
        way: Some(way),
        ..Terms::default()
    }
}

/// The bank shows money that left, and it is matched.
async fn left(world: &World, id: &str, cents: i64, purpose: &str) {
    let lines = vec![Line::new(world.now().berlin_day(), -cents, purpose)];
    take(app(world), &[statement(world, id, lines)]).await;
    reconcile(app(world)).await;
}

async fn paid(world: &World, number: i64, person: &str) -> Result<(), DecisionError> {
    let paid = PaidOut {
        ledger: ledger(),
        number,
        person: ClientId::parse(person).expect("an id"),
        reference: "HKR-4711".to_owned(),
        reason: "Überwiesen vom Hauptkonto".to_owned(),
    };
    world.stage().connector.app.order_carried_out(&paid).await
}

/// A car of which twice as much was paid, as the provider tells and the statement shows.
async fn paid_twice(world: &World, request: &str) {
    let (_, kassenzeichen) = opened(world, request).await;
    let transfer = world
        .sandbox()
        .transfer(&iban(world), Cents::new(6120), &kassenzeichen);
    transfer.expect("a transfer");
    world.live(3 * DAY, DAY).await;
    import(world, StatementFormat::Camt08).await;
}

#[tokio::test]
async fn a_refund_is_found_on_the_statement_by_its_reference_and_the_gateway_is_told() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        paid_twice(world, "p-1").await;
        let of = open(world).await.remove(0);
        resolved(world, &of, How::Refund, by(Way::Bank)).await;
        let order = orders(world).await.remove(0);
        assert_eq!(
            (order.order.number, order.open, order.order.cents),
            (1, order.order.cents, order.open)
        );
        assert!(order.order.reference.starts_with("AZ"), "{order:?}");
        let text = format!("Erstattung {} vielen Dank", order.order.reference);
        left(world, "R1", 3060, &text).await;
        assert_eq!(lies(world, "erstattung").await, 0);
        assert!(open(world).await.is_empty(), "nothing is unknown");
        assert_eq!(
            world.heard().await.last().map(String::as_str),
            Some("payment.refunded.v1")
        );
        let booked = world.bookings().await;
        let last = format!("auskehrung: erstattung an bank/{} 30.60", iban(world));
        assert_eq!(booked.last(), Some(&last));
        let late = back(world, of.id, "feststeller").await;
        assert!(matches!(late, Err(DecisionError::Books(_))), "{late:?}");
        // The same again is another matter.
        world.forward(DAY);
        left(world, "R2", 3060, &text).await;
        assert_eq!(open(world).await.len(), 1);
        assert_eq!(lies(world, "vorschuss").await, -3060);
        assert_eq!(world.status(CAR, "p-1").await, "PAYED");
    })
    .await;
}

#[tokio::test]
async fn an_order_keeps_its_persons_and_its_reason_when_another_one_follows() {
    with_each_provider(&[soap3()], async |world| {
        let second = |role: &str| {
            format!(
                "\n[[client]]\nid = \"{role}-2\"\nname = \"{role}-2\"\n\
                 roles = {{ unstrut-hainich-kreis = [\"{role}\"] }}\n"
            )
        };
        let roles = ["feststeller", "anordner", "kasse"];
        with_persons_and(world, "holds = \"exclusive\"", &roles.map(second).concat()).await;
        transferred(world, 4711, "Hundesteuer").await;
        let of = open(world).await.remove(0);
        resolved(world, &of, How::Refund, by(Way::Bank)).await;
        let store = &world.stage().connector.app.store;
        for (n, person) in (0..).zip(roles) {
            back(world, of.id, person).await.expect("it has not left");
            let open = store
                .open_exceptions(&ledger(), of.subject)
                .await
                .expect("the store");
            assert_eq!(open.len(), usize::from(n == 2), "open again with the last step");
        }
        for role in roles {
            let decision = Decision {
                ledger: ledger(),
                exception: of.id,
                how: How::PassOn,
                attempt: None,
                cents: None,
                terms: by(Way::Anordnung),
                person: ClientId::parse(&format!("{role}-2")).expect("an id"),
                reason: "Gehört der Hundehalterin".to_owned(),
            };
            let step = world.stage().connector.app.decide_exception(&decision).await;
            step.expect("a step by whoever may take it");
        }
        let list = orders(world).await;
        let persons = |order: &ListedOrder| -> Vec<String> {
            let steps = order
                .steps
                .iter()
                .map(|step| format!("{} {}", step.how, step.person));
            steps.collect()
        };
        assert_eq!(
            persons(&list[0]),
            [
                "erstattung feststeller",
                "erstattung anordner",
                "erstattung kasse"
            ]
        );
        assert_eq!(
            persons(&list[1]),
            [
                "weiterleitung feststeller-2",
                "weiterleitung anordner-2",
                "weiterleitung kasse-2"
            ]
        );
        for (order, why) in list.iter().zip(["Geprüft", "Gehört der Hundehalterin"]) {
            let told = world.stage().connector.app.why_ordered(order).await;
            assert_eq!(told.expect("it can be read").as_deref(), Some(why));
        }
        // Who had a hand in an order that was taken back may carry the other one out.
        paid(world, 2, "kasse").await.expect("the Kasse has paid");
        let open = store
            .open_exceptions(&ledger(), of.subject)
            .await
            .expect("the store");
        assert!(
            open.is_empty(),
            "it stays resolved when the Kasse has paid: {open:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn whoever_changes_an_order_is_found_by_the_audit() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        transferred(world, 4711, "Hundesteuer").await;
        let of = open(world).await.remove(0);
        resolved(world, &of, How::PassOn, by(Way::Anordnung)).await;
        without_triggers(world, "payout_order").await;
        let reference = orders(world).await[0].order.reference.clone();
        for (change, back, told) in [
            ("cents = 1".to_owned(), "cents = 4711".to_owned(), "column cents"),
            (
                "way = 'bank'".to_owned(),
                "way = 'anordnung'".to_owned(),
                "column way",
            ),
            (
                "reference = 'AZ00000000000'".to_owned(),
                format!("reference = '{reference}'"),
                "column reference",
            ),
            ("number = 2".to_owned(), "number = 1".to_owned(), "column number"),
        ] {
            let sql = |set: &str| format!("UPDATE payout_order SET {set}");
            world.sql(&sql(&change)).await.expect("and change it");
            let found = world.stage().connector.app.verify_audit().await;
            let found = found.expect_err(&change).to_string();
            assert!(
                found.contains("payout_order") && found.contains(told),
                "{change}: {found}"
            );
            world.sql(&sql(&back)).await.expect("as it was");
            world.everything_is_whole().await;
        }
        let kept = "CREATE TABLE kept AS SELECT * FROM payout_order";
        world.sql(kept).await.expect("a copy");
        world.sql("DELETE FROM payout_order").await.expect("gone");
        let found = world.stage().connector.app.verify_audit().await;
        let found = found.expect_err("it is gone").to_string();
        assert!(found.contains("has 0 orders, the log has 1"), "{found}");
        let again = "INSERT INTO payout_order SELECT * FROM kept";
        world.sql(again).await.expect("as it was");
    })
    .await;
}

#[tokio::test]
async fn money_that_is_passed_on_leaves_the_deposit_of_nobody() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        transferred(world, 4711, "Hundesteuer").await;
        let of = open(world).await.remove(0);
        let refused = resolve_by_acquirer(world, &of).await;
        assert!(refused.contains("came by the bank"), "{refused}");
        resolved(world, &of, How::PassOn, by(Way::Bank)).await;
        let reference = orders(world).await[0].order.reference.clone();
        left(world, "W1", 4711, &reference).await;
        assert_eq!(
            (lies(world, "verwahrung").await, lies(world, "erstattung").await),
            (0, 0)
        );
        assert_eq!(orders(world).await[0].open.get(), 0);
        assert!(world.heard().await.is_empty(), "it is no payment of a case");
    })
    .await;
}

async fn resolve_by_acquirer(world: &World, of: &epaybl_connector::app::ports::ListedException) -> String {
    let step = crate::ways::decide(world, of, How::Refund, "feststeller", None, by(Way::Acquirer)).await;
    step.expect_err("no acquirer has brought it").to_string()
}

#[tokio::test]
async fn an_auszahlungsanordnung_is_a_numbered_document_and_the_kasse_says_that_it_is_paid() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        let transfer = world
            .sandbox()
            .transfer(&iban(world), Cents::new(1001), "nobody knows");
        transfer.expect("a transfer");
        transferred(world, 1002, "nobody knows either").await;
        let mut both = open(world).await;
        both.sort_by_key(|of| of.cents);
        for of in &both {
            resolved(world, of, How::Refund, by(Way::Anordnung)).await;
        }
        let list = orders(world).await;
        assert_eq!(
            list.iter().map(|one| one.order.number).collect::<Vec<_>>(),
            [1, 2]
        );
        let app = &world.stage().connector.app;
        let reason = app.why_ordered(&list[0]).await.expect("it can be read");
        assert_eq!(reason.as_deref(), Some("Geprüft"));
        let document = payout_orders::csv(&[(list[0].clone(), reason)]);
        let document = String::from_utf8(document).expect("text");
        let line = document.lines().nth(1).expect("an order");
        assert!(
            line.starts_with("1;") && line.contains(";erstattung;anordnung;AZ"),
            "{line}"
        );
        let end = ";10,01;10,01;;;feststeller;anordner;kasse;Geprüft;;";
        assert!(line.ends_with(end), "{line}");
        let nobody = paid(world, 1, "anordner").await;
        assert!(matches!(nobody, Err(DecisionError::Step(_))), "{nobody:?}");
        paid(world, 1, "kasse").await.expect("the Kasse has paid");
        let twice = paid(world, 1, "kasse").await;
        assert!(matches!(twice, Err(DecisionError::Books(_))), "{twice:?}");
        assert!(open(world).await.is_empty());
        let booked = world.bookings().await;
        assert_eq!(
            booked.last().map(String::as_str),
            Some("auskehrung: erstattung an verrechnung/kasse/AUSKEHRUNG 10.01")
        );
        let late = back(world, list[0].order.exception, "feststeller").await;
        assert!(matches!(late, Err(DecisionError::Books(_))), "{late:?}");
        for person in ["feststeller", "anordner", "kasse"] {
            back(world, list[1].order.exception, person)
                .await
                .expect("it has not left");
        }
        let gone = paid(world, 2, "kasse").await;
        assert!(matches!(gone, Err(DecisionError::Books(_))), "{gone:?}");
        assert_eq!(lies(world, "verwahrung").await, 1002);
    })
    .await;
}
