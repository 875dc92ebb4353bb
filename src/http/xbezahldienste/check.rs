//! The standard's rules for single values, as plain functions. None of them knows where its value stands; the caller
//! adds the path.
//!
//! The published patterns mean ASCII by `\w` and `\d` (ECMA-262); here they are character checks, so that an «ä» is never
//! taken for a letter of an id.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Number, Value};

use crate::domain::ids::IdError;
use crate::domain::money::{Cents, MoneyError};
use crate::domain::time::Timestamp;

/// The highest amount of the standard, 999999 EUR.
pub const HIGHEST: Cents = Cents::new(99_999_900);

/// Longest number text that is read. Longer ones are no amounts, and up to here decimal arithmetic does not round.
const NUMBER_LEN: usize = 28;

/// Why a value is refused. Reads on after the path: `items[0].id: has 40 characters, allowed are 1 to 36`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not there, or null.
    #[error("is required")]
    Missing,
    /// Of another JSON type.
    #[error("is {found}, must be {expected}")]
    Kind {
        /// What arrived.
        found: &'static str,
        /// What the standard says.
        expected: &'static str,
    },
    /// Too short or too long.
    #[error("has {len} characters, allowed are {min} to {max}")]
    Length {
        /// Its length in characters.
        len: usize,
        /// Shortest.
        min: usize,
        /// Longest.
        max: usize,
    },
    /// A character that is not allowed.
    #[error("contains «{bad}», allowed are {allowed}")]
    Character {
        /// The first wrong character.
        bad: char,
        /// The rule in words.
        allowed: &'static str,
    },
    /// A control character.
    #[error("contains the control character U+{:04X}", u32::from(*.0))]
    Control(char),
    /// No amount in whole cents.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A number text that nobody means.
    #[error("is a number of {0} characters, which is no amount in euro and cent")]
    LongNumber(usize),
    /// Zero or negative where the standard wants more.
    #[error("{0} must be more than 0")]
    NotPositive(Cents),
    /// Outside of its range.
    #[error("{value} is not between {min} and {max}")]
    Range {
        /// What arrived.
        value: String,
        /// Lowest.
        min: u32,
        /// Highest.
        max: u32,
    },
    /// Not a whole number.
    #[error("{0} is not a whole number")]
    NotWhole(String),
    /// Another currency.
    #[error("is «{0}», only EUR is supported")]
    Currency(String),
    /// No instant.
    #[error("is not a date and time with offset such as 2026-03-01T12:00:00+01:00 (RFC 3339)")]
    Timestamp,
    /// No address to send a browser to.
    #[error("is not an absolute http or https address in ASCII: {0}")]
    Url(&'static str),
    /// Too many of something.
    #[error("has {len} entries, allowed are {min} to {max}")]
    Entries {
        /// How many.
        len: usize,
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
    },
}

impl From<IdError> for Fault {
    /// Without the offered text: it can be as long as the body.
    fn from(error: IdError) -> Self {
        match error {
            IdError::Length { len, min, max, .. } => Self::Length { len, min, max },
            IdError::Character { bad, .. } if bad.is_control() => Self::Control(bad),
            IdError::Character { bad, allowed, .. } => Self::Character { bad, allowed },
        }
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The fault of a value of the wrong JSON type.
pub const fn wrong_kind(value: &Value, expected: &'static str) -> Fault {
    Fault::Kind {
        found: kind(value),
        expected,
    }
}

/// A JSON string.
///
/// # Errors
/// [`Fault::Kind`]
pub fn text(value: &Value) -> Result<&str, Fault> {
    value.as_str().ok_or_else(|| wrong_kind(value, "a text"))
}

/// A JSON number as the text that arrived; never a float.
///
/// # Errors
/// [`Fault::Kind`]; [`Fault::LongNumber`] above 28 characters, before anybody does arithmetic with it.
pub fn number(value: &Value) -> Result<&str, Fault> {
    let Value::Number(number) = value else {
        return Err(wrong_kind(value, "a number"));
    };
    let text = Number::as_str(number);
    if text.len() > NUMBER_LEN {
        return Err(Fault::LongNumber(text.len()));
    }
    Ok(text)
}

/// `[A-Za-z0-9_-]`, the standard's `[\w\d-]`.
pub const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// The standard's `[\w\d\s-,\.\u00C0-\u017F]`, with the blank as the only white space.
pub const fn is_latin(c: char) -> bool {
    is_word(c) || matches!(c, ' ' | ',' | '.' | '\u{C0}'..='\u{17F}')
}

/// An id or reference of the portal: 1 to 36 of `[A-Za-z0-9_-]`.
///
/// # Errors
/// [`Fault`] names the length or the first character that is wrong.
pub fn word(text: &str) -> Result<String, Fault> {
    length(text, 1, 36)?;
    match text.chars().find(|c| !is_word(*c)) {
        Some(bad) if bad.is_control() => Err(Fault::Control(bad)),
        Some(bad) => Err(Fault::Character {
            bad,
            allowed: "A-Z a-z 0-9 _ -",
        }),
        None => Ok(text.to_owned()),
    }
}

/// Text without line breaks: every white space a blank (CR LF one), trimmed.
///
/// # Errors
/// [`Fault::Control`] for any other control character.
pub fn plain(text: &str) -> Result<String, Fault> {
    let mut plain = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '\n' if before == '\r' => {}
            c if c.is_whitespace() => plain.push(' '),
            c if c.is_control() => return Err(Fault::Control(c)),
            c => plain.push(c),
        }
        before = c;
    }
    Ok(plain.trim().to_owned())
}

