//! What is sent.

use super::super::wire::payment_request;
use super::*;
use crate::app::ports::Fault;

fn written(order: &OpenOrder, config: &XbezahldiensteConfig) -> String {
    let request = payment_request(order, Hand::new().now(), config).expect("it can be carried");
    serde_json::to_string_pretty(&request).expect("JSON")
}

fn json_of(order: &OpenOrder, config: &XbezahldiensteConfig) -> Value {
    serde_json::from_str(&written(order, config)).expect("JSON")
}

fn of_version(version: Version) -> XbezahldiensteConfig {
    let mut config = config("https://service.example");
    config.version = version;
    config
}

#[test]
fn the_body_is_exactly_what_the_standard_wants() {
    let expected = r#"{
  "requestId": "TX7F3A1",
  "requestTimestamp": "2026-03-01T11:00:00.000Z",
  "currency": "EUR",
  "grossAmount": 41.50,
  "purpose": "GEBUEHR FUER 5",
  "description": "Geburtsurkunde (2 Stück)",
  "redirectUrl": "https://connector.example/return/7f3a",
  "items": [
    {
      "id": "1",
      "reference": "TX7F3A1-1",
      "description": "Gebühr für § 5",
      "taxRate": 0,
      "quantity": 1,
      "totalNetAmount": 23.45,
      "totalTaxAmount": 0.00,
      "singleNetAmount": 23.45,
      "singleTaxAmount": 0.00,
      "bookingData": {
        "haushaltstelle": "1100.1000",
        "objektnummer": "0000000001"
      }
    },
    {
      "id": "2",
      "reference": "TX7F3A1-2",
      "description": "Gebühr für § 5",
      "taxRate": 19,
      "quantity": 1,
      "totalNetAmount": 15.17,
      "totalTaxAmount": 2.88,
      "singleNetAmount": 15.17,
      "singleTaxAmount": 2.88,
      "bookingData": {
        "haushaltstelle": "1100.2000",
        "href": "stsl=A1;"
      }
    }
  ]
}"#;
    assert_eq!(written(&order(), &of_version(Version::V110)), expected);
    assert_eq!(written(&order(), &of_version(Version::V120)), expected);
}

#[test]
fn the_first_version_spells_the_total_with_one_s_and_takes_latin_letters_only() {
    let body = json_of(&order(), &of_version(Version::V100));
    assert_eq!(body["grosAmount"].to_string(), "41.50");
    assert_eq!(body.get("grossAmount"), None);
    assert_eq!(body["description"], "Geburtsurkunde 2 Stück");
    assert_eq!(body["items"][0]["description"], "Gebühr für 5");
}

#[test]
fn nothing_is_ever_null_or_empty() {
    let mut order = order();
    order.description = " ".into();
    for line in &mut order.lines {
        line.text = "東京".into();
        line.objektnummer = Some(String::new());
        line.href = None;
    }
    let mut config = of_version(Version::V100);
    config.booking_data.haushaltsstelle = String::new();
    let text = written(&order, &config);
    for absent in ["null", "purpose", "description", "bookingData", "requestor", "{}"] {
        assert!(!text.contains(absent), "«{absent}» is in {text}");
    }
}

#[test]
fn the_purpose_is_written_as_the_service_wants_it() {
    let purpose = |form, order: &OpenOrder| {
        let mut config = of_version(Version::V110);
        config.purpose = form;
        json_of(order, &config)["purpose"].as_str().map(str::to_owned)
    };
    let mut order = order();
    assert_eq!(
        purpose(PurposeForm::Keep, &order).as_deref(),
        Some("Gebuehr fuer 5")
    );
    assert_eq!(purpose(PurposeForm::Omit, &order), None);
    order.lines[1].text = "anderes".into();
    assert_eq!(
        purpose(PurposeForm::Upper, &order).as_deref(),
        Some("GEBURTSURKUNDE 2 STUECK"),
        "items of their own texts have the page's text in common"
    );
    order.description = "Überlange Gebührenbezeichnung der Stadt".into();
    assert_eq!(
        purpose(PurposeForm::Upper, &order).map(|text| text.len()),
        Some(27),
        "counted after umlauts became two letters"
    );
}

#[test]
fn keys_of_booking_data_have_the_names_that_the_service_knows() {
    let mut config = of_version(Version::V110);
    config.booking_data = super::super::config::BookingDataNames {
        haushaltsstelle: "Titel".into(),
        objektnummer: String::new(),
        href: "TitelZusatz".into(),
    };
    let body = json_of(&order(), &config);
    assert_eq!(body["items"][0]["bookingData"], json!({"Titel": "1100.1000"}));
    assert_eq!(
        body["items"][1]["bookingData"],
        json!({"Titel": "1100.2000", "TitelZusatz": "stsl=A1;"})
    );
}

#[test]
fn the_payer_is_named_only_where_the_operator_wants_it() {
    let mut config = of_version(Version::V120);
    config.requestor = true;
    let mut order = order();
    assert_eq!(
        json_of(&order, &config)["requestor"],
        json!({"name": "Muster", "firstName": "Eva", "isOrganization": false, "address": {}})
    );
    order.organisation = true;
    order.payer_first_name = None;
    order.payer_name = "Bäckerei & Söhne".into();
    assert_eq!(
        json_of(&order, &config)["requestor"],
        json!({"name": "Bäckerei & Söhne", "firstName": "-", "isOrganization": true,
               "organizationName": "Bäckerei & Söhne", "address": {}})
    );
}

#[test]
fn what_the_standard_cannot_carry_is_not_sent() {
    let config = of_version(Version::V110);
    let refused = |change: fn(&mut OpenOrder)| {
        let mut order = order();
        change(&mut order);
        let refusal = payment_request(&order, Hand::new().now(), &config).expect_err("it cannot");
        (refusal.fault, refusal.text)
    };
    let (fault, text) = refused(|order| order.total = Cents::new(1));
    assert!(
        fault == Fault::Configuration && text.contains("41.50 EUR"),
        "{text}"
    );
    let (fault, text) = refused(|order| {
        order.total = Cents::new(100_000_000);
        order.lines.truncate(1);
        order.lines[0].net = order.total;
    });
    assert!(fault == Fault::Caller && text.contains("999999"), "{text}");
    let (fault, text) = refused(|order| {
        order.lines[1].tax = order.lines[1].net + order.lines[1].tax;
        order.lines[1].net = Cents::ZERO;
    });
    assert!(
        fault == Fault::Caller && text.contains("item 2 has 0.00 EUR net"),
        "{text}"
    );
    let (fault, text) = refused(|order| {
        let line = order.lines[0].clone();
        order.lines = vec![line; 100];
        order.total = order.lines.iter().map(|line| line.net).sum();
    });
    assert!(fault == Fault::Caller && text.contains("100 items"), "{text}");
}

#[test]
fn an_item_that_costs_nothing_is_left_out() {
    let mut order = order();
    let mut free = order.lines[0].clone();
    free.net = Cents::ZERO;
    order.lines.insert(0, free);
    let body = json_of(&order, &of_version(Version::V110));
    assert_eq!(body["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(body["items"][0]["id"], "1");
}
