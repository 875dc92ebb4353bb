//! Verifies Standard Webhooks 1.0.0 as a gateway has to: constant time, any of the signatures, a time stamp that is
//! close to now.

use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::SecondsClock;

/// Seconds that a time stamp may be away from now, as in the libraries of Standard Webhooks.
const TOLERANCE: i64 = 300;

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unbelieved {
    /// A header is missing or cannot be read.
    Unreadable,
    /// No signature matches.
    Signature,
    /// Too far from now.
    TooOld,
}

impl Unbelieved {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Unreadable | Self::TooOld => StatusCode::BAD_REQUEST,
            Self::Signature => StatusCode::UNAUTHORIZED,
        }
    }
}

pub(super) struct Verifier {
    key: Vec<u8>,
    clock: Option<SecondsClock>,
}

impl Verifier {
    pub(super) fn new(secret: &str, clock: Option<SecondsClock>) -> Option<Self> {
        let key = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
        Some(Self { key, clock })
    }

    /// The webhook-id of a request that is to be believed.
    pub(super) fn verify<'h>(&self, headers: &'h HeaderMap, body: &[u8]) -> Result<&'h str, Unbelieved> {
        let required = |name| text(headers, name).ok_or(Unbelieved::Unreadable);
        let (id, timestamp, signatures) = (
            required("webhook-id")?,
            required("webhook-timestamp")?,
            required("webhook-signature")?,
        );
        let seconds: i64 = timestamp.parse().map_err(|_| Unbelieved::Unreadable)?;
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key).map_err(|_| Unbelieved::Signature)?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        let good = signatures
            .split(' ')
            .filter_map(|signature| signature.strip_prefix("v1,"))
            .filter_map(|encoded| STANDARD.decode(encoded).ok())
            .any(|signature| mac.clone().verify_slice(&signature).is_ok());
        if !good {
            return Err(Unbelieved::Signature);
        }
        match &self.clock {
            Some(clock) if clock().abs_diff(seconds) > TOLERANCE.unsigned_abs() => Err(Unbelieved::TooOld),
            _ => Ok(id),
        }
    }
}

/// A header's text.
pub(super) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().filter(|text| !text.is_empty())
}
