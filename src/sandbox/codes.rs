//! Result codes: a sign and four digits; what starts with `+` is a success. The numbers are ePayBL's, the
//! German texts are ours.

/// The code of every success.
pub(super) const OK: &str = "+0000";

/// A negative answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rc} {text}")]
pub(super) struct Refusal {
    pub(super) rc: &'static str,
    pub(super) text: &'static str,
}

macro_rules! refusals {
    ($($(#[$note:meta])* $name:ident = $rc:literal, $text:literal;)*) => {
        $($(#[$note])* pub(super) const $name: Refusal = Refusal { rc: $rc, text: $text };)*
        const ALL: &[Refusal] = &[$($name),*];
    };
}

refusals! {
    MANDANT_MISSING = "-0011", "Mandant fehlt";
    MANDANT_UNKNOWN = "-0012", "Mandant unbekannt";
    CERTIFICATE_MISSING = "-0020", "Kein HTTPS mit Client-Zertifikat";
    CERTIFICATE_FOREIGN = "-0021", "Zertifikat ist für den Mandanten nicht zugelassen";
    /// Not the id of the last list of Zahlungseingänge.
    CURSOR = "-0100", "EPaymentId stammt nicht vom letzten Lesen";
    /// The number is ours: the table of public codes has none for it.
    KUNDE_NUMMER = "-0101", "EShopKundenNr fehlt oder ist zu lang";
    /// Ours, likewise.
    KUNDE_THERE = "-0102", "EShopKundenNr ist bereits vergeben";
    VORNAME = "-0103", "Vorname zu lang";
    NAME = "-0104", "Name fehlt oder ist zu lang";
    /// Ours, likewise.
    KUNDE_FIELD = "-0105", "Angabe zum Kunden ist zu lang";
    MAIL = "-0107", "E-Mail-Adresse zu lang";
    TELEFON = "-0109", "Telefonnummer zu lang";
    KUNDE_OPEN = "-0119", "Kunde hat offene Transaktionen und kann nicht gelöscht werden";
    KUNDE_MARKED = "-0120", "Kunde ist zum Löschen vorgemerkt";
    KUNDE_UNKNOWN = "-0199", "Kunde nicht gefunden";
    ADRESSE = "-0201", "Adresse ungültig";
    POSTFACH = "-0213", "Postfach und Straße schließen sich aus";
    BEWIRTSCHAFTER_MISSING = "-0301", "Bewirtschafter fehlt";
    BEWIRTSCHAFTER_FOREIGN = "-0303", "Bewirtschafter gehört nicht zum Mandanten";
    BEWIRTSCHAFTER_UNKNOWN = "-0304", "Bewirtschafter unbekannt";
    /// Of the table it means a wrong length; here also a Kassenzeichen that GET does not find (with 404).
    KASSENZEICHEN = "-0310", "Kassenzeichen ungültig oder unbekannt";
    /// No list, or a list that cannot be read (not JSON, an address that is no address).
    LISTE = "-0501", "Buchungsliste fehlt oder ist nicht lesbar";
    PRUEFZIFFER = "-0502", "Prüfziffer des Kassenzeichens falsch";
    BETRAG = "-0503", "Betrag ungültig, er muss größer als 0 sein";
    MAHNVERFAHREN = "-0504", "Kennzeichen Mahnverfahren fehlt oder ist ungültig";
    ANZAHL = "-0505", "Zu wenige oder zu viele Buchungen";
    SUMME = "-0506", "Gesamtbetrag falsch";
    ZAHLVERFAHREN = "-0507", "Zahlverfahren ungültig oder nicht unterstützt";
    FAELLIGKEIT = "-0508", "Fälligkeitsdatum fehlt oder ist ungültig";
    KUNDE = "-0509", "Kunde fehlt";
    MINIMUM = "-0510", "Minimalbetrag des Zahlverfahrens unterschritten";
    MAXIMUM = "-0511", "Maximalbetrag des Zahlverfahrens überschritten";
    WAEHRUNG = "-0514", "Währung ungültig";
    OTHER_ZAHLVERFAHREN = "-0515", "Kassenzeichen ist mit anderem Zahlverfahren vorhanden";
    OTHER_MANDANT = "-0516", "Kassenzeichen ist bei einem anderen Mandanten vorhanden";
    OTHER_KUNDE = "-0517", "Kassenzeichen ist für einen anderen Kunden vorhanden";
    OTHER_BEWIRTSCHAFTER = "-0519", "Kassenzeichen ist bei einem anderen Bewirtschafter vorhanden";
    KASSENZEICHEN_OPEN = "-0520", "Kassenzeichen ist vorhanden und auf der Paypage noch nicht abgeschlossen";
    KASSENZEICHEN_MISSING = "-0521", "Kassenzeichen fehlt";
    KASSENZEICHEN_GIVEN = "-0522", "Kassenzeichen muss leer sein";
    NACHKOMMA = "-0525", "Betrag hat mehr als zwei Nachkommastellen";
    KASSENZEICHEN_USED = "-0529", "Kassenzeichen ist bereits vorhanden";
    TRANSAKTIONSNUMMER = "-0530", "Transaktionsnummer fehlt oder ist ungültig";
    TRANSAKTIONSNUMMER_USED = "-0531", "Transaktionsnummer wurde bereits verwendet";
    ACTIVATION = "-0594", "Kassenzeichen kann nicht (mehr) aktiviert werden";
    BUCHUNG = "-0601", "Buchung ungültig";
    BUCHUNG_BETRAG = "-0602", "Betrag der Buchung ungültig";
    BUCHUNG_NACHKOMMA = "-0603", "Betrag der Buchung hat mehr als zwei Nachkommastellen";
    HAUSHALTSSTELLE = "-0604", "Haushaltsstelle ungültig";
    OBJEKTNUMMER = "-0605", "Objektnummer ungültig";
    BELEGNUMMER = "-0606", "Belegnummer ungültig";
    BUCHUNGSTEXT_LENGTH = "-0609", "Buchungstext fehlt oder ist zu lang";
    BUCHUNGSTEXT_CHARACTERS = "-0610", "Buchungstext enthält unzulässige Zeichen";
    TITEL = "-0611", "Titel ist für den Bewirtschafter nicht freigegeben";
    HREF = "-0612", "HREF zu lang";
    ZAHLUNGSINFORMATION = "-0701", "Zahlungsinformation fehlt";
    INTERNAL = "-9999", "Interner Fehler";
}

/// The text that goes with a code.
pub(super) fn text_of(rc: &str) -> &'static str {
    ALL.iter()
        .find(|refusal| refusal.rc == rc)
        .map_or("Abgelehnt", |refusal| refusal.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_a_sign_and_four_digits_and_there_once() {
        for (place, refusal) in ALL.iter().enumerate() {
            assert!(refusal.rc.starts_with('-') && refusal.rc.len() == 5, "{refusal}");
            assert!(
                ALL[..place].iter().all(|other| other.rc != refusal.rc),
                "{refusal}"
            );
        }
        assert_eq!(text_of(INTERNAL.rc), "Interner Fehler");
        assert_eq!(text_of("-4711"), "Abgelehnt");
    }
}
