//! Money as ePayBL's sums tell it: parts, too much, cancellations, returns; and what a service's word leaves out.

use epaybl_connector::sandbox::{Cents, Fault};

use super::{services, soaps};
use crate::kit::{CAR, CERTIFICATE, with_each_provider};
use crate::requests::{car, certificate};

const DAY: i64 = 86_400;

#[tokio::test]
async fn too_little_and_too_much_on_the_page_are_booked_as_they_came() {
    with_each_provider(&soaps(), async |world| {
        world.sandbox().fail_next(Fault::WrongAmount {
            short: Cents::new(100),
        });
        let pay_url = world.open(CERTIFICATE, &certificate("short")).await;
        world.pay(&pay_url, "KREDITKARTE").await;
        world.live(120, 20).await;
        assert_eq!(world.status(CERTIFICATE, "short").await, "INITIAL");
        assert_eq!(world.exceptions().await, ["teilzahlung"]);
        world.sandbox().fail_next(Fault::Overpaid {
            over: Cents::new(100),
        });
        world.paid(CERTIFICATE, &certificate("over"), "KREDITKARTE").await;
        assert_eq!(world.status(CERTIFICATE, "over").await, "PAYED");
        assert_eq!(world.exceptions().await, ["teilzahlung", "ueberzahlung"]);
    })
    .await;
}

#[tokio::test]
async fn a_claim_that_is_cancelled_at_epaybl_is_never_taken_for_paid() {
    with_each_provider(&soaps(), async |world| {
        world.open(CERTIFICATE, &certificate("storno")).await;
        let kassenzeichen = world.newest().kassenzeichen;
        world.sandbox().storno(&kassenzeichen, None).expect("a Storno");
        world.live(300, 20).await;
        let status = world.status(CERTIFICATE, "storno").await;
        assert!(["INITIAL", "FAILED"].contains(&status.as_str()), "{status}");
        world.live(3 * 3600, 600).await;
        assert_eq!(
            world.status(CERTIFICATE, "storno").await,
            "FAILED",
            "{}",
            world.provider
        );
        assert!(world.booked().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_return_months_later_opens_the_case_again_and_the_portals_answer_stays() {
    with_each_provider(&soaps(), async |world| {
        world.paid(CAR, &car("back"), "SEPASDD").await;
        let kassenzeichen = world.newest().kassenzeichen;
        world.forward(60 * DAY);
        world
            .sandbox()
            .return_money(&kassenzeichen, None)
            .expect("money to return");
        world.live(2 * DAY, DAY).await;
        assert_eq!(world.status(CAR, "back").await, "PAYED");
        assert_eq!(world.exceptions().await, ["ruecklastschrift"]);
        assert_eq!(
            world.heard().await,
            [
                "payment.paid.v1",
                "case.paid.v1",
                "payment.returned.v1",
                "case.reopened.v1"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_storno_after_payment_is_named_and_takes_nothing_back() {
    with_each_provider(&soaps(), async |world| {
        world
            .paid(CERTIFICATE, &certificate("after"), "KREDITKARTE")
            .await;
        let kassenzeichen = world.newest().kassenzeichen;
        world.sandbox().storno(&kassenzeichen, None).expect("a Storno");
        world.live(2 * DAY, DAY).await;
        assert_eq!(world.exceptions().await, ["beim_anbieter_storniert"]);
        assert_eq!(world.booked().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_session_that_ends_unpaid_fails_when_the_time_is_over() {
    with_each_provider(&soaps(), async |world| {
        world.open(CERTIFICATE, &certificate("session")).await;
        let kassenzeichen = world.newest().kassenzeichen;
        world.sandbox().expire(&kassenzeichen).expect("its session ends");
        world.live(3 * 3600, 600).await;
        assert_eq!(world.status(CERTIFICATE, "session").await, "FAILED");
        assert!(world.booked().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_service_ends_a_payment_by_its_word() {
    with_each_provider(&services(), async |world| {
        let pay_url = world.open(CERTIFICATE, &certificate("abort")).await;
        let back = world.abort(&pay_url).await;
        world.browse(&back).await.location();
        assert_eq!(
            world.status(CERTIFICATE, "abort").await,
            "CANCELED",
            "{}",
            world.provider
        );
        world.open(CERTIFICATE, &certificate("expire")).await;
        let kassenzeichen = world.newest().kassenzeichen;
        world.sandbox().expire(&kassenzeichen).expect("its session ends");
        world.live(120, 20).await;
        assert_eq!(world.status(CERTIFICATE, "expire").await, "FAILED");
        let mut heard = world.heard().await;
        heard.sort();
        assert_eq!(heard, ["payment.canceled.v1", "payment.failed.v1"]);
        assert!(world.exceptions().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn every_call_that_epaybl_answers_leaves_its_reference_for_support() {
    with_each_provider(&soaps(), async |world| {
        world
            .paid(CERTIFICATE, &certificate("support"), "KREDITKARTE")
            .await;
        let kassenzeichen = world.newest().kassenzeichen;
        let app = &world.stage().connector.app;
        let found = app.find(&kassenzeichen).await.expect("the store answers");
        let [case] = &found[..] else { panic!("one case") };
        let operations: Vec<_> = case.calls.iter().map(|call| call.operation.as_str()).collect();
        for operation in [
            "isAlive",
            "anlegenKunde",
            "loeschenKunde",
            "lesenKassenzeichenInfo",
        ] {
            assert!(operations.contains(&operation), "{operation}: {operations:?}");
        }
        let reference = &case.calls[0].reference;
        assert_eq!(app.find(reference).await.expect("the store answers").len(), 1);
    })
    .await;
}
