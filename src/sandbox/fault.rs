//! What can go wrong on request. `docs/sandbox.md` has the table for readers.
//!
//! - here – the faults, and the cents of an amount that ask for one
//! - `names` – how each is called, with a sentence in German and in English
//! - `texts` – words in a description or a Buchungstext that ask for one
//! - `asked` – what waits for the next calls, what holds for all, and chance from a seed
//!
//! One more fault is one more variant with its line in `names` (or in the two matches here, if it carries
//! a value), and the place that asks for it; what all faces do alike is in `gate`.

mod asked;
mod names;
mod texts;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use self::asked::{Drawn, Random};
pub(super) use self::{
    asked::{Faults, MOST_TOGETHER, MOST_WAITING},
    names::all_names,
};
use super::Cents;

/// One way in which a payment, or the server, misbehaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Fault {
    /// The answer comes late; for the whole server: every answer of the Konnektor.
    Slow,
    /// The payment is created, then the connection is closed without an answer.
    DropAfterCreate,
    /// The payment is created, but the answer is HTTP 500.
    ErrorAfterCreate,
    /// No answer at all until the client gives up; nothing is created. For the whole server: every call.
    Silent,
    /// The payment is created, then as [`Fault::Silent`].
    SilentAfterCreate,
    /// The answer ends before its Content-Length; for the whole server: every answer.
    Truncated,
    /// The payer's method fails: the payment ends without money.
    PaymentFails,
    /// `success` is sent twice.
    NotifyTwice,
    /// `success` is sent ten times at once.
    NotifyTenAtOnce,
    /// `success` is sent before `notify`.
    NotifyReordered,
    /// Notifies are held back until they are asked for.
    NotifyLate,
    /// No notify, not even when asked for.
    NoNotify,
    /// The hash is made with another secret.
    WrongHash,
    /// The payment is paid and notified before the create call is answered.
    NotifyBeforeAnswer,
    /// After the payment so many reads still say AKTIV.
    StatusLags {
        /// How many reads.
        reads: u32,
    },
    /// After an abort the paypage is INAKTIV, nothing was paid.
    InaktivAfterAbort,
    /// The payer pays less.
    WrongAmount {
        /// So much less.
        short: Cents,
    },
    /// The payer pays more: the saldo becomes negative.
    Overpaid {
        /// So much more.
        over: Cents,
    },
    /// The create answer does not name the Kassenzeichen.
    KassenzeichenOnlyInNotify,
    /// A good signature over another Kassenzeichen.
    OtherKassenzeichen,
    /// A good signature over another Bewirtschafter.
    OtherBewirtschafter,
    /// Reads have no saldo.
    MissingSaldo,
    /// Before the XML of an answer of the SOAP service stands something else.
    JunkBeforeXml,
    /// Reads lack what a client would like to have.
    MissingFields,
    /// In place of an answer of the SOAP service comes a Fault; nothing is created.
    SoapFault,
    /// Answers of the SOAP service are in another encoding than they say.
    WrongEncoding,
    /// The create call is refused with this code.
    AutoRefuse(String),
    /// HTTP 401 without JSON; for the whole server: every answer of the Konnektor.
    Http401,
    /// HTTP 403 without JSON, likewise.
    Http403,
    /// HTTP 500 without JSON, likewise. Nothing is created.
    Http500,
    /// HTTP 503 without JSON, likewise.
    Http503,
    /// Over TLS the server presents a certificate that has expired. Of the whole server only.
    ExpiredCertificate,
    /// Over TLS the server refuses the client's certificate as expired. Of the whole server only.
    ClientCertificateExpired,
    /// Notify fields under `data`.
    NestedData,
    /// Notify as GET with a query.
    NotifyByGet,
    /// Notify as a form.
    NotifyByForm,
}

/// A text that names no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no fault of the sandbox")]
pub struct UnknownFault(String);

