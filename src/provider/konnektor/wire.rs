//! The body of `POST …/buchungslisten`, strictly as the Konnektor takes it, odd spellings included: `haushaltstelle`
//! with one s, `kennzeichenMahnverfahren` with a capital M, German dates in Berlin time.

use std::str::FromStr;

use serde::Serialize;
use serde_json::Number;

use super::config::{HrefPosition, KonnektorConfig};
use crate::app::ports::{OpenLine, OpenOrder};
use crate::domain::ids::{Kassenzeichen, Method};
use crate::domain::money::Cents;
use crate::domain::time::{Timestamp, berlin};
use crate::provider::text;

/// ePayBL refuses an empty name (−0104).
const NAMELESS: &str = "Antragsteller";

/// A Buchungsliste. The order of the fields is that of the seen example.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Buchungsliste<'a> {
    /// Null where the server assigns it; a Mandant wants the one or the other (−0521, −0522).
    kassenzeichennummer: Option<&'a str>,
    faelligkeitsdatum: String,
    waehrungskennzeichen: &'static str,
    kennzeichen_mahnverfahren: &'a str,
    transaktionsnummer: &'a str,
    zahlverfahrencodes: Vec<&'a str>,
    buchungen: Vec<Buchung<'a>>,
    beschreibung: String,
    kunde: Kunde<'a>,
    buchungslistenparameter: Option<&'a str>,
    fachverfahrendaten: Fachverfahrendaten<'a>,
    zahltyp: &'static str,
    betrag: Number,
}

#[derive(Debug, Serialize)]
struct Buchung<'a> {
    id: Option<&'a str>,
    bruttobetrag: Number,
    nettobetrag: Number,
    steuerbetrag: Number,
    buchungstext: String,
    kontierung: Kontierung<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    href: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Kontierung<'a> {
    haushaltstelle: &'a str,
    objektnummer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    href: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Kunde<'a> {
    name: String,
    vorname: Option<String>,
    typ: &'static str,
    /// Our number: one temporary Kunde per attempt.
    kundennummer: &'a str,
    firmenkunde: bool,
}

#[derive(Debug, Serialize)]
struct Fachverfahrendaten<'a> {
    #[serde(rename = "notifyUrl")]
    notify: &'a str,
    #[serde(rename = "successUrl")]
    success: String,
    #[serde(rename = "errorUrl")]
    error: String,
    #[serde(rename = "cancelUrl")]
    cancel: String,
}

/// Writes the Buchungsliste of an order.
pub(super) fn buchungsliste<'a>(order: &'a OpenOrder, config: &KonnektorConfig) -> Buchungsliste<'a> {
    Buchungsliste {
        kassenzeichennummer: order.kassenzeichen.as_ref().map(Kassenzeichen::as_str),
        faelligkeitsdatum: german_date(order.due),
        waehrungskennzeichen: "EUR",
        kennzeichen_mahnverfahren: &order.kennzeichen_mahnverfahren,
        transaktionsnummer: order.nummer.as_str(),
        zahlverfahrencodes: order.methods.iter().map(Method::as_str).collect(),
        buchungen: order
            .lines
            .iter()
            .map(|line| buchung(line, order, config))
            .collect(),
        beschreibung: text::free(&order.description, config.text.description),
        kunde: kunde(order, config.text.name),
        buchungslistenparameter: None,
        fachverfahrendaten: Fachverfahrendaten {
            notify: &order.notify_url,
            success: returning(&order.return_url, "success"),
            error: returning(&order.return_url, "error"),
            cancel: returning(&order.return_url, "cancel"),
        },
        zahltyp: "PAYPAGE",
        betrag: amount(order.total),
    }
}

fn buchung<'a>(line: &'a OpenLine, order: &OpenOrder, config: &KonnektorConfig) -> Buchung<'a> {
    let href = |position: HrefPosition| line.href.as_deref().filter(|_| config.href == position);
    Buchung {
        id: None,
        bruttobetrag: amount(line.net + line.tax),
        nettobetrag: amount(line.net),
        steuerbetrag: amount(line.tax),
        buchungstext: text::buchungstext(&line.text, config.text.longest_buchungstext(), &order.description),
        kontierung: Kontierung {
            haushaltstelle: &line.haushaltsstelle,
            objektnummer: line.objektnummer.as_deref(),
            href: href(HrefPosition::InsideKontierung),
        },
        href: href(HrefPosition::BesideKontierung),
    }
}

