//! Fields that look alike wherever they stand: amounts, directions, days, numbers, bank transaction codes.

use jiff::civil::Date;

use super::tree::At;
use super::xml::Fault;
use crate::domain::money::{Cents, MoneyError};
use crate::domain::statement::{Code, Direction};

/// An amount with its currency, or with `fallback` where it names none.
///
/// # Errors
/// It is no amount, is negative, has a fraction of a cent, or has no currency.
pub fn amount(at: At<'_>, fallback: Option<&str>) -> Result<(Cents, String), Fault> {
    let cents = cents(at)?;
    let Some(currency) = at.currency().or(fallback) else {
        let reason = format!("{} names no currency, and neither does the account", at.name());
        return Err(at.fault(reason));
    };
    Ok((cents, currency.to_owned()))
}

/// An amount without regard to its currency.
///
/// # Errors
/// As [`amount`].
pub fn cents(at: At<'_>) -> Result<Cents, Fault> {
    let written = at.value();
    let number: String = written.chars().filter(|c| !c.is_whitespace()).collect();
    parse(&number).map_err(|error| at.fault(format!("{}: {error}", at.name())))
}

/// A stated total as a magnitude: its name says the direction, and some banks write debits with a minus all the same.
///
/// # Errors
/// As [`amount`].
pub fn total(at: At<'_>) -> Result<Cents, Fault> {
    let number: String = at.value().chars().filter(|c| !c.is_whitespace()).collect();
    let magnitude = number.strip_prefix('-').unwrap_or(&number);
    parse(magnitude).map_err(|error| at.fault(format!("{}: {error}", at.name())))
}

/// Plain digits with at most one point, as XML schema writes a decimal. No exponent, no grouping, no comma.
fn parse(number: &str) -> Result<Cents, String> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    if digits.starts_with('-') {
        return Err(format!(
            "{} is negative; amounts are told as magnitude and direction",
            shown(number)
        ));
    }
    let plain = digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && digits.chars().filter(|c| *c == '.').count() <= 1
        && digits.chars().any(|c| c.is_ascii_digit());
    if !plain {
        return Err(MoneyError::NotDecimal(shown(number)).to_string());
    }
    // Zeros that say nothing: banks pad on both sides.
    let digits = digits.trim_start_matches('0');
    let digits = match digits.split_once('.') {
        Some((whole, fraction)) => format!("0{whole}.{:0<2}", fraction.trim_end_matches('0')),
        None => format!("0{digits}"),
    };
    Cents::parse(&digits).map_err(|error| match error {
        MoneyError::NotDecimal(_) => MoneyError::NotDecimal(shown(number)).to_string(),
        MoneyError::FractionOfCent(_) => MoneyError::FractionOfCent(shown(number)).to_string(),
        MoneyError::TooLarge(_) => MoneyError::TooLarge(shown(number)).to_string(),
    })
}

/// A text for a message, cut where it is longer than a message should be.
pub fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

/// The direction of what stands at `at`, where it says one.
///
/// # Errors
/// `CdtDbtInd` is neither `CRDT` nor `DBIT`.
pub fn direction(at: At<'_>) -> Result<Option<Direction>, Fault> {
    let Some(indicator) = at.find("CdtDbtInd") else {
        return Ok(None);
    };
    match indicator.value().trim() {
        "CRDT" => Ok(Some(Direction::Credit)),
        "DBIT" => Ok(Some(Direction::Debit)),
        other => Err(indicator.fault(format!("CdtDbtInd «{}» is neither CRDT nor DBIT", shown(other)))),
    }
}

/// The day as it is written in `Dt` or `DtTm` (or without either), whatever its zone; none where it is no day.
pub fn day(at: At<'_>) -> Option<Date> {
    let text = at.first(&["Dt", "DtTm"]).or_else(|| at.text())?;
    date(&text)
}

/// The day at the begin of a date or an instant.
pub fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    let day = text.get(..10)?;
    // What follows a day is a time or a zone; with one more digit it is none.
    let clean = text[10..]
        .chars()
        .next()
        .is_none_or(|next| !next.is_ascii_digit());
    let shape = day.bytes().enumerate().all(|(index, byte)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    (clean && shape).then(|| day.parse().ok()).flatten()
}

/// A whole number, where it is one.
pub fn number<N: std::str::FromStr>(at: At<'_>, paths: &[&str]) -> Option<N> {
    at.first(paths)?.parse().ok()
}

/// `true` or `1`.
pub fn yes(at: At<'_>, path: &str) -> bool {
    at.find(path)
        .is_some_and(|at| matches!(at.value().trim(), "true" | "1" | "TRUE" | "True"))
}

/// `BkTxCd`: ISO's domain, family and sub-family, and the German code in `Prtry`, which is
/// `<SWIFT type>+<GVC>+<Primanota>+<Textschlüsselergänzung>` (Deutsche Kreditwirtschaft, DFÜ agreement, Anlage 3).
pub fn code(at: At<'_>) -> Code {
    let Some(code) = at.find("BkTxCd") else {
        return Code::default();
    };
    // Some banks fill what they do not know with stars.
    let iso: Vec<String> = ["Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd"]
        .into_iter()
        .map_while(|path| {
            code.first(&[path])
                .filter(|part| part.len() == 4 && part != "****")
        })
        .collect();
    let mut german = code
        .all("Prtry")
        .into_iter()
        .find_map(|proprietary| {
            let issuer = proprietary.first(&["Issr"]).unwrap_or_default();
            german(&proprietary.first(&["Cd"])?, &issuer)
        })
        .unwrap_or_default();
    german.iso = (!iso.is_empty()).then(|| iso.join("-"));
    german
}

fn german(code: &str, issuer: &str) -> Option<Code> {
    let told = ["DK", "ZKA"].iter().any(|name| issuer.eq_ignore_ascii_case(name));
    // A lone number is a German code only where its issuer says so: other countries have numbers too.
    let likely = issuer.is_empty() && code.contains('+');
    if !(told || likely) {
        return None;
    }
    let mut parts = code.split('+').map(str::trim).peekable();
    let swift = parts.next_if(|first| {
        first.len() == 4
            && first.starts_with(['N', 'F', 'S'])
            && first.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    let gvc = parts.next_if(|part| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit()));
    if swift.is_none() && gvc.is_none() {
        return None;
    }
    let mut rest = parts.map(|part| (!part.is_empty()).then(|| part.to_owned()));
    Some(Code {
        gvc: gvc.map(str::to_owned),
        iso: None,
        swift: swift.map(str::to_owned),
        primanota: rest.next().flatten(),
        key_extension: rest.next().flatten(),
    })
}
