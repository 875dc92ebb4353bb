//! Each mistake in a Buchungsliste and its code, as the JSON of the Konnektor says it.

use serde_json::{Value, json};

use super::*;
use crate::sandbox::world::World;

fn good() -> Value {
    json!({
        "kassenzeichennummer": null, "faelligkeitsdatum": "01.03.2026 12:00:00",
        "waehrungskennzeichen": "EUR", "kennzeichenMahnverfahren": "11000",
        "transaktionsnummer": "TX1", "zahlverfahrencodes": ["KREDITKARTE", "PAYPAL"],
        "buchungen": [{ "id": null, "bruttobetrag": Cents::new(2345), "nettobetrag": Cents::new(2345),
            "steuerbetrag": 0, "buchungstext": "GEBÜHR 1",
            "kontierung": { "haushaltstelle": "1100.1000", "objektnummer": "0000000001" } }],
        "beschreibung": "Antrag 4711",
        "kunde": { "name": "Muster", "vorname": null, "typ": "TEMPORAER", "kundennummer": "K1",
            "firmenkunde": false },
        "buchungslistenparameter": null,
        "fachverfahrendaten": { "notifyUrl": "https://connector.example/cb?p=1" },
        "zahltyp": "PAYPAGE", "betrag": Cents::new(2345)
    })
}

/// The code that answers the good list with one place changed.
fn with(pointer: &str, value: Value) -> &'static str {
    let mut body = good();
    *body.pointer_mut(pointer).expect("a place") = value;
    read(&body, &World::demo().accounts[0])
        .err()
        .map_or(codes::OK, |refusal| refusal.rc)
}

#[test]
fn a_good_list_is_read() {
    let list = read(&good(), &World::demo().accounts[0]).expect("a list");
    assert_eq!((list.betrag, list.payer.as_str()), (Cents::new(2345), "Muster"));
    assert_eq!(list.notify_url.expect("an address").query(), Some("p=1"));
}

#[test]
fn each_mistake_has_its_code() {
    let number = |text: &str| serde_json::from_str::<Value>(text).expect("a number");
    for (pointer, value, rc) in [
        ("/transaktionsnummer", json!(null), "-0530"),
        ("/transaktionsnummer", json!("X".repeat(31)), "-0530"),
        ("/kassenzeichennummer", json!("4200000000061"), "-0522"),
        ("/kennzeichenMahnverfahren", json!(null), "-0504"),
        ("/kennzeichenMahnverfahren", json!("110000"), "-0504"),
        ("/faelligkeitsdatum", json!("2026-03-01T12:00:00Z"), "-0508"),
        ("/faelligkeitsdatum", json!("01.03.2026, 12:00:00"), "-0508"),
        ("/faelligkeitsdatum", json!("30.02.2026 12:00:00"), "-0508"),
        ("/faelligkeitsdatum", json!(null), "-0508"),
        ("/waehrungskennzeichen", json!("USD"), "-0514"),
        ("/betrag", number("23.46"), "-0506"),
        ("/betrag", number("0.00"), "-0503"),
        ("/betrag", number("-23.45"), "-0503"),
        ("/betrag", number("23.450"), "-0525"),
        ("/betrag", json!("23.45"), "-0503"),
        ("/kunde", json!(null), "-0509"),
        ("/kunde/typ", json!("DAUERHAFT"), "-0509"),
        ("/kunde/name", json!(" "), "-0104"),
        ("/kunde/name", json!("M".repeat(28)), "-0104"),
        ("/kunde/vorname", json!("E".repeat(28)), "-0103"),
        ("/buchungen", json!([]), "-0505"),
        ("/buchungen/0", json!(null), "-0601"),
        ("/buchungen/0/bruttobetrag", number("23.451"), "-0603"),
        ("/buchungen/0/steuerbetrag", number("0.01"), "-0602"),
        ("/buchungen/0/buchungstext", json!(""), "-0609"),
        ("/buchungen/0/buchungstext", json!("X".repeat(121)), "-0609"),
        ("/buchungen/0/buchungstext", json!("Gebühr"), "-0610"),
        ("/buchungen/0/kontierung/haushaltstelle", json!(null), "-0604"),
        (
            "/buchungen/0/kontierung/haushaltstelle",
            json!("1100.100001"),
            "-0604",
        ),
        (
            "/buchungen/0/kontierung/haushaltstelle",
            json!("1100.2000"),
            "-0611",
        ),
        (
            "/buchungen/0/kontierung/objektnummer",
            json!("00000000001"),
            "-0605",
        ),
        ("/buchungen/0/kontierung/objektnummer", json!(null), "-0611"),
        ("/zahlverfahrencodes", json!([]), "-0507"),
        ("/zahlverfahrencodes", json!(["GIROPAY"]), "-0507"),
        ("/zahltyp", json!("SONST"), "-0507"),
        (
            "/fachverfahrendaten/notifyUrl",
            json!("javascript:alert(1)"),
            "-0501",
        ),
        ("/beschreibung", json!(null), "+0000"),
    ] {
        assert_eq!(with(pointer, value.clone()), rc, "{pointer} = {value}");
    }
}

#[test]
fn amounts_beyond_the_limits_of_a_method_are_refused() {
    let mut account = World::demo().accounts[0].clone();
    account.methods[1].min = Cents::new(2346);
    assert_eq!(read(&good(), &account).expect_err("too little").rc, "-0510");
    account.methods[1].min = Cents::ZERO;
    account.methods[1].max = Cents::new(2344);
    assert_eq!(read(&good(), &account).expect_err("too much").rc, "-0511");
}

#[test]
fn an_account_may_leave_the_kassenzeichen_to_the_client() {
    let mut account = World::demo().accounts[0].clone();
    account.kassenzeichen_by_client = true;
    let mut body = good();
    assert_eq!(read(&body, &account).expect_err("none").rc, "-0521");
    body["kassenzeichennummer"] = json!("1");
    assert_eq!(read(&body, &account).expect_err("too short").rc, "-0310");
    body["kassenzeichennummer"] = json!("AB12");
    assert_eq!(
        read(&body, &account).expect("a list").kassenzeichen.as_deref(),
        Some("AB12")
    );
}

#[test]
fn the_check_digit_is_what_the_digit_roots_lack_to_the_next_ten() {
    for (digits, check) in [
        ("12345678", Some(8)),
        ("420000000006", Some(2)),
        ("", Some(0)),
        ("12A", None),
    ] {
        assert_eq!(check_digit(digits), check, "{digits}");
    }
}
