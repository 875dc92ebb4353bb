//! Orders to pay money out: each has a number in its Kasse's list, and a reference that goes with the money and is found
//! on the statement.

use std::str::FromStr;

use super::ids::{ExceptionId, PostenId};
use super::money::Cents;

/// How money that is ordered to be paid out leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// The Kasse transfers it from the account; the statement shows it under the reference.
    Bank,
    /// The acquirer gives it back; the provider tells of it.
    Acquirer,
    /// By an Auszahlungsanordnung that is exported, carried out by the Kasse from any account.
    Anordnung,
}

impl Way {
    /// Every way.
    pub const ALL: &'static [Self] = &[Self::Bank, Self::Acquirer, Self::Anordnung];

    /// Its name in plans, tables and documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::Acquirer => "acquirer",
            Self::Anordnung => "anordnung",
        }
    }
}

impl FromStr for Way {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let way = Self::ALL.iter().copied().find(|way| way.as_str() == text);
        way.ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|way| way.as_str()).collect();
            format!("«{text}» is no way to pay out; there are {}", all.join(", "))
        })
    }
}

/// An order to pay money out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutOrder {
    /// Its Posten: what lies there has not left yet.
    pub posten: PostenId,
    /// Its number in its Kasse's list, from 1.
    pub number: i64,
    /// The exception that it resolves.
    pub exception: ExceptionId,
    /// `erstattung` or `weiterleitung`.
    pub how: String,
    /// Its way.
    pub way: Way,
    /// What goes with the money.
    pub reference: String,
    /// How much.
    pub cents: Cents,
}

/// The letters and digits of a reference: those that are not taken for one another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The reference of an order: `AZ` and 11 letters and digits. It is short enough to be typed, and long enough not to be
/// found by chance.
pub fn reference(posten: PostenId) -> String {
    // The end of a UUIDv7 is random; ids of one Change count up, so that no two are alike.
    let mut rest = posten.0.as_u128();
    let mut text = vec![b'0'; 11];
    for place in text.iter_mut().rev() {
        *place = LETTERS[usize::try_from(rest % 32).expect("below 32")];
        rest /= 32;
    }
    format!("AZ{}", String::from_utf8(text).expect("letters and digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_letters_and_digits_only_and_neighbours_differ() {
        let of = |id| reference(PostenId(uuid::Uuid::from_u128(id)));
        assert_eq!(of(0), "AZ00000000000");
        assert_eq!(of(0x0197_a5c0_0000_7000_8123_4567_89ab_cdef), "AZ8T5CY4TQKFF");
        assert_ne!(of(7), of(8));
    }
}
