//! Letters and encodings: what an encoding has, and how to spell what it does not have.

use super::template::{Encoding, Unknown};

/// Letters of foreign names, each after the one or two that spell it.
const SPELLINGS: &[(&str, &str)] = &[
    ("ae", "äæ"),
    ("Ae", "ÄÆ"),
    ("oe", "öœ"),
    ("Oe", "ÖŒ"),
    ("ue", "ü"),
    ("Ue", "Ü"),
    ("ss", "ß"),
    ("SS", "ẞ"),
    ("a", "áàâãåāăąǎạảấầẩẫậắằẳẵặ"),
    ("A", "ÁÀÂÃÅĀĂĄǍẠẢẤẦẨẪẬẮẰẲẴẶ"),
    ("c", "çćĉċč"),
    ("C", "ÇĆĈĊČ"),
    ("d", "ďđð"),
    ("D", "ĎĐÐ"),
    ("e", "éèêëēĕėęěẹẻẽếềểễệə"),
    ("E", "ÉÈÊËĒĔĖĘĚẸẺẼẾỀỂỄỆƏ"),
    ("g", "ĝğġģǧ"),
    ("G", "ĜĞĠĢǦ"),
    ("h", "ĥħ"),
    ("H", "ĤĦ"),
    ("i", "íìîïĩīĭįıǐỉị"),
    ("I", "ÍÌÎÏĨĪĬĮİǏỈỊ"),
    ("j", "ĵ"),
    ("J", "Ĵ"),
    ("k", "ķǩ"),
    ("K", "ĶǨ"),
    ("l", "ĺļľŀł"),
    ("L", "ĹĻĽĿŁ"),
    ("n", "ñńņňŋ"),
    ("N", "ÑŃŅŇŊ"),
    ("o", "óòôõøōŏőơǒọỏốồổỗộớờởỡợ"),
    ("O", "ÓÒÔÕØŌŎŐƠǑỌỎỐỒỔỖỘỚỜỞỠỢ"),
    ("r", "ŕŗř"),
    ("R", "ŔŖŘ"),
    ("s", "śŝşšș"),
    ("S", "ŚŜŞŠȘ"),
    ("t", "ţťŧț"),
    ("T", "ŢŤŦȚ"),
    ("th", "þ"),
    ("Th", "Þ"),
    ("u", "úùûũūŭůűųưǔụủứừửữự"),
    ("U", "ÚÙÛŨŪŬŮŰŲƯǓỤỦỨỪỬỮỰ"),
    ("w", "ŵ"),
    ("W", "Ŵ"),
    ("y", "ýÿŷỳỵỷỹ"),
    ("Y", "ÝŸŶỲỴỶỸ"),
    ("z", "źżž"),
    ("Z", "ŹŻŽ"),
    ("'", "‘’‚′"),
    ("\"", "“”„″«»"),
    ("-", "‐‑‒–—−"),
    ("...", "…"),
    ("EUR", "€"),
    ("Par.", "§"),
];

/// Text in one line: runs of blanks, tabs and line breaks are one blank, other control characters are left out.
pub(super) fn in_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.trim().chars() {
        if letter.is_whitespace() {
            if !line.ends_with(' ') {
                line.push(' ');
            }
        } else if !letter.is_control() && !matches!(letter, '\u{fffe}' | '\u{ffff}' | '\u{feff}') {
            line.push(letter);
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// The bytes of a letter; none where the encoding does not have it.
pub(super) fn encode(encoding: Encoding, letter: char, bytes: &mut Vec<u8>) -> Option<()> {
    let code = u32::from(letter);
    match encoding {
        Encoding::Utf8 => bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        Encoding::Ascii => bytes.push(u8::try_from(letter).ok().filter(u8::is_ascii)?),
        Encoding::Iso88591 => {
            // The control characters 0x80 to 0x9f are no letters.
            let byte = u8::try_from(code).ok()?;
            bytes.push(Some(byte).filter(|byte| !(0x80..0xa0).contains(byte))?);
        }
        Encoding::Windows1252 => {
            let mut own = [0; 4];
            let text = letter.encode_utf8(&mut own);
            let (encoded, _, lost) = encoding_rs::WINDOWS_1252.encode(text);
            if lost || (0x80..0xa0).contains(&code) {
                return None;
            }
            bytes.extend_from_slice(&encoded);
        }
    }
    Some(())
}

fn has(encoding: Encoding, letter: char) -> bool {
    encode(encoding, letter, &mut Vec::new()).is_some()
}

/// The text in letters that the encoding has.
///
/// # Errors
/// Names the first letter that it does not have, where unknown letters are to be refused.
pub(super) fn spell(encoding: Encoding, unknown: Unknown, text: &str) -> Result<String, String> {
    let mut spelled = String::with_capacity(text.len());
    for letter in text.chars() {
        if has(encoding, letter) {
            spelled.push(letter);
            continue;
        }
        if unknown == Unknown::Refuse {
            return Err(format!(
                "«{text}» has «{letter}», which the encoding does not have; set unknown = \"transliterate\" to have it \
                 spelled"
            ));
        }
        let other = SPELLINGS.iter().find(|(_, letters)| letters.contains(letter));
        spelled.push_str(other.map_or("?", |(spelling, _)| spelling));
    }
    Ok(spelled)
}

/// Whether a set of characters and ranges (`A-Za-z0-9$&%*+/-`) has a letter. A range is between two letters or digits;
/// every other hyphen is itself.
pub(super) fn allowed(set: &str, letter: char) -> bool {
    let set: Vec<char> = set.chars().collect();
    let mut at = 0;
    while at < set.len() {
        match set[at..] {
            [from, '-', to, ..] if from.is_ascii_alphanumeric() && to.is_ascii_alphanumeric() => {
                if (from..=to).contains(&letter) {
                    return true;
                }
                at += 3;
            }
            [one, ..] => {
                if one == letter {
                    return true;
                }
                at += 1;
            }
            [] => {}
        }
    }
    false
}
