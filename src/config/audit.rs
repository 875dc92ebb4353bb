//! `[audit]`: the name under which the logs are signed.

use serde::Deserialize;

use super::problems::{Problems, join};
use super::secrets::SecretKey;

/// The log's name and signature.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// The first part of every log's origin (C2SP tlog-checkpoint) and the key's name (C2SP signed-note), for example
    /// `epaybl.kasse.example`. It stands in every checkpoint and cannot be changed later.
    pub origin: String,
    /// The Ed25519 seed that signs checkpoints; without it they are not signed.
    #[serde(default)]
    pub signing_key: Option<SecretKey>,
}

impl Audit {
    /// Notes what cannot work: a signed note parts name and key with spaces and `+`.
    pub fn validate(&self, path: &str, problems: &mut Problems) {
        let wrong = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        problems.unless(
            (1..=200).contains(&self.origin.len()) && !self.origin.contains(wrong),
            join(path, "origin"),
            "must have 1 to 200 characters, no blank and no +, such as epaybl.kasse.example",
        );
    }
}
