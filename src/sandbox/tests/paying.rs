use reqwest::header;

use super::*;

async fn page(stage: &Stage, url: &str) -> (u16, String) {
    let answer = stage.client.get(url).send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

/// Presses a button of the paypage: status, where it leads, and the page.
async fn press(stage: &Stage, url: &str, form: &str) -> (u16, String, String) {
    let kind = (header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = stage
        .client
        .post(url)
        .header(kind.0, kind.1)
        .body(form.to_owned());
    let answer = request.send().await.expect("an answer");
    let to = answer
        .headers()
        .get(header::LOCATION)
        .map_or("", |to| to.to_str().expect("text"))
        .to_owned();
    (answer.status().as_u16(), to, answer.text().await.expect("text"))
}

#[tokio::test]
async fn the_paypage_says_what_is_paid_to_whom() {
    let stage = Stage::new().await;
    let payment = stage.payment(vec![]).await;
    let (status, html) = page(&stage, &payment.paypage).await;
    assert_eq!(status, 200);
    for text in [
        "<html lang=\"de\">",
        "Stadt Bad Langensalza",
        "Antrag &#60;4711&#62; &#38; mehr",
        "GEBÜHR MELDEREGISTER",
        "Eva Muster",
        &payment.kassenzeichen,
        "41,50 €",
        "value=\"KREDITKARTE\" required>",
        "SEPA-Lastschrift",
        "Jetzt bezahlen",
        "Abbrechen",
    ] {
        assert!(html.contains(text), "no {text} in {html}");
    }
    assert!(!html.contains("PayPal"), "the client did not allow it");
    assert_eq!(page(&stage, &format!("{}0", payment.paypage)).await.0, 404);
}

#[tokio::test]
async fn who_pays_is_sent_back_after_the_notifies() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![]).await;
    let (status, to, _) = press(&stage, &payment.paypage, "method=KREDITKARTE&action=pay").await;
    assert_eq!((status, to.as_str()), (303, "https://portal.example/done?a=1"));
    // They arrived before the browser was answered.
    assert_eq!(stage.receiver.rest(), ["notify", "success"]);
    let read = stage.read(&payment.kassenzeichen).await;
    let paid = format!(
        "{{\"kassenzeichennummer\":\"{}\",\"zusatzdaten\":{{\"paypagestatus\":\"INAKTIV\",\
         \"bezahlverfahren\":\"KREDITKARTE\",\"saldo\":0.00}}}}",
        payment.kassenzeichen
    );
    assert_eq!(read["kassenzeichen"].to_string(), paid);
    let (_, html) = page(&stage, &payment.paypage).await;
    assert!(
        html.contains("bereits bezahlt") && !html.contains("Jetzt bezahlen"),
        "{html}"
    );
    let (status, _, html) = press(&stage, &payment.paypage, "action=abort").await;
    assert!(status == 409 && html.contains("nichts mehr geändert"), "{html}");
}

#[tokio::test]
async fn a_notify_has_nine_values_and_a_good_hash() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![]).await;
    let arrived = stage.notifies_of_paying(&payment).await;
    assert_eq!(arrived.len(), 2);
    assert!(arrived.iter().all(Arrived::is_signed));
    let success = arrived[1].fields();
    for (name, value) in [
        ("mandant", "TH000001"),
        ("bewirtschafter", "BW100001"),
        ("kassenzeichen", payment.kassenzeichen.as_str()),
        ("zvgid", "ZVG000000001"),
        ("zvp", "SANDBOX-ZVP"),
        ("zahlverfahren", "KREDITKARTE"),
        ("aktivierung", "true"),
        ("status", "success"),
    ] {
        assert_eq!(success[name], value);
    }
    assert_eq!(success["tan"].len(), 32);
    assert_eq!(
        (&arrived[1].method, arrived[1].uri.query()),
        (&Method::POST, Some("p=7f3a"))
    );
}

#[tokio::test]
async fn a_method_without_provider_has_an_empty_zvp() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![]).await;
    stage
        .sandbox
        .pay(&payment.kassenzeichen, Some("SEPASDD"))
        .expect("payable")
        .done()
        .await;
    let arrived = stage.receiver.next().await;
    assert!(arrived.is_signed());
    assert_eq!(
        (
            arrived.fields()["zvp"].as_str(),
            arrived.fields()["zahlverfahren"].as_str()
        ),
        ("", "SEPASDD")
    );
}

