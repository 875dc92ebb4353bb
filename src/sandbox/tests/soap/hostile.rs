//! What no honest client sends: a clear Fault, bounded memory, and the service goes on.

use proptest::prelude::*;

use super::*;

async fn fault_of(stage: &Stage, body: impl Into<reqwest::Body>) -> (u16, String, String) {
    let answer = stage.post_soap(body, "text/xml").await;
    let (code, text) = answer.fault();
    (answer.status, code.to_owned(), text.to_owned())
}

#[tokio::test]
async fn bad_messages_are_refused_with_a_clear_fault() {
    let stage = Stage::new().await;
    let good = envelope("isAlive", MANDANT);
    let bomb = "<!DOCTYPE x [<!ENTITY a \"b\"><!ENTITY c \"&a;&a;\">]>";
    let with_type = good.replace("<e:Envelope", &format!("{bomb}<e:Envelope"));
    let deep = format!("{}{}", "<a>".repeat(70), "</a>".repeat(70));
    let wide = "<a/>".repeat(20_001);
    let attributes: String = (0..65).fold(String::new(), |all, number| format!("{all} a{number}='x'"));
    let cycle = "<mandantNr href=\"#a\"/><x id=\"a\"><y href=\"#a\"/></x>";
    // Each stands for two of the next: 2^40 elements.
    let doubling = (0..40).fold(String::new(), |all, number| {
        let next = number + 1;
        format!("{all}<r id=\"r{number}\"><a href=\"#r{next}\"/><a href=\"#r{next}\"/></r>")
    });
    let doubling = format!("<x href=\"#r0\"/>{doubling}<r id=\"r40\">1</r>");
    for (body, text) in [
        (with_type, "DOCTYPE"),
        (envelope("isAlive", "<mandantNr>&secret;</mandantNr>"), "ENTITY"),
        (
            envelope("isAlive", "<mandantNr>&#0;</mandantNr>"),
            "not well-formed",
        ),
        (
            envelope("isAlive", "<mandantNr>\u{1}</mandantNr>"),
            "control character",
        ),
        (envelope("isAlive", &deep), "nested deeper than 64"),
        (envelope("isAlive", &wide), "more than 20000 elements"),
        (
            envelope("isAlive", &format!("<a{attributes}/>")),
            "more than 64 attributes",
        ),
        (envelope("isAlive", cycle), "leads back to itself"),
        (envelope("isAlive", &doubling), "more than 20000 elements"),
        (
            envelope("isAlive", "<mandantNr href=\"#none\"/>"),
            "leads to nothing",
        ),
        (
            envelope("isAlive", "<mandantNr href=\"http://evil.example/\"/>"),
            "leads to nothing",
        ),
        (good[..good.len() - 5].to_owned(), "not well-formed"),
        (good.replace("</e:Body></e:Envelope>", ""), "is not closed"),
        (good.replace("</p:isAlive>", "</p:isDead>"), "not well-formed"),
        (format!("{good}<x/>"), "second element"),
        (format!("junk{good}"), "text outside"),
        (
            good.replace("<e:Body>", "<e:Body><x/>"),
            "two operations, x and isAlive",
        ),
        (good.replace("<e:Body>", "<e:Body/><e:Body>"), "more than one"),
        (envelope("x", "").replace("<p:x></p:x>", ""), "calls no operation"),
        (
            envelope("isDead", MANDANT),
            "isDead is not a valid method for this service",
        ),
        (
            envelope("abbuchenMitSEPAMandat", MANDANT),
            "not supported by this sandbox",
        ),
        ("{\"json\": true}".to_owned(), "not well-formed"),
        (String::new(), "no element"),
        ("<html/>".to_owned(), "no SOAP envelope but <html>"),
    ] {
        let (status, code, told) = fault_of(&stage, body).await;
        assert_eq!((status, code.as_str()), (500, "soapenv:Client"), "{told}");
        assert!(told.contains(text), "«{text}» is not in «{told}»");
    }
    stage.soap("isAlive", "").await.ok();
}

