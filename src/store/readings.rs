//! What Mandanten need of the store, beside the road of payments: how far their pools are used, and the lists of receipts
//! that were read for them. [`mandant_rows!`] writes the code out for each database, as `engine!` does for the rest.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::batch::Write;
use super::rows::{ListedReceiptRow, ReadingRow, ReceiptRow, TenantRow};
use super::{At, SqlStore, id, not_committed, tenant_object, unavailable};
use crate::app::ports::{
    CommitError, ListedReceipt, MandantStore, ReadError, ReadingKept, ReceiptFilter, ReceiptPlace,
    TenantObject,
};
use crate::domain::ids::{AttemptId, Mandant, ProviderId};
use crate::domain::mandant::mandant_id;
use crate::domain::money::Cents;
use crate::domain::receipt::{CursorStep, CursorWork, Receipt};
use crate::domain::time::Timestamp;

/// The rows of what lists of receipts brought.
pub(super) fn rows<'a>(work: impl Iterator<Item = &'a CursorWork>) -> impl Iterator<Item = (Write, Value)> {
    work.flat_map(|work| work.steps.iter().map(move |step| row(work, step)))
}

fn row(work: &CursorWork, step: &CursorStep) -> (Write, Value) {
    let (provider, mandant, at) = (&work.provider, &work.mandant, work.at.millis());
    match step {
        CursorStep::Begin { n, batch } => (
            Write::NewReading,
            json!({"provider_id": provider, "mandant": mandant, "n": n, "batch": batch, "read_at": at}),
        ),
        CursorStep::Keep {
            n,
            ordinal,
            receipt,
            attempt,
        } => (
            Write::NewReceipt,
            json!({"provider_id": provider, "mandant": mandant, "n": n, "ordinal": ordinal,
                "kassenzeichen": receipt.kassenzeichen, "cents": receipt.cents.get(),
                "booked_at": receipt.booked_at.map(Timestamp::millis), "read_at": at, "attempt_id": attempt}),
        ),
        CursorStep::Whole { n } => (
            Write::WholeReading,
            json!({"provider_id": provider, "mandant": mandant, "n": n}),
        ),
        CursorStep::Confirmed { up_to } => (
            Write::ConfirmedReadings,
            json!({"provider_id": provider, "mandant": mandant, "up_to": up_to, "at": at}),
        ),
    }
}

/// What a database must be able to do for Mandanten.
#[async_trait]
pub trait MandantRows: Send + Sync {
    /// How far a range is used.
    async fn pool_next(&self, range: &str) -> Result<Option<i64>, sqlx::Error>;
    /// The newest version of every tenant object of a kind.
    async fn tenants_of(&self, kind: &str) -> Result<Vec<TenantRow>, sqlx::Error>;
    /// Takes a read cursor under a lease, unless somebody holds it.
    async fn claim_cursor(&self, cursor: &str, now: i64, until: i64) -> Result<Option<i64>, sqlx::Error>;
    /// Gives it back, where the lease is still this one.
    async fn release_cursor(&self, cursor: &str, lease: i64) -> Result<(), sqlx::Error>;
    /// Readings that are not known to be confirmed, in their order.
    async fn open_readings(&self, provider: &str, mandant: &str) -> Result<Vec<ReadingRow>, sqlx::Error>;
    /// The number of the newest reading; 0 where there is none.
    async fn last_reading(&self, provider: &str, mandant: &str) -> Result<i64, sqlx::Error>;
    /// What was kept with a reading, in its order: `limit` receipts behind an ordinal.
    async fn receipts_of(
        &self,
        reading: (&str, &str, i64),
        behind: i64,
        limit: i64,
    ) -> Result<Vec<ReceiptRow>, sqlx::Error>;
    /// Kassenzeichen and attempt of those of these Kassenzeichen (a JSON array) that a Mandant's attempts have.
    async fn named_attempts(
        &self,
        provider: &str,
        mandant: &str,
        kassenzeichen: &str,
    ) -> Result<Vec<(String, String)>, sqlx::Error>;
    /// Receipts in the order in which they were read: `limit` of them behind a place.
    async fn receipts(
        &self,
        filter: &ReceiptFilter,
        behind: &ReceiptPlace,
        limit: i64,
    ) -> Result<Vec<ListedReceiptRow>, sqlx::Error>;
}

