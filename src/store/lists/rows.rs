//! Settlement lists, as a database needs to know them: rows, and the statements that both engines share.

use async_trait::async_trait;

use crate::store::statements::rows::DetailRow;

#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct PayoutRow {
    pub id: String,
    pub payout_id: String,
    pub posten_id: String,
    pub source: String,
    pub reference: String,
    pub revision: i64,
    pub file: String,
    pub staged_at: i64,
    pub line_count: i64,
    pub payments: i64,
    pub gross_cents: i64,
    pub fee_cents: Option<i64>,
    pub fee_lines_cents: i64,
    pub others_count: i64,
    pub others_payments: i64,
    pub others_gross_cents: i64,
    pub others_fee_cents: Option<i64>,
    pub others_fee_lines_cents: i64,
    pub done: i64,
    pub is_nothing: i64,
    pub statement_id: Option<String>,
    pub entry: Option<i64>,
    pub detail: Option<i64>,
    pub whole: Option<i64>,
    pub account: Option<String>,
}

#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct LineRow {
    pub list_id: String,
    pub n: i64,
    pub owner: Option<String>,
    pub kind: String,
    pub reference: Option<String>,
    pub transaction_id: Option<String>,
    pub gross_cents: i64,
    pub fee_cents: Option<i64>,
    pub net_cents: Option<i64>,
    pub day: Option<String>,
    pub method: Option<String>,
    pub went: Option<String>,
}

#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct DepositedRow {
    pub position: i64,
    pub exception_id: String,
    pub posten_id: String,
    #[sqlx(flatten)]
    pub detail: DetailRow,
}

/// A line as somebody sees it.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct SeenLineRow {
    pub revision: i64,
    pub authority_id: Option<String>,
    #[sqlx(flatten)]
    pub line: LineRow,
}

