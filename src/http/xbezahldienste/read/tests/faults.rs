//! Requests that are refused, and what the portal is told.

use serde_json::json;

use super::*;

#[test]
fn each_fault_is_named_with_its_path() {
    for (pointer, value, expected) in [
        (
            "/requestId",
            json!("äpfel"),
            "requestId: contains «ä», allowed are A-Z a-z 0-9 _ -",
        ),
        (
            "/requestId",
            json!("x".repeat(37)),
            "requestId: has 37 characters, allowed are 1 to 36",
        ),
        (
            "/requestId",
            json!("a\nb"),
            "requestId: contains the control character U+000A",
        ),
        ("/requestId", json!(7), "requestId: is a number, must be a text"),
        (
            "/requestTimestamp",
            json!("2026-03-02T10:15:27"),
            "requestTimestamp: is not a date and time with offset such as 2026-03-01T12:00:00+01:00 (RFC 3339)",
        ),
        ("/requestTimestamp", Value::Null, "requestTimestamp: is required"),
        (
            "/currency",
            json!("USD"),
            "currency: is «USD», only EUR is supported",
        ),
        (
            "/currency",
            json!("eur"),
            "currency: is «eur», only EUR is supported",
        ),
        (
            "/grossAmount",
            json!("23.45"),
            "grossAmount: is a text, must be a number",
        ),
        (
            "/purpose",
            json!("x".repeat(28)),
            "purpose: has 28 characters, allowed are 0 to 27",
        ),
        (
            "/description",
            json!("a\u{7}b"),
            "description: contains the control character U+0007",
        ),
        (
            "/redirectUrl",
            json!("/zurueck"),
            "redirectUrl: is not an absolute http or https address in ASCII: it does not begin with http:// or https://",
        ),
        (
            "/redirectUrl",
            json!("javascript://alert"),
            "redirectUrl: is not an absolute http or https address in ASCII: it does not begin with http:// or https://",
        ),
        (
            "/redirectUrl",
            json!("https://portal.example/\r\nSet-Cookie:x"),
            "redirectUrl: is not an absolute http or https address in ASCII: it has blanks, control or non-ASCII \
             characters",
        ),
        (
            "/redirectUrl",
            json!("https://"),
            "redirectUrl: is not an absolute http or https address in ASCII: it cannot be parsed",
        ),
        (
            "/redirectUrl",
            json!(""),
            "redirectUrl: has 0 characters, allowed are 1 to 2082",
        ),
        ("/items", json!([]), "items: has 0 entries, allowed are 1 to 99"),
        ("/items", json!({}), "items: is an object, must be an array"),
        ("/items", json!([null]), "items[0]: is null, must be an object"),
        (
            "/items/0/id",
            json!("1/2"),
            "items[0].id: contains «/», allowed are A-Z a-z 0-9 _ -",
        ),
        (
            "/items/0/reference",
            json!(""),
            "items[0].reference: has 0 characters, allowed are 1 to 36",
        ),
        (
            "/items/0/singleNetAmount",
            Value::Null,
            "items[0].singleNetAmount: is required",
        ),
        (
            "/items/0/bookingData",
            json!({"href": 4711}),
            "items[0].bookingData.href: is a number, must be a text",
        ),
        (
            "/items/0/bookingData",
            json!({"href": "a\u{1b}b"}),
            "items[0].bookingData.href: contains the control character U+001B",
        ),
        (
            "/items/0/bookingData",
            json!([]),
            "items[0].bookingData: is an array, must be an object",
        ),
        (
            "/requestor",
            json!("Müßig"),
            "requestor: is a text, must be an object",
        ),
    ] {
        assert_eq!(refused(&with(pointer, value)), expected);
    }
}

