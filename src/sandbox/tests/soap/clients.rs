//! What four client libraries really send, replayed against the sandbox. `fixtures/soap` has the envelopes of
//! SOAP::Lite 1.27 (without a description, in the way of a library's software), and of PHP's SoapClient, zeep
//! 4.3 and node-soap 1.13 from `?wsdl`; each played a payment against a sandbox that had just begun. `-2` is the
//! same in the shapes of version 2, that of PHP with a reference.

use std::path::PathBuf;

use super::*;

/// The recorded envelopes of a client, in their order: the operation and the bytes.
fn recorded(client: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/soap")
        .join(client);
    let entries = std::fs::read_dir(&folder).expect("a folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let operation = |file: &PathBuf| {
        let name = file.file_stem().and_then(|name| name.to_str()).expect("a name");
        name.split_once('-').expect("a number and a name").1.to_owned()
    };
    (files.iter())
        .map(|file| (operation(file), std::fs::read(file).expect("a file")))
        .collect()
}

async fn replayed(client: &str, version: SoapVersion) {
    let stage = Stage::with_world(|account| account.soap_version = version).await;
    let mut seen = Vec::new();
    for (operation, body) in recorded(client) {
        let answer = stage.post_soap(body, "text/xml; charset=utf-8").await;
        let ergebnis = answer.ok().tree.child("ergebnis").unwrap_or(&answer.tree);
        let ok = ergebnis.child("istOk").expect("istOk");
        assert_eq!(
            (ok.text.as_str(), ok.attribute("xsi:type")),
            ("true", "xsd:boolean")
        );
        match operation.as_str() {
            "anlegenKunde" => assert_eq!(answer.at("kunde/nachname"), Some("Müster")),
            "lesenKassenzeichenInfo" => {
                assert_eq!(answer.at("kassenzeichen"), Some("4200000000001"));
                assert_eq!(answer.at("paypageStatus/code"), Some("AKTIV"));
                assert_eq!(answer.at("name"), Some("Müster"));
            }
            create if create.starts_with("anlegenKassenzeichen") => {
                assert_eq!(answer.at("buchungsListe/kassenzeichen"), Some("4200000000001"));
                assert_eq!(answer.at("buchungsListe/betrag"), Some("5.00"));
                assert_eq!(answer.tree.all("haushaltsstelle").len(), 2);
            }
            _ => {}
        }
        seen.push(operation);
    }
    assert_eq!(seen[0..2], ["isAlive", "anlegenKunde"]);
    assert!(seen[2].starts_with("anlegenKassenzeichen"));
    assert_eq!(seen[3..5], ["loeschenKunde", "lesenKassenzeichenInfo"]);
}

#[tokio::test]
async fn soap_lite_makes_a_payment_with_its_wrong_arrays() {
    replayed("soap-lite", SoapVersion::Three).await;
    replayed("soap-lite", SoapVersion::Two).await;
}

#[tokio::test]
async fn the_soap_client_of_php_makes_a_payment() {
    replayed("php", SoapVersion::Three).await;
    replayed("php-2", SoapVersion::Two).await;
}

#[tokio::test]
async fn zeep_makes_a_payment() {
    replayed("zeep", SoapVersion::Three).await;
}

#[tokio::test]
async fn node_soap_makes_a_payment() {
    replayed("node-soap", SoapVersion::Three).await;
    replayed("node-soap-2", SoapVersion::Two).await;
}
