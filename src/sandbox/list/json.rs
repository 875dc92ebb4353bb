//! The body of `POST buchungslisten`.

use jiff::civil::DateTime;
use serde_json::Value;
use url::Url;

use super::{Addresses, Amount, Buchungsliste, Field, Input, Item, Payer, Wanted, judge};
use crate::sandbox::{
    Cents,
    cents::CentsError,
    codes::{self, Refusal},
    world::Account,
};

/// # Errors
/// The first refusal that fits.
pub(in crate::sandbox) fn read(body: &Value, account: &Account) -> Result<Buchungsliste, Refusal> {
    if !body.is_object() {
        return Err(codes::LISTE);
    }
    judge(input(body), account)
}

/// The total of the list, if it can be read.
pub(in crate::sandbox) fn betrag(body: &Value) -> Amount {
    amount(body, "betrag")
}

fn input(body: &Value) -> Input {
    let buchungen = body.get("buchungen").and_then(Value::as_array);
    Input {
        transaktionsnummer: field(body, "transaktionsnummer"),
        must_have_number: true,
        kassenzeichen: field(body, "kassenzeichennummer"),
        mahnverfahren: field(body, "kennzeichenMahnverfahren"),
        faelligkeit: field(body, "faelligkeitsdatum")
            .text()
            .filter(|text| is_date(text))
            .map(str::to_owned),
        waehrung: field(body, "waehrungskennzeichen"),
        betrag: betrag(body),
        payer: payer(body),
        buchungen: buchungen
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(item)
            .collect(),
        methods: methods(body),
        beschreibung: field(body, "beschreibung").text().unwrap_or_default().to_owned(),
        addresses: addresses(body),
    }
}

fn field(object: &Value, name: &str) -> Field {
    match object.get(name) {
        None | Some(Value::Null) => Field::Absent,
        Some(Value::String(text)) => Field::Text(text.clone()),
        Some(_) => Field::Unreadable,
    }
}

fn amount(object: &Value, name: &str) -> Amount {
    object
        .get(name)
        .map_or(Err(CentsError::NotDecimal), Cents::from_json)
}

/// `dd.MM.yyyy HH:mm:ss` and nothing else, on a day that exists.
fn is_date(text: &str) -> bool {
    text.len() == "dd.MM.yyyy HH:mm:ss".len() && DateTime::strptime("%d.%m.%Y %H:%M:%S", text).is_ok()
}

/// A Kunde per payment is always `TEMPORAER`.
fn payer(body: &Value) -> Result<Payer, Refusal> {
    let kunde = body
        .get("kunde")
        .filter(|kunde| kunde.is_object())
        .ok_or(codes::KUNDE)?;
    let text = |name: &str| field(kunde, name).text().unwrap_or_default().trim().to_owned();
    let name = text("name");
    if name.is_empty() || name.chars().count() > 27 {
        return Err(codes::NAME);
    }
    let vorname = text("vorname");
    if vorname.chars().count() > 27 {
        return Err(codes::VORNAME);
    }
    let nummer = field(kunde, "kundennummer").text().unwrap_or_default().to_owned();
    if field(kunde, "typ").text() != Some("TEMPORAER") || !(1..=100).contains(&nummer.len()) {
        return Err(codes::KUNDE);
    }
    Ok(Payer {
        vorname,
        name,
        nummer,
        lasting: false,
    })
}

fn item(buchung: &Value) -> Option<Item> {
    if !buchung.is_object() {
        return None;
    }
    let kontierung = buchung.get("kontierung").unwrap_or(&Value::Null);
    Some(Item {
        brutto: amount(buchung, "bruttobetrag"),
        netto: amount(buchung, "nettobetrag"),
        steuer: amount(buchung, "steuerbetrag"),
        buchungstext: field(buchung, "buchungstext"),
        haushaltsstelle: field(kontierung, "haushaltstelle"),
        objektnummer: field(kontierung, "objektnummer"),
        // The Konnektor numbers them itself.
        beleg_nr: Field::Absent,
        href: field(kontierung, "href"),
    })
}

fn methods(body: &Value) -> Wanted {
    let named = body.get("zahlverfahrencodes").and_then(Value::as_array);
    let (Some(named), Some("PAYPAGE")) = (named, field(body, "zahltyp").text()) else {
        return Wanted::Named(Vec::new());
    };
    let code = |value: &Value| {
        value
            .as_str()
            .map_or(Field::Unreadable, |code| Field::Text(code.to_owned()))
    };
    Wanted::Named(named.iter().map(code).collect())
}

fn addresses(body: &Value) -> Result<Addresses, Refusal> {
    let urls = body.get("fachverfahrendaten").unwrap_or(&Value::Null);
    let address = |name: &str| match field(urls, name) {
        Field::Absent => Ok(None),
        Field::Unreadable => Err(codes::LISTE),
        Field::Text(text) => Url::parse(&text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .map(Some)
            .ok_or(codes::LISTE),
    };
    address("errorUrl")?;
    Ok(Addresses {
        notify: address("notifyUrl")?,
        success: address("successUrl")?,
        cancel: address("cancelUrl")?,
    })
}
