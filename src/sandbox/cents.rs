//! Money as whole euro cents: read from the text of a JSON number, written with exactly two decimals.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Number, Value};

/// An amount in euro cents; negative when more was paid than owed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Cents(i64);

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CentsError {
    /// Anything but an optional minus, digits, and a dot with decimals.
    #[error("not a decimal amount such as 23.45")]
    NotDecimal,
    /// Tenths of a cent.
    #[error("more than two decimals")]
    TooManyDecimals,
}

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many cents.
    pub const fn new(cents: i64) -> Self {
        Self(cents)
    }

    /// The number of cents.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Reads `23.45`, `23.4` or `23`; never through a float.
    ///
    /// # Errors
    /// [`CentsError`] when the text has another form, more than two decimals or more than 13 digits
    /// before them (ePayBL: decimal(15,2)).
    pub fn parse(text: &str) -> Result<Self, CentsError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(CentsError::NotDecimal),
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 13 || !all_digits(whole) || !all_digits(fraction) {
            return Err(CentsError::NotDecimal);
        }
        if fraction.len() > 2 {
            return Err(CentsError::TooManyDecimals);
        }
        let cents: i64 = format!("{whole}{fraction:0<2}")
            .parse()
            .map_err(|_| CentsError::NotDecimal)?;
        Ok(Self(if negative { -cents } else { cents }))
    }

    /// Reads a JSON number by its text. A string is not an amount, even if it looks like one.
    ///
    /// # Errors
    /// As [`Cents::parse`].
    pub fn from_json(value: &Value) -> Result<Self, CentsError> {
        match value {
            Value::Number(number) => Self::parse(&number.to_string()),
            _ => Err(CentsError::NotDecimal),
        }
    }

    /// The sum, kept within the range of the type.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, kept within the range of the type.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The cents behind the comma, 0 to 99.
    pub const fn cent_part(self) -> u64 {
        self.0.unsigned_abs() % 100
    }

    /// As a German reader expects it: `1.234,50 €`.
    pub fn german(self) -> String {
        let whole = (self.0.unsigned_abs() / 100).to_string();
        let mut grouped = String::new();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                grouped.push('.');
            }
            grouped.push(digit);
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{grouped},{:02} €", self.cent_part())
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(
            formatter,
            "{sign}{}.{:02}",
            self.0.unsigned_abs() / 100,
            self.cent_part()
        )
    }
}

impl Serialize for Cents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // With `arbitrary_precision` a number keeps the text that it was parsed from.
        let number: Number = self.to_string().parse().map_err(serde::ser::Error::custom)?;
        number.serialize(serializer)
    }
}

impl TryFrom<String> for Cents {
    type Error = CentsError;

    fn try_from(text: String) -> Result<Self, CentsError> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_from_the_text_of_the_number() {
        for (text, cents) in [
            ("23.45", 2345),
            ("23.4", 2340),
            ("23", 2300),
            ("0", 0),
            ("-0.05", -5),
        ] {
            let value: Value = serde_json::from_str(text).expect("a number");
            assert_eq!(Cents::from_json(&value), Ok(Cents::new(cents)), "{text}");
        }
        assert_eq!(Cents::parse("23.450"), Err(CentsError::TooManyDecimals));
        for text in ["", "-", "1.", ".5", "1e2", "1,50", "+1", "12345678901234"] {
            assert_eq!(Cents::parse(text), Err(CentsError::NotDecimal), "{text}");
        }
        assert_eq!(
            Cents::from_json(&Value::from("23.45")),
            Err(CentsError::NotDecimal)
        );
    }

    #[test]
    fn amounts_are_written_with_two_decimals() {
        for (cents, json, german) in [
            (4150, "41.50", "41,50 €"),
            (0, "0.00", "0,00 €"),
            (123_456_789, "1234567.89", "1.234.567,89 €"),
        ] {
            let amount = Cents::new(cents);
            assert_eq!(serde_json::to_string(&amount).expect("json"), json);
            assert_eq!(
                serde_json::json!({ "betrag": amount }).to_string(),
                format!("{{\"betrag\":{json}}}")
            );
            assert_eq!(amount.german(), german);
        }
        assert_eq!(Cents::new(-105).to_string(), "-1.05");
        assert_eq!(Cents::new(-105).german(), "-1,05 €");
    }
}
