//! What the worklist needs of the store: exceptions with the steps towards their resolution, and deposits.

use async_trait::async_trait;

use super::ReadError;
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AuthorityId, ExceptionId, Kassenzeichen, LedgerId, PostenId};
use crate::domain::money::Cents;
use crate::domain::resolution::StepTaken;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;

/// Which exceptions are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExceptionFilter {
    /// Those that are resolved too.
    pub resolved: bool,
    /// Only one of them.
    pub id: Option<ExceptionId>,
}

/// An exception with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedException {
    /// Its id.
    pub id: ExceptionId,
    /// The Kasse.
    pub ledger: LedgerId,
    /// Its place in the log.
    pub position: u64,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// What differs.
    pub code: ExceptionCode,
    /// What it is about.
    pub subject: Subject,
    /// The amount concerned.
    pub cents: Option<Cents>,
    /// Whose payment it is about; none where nobody knows.
    pub authority: Option<AuthorityId>,
    /// Its Kassenzeichen.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// The steps that count.
    pub steps: Vec<StepTaken>,
    /// Whether it is resolved.
    pub resolved: bool,
}

/// The store, as the worklist needs it.
#[async_trait]
pub trait ExceptionStore: Send + Sync {
    /// Exceptions of a Kasse in their order: `limit` of them behind a place of the log.
    async fn exceptions(
        &self,
        ledger: &LedgerId,
        filter: &ExceptionFilter,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<ListedException>, ReadError>;
    /// The deposit that a payment on a statement was booked to, and what lies in it.
    async fn deposit(&self, subject: Subject) -> Result<Option<(PostenId, Cents)>, ReadError>;
}
