//! `[secrets]`: the connector's keys. A key is 32 bytes in base64 and never shown again.
//!
//! Keys are changed by adding the new one in front: the first encrypts and signs, all others still decrypt and verify.
//! The hash key cannot be changed, since what was hashed with it is only ever compared.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Deserializer};
use zeroize::{Zeroize, Zeroizing};

use super::problems::{Problems, join};

/// 32 secret bytes, wiped from memory when dropped.
pub struct SecretKey(SecretBox<[u8; 32]>);

impl SecretKey {
    /// The bytes, for the one call that needs them.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl<'de> Deserialize<'de> for SecretKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let decoded = STANDARD
            .decode(text.trim())
            .map_err(|_| serde::de::Error::custom("is not base64 of 32 bytes (44 characters)"))?;
        let decoded = Zeroizing::new(decoded);
        let mut bytes: [u8; 32] = decoded.as_slice().try_into().map_err(|_| {
            serde::de::Error::custom(format!("has {} bytes in base64, must be 32", decoded.len()))
        })?;
        let key = Self(SecretBox::new(Box::new(bytes)));
        bytes.zeroize();
        Ok(key)
    }
}

/// A key for data at rest; its id is stored with what it encrypts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncryptionKey {
    /// Its name, 1 to 40 of a-z 0-9 -, never used again for another key.
    pub id: String,
    /// The key.
    pub key: SecretKey,
}

/// The connector's keys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// For personal data at rest; the first encrypts, all decrypt.
    pub encryption_keys: Vec<EncryptionKey>,
    /// For keyed hashes of client secrets and fingerprints.
    pub hash_key: SecretKey,
    /// For OAuth tokens; the first signs, all verify.
    pub token_keys: Vec<SecretKey>,
}

impl Secrets {
    /// Notes what cannot work.
    pub fn validate(&self, path: &str, problems: &mut Problems) {
        let list = join(path, "encryption_keys");
        problems.unless(!self.encryption_keys.is_empty(), &list, "needs at least one key");
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        for (index, key) in self.encryption_keys.iter().enumerate() {
            let at = format!("{list}[{index}].id");
            let id = &key.id;
            problems.unless(
                (1..=40).contains(&id.len()) && id.chars().all(fits),
                &at,
                format!("«{id}» is not 1 to 40 of a-z 0-9 -"),
            );
            let twice = self.encryption_keys[..index]
                .iter()
                .any(|earlier| earlier.id == *id);
            problems.unless(!twice, at, format!("«{id}» is used twice"));
        }
        problems.unless(
            !self.token_keys.is_empty(),
            join(path, "token_keys"),
            "needs at least one key",
        );
        self.validate_bytes(path, problems);
    }

    /// Every key is a key of its own, and none is a placeholder.
    fn validate_bytes(&self, path: &str, problems: &mut Problems) {
        let encryption = self.encryption_keys.iter().enumerate();
        let tokens = self.token_keys.iter().enumerate();
        let all: Vec<(String, &SecretKey)> = encryption
            .map(|(index, key)| (format!("{path}.encryption_keys[{index}].key"), &key.key))
            .chain([(join(path, "hash_key"), &self.hash_key)])
            .chain(tokens.map(|(index, key)| (format!("{path}.token_keys[{index}]"), key)))
            .collect();
        for (index, (at, key)) in all.iter().enumerate() {
            let bytes = key.expose();
            problems.unless(
                bytes.iter().any(|byte| *byte != bytes[0]),
                at,
                "is a placeholder; `audit keygen` makes keys",
            );
            if let Some((other, _)) = all[..index].iter().find(|(_, earlier)| earlier.expose() == bytes) {
                problems.at(
                    at,
                    format!("is the same key as {other}; every key must be one of its own"),
                );
            }
        }
    }

    /// A fresh `[secrets]` section and the log's signing key as TOML, from random bytes and a name for the encryption
    /// key, for example `2026-01`.
    pub fn generate_toml(id: &str, random: &[[u8; 32]; 4]) -> Zeroizing<String> {
        let [encryption, hash, token, signing] = random
            .each_ref()
            .map(|bytes| Zeroizing::new(STANDARD.encode(bytes)));
        Zeroizing::new(format!(
            "[secrets]\nhash_key = \"{}\"\ntoken_keys = [\"{}\"]\n\n\
             [[secrets.encryption_keys]]\nid = \"{id}\"\nkey = \"{}\"\n\n\
             [audit]\nsigning_key = \"{}\"\n",
            *hash, *token, *encryption, *signing
        ))
    }
}
