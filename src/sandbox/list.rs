//! Reads the body of `POST buchungslisten` and judges it as strictly as the error table allows.
//!
//! The order of the checks is ours; the first that fails is the answer.

use jiff::civil::DateTime;
use serde_json::Value;
use url::Url;

use super::{
    Cents,
    cents::CentsError,
    codes::{self, Refusal},
    world::Account,
};

/// A Buchungsliste that may be booked, as far as it can be told without the other payments.
#[derive(Clone, Debug)]
pub(super) struct Buchungsliste {
    pub(super) transaktionsnummer: String,
    /// Of the client's own making.
    pub(super) kassenzeichen: Option<String>,
    pub(super) betrag: Cents,
    pub(super) methods: Vec<String>,
    /// The Buchungstexte.
    pub(super) purpose: Vec<String>,
    pub(super) beschreibung: String,
    pub(super) payer: String,
    pub(super) kundennummer: String,
    pub(super) notify_url: Option<Url>,
    pub(super) success_url: Option<Url>,
    pub(super) cancel_url: Option<Url>,
}

/// The text of a field; absent, null and other types are none.
fn text<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field).and_then(Value::as_str)
}

/// The field is there and not null.
fn given(object: &Value, field: &str) -> bool {
    object.get(field).is_some_and(|value| !value.is_null())
}

/// The total of the list, if it can be read.
pub(super) fn betrag(body: &Value) -> Result<Cents, CentsError> {
    body.get("betrag")
        .map_or(Err(CentsError::NotDecimal), Cents::from_json)
}

/// # Errors
/// The first refusal that fits.
pub(super) fn read(body: &Value, account: &Account) -> Result<Buchungsliste, Refusal> {
    if !body.is_object() {
        return Err(codes::LISTE);
    }
    let transaktionsnummer = (text(body, "transaktionsnummer"))
        .filter(|number| {
            (1..=30).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_graphic())
        })
        .ok_or(codes::TRANSAKTIONSNUMMER)?;
    let kassenzeichen = read_kassenzeichen(body, account)?;
    let mahnverfahren = text(body, "kennzeichenMahnverfahren").unwrap_or_default();
    if !(1..=5).contains(&mahnverfahren.len())
        || !mahnverfahren.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        return Err(codes::MAHNVERFAHREN);
    }
    if !text(body, "faelligkeitsdatum").is_some_and(is_date) {
        return Err(codes::FAELLIGKEIT);
    }
    if text(body, "waehrungskennzeichen") != Some("EUR") {
        return Err(codes::WAEHRUNG);
    }
    let betrag = betrag(body).map_err(|error| match error {
        CentsError::NotDecimal => codes::BETRAG,
        CentsError::TooManyDecimals => codes::NACHKOMMA,
    })?;
    if betrag <= Cents::ZERO {
        return Err(codes::BETRAG);
    }
    let (payer, kundennummer) = read_kunde(body)?;
    let buchungen = body
        .get("buchungen")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    if buchungen.is_empty() || buchungen.len() > account.max_buchungen {
        return Err(codes::ANZAHL);
    }
    let mut sum = Cents::ZERO;
    let mut purpose = Vec::with_capacity(buchungen.len());
    for buchung in buchungen {
        let (brutto, buchungstext) = read_buchung(buchung, account)?;
        sum = sum.plus(brutto);
        purpose.push(buchungstext.to_owned());
    }
    if sum != betrag {
        return Err(codes::SUMME);
    }
    let methods = read_methods(body, account, betrag)?;
    let address = |field: &str| {
        let urls = body.get("fachverfahrendaten").unwrap_or(&Value::Null);
        if !given(urls, field) {
            return Ok(None);
        }
        (text(urls, field).and_then(|url| Url::parse(url).ok()))
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .map(Some)
            .ok_or(codes::LISTE)
    };
    address("errorUrl")?;
    Ok(Buchungsliste {
        transaktionsnummer: transaktionsnummer.to_owned(),
        kassenzeichen,
        betrag,
        methods,
        purpose,
        beschreibung: text(body, "beschreibung").unwrap_or_default().to_owned(),
        payer,
        kundennummer,
        notify_url: address("notifyUrl")?,
        success_url: address("successUrl")?,
        cancel_url: address("cancelUrl")?,
    })
}

