use super::*;

const LISTE: &str = "buchungsListe";

/// The code that a create call is answered with whose list was changed.
async fn code_of(stage: &Stage, from: &str, to: &str) -> String {
    let list = liste("TX1", "23.45");
    assert!(list.contains(from), "{from}");
    let parameters = format!("<eShopKundenNr>K1</eShopKundenNr>{}", list.replace(from, to));
    stage.soap(MANY, &parameters).await.code().to_owned()
}

#[tokio::test]
async fn mistakes_in_a_list_have_the_codes_that_the_konnektor_gives() {
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    let number = "<EShopTransaktionsNr>TX1</EShopTransaktionsNr>";
    let buchungen = "<buchungen><buchungen><haushaltsstelle>1100.10000</haushaltsstelle>\
        <objektnummer>0000000001</objektnummer><buchungstext>MAHNGEBÜHR</buchungstext><betrag>23.45</betrag>\
        </buchungen></buchungen>";
    for (from, to, code) in [
        (
            "<buchungsListe><betrag>23.45<",
            "<buchungsListe><betrag>23.46<",
            "-0506",
        ),
        (
            "<buchungsListe><betrag>23.45<",
            "<buchungsListe><betrag>0.00<",
            "-0503",
        ),
        (
            "<buchungsListe><betrag>23.45<",
            "<buchungsListe><betrag>23,45<",
            "-0503",
        ),
        (
            "<buchungsListe><betrag>23.45<",
            "<buchungsListe><betrag>23.451<",
            "-0525",
        ),
        (">EUR<", ">USD<", "-0514"),
        ("2026-03-01T12:00:00Z", "01.03.2026 12:00:00", "-0508"),
        ("2026-03-01T12:00:00Z", "2026-02-30T12:00:00", "-0508"),
        (buchungen, "", "-0505"),
        (buchungen, "<buchungen/>", "-0505"),
        (buchungen, "<buchungen>Gebühr</buchungen>", "-0601"),
        ("1100.10000", "1100.2000", "-0611"),
        ("1100.10000", "1100.100001", "-0604"),
        (">0000000001<", ">00000000001<", "-0605"),
        ("MAHNGEBÜHR", "Mahngebühr", "-0610"),
        ("MAHNGEBÜHR", "", "-0609"),
        ("</buchungstext>", "</buchungstext><belegNr>1</belegNr>", "-0606"),
        (">01<", ">110000<", "-0504"),
        (">42<", ">43<", "-0304"),
        (">42<", ">BW100001<", "-0303"),
        ("<bewirtschafterNr>42</bewirtschafterNr>", "", "-0301"),
        (number, "<EShopTransaktionsNr>T X</EShopTransaktionsNr>", "-0530"),
        (number, "<kassenzeichen>OWN1</kassenzeichen>", "-0522"),
        (number, number, "+0000"),
        (number, number, "-0531"),
        (number, "", "+0000"),
    ] {
        assert_eq!(code_of(&stage, from, to).await, code, "{from} -> {to}");
    }
    assert_eq!(stage.sandbox.payments().len(), 2);
}

#[tokio::test]
async fn a_list_needs_a_kunde_that_is_there() {
    let stage = Stage::new().await;
    assert_eq!(stage.soap_create("TX1", "23.45").await.code(), "-0199");
    assert_eq!(stage.soap(MANY, &liste("TX1", "23.45")).await.code(), "-0509");
    assert_eq!(stage.soap(MANY, "").await.code(), "-0501");
}

#[tokio::test]
async fn methods_are_judged_and_whatever_fits_is_taken() {
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    let create = async |operation: &str, number: &str, amount: &str, methods: &str| {
        let list = liste(number, amount);
        let parameters = format!("<eShopKundenNr>K1</eShopKundenNr>{list}{methods}");
        stage.soap(operation, &parameters).await
    };
    let list =
        |code: &str| format!("<zahlverfahrenListe><stringList>{code}</stringList></zahlverfahrenListe>");
    assert_eq!(create(MANY, "T1", "0.99", &list("SEPASDD")).await.code(), "-0510");
    assert_eq!(
        create(MANY, "T1", "2000.01", &list("PAYPAL")).await.code(),
        "-0511"
    );
    assert_eq!(create(MANY, "T1", "1.00", &list("GIROPAY")).await.code(), "-0507");
    assert_eq!(create(MANY, "T1", "10000.01", "").await.code(), "-0511");
    // Of three methods two take so little.
    assert_eq!(
        create(MANY, "T1", "0.50", "").await.ok().at("zahlverfahren"),
        None
    );
    let one = create(
        "anlegenKassenzeichen",
        "T2",
        "5.00",
        "<zahlverfahren>PAYPAL</zahlverfahren>",
    )
    .await;
    assert_eq!(one.ok().at("zahlverfahren"), Some("PAYPAL"));
    let kassenzeichen = one.at("buchungsListe/kassenzeichen").expect("one");
    assert!(stage.sandbox.pay(kassenzeichen, Some("KREDITKARTE")).is_err());
}

