//! Statements of accounts (Kontoauszüge) as they were read, whatever format they came in: what is booked, what is only
//! a preview, what is a detail of a batched line.
//!
//! A reader (`statement/`) tells a statement as a row of [`Piece`]s, so that a file of any size is read in bounded
//! memory; `guards` weighs them on the way. Amounts are magnitude and direction, never signed, as the formats have them.

pub mod details;
pub mod guards;
pub mod header;
mod iban;
pub mod identity;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use iban::{Iban, IbanError};

use super::money::Cents;

/// A format of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Bank to customer statement: the day as it was booked.
    Camt053,
    /// Bank to customer account report: during the day.
    Camt052,
    /// Debit and credit notification: what is in a batched line.
    Camt054,
    /// SWIFT customer statement.
    Mt940,
    /// SWIFT interim report.
    Mt942,
}

/// What a format may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Its booked entries may be booked.
    Books,
    /// It never books, whatever it says of an entry.
    Previews,
    /// It adds details to batched lines of another statement.
    Details,
}

impl Format {
    /// Its name in tables and outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Camt053 => "camt053",
            Self::Camt052 => "camt052",
            Self::Camt054 => "camt054",
            Self::Mt940 => "mt940",
            Self::Mt942 => "mt942",
        }
    }

    /// What it may do (Deutsche Kreditwirtschaft, Anlage 3 of the DFÜ agreement).
    pub const fn role(self) -> Role {
        match self {
            Self::Camt053 | Self::Mt940 => Role::Books,
            Self::Camt052 | Self::Mt942 => Role::Previews,
            Self::Camt054 => Role::Details,
        }
    }
}

/// Where in a file something stands: what an error message names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// The line, from 1.
    pub line: u64,
}

/// What opens a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its format.
    pub format: Format,
    /// The version of a camt message (`08`).
    pub version: Option<String>,
    /// The account as the bank writes it, without blanks: an IBAN, or `<BLZ>/<number>`. Empty where the file names none:
    /// such a statement can be shown and never books.
    pub account: String,
    /// The currency of the account (ISO 4217), where the file says it.
    pub currency: Option<String>,
    /// The bank's id of the statement (`Stmt/Id`, `:20:`); not unique by itself.
    pub id: String,
    /// The number of the statement and its page, where the file has one that counts (`00000` does not).
    pub sequence: Option<Sequence>,
    /// When the bank made it, as written.
    pub created: Option<String>,
    /// The first and last day that it covers, where it says so.
    pub period: Option<(Date, Date)>,
    /// What was on the account before.
    pub opening: Option<Balance>,
    /// Where it begins.
    pub place: Place,
}

/// The number of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sequence {
    /// Its number; begins anew each year at most banks.
    pub number: u64,
    /// The page of it, from 1, where it is split over several messages.
    pub page: Option<u64>,
    /// Whether this page is known to be the last; none where the format does not say.
    pub last: Option<bool>,
}

/// A balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Its kind as written: `OPBD`, `PRCD`, `CLBD`, `60F`, `60M`, `62F` and so on.
    pub kind: String,
    /// More than nothing is credit, less is debit.
    pub cents: Cents,
    /// Its day.
    pub day: Option<Date>,
    /// Its currency.
    pub currency: String,
}

/// Which way money went, seen from the account's holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// In.
    Credit,
    /// Out.
    Debit,
}

impl Direction {
    /// The amount with its sign: in is positive.
    pub fn signed(self, cents: Cents) -> Cents {
        match self {
            Self::Credit => cents,
            Self::Debit => -cents,
        }
    }
}

/// How firm an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// `BOOK`; every line of an MT940.
    Booked,
    /// `PDNG`: expected. Never books.
    Pending,
    /// `INFO`: told only. Never books.
    Information,
}

/// A line of a statement. Its details follow as pieces of their own; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number within the statement, from 1.
    pub ordinal: u32,
    /// How much.
    pub cents: Cents,
    /// Its currency.
    pub currency: String,
    /// Which way. Of a reversal it is already that of the reversing entry.
    pub direction: Direction,
    /// Whether it reverses an earlier entry (`RvslInd`, `RC`, `RD`).
    pub reversal: bool,
    /// How firm it is.
    pub status: Status,
    /// The day on which it was booked.
    pub booked_on: Option<Date>,
    /// The day from which it counts.
    pub valued_on: Option<Date>,
    /// The bank's reference of the entry, where it is one: never `NONREF` or `NOTPROVIDED`.
    pub bank_reference: Option<String>,
    /// The entry's reference of the customer or account owner (`NtryRef`; `:61:` subfield 7), where it is one.
    pub reference: Option<String>,
    /// What kind of transaction, as written.
    pub code: Code,
    /// What a batched line says of its parts.
    pub batch: Option<Batch>,
    /// The bank's words for it (`AddtlNtryInf`, `?00`, `:61:` line 2), lines joined by a line feed.
    pub text: String,
    /// The text of the file that it was read from, without its details; cut at 64 KiB.
    pub raw: String,
    /// Where it begins.
    pub place: Place,
}

