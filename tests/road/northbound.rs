//! Portals: the three versions of the standard, and what they read.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::kit::{CAR, CERTIFICATE, on_every_database};
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
            let request = world
                .http
                .post(address)
                .basic_auth("thavel", Some(&world.secret))
                .json(&body(&id));
            let request = match header {
                "" => request,
                version => request.header("X-XBezahldienste-Version", version),
            };
            let answer = Answer::of(request).await;
            assert_eq!(
                (answer.status, answer.said("status").as_str()),
                (200, "INITIAL"),
                "{n}: {}",
                answer.text
            );
            let own = world.url(&format!(
                "/xbezahldienste{path}/paymenttransaction/{CERTIFICATE}/{id}"
            ));
            assert_eq!(answer.said("transactionUrl"), own);
            assert_eq!(
                Answer::of(world.http.get(own).basic_auth("thavel", Some(&world.secret)))
                    .await
                    .status,
                200
            );
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
            answer.body["paymentInformation"]
                .as_object()
                .expect("an object")
                .keys()
                .cloned()
                .collect()
        };
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<BTreeSet<_>>()
        };
        let initial = names(&[
            "transactionUrl",
            "transactionRedirectUrl",
            "transactionId",
            "transactionReference",
            "status",
        ]);
        assert_eq!(members(&answer), initial);
        world.paid(CERTIFICATE, &certificate("m-2"), "PAYPAL").await;
        let answer = world.get(CERTIFICATE, "m-2").await;
        let paid = [
            "transactionUrl",
            "transactionId",
            "transactionReference",
            "transactionTimestamp",
            "paymentMethod",
            "status",
        ];
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
        assert_eq!(
            (
                answer.said("paymentMethod").as_str(),
                answer.said("paymentMethodDetail").as_str()
            ),
            ("OTHER", "SEPASDD")
        );
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
        let answer = world
            .post_to(&format!("/xbezahldienste/paymenttransaction/{CAR}/"), &body)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let again = world
            .get_from(&format!("/xbezahldienste/v1.2.0/paymenttransaction/{CAR}/nulls/"))
            .await;
        assert_eq!(again.said("status"), "INITIAL");
        assert_eq!(world.newest().payer, "Antragsteller", "the route's fallback name");
    })
    .await;
}