#[tokio::test]
async fn who_aborts_is_sent_to_the_cancel_address() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![]).await;
    let (status, to, _) = press(&stage, &payment.paypage, "action=abort").await;
    assert_eq!((status, to.as_str()), (303, "https://portal.example/cancelled"));
    assert_eq!(stage.receiver.rest(), ["notify", "cancel"]);
    let read = stage.read(&payment.kassenzeichen).await;
    assert_eq!(
        read["kassenzeichen"]["zusatzdaten"].to_string(),
        r#"{"paypagestatus":"AKTIV","saldo":41.50}"#
    );
    let (_, html) = page(&stage, &payment.paypage).await;
    assert!(
        html.contains("wurde abgebrochen") && !html.contains("Jetzt bezahlen"),
        "{html}"
    );
}

#[tokio::test]
async fn who_chooses_no_method_is_asked_again() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![]).await;
    for form in ["action=pay", "action=pay&method=PAYPAL"] {
        let (status, _, html) = press(&stage, &payment.paypage, form).await;
        assert!(
            status == 400 && html.contains("wählen Sie eine der Zahlungsarten"),
            "{html}"
        );
    }
    assert!(stage.receiver.rest().is_empty());
    assert_eq!(
        stage
            .sandbox
            .payment(&payment.kassenzeichen)
            .expect("a payment")
            .state,
        "open"
    );
}

#[tokio::test]
async fn without_a_way_back_the_paypage_says_how_it_ended() {
    let stage = Stage::new().await;
    let mut list = stage.list("TX1", 4150);
    list["fachverfahrendaten"] = json!(null);
    stage.post(&list).await.expect("an answer");
    let payment = stage.sandbox.payments().pop().expect("a payment");
    let (status, to, _) = press(&stage, &payment.paypage, "action=pay&method=SEPASDD").await;
    assert_eq!(status, 303);
    assert!(
        payment.paypage.ends_with(&to) && to.starts_with("/paypage/"),
        "{to}"
    );
    assert!(
        stage
            .sandbox
            .notify(&payment.kassenzeichen, &Resend::default())
            .is_err()
    );
}

#[tokio::test]
async fn the_index_lists_the_payments() {
    let stage = Stage::new().await;
    let (_, html) = page(&stage, stage.sandbox.base_url().as_str()).await;
    assert!(html.contains("Noch keine Zahlung"));
    let payment = stage.payment(vec![Fault::NoNotify]).await;
    let (_, html) = page(&stage, stage.sandbox.base_url().as_str()).await;
    for text in [
        &payment.kassenzeichen,
        "Antrag &#60;4711&#62;",
        "41,50 €",
        "offen",
        "no-notify",
        "/paypage/",
    ] {
        assert!(html.contains(text), "no {text} in {html}");
    }
}

#[tokio::test]
async fn a_notify_that_is_not_taken_is_sent_again() {
    let mut stage = Stage::new().await;
    let payment = stage.payment(vec![]).await;
    stage
        .receiver
        .answers
        .lock()
        .expect("answers")
        .extend([500, 503, 200]);
    let sent = stage
        .sandbox
        .pay(&payment.kassenzeichen, None)
        .expect("payable")
        .done()
        .await;
    let tries: Vec<_> = sent
        .iter()
        .map(|sent| (sent.status.as_str(), sent.tries, sent.answer))
        .collect();
    assert_eq!(tries, [("notify", 3, Some(200)), ("success", 1, Some(200))]);
    assert_eq!(stage.receiver.rest(), ["notify", "notify", "notify", "success"]);
    assert_eq!(
        stage
            .sandbox
            .payment(&payment.kassenzeichen)
            .expect("a payment")
            .deliveries,
        sent
    );
}

#[tokio::test]
async fn a_notify_that_nobody_takes_is_given_up() {
    let stage = Stage::new().await;
    let gone = listen().await.local_addr().expect("an address");
    let mut list = stage.list("TX1", 4150);
    list["fachverfahrendaten"]["notifyUrl"] = json!(format!("http://{gone}/"));
    stage.post(&list).await.expect("an answer");
    let payment = stage.sandbox.payments().pop().expect("a payment");
    let sent = stage
        .sandbox
        .pay(&payment.kassenzeichen, None)
        .expect("payable")
        .done()
        .await;
    assert!(
        sent.iter().all(|sent| sent.tries == 4 && sent.answer.is_none()),
        "{sent:?}"
    );
}
