//! ePayBL's result codes as data: what a code means and whose matter it is.
//!
//! A code is a sign and four digits; `+…` is success. To add one: a line in the table, in order of the number. A code
//! whose meaning says that something of ours may exist at ePayBL is `UnknownOutcome`, never a refusal.
//!
//! Where the line runs between the two kinds of refusal: what the portal sent and can mend (names, amounts, texts) is
//! the caller's; what the route, the certificate or ePayBL itself says is configuration, also where ePayBL counts it
//! among the input errors (Kennzeichen Mahnverfahren, Zahlverfahren, Belegnummer, and the Kunde, whom we make for one
//! payment).

/// What a result code means for an attempt to open a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It was done.
    Ok,
    /// The request's fault: nothing exists, the caller can mend it.
    Caller,
    /// Our or ePayBL's configuration: nothing exists, an operator must mend it.
    Configuration,
    /// Our number was used already: an earlier call arrived.
    NumberUsed,
    /// A payment may exist: an internal error, or a code that no table names.
    UnknownOutcome,
}

/// A class with its words for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// Whose matter it is.
    pub class: Class,
    /// In English, for problem documents and logs.
    pub english: &'static str,
    /// In German, for the finance office.
    pub german: &'static str,
}

/// One line of the table: the codes `-from` to `-to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The first code, without its sign.
    pub from: u16,
    /// The last code, without its sign.
    pub to: u16,
    /// What they mean.
    pub meaning: Meaning,
}

const OK: Meaning = Meaning {
    class: Class::Ok,
    english: "done",
    german: "ausgeführt",
};

const UNKNOWN: Meaning = Meaning {
    class: Class::UnknownOutcome,
    english: "a code that is not known here; a payment may exist",
    german: "unbekannter Code; eine Zahlung kann bestehen",
};

/// What a result code means. Codes outside of the table, and texts that are no code at all, are
/// [`Class::UnknownOutcome`]: after a create call a payment may exist.
pub fn classify(rc: &str) -> Meaning {
    let rc = rc.trim();
    if rc.starts_with('+') {
        return OK;
    }
    rc.strip_prefix('-')
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse::<u16>().ok())
        .and_then(|number| TABLE.iter().find(|line| (line.from..=line.to).contains(&number)))
        .map_or(UNKNOWN, |line| line.meaning)
}

macro_rules! table {
    ($($from:literal $(..= $to:literal)? $class:ident $english:literal $german:literal;)*) => {
        /// Every code that is known, in order of the number.
        pub const TABLE: &[Line] = &[$(Line {
            from: $from,
            to: table!(@to $from $($to)?),
            meaning: Meaning { class: Class::$class, english: $english, german: $german },
        }),*];
    };
    (@to $from:literal) => { $from };
    (@to $from:literal $to:literal) => { $to };
}

