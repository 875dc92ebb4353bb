//! Answers that do not come, or not whole, and notifies out of their order.

use super::*;

#[tokio::test]
async fn a_silent_server_creates_nothing() {
    let stage = Stage::new().await;
    stage.sandbox.fail_next(Fault::Silent);
    let list = stage.list("TX1", 4150);
    tokio::select! {
        _ = stage.post(&list) => panic!("answered within an hour"),
        () = async {
            while stage.sandbox.counts().creates == 0 {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    assert_eq!(stage.create("TX1", 4150).await["ergebnis"]["rc"], "+0000");
}

#[tokio::test]
async fn a_server_may_fall_silent_after_it_has_created_the_payment() {
    let stage = Stage::new().await;
    stage.sandbox.fail_next(Fault::SilentAfterCreate);
    let list = stage.list("TX1", 4150);
    tokio::select! {
        _ = stage.post(&list) => panic!("answered within an hour"),
        () = stage.sandbox.until(|payments| payments.len() == 1) => {}
    }
    assert_eq!(stage.create("TX1", 4150).await["ergebnis"]["rc"], "-0531");
}

#[tokio::test]
async fn silence_ends_with_the_connection() {
    let mut options = options();
    options.delays.silence = Duration::from_millis(1);
    let stage = Stage::with(options).await;
    stage.sandbox.fail_all(vec![Fault::Silent]);
    for operation in ["status", "zahlverfahren", "kassenzeichen/1"] {
        let lost = stage
            .client
            .get(stage.at(operation))
            .send()
            .await
            .expect_err("no answer");
        assert!(lost.status().is_none() && !lost.is_connect(), "{lost:?}");
    }
    assert!(stage.post(&stage.list("TX1", 4150)).await.is_err());
    assert!(stage.sandbox.payments().is_empty());
}

#[tokio::test]
async fn an_answer_may_end_before_its_length() {
    let stage = Stage::new().await;
    stage.sandbox.fail_next(Fault::Truncated);
    let answer = stage.post(&stage.list("TX1", 4150)).await.expect("a head");
    assert_eq!(answer.status(), 200);
    let length = answer.content_length().expect("a length");
    assert!(length > 100, "{length}");
    assert!(answer.bytes().await.is_err());
    assert_eq!(stage.sandbox.payments().len(), 1);
    stage.sandbox.fail_all(vec![Fault::Truncated]);
    let answer = stage.client.get(stage.at("status")).send().await.expect("a head");
    assert!(answer.text().await.is_err());
}

#[tokio::test]
async fn success_may_come_before_notify() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![Fault::NotifyReordered]).await;
    let arrived = stage.notifies_of_paying(&payment).await;
    let statuses: Vec<_> = arrived.iter().map(Arrived::status).collect();
    assert_eq!(statuses, ["success", "notify"]);
    let payment = {
        stage
            .sandbox
            .fail_next_with(vec![Fault::NotifyReordered, Fault::NotifyTwice]);
        stage.create("TX2", 4150).await;
        stage.sandbox.payments().pop().expect("a payment")
    };
    let arrived = stage.notifies_of_paying(&payment).await;
    let statuses: Vec<_> = arrived.iter().map(Arrived::status).collect();
    assert_eq!(statuses, ["success", "success", "notify"]);
}

#[tokio::test]
async fn a_payment_may_fail_when_the_payer_pays() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![Fault::PaymentFails]).await;
    let arrived = stage.notifies_of_paying(&payment).await;
    let statuses: Vec<_> = arrived.iter().map(Arrived::status).collect();
    assert_eq!(statuses, ["notify", "error"]);
    let payment = stage.sandbox.payments().pop().expect("a payment");
    assert_eq!((payment.state, payment.saldo), ("expired", Cents::new(4150)));
}

#[tokio::test]
async fn a_read_may_miss_all_that_can_be_missing() {
    let stage = Stage::new().await;
    let payment = stage.payment(vec![Fault::MissingFields]).await;
    let read = stage.read(&payment.kassenzeichen).await;
    let bare = json!({ "kassenzeichennummer": payment.kassenzeichen, "zusatzdaten": {} });
    assert_eq!(read["kassenzeichen"], bare);
}