#[tokio::test]
async fn transfers_are_claims_without_a_paypage() {
    for (operation, method) in [
        ("ueberweisenVorLieferung", "UEBERWEISUNGVOR"),
        ("ueberweisenVorLieferungMitBLP", "UEBERWEISUNGVOR"),
        ("ueberweisenNachLieferung", "UEBERWEISUNGNACH"),
        ("ueberweisenNachLieferungMitBLP", "UEBERWEISUNGNACH"),
    ] {
        let stage = Stage::new().await;
        stage.soap_kunde("K1").await;
        let parameters = format!("<eShopKundenNr>K1</eShopKundenNr>{}", liste("TX1", "23.45"));
        let created = stage.soap(operation, &parameters).await;
        assert_eq!(created.ok().at("zahlverfahren"), Some(method));
        let kassenzeichen = created.at("buchungsListe/kassenzeichen").expect("one");
        let open = stage.soap_info(kassenzeichen).await;
        assert_eq!(
            (open.ok().at("saldo"), open.at("paypageStatus")),
            (Some("23.45"), None)
        );
        stage
            .sandbox
            .receive(kassenzeichen, Cents::new(2000))
            .expect("an amount");
        let part = stage.soap_info(kassenzeichen).await;
        assert_eq!(
            (part.at("saldo"), part.at("betragZahlungseingaenge")),
            (Some("3.45"), Some("20.00"))
        );
        stage.sandbox.return_money(kassenzeichen, None).expect("money");
        let back = stage.soap_info(kassenzeichen).await;
        assert_eq!(
            (back.at("saldo"), back.at("betragRuecklastschriften")),
            (Some("23.45"), Some("20.00"))
        );
    }
}

#[tokio::test]
async fn a_lost_answer_is_found_by_the_number() {
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    let number = "<eShopTransaktionsNr>TX1</eShopTransaktionsNr>";
    assert_eq!(stage.soap("lesenTransaktion", number).await.code(), "-0530");
    stage.sandbox.fail_next(Fault::ErrorAfterCreate);
    let parameters = format!("<eShopKundenNr>K1</eShopKundenNr>{}", liste("TX1", "23.45"));
    let body = envelope(MANY, &format!("{MANDANT}{parameters}"));
    assert_eq!(stage.send(body, "text/xml").await.status(), 500);
    assert_eq!(stage.soap_create("TX1", "23.45").await.code(), "-0531");
    let found = stage.soap("lesenTransaktion", number).await;
    let kassenzeichen = found.ok().at("buchungsListe/kassenzeichen");
    assert_eq!(
        kassenzeichen,
        Some(stage.sandbox.payments()[0].kassenzeichen.as_str())
    );
    assert_eq!(
        found
            .tree
            .child(LISTE)
            .expect("a list")
            .text("EShopTransaktionsNr"),
        "TX1"
    );
}

#[tokio::test]
async fn strangers_are_refused() {
    let stage = Stage::new().await;
    let kassenzeichen = stage.soap_payment().await;
    for (mandant, code) in [("TH000009", "-0012"), ("", "-0011"), ("TH000001", "-0310")] {
        let parameters =
            format!("<mandantNr>{mandant}</mandantNr><kassenzeichen>{kassenzeichen}</kassenzeichen>");
        let body = envelope("lesenKassenzeichenInfo", &parameters);
        assert_eq!(stage.post_soap(body, "text/xml").await.code(), code, "{mandant}");
    }
    assert_eq!(stage.soap_info("4711").await.code(), "-0310");
}

