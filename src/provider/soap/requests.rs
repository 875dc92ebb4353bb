//! The calls, strictly as the service takes them: parameters in their order, odd spellings included (`EShopKundenNr`
//! with a capital only where loeschenKunde has it).

use super::buchungen::Buchung;
use super::envelope::{List, Request, Writer};
use super::profile::{KassenzeichenParameter, Lieferadresse, Operation, Profile};
use crate::app::ports::OpenOrder;
use crate::domain::ids::{Bewirtschafter, Kassenzeichen, Mandant, Method, Transaktionsnummer};
use crate::domain::tenant::Flow;
use crate::provider::text;

/// The list of unread receipts.
pub(super) const UNREAD: &str = "listeUngeleseneZahlungseingaenge";

/// ePayBL refuses an empty name (−0104).
const NAMELESS: &str = "Antragsteller";

/// The longest name.
const NAME_MAX: usize = 27;

/// The longest buchungsText of an operation.
const OPERATION_TEXT_MAX: usize = 100;

const BUCHUNGEN: List = List {
    of: "ep:Buchung",
    kind: "BuchungList",
    element: "buchungen",
};

const STRINGS: List = List {
    of: "xsd:string",
    kind: "StringList",
    element: "stringList",
};

/// Whether the service is there.
pub(super) fn is_alive(mandant: &Mandant) -> Request {
    begin("isAlive", mandant).finish()
}

/// The Kunde of a number.
pub(super) fn lesen_kunde(mandant: &Mandant, kundennummer: &str) -> Request {
    let mut call = begin("lesenKunde", mandant);
    call.object("kunde", "Kunde", |kunde| {
        kunde.id("EShopKundenNr", kundennummer);
    });
    call.finish()
}

/// A new Kunde, for one payment.
pub(super) fn anlegen_kunde(order: &OpenOrder) -> Request {
    let (nachname, vorname) = names(order);
    let mut call = begin("anlegenKunde", &order.mandant);
    call.id("bewirtschafterNr", order.bewirtschafter.as_str())
        .object("kunde", "Kunde", |kunde| {
            kunde.id("EShopKundenNr", &order.kundennummer).id("sprache", "de");
            if let Some(vorname) = &vorname {
                kunde.text("vorname", vorname, NAME_MAX);
            }
            kunde.text("nachname", &nachname, NAME_MAX);
        });
    call.finish()
}

/// Deletes a Kunde, whose payments stay.
pub(super) fn loeschen_kunde(
    mandant: &Mandant,
    bewirtschafter: &Bewirtschafter,
    kundennummer: &str,
) -> Request {
    let mut call = begin("loeschenKunde", mandant);
    call.id("bewirtschafterNr", bewirtschafter.as_str())
        .id("EShopKundenNr", kundennummer);
    call.finish()
}

/// Whether the operation that opens an order has a kind with a set of parameters.
pub(super) fn has_blp(order: &OpenOrder, profile: &Profile) -> bool {
    order.flow.by_transfer() || profile.operation == Operation::MitZahlverfahrenliste
}

