//! Statements of accounts, as a database needs to know them: rows, and the statements that both engines share.

use async_trait::async_trait;

use crate::app::ports::{Held, StagedWhole};

#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct StatementRow {
    pub id: String,
    pub ledger_id: String,
    pub account: String,
    pub format: String,
    pub bank_id: String,
    pub number: Option<i64>,
    pub page: Option<i64>,
    pub first_day: Option<String>,
    pub last_day: Option<String>,
    pub opening_cents: Option<i64>,
    pub closing_cents: Option<i64>,
    pub entries: i64,
    pub header: Option<String>,
    pub guards: Option<String>,
    pub file: String,
    pub position: Option<i64>,
}

#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct DetailRow {
    pub statement_id: String,
    pub entry: i64,
    pub n: i64,
    pub cents: i64,
    pub account: String,
    pub booked_on: String,
    pub staged_at: i64,
    pub personal_id: String,
    pub sealed: Option<Vec<u8>>,
    pub wrapped: Option<Vec<u8>>,
}

#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct ExpectedRow {
    pub id: String,
    pub case_id: String,
    pub kassenzeichen: Option<String>,
    pub nummer: String,
    pub heard: String,
    pub settled_cents: i64,
    pub total_cents: i64,
    pub answer: String,
    pub by_transfer: i64,
    pub created_at: i64,
}

/// Rows of staged entries, as JSON arrays.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "named after their tables")]
pub struct StagedRows {
    pub keys: String,
    pub personal: String,
    pub entries: String,
    pub details: String,
}