fn kunde(order: &OpenOrder, longest: usize) -> Kunde<'_> {
    let (name, vorname) = if order.organisation {
        text::organisation(&order.payer_name, longest)
    } else {
        let first = order.payer_first_name.as_deref().unwrap_or_default();
        let first = text::free(first, longest);
        (
            text::free(&order.payer_name, longest),
            (!first.is_empty()).then_some(first),
        )
    };
    Kunde {
        name: if name.is_empty() {
            text::free(NAMELESS, longest)
        } else {
            name
        },
        vorname,
        typ: "TEMPORAER",
        kundennummer: order.nummer.as_str(),
        firmenkunde: order.organisation,
    }
}

/// An exact JSON number with two decimal places.
fn amount(cents: Cents) -> Number {
    Number::from_str(&cents.to_string()).expect("cents print as a JSON number")
}

/// `dd.MM.yyyy HH:mm:ss` in Berlin time.
fn german_date(at: Timestamp) -> String {
    at.instant()
        .to_zoned(berlin())
        .strftime("%d.%m.%Y %H:%M:%S")
        .to_string()
}

/// The browser's address with `r=…` appended to its query.
fn returning(address: &str, how: &str) -> String {
    let (page, fragment) = address.find('#').map_or((address, ""), |at| address.split_at(at));
    let mark = if page.contains('?') { '&' } else { '?' };
    format!("{page}{mark}r={how}{fragment}")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::ids::{Bewirtschafter, Mandant, Transaktionsnummer};
    use crate::domain::tenant::{Environment, Flow};
    use crate::domain::time::berlin_noon;

    pub(in super::super) fn order() -> OpenOrder {
        OpenOrder {
            mandant: Mandant::parse("TH000001").expect("a Mandant"),
            bewirtschafter: Bewirtschafter::parse("BW100001").expect("a Bewirtschafter"),
            nummer: Transaktionsnummer::parse("TX7F3A1").expect("a number"),
            kundennummer: "K7f3aTokenOfThisAttempt".to_owned(),
            kassenzeichen: None,
            flow: Flow::Paypage,
            total: Cents::new(4150),
            lines: vec![
                OpenLine {
                    net: Cents::new(2345),
                    tax: Cents::ZERO,
                    tax_rate: rust_decimal::Decimal::ZERO,
                    text: "Gebühr Melderegister".into(),
                    haushaltsstelle: "1100.1000".into(),
                    objektnummer: Some("0000000001".into()),
                    href: None,
                },
                OpenLine {
                    net: Cents::new(1517),
                    tax: Cents::new(288),
                    tax_rate: rust_decimal::Decimal::ZERO,
                    text: "«»".into(),
                    haushaltsstelle: "1100.2000".into(),
                    objektnummer: None,
                    href: Some("stsl=A1;".into()),
                },
            ],
            due: berlin_noon("2026-03-01".parse().expect("a day")),
            kennzeichen_mahnverfahren: "11000".into(),
            methods: vec![
                Method::parse("KREDITKARTE").expect("a method"),
                Method::parse("PAYPAL").expect("a method"),
            ],
            description: "Antrag 4711".into(),
            payer_name: "Muster".into(),
            payer_first_name: Some("Eva".into()),
            organisation: false,
            notify_url: "https://connector.example/callbacks/epaybl/7f3a".into(),
            return_url: "https://connector.example/return/7f3a".into(),
        }
    }

    pub(in super::super) fn config(address: &str) -> KonnektorConfig {
        let mut config = KonnektorConfig::new(address.parse().expect("an address"), Environment::Test);
        config.callback.secrets = vec!["secret".into()];
        config
    }

    fn written(order: &OpenOrder, config: &KonnektorConfig) -> String {
        serde_json::to_string_pretty(&buchungsliste(order, config)).expect("JSON")
    }

    #[test]
    fn the_body_is_exactly_what_the_konnektor_takes() {
        let expected = r#"{
  "kassenzeichennummer": null,
  "faelligkeitsdatum": "01.03.2026 12:00:00",
  "waehrungskennzeichen": "EUR",
  "kennzeichenMahnverfahren": "11000",
  "transaktionsnummer": "TX7F3A1",
  "zahlverfahrencodes": [
    "KREDITKARTE",
    "PAYPAL"
  ],
  "buchungen": [
    {
      "id": null,
      "bruttobetrag": 23.45,
      "nettobetrag": 23.45,
      "steuerbetrag": 0.00,
      "buchungstext": "GEBÜHR MELDEREGISTER",
      "kontierung": {
        "haushaltstelle": "1100.1000",
        "objektnummer": "0000000001"
      }
    },
    {
      "id": null,
      "bruttobetrag": 18.05,
      "nettobetrag": 15.17,
      "steuerbetrag": 2.88,
      "buchungstext": "ANTRAG 4711",
      "kontierung": {
        "haushaltstelle": "1100.2000",
        "objektnummer": null,
        "href": "stsl=A1;"
      }
    }
  ],
  "beschreibung": "Antrag 4711",
  "kunde": {
    "name": "Muster",
    "vorname": "Eva",
    "typ": "TEMPORAER",
    "kundennummer": "TX7F3A1",
    "firmenkunde": false
  },
  "buchungslistenparameter": null,
  "fachverfahrendaten": {
    "notifyUrl": "https://connector.example/callbacks/epaybl/7f3a",
    "successUrl": "https://connector.example/return/7f3a?r=success",
    "errorUrl": "https://connector.example/return/7f3a?r=error",
    "cancelUrl": "https://connector.example/return/7f3a?r=cancel"
  },
  "zahltyp": "PAYPAGE",
  "betrag": 41.50
}"#;
        assert_eq!(
            written(&order(), &config("https://epay.example/konnektor")),
            expected
        );
    }

    #[test]
    fn the_href_goes_where_the_site_wants_it() {
        let mut config = config("https://epay.example/konnektor");
        config.href = HrefPosition::BesideKontierung;
        let body: serde_json::Value = serde_json::from_str(&written(&order(), &config)).expect("JSON");
        assert_eq!(body["buchungen"][1]["href"], "stsl=A1;");
        assert_eq!(body["buchungen"][1]["kontierung"].get("href"), None);
        assert_eq!(body["buchungen"][0].get("href"), None);
        config.href = HrefPosition::Omit;
        assert!(!written(&order(), &config).contains("href"));
    }

    #[test]
    fn an_organisation_fills_both_names_and_nobody_is_nameless() {
        let mut order = order();
        order.organisation = true;
        order.payer_name = "Wohnungsbaugesellschaft Musterstadt mbH".into();
        let config = config("https://epay.example/konnektor");
        let body: serde_json::Value = serde_json::from_str(&written(&order, &config)).expect("JSON");
        assert_eq!(body["kunde"]["name"], "Wohnungsbaugesellschaft");
        assert_eq!(body["kunde"]["vorname"], "Musterstadt mbH");
        assert_eq!(body["kunde"]["firmenkunde"], true);
        order.payer_name = " \t".into();
        let body: serde_json::Value = serde_json::from_str(&written(&order, &config)).expect("JSON");
        assert_eq!(body["kunde"]["name"], "Antragsteller");
        assert_eq!(body["kunde"]["vorname"], serde_json::Value::Null);
    }

    #[test]
    fn dates_are_berlin_dates_in_summer_too() {
        let at = |text: &str| Timestamp::from_instant(text.parse().expect("an instant"));
        assert_eq!(german_date(at("2026-07-01T10:00:00Z")), "01.07.2026 12:00:00");
        assert_eq!(german_date(at("2026-12-31T23:30:05Z")), "01.01.2027 00:30:05");
    }

    #[test]
    fn the_return_address_keeps_its_own_query() {
        assert_eq!(returning("https://a/b?c=d", "cancel"), "https://a/b?c=d&r=cancel");
        assert_eq!(returning("https://a/b#top", "error"), "https://a/b?r=error#top");
    }
}
