//! An entry and its one detail, out of `:61:` and what stands in `:86:`.

use super::entry_line::{self, EntryLine};
use super::info::{self, Info};
use super::returns;
use super::values::{amount, currency_first};
use crate::domain::money::Cents;
use crate::domain::statement::{
    Batch, Code, Detail, Direction, Entry, Format, Party, Place, References, Status,
};

/// Geschäftsvorfallcodes of lines that stand for several payments (Sammler). They are told as they are: not opened.
const BATCHES: &[&str] = &[
    "079", "188", "189", "191", "192", "193", "194", "195", "196", "197", "198", "199",
];

/// The fields of one entry.
#[derive(Debug)]
pub(super) struct Parts {
    /// From 1.
    pub ordinal: u32,
    /// The line of `:61:`.
    pub line: u64,
    /// The lines of `:61:`.
    pub entry: Vec<String>,
    /// The lines of `:86:`, of all of them where there are several.
    pub info: Vec<String>,
    /// The lines of `:NS:`, which a few banks have instead.
    pub numbered: Vec<String>,
    /// The fields as they were read.
    pub raw: String,
}

/// Reads them.
///
/// # Errors
/// What is wrong with `:61:`. Nothing in `:86:` can be wrong: what is not understood is text.
pub(super) fn read(parts: Parts, format: Format, currency: &str) -> Result<(Entry, Detail), String> {
    let line = entry_line::read(&parts.entry)?;
    let info = if parts.info.is_empty() {
        info::numbered(&parts.numbered)
    } else {
        info::read(&parts.info)
    };
    let returned = returns::of(&line, &info);
    let place = Place { line: parts.line };
    let code = Code {
        gvc: info.gvc.clone(),
        iso: None,
        swift: line.swift.clone(),
        key_extension: info.key_extension.clone(),
        primanota: info.primanota.clone(),
    };
    let is_batch = info.gvc.as_deref().is_some_and(|gvc| BATCHES.contains(&gvc));
    let batch = is_batch.then(|| Batch {
        payment_information_id: info.references.instruction.clone(),
        ..Batch::default()
    });
    let (original, charges) = amounts(&line, &info, currency);
    let pending = format == Format::Mt942 || line.expected;
    let mut text = info.text.clone();
    text.extend(line.text.iter().cloned());
    let entry = Entry {
        ordinal: parts.ordinal,
        cents: line.cents,
        currency: currency.to_owned(),
        direction: line.direction,
        reversal: line.reversal,
        status: if pending { Status::Pending } else { Status::Booked },
        booked_on: line.booked_on,
        valued_on: Some(line.valued_on),
        bank_reference: line.bank_reference.clone(),
        reference: line.reference.clone(),
        code: code.clone(),
        batch,
        text: text.join("\n"),
        raw: parts.raw,
        place,
    };
    let (references, counterparty) = sides(&line, &info);
    let detail = Detail {
        ordinal: 1,
        cents: (!is_batch).then_some(line.cents),
        direction: line.direction,
        references,
        counterparty,
        purpose: info.purpose,
        structured: info.structured,
        returned,
        original,
        charges,
        code,
        raw: String::new(),
        place,
    };
    Ok((entry, detail))
}

/// The original amount and the fees, where they are in the entry's currency. `COAM+` adds up fees and interest by the
/// book, but not at every bank: it counts where original and `COAM+` make the amount, and is a named reference elsewhere.
fn amounts(line: &EntryLine, info: &Info, currency: &str) -> (Option<Cents>, Vec<Cents>) {
    let own = |told: &str| told == currency;
    let ordered = line
        .original
        .as_ref()
        .filter(|(told, _)| own(told))
        .map(|(_, cents)| *cents);
    let original = info
        .original
        .as_deref()
        .and_then(|text| in_currency(text, currency))
        .or(ordered);
    let mut charges: Vec<Cents> = line
        .charges
        .iter()
        .filter(|(told, _)| own(told))
        .map(|(_, cents)| *cents)
        .collect();
    if let Some(compensation) = info
        .compensation
        .as_deref()
        .and_then(|text| in_currency(text, currency))
        && charges.is_empty()
        && compensation != Cents::ZERO
        && original.and_then(|cents| cents.checked_add(compensation)) == Some(line.cents)
    {
        charges.push(compensation);
    }
    (original.filter(|cents| *cents != Cents::ZERO), charges)
}

fn in_currency(text: &str, currency: &str) -> Option<Cents> {
    let (told, value) = currency_first(text.split_whitespace().next()?);
    let own = told.is_none_or(|told| told == currency);
    own.then(|| amount(value).ok()).flatten()
}

/// References and the other side. Who is ultimately behind a payment is told of the payer and of the payee: the other
/// side is the payer where money came in.
fn sides(line: &EntryLine, info: &Info) -> (References, Party) {
    let mut references = info.references.clone();
    let mut party = info.party.clone();
    references.other.extend(
        info.compensation
            .iter()
            .map(|text| ("COAM".to_owned(), text.clone())),
    );
    let (payer, payee) = (&info.ultimate_payer, &info.ultimate_payee);
    let (other, own, own_name) = match line.direction {
        Direction::Credit => (payer, payee, "ABWE"),
        Direction::Debit => (payee, payer, "ABWA"),
    };
    if other.is_some() {
        party.ultimate.clone_from(other);
        references
            .other
            .extend(own.iter().map(|name| (own_name.to_owned(), name.clone())));
    } else {
        party.ultimate.clone_from(own);
    }
    (references, party)
}
