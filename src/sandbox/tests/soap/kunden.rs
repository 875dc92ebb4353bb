use super::*;

const NUMBER: &str = "<bewirtschafterNr>42</bewirtschafterNr><EShopKundenNr>K1</EShopKundenNr>";

fn changed(fields: &str) -> String {
    format!("{BEWIRTSCHAFTER}<kunde><EShopKundenNr>K1</EShopKundenNr>{fields}</kunde>")
}

#[tokio::test]
async fn a_kunde_is_created_read_changed_and_deleted() {
    let stage = Stage::new().await;
    assert_eq!(stage.soap("lesenKunde", &kunde("K1")).await.code(), "-0199");
    stage.soap_kunde("K1").await;
    let read = stage.soap("lesenKunde", &kunde("K1")).await;
    assert_eq!(read.ok().at("kunde/nachname"), Some("Müster"));
    assert_eq!(read.at("kunde/status/code"), Some("AKTIV"));
    let address = "<nachname>Neu</nachname><rechnungsAdresse><strasse>Am Markt</strasse><hausNr>1</hausNr>\
                   <PLZ>99947</PLZ><ort>Bad Langensalza</ort><land>DE</land></rechnungsAdresse>";
    stage.soap("aendernKunde", &changed(address)).await.ok();
    let read = stage.soap("lesenKunde", &kunde("K1")).await;
    assert_eq!(read.ok().at("kunde/nachname"), Some("Neu"));
    assert_eq!(read.at("kunde/rechnungsAdresse/PLZ"), Some("99947"));
    assert_eq!(read.at("kunde/vorname"), None);
    stage.soap("loeschenKunde", NUMBER).await.ok();
    assert_eq!(stage.soap("loeschenKunde", NUMBER).await.code(), "-0199");
    assert_eq!(
        stage.soap("aendernKunde", &changed(address)).await.code(),
        "-0199"
    );
}

#[tokio::test]
async fn a_number_is_given_once_in_a_mandant() {
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    let again = format!("{BEWIRTSCHAFTER}{}", kunde("K1"));
    assert_eq!(stage.soap("anlegenKunde", &again).await.code(), "-0102");
    let other = envelope(
        "anlegenKunde",
        &format!(
            "<mandantNr>TH000001</mandantNr><bewirtschafterNr>BW100001</bewirtschafterNr>{}",
            kunde("K1")
        ),
    );
    stage.post_soap(other, "text/xml").await.ok();
}

#[tokio::test]
async fn mistakes_in_a_kunde_are_refused() {
    let stage = Stage::new().await;
    let long =
        |name: &str, length: usize| format!("<nachname>M</nachname><{name}>{}</{name}>", "x".repeat(length));
    let address =
        |fields: &str| format!("<nachname>M</nachname><rechnungsAdresse>{fields}</rechnungsAdresse>");
    for (fields, code) in [
        (String::new(), "-0104"),
        (format!("<nachname>{}</nachname>", "M".repeat(28)), "-0104"),
        (long("vorname", 28), "-0103"),
        (long("EMailAdresse", 101), "-0107"),
        (long("telefonNrJob", 31), "-0109"),
        (long("titel", 16), "-0105"),
        (address("<PLZ>1234</PLZ>"), "-0201"),
        (address("<PLZ>1010</PLZ><land>AT</land>"), "+0000"),
        (address("<land>de</land>"), "-0201"),
        (
            address("<postfach>1</postfach><strasse>Am Markt</strasse>"),
            "-0213",
        ),
    ] {
        let answer = stage.soap("anlegenKunde", &changed(&fields)).await;
        assert_eq!(answer.code(), code, "{fields}");
    }
    let without = format!("{BEWIRTSCHAFTER}<kunde><nachname>M</nachname></kunde>");
    assert_eq!(stage.soap("anlegenKunde", &without).await.code(), "-0101");
    assert_eq!(stage.soap("anlegenKunde", BEWIRTSCHAFTER).await.code(), "-0509");
    assert_eq!(stage.soap("anlegenKunde", &kunde("K2")).await.code(), "-0301");
}

#[tokio::test]
async fn a_kunde_with_open_payments_may_have_to_stay() {
    let stage = Stage::with_world(|account| account.kunde_with_open = KundeWithOpen::Refuse).await;
    let kassenzeichen = stage.soap_payment().await;
    assert_eq!(stage.soap("loeschenKunde", NUMBER).await.code(), "-0119");
    stage
        .sandbox
        .pay(&kassenzeichen, None)
        .expect("payable")
        .done()
        .await;
    stage.soap("loeschenKunde", NUMBER).await.ok();
}

#[tokio::test]
async fn a_kunde_that_is_marked_goes_with_its_last_payment() {
    let stage = Stage::with_world(|account| account.kunde_with_open = KundeWithOpen::Mark).await;
    let kassenzeichen = stage.soap_payment().await;
    let deleted = stage.soap("loeschenKunde", NUMBER).await;
    assert_eq!(deleted.ok().at("kunde/status/code"), Some("ZU_LOESCHEN"));
    let change = changed("<nachname>Neu</nachname>");
    assert_eq!(stage.soap("aendernKunde", &change).await.code(), "-0120");
    assert_eq!(stage.soap_create("TX2", "1.00").await.code(), "-0120");
    stage
        .sandbox
        .pay(&kassenzeichen, None)
        .expect("payable")
        .done()
        .await;
    assert_eq!(stage.soap("lesenKunde", &kunde("K1")).await.code(), "-0199");
}
