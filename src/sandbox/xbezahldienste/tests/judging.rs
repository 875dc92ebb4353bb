//! What is taken, and what is refused with which code.

use super::*;

const OLD: Version = Version::V1_0_0;
const MIDDLE: Version = Version::V1_1_0;
const NEW: Version = Version::V1_2_0;

#[tokio::test]
async fn each_mistake_has_its_code_and_says_where_it_is() {
    let desk = Desk::new().await;
    for (pointer, value, code, says) in [
        (
            "/requestId",
            json!(null),
            "VALIDATION_ERROR",
            "requestId is missing",
        ),
        (
            "/requestId",
            json!("Antrag 1"),
            "VALIDATION_ERROR",
            "requestId has a character",
        ),
        (
            "/requestId",
            json!("ä"),
            "VALIDATION_ERROR",
            "requestId has a character",
        ),
        (
            "/requestId",
            json!("1".repeat(37)),
            "VALIDATION_ERROR",
            "37 characters",
        ),
        (
            "/requestTimestamp",
            json!("15.01.2026"),
            "VALIDATION_ERROR",
            "requestTimestamp",
        ),
        (
            "/requestTimestamp",
            json!("2026-01-15T12:00:00"),
            "VALIDATION_ERROR",
            "requestTimestamp",
        ),
        (
            "/requestTimestamp",
            json!("2026-01-15 12:00:00Z"),
            "VALIDATION_ERROR",
            "requestTimestamp",
        ),
        (
            "/requestTimestamp",
            json!("2026-02-30T12:00:00Z"),
            "VALIDATION_ERROR",
            "requestTimestamp",
        ),
        (
            "/requestTimestamp",
            json!("ääääääääääääääääääääää"),
            "VALIDATION_ERROR",
            "requestTimestamp",
        ),
        ("/currency", json!("USD"), "VALIDATION_ERROR", "only EUR"),
        (
            "/currency",
            json!("EURO"),
            "VALIDATION_ERROR",
            "currency has 4 characters",
        ),
        ("/grossAmount", number("41.51"), "CALCULATION_ERROR", "41.51"),
        (
            "/grossAmount",
            number("41.505"),
            "VALIDATION_ERROR",
            "no whole number of cents",
        ),
        ("/grossAmount", number("0"), "VALIDATION_ERROR", "more than 0"),
        (
            "/grossAmount",
            number("1000000"),
            "VALIDATION_ERROR",
            "at most 999999",
        ),
        (
            "/grossAmount",
            number("1e400"),
            "VALIDATION_ERROR",
            "too many digits",
        ),
        ("/grossAmount", json!("41.50"), "VALIDATION_ERROR", "no number"),
        (
            "/purpose",
            json!("GEBÜHR"),
            "VALIDATION_ERROR",
            "purpose has a character",
        ),
        (
            "/purpose",
            json!("X".repeat(28)),
            "VALIDATION_ERROR",
            "purpose has 28",
        ),
        (
            "/description",
            json!("x".repeat(251)),
            "VALIDATION_ERROR",
            "description has 251",
        ),
        (
            "/description",
            json!("\u{1f600}"),
            "VALIDATION_ERROR",
            "description has a character",
        ),
        (
            "/redirectUrl",
            json!("javascript:alert(1)"),
            "VALIDATION_ERROR",
            "redirectUrl",
        ),
        (
            "/redirectUrl",
            json!("portal.example"),
            "VALIDATION_ERROR",
            "redirectUrl",
        ),
        ("/items", json!([]), "VALIDATION_ERROR", "items has 0 entries"),
        ("/items", json!({}), "VALIDATION_ERROR", "items is no list"),
        ("/items/0", json!("x"), "VALIDATION_ERROR", "items.0 is no object"),
        (
            "/items/0/quantity",
            number("1.5"),
            "VALIDATION_ERROR",
            "items.0.quantity",
        ),
        ("/items/0/quantity", json!(0), "VALIDATION_ERROR", "at least 1"),
        (
            "/items/0/taxRate",
            number("100.1"),
            "VALIDATION_ERROR",
            "items.0.taxRate",
        ),
        (
            "/items/0/totalNetAmount",
            number("-1"),
            "VALIDATION_ERROR",
            "items.0.totalNetAmount",
        ),
        (
            "/items/0/totalTaxAmount",
            json!(null),
            "VALIDATION_ERROR",
            "totalTaxAmount is missing",
        ),
        (
            "/items/0/reference",
            json!("a/b"),
            "VALIDATION_ERROR",
            "items.0.reference",
        ),
        (
            "/items/0/bookingData",
            json!("x"),
            "VALIDATION_ERROR",
            "bookingData is no object",
        ),
        (
            "/items/0/bookingData/href",
            json!("a/b"),
            "VALIDATION_ERROR",
            "bookingData.href",
        ),
        (
            "/items/0/bookingData/haushaltstelle",
            json!(null),
            "BOOKING_DATA_MISSING",
            "haushaltstelle",
        ),
        (
            "/items/0/bookingData/objektnummer",
            json!(null),
            "BOOKING_DATA_MISSING",
            "objektnummer",
        ),
        (
            "/items/0/bookingData/haushaltstelle",
            json!("1100.2000"),
            "VALIDATION_ERROR",
            "-0611",
        ),
        (
            "/items/0/bookingData/haushaltstelle",
            json!("1100.10000000"),
            "VALIDATION_ERROR",
            "-0604",
        ),
        (
            "/items/0/bookingData/href",
            json!("x".repeat(101)),
            "VALIDATION_ERROR",
            "-0612",
        ),
        ("/surprise", json!(1), "VALIDATION_ERROR", "surprise is no member"),
        (
            "/grosAmount",
            number("41.50"),
            "VALIDATION_ERROR",
            "grosAmount is no member",
        ),
        (
            "/requestor",
            json!({ "name": "Muster" }),
            "VALIDATION_ERROR",
            "requestor.firstName",
        ),
    ] {
        let told = desk
            .post(MIDDLE, &with(MIDDLE, &[(pointer, value.clone())]))
            .await;
        assert_eq!(
            told.refusal(),
            (400, code),
            "{pointer} = {value}: {}",
            told.detail()
        );
        assert!(
            told.detail().contains(says),
            "{pointer} = {value}: {}",
            told.detail()
        );
    }
    assert!(desk.sandbox.payments().is_empty());
    assert_eq!(desk.sandbox.counts().creates, 42);
}