#[tokio::test]
async fn a_kassenzeichen_of_the_clients_own_is_compared_with_the_one_that_is_there() {
    let mut world = World::demo();
    world
        .accounts
        .iter_mut()
        .for_each(|account| account.kassenzeichen_by_client = true);
    let stage = Stage::with(Options { world, ..options() }).await;
    for number in ["K1", "K2"] {
        stage.soap_kunde(number).await;
    }
    let list = |number: &str| {
        let own = "<kassenzeichen>OWN1</kassenzeichen><EShopTransaktionsNr>";
        liste(number, "23.45").replace("<EShopTransaktionsNr>", own)
    };
    let create = async |kunde: &str, number: &str, method: &str| {
        let methods = format!("<zahlverfahrenListe><item>{method}</item></zahlverfahrenListe>");
        let parameters = format!("<eShopKundenNr>{kunde}</eShopKundenNr>{}{methods}", list(number));
        stage.soap(MANY, &parameters).await.code().to_owned()
    };
    assert_eq!(stage.soap_create("T0", "23.45").await.code(), "-0521");
    assert_eq!(create("K1", "T1", "PAYPAL").await, "+0000");
    assert_eq!(create("K1", "T2", "KREDITKARTE").await, "-0515");
    assert_eq!(create("K2", "T2", "PAYPAL").await, "-0517");
    assert_eq!(create("K1", "T2", "PAYPAL").await, "-0520");
    stage.sandbox.pay("OWN1", None).expect("payable").done().await;
    assert_eq!(create("K1", "T2", "PAYPAL").await, "-0529");
    let mut elsewhere = stage.list("T9", 2345);
    elsewhere["kassenzeichennummer"] = json!("OWN1");
    let answer: Value = stage
        .post(&elsewhere)
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(answer["ergebnis"]["rc"], "-0516");
}

#[tokio::test]
async fn a_check_digit_is_given_and_demanded() {
    let stage = Stage::with_world(|account| account.check_digit = true).await;
    assert_eq!(stage.soap_payment().await, "4200000000013");
    let stage = Stage::with_world(|account| {
        account.check_digit = true;
        account.kassenzeichen_by_client = true;
    })
    .await;
    stage.soap_kunde("K1").await;
    let transaction = "<EShopTransaktionsNr>TX1</EShopTransaktionsNr>";
    for (own, code) in [
        ("123456787", "-0502"),
        ("AB", "-0502"),
        ("1", "-0310"),
        ("123456788", "+0000"),
    ] {
        let to = format!("<kassenzeichen>{own}</kassenzeichen>");
        assert_eq!(code_of(&stage, transaction, &to).await, code, "{own}");
    }
}

fn activation(kassenzeichen: &str, reference: &str, kind: &str) -> String {
    let reference = format!("<saferpayReferenzID>{reference}</saferpayReferenzID>");
    format!("<wId>42/{kassenzeichen}</wId>{MANDANT}{reference}<typZahlung>{kind}</typZahlung>")
}

#[tokio::test]
async fn who_was_paid_by_a_provider_of_its_own_activates_the_kassenzeichen() {
    let stage = Stage::new().await;
    let kassenzeichen = stage.soap_payment().await;
    let activate = async |reference: &str, kind: &str| {
        let body = envelope(
            "aktiviereTempKassenzeichen",
            &activation(&kassenzeichen, reference, kind),
        );
        stage.post_soap(body, "text/xml").await.code().to_owned()
    };
    assert_eq!(activate("PSP-1", "BITCOIN").await, "-0507");
    assert_eq!(activate("PSP-1", "GIROPAY").await, "-0507");
    assert_eq!(activate("", "VISA").await, "-0701");
    assert_eq!(activate("PSP-1", "Visa").await, "+0000");
    assert_eq!(activate("PSP-1", "VISA").await, "+0000");
    assert_eq!(activate("PSP-2", "VISA").await, "-0594");
    let info = stage.soap_info(&kassenzeichen).await;
    assert_eq!(
        (info.at("zahlverfahren"), info.at("saldo")),
        (Some("KREDITKARTE"), Some("0.00"))
    );
}

#[tokio::test]
async fn the_older_activations_name_their_method() {
    let stage = Stage::new().await;
    let kassenzeichen = stage.soap_payment().await;
    let call = async |operation: &str, wid: &str| {
        let reference = "<saferpayReferenzID>PSP-1</saferpayReferenzID>";
        stage
            .soap(operation, &format!("<wId>{wid}</wId>{reference}"))
            .await
            .code()
            .to_owned()
    };
    let (card, giropay) = (
        "aktiviereTempKreditkartenKassenzeichen",
        "aktiviereTempGiropayKassenzeichen",
    );
    let wid = format!("42/{kassenzeichen}");
    assert_eq!(call(giropay, &wid).await, "-0507");
    assert_eq!(call(card, &kassenzeichen).await, "-0310");
    assert_eq!(call(card, "42/4711").await, "-0310");
    assert_eq!(call(card, &format!("43/{kassenzeichen}")).await, "-0304");
    assert_eq!(call(card, &wid).await, "+0000");
    stage.soap_create("TX2", "1.00").await.ok();
    stage.sandbox.abort("4200000000002").expect("open").done().await;
    assert_eq!(call(card, "42/4200000000002").await, "-0594");
}
