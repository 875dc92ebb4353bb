//! The few traits through which use cases reach the outside. All are object-safe and used as `Arc<dyn …>`.

mod closings;
mod details;
mod exceptions;
mod files;
mod lists;
mod mandanten;
mod postings;
mod provider;
mod statements;

use async_trait::async_trait;
use uuid::Uuid;

pub use self::closings::*;
pub use self::details::*;
pub use self::exceptions::*;
pub use self::files::*;
pub use self::lists::*;
pub use self::mandanten::*;
pub use self::postings::*;
pub use self::provider::*;
pub use self::statements::*;
use crate::domain::case::Case;
use crate::domain::change::{Change, ProviderCall};
use crate::domain::ids::{
    AttemptId, CaseId, ClientId, DeliveryId, EventId, LedgerId, PaymentId, PersonalId, ProviderId, TargetId,
    Token,
};
use crate::domain::tenant::Target;
use crate::domain::time::Timestamp;

/// What the time is. The only clock that use cases see.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Randomness for ids and tokens.
pub trait Ids: Send + Sync {
    /// A new UUIDv7 for an instant.
    fn uuid(&self, now: Timestamp) -> uuid::Uuid;
    /// An unguessable token of 160 bits, URL-safe.
    fn token(&self) -> Token;
    /// Random bytes for keys and nonces.
    fn fill(&self, bytes: &mut [u8]);
}

/// What became of one try to deliver an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The target answered 2xx.
    Accepted,
    /// The target answered 410: it wants no more events.
    Gone,
    /// Anything else; tried again.
    Failed {
        /// What happened, without the body and without secrets.
        why: String,
        /// How long the target asked us to wait, in seconds.
        retry_after: Option<i64>,
    },
}

/// The way to gateways.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Posts a CloudEvents body, signed for this try; `id` is the same on every try.
    async fn send(&self, target: &Target, id: &str, body: &[u8], now: Timestamp) -> Sent;
    /// How long one try may take at most, in seconds.
    fn longest_seconds(&self) -> i64;
    /// Whether the target can be sent to at all: scheme allowed, secrets configured.
    ///
    /// # Errors
    /// Says what the operator has to do.
    fn check(&self, target: &Target) -> Result<(), String>;
}

/// A Change whose personal data is encrypted: what the store takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The Change; its plain personal data has been taken out.
    pub change: Change,
    /// The key of a new subject.
    pub new_key: Option<SubjectKey>,
    /// The personal data, encrypted.
    pub personal: Vec<SealedPersonal>,
}

/// The wrapped key under which the personal data of a subject is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectKey {
    /// The case, or the payment on a statement.
    pub subject: Uuid,
    /// The key, encrypted under the installation's key.
    pub wrapped: Vec<u8>,
}

/// A piece of personal data, encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPersonal {
    /// Its id.
    pub id: PersonalId,
    /// Whose it is.
    pub subject: Uuid,
    /// What it is.
    pub class: &'static str,
    /// Nonce and cipher text.
    pub sealed: Vec<u8>,
    /// The commitment for records that name it.
    pub hmac: [u8; 32],
}

/// Which queue a Change waits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// A callback: reserved places.
    Callback,
    /// Somebody waits for the answer.
    Interactive,
    /// Workers and imports.
    Bulk,
}

/// Why a Change did not become true.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Something that it was decided on has changed: read again and decide again.
    #[error("what the decision was based on has changed meanwhile")]
    Conflict,
    /// The queue is full; nothing was taken.
    #[error("the writer's queue is full")]
    Busy,
    /// The database does not answer.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// The database refused this Change; others are not concerned.
    #[error("the database refused the change: {0}")]
    Refused(String),
}

/// Why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The database does not answer.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// A row that cannot be.
    #[error("{table}.{column} of {row}: {why}")]
    Row {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key.
        row: String,
        /// What is wrong with it.
        why: String,
    },
}

/// Who reads: everything, or one ledger's rows only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The program itself: workers, callbacks that found their attempt by its token.
    Program,
    /// One ledger.
    Ledger(LedgerId),
}

/// A case as it was read, with the key of its personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The case.
    pub case: Case,
    /// The wrapped key; gone once the data was erased.
    pub key: Option<Vec<u8>>,
}

/// An attempt that is to be looked at now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedWatch {
    /// The attempt.
    pub attempt: AttemptId,
    /// Its case.
    pub case: CaseId,
    /// The number of the lease; results count only with it.
    pub lease: i64,
    /// How often it was looked at in its present state.
    pub tries: u32,
}

/// A delivery that is to be tried now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedDelivery {
    /// The delivery.
    pub id: DeliveryId,
    /// The number of the lease.
    pub lease: i64,
    /// The event.
    pub event: EventId,
    /// The case.
    pub case: CaseId,
    /// The target.
    pub target: TargetId,
    /// How often it was tried.
    pub tries: u32,
    /// The event's body, encrypted.
    pub body: PersonalId,
}

/// A tenant object in its newest version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantObject {
    /// `kasse`, `authority`, `route`, `client`, `target`, `mandant`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// The Kasse that owns it.
    pub ledger: Option<LedgerId>,
    /// Canonical JSON.
    pub body: String,
    /// Whether it is closed.
    pub closed: bool,
}

