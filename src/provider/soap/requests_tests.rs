//! Every envelope, byte for byte, against `fixtures/soap/connector/`; a line break stands there between elements.

use super::super::buchungen::buchungen;
use super::super::config::SoapConfig;
use super::super::profile::{Tax, TaxTitle, Version};
use super::super::xml::MOST_ELEMENTS;
use super::*;
use crate::app::ports::{OpenLine, Question};
use crate::domain::money::Cents;
use crate::domain::tenant::Environment;
use crate::domain::time::berlin_noon;

pub(in super::super) fn order() -> OpenOrder {
    OpenOrder {
        mandant: Mandant::parse("1610000000").expect("a Mandant"),
        bewirtschafter: Bewirtschafter::parse("42").expect("a Bewirtschafter"),
        nummer: Transaktionsnummer::parse("TX7F3A1").expect("a number"),
        kundennummer: "k7f3aQ9-one_time_number".into(),
        kassenzeichen: None,
        flow: Flow::Paypage,
        total: Cents::new(4150),
        lines: vec![
            OpenLine {
                net: Cents::new(2345),
                tax: Cents::ZERO,
                tax_rate: "0".parse().expect("a rate"),
                text: "Gebühr <Melderegister> & mehr".into(),
                haushaltsstelle: "1100.10000".into(),
                objektnummer: Some("0000000001".into()),
                href: None,
            },
            OpenLine {
                net: Cents::new(1517),
                tax: Cents::new(288),
                tax_rate: "19".parse().expect("a rate"),
                text: "«»".into(),
                haushaltsstelle: "1100.2000".into(),
                objektnummer: None,
                href: Some("KST=7;".into()),
            },
        ],
        due: berlin_noon("2026-03-01".parse().expect("a day")),
        kennzeichen_mahnverfahren: "01".into(),
        methods: vec![
            Method::parse("KREDITKARTE").expect("a method"),
            Method::parse("PAYPAL").expect("a method"),
        ],
        description: "Antrag 4711\nzweite Zeile".into(),
        payer_name: "Muster".into(),
        payer_first_name: Some("Eva".into()),
        organisation: false,
        notify_url: "https://connector.example/callbacks/epaybl/7f3a".into(),
        return_url: "https://connector.example/return/7f3a".into(),
    }
}

pub(in super::super) fn question() -> Question {
    let order = order();
    Question {
        mandant: order.mandant,
        bewirtschafter: order.bewirtschafter,
        nummer: order.nummer,
        kundennummer: order.kundennummer,
        kassenzeichen: Some(kassenzeichen()),
        remote: None,
        total: order.total,
    }
}

pub(in super::super) fn kassenzeichen() -> Kassenzeichen {
    Kassenzeichen::parse("4200000000061").expect("a Kassenzeichen")
}

pub(in super::super) fn config(url: &str) -> SoapConfig {
    SoapConfig::new(
        url.parse().expect("an address"),
        "https://epay.example/paypage/login.do"
            .parse()
            .expect("an address"),
        Environment::Test,
    )
}

fn pretty(request: &Request) -> String {
    format!("{}\n", request.envelope.replace("><", ">\n<"))
}

#[track_caller]
fn golden(name: &str, request: &Request) {
    let path = format!(
        "{}/fixtures/soap/connector/{name}.xml",
        env!("CARGO_MANIFEST_DIR")
    );
    let expected = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(pretty(request), expected, "{name}");
    // What we write, we can read ourselves.
    super::super::xml::Document::read(&request.envelope, MOST_ELEMENTS).expect("well formed");
}

fn opened(order: &OpenOrder, profile: &Profile, blp: bool) -> Request {
    let lines = buchungen(order, profile).expect("an order that can be sent");
    open(order, profile, &lines, blp)
}