#[tokio::test]
async fn a_hundredth_item_is_one_too_many() {
    let desk = Desk::new().await;
    let item = request(MIDDLE, "R1", 100)["items"][0].clone();
    for (items, fits) in [(99, true), (100, false)] {
        let total = serde_json::to_value(Cents::new(100 * items)).expect("a number");
        let list = (0..items).map(|_| item.clone()).collect();
        let told = desk
            .post(
                MIDDLE,
                &with(MIDDLE, &[("/items", list), ("/grossAmount", total)]),
            )
            .await;
        assert_eq!(told.status == 200, fits, "{}", told.body);
    }
}

#[tokio::test]
async fn the_title_may_be_spelled_with_one_s_or_with_two() {
    let desk = Desk::new().await;
    let booking = json!({ "haushaltsstelle": "1100.1000", "objektnummer": "0000000001" });
    let told = desk
        .post(NEW, &with(NEW, &[("/items/0/bookingData", booking)]))
        .await;
    conform::transaction(NEW, &told);
}

#[tokio::test]
async fn versions_differ_in_the_letters_that_they_take() {
    let desk = Desk::new().await;
    for (version, text, taken) in [
        (OLD, "Gebühr, Müller-Lüdenscheid.", true),
        (OLD, "§ 5 VwKostG", false),
        (OLD, "Blumen & Söhne", false),
        (OLD, "", true),
        (MIDDLE, "§ 5 VwKostG & mehr", true),
        (MIDDLE, "", false),
        (NEW, "§ 5 VwKostG & mehr", true),
        (NEW, "\u{7}", false),
    ] {
        let id = json!(format!("R{}", desk.sandbox.counts().creates));
        let body = with(version, &[("/requestId", id), ("/description", json!(text))]);
        let told = desk.post(version, &body).await;
        assert_eq!(
            told.status == 200,
            taken,
            "{} {text}: {}",
            version.number(),
            told.body
        );
    }
}

