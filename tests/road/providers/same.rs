//! Northbound nothing differs: schema, states, error codes, events and books are the same whatever the provider.

use serde_json::{Value, json};

use super::every;
use crate::kit::{CAR, CERTIFICATE, World, with_each_provider};
use crate::requests::{Answer, car, certificate, home, since_1_1};

/// An answer without what is drawn for each payment.
fn shape(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    let information = &mut body["paymentInformation"];
    // A service of the standard names the Kassenzeichen with the payment, ePayBL from the start.
    if information["status"] == "INITIAL" {
        information
            .as_object_mut()
            .expect("an object")
            .remove("transactionReference");
    }
    for drawn in ["transactionRedirectUrl", "transactionUrl", "transactionReference"] {
        if information.get(drawn).is_some() {
            information[drawn] = json!("…");
        }
    }
    body
}

async fn pays(world: &World, route: &str, body: &Value, method: &str) -> [Value; 2] {
    let opened = world.post(route, body).await;
    assert_eq!(opened.status, 200, "{}", opened.text);
    let back = world.pay(&opened.said("transactionRedirectUrl"), method).await;
    let id = body["requestId"].as_str().unwrap_or_default();
    assert_eq!(world.browse(&back).await.location(), home(id));
    let paid = world.get(route, id).await;
    assert!(!paid.said("transactionReference").is_empty(), "{}", paid.text);
    [shape(&opened), shape(&paid)]
}

#[tokio::test]
async fn a_payment_is_opened_paid_booked_and_told_in_the_same_words_by_every_provider() {
    with_each_provider(&every(), async |world| {
        let old = pays(world, CERTIFICATE, &certificate("same-1"), "KREDITKARTE").await;
        let newer = pays(world, CERTIFICATE, &since_1_1(certificate("same-2")), "PAYPAL").await;
        let second = pays(world, CAR, &car("same-3"), "KREDITKARTE").await;
        let opened = |id: &str| {
            json!({"paymentInformation": {"transactionUrl": "…", "transactionRedirectUrl": "…", "transactionId": id,
                "status": "INITIAL"}})
        };
        let paid = |id: &str, method: &str| {
            json!({"paymentInformation": {"transactionUrl": "…", "transactionId": id, "transactionReference": "…",
                "transactionTimestamp": "2026-11-21T10:15:30.000Z", "paymentMethod": method,
                "status": "PAYED"}})
        };
        let seen = json!([old, newer, second]);
        let expected = json!([
            [opened("same-1"), paid("same-1", "CREDITCARD")],
            [opened("same-2"), paid("same-2", "PAYPAL")],
            [opened("same-3"), paid("same-3", "CREDITCARD")],
        ]);
        assert_eq!(sorted(&seen), sorted(&expected), "{}", world.provider);
        let heard = world.heard().await;
        for kind in ["payment.paid.v1", "case.paid.v1"] {
            assert_eq!(heard.iter().filter(|of| *of == kind).count(), 3, "{heard:?}");
        }
        let booked: Vec<_> = world.booked().await;
        let sums = |kind: &str| -> i64 {
            booked
                .iter()
                .filter(|(of, _)| of == kind)
                .map(|(_, cents)| cents)
                .sum()
        };
        assert_eq!(
            (booked.len(), sums("sollstellung"), sums("zahlung")),
            (6, 7560, 7560)
        );
        assert!(world.exceptions().await.is_empty());
    })
    .await;
}

/// Members in one order, to compare.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let ordered: std::collections::BTreeMap<_, _> = members
                .iter()
                .map(|(name, value)| (name, sorted(value)))
                .collect();
            json!(ordered)
        }
        Value::Array(values) => values.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn a_wrong_title_is_our_matter_and_its_request_id_stays_free() {
    with_each_provider(&every(), async |world| {
        world
            .tenants(|text| {
                // Mandant 1610000000 has released only a few titles.
                text.replace("mandant = \"TH000001\"", "mandant = \"1610000000\"")
                    .replace("bewirtschafter = \"BW100001\"", "bewirtschafter = \"42\"")
            })
            .await;
        let refused = world.post(CERTIFICATE, &certificate("title")).await;
        assert_eq!(
            refused.refusal(),
            (503, "UNSPECIFIED".to_owned()),
            "{}",
            world.provider
        );
        assert!(world.sandbox().payments().is_empty());
        assert_eq!(world.get(CERTIFICATE, "title").await.status, 404);
        world.tenants(|text| text).await;
        world
            .paid(CERTIFICATE, &certificate("title"), "KREDITKARTE")
            .await;
    })
    .await;
}

#[tokio::test]
async fn a_request_id_is_used_once_and_the_portals_mistakes_are_named_alike() {
    with_each_provider(&every(), async |world| {
        world.open(CERTIFICATE, &certificate("once")).await;
        let again = world.post(CERTIFICATE, &certificate("once")).await;
        assert_eq!(again.refusal(), (400, "PAYMENT_EXISTS".to_owned()));
        let mut wrong = certificate("sum");
        wrong["grosAmount"] = json!(22.51);
        let wrong = world.post(CERTIFICATE, &wrong).await;
        assert_eq!(wrong.refusal(), (400, "CALCULATION_ERROR".to_owned()));
        assert_eq!(world.sandbox().payments().len(), 1, "{}", world.provider);
    })
    .await;
}

#[tokio::test]
async fn who_never_comes_back_from_the_page_has_paid_all_the_same() {
    with_each_provider(&every(), async |world| {
        let pay_url = world.open(CERTIFICATE, &certificate("closed")).await;
        world.pay(&pay_url, "PAYPAL").await;
        world.live(120, 20).await;
        assert_eq!(
            world.status(CERTIFICATE, "closed").await,
            "PAYED",
            "{}",
            world.provider
        );
        assert_eq!(world.heard().await, ["payment.paid.v1", "case.paid.v1"]);
    })
    .await;
}

#[tokio::test]
async fn what_nobody_pays_fails_when_its_time_is_over() {
    with_each_provider(&every(), async |world| {
        world.open(CAR, &car("never")).await;
        world.live(3 * 3600, 600).await;
        assert_eq!(world.status(CAR, "never").await, "FAILED", "{}", world.provider);
        assert_eq!(
            world.booked().await,
            [("sollstellung".to_owned(), 3060), ("absetzung".to_owned(), 3060)]
        );
        assert!(world.exceptions().await.is_empty());
    })
    .await;
}
