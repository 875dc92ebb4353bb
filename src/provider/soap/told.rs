//! What lesenKassenzeichenInfo and its neighbours tell, field by field. A missing field is none; one that cannot be read
//! makes the whole answer none.

use jiff::civil::DateTime;

use super::profile::{Profile, iban_is_whole};
use super::xml::Element;
use crate::app::ports::{Answer, Question, Receipt};
use crate::domain::case::TransferTo;
use crate::domain::ids::{Kassenzeichen, Method, Transaktionsnummer};
use crate::domain::money::Cents;
use crate::domain::time::{Timestamp, berlin};
use crate::domain::told::{Amounts, Page, Told};
use crate::provider::text;

/// The spellings of the Kunde's number in answers.
pub(super) const KUNDENNUMMER: &[&str] = &["EShopKundenNr", "EShopKundennummer"];

/// What an answer tells of a Kassenzeichen.
pub(super) fn info(result: Element<'_>, question: &Question, profile: &Profile) -> Answer {
    match read(result, question, profile) {
        Ok(told) => Answer::Told(told),
        Err(why) => Answer::None(why),
    }
}

fn read(result: Element<'_>, question: &Question, profile: &Profile) -> Result<Told, String> {
    let named = kassenzeichen(result)?;
    let saldo = amount(result, "saldo")?;
    if let Some(currency) = result.word(&["waehrung", "waehrungskennzeichen"])
        && !currency.eq_ignore_ascii_case("EUR")
    {
        let currency = text::free(currency, 10);
        return Err(format!("the answer is in the currency «{currency}», not in EUR"));
    }
    let amounts = Amounts {
        hauptforderungen: amount(result, "betragHauptforderungen")?,
        zahlungseingaenge: amount(result, "betragZahlungseingaenge")?,
        lastschriften: amount(result, "betragLastschriften")?,
        ruecklastschriften: amount(result, "betragRuecklastschriften")?,
        stornos: amount(result, "betragStornos")?,
        sonstige: amount(result, "betragSonstigeBuchungen")?,
    };
    Ok(Told {
        kassenzeichen: named,
        page: page(result, profile),
        method: result
            .word(&["zahlverfahren"])
            .and_then(text::label)
            .and_then(|label| Method::parse(&label).ok()),
        saldo,
        amounts: (amounts != Amounts::default()).then_some(amounts),
        word: None,
        other_customer: other_customer(result, &question.kundennummer),
        own_customer: result.word(KUNDENNUMMER) == Some(&question.kundennummer),
    })
}

/// Whether an answer names another Kunde than ours, in whatever spelling.
pub(super) fn other_customer(result: Element<'_>, ours: &str) -> bool {
    KUNDENNUMMER
        .iter()
        .filter_map(|name| result.word(&[name]))
        .any(|named| named != ours)
}

/// The Kassenzeichen that an answer names.
pub(super) fn kassenzeichen(result: Element<'_>) -> Result<Option<Kassenzeichen>, String> {
    result
        .word(&["kassenzeichen"])
        .map(|text| Kassenzeichen::parse(text).map_err(|error| error.to_string()))
        .transpose()
}

fn page(result: Element<'_>, profile: &Profile) -> Page {
    let among = |list: &[String], value: &str| list.iter().any(|entry| entry.eq_ignore_ascii_case(value));
    let said = result
        .child(&["paypageStatus"])
        .and_then(|status| status.word(&["code"]).or_else(|| status.text()));
    match said {
        None => Page::Missing,
        Some(value) if among(&profile.inactive_values, value) => Page::Inactive,
        Some(value) if among(&profile.active_values, value) => Page::Active,
        Some(other) => Page::Other(text::free(other, 60)),
    }
}

/// An amount, with a point or a German comma.
pub(super) fn amount(result: Element<'_>, name: &str) -> Result<Option<Cents>, String> {
    let Some(text) = result.word(&[name]) else {
        return Ok(None);
    };
    let text = if text.contains('.') {
        text.to_owned()
    } else {
        text.replace(',', ".")
    };
    Cents::parse(&text)
        .map(Some)
        .map_err(|error| format!("«{name}»: {error}"))
}

