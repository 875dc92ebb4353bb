//! What Mandanten need of the store: how far their pools are used, and the lists of receipts that were read for them.

use async_trait::async_trait;

use super::{CommitError, ReadError, TenantObject};
use crate::domain::ids::{AttemptId, Mandant, ProviderId};
use crate::domain::receipt::{OpenReading, Receipt};
use crate::domain::time::Timestamp;

/// What was read of a Mandant's list so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadingKept {
    /// The number of the newest reading; 0 where there is none.
    pub last: i64,
    /// Readings of which we do not know that they are confirmed, in their order.
    pub open: Vec<OpenReading>,
}

/// Which receipts are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReceiptFilter {
    /// Only those that no attempt of ours has the Kassenzeichen of.
    pub foreign: bool,
    /// Only those of a Mandant: `<provider>/<number>`.
    pub mandant: Option<String>,
    /// Only those that were read since then.
    pub since: Option<Timestamp>,
}

/// Where a receipt stands in the list of all; a page begins behind one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptPlace {
    /// When it was read.
    pub read_at: Timestamp,
    /// The provider.
    pub provider: String,
    /// The Mandant.
    pub mandant: String,
    /// The reading.
    pub n: i64,
    /// Its place in the reading.
    pub ordinal: i64,
}

impl ReceiptPlace {
    /// Before all of them.
    pub const fn start() -> Self {
        Self {
            read_at: Timestamp::from_millis(i64::MIN),
            provider: String::new(),
            mandant: String::new(),
            n: 0,
            ordinal: -1,
        }
    }
}

/// A receipt that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedReceipt {
    /// `<provider>/<number>` of the Mandant.
    pub mandant: String,
    /// Where it stands.
    pub place: ReceiptPlace,
    /// The provider's id of the reading (EPaymentId).
    pub batch: String,
    /// When its reading was known to be confirmed; none where it is not.
    pub confirmed_at: Option<Timestamp>,
    /// The receipt.
    pub receipt: Receipt,
    /// The attempt that has its Kassenzeichen; none where it is not ours.
    pub attempt: Option<AttemptId>,
}

/// What Mandanten need of the store.
#[async_trait]
pub trait MandantStore: Send + Sync {
    /// How far a range of a pool is used: the next number, where one was taken.
    async fn pool_next(&self, range: &str) -> Result<Option<i64>, ReadError>;
    /// The newest version of every tenant object of a kind.
    async fn tenants_of(&self, kind: &str) -> Result<Vec<TenantObject>, ReadError>;
    /// Takes a read cursor (`<provider>/<number>`) under a lease until `until`; `None` where somebody holds it.
    async fn claim_cursor(
        &self,
        cursor: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<i64>, CommitError>;
    /// Gives it back, where the lease is still this one.
    async fn release_cursor(&self, cursor: &str, lease: i64) -> Result<(), CommitError>;
    /// What was read of a Mandant's list so far.
    async fn readings(&self, provider: &ProviderId, mandant: &Mandant) -> Result<ReadingKept, ReadError>;
    /// The attempts of a Mandant that have one of these Kassenzeichen.
    async fn attempts_named(
        &self,
        provider: &ProviderId,
        mandant: &Mandant,
        kassenzeichen: &[&str],
    ) -> Result<Vec<(String, AttemptId)>, ReadError>;
    /// Receipts in the order in which they were read: up to `limit` of them behind a place.
    async fn receipts(
        &self,
        filter: &ReceiptFilter,
        behind: &ReceiptPlace,
        limit: u32,
    ) -> Result<Vec<ListedReceipt>, ReadError>;
}
