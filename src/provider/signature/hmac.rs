//! `hmac-sha256` over the raw body: Standard Webhooks 1.0.0, or the same idea under headers of one's own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::SecretError;
use super::config::{Encoding, HmacConfig, OwnHeaders};
use super::fields::unreadable;
use crate::app::ports::{CallbackError, RawCallback};
use crate::domain::time::Timestamp;

/// How many signatures one header may carry: enough for a rotation, too few to keep us busy.
const MOST_SIGNATURES: usize = 16;

/// The keys of the configured secrets. Standard Webhooks secrets are base64 with or without `whsec_`; under own
/// headers only a secret with `whsec_` is, others are taken as they are.
///
/// # Errors
/// Names the place of a secret that is no base64, never the secret.
pub(super) fn keys(
    config: &HmacConfig,
    secrets: &[SecretString],
) -> Result<Vec<SecretSlice<u8>>, SecretError> {
    secrets
        .iter()
        .enumerate()
        .map(|(index, secret)| {
            let text = secret.expose_secret();
            let encoded = text.strip_prefix("whsec_");
            if encoded.is_none() && config.headers.is_some() {
                return Ok(text.as_bytes().to_vec().into());
            }
            BASE64
                .decode(encoded.unwrap_or(text))
                .map(SecretSlice::from)
                .map_err(|_| SecretError::NotBase64 { place: index + 1 })
        })
        .collect()
}

/// What a callback brings to be judged.
struct Claim<'a> {
    /// The message id, where the scheme has one.
    id: Option<&'a str>,
    timestamp: &'a str,
    signatures: Vec<Vec<u8>>,
}

/// Verifies signature, then time; returns the dedup key: the message id, or (own headers without one) a hash of all
/// that is signed.
///
/// # Errors
/// A header is missing or broken, no secret matches, or the time stamp is too far from now.
pub(super) fn check(
    config: &HmacConfig,
    keys: &[SecretSlice<u8>],
    raw: &RawCallback,
    now: Timestamp,
) -> Result<String, CallbackError> {
    let claim = match &config.headers {
        None => standard(raw)?,
        Some(headers) => own(headers, raw)?,
    };
    let seconds: i64 = claim
        .timestamp
        .parse()
        .map_err(|_| unreadable("the time stamp is not in Unix seconds"))?;

    let mut signed = Vec::with_capacity(raw.body.len() + 64);
    for part in claim.id.into_iter().chain([claim.timestamp]) {
        signed.extend_from_slice(part.as_bytes());
        signed.push(b'.');
    }
    signed.extend_from_slice(&raw.body);

    let mut good = Choice::from(0);
    for key in keys {
        let mac = Hmac::<Sha256>::new_from_slice(key.expose_secret())
            .expect("HMAC takes keys of any length")
            .chain_update(&signed)
            .finalize()
            .into_bytes();
        for given in &claim.signatures {
            good |= mac.as_slice().ct_eq(given);
        }
    }
    if !bool::from(good) {
        return Err(CallbackError::Signature);
    }
    let away = now.seconds().saturating_sub(seconds);
    if away.unsigned_abs() > u64::from(config.tolerance_seconds) {
        return Err(CallbackError::TooOld(away));
    }
    Ok(match claim.id {
        Some(id) => format!("message:{id}"),
        None => format!(
            "signed:{}",
            data_encoding::HEXLOWER.encode(&Sha256::digest(&signed))
        ),
    })
}

fn standard(raw: &RawCallback) -> Result<Claim<'_>, CallbackError> {
    let id = message_id(header(raw, "webhook-id", "webhook-id")?)?;
    Ok(Claim {
        id: Some(id),
        timestamp: header(raw, "webhook-timestamp", "webhook-timestamp")?,
        // Other versions (v1a, Ed25519) stand beside ours during a migration and are passed over.
        signatures: header(raw, "webhook-signature", "webhook-signature")?
            .split_ascii_whitespace()
            .filter_map(|entry| entry.strip_prefix("v1,"))
            .filter_map(|signature| BASE64.decode(signature).ok())
            .take(MOST_SIGNATURES)
            .collect(),
    })
}

fn own<'a>(headers: &OwnHeaders, raw: &'a RawCallback) -> Result<Claim<'a>, CallbackError> {
    let id = match &headers.id {
        Some(name) => Some(message_id(header(raw, name, "message id header")?)?),
        None => None,
    };
    Ok(Claim {
        id,
        timestamp: header(raw, &headers.timestamp, "time stamp header")?,
        signatures: header(raw, &headers.signature, "signature header")?
            .split([' ', ','])
            .filter_map(|entry| entry.strip_prefix(headers.prefix.as_str()))
            .filter_map(|signature| match headers.encoding {
                Encoding::Hex => data_encoding::HEXLOWER_PERMISSIVE
                    .decode(signature.as_bytes())
                    .ok(),
                Encoding::Base64 => BASE64.decode(signature).ok(),
            })
            .filter(|signature| !signature.is_empty())
            .take(MOST_SIGNATURES)
            .collect(),
    })
}

fn header<'a>(raw: &'a RawCallback, name: &str, what: &'static str) -> Result<&'a str, CallbackError> {
    raw.headers
        .get(&name.to_ascii_lowercase())
        .map(|value| value.trim())
        .filter(|value| !value.is_empty())
        .ok_or(CallbackError::Missing(what))
}

/// An id must not contain the point that ends it in the signed bytes, and it becomes a key: printable and short.
fn message_id(id: &str) -> Result<&str, CallbackError> {
    if id.len() > 200 || !id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.') {
        return Err(unreadable(
            "the message id is longer than 200 characters or has one that is not allowed",
        ));
    }
    Ok(id)
}
