//! From bytes to text: the encoding is that of the byte order mark, the header or the XML declaration, in
//! this order, and UTF-8 where none of them says anything.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::refusal::SoapFault;

/// How far a declaration is looked for.
const DECLARATION: usize = 256;

/// # Errors
/// When nobody knows the encoding, or the bytes are not in it.
pub(super) fn decode(body: &[u8], content_type: Option<&str>) -> Result<String, SoapFault> {
    let (encoding, body) = match Encoding::for_bom(body) {
        Some((encoding, length)) => (encoding, &body[length..]),
        None => (unmarked(body, content_type)?, body),
    };
    encoding
        .decode_without_bom_handling_and_without_replacement(body)
        .map(|text| text.trim_start().to_owned())
        .ok_or_else(|| SoapFault::client(&format!("the message is not in {}, as it says", encoding.name())))
}

/// The encoding of a body without a byte order mark.
fn unmarked(body: &[u8], content_type: Option<&str>) -> Result<&'static Encoding, SoapFault> {
    if let Some(label) = content_type.and_then(charset_of) {
        return match known(label)? {
            // «UTF-16» without a mark says nothing of the order of its bytes.
            encoding if encoding == UTF_16LE => Ok(wide(body).unwrap_or(UTF_16LE)),
            encoding => Ok(encoding),
        };
    }
    if let Some(encoding) = wide(body) {
        return Ok(encoding);
    }
    match declared(body) {
        // The bytes are not wide, whatever the declaration says; they then are what they look like.
        Some(label) => known(&label).map(|encoding| {
            if [UTF_16LE, UTF_16BE].contains(&encoding) {
                UTF_8
            } else {
                encoding
            }
        }),
        None => Ok(UTF_8),
    }
}

fn known(label: &str) -> Result<&'static Encoding, SoapFault> {
    Encoding::for_label(label.as_bytes())
        .filter(|encoding| *encoding != encoding_rs::REPLACEMENT)
        .ok_or_else(|| SoapFault::client(&format!("the encoding «{label}» is not known here")))
}

/// The value of `charset` in a Content-Type.
fn charset_of(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']).trim();
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then_some(value)
    })
}

/// UTF-16 without a mark: the first letter of a document is `<` or white space.
fn wide(body: &[u8]) -> Option<&'static Encoding> {
    match body {
        [first, 0, ..] if *first != 0 => Some(UTF_16LE),
        [0, second, ..] if *second != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// The encoding of the XML declaration, white space before it or not.
fn declared(body: &[u8]) -> Option<String> {
    let start = body.trim_ascii_start();
    let start = &start[..start.len().min(DECLARATION)];
    let text = String::from_utf8_lossy(start);
    let declaration = text.strip_prefix("<?xml")?;
    let declaration = &declaration[..declaration.find("?>")?];
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest
        .chars()
        .next()
        .filter(|letter| ['"', '\''].contains(letter))?;
    rest[1..].split_once(quote).map(|(label, _)| label.to_owned())
}
