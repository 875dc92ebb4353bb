//! The many forms in which the same call arrives.

use super::*;

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// The same list with another form of its array.
fn with_buchungen(buchungen: &str) -> String {
    let list = liste("TX1", "23.45");
    let (before, rest) = list.split_once("<buchungen>").expect("an array");
    let (_, after) = rest.rsplit_once("</buchungen>").expect("an end");
    format!("{before}{buchungen}{after}")
}

fn buchung(name: &str, amount: &str) -> String {
    format!(
        "<{name}><haushaltsstelle>1100.1000</haushaltsstelle><objektnummer>0000000001</objektnummer>\
         <buchungstext>GEBUEHR</buchungstext><betrag>{amount}</betrag></{name}>"
    )
}

#[tokio::test]
async fn arrays_have_many_forms() {
    let two = |name: &str| buchung(name, "20.00") + &buchung(name, "3.45");
    let repeated = two("buchungen");
    for (form, buchungen) in [
        ("repeated", repeated.clone()),
        ("a list", format!("<buchungen>{repeated}</buchungen>")),
        ("items", format!("<buchungen>{}</buchungen>", two("item"))),
        (
            "other names",
            format!("<buchungen>{}</buchungen>", two("Buchung")),
        ),
        (
            "with its size",
            format!(
                "<buchungen xmlns:enc=\"http://schemas.xmlsoap.org/soap/encoding/\" \
                 xsi:type=\"enc:Array\" enc:arrayType=\"p:Buchung[2]\">{}</buchungen>",
                two("item")
            ),
        ),
        (
            "a list in a list",
            format!("<buchungen><buchungen>{}</buchungen></buchungen>", two("item")),
        ),
        ("upper case", two("Buchungen")),
    ] {
        let stage = Stage::new().await;
        stage.soap_kunde("K1").await;
        let list = with_buchungen(&buchungen);
        let parameters = format!("<eShopKundenNr>K1</eShopKundenNr>{list}");
        let answer = stage.soap(MANY, &parameters).await;
        assert_eq!(answer.code(), "+0000", "{form}");
        assert_eq!(answer.tree.all("haushaltsstelle").len(), 2, "{form}");
    }
}

#[tokio::test]
async fn lists_of_methods_have_many_forms() {
    for methods in [
        "<zahlverfahrenListe>PAYPAL</zahlverfahrenListe>",
        "<zahlverfahrenListe><stringList>PAYPAL</stringList></zahlverfahrenListe>",
        "<zahlverfahrenListe><item xsi:type=\"xsd:string\">PAYPAL</item></zahlverfahrenListe>",
        "<ZahlverfahrenListe><list><x>PAYPAL</x></list></ZahlverfahrenListe>",
    ] {
        let stage = Stage::new().await;
        stage.soap_kunde("K1").await;
        let list = liste("TX1", "23.45");
        let parameters = format!("<eShopKundenNr>K1</eShopKundenNr>{list}{methods}");
        let answer = stage.soap(MANY, &parameters).await;
        assert_eq!(answer.ok().at("zahlverfahren"), Some("PAYPAL"), "{methods}");
    }
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    let nil = "<lieferAdresse xsi:nil=\"true\"/><buchungsText xsi:nil=\"1\"/><zahlverfahrenListe xsi:nil=\"true\"/>";
    let parameters = format!("<eShopKundenNr>K1</eShopKundenNr>{}{nil}", liste("TX1", "23.45"));
    stage.soap(MANY, &parameters).await.ok();
    assert_eq!(stage.sandbox.payments()[0].beschreibung, "");
}

