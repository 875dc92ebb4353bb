//! Bringing our own words into the standard's character sets.
//!
//! Our errors are written for people and logs, with paths, colons and quotes. A portal that validates takes none of
//! these, so at the edge they are transliterated, never dropped without a trace of their meaning.

use super::check::{is_latin, is_word};

/// The longest `detail` of a SystemResponse.
pub const DETAIL_LEN: usize = 2000;

/// Text for `SystemResponse.detail`: 1 to 2000 of `[A-Za-z0-9_\s\-,\.\u00C0-\u017F]`. `items[1].id: 3/4` becomes
/// `items 1 . id - 3-4`. Never empty: where nothing is left it is `fallback`.
pub fn detail(text: &str, fallback: &'static str) -> String {
    let mut latin = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ':' if chars.peek().is_none_or(|next| next.is_whitespace()) => latin.push_str(" -"),
            ':' | '/' | '\\' | '=' | '|' | '~' | '–' | '—' | '\u{2010}'..='\u{2012}' => latin.push('-'),
            ']' if chars.peek() == Some(&'.') => {
                chars.next();
                latin.push_str(" . ");
            }
            ';' => latin.push(','),
            '!' | '?' | '·' => latin.push('.'),
            '…' => latin.push_str("..."),
            '&' => latin.push_str(" and "),
            '+' => latin.push_str(" plus "),
            '@' => latin.push_str(" at "),
            '%' => latin.push_str(" percent "),
            '§' => latin.push_str(" Par. "),
            '€' => latin.push_str(" EUR "),
            '<' => latin.push_str(" less than "),
            '>' => latin.push_str(" more than "),
            '≤' => latin.push_str(" at most "),
            '≥' => latin.push_str(" at least "),
            'ẞ' => latin.push_str("SS"),
            '«' | '»' | '"' | '\'' | '`' | '´' | '„' | '“' | '”' | '‘' | '’' | '‚' | '*' | '#' =>
                {}
            c if is_latin(c) => latin.push(c),
            _ => latin.push(' '),
        }
    }
    let mut tidy = String::with_capacity(latin.len());
    for word in latin.split_whitespace() {
        if !tidy.is_empty() && !word.starts_with(',') {
            tidy.push(' ');
        }
        tidy.push_str(word);
    }
    let cut: String = tidy.chars().take(DETAIL_LEN).collect();
    // Something to read must be left, not punctuation alone.
    if cut.chars().any(char::is_alphanumeric) {
        cut.trim_end().to_owned()
    } else {
        fallback.to_owned()
    }
}

/// Text for `statusDetail` and `paymentMethodDetail`: 1 to `max` of `[A-Za-z0-9_-]`, other characters as one hyphen
/// (`Karte abgelaufen` becomes `Karte-abgelaufen`). `None` where nothing is left.
pub fn word(text: &str, max: usize) -> Option<String> {
    let mut word = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ä' => word.push_str("ae"),
            'ö' => word.push_str("oe"),
            'ü' => word.push_str("ue"),
            'Ä' => word.push_str("Ae"),
            'Ö' => word.push_str("Oe"),
            'Ü' => word.push_str("Ue"),
            'ß' => word.push_str("ss"),
            c if is_word(c) && c != '-' => word.push(c),
            _ if word.ends_with('-') => {}
            _ => word.push('-'),
        }
    }
    let cut: String = word.trim_start_matches('-').chars().take(max).collect();
    let cut = cut.trim_end_matches('-');
    (!cut.is_empty()).then(|| cut.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_fault_stays_readable_without_colons_and_quotes() {
        for (text, expected) in [
            (
                "items[1].totalNetAmount: 12.345 has a fraction of a cent; amounts have two decimal places",
                "items 1 . totalNetAmount - 12.345 has a fraction of a cent, amounts have two decimal places",
            ),
            (
                "item 1: bookingData has no «haushaltsstelle»",
                "item 1 - bookingData has no haushaltsstelle",
            ),
            ("um 12:30 Uhr, ≤ 5 € (§ 7)", "um 12-30 Uhr, at most 5 EUR Par. 7"),
            ("Gebühr für Straße\r\nund Plätze", "Gebühr für Straße und Plätze"),
            ("", "fallback"),
            ("«»: ;", "fallback"),
        ] {
            assert_eq!(detail(text, "fallback"), expected);
        }
    }

    #[test]
    fn a_remark_becomes_one_word() {
        assert_eq!(
            word("Karte abgelaufen (Bank)", 99).as_deref(),
            Some("Karte-abgelaufen-Bank")
        );
        assert_eq!(word("Überweisung", 5).as_deref(), Some("Ueber"));
        assert_eq!(word("?? !", 99), None);
    }

    proptest! {
        #[test]
        fn whatever_comes_in_fits_the_pattern(text in ".{0,2500}") {
            let cleaned = detail(&text, "fallback");
            prop_assert!((1..=DETAIL_LEN).contains(&cleaned.chars().count()));
            prop_assert!(cleaned.chars().all(is_latin));
            if let Some(word) = word(&text, 36) {
                prop_assert!((1..=36).contains(&word.len()) && word.chars().all(is_word));
            }
        }
    }
}
