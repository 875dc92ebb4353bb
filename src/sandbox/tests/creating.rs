use super::*;

/// The code that a changed list is answered with.
async fn rc_of(stage: &Stage, change: impl FnOnce(&mut Value)) -> String {
    let mut list = stage.list("TX1", 4150);
    change(&mut list);
    let answer = stage.post(&list).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().await.expect("JSON");
    answer["ergebnis"]["rc"].as_str().expect("a code").to_owned()
}

async fn get(stage: &Stage, url: &str) -> (u16, String) {
    let answer = stage.client.get(url).send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

#[tokio::test]
async fn a_list_becomes_a_payment_with_kassenzeichen_and_paypage() {
    let stage = Stage::new().await;
    let answer = stage.create("TX1", 4150).await;
    let payment = stage.sandbox.payments().pop().expect("a payment");
    assert_eq!(payment.kassenzeichen, "1001000000001");
    assert_eq!(answer["ergebnis"], json!({ "rc": "+0000", "ergebnistext": "ok" }));
    assert_eq!(answer["kassenzeichen"], "1001000000001");
    assert_eq!(answer["zahlvorgangsInfo"]["kassenzeichennummer"], "1001000000001");
    assert_eq!(
        answer["zahlvorgangsInfo"]["rechnungUrls"]["PAYPAGE"],
        payment.paypage
    );
    assert!(payment.paypage.starts_with(stage.sandbox.base_url().as_str()));
    let second = stage.create("TX2", 4150).await;
    assert_eq!(second["kassenzeichen"], "1001000000002");
    assert_eq!(payment.kassenzeichen.len(), 13);
}

#[tokio::test]
async fn links_begin_with_the_public_address() {
    let public_url = Some(Url::parse("https://demo.example/epaybl/").expect("an address"));
    let stage = Stage::with(Options {
        public_url,
        konnektor_path: String::new(),
        ..options()
    })
    .await;
    let payment = stage.payment(vec![]).await;
    assert!(
        payment
            .paypage
            .starts_with("https://demo.example/epaybl/paypage/"),
        "{}",
        payment.paypage
    );
}

#[tokio::test]
async fn status_and_methods_are_told() {
    let stage = Stage::new().await;
    let (_, status) = get(&stage, &stage.at("status")).await;
    assert_eq!(status, r#"{"ergebnis":{"rc":"+0000","ergebnistext":"ok"}}"#);
    let (_, methods) = get(&stage, &stage.at("zahlverfahren")).await;
    let first =
        r#"{"zahlverfahrencode":"KREDITKARTE","minimalbetrag":0.01,"maximalbetrag":10000.00,"zvp":true}"#;
    assert!(
        methods.contains(first) && !methods.contains("GIROPAY"),
        "{methods}"
    );
    assert!(methods.contains(r#"5000.00,"zvp":false}"#), "{methods}");
}

#[tokio::test]
async fn a_number_used_again_is_refused_with_0531() {
    let stage = Stage::new().await;
    assert_eq!(rc_of(&stage, |_| {}).await, "+0000");
    assert_eq!(rc_of(&stage, |_| {}).await, "-0531");
    let counts = stage.sandbox.counts();
    assert_eq!(
        (
            counts.creates,
            counts.creates_by_number["TX1"],
            counts.payments_by_number["TX1"]
        ),
        (2, 2, 1)
    );
}

#[tokio::test]
async fn a_refused_list_does_not_use_its_number_up() {
    let stage = Stage::new().await;
    assert_eq!(rc_of(&stage, |list| list["betrag"] = json!(1)).await, "-0506");
    assert_eq!(rc_of(&stage, |_| {}).await, "+0000");
}

#[tokio::test]
async fn mistakes_in_a_list_are_refused() {
    let stage = Stage::new().await;
    assert_eq!(rc_of(&stage, |list| *list = json!([])).await, "-0501");
    assert_eq!(
        rc_of(&stage, |list| list["zahlverfahrencodes"] = json!(["PAYDIREKT"])).await,
        "-0507"
    );
    assert_eq!(
        rc_of(&stage, |list| list["kunde"]["name"] = json!(null)).await,
        "-0104"
    );
    let broken = stage
        .client
        .post(stage.at("buchungslisten"))
        .body("{")
        .send()
        .await
        .expect("an answer");
    assert!(broken.text().await.expect("text").contains("-0501"));
    assert!(stage.sandbox.payments().is_empty());
}

#[tokio::test]
async fn mistakes_may_have_an_http_status() {
    let stage = Stage::with(Options {
        errors_as_4xx: true,
        ..options()
    })
    .await;
    let answer = stage.post(&json!({})).await.expect("an answer");
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.expect("text").contains("-0530"));
}

#[tokio::test]
async fn strangers_are_refused() {
    let stage = Stage::new().await;
    let known = stage.at("status");
    for (from, to, rc) in [
        ("TH000001", "TH000009", "-0012"),
        ("BW100001", "BW999999", "-0304"),
        ("BW100001", "BW200001", "-0303"),
    ] {
        let (status, body) = get(&stage, &known.replace(from, to)).await;
        assert_eq!(status, 200);
        assert!(body.contains(rc), "{body}");
    }
}

#[tokio::test]
async fn a_kassenzeichen_of_another_is_not_found() {
    let stage = Stage::new().await;
    let payment = stage.payment(vec![]).await;
    let own = stage.at(&format!("kassenzeichen/{}", payment.kassenzeichen));
    assert_eq!(get(&stage, &own).await.0, 200);
    let others = own
        .replace("TH000001", "TH000002")
        .replace("BW100001", "BW200001");
    for url in [others, stage.at("kassenzeichen/4711")] {
        let (status, body) = get(&stage, &url).await;
        assert_eq!(status, 404);
        assert!(body.contains("-0310"), "{body}");
    }
}

#[tokio::test]
async fn a_kassenzeichen_of_the_clients_own_is_taken_once() {
    let mut world = World::demo();
    world.accounts[1].kassenzeichen_by_client = true;
    let stage = Stage::with(Options { world, ..options() }).await;
    let mut list = stage.list("TX1", 4150);
    list["kassenzeichennummer"] = json!("OWN1");
    for (number, pay_before, rc) in [
        ("TX1", false, "+0000"),
        ("TX2", false, "-0520"),
        ("TX3", true, "-0529"),
    ] {
        if pay_before {
            stage.sandbox.pay("OWN1", None).expect("payable").done().await;
        }
        list["transaktionsnummer"] = json!(number);
        let answer: Value = stage
            .post(&list)
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        assert_eq!(answer["ergebnis"]["rc"], rc);
    }
}

#[tokio::test]
async fn a_shut_down_sandbox_answers_no_more() {
    let Stage { sandbox, client, .. } = Stage::new().await;
    let url = sandbox.base_url().clone();
    assert_eq!(
        client.get(url.clone()).send().await.expect("an answer").status(),
        200
    );
    sandbox.shutdown().await;
    assert!(client.get(url).send().await.is_err());
}

#[tokio::test]
async fn the_first_call_of_the_manual_works_as_it_stands() {
    let manual = include_str!("../../../docs/sandbox.md");
    let (_, list) = manual.split_once("-d '").expect("a body");
    let (list, _) = list.split_once('\'').expect("its end");
    let stage = Stage::new().await;
    let url = format!(
        "{}/epayment/fachverfahren/v1_0/mandanten/TH000001/bewirtschafter/BW100001/buchungslisten",
        stage.sandbox.konnektor_url()
    );
    let list = list.to_owned();
    let answer = stage.client.post(url).body(list).send().await.expect("an answer");
    let answer: Value = answer.json().await.expect("JSON");
    assert_eq!(answer["ergebnis"]["rc"], "+0000", "{answer}");
    let kassenzeichen = answer["kassenzeichen"].as_str().expect("a Kassenzeichen");
    assert!(manual.contains(kassenzeichen), "{kassenzeichen}");
}