#[test]
fn small_calls_are_exactly_what_the_service_takes() {
    let order = order();
    golden("isAlive", &is_alive(&order.mandant));
    golden("lesenKunde", &lesen_kunde(&order.mandant, &order.kundennummer));
    golden("anlegenKunde", &anlegen_kunde(&order));
    golden(
        "loeschenKunde",
        &loeschen_kunde(&order.mandant, &order.bewirtschafter, &order.kundennummer),
    );
    golden(
        "lesenKassenzeichenInfo",
        &kassenzeichen_info(&order.mandant, &kassenzeichen(), KassenzeichenParameter::Small),
    );
    let capital = kassenzeichen_info(&order.mandant, &kassenzeichen(), KassenzeichenParameter::Capital);
    assert!(
        capital
            .envelope
            .contains("<Kassenzeichen xsi:type=\"xsd:string\">4200000000061</Kassenzeichen>")
    );
    golden(
        "lesenTransaktion",
        &lesen_transaktion(&order.mandant, &order.nummer),
    );
    golden(
        "leseBankverbindungBewirtschafter",
        &bankverbindung(&order.mandant, &order.bewirtschafter),
    );
    golden(
        "listeUngeleseneZahlungseingaenge",
        &zahlungseingaenge(&order.mandant),
    );
    golden(
        "bestaetigenGeleseneZahlungseingaenge",
        &bestaetigen(&order.mandant, "EP-0815"),
    );
}

#[test]
fn a_payment_on_the_paypage_is_opened_as_version_3_takes_it() {
    let profile = Profile {
        tax_titles: vec![TaxTitle {
            rate: "19".parse().expect("a rate"),
            objektnummer: Some("0000000019".into()),
            sts: Some("A1".into()),
            text: None,
        }],
        ..Profile::default()
    };
    golden(
        "anlegenKassenzeichenMitZahlverfahrenlisteMitBLP.v3",
        &opened(&order(), &profile, true),
    );
    golden(
        "anlegenKassenzeichenMitZahlverfahrenliste.v3",
        &opened(&order(), &profile, false),
    );
}

#[test]
fn a_payment_on_the_paypage_is_opened_as_version_2_takes_it() {
    let mut order = order();
    order.kassenzeichen = Some(kassenzeichen());
    let profile = Profile {
        version: Version::Two,
        tax: Tax::Within,
        lieferadresse: Lieferadresse::Name,
        buchungstext_parameter: true,
        kassenzeichen_length: 13,
        ..Profile::default()
    };
    golden(
        "anlegenKassenzeichenMitZahlverfahrenlisteMitBLP.v2",
        &opened(&order, &profile, true),
    );
}

#[test]
fn the_old_operation_takes_three_parameters_and_more_only_where_that_is_set() {
    let mut profile = Profile {
        version: Version::Two,
        operation: Operation::AnlegenKassenzeichen,
        ..Profile::default()
    };
    let old = opened(&order(), &profile, true);
    golden("anlegenKassenzeichen.v2", &old);
    profile.buchungstext_parameter = true;
    let more = opened(&order(), &profile, true).envelope;
    let tail = "</buchungsListe><lieferAdresse xsi:nil=\"true\"/><buchungsText xsi:type=\"xsd:string\">Antrag 4711 \
                zweite Zeile</buchungsText></ep:anlegenKassenzeichen>";
    assert!(more.contains(tail), "{more}");
}

#[test]
fn transfers_have_operations_of_their_own() {
    let mut order = order();
    order.flow = Flow::Vorkasse;
    let profile = Profile::default();
    golden(
        "ueberweisenVorLieferungMitBLP.v3",
        &opened(&order, &profile, true),
    );
    let without = opened(&order, &profile, false);
    assert_eq!(without.operation, "ueberweisenVorLieferung");
    assert!(
        without
            .envelope
            .contains("</buchungsListe></ep:ueberweisenVorLieferung>")
    );
    order.flow = Flow::Rechnung;
    golden(
        "ueberweisenNachLieferungMitBLP.v3",
        &opened(&order, &profile, true),
    );
    let without = opened(&order, &profile, false);
    assert_eq!(without.operation, "ueberweisenNachLieferung");
    assert!(
        without
            .envelope
            .contains("<lieferAdresse xsi:nil=\"true\"/></ep:ueberweisenNachLieferung>")
    );
}

#[test]
fn an_organisation_fills_both_names_and_nobody_is_nameless() {
    let mut order = order();
    order.organisation = true;
    order.payer_name = "Wohnungsbaugesellschaft Musterstadt mbH".into();
    let written = anlegen_kunde(&order).envelope;
    assert!(
        written.contains(">Musterstadt mbH</vorname>")
            && written.contains(">Wohnungsbaugesellschaft</nachname>")
    );
    order.payer_name = " \t".into();
    let written = anlegen_kunde(&order).envelope;
    assert!(written.contains(">Antragsteller</nachname>") && !written.contains("vorname"));
}
