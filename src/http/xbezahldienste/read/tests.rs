//! Stories of portals whose requests are taken, as they are or repaired.

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;

use super::*;
use crate::domain::order::Payer;

mod faults;

const LIMIT: usize = 1 << 20;
const NULLS_1_0_0: &str = include_str!("../../../../fixtures/xbezahldienste/request-1.0.0-nulls.json");
const PORTAL_1_1_0: &str = include_str!("../../../../fixtures/xbezahldienste/request-1.1.0.json");
const INDIVIDUAL_1_2_0: &str =
    include_str!("../../../../fixtures/xbezahldienste/request-1.2.0-individual.json");
const ORGANIZATION_1_2_0: &str =
    include_str!("../../../../fixtures/xbezahldienste/request-1.2.0-organization.json");

fn accepted(body: &str) -> (Order, Facts) {
    order(body.as_bytes(), Some("application/json"), LIMIT, None).expect("an acceptable request")
}

fn refused(body: &str) -> String {
    match order(body.as_bytes(), Some("application/json"), LIMIT, None) {
        Err(Refusal::Validation(text)) => text,
        other => panic!("a VALIDATION_ERROR was expected, not {other:?}"),
    }
}

/// The 1.1.0 request with one member set to something else, by JSON pointer.
fn with(pointer: &str, value: Value) -> String {
    let mut body: Value = serde_json::from_str(PORTAL_1_1_0).expect("JSON");
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    body.pointer_mut(parent)
        .and_then(Value::as_object_mut)
        .expect("an object")
        .insert(name.to_owned(), value);
    body.to_string()
}

/// The same, but with a number as it is written.
fn with_number(pointer: &str, text: &str) -> String {
    with(pointer, serde_json::from_str(text).expect("a number"))
}

#[test]
fn the_strictest_portal_in_1_0_0_with_nulls_empty_booking_data_and_slashes_in_accounts() {
    let (order, facts) = accepted(NULLS_1_0_0);
    assert_eq!(order.total, Cents::new(4150));
    assert_eq!(order.payer, None);
    assert_eq!(order.purpose.as_deref(), Some("Gebhr Geburtsurkunde"));
    assert_eq!(
        order.redirect_url,
        "https://formulare.example/api/public/payment-transaction-callback/8c1d/redirect/?a=1&b=%C3%BC#/fertig"
    );
    assert_eq!(order.items[0].booking_data["haushaltstelle"], "0/1.2000:100");
    assert_eq!(order.items[0].booking_data["objektnummer"], "4711");
    assert_eq!(order.items[0].booking_data.len(), 2);
    assert!(order.items[1].booking_data.is_empty());
    assert_eq!(order.items[1].description, None);
    assert_eq!(facts.dialect, Dialect::V1_0_0);
    assert_eq!(facts.spelling, Spelling::Gros);
    assert_eq!(facts.requestor, RequestorKind::Absent);
    assert!(facts.has_booking_data);
    assert_eq!(
        facts.warnings,
        ["items[1].singleNetAmount: 3 times 8.26 EUR is 24.78 EUR, not 24.79 EUR"]
    );
}

#[test]
fn a_1_1_0_portal_whose_tax_per_piece_is_rounded_first() {
    let (order, facts) = accepted(PORTAL_1_1_0);
    assert_eq!(order.items[0].tax_rate, Decimal::new(75, 1));
    assert_eq!(order.items[0].gross(), order.total);
    assert_eq!(
        order.description.as_deref(),
        Some("Gebühr nach § 5 VwKostG (Erlaubnis)")
    );
    assert_eq!(
        order.payer,
        Some(Payer {
            name: "O'Neil".to_owned(),
            first_name: Some("Zoë".to_owned()),
            organisation: false,
        })
    );
    assert_eq!(facts.dialect, Dialect::V1_1_0);
    assert_eq!(facts.requestor, RequestorKind::Legacy);
    assert!(!facts.has_booking_data);
    assert_eq!(facts.requested_at.rfc3339(), "2026-03-02T09:15:27.000Z");
    assert_eq!(
        facts.warnings,
        ["items[0].singleTaxAmount: 1 times 1.74 EUR is 1.74 EUR, not 1.64 EUR"]
    );
}

