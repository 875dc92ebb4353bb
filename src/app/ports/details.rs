//! What the details of batched lines need of the store: notifications (camt.054), and the lines that they may open.

use async_trait::async_trait;
use jiff::civil::Date;

use super::{OpenDetail, ReadError};
use crate::domain::ids::{LedgerId, PersonalId, StatementId};
use crate::domain::money::Cents;
use crate::domain::statement::Iban;
use crate::domain::subject::DetailId;
use crate::domain::time::Timestamp;

/// An entry of a notification that has opened nothing yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedDetails {
    /// The notification.
    pub statement: StatementId,
    /// The entry, from 1.
    pub entry: u32,
    /// The account.
    pub account: Iban,
    /// With its sign.
    pub cents: Cents,
    /// When it was booked.
    pub booked_on: Date,
    /// How many payments it tells.
    pub payments: u32,
    /// What they add up to.
    pub sum: Cents,
    /// What the bank wrote of the first, encrypted.
    pub first: (PersonalId, Vec<u8>),
    /// And of the last; the same where there is one.
    pub last: (PersonalId, Vec<u8>),
    /// The key of both, wrapped.
    pub wrapped: Vec<u8>,
}

/// A notification that was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledNotification {
    /// Its id.
    pub id: StatementId,
    /// The account.
    pub account: Iban,
    /// Its place in the log.
    pub position: u64,
}

/// The store, as the details of batched lines need it.
#[async_trait]
pub trait DetailStore: Send + Sync {
    /// The notifications of a Kasse.
    async fn notifications(&self, ledger: &LedgerId) -> Result<Vec<FiledNotification>, ReadError>;
    /// Entries of notifications that came in at `since` or later and have opened nothing.
    async fn unused_details(
        &self,
        ledger: &LedgerId,
        since: Timestamp,
    ) -> Result<Vec<UnusedDetails>, ReadError>;
    /// Lines of statements that came in at `since` or later, that nobody has claimed, that are one payment as far as the
    /// statement tells, and that have the amount of an entry of a notification.
    async fn closed_lines(&self, ledger: &LedgerId, since: Timestamp) -> Result<Vec<OpenDetail>, ReadError>;
    /// A payment on a filed statement, claimed or not.
    async fn detail(&self, ledger: &LedgerId, id: DetailId) -> Result<Option<OpenDetail>, ReadError>;
}
