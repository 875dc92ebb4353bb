//! The field `:86:` as Dutch and Nordic banks structure it: `/TRTP/…/IBAN/…/NAME/…/REMI/…/EREF/…`.

use super::info::Info;
use super::values::reference;

/// Codes that announce a value. Others are part of the value before them.
const CODES: &[&str] = &[
    "BENM", "BIC", "CHRG", "CNTP", "CSID", "EREF", "IBAN", "ISDT", "KREF", "MARF", "NAME", "NRTX", "ORDP",
    "PREF", "PURP", "RCMT", "REMI", "RREF", "RTRN", "SVCL", "TRCD", "TRTP", "ULTB", "ULTC", "ULTD",
];

/// Reads the lines of the field; none where no code is at its begin and none announces the remittance information.
/// Where none announces it, all of the lines are.
pub(super) fn read(lines: &[String]) -> Option<Info> {
    let text: String = lines.concat();
    let borders = borders(lines);
    let mut marks = Vec::new();
    for (at, _) in text.match_indices('/') {
        if let Some(code) = code_at(&text, at, &borders) {
            marks.push((at, at + code.len() + 2, code));
        }
    }
    marks.iter().find(|(_, _, code)| CODES.contains(code))?;
    let (first, _, _) = marks.first()?;
    let begins = text[..*first].trim().is_empty();
    if !begins && !marks.iter().any(|(_, _, code)| *code == "REMI") {
        return None;
    }
    let mut info = Info::default();
    let before = text[..*first].trim();
    if !before.is_empty() {
        info.text.push(before.to_owned());
    }
    let ends = marks.iter().skip(1).map(|(at, _, _)| *at).chain([text.len()]);
    for ((_, from, code), to) in marks.iter().zip(ends) {
        // Codes share their slashes (`…/REMI//ISDT/…`).
        let from = (*from).min(to);
        let value = text[from..to].trim().trim_matches('/').trim();
        if !value.is_empty() {
            take(&mut info, code, value, || cut(&text, from, to, &borders));
        }
    }
    if !marks.iter().any(|(_, _, code)| *code == "REMI") {
        info.purpose = lines
            .iter()
            .filter(|line| !line.trim().is_empty())
            .cloned()
            .collect();
    }
    Some(info)
}

/// The code between this slash and the next. At the begin of a line any four letters are one, known or not.
fn code_at<'a>(text: &'a str, at: usize, borders: &[usize]) -> Option<&'a str> {
    let (code, _) = text[at + 1..].split_once('/')?;
    let begins = at == 0 || borders.binary_search(&at).is_ok();
    let letters = code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    (CODES.contains(&code) || (begins && letters)).then_some(code)
}

fn take(info: &mut Info, code: &str, value: &str, lines: impl Fn() -> Vec<String>) {
    let told = || reference(value);
    match code {
        "TRTP" => info.text.push(value.to_owned()),
        "IBAN" => info.party.account = Some(value.to_owned()),
        "BIC" => info.party.bank = Some(value.to_owned()),
        "NAME" => info.party.name = Some(value.to_owned()),
        "CNTP" => {
            // Account, BIC, name, city.
            let mut parts = value
                .split('/')
                .map(|part| Some(part.trim().to_owned()).filter(|part| !part.is_empty()));
            info.party.account = parts.next().flatten();
            info.party.bank = parts.next().flatten();
            info.party.name = parts.next().flatten();
        }
        "EREF" => info.references.end_to_end = told(),
        "KREF" | "PREF" => info.references.instruction = told(),
        "MARF" => info.references.mandate = told(),
        "CSID" => info.references.creditor_id = told(),
        "ULTD" => info.ultimate_payer = told(),
        "ULTB" | "ULTC" => info.ultimate_payee = told(),
        "PURP" | "RREF" | "RCMT" | "CHRG" => info
            .references
            .other
            .extend(told().map(|value| (code.to_owned(), value))),
        "RTRN" => {
            let (reason, words) = value.split_once('/').unwrap_or((value, ""));
            info.reason = Some(reason.trim().to_owned());
            info.reason_text = reference(words.trim_matches('/'));
        }
        "REMI" => match value.strip_prefix("STRD/") {
            Some(structured) => {
                let number = structured.rsplit('/').next().unwrap_or(structured);
                info.structured.push(number.trim().to_owned());
            }
            None => info.purpose = lines(),
        },
        _ => {}
    }
}

/// The remittance information, cut where the lines were, without `USTD//` and the slashes around it.
fn cut(text: &str, mut from: usize, mut to: usize, borders: &[usize]) -> Vec<String> {
    let value = &text[from..to];
    from += value.len() - value.trim_start_matches([' ', '/']).len();
    let value = &text[from..to];
    if let Some(rest) = value.strip_prefix("USTD/") {
        from = to - rest.trim_start_matches('/').len();
    }
    to = from + text[from..to].trim_end_matches('/').len();
    let inside = borders
        .iter()
        .copied()
        .filter(|border| *border > from && *border < to);
    let cuts: Vec<usize> = [from].into_iter().chain(inside).chain([to]).collect();
    let lines = cuts.windows(2).map(|pair| text[pair[0]..pair[1]].to_owned());
    lines.filter(|line| !line.trim().is_empty()).collect()
}

fn borders(lines: &[String]) -> Vec<usize> {
    let ends = lines.iter().scan(0, |at, line| {
        *at += line.len();
        Some(*at)
    });
    ends.collect()
}
