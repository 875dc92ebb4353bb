//! Tagesabschluss of a Kasse's e-payment Vorbuch, as data: what the books say up to a place of the log, beside what the
//! bank says, with everything that is still open.
//!
//! A closing is a prefix of the log. [`Totals`] is fed record by record, over the whole prefix or from what the previous
//! closing carries forward, and gives the same [`Books`] both ways. `check` says what does not add up, `sign` who may
//! sign. To add a fact to the closing: a field in [`Books`], its arm in `totals`, its sum in `check`, and its section in
//! each of the documents of `export/closing`.

mod account;
mod check;
mod fact;
mod prepare;
mod sign;
mod totals;

use std::fmt;

use data_encoding::HEXLOWER;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use account::{AccountClass, AccountName};
pub use check::{Finding, Hold};
pub use fact::{Beside, Booked, Difference, Entry, Fact, Leg};
pub use prepare::{Bridge, Sheet, awaited, gaps, waits_for};
pub use sign::{SignError, Signature, SignerRole, Signing};
pub use totals::{Totals, TotalsError};

use super::ids::{AuthorityId, ExceptionId, Kassenzeichen, LedgerId, Method, PostenId};
use super::money::Cents;
use super::tenant::Rechnungswesen;
use super::time::Timestamp;

/// A closing. The order of the members is the order of the JSON document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// The Kasse's id.
    pub ledger: LedgerId,
    /// The Kasse's name for people.
    pub kasse: String,
    /// Its accounting system: chooses labels and paragraphs.
    pub rechnungswesen: Rechnungswesen,
    /// Whether no real money moves; every document says so.
    pub test: bool,
    /// Its number, from 1, without gaps.
    pub number: u64,
    /// The first day that it covers.
    pub from: Date,
    /// The last day that it covers; the same as the first where the Kasse closes daily.
    pub to: Date,
    /// Where the log was cut.
    pub cut: Cut,
    /// The closing before; none before the first.
    pub previous: Option<Previous>,
    /// The program that prepared it.
    pub program: Program,
    /// When it was prepared.
    #[serde(with = "instant")]
    pub prepared_at: Timestamp,
    /// What the books say.
    pub books: Books,
    /// What the banks say, one by one.
    pub banks: Vec<Bank>,
    /// Who has to sign, and who has signed.
    pub signing: Signing,
}

/// A place of the log: everything before it belongs to the closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// How many records there are before it.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Root,
}

/// The closing before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// Its number.
    pub number: u64,
    /// How many records it covers.
    pub size: u64,
    /// Its root.
    pub root: Root,
}

/// The root of a tree; reads and prints as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Root(pub [u8; 32]);

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl From<Root> for String {
    fn from(root: Root) -> Self {
        root.to_string()
    }
}

impl TryFrom<String> for Root {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        HEXLOWER
            .decode(text.as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| format!("«{text}» is no root: 64 digits 0-9 a-f"))
    }
}

/// The program that prepared a closing (§ 36a ThürGemHV: released programs only).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its version.
    pub version: String,
    /// Its build.
    pub build: String,
    /// The reference of the Freigabe by which it was released; none is printed as missing.
    pub freigabe: Option<String>,
}

/// What the books say at the cut.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Books {
    /// Each account that was ever moved, by name.
    pub accounts: Vec<AccountTotals>,
    /// Soll and Ist of each title, by year and Haushaltsstelle.
    pub titles: Vec<TitleTotals>,
    /// What the period moved, by account, Haushaltsstelle, method and authority.
    pub movements: Vec<Movement>,
    /// Verwahrungen that are not settled, oldest first.
    pub deposits: Vec<OpenPosten>,
    /// Vorschüsse that are not settled, oldest first.
    pub advances: Vec<OpenPosten>,
    /// Differences.
    pub exceptions: Exceptions,
}

/// An account. Balances are debit minus credit: what is owed to us is positive, what we owe is negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountTotals {
    /// The account.
    pub account: AccountName,
    /// Its balance before the period.
    pub opening: Cents,
    /// What the period debited.
    pub debit: Cents,
    /// What the period credited.
    pub credit: Cents,
    /// Its balance at the cut.
    pub closing: Cents,
}

/// A title of a Haushaltsjahr in the sense of the cash law: what is ordered (Soll), what has come in by the provider's
/// word (Ist), and the rest, which is what `forderung` holds for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TitleTotals {
    /// The Haushaltsjahr.
    pub haushaltsjahr: i16,
    /// The Haushaltsstelle; none where the claim has no title.
    pub haushaltsstelle: Option<String>,
    /// Soll of the period: ordered less given up.
    pub soll_moved: Cents,
    /// Ist of the period: paid less returned.
    pub ist_moved: Cents,
    /// Soll in all.
    pub soll: Cents,
    /// Ist in all.
    pub ist: Cents,
    /// Soll less Ist.
    pub rest: Cents,
}

