//! The operations beside the payment itself: status, payment-methods, maintenance.

use serde_json::{Value, json};

use crate::kit::{CAR, CERTIFICATE, on_every_database, on_every_database_with};
use crate::requests::certificate;

#[tokio::test]
async fn status_tells_of_the_service_and_of_a_route_whose_provider_is_up_or_down() {
    on_every_database(async |world| {
        for path in [
            "/status",
            "/v1.1.0/status",
            &format!("/status/{CERTIFICATE}"),
            &format!("/v2/status/{CAR}/"),
        ] {
            let answer = world.get_from(&format!("/xbezahldienste{path}")).await;
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (200, "application/problem+json"),
                "{path}"
            );
            assert_eq!(answer.body["functionalCode"], Value::Null);
        }
        let before = world.sandbox().counts().status;
        world
            .get_from(&format!("/xbezahldienste/status/{CERTIFICATE}"))
            .await;
        assert_eq!(
            world.sandbox().counts().status,
            before,
            "an answer is good for half a minute"
        );
        world
            .sandbox()
            .fail_all(vec!["http-500".parse().expect("a fault")]);
        world.forward(31);
        let down = world
            .get_from(&format!("/xbezahldienste/status/{CERTIFICATE}"))
            .await;
        assert_eq!(down.refusal(), (503, "UNSPECIFIED".to_owned()));
        assert!(!down.header("retry-after").is_empty());
        assert_eq!(world.get_from("/xbezahldienste/status").await.status, 200);
        world.sandbox().clear_faults();
        world.forward(31);
        assert_eq!(
            world
                .get_from(&format!("/xbezahldienste/status/{CERTIFICATE}"))
                .await
                .status,
            200
        );
    })
    .await;
}

#[tokio::test]
async fn payment_methods_are_up_as_the_provider_offers_them_and_down_when_it_is_down() {
    on_every_database(async |world| {
        let path = format!("/xbezahldienste/v1.2.0/payment-methods/{CERTIFICATE}");
        let answer = world.get_from(&path).await;
        assert_eq!(
            answer.body,
            json!({"paymentMethods": {"up": ["CREDITCARD", "PAYPAL"], "down": []}})
        );
        world
            .sandbox()
            .fail_all(vec!["http-500".parse().expect("a fault")]);
        world.forward(31);
        let answer = world.get_from(&path).await;
        assert_eq!(
            answer.body,
            json!({"paymentMethods": {"up": [], "down": ["CREDITCARD", "PAYPAL"]}})
        );
    })
    .await;
}

#[tokio::test]
async fn maintenance_is_told_until_it_is_over() {
    let window = "[{ start = \"2026-11-22T22:00:00+01:00\", end = \"2026-11-23T02:00:00+01:00\", description = \"Wartung\" }]";
    on_every_database_with(&[("EPAYBL_SERVER__MAINTENANCE", window)], async |world| {
        let path = format!("/xbezahldienste/v1.2.0/maintenance/{CERTIFICATE}");
        let told = world.get_from(&path).await;
        let expected = json!({"maintenanceWindows": [{"startTime": "2026-11-22T21:00:00.000Z",
            "endTime": "2026-11-23T01:00:00.000Z", "description": "Wartung",
            "paymentMethods": {"down": ["CREDITCARD", "PAYPAL"]}}]});
        assert_eq!(told.body, expected, "{}", told.text);
        world.forward(2 * 86_400);
        assert_eq!(
            world.get_from(&path).await.body,
            json!({"maintenanceWindows": []})
        );
    })
    .await;
}

#[tokio::test]
async fn the_portal_is_answered_from_our_own_store_while_the_provider_is_down() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("s-1")).await;
        let reads = world.sandbox().counts().reads;
        world
            .sandbox()
            .fail_all(vec!["http-500".parse().expect("a fault")]);
        assert_eq!(world.status(CERTIFICATE, "s-1").await, "INITIAL");
        assert_eq!(world.sandbox().counts().reads, reads);
    })
    .await;
}
