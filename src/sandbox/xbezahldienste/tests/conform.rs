//! What an answer of the standard looks like, written once more and by hand: the answers are held against it,
//! and so is every refusal of these stories.

use super::*;

const INFORMATION: [&str; 9] = [
    "transactionUrl",
    "transactionRedirectUrl",
    "transactionId",
    "transactionReference",
    "transactionTimestamp",
    "paymentMethod",
    "paymentMethodDetail",
    "status",
    "statusDetail",
];

fn members(value: &Value, known: &[&str], needed: &[&str]) {
    let object = value.as_object().expect("an object");
    for name in object.keys() {
        assert!(known.contains(&name.as_str()), "{name} is no member: {value}");
    }
    for name in needed {
        assert!(object.contains_key(*name), "{name} is missing: {value}");
    }
    assert!(object.values().all(|value| !value.is_null()), "a null: {value}");
}

fn text(value: &Value, name: &str, longest: usize, letters: impl Fn(char) -> bool) {
    if let Some(value) = value.get(name) {
        let text = value
            .as_str()
            .unwrap_or_else(|| panic!("{name} is no text: {value}"));
        assert!((1..=longest).contains(&text.chars().count()), "{name}: {text}");
        assert!(text.chars().all(letters), "{name}: {text}");
    }
}

fn of_an_id(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

fn of_a_detail(letter: char) -> bool {
    of_an_id(letter) || " ,.".contains(letter) || ('\u{c0}'..='\u{17f}').contains(&letter)
}

/// A PaymentTransaction of this version.
pub(super) fn transaction(version: Version, told: &Told) {
    assert_eq!(
        (told.status, told.kind.as_str()),
        (200, "application/json"),
        "{}",
        told.body
    );
    members(
        &told.body,
        &["paymentInformation", "paymentRequest"],
        &["paymentInformation"],
    );
    let info = told.info();
    members(info, &INFORMATION, &["transactionUrl", "transactionId", "status"]);
    text(info, "transactionUrl", 2082, |letter| letter.is_ascii_graphic());
    text(info, "transactionRedirectUrl", 5000, |letter| {
        letter.is_ascii_graphic()
    });
    text(info, "transactionId", 36, of_an_id);
    text(info, "transactionReference", 36, of_an_id);
    text(info, "paymentMethodDetail", 36, of_an_id);
    text(info, "statusDetail", 99, of_an_id);
    let is = |name: &str, known: &[&str]| {
        let value = info.get(name).and_then(Value::as_str);
        assert!(value.is_none_or(|value| known.contains(&value)), "{name}: {info}");
    };
    is("status", &["INITIAL", "PAYED", "FAILED", "CANCELED"]);
    is(
        "paymentMethod",
        &["GIROPAY", "PAYDIRECT", "CREDITCARD", "PAYPAL", "OTHER"],
    );
    if let Some(at) = info.get("transactionTimestamp") {
        let at = at.as_str().expect("text");
        at.parse::<jiff::Timestamp>()
            .expect("a date with time and offset");
    }
    let ended = info["status"] != "INITIAL";
    assert_eq!(info.get("transactionRedirectUrl").is_none(), ended, "{info}");
    if let Some(request) = told.body.get("paymentRequest") {
        assert!(request.get(version.total()).is_some(), "{request}");
        let other = if version == Version::V1_0_0 {
            "grossAmount"
        } else {
            "grosAmount"
        };
        assert!(request.get(other).is_none(), "{request}");
    }
}

/// A SystemResponse.
pub(super) fn problem(told: &Told) {
    assert_eq!(told.kind, "application/problem+json", "{}", told.body);
    let known = ["type", "status", "title", "detail", "functionalCode"];
    members(&told.body, &known, &["type", "status", "title", "detail"]);
    assert_eq!(told.body["status"], told.status);
    text(&told.body, "title", 250, of_a_detail);
    text(&told.body, "detail", 2000, of_a_detail);
    let codes = [
        "NO_VALID_ORIGINATOR_OR_ENDPOINT",
        "PAYMENT_EXISTS",
        "CALCULATION_ERROR",
        "BOOKING_DATA_MISSING",
        "VALIDATION_ERROR",
        "UNSPECIFIED",
        "FORBIDDEN",
    ];
    if let Some(code) = told.body.get("functionalCode") {
        assert!(codes.iter().any(|known| code == known), "{code}");
    }
}

#[tokio::test]
async fn every_version_answers_with_its_own_members_from_the_beginning_to_the_end() {
    for version in Version::ALL {
        let desk = Desk::new().await;
        let created = desk.post(version, &request(version, "R1", 4150)).await;
        transaction(version, &created);
        let id = created.info()["transactionId"]
            .as_str()
            .expect("an id")
            .to_owned();
        transaction(version, &desk.get(version, &id).await);
        desk.pay();
        let paid = desk.get(version, &id).await;
        transaction(version, &paid);
        assert_eq!(paid.info()["status"], "PAYED");
    }
}

#[tokio::test]
async fn a_version_that_does_not_know_how_the_request_was_written_does_not_tell_it() {
    let desk = Desk::new().await;
    let id = desk.created(Version::V1_2_0).await;
    for version in Version::ALL {
        let told = desk.get(version, &id).await;
        transaction(version, &told);
        let own = version == Version::V1_2_0;
        assert_eq!(told.body.get("paymentRequest").is_some(), own);
        let url = told.info()["transactionUrl"].as_str().expect("an address");
        assert!(url.contains(version.number()), "{url}");
        assert_eq!(Told::of(desk.client.get(url)).await.body, told.body);
    }
}
