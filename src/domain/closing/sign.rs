//! Signing: which roles have to sign a closing, and who has. A signed closing is not changed any more; what comes later
//! belongs to the open day.

use std::str::FromStr;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Closing;
use super::check::Hold;
use crate::domain::time::Timestamp;

/// In what role somebody signs (§ 72 Abs. 1 ThürGemHV: those who took part, and the Kassenverwalter or whom he charged).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignerRole {
    /// A member of the Kasse.
    Clerk,
    /// The Kassenverwalter, or whom he charged.
    Kassenverwalter,
}

impl SignerRole {
    /// Its name in records and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Kassenverwalter => "kassenverwalter",
        }
    }

    /// As it is printed.
    pub const fn german(self) -> &'static str {
        match self {
            Self::Clerk => "Sachbearbeitung der Kasse",
            Self::Kassenverwalter => "Kassenverwaltung",
        }
    }
}

impl FromStr for SignerRole {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Clerk, Self::Kassenverwalter]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| format!("«{text}» is no role of a signature"))
    }
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Who: the name under which the person is known to the Kasse.
    pub who: String,
    /// In what role.
    pub role: SignerRole,
    /// When.
    #[serde(with = "super::instant")]
    pub at: Timestamp,
}

/// Who has to sign, and who has signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// One role for each signature that is needed.
    pub required: Vec<SignerRole>,
    /// The signatures, in the order in which they were given.
    pub signatures: Vec<Signature>,
}

impl Default for Signing {
    /// A clerk and the Kassenverwalter.
    fn default() -> Self {
        Self {
            required: vec![SignerRole::Clerk, SignerRole::Kassenverwalter],
            signatures: Vec::new(),
        }
    }
}

impl Signing {
    /// The roles that have not signed yet.
    pub fn missing(&self) -> Vec<SignerRole> {
        let mut missing = self.required.clone();
        for signature in &self.signatures {
            if let Some(at) = missing.iter().position(|role| *role == signature.role) {
                missing.remove(at);
            }
        }
        missing
    }
}

/// Why a closing cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// It waits.
    #[error("closing {number} waits: {why}")]
    Waits {
        /// Its number.
        number: u64,
        /// The first thing it waits for.
        why: Hold,
    },
    /// The same person again.
    #[error("{who} has already signed closing {number}; each signature is another person's")]
    Again {
        /// Who.
        who: String,
        /// The number of the closing.
        number: u64,
    },
    /// No signature of this role is missing.
    #[error("closing {number} needs no further signature of «{}»", role.german())]
    NotNeeded {
        /// The role.
        role: SignerRole,
        /// The number of the closing.
        number: u64,
    },
    /// A signature before the closing was prepared.
    #[error("closing {number} was prepared at {prepared_at} and cannot be signed at {at}")]
    TooEarly {
        /// The number of the closing.
        number: u64,
        /// When it was prepared.
        prepared_at: Timestamp,
        /// The time of the signature.
        at: Timestamp,
    },
}

/// Whether two names are the same person's, however they are typed.
fn same_name(one: &str, other: &str) -> bool {
    let typed = |name: &str| {
        let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
        words.join(" ")
    };
    typed(one) == typed(other)
}

impl Closing {
    /// What is signed, as text: the closing without its signatures, as JSON without blanks and line breaks.
    pub fn unsigned(&self) -> String {
        let mut unsigned = self.clone();
        unsigned.signing.signatures.clear();
        serde_json::to_string(&unsigned).expect("a closing has text keys and whole numbers only")
    }

    /// SHA-256 over what is signed: changes with anything but the signatures.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.unsigned()).into()
    }

    /// The same as 64 hexadecimal digits.
    pub fn digest_text(&self) -> String {
        HEXLOWER.encode(&self.digest())
    }

    /// Whether every signature that is needed has been given.
    pub fn is_signed(&self) -> bool {
        self.signing.missing().is_empty()
    }

    /// Signs it.
    ///
    /// # Errors
    /// [`SignError`] where it waits, where the person has signed already, where no such signature is missing, or where
    /// the time lies before it was prepared.
    pub fn sign(mut self, signature: Signature) -> Result<Self, SignError> {
        let number = self.number;
        if let Some(why) = self.holds().into_iter().next() {
            return Err(SignError::Waits { number, why });
        }
        if self
            .signing
            .signatures
            .iter()
            .any(|given| same_name(&given.who, &signature.who))
        {
            return Err(SignError::Again {
                who: signature.who,
                number,
            });
        }
        if !self.signing.missing().contains(&signature.role) {
            return Err(SignError::NotNeeded {
                role: signature.role,
                number,
            });
        }
        if signature.at < self.prepared_at {
            return Err(SignError::TooEarly {
                number,
                prepared_at: self.prepared_at,
                at: signature.at,
            });
        }
        self.signing.signatures.push(signature);
        Ok(self)
    }
}