/// A database, as statements need it.
#[async_trait]
pub trait StatementRows: Send + Sync {
    /// Begins to stage, and takes over whatever is being staged under the same head: its id, its last entry, and the
    /// number under which it is held now.
    async fn begin_staging(
        &self,
        row: &str,
        ledger: &str,
        head_key: &[u8],
    ) -> Result<(String, i64, i64), sqlx::Error>;
    /// Stages entries. This and what follows find no row where somebody else has taken over.
    async fn stage(&self, held: Held, rows: &StagedRows) -> Result<(), sqlx::Error>;
    /// Number and fingerprint of staged entries behind one.
    async fn staged_fingerprints(
        &self,
        id: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, Vec<u8>)>, sqlx::Error>;
    /// Known entries with these fingerprints (a JSON array).
    async fn alike(
        &self,
        id: &str,
        before: i64,
        fingerprints: &str,
    ) -> Result<Vec<(Vec<u8>, i64, String)>, sqlx::Error>;
    /// Places staged entries (a JSON array of rows).
    async fn place_staged(&self, held: Held, rows: &str) -> Result<(), sqlx::Error>;
    /// Completes staging; how many entries there are, and count and sums of what is fresh.
    async fn finish_staging(
        &self,
        held: Held,
        whole: &StagedWhole,
    ) -> Result<(i64, i64, i64, i64), sqlx::Error>;
    /// Takes a staged statement away.
    async fn discard_staging(&self, held: Held) -> Result<(), sqlx::Error>;
    /// Filed statements.
    async fn filed(&self, ledger: &str, account: Option<&str>) -> Result<Vec<StatementRow>, sqlx::Error>;
    /// Filed statements that book, behind a place of the log.
    async fn filed_behind(
        &self,
        ledger: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<StatementRow>, sqlx::Error>;
    /// The filed statement with a digest.
    async fn filed_digest(&self, ledger: &str, digest: &[u8]) -> Result<Option<String>, sqlx::Error>;
    /// How often a row was changed.
    async fn row_rev(&self, name: &str) -> Result<Option<i64>, sqlx::Error>;
    /// Payments that nobody has claimed.
    async fn open_details(
        &self,
        ledger: &str,
        since: i64,
        after: (&str, i64, i64),
        limit: i64,
    ) -> Result<Vec<DetailRow>, sqlx::Error>;
    /// Attempts whose money a statement may show.
    async fn expected(&self, ledger: &str, after: &str, limit: i64) -> Result<Vec<ExpectedRow>, sqlx::Error>;
    /// Attempts that bear one of these names (a JSON array).
    async fn expected_named(&self, ledger: &str, names: &str) -> Result<Vec<ExpectedRow>, sqlx::Error>;
    /// Attempts of payments of an amount that began in a time (milliseconds).
    async fn expected_of(
        &self,
        ledger: &str,
        cents: i64,
        time: (i64, i64),
    ) -> Result<Vec<ExpectedRow>, sqlx::Error>;
    /// The latest attempts that wait of payments that began in a time, their ids between two.
    async fn expected_in(
        &self,
        ledger: &str,
        time: (i64, i64),
        ids: (&str, &str),
    ) -> Result<Vec<ExpectedRow>, sqlx::Error>;
}

/// Takes away the last staged entry of a statement, with what the bank wrote of it.
pub(in crate::store) const DROP_LAST: [&str; 3] = [
    "DELETE FROM personal_key WHERE subject_id IN (SELECT p.subject_id FROM statement AS s \
         JOIN statement_detail AS d ON d.statement_id = s.id JOIN personal AS p ON p.id = d.personal_id \
         WHERE s.ledger_id = $1 AND s.head_key = $2 AND s.state = 'staging' \
             AND d.entry = (SELECT max(e.n) FROM statement_entry AS e WHERE e.statement_id = s.id))",
    "DELETE FROM personal WHERE id IN (SELECT d.personal_id FROM statement AS s \
         JOIN statement_detail AS d ON d.statement_id = s.id \
         WHERE s.ledger_id = $1 AND s.head_key = $2 AND s.state = 'staging' \
             AND d.entry = (SELECT max(e.n) FROM statement_entry AS e WHERE e.statement_id = s.id))",
    "DELETE FROM statement_entry WHERE (statement_id, n) IN (SELECT s.id, max(e.n) FROM statement AS s \
         JOIN statement_entry AS e ON e.statement_id = s.id \
         WHERE s.ledger_id = $1 AND s.head_key = $2 AND s.state = 'staging' GROUP BY s.id)",
];

macro_rules! statement_rows {
    ($engine:ident, $db:ty) => {
        impl $engine {
            /// Begins to write to what is being staged. Its row of `row_rev` is locked, so that whoever takes over
            /// waits; no row is found where somebody has done so.
            async fn holding(
                &self,
                held: $crate::app::ports::Held,
            ) -> Result<sqlx::Transaction<'_, $db>, sqlx::Error> {
                let mut tx = self.writer.begin_with(BEGIN).await?;
                let locked = sqlx::query("UPDATE row_rev SET rev = rev WHERE name = $1 AND rev = $2")
                    .bind(held.name())
                    .bind(held.number)
                    .execute(&mut *tx)
                    .await?;
                match locked.rows_affected() {
                    1 => Ok(tx),
                    _ => Err(sqlx::Error::RowNotFound),
                }
            }
        }

        #[async_trait]
        impl $crate::store::statements::rows::StatementRows for $engine {
            async fn begin_staging(
                &self,
                row: &str,
                ledger: &str,
                head_key: &[u8],
            ) -> Result<(String, i64, i64), sqlx::Error> {
                let mut tx = self.writer.begin_with(BEGIN).await?;
                sqlx::query(sql::NEW_STATEMENT).bind(row).execute(&mut *tx).await?;
                // Whoever stages it at the moment ends, or waits here: what follows sees all that is there.
                let (held,): (i64,) = sqlx::query_as(
                    "INSERT INTO row_rev (name, rev) SELECT 'staging/' || id, 1 FROM statement \
                     WHERE ledger_id = $1 AND head_key = $2 AND state = 'staging' \
                     ON CONFLICT (name) DO UPDATE SET rev = row_rev.rev + 1 RETURNING rev",
                )
                .bind(ledger)
                .bind(head_key)
                .fetch_one(&mut *tx)
                .await?;
                // The last entry may be there in parts only: it is read again.
                for statement in $crate::store::statements::rows::DROP_LAST {
                    sqlx::query(statement).bind(ledger).bind(head_key).execute(&mut *tx).await?;
                }
                let (id, last) = sqlx::query_as(
                    "SELECT s.id, (SELECT coalesce(max(e.n), 0) FROM statement_entry AS e \
                         WHERE e.statement_id = s.id) \
                     FROM statement AS s \
                     WHERE s.ledger_id = $1 AND s.head_key = $2 AND s.state = 'staging'",
                )
                .bind(ledger)
                .bind(head_key)
                .fetch_one(&mut *tx)
                .await?;
                tx.commit().await?;
                Ok((id, last, held))
            }

            async fn stage(
                &self,
                held: $crate::app::ports::Held,
                rows: &$crate::store::statements::rows::StagedRows,
            ) -> Result<(), sqlx::Error> {
                let mut tx = self.holding(held).await?;
                for (statement, rows) in [
                    (sql::write(batch::Write::NewPersonalKey), &rows.keys),
                    (sql::write(batch::Write::NewPersonal), &rows.personal),
                    (sql::NEW_ENTRIES, &rows.entries),
                    (sql::NEW_DETAILS, &rows.details),
                ] {
                    sqlx::query(statement).bind(rows).execute(&mut *tx).await?;
                }
                tx.commit().await
            }

            async fn staged_fingerprints(
                &self,
                id: &str,
                after: i64,
                limit: i64,
            ) -> Result<Vec<(i64, Vec<u8>)>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT n, fingerprint FROM statement_entry WHERE statement_id = $1 AND n > $2 \
                     ORDER BY n LIMIT $3",
                )
                .bind(id)
                .bind(after)
                .bind(limit)
                .fetch_all(&self.reader)
                .await
            }

