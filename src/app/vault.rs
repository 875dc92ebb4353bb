//! Keys at work: personal data is encrypted under a key of its case, which is itself wrapped under the installation's
//! key; client secrets, request fingerprints and access tokens are keyed hashes.
//!
//! A commitment in the log is an HMAC under a key derived from the case's key, so that it says nothing once that key is
//! gone. To rotate the installation's key, put a new one first: the old ones still open what they wrapped.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::ports::Ids;
use crate::domain::ids::{ClientId, PersonalId};
use crate::domain::time::Timestamp;

const NONCE: usize = 24;

/// A key of the installation and its name.
pub struct NamedKey {
    /// Its name, written beside what it wraps.
    pub id: String,
    /// The key.
    pub key: Zeroizing<[u8; 32]>,
}

/// The installation's keys.
pub struct Vault {
    /// The first wraps; all unwrap.
    wrapping: Vec<NamedKey>,
    hash: Zeroizing<[u8; 32]>,
    /// The first signs; all verify.
    tokens: Vec<Zeroizing<[u8; 32]>>,
}

/// Why something cannot be decrypted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// It was wrapped under a key that is not configured.
    #[error("it is encrypted under the key «{0}», which secrets.encryption_keys does not have")]
    UnknownKey(String),
    /// It was changed, or the key of that name is another one.
    #[error("it does not decrypt: it was changed, or the key is another one")]
    Broken,
}

/// The key of one case, unwrapped.
pub struct CaseKey(Zeroizing<[u8; 32]>);

impl Vault {
    /// From the configured keys. The caller has checked that there is at least one of each.
    pub fn new(wrapping: Vec<NamedKey>, hash: Zeroizing<[u8; 32]>, tokens: Vec<Zeroizing<[u8; 32]>>) -> Self {
        assert!(
            !wrapping.is_empty() && !tokens.is_empty(),
            "the configuration has keys"
        );
        Self {
            wrapping,
            hash,
            tokens,
        }
    }

    /// A new key for a case, and its wrapped form.
    pub fn new_key(&self, ids: &dyn Ids) -> (CaseKey, Vec<u8>) {
        let mut key = Zeroizing::new([0; 32]);
        ids.fill(&mut *key);
        let first = &self.wrapping[0];
        let mut wrapped = vec![u8::try_from(first.id.len()).expect("a key's name is short")];
        wrapped.extend_from_slice(first.id.as_bytes());
        wrapped.extend(seal(&first.key, &*key, first.id.as_bytes(), ids));
        (CaseKey(key), wrapped)
    }

    /// Unwraps the key of a case.
    ///
    /// # Errors
    /// [`VaultError`] names the key that is missing.
    pub fn unwrap_key(&self, wrapped: &[u8]) -> Result<CaseKey, VaultError> {
        let (length, rest) = wrapped.split_first().ok_or(VaultError::Broken)?;
        let (id, rest) = rest
            .split_at_checked(usize::from(*length))
            .ok_or(VaultError::Broken)?;
        let named = self
            .wrapping
            .iter()
            .find(|named| named.id.as_bytes() == id)
            .ok_or_else(|| VaultError::UnknownKey(String::from_utf8_lossy(id).into_owned()))?;
        let plain = Zeroizing::new(open(&named.key, rest, id)?);
        let key: [u8; 32] = plain.as_slice().try_into().map_err(|_| VaultError::Broken)?;
        Ok(CaseKey(Zeroizing::new(key)))
    }

    /// A keyed fingerprint of a request's body.
    pub fn fingerprint(&self, body: &[u8]) -> Vec<u8> {
        hmac(&self.hash[..], &[b"fingerprint", body]).to_vec()
    }

    /// The keyed hash under which a client's secret is stored.
    pub fn secret_hash(&self, client: &ClientId, secret: &str) -> Vec<u8> {
        hmac(
            &self.hash[..],
            &[b"client-secret", client.as_str().as_bytes(), secret.as_bytes()],
        )
        .to_vec()
    }

    /// Whether a secret is one of those whose hashes are stored. Compares all of them, in constant time.
    pub fn secret_matches(&self, client: &ClientId, secret: &str, hashes: &[Vec<u8>]) -> bool {
        let hash = self.secret_hash(client, secret);
        hashes
            .iter()
            .fold(subtle::Choice::from(0), |found, stored| {
                found | hash.ct_eq(stored)
            })
            .into()
    }

    /// An access token for a client until an instant: `<client>.<seconds>.<mac>`.
    pub fn token(&self, client: &ClientId, until: Timestamp) -> String {
        let claim = format!("{client}.{}", until.seconds());
        let mac = hmac(&self.tokens[0][..], &[b"access-token", claim.as_bytes()]);
        format!("{claim}.{}", data_encoding::BASE64URL_NOPAD.encode(&mac))
    }

    /// The client of a token that is genuine and not expired.
    pub fn token_client(&self, token: &str, now: Timestamp) -> Option<ClientId> {
        let (claim, mac) = token.rsplit_once('.')?;
        let (client, until) = claim.split_once('.')?;
        let mac = data_encoding::BASE64URL_NOPAD.decode(mac.as_bytes()).ok()?;
        let genuine = self.tokens.iter().fold(subtle::Choice::from(0), |found, key| {
            found | hmac(&key[..], &[b"access-token", claim.as_bytes()]).ct_eq(mac.as_slice())
        });
        let alive = until.parse::<i64>().is_ok_and(|until| now.seconds() < until);
        (bool::from(genuine) && alive)
            .then(|| ClientId::parse(client).ok())
            .flatten()
    }
}

