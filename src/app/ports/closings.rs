//! What closings need of the store: what was cut and filed, who signed, and what stands beside the records of the log.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::civil::Date;

use super::ReadError;
use crate::domain::closing::{Beside, Closing, Signature};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, CaseId, ExceptionId, LedgerId, Method, StatementId};
use crate::domain::money::Cents;
use crate::domain::time::Timestamp;

/// A closing as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredClosing {
    /// Its number.
    pub number: u64,
    /// The first day that it covers.
    pub from: Date,
    /// The last.
    pub to: Date,
    /// How many records it covers.
    pub size: u64,
    /// The root over them.
    pub root: [u8; 32],
    /// When the log was cut.
    pub cut_at: Timestamp,
    /// What was filed; none while only the cut is there.
    pub filed: Option<FiledClosing>,
}

/// A closing as a list tells of it: without what was filed, which may be large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedClosing {
    /// Its number.
    pub number: u64,
    /// The first day that it covers.
    pub from: Date,
    /// The last.
    pub to: Date,
    /// How many records it covers.
    pub size: u64,
    /// The root over them.
    pub root: [u8; 32],
    /// SHA-256 over what was filed; none while only the cut is there.
    pub digest: Option<[u8; 32]>,
    /// Who has signed, in their order.
    pub signatures: Vec<Signature>,
}

/// What was filed of a closing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledClosing {
    /// SHA-256 over the text.
    pub digest: [u8; 32],
    /// The closing without signatures, as JSON.
    pub body: String,
}

/// An attempt of which money was told that no statement shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unarrived {
    /// The case.
    pub case: CaseId,
    /// The attempt.
    pub attempt: AttemptId,
    /// When the newest of it was told.
    pub told_at: Timestamp,
    /// How it was paid, where that is known.
    pub method: Option<Method>,
    /// How much no statement shows.
    pub cents: Cents,
}

/// An exception about a statement as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementException {
    /// Its id.
    pub id: ExceptionId,
    /// The statement.
    pub statement: StatementId,
    /// Who resolved it, and where the log says so; none while it is open.
    pub resolved: Option<(String, u64)>,
}

/// Writes closings as documents: the same closing gives the same bytes.
pub trait ClosingDocuments: Send + Sync {
    /// The whole of it, for programs.
    fn json(&self, closing: &Closing) -> Vec<u8>;
    /// One of its tables.
    ///
    /// # Errors
    /// There is no such table; says which there are.
    fn csv(&self, closing: &Closing, table: &str) -> Result<Vec<u8>, String>;
    /// The printable report, in German.
    ///
    /// # Errors
    /// Why it could not be written.
    fn pdf(&self, closing: &Closing) -> Result<Vec<u8>, String>;
}

/// The store, as closings need it.
#[async_trait]
pub trait ClosingStore: Send + Sync {
    /// The closings of a ledger, by number.
    async fn closings(&self, ledger: &LedgerId) -> Result<Vec<StoredClosing>, ReadError>;
    /// A closing of a ledger; the newest where no number is given.
    async fn closing(
        &self,
        ledger: &LedgerId,
        number: Option<u64>,
    ) -> Result<Option<StoredClosing>, ReadError>;
    /// Closings of a ledger without what was filed, by number: `limit` of them behind one.
    async fn closings_behind(
        &self,
        ledger: &LedgerId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ListedClosing>, ReadError>;
    /// How many records the closings before a number cover, in their order.
    async fn closing_sizes(&self, ledger: &LedgerId, before: u64) -> Result<Vec<u64>, ReadError>;
    /// The signatures under a closing, in their order.
    async fn closing_signatures(&self, ledger: &LedgerId, number: u64) -> Result<Vec<Signature>, ReadError>;
    /// Attempts of which money was told until `told_until` that no statement shows, and that nobody has named since:
    /// `limit` of them behind `after`, in the order in which they began.
    async fn unarrived(
        &self,
        ledger: &LedgerId,
        told_until: Timestamp,
        after: AttemptId,
        limit: u32,
    ) -> Result<Vec<Unarrived>, ReadError>;
    /// Exceptions about statements as a whole, in their order.
    async fn statement_exceptions(
        &self,
        ledger: &LedgerId,
        code: ExceptionCode,
    ) -> Result<Vec<StatementException>, ReadError>;
    /// What is known beside the bookings and exceptions at positions from `from` up to but not including `to`.
    async fn beside(&self, ledger: &LedgerId, from: u64, to: u64)
    -> Result<BTreeMap<u64, Beside>, ReadError>;
}
