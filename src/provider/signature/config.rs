//! How callbacks are signed and read, as configuration. Every default is the recipe that was seen in the field.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::fields::Field;

/// A problem of the configuration: the path of the field, and what to do.
pub type Problem = (String, String);

/// The signature scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// The Konnektor's own: SHA-256 over fields and secret, in the field `hash`.
    #[default]
    EpayblSha256,
    /// HMAC-SHA256 over the raw body: Standard Webhooks, or headers of one's own.
    HmacSha256,
}

/// How callbacks of a provider are verified.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallbackConfig {
    /// The signature scheme.
    pub scheme: Scheme,
    /// Secrets that are accepted; more than one while they are rotated.
    pub secrets: Vec<SecretString>,
    /// A file with one more secret per line.
    pub secrets_file: Option<PathBuf>,
    /// The recipe of `epaybl-sha256`.
    pub recipe: Recipe,
    /// Where `hmac-sha256` finds what it needs.
    pub hmac: HmacConfig,
    /// What the values of `status` mean.
    pub words: Words,
}

/// What is hashed under `epaybl-sha256`, in which order and how written.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// The fields, in order; the secret follows at the end.
    pub fields: Vec<Field>,
    /// What a field that is null or missing contributes.
    pub null_text: String,
    /// What stands between two fields, and between the last field and the secret.
    pub separator: String,
    /// Fields without which a callback is refused, besides mandant, bewirtschafter and status.
    pub required: Vec<Field>,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            fields: Field::SIGNED.to_vec(),
            null_text: String::new(),
            separator: String::new(),
            required: vec![Field::Kassenzeichen],
        }
    }
}

/// Where `hmac-sha256` finds what it needs. Without any header names: Standard Webhooks.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HmacConfig {
    /// Own header names instead of those of Standard Webhooks.
    pub headers: Option<OwnHeaders>,
    /// How far the time stamp may be from now, in seconds, in both directions.
    pub tolerance_seconds: u32,
}

impl Default for HmacConfig {
    fn default() -> Self {
        Self {
            headers: None,
            tolerance_seconds: 300,
        }
    }
}

/// A provider's own headers. Signed is `{timestamp}.{body}`, or `{id}.{timestamp}.{body}` where an id header is named.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnHeaders {
    /// The header with the message id, where there is one.
    #[serde(default)]
    pub id: Option<String>,
    /// The header with the time in Unix seconds.
    pub timestamp: String,
    /// The header with the signature, or several separated by blanks or commas.
    pub signature: String,
    /// What stands before each signature, for example `sha256=`.
    #[serde(default)]
    pub prefix: String,
    /// How the signature is written.
    #[serde(default)]
    pub encoding: Encoding,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Hexadecimal, in upper or lower case.
    #[default]
    Hex,
    /// Base64 with padding.
    Base64,
}

/// Which values of `status` mean what; compared without regard to case. Others are kept and change nothing.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Words {
    /// It was paid.
    pub success: Vec<String>,
    /// An interim message.
    pub interim: Vec<String>,
    /// The payer gave up.
    pub canceled: Vec<String>,
    /// The provider gave up.
    pub failed: Vec<String>,
}

impl Default for Words {
    fn default() -> Self {
        let one = |word: &str| vec![word.to_owned()];
        Self {
            success: one("success"),
            interim: one("notify"),
            canceled: one("cancel"),
            failed: one("error"),
        }
    }
}

impl CallbackConfig {
    /// Whether a secret is configured at all.
    pub fn has_secret(&self) -> bool {
        !self.secrets.is_empty() || self.secrets_file.is_some()
    }

    /// Every problem, with its path below `callback`.
    pub fn validate(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |path: String, text: &str| problems.push((path, text.to_owned()));
        for (index, secret) in self.secrets.iter().enumerate() {
            if secret.expose_secret().trim().is_empty() {
                say(
                    format!("callback.secrets[{index}]"),
                    "is empty: everybody could sign with it",
                );
            }
        }
        for must in [Field::Mandant, Field::Bewirtschafter, Field::Status] {
            if !self.recipe.fields.contains(&must) {
                say(
                    "callback.recipe.fields".to_owned(),
                    &format!(
                        "lacks «{}»: what is not signed cannot be believed",
                        must.wire_name()
                    ),
                );
            }
        }
        if self.recipe.fields.contains(&Field::Hash) {
            say(
                "callback.recipe.fields".to_owned(),
                "contains «hash», which is the signature itself",
            );
        }
        for (index, field) in self.recipe.fields.iter().enumerate() {
            if self.recipe.fields[..index].contains(field) {
                say(
                    format!("callback.recipe.fields[{index}]"),
                    "stands in the list twice",
                );
            }
        }
        if let Some(headers) = &self.hmac.headers {
            for (path, header) in [
                ("timestamp", headers.timestamp.as_str()),
                ("signature", headers.signature.as_str()),
                ("id", headers.id.as_deref().unwrap_or("-")),
            ] {
                if header.trim().is_empty() {
                    say(
                        format!("callback.hmac.headers.{path}"),
                        "is empty; name a header or leave the setting out",
                    );
                }
            }
        }
        if self.words.success.is_empty() {
            say(
                "callback.words.success".to_owned(),
                "is empty: no callback could ever say that something was paid",
            );
        }
        problems.extend(self.words.ambiguous());
        problems
    }
}

impl Words {
    fn ambiguous(&self) -> Vec<Problem> {
        let all: Vec<_> = [
            ("success", &self.success),
            ("interim", &self.interim),
            ("canceled", &self.canceled),
            ("failed", &self.failed),
        ]
        .into_iter()
        .flat_map(|(list, words)| words.iter().map(move |word| (list, word.to_lowercase())))
        .collect();
        all.iter()
            .enumerate()
            .filter_map(|(index, (list, word))| {
                let (other, _) = all[..index].iter().find(|(_, earlier)| earlier == word)?;
                Some((
                    format!("callback.words.{list}"),
                    format!("«{word}» is also in callback.words.{other}"),
                ))
            })
            .collect()
    }
}