#[test]
fn amounts_are_read_by_their_text_and_never_rounded() {
    for (pointer, number, expected) in [
        ("/grossAmount", "0", "grossAmount: 0.00 must be more than 0"),
        ("/grossAmount", "0E-8", "grossAmount: 0.00 must be more than 0"),
        ("/grossAmount", "-1", "grossAmount: -1.00 must be more than 0"),
        (
            "/grossAmount",
            "1000000",
            "grossAmount: 1000000.00 is not between 0 and 999999",
        ),
        (
            "/items/0/totalNetAmount",
            "12.345",
            "items[0].totalNetAmount: 12.345 has a fraction of a cent; amounts have two decimal places",
        ),
        (
            "/items/0/totalNetAmount",
            "0.30000000000000004",
            "items[0].totalNetAmount: 0.30000000000000004 has a fraction of a cent; amounts have two decimal places",
        ),
        (
            "/items/0/totalNetAmount",
            "1.00000000000000000000000000000001e0",
            "items[0].totalNetAmount: is a number of 37 characters, which is no amount in euro and cent",
        ),
        (
            "/items/0/totalNetAmount",
            "0.00",
            "items[0].totalNetAmount: 0.00 must be more than 0",
        ),
        (
            "/items/0/totalTaxAmount",
            "-0.01",
            "items[0].totalTaxAmount: -0.01 is not between 0 and 999999",
        ),
        (
            "/items/0/taxRate",
            "100.1",
            "items[0].taxRate: 100.1 is not between 0 and 100",
        ),
        (
            "/items/0/taxRate",
            "-1",
            "items[0].taxRate: -1 is not between 0 and 100",
        ),
        (
            "/items/0/quantity",
            "0",
            "items[0].quantity: 0 is not between 1 and 999999",
        ),
        (
            "/items/0/quantity",
            "1.5",
            "items[0].quantity: 1.5 is not a whole number",
        ),
    ] {
        assert_eq!(refused(&with_number(pointer, number)), expected);
    }
    // Nobody can mean this, and nobody is kept busy by it.
    assert!(refused(&with_number("/grossAmount", "1e4294967295")).starts_with("grossAmount: "));
    assert!(refused(&with_number("/items/0/quantity", "1e99")).starts_with("items[0].quantity: "));

    for (number, cents) in [
        ("23.45", 2345),
        ("23.450", 2345),
        ("2.345e1", 2345),
        ("999999", 99_999_900),
    ] {
        assert_eq!(
            accepted(&with_number("/grossAmount", number)).0.total,
            Cents::new(cents)
        );
    }
}

#[test]
fn every_fault_is_told_at_once_up_to_ten() {
    let text = refused(r#"{"currency":"CHF","items":[{"id":"1"},{}]}"#);
    assert_eq!(
        text,
        "grossAmount: is required; requestId: is required; requestTimestamp: is required; currency: is «CHF», only EUR \
         is supported; redirectUrl: is required; items[0].reference: is required; items[0].taxRate: is required; \
         items[0].quantity: is required; items[0].totalNetAmount: is required; items[0].totalTaxAmount: is required; \
         and 10 more"
    );
}

#[test]
fn what_is_no_json_of_lawful_size_type_and_depth_is_refused() {
    for body in ["", "{", "nul", "\u{FEFF}", r#"{"a":"\ud800"}"#, &"[".repeat(500)] {
        assert!(refused(body).starts_with("the body is not JSON: "), "{body}");
    }
    assert_eq!(refused("[]"), "the body: is an array, must be an object");
    let bytes = PORTAL_1_1_0.as_bytes();
    assert_eq!(
        order(bytes, None, 100, None),
        Err(Refusal::Validation(
            "the body is larger than 100 bytes".to_owned()
        ))
    );
    assert_eq!(
        order(bytes, Some("text/plain"), LIMIT, None),
        Err(Refusal::Validation(
            "the content type is «text/plain», must be application/json".to_owned()
        ))
    );
    for content_type in [
        None,
        Some("Application/JSON; charset=utf-8"),
        Some("application/vnd.x+json"),
    ] {
        assert!(
            order(bytes, content_type, LIMIT, None).is_ok(),
            "{content_type:?}"
        );
    }
    assert!(accepted(&format!("\u{FEFF}{PORTAL_1_1_0}")).1.warnings.len() == 1);
}

#[test]
fn a_nul_is_refused_wherever_it_stands() {
    for (pointer, value, path) in [
        ("/description", json!("a\0b"), "description"),
        ("/unknown", json!([{"deep": "\0"}]), "unknown[0].deep"),
        ("/requestor/name", json!("\0"), "requestor.name"),
        (
            "/items/0/bookingData",
            json!({"a\0": "b"}),
            "items[0].bookingData.(a member name)",
        ),
    ] {
        assert_eq!(
            refused(&with(pointer, value)),
            format!("{path}: contains the control character U+0000")
        );
    }
}

#[test]
fn path_ids_that_nobody_has_are_not_found() {
    assert!(route_key("Form-1", "16051000").is_ok());
    assert_eq!(route_key("Förm", "16051000"), Err(Refusal::NoRoute));
    assert_eq!(route_key("a", ""), Err(Refusal::NoRoute));
    assert_eq!(transaction_id(&"x".repeat(44)), Err(Refusal::NotFound));
    assert!(transaction_id("R-1").is_ok());
}