impl CaseKey {
    /// Encrypts a piece of personal data, bound to its id; returns nonce and cipher text, and the commitment.
    pub fn seal(&self, id: PersonalId, plain: &[u8], ids: &dyn Ids) -> (Vec<u8>, [u8; 32]) {
        (
            seal(&self.0, plain, id.0.as_bytes(), ids),
            self.commitment(id, plain),
        )
    }

    /// Decrypts a piece of personal data.
    ///
    /// # Errors
    /// Where it was changed, or belongs to another id.
    pub fn open(&self, id: PersonalId, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        open(&self.0, sealed, id.0.as_bytes())
    }

    /// The commitment that a record carries.
    pub fn commitment(&self, id: PersonalId, plain: &[u8]) -> [u8; 32] {
        let salt = Zeroizing::new(hmac(&self.0[..], &[b"commitment"]));
        hmac(&salt[..], &[id.0.as_bytes(), plain])
    }
}

fn seal(key: &[u8; 32], plain: &[u8], aad: &[u8], ids: &dyn Ids) -> Vec<u8> {
    let mut nonce = [0; NONCE];
    ids.fill(&mut nonce);
    let cipher = XChaCha20Poly1305::new(key.into());
    let sealed = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad })
        .expect("a piece of personal data is shorter than the cipher's limit");
    [nonce.as_slice(), &sealed].concat()
}

fn open(key: &[u8; 32], sealed: &[u8], aad: &[u8]) -> Result<Vec<u8>, VaultError> {
    let (nonce, msg) = sealed.split_at_checked(NONCE).ok_or(VaultError::Broken)?;
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| VaultError::Broken)?;
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher
        .decrypt(&XNonce::from(nonce), Payload { msg, aad })
        .map_err(|_| VaultError::Broken)
}

/// HMAC-SHA256 over parts, each with its length, so that no boundary is ambiguous.
fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemIds;

    fn vault(names: &[&str]) -> Vault {
        let wrapping = names
            .iter()
            .map(|name| NamedKey {
                id: (*name).to_owned(),
                key: Zeroizing::new([name.as_bytes()[0]; 32]),
            })
            .collect();
        Vault::new(
            wrapping,
            Zeroizing::new([7; 32]),
            vec![Zeroizing::new([8; 32]), Zeroizing::new([9; 32])],
        )
    }

    fn id(n: u128) -> PersonalId {
        PersonalId(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn what_an_old_key_wrapped_is_still_read_after_rotation() {
        let (key, wrapped) = vault(&["a"]).new_key(&SystemIds);
        let (sealed, _) = key.seal(id(1), b"Eva Muster", &SystemIds);
        let later = vault(&["b", "a"]);
        let key = later.unwrap_key(&wrapped).expect("the old key is still there");
        assert_eq!(key.open(id(1), &sealed), Ok(b"Eva Muster".to_vec()));
        let without = vault(&["b"]).unwrap_key(&wrapped).err();
        assert_eq!(without, Some(VaultError::UnknownKey("a".to_owned())));
    }

    #[test]
    fn a_piece_that_was_changed_or_moved_to_another_id_does_not_decrypt() {
        let (key, _) = vault(&["a"]).new_key(&SystemIds);
        let (mut sealed, _) = key.seal(id(1), b"x", &SystemIds);
        assert_eq!(key.open(id(2), &sealed), Err(VaultError::Broken));
        *sealed.last_mut().expect("bytes") ^= 1;
        assert_eq!(key.open(id(1), &sealed), Err(VaultError::Broken));
    }

    #[test]
    fn a_token_says_who_and_until_when_and_nothing_else_passes() {
        let vault = vault(&["a"]);
        let client = ClientId::parse("thavel").expect("an id");
        let token = vault.token(&client, Timestamp::from_millis(10_000));
        assert_eq!(
            vault.token_client(&token, Timestamp::from_millis(9_000)),
            Some(client.clone())
        );
        assert_eq!(vault.token_client(&token, Timestamp::from_millis(10_000)), None);
        let forged = token.replace("thavel", "andere");
        assert_eq!(vault.token_client(&forged, Timestamp::from_millis(9_000)), None);
        for garbage in ["", ".", "a.b.c", "thavel.99.", "thavel"] {
            assert_eq!(
                vault.token_client(garbage, Timestamp::from_millis(0)),
                None,
                "{garbage}"
            );
        }
    }

    #[test]
    fn one_of_two_secrets_is_enough_and_another_client_s_is_not() {
        let vault = vault(&["a"]);
        let (one, two) = (
            ClientId::parse("one").expect("an id"),
            ClientId::parse("two").expect("an id"),
        );
        let hashes = vec![vault.secret_hash(&one, "old"), vault.secret_hash(&one, "new")];
        assert!(vault.secret_matches(&one, "old", &hashes) && vault.secret_matches(&one, "new", &hashes));
        assert!(!vault.secret_matches(&one, "other", &hashes) && !vault.secret_matches(&two, "new", &hashes));
        assert!(!vault.secret_matches(&one, "new", &[]));
    }
}
