//! What closings need of the store: what was cut and filed, who signed, and what stands beside the records of the log.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::civil::Date;

use super::ReadError;
use crate::domain::closing::{Beside, Signature};
use crate::domain::ids::LedgerId;
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

/// What was filed of a closing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledClosing {
    /// SHA-256 over the text.
    pub digest: [u8; 32],
    /// The closing without signatures, as JSON.
    pub body: String,
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
    /// The signatures under a closing, in their order.
    async fn closing_signatures(&self, ledger: &LedgerId, number: u64) -> Result<Vec<Signature>, ReadError>;
    /// What is known beside the bookings and exceptions at positions from `from` up to but not including `to`.
    async fn beside(&self, ledger: &LedgerId, from: u64, to: u64)
    -> Result<BTreeMap<u64, Beside>, ReadError>;
}