/// A database, as settlement lists need it. Arguments that hold rows are JSON arrays.
#[async_trait]
pub trait ListRows: Send + Sync {
    /// Stages lists, lines, and lines that are gone.
    async fn stage_list(&self, lists: &str, lines: &str, gone: &str) -> Result<(), sqlx::Error>;
    /// Takes a staged list away.
    async fn discard_list(&self, id: &str) -> Result<(), sqlx::Error>;
    /// Takes away what was left in staging of a payout's lists.
    async fn discard_left(
        &self,
        ledger: &str,
        source: &str,
        reference: &str,
        before: i64,
    ) -> Result<(), sqlx::Error>;
    /// The filed list with a digest.
    async fn list_digest(
        &self,
        ledger: &str,
        source: &str,
        reference: &str,
        digest: &[u8],
    ) -> Result<Option<String>, sqlx::Error>;
    /// The newest list of a payout by its reference.
    async fn payout(
        &self,
        ledger: &str,
        source: &str,
        reference: &str,
    ) -> Result<Option<PayoutRow>, sqlx::Error>;
    /// The newest list of a payout.
    async fn payout_by_id(&self, ledger: &str, id: &str) -> Result<Option<PayoutRow>, sqlx::Error>;
    /// Lines of a payout that count, behind a revision and a number, but for those of other authorities than these (a
    /// JSON array).
    async fn seen_lines(
        &self,
        of: (&str, &str),
        after: (i64, i64),
        limit: i64,
        authorities: &str,
    ) -> Result<Vec<SeenLineRow>, sqlx::Error>;
    /// The newest lists of payouts.
    async fn payouts(
        &self,
        ledger: &str,
        since: i64,
        after: &str,
        limit: i64,
    ) -> Result<Vec<PayoutRow>, sqlx::Error>;
    /// Lines that count.
    async fn payout_lines(&self, ledger: &str, payout: &str) -> Result<Vec<LineRow>, sqlx::Error>;
    /// Lines that counted when a list was filed.
    async fn lines_filed(&self, list: &str) -> Result<Vec<LineRow>, sqlx::Error>;
    /// Our lines that are to be booked (`went` is none), or to be taken back from where they went.
    async fn payout_work(&self, ledger: &str, payout: &str) -> Result<Vec<LineRow>, sqlx::Error>;
    /// Says that a list is booked.
    async fn list_done(&self, id: &str) -> Result<(), sqlx::Error>;
    /// By kind, what bookings of a subject bring to `verrechnung`, less what they take from it.
    async fn booked_on(&self, ledger: &str, subject: &str) -> Result<Vec<(String, i64)>, sqlx::Error>;
    /// Attempts with these Kassenzeichen or numbers: reference, case, attempt.
    async fn attempts_listed(
        &self,
        ledger: &str,
        references: &str,
    ) -> Result<Vec<(String, String, String)>, sqlx::Error>;
    /// Payments on statements that lie in deposits whole.
    async fn deposited_details(
        &self,
        ledger: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<DepositedRow>, sqlx::Error>;
    /// Lines in deposits: exception, deposit, subject, cents.
    async fn deposited_lines(&self, ledger: &str) -> Result<Vec<(String, String, String, i64)>, sqlx::Error>;
    /// The reference of a line.
    async fn line_reference(&self, list: &str, n: i64) -> Result<Option<String>, sqlx::Error>;
    /// What was assigned out of the deposit of a subject: case, attempt, cents.
    async fn assigned_from(
        &self,
        ledger: &str,
        subject: &str,
        deposit: &str,
    ) -> Result<Vec<(String, String, i64)>, sqlx::Error>;
    /// Open exceptions of a subject: id, code, and the state of the newest step.
    async fn open_exceptions(
        &self,
        ledger: &str,
        subject: &str,
    ) -> Result<Vec<(String, String, Option<String>)>, sqlx::Error>;
}

macro_rules! list_rows {
    ($engine:ident) => {
        #[async_trait]
        impl $crate::store::lists::rows::ListRows for $engine {
            async fn stage_list(&self, lists: &str, lines: &str, gone: &str) -> Result<(), sqlx::Error> {
                let mut tx = self.writer.begin_with(BEGIN).await?;
                for (statement, rows) in [
                    (sql::NEW_LIST, lists),
                    (sql::NEW_LIST_LINES, lines),
                    (sql::NEW_LINES_GONE, gone),
                ] {
                    sqlx::query(statement).bind(rows).execute(&mut *tx).await?;
                }
                tx.commit().await
            }

            async fn discard_list(&self, id: &str) -> Result<(), sqlx::Error> {
                let discard = "DELETE FROM settlement_list WHERE id = $1 AND state = 'staging'";
                sqlx::query(discard).bind(id).execute(&self.writer).await.map(|_| ())
            }

            async fn discard_left(
                &self,
                ledger: &str,
                source: &str,
                reference: &str,
                before: i64,
            ) -> Result<(), sqlx::Error> {
                sqlx::query(
                    "DELETE FROM settlement_list WHERE ledger_id = $1 AND source = $2 AND reference = $3 \
                         AND state = 'staging' AND staged_at < $4",
                )
                .bind(ledger)
                .bind(source)
                .bind(reference)
                .bind(before)
                .execute(&self.writer)
                .await
                .map(|_| ())
            }

            async fn list_digest(
                &self,
                ledger: &str,
                source: &str,
                reference: &str,
                digest: &[u8],
            ) -> Result<Option<String>, sqlx::Error> {
                let row: Option<(String,)> = sqlx::query_as(
                    "SELECT id FROM settlement_list WHERE ledger_id = $1 AND source = $2 AND reference = $3 \
                         AND digest = $4 AND state = 'filed'",
                )
                .bind(ledger)
                .bind(source)
                .bind(reference)
                .bind(digest)
                .fetch_optional(&self.reader)
                .await?;
                Ok(row.map(|(id,)| id))
            }

            async fn payout(
                &self,
                ledger: &str,
                source: &str,
                reference: &str,
            ) -> Result<Option<$crate::store::lists::rows::PayoutRow>, sqlx::Error> {
                sqlx::query_as($crate::store::lists::sql::PAYOUT)
                    .bind(ledger)
                    .bind(source)
                    .bind(reference)
                    .fetch_optional(&self.reader)
                    .await
            }

            async fn payout_by_id(
                &self,
                ledger: &str,
                id: &str,
            ) -> Result<Option<$crate::store::lists::rows::PayoutRow>, sqlx::Error> {
                sqlx::query_as($crate::store::lists::sql::PAYOUT_BY_ID)
                    .bind(ledger)
                    .bind(id)
                    .fetch_optional(&self.reader)
                    .await
            }

            async fn seen_lines(
                &self,
                (ledger, payout): (&str, &str),
                (revision, n): (i64, i64),
                limit: i64,
                authorities: &str,
            ) -> Result<Vec<$crate::store::lists::rows::SeenLineRow>, sqlx::Error> {
                sqlx::query_as(sql::SEEN_LINES)
                    .bind(ledger)
                    .bind(payout)
                    .bind(revision)
                    .bind(n)
                    .bind(limit)
                    .bind(authorities)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn payouts(
                &self,
                ledger: &str,
                since: i64,
                after: &str,
                limit: i64,
            ) -> Result<Vec<$crate::store::lists::rows::PayoutRow>, sqlx::Error> {
                sqlx::query_as($crate::store::lists::sql::PAYOUTS)
                    .bind(ledger)
                    .bind(since)
                    .bind(after)
                    .bind(limit)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn payout_lines(
                &self,
                ledger: &str,
                payout: &str,
            ) -> Result<Vec<$crate::store::lists::rows::LineRow>, sqlx::Error> {
                sqlx::query_as($crate::store::lists::sql::LINES)
                    .bind(ledger)
                    .bind(payout)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn lines_filed(
                &self,
                list: &str,
            ) -> Result<Vec<$crate::store::lists::rows::LineRow>, sqlx::Error> {
                sqlx::query_as($crate::store::lists::sql::FILED)
                    .bind(list)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn payout_work(
                &self,
                ledger: &str,
                payout: &str,
            ) -> Result<Vec<$crate::store::lists::rows::LineRow>, sqlx::Error> {
                sqlx::query_as($crate::store::lists::sql::WORK)
                    .bind(ledger)
                    .bind(payout)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn list_done(&self, id: &str) -> Result<(), sqlx::Error> {
                let done = "UPDATE settlement_list SET done = 1 WHERE id = $1";
                sqlx::query(done).bind(id).execute(&self.writer).await.map(|_| ())
            }

            async fn booked_on(
                &self,
                ledger: &str,
                subject: &str,
            ) -> Result<Vec<(String, i64)>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT b.kind, CAST(sum(CASE WHEN l.credit_account LIKE 'verrechnung/%' THEN l.cents \
                         WHEN l.debit_account LIKE 'verrechnung/%' THEN -l.cents ELSE 0 END) AS BIGINT) \
                     FROM booking AS b \
                     JOIN booking_line AS l ON l.ledger_id = b.ledger_id AND l.position = b.position \
                     WHERE b.ledger_id = $1 AND b.subject = $2 GROUP BY b.kind",
                )
                .bind(ledger)
                .bind(subject)
                .fetch_all(&self.reader)
                .await
            }

            async fn attempts_listed(
                &self,
                ledger: &str,
                references: &str,
            ) -> Result<Vec<(String, String, String)>, sqlx::Error> {
                sqlx::query_as(sql::LISTED_ATTEMPTS)
                    .bind(ledger)
                    .bind(references)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn deposited_details(
                &self,
                ledger: &str,
                after: i64,
                limit: i64,
            ) -> Result<Vec<$crate::store::lists::rows::DepositedRow>, sqlx::Error> {
                sqlx::query_as($crate::store::lists::sql::DEPOSITED_DETAILS)
                    .bind(ledger)
                    .bind(after)
                    .bind(limit)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn deposited_lines(
                &self,
                ledger: &str,
            ) -> Result<Vec<(String, String, String, i64)>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT x.id, o.id, x.subject, b.credit_cents - b.debit_cents \
                     FROM exception AS x \
                     JOIN posten AS o ON o.subject = x.subject AND o.ledger_id = x.ledger_id \
                         AND o.kind = 'verwahrung' \
                     JOIN balance AS b ON b.ledger_id = o.ledger_id AND b.posten_id = o.id \
                         AND b.account = 'verwahrung' \
                     WHERE x.ledger_id = $1 AND x.code = 'listenzeile_ungeklaert' \
                         AND b.credit_cents > b.debit_cents \
                         AND NOT EXISTS (SELECT 1 FROM resolution AS r WHERE r.exception_id = x.id) \
                     ORDER BY x.position",
                )
                .bind(ledger)
                .fetch_all(&self.reader)
                .await
            }

            async fn line_reference(&self, list: &str, n: i64) -> Result<Option<String>, sqlx::Error> {
                let row: Option<(Option<String>,)> =
                    sqlx::query_as("SELECT reference FROM list_line WHERE list_id = $1 AND n = $2")
                        .bind(list)
                        .bind(n)
                        .fetch_optional(&self.reader)
                        .await?;
                Ok(row.and_then(|(reference,)| reference))
            }

            async fn assigned_from(
                &self,
                ledger: &str,
                subject: &str,
                deposit: &str,
            ) -> Result<Vec<(String, String, i64)>, sqlx::Error> {
                sqlx::query_as($crate::store::lists::sql::ASSIGNED_FROM)
                    .bind(ledger)
                    .bind(subject)
                    .bind(deposit)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn open_exceptions(
                &self,
                ledger: &str,
                subject: &str,
            ) -> Result<Vec<(String, String, Option<String>)>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT x.id, x.code, s.state FROM exception AS x \
                     LEFT JOIN resolution AS s ON s.exception_id = x.id AND s.position = \
                         (SELECT max(n.position) FROM resolution AS n WHERE n.exception_id = x.id) \
                     WHERE x.ledger_id = $1 AND x.subject = $2 AND (s.state IS NULL OR s.state NOT IN ('done', 'back', 'paid')) \
                     ORDER BY x.position",
                )
                .bind(ledger)
                .bind(subject)
                .fetch_all(&self.reader)
                .await
            }
        }
    };
}

pub(in crate::store) use list_rows;
