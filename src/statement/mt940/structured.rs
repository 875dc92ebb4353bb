//! The field `:86:` as German banks structure it: a Geschäftsvorfallcode and sub-fields (`166?00GUTSCHRIFT?20…`), and
//! the SEPA keywords inside of them (DFÜ-Abkommen, Anlage 3, 8.2.4).

use super::info::Info;
use super::keywords::{self, Keyword};
use super::values::reference;

/// The book says `?`; these occur. Marks that stand between digits in plain words (`500.00 EUR`) are none.
const SEPARATORS: &[char] = &['?', '<', '>', '^', '~', '|', '§', '#', '$', '!', '*'];

/// Reads the text, its lines already joined; none where it has no such structure.
pub(super) fn read(text: &str) -> Option<Info> {
    let text = text.trim_start();
    // Some write a longer number of their own in its place.
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (code, rest) = match digits {
        0..=2 | 11.. => ("", text),
        digits => text.split_at(digits),
    };
    let gvc = Some(code).filter(|code| code.len() == 3);
    let rest = rest.trim_start();
    let separator = rest.chars().next().filter(|mark| SEPARATORS.contains(mark))?;
    let (first, _) = subfield(rest, separator)?;
    // Behind another number only what such a text begins with: digits and a question are words elsewhere.
    if !is_known(first) || (code.len() > 3 && first != "00") {
        return None;
    }
    let mut info = Info {
        gvc: gvc.map(str::to_owned),
        ..Info::default()
    };
    let mut purpose = Vec::new();
    let (mut bank, mut account, mut iban) = (String::new(), String::new(), String::new());
    let mut name = Vec::new();
    for (key, value) in subfields(rest, separator) {
        match key {
            "00" => info.text.push(value.to_owned()),
            "10" => info.primanota = Some(value.trim().to_owned()).filter(|value| !value.is_empty()),
            "30" => value.clone_into(&mut bank),
            "31" => value.clone_into(&mut account),
            "32" | "33" => name.push(value),
            "34" => info.key_extension = Some(value.trim().to_owned()).filter(|value| !value.is_empty()),
            // Polish and Austrian banks: the IBAN, where 31 has the number.
            "38" => value.clone_into(&mut iban),
            _ if is_known(key) && key.starts_with(['2', '6']) => purpose.push(value.to_owned()),
            _ => {}
        }
    }
    let without_blanks =
        |text: &str| Some(text.split_whitespace().collect::<String>()).filter(|text| !text.is_empty());
    info.party.bank = without_blanks(&bank);
    info.party.account = without_blanks(&iban).or_else(|| without_blanks(&account));
    info.party.name = Some(joined(&name)).filter(|name| !name.is_empty());
    sepa(&mut info, purpose);
    Some(info)
}

/// The parts of a name. A full one was cut (27 places, 26 at some banks) and goes on in the next; a shorter one ended.
fn joined(parts: &[&str]) -> String {
    let mut name = String::new();
    for part in parts {
        let ended = name.chars().count() < 26 && !name.ends_with(' ') && !part.starts_with(' ');
        if ended && !name.is_empty() {
            name.push(' ');
        }
        name.push_str(part);
    }
    name.trim().to_owned()
}

/// The two digits with which a sub-field may begin here, and the rest.
fn subfield(text: &str, separator: char) -> Option<(&str, &str)> {
    let rest = text.strip_prefix(separator)?;
    let (key, rest) = rest.split_at_checked(2)?;
    let digits = key.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some((key, rest))
}

/// Whether the agreement has the key.
fn is_known(key: &str) -> bool {
    matches!(key, "00" | "10" | "70" | "71")
        || matches!(key.as_bytes(), [b'2' | b'3', b'0'..=b'9'] | [b'6', b'0'..=b'3'])
}

fn subfields(text: &str, separator: char) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut open: Option<(&str, usize)> = None;
    while let Some(step) = text[at..].find(separator) {
        let here = at + step;
        at = here + separator.len_utf8();
        let Some((key, rest)) = subfield(&text[here..], separator) else {
            continue;
        };
        // A `?15` in somebody's words is a question; behind a number or a code it begins something else.
        let words = open
            .is_some_and(|(key, _)| key == "00" || key.starts_with(['2', '6']) || matches!(key, "32" | "33"));
        if words && !is_known(key) {
            continue;
        }
        at = text.len() - rest.len();
        if let Some((key, from)) = open.replace((key, at)) {
            found.push((key, &text[from..here]));
        }
    }
    if let Some((key, from)) = open {
        found.push((key, &text[from..]));
    }
    found
}

/// Sorts the purpose into references, parties, amounts and what is meant for people.
fn sepa(info: &mut Info, lines: Vec<String>) {
    let found = keywords::find(&lines);
    for (keyword, value) in &found.values {
        let value = value.concat();
        let told = || reference(&value);
        let references = &mut info.references;
        match keyword {
            Keyword::Eref => references.end_to_end = told(),
            Keyword::Kref => references.instruction = told(),
            Keyword::Mref => references.mandate = told(),
            Keyword::Cred => references.creditor_id = told(),
            Keyword::Debt => references
                .other
                .extend(told().map(|value| ("DEBT".to_owned(), value))),
            Keyword::Bref => references
                .other
                .extend(told().map(|value| ("BREF".to_owned(), value))),
            Keyword::Rref => references
                .other
                .extend(told().map(|value| ("RREF".to_owned(), value))),
            Keyword::Purp => references
                .other
                .extend(told().map(|value| ("PURP".to_owned(), value))),
            Keyword::Abwa => info.ultimate_payer = told(),
            Keyword::Abwe => info.ultimate_payee = told(),
            Keyword::Iban => {
                let account = || value.split_whitespace().next().map(str::to_owned);
                info.party.account = info.party.account.take().or_else(account);
            }
            Keyword::Bic => {
                let bank = || value.split_whitespace().next().map(str::to_owned);
                info.party.bank = info.party.bank.take().or_else(bank);
            }
            Keyword::Oamt => info.original = told(),
            Keyword::Coam => info.compensation = told(),
            Keyword::Mtlg => info.reason_text = told(),
            Keyword::Svwz => {}
        }
    }
    for (keyword, value) in keywords::copies(&lines) {
        let told = || reference(&value);
        let references = &mut info.references;
        match keyword {
            Keyword::Eref => references.end_to_end = references.end_to_end.take().or_else(told),
            Keyword::Kref => references.instruction = references.instruction.take().or_else(told),
            Keyword::Mref => references.mandate = references.mandate.take().or_else(told),
            Keyword::Cred => references.creditor_id = references.creditor_id.take().or_else(told),
            _ => {}
        }
    }
    let remittance = found
        .values
        .into_iter()
        .find(|(keyword, _)| *keyword == Keyword::Svwz);
    info.purpose = remittance.map_or(lines, |(_, value)| value);
    info.purpose.retain(|line| !line.trim().is_empty());
}
