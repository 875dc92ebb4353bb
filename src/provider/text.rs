//! Texts and names in ePayBL's character set and lengths. Nothing is ever refused for its length: it is cut.
//!
//! Lengths count as ePayBL (Java) counts them, in UTF-16 units. To allow one more character in a Buchungstext, extend
//! `allowed`; to spell a foreign letter in Latin ones, extend `latin`.

/// What a Buchungstext may consist of besides `A-Z 0-9` (ePayBL −0610).
const SIGNS: &str = ",.:/+&-*$%ÄÖÜß";

/// Where neither the text nor the fallback leaves anything to print.
const LAST_RESORT: &str = "ZAHLUNG";

/// Brings a text to the character set of a Buchungstext: upper case, foreign letters spelled in Latin ones, all else
/// a blank, blanks collapsed, cut to `max`. Never empty: the fallback stands in.
pub fn buchungstext(text: &str, max: usize, fallback: &str) -> String {
    [text, fallback, LAST_RESORT]
        .into_iter()
        .map(|candidate| cut(&collapsed(&transliterated(candidate)), max))
        .find(|candidate| !candidate.is_empty())
        .unwrap_or_default()
}

/// An organisation's name over two fields of `max`, at a blank where there is one: ePayBL hands on
/// «Nachname Vorname», so the name reads on there. What fits neither is cut.
pub fn organisation(text: &str, max: usize) -> (String, Option<String>) {
    let whole = plain(text);
    let first = cut(&whole, max);
    if first.len() == whole.len() {
        return (first, None);
    }
    let next_is_blank = whole[first.len()..].starts_with(' ');
    let split = match first.rfind(' ') {
        Some(blank) if !next_is_blank => blank,
        _ => first.len(),
    };
    let rest = cut(whole[split..].trim(), max);
    (whole[..split].to_owned(), (!rest.is_empty()).then_some(rest))
}

/// Free text, a person's name: control characters gone, blanks collapsed, cut to `max`; may be empty.
pub fn free(text: &str, max: usize) -> String {
    cut(&plain(text), max)
}

/// A text in ASCII letters, digits, `_` and `-`: umlauts and foreign letters spelled in Latin ones, all else a blank,
/// blanks collapsed, cut to `max`; may be empty (XBezahldienste, purpose).
pub fn ascii(text: &str, max: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ä' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'Ä' => out.push_str("AE"),
            'Ö' => out.push_str("OE"),
            'Ü' => out.push_str("UE"),
            'ẞ' => out.push_str("SS"),
            _ if c.is_ascii_alphanumeric() || c == '_' || c == '-' => out.push(c),
            // A combining diaeresis makes the umlaut of the letter before it; other combining marks are dropped.
            '\u{308}' => match out.chars().last() {
                Some('a' | 'o' | 'u') => out.push('e'),
                Some('A' | 'O' | 'U') => out.push('E'),
                _ => {}
            },
            '\u{300}'..='\u{36F}' => {}
            _ => {
                let spelled: String = c.to_uppercase().map(latin).collect();
                if c.is_lowercase() {
                    out.push_str(&spelled.to_lowercase());
                } else {
                    out.push_str(&spelled);
                }
            }
        }
    }
    cut(&collapsed(&out), max)
}

/// A code that the provider chose (Zahlverfahren, payment provider) as a name that our ids and account names can
/// carry: what they cannot is `_`, cut to 36. None where nothing is left. A label we did not expect must not keep
/// money from being booked.
pub fn label(text: &str) -> Option<String> {
    let label: String = text
        .trim()
        .chars()
        .take(36)
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect();
    (!label.is_empty()).then_some(label)
}

fn allowed(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit() || SIGNS.contains(c)
}

/// Upper case and the allowed characters; everything else is a blank. ß stays, as ePayBL allows it.
fn transliterated(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ß' | 'ẞ' => out.push('ß'),
            // A combining diaeresis makes the umlaut of the letter before it; other combining marks are dropped.
            '\u{308}' => match out.pop() {
                Some('A') => out.push('Ä'),
                Some('O') => out.push('Ö'),
                Some('U') => out.push('Ü'),
                Some(other) => out.push(other),
                None => {}
            },
            '\u{300}'..='\u{36F}' => {}
            _ => {
                for upper in c.to_uppercase() {
                    if allowed(upper) {
                        out.push(upper);
                    } else {
                        out.push_str(latin(upper));
                    }
                }
            }
        }
    }
    out
}