#[tokio::test]
async fn other_versions_and_headers_have_faults_of_their_own() {
    let stage = Stage::new().await;
    let good = envelope("isAlive", MANDANT);
    let twelve = good.replace(
        "http://schemas.xmlsoap.org/soap/envelope/",
        "http://www.w3.org/2003/05/soap-envelope",
    );
    let (_, code, text) = fault_of(&stage, twelve).await;
    assert_eq!(code, "soapenv:VersionMismatch");
    assert!(text.contains("SOAP 1.1"), "{text}");
    let header =
        "<e:Header><t:Transaction xmlns:t='urn:t' e:mustUnderstand='1'>5</t:Transaction></e:Header><e:Body>";
    let (_, code, text) = fault_of(&stage, good.replace("<e:Body>", header)).await;
    assert_eq!(code, "soapenv:MustUnderstand");
    assert!(text.contains("<Transaction>"), "{text}");
    let harmless = header.replace("mustUnderstand='1'", "mustUnderstand='0'");
    let answer = stage
        .post_soap(good.replace("<e:Body>", &harmless), "text/xml")
        .await;
    answer.ok();
}

#[tokio::test]
async fn a_wrong_encoding_is_a_fault() {
    let stage = Stage::new().await;
    let latin: Vec<u8> = envelope("isAlive", "<mandantNr>Ü</mandantNr>")
        .chars()
        .map(|letter| letter as u8)
        .collect();
    let (_, _, text) = fault_of(&stage, latin).await;
    assert!(text.contains("not in UTF-8"), "{text}");
    let unknown = envelope("isAlive", MANDANT).replace("UTF-8", "EBCDIC-9");
    let (_, _, text) = fault_of(&stage, unknown).await;
    assert!(text.contains("EBCDIC-9"), "{text}");
    let seven = stage
        .post_soap(envelope("isAlive", MANDANT), "text/xml; charset=iso-2022-kr")
        .await;
    assert!(seven.fault().1.contains("not known"));
}

#[tokio::test]
async fn a_very_long_message_is_answered_with_413() {
    let stage = Stage::new().await;
    let megabyte = "x".repeat(1024 * 1024);
    let long = envelope("isAlive", &format!("<mandantNr>{megabyte}</mandantNr>"));
    let (status, code, text) = fault_of(&stage, long).await;
    assert_eq!((status, code.as_str()), (413, "soapenv:Client"));
    assert!(text.contains("1048576"), "{text}");
    let (status, _, _) = fault_of(&stage, vec![b' '; 100 * 1024 * 1024]).await;
    assert_eq!(status, 413);
    stage.soap("isAlive", "").await.ok();
}

/// A good envelope with pieces cut out, put in, doubled or changed.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "<",
        ">",
        "</",
        "/>",
        "&",
        "&amp;",
        "&#x0;",
        "<![CDATA[",
        "]]>",
        "<!--",
        "<!DOCTYPE a>",
        "\"",
        "=",
        "\u{0}",
        "xsi:nil=\"true\"",
        "href=\"#a\"",
        "id=\"a\"",
        "xmlns=\"\"",
        "<buchungen>",
        "é",
        "-1",
        "99999999999999999",
    ]);
    let change = (any::<prop::sample::Index>(), 0..40_usize, pieces, any::<bool>());
    prop::collection::vec(change, 1..6).prop_map(|changes| {
        let parameters = format!(
            "{MANDANT}<eShopKundenNr>K1</eShopKundenNr>{}",
            liste("TX1", "23.45")
        );
        let mut body = envelope(MANY, &parameters).into_bytes();
        for (place, length, piece, cut) in changes {
            let place = place.index(body.len());
            let end = if cut {
                (place + length).min(body.len())
            } else {
                place
            };
            body.splice(place..end, piece.bytes());
        }
        body
    })
}

#[test]
fn nothing_that_is_sent_stops_the_service() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let stage = runtime.block_on(Stage::new());
    runtime.block_on(stage.soap_kunde("K1"));
    let anything = prop::collection::vec(any::<u8>(), 0..300);
    proptest!(ProptestConfig::with_cases(400), |(body in prop_oneof![mutated(), anything])| {
        let (status, text) = runtime.block_on(async {
            let answer = stage.send(body, "text/xml").await;
            (answer.status().as_u16(), answer.text().await.expect("text"))
        });
        prop_assert!([200, 500].contains(&status), "{status}");
        prop_assert!(Tree::read(&text).is_ok(), "{text}");
    });
    runtime.block_on(stage.soap("isAlive", "")).ok();
}
