//! What a certificate says of itself: the reader for `check`, for the log and for the numbers.

use std::path::Path;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::time::ASN1Time;

use super::{TlsError, content};
use crate::domain::lifetime::Validity;
use crate::domain::time::Timestamp;

/// The longest subject that is shown.
const LONGEST_SUBJECT: usize = 200;

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Whose it is, without characters that would upset a terminal. It may name a person.
    pub subject: String,
    /// Its number at its issuer, as OpenSSL writes it, in hexadecimal.
    pub serial: String,
    /// From when until when it counts.
    pub validity: Validity,
    /// Whether it may say who a client is. Many servers do not look.
    pub for_clients: bool,
}

/// Reads one certificate.
///
/// # Errors
/// Why it is none.
pub fn of(der: &[u8]) -> Result<Facts, String> {
    let (_, certificate) =
        X509Certificate::from_der(der).map_err(|error| format!("is no X.509 certificate: {error}"))?;
    let validity = certificate.validity();
    let usage = certificate
        .extended_key_usage()
        .map_err(|error| format!("has an extended key usage that cannot be read: {error}"))?;
    Ok(Facts {
        subject: certificate
            .subject()
            .to_string()
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST_SUBJECT)
            .collect(),
        serial: serial(certificate.raw_serial()),
        validity: Validity {
            not_before: instant(validity.not_before),
            not_after: instant(validity.not_after),
        },
        for_clients: usage.is_none_or(|usage| usage.value.client_auth || usage.value.any),
    })
}

/// Reads all certificates of a PEM text.
///
/// # Errors
/// Why one of them is none, or that there is none.
pub fn of_pem(text: &str) -> Result<Vec<Facts>, String> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(text.as_bytes())
        .map(|der| {
            der.map_err(|error| format!("is broken PEM: {error}"))
                .and_then(|der| of(&der))
        })
        .collect::<Result<_, _>>()?;
    if found.is_empty() {
        return Err("holds no «BEGIN CERTIFICATE»".to_owned());
    }
    Ok(found)
}

pub(super) fn of_all(
    setting: &'static str,
    path: &Path,
    chain: &[CertificateDer<'_>],
) -> Result<Vec<Facts>, TlsError> {
    chain
        .iter()
        .enumerate()
        .map(|(index, der)| {
            of(der).map_err(|what| content(setting, path, format!("(certificate {}) {what}", index + 1)))
        })
        .collect()
}

/// Without the zero in front that only keeps the number positive.
fn serial(bytes: &[u8]) -> String {
    let bytes = match bytes {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    };
    data_encoding::HEXUPPER.encode(bytes)
}

fn instant(time: ASN1Time) -> Timestamp {
    // A certificate that never ends (99991231235959Z, RFC 5280) lies past the calendar.
    let seconds = time.timestamp().min(jiff::Timestamp::MAX.as_second());
    Timestamp::from_millis(seconds.saturating_mul(1000))
}
