//! What statements of accounts need of the store: staging, which nobody counts on, what was filed, and the payments that
//! nobody has claimed yet.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::civil::Date;

use super::{CommitError, ReadError, SealedPersonal, SubjectKey};
use crate::domain::ids::{AttemptId, CaseId, Kassenzeichen, LedgerId, StatementId, Transaktionsnummer};
use crate::domain::money::Cents;
use crate::domain::statement::header::Header;
use crate::domain::statement::{Format, Iban};
use crate::domain::subject::DetailId;
use crate::domain::time::Timestamp;

/// A statement that is being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStatement {
    /// Its id, where it is not being read already.
    pub id: StatementId,
    /// The Kasse.
    pub ledger: LedgerId,
    /// The account.
    pub account: Iban,
    /// The format.
    pub format: Format,
    /// The bank's id of it.
    pub bank_id: String,
    /// Its number, where the bank counts.
    pub number: Option<u64>,
    /// Its page.
    pub page: Option<u64>,
    /// SHA-256 over what tells it again while it is read.
    pub head_key: [u8; 32],
    /// Now.
    pub at: Timestamp,
    /// The file that it came in.
    pub file: String,
    /// What was on the account before.
    pub opening: Option<Cents>,
}

/// A statement that is being staged by one reading. A later reading of the same statement takes it over, and gets the next
/// number: whoever holds an earlier one can write nothing more to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Its id: that of the first reading.
    pub id: StatementId,
    /// How often it was begun.
    pub number: i64,
}

impl Held {
    /// The name under which the number is kept, and guards the Change that files the statement.
    pub fn name(self) -> String {
        format!("staging/{}", self.id)
    }
}

/// How far a statement was staged before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staged {
    /// What is held from now on.
    pub held: Held,
    /// The number of the last entry that is there whole; 0 where there is none.
    pub entries: u32,
}

/// A booked entry on its way into staging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedEntry {
    /// Its number within the statement.
    pub n: u32,
    /// More than nothing came in, less than nothing went out.
    pub cents: Cents,
    /// When it was booked.
    pub booked_on: Date,
    /// From when it counts.
    pub valued_on: Option<Date>,
    /// What it is told again by.
    pub fingerprint: [u8; 32],
    /// The payments in it.
    pub details: Vec<StagedDetail>,
    /// The key of its personal data.
    pub key: SubjectKey,
    /// Whether its own row is there already: only further payments of it follow.
    pub continued: bool,
}

/// A payment inside an entry on its way into staging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedDetail {
    /// Its number within the entry.
    pub n: u32,
    /// With its sign.
    pub cents: Cents,
    /// What the bank wrote of it.
    pub personal: SealedPersonal,
}

/// What is known of a statement when it was read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedWhole {
    /// The first day that it covers.
    pub first_day: Date,
    /// The last.
    pub last_day: Date,
    /// What was on the account afterwards.
    pub closing: Option<Cents>,
    /// How many booked entries it has.
    pub entries: u64,
    /// What places it among the others of its account.
    pub header: Header,
    /// What its guards say, as JSON.
    pub guards: String,
}

/// A statement that was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledStatement {
    /// Its id.
    pub id: StatementId,
    /// The Kasse.
    pub ledger: LedgerId,
    /// The account.
    pub account: Iban,
    /// The format.
    pub format: String,
    /// The bank's id of it.
    pub bank_id: String,
    /// Its number, where the bank counts.
    pub number: Option<u64>,
    /// Its page.
    pub page: Option<u64>,
    /// The first day that it covers.
    pub first_day: Date,
    /// The last.
    pub last_day: Date,
    /// What was on the account before.
    pub opening: Option<Cents>,
    /// What was on it afterwards.
    pub closing: Option<Cents>,
    /// How many booked entries it has.
    pub entries: u64,
    /// What places it among the others of its account.
    pub header: Header,
    /// What its guards say, as JSON.
    pub guards: String,
    /// The file that it came in.
    pub file: String,
    /// Its place in the log.
    pub position: u64,
}

/// An entry that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alike {
    /// What it is told again by.
    pub fingerprint: [u8; 32],
    /// Which of several alike ones it is.
    pub ordinal: u32,
    /// The statement that has it.
    pub statement: StatementId,
}

/// Where a staged entry belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Its number within the statement.
    pub n: u32,
    /// Which of several alike ones it is.
    pub ordinal: u32,
    /// Whether no earlier statement has it.
    pub fresh: bool,
}

/// What of a staged statement no earlier one has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fresh {
    /// How many entries are staged in all.
    pub staged: u64,
    /// How many entries.
    pub entries: u64,
    /// What they bring in.
    pub credits: Cents,
    /// What they take out, as an amount of more than nothing.
    pub debits: Cents,
}

