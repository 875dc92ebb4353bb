//! Portals: the three versions of the standard, what is refused and how, and what they read.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::kit::{CAR, CERTIFICATE, on_every_database, on_every_database_with};
use crate::requests::{Answer, car, certificate, since_1_1};

/// The body of 1.2.0: the requestor says what it is.
fn typed(request_id: &str) -> Value {
    let mut body = since_1_1(certificate(request_id));
    body["requestor"] = json!({"requestorType": "ORGANIZATION", "organizationName": "Bau GmbH",
        "address": {"street": "Markt", "houseNumber": "1", "postalCode": "99947", "city": "X", "country": "DE"}});
    body
}

#[tokio::test]
async fn every_version_of_the_standard_opens_a_payment_by_path_or_header() {
    on_every_database(async |world| {
        let old = certificate as fn(&str) -> Value;
        let newer = (|id: &str| since_1_1(certificate(id))) as fn(&str) -> Value;
        let cases = [
            ("", "", old),
            ("/v1.0.0", "", old),
            ("", "1.0.0", old),
            ("", "", newer),
            ("/v1", "1.1.0", newer),
            ("/v1.1.0", "", newer),
            ("/v2", "", typed),
            ("/v1.2.0", "1.2.0", typed),
            // What arrived beats what was said.
            ("/v1.2.0", "1.2.0", old),
            ("", "1.0.0", typed),
        ];
        for (n, (path, header, body)) in cases.into_iter().enumerate() {
            let id = format!("dialect-{n}");
            let address = world.url(&format!("/xbezahldienste{path}/paymenttransaction/{CERTIFICATE}"));
            let request = world.http.post(address).basic_auth("thavel", Some(&world.secret)).json(&body(&id));
            let request = match header {
                "" => request,
                version => request.header("X-XBezahldienste-Version", version),
            };
            let answer = Answer::of(request).await;
            assert_eq!((answer.status, answer.said("status").as_str()), (200, "INITIAL"), "{n}: {}", answer.text);
            let own = world.url(&format!("/xbezahldienste{path}/paymenttransaction/{CERTIFICATE}/{id}"));
            assert_eq!(answer.said("transactionUrl"), own);
            assert_eq!(Answer::of(world.http.get(own).basic_auth("thavel", Some(&world.secret))).await.status, 200);
        }
        assert_eq!(world.sandbox().payments().len(), 10);
    })
    .await;
}

#[tokio::test]
async fn an_answer_has_exactly_the_members_of_the_standard() {
    on_every_database(async |world| {
        let answer = world.post(CERTIFICATE, &certificate("m-1")).await;
        let top: Vec<_> = answer.body.as_object().expect("an object").keys().collect();
        assert_eq!(top, ["paymentInformation"]);
        let members = |answer: &Answer| -> BTreeSet<String> {
            answer.body["paymentInformation"].as_object().expect("an object").keys().cloned().collect()
        };
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let initial = names(&["transactionUrl", "transactionRedirectUrl", "transactionId", "transactionReference", "status"]);
        assert_eq!(members(&answer), initial);
        world.paid(CERTIFICATE, &certificate("m-2"), "PAYPAL").await;
        let answer = world.get(CERTIFICATE, "m-2").await;
        let paid = ["transactionUrl", "transactionId", "transactionReference", "transactionTimestamp", "paymentMethod", "status"];
        assert_eq!(members(&answer), names(&paid), "no redirect any more");
        assert_eq!(answer.said("paymentMethod"), "PAYPAL");
        assert_eq!(answer.said("transactionReference"), world.newest().kassenzeichen);
        assert_eq!(answer.said("transactionTimestamp"), "2026-11-21T10:15:30.000Z");
    })
    .await;
}

#[tokio::test]
async fn a_method_that_the_standard_does_not_know_is_other_with_a_detail() {
    on_every_database(async |world| {
        world.paid(CAR, &car("sepa"), "SEPASDD").await;
        let answer = world.get(CAR, "sepa").await;
        assert_eq!((answer.said("paymentMethod").as_str(), answer.said("paymentMethodDetail").as_str()), ("OTHER", "SEPASDD"));
    })
    .await;
}

