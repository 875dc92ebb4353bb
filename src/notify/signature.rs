//! Standard Webhooks 1.0.0, symmetric signatures: HMAC-SHA256 over `{id}.{timestamp}.{body}`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What every symmetric secret begins with.
const PREFIX: &str = "whsec_";

/// How many random bytes a secret may have.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Why a text is not a signing secret. The text itself is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// It does not begin with `whsec_`.
    #[error("a signing secret begins with «whsec_»")]
    Prefix,
    /// What follows is not base64.
    #[error("what follows «whsec_» is not base64 with its padding")]
    Base64,
    /// Too short or too long.
    #[error("a signing secret has 24 to 64 bytes, this one has {0}")]
    Length(usize),
}

/// The key that one gateway verifies with. Overwritten when dropped, never printed.
#[derive(Clone)]
pub struct SigningSecret(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

impl SigningSecret {
    /// Reads `whsec_` and base64.
    ///
    /// # Errors
    /// [`SecretError`] says what is wrong without repeating the secret.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let encoded = text.strip_prefix(PREFIX).ok_or(SecretError::Prefix)?;
        let key = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| SecretError::Base64)?);
        if BYTES.contains(&key.len()) {
            Ok(Self(key))
        } else {
            Err(SecretError::Length(key.len()))
        }
    }

    /// One signature, `v1,` and base64. The id must not contain a dot, else two messages could share their signed bytes.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(id.as_bytes());
        mac.update(b".");
        mac.update(timestamp.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// The value of `webhook-signature`: one signature per active secret, so that a secret can be changed without a gap.
pub fn signatures(secrets: &[SigningSecret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let all: Vec<String> = secrets
        .iter()
        .map(|secret| secret.sign(id, timestamp, body))
        .collect();
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published by the libraries of Standard Webhooks: secret, id, seconds, body, signature.
    const VECTORS: [(&str, &str, i64, &str, &str); 2] = [
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (
            "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            1_649_367_553,
            r#"{"email":"test@example.com","username":"test_user"}"#,
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        ),
    ];

    #[test]
    fn the_published_vectors_are_met() {
        for (secret, id, timestamp, body, expected) in VECTORS {
            let secret = SigningSecret::parse(secret).expect("a secret");
            assert_eq!(secret.sign(id, timestamp, body.as_bytes()), expected);
        }
    }

    #[test]
    fn the_reference_library_signs_the_same() {
        let text = format!("whsec_{}", STANDARD.encode([7_u8; 64]));
        let body = "{\"größe\":\"12,50 €\"}";
        let ours =
            SigningSecret::parse(&text)
                .expect("a secret")
                .sign("0197", 1_772_362_800, body.as_bytes());
        let theirs = standardwebhooks::Webhook::new(&text)
            .and_then(|webhook| webhook.sign("0197", 1_772_362_800, body.as_bytes()))
            .expect("signed");
        assert_eq!(ours, theirs);
    }

    #[test]
    fn while_a_secret_changes_both_sign() {
        let [first, second] = VECTORS.map(|vector| SigningSecret::parse(vector.0).expect("a secret"));
        let (_, id, timestamp, body, expected) = VECTORS[0];
        let header = signatures(&[second, first], id, timestamp, body.as_bytes());
        let parts: Vec<&str> = header.split(' ').collect();
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[1], expected);
        assert_ne!(parts[0], expected);
    }

    #[test]
    fn a_weak_or_broken_secret_is_refused_and_never_repeated() {
        let short = format!("whsec_{}", STANDARD.encode([1_u8; 23]));
        let long = format!("whsec_{}", STANDARD.encode([1_u8; 65]));
        for (text, expected) in [
            ("geheim", SecretError::Prefix),
            ("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SecretError::Prefix),
            ("whsec_ä", SecretError::Base64),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", SecretError::Base64),
            (short.as_str(), SecretError::Length(23)),
            (long.as_str(), SecretError::Length(65)),
        ] {
            assert_eq!(SigningSecret::parse(text).err(), Some(expected));
        }
        let good = SigningSecret::parse(VECTORS[0].0).expect("a secret");
        assert_eq!(format!("{good:?}"), "SigningSecret(…)");
    }
}
