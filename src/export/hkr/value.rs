//! A field becomes the text of its cell.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::field::{Field, Nature, Part};
use super::letters::{allowed, encode, in_one_line, spell};
use super::settings;
use super::template::{Column, Decimal, Disallowed, Encoding, Formulas, Kind, Template, TooLong};
use super::writer::{FileFacts, Side};
use crate::domain::hkr::Posting;
use crate::domain::money::Cents;
use crate::domain::time::berlin;

/// What a cell says, before its width and its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) nature: Nature,
    pub(super) text: String,
}

impl Cell {
    pub(super) fn words(text: &str) -> Self {
        Self {
            nature: Nature::Words,
            text: text.to_owned(),
        }
    }

    pub(super) fn key(text: &str) -> Self {
        Self {
            nature: Nature::Key,
            text: text.to_owned(),
        }
    }
}

/// What a row tells of: the file, and in a record a posting of it.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) template: &'a Template,
    pub(super) file: &'a FileFacts,
    /// How many records the file has.
    pub(super) records: u64,
    pub(super) posting: Option<Of<'a>>,
}

/// A record of a posting.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    pub(super) posting: &'a Posting,
    pub(super) side: Side,
    /// Its number in the file.
    pub(super) number: u64,
}

/// What a column of a row says.
///
/// # Errors
/// Says why the column cannot say it.
pub(super) fn of_column(context: Context<'_>, column: &Column) -> Result<Cell, String> {
    let raw = match (&column.source, &column.constant, &column.text) {
        (Some(field), _, _) => Cell {
            nature: field.nature(),
            text: text_of(context, field, Some(column))?,
        },
        (None, Some(constant), _) => Cell::words(constant),
        (None, None, Some(pattern)) => {
            let mut text = String::new();
            for part in &pattern.0 {
                match part {
                    Part::Plain(plain) => text.push_str(plain),
                    Part::Field(field) => text.push_str(&text_of(context, field, None)?),
                }
            }
            Cell::words(&text)
        }
        (None, None, None) => Cell::words(""),
    };
    cell(context.template, &context.file.parameters, column, raw)
}

/// Brings a value to what its column takes: its word, one line, letters of the encoding, no formula, allowed characters,
/// its length.
///
/// # Errors
/// Says what the column does not take.
pub(super) fn cell(
    template: &Template,
    parameters: &BTreeMap<String, String>,
    column: &Column,
    raw: Cell,
) -> Result<Cell, String> {
    let mut text = raw.text;
    if let Some(words) = &column.words
        && !text.is_empty()
    {
        let known: Vec<&str> = words.keys().map(String::as_str).collect();
        let word = words.get(&text).ok_or_else(|| {
            format!(
                "«{text}» is not among the words of the column ({})",
                known.join(", ")
            )
        })?;
        text.clone_from(word);
    }
    text = spell(template.encoding, template.unknown, &in_one_line(&text))?;
    // What the template itself says is no formula of somebody else.
    let own = column.constant.is_some() || column.words.is_some();
    if matches!(raw.nature, Nature::Words | Nature::Key) && !own {
        text = without_formula(template, text);
    }
    if let Some(set) = &column.allowed {
        let wrong = text.chars().find(|letter| !allowed(set, *letter));
        match (wrong, column.disallowed) {
            (None, _) => {}
            (Some(_), Disallowed::Drop) => text.retain(|letter| allowed(set, letter)),
            (Some(letter), Disallowed::Refuse) => {
                return Err(format!("«{text}» has «{letter}»; the column allows {set}"));
            }
        }
    }
    let length = text.chars().count();
    if let Some(longest) = settings::longest(template, parameters, column).filter(|longest| length > *longest)
    {
        if column.too_long == TooLong::Refuse {
            return Err(format!(
                "«{text}» has {length} characters; the column has {longest}"
            ));
        }
        let end = text.char_indices().nth(longest).map_or(text.len(), |(at, _)| at);
        text.truncate(text[..end].trim_end().len());
    }
    if column.required && text.is_empty() {
        return Err("it is empty, but required".to_owned());
    }
    Ok(Cell {
        nature: raw.nature,
        text,
    })
}

/// A spreadsheet takes a cell for a formula where it begins like one, in quotes or not.
fn without_formula(template: &Template, text: String) -> String {
    let Some(delimited) = &template.delimited else {
        return text;
    };
    let marks = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    if !text.starts_with(marks) {
        return text;
    }
    match delimited.formulas {
        Formulas::Keep => text,
        Formulas::Apostrophe => format!("'{text}"),
        Formulas::Strip => {
            let stripped = text.trim_start_matches(|letter: char| marks.contains(&letter) || letter == ' ');
            stripped.to_owned()
        }
    }
}

/// Whether an encoding has a letter.
pub(super) fn fits_encoding(encoding: Encoding, letter: char) -> bool {
    encode(encoding, letter, &mut Vec::new()).is_some()
}

