//! The books: accounts, lines that balance by construction, and bookings. One file per kind is in `bookings/`.
//!
//! A line reads as the German Buchungssatz: *(account, Posten) an (account, Posten), cents*. To add a kind: a variant
//! here, a file in `bookings/`, its row in the lookup table of both migrations, and a golden vector.

use std::fmt;
use std::str::FromStr;

use super::ids::{LedgerId, Method, PostenId};
use super::money::Cents;
use super::statement::Iban;
use super::subject::Subject;

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
    /// Money that left the bank, and nobody knows yet what for.
    Vorschuss,
    /// What lies at the bank; moves only on a statement.
    Bank {
        /// The account.
        iban: Iban,
    },
    /// What is ordered to be paid back, and has not left yet.
    Erstattung,
    /// Fees that banks take for payments that went back.
    Rueckgebuehr,
    /// What payment providers keep of payouts.
    Disagio {
        /// The Haushaltsstelle that bears it.
        haushaltsstelle: String,
    },
}

/// A part of an account's name: a slash inside it must not look like the one between parts.
fn part(text: &str) -> String {
    text.replace('%', "%25").replace('/', "%2F")
}

/// Reads a part back; none where it is empty or not as [`part`] writes it.
fn unpart(text: &str) -> Option<String> {
    let plain = text.replace("%2F", "/").replace("%25", "%");
    (!plain.is_empty() && part(&plain) == text).then_some(plain)
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
                write!(f, "erloes/{}/{}", part(haushaltsstelle), part(objekt))
            }
            Self::Erloes {
                haushaltsstelle,
                objektnummer: None,
            } => write!(f, "erloes/{}", part(haushaltsstelle)),
            Self::Steuer { key } => write!(f, "steuer/{}", part(key)),
            Self::Verrechnung { zvp, method } => write!(f, "verrechnung/{}/{method}", part(zvp)),
            Self::Verwahrung => f.write_str("verwahrung"),
            Self::Vorschuss => f.write_str("vorschuss"),
            Self::Bank { iban } => write!(f, "bank/{iban}"),
            Self::Erstattung => f.write_str("erstattung"),
            Self::Rueckgebuehr => f.write_str("rueckgebuehr"),
            Self::Disagio { haushaltsstelle } => write!(f, "disagio/{}", part(haushaltsstelle)),
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
            ["vorschuss"] => Ok(Self::Vorschuss),
            ["erstattung"] => Ok(Self::Erstattung),
            ["rueckgebuehr"] => Ok(Self::Rueckgebuehr),
            ["disagio", title] => Ok(Self::Disagio {
                haushaltsstelle: unpart(title).ok_or_else(wrong)?,
            }),
            ["bank", iban] => Ok(Self::Bank {
                iban: Iban::parse(iban).map_err(|_| wrong())?,
            }),
            ["erloes", title] => Ok(Self::Erloes {
                haushaltsstelle: unpart(title).ok_or_else(wrong)?,
                objektnummer: None,
            }),
            ["erloes", title, objekt] => Ok(Self::Erloes {
                haushaltsstelle: unpart(title).ok_or_else(wrong)?,
                objektnummer: Some(unpart(objekt).ok_or_else(wrong)?),
            }),
            ["steuer", key] => Ok(Self::Steuer {
                key: unpart(key).ok_or_else(wrong)?,
            }),
            ["verrechnung", zvp, method] => Ok(Self::Verrechnung {
                zvp: unpart(zvp).ok_or_else(wrong)?,
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
    /// The bank's statement shows what the provider owes us.
    Gutschrift = "gutschrift",
    /// The bank's statement shows that money went back, perhaps with a fee.
    Rueckgabe = "rueckgabe",
    /// The bank's statement shows money that nobody knows.
    Klaerung = "klaerung",
    /// The bank's statement shows that money left that nobody knows.
    Vorschuss = "vorschuss",
    /// Money that nobody knew is found to be a payment's.
    Zuordnung = "zuordnung",
    /// Money of a deposit is ordered to be paid back.
    Erstattung = "erstattung",
    /// The bank's statement shows a payout of a payment provider.
    Auszahlung = "auszahlung",
    /// What a payment provider kept of a payout.
    Disagio = "disagio",
    /// A later list takes back what an earlier one had said.
    Ruecknahme = "ruecknahme",
    /// Money or income moves from one place of the books to another.
    Umbuchung = "umbuchung",
    /// A small difference is given up: a shortfall that is not pursued, an overpayment that is kept.
    Ausbuchung = "ausbuchung",
    /// Money of a deposit is ordered to be passed on to whom it belongs.
    Weiterleitung = "weiterleitung",
    /// What was ordered to be paid out has left.
    Auskehrung = "auskehrung",
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
    /// What it is about: the attempt whose Kassenzeichen it concerns, or what a bank told.
    pub subject: Subject,
    /// The place of the booking that it reverses; only a Storno has one.
    pub reverses: Option<u64>,
    /// One or more lines.
    pub lines: Vec<Line>,
}

impl Booking {
    /// What every booking must hold: lines, each of more than nothing, and only a Storno reverses.
    ///
    /// # Errors
    /// Says what it does not hold.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.lines.is_empty() {
            return Err("a booking has lines");
        }
        if !self.lines.iter().all(|line| line.cents.is_positive()) {
            return Err("each line moves more than nothing");
        }
        if (self.kind == BookingKind::Storno) != self.reverses.is_some() {
            return Err("a Storno reverses, and nothing else does");
        }
        Ok(())
    }

    /// Asserts what [`Booking::check`] says.
    ///
    /// # Panics
    /// Where it does not hold: a fault of the program that must not reach the log.
    #[must_use]
    pub fn checked(self) -> Self {
        if let Err(why) = self.check() {
            panic!("{} of {}: {why}", self.kind.as_str(), self.subject);
        }
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
            "vorschuss",
            "rueckgebuehr",
            "erstattung",
            "disagio/9100.6580",
            "bank/DE02120300000000202051",
            "erloes/1100%2F1000",
            "erloes/100%25/0%2F1",
        ] {
            assert_eq!(
                text.parse::<Account>().map(|account| account.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in [
            "",
            "bank",
            "bank/DE02120300000000202052",
            "erloes/",
            "verrechnung/epaybl",
            "verrechnung//KREDITKARTE",
            "erloes/1100//1",
            "erloes/100%",
            "erloes/1100%2f1000",
            "erloes/a/b/c",
        ] {
            assert!(text.parse::<Account>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_slash_in_a_title_does_not_make_another_account() {
        let slashed = Account::Erloes {
            haushaltsstelle: "1100/1000".to_owned(),
            objektnummer: None,
        };
        let two = Account::Erloes {
            haushaltsstelle: "1100".to_owned(),
            objektnummer: Some("1000".to_owned()),
        };
        assert_ne!(slashed.to_string(), two.to_string());
        assert_eq!(slashed.to_string().parse(), Ok(slashed));
    }
}
