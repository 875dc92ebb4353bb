//! A row becomes a line by the columns of the mapping.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::cells::{self, Cells};
use super::whole;
use crate::domain::money::Cents;
use crate::domain::settlement::{Amounts, Column, Kind, Line, Mapping, Owner, Refusal, Signs};

/// Where the columns of a mapping are in this list.
pub(super) struct Columns {
    /// The setting, its column as the mapping names it, its number from 1.
    places: BTreeMap<String, (String, u16)>,
    /// How many cells a row may have; none where no header says it.
    width: Option<usize>,
}

impl Columns {
    /// For a list without a header.
    pub(super) fn numbered(mapping: &Mapping) -> Result<Self, Refusal> {
        let place = |(setting, column): (String, &Column)| match column {
            Column::Number(number) => Ok((setting, (column.to_string(), *number))),
            Column::Name(_) => Err(whole(format!(
                "the mapping's {setting} is column {column}, but the list has no header; give its number"
            ))),
        };
        Ok(Self {
            places: mapping
                .columns()
                .into_iter()
                .map(place)
                .collect::<Result<_, _>>()?,
            width: None,
        })
    }

    /// For a list with this header.
    pub(super) fn named(mapping: &Mapping, header: &Cells) -> Result<Self, Refusal> {
        let names: Vec<&str> = header.texts().iter().map(|name| name.trim()).collect();
        let mut places = BTreeMap::new();
        for (setting, column) in mapping.columns() {
            let number = match column {
                Column::Number(number) => *number,
                Column::Name(name) => {
                    let mut found = (1..).zip(&names).filter(|(_, known)| **known == name.trim());
                    let number = found.next().map(|(number, _)| number);
                    let refusal = |reason| header.refusal(&column.to_string(), reason);
                    if found.next().is_some() {
                        return Err(refusal(format!(
                            "the header has it more than once; set {setting} to its number"
                        )));
                    }
                    number.ok_or_else(|| {
                        let known: Vec<String> = names.iter().map(|name| format!("«{name}»")).collect();
                        refusal(format!(
                            "the header does not have it; it has {}",
                            known.join(", ")
                        ))
                    })?
                }
            };
            places.insert(setting, (column.to_string(), number));
        }
        Ok(Self {
            places,
            width: Some(names.len()),
        })
    }

    /// A refusal of what is in a column, or in the first of those of an amount.
    fn refusal(&self, cells: &Cells, setting: &str, reason: impl Into<String>) -> Refusal {
        let first = self.places.range(setting.to_owned()..).next();
        let own = first.filter(|(name, _)| name.starts_with(setting));
        cells.refusal(own.map_or(setting, |(_, (name, _))| name.as_str()), reason)
    }

    /// What a row has in a column, trimmed; none where the mapping has no such column or the cell is empty.
    fn text<'a>(&self, setting: &str, cells: &'a Cells) -> Result<Option<&'a str>, Refusal> {
        let Some((name, number)) = self.places.get(setting) else {
            return Ok(None);
        };
        let text = cells.get(*number).ok_or_else(|| {
            let there = cells.texts().len();
            cells.refusal(
                name,
                format!("the row has {there} cells, this would be number {number}"),
            )
        })?;
        Ok(Some(text.trim()).filter(|text| !text.is_empty()))
    }
}

