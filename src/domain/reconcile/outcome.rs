//! What matching says of each line: one verdict, with the rule and the evidence by which it was reached.
//!
//! Codes are stable: they are stored with each pairing. A new rule is a variant here and a row in the table of the
//! [room](super).

use std::fmt;

use serde::{Serialize, Serializer};

use super::book::{Name, Target};
use super::lines::{Field, LineId};
use crate::domain::money::Cents;

macro_rules! codes {
    ($(#[$enum_doc:meta])* $enum:ident { $($(#[$doc:meta])* $name:ident = $code:literal,)* }) => {
        $(#[$enum_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $enum { $($(#[$doc])* $name,)* }

        impl $enum {
            /// All of them, as a lookup table has them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable code.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }

        impl Serialize for $enum {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

codes! {
    /// By which rule a line was paired, or a return found its payment.
    Rule {
        /// The reference fills a field, the amount is exact.
        Exact = "referenz_genau",
        /// The reference stands in a text, the amount is exact, nothing else could be meant.
        InText = "referenz_im_text",
        /// One of several payments with its reference that come to the exact amount together.
        Sum = "referenz_summe",
        /// A payout of its whole sum.
        PayoutGross = "auszahlung_brutto",
        /// A payout less the fee of its list.
        PayoutList = "auszahlung_liste",
        /// A payout less the fee of the contract, one cent per payment more or less.
        PayoutContract = "auszahlung_vertrag",
    }
}

codes! {
    /// What a person resolves.
    Difference {
        /// The reference is right, the amount is not.
        Amount = "betrag_weicht_ab",
        /// Less was paid out than list or contract explain.
        Fee = "gebuehr_ungeklaert",
        /// The same money again for what has been paid.
        Twice = "doppelzahlung",
        /// Other money for what has been paid.
        AfterSettled = "zahlung_auf_erledigtes",
        /// On an account where it must not be paid.
        Account = "anderes_konto",
        /// A return of something that nobody knows as paid.
        ReturnUnknown = "ruecklauf_unbekannt",
        /// A return whose amount is neither what was paid nor explained by fees that the bank tells.
        ReturnAmount = "ruecklauf_betrag",
        /// Money moved the other way under a reference of ours, and it is no return.
        Opposite = "gegenbewegung",
    }
}

codes! {
    /// Why something is suggested to a person. A suggestion claims nothing.
    Hint {
        /// The line names several open items, which add up to it.
        SeveralNamed = "mehrere_genannt",
        /// A reference that looks alike (O for 0, one slip of the pen), with the right amount.
        Near = "aehnliche_referenz",
        /// A reference that looks alike, with another amount.
        NearOtherAmount = "aehnliche_referenz_anderer_betrag",
        /// The right amount at the right time.
        Amount = "betrag_und_zeit",
        /// Two or three open items that add up at the right time.
        Sum = "summe",
    }
}

/// How a reference was written where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Spelling {
    /// Split between two lines of the purpose.
    pub cut: bool,
    /// With blanks, hyphens, points or slashes inside.
    pub blanks: bool,
    /// With leading zeros more or fewer.
    pub zeros: bool,
    /// As an RF reference of ISO 11649.
    pub rf: bool,
    /// Only alike: it proves nothing.
    pub alike: bool,
}

/// Where a reference was found. Shows itself as short canonical text: `purpose:1:14 kassenzeichen «1001 00» blanks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The field.
    pub field: Field,
    /// Which piece of it, from 1.
    pub piece: u16,
    /// Its first character there, from 1.
    pub at: u32,
    /// As it is written; line ends as `|`.
    pub written: Box<str>,
    /// Which reference of the item it is.
    pub name: Name,
    /// How it is written.
    pub spelling: Spelling,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (field, name) = (self.field.as_str(), self.name.as_str());
        write!(f, "{field}:{}:{} {name} «{}»", self.piece, self.at, self.written)?;
        let Spelling {
            cut,
            blanks,
            zeros,
            rf,
            alike,
        } = self.spelling;
        let words = [
            (cut, "cut"),
            (blanks, "blanks"),
            (zeros, "zeros"),
            (rf, "rf"),
            (alike, "alike"),
        ];
        for (_, word) in words.into_iter().filter(|(so, _)| *so) {
            write!(f, " {word}")?;
        }
        Ok(())
    }
}

/// A line is this item, to the cent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pairing {
    /// The item. A settled one where a return of this run had opened it again.
    pub target: Target,
    /// Nobody has said yet that it was paid (Vorkasse): both sides are to be booked at once.
    pub ahead: bool,
    /// The rule.
    pub rule: Rule,
    /// The evidence.
    pub evidence: Evidence,
    /// What the item is cleared by: the line's amount and the fee.
    pub gross: Cents,
    /// What the provider kept.
    pub fee: Cents,
}

/// A line takes a payment back: the item is open again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Returned {
    /// The item. An open one where this run had paired it before.
    pub target: Target,
    /// The rule by which its reference was found.
    pub rule: Rule,
    /// The evidence.
    pub evidence: Evidence,
    /// The reason (`MS03`), where it is told.
    pub code: Option<Box<str>>,
    /// What went back of the payment itself, a magnitude.
    pub gross: Cents,
    /// What the bank kept for it.
    pub fee: Cents,
}

/// A line that differs from what its reference promises.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exception {
    /// In what.
    pub code: Difference,
    /// The item that it speaks of, where one is known.
    pub target: Option<Target>,
    /// The amount that was expected, with its sign.
    pub expected: Option<Cents>,
    /// Where the reference was found.
    pub evidence: Option<Evidence>,
}

/// An item that a line could be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The item.
    pub target: Target,
    /// Why it could be.
    pub evidence: Evidence,
}

/// What a person may look at first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// Why.
    pub hint: Hint,
    /// One item, or those that add up.
    pub targets: Vec<Target>,
    /// The reference that looks alike, where one does.
    pub evidence: Option<Evidence>,
}

/// What is said of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is an item.
    Paired(Pairing),
    /// It takes a payment back.
    Returned(Box<Returned>),
    /// It differs from what its reference promises.
    Exception(Box<Exception>),
    /// It could be any of these, and nobody but a person may choose.
    Ambiguous(Vec<Candidate>),
    /// Nothing certain is known of it.
    Unmatched(Vec<Suggestion>),
}

/// A line and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// The line.
    pub line: LineId,
    /// The verdict.
    pub verdict: Verdict,
}

/// What is said of all lines: each of them once, by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Outcome {
    /// Sorted by the line's id.
    pub judged: Vec<Judged>,
}

impl Outcome {
    /// The pairings.
    pub fn pairings(&self) -> impl Iterator<Item = (LineId, &Pairing)> {
        self.judged.iter().filter_map(|judged| match &judged.verdict {
            Verdict::Paired(pairing) => Some((judged.line, pairing)),
            _ => None,
        })
    }

    /// What is said of a line of the run.
    pub fn of(&self, line: LineId) -> Option<&Verdict> {
        let at = self
            .judged
            .binary_search_by_key(&line, |judged| judged.line)
            .ok()?;
        Some(&self.judged[at].verdict)
    }
}
