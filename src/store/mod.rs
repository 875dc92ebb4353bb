//! The store: rows ↔ domain, the writer, and one adapter per database.
//!
//! To add a table: a migration with the same number and name for both databases, its rows in `rows.rs`, its kind in
//! [`batch::Write`] and the statement in both `sql.rs`. To add a query: a method of [`engine::Engine`].

pub mod arrivals;
pub mod batch;
pub mod closings;
pub mod details;
pub mod engine;
pub mod exceptions;
mod guards;
pub mod lists;
mod map;
mod outcome;
pub mod postgres;
pub mod postings;
pub mod readings;
mod rejected;
pub mod rows;
pub mod sqlite;
pub mod statements;
pub mod support;
mod write;
mod writer;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde::de::DeserializeOwned;

use crate::app::ports::{
    AuditQuery, AuditStore, ClaimedDelivery, ClaimedWatch, Clock, CommitError, Counts, ReadError,
    RejectedCallback, Scope, Sealed, Snapshot, Store, TenantObject, Urgency,
};
use crate::domain::ids::{
    AttemptId, CaseId, ClientId, DeliveryId, EventId, LedgerId, PaymentId, PersonalId, TargetId, Token,
};
use crate::domain::log::Head;
use crate::domain::tenant::{Authority, Kasse, Route, Versioned};
use crate::domain::time::Timestamp;
use engine::Engine;
use map::At;
use rows::TenantRow;

/// Route versions never change, so those that were read are kept.
type Routes = BTreeMap<(String, String, i64), Arc<Versioned<Route>>>;

/// The store, whatever the database.
pub struct SqlStore {
    engine: Arc<dyn Engine>,
    queue: writer::Queue,
    routes: Mutex<Routes>,
    rejected: rejected::Rejected,
}

/// Opens the database that a URL names: `sqlite:…` or `postgres://…`.
///
/// # Errors
/// Where it cannot be opened.
pub async fn open(url: &str, readers: u32) -> Result<Arc<dyn Engine>, sqlx::Error> {
    if url.starts_with("sqlite:") {
        Ok(Arc::new(sqlite::SqliteEngine::open(url, readers).await?))
    } else {
        Ok(Arc::new(postgres::PostgresEngine::open(url, readers).await?))
    }
}

impl SqlStore {
    /// Starts the writer over an open database.
    pub fn start(engine: Arc<dyn Engine>, clock: Arc<dyn Clock>) -> (Arc<Self>, tokio::task::JoinHandle<()>) {
        let (queue, writer) = writer::Queue::start(Arc::clone(&engine), clock);
        (
            Arc::new(Self {
                engine,
                queue,
                routes: Mutex::default(),
                rejected: rejected::Rejected::default(),
            }),
            writer,
        )
    }

    async fn route(&self, key: (String, String, i64)) -> Result<Arc<Versioned<Route>>, ReadError> {
        let kept = self
            .routes
            .lock()
            .expect("no reader of routes panics")
            .get(&key)
            .cloned();
        if let Some(route) = kept {
            return Ok(route);
        }
        let id = format!("{}/{}", key.0, key.1);
        let row = self
            .engine
            .tenant("route", &id, Some(key.2))
            .await
            .map_err(unavailable)?;
        let row = row.ok_or_else(|| {
            At {
                table: "payment",
                row: &id,
            }
            .error("route_version", "is not there")
        })?;
        let ledger = row.ledger_id.as_deref().unwrap_or_default();
        let at = At {
            table: "tenant_object",
            row: &id,
        };
        let route = Arc::new(Versioned {
            version: row.version,
            ledger: at.read("ledger_id", LedgerId::parse(ledger))?,
            value: body(&row)?,
        });
        self.routes
            .lock()
            .expect("no reader of routes panics")
            .insert(key, Arc::clone(&route));
        Ok(route)
    }

    async fn newest<T: DeserializeOwned>(&self, kind: &'static str, id: &str) -> Result<Arc<T>, ReadError> {
        let row = self.engine.tenant(kind, id, None).await.map_err(unavailable)?;
        let row = row.ok_or_else(|| {
            At {
                table: "tenant_object",
                row: id,
            }
            .error("id", "is not there")
        })?;
        Ok(Arc::new(body(&row)?))
    }
}

