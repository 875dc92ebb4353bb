//! What portals are refused, and how.

use serde_json::{Value, json};

use crate::kit::{CAR, CERTIFICATE, on_every_database};
use crate::requests::{Answer, car, certificate};

#[tokio::test]
async fn the_total_is_spelled_once_in_either_way() {
    on_every_database(async |world| {
        let mut both = certificate("both");
        both["grossAmount"] = both["grosAmount"].clone();
        let mut neither = certificate("neither");
        neither.as_object_mut().expect("an object").remove("grosAmount");
        for body in [both, neither] {
            let answer = world.post(CERTIFICATE, &body).await;
            assert_eq!(
                answer.refusal(),
                (400, "VALIDATION_ERROR".to_owned()),
                "{}",
                answer.text
            );
        }
    })
    .await;
}

#[tokio::test]
async fn an_unknown_version_is_refused_by_name_but_no_get_fails_for_it() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("v-1")).await;
        let base = world.url(&format!("/xbezahldienste/paymenttransaction/{CERTIFICATE}"));
        let portal = |request: reqwest::RequestBuilder| {
            request
                .basic_auth("thavel", Some(&world.secret))
                .header("X-XBezahldienste-Version", "3.0.0")
        };
        let answer = Answer::of(portal(world.http.post(&base)).json(&certificate("v-2"))).await;
        assert_eq!(answer.refusal(), (400, "VALIDATION_ERROR".to_owned()));
        assert_eq!(
            Answer::of(portal(world.http.get(format!("{base}/v-1"))))
                .await
                .status,
            200
        );
        let path = format!("/xbezahldienste/v3.0.0/paymenttransaction/{CERTIFICATE}");
        assert_eq!(
            world.post_to(&path, &certificate("v-3")).await.refusal(),
            (404, "UNSPECIFIED".to_owned())
        );
        assert_eq!(world.sandbox().payments().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn every_refusal_is_a_system_response_with_its_code_and_nothing_reaches_the_provider() {
    on_every_database(async |world| {
        // A route that leaves the Haushaltsstelle to the portal.
        let from_portal = "portal_may_set = { haushaltsstelle = [] }\n";
        world
            .tenants(|text| text.replace("haushaltsstelle = \"1220.4311\"\n", from_portal))
            .await;
        let changed = |pointer: &str, value: Value| {
            let mut body = certificate("bad");
            *body.pointer_mut(pointer).expect("a member") = value;
            body
        };
        let wrong = [
            (
                CERTIFICATE,
                changed("/grosAmount", json!(22.51)),
                400,
                "CALCULATION_ERROR",
            ),
            (
                CERTIFICATE,
                changed("/currency", json!("USD")),
                400,
                "VALIDATION_ERROR",
            ),
            (
                CERTIFICATE,
                changed("/grosAmount", json!(0)),
                400,
                "VALIDATION_ERROR",
            ),
            (
                CERTIFICATE,
                changed("/grosAmount", json!("22.50")),
                400,
                "VALIDATION_ERROR",
            ),
            (
                CERTIFICATE,
                changed("/grosAmount", json!(22.505)),
                400,
                "VALIDATION_ERROR",
            ),
            (CERTIFICATE, changed("/items", json!([])), 400, "VALIDATION_ERROR"),
            (
                CERTIFICATE,
                changed("/redirectUrl", json!("javascript:alert(1)")),
                400,
                "VALIDATION_ERROR",
            ),
            (
                CERTIFICATE,
                changed("/requestId", json!("a b")),
                400,
                "VALIDATION_ERROR",
            ),
            (
                CERTIFICATE,
                changed("/purpose", json!("a\u{0}b")),
                400,
                "VALIDATION_ERROR",
            ),
            (
                CERTIFICATE,
                changed("/items/0/taxRate", json!(19)),
                400,
                "VALIDATION_ERROR",
            ),
            (
                CERTIFICATE,
                changed("/items/0/bookingData/haushaltsstelle", json!("9999.9999")),
                400,
                "VALIDATION_ERROR",
            ),
            (CERTIFICATE, json!([1, 2]), 400, "VALIDATION_ERROR"),
            (CERTIFICATE, Value::Null, 400, "VALIDATION_ERROR"),
            (CAR, car("bad"), 400, "BOOKING_DATA_MISSING"),
            (
                "thavel-geburtsurkunde/999",
                certificate("bad"),
                404,
                "NO_VALID_ORIGINATOR_OR_ENDPOINT",
            ),
        ];
        for (route, body, status, code) in wrong {
            let answer = world.post(route, &body).await;
            assert_eq!(answer.refusal(), (status, code.to_owned()), "{body}");
            let detail = answer.body["detail"].as_str().expect("a detail");
            assert!(
                !detail.is_empty() && !detail.contains([':', '"', '/', '?']),
                "{detail}"
            );
        }
        let missing = world.post(CAR, &car("bad")).await;
        assert!(missing.text.contains("haushaltsstelle"), "{}", missing.text);
        assert_eq!(world.sandbox().counts().creates, 0);
        // After a refusal the requestId is free.
        world.open(CERTIFICATE, &certificate("bad")).await;
    })
    .await;
}

#[tokio::test]
async fn garbage_and_bodies_that_are_too_large_are_refused_clearly() {
    on_every_database(async |world| {
        let address = world.url(&format!("/xbezahldienste/paymenttransaction/{CERTIFICATE}"));
        let mut large = certificate("large");
        large["description"] = json!("x".repeat(1_100_000));
        let bodies: [(&str, Vec<u8>); 5] = [
            ("application/json", b"{\"requestId\": ".to_vec()),
            ("application/json", vec![0xff, 0xfe, 0x00, 0x80]),
            ("application/json", Vec::new()),
            ("application/json", large.to_string().into_bytes()),
            ("text/xml", b"<payment/>".to_vec()),
        ];
        for (kind, body) in bodies {
            let portal = world
                .http
                .post(&address)
                .basic_auth("thavel", Some(&world.secret));
            let answer = Answer::of(portal.header("content-type", kind).body(body)).await;
            assert_eq!(
                answer.refusal(),
                (400, "VALIDATION_ERROR".to_owned()),
                "{}",
                answer.text
            );
        }
        assert_eq!(world.sandbox().counts().creates, 0);
    })
    .await;
}

#[tokio::test]
async fn a_foreign_route_is_as_if_it_were_not_there() {
    on_every_database(async |world| {
        world.open(CAR, &car("ours")).await;
        let other = epaybl_connector::domain::ids::ClientId::parse("fremdportal").expect("an id");
        let secret = world
            .stage()
            .connector
            .app
            .issue_secret(&other, false)
            .await
            .expect("a secret");
        let foreign = |path: &str| {
            world
                .http
                .get(world.url(path))
                .basic_auth("fremdportal", Some(&secret))
        };
        let there = Answer::of(foreign(&format!("/xbezahldienste/paymenttransaction/{CAR}/ours"))).await;
        let nowhere = Answer::of(foreign("/xbezahldienste/paymenttransaction/no/route/ours")).await;
        assert_eq!(
            there.refusal(),
            (404, "NO_VALID_ORIGINATOR_OR_ENDPOINT".to_owned())
        );
        assert_eq!(there.text, nowhere.text, "nobody can tell the two apart");
        for path in ["status", "payment-methods", "maintenance"] {
            assert_eq!(
                Answer::of(foreign(&format!("/xbezahldienste/{path}/{CAR}")))
                    .await
                    .text,
                nowhere.text
            );
        }
        let post = world
            .http
            .post(world.url(&format!("/xbezahldienste/paymenttransaction/{CAR}")));
        let post = Answer::of(post.basic_auth("fremdportal", Some(&secret)).json(&car("theirs"))).await;
        assert_eq!(post.text, nowhere.text);
        // A transaction of another route is not found on its own route either.
        assert_eq!(
            world.get(CERTIFICATE, "ours").await.refusal(),
            (404, "UNSPECIFIED".to_owned())
        );
    })
    .await;
}

#[tokio::test]
async fn an_unknown_transaction_is_404() {
    on_every_database(async |world| {
        for id in ["nobody", "%C3%A4", "a%00b", &"x".repeat(200)] {
            let (status, code) = world.get(CERTIFICATE, id).await.refusal();
            assert_eq!((status, code.as_str()), (404, "UNSPECIFIED"), "{id}");
        }
    })
    .await;
}
