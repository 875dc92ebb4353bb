//! What portals send that no schema thought of: it is taken, or told what is wrong with it.

use super::*;

const OLD: Version = Version::V1_0_0;
const MIDDLE: Version = Version::V1_1_0;
const NEW: Version = Version::V1_2_0;

#[tokio::test]
async fn a_body_that_is_no_request_is_told_so() {
    let desk = Desk::new().await;
    let url = desk.url(NEW, "paymenttransaction/BW100001/TH000001");
    for (body, kind, says) in [
        ("", "application/json", "no JSON"),
        ("{", "application/json", "no JSON"),
        ("[]", "application/json", "no object"),
        ("null", "application/json", "no object"),
        ("{}", "application/json", "is missing"),
        ("{}", "text/plain", "Content-Type"),
        (&"[".repeat(100_000), "application/json", "no JSON"),
        (&" ".repeat(3_000_000), "application/json", "too long"),
    ] {
        let posting = desk
            .client
            .post(&url)
            .header("content-type", kind)
            .body(body.to_owned());
        let told = Told::of(posting).await;
        assert_eq!(told.refusal(), (400, "VALIDATION_ERROR"));
        assert!(told.detail().contains(says), "{}", told.detail());
    }
}

#[tokio::test]
async fn what_portals_send_all_the_same_is_refused_for_the_reason_of_its_version() {
    let mut all = account(Port::default());
    all.release_all = true;
    let desk = Desk::of(vec![all]).await;
    for (version, text, says) in [
        // A slash and a colon in an account string: the standard has no such letters.
        (
            OLD,
            include_str!("../../../../fixtures/xbezahldienste/request-1.0.0-nulls.json"),
            "bookingData.haushaltstelle has a character",
        ),
        (
            MIDDLE,
            include_str!("../../../../fixtures/xbezahldienste/request-1.1.0.json"),
            "requestor.address.houseNumber has a character",
        ),
        (
            NEW,
            include_str!("../../../../fixtures/xbezahldienste/request-1.2.0-organization.json"),
            "items.0.bookingData has no haushaltstelle",
        ),
    ] {
        let body: Value = serde_json::from_str(text).expect("JSON");
        let told = desk.post(version, &body).await;
        assert!(told.detail().contains(says), "{}", told.body);
    }
}

#[tokio::test]
async fn a_portals_request_with_a_title_is_taken() {
    let desk = Desk::new().await;
    let person = include_str!("../../../../fixtures/xbezahldienste/request-1.2.0-individual.json");
    let mut body: Value = serde_json::from_str(person).expect("JSON");
    let booking = json!({ "haushaltstelle": "1100.1000", "objektnummer": "0000000001" });
    for item in body["items"].as_array_mut().expect("items") {
        item["bookingData"] = booking.clone();
    }
    let told = desk.post(NEW, &body).await;
    conform::transaction(NEW, &told);
}

#[tokio::test]
async fn what_clients_write_in_other_ways_is_taken() {
    let desk = Desk::new().await;
    let requestor = json!({ "name": "Muster", "firstName": "Eva", "gender": null, "address": {} });
    for (place, change) in [
        ("/requestor", json!(null)),
        ("/requestor", requestor),
        ("/grossAmount", number("4.15e1")),
        ("/grossAmount", number("41.5000")),
        ("/items/0/quantity", number("1.0")),
        ("/items/0/singleNetAmount", number("41.4999")),
        ("/purpose", json!(null)),
        ("/purpose", json!("Gebuehr 4711")),
        ("/description", json!("Ünïcödé § 5 (VwKostG) & mehr – ‚so‘")),
        ("/items/0/bookingData/unknown", json!("Straße 5, Köln")),
        ("/requestTimestamp", json!("2026-01-15T12:00:00Z")),
    ]
    .into_iter()
    .enumerate()
    {
        let id = json!(format!("R{place}"));
        let told = desk
            .post(MIDDLE, &with(MIDDLE, &[("/requestId", id), (change.0, change.1)]))
            .await;
        conform::transaction(MIDDLE, &told);
    }
}

/// The places of a value and of all below it.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(members) => {
            (members.iter()).for_each(|(name, value)| places(value, &format!("{at}/{name}"), all));
        }
        Value::Array(values) => {
            (values.iter().enumerate())
                .for_each(|(place, value)| places(value, &format!("{at}/{place}"), all));
        }
        _ => {}
    }
}

#[tokio::test]
async fn whatever_stands_wherever_the_answer_is_one_of_the_standard() {
    let odd = [
        json!(null),
        json!(true),
        json!(""),
        json!(" "),
        json!("\u{0}"),
        json!("\u{fffd}\u{1f600}"),
        json!("ä".repeat(2100)),
        json!([]),
        json!([[[]]]),
        json!({}),
        json!({ "": { "/": null } }),
        number("0"),
        number("-0.0"),
        number("1e28"),
        number("1e-28"),
        number("123456789012345678901234567890"),
        number("0.0000000000000000000000000000000001"),
        number("1e999999999"),
    ];
    for version in Version::ALL {
        let desk = Desk::new().await;
        let mut body = request(version, "R1", 4150);
        body["requestor"] = json!({ "name": "Muster", "firstName": "Eva", "address": { "city": "Jena" } });
        let mut all = Vec::new();
        places(&body, "", &mut all);
        for (tried, (place, value)) in all
            .iter()
            .flat_map(|place| odd.iter().map(move |odd| (place, odd)))
            .enumerate()
        {
            let mut body = body.clone();
            body["requestId"] = json!(format!("R{tried}"));
            *body.pointer_mut(place).expect("a place") = value.clone();
            let told = desk.post(version, &body).await;
            if told.status == 200 {
                conform::transaction(version, &told);
            } else {
                assert_eq!(told.refusal().0, 400, "{place} = {value}");
            }
        }
    }
}