#[tokio::test]
async fn the_total_is_spelled_once_in_either_way() {
    on_every_database(async |world| {
        let mut both = certificate("both");
        both["grossAmount"] = both["grosAmount"].clone();
        let mut neither = certificate("neither");
        neither.as_object_mut().expect("an object").remove("grosAmount");
        for body in [both, neither] {
            let answer = world.post(CERTIFICATE, &body).await;
            assert_eq!(answer.refusal(), (400, "VALIDATION_ERROR".to_owned()), "{}", answer.text);
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
            request.basic_auth("thavel", Some(&world.secret)).header("X-XBezahldienste-Version", "3.0.0")
        };
        let answer = Answer::of(portal(world.http.post(&base)).json(&certificate("v-2"))).await;
        assert_eq!(answer.refusal(), (400, "VALIDATION_ERROR".to_owned()));
        assert_eq!(Answer::of(portal(world.http.get(format!("{base}/v-1")))).await.status, 200);
        let path = format!("/xbezahldienste/v3.0.0/paymenttransaction/{CERTIFICATE}");
        assert_eq!(world.post_to(&path, &certificate("v-3")).await.refusal(), (404, "UNSPECIFIED".to_owned()));
        assert_eq!(world.sandbox().payments().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn every_refusal_is_a_system_response_with_its_code_and_nothing_reaches_the_provider() {
    on_every_database(async |world| {
        // A route that leaves the Haushaltsstelle to the portal.
        let from_portal = "portal_may_set = { haushaltsstelle = [] }\n";
        world.tenants(|text| text.replace("haushaltsstelle = \"1220.4311\"\n", from_portal)).await;
        let changed = |pointer: &str, value: Value| {
            let mut body = certificate("bad");
            *body.pointer_mut(pointer).expect("a member") = value;
            body
        };
        let wrong = [
            (CERTIFICATE, changed("/grosAmount", json!(22.51)), 400, "CALCULATION_ERROR"),
            (CERTIFICATE, changed("/currency", json!("USD")), 400, "VALIDATION_ERROR"),
            (CERTIFICATE, changed("/grosAmount", json!(0)), 400, "VALIDATION_ERROR"),
            (CERTIFICATE, changed("/grosAmount", json!("22.50")), 400, "VALIDATION_ERROR"),
            (CERTIFICATE, changed("/grosAmount", json!(22.505)), 400, "VALIDATION_ERROR"),
            (CERTIFICATE, changed("/items", json!([])), 400, "VALIDATION_ERROR"),
            (CERTIFICATE, changed("/redirectUrl", json!("javascript:alert(1)")), 400, "VALIDATION_ERROR"),
            (CERTIFICATE, changed("/requestId", json!("a b")), 400, "VALIDATION_ERROR"),
            (CERTIFICATE, changed("/purpose", json!("a\u{0}b")), 400, "VALIDATION_ERROR"),
            (CERTIFICATE, changed("/items/0/taxRate", json!(19)), 400, "VALIDATION_ERROR"),
            (CERTIFICATE, changed("/items/0/bookingData/haushaltsstelle", json!("9999.9999")), 400, "VALIDATION_ERROR"),
            (CERTIFICATE, json!([1, 2]), 400, "VALIDATION_ERROR"),
            (CERTIFICATE, Value::Null, 400, "VALIDATION_ERROR"),
            (CAR, car("bad"), 400, "BOOKING_DATA_MISSING"),
            ("thavel-geburtsurkunde/999", certificate("bad"), 404, "NO_VALID_ORIGINATOR_OR_ENDPOINT"),
        ];
        for (route, body, status, code) in wrong {
            let answer = world.post(route, &body).await;
            assert_eq!(answer.refusal(), (status, code.to_owned()), "{body}");
            let detail = answer.body["detail"].as_str().expect("a detail");
            assert!(!detail.is_empty() && !detail.contains([':', '"', '/', '?']), "{detail}");
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
            let portal = world.http.post(&address).basic_auth("thavel", Some(&world.secret));
            let answer = Answer::of(portal.header("content-type", kind).body(body)).await;
            assert_eq!(answer.refusal(), (400, "VALIDATION_ERROR".to_owned()), "{}", answer.text);
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
        let secret = world.stage().connector.app.issue_secret(&other, false).await.expect("a secret");
        let foreign = |path: &str| world.http.get(world.url(path)).basic_auth("fremdportal", Some(&secret));
        let there = Answer::of(foreign(&format!("/xbezahldienste/paymenttransaction/{CAR}/ours"))).await;
        let nowhere = Answer::of(foreign("/xbezahldienste/paymenttransaction/no/route/ours")).await;
        assert_eq!(there.refusal(), (404, "NO_VALID_ORIGINATOR_OR_ENDPOINT".to_owned()));
        assert_eq!(there.text, nowhere.text, "nobody can tell the two apart");
        for path in ["status", "payment-methods", "maintenance"] {
            assert_eq!(Answer::of(foreign(&format!("/xbezahldienste/{path}/{CAR}"))).await.text, nowhere.text);
        }
        let post = world.http.post(world.url(&format!("/xbezahldienste/paymenttransaction/{CAR}")));
        let post = Answer::of(post.basic_auth("fremdportal", Some(&secret)).json(&car("theirs"))).await;
        assert_eq!(post.text, nowhere.text);
        // A transaction of another route is not found on its own route either.
        assert_eq!(world.get(CERTIFICATE, "ours").await.refusal(), (404, "UNSPECIFIED".to_owned()));
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

#[tokio::test]
async fn nulls_and_empty_posting_data_and_a_trailing_slash_are_tolerated() {
    on_every_database(async |world| {
        let mut body = car("nulls");
        for member in ["purpose", "description", "grossAmount"] {
            body[member] = Value::Null;
        }
        body["items"][0]["bookingData"] = Value::Null;
        body["items"][0]["description"] = Value::Null;
        body["surprise"] = json!({"of": "a portal"});
        let answer = world.post_to(&format!("/xbezahldienste/paymenttransaction/{CAR}/"), &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let again = world.get_from(&format!("/xbezahldienste/v1.2.0/paymenttransaction/{CAR}/nulls/")).await;
        assert_eq!(again.said("status"), "INITIAL");
        assert_eq!(world.newest().payer, "Antragsteller", "the route's fallback name");
    })
    .await;
}

#[tokio::test]
async fn status_tells_of_the_service_and_of_a_route_whose_provider_is_up_or_down() {
    on_every_database(async |world| {
        for path in ["/status", "/v1.1.0/status", &format!("/status/{CERTIFICATE}"), &format!("/v2/status/{CAR}/")] {
            let answer = world.get_from(&format!("/xbezahldienste{path}")).await;
            assert_eq!((answer.status, answer.header("content-type")), (200, "application/problem+json"), "{path}");
            assert_eq!(answer.body["functionalCode"], Value::Null);
        }
        let before = world.sandbox().counts().status;
        world.get_from(&format!("/xbezahldienste/status/{CERTIFICATE}")).await;
        assert_eq!(world.sandbox().counts().status, before, "an answer is good for half a minute");
        world.sandbox().fail_all(vec!["http-500".parse().expect("a fault")]);
        world.forward(31);
        let down = world.get_from(&format!("/xbezahldienste/status/{CERTIFICATE}")).await;
        assert_eq!(down.refusal(), (503, "UNSPECIFIED".to_owned()));
        assert!(!down.header("retry-after").is_empty());
        assert_eq!(world.get_from("/xbezahldienste/status").await.status, 200);
        world.sandbox().clear_faults();
        world.forward(31);
        assert_eq!(world.get_from(&format!("/xbezahldienste/status/{CERTIFICATE}")).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn payment_methods_are_up_as_the_provider_offers_them_and_down_when_it_is_down() {
    on_every_database(async |world| {
        let path = format!("/xbezahldienste/v1.2.0/payment-methods/{CERTIFICATE}");
        let answer = world.get_from(&path).await;
        assert_eq!(answer.body, json!({"paymentMethods": {"up": ["CREDITCARD", "PAYPAL"], "down": []}}));
        world.sandbox().fail_all(vec!["http-500".parse().expect("a fault")]);
        world.forward(31);
        let answer = world.get_from(&path).await;
        assert_eq!(answer.body, json!({"paymentMethods": {"up": [], "down": ["CREDITCARD", "PAYPAL"]}}));
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
        assert_eq!(world.get_from(&path).await.body, json!({"maintenanceWindows": []}));
    })
    .await;
}

#[tokio::test]
async fn the_portal_is_answered_from_our_own_store_while_the_provider_is_down() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("s-1")).await;
        let reads = world.sandbox().counts().reads;
        world.sandbox().fail_all(vec!["http-500".parse().expect("a fault")]);
        assert_eq!(world.status(CERTIFICATE, "s-1").await, "INITIAL");
        assert_eq!(world.sandbox().counts().reads, reads);
    })
    .await;
}
