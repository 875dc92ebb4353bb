//! Judges a Buchungsliste as strictly as the error table allows, whichever face of the sandbox it came
//! through: JSON (`json`) and XML (`super::soap`) both fill an [`Input`].
//!
//! The order of the checks is ours; the first that fails is the answer. One more check is one more code in
//! `codes` and one more line here.

mod json;
#[cfg(test)]
mod tests;

use url::Url;

pub(super) use self::json::{betrag, read};
use super::{
    Cents,
    cents::CentsError,
    codes::{self, Refusal},
    world::Account,
};

/// A text of the client's: absent (or null), or something that is no text, or a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Field {
    #[default]
    Absent,
    /// There, but of another type.
    Unreadable,
    Text(String),
}

impl Field {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Unreadable => None,
        }
    }

    fn given(&self) -> bool {
        *self != Self::Absent
    }
}

impl From<Option<String>> for Field {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Absent, Self::Text)
    }
}

/// An amount of the client's.
pub(super) type Amount = Result<Cents, CentsError>;

/// What a client asks to be booked, before it is judged.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) transaktionsnummer: Field,
    /// The Konnektor wants one; the SOAP service only judges it where it is given.
    pub(super) must_have_number: bool,
    pub(super) kassenzeichen: Field,
    pub(super) mahnverfahren: Field,
    /// None when it is not a date in the form of its face.
    pub(super) faelligkeit: Option<String>,
    pub(super) waehrung: Field,
    pub(super) betrag: Amount,
    pub(super) payer: Result<Payer, Refusal>,
    /// None is an entry that is no Buchung.
    pub(super) buchungen: Vec<Option<Item>>,
    pub(super) methods: Wanted,
    pub(super) beschreibung: String,
    pub(super) addresses: Result<Addresses, Refusal>,
}

/// A Buchung, before it is judged.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) brutto: Amount,
    pub(super) netto: Amount,
    pub(super) steuer: Amount,
    pub(super) buchungstext: Field,
    pub(super) haushaltsstelle: Field,
    pub(super) objektnummer: Field,
    pub(super) beleg_nr: Field,
    pub(super) href: Field,
}

/// Which methods the client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// These and no others; each must take the amount.
    Named(Vec<Field>),
    /// Whatever takes the amount.
    AllThatFit,
    /// A transfer, which no provider has to offer; its limits hold where the account names some.
    Transfer(&'static str),
}

/// Who pays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Payer {
    pub(super) vorname: String,
    pub(super) name: String,
    /// The client's number for the Kunde.
    pub(super) nummer: String,
    /// A Kunde of the SOAP service lives on between payments; one of the Konnektor is always temporary.
    pub(super) lasting: bool,
}

impl Payer {
    /// First and last name together.
    fn full_name(&self) -> String {
        format!("{} {}", self.vorname, self.name).trim().to_owned()
    }
}

/// Where the client is told, and where the browser goes back to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    pub(super) notify: Option<Url>,
    pub(super) success: Option<Url>,
    pub(super) cancel: Option<Url>,
}

/// A Buchung that may be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Buchung {
    pub(super) betrag: Cents,
    pub(super) buchungstext: String,
    pub(super) haushaltsstelle: String,
    pub(super) objektnummer: Option<String>,
    pub(super) beleg_nr: Option<String>,
    pub(super) href: Option<String>,
}

/// A Buchungsliste that may be booked, as far as it can be told without the other payments.
#[derive(Clone, Debug, Default)]
pub(super) struct Buchungsliste {
    pub(super) transaktionsnummer: Option<String>,
    /// Of the client's own making.
    pub(super) kassenzeichen: Option<String>,
    pub(super) betrag: Cents,
    pub(super) methods: Vec<String>,
    pub(super) buchungen: Vec<Buchung>,
    /// The Buchungstexte.
    pub(super) purpose: Vec<String>,
    pub(super) beschreibung: String,
    /// First and last name together.
    pub(super) payer: String,
    pub(super) vorname: String,
    pub(super) name: String,
    pub(super) kundennummer: String,
    /// The Kunde lives on between payments.
    pub(super) lasting: bool,
    pub(super) mahnverfahren: String,
    /// As it was sent.
    pub(super) faelligkeit: String,
    pub(super) notify_url: Option<Url>,
    pub(super) success_url: Option<Url>,
    pub(super) cancel_url: Option<Url>,
}