/// A payment on a filed statement that nobody has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDetail {
    /// Which.
    pub id: DetailId,
    /// The account.
    pub account: Iban,
    /// With its sign.
    pub cents: Cents,
    /// When it was booked.
    pub booked_on: Date,
    /// When its statement came in.
    pub came_in: Timestamp,
    /// What the bank wrote, encrypted, with the wrapped key; none where it was erased.
    pub sealed: Option<(crate::domain::ids::PersonalId, Vec<u8>, Vec<u8>)>,
}

/// An attempt whose money a statement may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The case.
    pub case: CaseId,
    /// The attempt.
    pub attempt: AttemptId,
    /// What is paid under.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// Our number.
    pub nummer: Transaktionsnummer,
    /// What was told, and no statement has shown coming in.
    pub outstanding: Cents,
    /// What was told to have gone back, and no statement has shown.
    pub returning: Cents,
    /// What was told to have come in and to have gone back, and no statement has shown either.
    pub passing: Cents,
    /// When the newest of that was told.
    pub passing_at: Option<Timestamp>,
    /// What is owed in all.
    pub total: Cents,
    /// What statements have shown.
    pub settled: Cents,
    /// Whether the payer transfers to an account, and the portal has not heard that it is paid.
    pub awaited_transfer: bool,
    /// Since when.
    pub since: Timestamp,
}

/// What one payment on a statement may be of, so that nothing else is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// References that it may name, as `domain/reconcile/names` writes them.
    pub names: BTreeSet<String>,
    /// Its amount; attempts that are owed just this much. None where only references count.
    pub cents: Option<Cents>,
    /// Attempts of payments that began at this time or later.
    pub from: Timestamp,
    /// And before this.
    pub until: Timestamp,
}

/// The store, as statements need it. What writes to staging is a [`CommitError::Conflict`] where somebody else has taken
/// it over.
#[async_trait]
pub trait StatementStore: Send + Sync {
    /// Begins to stage a statement, or goes on where an earlier reading of the same ended; it is taken over from whoever
    /// reads it at the moment.
    async fn begin_staging(&self, new: &NewStatement) -> Result<Staged, CommitError>;
    /// Stages entries in one transaction.
    async fn stage(&self, ledger: &LedgerId, held: Held, entries: &[StagedEntry]) -> Result<(), CommitError>;
    /// Staged entries behind one, in their order: number and fingerprint.
    async fn staged_fingerprints(
        &self,
        id: StatementId,
        after: u32,
        limit: u32,
    ) -> Result<Vec<(u32, [u8; 32])>, ReadError>;
    /// What is known of fingerprints on an account: in filed statements, and in those entries of `id` that come before
    /// `before`.
    async fn alike(
        &self,
        id: StatementId,
        before: u32,
        fingerprints: &[[u8; 32]],
    ) -> Result<Vec<Alike>, ReadError>;
    /// Says of staged entries which of several alike ones they are, and whether no earlier statement has them.
    async fn place_staged(&self, held: Held, placed: &[Placed]) -> Result<(), CommitError>;
    /// Completes staging.
    async fn finish_staging(&self, held: Held, whole: &StagedWhole) -> Result<Fresh, CommitError>;
    /// Takes a staged statement away, with all that was staged of it, unless somebody else has taken it over.
    async fn discard_staging(&self, held: Held) -> Result<(), CommitError>;
    /// Filed statements of an account that book, by their days.
    async fn filed_statements(
        &self,
        ledger: &LedgerId,
        account: Option<&Iban>,
    ) -> Result<Vec<FiledStatement>, ReadError>;
    /// Filed statements that book, in the order in which they were filed: `limit` of them behind a place of the log.
    async fn statements_behind(
        &self,
        ledger: &LedgerId,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<FiledStatement>, ReadError>;
    /// The filed statement with a digest.
    async fn filed_digest(
        &self,
        ledger: &LedgerId,
        digest: &[u8; 32],
    ) -> Result<Option<StatementId>, ReadError>;
    /// How often something that has no revision of its own was changed.
    async fn row_rev(&self, name: &str) -> Result<i64, ReadError>;
    /// Payments of statements that came in at `since` or later and that nobody has claimed: `limit` of them behind
    /// `after`.
    async fn open_details(
        &self,
        ledger: &LedgerId,
        since: Timestamp,
        after: Option<DetailId>,
        limit: u32,
    ) -> Result<Vec<OpenDetail>, ReadError>;
    /// Attempts whose money a statement may show: `limit` of them behind `after`, in the order in which they began.
    async fn expected(
        &self,
        ledger: &LedgerId,
        after: AttemptId,
        limit: u32,
    ) -> Result<Vec<Expected>, ReadError>;
    /// Attempts whose money one payment may be, in the order in which they began: those that it may name, those of its
    /// amount in a time, and the latest that wait in that time. Never more than some hundreds of each.
    async fn expected_near(&self, ledger: &LedgerId, near: &Near) -> Result<Vec<Expected>, ReadError>;
}