#[tokio::test]
async fn names_are_found_whatever_their_place_prefix_or_first_letter() {
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    for body in [
        format!(
            "<S:Envelope xmlns:S='{SOAP}'><S:Body><lesenKunde xmlns='http://www.bff.bund.de/ePayment'>\
             <kunde><eShopKundenNr>K1</eShopKundenNr></kunde><mandantNr>1610000000</mandantNr>\
             </lesenKunde></S:Body></S:Envelope>"
        ),
        format!(
            "<Envelope xmlns='{SOAP}'><Header/><Body><x:LesenKunde xmlns:x='urn:x' xmlns:y='urn:y'>\
             <y:MandantNr y:type='y:token'> 1610000000\n</y:MandantNr><y:Kunde><x:EShopKundenNr>\
             <![CDATA[K1]]></x:EShopKundenNr></y:Kunde></x:LesenKunde></Body></Envelope>"
        ),
        format!(
            "\n \t<?xml version='1.0'?><!-- a comment --><?x y?><S:Envelope xmlns:S='{SOAP}'><S:Body><lesenKunde>\
             <mandantNr>&#49;610000000</mandantNr><kunde><EShopKundenNr>K&#x31;</EShopKundenNr></kunde>\
             </lesenKunde></S:Body></S:Envelope>"
        ),
    ] {
        let answer = stage.post_soap(body, "application/octet-stream").await;
        assert_eq!(answer.ok().at("kunde/nachname"), Some("Müster"));
    }
}

#[tokio::test]
async fn references_stand_for_what_they_lead_to() {
    let stage = Stage::new().await;
    stage.soap_kunde("K1").await;
    let list = liste("TX1", "23.45")
        .replace("<buchungsListe>", "<multiRef id=\"id0\" soapenc=\"x\">")
        .replace("</buchungsListe>", "</multiRef>");
    let list = {
        let (before, rest) = list.split_once("<buchungen>").expect("an array");
        let (buchungen, after) = rest.rsplit_once("</buchungen>").expect("an end");
        format!(
            "{before}<buchungen href=\"#id1\"/>{after}<multiRef id=\"id1\"><item href=\"#id2\"/></multiRef>{}",
            buchungen
                .replace("<buchungen>", "<multiRef id=\"id2\">")
                .replace("</buchungen>", "</multiRef>")
        )
    };
    let body = format!(
        "<e:Envelope xmlns:e='{SOAP}'><e:Body><{MANY}>{MANDANT}<eShopKundenNr id='n'>K1</eShopKundenNr>\
         <buchungsListe href='#id0'/></{MANY}>{list}</e:Body></e:Envelope>"
    );
    let answer = stage.post_soap(body, "text/xml").await;
    assert_eq!(answer.ok().at("buchungsListe/betrag"), Some("23.45"));
}

#[tokio::test]
async fn any_action_will_do() {
    let stage = Stage::new().await;
    for action in [None, Some(""), Some("\"\""), Some("\"urn:other#operation\"")] {
        let mut request = stage.client.post(stage.sandbox.soap_url());
        if let Some(action) = action {
            request = request.header("SOAPAction", action);
        }
        let answer = request
            .body(envelope("isAlive", MANDANT))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 200);
    }
}

#[tokio::test]
async fn encodings_are_those_of_mark_header_or_declaration() {
    let text = |declared: &str| {
        let kunde = format!("{MANDANT}{BEWIRTSCHAFTER}{}", kunde("K1"));
        envelope("anlegenKunde", &kunde).replace("UTF-8", declared)
    };
    let latin = |text: String| -> Vec<u8> { text.chars().map(|letter| letter as u8).collect() };
    let little = |text: String| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let big = |text: String| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
    for (body, content_type) in [
        (text("UTF-8").into_bytes(), "text/xml"),
        (["\u{feff}", &text("UTF-8")].concat().into_bytes(), "text/xml"),
        (latin(text("ISO-8859-1")), "text/xml"),
        (latin(text("windows-1252")), "text/xml"),
        (latin(text("UTF-8")), "text/xml; charset=ISO-8859-1"),
        (latin(text("UTF-8")), "text/xml;charset=\"windows-1252\""),
        (little(format!("\u{feff}{}", text("UTF-16"))), "text/xml"),
        (
            big(format!("\u{feff}{}", text("UTF-16"))),
            "text/xml; charset=UTF-16",
        ),
        (big(text("UTF-16")), "text/xml; charset=utf-16"),
        (little(text("UTF-16")), "text/xml"),
        (text("UTF-16").into_bytes(), "text/xml"),
    ] {
        let stage = Stage::new().await;
        let answer = stage.post_soap(body, content_type).await;
        assert_eq!(answer.ok().at("kunde/nachname"), Some("Müster"), "{content_type}");
    }
}
