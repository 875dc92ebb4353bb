//! What a file is, by its first bytes.

/// What it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// XML; whether it is camt, its reader says.
    Camt,
    /// Fields as SWIFT writes them.
    Swift,
    /// An archive.
    Zip,
    /// None of these, with the reason for its refusal.
    Other(String),
}

/// Other formats that come with statements, so that the refusal can say what to ask the bank for.
const KNOWN: &[(&[u8], &str)] = &[
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "packed with gzip"),
    (b"7z\xbc\xaf\x27\x1c", "packed with 7-Zip"),
    (b"Rar!", "packed with RAR"),
    (b"-----BEGIN PGP", "encrypted with PGP"),
    (b"{\"", "JSON"),
];

/// Fields with which a message, or the first that is left of it, begins.
const TAGS: &[&str] = &[
    "20", "21", "25", "25P", "28", "28C", "60F", "60M", "61", "62F", "62M", "34F", "13", "13D",
];

/// Tells it from the first bytes.
pub(super) fn of(window: &[u8]) -> Kind {
    if window.starts_with(b"PK\x03\x04") || window.starts_with(b"PK\x05\x06") {
        return Kind::Zip;
    }
    // Of UTF-16 the half of each letter that says something is enough here.
    let narrow: Vec<u8>;
    let letters = if window.starts_with(b"\xff\xfe") || window.starts_with(b"\xfe\xff") {
        narrow = window[2..].iter().copied().filter(|byte| *byte != 0).collect();
        &narrow
    } else {
        window
    };
    // A BOM and blanks; in UTF-16 without BOM also the empty half of the first letter.
    let begins = letters
        .iter()
        .position(|byte| !matches!(byte, 0..=0x20 | 0xef | 0xbb | 0xbf))
        .unwrap_or(letters.len());
    let text = &letters[begins..];
    if text.is_empty() {
        return Kind::Other("the file is empty".to_owned());
    }
    if text.starts_with(b"<") {
        return Kind::Camt;
    }
    if text.starts_with(b"{1:") || has_tag(text) {
        return Kind::Swift;
    }
    let what = KNOWN
        .iter()
        .find(|(bytes, _)| window.starts_with(bytes))
        .map(|(_, what)| format!(" (it is {what})"))
        .unwrap_or_default();
    Kind::Other(format!(
        "it is neither camt, MT940/MT942 nor a ZIP of them{what}: it begins with {}",
        beginning(window)
    ))
}

/// Whether a line begins with a field, indented or not. Banks put lines of their own before the first (`ABNANL2A`,
/// `940`), and some end lines with `@@`.
fn has_tag(text: &[u8]) -> bool {
    let mut begins = true;
    text.iter().enumerate().any(|(at, byte)| {
        let found = begins && tag(&text[at..]).is_some_and(|tag| TAGS.contains(&tag));
        begins = match byte {
            b'\n' | b'\r' | b'@' | b'}' | 1..=4 => true,
            b' ' | b'\t' => begins,
            _ => false,
        };
        found
    })
}

fn tag(line: &[u8]) -> Option<&str> {
    let name = line.strip_prefix(b":")?;
    let end = name.iter().take(4).position(|byte| *byte == b':')?;
    std::str::from_utf8(&name[..end]).ok()
}

/// The first bytes for people: as text where they are some.
fn beginning(window: &[u8]) -> String {
    let first = &window[..window.len().min(40)];
    let printable = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n' | 0x80..);
    if first.iter().all(printable) {
        let text: String = String::from_utf8_lossy(first)
            .chars()
            .map(|letter| if letter.is_control() { ' ' } else { letter })
            .collect();
        format!("«{}»", text.trim())
    } else {
        let bytes: Vec<String> = first.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("the bytes {}", bytes.join(" "))
    }
}
