use super::*;

fn statuses(arrived: &[Arrived]) -> Vec<String> {
    arrived.iter().map(Arrived::status).collect()
}

#[tokio::test]
async fn a_slow_answer_comes_after_the_payment_exists() {
    let mut options = options();
    options.delays.slow = Duration::from_millis(1);
    let stage = Stage::with(options).await;
    assert_eq!(stage.payment(vec![Fault::Slow]).await.faults, [Fault::Slow]);
    stage.sandbox.fail_all(vec![Fault::Slow]);
    assert_eq!(
        stage
            .client
            .get(stage.at("status"))
            .send()
            .await
            .expect("an answer")
            .status(),
        200
    );
}

#[tokio::test]
async fn who_does_not_wait_for_a_slow_answer_has_a_payment_all_the_same() {
    let stage = Stage::new().await;
    stage.sandbox.fail_next(Fault::Slow);
    let list = stage.list("TX1", 4150);
    tokio::select! {
        _ = stage.post(&list) => panic!("answered within an hour"),
        () = stage.sandbox.until(|payments| payments.len() == 1) => {}
    }
    assert_eq!(stage.create("TX1", 4150).await["ergebnis"]["rc"], "-0531");
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_a_payment_behind() {
    let stage = Stage::new().await;
    // A connection that was good before is no reason for a client to send again.
    stage
        .client
        .get(stage.at("status"))
        .send()
        .await
        .expect("an answer");
    stage.sandbox.fail_next(Fault::DropAfterCreate);
    let lost = stage.post(&stage.list("TX1", 4150)).await.expect_err("no answer");
    assert!(
        lost.is_request() && lost.status().is_none() && !lost.is_connect(),
        "{lost:?}"
    );
    assert_eq!(stage.sandbox.payments().len(), 1);
    assert_eq!(stage.create("TX1", 4150).await["ergebnis"]["rc"], "-0531");
    assert_eq!(stage.create("TX2", 4150).await["ergebnis"]["rc"], "+0000");
}

#[tokio::test]
async fn an_error_may_hide_a_payment() {
    let stage = Stage::new().await;
    stage.sandbox.fail_next(Fault::ErrorAfterCreate);
    assert_eq!(
        stage
            .post(&stage.list("TX1", 4150))
            .await
            .expect("an answer")
            .status(),
        500
    );
    assert_eq!(stage.sandbox.payments().len(), 1);
}

#[tokio::test]
async fn success_may_come_twice() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![Fault::NotifyTwice]).await;
    let arrived = stage.notifies_of_paying(&payment).await;
    assert_eq!(statuses(&arrived), ["notify", "success", "success"]);
    assert_eq!(arrived[1].fields(), arrived[2].fields());
}

#[tokio::test]
async fn success_may_come_ten_times_at_once() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![Fault::NotifyTenAtOnce]).await;
    let arrived = stage.notifies_of_paying(&payment).await;
    assert_eq!(statuses(&arrived)[1..], ["success"; 10]);
}

#[tokio::test]
async fn a_late_notify_comes_when_asked_for() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![Fault::NotifyLate]).await;
    assert!(stage.notifies_of_paying(&payment).await.is_empty());
    let sending = stage
        .sandbox
        .notify(&payment.kassenzeichen, &Resend::default())
        .expect("a notify");
    sending.done().await;
    assert_eq!(stage.receiver.rest(), ["notify", "success"]);
}

#[tokio::test]
async fn a_notify_may_never_come() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![Fault::NoNotify]).await;
    assert!(stage.notifies_of_paying(&payment).await.is_empty());
    let asked = stage.sandbox.notify(&payment.kassenzeichen, &Resend::default());
    assert!(matches!(asked, Err(SandboxError::NoNotify(_))));
}

#[tokio::test]
async fn a_hash_may_be_wrong() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![Fault::WrongHash]).await;
    let arrived = stage.notifies_of_paying(&payment).await;
    assert!(
        arrived
            .iter()
            .all(|arrived| !arrived.is_signed() && arrived.fields()["hash"].len() == 64)
    );
}

#[tokio::test]
async fn the_notify_may_come_before_the_answer() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![Fault::NotifyBeforeAnswer]).await;
    assert_eq!(stage.receiver.rest(), ["notify", "success"]);
    assert_eq!(
        (payment.state, payment.method.as_deref()),
        ("paid", Some("KREDITKARTE"))
    );
}

#[tokio::test]
async fn reads_may_lag_behind_the_payment() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![Fault::StatusLags { reads: 1 }]).await;
    stage.notifies_of_paying(&payment).await;
    for status in ["AKTIV", "INAKTIV"] {
        let read = stage.read(&payment.kassenzeichen).await;
        assert_eq!(read["kassenzeichen"]["zusatzdaten"]["paypagestatus"], status);
    }
    assert_eq!(stage.sandbox.counts().reads, 2);
}

