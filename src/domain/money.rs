//! Money: whole euro cents in a checked integer. Decimal text is parsed and printed at the edges; a float never
//! touches an amount.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// An amount in whole euro cents; may be negative where a difference is meant.
///
/// Arithmetic panics on overflow instead of wrapping: an amount that leaves `i64` is a fault of the program, and the
/// Change that carries it must not be committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cents(i64);

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number at all.
    #[error("«{0}» is not a decimal amount")]
    NotDecimal(String),
    /// More than two decimal places that are not zero.
    #[error("{0} has a fraction of a cent; amounts have two decimal places")]
    FractionOfCent(String),
    /// Outside of what can be held.
    #[error("{0} is too large an amount")]
    TooLarge(String),
}

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From whole cents.
    pub const fn new(cents: i64) -> Self {
        Self(cents)
    }

    /// Whole cents.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Reads decimal text such as `23.45`, `23`, `2.345e1`.
    ///
    /// # Errors
    /// [`MoneyError`] says what is wrong: no number, a fraction of a cent, too large.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        // Longer texts would be rounded by the decimal library instead of refused.
        if text.len() > 28 {
            return Err(MoneyError::TooLarge(text.to_owned()));
        }
        let decimal = Decimal::from_str_exact(text)
            .or_else(|_| Decimal::from_scientific(text))
            .map_err(|_| MoneyError::NotDecimal(text.to_owned()))?;
        let cents = decimal
            .checked_mul(Decimal::ONE_HUNDRED)
            .ok_or_else(|| MoneyError::TooLarge(text.to_owned()))?;
        if !cents.fract().is_zero() {
            return Err(MoneyError::FractionOfCent(text.to_owned()));
        }
        cents
            .to_i64()
            .map(Self)
            .ok_or_else(|| MoneyError::TooLarge(text.to_owned()))
    }

    /// The amount as an exact decimal with two places, for wire formats.
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// German notation for people: `1.234,50 €`.
    pub fn german(self) -> String {
        let digits = (self.0.unsigned_abs() / 100).to_string();
        let mut grouped = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push('.');
            }
            grouped.push(digit);
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{grouped},{:02} €", self.0.unsigned_abs() % 100)
    }

    /// The sum, unless it is too large to be held: for amounts that nobody has checked yet.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, unless it is too large to be held: for amounts that nobody has checked yet.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The smaller of two amounts.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }

    /// The amount, or nothing where it is negative.
    #[must_use]
    pub fn or_zero(self) -> Self {
        Self(self.0.max(0))
    }

    /// Whether it is more than nothing.
    pub fn is_positive(self) -> bool {
        self.0 > 0
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl Add for Cents {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.checked_add(other.0).expect("an amount fits 64 bits"))
    }
}

impl AddAssign for Cents {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Cents {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.checked_sub(other.0).expect("an amount fits 64 bits"))
    }
}

impl Neg for Cents {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.checked_neg().expect("an amount fits 64 bits"))
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, |sum, amount| sum + amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_text_becomes_whole_cents() {
        for (text, cents) in [
            ("23.45", 2345),
            ("23", 2300),
            ("0.1", 10),
            ("2.345e1", 2345),
            ("23.4500", 2345),
        ] {
            assert_eq!(Cents::parse(text), Ok(Cents::new(cents)), "{text}");
        }
    }

    #[test]
    fn a_fraction_of_a_cent_is_named_and_refused() {
        assert_eq!(
            Cents::parse("1.005"),
            Err(MoneyError::FractionOfCent("1.005".into()))
        );
        assert!(matches!(Cents::parse("NaN"), Err(MoneyError::NotDecimal(_))));
        assert!(matches!(
            Cents::parse("999999999999999999999"),
            Err(MoneyError::TooLarge(_))
        ));
    }

    #[test]
    fn amounts_print_for_machines_and_for_people() {
        assert_eq!(Cents::new(-5).to_string(), "-0.05");
        assert_eq!(Cents::new(123_456_789).german(), "1.234.567,89 €");
        assert_eq!(Cents::new(-4150).german(), "-41,50 €");
    }
}
