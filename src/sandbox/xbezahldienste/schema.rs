//! Reads JSON as the schemas of the standard describe it: members, types, lengths, letters, ranges.
//!
//! A member that is null is taken as absent: real portals send nulls, and the standard's own services take
//! them. Where the published pattern says `\w` it means ASCII.

use std::str::FromStr;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use url::Url;

use super::problem::Problem;
use crate::sandbox::Cents;

/// The letters that a text may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    /// `[\w-]`
    Id,
    /// `[\w]`
    Word,
    /// `[\w\s-]`
    Purpose,
    /// `[\w\s\-,\.\u00C0-\u017F]`
    Latin,
    /// `[\d]`
    Digits,
    /// `[A-Z]`
    Capitals,
    /// DIN 91379 A, by Unicode blocks: names of people.
    DinA,
    /// DIN 91379 B, likewise: places and streets.
    DinB,
    /// DIN 91379 C and D, likewise: everything else.
    DinC,
    /// Whatever is no control character.
    Any,
}

impl Letters {
    pub(super) fn allow(self, letter: char) -> bool {
        let word = letter.is_ascii_alphanumeric() || letter == '_';
        let blocks = |more: bool| {
            matches!(letter, '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{36f}' | '\u{1e00}'..='\u{1eff}' | '\u{2000}'..='\u{22ff}')
                || more
                    && matches!(letter, '\n' | '\r' | '\t' | '\u{370}'..='\u{4ff}' | '\u{1f00}'..='\u{1fff}')
        };
        match self {
            Self::Id => word || letter == '-',
            Self::Word => word,
            Self::Purpose => word || letter == '-' || letter.is_whitespace(),
            Self::Latin => {
                word || "-,.".contains(letter)
                    || letter.is_whitespace()
                    || ('\u{c0}'..='\u{17f}').contains(&letter)
            }
            Self::Digits => letter.is_ascii_digit(),
            Self::Capitals => letter.is_ascii_uppercase(),
            Self::DinA => {
                blocks(false)
                    && (letter.is_alphabetic()
                        || " ',-.`~¨´·ʹʺʼʾʿˈˌ’‡".contains(letter)
                        || ('\u{300}'..='\u{36f}').contains(&letter))
            }
            Self::DinB => blocks(false),
            Self::DinC => blocks(true),
            Self::Any => !letter.is_control(),
        }
    }
}

/// An id of the standard, up to so many characters.
pub(in crate::sandbox) fn is_id(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.chars().all(|letter| Letters::Id.allow(letter))
}