/// Opens an order, with or without the set of parameters (`MitBLP`), which is always empty.
pub(super) fn open(order: &OpenOrder, profile: &Profile, buchungen: &[Buchung<'_>], blp: bool) -> Request {
    let operation = match (order.flow, profile.operation, blp) {
        (Flow::Vorkasse, _, true) => "ueberweisenVorLieferungMitBLP",
        (Flow::Vorkasse, _, false) => "ueberweisenVorLieferung",
        (Flow::Rechnung, _, true) => "ueberweisenNachLieferungMitBLP",
        (Flow::Rechnung, _, false) => "ueberweisenNachLieferung",
        (Flow::Paypage, Operation::AnlegenKassenzeichen, _) => "anlegenKassenzeichen",
        (Flow::Paypage, Operation::MitZahlverfahrenliste, true) => {
            "anlegenKassenzeichenMitZahlverfahrenlisteMitBLP"
        }
        (Flow::Paypage, Operation::MitZahlverfahrenliste, false) => {
            "anlegenKassenzeichenMitZahlverfahrenliste"
        }
    };
    let mut call = begin(operation, &order.mandant);
    call.id("eShopKundenNr", &order.kundennummer);
    liste(&mut call, order, profile, buchungen);
    match (order.flow, profile.operation) {
        (Flow::Vorkasse, _) => {}
        (Flow::Rechnung, _) => lieferadresse(&mut call, order, profile),
        // Old servers were seen to take three parameters; what comes after is optional, and counted by its place.
        (Flow::Paypage, Operation::AnlegenKassenzeichen) => {
            if profile.buchungstext_parameter || profile.lieferadresse != Lieferadresse::AsUsual {
                lieferadresse(&mut call, order, profile);
            }
            if profile.buchungstext_parameter {
                buchungstext(&mut call, order, profile);
            }
        }
        (Flow::Paypage, Operation::MitZahlverfahrenliste) => {
            lieferadresse(&mut call, order, profile);
            buchungstext(&mut call, order, profile);
            let write = |writer: &mut Writer, name: &str, code: &Method| {
                writer.id(name, code.as_str());
            };
            call.list(
                "zahlverfahrenListe",
                &STRINGS,
                profile.version,
                &order.methods,
                write,
            );
        }
    }
    if blp && has_blp(order, profile) {
        // An empty set is sent as nil.
        call.nil("buchungslisteParameterSet");
    }
    call.finish()
}

fn liste(call: &mut Writer, order: &OpenOrder, profile: &Profile, buchungen: &[Buchung<'_>]) {
    call.object("buchungsListe", "BuchungsListe", |liste| {
        liste
            .amount("betrag", order.total)
            .id("waehrungskennzeichen", "EUR")
            .instant("faelligkeitsdatum", order.due)
            .list(
                "buchungen",
                &BUCHUNGEN,
                profile.version,
                buchungen,
                |writer, name, of| {
                    writer.object(name, "Buchung", |buchung| {
                        buchung
                            .id("haushaltsstelle", of.haushaltsstelle)
                            .maybe_id("objektnummer", of.objektnummer)
                            .id("buchungstext", &of.text)
                            .amount("betrag", of.betrag)
                            .maybe_id("href", of.href.as_deref());
                    });
                },
            )
            .id("bewirtschafterNr", order.bewirtschafter.as_str())
            .id("kennzeichenMahnverfahren", &order.kennzeichen_mahnverfahren)
            .maybe_id(
                "kassenzeichen",
                order.kassenzeichen.as_ref().map(Kassenzeichen::as_str),
            )
            .id("EShopTransaktionsNr", order.nummer.as_str());
    });
}

fn lieferadresse(call: &mut Writer, order: &OpenOrder, profile: &Profile) {
    if profile.lieferadresse != Lieferadresse::Name {
        call.nil("lieferAdresse");
        return;
    }
    let (nachname, vorname) = names(order);
    call.object("lieferAdresse", "LieferAdresse", |adresse| {
        if let Some(vorname) = &vorname {
            adresse.text("vorname", vorname, NAME_MAX);
        }
        adresse.text("nachname", &nachname, NAME_MAX);
    });
}

fn buchungstext(call: &mut Writer, order: &OpenOrder, profile: &Profile) {
    if profile.buchungstext_parameter {
        call.text("buchungsText", &order.description, OPERATION_TEXT_MAX);
    } else {
        call.nil("buchungsText");
    }
}

/// What became of a Kassenzeichen.
pub(super) fn kassenzeichen_info(
    mandant: &Mandant,
    kassenzeichen: &Kassenzeichen,
    parameter: KassenzeichenParameter,
) -> Request {
    let mut call = begin("lesenKassenzeichenInfo", mandant);
    call.id(parameter.name(), kassenzeichen.as_str());
    call.finish()
}

/// What became of a number of ours.
pub(super) fn lesen_transaktion(mandant: &Mandant, nummer: &Transaktionsnummer) -> Request {
    let mut call = begin("lesenTransaktion", mandant);
    call.id("eShopTransaktionsNr", nummer.as_str());
    call.finish()
}

/// The account of a Bewirtschafter.
pub(super) fn bankverbindung(mandant: &Mandant, bewirtschafter: &Bewirtschafter) -> Request {
    let mut call = begin("leseBankverbindungBewirtschafter", mandant);
    call.id("bewirtschafterNr", bewirtschafter.as_str());
    call.finish()
}

/// What nobody has read yet.
pub(super) fn zahlungseingaenge(mandant: &Mandant) -> Request {
    begin(UNREAD, mandant).finish()
}

/// Confirms a reading.
pub(super) fn bestaetigen(mandant: &Mandant, id: &str) -> Request {
    let mut call = begin("bestaetigenGeleseneZahlungseingaenge", mandant);
    call.id("ePaymentId", id);
    call.finish()
}

fn begin(operation: &'static str, mandant: &Mandant) -> Writer {
    let mut call = Writer::new(operation);
    call.id("mandantNr", mandant.as_str());
    call
}

/// Nachname and Vorname. An organisation reads on in the Vorname, as ePayBL hands on «Nachname Vorname».
fn names(order: &OpenOrder) -> (String, Option<String>) {
    let (nachname, vorname) = if order.organisation {
        text::organisation(&order.payer_name, NAME_MAX)
    } else {
        let vorname = text::free(order.payer_first_name.as_deref().unwrap_or_default(), NAME_MAX);
        (
            text::free(&order.payer_name, NAME_MAX),
            (!vorname.is_empty()).then_some(vorname),
        )
    };
    if nachname.is_empty() {
        (NAMELESS.to_owned(), vorname)
    } else {
        (nachname, vorname)
    }
}

#[cfg(test)]
#[path = "requests_tests.rs"]
pub(super) mod tests;
