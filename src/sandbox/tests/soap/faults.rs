use super::*;

fn create_body() -> String {
    let parameters = format!(
        "{MANDANT}<eShopKundenNr>K1</eShopKundenNr>{}",
        liste("TX1", "23.45")
    );
    envelope(MANY, &parameters)
}

#[tokio::test]
async fn junk_may_stand_before_the_xml() {
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    stage.sandbox.fail_next(Fault::JunkBeforeXml);
    let text = stage
        .send(create_body(), "text/xml")
        .await
        .text()
        .await
        .expect("text");
    assert!(text.starts_with("\r\n--"), "{text}");
    let (_, xml) = text.split_once("<?xml").expect("XML behind it");
    assert!(Tree::read(&format!("<?xml{xml}")).is_ok());
    // The same payment is read in the same way.
    let read = envelope(
        "lesenKassenzeichenInfo",
        &format!("{MANDANT}<kassenzeichen>4200000000001</kassenzeichen>"),
    );
    let text = stage.send(read, "text/xml").await.text().await.expect("text");
    assert!(text.starts_with("\r\n--") && text.contains("AKTIV"), "{text}");
    assert!(stage.soap("isAlive", "").await.ok().at("istOk").is_some());
}

#[tokio::test]
async fn fields_may_be_missing() {
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    stage.sandbox.fail_next(Fault::MissingFields);
    let created = stage.soap_create("TX1", "23.45").await;
    assert_eq!(created.ok().at("buchungsListe"), None);
    let kassenzeichen = stage.sandbox.payments()[0].kassenzeichen.clone();
    stage
        .sandbox
        .pay(&kassenzeichen, None)
        .expect("payable")
        .done()
        .await;
    let info = stage.soap_info(&kassenzeichen).await;
    assert_eq!(
        (info.ok().at("paypageStatus"), info.at("zahlverfahren")),
        (None, None)
    );
    assert_eq!(info.at("saldo"), Some("0.00"));
}

#[tokio::test]
async fn the_server_may_fail_with_a_fault() {
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    stage.sandbox.fail_next(Fault::SoapFault);
    let failed = stage.soap_create("TX1", "23.45").await;
    assert_eq!((failed.status, failed.fault().0), (500, "soapenv:Server"));
    assert!(stage.sandbox.payments().is_empty());
    stage.sandbox.fail_all(vec![Fault::SoapFault]);
    assert_eq!(stage.soap("isAlive", "").await.fault().0, "soapenv:Server");
    stage.sandbox.clear_faults();
    stage.soap("isAlive", "").await.ok();
}

#[tokio::test]
async fn an_answer_may_be_in_another_encoding_than_it_says() {
    let stage = Stage::new().await;
    stage.sandbox.fail_all(vec![Fault::WrongEncoding]);
    let answer = stage.send(envelope("isAlive", MANDANT), "text/xml").await;
    assert_eq!(answer.headers()["content-type"], "text/xml; charset=utf-8");
    let bytes = answer.bytes().await.expect("bytes");
    assert!(std::str::from_utf8(&bytes).is_err());
    assert!(bytes.windows(10).any(|window| window == b"ausgef\xfchrt"));
}

#[tokio::test]
async fn proxies_answer_in_place_of_the_service() {
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    for (fault, status) in [
        (Fault::Http401, 401),
        (Fault::Http403, 403),
        (Fault::Http500, 500),
    ] {
        stage.sandbox.fail_next(fault.clone());
        let answer = stage.send(create_body(), "text/xml").await;
        assert_eq!(answer.status(), status);
        assert!(answer.text().await.expect("text").contains("<!DOCTYPE html>"));
        stage.sandbox.fail_all(vec![fault]);
        let answer = stage.send(envelope("isAlive", MANDANT), "text/xml").await;
        assert_eq!(answer.status(), status);
        stage.sandbox.clear_faults();
    }
    assert!(stage.sandbox.payments().is_empty());
}

