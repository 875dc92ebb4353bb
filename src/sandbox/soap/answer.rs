//! Answers: an operation's result, and the XML of its shape and version.

use jiff::Timestamp;

use super::{
    kunden::Kunde,
    operation::{Entry, Shape},
    types::{BUCHUNGEN, ZAHLUNGSEINGAENGE},
    write::Writer,
};
use crate::sandbox::{
    Account, Cents, CustomerNumber, Receipt, SoapVersion, codes,
    list::{Buchung, Buchungsliste},
    payment::Reading,
};

/// What an operation found out, without its Ergebnis.
#[derive(Debug)]
pub(super) enum Content {
    Nothing,
    Kunde(Kunde),
    Liste(Box<Liste>),
    Info(Box<Info>),
    Zahlungseingaenge(Vec<Receipt>),
    Bankverbindung(Bankverbindung),
}

/// A Buchungsliste as it was booked.
#[derive(Debug)]
pub(super) struct Liste {
    pub(super) list: Buchungsliste,
    pub(super) bewirtschafter: String,
    /// None where a fault withholds it.
    pub(super) kassenzeichen: Option<String>,
    /// What the Belegnummern of its Buchungen begin with.
    pub(super) place: usize,
}

/// What a read of a Kassenzeichen tells.
#[derive(Debug)]
pub(super) struct Info {
    pub(super) kassenzeichen: String,
    pub(super) kundennummer: String,
    pub(super) spelling: CustomerNumber,
    pub(super) vorname: String,
    pub(super) name: String,
    pub(super) reading: Reading,
    pub(super) has_status: bool,
}

/// The bank account of a Bewirtschafter.
#[derive(Debug)]
pub(super) struct Bankverbindung {
    pub(super) holder: String,
    pub(super) iban: String,
    pub(super) bic: String,
}

/// Result code and text.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) rc: String,
    pub(super) text: &'static str,
}

impl Code {
    pub(super) fn ok() -> Self {
        Self {
            rc: codes::OK.to_owned(),
            text: "ok",
        }
    }
}

impl From<codes::Refusal> for Code {
    fn from(refusal: codes::Refusal) -> Self {
        Self {
            rc: refusal.rc.to_owned(),
            text: refusal.text,
        }
    }
}

/// An answer that is to be written.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) code: Code,
    pub(super) content: Content,
    pub(super) version: SoapVersion,
    /// The EPaymentId: no other answer has it.
    pub(super) id: String,
    pub(super) at: Timestamp,
    /// Without paypageStatus, zahlverfahren and buchungsListe.
    pub(super) misses_fields: bool,
}

impl Answer {
    /// The whole envelope.
    pub(super) fn to_xml(&self, entry: &Entry) -> String {
        let (response, returned) = (
            format!("ep:{}Response", entry.name),
            format!("{}Return", entry.name),
        );
        let mut writer = Writer::envelope();
        writer.start(&response, &[]);
        writer.open(&returned, Some(entry.shape.kind()));
        match &self.content {
            Content::Nothing if entry.shape == Shape::Ergebnis => self.fields_of_ergebnis(&mut writer),
            Content::Nothing => self.ergebnis(&mut writer),
            Content::Kunde(kunde) => {
                self.ergebnis(&mut writer);
                kunde.write(&mut writer);
            }
            Content::Liste(liste) => self.liste(&mut writer, liste),
            Content::Info(info) => self.info(&mut writer, info),
            Content::Zahlungseingaenge(receipts) => {
                self.ergebnis(&mut writer);
                let (name, array) = ("zahlungseingaenge", &ZAHLUNGSEINGAENGE);
                writer.array(self.version, name, array, receipts, write_receipt);
            }
            Content::Bankverbindung(bank) => self.bankverbindung(&mut writer, bank),
        }
        writer.close(&returned);
        writer.close(&response);
        writer.finish()
    }

    fn ergebnis(&self, writer: &mut Writer) {
        writer.open("ergebnis", Some("Ergebnis"));
        self.fields_of_ergebnis(writer);
        writer.close("ergebnis");
    }

    fn fields_of_ergebnis(&self, writer: &mut Writer) {
        let Code { rc, text } = &self.code;
        let ok = rc.starts_with('+');
        let long = if ok {
            // A letter beyond ASCII in every answer: who mistakes the encoding finds out at once.
            "Der Auftrag wurde ausgeführt."
        } else {
            text
        };
        let short: String = text.chars().take(30).collect();
        writer.text("EPaymentId", &self.id);
        writer.moment("EPaymentTimestamp", self.at);
        match self.version {
            SoapVersion::Two => {
                writer.text("code", rc);
                writer.boolean("istOk", ok);
                writer.text("kurzText", &short);
                writer.text("langText", long);
            }
            SoapVersion::Three => {
                writer.boolean("istOk", ok);
                writer.open("text", Some("Text"));
                writer.text("code", rc);
                writer.text("kurzText", &short);
                writer.text("langText", long);
                writer.text("sprache", "de");
                writer.close("text");
            }
        }
    }

