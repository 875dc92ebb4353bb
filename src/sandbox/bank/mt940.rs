//! A statement as MT940, with the structured `:86:` of German banks: plain characters, lines of at most 65,
//! the Verwendungszweck in pieces of 27.

use std::fmt::Write;

use jiff::civil::Date;

use super::entries::{Booking, Detail, Entry, Statement};
use crate::sandbox::Cents;

/// How long a line may be.
const LINE: usize = 65;
/// How long a piece of the Verwendungszweck or a name may be.
const PIECE: usize = 27;

/// The characters that SWIFT knows; umlauts spelled out, all else a dot. A question mark would begin a field.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars() {
        match letter {
            'ä' => plain.push_str("ae"),
            'ö' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'Ä' => plain.push_str("AE"),
            'Ö' => plain.push_str("OE"),
            'Ü' => plain.push_str("UE"),
            'ß' => plain.push_str("ss"),
            '&' => plain.push('+'),
            ' ' | '-' | '/' | ':' | '(' | ')' | '.' | ',' | '\'' | '+' => plain.push(letter),
            letter if letter.is_ascii_alphanumeric() => plain.push(letter),
            _ => plain.push('.'),
        }
    }
    plain
}

/// Pieces of at most [`PIECE`] characters; the text is plain, so each is one byte.
fn pieces(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunks(PIECE)
        .map(|piece| piece.iter().collect())
        .collect()
}

fn swift(amount: Cents) -> String {
    super::comma(amount).trim_start_matches('-').to_owned()
}

fn short(day: Date) -> String {
    day.strftime("%y%m%d").to_string()
}

fn balance(tag: &str, day: Date, amount: Cents) -> String {
    let mark = if amount < Cents::ZERO { 'D' } else { 'C' };
    format!(":{tag}:{mark}{}EUR{}\r\n", short(day), swift(amount))
}

/// The fields `?20` to `?29` and `?60` to `?63`: each keyword begins a piece of its own.
fn purpose_fields(entry: &Entry, detail: &Detail) -> Vec<String> {
    let mut texts = vec![format!(
        "EREF+{}",
        detail.end_to_end.as_deref().unwrap_or("NOTPROVIDED")
    )];
    if let Some(mandate) = &detail.mandate {
        texts.push(format!("MREF+{mandate}"));
        texts.push(format!("CRED+{}", super::camt::CREDITOR_ID));
    }
    if entry.booking == Booking::Return {
        texts.push(format!("OAMT+{}", swift(detail.amount)));
        texts.push(format!("COAM+{}", swift(detail.fee)));
    }
    texts.push(format!("SVWZ+{}", detail.purpose));
    let numbers = (20..30).chain(60..64);
    let pieces = texts.iter().flat_map(|text| pieces(&plain(text)));
    numbers
        .zip(pieces)
        .map(|(number, piece)| format!("?{number}{piece}"))
        .collect()
}

/// The Textschlüsselergänzung that stands for a reason of return.
fn return_key(reason: &str) -> &'static str {
    match reason {
        "AC01" => "901",
        "AC04" => "902",
        "AC06" => "903",
        "AG01" => "904",
        "AM04" => "905",
        "AM05" => "906",
        "MD01" => "909",
        "MD06" => "911",
        "MD07" => "912",
        "MS02" => "913",
        "MS03" => "914",
        _ => "999",
    }
}

fn information(entry: &Entry) -> String {
    let sammler = Detail {
        end_to_end: Some(entry.reference()),
        purpose: format!("SAMMLER ANZAHL {}", entry.details.len()),
        ..Detail::default()
    };
    let detail = match entry.details.as_slice() {
        [one] => one,
        _ => &sammler,
    };
    let mut fields = vec![
        format!("{}?00{}", entry.booking.gvc(), entry.booking.text()),
        "?10931".to_owned(),
    ];
    fields.extend(purpose_fields(entry, detail));
    if !detail.other_iban.is_empty() {
        fields.push("?30PAYRDEFFXXX".to_owned());
        fields.push(format!("?31{}", detail.other_iban));
    }
    let name = pieces(&plain(&detail.other_name)).into_iter();
    fields.extend(
        (32..34)
            .zip(name)
            .map(|(number, piece)| format!("?{number}{piece}")),
    );
    if let Some(reason) = &detail.reason {
        fields.push(format!("?34{}", return_key(reason)));
    }
    // A line begins with a field: so none begins with a colon or a dash, which would end the tag.
    let mut lines = String::from(":86:");
    let mut length = lines.len();
    for field in fields {
        if length + field.len() > LINE {
            lines.push_str("\r\n");
            length = 0;
        }
        length += field.len();
        lines.push_str(&field);
    }
    lines.push_str("\r\n");
    lines
}

/// The statement as a file.
pub(super) fn write(statement: &Statement) -> String {
    let mut file = format!(
        ":20:STARTUMSE\r\n:25:{}\r\n:28C:{:05}/001\r\n",
        statement.bank.iban, statement.number
    );
    file.push_str(&balance("60F", statement.day_before, statement.opening));
    for entry in &statement.entries {
        let mark = if entry.booking.is_credit() { "CR" } else { "DR" };
        let day = short(entry.day);
        // Writing to a String cannot fail.
        let _written = write!(
            file,
            ":61:{day}{}{mark}{}{}NONREF//{}\r\n",
            &day[2..],
            swift(entry.amount),
            entry.booking.swift(),
            entry.reference()
        );
        if let (Booking::Return, [detail]) = (entry.booking, entry.details.as_slice()) {
            let (amount, fee) = (swift(detail.amount), swift(detail.fee));
            let line: String = format!("/OCMT/EUR{amount}/CHGS/EUR{fee}/")
                .chars()
                .take(34)
                .collect();
            file.push_str(&line);
            file.push_str("\r\n");
        }
        file.push_str(&information(entry));
    }
    file.push_str(&balance("62F", statement.day, statement.closing));
    file.push_str("-\r\n");
    file
}