/// What a field of the file says; nothing where it cannot say anything.
pub(super) fn of_file(template: &Template, file: &FileFacts, field: &Field) -> String {
    let context = Context {
        template,
        file,
        records: 0,
        posting: None,
    };
    text_of(context, field, None).unwrap_or_default()
}

fn text_of(context: Context<'_>, field: &Field, column: Option<&Column>) -> Result<String, String> {
    let Context { template, file, .. } = context;
    let amount = |cents: Cents| {
        print_amount(
            column
                .and_then(|column| column.decimal)
                .unwrap_or(template.decimal),
            cents,
        )
    };
    let day_format = column
        .and_then(|column| column.date.as_deref())
        .unwrap_or(&template.day);
    let day = |day: Option<Date>| day.map_or_else(|| Ok(String::new()), |day| format_day(day_format, day));
    if let Some(text) = of_posting(context, field, &amount, &day) {
        return text;
    }
    Ok(match field {
        Field::FileNumber => file.number.to_string(),
        Field::CreatedAt => match column.and_then(|column| column.date.as_deref()) {
            Some(format) => jiff::fmt::strtime::format(format, &file.created.instant().to_zoned(berlin()))
                .map_err(|error| error.to_string())?,
            None => file.created.rfc3339(),
        },
        Field::Ledger => file.ledger.clone(),
        Field::LedgerName => file.ledger_name.clone(),
        Field::TestMark => if file.test { "TEST" } else { "" }.to_owned(),
        Field::Records => context.records.to_string(),
        Field::Lines => file.totals.lines.to_string(),
        Field::SumDebit | Field::SumCredit => amount(file.totals.sum),
        Field::FirstDay => day(file.totals.first)?,
        Field::LastDay => day(file.totals.last)?,
        Field::Parameter(name) => parameter(template, file, name)?,
        _ => return Err(format!("{field} is of a posting; only the record can have it")),
    })
}

fn format_day(format: &str, day: Date) -> Result<String, String> {
    jiff::fmt::strtime::format(format, day).map_err(|error| error.to_string())
}

fn parameter(template: &Template, file: &FileFacts, name: &str) -> Result<String, String> {
    let text = settings::set(template, &file.parameters, name).unwrap_or_default();
    match template.parameters.get(name).map(|parameter| &parameter.kind) {
        Some(Kind::Day { date }) => {
            let day: Date = text.parse().map_err(|_| format!("«{text}» is no day"))?;
            format_day(date, day)
        }
        _ => Ok(text.to_owned()),
    }
}

/// What a field of a posting says; none where the field is none of a posting, or there is no posting.
fn of_posting(
    context: Context<'_>,
    field: &Field,
    amount: &dyn Fn(Cents) -> String,
    day: &dyn Fn(Option<Date>) -> Result<String, String>,
) -> Option<Result<String, String>> {
    let Of {
        posting,
        side,
        number,
    } = context.posting?;
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let code = |account: &str| {
        let code = context.file.chart.code(account).map(str::to_owned);
        code.ok_or_else(|| format!("the account {account} has no code; add it to the accounts of the Kasse"))
    };
    let (own, other) = match side {
        Side::Both | Side::Debit => (&posting.debit, &posting.credit),
        Side::Credit => (&posting.credit, &posting.debit),
    };
    Some(Ok(match field {
        Field::RecordNumber => number.to_string(),
        Field::Position => posting.position.to_string(),
        Field::Line => posting.line.to_string(),
        Field::Kind => posting.kind.clone(),
        Field::Buchungstag => return Some(day(Some(posting.buchungstag))),
        Field::Haushaltsjahr => posting.haushaltsjahr.to_string(),
        Field::Debit => posting.debit.clone(),
        Field::Credit => posting.credit.clone(),
        Field::DebitCode => return Some(code(&posting.debit)),
        Field::CreditCode => return Some(code(&posting.credit)),
        Field::Account => return Some(code(own)),
        Field::Contra => return Some(code(other)),
        Field::Side => if side == Side::Credit { "H" } else { "S" }.to_owned(),
        Field::SignedAmount if side == Side::Credit => amount(-posting.cents),
        Field::DebitAmount if side == Side::Credit => String::new(),
        Field::CreditAmount if side == Side::Debit => String::new(),
        Field::Amount | Field::SignedAmount | Field::DebitAmount | Field::CreditAmount => {
            amount(posting.cents)
        }
        Field::Haushaltsstelle => optional(&posting.haushaltsstelle),
        Field::Objektnummer => optional(&posting.objektnummer),
        Field::Kassenzeichen => optional(&posting.kassenzeichen),
        Field::Text => posting.text.clone(),
        Field::Anordnung => optional(&posting.anordnung),
        Field::Authority => optional(&posting.authority),
        Field::Method => optional(&posting.method),
        _ => return None,
    }))
}

fn print_amount(decimal: Decimal, cents: Cents) -> String {
    let text = cents.to_string();
    match decimal {
        Decimal::Point => text,
        Decimal::Comma => text.replace('.', ","),
        Decimal::None => cents.get().to_string(),
    }
}