            async fn alike(
                &self,
                id: &str,
                before: i64,
                fingerprints: &str,
            ) -> Result<Vec<(Vec<u8>, i64, String)>, sqlx::Error> {
                sqlx::query_as(sql::ALIKE)
                    .bind(id)
                    .bind(before)
                    .bind(fingerprints)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn place_staged(
                &self,
                held: $crate::app::ports::Held,
                rows: &str,
            ) -> Result<(), sqlx::Error> {
                let mut tx = self.holding(held).await?;
                sqlx::query(sql::PLACE_ENTRIES).bind(rows).execute(&mut *tx).await?;
                tx.commit().await
            }

            async fn finish_staging(
                &self,
                held: $crate::app::ports::Held,
                whole: &$crate::app::ports::StagedWhole,
            ) -> Result<(i64, i64, i64, i64), sqlx::Error> {
                let id = held.id.to_string();
                let mut tx = self.holding(held).await?;
                sqlx::query(
                    "UPDATE statement SET first_day = $2, last_day = $3, closing_cents = $4, entries = $5, \
                         guards = $6, header = $7 WHERE id = $1",
                )
                .bind(&id)
                .bind(whole.first_day.to_string())
                .bind(whole.last_day.to_string())
                .bind(whole.closing.map($crate::domain::money::Cents::get))
                .bind(i64::try_from(whole.entries).unwrap_or(i64::MAX))
                .bind(&whole.guards)
                .bind(serde_json::to_string(&whole.header).expect("plain values become JSON"))
                .execute(&mut *tx)
                .await?;
                let fresh = sqlx::query_as(
                    "SELECT count(*), CAST(coalesce(sum(fresh), 0) AS BIGINT), \
                         CAST(coalesce(sum(CASE WHEN fresh = 1 AND cents > 0 THEN cents ELSE 0 END), 0) AS BIGINT), \
                         CAST(coalesce(sum(CASE WHEN fresh = 1 AND cents < 0 THEN -cents ELSE 0 END), 0) AS BIGINT) \
                     FROM statement_entry WHERE statement_id = $1",
                )
                .bind(&id)
                .fetch_one(&mut *tx)
                .await?;
                tx.commit().await?;
                Ok(fresh)
            }

            async fn discard_staging(&self, held: $crate::app::ports::Held) -> Result<(), sqlx::Error> {
                let id = held.id.to_string();
                let mut tx = self.holding(held).await?;
                for statement in [
                    "DELETE FROM personal_key WHERE subject_id IN (SELECT p.subject_id FROM statement_detail AS d \
                         JOIN personal AS p ON p.id = d.personal_id JOIN statement AS s ON s.id = d.statement_id \
                         WHERE d.statement_id = $1 AND s.state = 'staging')",
                    "DELETE FROM personal WHERE id IN (SELECT d.personal_id FROM statement_detail AS d \
                         JOIN statement AS s ON s.id = d.statement_id \
                         WHERE d.statement_id = $1 AND s.state = 'staging')",
                    "DELETE FROM statement WHERE id = $1 AND state = 'staging'",
                    "DELETE FROM row_rev WHERE name = 'staging/' || $1",
                ] {
                    sqlx::query(statement).bind(&id).execute(&mut *tx).await?;
                }
                tx.commit().await
            }

            async fn filed(
                &self,
                ledger: &str,
                account: Option<&str>,
            ) -> Result<Vec<$crate::store::statements::rows::StatementRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT id, ledger_id, account, format, bank_id, number, page, first_day, last_day, \
                         opening_cents, closing_cents, entries, header, guards, file, position \
                     FROM statement WHERE ledger_id = $1 AND state = 'filed' AND format <> 'camt054' \
                         AND (CAST($2 AS TEXT) IS NULL OR account = $2) \
                     ORDER BY account, first_day, position",
                )
                .bind(ledger)
                .bind(account)
                .fetch_all(&self.reader)
                .await
            }

            async fn filed_behind(
                &self,
                ledger: &str,
                after: i64,
                limit: i64,
            ) -> Result<Vec<$crate::store::statements::rows::StatementRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT id, ledger_id, account, format, bank_id, number, page, first_day, last_day, \
                         opening_cents, closing_cents, entries, header, guards, file, position \
                     FROM statement WHERE ledger_id = $1 AND position > $2 AND state = 'filed' \
                         AND format <> 'camt054' ORDER BY position LIMIT $3",
                )
                .bind(ledger)
                .bind(after)
                .bind(limit)
                .fetch_all(&self.reader)
                .await
            }

            async fn filed_digest(&self, ledger: &str, digest: &[u8]) -> Result<Option<String>, sqlx::Error> {
                let row: Option<(String,)> = sqlx::query_as(
                    "SELECT id FROM statement WHERE ledger_id = $1 AND digest = $2 AND state = 'filed'",
                )
                .bind(ledger)
                .bind(digest)
                .fetch_optional(&self.reader)
                .await?;
                Ok(row.map(|(id,)| id))
            }

            async fn row_rev(&self, name: &str) -> Result<Option<i64>, sqlx::Error> {
                let row: Option<(i64,)> = sqlx::query_as("SELECT rev FROM row_rev WHERE name = $1")
                    .bind(name)
                    .fetch_optional(&self.reader)
                    .await?;
                Ok(row.map(|(rev,)| rev))
            }

            async fn open_details(
                &self,
                ledger: &str,
                since: i64,
                after: (&str, i64, i64),
                limit: i64,
            ) -> Result<Vec<$crate::store::statements::rows::DetailRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT d.statement_id, d.entry, d.n, d.cents, s.account, e.booked_on, s.staged_at, \
                         d.personal_id, p.sealed, k.wrapped \
                     FROM statement AS s \
                     JOIN statement_detail AS d ON d.statement_id = s.id AND d.matched IS NULL \
                     JOIN statement_entry AS e ON e.statement_id = s.id AND e.n = d.entry AND e.fresh = 1 \
                     LEFT JOIN personal AS p ON p.id = d.personal_id \
                     LEFT JOIN personal_key AS k ON k.subject_id = p.subject_id \
                     WHERE s.ledger_id = $1 AND s.state = 'filed' AND s.staged_at >= $2 \
                         AND (s.format <> 'camt054' OR EXISTS (SELECT 1 FROM bank_match AS m \
                             WHERE m.subject = 'detail/' || s.id || '/' || e.n || '/0')) \
                         AND (d.statement_id, d.entry, d.n) > ($3, $4, $5) \
                     ORDER BY d.statement_id, d.entry, d.n LIMIT $6",
                )
                .bind(ledger)
                .bind(since)
                .bind(after.0)
                .bind(after.1)
                .bind(after.2)
                .bind(limit)
                .fetch_all(&self.reader)
                .await
            }

            async fn expected(
                &self,
                ledger: &str,
                after: &str,
                limit: i64,
            ) -> Result<Vec<$crate::store::statements::rows::ExpectedRow>, sqlx::Error> {
                sqlx::query_as($crate::store::statements::near::ALL)
                .bind(ledger)
                .bind(after)
                .bind(limit)
                .fetch_all(&self.reader)
                .await
            }

            async fn expected_named(
                &self,
                ledger: &str,
                names: &str,
            ) -> Result<Vec<$crate::store::statements::rows::ExpectedRow>, sqlx::Error> {
                sqlx::query_as(sql::EXPECTED_NAMED)
                    .bind(ledger)
                    .bind(names)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn expected_of(
                &self,
                ledger: &str,
                cents: i64,
                (from, until): (i64, i64),
            ) -> Result<Vec<$crate::store::statements::rows::ExpectedRow>, sqlx::Error> {
                sqlx::query_as($crate::store::statements::near::OF_AMOUNT)
                    .bind(ledger)
                    .bind(cents)
                    .bind(from)
                    .bind(until)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn expected_in(
                &self,
                ledger: &str,
                (from, until): (i64, i64),
                (first, last): (&str, &str),
            ) -> Result<Vec<$crate::store::statements::rows::ExpectedRow>, sqlx::Error> {
                sqlx::query_as($crate::store::statements::near::IN_TIME)
                    .bind(ledger)
                    .bind(from)
                    .bind(until)
                    .bind(first)
                    .bind(last)
                    .fetch_all(&self.reader)
                    .await
            }
        }
    };
}

pub(in crate::store) use statement_rows;
