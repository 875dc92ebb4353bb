use super::*;

async fn visit(stage: &Stage, query: &str) -> (u16, String) {
    let url = stage
        .sandbox
        .base_url()
        .join("paypage/login.do")
        .expect("an address");
    let answer = stage
        .client
        .get(format!("{url}?{query}"))
        .send()
        .await
        .expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

fn query(kassenzeichen: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("mandant", "1610000000")
        .append_pair("EShopKundenNr", "K1")
        .append_pair("kassenzeichen", kassenzeichen)
        .append_pair("backlinkSuccess", "https://portal.example/done?a=1&b=2")
        .append_pair("backlinkAbort", "https://portal.example/gone")
        .finish()
}

/// Where the form on a page goes.
fn action(page: &str) -> &str {
    let (_, rest) = page.split_once("action=\"").expect("a form");
    rest.split_once('"').expect("an end").0
}

async fn decide(stage: &Stage, page: &str, body: &'static str) -> String {
    let url = stage.sandbox.base_url().join(action(page)).expect("an address");
    let form = "application/x-www-form-urlencoded";
    let request = stage.client.post(url).header("Content-Type", form).body(body);
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 303);
    answer.headers()["location"].to_str().expect("text").to_owned()
}

#[tokio::test]
async fn the_payer_pays_though_the_kunde_is_deleted_and_comes_back() {
    let stage = Stage::new().await;
    let kassenzeichen = stage.soap_payment().await;
    let deleted = format!("{BEWIRTSCHAFTER}<EShopKundenNr>K1</EShopKundenNr>");
    stage.soap("loeschenKunde", &deleted).await.ok();
    let (status, page) = visit(&stage, &query(&kassenzeichen)).await;
    assert_eq!(status, 200);
    for text in [
        kassenzeichen.as_str(),
        "Eva Müster",
        "23,45 €",
        "Stadtbibliothek",
        "MAHNGEBÜHR",
    ] {
        assert!(page.contains(text), "{text} is missing");
    }
    let back = decide(&stage, &page, "action=pay&method=KREDITKARTE").await;
    assert_eq!(back, "https://portal.example/done?a=1&b=2");
    assert_eq!(
        stage.sandbox.payment(&kassenzeichen).expect("there").state,
        "paid"
    );
}

#[tokio::test]
async fn who_aborts_comes_back_to_the_other_link() {
    let stage = Stage::new().await;
    let kassenzeichen = stage.soap_payment().await;
    let (_, page) = visit(&stage, &query(&kassenzeichen)).await;
    assert_eq!(
        decide(&stage, &page, "action=abort").await,
        "https://portal.example/gone"
    );
    assert_eq!(
        stage.sandbox.payment(&kassenzeichen).expect("there").state,
        "aborted"
    );
}

#[tokio::test]
async fn the_links_of_one_session_are_not_those_of_another() {
    let stage = Stage::new().await;
    let kassenzeichen = stage.soap_payment().await;
    let (_, own) = visit(&stage, &query(&kassenzeichen)).await;
    let evil = query(&kassenzeichen).replace("portal.example", "evil.example");
    let (_, other) = visit(&stage, &evil).await;
    assert_ne!(action(&own), action(&other));
    assert!(
        decide(&stage, &own, "action=pay&method=PAYPAL")
            .await
            .starts_with("https://portal.example/")
    );
    let direct = stage.sandbox.payment(&kassenzeichen).expect("there").paypage;
    let page = stage
        .client
        .get(direct)
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    assert!(!page.contains("evil.example"));
}

#[tokio::test]
async fn a_wrong_address_leads_to_an_honest_page() {
    let stage = Stage::new().await;
    let kassenzeichen = stage.soap_payment().await;
    let good = query(&kassenzeichen);
    for (from, to) in [
        ("mandant=1610000000", "mandant=TH000001"),
        ("EShopKundenNr=K1", "EShopKundenNr=K2"),
        ("EShopKundenNr=K1&", ""),
        (kassenzeichen.as_str(), "4200000000009"),
    ] {
        let (status, page) = visit(&stage, &good.replace(from, to)).await;
        assert_eq!(status, 404, "{from} -> {to}");
        assert!(page.contains("gibt es nicht"), "{page}");
    }
    for link in [
        "javascript%3Aalert(1)",
        "%2Fdone",
        "https%3A%2F%2Fuser%40evil.example",
    ] {
        let wrong = good.replace("https%3A%2F%2Fportal.example%2Fdone%3Fa%3D1%26b%3D2", link);
        assert_eq!(visit(&stage, &wrong).await.0, 400, "{link}");
    }
    let bare = format!("mandant=1610000000&EShopKundenNr=K1&kassenzeichen={kassenzeichen}");
    let (status, page) = visit(&stage, &bare).await;
    assert_eq!(status, 200);
    assert!(
        decide(&stage, &page, "action=abort")
            .await
            .starts_with("/paypage/")
    );
}

#[tokio::test]
async fn a_paypage_without_an_end_and_a_transfer_without_a_paypage() {
    let stage = Stage::with_world(|account| account.session_minutes = 0).await;
    let kassenzeichen = stage.soap_payment().await;
    assert_eq!(visit(&stage, &query(&kassenzeichen)).await.0, 200);
    let parameters = format!("<eShopKundenNr>K1</eShopKundenNr>{}", liste("TX2", "1.00"));
    let transfer = stage.soap("ueberweisenVorLieferung", &parameters).await;
    let kassenzeichen = transfer.ok().at("buchungsListe/kassenzeichen").expect("one");
    assert_eq!(visit(&stage, &query(kassenzeichen)).await.0, 404);
}

#[tokio::test]
async fn what_the_konnektor_made_has_no_login() {
    let stage = Stage::new().await;
    let payment = stage.payment(vec![]).await;
    let query = format!(
        "mandant=TH000001&EShopKundenNr=TX1&kassenzeichen={}",
        payment.kassenzeichen
    );
    assert_eq!(visit(&stage, &query).await.0, 404);
}
