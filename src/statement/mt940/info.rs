//! What the field `:86:` says, whichever way it is structured.

use super::values::{is_iban, reference};
use super::{slashes, structured};
use crate::domain::statement::{Party, References};

/// What `:86:` says.
#[derive(Debug, Default)]
pub(super) struct Info {
    /// The bank's words (`?00`).
    pub text: Vec<String>,
    pub gvc: Option<String>,
    pub primanota: Option<String>,
    pub key_extension: Option<String>,
    pub references: References,
    pub party: Party,
    /// Who is behind the payer and behind the payee.
    pub ultimate_payer: Option<String>,
    pub ultimate_payee: Option<String>,
    pub purpose: Vec<String>,
    pub structured: Vec<String>,
    /// `OAMT+` and `COAM+`, as written.
    pub original: Option<String>,
    pub compensation: Option<String>,
    /// Why it came back, where a code or words say so by themselves.
    pub reason: Option<String>,
    pub reason_text: Option<String>,
}

/// Reads the field's lines. What has no known structure is purpose, line by line.
pub(super) fn read(lines: &[String]) -> Info {
    structured::read(&lines.concat())
        .or_else(|| slashes::read(lines))
        .unwrap_or_else(|| plain(lines))
}

/// The field `:NS:`: lines that begin with two digits, 01 to 14 purpose, 15 and 16 the name, 17 the bank's words.
pub(super) fn numbered(lines: &[String]) -> Info {
    let mut info = Info::default();
    let mut name = String::new();
    for line in lines {
        match line
            .split_at_checked(2)
            .map(|(number, text)| (number.parse(), text))
        {
            Some((Ok(1_u8..=14), text)) => info.purpose.push(text.to_owned()),
            Some((Ok(15 | 16), text)) => name.push_str(text),
            Some((Ok(17), text)) => info.text.push(text.trim().to_owned()),
            _ => {}
        }
    }
    info.party.name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
    info.purpose.retain(|line| !line.trim().is_empty());
    info
}

/// Words. The code 999 announces them (DFÜ-Abkommen, Anlage 3, 8.2.3); other digits at the begin are theirs.
fn plain(lines: &[String]) -> Info {
    let mut info = Info::default();
    let mut lines = lines.iter().map(String::as_str);
    if let Some(first) = lines.next() {
        let digits = first.bytes().take_while(u8::is_ascii_digit).count();
        let (code, rest) = first.split_at(if digits == 3 { 3 } else { 0 });
        let announced = code == "999" || (code.len() == 3 && rest.is_empty() && lines.len() == 0);
        info.gvc = announced.then(|| code.to_owned());
        let words = if announced { rest } else { first };
        info.purpose.push(words.to_owned());
    }
    info.purpose.extend(lines.map(str::to_owned));
    info.purpose.retain(|line| !line.trim().is_empty());
    if info.purpose.len() == 1 && reference(&info.purpose[0]).is_none() {
        info.purpose.clear();
    }
    info.party.account = info.purpose.iter().find_map(|line| {
        // Only where the check digits say that it is one.
        ["IBAN: ", "IBAN:", "REK: "].iter().find_map(|word| {
            let (_, rest) = line.split_once(word)?;
            let end = rest
                .find(|letter: char| !letter.is_ascii_alphanumeric())
                .unwrap_or(rest.len());
            is_iban(&rest[..end]).then(|| rest[..end].to_owned())
        })
    });
    info
}