/// # Errors
/// The first refusal that fits.
pub(super) fn judge(input: Input, account: &Account) -> Result<Buchungsliste, Refusal> {
    let transaktionsnummer = judge_number(&input)?;
    let kassenzeichen = judge_kassenzeichen(&input.kassenzeichen, account)?;
    let mahnverfahren = input.mahnverfahren.text().unwrap_or_default();
    if !(1..=5).contains(&mahnverfahren.len())
        || !mahnverfahren.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        return Err(codes::MAHNVERFAHREN);
    }
    let faelligkeit = input.faelligkeit.ok_or(codes::FAELLIGKEIT)?;
    if input.waehrung.text() != Some("EUR") {
        return Err(codes::WAEHRUNG);
    }
    let betrag = input.betrag.map_err(|error| match error {
        CentsError::NotDecimal => codes::BETRAG,
        CentsError::TooManyDecimals => codes::NACHKOMMA,
    })?;
    if betrag <= Cents::ZERO {
        return Err(codes::BETRAG);
    }
    let kunde = input.payer?;
    if input.buchungen.is_empty() || input.buchungen.len() > account.max_buchungen {
        return Err(codes::ANZAHL);
    }
    let buchungen = (input.buchungen.into_iter())
        .map(|item| judge_item(item.ok_or(codes::BUCHUNG)?, account))
        .collect::<Result<Vec<_>, _>>()?;
    let sum = (buchungen.iter()).fold(Cents::ZERO, |sum, buchung| sum.plus(buchung.betrag));
    if sum != betrag {
        return Err(codes::SUMME);
    }
    let methods = judge_methods(&input.methods, account, betrag)?;
    let addresses = input.addresses?;
    Ok(Buchungsliste {
        transaktionsnummer,
        kassenzeichen,
        betrag,
        methods,
        purpose: (buchungen.iter())
            .map(|buchung| buchung.buchungstext.clone())
            .collect(),
        buchungen,
        beschreibung: input.beschreibung,
        payer: kunde.full_name(),
        vorname: kunde.vorname,
        name: kunde.name,
        kundennummer: kunde.nummer,
        lasting: kunde.lasting,
        mahnverfahren: mahnverfahren.to_owned(),
        faelligkeit,
        notify_url: addresses.notify,
        success_url: addresses.success,
        cancel_url: addresses.cancel,
    })
}

fn judge_number(input: &Input) -> Result<Option<String>, Refusal> {
    if !input.must_have_number && input.transaktionsnummer.text().is_none_or(str::is_empty) {
        return Ok(None);
    }
    (input.transaktionsnummer.text())
        .filter(|number| {
            (1..=30).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_graphic())
        })
        .map(|number| Some(number.to_owned()))
        .ok_or(codes::TRANSAKTIONSNUMMER)
}

fn judge_kassenzeichen(field: &Field, account: &Account) -> Result<Option<String>, Refusal> {
    match (account.kassenzeichen_by_client, field.given()) {
        (false, false) => Ok(None),
        (false, true) => Err(codes::KASSENZEICHEN_GIVEN),
        (true, false) => Err(codes::KASSENZEICHEN_MISSING),
        (true, true) => {
            let kassenzeichen = (field.text())
                .filter(|kz| {
                    (2..=30).contains(&kz.len()) && kz.bytes().all(|byte| byte.is_ascii_alphanumeric())
                })
                .ok_or(codes::KASSENZEICHEN)?;
            if account.check_digit && !has_check_digit(kassenzeichen) {
                return Err(codes::PRUEFZIFFER);
            }
            Ok(Some(kassenzeichen.to_owned()))
        }
    }
}

/// The HKR check digit of a row of digits: from the right the weights 2, 4, 8, 7, 5, 1 and again, of each
/// product its digit root, and what the sum of these lacks to the next ten. None when a letter is among
/// them.
pub(super) fn check_digit(digits: &str) -> Option<u32> {
    const WEIGHTS: [u32; 6] = [2, 4, 8, 7, 5, 1];
    let mut sum = 0;
    for (letter, weight) in digits.chars().rev().zip(WEIGHTS.into_iter().cycle()) {
        let product = letter.to_digit(10)? * weight;
        sum += match product % 9 {
            0 if product > 0 => 9,
            root => root,
        };
    }
    Some((10 - sum % 10) % 10)
}

