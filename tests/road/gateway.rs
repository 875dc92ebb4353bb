//! Gateways hear what happened: signed, in order, at least once, and nothing of the payer.

use epaybl_connector::app::ports::Clock;
use epaybl_connector::receiver::Receiver;
use serde_json::json;
use std::sync::Arc;

use crate::kit::{CAR, CERTIFICATE, SECOND_GATEWAY, World, on_every_database};
use crate::requests::{car, certificate};

/// What the gateway's answers to all requests were, in order.
fn answers(gateway: &Receiver) -> Vec<u16> {
    gateway.arrivals().iter().map(|arrival| arrival.status).collect()
}

fn kinds(gateway: &Receiver) -> Vec<String> {
    let short = |kind: &str| kind.trim_start_matches("de.epaybl_connector.").to_owned();
    gateway.events().iter().map(|event| short(&event.kind)).collect()
}

/// Adds a second gateway to the route of the certificates.
async fn second_gateway(world: &World) -> Receiver {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let clock = world.clock.clone();
    let seconds = Arc::new(move || clock.now().seconds());
    let second = Receiver::start_with(listener, SECOND_GATEWAY, Some(seconds)).expect("a second gateway");
    let target = format!(
        "[[target]]\nid = \"fachverfahren\"\nkasse = \"stadtkasse-bad-langensalza\"\nurl = \"{}\"\n\n[[route]]",
        second.events_url()
    );
    let both = "targets = [\"kommunalgateway-bad-langensalza\", \"fachverfahren\"]";
    world
        .tenants(|text| {
            let text = text.replacen("[[route]]", &target, 1);
            text.replace("targets = [\"kommunalgateway-bad-langensalza\"]", both)
        })
        .await;
    second
}