fn read_kassenzeichen(body: &Value, account: &Account) -> Result<Option<String>, Refusal> {
    match (
        account.kassenzeichen_by_client,
        given(body, "kassenzeichennummer"),
    ) {
        (false, false) => Ok(None),
        (false, true) => Err(codes::KASSENZEICHEN_GIVEN),
        (true, false) => Err(codes::KASSENZEICHEN_MISSING),
        (true, true) => (text(body, "kassenzeichennummer"))
            .filter(|kz| (2..=30).contains(&kz.len()) && kz.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .map(|kz| Some(kz.to_owned()))
            .ok_or(codes::KASSENZEICHEN),
    }
}

/// `dd.MM.yyyy HH:mm:ss` and nothing else, on a day that exists.
fn is_date(text: &str) -> bool {
    text.len() == "dd.MM.yyyy HH:mm:ss".len() && DateTime::strptime("%d.%m.%Y %H:%M:%S", text).is_ok()
}

/// First and last name together, and the client's number of the Kunde. A Kunde per payment is always `TEMPORAER`.
fn read_kunde(body: &Value) -> Result<(String, String), Refusal> {
    let kunde = body
        .get("kunde")
        .filter(|kunde| kunde.is_object())
        .ok_or(codes::KUNDE)?;
    let name = text(kunde, "name").unwrap_or_default().trim();
    if name.is_empty() || name.chars().count() > 27 {
        return Err(codes::NAME);
    }
    let vorname = text(kunde, "vorname").unwrap_or_default().trim();
    if vorname.chars().count() > 27 {
        return Err(codes::VORNAME);
    }
    let kundennummer = text(kunde, "kundennummer").unwrap_or_default();
    if text(kunde, "typ") != Some("TEMPORAER") || !(1..=100).contains(&kundennummer.len()) {
        return Err(codes::KUNDE);
    }
    Ok((
        format!("{vorname} {name}").trim().to_owned(),
        kundennummer.to_owned(),
    ))
}

/// Gross amount and text of a Buchung that may be booked.
fn read_buchung<'a>(buchung: &'a Value, account: &Account) -> Result<(Cents, &'a str), Refusal> {
    let amount = |field: &str| {
        let value = buchung.get(field).ok_or(codes::BUCHUNG_BETRAG)?;
        Cents::from_json(value).map_err(|error| match error {
            CentsError::NotDecimal => codes::BUCHUNG_BETRAG,
            CentsError::TooManyDecimals => codes::BUCHUNG_NACHKOMMA,
        })
    };
    if !buchung.is_object() {
        return Err(codes::BUCHUNG);
    }
    let (brutto, netto, steuer) = (
        amount("bruttobetrag")?,
        amount("nettobetrag")?,
        amount("steuerbetrag")?,
    );
    if brutto <= Cents::ZERO || netto.plus(steuer) != brutto {
        return Err(codes::BUCHUNG_BETRAG);
    }
    let buchungstext = text(buchung, "buchungstext").unwrap_or_default();
    if !(1..=account.buchungstext_max).contains(&buchungstext.chars().count()) {
        return Err(codes::BUCHUNGSTEXT_LENGTH);
    }
    let allowed = |letter: char| {
        letter.is_ascii_uppercase() || letter.is_ascii_digit() || ",.:/+& -*$%ÄÖÜß".contains(letter)
    };
    if !buchungstext.chars().all(allowed) {
        return Err(codes::BUCHUNGSTEXT_CHARACTERS);
    }
    let kontierung = buchung.get("kontierung").unwrap_or(&Value::Null);
    let title_part = |part: &str| {
        (1..=10).contains(&part.len())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-/".contains(&byte))
    };
    let haushaltstelle = text(kontierung, "haushaltstelle")
        .filter(|part| title_part(part))
        .ok_or(codes::HAUSHALTSSTELLE)?;
    let objektnummer = if given(kontierung, "objektnummer") {
        let part = text(kontierung, "objektnummer").filter(|part| title_part(part));
        Some(part.ok_or(codes::OBJEKTNUMMER)?)
    } else {
        None
    };
    if !account.releases(haushaltstelle, objektnummer) {
        return Err(codes::TITEL);
    }
    if given(kontierung, "href") && text(kontierung, "href").is_none_or(|href| href.chars().count() > 100) {
        return Err(codes::HREF);
    }
    Ok((brutto, buchungstext))
}

/// Each method that is asked for must be offered and take the amount.
fn read_methods(body: &Value, account: &Account, betrag: Cents) -> Result<Vec<String>, Refusal> {
    let codes = body
        .get("zahlverfahrencodes")
        .and_then(Value::as_array)
        .ok_or(codes::ZAHLVERFAHREN)?;
    if codes.is_empty() || text(body, "zahltyp") != Some("PAYPAGE") {
        return Err(codes::ZAHLVERFAHREN);
    }
    let mut methods: Vec<String> = Vec::with_capacity(codes.len());
    for code in codes {
        let method = code
            .as_str()
            .and_then(|code| account.method(code))
            .ok_or(codes::ZAHLVERFAHREN)?;
        if betrag < method.min {
            return Err(codes::MINIMUM);
        }
        if betrag > method.max {
            return Err(codes::MAXIMUM);
        }
        if !methods.contains(&method.code) {
            methods.push(method.code.clone());
        }
    }
    Ok(methods)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
}
