//! Kassenzeichen: created, read, activated.

use jiff::{Timestamp, civil::DateTime};

use super::{
    answer::{Info, Liste},
    call::Call,
    operation::{Create, Paid},
    xml::Node,
};
use crate::sandbox::{
    Cents, Fault, PaymentKind, SandboxError,
    cents::CentsError,
    codes::{self, Refusal},
    list::{self, Addresses, Amount, Field, Input, Item, Wanted},
    payment::Standing,
    shared::Book,
};

/// What a create call says of itself before it is judged.
pub(super) struct Heading {
    pub(super) betrag: Option<Cents>,
    pub(super) number: Option<String>,
    /// Its description and its Buchungstexte.
    pub(super) texts: Vec<String>,
}

impl Call<'_> {
    /// What faults and counts go by.
    pub(super) fn heading(&self) -> Heading {
        let mut texts = Vec::from_iter(self.text("buchungsText"));
        let Some(list) = self.parameters.child("buchungsListe") else {
            return Heading {
                betrag: None,
                number: None,
                texts,
            };
        };
        let buchungen = list.records("buchungen");
        texts.extend(buchungen.iter().filter_map(|node| node.text_of("buchungstext")));
        Heading {
            betrag: amount(list, "betrag").ok(),
            number: list.text_of("EShopTransaktionsNr"),
            texts,
        }
    }

    /// Creates a payment and tells its Kassenzeichen.
    pub(super) fn create(&self, create: Create, faults: Vec<Fault>) -> Result<String, Refusal> {
        self.mandant()?;
        let list = self.parameters.child("buchungsListe").ok_or(codes::LISTE)?;
        let bewirtschafter = list
            .text_of("bewirtschafterNr")
            .ok_or(codes::BEWIRTSCHAFTER_MISSING)?;
        let account = self.account(bewirtschafter)?;
        let kunde = self.text("eShopKundenNr").ok_or(codes::KUNDE)?;
        let payer = self.kunde_of(kunde).and_then(|kunde| kunde.payer());
        let (kind, methods) = match create {
            Create::One => (PaymentKind::Paypage, self.parameters.texts("zahlverfahren")),
            Create::Many => (PaymentKind::Paypage, self.parameters.texts("zahlverfahrenListe")),
            Create::Before => (PaymentKind::Vorkasse, Vec::new()),
            Create::After => (PaymentKind::Rechnung, Vec::new()),
        };
        let methods = match kind {
            PaymentKind::Paypage if methods.is_empty() => Wanted::AllThatFit,
            PaymentKind::Paypage => Wanted::Named(methods),
            transfer => Wanted::Transfer(transfer.transfer_method()),
        };
        let input = Input {
            transaktionsnummer: list.field("EShopTransaktionsNr"),
            must_have_number: false,
            kassenzeichen: list.field("kassenzeichen"),
            mahnverfahren: list.field("kennzeichenMahnverfahren"),
            faelligkeit: list.text_of("faelligkeitsdatum").filter(|text| is_date(text)),
            waehrung: list.field("waehrungskennzeichen"),
            betrag: amount(list, "betrag"),
            payer,
            buchungen: list.records("buchungen").into_iter().map(item).collect(),
            methods,
            beschreibung: self.text("buchungsText").unwrap_or_default(),
            addresses: Ok(Addresses::default()),
        };
        let list = list::judge(input, &self.shared.world.accounts[account])?;
        self.shared.create_as(kind, account, list, faults)
    }

    /// What a create call answers with.
    pub(super) fn created(&self, kassenzeichen: &str) -> Result<Liste, Refusal> {
        let book = self.shared.book();
        let place = book.place(kassenzeichen).map_err(|_| codes::INTERNAL)?;
        Ok(self.liste(&book, place))
    }

    fn liste(&self, book: &Book, place: usize) -> Liste {
        let payment = &book.payments[place];
        let shown = !payment.has(&Fault::KassenzeichenOnlyInNotify);
        Liste {
            list: payment.list.clone(),
            bewirtschafter: self.shared.account(payment).bewirtschafter.clone(),
            kassenzeichen: shown.then(|| payment.kassenzeichen.clone()),
            place,
        }
    }

    /// By the client's own number: what is known of an answer that got lost. Also the faults of the payment.
    pub(super) fn transaction(&self) -> Result<(Liste, Vec<Fault>), Refusal> {
        let mandant = self.mandant()?;
        let number = self
            .text("eShopTransaktionsNr")
            .ok_or(codes::TRANSAKTIONSNUMMER)?;
        let book = self.shared.book();
        let place = (book.place_of_number(mandant, number)).ok_or(codes::TRANSAKTIONSNUMMER)?;
        let payment = &book.payments[place];
        let mut liste = self.liste(&book, place);
        // Who lost the Kassenzeichen finds it here.
        liste.kassenzeichen = Some(payment.kassenzeichen.clone());
        Ok((liste, payment.faults.clone()))
    }

    /// What is known of a Kassenzeichen. Also the faults of the payment.
    pub(super) fn info(&self) -> Result<(Info, Vec<Fault>), Refusal> {
        let mandant = self.mandant()?;
        let kassenzeichen = self.text("kassenzeichen").ok_or(codes::KASSENZEICHEN)?;
        let mut book = self.shared.book();
        let payment = (book.payment(&kassenzeichen)).map_err(|_| codes::KASSENZEICHEN)?;
        let account = self.shared.account(payment);
        if account.mandant != mandant {
            return Err(codes::KASSENZEICHEN);
        }
        let info = Info {
            kassenzeichen,
            kundennummer: payment.list.kundennummer.clone(),
            spelling: account.customer_number,
            vorname: payment.list.vorname.clone(),
            name: payment.list.name.clone(),
            reading: payment.reading(),
            has_status: account.paypage_status,
        };
        Ok((info.temporary(account), payment.faults.clone()))
    }

    /// The client was paid by a payment service provider of its own, and says so.
    pub(super) fn activate(&self, paid: Paid) -> Result<(), Refusal> {
        self.mandant()?;
        let wid = self.text("wId").ok_or(codes::KASSENZEICHEN)?;
        let (bewirtschafter, kassenzeichen) = wid.split_once('/').ok_or(codes::KASSENZEICHEN)?;
        let account = self.account(bewirtschafter.to_owned())?;
        let reference = self
            .text("saferpayReferenzID")
            .ok_or(codes::ZAHLUNGSINFORMATION)?;
        let method = match paid {
            Paid::By(method) => method,
            Paid::Told => {
                let kind = self.text("typZahlung").unwrap_or_default().to_ascii_uppercase();
                match kind.as_str() {
                    "VISA" | "MASTER" | "AMEX" => "KREDITKARTE",
                    "GIROPAY" => "GIROPAY",
                    "SEPASDD" => "SEPASDD",
                    _ => return Err(codes::ZAHLVERFAHREN),
                }
            }
        };
        let standing = {
            let mut book = self.shared.book();
            let payment = (book.payment(kassenzeichen).ok())
                .filter(|payment| payment.account == account)
                .ok_or(codes::KASSENZEICHEN)?;
            payment.standing.clone()
        };
        // Told twice of the same payment: it is activated, and that is all the client wants.
        if matches!(&standing, Standing::Paid { tan, .. } if *tan == reference) {
            return Ok(());
        }
        if standing != Standing::Open {
            return Err(codes::ACTIVATION);
        }
        match self.shared.activate(kassenzeichen, method, reference) {
            Ok(_sending) => Ok(()),
            Err(SandboxError::Method { .. }) => Err(codes::ZAHLVERFAHREN),
            Err(_) => Err(codes::ACTIVATION),
        }
    }
}

fn amount(node: &Node, name: &str) -> Amount {
    (node.field(name).text()).map_or(Err(CentsError::NotDecimal), Cents::parse)
}

/// `xsd:dateTime`, with or without a zone.
fn is_date(text: &str) -> bool {
    text.contains('T') && (text.parse::<Timestamp>().is_ok() || text.parse::<DateTime>().is_ok())
}

fn item(node: &Node) -> Option<Item> {
    if node.children.is_empty() {
        return None;
    }
    let betrag = amount(node, "betrag");
    Some(Item {
        brutto: betrag,
        // Tax is a Buchung of its own here.
        netto: betrag,
        steuer: Ok(Cents::ZERO),
        buchungstext: untrimmed(node, "buchungstext"),
        haushaltsstelle: node.field("haushaltsstelle"),
        objektnummer: node.field("objektnummer"),
        beleg_nr: node.field("belegNr"),
        href: node.field("href"),
    })
}

/// White space in a Buchungstext is not taken away: it is judged.
fn untrimmed(node: &Node, name: &str) -> Field {
    match node.child(name) {
        Some(child) if child.children.is_empty() && !child.text.is_empty() => Field::Text(child.text.clone()),
        _ => node.field(name),
    }
}
