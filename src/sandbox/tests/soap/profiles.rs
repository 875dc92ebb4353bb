//! What differs from one installation to the next.

use super::*;

#[tokio::test]
async fn version_two_is_flat_and_has_arrays() {
    let stage = Stage::with_world(|account| account.soap_version = SoapVersion::Two).await;
    let alive = stage.soap("isAlive", "").await;
    assert_eq!(alive.at("code"), Some("+0000"));
    assert_eq!(alive.at("text"), None);
    stage.soap_kunde("K1").await;
    let created = stage.soap_create("TX1", "23.45").await;
    let buchungen = created
        .ok()
        .tree
        .child("buchungsListe")
        .and_then(|list| list.child("buchungen"));
    let buchungen = buchungen.expect("an array");
    assert_eq!(buchungen.attribute("soapenc:arrayType"), "ep:Buchung[1]");
    let bank = stage
        .soap("leseBankverbindungBewirtschafter", BEWIRTSCHAFTER)
        .await;
    assert!(bank.ok().at("bank/BIC").is_some() && bank.at("bank/bic").is_none());
}

#[tokio::test]
async fn version_three_has_a_text_and_lists() {
    let stage = Stage::new().await;
    let refused = stage.soap("lesenKunde", &kunde("K9")).await;
    assert_eq!(refused.at("ergebnis/text/code"), Some("-0199"));
    assert_eq!(refused.at("ergebnis/text/sprache"), Some("de"));
    assert_eq!(refused.at("ergebnis/istOk"), Some("false"));
    let bank = stage
        .soap("leseBankverbindungBewirtschafter", BEWIRTSCHAFTER)
        .await;
    assert!(bank.ok().at("bank/bic").is_some());
    let iban = bank.at("bankverbindung/IBAN").expect("an IBAN");
    let own = stage
        .sandbox
        .bank_account("1610000000", "42")
        .expect("an account");
    assert_eq!(
        (iban, bank.at("bankverbindung/BIC")),
        (own.iban.as_str(), Some(own.bic.as_str()))
    );
    assert_eq!(bank.at("bank/blz"), iban.get(4..12));
}

#[tokio::test]
async fn an_old_server_has_no_operation_with_parameters() {
    let stage = Stage::with_world(|account| account.mit_blp = false).await;
    stage.soap_kunde("K1").await;
    let refused = stage.soap_create("TX1", "23.45").await;
    assert_eq!(refused.status, 500);
    let (code, text) = refused.fault();
    assert_eq!(code, "soapenv:Client");
    assert_eq!(text, format!("{MANY} is not a valid method for this service"));
    let parameters = format!("<eShopKundenNr>K1</eShopKundenNr>{}", liste("TX1", "23.45"));
    let without = MANY.trim_end_matches("MitBLP");
    stage.soap(without, &parameters).await.ok();
}

#[tokio::test]
async fn the_number_of_the_kunde_has_two_spellings() {
    let stage = Stage::with_world(|account| account.customer_number = CustomerNumber::EShopKundenNr).await;
    let kassenzeichen = stage.soap_payment().await;
    let info = stage.soap_info(&kassenzeichen).await;
    assert_eq!(info.ok().at("EShopKundenNr"), Some("K1"));
    assert_eq!(info.at("EShopKundennummer"), None);
}

#[tokio::test]
async fn the_status_of_the_paypage_may_be_missing() {
    let stage = Stage::with_world(|account| account.paypage_status = false).await;
    let kassenzeichen = stage.soap_payment().await;
    assert_eq!(
        stage.soap_info(&kassenzeichen).await.ok().at("paypageStatus"),
        None
    );
}

#[tokio::test]
async fn what_was_aborted_looks_paid_to_who_reads_the_saldo_alone() {
    for (temporary, claim) in [(true, "0.00"), (false, "23.45")] {
        let stage = Stage::with_world(|account| account.temporary_until_paid = temporary).await;
        let kassenzeichen = stage.soap_payment().await;
        stage.sandbox.abort(&kassenzeichen).expect("open").done().await;
        let info = stage.soap_info(&kassenzeichen).await;
        assert_eq!(info.ok().at("saldo"), Some(claim));
        assert_eq!(info.at("betragHauptforderungen"), Some(claim));
        assert_eq!(info.at("betragZahlungseingaenge"), Some("0.00"));
    }
}

#[tokio::test]
async fn a_reversed_claim_looks_paid_too() {
    let stage = Stage::new().await;
    let kassenzeichen = stage.soap_payment().await;
    stage.sandbox.storno(&kassenzeichen, None).expect("a claim");
    let info = stage.soap_info(&kassenzeichen).await;
    assert_eq!(
        (info.ok().at("saldo"), info.at("betragStornos")),
        (Some("0.00"), Some("23.45"))
    );
    assert_eq!(info.at("betragZahlungseingaenge"), Some("0.00"));
}

#[test]
fn the_world_file_chooses_the_profile() {
    let world = World::from_toml(
        r#"
        [[accounts]]
        mandant = "1610000000"
        bewirtschafter = "42"
        name = "Stadtbibliothek"
        soap_version = "2"
        mit_blp = false
        customer_number = "EShopKundenNr"
        paypage_status = false
        temporary_until_paid = false
        check_digit = true
        kunde_with_open = "mark"
        "#,
    )
    .expect("a world");
    let account = &world.accounts[0];
    assert_eq!(account.soap_version, SoapVersion::Two);
    assert_eq!(account.customer_number, CustomerNumber::EShopKundenNr);
    assert_eq!(account.kunde_with_open, KundeWithOpen::Mark);
    assert!(!account.mit_blp && !account.paypage_status && !account.temporary_until_paid);
    assert!(account.check_digit);
}