/// A callback that was not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedCallback {
    /// Its id; of the time when it came, so that ids sort by age.
    pub id: uuid::Uuid,
    /// The provider whose address it came to.
    pub provider: ProviderId,
    /// When.
    pub at: Timestamp,
    /// Why; without its content.
    pub why: String,
    /// How large it was.
    pub bytes: usize,
}

/// What an auditor or a page counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Payments under way.
    pub payments_open: i64,
    /// Attempts with unknown outcome.
    pub attempts_unclear: i64,
    /// Attempts that are due to be looked at.
    pub watches_due: i64,
    /// Deliveries that are not finished.
    pub deliveries_pending: i64,
    /// Deliveries that were given up.
    pub deliveries_dead: i64,
    /// Open exceptions.
    pub exceptions_open: i64,
}

/// The store, as support reads it.
#[async_trait]
pub trait SupportStore: Send + Sync {
    /// The cases that a number leads to, the newest first.
    async fn find_cases(&self, scope: &Scope, text: &str, limit: u32) -> Result<Vec<CaseId>, ReadError>;
    /// The newest calls about the attempts of a case, in their order.
    async fn provider_calls(&self, case: CaseId, limit: u32) -> Result<Vec<ProviderCall>, ReadError>;
}

/// What use cases read, commit and claim.
#[async_trait]
pub trait Store:
    MandantStore
    + AuditStore
    + SupportStore
    + StatementStore
    + ExceptionStore
    + ClosingStore
    + DetailStore
    + PostingStore
    + ListStore
{
    /// Commits a Change: all of it, or none.
    async fn commit(&self, change: Sealed, urgency: Urgency) -> Result<(), CommitError>;
    /// Takes up to `limit` attempts that are due, under leases until `until`.
    async fn claim_watches(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedWatch>, CommitError>;
    /// Takes up to `limit` deliveries that are due and first in their lanes, under leases until `until`.
    async fn claim_deliveries(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedDelivery>, CommitError>;
    /// Keeps a rejected callback in the small capped table.
    async fn reject_callback(&self, rejected: RejectedCallback) -> Result<(), CommitError>;

    /// A case with everything below it.
    async fn case(&self, scope: &Scope, id: CaseId) -> Result<Option<Snapshot>, ReadError>;
    /// The case and payment behind the token of `/pay` and `/return`.
    async fn by_pay_token(&self, token: &Token) -> Result<Option<(CaseId, PaymentId)>, ReadError>;
    /// The case and attempt behind the token of a callback address.
    async fn by_callback_token(&self, token: &Token) -> Result<Option<(CaseId, AttemptId)>, ReadError>;
    /// The case of a payment.
    async fn case_of_payment(&self, scope: &Scope, id: PaymentId) -> Result<Option<CaseId>, ReadError>;
    /// What a key that was taken once leads to.
    async fn once(&self, scope: &str, key: &str) -> Result<Option<String>, ReadError>;
    /// A piece of personal data (nonce and cipher text) with the wrapped key of its subject, unless it was erased.
    async fn personal(&self, id: PersonalId) -> Result<Option<(Vec<u8>, Vec<u8>)>, ReadError>;
    /// The newest version of a tenant object.
    async fn tenant(&self, kind: &str, id: &str) -> Result<Option<TenantObject>, ReadError>;
    /// The newest version of every tenant object.
    async fn tenants(&self) -> Result<Vec<TenantObject>, ReadError>;
    /// The keyed hashes of a client's valid secrets: the two newest.
    async fn client_secrets(&self, client: &ClientId) -> Result<Vec<Vec<u8>>, ReadError>;
    /// Whether the database answers.
    async fn ping(&self) -> Result<(), ReadError>;
    /// Sizes for metrics.
    async fn counts(&self, now: Timestamp) -> Result<Counts, ReadError>;
}

/// Rows that the audit compares, as JSON objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditQuery {
    /// Records from a position on, by position; bytes as hexadecimal text.
    Records,
    /// Bookings with their lines, of the positions from `from` up to but not including `from + limit`.
    Bookings,
    /// Exceptions of the same range.
    Exceptions,
    /// What tables say of closings, of the same range: cuts, filings and signatures; and of files of postings.
    Closings,
    /// Claims of payments on statements, of the same range.
    Matches,
    /// Settlement lists of payouts, of the same range.
    Lists,
    /// Orders to pay money out, by number; `from` of them passed over.
    Orders,
    /// Balances, by Posten and account; `from` of them passed over.
    Balances,
    /// Attempts and what the books hold of them, by id; `from` of them passed over.
    Attempts,
}

/// What the audit reads, beside everything else.
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// The heads of all ledgers.
    async fn heads(&self) -> Result<Vec<crate::domain::log::Head>, ReadError>;
    /// Rows of a ledger.
    async fn audit_rows(
        &self,
        query: AuditQuery,
        ledger: &LedgerId,
        from: u64,
        limit: u64,
    ) -> Result<Vec<serde_json::Value>, ReadError>;
}