macro_rules! mandant_rows {
    ($engine:ident) => {
        #[async_trait]
        impl $crate::store::readings::MandantRows for $engine {
            async fn pool_next(&self, range: &str) -> Result<Option<i64>, sqlx::Error> {
                let row: Option<(i64,)> = sqlx::query_as("SELECT next FROM pool_range WHERE range = $1")
                    .bind(range)
                    .fetch_optional(&self.reader)
                    .await?;
                Ok(row.map(|(next,)| next))
            }

            async fn tenants_of(&self, kind: &str) -> Result<Vec<TenantRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT t.kind, t.id, t.version, t.ledger_id, t.body, t.closed FROM tenant_object AS t \
                     WHERE t.kind = $1 AND t.version = (SELECT max(v.version) FROM tenant_object AS v \
                         WHERE v.kind = t.kind AND v.id = t.id) \
                     ORDER BY t.id",
                )
                .bind(kind)
                .fetch_all(&self.reader)
                .await
            }

            async fn claim_cursor(
                &self,
                cursor: &str,
                now: i64,
                until: i64,
            ) -> Result<Option<i64>, sqlx::Error> {
                let row: Option<(i64,)> = sqlx::query_as(
                    "INSERT INTO receipt_cursor (cursor, lease_no, lease_until) VALUES ($1, 1, $2) \
                     ON CONFLICT (cursor) DO UPDATE SET lease_no = receipt_cursor.lease_no + 1, lease_until = $2 \
                         WHERE receipt_cursor.lease_until < $3 \
                     RETURNING lease_no",
                )
                .bind(cursor)
                .bind(until)
                .bind(now)
                .fetch_optional(&self.writer)
                .await?;
                Ok(row.map(|(lease,)| lease))
            }

            async fn release_cursor(&self, cursor: &str, lease: i64) -> Result<(), sqlx::Error> {
                let query =
                    sqlx::query("UPDATE receipt_cursor SET lease_until = 0 WHERE cursor = $1 AND lease_no = $2");
                query.bind(cursor).bind(lease).execute(&self.writer).await.map(|_| ())
            }

            async fn open_readings(
                &self,
                provider: &str,
                mandant: &str,
            ) -> Result<Vec<$crate::store::rows::ReadingRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT n, whole FROM reading \
                     WHERE provider_id = $1 AND mandant = $2 AND confirmed_at IS NULL ORDER BY n",
                )
                .bind(provider)
                .bind(mandant)
                .fetch_all(&self.reader)
                .await
            }

            async fn last_reading(&self, provider: &str, mandant: &str) -> Result<i64, sqlx::Error> {
                let (last,): (i64,) = sqlx::query_as(
                    "SELECT COALESCE(max(n), 0) FROM reading WHERE provider_id = $1 AND mandant = $2",
                )
                .bind(provider)
                .bind(mandant)
                .fetch_one(&self.reader)
                .await?;
                Ok(last)
            }

            async fn receipts_of(
                &self,
                (provider, mandant, n): (&str, &str, i64),
                behind: i64,
                limit: i64,
            ) -> Result<Vec<$crate::store::rows::ReceiptRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT ordinal, kassenzeichen, cents, booked_at FROM receipt \
                     WHERE provider_id = $1 AND mandant = $2 AND n = $3 AND ordinal > $4 \
                     ORDER BY ordinal LIMIT $5",
                )
                .bind(provider)
                .bind(mandant)
                .bind(n)
                .bind(behind)
                .bind(limit)
                .fetch_all(&self.reader)
                .await
            }

            async fn named_attempts(
                &self,
                provider: &str,
                mandant: &str,
                kassenzeichen: &str,
            ) -> Result<Vec<(String, String)>, sqlx::Error> {
                sqlx::query_as(sql::NAMED_ATTEMPTS)
                    .bind(provider)
                    .bind(mandant)
                    .bind(kassenzeichen)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn receipts(
                &self,
                filter: &$crate::app::ports::ReceiptFilter,
                behind: &$crate::app::ports::ReceiptPlace,
                limit: i64,
            ) -> Result<Vec<$crate::store::rows::ListedReceiptRow>, sqlx::Error> {
                // Whose a receipt is may have been learnt later than the receipt was read.
                sqlx::query_as(
                    "SELECT * FROM (SELECT r.provider_id, r.mandant, r.n, r.ordinal, r.kassenzeichen, r.cents, \
                         r.booked_at, r.read_at, b.batch, b.confirmed_at, \
                         COALESCE(r.attempt_id, (SELECT min(a.id) FROM attempt AS a \
                             WHERE a.kassenzeichen = r.kassenzeichen AND a.provider_id = r.provider_id \
                                 AND a.mandant = r.mandant)) AS attempt_id \
                     FROM receipt AS r JOIN reading AS b \
                         ON b.provider_id = r.provider_id AND b.mandant = r.mandant AND b.n = r.n \
                     WHERE (r.read_at, r.provider_id, r.mandant, r.n, r.ordinal) > ($1, $2, $3, $4, $5) \
                         AND r.read_at >= $6 \
                         AND (CAST($7 AS TEXT) IS NULL OR r.provider_id || '/' || r.mandant = $7)) AS listed \
                     WHERE (CAST($8 AS BIGINT) = 0 OR attempt_id IS NULL) \
                     ORDER BY read_at, provider_id, mandant, n, ordinal LIMIT $9",
                )
                .bind(behind.read_at.millis())
                .bind(&behind.provider)
                .bind(&behind.mandant)
                .bind(behind.n)
                .bind(behind.ordinal)
                .bind(filter.since.map_or(i64::MIN, Timestamp::millis))
                .bind(filter.mandant.as_deref())
                .bind(i64::from(filter.foreign))
                .bind(limit)
                .fetch_all(&self.reader)
                .await
            }
        }
    };
}

