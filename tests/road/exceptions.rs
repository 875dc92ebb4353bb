//! Differences are resolved by persons: each step by whoever may take it, the last one books, and the log keeps all.

use epaybl_connector::app::exceptions::{Decided, Decision, DecisionError};
use epaybl_connector::app::ports::ListedException;
use epaybl_connector::domain::ids::{AttemptId, ClientId, LedgerId};
use epaybl_connector::domain::resolution::{How, Role, Terms};
use epaybl_connector::sandbox::{Cents, StatementFormat};

use crate::kit::{CAR, World, with_each_provider};
use crate::providers::soap3;
use crate::requests::car;
use crate::statements::{KASSE, WEEKEND, by_transfer_with, iban, import};

const DAY: i64 = 86_400;

/// Persons with one role each, and one with all.
pub async fn with_persons(world: &World, account: &str) {
    with_persons_and(world, account, "").await;
}

/// The same with more entries in the tenants file.
pub async fn with_persons_and(world: &World, account: &str, more: &str) {
    by_transfer_with(world, account, &(persons() + more)).await;
}

/// Their entries in the tenants file.
pub fn persons() -> String {
    let person = |id: &str, roles: &str| {
        format!(
            "\n[[client]]\nid = \"{id}\"\nname = \"{id}\"\nroles = {{ unstrut-hainich-kreis = [{roles}] }}\n"
        )
    };
    let mut persons = person("alles", "\"feststeller\", \"anordner\", \"kasse\"");
    for role in ["feststeller", "anordner", "kasse", "auditor"] {
        persons += &person(role, &format!("\"{role}\""));
    }
    persons
}

async fn open(world: &World) -> Vec<ListedException> {
    let ledger = LedgerId::parse(KASSE).expect("an id");
    let app = &world.stage().connector.app;
    app.worklist(&ledger, false, None, 100)
        .await
        .expect("the worklist")
}

async fn decide(
    world: &World,
    of: &ListedException,
    how: How,
    person: &str,
    attempt: Option<AttemptId>,
) -> Result<Decided, DecisionError> {
    let decision = Decision {
        ledger: of.ledger.clone(),
        exception: of.id,
        how,
        attempt,
        cents: None,
        terms: Terms::default(),
        person: ClientId::parse(person).expect("an id"),
        reason: "Geprüft mit Frau Geheim".to_owned(),
    };
    world.stage().connector.app.decide_exception(&decision).await
}

/// Pays a car's transfer with nothing but a greeting, and takes the statement in.
async fn greeted(world: &World) -> AttemptId {
    world.open(CAR, &car("e-1")).await;
    world
        .sandbox()
        .transfer(&iban(world), Cents::new(3060), "Viele Gruesse vom Amt")
        .expect("a transfer");
    world.forward(WEEKEND);
    import(world, StatementFormat::Camt08).await;
    let nummer = world.newest().kassenzeichen;
    let found = world
        .stage()
        .connector
        .app
        .find(&nummer)
        .await
        .expect("it is found");
    found[0].case.payments[0].current().id
}

