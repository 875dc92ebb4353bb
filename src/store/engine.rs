//! What a database must be able to do, and the code that is the same for both: [`engine!`] writes it out for each of
//! sqlx's databases, whose types share no trait that would do. The statements that differ are in `sqlite/sql.rs` and
//! `postgres/sql.rs`.
//!
//! # Locks of a batch
//!
//! Always in this order, each sorted by its key: cases, watches, deliveries, read cursors, rows of `row_rev`, once-keys,
//! heads of ledgers. Balances, payments and attempts are written only under the lock of their case or ledger; stops of
//! targets last, sorted. Claims take watches, deliveries or a read cursor alone, in one statement that passes over what
//! is locked. So two connectors wait in one direction only and cannot deadlock; a batch that does all the same runs again.

use std::collections::HashSet;

use async_trait::async_trait;

use super::closings::ClosingRows;
use super::details::DetailRows;
use super::exceptions::rows::ExceptionRows;
use super::lists::rows::ListRows;
pub use super::outcome::{Failure, Verdict};
use super::postings::rows::PostingRows;
use super::readings::MandantRows;
use super::rows::{AttemptRow, CaseRow, CountsRow, DeliveryRow, HeadRow, PaymentRow, TenantRow, WatchRow};
use super::statements::rows::StatementRows;
use super::support::SupportEngine;
use crate::app::ports::{AuditQuery, Sealed};
use crate::domain::time::Timestamp;

/// A database behind the store.
#[async_trait]
pub trait Engine:
    MandantRows
    + StatementRows
    + SupportEngine
    + ClosingRows
    + ExceptionRows
    + DetailRows
    + PostingRows
    + ListRows
{
    /// Commits a batch in one transaction.
    async fn commit(&self, batch: &[Sealed], now: Timestamp) -> Result<Vec<Verdict>, Failure>;
    /// Which of these Changes have become true.
    async fn committed(&self, changes: &str) -> Result<HashSet<String>, sqlx::Error>;
    /// Takes attempts that are due.
    async fn claim_watches(&self, now: i64, until: i64, limit: i64) -> Result<Vec<WatchRow>, sqlx::Error>;
    /// Takes deliveries that are due.
    async fn claim_deliveries(
        &self,
        now: i64,
        until: i64,
        limit: i64,
    ) -> Result<Vec<DeliveryRow>, sqlx::Error>;
    /// Keeps rejected callbacks (a JSON array of rows), and of all of them the newest.
    async fn reject(&self, rows: &str) -> Result<(), sqlx::Error>;
    /// A case's own row.
    async fn case(&self, id: &str, ledger: Option<&str>) -> Result<Option<CaseRow>, sqlx::Error>;
    /// The payments of a case, oldest first.
    async fn payments(&self, case: &str) -> Result<Vec<PaymentRow>, sqlx::Error>;
    /// The attempts of a case, in their order.
    async fn attempts(&self, case: &str) -> Result<Vec<AttemptRow>, sqlx::Error>;
    /// The open exceptions of a case: id, code and attempt.
    async fn exceptions(&self, case: &str) -> Result<Vec<(String, String, String)>, sqlx::Error>;
    /// Case and payment behind a pay token.
    async fn by_pay_token(&self, token: &str) -> Result<Option<(String, String)>, sqlx::Error>;
    /// Case and attempt behind a callback token.
    async fn by_callback_token(&self, token: &str) -> Result<Option<(String, String)>, sqlx::Error>;
    /// The case of a payment.
    async fn case_of_payment(&self, id: &str, ledger: Option<&str>) -> Result<Option<String>, sqlx::Error>;
    /// What a key leads to.
    async fn once(&self, scope: &str, key: &str) -> Result<Option<String>, sqlx::Error>;
    /// A piece of personal data.
    async fn personal(&self, id: &str) -> Result<Option<(Vec<u8>, Vec<u8>)>, sqlx::Error>;
    /// A version of a tenant object; the newest where none is named.
    async fn tenant(
        &self,
        kind: &str,
        id: &str,
        version: Option<i64>,
    ) -> Result<Option<TenantRow>, sqlx::Error>;
    /// The newest version of every tenant object.
    async fn tenants(&self) -> Result<Vec<TenantRow>, sqlx::Error>;
    /// The two newest secrets of a client.
    async fn client_secrets(&self, client: &str) -> Result<Vec<Vec<u8>>, sqlx::Error>;
    /// Sizes.
    async fn counts(&self, now: i64) -> Result<CountsRow, sqlx::Error>;
    /// Whether it answers.
    async fn ping(&self) -> Result<(), sqlx::Error>;
    /// All heads.
    async fn heads(&self) -> Result<Vec<HeadRow>, sqlx::Error>;
    /// Rows for the audit, as JSON objects, in the order of a position: `limit` of them from `from` on.
    async fn audit_rows(
        &self,
        query: AuditQuery,
        ledger: &str,
        from: i64,
        limit: i64,
    ) -> Result<Vec<String>, sqlx::Error>;
    /// Brings the tables to this program's version.
    async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError>;
    /// Migrations of this program that the database does not have yet.
    async fn missing_migrations(&self) -> Result<usize, sqlx::Error>;
    /// Closes all connections.
    async fn close(&self);
}

