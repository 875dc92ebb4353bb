//! The Kunden of the SOAP service: created, read, changed, deleted. Their numbers are unique in a Mandant. A
//! payment keeps what it needs of its Kunde, so it outlives it.

use std::collections::HashMap;

use super::{call::Call, write::Writer, xml::Node};
use crate::sandbox::{
    KundeWithOpen,
    codes::{self, Refusal},
    list::Payer,
    payment::{Payment, Standing},
    shared::Book,
};

/// How many Kunden the sandbox keeps.
const MOST: usize = 100_000;

/// The texts of a Kunde in the order in which they are written, with their longest length and the code for
/// what is longer.
const FIELDS: [(&str, usize, Refusal); 10] = [
    ("sprache", 10, codes::KUNDE_FIELD),
    ("titel", 15, codes::KUNDE_FIELD),
    ("anrede", 15, codes::KUNDE_FIELD),
    ("vorname", 27, codes::VORNAME),
    ("nachname", 27, codes::NAME),
    ("EMailAdresse", 100, codes::MAIL),
    ("telefonNrPrivat", 30, codes::TELEFON),
    ("telefonNrJob", 30, codes::TELEFON),
    ("telefonNrMobil", 30, codes::TELEFON),
    ("geburtsdatum", 30, codes::KUNDE_FIELD),
];

/// The same of its address.
const ADDRESS: [(&str, usize); 6] = [
    ("strasse", 100),
    ("hausNr", 10),
    ("postfach", 10),
    ("PLZ", 10),
    ("ort", 22),
    ("land", 3),
];

