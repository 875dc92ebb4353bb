//! Identities. Ids of our own are UUIDs; names that others give us are short texts with a rule, parsed once at the door
//! and trusted from then on.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a text cannot be the identity it was offered as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Too short or too long.
    #[error("{what} «{text}» has {len} characters, allowed are {min} to {max}")]
    Length {
        /// What it should have been.
        what: &'static str,
        /// What was offered.
        text: String,
        /// Its length in characters.
        len: usize,
        /// Shortest.
        min: usize,
        /// Longest.
        max: usize,
    },
    /// A character that is not allowed.
    #[error("{what} «{text}» contains «{bad}»; allowed are {allowed}")]
    Character {
        /// What it should have been.
        what: &'static str,
        /// What was offered.
        text: String,
        /// The first wrong character.
        bad: char,
        /// The rule in words.
        allowed: &'static str,
    },
}

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

uuid_id! {
    /// A case (Vorgang): what is being paid for.
    CaseId;
    /// One request for money in one case.
    PaymentId;
    /// One try to open a payment at a provider.
    AttemptId;
    /// An open item of the books.
    PostenId;
    /// A payout of a payment provider, whatever its list says of it.
    PayoutId;
    /// A list of a payout: each revision is one of its own.
    ListId;
    /// One atomic change of state; stored with it, so that a lost COMMIT can be looked up.
    ChangeId;
    /// Something that happened, as told to gateways.
    EventId;
    /// The way of one event to one target.
    DeliveryId;
    /// A difference that a person resolves.
    ExceptionId;
    /// One encrypted piece of personal data.
    PersonalId;
    /// A statement of an account.
    StatementId;
}

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $min:literal..=$max:literal, $allowed:literal, $rule:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads it from text.
            ///
            /// # Errors
            /// [`IdError`] names the length or the first character that is wrong.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let len = text.chars().count();
                if !($min..=$max).contains(&len) {
                    return Err(IdError::Length { what: $what, text: text.to_owned(), len, min: $min, max: $max });
                }
                let rule: fn(char) -> bool = $rule;
                match text.chars().find(|c| !rule(*c)) {
                    Some(bad) => Err(IdError::Character { what: $what, text: text.to_owned(), bad, allowed: $allowed }),
                    None => Ok(Self(text.to_owned())),
                }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

const fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

const fn slug(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
}

text_id! {
    /// A Kasse and its books.
    LedgerId, "Kasse", 1..=60, "a-z 0-9 -", slug;
    /// A Behörde or Kommune.
    AuthorityId, "authority", 1..=60, "a-z 0-9 -", slug;
    /// A portal's or a person's credentials.
    ClientId, "client id", 1..=60, "A-Z a-z 0-9 _ -", word;
    /// A provider section of the configuration.
    ProviderId, "provider", 1..=60, "a-z 0-9 -", slug;
    /// A receiver of events.
    TargetId, "target", 1..=60, "a-z 0-9 -", slug;
    /// XBezahldienste originatorId: the calling online service.
    OriginatorId, "originatorId", 1..=36, "A-Z a-z 0-9 _ -", word;
    /// XBezahldienste endPointId: the second key of the competent authority.
    EndPointId, "endPointId", 1..=36, "A-Z a-z 0-9 _ -", word;
    /// XBezahldienste requestId, chosen by the portal.
    RequestId, "requestId", 1..=36, "A-Z a-z 0-9 _ -", word;
    /// XBezahldienste transactionId as we issue it; at most 36, since the path parameter allows no more.
    TransactionId, "transactionId", 1..=36, "A-Z a-z 0-9 _ -", word;
    /// A Kassenzeichen: what is paid under, and what a statement names. ePayBL's own have 2 to 30 letters and digits
    /// (−0310); other services name up to 36 word characters (XBezahldienste, transactionReference).
    Kassenzeichen, "Kassenzeichen", 2..=36, "A-Z a-z 0-9 _ -", word;
    /// The id under which a provider is asked, where that is not the Kassenzeichen (XBezahldienste, transactionId).
    RemoteId, "transactionId of the provider", 1..=44, "A-Z a-z 0-9 _ -", word;
    /// Our own number of an attempt at the provider (`transaktionsnummer`).
    Transaktionsnummer, "Transaktionsnummer", 1..=30, "A-Z 0-9", |c| c.is_ascii_uppercase() || c.is_ascii_digit();
    /// A Mandant of ePayBL.
    Mandant, "Mandant", 1..=20, "A-Z a-z 0-9 _ -", word;
    /// A Bewirtschafter of ePayBL.
    Bewirtschafter, "Bewirtschafter", 1..=20, "A-Z a-z 0-9 _ -", word;
    /// A payment method as the provider names it (Zahlverfahrencode): an open set.
    Method, "Zahlverfahren", 1..=36, "A-Z a-z 0-9 _ -", word;
    /// An unguessable part of an address: it finds something, it proves nothing.
    Token, "token", 20..=64, "A-Z a-z 0-9 _ -", word;
}

/// The pair that a portal addresses: (originatorId, endPointId).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RouteKey {
    /// The calling online service.
    pub originator_id: OriginatorId,
    /// The second key of the competent authority.
    pub end_point_id: EndPointId,
}

impl fmt::Display for RouteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.originator_id, self.end_point_id)
    }
}

/// A deterministic supply of new ids for one decision: a seed drawn outside, counted up inside, so that `domain` stays
/// free of randomness.
#[derive(Debug, Clone)]
pub struct Mint {
    seed: Uuid,
    used: u128,
}

impl Mint {
    /// A supply that starts at a UUIDv7 drawn by the caller.
    pub const fn new(seed: Uuid) -> Self {
        Self { seed, used: 0 }
    }

    /// The next id: the seed counted up, still a UUIDv7 of the same millisecond.
    pub fn next_id(&mut self) -> Uuid {
        let id = Uuid::from_u128(self.seed.as_u128().wrapping_add(self.used));
        self.used += 1;
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_character_is_named() {
        let error = RequestId::parse("äpfel").expect_err("umlauts are not allowed");
        assert_eq!(
            error.to_string(),
            "requestId «äpfel» contains «ä»; allowed are A-Z a-z 0-9 _ -"
        );
        assert!(Kassenzeichen::parse("4").is_err());
        assert!(Transaktionsnummer::parse("abc").is_err());
    }

    #[test]
    fn a_mint_never_gives_the_same_id_twice() {
        let mut mint = Mint::new(Uuid::from_u128(7 << 76));
        let ids: std::collections::BTreeSet<_> = (0..100).map(|_| mint.next_id()).collect();
        assert_eq!(ids.len(), 100);
    }
}
