//! The closing as JSON.
//!
//! ```json
//! {"format": "epaybl-closing/1", "digest": "<64 hexadecimal digits>", "closing": { … }}
//! ```
//!
//! The members come in the order of the fields of [`Closing`] and of the types in it; none is left out, what is absent
//! is `null`. Amounts are whole cents, days `2026-03-31`, instants RFC 3339 in UTC with milliseconds, roots 64
//! hexadecimal digits. A member more or another meaning is a new number behind the slash of `format`.
//!
//! The digest is what is signed: SHA-256 over the member `closing` without signatures (`"signatures": []`), printed
//! without blanks and line breaks.

use serde::{Deserialize, Serialize};

use crate::domain::closing::Closing;

/// The name and version of the format.
pub const FORMAT: &str = "epaybl-closing/1";

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    digest: String,
    closing: &'a Closing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Received {
    format: String,
    digest: String,
    closing: Closing,
}

/// A document that is no closing of this format.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no such JSON.
    #[error("the document is no closing: {0}")]
    Json(#[from] serde_json::Error),
    /// Another format.
    #[error("the document has the format «{0}», this program reads «{FORMAT}»")]
    Format(String),
    /// It was changed after it was written.
    #[error("the digest in the document is {told}, its content has {is}; it was changed")]
    Digest {
        /// What the document says.
        told: String,
        /// What follows from its content.
        is: String,
    },
}

/// What is signed: 64 hexadecimal digits that change with anything but the signatures.
pub fn digest(closing: &Closing) -> String {
    closing.digest_text()
}

/// The document, indented, with a line feed at its end.
pub fn json(closing: &Closing) -> Vec<u8> {
    let document = Document {
        format: FORMAT,
        digest: digest(closing),
        closing,
    };
    let mut bytes =
        serde_json::to_vec_pretty(&document).expect("a closing has text keys and whole numbers only");
    bytes.push(b'\n');
    bytes
}

/// Reads a document back.
///
/// # Errors
/// [`ReadError`] where it is no closing, of another format, or was changed.
pub fn read(bytes: &[u8]) -> Result<Closing, ReadError> {
    let received: Received = serde_json::from_slice(bytes)?;
    if received.format != FORMAT {
        return Err(ReadError::Format(received.format));
    }
    let is = digest(&received.closing);
    if received.digest != is {
        let told = received.digest;
        return Err(ReadError::Digest { told, is });
    }
    Ok(received.closing)
}