#[tokio::test]
async fn money_that_nobody_knew_is_assigned_and_the_case_is_paid() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        let attempt = greeted(world).await;
        let list = open(world).await;
        assert_eq!(list.len(), 1);
        assert_eq!(
            list[0].cents,
            Some(epaybl_connector::domain::money::Cents::new(3060))
        );
        for nobody in ["auditor", "anordner", "thavel"] {
            let refused = decide(world, &list[0], How::Assign, nobody, Some(attempt)).await;
            assert!(
                matches!(refused, Err(DecisionError::Step(_))),
                "{nobody}: {refused:?}"
            );
        }
        let without = decide(world, &list[0], How::Assign, "kasse", None).await;
        assert!(matches!(without, Err(DecisionError::Invalid(_))), "{without:?}");
        let decided = decide(world, &list[0], How::Assign, "kasse", Some(attempt)).await;
        assert!(
            matches!(decided, Ok(Decided { resolved: true, .. })),
            "{decided:?}"
        );
        assert!(open(world).await.is_empty());
        assert_eq!(world.status(CAR, "e-1").await, "PAYED");
        assert_eq!(
            world.heard().await,
            ["payment.paid.v1", "payment.settled.v1", "case.paid.v1"]
        );
        let booked = world.bookings().await;
        assert!(
            booked
                .last()
                .is_some_and(|last| last.starts_with("zuordnung: verwahrung an verrechnung")),
            "{booked:?}"
        );
        let again = decide(world, &list[0], How::Assign, "kasse", Some(attempt)).await;
        assert!(matches!(again, Err(DecisionError::Resolved)), "{again:?}");
        // The provider's word comes later and is no news.
        world
            .sandbox()
            .transfer(&iban(world), Cents::new(1), "nothing of ours")
            .expect("a transfer");
        world.live(2 * DAY, DAY / 2).await;
        assert_eq!(world.bookings().await, booked);
    })
    .await;
}

#[tokio::test]
async fn a_refund_needs_three_persons_and_one_may_not_be_two_of_them() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        greeted(world).await;
        let list = open(world).await;
        let of = &list[0];
        let step = decide(world, of, How::Refund, "feststeller", None)
            .await
            .expect("a step");
        assert_eq!(step.missing, [Role::Anordner, Role::Kasse]);
        let before = world.bookings().await;
        let other = decide(world, of, How::Leave, "kasse", None).await;
        assert!(matches!(other, Err(DecisionError::Step(_))), "{other:?}");
        let refused = decide(world, of, How::Refund, "kasse", None).await;
        assert!(
            matches!(refused, Err(DecisionError::Step(_))),
            "the Kasse never orders: {refused:?}"
        );
        decide(world, of, How::Refund, "alles", None)
            .await
            .expect("orders");
        let refused = decide(world, of, How::Refund, "alles", None).await;
        assert!(matches!(refused, Err(DecisionError::Step(_))), "{refused:?}");
        assert_eq!(
            world.bookings().await,
            before,
            "nothing is booked before the last step"
        );
        let done = decide(world, of, How::Refund, "kasse", None)
            .await
            .expect("the last step");
        assert!(done.resolved && done.missing.is_empty());
        let booked = world.bookings().await;
        assert_eq!(
            booked.last().map(String::as_str),
            Some("erstattung: verwahrung an erstattung 30.60")
        );
    })
    .await;
}

#[tokio::test]
async fn late_money_is_accepted_and_the_gateway_is_told_while_the_portals_answer_stays() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "").await;
        world.open(CAR, &car("e-3")).await;
        let kassenzeichen = world.newest().kassenzeichen;
        world.live(31 * DAY, DAY).await;
        assert_eq!(world.status(CAR, "e-3").await, "FAILED");
        world
            .sandbox()
            .transfer(&iban(world), Cents::new(3060), &kassenzeichen)
            .expect("a transfer");
        world.live(2 * DAY, DAY).await;
        let list = open(world).await;
        assert_eq!(list[0].code.as_str(), "spaete_zahlung");
        decide(world, &list[0], How::Accept, "feststeller", None)
            .await
            .expect("certifies");
        decide(world, &list[0], How::Accept, "anordner", None)
            .await
            .expect("orders");
        assert!(open(world).await.is_empty());
        assert_eq!(
            world.status(CAR, "e-3").await,
            "FAILED",
            "the portal's answer stays"
        );
        assert_eq!(world.heard().await, ["payment.failed.v1", "case.paid.v1"]);
        let booked = world.bookings().await;
        let last = booked.last().expect("a booking");
        assert!(
            last.starts_with("zuordnung: verwahrung an forderung"),
            "{booked:?}"
        );
        world.live(2 * DAY, DAY).await;
        assert_eq!(world.bookings().await, booked);
    })
    .await;
}