#[test]
fn typed_requestors_of_1_2_0() {
    let (order, facts) = accepted(INDIVIDUAL_1_2_0);
    assert_eq!(facts.dialect, Dialect::V1_2_0);
    assert_eq!(facts.requestor, RequestorKind::Typed);
    assert_eq!(facts.warnings, [""; 0]);
    assert_eq!(order.total, Cents::new(3000));
    assert_eq!(order.payer.expect("a payer").first_name.as_deref(), Some("Jörg"));

    let (order, facts) = accepted(ORGANIZATION_1_2_0);
    assert_eq!(facts.warnings, [""; 0]);
    assert_eq!(order.total, Cents::new(11900));
    assert_eq!(order.items[0].quantity, 1);
    assert_eq!(
        order.payer,
        Some(Payer {
            name: "Blumen & Söhne GmbH".to_owned(),
            first_name: None,
            organisation: true,
        })
    );
}

#[test]
fn exactly_one_spelling_of_the_total() {
    assert_eq!(
        refused(&with_number("/grosAmount", "23.45")),
        "grosAmount and grossAmount are both there, exactly one is allowed"
    );
    assert_eq!(
        accepted(&with("/grosAmount", Value::Null)).1.spelling,
        Spelling::Gross
    );
    assert_eq!(
        refused(&with("/grossAmount", Value::Null)),
        "grossAmount: is required"
    );
    let old = order(b"{}", None, LIMIT, Some(Dialect::V1_0_0)).expect_err("an empty request");
    assert!(old.to_string().contains("grosAmount: is required"), "{old}");
}

#[test]
fn the_spelling_that_arrived_beats_the_version_that_was_said() {
    let (_, facts) =
        order(PORTAL_1_1_0.as_bytes(), None, LIMIT, Some(Dialect::V1_0_0)).expect("an acceptable request");
    assert_eq!(facts.dialect, Dialect::V1_1_0);
    assert_eq!(
        facts.warnings[0],
        "the request says version 1.0.0 but is in version 1.1.0"
    );
}

#[test]
fn prices_per_piece_are_warned_of_but_nothing_is_booked_by_them() {
    for (number, warning) in [
        (
            "0",
            "items[0].singleNetAmount: 1 times 0.00 EUR is 0.00 EUR, not 21.81 EUR",
        ),
        (
            "21.8125",
            "items[0].singleNetAmount: 21.8125 has a fraction of a cent; amounts have two decimal places",
        ),
        (
            "-5",
            "items[0].singleNetAmount: -5.00 is not between 0 and 999999",
        ),
    ] {
        let (_, facts) = accepted(&with_number("/items/0/singleNetAmount", number));
        assert!(
            facts.warnings.contains(&warning.to_owned()),
            "{:?}",
            facts.warnings
        );
    }
}

#[test]
fn texts_are_one_line_and_odd_characters_are_a_warning() {
    let (order, facts) = accepted(&with("/purpose", json!(" Gebühr\r\nParken/1 ")));
    assert_eq!(order.purpose.as_deref(), Some("Gebühr Parken/1"));
    assert!(
        facts
            .warnings
            .contains(&"purpose contains «ü», which the standard does not allow".to_owned())
    );
    assert_eq!(accepted(&with("/purpose", json!(" \n "))).0.purpose, None);

    let old = NULLS_1_0_0.replace("Ausstellung einer", "§ 5:");
    assert!(
        accepted(&old)
            .1
            .warnings
            .contains(&"description contains «§», which the standard does not allow".to_owned())
    );
}

