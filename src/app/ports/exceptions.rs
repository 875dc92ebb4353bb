//! What the worklist needs of the store: exceptions with the steps towards their resolution, and deposits.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::ReadError;
use crate::domain::decide::{Leaving, Lies};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, AuthorityId, CaseId, ExceptionId, Kassenzeichen, LedgerId, PostenId};
use crate::domain::money::Cents;
use crate::domain::payout_order::PayoutOrder;
use crate::domain::record::Record;
use crate::domain::resolution::{How, StepTaken};
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;

/// Whose matters somebody sees: those of these authorities, and perhaps what nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The authorities.
    pub authorities: BTreeSet<AuthorityId>,
    /// Whether what belongs to nobody known is among it.
    pub of_nobody: bool,
}

/// Which exceptions are listed; what is none does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExceptionFilter {
    /// Those that are resolved too.
    pub resolved: bool,
    /// Only whose matters.
    pub seen: Option<Seen>,
    /// With this code.
    pub code: Option<ExceptionCode>,
    /// Opened at this time or earlier.
    pub until: Option<Timestamp>,
    /// Of this amount or more; what has no amount counts as none.
    pub min: Option<Cents>,
    /// Of this amount or less.
    pub max: Option<Cents>,
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
    /// Where it is resolved: the steps towards taking that back.
    pub back: Vec<StepTaken>,
    /// Whether it is resolved.
    pub resolved: bool,
}

/// Money in deposit that is no attempt's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    /// Its Posten.
    pub posten: PostenId,
    /// What lies there.
    pub cents: Cents,
    /// The attempt whose money it was before it was divided.
    pub of: Option<(CaseId, AttemptId)>,
}

/// An order to pay money out, with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedOrder {
    /// The order.
    pub order: PayoutOrder,
    /// The Kasse.
    pub ledger: LedgerId,
    /// How much has not left yet.
    pub open: Cents,
    /// What it is about.
    pub subject: Subject,
    /// The attempt out of whose deposit it was ordered, where it was one's.
    pub attempt: Option<(CaseId, AttemptId)>,
    /// When it was ordered.
    pub ordered_at: Timestamp,
    /// The place in the log of the step that gave it.
    pub decided_at: u64,
    /// Whose payment it is about; none where nobody knows.
    pub authority: Option<AuthorityId>,
    /// Its Kassenzeichen.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// Who took which step towards it.
    pub steps: Vec<StepTaken>,
}

impl ListedOrder {
    /// What leaves, but for the case.
    pub fn leaving(&self) -> Leaving<'static> {
        Leaving {
            ledger: self.ledger.clone(),
            subject: self.subject,
            attempt: None,
            posten: self.order.posten,
            cents: self.open,
            passed_on: self.order.how != How::Refund.as_str(),
        }
    }
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
    /// An exception of a Kasse by its id.
    async fn exception(
        &self,
        ledger: &LedgerId,
        id: ExceptionId,
    ) -> Result<Option<ListedException>, ReadError>;
    /// The deposit of a payment on a statement, or of a part, and what lies in it.
    async fn deposit(&self, subject: Subject) -> Result<Option<Deposit>, ReadError>;
    /// The records that became true with a resolution of an exception: with the one whose last step stands at a place of
    /// the log, or with the newest.
    async fn resolved_by(
        &self,
        ledger: &LedgerId,
        exception: ExceptionId,
        at: Option<u64>,
    ) -> Result<Vec<Record>, ReadError>;
    /// What lies on the accounts of these Posten, credit less debit.
    async fn lies(&self, posten: &[PostenId]) -> Result<Lies, ReadError>;
    /// Orders of a Kasse behind a number, by their numbers: all, or those of what somebody sees.
    async fn payout_orders(
        &self,
        ledger: &LedgerId,
        seen: Option<&Seen>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<ListedOrder>, ReadError>;
    /// How many orders to pay money out a Kasse has given.
    async fn payout_orders_so_far(&self, ledger: &LedgerId) -> Result<i64, ReadError>;
}
