//! From a PaymentRequest to the Buchungsliste that ePayBL judges: what a service in front of it does.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{
    problem::Problem,
    request::{Item, PaymentRequest},
};
use crate::sandbox::{
    list::{self, Buchungsliste},
    shared::Shared,
    world::Account,
};

/// Where no requestor was sent.
const NOBODY: &str = "Unbekannt";

/// # Errors
/// BOOKING_DATA_MISSING without a title; and what ePayBL refuses.
pub(super) fn list(
    shared: &Shared,
    account: &Account,
    request: &PaymentRequest,
) -> Result<Buchungsliste, Problem> {
    let now = shared.now();
    let buchungen = (request.items.iter().enumerate())
        .map(|(place, item)| buchung(place, item, request, account))
        .collect::<Result<Vec<Value>, Problem>>()?;
    let port = &account.xbezahldienste;
    let usable = |method: &&crate::sandbox::Method| !port.method_is_down(&method.code, now);
    let fits = |method: &&crate::sandbox::Method| (method.min..=method.max).contains(&request.total);
    let mut methods: Vec<&str> = (account.methods.iter().filter(usable).filter(fits))
        .map(|method| method.code.as_str())
        .collect();
    if methods.is_empty() {
        // ePayBL says why.
        methods = (account.methods.iter().filter(usable))
            .map(|method| method.code.as_str())
            .collect();
    }
    let payer = request.payer.as_ref();
    let own =
        (account.kassenzeichen_by_client).then(|| format!("XB{}", &shared.ids.next()[..18]).to_uppercase());
    let berlin = TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC);
    let body = json!({
        "kassenzeichennummer": own,
        "faelligkeitsdatum": now.to_zoned(berlin).strftime("%d.%m.%Y %H:%M:%S").to_string(),
        "waehrungskennzeichen": "EUR",
        "kennzeichenMahnverfahren": "11000",
        // The requestId may be longer than a transaktionsnummer; it takes its place below.
        "transaktionsnummer": "XBEZAHLDIENSTE",
        "zahlverfahrencodes": methods,
        "buchungen": buchungen,
        "beschreibung": request.description,
        "kunde": {
            "name": payer.map_or_else(|| NOBODY.to_owned(), |payer| cut(&payer.name, 27)),
            "vorname": payer.and_then(|payer| payer.first_name.as_ref()).map(|name| cut(name, 27)),
            "typ": "TEMPORAER",
            "kundennummer": request.request_id,
            "firmenkunde": payer.is_some_and(|payer| payer.first_name.is_none()),
        },
        "fachverfahrendaten": { "successUrl": request.redirect, "cancelUrl": request.redirect },
        "zahltyp": "PAYPAGE",
        "betrag": request.total,
    });
    let mut list = list::read(&body, account).map_err(|no| Problem::of(no, &request.request_id))?;
    list.transaktionsnummer = Some(request.request_id.clone());
    Ok(list)
}

fn buchung(place: usize, item: &Item, request: &PaymentRequest, account: &Account) -> Result<Value, Problem> {
    let title = item.booking("haushaltstelle").or(item.booking("haushaltsstelle"));
    let Some(title) = title else {
        let detail = format!("items.{place}.bookingData has no haushaltstelle");
        return Err(Problem::booking_data(&detail));
    };
    let objektnummer = item.booking("objektnummer");
    let needs_one = (account.titles.iter())
        .any(|known| known.haushaltstelle == title && known.objektnummer.is_some())
        && !account.releases(title, None);
    if objektnummer.is_none() && needs_one {
        let detail = format!("items.{place}.bookingData has no objektnummer, which the title {title} needs");
        return Err(Problem::booking_data(&detail));
    }
    let text = (request.purpose.as_deref().filter(|text| !text.trim().is_empty()))
        .or(item.description.as_deref())
        .unwrap_or("ONLINE-ANTRAG");
    Ok(json!({
        "id": null,
        "bruttobetrag": item.net.plus(item.tax),
        "nettobetrag": item.net,
        "steuerbetrag": item.tax,
        "buchungstext": buchungstext(text, account.buchungstext_max),
        "kontierung": {
            "haushaltstelle": title,
            "objektnummer": objektnummer,
            "href": item.booking("href"),
        },
    }))
}

/// In the letters that ePayBL takes.
fn buchungstext(text: &str, longest: usize) -> String {
    let letters = text.chars().flat_map(|letter| match letter {
        'ß' => vec![letter],
        other => other.to_uppercase().collect(),
    });
    let allowed = |letter: char| {
        letter.is_ascii_uppercase() || letter.is_ascii_digit() || ",.:/+&-*$%ÄÖÜß".contains(letter)
    };
    let written: String = letters
        .map(|letter| if allowed(letter) { letter } else { ' ' })
        .take(longest)
        .collect();
    if written.trim().is_empty() {
        "ONLINE-ANTRAG".to_owned()
    } else {
        written
    }
}

fn cut(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}

/// A purpose that a payment at ePayBL fails over: lower case, or too long once its umlauts are written out.
pub(super) fn is_fatal(purpose: &str) -> bool {
    let written_out: usize = purpose
        .chars()
        .map(|letter| if "ÄÖÜäöüß".contains(letter) { 2 } else { 1 })
        .sum();
    purpose.chars().any(char::is_lowercase) || written_out > 27
}