#[test]
fn posting_data_takes_what_account_strings_have() {
    let data = json!({"haushaltsstelle": "1.1300/100:07 (A+B) § 4 €", "leer": "  ", "Kapitel": "x\ty"});
    let (order, _) = accepted(&with("/items/0/bookingData", data));
    let data = &order.items[0].booking_data;
    assert_eq!(data["haushaltsstelle"], "1.1300/100:07 (A+B) § 4 €");
    assert_eq!(data["Kapitel"], "x y");
    assert!(!data.contains_key("leer"));
    let long = json!({"href": "x".repeat(251)});
    assert!(refused(&with("/items/0/bookingData", long)).contains("has 251 characters"));
    let many: Value = (0..100)
        .map(|key| (key.to_string(), json!("x")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    assert!(refused(&with("/items/0/bookingData", many)).contains("has 100 entries"));
}

#[test]
fn unknown_members_are_ignored_and_named() {
    let (_, facts) = accepted(&with("/items/0/rabatt", json!(5)));
    assert!(
        facts
            .warnings
            .contains(&"items[0].rabatt is not a member of the standard, ignored".to_owned())
    );
    let mut body: Value = serde_json::from_str(PORTAL_1_1_0).expect("JSON");
    for member in 0..100 {
        body[format!("x{member}")] = Value::Null;
    }
    assert_eq!(accepted(&body.to_string()).1.warnings.len(), 21);
}

#[test]
fn a_malformed_requestor_never_fails_the_payment() {
    let person = |name: &str, first: Option<&str>| {
        Some(Payer {
            name: name.to_owned(),
            first_name: first.map(str::to_owned),
            organisation: false,
        })
    };
    let organisation = |name: &str| {
        Some(Payer {
            name: name.to_owned(),
            first_name: None,
            organisation: true,
        })
    };
    for (requestor, expected, warning) in [
        (
            json!({"name": "Muster", "firstName": "Max"}),
            person("Muster", Some("Max")),
            "requestor.address is missing or no object, ignored",
        ),
        (
            json!({"name": "Muster", "firstName": null, "address": {}}),
            person("Muster", None),
            "requestor.firstName is missing",
        ),
        (
            json!({"name": "M\u{7}uster", "firstName": 5, "address": {}}),
            person("Muster", None),
            "requestor.name has control characters, taken out",
        ),
        (
            json!({"name": "Muster", "isOrganization": true, "organizationName": "Muster\nGmbH", "address": []}),
            organisation("Muster GmbH"),
            "requestor.address is missing or no object, ignored",
        ),
        (
            json!({"organizationName": "Muster GmbH"}),
            organisation("Muster GmbH"),
            "requestor.address is missing or no object, ignored",
        ),
        (
            json!({"requestorType": "FAMILY", "name": "Muster", "firstName": "Max", "address": {}}),
            person("Muster", Some("Max")),
            "requestor.requestorType is neither INDIVIDUAL nor ORGANIZATION",
        ),
        (
            json!({"name": " ", "address": {}, "email": "a@example.org"}),
            None,
            "requestor has no usable name, the route's fallback name is used",
        ),
    ] {
        let (order, facts) = accepted(&with("/requestor", requestor));
        assert_eq!(order.payer, expected);
        assert!(
            facts.warnings.contains(&warning.to_owned()),
            "{:?}",
            facts.warnings
        );
        assert!(
            !facts.warnings.concat().contains("Muster"),
            "{:?}",
            facts.warnings
        );
    }
    let (order, _) = accepted(&with("/requestor", json!({"name": "ä".repeat(300)})));
    assert_eq!(order.payer.expect("a payer").name.chars().count(), 250);
}

#[test]
fn of_a_member_that_stands_twice_the_last_one_counts() {
    let twice = PORTAL_1_1_0.replacen('{', r#"{"requestId": "first", "#, 1);
    assert_eq!(accepted(&twice).0.request_id.as_str(), "AZ_2026-000123");
}

proptest! {
    /// Broken bytes are refused or read, never a panic; what is read keeps the promises of its types.
    #[test]
    fn broken_requests_never_panic(at in 0..NULLS_1_0_0.len(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut body = NULLS_1_0_0.as_bytes().to_vec();
        body[at] = byte;
        if cut {
            body.truncate(at);
        }
        if let Ok((order, facts)) = order(&body, None, LIMIT, None) {
            prop_assert!(order.total.is_positive());
            prop_assert!(order.items.iter().all(|item| item.net.is_positive()));
            prop_assert!(facts.warnings.len() <= 21);
        }
    }
}
