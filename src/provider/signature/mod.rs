//! Callbacks: read, and proven in constant time. No I/O but the secrets file at construction, no clock.
//!
//! What lives here: `config` (schemes and recipes), `fields` (what a callback says, in all its shapes), `epaybl` and
//! `hmac` (the two schemes). To add a scheme: a variant of [`Scheme`], a file with `check` that tries every secret
//! without an early exit and answers with the dedup key, and its line in [`Verifier::verify`].

mod config;
mod epaybl;
mod fields;
mod hmac;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use secrecy::{SecretSlice, SecretString};

pub use config::{CallbackConfig, Encoding, HmacConfig, OwnHeaders, Problem, Recipe, Scheme, Words};
use fields::unreadable;
pub use fields::{Field, Fields};

use crate::app::ports::{CallbackError, RawCallback};
use crate::domain::ids::{Bewirtschafter, IdError, Kassenzeichen, Mandant, Method};
use crate::domain::time::Timestamp;
use crate::domain::told::{Verified, Word};
use crate::provider::text;

/// Why the secrets cannot be used. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("callback.secrets_file {path} cannot be read: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is none, and nobody allowed that.
    #[error("no callback secret is configured (callback.secrets or callback.secrets_file)")]
    None,
    /// It should be base64.
    #[error("callback secret number {place} is not base64; Standard Webhooks secrets are, after `whsec_`")]
    NotBase64 {
        /// Which one, counted from 1 over `secrets` and then the lines of `secrets_file`.
        place: usize,
    },
}

/// Judges callbacks with the secrets of one provider.
#[derive(Debug)]
pub struct Verifier {
    proof: Proof,
    words: Words,
}

#[derive(Debug)]
enum Proof {
    Epaybl(Recipe, Vec<SecretString>),
    Hmac(HmacConfig, Vec<SecretSlice<u8>>),
    /// Test only: nothing is believed, every callback is but a reason to ask.
    Unsigned,
}

impl Verifier {
    /// Takes the secrets in; `unsigned` allows to have none.
    ///
    /// # Errors
    /// [`SecretError`] where the file cannot be read, a secret cannot be used, or there is none.
    pub fn new(config: &CallbackConfig, unsigned: bool) -> Result<Self, SecretError> {
        let mut secrets = config.secrets.clone();
        if let Some(path) = &config.secrets_file {
            let text = std::fs::read_to_string(path).map_err(|source| SecretError::File {
                path: path.clone(),
                source,
            })?;
            let text = zeroize::Zeroizing::new(text);
            secrets.extend(
                text.lines()
                    .map(str::trim)
                    .filter(|line| !line.is_empty())
                    .map(SecretString::from),
            );
        }
        let proof = match config.scheme {
            _ if secrets.is_empty() && unsigned => Proof::Unsigned,
            _ if secrets.is_empty() => return Err(SecretError::None),
            Scheme::EpayblSha256 => Proof::Epaybl(config.recipe.clone(), secrets),
            Scheme::HmacSha256 => {
                let keys = hmac::keys(&config.hmac, &secrets)?;
                Proof::Hmac(config.hmac.clone(), keys)
            }
        };
        Ok(Self {
            proof,
            words: config.words.clone(),
        })
    }

    /// Verifies a callback and says it in our words.
    ///
    /// # Errors
    /// [`CallbackError`] says why it is not believed.
    pub fn verify(&self, raw: &RawCallback, now: Timestamp) -> Result<Verified, CallbackError> {
        let (fields, dedup_key) = match &self.proof {
            Proof::Epaybl(recipe, secrets) => {
                let fields = Fields::of(raw)?;
                epaybl::check(recipe, secrets, &fields)?;
                let dedup_key = epaybl::dedup_key(&fields);
                (fields, dedup_key)
            }
            // Only the body is signed, so only the body is read.
            Proof::Hmac(config, keys) => {
                let dedup_key = hmac::check(config, keys, raw, now)?;
                (Fields::of_body(&raw.body)?, dedup_key)
            }
            Proof::Unsigned => {
                let fields = Fields::of(raw)?;
                let dedup_key = format!("unsigned:{}", epaybl::dedup_key(&fields));
                (fields, dedup_key)
            }
        };
        let status = fields.required(Field::Status)?.to_owned();
        Ok(Verified {
            mandant: id(Field::Mandant, fields.required(Field::Mandant)?, Mandant::parse)?,
            bewirtschafter: id(
                Field::Bewirtschafter,
                fields.required(Field::Bewirtschafter)?,
                Bewirtschafter::parse,
            )?,
            kassenzeichen: fields
                .word(Field::Kassenzeichen)
                .map(|text| id(Field::Kassenzeichen, text, Kassenzeichen::parse))
                .transpose()?,
            zvp: fields.word(Field::Zvp).and_then(text::label),
            method: fields
                .word(Field::Zahlverfahren)
                .and_then(text::label)
                .and_then(|label| Method::parse(&label).ok()),
            word: match self.proof {
                Proof::Unsigned => Word::Other,
                Proof::Epaybl(..) | Proof::Hmac(..) => self.words.read(&status),
            },
            status,
            dedup_key,
        })
    }
}

impl Words {
    fn read(&self, status: &str) -> Word {
        let said = |list: &[String]| {
            list.iter()
                .any(|word| word.to_lowercase() == status.to_lowercase())
        };
        if said(&self.success) {
            Word::Success
        } else if said(&self.interim) {
            Word::Interim
        } else if said(&self.canceled) {
            Word::Canceled
        } else if said(&self.failed) {
            Word::Failed
        } else {
            Word::Other
        }
    }
}

fn id<T>(
    field: Field,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, IdError>,
) -> Result<T, CallbackError> {
    parse(text).map_err(|_| unreadable(&format!("«{}» is not well formed", field.wire_name())))
}
