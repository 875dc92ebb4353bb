//! German account numbers with right check digits, made from numbers or from a text.

use sha2::{Digest, Sha256};

/// The Bankleitzahl of the sandbox's bank; no real bank has it.
const HOUSE: u64 = 99_999_901;
/// That of the payers' bank; no real bank has it either.
const PAYERS: u64 = 99_999_902;

/// The remainder of an IBAN by 97, read with its first four characters behind the rest.
fn remainder(iban: &str) -> Option<u32> {
    let (head, rest) = iban.split_at_checked(4)?;
    rest.chars().chain(head.chars()).try_fold(0, |sum, letter| {
        let value = letter.to_digit(36)?;
        Some((sum * if value > 9 { 100 } else { 10 } + value) % 97)
    })
}

/// Whether it has the form of an IBAN, in upper case without blanks, and its check digits are right.
pub(in crate::sandbox) fn is_valid(iban: &str) -> bool {
    let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    (15..=34).contains(&iban.len())
        && iban.bytes().all(upper)
        && iban.bytes().take(2).all(|byte| byte.is_ascii_uppercase())
        && iban.bytes().skip(2).take(2).all(|byte| byte.is_ascii_digit())
        && (iban.starts_with("DE"))
            .then_some(22)
            .is_none_or(|length| iban.len() == length)
        && remainder(iban) == Some(1)
}

fn german(bank: u64, account: u64) -> String {
    let open = format!("DE00{bank:08}{:010}", account % 10_000_000_000);
    let check = 98 - remainder(&open).unwrap_or_default();
    format!("DE{check:02}{}", &open[4..])
}

/// The account of the place in the world, counted from 0.
pub(super) fn of_place(place: usize) -> String {
    german(HOUSE, u64::try_from(place).unwrap_or(u64::MAX).saturating_add(1))
}

/// A payer's account: the same text has the same.
pub(super) fn of_payer(text: &str) -> String {
    let digest = Sha256::digest(text);
    let number = digest
        .iter()
        .take(7)
        .fold(0, |sum, byte| sum * 256 + u64::from(*byte));
    german(PAYERS, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_made_and_checked() {
        // From the examples that public documentation of the IBAN uses.
        assert!(is_valid("DE89370400440532013000") && is_valid("GB82WEST12345698765432"));
        for wrong in [
            "DE88370400440532013000",
            "DE8937040044053201300",
            "de89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "DE89370400440532013ÄÖ0",
            "",
        ] {
            assert!(!is_valid(wrong), "{wrong}");
        }
        assert_eq!(german(37_040_044, 532_013_000), "DE89370400440532013000");
        for place in 0..200 {
            assert!(is_valid(&of_place(place)));
        }
        assert!(is_valid(&of_payer("K1")) && of_payer("K1") != of_payer("K2"));
    }
}