pub(super) use mandant_rows;

/// How many receipts are read at once when a reading is compared.
const PAGE: i64 = 10_000;

#[async_trait]
impl MandantStore for SqlStore {
    async fn pool_next(&self, range: &str) -> Result<Option<i64>, ReadError> {
        self.engine.pool_next(range).await.map_err(unavailable)
    }

    async fn tenants_of(&self, kind: &str) -> Result<Vec<TenantObject>, ReadError> {
        let rows = self.engine.tenants_of(kind).await.map_err(unavailable)?;
        rows.into_iter().map(tenant_object).collect()
    }

    async fn claim_cursor(
        &self,
        cursor: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<i64>, CommitError> {
        let claimed = self.engine.claim_cursor(cursor, now.millis(), until.millis());
        claimed.await.map_err(not_committed)
    }

    async fn release_cursor(&self, cursor: &str, lease: i64) -> Result<(), CommitError> {
        let released = self.engine.release_cursor(cursor, lease);
        released.await.map_err(not_committed)
    }

    async fn readings(&self, provider: &ProviderId, mandant: &Mandant) -> Result<ReadingKept, ReadError> {
        let (provider, mandant) = (provider.as_str(), mandant.as_str());
        let rows = self.engine.open_readings(provider, mandant).await;
        let mut kept = ReadingKept {
            last: self
                .engine
                .last_reading(provider, mandant)
                .await
                .map_err(unavailable)?,
            open: Vec::new(),
        };
        for row in rows.map_err(unavailable)? {
            let mut receipts = Vec::new();
            let mut behind = -1;
            loop {
                let page = self
                    .engine
                    .receipts_of((provider, mandant, row.n), behind, PAGE)
                    .await;
                let page = page.map_err(unavailable)?;
                let Some(last) = page.last() else { break };
                behind = last.ordinal;
                receipts.extend(page.into_iter().map(|row| Receipt {
                    kassenzeichen: row.kassenzeichen,
                    cents: Cents::new(row.cents),
                    booked_at: row.booked_at.map(Timestamp::from_millis),
                }));
            }
            kept.open.push(crate::domain::receipt::OpenReading {
                n: row.n,
                whole: row.whole != 0,
                receipts,
            });
        }
        Ok(kept)
    }

    async fn attempts_named(
        &self,
        provider: &ProviderId,
        mandant: &Mandant,
        kassenzeichen: &[&str],
    ) -> Result<Vec<(String, AttemptId)>, ReadError> {
        let names = json!(kassenzeichen).to_string();
        let rows = self
            .engine
            .named_attempts(provider.as_str(), mandant.as_str(), &names)
            .await;
        rows.map_err(unavailable)?
            .into_iter()
            .map(|(kassenzeichen, attempt)| Ok((kassenzeichen, id("attempt", "id", &attempt)?)))
            .collect()
    }

    async fn receipts(
        &self,
        filter: &ReceiptFilter,
        behind: &ReceiptPlace,
        limit: u32,
    ) -> Result<Vec<ListedReceipt>, ReadError> {
        let rows = self.engine.receipts(filter, behind, i64::from(limit)).await;
        rows.map_err(unavailable)?.into_iter().map(listed).collect()
    }
}

fn listed(row: ListedReceiptRow) -> Result<ListedReceipt, ReadError> {
    let name = format!("{}/{}/{}/{}", row.provider_id, row.mandant, row.n, row.ordinal);
    let at = At {
        table: "receipt",
        row: &name,
    };
    let attempt = row
        .attempt_id
        .as_deref()
        .map(|attempt| id("receipt", "attempt_id", attempt));
    let provider = at.read("provider_id", ProviderId::parse(&row.provider_id))?;
    let mandant = at.read("mandant", Mandant::parse(&row.mandant))?;
    Ok(ListedReceipt {
        mandant: mandant_id(&provider, &mandant),
        place: ReceiptPlace {
            read_at: Timestamp::from_millis(row.read_at),
            provider: row.provider_id,
            mandant: row.mandant,
            n: row.n,
            ordinal: row.ordinal,
        },
        batch: row.batch,
        confirmed_at: row.confirmed_at.map(Timestamp::from_millis),
        receipt: Receipt {
            kassenzeichen: row.kassenzeichen,
            cents: Cents::new(row.cents),
            booked_at: row.booked_at.map(Timestamp::from_millis),
        },
        attempt: attempt.transpose()?,
    })
}