/// [`plain`] text of at most `max` characters; `None` where nothing is left.
///
/// # Errors
/// [`Fault::Control`], [`Fault::Length`]
pub fn bounded(text: &str, max: usize) -> Result<Option<String>, Fault> {
    let plain = plain(text)?;
    length(&plain, 0, max)?;
    Ok((!plain.is_empty()).then_some(plain))
}

fn length(text: &str, min: usize, max: usize) -> Result<(), Fault> {
    let len = text.chars().count();
    if (min..=max).contains(&len) {
        Ok(())
    } else {
        Err(Fault::Length { len, min, max })
    }
}

/// An amount of 0 to 999999 EUR in whole cents.
///
/// # Errors
/// [`Fault`] names the amount.
pub fn amount(number: &str) -> Result<Cents, Fault> {
    let cents = Cents::parse(number)?;
    if (Cents::ZERO..=HIGHEST).contains(&cents) {
        Ok(cents)
    } else {
        Err(Fault::Range {
            value: cents.to_string(),
            min: 0,
            max: 999_999,
        })
    }
}

/// An amount above 0 and up to 999999 EUR.
///
/// # Errors
/// [`Fault`] names the amount.
pub fn positive(number: &str) -> Result<Cents, Fault> {
    let cents = Cents::parse(number)?;
    if cents.is_positive() {
        amount(number)
    } else {
        Err(Fault::NotPositive(cents))
    }
}

/// Percent, 0 to 100.
///
/// # Errors
/// [`Fault`] names the number.
pub fn tax_rate(number: &str) -> Result<Decimal, Fault> {
    decimal(number, 0, 100).map(|rate| rate.normalize())
}

/// Pieces, 1 to 999999; `2.0` is whole as well.
///
/// # Errors
/// [`Fault`] names the number.
pub fn quantity(number: &str) -> Result<u32, Fault> {
    let pieces = decimal(number, 1, 999_999)?;
    pieces
        .to_u32()
        .filter(|_| pieces.is_integer())
        .ok_or_else(|| Fault::NotWhole(number.to_owned()))
}

fn decimal(number: &str, min: u32, max: u32) -> Result<Decimal, Fault> {
    let out_of_range = || Fault::Range {
        value: number.to_owned(),
        min,
        max,
    };
    let decimal = Decimal::from_str_exact(number)
        .or_else(|_| Decimal::from_scientific(number))
        .map_err(|_| out_of_range())?;
    if (Decimal::from(min)..=Decimal::from(max)).contains(&decimal) {
        Ok(decimal)
    } else {
        Err(out_of_range())
    }
}

/// The only currency.
///
/// # Errors
/// [`Fault::Currency`] names another.
pub fn currency(text: &str) -> Result<(), Fault> {
    if text == "EUR" {
        Ok(())
    } else {
        Err(Fault::Currency(text.chars().take(10).collect()))
    }
}

/// An instant with its offset.
///
/// # Errors
/// [`Fault::Timestamp`]
pub fn timestamp(text: &str) -> Result<Timestamp, Fault> {
    let instant: jiff::Timestamp = text.trim().parse().map_err(|_| Fault::Timestamp)?;
    Ok(Timestamp::from_instant(instant))
}

/// The address that the browser goes back to: absolute, http or https, 1 to 2082 characters, kept as it came. Only
/// visible ASCII, as RFC 3986 says, since it becomes a header value.
///
/// # Errors
/// [`Fault`]; the address itself is not named, it may carry a secret of the portal.
pub fn redirect_url(text: &str) -> Result<String, Fault> {
    length(text, 1, 2082)?;
    if !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Fault::Url("it has blanks, control or non-ASCII characters"));
    }
    let scheme = text
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    if !matches!(scheme.as_deref(), Some("http" | "https")) {
        return Err(Fault::Url("it does not begin with http:// or https://"));
    }
    match url::Url::parse(text) {
        Ok(url) if url.has_host() => Ok(text.to_owned()),
        _ => Err(Fault::Url("it cannot be parsed")),
    }
}