impl Fault {
    /// The fault that an amount asks for by its cents. ,90 ,95 and ,99 are left to ordinary prices.
    pub fn magic(betrag: Cents) -> Option<Self> {
        Some(match betrag.cent_part() {
            71 => Self::NotifyTwice,
            72 => Self::NotifyTenAtOnce,
            73 => Self::NotifyLate,
            74 => Self::NoNotify,
            75 => Self::WrongHash,
            76 => Self::NotifyBeforeAnswer,
            77 => Self::StatusLags { reads: 2 },
            78 => Self::InaktivAfterAbort,
            79 => Self::WrongAmount {
                short: Cents::new(100),
            },
            80 => Self::Overpaid {
                over: Cents::new(100),
            },
            81 => Self::KassenzeichenOnlyInNotify,
            82 => Self::OtherKassenzeichen,
            83 => Self::OtherBewirtschafter,
            84 => Self::MissingSaldo,
            85 => Self::NestedData,
            86 => Self::NotifyByGet,
            87 => Self::NotifyByForm,
            88 => Self::Slow,
            89 => Self::DropAfterCreate,
            91 => Self::Http401,
            92 => Self::Http403,
            93 => Self::Http500,
            94 => Self::AutoRefuse("-0611".to_owned()),
            96 => Self::AutoRefuse("-9999".to_owned()),
            97 => Self::ErrorAfterCreate,
            _ => return None,
        })
    }

    /// The HTTP status that stands in place of an answer.
    pub(super) fn http_status(&self) -> Option<u16> {
        match self {
            Self::Http401 => Some(401),
            Self::Http403 => Some(403),
            Self::Http500 => Some(500),
            Self::Http503 => Some(503),
            _ => None,
        }
    }

    /// It is about connections, so it can hold for the whole server only.
    pub(super) fn is_of_connections(&self) -> bool {
        matches!(self, Self::ExpiredCertificate | Self::ClientCertificateExpired)
    }

    /// The faults that words in these texts ask for, such as `SANDBOX FAULT NOTIFY-TWICE`; the first eight.
    pub fn of_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        texts::read(texts)
    }

    /// The code that stands in place of an answer.
    pub(super) fn refusal(&self) -> Option<&str> {
        match self {
            Self::AutoRefuse(rc) => Some(rc),
            _ => None,
        }
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let unknown = || UnknownFault(text.to_owned());
        if let Some(fault) = names::plain(text) {
            return Ok(fault);
        }
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let number = |usual: u32| {
            if value.is_empty() {
                Ok(usual)
            } else {
                value.parse().map_err(|_| unknown())
            }
        };
        Ok(match name {
            "status-lags" => Self::StatusLags { reads: number(2)? },
            "wrong-amount" => Self::WrongAmount {
                short: Cents::new(number(100)?.into()),
            },
            "overpaid" => Self::Overpaid {
                over: Cents::new(number(100)?.into()),
            },
            "auto-refuse" if value.is_empty() => Self::AutoRefuse("-9999".to_owned()),
            "auto-refuse" if value.starts_with('-') => Self::AutoRefuse(value.to_owned()),
            _ => return Err(unknown()),
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StatusLags { reads } => write!(formatter, "status-lags:{reads}"),
            Self::WrongAmount { short } => write!(formatter, "wrong-amount:{}", short.get()),
            Self::Overpaid { over } => write!(formatter, "overpaid:{}", over.get()),
            Self::AutoRefuse(rc) => write!(formatter, "auto-refuse:{rc}"),
            plain => formatter.write_str(names::of(plain)),
        }
    }
}

impl TryFrom<String> for Fault {
    type Error = UnknownFault;

    fn try_from(text: String) -> Result<Self, UnknownFault> {
        text.parse()
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> Self {
        fault.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_read_back_from_its_name() {
        let valued = [
            "status-lags:3",
            "wrong-amount:500",
            "overpaid:1",
            "auto-refuse:-0611",
        ];
        for name in all_names().map(|named| named.name).chain(valued) {
            assert_eq!(name.parse::<Fault>().expect(name).to_string(), name);
        }
        assert_eq!("status-lags".parse(), Ok(Fault::StatusLags { reads: 2 }));
        for wrong in [
            "",
            "slowly",
            "status-lags:x",
            "wrong-amount:-1",
            "auto-refuse:+0000",
        ] {
            assert!(wrong.parse::<Fault>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_manual_has_every_magic_amount() {
        let manual = include_str!("../../docs/sandbox.md");
        for cents in 0..100 {
            if let Some(fault) = Fault::magic(Cents::new(4200 + cents)) {
                let row = format!("| ,{cents} | `{fault}` |");
                assert!(manual.contains(&row), "docs/sandbox.md has no row {row}");
            }
        }
        for named in all_names() {
            let row = format!("| `{}` | {} |", named.name, named.english);
            assert!(manual.contains(&row), "docs/sandbox.md has no row {row}");
        }
    }
}
