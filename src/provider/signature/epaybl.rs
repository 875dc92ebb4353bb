//! `epaybl-sha256`: the Konnektor's own signature, in the field `hash`.
//!
//! Its weaknesses are the Konnektor's: amount and time are not signed, fields have no boundary between them. So a good
//! hash is one half of a proof (see `domain::told`), and the caller compares Mandant, Bewirtschafter and Kassenzeichen
//! with the attempt that the address named.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::config::Recipe;
use super::fields::{Field, Fields, unreadable};
use crate::app::ports::CallbackError;

/// Compares the hash under every secret; none ends the search early.
///
/// # Errors
/// A required field is missing, `hash` is no SHA-256 in hex (either case is fine), or no secret matches.
pub(super) fn check(recipe: &Recipe, secrets: &[SecretString], fields: &Fields) -> Result<(), CallbackError> {
    for field in [Field::Mandant, Field::Bewirtschafter, Field::Status]
        .iter()
        .chain(&recipe.required)
    {
        fields.required(*field)?;
    }
    let given = data_encoding::HEXLOWER_PERMISSIVE
        .decode(fields.required(Field::Hash)?.as_bytes())
        .map_err(|_| unreadable("«hash» is not hexadecimal"))?;
    let signed = signed(recipe, fields);
    let mut good = Choice::from(0);
    for secret in secrets {
        let digest = Sha256::new_with_prefix(&signed)
            .chain_update(secret.expose_secret())
            .finalize();
        good |= digest.as_slice().ct_eq(&given);
    }
    if bool::from(good) {
        Ok(())
    } else {
        Err(CallbackError::Signature)
    }
}

/// Everything that is hashed before the secret.
fn signed(recipe: &Recipe, fields: &Fields) -> String {
    let mut text = String::new();
    for field in &recipe.fields {
        text.push_str(fields.get(*field).unwrap_or(&recipe.null_text));
        text.push_str(&recipe.separator);
    }
    text
}

/// What makes it the same callback when it comes again: the fields with their lengths, hashed, so that no character
/// can wander from one field to the next.
pub(super) fn dedup_key(fields: &Fields) -> String {
    let mut hash = Sha256::new();
    for field in [Field::Kassenzeichen, Field::Tan, Field::Status, Field::Zvgid] {
        let value = fields.get(field).unwrap_or_default();
        hash.update((value.len() as u64).to_be_bytes());
        hash.update(value);
    }
    format!("epaybl:{}", data_encoding::HEXLOWER.encode(&hash.finalize()))
}