table! {
    11..=16 Configuration "the Mandant is wrong, unknown or inactive" "Mandant falsch, unbekannt oder inaktiv";
    20 Configuration "no HTTPS with a client certificate" "kein HTTPS mit Client-Zertifikat";
    21 Configuration "the client certificate is not valid for this Mandant" "Client-Zertifikat gilt nicht für diesen Mandanten";
    100 Configuration "the ePaymentId is not that of the last read" "ePaymentId gehört nicht zum letzten Lesen";
    103 Caller "the length of the first name is wrong" "Länge des Vornamens falsch";
    104 Caller "the last name is empty or too long" "Nachname leer oder zu lang";
    107 Caller "the length of the e-mail address is wrong" "Länge der E-Mail-Adresse falsch";
    109 Caller "the length of a telephone number is wrong" "Länge einer Telefonnummer falsch";
    115 Caller "there is no mandate for this method yet" "noch kein Mandat für dieses Zahlverfahren";
    117 Configuration "the Kunde is blocked" "Kunde gesperrt";
    119 Configuration "the Kunde has open transactions" "Kunde hat offene Transaktionen";
    120 Configuration "the Kunde is marked for deletion" "Kunde zum Löschen vorgemerkt";
    199 Configuration "the Kunde was not found" "Kunde nicht gefunden";
    201..=208 Caller "the address is wrong" "Adresse fehlerhaft";
    213 Caller "the address has both a post box and a street" "Postfach und Straße zugleich angegeben";
    301..=309 Configuration "the Bewirtschafter is missing, wrong, unknown, inactive or not of this Mandant" "Bewirtschafter fehlt, ist falsch, unbekannt, inaktiv oder gehört nicht zum Mandanten";
    310 Configuration "the length of the Kassenzeichen is wrong" "Länge des Kassenzeichens falsch";
    401..=413 Caller "the bank details are wrong or refused" "Bankverbindung fehlerhaft oder abgelehnt";
    415..=420 Caller "the bank details are wrong or refused" "Bankverbindung fehlerhaft oder abgelehnt";
    425..=443 Caller "the bank details are wrong or refused" "Bankverbindung fehlerhaft oder abgelehnt";
    501 Caller "there is no Buchungsliste" "Buchungsliste fehlt";
    502 Configuration "the check digit of the Kassenzeichen is wrong" "Prüfziffer des Kassenzeichens falsch";
    503 Caller "the amount is not above zero" "Betrag nicht größer als null";
    504 Configuration "the Kennzeichen Mahnverfahren is not valid" "Kennzeichen Mahnverfahren ungültig";
    505 Caller "too few or too many Buchungen" "zu wenige oder zu viele Buchungen";
    506 Caller "the total is not the sum of the Buchungen" "Gesamtbetrag ist nicht die Summe der Buchungen";
    507 Configuration "the Zahlverfahren is invalid or not supported" "Zahlverfahren ungültig oder nicht unterstützt";
    508 Configuration "the Fälligkeitsdatum is missing" "Fälligkeitsdatum fehlt";
    509 Configuration "the Kunde is missing" "Kunde fehlt";
    510 Caller "the amount is below the minimum of the Zahlverfahren" "Betrag unter dem Minimum des Zahlverfahrens";
    511 Caller "the amount is above the maximum of the Zahlverfahren" "Betrag über dem Maximum des Zahlverfahrens";
    512 Caller "the highest order value in the chargeback window is exceeded" "höchster Bestellwert in der Rücklastschriftfrist überschritten";
    513 Configuration "the Zahlverfahren is not available yet" "Zahlverfahren noch nicht verfügbar";
    514 Configuration "the currency is not valid" "Währung ungültig";
    515..=519 Configuration "the Kassenzeichen exists with another Zahlverfahren, Mandant, Kunde, currency or Bewirtschafter" "Kassenzeichen besteht mit anderem Zahlverfahren, Mandanten, Kunden, anderer Währung oder anderem Bewirtschafter";
    520 UnknownOutcome "the Kassenzeichen exists and is not completed on the paypage" "Kassenzeichen besteht und ist auf der Paypage nicht abgeschlossen";
    521 Configuration "the Mandant requires that we supply the Kassenzeichen" "Kassenzeichen fehlt, der Mandant verlangt ein mitgegebenes";
    522 Configuration "the Mandant does not allow that we supply the Kassenzeichen" "Kassenzeichen muss leer sein";
    525 Caller "an amount has more than two decimal places" "Betrag mit mehr als zwei Nachkommastellen";
    529 Configuration "a temporary list may not use an existing Kassenzeichen" "bestehendes Kassenzeichen für eine temporäre Liste verwendet";
    530 Configuration "the Transaktionsnummer is not valid" "Transaktionsnummer ungültig";
    531 NumberUsed "the Transaktionsnummer was used already" "Transaktionsnummer bereits verwendet";
    594 UnknownOutcome "the activation or the posting failed" "Aktivierung oder Buchung fehlgeschlagen";
    601 Caller "a Buchung is not valid" "Buchung ungültig";
    602 Caller "the amount of a Buchung is not valid" "Betrag einer Buchung ungültig";
    603 Caller "the amount of a Buchung has too many decimal places" "Betrag einer Buchung mit zu vielen Nachkommastellen";
    604 Configuration "the Haushaltsstelle is not well formed" "Haushaltsstelle syntaktisch falsch";
    605 Configuration "the Objektnummer is not well formed" "Objektnummer syntaktisch falsch";
    606..=608 Configuration "the Belegnummer is invalid, missing or must be empty" "Belegnummer ungültig, fehlt oder muss leer sein";
    609 Caller "the length of the Buchungstext is wrong" "Länge des Buchungstexts falsch";
    610 Caller "the Buchungstext has characters that are not allowed" "Buchungstext enthält unzulässige Zeichen";
    611 Configuration "the title (Haushaltsstelle and Objektnummer) is not released for this Bewirtschafter" "Titel (Haushaltsstelle und Objektnummer) für diesen Bewirtschafter nicht freigegeben";
    612 Configuration "the HREF is too long" "HREF zu lang";
    701..=703 Caller "the payment information, bank code or account is wrong" "Zahlungsinformation, BLZ oder Konto falsch";
    1706..=1712 Caller "the card data is wrong" "Kartendaten fehlerhaft";
    1800..=1803 Caller "the Reservierung failed" "Reservierung fehlgeschlagen";
    5115 Caller "the SEPA mandate has lapsed" "SEPA-Mandat verfallen";
    5120 Caller "the name of the account owner is wrong" "Name des Kontoinhabers falsch";
    5126 Caller "the account owner is incomplete" "Kontoinhaber unvollständig";
    5201 Caller "the SEPA mandate was not found" "SEPA-Mandat nicht gefunden";
    9970 Configuration "the pool of Belegnummern is not set up" "Belegnummernpool nicht eingerichtet";
    9977 Configuration "the pool of Belegnummern is exhausted or missing" "Belegnummernpool erschöpft oder fehlt";
    9980 Configuration "the pool of Kassenzeichen is not set up" "Kassenzeichenpool nicht eingerichtet";
    9988 Configuration "the pool of Kassenzeichen is missing" "Kassenzeichenpool fehlt";
    9999 UnknownOutcome "an internal error of ePayBL; a payment may exist" "interner Fehler von ePayBL; eine Zahlung kann bestehen";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_code_finds_its_class() {
        for (rc, class) in [
            ("+0000", Class::Ok),
            (" +0001 ", Class::Ok),
            ("-0021", Class::Configuration),
            ("-0104", Class::Caller),
            ("-0305", Class::Configuration),
            ("-0443", Class::Caller),
            ("-0504", Class::Configuration),
            ("-0506", Class::Caller),
            ("-0531", Class::NumberUsed),
            ("-0610", Class::Caller),
            ("-0611", Class::Configuration),
            ("-9988", Class::Configuration),
            ("-9999", Class::UnknownOutcome),
        ] {
            assert_eq!(classify(rc).class, class, "{rc}");
        }
    }

    #[test]
    fn what_no_table_names_may_have_left_a_payment_behind() {
        for rc in [
            "-7777", "-999989", "", "-", "0000", "ok", "-0x11", "-05 06", "--506",
        ] {
            assert_eq!(classify(rc).class, Class::UnknownOutcome, "{rc}");
        }
    }

    #[test]
    fn the_table_is_in_order_and_no_code_stands_in_it_twice() {
        for pair in TABLE.windows(2) {
            assert!(
                pair[0].from <= pair[0].to && pair[0].to < pair[1].from,
                "-{:04}",
                pair[1].from
            );
        }
        assert!(
            TABLE
                .iter()
                .all(|line| !line.meaning.english.is_empty() && !line.meaning.german.is_empty())
        );
    }
}