#[tokio::test]
async fn the_requestor_has_types_from_1_2_0_on() {
    let postal = json!({ "addressType": "POSTAL_ADDRESS", "addressLine1": "Postfach 10 01", "city": "Jena",
        "postalCode": "07743", "countryCode": "DE" });
    let legacy = json!({ "name": "Muster", "firstName": "Eva", "isOrganization": true,
        "organizationName": "Blumen GmbH", "address": { "postalCode": "07743", "houseNumber": "12a" } });
    let person = json!({ "requestorType": "INDIVIDUAL", "name": "O'Neil", "firstName": "Eva-Maria",
        "gender": "D", "address": postal });
    let company =
        json!({ "requestorType": "ORGANIZATION", "name": "Blumen & Söhne GmbH", "address": postal });
    let mut misspelt = legacy.clone();
    misspelt["isIrganization"] = json!(true);
    let mut without_type = person.clone();
    without_type["requestorType"] = json!("ROBOT");
    let mut country = person.clone();
    country["address"]["countryCode"] = json!("de");
    let mut first_name = person.clone();
    first_name["firstName"] = json!("D'Arcy");
    let mut house = legacy.clone();
    house["address"]["houseNumber"] = json!("12 a");
    let desk = Desk::new().await;
    for (version, requestor, payer) in [
        (OLD, &legacy, Some("Blumen GmbH")),
        (MIDDLE, &legacy, Some("Blumen GmbH")),
        (NEW, &legacy, Some("Blumen GmbH")),
        (NEW, &person, Some("Eva-Maria O'Neil")),
        (NEW, &company, Some("Blumen & Söhne GmbH")),
        (MIDDLE, &misspelt, Some("Blumen GmbH")),
        (NEW, &misspelt, None),
        (OLD, &person, None),
        (MIDDLE, &company, None),
        (NEW, &without_type, None),
        (NEW, &country, None),
        (NEW, &first_name, None),
        (MIDDLE, &house, None),
    ] {
        let id = json!(format!("R{}", desk.sandbox.counts().creates));
        let body = with(version, &[("/requestId", id), ("/requestor", requestor.clone())]);
        let told = desk.post(version, &body).await;
        match payer {
            Some(payer) => {
                conform::transaction(version, &told);
                assert_eq!(desk.sandbox.payments().pop().expect("a payment").payer, payer);
                assert_eq!(told.body["paymentRequest"]["requestor"], *requestor);
            }
            None => assert_eq!(told.refusal(), (400, "VALIDATION_ERROR"), "{requestor}"),
        }
    }
}

#[tokio::test]
async fn amounts_beyond_what_the_methods_take_are_refused_by_epaybl() {
    let mut account = account(Port::default());
    account.methods.truncate(1);
    account.methods[0].min = Cents::new(500);
    let desk = Desk::of(vec![account]).await;
    for (cents, says) in [(499, "-0510"), (1_000_001, "-0511")] {
        let told = desk.post(NEW, &request(NEW, "R1", cents)).await;
        assert_eq!(told.refusal(), (400, "VALIDATION_ERROR"));
        assert!(told.detail().contains(says), "{}", told.detail());
    }
}

#[tokio::test]
async fn only_methods_that_take_the_amount_are_offered_to_the_payer() {
    let desk = Desk::new().await;
    // PayPal ends at 2000 €, direct debit at 5000 €.
    desk.post(NEW, &request(NEW, "R1", 600_000)).await;
    let kassenzeichen = desk.kassenzeichen();
    assert!(desk.sandbox.pay(&kassenzeichen, Some("PAYPAL")).is_err());
    assert!(desk.sandbox.pay(&kassenzeichen, Some("KREDITKARTE")).is_ok());
}

#[tokio::test]
async fn an_account_that_leaves_the_kassenzeichen_to_its_clients_gets_one_from_the_service() {
    let mut account = account(Port::default());
    account.kassenzeichen_by_client = true;
    let desk = Desk::of(vec![account]).await;
    desk.created(NEW).await;
    assert!(desk.kassenzeichen().starts_with("XB"));
}

#[tokio::test]
async fn the_version_header_must_fit_the_path_from_1_2_0_on() {
    let desk = Desk::new().await;
    for (version, sent, status) in [(NEW, "1.2.0", 200), (NEW, "1.1.0", 400), (OLD, "1.2.0", 200)] {
        let id = format!("R{}", desk.sandbox.counts().creates);
        let posting = desk.posting(version, &request(version, &id, 4150));
        let told = Told::of(posting.header("X-XBezahldienste-Version", sent)).await;
        assert_eq!(told.status, status, "{}", told.body);
    }
}