/// How an upper-case letter or sign that is not allowed is written with allowed ones.
fn latin(c: char) -> &'static str {
    match c {
        'À' | 'Á' | 'Â' | 'Ã' | 'Å' | 'Ā' | 'Ă' | 'Ą' | 'Ǎ' => "A",
        'Æ' => "AE",
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'Ð' | 'Ď' | 'Đ' => "D",
        'È' | 'É' | 'Ê' | 'Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' => "E",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'Ĥ' | 'Ħ' => "H",
        'Ì' | 'Í' | 'Î' | 'Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' => "I",
        'Ĵ' => "J",
        'Ķ' => "K",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ŀ' | 'Ł' => "L",
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' => "N",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ø' | 'Ō' | 'Ŏ' | 'Ő' => "O",
        'Œ' => "OE",
        'Ŕ' | 'Ŗ' | 'Ř' => "R",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => "S",
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' => "T",
        'Þ' => "TH",
        'Ù' | 'Ú' | 'Û' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' => "U",
        'Ŵ' => "W",
        'Ý' | 'Ŷ' | 'Ÿ' => "Y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        '‐' | '‑' | '–' | '—' | '−' => "-",
        '€' => "EUR",
        _ => " ",
    }
}

fn plain(text: &str) -> String {
    let without_controls: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    collapsed(&without_controls)
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The longest beginning of at most `max` UTF-16 units, without a blank at its end.
fn cut(text: &str, max: usize) -> String {
    let mut units = 0;
    let end = text
        .char_indices()
        .find(|(_, c)| {
            units += c.len_utf16();
            units > max
        })
        .map_or(text.len(), |(index, _)| index);
    text[..end].trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buchungstext_is_upper_case_in_the_allowed_set() {
        for (text, expected) in [
            ("Gebühr Melderegister", "GEBÜHR MELDEREGISTER"),
            ("Straße", "STRAßE"),
            ("GROẞ", "GROß"),
            ("Café «Rénée» – Łódź", "CAFE RENEE - LODZ"),
            ("Gebu\u{308}hr Cafe\u{301}", "GEBÜHR CAFE"),
            ("a_b\n\tc\u{0}d (1/2)", "A B C D 1/2"),
            ("10 € + 5 %", "10 EUR + 5 %"),
            ("ﬁn 東京 x", "FIN X"),
        ] {
            assert_eq!(buchungstext(text, 120, "?"), expected, "{text}");
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_and_never_refused() {
        assert_eq!(buchungstext("Gebühr Melderegister", 7, "x"), "GEBÜHR");
        assert_eq!(buchungstext(&"ü".repeat(500), 120, "x"), "Ü".repeat(120));
    }

    #[test]
    fn a_text_of_which_nothing_is_left_gives_way_to_the_fallback() {
        assert_eq!(buchungstext("東京", 27, "Gebühr"), "GEBÜHR");
        assert_eq!(buchungstext("", 27, "§"), "ZAHLUNG");
    }

    #[test]
    fn everything_that_comes_out_is_allowed() {
        let every: String = (0..=0x2_FFFF).filter_map(char::from_u32).collect();
        let text = buchungstext(&every, usize::MAX, "x");
        assert!(text.chars().all(|c| c == ' ' || allowed(c)));
    }

    #[test]
    fn a_purpose_is_plain_ascii_and_an_umlaut_two_letters() {
        for (text, max, expected) in [
            ("Gebühr Melderegister", 27, "Gebuehr Melderegister"),
            ("Café «Łódź» 1/2, § 5", 27, "Cafe Lodz 1 2 5"),
            ("Gebu\u{308}hr Cafe\u{301}", 27, "Gebuehr Cafe"),
            ("ÄÖÜẞ ß", 27, "AEOEUESS ss"),
            ("ÜBERLANGE GEBÜHRENBEZEICHNUNG", 27, "UEBERLANGE GEBUEHRENBEZEICH"),
            ("10 € (A-1_2)", 27, "10 EUR A-1_2"),
            ("東京", 27, ""),
        ] {
            assert_eq!(ascii(text, max), expected, "{text}");
        }
    }

    #[test]
    fn names_are_cut_as_java_counts_them() {
        assert_eq!(free("  Eva \u{0} Maria ", 27), "Eva Maria");
        assert_eq!(free(&"𝔐".repeat(27), 27), "𝔐".repeat(13));
        assert_eq!(free("\r\n", 27), "");
    }

    #[test]
    fn an_organisation_reads_on_in_the_second_field() {
        assert_eq!(
            organisation("Bäckerei Muster GmbH", 27),
            ("Bäckerei Muster GmbH".into(), None)
        );
        assert_eq!(
            organisation("Wohnungsbaugesellschaft Musterstadt mbH & Co. KG", 27),
            (
                "Wohnungsbaugesellschaft".into(),
                Some("Musterstadt mbH & Co. KG".into())
            )
        );
        let (first, second) = organisation(&"x".repeat(80), 27);
        assert_eq!((first.len(), second.map(|rest| rest.len())), (27, Some(27)));
        assert_eq!(
            organisation("abcdef ghi", 6),
            ("abcdef".into(), Some("ghi".into()))
        );
    }

    #[test]
    fn an_unexpected_label_is_spelled_so_that_an_account_can_carry_it() {
        assert_eq!(label(" PAYPAL "), Some("PAYPAL".into()));
        assert_eq!(label("Kreditkarte (VISA)/x"), Some("Kreditkarte__VISA__x".into()));
        assert_eq!(label("  "), None);
    }
}
