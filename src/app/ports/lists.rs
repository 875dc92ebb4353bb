//! What settlement lists of payment providers need of the store: staging, which nobody counts on, what was filed, and the
//! lines that are still to be booked.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{CommitError, OpenDetail, ReadError};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, AuthorityId, CaseId, ExceptionId, LedgerId, ListId, PayoutId, PostenId};
use crate::domain::money::Cents;
use crate::domain::payout::{Contents, Share};
use crate::domain::record::ListFiled;
use crate::domain::settlement::Line;
use crate::domain::statement::Iban;
use crate::domain::subject::{DetailId, ListLineId, Subject};
use crate::domain::time::Timestamp;

/// A list on its way into staging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewList {
    /// What will be filed.
    pub filed: ListFiled,
    /// Now.
    pub at: Timestamp,
    /// The file that it came in.
    pub file: String,
}

/// A payout as its newest list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPayout {
    /// The list.
    pub list: ListId,
    /// The payout.
    pub payout: PayoutId,
    /// Its open item.
    pub posten: PostenId,
    /// By which entry of the Kasse it was read.
    pub source: String,
    /// Its reference, as bank and list have it.
    pub reference: String,
    /// From 1.
    pub revision: u64,
    /// The file that it came in.
    pub file: String,
    /// When it came.
    pub at: Timestamp,
    /// What it comes to.
    pub contents: Contents,
    /// What the bank has shown of it.
    pub shown: Option<ShownPayout>,
    /// Whether it came to nothing, and was settled by its list because no bank would show it.
    pub nothing: bool,
    /// Whether every line of it is booked.
    pub done: bool,
}

impl ListedPayout {
    /// The name of the row that guards it.
    pub fn row(ledger: &LedgerId, source: &str, reference: &str) -> String {
        format!("payout/{ledger}/{source}/{reference}")
    }
}

/// What the bank has shown of a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownPayout {
    /// The payment on a statement.
    pub detail: DetailId,
    /// Its account.
    pub account: Iban,
    /// All of it.
    pub whole: Cents,
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedLine {
    /// Which.
    pub id: ListLineId,
    /// What it says.
    pub line: Line,
}

/// A line of a list as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenLine {
    /// The revision that brought it.
    pub revision: u64,
    /// Which.
    pub id: ListLineId,
    /// What it says.
    pub line: Line,
    /// Whose payment it names; none where it names none of ours.
    pub authority: Option<AuthorityId>,
}

/// A line that is still to be booked, or to be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineWork {
    /// Which.
    pub id: ListLineId,
    /// What it says.
    pub line: Line,
    /// Where it was booked, when a later list no longer has it.
    pub back_from: Option<String>,
}

/// Money in a deposit that nobody knew, and that no person has touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposited {
    /// The deposit.
    pub posten: PostenId,
    /// The exception that names it.
    pub exception: ExceptionId,
}

/// A line of a list whose part lies in a deposit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepositedLine {
    /// The line.
    pub line: ListLineId,
    /// Its reference.
    pub reference: String,
    /// How much lies there.
    pub cents: Cents,
    /// Where.
    pub deposited: Deposited,
}

/// An exception that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenException {
    /// Its id.
    pub id: ExceptionId,
    /// What differs.
    pub code: ExceptionCode,
    /// Whether a person has begun to resolve it.
    pub begun: bool,
}

/// An attempt that a list names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAttempt {
    /// The reference by which it was found: its Kassenzeichen, or our number.
    pub reference: String,
    /// The case.
    pub case: CaseId,
    /// The attempt.
    pub attempt: AttemptId,
}

