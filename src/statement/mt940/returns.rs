//! Returned payments: how they are known, and why they came back.
//!
//! A German bank says why in the Textschlüsselergänzung (`?34`). The table has the numbers on whose meaning published
//! lists of banks agree (HypoVereinsbank, «Geschäftsvorfall- und Rückgabecodes»; others); 905, 911, 914 and from 916 on
//! stand for several reasons, or for different ones at different banks, and give none.

use super::entry_line::EntryLine;
use super::info::Info;
use super::values::reference;
use crate::domain::statement::{Direction, Return};

/// Geschäftsvorfallcodes of returns: direct debits (009, 108, 109, 181, 184) and credit transfers (059, 159).
const CODES: &[&str] = &["009", "059", "108", "109", "159", "181", "184"];

/// What banks write in `?00` of a return.
const WORDS: &[&str] = &[
    "RETOURE",
    "RUECKLAST",
    "RÜCKLAST",
    "RUECKBEL",
    "RÜCKBEL",
    "RUECKUEBERW",
    "RÜCKÜBERW",
    "RETURN",
    "REJECT",
];

const EXTENSIONS: &[(&str, &str)] = &[
    ("901", "AC01"),
    ("902", "AC04"),
    ("903", "AC06"),
    ("904", "AG01"),
    ("906", "AM04"),
    ("907", "AM05"),
    ("908", "BE04"),
    ("909", "MD01"),
    ("910", "MD02"),
    ("912", "MD06"),
    ("913", "MD07"),
    ("915", "RC01"),
];

/// Reasons for returns in SEPA (ISO 20022 external code list; EPC guidance on reason codes).
const REASONS: &[&str] = &[
    "AC01", "AC04", "AC06", "AC13", "AG01", "AG02", "AM02", "AM04", "AM05", "AM09", "AM23", "ARDT", "BE01",
    "BE04", "BE05", "BE06", "BE07", "CNOR", "CUST", "CUTA", "DNOR", "DT01", "DUPL", "ED05", "FF01", "FF05",
    "FOCR", "FRAD", "MD01", "MD02", "MD06", "MD07", "MS02", "MS03", "NOAS", "NOOR", "RC01", "RR01", "RR02",
    "RR03", "RR04", "SL01", "TECH", "TM01", "UPAY",
];

/// Why the payment came back; none where nothing says that it did.
pub(super) fn of(line: &EntryLine, info: &Info) -> Option<Return> {
    let bank = info.text.join(" ").to_uppercase();
    let purpose = info.purpose.concat();
    let start = purpose.trim_start().to_uppercase();
    let out = line.direction == Direction::Debit;
    let came_back = info.reason.is_some()
        || info.gvc.as_deref().is_some_and(|gvc| CODES.contains(&gvc))
        || line.swift.as_deref().is_some_and(|kind| kind.ends_with("RTI"))
        || WORDS.iter().any(|word| bank.contains(word))
        // Whoever pays for a return may write these words too, so they count only where money goes out.
        || (out && ["RETURN/REFUND", "RUECKLASTSCHRIFT", "RÜCKLASTSCHRIFT"].iter().any(|word| start.starts_with(word)));
    if !came_back {
        return None;
    }
    let written = || {
        let told = info.reason_text.iter().chain(&info.text).chain(&info.purpose);
        told.map(String::as_str)
            .chain([purpose.as_str()])
            .find_map(reason_in)
    };
    let extension = || {
        let key = info.key_extension.as_deref()?;
        EXTENSIONS
            .iter()
            .find(|(number, _)| *number == key)
            .map(|(_, reason)| (*reason).to_owned())
    };
    let (code, words) = match &info.reason {
        Some(code) => (Some(code.clone()), None),
        None => match written() {
            Some((code, words)) => (Some(code.to_owned()), reference(words)),
            None => (extension(), None),
        },
    };
    Some(Return {
        code,
        text: info.reason_text.clone().or(words),
    })
}

/// A reason that stands by itself, and the words after it.
fn reason_in(text: &str) -> Option<(&'static str, &str)> {
    REASONS.iter().find_map(|reason| {
        text.match_indices(reason).find_map(|(at, _)| {
            let rest = &text[at + reason.len()..];
            let alone =
                !text[..at].ends_with(char::is_alphanumeric) && !rest.starts_with(char::is_alphanumeric);
            alone.then(|| (*reason, rest.trim_matches([' ', ':', '-', '/', '.', ','])))
        })
    })
}
