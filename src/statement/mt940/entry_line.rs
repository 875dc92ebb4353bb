//! The field `:61:`: one line of the statement, with what subfield 9 on its next line adds.

use jiff::civil::Date;

use super::values::{amount, booking_day, currency_first, day, reference, short};
use crate::domain::money::Cents;
use crate::domain::statement::Direction;

/// What `:61:` says.
#[derive(Debug)]
pub(super) struct EntryLine {
    pub valued_on: Date,
    pub booked_on: Option<Date>,
    pub direction: Direction,
    /// `RC` and `RD`; `direction` is already that of the reversing entry.
    pub reversal: bool,
    /// `EC` and `ED` of an interim report.
    pub expected: bool,
    pub cents: Cents,
    /// `NTRF`.
    pub swift: Option<String>,
    pub reference: Option<String>,
    pub bank_reference: Option<String>,
    /// Subfield 9, without the amounts below.
    pub text: Vec<String>,
    /// `/OCMT/`: what was ordered, with its currency.
    pub original: Option<(String, Cents)>,
    /// `/CHGS/`: fees that the amount holds.
    pub charges: Vec<(String, Cents)>,
}

/// Code words with which subfield 9 begins.
const WORDS: &[&str] = &["/OCMT/", "/CHGS/", "/TRCD/"];

/// Reads the field. Some exports wrap in the middle of the first line: where it cannot be read alone, it is tried
/// together with the next.
///
/// # Errors
/// What is wrong with the first line.
pub(super) fn read(lines: &[String]) -> Result<EntryLine, String> {
    let first = lines.first().map_or("", String::as_str);
    match read_first(first) {
        Ok(mut line) => {
            line.add(lines.get(1..).unwrap_or_default());
            Ok(line)
        }
        Err(wrong) => {
            let second = lines.get(1).ok_or_else(|| wrong.clone())?;
            let mut line = read_first(&format!("{}{second}", first.trim_end())).map_err(|_| wrong)?;
            line.add(lines.get(2..).unwrap_or_default());
            Ok(line)
        }
    }
}

fn read_first(text: &str) -> Result<EntryLine, String> {
    let text = text.trim();
    let date = text.get(..6).unwrap_or(text);
    let valued_on = day(date)?;
    let mut rest = &text[date.len()..];
    let mut booked_on = None;
    if let Some(date) = rest.get(..4)
        && date.bytes().all(|byte| byte.is_ascii_digit())
    {
        booked_on = booking_day(date, valued_on)?;
        rest = &rest[4..];
    }
    let (mark, rest) = mark(rest.trim_start())
        .ok_or_else(|| format!("«{}» has no C, D, RC or RD after its days", short(text)))?;
    // The third letter of the currency (R of EUR) may follow.
    let rest = rest.trim_start();
    let rest = match rest.bytes().next() {
        Some(letter) if letter.is_ascii_alphabetic() => &rest[1..],
        _ => rest,
    };
    let end = rest
        .find(|character: char| !matches!(character, '0'..='9' | ',' | '.'))
        .unwrap_or(rest.len());
    let cents = amount(&rest[..end])?;
    let (swift, rest) = kind(rest[end..].trim_start());
    // Some exports leave out the line break before subfield 9.
    let (rest, more) = rest.split_at(
        WORDS
            .iter()
            .filter_map(|word| rest.find(word))
            .min()
            .unwrap_or(rest.len()),
    );
    let (own, bank) = rest.split_once("//").unwrap_or((rest, ""));
    // Sixteen places for the reference; what old exports write behind it is the other side's name.
    let (own, name) = match own.char_indices().nth(16) {
        Some((at, _)) if own[..at].ends_with(' ') || own[at..].starts_with(' ') => own.split_at(at),
        _ => (own, ""),
    };
    let mut line = EntryLine {
        valued_on,
        booked_on,
        direction: mark.direction,
        reversal: mark.reversal,
        expected: mark.expected,
        cents,
        swift,
        reference: reference(own),
        bank_reference: reference(bank),
        text: Vec::from_iter(Some(name.trim().to_owned()).filter(|name| !name.is_empty())),
        original: None,
        charges: Vec::new(),
    };
    line.add(&[more.to_owned()]);
    Ok(line)
}

struct Mark {
    direction: Direction,
    reversal: bool,
    expected: bool,
}

fn mark(text: &str) -> Option<(Mark, &str)> {
    use Direction::{Credit, Debit};
    // A reversal of a credit takes money out again.
    const MARKS: &[(&str, Direction, bool, bool)] = &[
        ("RC", Debit, true, false),
        ("RD", Credit, true, false),
        ("EC", Credit, false, true),
        ("ED", Debit, false, true),
        ("C", Credit, false, false),
        ("D", Debit, false, false),
    ];
    MARKS.iter().find_map(|(letters, direction, reversal, expected)| {
        let mark = Mark {
            direction: *direction,
            reversal: *reversal,
            expected: *expected,
        };
        text.strip_prefix(letters).map(|rest| (mark, rest))
    })
}

/// The type of transaction: N, F or S and three more, which some banks leave out.
fn kind(text: &str) -> (Option<String>, &str) {
    if ["NONREF", "NOTPROVIDED"]
        .iter()
        .any(|filler| text.starts_with(filler))
    {
        return (None, text);
    }
    let Some((kind, rest)) = text.split_at_checked(4) else {
        return (None, text);
    };
    let usual = kind.starts_with(['N', 'F', 'S']);
    let shape = kind
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte == b' ');
    if shape && (usual || rest.starts_with("NONREF")) {
        (Some(kind.trim_end().to_owned()), rest)
    } else {
        (None, text)
    }
}

impl EntryLine {
    /// Subfield 9: `/OCMT/EUR11,85//CHGS/EUR0,50/` (DFÜ-Abkommen, Anlage 3, MT940 `:61:`), or words.
    fn add(&mut self, lines: &[String]) {
        for line in lines
            .iter()
            .map(|line| line.trim())
            .filter(|line| !line.is_empty())
        {
            let original = code_words(line, "/OCMT/").pop();
            let charges = code_words(line, "/CHGS/");
            if original.is_none() && charges.is_empty() {
                self.text.push(line.to_owned());
            }
            self.original = self.original.take().or(original);
            let told = charges.into_iter().filter(|(_, cents)| *cents != Cents::ZERO);
            self.charges.extend(told);
        }
    }
}

/// The amounts behind a code word; one that cannot be read stays in the entry's text.
fn code_words(line: &str, word: &str) -> Vec<(String, Cents)> {
    let values = line.split(word).skip(1).filter_map(|part| {
        let (currency, value) = currency_first(part.split('/').next().unwrap_or(part).trim());
        Some((currency?.to_owned(), amount(value).ok()?))
    });
    values.collect()
}
