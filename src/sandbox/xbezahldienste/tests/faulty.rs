//! The faults of the sandbox as a client of XBezahldienste meets them.

use super::*;
use crate::sandbox::{Fault, TransactionId};

const V: Version = Version::V1_1_0;

async fn by_request_id() -> Desk {
    Desk::with(Port {
        transaction_id: TransactionId::RequestId,
        ..Port::default()
    })
    .await
}

#[tokio::test]
async fn a_lost_answer_leaves_a_transaction_that_its_request_id_finds() {
    let desk = by_request_id().await;
    for (place, fault) in [Fault::DropAfterCreate, Fault::Truncated].into_iter().enumerate() {
        let id = format!("R{place}");
        desk.sandbox.fail_next(fault);
        let answer = desk.posting(V, &request(V, &id, 4150)).send().await;
        let lost = match answer {
            Err(_) => true,
            Ok(answer) => answer.bytes().await.is_err(),
        };
        assert!(lost);
        conform::transaction(V, &desk.get(V, &id).await);
        assert_eq!(
            desk.post(V, &request(V, &id, 4150)).await.refusal(),
            (400, "PAYMENT_EXISTS")
        );
    }
}

#[tokio::test]
async fn silence_creates_nothing_or_a_payment() {
    for (fault, created) in [
        (Fault::Silent, 0),
        (Fault::SilentAfterCreate, 1),
        (Fault::Slow, 1),
    ] {
        let desk = by_request_id().await;
        desk.sandbox.fail_next(fault);
        let body = request(V, "R1", 4150);
        tokio::select! {
            _ = desk.post(V, &body) => panic!("answered within an hour"),
            () = async {
                // The call has come once it is counted; what it creates is then there at once.
                while desk.sandbox.counts().creates == 0 {
                    tokio::task::yield_now().await;
                }
                desk.sandbox.until(|payments| payments.len() == created).await;
            } => {}
        }
        assert_eq!(desk.sandbox.payments().len(), created);
    }
}

#[tokio::test]
async fn words_in_the_request_ask_for_a_fault() {
    for (pointer, text, fault) in [
        (
            "/purpose",
            "SANDBOX STATUS-LAGS-1",
            Fault::StatusLags { reads: 1 },
        ),
        (
            "/description",
            "SANDBOX FAULT STATUS-LAGS-1",
            Fault::StatusLags { reads: 1 },
        ),
        (
            "/items/0/description",
            "SANDBOX FAULT PAYMENT-FAILS",
            Fault::PaymentFails,
        ),
    ] {
        let desk = by_request_id().await;
        let mut body = request(V, "R1", 4150);
        *body.pointer_mut(pointer).expect("a place") = json!(text);
        conform::transaction(V, &desk.post(V, &body).await);
        assert_eq!(desk.sandbox.payments()[0].faults, std::slice::from_ref(&fault));
        desk.pay();
        let first = desk.get(V, "R1").await;
        let then = desk.get(V, "R1").await;
        let states = [&first.info()["status"], &then.info()["status"]];
        let expected = match fault {
            Fault::PaymentFails => ["FAILED", "FAILED"],
            _ => ["INITIAL", "PAYED"],
        };
        assert_eq!(states, expected);
    }
}

#[tokio::test]
async fn a_refusal_of_epaybl_can_be_asked_for() {
    let desk = by_request_id().await;
    for (rc, answer) in [
        ("-0611", (400, "VALIDATION_ERROR")),
        ("-0531", (400, "PAYMENT_EXISTS")),
        ("-0506", (400, "CALCULATION_ERROR")),
        ("-9999", (503, "UNSPECIFIED")),
    ] {
        desk.sandbox.fail_next(Fault::AutoRefuse(rc.to_owned()));
        assert_eq!(desk.post(V, &request(V, "R1", 4150)).await.refusal(), answer);
    }
    assert!(desk.sandbox.payments().is_empty());
}

#[tokio::test]
async fn errors_of_a_proxy_are_html() {
    for (fault, status) in [(Fault::Http401, 401), (Fault::Http503, 503)] {
        let desk = by_request_id().await;
        desk.created(V).await;
        desk.sandbox.fail_all(vec![fault]);
        for asking in [
            desk.asking(V, "R1"),
            desk.posting(V, &request(V, "R2", 4150)),
            desk.client.get(desk.url(V, "status")),
        ] {
            let answer = asking.send().await.expect("an answer");
            assert_eq!(answer.status(), status);
            assert!(answer.text().await.expect("text").starts_with("<!DOCTYPE html>"));
        }
        assert_eq!(desk.sandbox.payments().len(), 1);
    }
}

#[tokio::test]
async fn a_payment_may_be_made_before_the_answer_and_told_with_the_least() {
    let desk = by_request_id().await;
    desk.sandbox
        .fail_next_with(vec![Fault::NotifyBeforeAnswer, Fault::MissingFields]);
    let told = desk.post(V, &request(V, "R1", 4150)).await;
    assert_eq!(
        told.body,
        json!({ "paymentInformation": { "transactionId": "R1", "status": "PAYED" } })
    );
}