#[tokio::test]
async fn an_answer_may_be_lost_after_the_payment_is_made() {
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    stage.sandbox.fail_next(Fault::DropAfterCreate);
    let request = stage.client.post(stage.sandbox.soap_url()).body(create_body());
    assert!(request.send().await.is_err());
    assert_eq!(stage.soap_create("TX1", "23.45").await.code(), "-0531");
    stage.sandbox.fail_next(Fault::ErrorAfterCreate);
    let list = create_body().replace("TX1", "TX2");
    assert_eq!(stage.send(list, "text/xml").await.status(), 500);
    assert_eq!(stage.sandbox.payments().len(), 2);
    let counts = stage.sandbox.counts();
    assert_eq!((counts.creates, counts.creates_by_number["TX1"]), (3, 2));
}

#[tokio::test]
async fn a_slow_answer_leaves_a_payment_behind() {
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    stage.sandbox.fail_next(Fault::Slow);
    let client = stage.client.clone();
    let request = client.post(stage.sandbox.soap_url()).body(create_body()).send();
    let asking = tokio::spawn(request);
    stage.sandbox.until(|payments| payments.len() == 1).await;
    asking.abort();
}

#[tokio::test]
async fn the_cents_of_the_amount_ask_for_a_fault() {
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    assert_eq!(stage.soap_create("TX1", "5.94").await.code(), "-0611");
    assert_eq!(stage.soap_create("TX1", "5.96").await.code(), "-9999");
    let lag = stage.soap_create("TX1", "5.77").await;
    let kassenzeichen = lag.ok().at("buchungsListe/kassenzeichen").expect("one");
    stage
        .sandbox
        .pay(kassenzeichen, None)
        .expect("payable")
        .done()
        .await;
    for status in ["AKTIV", "AKTIV", "INAKTIV"] {
        let info = stage.soap_info(kassenzeichen).await;
        assert_eq!(info.ok().at("paypageStatus/code"), Some(status));
    }
}

#[tokio::test]
async fn amounts_that_differ_and_ends_without_money_are_seen_here_too() {
    let cents = |cents| Cents::new(cents);
    for (fault, pays, saldo, status) in [
        (
            Fault::WrongAmount { short: cents(150) },
            true,
            Some("1.50"),
            "INAKTIV",
        ),
        (
            Fault::Overpaid { over: cents(150) },
            true,
            Some("-1.50"),
            "INAKTIV",
        ),
        (Fault::MissingSaldo, true, None, "INAKTIV"),
        (Fault::InaktivAfterAbort, false, Some("0.00"), "INAKTIV"),
    ] {
        let stage = Stage::new().await;
        stage.soap_kunde("K1").await;
        stage.sandbox.fail_next(fault);
        let created = stage.soap_create("TX1", "23.45").await;
        let kassenzeichen = created.ok().at("buchungsListe/kassenzeichen").expect("one");
        let sending = if pays {
            stage.sandbox.pay(kassenzeichen, None)
        } else {
            stage.sandbox.abort(kassenzeichen)
        };
        sending.expect("open").done().await;
        let info = stage.soap_info(kassenzeichen).await;
        assert_eq!(
            (info.ok().at("saldo"), info.at("paypageStatus/code")),
            (saldo, Some(status))
        );
    }
}

#[tokio::test]
async fn a_word_in_the_buchungstext_asks_for_a_fault() {
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    let list = liste("TX1", "23.45").replace("MAHNGEBÜHR", "SANDBOX AUTO-REFUSE-0611");
    let parameters = format!("<eShopKundenNr>K1</eShopKundenNr>{list}");
    assert_eq!(stage.soap(MANY, &parameters).await.code(), "-0611");
    let text = "<buchungsText>SANDBOX FAULT SOAP-FAULT</buchungsText>";
    let parameters = format!("<eShopKundenNr>K1</eShopKundenNr>{}{text}", liste("TX1", "23.45"));
    assert_eq!(stage.soap(MANY, &parameters).await.fault().0, "soapenv:Server");
}
