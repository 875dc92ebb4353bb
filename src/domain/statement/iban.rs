//! International bank account numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An IBAN without blanks, whose check digits are right (ISO 13616).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Iban(String);

/// Why a text is no IBAN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IbanError {
    /// Not two letters, two digits and 11 to 30 letters and digits (in Germany 18 digits).
    #[error("«{0}» has not the form of an IBAN, such as DE02 1203 0000 0000 2020 51")]
    Form(String),
    /// The check digits are not those of the rest.
    #[error("«{0}» has wrong check digits: one of its characters is mistyped")]
    Check(String),
}

impl Iban {
    /// Reads it, with or without blanks, in capitals or not.
    ///
    /// # Errors
    /// [`IbanError`] says whether form or check digits are wrong.
    pub fn parse(text: &str) -> Result<Self, IbanError> {
        let plain: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let bytes = plain.as_bytes();
        let form = (15..=34).contains(&bytes.len())
            && bytes.iter().all(u8::is_ascii_alphanumeric)
            && bytes[..2].iter().all(u8::is_ascii_uppercase)
            && bytes[2..4].iter().all(u8::is_ascii_digit)
            && (!plain.starts_with("DE") || (bytes.len() == 22 && bytes[4..].iter().all(u8::is_ascii_digit)));
        if !form {
            return Err(IbanError::Form(text.to_owned()));
        }
        // ISO 7064 mod 97-10: country and check digits behind the rest, letters as 10 to 35.
        let remainder = bytes[4..].iter().chain(&bytes[..4]).fold(0_u32, |sum, byte| {
            let value = u32::from(*byte);
            if byte.is_ascii_digit() {
                (sum * 10 + value - u32::from(b'0')) % 97
            } else {
                (sum * 100 + value - u32::from(b'A') + 10) % 97
            }
        });
        if remainder == 1 {
            Ok(Self(plain))
        } else {
            Err(IbanError::Check(text.to_owned()))
        }
    }

    /// Without blanks, in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In groups of four, for people.
    pub fn grouped(&self) -> String {
        crate::domain::girocode::iban_for_people(&self.0)
    }
}

impl fmt::Display for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Iban {
    type Error = IbanError;

    fn try_from(text: String) -> Result<Self, IbanError> {
        Self::parse(&text)
    }
}

impl From<Iban> for String {
    fn from(iban: Iban) -> Self {
        iban.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iban_is_read_as_people_write_it() {
        for text in [
            "DE02120300000000202051",
            "de02 1203 0000 0000 2020 51",
            "GB82 WEST 1234 5698 7654 32",
            "NO93 8601 1117 947",
        ] {
            let iban = Iban::parse(text).expect("an IBAN");
            assert_eq!(iban.as_str(), text.replace(' ', "").to_uppercase());
            assert_eq!(iban.grouped().replace(' ', ""), iban.as_str());
        }
    }

    #[test]
    fn one_wrong_character_is_noticed() {
        let good = "DE02120300000000202051";
        for at in 4..good.len() {
            let mut wrong = good.to_owned();
            let digit = if &good[at..=at] == "9" { "8" } else { "9" };
            wrong.replace_range(at..=at, digit);
            assert_eq!(Iban::parse(&wrong), Err(IbanError::Check(wrong.clone())));
        }
        for form in [
            "",
            "DE02",
            "DE0212030000000020205",
            "D102120300000000202051",
            "12030000/202051",
            "DE02120300000000ABCD51",
        ] {
            assert_eq!(Iban::parse(form), Err(IbanError::Form(form.to_owned())), "{form}");
        }
    }
}