/// The store, as settlement lists need it.
#[async_trait]
pub trait ListStore: Send + Sync {
    /// Begins to stage a list.
    async fn stage_list(&self, new: &NewList, ledger: &LedgerId) -> Result<(), CommitError>;
    /// Stages lines of it, and what of earlier revisions it no longer has.
    async fn stage_lines(
        &self,
        list: ListId,
        lines: &[(u32, Line)],
        gone: &[ListLineId],
    ) -> Result<(), CommitError>;
    /// Takes away what readings of a payout's lists left in staging that a crash cut off before `before`.
    async fn discard_left(
        &self,
        ledger: &LedgerId,
        (source, reference): (&str, &str),
        before: Timestamp,
    ) -> Result<(), CommitError>;
    /// Takes a staged list away.
    async fn discard_list(&self, list: ListId) -> Result<(), CommitError>;
    /// The filed list of a payout with a digest.
    async fn list_digest(
        &self,
        ledger: &LedgerId,
        (source, reference): (&str, &str),
        digest: &[u8; 32],
    ) -> Result<Option<ListId>, ReadError>;
    /// The payout of a reference.
    async fn payout(
        &self,
        ledger: &LedgerId,
        source: &str,
        reference: &str,
    ) -> Result<Option<ListedPayout>, ReadError>;
    /// A payout by its id.
    async fn payout_by_id(
        &self,
        ledger: &LedgerId,
        payout: PayoutId,
    ) -> Result<Option<ListedPayout>, ReadError>;
    /// Lines of a payout that count, without those that name payments of other authorities than these: `limit` of them
    /// behind a line, by revision and number.
    async fn seen_lines(
        &self,
        (ledger, payout): (&LedgerId, PayoutId),
        authorities: &BTreeSet<AuthorityId>,
        after: (u64, u32),
        limit: u32,
    ) -> Result<Vec<SeenLine>, ReadError>;
    /// Payouts whose newest list came at `since` or later: `limit` of them behind `after`, in the order in which they
    /// began.
    async fn payouts(
        &self,
        ledger: &LedgerId,
        since: Timestamp,
        after: Option<PayoutId>,
        limit: u32,
    ) -> Result<Vec<ListedPayout>, ReadError>;
    /// The lines that count.
    async fn payout_lines(&self, ledger: &LedgerId, payout: PayoutId) -> Result<Vec<ListedLine>, ReadError>;
    /// The lines that counted when a list was filed.
    async fn lines_filed(&self, list: ListId) -> Result<Vec<ListedLine>, ReadError>;
    /// Our lines that are still to be booked, and those that are to be taken back.
    async fn payout_work(&self, ledger: &LedgerId, payout: PayoutId) -> Result<Vec<LineWork>, ReadError>;
    /// Says that every line of a list is booked.
    async fn list_done(&self, list: ListId) -> Result<(), CommitError>;
    /// What is booked of a payout as a whole.
    async fn share_booked(&self, ledger: &LedgerId, payout: PayoutId) -> Result<Share, ReadError>;
    /// Attempts of a Kasse that have these Kassenzeichen or numbers.
    async fn attempts_listed(
        &self,
        ledger: &LedgerId,
        references: &[String],
    ) -> Result<Vec<NamedAttempt>, ReadError>;
    /// Payments on statements that lie in deposits, whole and untouched: `limit` of them behind a place of the log, each
    /// with its own.
    async fn deposited_details(
        &self,
        ledger: &LedgerId,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, OpenDetail, Deposited)>, ReadError>;
    /// Lines of lists whose parts lie in deposits, untouched.
    async fn deposited_lines(&self, ledger: &LedgerId) -> Result<Vec<DepositedLine>, ReadError>;
    /// The attempts to which money of a line's deposit was assigned, by the program or by persons, and how much of it; what
    /// was taken back since does not count.
    async fn assigned_from(
        &self,
        ledger: &LedgerId,
        line: ListLineId,
        deposit: PostenId,
    ) -> Result<Vec<(CaseId, AttemptId, Cents)>, ReadError>;
    /// The open exceptions about something that is no attempt.
    async fn open_exceptions(
        &self,
        ledger: &LedgerId,
        subject: Subject,
    ) -> Result<Vec<OpenException>, ReadError>;
}