/// What kind of transaction an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Code {
    /// The German Geschäftsvorfallcode, three digits (`166`).
    pub gvc: Option<String>,
    /// The ISO bank transaction code (`PMNT-RCDT-ESCT`).
    pub iso: Option<String>,
    /// SWIFT's type (`NTRF`).
    pub swift: Option<String>,
    /// Textschlüsselergänzung (`?34`).
    pub key_extension: Option<String>,
    /// The Primanota number (`?10`).
    pub primanota: Option<String>,
}

/// What a batched line says of its parts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Batch {
    /// The message that it came from (`Btch/MsgId`).
    pub message_id: Option<String>,
    /// The file of payments (`Btch/PmtInfId`, `KREF`).
    pub payment_information_id: Option<String>,
    /// How many parts it has.
    pub count: Option<u32>,
    /// Their sum.
    pub total: Option<Cents>,
}

/// One payment inside an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// Its number within the entry, from 1.
    pub ordinal: u32,
    /// How much, in the currency of the entry; the entry's own amount where there is one detail that says none; none
    /// where a batched line is not opened or does not say.
    pub cents: Option<Cents>,
    /// Which way.
    pub direction: Direction,
    /// References, never fillers such as `NOTPROVIDED`.
    pub references: References,
    /// Who is on the other side.
    pub counterparty: Party,
    /// The lines of the unstructured remittance information as the bank cut them: blanks at their ends may belong to it.
    pub purpose: Vec<String>,
    /// Structured references (`Strd/CdtrRefInf/Ref`), such as an RF reference.
    pub structured: Vec<String>,
    /// Why it came back, where it is a return.
    pub returned: Option<Return>,
    /// The amount of the original payment, where it is told apart (`InstdAmt`, `OAMT`, `OCMT`).
    pub original: Option<Cents>,
    /// Fees that the amount holds, by amount, where they are told (`Chrgs`, `CHGS`); lines of nothing are left out.
    pub charges: Vec<Cents>,
    /// What kind of transaction, where it is told of the detail.
    pub code: Code,
    /// The text of the file that it was read from; cut at 64 KiB. Empty where the entry's text has it all.
    pub raw: String,
    /// Where it begins.
    pub place: Place,
}

/// References of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct References {
    /// `EndToEndId`, `EREF`.
    pub end_to_end: Option<String>,
    /// `MndtId`, `MREF`.
    pub mandate: Option<String>,
    /// The creditor's id, `CRED`.
    pub creditor_id: Option<String>,
    /// `TxId`, `UETR`.
    pub transaction: Option<String>,
    /// The bank's reference of the detail (`AcctSvcrRef`).
    pub bank: Option<String>,
    /// `InstrId`, `PmtInfId`, `MsgId`, `KREF`.
    pub instruction: Option<String>,
    /// Others, by their name (`Prtry/Tp`, `FI-UMSATZ-ID`).
    pub other: Vec<(String, String)>,
}

/// Who is on the other side.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Party {
    /// Name.
    pub name: Option<String>,
    /// The ultimate party (`UltmtDbtr`, `ABWA`).
    pub ultimate: Option<String>,
    /// Account: an IBAN or a number.
    pub account: Option<String>,
    /// Bank: BIC or BLZ.
    pub bank: Option<String>,
}

/// Why a payment came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// ISO reason (`MS03`), where it is told or follows from a Textschlüsselergänzung.
    pub code: Option<String>,
    /// In words.
    pub text: Option<String>,
}

/// What closes a statement.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tail {
    /// What was on the account afterwards.
    pub closing: Option<Balance>,
    /// Other balances: available, forward, interim.
    pub others: Vec<Balance>,
    /// How many entries the bank says there are (`TxsSummry/TtlNtries/NbOfNtries`, `90C` and `90D`), and their sums.
    pub stated: Stated,
}

/// What the bank says of the entries in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stated {
    /// Count of all.
    pub count: Option<u64>,
    /// Count and sum of credits.
    pub credits: Option<(u64, Cents)>,
    /// Count and sum of debits.
    pub debits: Option<(u64, Cents)>,
}

/// A statement that could not be read to its end. What was told of it before counts for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The entry in which it failed, from 1.
    pub entry: Option<u32>,
    /// Where.
    pub place: Place,
    /// What is wrong and, where it is known, what to do.
    pub reason: String,
}

/// What a reader tells, in order: head, then each entry followed by its details, then the tail. A refusal may take the
/// place of anything but the end of a statement; the next piece is then the head of the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Piece {
    /// A statement begins.
    Head(Box<Head>),
    /// A line.
    Entry(Box<Entry>),
    /// A payment within the line before.
    Detail(Box<Detail>),
    /// The statement ends.
    Tail(Box<Tail>),
    /// The statement could not be read.
    Refused(Refusal),
}