/// How many rejected callbacks are kept.
pub(super) const MOST_REJECTED: i64 = 1000;

macro_rules! engine {
    ($engine:ident, $db:ty, $migrations:literal) => {
        use std::collections::{BTreeMap, BTreeSet, HashSet};

        use async_trait::async_trait;
        use sqlx::Pool;

        use crate::app::ports::{AuditQuery, Sealed};
        use crate::domain::time::Timestamp;
        use crate::store::batch;
        use crate::store::engine::{Engine, Failure, MOST_REJECTED, Verdict};
        use crate::store::guards::{self, Locked};
        use crate::store::map;
        use crate::store::rows::{
            AttemptRow, CaseRow, CountsRow, DeliveryRow, HeadRow, PaymentRow, TenantRow, WatchRow,
        };

        static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!($migrations);

        #[derive(sqlx::FromRow)]
        struct KeyNumber {
            key: String,
            number: i64,
        }

        /// The database.
        #[derive(Debug)]
        pub struct $engine {
            writer: Pool<$db>,
            reader: Pool<$db>,
        }

        impl $engine {
            async fn numbers(
                tx: &mut sqlx::Transaction<'_, $db>,
                statement: &'static str,
                keys: &BTreeSet<String>,
            ) -> Result<BTreeMap<String, i64>, sqlx::Error> {
                if keys.is_empty() {
                    return Ok(BTreeMap::new());
                }
                let keys = serde_json::json!(keys).to_string();
                let rows: Vec<KeyNumber> = sqlx::query_as(statement).bind(keys).fetch_all(&mut **tx).await?;
                Ok(rows.into_iter().map(|row| (row.key, row.number)).collect())
            }

            /// Locks what has no revision of its own; what was never changed gets its row first.
            async fn rows(
                tx: &mut sqlx::Transaction<'_, $db>,
                names: &BTreeSet<String>,
            ) -> Result<BTreeMap<String, i64>, sqlx::Error> {
                if names.is_empty() {
                    return Ok(BTreeMap::new());
                }
                let new = serde_json::json!(names).to_string();
                sqlx::query(sql::NEW_ROWS).bind(new).execute(&mut **tx).await?;
                Self::numbers(tx, sql::LOCK_ROWS, names).await
            }

            /// Locks and compares, claims, locks the heads, writes. See the module's docs for the order.
            async fn run(
                tx: &mut sqlx::Transaction<'_, $db>,
                batch: &[Sealed],
                now: Timestamp,
            ) -> Result<Vec<Verdict>, Failure> {
                let locks = guards::locks(batch);
                let cases = locks.cases.iter().map(ToString::to_string).collect();
                let locked = Locked {
                    cases: Self::numbers(tx, sql::LOCK_CASES, &cases).await.map_err(failure)?,
                    watches: Self::numbers(tx, sql::LOCK_WATCHES, &locks.watches).await.map_err(failure)?,
                    deliveries: Self::numbers(tx, sql::LOCK_DELIVERIES, &locks.deliveries).await.map_err(failure)?,
                    cursors: Self::numbers(tx, sql::LOCK_CURSORS, &locks.cursors).await.map_err(failure)?,
                    rows: Self::rows(tx, &locks.rows).await.map_err(failure)?,
                };
                let mut losers = guards::losers(batch, &locked);
                Self::claim(tx, batch, &mut losers).await.map_err(failure)?;
                let winners = || {
                    batch.iter().enumerate().filter(|(index, _)| !losers.contains(index)).map(|(_, sealed)| sealed)
                };
                let new = batch::new_ledgers(winners());
                if !new.is_empty() {
                    let empty = crate::domain::merkle::CompactRange::default().root();
                    let new = serde_json::json!(new).to_string();
                    let query = sqlx::query(sql::NEW_HEADS).bind(new).bind(empty.to_vec());
                    query.execute(&mut **tx).await.map_err(failure)?;
                }
                let ledgers = batch::ledgers(winners());
                let mut heads = BTreeMap::new();
                if !ledgers.is_empty() {
                    let names = serde_json::json!(ledgers).to_string();
                    let rows: Vec<HeadRow> = sqlx::query_as(sql::LOCK_HEADS)
                        .bind(names)
                        .fetch_all(&mut **tx)
                        .await
                        .map_err(failure)?;
                    for row in &rows {
                        let head = map::head(row).map_err(|error| Failure::Broken(error.to_string()))?;
                        heads.insert(head.ledger.clone(), head);
                    }
                    if let Some(missing) = ledgers.iter().find(|ledger| !heads.contains_key(*ledger)) {
                        return Err(Failure::Broken(format!("ledger «{missing}» has no head")));
                    }
                }
                for (write, rows) in batch::plan(winners(), &mut heads, now) {
                    let rows = serde_json::Value::from(rows).to_string();
                    sqlx::query(sql::write(write)).bind(rows).execute(&mut **tx).await.map_err(failure)?;
                }
                Ok((0..batch.len())
                    .map(|index| if losers.contains(&index) { Verdict::Conflict } else { Verdict::Committed })
                    .collect())
            }

            /// Claims the keys of all Changes that still win; a Change that misses one of its keys loses, and its
            /// claims are taken back.
            async fn claim(
                tx: &mut sqlx::Transaction<'_, $db>,
                batch: &[Sealed],
                losers: &mut BTreeSet<usize>,
            ) -> Result<(), sqlx::Error> {
                let wanted = guards::claims(
                    batch.iter().enumerate().filter(|(index, _)| !losers.contains(index)).map(|(_, sealed)| sealed),
                );
                if wanted.is_empty() {
                    return Ok(());
                }
                let rows = serde_json::Value::from(wanted).to_string();
                let claimed: Vec<(String, String)> =
                    sqlx::query_as(sql::CLAIM_KEYS).bind(rows).fetch_all(&mut **tx).await?;
                let claimed: HashSet<_> = claimed.into_iter().collect();
                let late: Vec<usize> = batch
                    .iter()
                    .enumerate()
                    .filter(|(index, sealed)| {
                        !losers.contains(index)
                            && sealed
                                .change
                                .guards
                                .keys
                                .iter()
                                .any(|key| !claimed.contains(&(key.scope.clone(), key.key.clone())))
                    })
                    .map(|(index, _)| index)
                    .collect();
                let dropped = guards::claims(late.iter().map(|index| &batch[*index]));
                losers.extend(late);
                if !dropped.is_empty() {
                    let rows = serde_json::Value::from(dropped).to_string();
                    sqlx::query(sql::DROP_CLAIMS).bind(rows).execute(&mut **tx).await?;
                }
                Ok(())
            }
        }

        #[async_trait]
        impl Engine for $engine {
            async fn commit(&self, batch: &[Sealed], now: Timestamp) -> Result<Vec<Verdict>, Failure> {
                let mut tx = self.writer.begin_with(BEGIN).await.map_err(failure)?;
                let verdicts = Self::run(&mut tx, batch, now).await?;
                tx.commit().await.map_err(|error| match failure(error) {
                    Failure::Unavailable(error) => Failure::CommitLost(error),
                    other => other,
                })?;
                Ok(verdicts)
            }

            async fn committed(&self, changes: &str) -> Result<HashSet<String>, sqlx::Error> {
                let rows: Vec<(String,)> =
                    sqlx::query_as(COMMITTED).bind(changes).fetch_all(&self.writer).await?;
                Ok(rows.into_iter().map(|(id,)| id).collect())
            }

            async fn claim_watches(&self, now: i64, until: i64, limit: i64) -> Result<Vec<WatchRow>, sqlx::Error> {
                sqlx::query_as(sql::CLAIM_WATCHES).bind(now).bind(until).bind(limit).fetch_all(&self.writer).await
            }

            async fn claim_deliveries(
                &self,
                now: i64,
                until: i64,
                limit: i64,
            ) -> Result<Vec<DeliveryRow>, sqlx::Error> {
                sqlx::query_as(sql::CLAIM_DELIVERIES).bind(now).bind(until).bind(limit).fetch_all(&self.writer).await
            }

            async fn reject(&self, rows: &str) -> Result<(), sqlx::Error> {
                let mut tx = self.writer.begin_with(BEGIN).await?;
                sqlx::query(sql::NEW_REJECTED).bind(rows).execute(&mut *tx).await?;
                // Ids begin with the time.
                sqlx::query(
                    "DELETE FROM rejected_callback \
                     WHERE id <= (SELECT id FROM rejected_callback ORDER BY id DESC LIMIT 1 OFFSET $1)",
                )
                .bind(MOST_REJECTED)
                .execute(&mut *tx)
                .await?;
                tx.commit().await
            }

            async fn case(&self, id: &str, ledger: Option<&str>) -> Result<Option<CaseRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT c.id, c.ledger_id, c.authority_id, c.case_key, c.rev, c.standing, c.status_seq, \
                         c.created_at, k.wrapped \
                     FROM cases AS c LEFT JOIN personal_key AS k ON k.subject_id = c.id \
                     WHERE c.id = $1 AND (CAST($2 AS TEXT) IS NULL OR c.ledger_id = $2)",
                )
                .bind(id)
                .bind(ledger)
                .fetch_optional(&self.reader)
                .await
            }

            async fn payments(&self, case: &str) -> Result<Vec<PaymentRow>, sqlx::Error> {
                sqlx::query_as("SELECT * FROM payment WHERE case_id = $1 ORDER BY created_at, id")
                    .bind(case)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn attempts(&self, case: &str) -> Result<Vec<AttemptRow>, sqlx::Error> {
                sqlx::query_as("SELECT * FROM attempt WHERE case_id = $1 ORDER BY payment_id, n")
                    .bind(case)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn exceptions(&self, case: &str) -> Result<Vec<(String, String, String)>, sqlx::Error> {
                sqlx::query_as($crate::store::support::OPEN_EXCEPTIONS)
                    .bind(case)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn by_pay_token(&self, token: &str) -> Result<Option<(String, String)>, sqlx::Error> {
                sqlx::query_as("SELECT case_id, id FROM payment WHERE token = $1")
                    .bind(token)
                    .fetch_optional(&self.reader)
                    .await
            }

            async fn by_callback_token(&self, token: &str) -> Result<Option<(String, String)>, sqlx::Error> {
                sqlx::query_as("SELECT case_id, id FROM attempt WHERE token = $1")
                    .bind(token)
                    .fetch_optional(&self.reader)
                    .await
            }

            async fn case_of_payment(&self, id: &str, ledger: Option<&str>) -> Result<Option<String>, sqlx::Error> {
                let row: Option<(String,)> = sqlx::query_as(
                    "SELECT case_id FROM payment WHERE id = $1 AND (CAST($2 AS TEXT) IS NULL OR ledger_id = $2)",
                )
                .bind(id)
                .bind(ledger)
                .fetch_optional(&self.reader)
                .await?;
                Ok(row.map(|(id,)| id))
            }

            async fn once(&self, scope: &str, key: &str) -> Result<Option<String>, sqlx::Error> {
                let row: Option<(String,)> =
                    sqlx::query_as("SELECT subject FROM once_key WHERE scope = $1 AND key = $2")
                        .bind(scope)
                        .bind(key)
                        .fetch_optional(&self.reader)
                        .await?;
                Ok(row.map(|(subject,)| subject))
            }

            async fn personal(&self, id: &str) -> Result<Option<(Vec<u8>, Vec<u8>)>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT p.sealed, k.wrapped FROM personal AS p \
                     JOIN personal_key AS k ON k.subject_id = p.subject_id WHERE p.id = $1",
                )
                .bind(id)
                .fetch_optional(&self.reader)
                .await
            }

            async fn tenant(
                &self,
                kind: &str,
                id: &str,
                version: Option<i64>,
            ) -> Result<Option<TenantRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT kind, id, version, ledger_id, body, closed FROM tenant_object \
                     WHERE kind = $1 AND id = $2 AND (CAST($3 AS BIGINT) IS NULL OR version = $3) \
                     ORDER BY version DESC LIMIT 1",
                )
                .bind(kind)
                .bind(id)
                .bind(version)
                .fetch_optional(&self.reader)
                .await
            }

            async fn tenants(&self) -> Result<Vec<TenantRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT t.kind, t.id, t.version, t.ledger_id, t.body, t.closed FROM tenant_object AS t \
                     WHERE t.version = (SELECT max(v.version) FROM tenant_object AS v \
                         WHERE v.kind = t.kind AND v.id = t.id) \
                     ORDER BY t.kind, t.id",
                )
                .fetch_all(&self.reader)
                .await
            }

            async fn client_secrets(&self, client: &str) -> Result<Vec<Vec<u8>>, sqlx::Error> {
                let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
                    "SELECT hash FROM client_secret WHERE client_id = $1 ORDER BY issued_at DESC, hash LIMIT 2",
                )
                .bind(client)
                .fetch_all(&self.reader)
                .await?;
                Ok(rows.into_iter().map(|(hash,)| hash).collect())
            }

            async fn counts(&self, now: i64) -> Result<CountsRow, sqlx::Error> {
                sqlx::query_as($crate::store::support::COUNTS)
                .bind(now)
                .fetch_one(&self.reader)
                .await
            }

            async fn ping(&self) -> Result<(), sqlx::Error> {
                sqlx::query("SELECT 1").execute(&self.reader).await.map(|_| ())
            }

            async fn heads(&self) -> Result<Vec<HeadRow>, sqlx::Error> {
                sqlx::query_as("SELECT * FROM log_head ORDER BY ledger_id").fetch_all(&self.reader).await
            }

            async fn audit_rows(
                &self,
                query: AuditQuery,
                ledger: &str,
                from: i64,
                limit: i64,
            ) -> Result<Vec<String>, sqlx::Error> {
                let rows: Vec<(String,)> = sqlx::query_as(sql::audit(query))
                    .bind(ledger)
                    .bind(from)
                    .bind(limit)
                    .fetch_all(&self.reader)
                    .await?;
                Ok(rows.into_iter().map(|(row,)| row).collect())
            }

            async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
                MIGRATOR.run(&self.writer).await
            }

            async fn missing_migrations(&self) -> Result<usize, sqlx::Error> {
                let there: Result<Vec<(i64,)>, sqlx::Error> =
                    sqlx::query_as("SELECT version FROM _sqlx_migrations WHERE success").fetch_all(&self.reader).await;
                let there = match there {
                    Ok(rows) => rows.into_iter().map(|(version,)| version).collect::<HashSet<_>>(),
                    // No table of migrations yet: none has run.
                    Err(sqlx::Error::Database(_)) => HashSet::new(),
                    Err(error) => return Err(error),
                };
                Ok(MIGRATOR.iter().filter(|migration| !there.contains(&migration.version)).count())
            }

            async fn close(&self) {
                self.writer.close().await;
                self.reader.close().await;
            }
        }
    };
}

pub(super) use engine;