/// Whether the last digit is the check digit of those before it.
fn has_check_digit(kassenzeichen: &str) -> bool {
    let (rest, last) = kassenzeichen.split_at(kassenzeichen.len() - 1);
    check_digit(rest).is_some_and(|digit| last.parse() == Ok(digit))
}

fn judge_item(item: Item, account: &Account) -> Result<Buchung, Refusal> {
    let amount = |amount: Amount| {
        amount.map_err(|error| match error {
            CentsError::NotDecimal => codes::BUCHUNG_BETRAG,
            CentsError::TooManyDecimals => codes::BUCHUNG_NACHKOMMA,
        })
    };
    let (brutto, netto, steuer) = (amount(item.brutto)?, amount(item.netto)?, amount(item.steuer)?);
    if brutto <= Cents::ZERO || netto.plus(steuer) != brutto {
        return Err(codes::BUCHUNG_BETRAG);
    }
    let buchungstext = item.buchungstext.text().unwrap_or_default();
    if !(1..=account.buchungstext_max).contains(&buchungstext.chars().count()) {
        return Err(codes::BUCHUNGSTEXT_LENGTH);
    }
    let allowed = |letter: char| {
        letter.is_ascii_uppercase() || letter.is_ascii_digit() || ",.:/+& -*$%ÄÖÜß".contains(letter)
    };
    if !buchungstext.chars().all(allowed) {
        return Err(codes::BUCHUNGSTEXT_CHARACTERS);
    }
    let title_part = |part: &str| {
        (1..=10).contains(&part.len())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-/".contains(&byte))
    };
    let haushaltsstelle = (item.haushaltsstelle.text())
        .filter(|part| title_part(part))
        .ok_or(codes::HAUSHALTSSTELLE)?;
    let objektnummer = item.objektnummer.text();
    if item.objektnummer.given() && !objektnummer.is_some_and(title_part) {
        return Err(codes::OBJEKTNUMMER);
    }
    let digits = |text: &str| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if item.beleg_nr.given() && !item.beleg_nr.text().is_some_and(digits) {
        return Err(codes::BELEGNUMMER);
    }
    if !account.releases(haushaltsstelle, objektnummer) {
        return Err(codes::TITEL);
    }
    let href = item.href.text();
    if item.href.given() && href.is_none_or(|href| href.chars().count() > 100) {
        return Err(codes::HREF);
    }
    Ok(Buchung {
        betrag: brutto,
        buchungstext: buchungstext.to_owned(),
        haushaltsstelle: haushaltsstelle.to_owned(),
        objektnummer: objektnummer.map(str::to_owned),
        beleg_nr: item.beleg_nr.text().map(str::to_owned),
        href: href.map(str::to_owned),
    })
}

/// Each method that is asked for must be offered and take the amount.
fn judge_methods(wanted: &Wanted, account: &Account, betrag: Cents) -> Result<Vec<String>, Refusal> {
    let takes = |code: &str| {
        let method = account.method(code).ok_or(codes::ZAHLVERFAHREN)?;
        if betrag < method.min {
            return Err(codes::MINIMUM);
        }
        if betrag > method.max {
            return Err(codes::MAXIMUM);
        }
        Ok(method.code.clone())
    };
    match wanted {
        Wanted::Named(fields) => {
            let mut methods: Vec<String> = Vec::new();
            for field in fields {
                let code = takes(field.text().ok_or(codes::ZAHLVERFAHREN)?)?;
                if !methods.contains(&code) {
                    methods.push(code);
                }
            }
            if methods.is_empty() {
                return Err(codes::ZAHLVERFAHREN);
            }
            Ok(methods)
        }
        Wanted::AllThatFit => {
            let (mut methods, mut refusal) = (Vec::new(), codes::ZAHLVERFAHREN);
            for method in &account.methods {
                match takes(&method.code) {
                    Ok(code) => methods.push(code),
                    Err(error) => refusal = error,
                }
            }
            if methods.is_empty() {
                Err(refusal)
            } else {
                Ok(methods)
            }
        }
        Wanted::Transfer(code) => match account.method(code) {
            Some(_) => Ok(vec![takes(code)?]),
            None => Ok(vec![(*code).to_owned()]),
        },
    }
}