    fn liste(&self, writer: &mut Writer, liste: &Liste) {
        let list = &liste.list;
        if !self.misses_fields {
            writer.open("buchungsListe", Some("BuchungsListe"));
            writer.decimal("betrag", list.betrag);
            writer.text("waehrungskennzeichen", "EUR");
            writer.date_time("faelligkeitsdatum", &list.faelligkeit);
            let mut row = 0;
            writer.array(
                self.version,
                "buchungen",
                &BUCHUNGEN,
                &list.buchungen,
                |writer, name, buchung| {
                    row += 1;
                    write_buchung(writer, name, buchung, liste.place, row);
                },
            );
            writer.text("bewirtschafterNr", &liste.bewirtschafter);
            writer.text("kennzeichenMahnverfahren", &list.mahnverfahren);
            writer.text_or_none("kassenzeichen", liste.kassenzeichen.as_deref());
            writer.text_or_none("EShopTransaktionsNr", list.transaktionsnummer.as_deref());
            writer.close("buchungsListe");
        }
        self.ergebnis(writer);
        // Of several the payer has not chosen yet.
        if let ([method], false) = (list.methods.as_slice(), self.misses_fields) {
            writer.text("zahlverfahren", method);
        }
    }

    fn info(&self, writer: &mut Writer, info: &Info) {
        let reading = &info.reading;
        let number = match info.spelling {
            CustomerNumber::EShopKundenNr => "EShopKundenNr",
            CustomerNumber::EShopKundennummer => "EShopKundennummer",
        };
        writer.text(number, &info.kundennummer);
        writer.decimal("betragHauptforderungen", reading.hauptforderungen);
        writer.decimal("betragLastschriften", reading.lastschriften);
        writer.decimal("betragRuecklastschriften", reading.ruecklastschriften);
        writer.decimal("betragSonstigeBuchungen", reading.sonstige);
        writer.decimal("betragStornos", reading.stornos);
        writer.decimal("betragZahlungseingaenge", reading.zahlungseingaenge);
        self.ergebnis(writer);
        writer.text("kassenzeichen", &info.kassenzeichen);
        writer.text("name", &info.name);
        if let Some(page) = reading.page.filter(|_| info.has_status && !self.misses_fields) {
            writer.open("paypageStatus", Some("Text"));
            writer.text("code", page.code());
            writer.close("paypageStatus");
        }
        if let Some(saldo) = reading.saldo {
            writer.decimal("saldo", saldo);
        }
        writer.text("vorname", &info.vorname);
        writer.text("waehrung", "EUR");
        if !self.misses_fields {
            writer.text_or_none("zahlverfahren", reading.method.as_deref());
        }
    }

    fn bankverbindung(&self, writer: &mut Writer, bank: &Bankverbindung) {
        let (bic, blz) = match self.version {
            SoapVersion::Two => ("BIC", "BLZ"),
            SoapVersion::Three => ("bic", "blz"),
        };
        writer.open("bank", Some("Bank"));
        writer.text(bic, &bank.bic);
        // Of a German IBAN: what stands behind the check digits.
        writer.text_or_none(blz, bank.iban.strip_prefix("DE").and_then(|iban| iban.get(2..10)));
        writer.close("bank");
        writer.open("bankverbindung", Some("Bankverbindung"));
        writer.text("kontoinhaber", &bank.holder.chars().take(25).collect::<String>());
        writer.text("IBAN", &bank.iban);
        writer.text("BIC", &bank.bic);
        writer.close("bankverbindung");
        self.ergebnis(writer);
    }
}

fn write_buchung(writer: &mut Writer, name: &str, buchung: &Buchung, place: usize, row: usize) {
    writer.open(name, Some("Buchung"));
    writer.text("haushaltsstelle", &buchung.haushaltsstelle);
    writer.text_or_none("objektnummer", buchung.objektnummer.as_deref());
    writer.text("buchungstext", &buchung.buchungstext);
    writer.decimal("betrag", buchung.betrag);
    // Eight digits of ours: the list's number, and the row in it.
    let own = format!("{:06}{:02}", (place + 1) % 1_000_000, row % 100);
    writer.text("belegNr", buchung.beleg_nr.as_deref().unwrap_or(&own));
    writer.text_or_none("href", buchung.href.as_deref());
    writer.close(name);
}

fn write_receipt(writer: &mut Writer, name: &str, receipt: &Receipt) {
    writer.open(name, Some("ZahlungseingangsElement"));
    writer.decimal("betrag", receipt.amount);
    writer.moment("buchungsDatum", receipt.at);
    writer.text("EShopKundenNr", &receipt.kundennummer);
    writer.text("kassenzeichen", &receipt.kassenzeichen);
    writer.text("waehrung", "EUR");
    writer.close(name);
}

impl Info {
    /// A Kassenzeichen for the paypage is temporary until money comes: nothing is claimed with it, so that
    /// one which was aborted looks like one that is paid, to a client that looks at the saldo alone.
    pub(super) fn temporary(mut self, account: &Account) -> Self {
        let reading = &mut self.reading;
        let nothing_came = reading.zahlungseingaenge.plus(reading.lastschriften) == Cents::ZERO;
        let unpaid = matches!(reading.state, "open" | "aborted" | "expired");
        if account.temporary_until_paid && reading.page.is_some() && unpaid && nothing_came {
            let claim = std::mem::take(&mut reading.hauptforderungen);
            reading.saldo = reading.saldo.map(|saldo| saldo.minus(claim));
        }
        self
    }
}