#[tokio::test]
async fn an_abort_may_look_like_an_end() {
    let stage = Stage::new().await;
    let payment = stage.payment(vec![Fault::InaktivAfterAbort]).await;
    stage
        .sandbox
        .abort(&payment.kassenzeichen)
        .expect("open")
        .done()
        .await;
    let read = stage.read(&payment.kassenzeichen).await;
    let data = read["kassenzeichen"]["zusatzdaten"].to_string();
    assert_eq!(data, r#"{"paypagestatus":"INAKTIV","saldo":41.50}"#);
}

#[tokio::test]
async fn the_amount_paid_may_differ() {
    for (fault, saldo) in [
        (
            Fault::WrongAmount {
                short: Cents::new(150),
            },
            "1.50",
        ),
        (
            Fault::Overpaid {
                over: Cents::new(150),
            },
            "-1.50",
        ),
    ] {
        let mut stage = Stage::new().await;
        let payment = stage.payment(vec![fault]).await;
        stage.notifies_of_paying(&payment).await;
        let read = stage.read(&payment.kassenzeichen).await;
        assert_eq!(read["kassenzeichen"]["zusatzdaten"]["saldo"].to_string(), saldo);
    }
}

#[tokio::test]
async fn the_kassenzeichen_may_be_known_only_from_the_notify() {
    let mut stage = Stage::new().await;
    stage.sandbox.fail_next(Fault::KassenzeichenOnlyInNotify);
    let answer = stage.create("TX1", 4150).await;
    let payment = stage.sandbox.payments().pop().expect("a payment");
    assert!(!answer.to_string().contains(&payment.kassenzeichen), "{answer}");
    assert_eq!(
        answer["zahlvorgangsInfo"]["rechnungUrls"]["PAYPAGE"],
        payment.paypage
    );
    let arrived = stage.notifies_of_paying(&payment).await;
    assert_eq!(arrived[1].fields()["kassenzeichen"], payment.kassenzeichen);
}

#[tokio::test]
async fn a_good_signature_may_stand_over_another() {
    for (fault, field, value) in [
        (Fault::OtherKassenzeichen, "kassenzeichen", "1001000000002"),
        (Fault::OtherBewirtschafter, "bewirtschafter", "42"),
    ] {
        let mut stage = Stage::new().await;
        let payment = stage.payment(vec![fault]).await;
        let arrived = stage.notifies_of_paying(&payment).await;
        assert!(arrived[1].is_signed());
        assert_eq!(arrived[1].fields()[field], value);
    }
}

#[tokio::test]
async fn a_read_may_miss_its_saldo() {
    let stage = Stage::new().await;
    let payment = stage.payment(vec![Fault::MissingSaldo]).await;
    let read = stage.read(&payment.kassenzeichen).await;
    assert_eq!(
        read["kassenzeichen"]["zusatzdaten"].to_string(),
        r#"{"paypagestatus":"AKTIV"}"#
    );
}

#[tokio::test]
async fn a_create_call_may_be_refused_with_any_code() {
    let stage = Stage::new().await;
    for (rc, text) in [("-9999", "Interner Fehler"), ("-4711", "Abgelehnt")] {
        stage.sandbox.fail_next(Fault::AutoRefuse(rc.to_owned()));
        let ergebnis = stage.create("TX1", 4150).await["ergebnis"].clone();
        assert_eq!(ergebnis, json!({ "rc": rc, "ergebnistext": text }));
    }
    assert!(stage.sandbox.payments().is_empty());
}

#[tokio::test]
async fn http_errors_stand_in_place_of_an_answer() {
    for (fault, status) in [
        (Fault::Http401, 401),
        (Fault::Http403, 403),
        (Fault::Http500, 500),
    ] {
        let stage = Stage::new().await;
        stage.sandbox.fail_next(fault.clone());
        let answer = stage.post(&stage.list("TX1", 4150)).await.expect("an answer");
        assert_eq!(answer.status(), status);
        assert!(answer.text().await.expect("text").starts_with("<!DOCTYPE html>"));
        let payment = stage.payment(vec![]).await;
        stage.sandbox.fail_all(vec![fault]);
        for operation in [
            "status",
            "zahlverfahren",
            &format!("kassenzeichen/{}", payment.kassenzeichen),
        ] {
            let answer = stage
                .client
                .get(stage.at(operation))
                .send()
                .await
                .expect("an answer");
            assert_eq!(answer.status(), status, "{operation}");
        }
        assert_eq!(
            stage
                .post(&stage.list("TX2", 4150))
                .await
                .expect("an answer")
                .status(),
            status
        );
        stage.sandbox.clear_faults();
        assert_eq!(stage.create("TX2", 4150).await["ergebnis"]["rc"], "+0000");
    }
}

#[tokio::test]
async fn notifies_have_four_shapes() {
    for (fault, method, holds) in [
        (None, Method::POST, "{\"mandant\":\"TH000001\",\"bewirtschafter\""),
        (
            Some(Fault::NestedData),
            Method::POST,
            "{\"data\":{\"mandant\":\"TH000001\"",
        ),
        (
            Some(Fault::NotifyByForm),
            Method::POST,
            "mandant=TH000001&bewirtschafter=BW100001",
        ),
        (Some(Fault::NotifyByGet), Method::GET, ""),
    ] {
        let mut stage = Stage::new().await;
        let payment = stage.payment(fault.into_iter().collect()).await;
        for arrived in stage.notifies_of_paying(&payment).await {
            assert!(arrived.is_signed() && arrived.method == method, "{arrived:?}");
            assert!(arrived.body.starts_with(holds), "{arrived:?}");
            assert!(
                arrived.uri.query().unwrap_or_default().starts_with("p=7f3a"),
                "{arrived:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_account_may_have_a_notify_shape_of_its_own() {
    let mut world = World::demo();
    world.accounts[1].notify_shape = NotifyShape::Get;
    let mut stage = Stage::with(Options { world, ..options() }).await;
    let payment = stage.payment(vec![]).await;
    assert_eq!(stage.notifies_of_paying(&payment).await[0].method, Method::GET);
}

#[tokio::test]
async fn the_cents_of_an_amount_ask_for_a_fault_unless_that_is_off() {
    let stage = Stage::new().await;
    stage.create("TX1", 4171).await;
    assert_eq!(stage.sandbox.payments()[0].faults, [Fault::NotifyTwice]);
    let stage = Stage::with(Options {
        magic_cents: false,
        ..options()
    })
    .await;
    stage.create("TX1", 4171).await;
    assert!(stage.sandbox.payments()[0].faults.is_empty());
}
