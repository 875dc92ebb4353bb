//! The standard's rules for what we write, for tests: members, patterns, lengths, enumerations of 1.0.0 to 1.2.0, written
//! down once more and apart from the code that writes.

use axum::body::to_bytes;
use axum::response::Response;
use serde_json::Value;

const METHODS: &[&str] = &["GIROPAY", "PAYDIRECT", "CREDITCARD", "PAYPAL", "OTHER"];

/// A text member that must be there.
pub(super) fn member<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} is a text in {value}"))
}

/// No member beyond the allowed, all of the required.
fn members(value: &Value, required: &[&str], optional: &[&str]) {
    let object = value.as_object().expect("an object");
    for name in object.keys() {
        assert!(
            required.contains(&name.as_str()) || optional.contains(&name.as_str()),
            "{name} is not allowed in {value}"
        );
        assert!(!object[name].is_null(), "{name} is null in {value}");
    }
    for name in required {
        assert!(object.contains_key(*name), "{name} is missing in {value}");
    }
}

fn pattern(value: &Value, name: &str, max: usize, allowed: impl Fn(char) -> bool) {
    if value.get(name).is_some() {
        let text = member(value, name);
        assert!(
            (1..=max).contains(&text.chars().count()),
            "length of {name}: {text}"
        );
        assert!(text.chars().all(allowed), "pattern of {name}: {text}");
    }
}

fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-".contains(c)
}

fn uri(value: &Value, name: &str, max: usize) {
    pattern(value, name, max, |c| c.is_ascii_graphic());
    if value.get(name).is_some() {
        url::Url::parse(member(value, name)).expect("an absolute address");
    }
}

fn utc(value: &Value, name: &str) {
    if value.get(name).is_some() {
        let text = member(value, name);
        assert!(text.ends_with('Z'), "{text}");
        text.parse::<jiff::Timestamp>().expect("an instant");
    }
}

fn one_of(value: &Value, name: &str, values: &[&str]) {
    if value.get(name).is_some() {
        assert!(values.contains(&member(value, name)), "{name} in {value}");
    }
}

fn methods(list: &Value) {
    let list = list.as_array().expect("an array");
    for method in list {
        assert!(METHODS.contains(&method.as_str().expect("a text")), "{method}");
    }
}

/// PaymentTransaction without the echo.
pub(super) fn check_transaction(body: &Value) {
    members(body, &["paymentInformation"], &[]);
    let information = &body["paymentInformation"];
    members(
        information,
        &["transactionUrl", "transactionId", "status"],
        &[
            "transactionRedirectUrl",
            "transactionReference",
            "transactionTimestamp",
            "paymentMethod",
            "paymentMethodDetail",
            "statusDetail",
        ],
    );
    uri(information, "transactionUrl", 2082);
    uri(information, "transactionRedirectUrl", 5000);
    pattern(information, "transactionId", 36, word);
    pattern(information, "transactionReference", 36, word);
    pattern(information, "paymentMethodDetail", 36, word);
    pattern(information, "statusDetail", 99, word);
    utc(information, "transactionTimestamp");
    one_of(information, "paymentMethod", METHODS);
    one_of(information, "status", &["INITIAL", "PAYED", "FAILED", "CANCELED"]);
}

/// PaymentMethodsAvailabilityResponse.
pub(super) fn check_availability(body: &Value) {
    members(body, &["paymentMethods"], &[]);
    members(&body["paymentMethods"], &[], &["up", "down"]);
    methods(&body["paymentMethods"]["up"]);
    methods(&body["paymentMethods"]["down"]);
}

/// MaintenanceWindows.
pub(super) fn check_maintenance(body: &Value) {
    members(body, &["maintenanceWindows"], &[]);
    for window in body["maintenanceWindows"].as_array().expect("an array") {
        members(
            window,
            &[],
            &["startTime", "endTime", "description", "paymentMethods"],
        );
        utc(window, "startTime");
        utc(window, "endTime");
        pattern(window, "description", 250, |_| true);
        if let Some(down) = window.get("paymentMethods") {
            members(down, &["down"], &[]);
            methods(&down["down"]);
        }
    }
}

/// The body of a response, checked as a SystemResponse.
pub(super) async fn system_response(response: Response) -> Value {
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    let body: Value = serde_json::from_slice(&bytes).expect("JSON");
    members(&body, &["type", "status", "title", "detail"], &["functionalCode"]);
    uri(&body, "type", 2082);
    assert_eq!(body["status"], status);
    pattern(&body, "title", 250, |c| word(c) || " .".contains(c));
    pattern(&body, "detail", 2000, |c| {
        word(c) || " ,.".contains(c) || ('\u{C0}'..='\u{17F}').contains(&c)
    });
    one_of(
        &body,
        "functionalCode",
        &[
            "NO_VALID_ORIGINATOR_OR_ENDPOINT",
            "PAYMENT_EXISTS",
            "CALCULATION_ERROR",
            "BOOKING_DATA_MISSING",
            "VALIDATION_ERROR",
            "UNSPECIFIED",
            "FORBIDDEN",
        ],
    );
    body
}
