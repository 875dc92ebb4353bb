//! The books: accounts, lines that balance by construction, and bookings. One file per kind is in `bookings/`.
//!
//! A line reads as the German Buchungssatz: *(account, Posten) an (account, Posten), cents*. To add a kind: a variant
//! here, a file in `bookings/`, its row in the lookup table of both migrations, and a golden vector.

use std::fmt;
use std::str::FromStr;

use super::ids::{AttemptId, CaseId, LedgerId, Method, PostenId};
use super::money::Cents;

/// An account of the books.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// What payers owe; moves only on the provider's word.
    Forderung,
    /// Income of a title.
    Erloes {
        /// The Haushaltsstelle.
        haushaltsstelle: String,
        /// The Objektnummer.
        objektnummer: Option<String>,
    },
    /// Tax by its key.
    Steuer {
        /// The tax key.
        key: String,
    },
    /// What an acquirer owes us.
    Verrechnung {
        /// The payment provider.
        zvp: String,
        /// The payment method.
        method: Method,
    },
    /// Money that is not, or not yet, income of a title.
    Verwahrung,
}

/// A text that names no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» names no account")]
pub struct AccountError(pub String);

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forderung => f.write_str("forderung"),
            Self::Erloes {
                haushaltsstelle,
                objektnummer: Some(objekt),
            } => {
                write!(f, "erloes/{haushaltsstelle}/{objekt}")
            }
            Self::Erloes {
                haushaltsstelle,
                objektnummer: None,
            } => write!(f, "erloes/{haushaltsstelle}"),
            Self::Steuer { key } => write!(f, "steuer/{key}"),
            Self::Verrechnung { zvp, method } => write!(f, "verrechnung/{zvp}/{method}"),
            Self::Verwahrung => f.write_str("verwahrung"),
        }
    }
}

impl FromStr for Account {
    type Err = AccountError;

    fn from_str(text: &str) -> Result<Self, AccountError> {
        let wrong = || AccountError(text.to_owned());
        let parts: Vec<&str> = text.split('/').collect();
        match parts.as_slice() {
            ["forderung"] => Ok(Self::Forderung),
            ["verwahrung"] => Ok(Self::Verwahrung),
            ["erloes", title] if !title.is_empty() => Ok(Self::Erloes {
                haushaltsstelle: (*title).to_owned(),
                objektnummer: None,
            }),
            ["erloes", title, objekt] if !title.is_empty() && !objekt.is_empty() => Ok(Self::Erloes {
                haushaltsstelle: (*title).to_owned(),
                objektnummer: Some((*objekt).to_owned()),
            }),
            ["steuer", key] if !key.is_empty() => Ok(Self::Steuer {
                key: (*key).to_owned(),
            }),
            ["verrechnung", zvp, method] if !zvp.is_empty() => Ok(Self::Verrechnung {
                zvp: (*zvp).to_owned(),
                method: Method::parse(method).map_err(|_| wrong())?,
            }),
            _ => Err(wrong()),
        }
    }
}

/// One side of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The account.
    pub account: Account,
    /// The open item within it.
    pub posten: PostenId,
}

/// One line: debit an credit, so that it balances by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Soll.
    pub debit: Side,
    /// Haben.
    pub credit: Side,
    /// More than nothing.
    pub cents: Cents,
    /// The year of the Fälligkeit; stored, never derived later.
    pub haushaltsjahr: i16,
    /// The title concerned, where there is one.
    pub haushaltsstelle: Option<String>,
    /// The Objektnummer concerned, where there is one.
    pub objektnummer: Option<String>,
    /// The allgemeine Annahmeanordnung under which the Soll stands.
    pub anordnung: String,
}

macro_rules! booking_kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What a booking is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum BookingKind { $($(#[$doc])* $name,)* }

        impl BookingKind {
            /// Every kind, as the lookup table has them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in the log and in the tables.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

booking_kinds! {
    /// The claim comes into being.
    Sollstellung = "sollstellung",
    /// The open rest is given up.
    Absetzung = "absetzung",
    /// The rest is paid.
    Zahlung = "zahlung",
    /// A part is paid.
    Teilzahlung = "teilzahlung",
    /// More than was owed.
    Ueberzahlung = "ueberzahlung",
    /// Paid again by another attempt.
    Doppelzahlung = "doppelzahlung",
    /// Paid after the end.
    SpaeteZahlung = "spaete_zahlung",
    /// Money went back.
    Ruecklastschrift = "ruecklastschrift",
    /// A booking is reversed, once.
    Storno = "storno",
}

impl FromStr for BookingKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("«{text}» is no kind of booking"))
    }
}

/// A booking before it has its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// What it is.
    pub kind: BookingKind,
    /// The ledger.
    pub ledger: LedgerId,
    /// The case it belongs to.
    pub case: CaseId,
    /// The attempt whose Kassenzeichen it concerns.
    pub attempt: AttemptId,
    /// The place of the booking that it reverses; only a Storno has one.
    pub reverses: Option<u64>,
    /// One or more lines.
    pub lines: Vec<Line>,
}

impl Booking {
    /// Asserts what every booking must hold: lines, and each of more than nothing.
    ///
    /// # Panics
    /// Where it does not: a fault of the program that must not reach the log.
    #[must_use]
    pub fn checked(self) -> Self {
        assert!(!self.lines.is_empty(), "a {} has lines", self.kind.as_str());
        assert!(
            self.lines.iter().all(|line| line.cents.is_positive()),
            "each line moves more than nothing"
        );
        assert_eq!(
            self.kind == BookingKind::Storno,
            self.reverses.is_some(),
            "only a Storno reverses"
        );
        self
    }

    /// What its lines move in all.
    pub fn total(&self) -> Cents {
        self.lines.iter().map(|line| line.cents).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_reads_back_as_it_prints() {
        for text in [
            "forderung",
            "erloes/1100.1000/0000000001",
            "erloes/1100.1000",
            "steuer/U19",
            "verrechnung/epaybl/KREDITKARTE",
            "verwahrung",
        ] {
            assert_eq!(
                text.parse::<Account>().map(|account| account.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in [
            "",
            "bank",
            "erloes/",
            "verrechnung/epaybl",
            "verrechnung//KREDITKARTE",
        ] {
            assert!(text.parse::<Account>().is_err(), "{text}");
        }
    }
}
