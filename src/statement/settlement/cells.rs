//! The cells of a row as texts, and the amounts in them.

use encoding_rs::{ISO_8859_15, WINDOWS_1252};

use super::rows::Row;
use crate::domain::money::Cents;
use crate::domain::settlement::{Encoding, Mapping, Refusal, Unit};

/// Splits rows into cells, one after the other; what it needs is made once.
pub(super) struct Splitter {
    reader: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Splitter {
    pub(super) fn new(mapping: &Mapping) -> Self {
        let mut builder = csv_core::ReaderBuilder::new();
        builder
            .delimiter(u8::try_from(mapping.separator).unwrap_or(b';'))
            // A row is one record: line feeds are only within its quotes.
            .terminator(csv_core::Terminator::Any(b'\n'));
        match mapping.quote.bytes().next() {
            Some(quote) => builder.quote(quote),
            None => builder.quoting(false),
        };
        Self {
            reader: builder.build(),
            text: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// The cells of a row, without their quotes.
    fn split(&mut self, row: &[u8]) -> impl Iterator<Item = &[u8]> {
        self.reader.reset();
        // No cell is longer than the row, and no row has more cells than bytes and one.
        self.text.resize(row.len() + 1, 0);
        self.ends.resize(row.len() + 2, 0);
        let (mut written, mut cells, mut rest) = (0, 0, row);
        loop {
            let (result, read, wrote, ended) =
                self.reader
                    .read_record(rest, &mut self.text[written..], &mut self.ends[cells..]);
            rest = &rest[read..];
            written += wrote;
            cells += ended;
            // At the end of the row nothing more is given, which the reader takes for the end of the record.
            if result != csv_core::ReadRecordResult::InputEmpty {
                break;
            }
        }
        let (text, ends) = (self.text.as_slice(), &self.ends[..cells]);
        let mut from = 0;
        ends.iter()
            .map(move |end| &text[std::mem::replace(&mut from, *end)..*end])
    }
}

/// A row, split and decoded.
pub(super) struct Cells {
    /// Its first line.
    pub(super) line: u64,
    texts: Vec<String>,
}

impl Cells {
    pub(super) fn of(mapping: &Mapping, splitter: &mut Splitter, row: &Row) -> Result<Self, Refusal> {
        let refusal = |column: Option<String>, reason: String| Refusal {
            line: Some(row.line),
            column,
            reason,
        };
        let mut texts = Vec::new();
        for (index, bytes) in splitter.split(&row.bytes).enumerate() {
            let text = decode(mapping.encoding, bytes).ok_or_else(|| {
                let reason = "not UTF-8; a list from Windows is often encoding = \"windows-1252\"";
                refusal(Some((index + 1).to_string()), reason.to_owned())
            })?;
            if text.contains('\0') {
                return Err(refusal(
                    Some((index + 1).to_string()),
                    "the cell has a character U+0000".to_owned(),
                ));
            }
            texts.push(text);
        }
        Ok(Self {
            line: row.line,
            texts,
        })
    }

    /// A cell by its number from 1.
    pub(super) fn get(&self, number: u16) -> Option<&str> {
        let index = usize::from(number).checked_sub(1)?;
        self.texts.get(index).map(String::as_str)
    }

    pub(super) fn texts(&self) -> &[String] {
        &self.texts
    }

    /// How many there are, empty ones at the end left out.
    pub(super) fn filled(&self) -> usize {
        let empty = self.texts.iter().rev().take_while(|text| text.trim().is_empty());
        self.texts.len() - empty.count()
    }

    pub(super) fn are_blank(&self) -> bool {
        self.filled() == 0
    }

    pub(super) fn refusal(&self, column: &str, reason: impl Into<String>) -> Refusal {
        Refusal {
            line: Some(self.line),
            column: Some(column.to_owned()),
            reason: reason.into(),
        }
    }
}

fn decode(encoding: Encoding, bytes: &[u8]) -> Option<String> {
    let single = match encoding {
        Encoding::Utf8 => return std::str::from_utf8(bytes).ok().map(str::to_owned),
        Encoding::Windows1252 => WINDOWS_1252,
        Encoding::Iso885915 => ISO_8859_15,
    };
    Some(single.decode_without_bom_handling(bytes).0.into_owned())
}

/// The digits of a number without what groups them.
fn digits(mapping: &Mapping, text: &str) -> Result<String, String> {
    let no_number = || format!("«{text}» is no whole number");
    let plain = match mapping.grouping {
        Some(mark) if text.contains(mark) => {
            let groups: Vec<&str> = text.split(mark).collect();
            let fits = |(index, group): (usize, &&str)| match index {
                0 => (1..=3).contains(&group.len()),
                _ => group.len() == 3,
            };
            if !groups.iter().enumerate().all(fits) {
                return Err(format!(
                    "«{text}» has {mark:?} where no group of three digits begins"
                ));
            }
            groups.concat()
        }
        _ => text.to_owned(),
    };
    if plain.is_empty() || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(no_number());
    }
    Ok(plain)
}

/// A count of lines.
pub(super) fn count(mapping: &Mapping, text: &str) -> Result<i64, String> {
    digits(mapping, text.trim())?
        .parse()
        .map_err(|_| format!("«{text}» is too large a count"))
}

/// An amount: an optional sign before or after it, an optional EUR or € around it, and the marks of the mapping.
pub(super) fn amount(mapping: &Mapping, text: &str) -> Result<Cents, String> {
    let mut rest = text.trim();
    for currency in ["EUR", "€"] {
        rest = rest.strip_suffix(currency).unwrap_or(rest).trim_end();
        rest = rest.strip_prefix(currency).unwrap_or(rest).trim_start();
    }
    let mut negative = false;
    let mut signs = 0;
    for (mark, minus) in [('-', true), ('\u{2212}', true), ('+', false)] {
        for other in [rest.strip_prefix(mark), rest.strip_suffix(mark)]
            .into_iter()
            .flatten()
        {
            signs += 1;
            negative = minus;
            rest = other.trim();
        }
    }
    let mark = mapping.decimal.mark();
    let wrong = |why: &str| format!("«{text}» is no amount{why}");
    if signs > 1 {
        return Err(wrong(": it has two signs"));
    }
    let plain = match mapping.unit {
        Unit::Cent => {
            let cents = digits(mapping, rest).map_err(|why| wrong(&format!(" in whole cents: {why}")))?;
            let filled = format!("{cents:0>3}");
            let (euros, cents) = filled.split_at(filled.len() - 2);
            format!("{euros}.{cents}")
        }
        Unit::Euro => {
            let (euros, fraction) = rest.split_once(mark).unwrap_or((rest, "0"));
            let euros = digits(mapping, euros)
                .map_err(|why| wrong(&format!(" with {mark:?} before the cents: {why}")))?;
            if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(wrong(&format!(" with {mark:?} before the cents")));
            }
            format!("{euros}.{fraction}")
        }
    };
    let cents = Cents::parse(&plain).map_err(|error| error.to_string())?;
    Ok(if negative { -cents } else { cents })
}

/// A fee: what costs us is more than nothing, however the list writes it.
pub(super) fn fee(mapping: &Mapping, text: &str) -> Result<Cents, String> {
    let fee = amount(mapping, text)?;
    Ok(if mapping.fee_is_negative { -fee } else { fee })
}
