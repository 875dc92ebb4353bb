//! From bytes to text: which encoding an answer is in, and where its XML begins. Servers and proxies were seen to put
//! other things in front of it (blank lines, MIME parts), so the beginning is looked for, within bounds.

use encoding_rs::Encoding;

/// How far into an answer its XML may begin.
const MOST_BEFORE: usize = 64 * 1024;

/// The XML of an answer as text. The encoding is named by the byte order mark, else by the header, else by the header
/// of a MIME part before it, else by the XML declaration; else it is UTF-8.
///
/// # Errors
/// Says what is wrong: no XML, an encoding that nobody knows, bytes that are not in the encoding that is named.
pub(super) fn decode(content_type: Option<&str>, body: &[u8]) -> Result<String, String> {
    let encoding = encoding(content_type, body)?;
    let (text, _, broken) = encoding.decode(body);
    if broken {
        return Err(format!(
            "the answer is not in {}, the encoding that it names",
            encoding.name()
        ));
    }
    let start = beginning(&text)?;
    Ok(text[start..].to_owned())
}

fn encoding(content_type: Option<&str>, body: &[u8]) -> Result<&'static Encoding, String> {
    if let Some((encoding, _)) = Encoding::for_bom(body) {
        return Ok(encoding);
    }
    match body {
        [0, b'<', ..] => return Ok(encoding_rs::UTF_16BE),
        [b'<', 0, ..] => return Ok(encoding_rs::UTF_16LE),
        _ => {}
    }
    let head = body[..body.len().min(MOST_BEFORE)]
        .iter()
        .map(|byte| char::from(*byte))
        .collect::<String>();
    let start = beginning(&head)?;
    let (before, after) = head.split_at(start);
    let label = content_type
        .and_then(|header| value_of(header, "charset"))
        .or_else(|| value_of(before, "charset"))
        .or_else(|| {
            let declaration = after.strip_prefix("<?xml")?.split_once("?>")?.0;
            value_of(declaration, "encoding")
        });
    match label {
        None => Ok(encoding_rs::UTF_8),
        Some(label) => Encoding::for_label(label.as_bytes()).ok_or_else(|| {
            let label: String = label.chars().take(40).collect();
            format!("the answer names the encoding «{label}», which nobody knows")
        }),
    }
}

/// The value after `name=`, with or without quotes, wherever it stands.
fn value_of<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let at = text.to_ascii_lowercase().find(name)?;
    let rest = text[at + name.len()..]
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let value = match rest.chars().next()? {
        quote @ ('"' | '\'') => rest[1..].split(quote).next()?,
        _ => rest.split([';', ' ', '\t', '\r', '\n', ',']).next()?,
    };
    let value = value.trim();
    (!value.is_empty()).then_some(value)
}

/// Where the XML begins: at its declaration, else at the envelope.
fn beginning(text: &str) -> Result<usize, String> {
    let mut end = text.len().min(MOST_BEFORE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    let declaration = head.find("<?xml");
    let envelope = head.match_indices('<').map(|(at, _)| at).find(|at| {
        // A name is short; what is longer is no envelope.
        let name: String = head[at + 1..].chars().take(80).collect();
        let name = name
            .split(['>', '/', ' ', '\t', '\r', '\n'])
            .next()
            .unwrap_or_default();
        name.rsplit(':').next() == Some("Envelope")
    });
    match (declaration, envelope) {
        (Some(declaration), Some(envelope)) => Ok(declaration.min(envelope)),
        (Some(start), None) | (None, Some(start)) => Ok(start),
        (None, None) => Err("the answer is no SOAP envelope".to_owned()),
    }
}