/// What a period moved on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Movement {
    /// The account.
    pub account: AccountName,
    /// The Haushaltsstelle of the lines.
    pub haushaltsstelle: Option<String>,
    /// The payment method.
    pub method: Option<Method>,
    /// The authority whose money it is; none where nobody knows yet.
    pub authority: Option<AuthorityId>,
    /// How many sides of lines it sums up.
    pub count: u64,
    /// Debited.
    pub debit: Cents,
    /// Credited.
    pub credit: Cents,
}

/// A Verwahrung or a Vorschuss that is not settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenPosten {
    /// The open item.
    pub posten: PostenId,
    /// The account on which it stands.
    pub account: AccountName,
    /// The Kassenzeichen under which the money came, where it is known.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// The authority concerned, where it is known.
    pub authority: Option<AuthorityId>,
    /// The kind of booking that opened it, as the log names it.
    pub kind: String,
    /// How much: of a Verwahrung what we hold, of a Vorschuss what we are owed. Less than nothing where more was taken
    /// out than was in.
    pub cents: Cents,
    /// The booking day on which it was opened.
    pub opened_on: Date,
    /// Days from then to the last day of the closing.
    pub age_days: u32,
}

/// Differences that a person resolves. An open one never keeps a closing waiting; it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exceptions {
    /// Opened in the period, whether resolved since or not.
    pub opened: Vec<Exception>,
    /// Resolved in the period.
    pub resolved: Vec<Exception>,
    /// Still open at the cut.
    pub open: Vec<Exception>,
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Its id.
    pub id: ExceptionId,
    /// Its stable code.
    pub code: String,
    /// What happened and what can be done, in German, as it was when the closing was prepared.
    pub text: String,
    /// The Kassenzeichen concerned, where there is one.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// The amount concerned, where there is one.
    pub cents: Option<Cents>,
    /// The booking day on which it was opened.
    pub opened_on: Date,
    /// The booking day on which it was resolved; none while it is open.
    pub resolved_on: Option<Date>,
    /// Days from when it was opened to when it was resolved, or to the last day of the closing.
    pub age_days: u32,
}

/// A bank account beside the books. The account may carry money that is none of ours (*foreign*): the bridge from one
/// closing to the next is its opening, credits, debits and closing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bank {
    /// The IBAN, without blanks; its account in the books is `bank/<IBAN>`.
    pub iban: String,
    /// The last statement that is booked at the cut; none where there never was one.
    pub statement: Option<StatementBalance>,
    /// Days whose statement is still awaited.
    pub awaited: Vec<Date>,
    /// The balance of `bank/<IBAN>` in our books.
    pub ours: Cents,
    /// Money that is none of ours.
    pub foreign: Foreign,
    /// Ist-Bestand less Soll-Bestand; none without a statement.
    pub difference: Option<Cents>,
    /// What was weighed when the statements were read.
    pub guards: Vec<Guard>,
}

/// The balance that a statement closes with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementBalance {
    /// Its number as the bank counts, or its id.
    pub number: String,
    /// The day of the balance.
    pub day: Date,
    /// The bank's closing balance: more than nothing is credit.
    pub balance: Cents,
}

/// Money on a bank account that is none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Foreign {
    /// Before the period.
    pub opening: Cents,
    /// Came in the period.
    pub credits: Cents,
    /// Went in the period.
    pub debits: Cents,
    /// At the cut.
    pub closing: Cents,
}

impl Foreign {
    /// From what was there and what moved.
    pub fn moved(opening: Cents, credits: Cents, debits: Cents) -> Self {
        Self {
            opening,
            credits,
            debits,
            closing: opening + credits - debits,
        }
    }
}

/// A guard of statements, and whether it held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// Its stable code.
    pub code: String,
    /// What it says, in German.
    pub text: String,
    /// Whether it held.
    pub held: bool,
}

impl Bank {
    /// Soll-Bestand: what our books and the bridge of foreign money say that the bank must hold.
    pub fn soll(&self) -> Cents {
        self.ours + self.foreign.closing
    }

    /// Ist-Bestand: what the bank says (§ 72 Abs. 1 ThürGemHV allows it where the Kontogegenbuch is automated).
    pub fn ist(&self) -> Option<Cents> {
        self.statement.as_ref().map(|statement| statement.balance)
    }

    /// With the difference that follows from the rest.
    #[must_use]
    pub fn weighed(self) -> Self {
        Self {
            difference: self.ist().map(|ist| ist - self.soll()),
            ..self
        }
    }
}

/// Days from one day to another; none are negative.
fn age(opened_on: Date, until: Date) -> u32 {
    let days = opened_on.duration_until(until).as_hours() / 24;
    u32::try_from(days.max(0)).unwrap_or(u32::MAX)
}

/// Instants as RFC 3339 text: a closing is read by people's programs, not only by ours.
mod instant {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::domain::time::Timestamp;

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands fields over by reference"
    )]
    pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&at.rfc3339())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map(Timestamp::from_instant)
            .map_err(|why| serde::de::Error::custom(format!("«{text}» is no instant: {why}")))
    }
}

#[cfg(test)]
pub(crate) mod testkit;
#[cfg(test)]
mod tests;
