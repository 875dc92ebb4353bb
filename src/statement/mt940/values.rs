//! Amounts, days and balances as MT940 writes them.

use jiff::civil::Date;

use crate::domain::money::{Cents, MoneyError};
use crate::domain::statement::Balance;

/// An amount: `1234,5`, `,50`, `1234,`, and with a dot instead of the comma or, before a comma, between thousands.
///
/// # Errors
/// What is wrong with it; more than two decimals that are not zero are.
pub(super) fn amount(text: &str) -> Result<Cents, String> {
    let written = text.trim();
    let text = &without_thousands(written);
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'));
    let (whole, fraction) = text.split_once([',', '.']).unwrap_or((text, ""));
    let digits = whole.len() + fraction.len();
    if !plain || digits == 0 || fraction.contains([',', '.']) {
        return Err(format!("«{}» is not an amount such as 1234,50", short(written)));
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    Cents::parse(&format!("0{whole}.{fraction}0")).map_err(|error| match error {
        MoneyError::FractionOfCent(_) => format!(
            "{} has a fraction of a cent; two decimals are the most",
            short(text)
        ),
        MoneyError::NotDecimal(_) | MoneyError::TooLarge(_) => {
            format!("{} is too large an amount", short(text))
        }
    })
}

/// `1.234,56` as `1234,56`; everything else as it is.
fn without_thousands(text: &str) -> String {
    let groups = text.split_once(',').map(|(whole, _)| whole.split('.'));
    let grouped = groups.is_some_and(|mut groups| {
        let first = groups.next().is_some_and(|first| (1..=3).contains(&first.len()));
        first && groups.clone().next().is_some() && groups.all(|group| group.len() == 3)
    });
    if grouped {
        text.replace('.', "")
    } else {
        text.to_owned()
    }
}

/// A day `YYMMDD`. Years from 80 on are of the last century. A day that its month does not have (31 November, which
/// some banks use in interest reckoning) is the last of the month; the text as written stays in the entry's raw text.
///
/// # Errors
/// What is wrong with it.
pub(super) fn day(text: &str) -> Result<Date, String> {
    let wrong = || format!("«{}» is not a day (YYMMDD)", short(text));
    let year: i16 = number(text, 0).ok_or_else(wrong)?.into();
    let century = if year < 80 { 2000 } else { 1900 };
    clamped(
        century + year,
        number(text, 2).ok_or_else(wrong)?,
        number(text, 4).ok_or_else(wrong)?,
    )
    .ok_or_else(wrong)
}

/// The day of booking `MMDD`, in the year that brings it nearest to the value date; none where it is `0000`.
///
/// # Errors
/// What is wrong with it.
pub(super) fn booking_day(text: &str, valued_on: Date) -> Result<Option<Date>, String> {
    if text == "0000" {
        return Ok(None);
    }
    let wrong = || format!("«{}» is not a day (MMDD)", short(text));
    let month = number(text, 0).ok_or_else(wrong)?;
    let day = number(text, 2).ok_or_else(wrong)?;
    (-1..=1)
        .filter_map(|years| clamped(valued_on.year() + years, month, day))
        .min_by_key(|candidate| (*candidate - valued_on).get_days().abs())
        .map(Some)
        .ok_or_else(wrong)
}

fn clamped(year: i16, month: i8, day: i8) -> Option<Date> {
    let first = Date::new(year, month, 1).ok()?;
    (1..=31).contains(&day).then_some(())?;
    Date::new(year, month, day.min(first.days_in_month())).ok()
}

fn number(text: &str, at: usize) -> Option<i8> {
    let digits = text.get(at..at + 2)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    digits.parse().ok()
}

/// A balance: `C200219EUR931052,29`. A few banks leave the currency out: it is then that of the statement.
///
/// # Errors
/// What is wrong with it.
pub(super) fn balance(tag: &str, text: &str, currency: Option<&str>) -> Result<Balance, String> {
    let text = text.trim();
    let (credit, rest) = match text.chars().next() {
        Some('C') => (true, &text[1..]),
        Some('D') => (false, &text[1..]),
        _ => return Err(format!("«{}» begins with neither C nor D", short(text))),
    };
    let date = rest.get(..6).unwrap_or(rest);
    // Zeros where there was no statement before.
    let on = if date == "000000" { None } else { Some(day(date)?) };
    let (written, value) = currency_first(&rest[date.len()..]);
    let currency = written
        .or(currency)
        .ok_or_else(|| format!("«{}» names no currency", short(text)))?;
    let cents = amount(value)?;
    Ok(Balance {
        kind: tag.to_owned(),
        cents: if credit { cents } else { -cents },
        day: on,
        currency: currency.to_owned(),
    })
}

/// Splits `EUR12,5` into currency and the rest.
pub(super) fn currency_first(text: &str) -> (Option<&str>, &str) {
    match text.get(..3) {
        Some(code) if is_currency(code) => (Some(code), &text[3..]),
        _ => (None, text),
    }
}

/// Three capital letters.
pub(super) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Whether it is an IBAN: its form and its check digits (ISO 13616).
pub(super) fn is_iban(text: &str) -> bool {
    let form = (15..=34).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && text.bytes().take(2).all(|byte| byte.is_ascii_uppercase())
        && text.bytes().skip(2).take(2).all(|byte| byte.is_ascii_digit());
    if !form {
        return false;
    }
    let turned = text.bytes().skip(4).chain(text.bytes().take(4));
    let rest = turned.fold(0_u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    rest == 1
}

/// A reference, unless it is one of the words that banks write where there is none.
pub(super) fn reference(text: &str) -> Option<String> {
    const FILLERS: &[&str] = &[
        "NONREF",
        "NONE",
        "NOREF",
        "NON REF",
        "NOTPROVIDED",
        "NOT PROVIDED",
        "KREF",
        "KREF+",
        "EREF",
        "EREF+",
        "MREF",
        "MREF+",
        "PREF",
        "MARF",
    ];
    let text = text.trim();
    let says_nothing = FILLERS.iter().any(|filler| text.eq_ignore_ascii_case(filler));
    let empty = text
        .chars()
        .all(|character| matches!(character, '0' | ' ' | '-' | '.'));
    (!says_nothing && !empty).then(|| text.to_owned())
}

/// The beginning of a text, for a message.
pub(super) fn short(text: &str) -> String {
    let mut characters = text.chars();
    let mut cut: String = characters.by_ref().take(60).collect();
    if characters.next().is_some() {
        cut.push('…');
    }
    cut
}