fn body<T: DeserializeOwned>(row: &TenantRow) -> Result<T, ReadError> {
    let at = At {
        table: "tenant_object",
        row: &row.id,
    };
    at.read("body", serde_json::from_str(&row.body))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn unavailable(error: sqlx::Error) -> ReadError {
    ReadError::Unavailable(error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn not_committed(error: sqlx::Error) -> CommitError {
    CommitError::Unavailable(error.to_string())
}

fn id<T: std::str::FromStr<Err = uuid::Error>>(
    table: &'static str,
    column: &'static str,
    text: &str,
) -> Result<T, ReadError> {
    At { table, row: text }.read(column, text.parse())
}

fn tenant_object(row: TenantRow) -> Result<TenantObject, ReadError> {
    let at = At {
        table: "tenant_object",
        row: &row.id,
    };
    let ledger = row
        .ledger_id
        .as_deref()
        .map(|ledger| at.read("ledger_id", LedgerId::parse(ledger)))
        .transpose()?;
    Ok(TenantObject {
        ledger,
        kind: row.kind,
        id: row.id,
        version: row.version,
        body: row.body,
        closed: row.closed != 0,
    })
}

impl Scope {
    fn ledger(&self) -> Option<&str> {
        match self {
            Self::Program => None,
            Self::Ledger(ledger) => Some(ledger.as_str()),
        }
    }
}

#[async_trait]
impl Store for SqlStore {
    async fn commit(&self, change: Sealed, urgency: Urgency) -> Result<(), CommitError> {
        self.queue.commit(change, urgency).await
    }

    async fn claim_watches(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedWatch>, CommitError> {
        let rows = self
            .engine
            .claim_watches(now.millis(), until.millis(), i64::from(limit))
            .await;
        let broken = |error: ReadError| CommitError::Refused(error.to_string());
        rows.map_err(not_committed)?
            .into_iter()
            .map(|row| {
                Ok(ClaimedWatch {
                    attempt: id::<AttemptId>("watch", "attempt_id", &row.attempt_id).map_err(broken)?,
                    case: id::<CaseId>("watch", "case_id", &row.case_id).map_err(broken)?,
                    lease: row.lease_no,
                    tries: u32::try_from(row.tries).unwrap_or(0),
                })
            })
            .collect()
    }

    async fn claim_deliveries(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedDelivery>, CommitError> {
        let rows = self
            .engine
            .claim_deliveries(now.millis(), until.millis(), i64::from(limit))
            .await;
        let broken = |error: ReadError| CommitError::Refused(error.to_string());
        rows.map_err(not_committed)?
            .into_iter()
            .map(|row| {
                let at = At {
                    table: "delivery",
                    row: &row.id,
                };
                Ok(ClaimedDelivery {
                    id: id::<DeliveryId>("delivery", "id", &row.id).map_err(broken)?,
                    lease: row.lease_no,
                    event: id::<EventId>("delivery", "event_id", &row.event_id).map_err(broken)?,
                    case: id::<CaseId>("delivery", "case_id", &row.case_id).map_err(broken)?,
                    target: at
                        .read("target_id", TargetId::parse(&row.target_id))
                        .map_err(broken)?,
                    tries: u32::try_from(row.tries).unwrap_or(0),
                    body: id::<PersonalId>("event", "personal_id", &row.personal_id).map_err(broken)?,
                })
            })
            .collect()
    }

    async fn reject_callback(&self, rejected: RejectedCallback) -> Result<(), CommitError> {
        self.rejected
            .keep(&*self.engine, &rejected)
            .await
            .map_err(not_committed)
    }

    async fn case(&self, scope: &Scope, case: CaseId) -> Result<Option<Snapshot>, ReadError> {
        let key = case.to_string();
        // The case's own row first: what is read after it may be newer, and then the guard on its revision fails.
        let Some(row) = self
            .engine
            .case(&key, scope.ledger())
            .await
            .map_err(unavailable)?
        else {
            return Ok(None);
        };
        let payments = self.engine.payments(&key).await.map_err(unavailable)?;
        let attempts = self.engine.attempts(&key).await.map_err(unavailable)?;
        let exceptions = self.engine.exceptions(&key).await.map_err(unavailable)?;
        let mut routes = BTreeMap::new();
        for payment in &payments {
            let key = (
                payment.originator_id.clone(),
                payment.end_point_id.clone(),
                payment.route_version,
            );
            routes.insert(key.clone(), self.route(key).await?);
        }
        let wrapped = row.wrapped.clone();
        let kasse: Arc<Kasse> = self.newest("kasse", &row.ledger_id).await?;
        let authority: Arc<Authority> = self.newest("authority", &row.authority_id).await?;
        let parts = map::CaseParts {
            case: row,
            payments,
            attempts,
            exceptions,
            kasse,
            authority,
            routes,
        };
        Ok(Some(Snapshot {
            case: map::case(parts)?,
            key: wrapped,
        }))
    }

    async fn by_pay_token(&self, token: &Token) -> Result<Option<(CaseId, PaymentId)>, ReadError> {
        let row = self
            .engine
            .by_pay_token(token.as_str())
            .await
            .map_err(unavailable)?;
        row.map(|(case, payment)| Ok((id("payment", "case_id", &case)?, id("payment", "id", &payment)?)))
            .transpose()
    }

    async fn by_callback_token(&self, token: &Token) -> Result<Option<(CaseId, AttemptId)>, ReadError> {
        let row = self
            .engine
            .by_callback_token(token.as_str())
            .await
            .map_err(unavailable)?;
        row.map(|(case, attempt)| Ok((id("attempt", "case_id", &case)?, id("attempt", "id", &attempt)?)))
            .transpose()
    }

    async fn case_of_payment(&self, scope: &Scope, payment: PaymentId) -> Result<Option<CaseId>, ReadError> {
        let row = self
            .engine
            .case_of_payment(&payment.to_string(), scope.ledger())
            .await
            .map_err(unavailable)?;
        row.map(|case| id("payment", "case_id", &case)).transpose()
    }

    async fn once(&self, scope: &str, key: &str) -> Result<Option<String>, ReadError> {
        self.engine.once(scope, key).await.map_err(unavailable)
    }

    async fn personal(&self, personal: PersonalId) -> Result<Option<(Vec<u8>, Vec<u8>)>, ReadError> {
        self.engine
            .personal(&personal.to_string())
            .await
            .map_err(unavailable)
    }

    async fn tenant(&self, kind: &str, id: &str) -> Result<Option<TenantObject>, ReadError> {
        let row = self.engine.tenant(kind, id, None).await.map_err(unavailable)?;
        row.map(tenant_object).transpose()
    }

    async fn tenants(&self) -> Result<Vec<TenantObject>, ReadError> {
        let rows = self.engine.tenants().await.map_err(unavailable)?;
        rows.into_iter().map(tenant_object).collect()
    }

    async fn client_secrets(&self, client: &ClientId) -> Result<Vec<Vec<u8>>, ReadError> {
        self.engine
            .client_secrets(client.as_str())
            .await
            .map_err(unavailable)
    }

    async fn ping(&self) -> Result<(), ReadError> {
        self.engine.ping().await.map_err(unavailable)
    }

    async fn counts(&self, now: Timestamp) -> Result<Counts, ReadError> {
        let row = self.engine.counts(now.millis()).await.map_err(unavailable)?;
        Ok(Counts {
            payments_open: row.payments_open,
            attempts_unclear: row.attempts_unclear,
            watches_due: row.watches_due,
            deliveries_pending: row.deliveries_pending,
            deliveries_dead: row.deliveries_dead,
            exceptions_open: row.exceptions_open,
        })
    }
}

#[async_trait]
impl AuditStore for SqlStore {
    async fn heads(&self) -> Result<Vec<Head>, ReadError> {
        let rows = self.engine.heads().await.map_err(unavailable)?;
        rows.iter().map(map::head).collect()
    }

    async fn audit_rows(
        &self,
        query: AuditQuery,
        ledger: &LedgerId,
        from: u64,
        limit: u64,
    ) -> Result<Vec<serde_json::Value>, ReadError> {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let rows = self
            .engine
            .audit_rows(query, ledger.as_str(), number(from), number(limit))
            .await;
        rows.map_err(unavailable)?
            .iter()
            .map(|row| At { table: "audit", row }.read("json", serde_json::from_str(row)))
            .collect()
    }
}
