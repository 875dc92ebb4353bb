//! Every fault that the sandbox has a name for, through every provider: whatever becomes of a payment, no money is booked
//! that did not come in, and nobody hears that it was paid who did not pay.

use std::collections::BTreeMap;

use epaybl_connector::sandbox::{Cents, Fault};
use serde_json::Value;

use super::every;
use crate::kit::{CERTIFICATE, World, with_each_provider};
use crate::requests::{Answer, certificate};

/// What a fault of certificates needs is TLS; those are told in `certificates`.
const OF_CERTIFICATES: [&str; 2] = ["expired-certificate", "client-certificate-expired"];

async fn names(world: &World) -> Vec<String> {
    let address = format!("{}sandbox/fault-names", world.sandbox().base_url());
    let answer = Answer::of(world.http.get(address)).await;
    let list = answer
        .body
        .as_array()
        .or(answer.body["faults"].as_array())
        .cloned();
    let names = list.expect("a list of names");
    names
        .iter()
        .filter_map(|named| named["name"].as_str())
        .filter(|name| !OF_CERTIFICATES.contains(name))
        .map(str::to_owned)
        .collect()
}

/// The citizen pays where there is a page to pay on.
async fn pays(world: &World, opened: &Answer) {
    let pay_url = opened.said("transactionRedirectUrl");
    if pay_url.is_empty() {
        return;
    }
    let led = world.browse(&pay_url).await;
    if led.status != 303 || led.header("location").starts_with("https://portal.example") {
        return;
    }
    let page_url = led.location();
    let page = world.browse(&page_url).await;
    let action = page
        .text
        .split_once("action=\"")
        .and_then(|(_, rest)| rest.split_once('"'));
    let Some((action, _)) = action else { return };
    let there = url::Url::parse(&page_url).expect("an address");
    let there = there.join(&action.replace("&amp;", "&")).expect("an address");
    let request = world
        .http
        .post(there)
        .header("content-type", "application/x-www-form-urlencoded");
    Answer::of(request.body("action=pay&method=KREDITKARTE")).await;
}

/// The cents that came in at the sandbox by payment, and whether any did.
fn received(world: &World) -> i64 {
    let payments = world.sandbox().payments();
    let all = payments
        .iter()
        .map(|payment| payment.betrag.get() - payment.saldo.get());
    all.sum()
}

#[tokio::test]
async fn no_fault_makes_money_out_of_nothing_or_tells_an_untruth() {
    with_each_provider(&every(), async |world| {
        let names = names(world).await;
        assert!(names.len() > 25, "{names:?}");
        let mut heard = BTreeMap::new();
        for (n, name) in names.iter().enumerate() {
            let fault: Fault = name.parse().expect("its own name");
            world.sandbox().fail_next(fault);
            let id = format!("fault-{n}");
            let opened = world.post(CERTIFICATE, &certificate(&id)).await;
            assert!(
                [200, 400, 503].contains(&opened.status),
                "{name}: {}",
                opened.text
            );
            pays(world, &opened).await;
            world.live(60, 20).await;
            heard.insert(id, name.clone());
        }
        world.live(3 * 3600, 900).await;
        let (mut paid, mut undecided) = (0, Vec::new());
        for (id, name) in &heard {
            let answer = world.get(CERTIFICATE, id).await;
            match answer.said("status").as_str() {
                "PAYED" => paid += 1,
                "INITIAL" => undecided.push(name.clone()),
                "FAILED" | "CANCELED" => {}
                _ => assert_eq!(answer.status, 404, "{name}: {}", answer.text),
            }
        }
        assert!(paid > 10, "{}: {paid} of {}", world.provider, names.len());
        if !undecided.is_empty() {
            assert!(
                !world.exceptions().await.is_empty(),
                "{undecided:?} wait for a person"
            );
        }
        let booked: i64 = world
            .booked()
            .await
            .iter()
            .filter(|(kind, _)| !["sollstellung", "absetzung"].contains(&kind.as_str()))
            .map(|(_, cents)| cents)
            .sum();
        let came = received(world);
        assert!(
            booked <= came,
            "{}: {} booked, {} came in",
            world.provider,
            Cents::new(booked),
            Cents::new(came)
        );
    })
    .await;
}

#[tokio::test]
async fn every_name_of_a_fault_has_a_sentence_in_both_languages() {
    with_each_provider(&every()[..1], async |world| {
        let address = format!("{}sandbox/fault-names", world.sandbox().base_url());
        let answer = Answer::of(world.http.get(address)).await;
        let list = answer
            .body
            .as_array()
            .or(answer.body["faults"].as_array())
            .cloned();
        for named in list.expect("a list of names") {
            for language in ["german", "english"] {
                assert!(
                    named[language].as_str().is_some_and(|text| text.len() > 10),
                    "{named}"
                );
            }
        }
        assert_ne!(answer.body, Value::Null);
    })
    .await;
}