/// The Kassenzeichen of a Buchungsliste that was answered, once it is clear that it is the one that was asked for.
///
/// # Errors
/// Where it is about another payment, or cannot be read.
pub(super) fn existing(
    result: Element<'_>,
    nummer: &Transaktionsnummer,
    total: Cents,
) -> Result<Option<Kassenzeichen>, String> {
    // lesenTransaktion has no type in our evidence: its Buchungsliste may stand anywhere.
    let places = [result.within(&["buchungsListe"]), Some(result)];
    let has = |name: &'static str| {
        let mut places = places.iter().flatten();
        places.find(|place| place.word(&[name]).is_some()).copied()
    };
    if let Some(other) = has("EShopTransaktionsNr")
        .and_then(|place| place.word(&["EShopTransaktionsNr"]))
        .filter(|number| *number != nummer.as_str())
    {
        let other = text::free(other, 40);
        return Err(format!(
            "the answer is about the transaction «{other}», not about {nummer}"
        ));
    }
    if let Some(place) = has("betrag")
        && let Some(other) = amount(place, "betrag")?.filter(|betrag| *betrag != total)
    {
        return Err(format!("the answer is about {other} EUR, not about {total} EUR"));
    }
    has("kassenzeichen").map_or(Ok(None), kassenzeichen)
}

/// The account of a Bewirtschafter; none where the answer has no whole IBAN.
pub(super) fn account(result: Element<'_>) -> Option<TransferTo> {
    let account = result.child(&["bankverbindung"])?;
    let bank = result.child(&["bank"]);
    let without_blanks =
        |text: &str| -> String { text.split_whitespace().collect::<String>().to_ascii_uppercase() };
    let iban = without_blanks(account.word(&["IBAN"])?);
    let holder = text::free(account.word(&["kontoinhaber"])?, 70);
    iban_is_whole(&iban).then(|| TransferTo {
        holder,
        iban,
        bic: account
            .word(&["BIC"])
            .or_else(|| bank?.word(&["BIC"]))
            .map(without_blanks),
        bank: bank
            .and_then(|bank| bank.word(&["name"]))
            .map(|name| text::free(name, 60)),
    })
}

/// The receipts of a list, in its order: one list of them, or repeated elements.
///
/// # Errors
/// Where one has no Kassenzeichen, or no amount, or the list has another form: to confirm a list that was not understood
/// would lose money.
pub(super) fn receipts(result: Element<'_>) -> Result<Vec<Receipt>, String> {
    let mut found = Vec::new();
    for list in result.children().filter(|child| child.is("zahlungseingaenge")) {
        let things = list.things(|element| element.child(&["kassenzeichen", "betrag"]).is_some());
        if things.is_empty() && list.children().next().is_some() {
            return Err("the list of receipts has a form that is not known".to_owned());
        }
        for thing in things {
            found.push(receipt(thing)?);
        }
    }
    Ok(found)
}

fn receipt(element: Element<'_>) -> Result<Receipt, String> {
    let kassenzeichen = element
        .word(&["kassenzeichen"])
        .ok_or("a receipt has no Kassenzeichen")?;
    if let Some(currency) = element.word(&["waehrung"])
        && !currency.eq_ignore_ascii_case("EUR")
    {
        let currency = text::free(currency, 10);
        return Err(format!("a receipt is in the currency «{currency}», not in EUR"));
    }
    Ok(Receipt {
        kassenzeichen: text::free(kassenzeichen, 100),
        cents: amount(element, "betrag")?.ok_or("a receipt has no amount")?,
        booked_at: element.word(&["buchungsDatum"]).and_then(instant),
    })
}

/// An instant as xsd:dateTime; without an offset it is Berlin time.
fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(Timestamp::from_instant(instant));
    }
    let local: DateTime = text.parse().ok()?;
    let zoned = local.to_zoned(berlin()).ok()?;
    Some(Timestamp::from_instant(zoned.timestamp()))
}

#[cfg(test)]
#[path = "told_tests.rs"]
mod tests;