/// Whether a line is one that does not count.
pub(super) fn is_ignored(mapping: &Mapping, columns: &Columns, cells: &Cells) -> Result<bool, Refusal> {
    for (index, ignored) in mapping.ignored.iter().enumerate() {
        let text = columns
            .text(&format!("ignored[{index}].column"), cells)?
            .unwrap_or_default();
        if ignored.words.iter().any(|word| word == text) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads a line.
pub(super) fn line_of(mapping: &Mapping, columns: &Columns, cells: &Cells) -> Result<Line, Refusal> {
    if let Some(width) = columns.width.filter(|width| cells.filled() > *width) {
        return Err(Refusal {
            line: Some(cells.line),
            column: None,
            reason: format!(
                "the row has {} cells, the header {width}: a separator inside a cell that is not quoted?",
                cells.texts().len()
            ),
        });
    }
    let text = |setting: &str| columns.text(setting, cells);
    let owned = |setting: &str| Ok(text(setting)?.map(str::to_owned));
    if let Some(currency) = text("currency")?
        && !currency.eq_ignore_ascii_case("EUR")
    {
        let reason = format!("«{currency}» is not EUR; the books are kept in euro");
        return Err(columns.refusal(cells, "currency", reason));
    }
    let written = Written {
        gross: amount_of(mapping, columns, cells, "gross", &mapping.gross)?,
        fee: optional(mapping.fee.as_ref(), |fee| {
            amount_of(mapping, columns, cells, "fee", fee)
        })?,
        net: optional(mapping.net.as_ref(), |net| {
            amount_of(mapping, columns, cells, "net", net)
        })?,
    };
    let kind = kind_of(mapping, columns, cells, written.gross.unwrap_or_default())?;
    let (gross, fee, net) = written.amounts(mapping, columns, cells, kind)?;
    Ok(Line {
        row: cells.line,
        owner: owner_of(mapping, text("system.column")?),
        kind,
        reference: owned("reference")?,
        transaction: owned("transaction")?,
        payout: owned("payout")?,
        gross,
        fee,
        net,
        day: text("day")?
            .map(|text| {
                Date::strptime(&mapping.day_format, text).map_err(|_| {
                    let reason = format!("«{text}» is no day written as {}", mapping.day_format);
                    columns.refusal(cells, "day", reason)
                })
            })
            .transpose()?,
        method: text("method")?.map(|word| {
            mapping
                .methods
                .get(word)
                .cloned()
                .unwrap_or_else(|| word.to_owned())
        }),
    })
}

fn optional<T>(
    amounts: Option<&Amounts>,
    read: impl FnOnce(&Amounts) -> Result<Option<T>, Refusal>,
) -> Result<Option<T>, Refusal> {
    amounts.map_or(Ok(None), read)
}

/// An amount from its column or columns; none where all of them are empty.
fn amount_of(
    mapping: &Mapping,
    columns: &Columns,
    cells: &Cells,
    setting: &str,
    amounts: &Amounts,
) -> Result<Option<Cents>, Refusal> {
    let parse = if setting == "fee" {
        cells::fee
    } else {
        cells::amount
    };
    let one = |part: &str| {
        let setting = format!("{setting}{part}");
        columns
            .text(&setting, cells)?
            .map(|text| parse(mapping, text))
            .transpose()
            .map_err(|reason| columns.refusal(cells, &setting, reason))
    };
    let too_large = || columns.refusal(cells, setting, "the amount is too large to be held");
    match amounts {
        Amounts::One(_) => one(""),
        Amounts::Sum(_) => {
            let mut sum = None;
            for (part, _) in amounts.columns() {
                if let Some(cents) = one(&part)? {
                    let before = sum.unwrap_or(Cents::ZERO);
                    sum = Some(cents.checked_add(before).ok_or_else(too_large)?);
                }
            }
            Ok(sum)
        }
        Amounts::Either { .. } => {
            let (credit, debit) = (one(".credit")?, one(".debit")?);
            for (part, cents) in [(".credit", credit), (".debit", debit)] {
                if cents.is_some_and(|cents| cents < Cents::ZERO) {
                    let reason = "it has a sign, but the column tells which way";
                    return Err(columns.refusal(cells, &format!("{setting}{part}"), reason));
                }
            }
            match (credit, debit) {
                (None, None) => Ok(None),
                (Some(credit), Some(debit)) if credit.is_positive() && debit.is_positive() => {
                    let reason = format!("{debit} goes from us, but {credit} comes to us in the same line");
                    Err(columns.refusal(cells, &format!("{setting}.debit"), reason))
                }
                (credit, debit) => {
                    let nothing = Cents::ZERO;
                    Ok(Some(credit.unwrap_or(nothing) - debit.unwrap_or(nothing)))
                }
            }
        }
    }
}

fn owner_of(mapping: &Mapping, text: Option<&str>) -> Owner {
    let Some(system) = &mapping.system else {
        return Owner::Ours;
    };
    let text = text.unwrap_or_default();
    if system.ours.iter().any(|ours| ours == text) {
        Owner::Ours
    } else {
        Owner::Foreign(text.to_owned())
    }
}

fn kind_of(mapping: &Mapping, columns: &Columns, cells: &Cells, gross: Cents) -> Result<Kind, Refusal> {
    let Some(kinds) = &mapping.kind else {
        return Ok(if gross < Cents::ZERO {
            Kind::Refund
        } else {
            Kind::Payment
        });
    };
    let word = columns.text("kind.column", cells)?.unwrap_or_default();
    kinds.of(word).ok_or_else(|| {
        let known: Vec<String> = kinds
            .words
            .values()
            .flatten()
            .map(|word| format!("«{word}»"))
            .collect();
        let reason = format!(
            "«{word}» is no kind that the mapping knows; it knows {}",
            known.join(", ")
        );
        columns.refusal(cells, "kind.column", reason)
    })
}

/// The amounts of a line as they are written.
struct Written {
    gross: Option<Cents>,
    fee: Option<Cents>,
    net: Option<Cents>,
}

impl Written {
    /// Gross, fee and net with the signs that they have for us; of fee and net the one that is missing is computed.
    fn amounts(
        self,
        mapping: &Mapping,
        columns: &Columns,
        cells: &Cells,
        kind: Kind,
    ) -> Result<(Cents, Option<Cents>, Option<Cents>), Refusal> {
        let towards = |setting: &str, cents: Cents| {
            match mapping.signs {
            Signs::Written => Ok(cents),
            Signs::ByKind if cents < Cents::ZERO => Err(columns.refusal(cells, setting,
                format!("{cents} has a sign, but the mapping says that the kind tells which way (signs = \"by-kind\")"),
            )),
            Signs::ByKind if kind == Kind::Payment => Ok(cents),
            Signs::ByKind => Ok(-cents),
        }
        };
        let net = self.net.map(|net| towards("net", net)).transpose()?;
        let too_large = || {
            columns.refusal(
                cells,
                "gross",
                "the difference of the amounts is too large to be held",
            )
        };
        let gross = match (self.gross, net) {
            (Some(gross), _) => towards("gross", gross)?,
            // What no payer paid has no gross in some lists.
            (None, Some(net)) if matches!(kind, Kind::Fee | Kind::Payout) => {
                let fee = self.fee.unwrap_or_default();
                net.checked_add(fee).ok_or_else(too_large)?
            }
            (None, _) => {
                return Err(columns.refusal(cells, "gross", "the cell is empty; each line has an amount"));
            }
        };
        match (self.fee, net) {
            (Some(fee), Some(net)) => {
                if gross.checked_sub(fee) != Some(net) {
                    let reason = format!("gross {gross} less fee {fee} is not net {net}");
                    return Err(columns.refusal(cells, "net", reason));
                }
                Ok((gross, Some(fee), Some(net)))
            }
            (Some(fee), None) => {
                let net = gross.checked_sub(fee).ok_or_else(too_large)?;
                Ok((gross, Some(fee), Some(net)))
            }
            (None, Some(net)) => {
                let fee = gross.checked_sub(net).ok_or_else(too_large)?;
                Ok((gross, Some(fee), Some(net)))
            }
            (None, None) => Ok((gross, None, None)),
        }
    }
}
