//! The types of the service: their fields in the order in which they are written. The WSDL is made from this
//! table, and a test holds what is written against it.

use super::write::Array;
use crate::sandbox::SoapVersion;

/// The array of Buchungen.
pub(super) const BUCHUNGEN: Array = Array {
    item_type: "Buchung",
    list_type: "BuchungList",
    item_name: "buchungen",
};

/// The array of Zahlungseingänge. The name of its entries is ours.
pub(super) const ZAHLUNGSEINGAENGE: Array = Array {
    item_type: "ZahlungseingangsElement",
    list_type: "ZahlungseingangsElementList",
    item_name: "zahlungseingangsElement",
};

/// The array of parameters; the name of its entries has one `n` more than its type.
const PARAMETER: Array = Array {
    item_type: "BuchungsListeParameter",
    list_type: "BuchungsListeParameterList",
    item_name: "buchungslistenParameter",
};

/// All arrays of records.
pub(super) const ARRAYS: [Array; 3] = [BUCHUNGEN, ZAHLUNGSEINGAENGE, PARAMETER];

/// A type: its name and its fields, each with its type as in [`super::operation::Entry::parameters`]; `list:`
/// names the type of an array's entries.
pub(super) type Type = (&'static str, &'static [(&'static str, &'static str)]);

/// The types of a version.
pub(super) fn types(version: SoapVersion) -> Vec<Type> {
    let special = match version {
        SoapVersion::Two => TWO,
        SoapVersion::Three => THREE,
    };
    special.iter().chain(BOTH).copied().collect()
}

const TWO: &[Type] = &[
    (
        "Ergebnis",
        &[
            ("EPaymentId", "xsd:string"),
            ("EPaymentTimestamp", "xsd:dateTime"),
            ("code", "xsd:string"),
            ("istOk", "xsd:boolean"),
            ("kurzText", "xsd:string"),
            ("langText", "xsd:string"),
        ],
    ),
    (
        "Bank",
        &[
            ("BIC", "xsd:string"),
            ("BLZ", "xsd:string"),
            ("name", "xsd:string"),
        ],
    ),
    (
        "BuchungsListeParameterSet",
        &[("buchungsListeParameter", "list:BuchungsListeParameter")],
    ),
];

const THREE: &[Type] = &[
    (
        "Ergebnis",
        &[
            ("EPaymentId", "xsd:string"),
            ("EPaymentTimestamp", "xsd:dateTime"),
            ("istOk", "xsd:boolean"),
            ("text", "ep:Text"),
        ],
    ),
    (
        "Bank",
        &[
            ("bic", "xsd:string"),
            ("blz", "xsd:string"),
            ("name", "xsd:string"),
        ],
    ),
    (
        "BuchungsListeParameterSet",
        &[("buchungsListeParameterList", "list:BuchungsListeParameter")],
    ),
];

const BOTH: &[Type] = &[
    (
        "Text",
        &[
            ("code", "xsd:string"),
            ("kurzText", "xsd:string"),
            ("langText", "xsd:string"),
            ("sprache", "xsd:string"),
        ],
    ),
    (
        "Adresse",
        &[
            ("strasse", "xsd:string"),
            ("hausNr", "xsd:string"),
            ("postfach", "xsd:string"),
            ("PLZ", "xsd:string"),
            ("ort", "xsd:string"),
            ("land", "xsd:string"),
        ],
    ),
    (
        "LieferAdresse",
        &[
            ("anrede", "xsd:string"),
            ("vorname", "xsd:string"),
            ("nachname", "xsd:string"),
            ("strasse", "xsd:string"),
            ("hausNr", "xsd:string"),
            ("postfach", "xsd:string"),
            ("PLZ", "xsd:string"),
            ("ort", "xsd:string"),
            ("land", "xsd:string"),
        ],
    ),
    (
        "Kunde",
        &[
            ("EShopKundenNr", "xsd:string"),
            ("sprache", "xsd:string"),
            ("titel", "xsd:string"),
            ("anrede", "xsd:string"),
            ("vorname", "xsd:string"),
            ("nachname", "xsd:string"),
            ("EMailAdresse", "xsd:string"),
            ("telefonNrPrivat", "xsd:string"),
            ("telefonNrJob", "xsd:string"),
            ("telefonNrMobil", "xsd:string"),
            ("geburtsdatum", "xsd:string"),
            ("rechnungsAdresse", "ep:Adresse"),
            ("status", "ep:Text"),
        ],
    ),
    (
        "Buchung",
        &[
            ("haushaltsstelle", "xsd:string"),
            ("objektnummer", "xsd:string"),
            ("buchungstext", "xsd:string"),
            ("betrag", "xsd:decimal"),
            ("belegNr", "xsd:string"),
            ("href", "xsd:string"),
        ],
    ),
    (
        "BuchungsListe",
        &[
            ("betrag", "xsd:decimal"),
            ("waehrungskennzeichen", "xsd:string"),
            ("faelligkeitsdatum", "xsd:dateTime"),
            ("buchungen", "list:Buchung"),
            ("bewirtschafterNr", "xsd:string"),
            ("kennzeichenMahnverfahren", "xsd:string"),
            ("kassenzeichen", "xsd:string"),
            ("EShopTransaktionsNr", "xsd:string"),
        ],
    ),
    (
        "BuchungsListeParameter",
        &[("name", "xsd:string"), ("wert", "xsd:string")],
    ),
    (
        "Bankverbindung",
        &[
            ("kontoinhaber", "xsd:string"),
            ("IBAN", "xsd:string"),
            ("BIC", "xsd:string"),
        ],
    ),
    (
        "ZahlungseingangsElement",
        &[
            ("betrag", "xsd:decimal"),
            ("buchungsDatum", "xsd:dateTime"),
            ("EShopKundenNr", "xsd:string"),
            ("kassenzeichen", "xsd:string"),
            ("waehrung", "xsd:string"),
        ],
    ),
    (
        "KundenErgebnis",
        &[("ergebnis", "ep:Ergebnis"), ("kunde", "ep:Kunde")],
    ),
    (
        "BuchungsListeErgebnis",
        &[
            ("buchungsListe", "ep:BuchungsListe"),
            ("ergebnis", "ep:Ergebnis"),
            ("zahlverfahren", "xsd:string"),
        ],
    ),
    (
        "KassenzeichenInfoErgebnis",
        &[
            ("EShopKundenNr", "xsd:string"),
            ("EShopKundennummer", "xsd:string"),
            ("betragHauptforderungen", "xsd:decimal"),
            ("betragLastschriften", "xsd:decimal"),
            ("betragRuecklastschriften", "xsd:decimal"),
            ("betragSonstigeBuchungen", "xsd:decimal"),
            ("betragStornos", "xsd:decimal"),
            ("betragZahlungseingaenge", "xsd:decimal"),
            ("ergebnis", "ep:Ergebnis"),
            ("kassenzeichen", "xsd:string"),
            ("name", "xsd:string"),
            ("paypageStatus", "ep:Text"),
            ("saldo", "xsd:decimal"),
            ("vorname", "xsd:string"),
            ("waehrung", "xsd:string"),
            ("zahlverfahren", "xsd:string"),
        ],
    ),
    (
        "Zahlungseingaenge",
        &[
            ("ergebnis", "ep:Ergebnis"),
            ("zahlungseingaenge", "list:ZahlungseingangsElement"),
        ],
    ),
    (
        "BankverbindungErgebnis",
        &[
            ("bank", "ep:Bank"),
            ("bankverbindung", "ep:Bankverbindung"),
            ("ergebnis", "ep:Ergebnis"),
        ],
    ),
];
