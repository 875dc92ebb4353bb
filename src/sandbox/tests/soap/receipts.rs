use super::*;

async fn unread(stage: &Stage) -> (String, Vec<String>) {
    let answer = stage.soap("listeUngeleseneZahlungseingaenge", "").await;
    let id = answer.ok().at("ergebnis/EPaymentId").expect("an id").to_owned();
    let elements = answer.tree.all("zahlungseingangsElement");
    let line = |tree: &&tree::Tree| {
        format!(
            "{} {} {}",
            tree.text("kassenzeichen"),
            tree.text("betrag"),
            tree.text("EShopKundenNr")
        )
    };
    (id, elements.iter().map(line).collect())
}

async fn confirm(stage: &Stage, id: &str) -> String {
    let parameters = format!("<ePaymentId>{id}</ePaymentId>");
    let answer = stage
        .soap("bestaetigenGeleseneZahlungseingaenge", &parameters)
        .await;
    answer.code().to_owned()
}

#[tokio::test]
async fn receipts_come_until_they_are_confirmed() {
    let stage = Stage::new().await;
    let kassenzeichen = stage.soap_payment().await;
    assert!(unread(&stage).await.1.is_empty());
    stage
        .sandbox
        .pay(&kassenzeichen, None)
        .expect("payable")
        .done()
        .await;
    let line = format!("{kassenzeichen} 23.45 K1");
    let (first, lines) = unread(&stage).await;
    assert_eq!(lines, [line.as_str()]);
    let (second, lines) = unread(&stage).await;
    assert_eq!(lines, [line]);
    assert_eq!(confirm(&stage, &first).await, "-0100");
    assert_eq!(confirm(&stage, "").await, "-0100");
    assert_eq!(confirm(&stage, &second).await, "+0000");
    assert_eq!(confirm(&stage, &second).await, "-0100");
    assert!(unread(&stage).await.1.is_empty());
    stage
        .sandbox
        .receive(&kassenzeichen, Cents::new(5))
        .expect("an amount");
    assert_eq!(unread(&stage).await.1, [format!("{kassenzeichen} 0.05 K1")]);
}

#[tokio::test]
async fn what_comes_between_list_and_confirmation_is_not_lost() {
    let stage = Stage::new().await;
    let kassenzeichen = stage.soap_payment().await;
    stage
        .sandbox
        .pay(&kassenzeichen, None)
        .expect("payable")
        .done()
        .await;
    let (id, _) = unread(&stage).await;
    stage
        .sandbox
        .receive(&kassenzeichen, Cents::new(5))
        .expect("an amount");
    assert_eq!(confirm(&stage, &id).await, "+0000");
    assert_eq!(unread(&stage).await.1, [format!("{kassenzeichen} 0.05 K1")]);
}

#[tokio::test]
async fn a_mandant_reads_only_its_own() {
    let stage = Stage::new().await;
    let kassenzeichen = stage.soap_payment().await;
    stage
        .sandbox
        .pay(&kassenzeichen, None)
        .expect("payable")
        .done()
        .await;
    let body = envelope(
        "listeUngeleseneZahlungseingaenge",
        "<mandantNr>TH000001</mandantNr>",
    );
    let others = stage.post_soap(body, "text/xml").await;
    assert!(others.ok().tree.all("zahlungseingangsElement").is_empty());
}
