//! Structured creditor references (ISO 11649): `RF`, two check digits, up to 21 letters and digits.

/// `RF` and its check digits.
pub(super) const HEAD: usize = 4;
/// The longest of them.
const LONGEST: usize = 25;

/// Whether it begins like one; letters are capitals.
pub(super) fn head(text: &[u8]) -> bool {
    matches!(text, [b'R', b'F', a, b, _, ..] if a.is_ascii_digit() && b.is_ascii_digit())
}

/// Whether its check digits are right: ISO 7064 mod 97-10 over the text with its head put last, A is 10, Z is 35.
pub(super) fn valid(text: &[u8]) -> bool {
    if !head(text) || text.len() > LONGEST {
        return false;
    }
    let (first, last) = text.split_at(HEAD);
    let rest = last.iter().chain(first).fold(0_u32, |rest, char| match char {
        b'0'..=b'9' => (rest * 10 + u32::from(char - b'0')) % 97,
        b'A'..=b'Z' => (rest * 100 + u32::from(char - b'A') + 10) % 97,
        _ => 0,
    });
    rest == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_tell_a_slip_of_the_pen() {
        assert!(valid(b"RF18539007547034"));
        assert!(!valid(b"RF18539007547043"));
        assert!(!valid(b"RF19539007547034"));
        assert!(!valid(b"RF18"));
        assert!(valid(b"RF471001ABC"), "letters count too");
    }
}