/// A JSON object, and where it stands in the body.
pub(super) struct Object<'a> {
    at: String,
    members: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    /// # Errors
    /// When it is no object, or has a member besides `known`.
    pub(super) fn read(value: &'a Value, at: &str, known: &[&str]) -> Result<Self, Problem> {
        let Value::Object(members) = value else {
            let what = if at.is_empty() { "the body" } else { at };
            return Err(Problem::validation(&format!("{what} is no object")));
        };
        let object = Self {
            at: at.to_owned(),
            members,
        };
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(object.wrong(name, "is no member of this version")),
            None => Ok(object),
        }
    }

    fn place(&self, name: &str) -> String {
        if self.at.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.at)
        }
    }

    pub(super) fn wrong(&self, name: &str, what: &str) -> Problem {
        Problem::validation(&format!("{} {what}", self.place(name)))
    }

    /// The member, if it is there and not null.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// # Errors
    /// When it is missing.
    pub(super) fn need<T>(&self, name: &str, read: Option<T>) -> Result<T, Problem> {
        read.ok_or_else(|| self.wrong(name, "is missing"))
    }

    /// # Errors
    /// When it is no text, or has a length or letters that it may not have.
    pub(super) fn text(
        &self,
        name: &str,
        shortest: usize,
        longest: usize,
        letters: Letters,
    ) -> Result<Option<&'a str>, Problem> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        self.text_of(name, value, shortest, longest, letters).map(Some)
    }

    /// As [`Object::text`], of a value that stands below the member.
    pub(super) fn text_of(
        &self,
        name: &str,
        value: &'a Value,
        shortest: usize,
        longest: usize,
        letters: Letters,
    ) -> Result<&'a str, Problem> {
        let text = value.as_str().ok_or_else(|| self.wrong(name, "is no text"))?;
        let length = text.chars().count();
        if !(shortest..=longest).contains(&length) {
            let what = format!("has {length} characters, it may have {shortest} to {longest}");
            return Err(self.wrong(name, &what));
        }
        match text.chars().position(|letter| !letters.allow(letter)) {
            None => Ok(text),
            Some(place) => {
                let letter = text.chars().nth(place).map_or(0, u32::from);
                let what = format!(
                    "has a character that it may not have, U-{letter:04X} at {}",
                    place + 1
                );
                Err(self.wrong(name, &what))
            }
        }
    }

    /// # Errors
    /// When it is none of them.
    pub(super) fn one_of(&self, name: &str, known: &[&str]) -> Result<Option<&'a str>, Problem> {
        match self.get(name).map(Value::as_str) {
            None => Ok(None),
            Some(Some(text)) if known.contains(&text) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, &format!("is not {}", known.join(" or ")))),
        }
    }

    /// # Errors
    /// When it is no number, or out of its range.
    pub(super) fn number(&self, name: &str, range: Range) -> Result<Option<Decimal>, Problem> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let Value::Number(number) = value else {
            return Err(self.wrong(name, "is no number"));
        };
        let text = number.to_string();
        let read = if text.contains(['e', 'E']) {
            Decimal::from_scientific(&text)
        } else {
            Decimal::from_str_exact(&text)
        };
        let number = read.map_err(|_| self.wrong(name, "is a number with too many digits"))?;
        let most = Decimal::from(range.most);
        let least = Decimal::from(range.least);
        if number > most || number < least || (range.above && number == least) {
            let than = if range.above { "more than" } else { "at least" };
            return Err(self.wrong(
                name,
                &format!("is {number}, it must be {than} {least} and at most {most}"),
            ));
        }
        Ok(Some(number))
    }

    /// An amount in whole cents.
    ///
    /// # Errors
    /// As [`Object::number`], and for tenths of a cent.
    pub(super) fn amount(&self, name: &str, range: Range) -> Result<Option<Cents>, Problem> {
        let Some(number) = self.number(name, range)? else {
            return Ok(None);
        };
        let cents = (number * Decimal::ONE_HUNDRED).normalize();
        if cents.scale() > 0 {
            return Err(self.wrong(name, &format!("is {number}, which is no whole number of cents")));
        }
        let cents = i64::try_from(cents.mantissa()).map_err(|_| self.wrong(name, "is too large"))?;
        Ok(Some(Cents::new(cents)))
    }

    /// # Errors
    /// When it is no date with time and offset (RFC 3339).
    pub(super) fn timestamp(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.text(name, 1, 64, Letters::Any)? else {
            return Ok(None);
        };
        let bytes = text.as_bytes();
        let digits = "0000-00-00T00:00:00";
        let shape = bytes.len() > digits.len()
            && bytes.iter().zip(digits.bytes()).all(|(byte, like)| match like {
                b'0' => byte.is_ascii_digit(),
                b'T' => byte.eq_ignore_ascii_case(&b'T'),
                other => *byte == other,
            });
        let behind = text.get(digits.len()..).unwrap_or_default();
        let offset = behind.trim_start_matches(|letter: char| letter == '.' || letter.is_ascii_digit());
        let zone = offset.eq_ignore_ascii_case("Z") || offset.len() == "+00:00".len();
        match (shape && zone).then(|| Timestamp::from_str(text)) {
            Some(Ok(timestamp)) => Ok(Some(timestamp)),
            _ => Err(self.wrong(name, "is no date with time and offset as in RFC 3339")),
        }
    }

    /// # Errors
    /// When it is no address that a browser can be sent to.
    pub(super) fn address(&self, name: &str) -> Result<Option<Url>, Problem> {
        let Some(text) = self.text(name, 1, 2082, Letters::Any)? else {
            return Ok(None);
        };
        (Url::parse(text).ok())
            .filter(|url| matches!(url.scheme(), "http" | "https") && text.is_ascii())
            .map(Some)
            .ok_or_else(|| self.wrong(name, "is no http or https address"))
    }

    /// The object below.
    ///
    /// # Errors
    /// As [`Object::read`].
    pub(super) fn object(&self, name: &str, known: &[&str]) -> Result<Option<Object<'a>>, Problem> {
        (self.get(name))
            .map(|value| Object::read(value, &self.place(name), known))
            .transpose()
    }

    /// The objects of a list.
    ///
    /// # Errors
    /// When it is no list, or has fewer or more entries than it may have.
    pub(super) fn list(
        &self,
        name: &str,
        fewest: usize,
        most: usize,
    ) -> Result<Option<&'a [Value]>, Problem> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let list = value.as_array().ok_or_else(|| self.wrong(name, "is no list"))?;
        if (fewest..=most).contains(&list.len()) {
            return Ok(Some(list));
        }
        let what = format!("has {} entries, it may have {fewest} to {most}", list.len());
        Err(self.wrong(name, &what))
    }
}

/// From where to where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) least: u32,
    /// The least is not in it.
    pub(super) above: bool,
    pub(super) most: u32,
}

impl Range {
    /// An amount that is something.
    pub(super) const POSITIVE: Self = Self {
        least: 0,
        above: true,
        most: 999_999,
    };
    /// An amount that may be nothing.
    pub(super) const NOT_NEGATIVE: Self = Self {
        above: false,
        ..Self::POSITIVE
    };
    pub(super) const PERCENT: Self = Self {
        least: 0,
        above: false,
        most: 100,
    };
    pub(super) const PIECES: Self = Self {
        least: 1,
        above: false,
        most: 999_999,
    };
}

/// Where a null is.
pub(super) fn first_null(value: &Value, at: &str) -> Option<String> {
    let below = |name: &str| {
        if at.is_empty() {
            name.to_owned()
        } else {
            format!("{at}.{name}")
        }
    };
    match value {
        Value::Null => Some(at.to_owned()),
        Value::Object(members) => (members.iter()).find_map(|(name, value)| first_null(value, &below(name))),
        Value::Array(values) => (values.iter().enumerate())
            .find_map(|(place, value)| first_null(value, &below(&place.to_string()))),
        _ => None,
    }
}

/// The same without members that are null.
pub(super) fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => (members.iter())
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), without_nulls(value)))
            .collect(),
        Value::Array(values) => values.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}