#[tokio::test]
async fn an_event_identifies_the_case_and_says_nothing_of_the_payer() {
    on_every_database(async |world| {
        world
            .paid(CERTIFICATE, &certificate("antrag-1"), "KREDITKARTE")
            .await;
        world.deliver().await;
        let events = world.gateway().events();
        assert_eq!(kinds(world.gateway()), ["payment.paid.v1", "case.paid.v1"]);
        assert_eq!(events[0].subject, events[1].subject);
        for (n, event) in events.iter().enumerate() {
            let body = &event.body;
            assert_eq!(body["specversion"], "1.0");
            assert_eq!(body["id"], json!(event.id));
            assert_eq!(body["environment"], "test");
            for (member, expected) in [
                ("request_id", json!("antrag-1")),
                ("transaction_id", json!("antrag-1")),
                ("transaction_reference", json!(world.newest().kassenzeichen)),
                ("amount", json!("22.50")),
                ("payment_method", json!("KREDITKARTE")),
                ("status", json!("PAYED")),
                ("status_seq", json!(n + 1)),
                ("leika", json!("99027001012000")),
                ("ars", json!("160640003003")),
                ("ags", json!("16064003")),
                ("paid_at", json!("2026-11-21T10:15:30.000Z")),
            ] {
                assert_eq!(body["data"][member], expected, "{member}");
            }
            let text = body.to_string();
            for personal in [
                "Muster",
                "Eva",
                "Marktstra",
                "99947",
                "Geburtsurkunde",
                "portal.example",
                "Ausfertigung",
            ] {
                assert!(!text.contains(personal), "«{personal}» in {text}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_failure_is_tried_again_by_the_table_and_later_events_wait_for_their_turn() {
    on_every_database(async |world| {
        world
            .paid(CERTIFICATE, &certificate("retry"), "KREDITKARTE")
            .await;
        world.gateway().fail_next(2);
        world.deliver().await;
        assert_eq!(answers(world.gateway()), [500]);
        world.forward(4);
        world.deliver().await;
        assert_eq!(answers(world.gateway()), [500], "five seconds are not over");
        world.forward(1);
        world.deliver().await;
        assert_eq!(answers(world.gateway()), [500, 500]);
        world.forward(269);
        world.deliver().await;
        assert_eq!(answers(world.gateway()).len(), 2, "five minutes, less a tenth");
        world.forward(61);
        world.deliver().await;
        assert_eq!(answers(world.gateway()), [500, 500, 204, 204]);
        let ids: Vec<_> = world
            .gateway()
            .arrivals()
            .into_iter()
            .map(|arrival| arrival.id)
            .collect();
        assert!(
            ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3],
            "the same id on every try"
        );
        assert_eq!(kinds(world.gateway()), ["payment.paid.v1", "case.paid.v1"]);
    })
    .await;
}

#[tokio::test]
async fn another_case_does_not_wait_for_the_one_that_fails() {
    on_every_database(async |world| {
        world.paid(CERTIFICATE, &certificate("one"), "KREDITKARTE").await;
        world.gateway().fail_next(1);
        world.deliver().await;
        world.paid(CERTIFICATE, &certificate("two"), "KREDITKARTE").await;
        world.deliver().await;
        let events = world.gateway().events();
        assert_eq!(events.len(), 2);
        assert!(
            events
                .iter()
                .all(|event| event.body["data"]["request_id"] == "two")
        );
        world.forward(6);
        world.deliver().await;
        assert_eq!(world.gateway().events().len(), 4);
    })
    .await;
}

#[tokio::test]
async fn after_the_whole_table_it_is_a_dead_letter_and_the_lane_is_free() {
    on_every_database(async |world| {
        world.paid(CERTIFICATE, &certificate("dead"), "KREDITKARTE").await;
        world.gateway().fail_next(10);
        world.deliver().await;
        for _ in 0..9 {
            world.forward(27 * 3600);
            world.deliver().await;
        }
        assert_eq!(answers(world.gateway()), [[500; 10].as_slice(), &[204]].concat());
        assert_eq!(kinds(world.gateway()), ["case.paid.v1"]);
        let counts = world
            .stage()
            .connector
            .app
            .store
            .counts(world.now())
            .await
            .expect("counts");
        assert_eq!((counts.deliveries_dead, counts.deliveries_pending), (1, 0));
        world.forward(30 * 86_400);
        world.deliver().await;
        assert_eq!(answers(world.gateway()).len(), 11);
    })
    .await;
}

#[tokio::test]
async fn a_gateway_that_answers_410_gets_nothing_more_until_its_target_is_changed() {
    on_every_database(async |world| {
        world.gateway().want_no_more(true);
        world.paid(CERTIFICATE, &certificate("gone"), "KREDITKARTE").await;
        world.deliver().await;
        assert_eq!(answers(world.gateway()), [410]);
        world.gateway().want_no_more(false);
        world
            .paid(CERTIFICATE, &certificate("meanwhile"), "KREDITKARTE")
            .await;
        world.forward(86_400);
        world.deliver().await;
        assert_eq!(answers(world.gateway()), [410], "nothing more");
        // The other Kasse's target has the same address, but it is another target.
        world.paid(CAR, &car("other"), "KREDITKARTE").await;
        world.deliver().await;
        assert_eq!(answers(world.gateway()), [410, 204, 204]);
        let (before, after) = (
            world.gateway().events_url(),
            format!("{}/", world.gateway().base_url()),
        );
        world.tenants(|text| text.replacen(&before, &after, 1)).await;
        world
            .paid(CERTIFICATE, &certificate("after"), "KREDITKARTE")
            .await;
        world.forward(60);
        world.deliver().await;
        let requests: Vec<_> = world
            .gateway()
            .events()
            .iter()
            .map(|e| e.body["data"]["request_id"].clone())
            .collect();
        let of = |id: &str| requests.iter().filter(|request| **request == json!(id)).count();
        assert_eq!((of("after"), of("meanwhile")), (2, 2), "{requests:?}");
    })
    .await;
}

#[tokio::test]
async fn two_targets_hear_independently_of_each_other() {
    on_every_database(async |world| {
        let second = second_gateway(world).await;
        world.gateway().fail_next(1);
        world.paid(CERTIFICATE, &certificate("both"), "PAYPAL").await;
        world.deliver().await;
        assert!(world.gateway().events().is_empty());
        assert_eq!(kinds(&second), ["payment.paid.v1", "case.paid.v1"]);
        world.forward(6);
        world.deliver().await;
        assert_eq!(kinds(world.gateway()), kinds(&second));
        let (one, two) = (world.gateway().events(), second.events());
        assert_eq!(one[0].id, two[0].id, "the same event");
        second.shutdown().await;
    })
    .await;
}

#[tokio::test]
async fn a_gateway_that_is_not_there_costs_nothing_but_time() {
    on_every_database(async |world| {
        let second = second_gateway(world).await;
        second.shutdown().await;
        world.paid(CERTIFICATE, &certificate("away"), "PAYPAL").await;
        assert_eq!(world.heard().await, ["payment.paid.v1", "case.paid.v1"]);
        let counts = world
            .stage()
            .connector
            .app
            .store
            .counts(world.now())
            .await
            .expect("counts");
        assert_eq!(counts.deliveries_pending, 2);
    })
    .await;
}

#[tokio::test]
async fn deliveries_that_two_take_at_once_arrive_once() {
    on_every_database(async |world| {
        for n in 0..5 {
            world
                .paid(CERTIFICATE, &certificate(&format!("n-{n}")), "PAYPAL")
                .await;
        }
        tokio::join!(world.deliver(), world.deliver(), world.deliver());
        let events = world.gateway().events();
        assert_eq!(events.len(), 10);
        assert!(events.iter().all(|event| event.arrivals == 1));
        for n in 0..5 {
            let id = json!(format!("n-{n}"));
            let of: Vec<_> = events
                .iter()
                .filter(|event| event.body["data"]["request_id"] == id)
                .collect();
            assert!(of[0].kind.ends_with("payment.paid.v1") && of[1].kind.ends_with("case.paid.v1"));
        }
    })
    .await;
}

#[tokio::test]
async fn deliveries_stand_in_personal_encrypted() {
    on_every_database(async |world| {
        world.paid(CERTIFICATE, &certificate("secret"), "PAYPAL").await;
        world.idle().await;
        for (table, column) in [("personal", "sealed"), ("record", "bytes")] {
            let hex = if world.is_postgres() { "encode" } else { "hex" };
            let hex = if hex == "hex" {
                format!("lower(hex({column}))")
            } else {
                format!("encode({column}, 'hex')")
            };
            let name = data_encoding::HEXLOWER.encode(b"Muster");
            let found = format!("SELECT COUNT(*) FROM {table} WHERE {hex} LIKE '%{name}%'");
            assert_eq!(world.number(&found).await, 0, "{table}");
            assert!(world.number(&format!("SELECT COUNT(*) FROM {table}")).await > 0);
        }
    })
    .await;
}