/// A Kunde.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kunde {
    nummer: String,
    fields: Vec<(&'static str, String)>,
    address: Vec<(&'static str, String)>,
    /// It goes when its payments have ended.
    marked: bool,
}

/// All of them, by Mandant and number.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Kunden(HashMap<(String, String), Kunde>);

impl Kunde {
    /// Reads what a client sends.
    fn read(node: &Node) -> Result<Self, Refusal> {
        let nummer = number(node)?;
        let mut fields = Vec::new();
        for (name, longest, refusal) in FIELDS {
            let Some(text) = node.text_of(name) else { continue };
            if text.chars().count() > longest {
                return Err(refusal);
            }
            fields.push((name, text));
        }
        if !fields.iter().any(|(name, _)| *name == "nachname") {
            return Err(codes::NAME);
        }
        Ok(Self {
            nummer,
            fields,
            address: (node.child("rechnungsAdresse")).map_or_else(|| Ok(Vec::new()), read_address)?,
            marked: false,
        })
    }

    fn text(&self, name: &str) -> String {
        (self.fields.iter())
            .find(|(field, _)| *field == name)
            .map_or_else(String::new, |(_, text)| text.clone())
    }

    /// As the payer of a new payment.
    pub(super) fn payer(&self) -> Result<Payer, Refusal> {
        if self.marked {
            return Err(codes::KUNDE_MARKED);
        }
        Ok(Payer {
            vorname: self.text("vorname"),
            name: self.text("nachname"),
            nummer: self.nummer.clone(),
            lasting: true,
        })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.open("kunde", Some("Kunde"));
        writer.text("EShopKundenNr", &self.nummer);
        for (name, text) in &self.fields {
            writer.text(name, text);
        }
        if !self.address.is_empty() {
            writer.open("rechnungsAdresse", Some("Adresse"));
            for (name, text) in &self.address {
                writer.text(name, text);
            }
            writer.close("rechnungsAdresse");
        }
        writer.open("status", Some("Text"));
        writer.text("code", if self.marked { "ZU_LOESCHEN" } else { "AKTIV" });
        writer.close("status");
        writer.close("kunde");
    }
}

fn number(node: &Node) -> Result<String, Refusal> {
    (node.text_of("EShopKundenNr"))
        .filter(|number| number.chars().count() <= 100)
        .ok_or(codes::KUNDE_NUMMER)
}

fn read_address(node: &Node) -> Result<Vec<(&'static str, String)>, Refusal> {
    let mut address = Vec::new();
    for (name, longest) in ADDRESS {
        let Some(text) = node.text_of(name) else { continue };
        if text.chars().count() > longest {
            return Err(codes::ADRESSE);
        }
        address.push((name, text));
    }
    let of = |name: &str| {
        (address.iter())
            .find(|(field, _)| *field == name)
            .map(|(_, text)| text.as_str())
    };
    if of("postfach").is_some() && (of("strasse").is_some() || of("hausNr").is_some()) {
        return Err(codes::POSTFACH);
    }
    let land = of("land").unwrap_or("DE");
    let upper = (2..=3).contains(&land.len()) && land.bytes().all(|byte| byte.is_ascii_uppercase());
    let german =
        |plz: &str| plz.len() == 5 && plz.bytes().all(|byte| byte.is_ascii_digit()) && plz != "00000";
    if !upper || (land == "DE" && of("PLZ").is_some_and(|plz| !german(plz))) {
        return Err(codes::ADRESSE);
    }
    Ok(address)
}

impl Call<'_> {
    fn kunde(&self) -> Result<&Node, Refusal> {
        self.parameters.child("kunde").ok_or(codes::KUNDE)
    }

    pub(super) fn create_kunde(&self) -> Result<Kunde, Refusal> {
        let account = self.account(self.bewirtschafter()?)?;
        let kunde = Kunde::read(self.kunde()?)?;
        let key = (self.mandant()?, kunde.nummer.clone());
        let mut book = self.shared.book();
        let there = self.gone_or_there(&mut book, &key).is_some();
        if there {
            return Err(codes::KUNDE_THERE);
        }
        if book.soap.kunden.0.len() >= MOST {
            tracing::error!(MOST, account, "the sandbox keeps no more Kunden");
            return Err(codes::INTERNAL);
        }
        book.soap.kunden.0.insert(key, kunde.clone());
        Ok(kunde)
    }

    pub(super) fn read_kunde(&self) -> Result<Kunde, Refusal> {
        self.kunde_of(number(self.kunde()?)?)
    }

    /// The Kunde of this number in the Mandant of the call.
    pub(super) fn kunde_of(&self, nummer: String) -> Result<Kunde, Refusal> {
        let key = (self.mandant()?, nummer);
        self.gone_or_there(&mut self.shared.book(), &key)
            .ok_or(codes::KUNDE_UNKNOWN)
    }

    pub(super) fn change_kunde(&self) -> Result<Kunde, Refusal> {
        self.account(self.bewirtschafter()?)?;
        let kunde = Kunde::read(self.kunde()?)?;
        let key = (self.mandant()?, kunde.nummer.clone());
        let mut book = self.shared.book();
        match self.gone_or_there(&mut book, &key) {
            None => Err(codes::KUNDE_UNKNOWN),
            Some(there) if there.marked => Err(codes::KUNDE_MARKED),
            Some(_) => {
                book.soap.kunden.0.insert(key, kunde.clone());
                Ok(kunde)
            }
        }
    }

    pub(super) fn delete_kunde(&self) -> Result<Kunde, Refusal> {
        let account = self.account(self.bewirtschafter()?)?;
        let key = (self.mandant()?, number(self.parameters)?);
        let mut book = self.shared.book();
        let mut kunde = self.gone_or_there(&mut book, &key).ok_or(codes::KUNDE_UNKNOWN)?;
        let rule = self.shared.world.accounts[account].kunde_with_open;
        let open = rule != KundeWithOpen::Delete && self.has_open(&book.payments, &key);
        match rule {
            KundeWithOpen::Refuse if open => return Err(codes::KUNDE_OPEN),
            KundeWithOpen::Mark if open => {
                kunde.marked = true;
                book.soap.kunden.0.insert(key, kunde.clone());
            }
            _ => {
                book.soap.kunden.0.remove(&key);
            }
        }
        Ok(kunde)
    }

    /// The Kunde, if it is there; one that was only waiting for the end of its payments goes now.
    fn gone_or_there(&self, book: &mut Book, key: &(String, String)) -> Option<Kunde> {
        let kunde = book.soap.kunden.0.get(key)?.clone();
        if kunde.marked && !self.has_open(&book.payments, key) {
            book.soap.kunden.0.remove(key);
            return None;
        }
        Some(kunde)
    }

    fn has_open(&self, payments: &[Payment], (mandant, nummer): &(String, String)) -> bool {
        payments.iter().any(|payment| {
            payment.standing == Standing::Open
                && payment.list.kundennummer == *nummer
                && self.shared.account(payment).mandant == *mandant
        })
    }
}
