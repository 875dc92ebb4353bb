//! The requestId: used once its payment exists or may exist, free again after a refusal.

use epaybl_connector::sandbox::Fault;
use serde_json::json;
use tokio::task::JoinSet;

use crate::kit::{CERTIFICATE, on_every_database};
use crate::requests::{Answer, certificate};

fn exists() -> (u16, String) {
    (400, "PAYMENT_EXISTS".to_owned())
}

#[tokio::test]
async fn a_request_id_is_used_once_whatever_the_body_says() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("r-1")).await;
        assert_eq!(
            world.post(CERTIFICATE, &certificate("r-1")).await.refusal(),
            exists()
        );
        let mut other = certificate("r-1");
        other["purpose"] = json!("Etwas anderes");
        assert_eq!(world.post(CERTIFICATE, &other).await.refusal(), exists());
        assert_eq!(world.sandbox().payments().len(), 1);
        world.forward(86_400);
        world.sweep().await;
        assert_eq!(world.status(CERTIFICATE, "r-1").await, "FAILED");
        assert_eq!(
            world.post(CERTIFICATE, &certificate("r-1")).await.refusal(),
            exists(),
            "for ever"
        );
    })
    .await;
}

#[tokio::test]
async fn the_same_request_id_on_another_route_is_another_payment() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("same")).await;
        world.open(crate::kit::CAR, &crate::requests::car("same")).await;
        assert_eq!(world.sandbox().payments().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn of_twenty_parallel_twins_one_is_answered_and_one_payment_exists() {
    on_every_database(async |world| {
        let mut twins = JoinSet::new();
        for _ in 0..20 {
            let address = world.url(&format!("/xbezahldienste/paymenttransaction/{CERTIFICATE}"));
            let request = world.http.post(address).basic_auth("thavel", Some(&world.secret));
            twins.spawn(Answer::of(request.json(&certificate("twin"))));
        }
        let answers = twins.join_all().await;
        let (good, others): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!(good.len(), 1);
        assert!(others.iter().all(|answer| answer.refusal() == exists()));
        assert_eq!(world.sandbox().counts().creates, 1);
    })
    .await;
}

#[tokio::test]
async fn what_the_caller_can_mend_is_400_and_the_request_id_is_free_again() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::AutoRefuse("-0610".to_owned()));
        let answer = world.post(CERTIFICATE, &certificate("r-1")).await;
        assert_eq!(answer.refusal(), (400, "VALIDATION_ERROR".to_owned()));
        assert!(answer.text.contains("0610"), "{}", answer.text);
        assert_eq!(
            world.get(CERTIFICATE, "r-1").await.refusal(),
            (404, "UNSPECIFIED".to_owned())
        );
        world.paid(CERTIFICATE, &certificate("r-1"), "KREDITKARTE").await;
        assert_eq!(world.status(CERTIFICATE, "r-1").await, "PAYED");
        assert_eq!(world.heard().await, ["payment.paid.v1", "case.paid.v1"]);
    })
    .await;
}

#[tokio::test]
async fn what_an_operator_must_mend_is_503_and_the_request_id_is_free_again() {
    on_every_database(async |world| {
        for fault in ["auto-refuse:-0611", "http-401", "http-403"] {
            world.sandbox().fail_next(fault.parse().expect("a fault"));
            let answer = world.post(CERTIFICATE, &certificate("r-1")).await;
            assert_eq!(
                answer.refusal(),
                (503, "UNSPECIFIED".to_owned()),
                "{fault}: {}",
                answer.text
            );
        }
        world.open(CERTIFICATE, &certificate("r-1")).await;
        assert_eq!(world.sandbox().payments().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_unclear_outcome_is_an_honest_initial_and_the_same_body_goes_on() {
    on_every_database(async |world| {
        for (n, fault) in [Fault::Http500, Fault::AutoRefuse("-9999".to_owned())]
            .into_iter()
            .enumerate()
        {
            let id = format!("unclear-{n}");
            world.sandbox().fail_next(fault);
            let pay_url = world.open(CERTIFICATE, &certificate(&id)).await;
            let waiting = world.browse(&pay_url).await;
            assert_eq!(waiting.status, 200, "nothing to show yet");
            assert!(waiting.text.contains("Einen Moment bitte"));
            let mut other = certificate(&id);
            other["grosAmount"] = json!(22.5);
            other["purpose"] = json!("anders");
            assert_eq!(world.post(CERTIFICATE, &other).await.refusal(), exists());
            let again = world.open(CERTIFICATE, &certificate(&id)).await;
            assert_eq!(again, pay_url, "the same payment");
            assert!(world.browse(&pay_url).await.location().contains("/paypage/"));
            assert_eq!(
                world.post(CERTIFICATE, &certificate(&id)).await.refusal(),
                exists(),
                "no longer unclear"
            );
        }
        assert_eq!(world.sandbox().payments().len(), 2);
        let twice = world
            .sandbox()
            .counts()
            .creates_by_number
            .into_values()
            .collect::<Vec<_>>();
        assert_eq!(twice, [2, 2], "the same number again");
    })
    .await;
}

#[tokio::test]
async fn parallel_twins_of_an_unclear_payment_go_on_once() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::Http500);
        world.open(CERTIFICATE, &certificate("u")).await;
        let mut twins = JoinSet::new();
        for _ in 0..10 {
            let address = world.url(&format!("/xbezahldienste/paymenttransaction/{CERTIFICATE}"));
            let request = world.http.post(address).basic_auth("thavel", Some(&world.secret));
            twins.spawn(Answer::of(request.json(&certificate("u"))));
        }
        let answers = twins.join_all().await;
        assert!(
            answers
                .iter()
                .all(|answer| answer.status == 200 || answer.refusal() == exists())
        );
        assert!(answers.iter().any(|answer| answer.status == 200));
        assert_eq!(world.sandbox().counts().creates, 2, "the lost one and one more");
        assert_eq!(world.sandbox().payments().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_is_503_and_the_request_id_is_free() {
    on_every_database(async |world| {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let gone = nobody.local_addr().expect("an address");
        drop(nobody);
        let there = world.sandbox().konnektor_url();
        let away = format!("http://{gone}/konnektor");
        world.reconfigure(|text| text.replace(&there, &away)).await;
        let answer = world.post(CERTIFICATE, &certificate("r-1")).await;
        assert_eq!(answer.refusal(), (503, "UNSPECIFIED".to_owned()));
        world.reconfigure(|text| text.replace(&away, &there)).await;
        world.open(CERTIFICATE, &certificate("r-1")).await;
    })
    .await;
}
