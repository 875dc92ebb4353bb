//! Exceptions, as a database needs to know them: rows, and the statements that both engines share.

use async_trait::async_trait;

#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct ExceptionRow {
    pub id: String,
    pub ledger_id: String,
    pub position: i64,
    pub recorded_at: i64,
    pub code: String,
    pub case_id: Option<String>,
    pub attempt_id: Option<String>,
    pub subject: Option<String>,
    pub cents: Option<i64>,
    pub authority_id: Option<String>,
    pub kassenzeichen: Option<String>,
    pub state: Option<String>,
}

#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct StepRow {
    pub exception_id: String,
    pub position: i64,
    pub how: String,
    pub plan: String,
    pub role: String,
    pub person: String,
    pub state: String,
}

/// Whose matters are seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRows {
    /// 1: everybody's.
    pub all: i64,
    /// A JSON array of authorities.
    pub authorities: String,
    /// 1: what belongs to nobody known too.
    pub of_nobody: i64,
}

/// Which exceptions are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedRows {
    /// 1: those that are resolved too.
    pub resolved: i64,
    /// Whose.
    pub seen: SeenRows,
    /// With this code.
    pub code: Option<String>,
    /// Opened by then (milliseconds).
    pub until: i64,
    /// In cents.
    pub min: i64,
    /// In cents.
    pub max: i64,
}

/// A database, as the worklist needs it.
#[async_trait]
pub trait ExceptionRows: Send + Sync {
    /// Exceptions behind a place.
    async fn exceptions_of(
        &self,
        ledger: &str,
        wanted: &WantedRows,
        after: i64,
        limit: i64,
    ) -> Result<Vec<ExceptionRow>, sqlx::Error>;
    /// An exception.
    async fn exception(&self, ledger: &str, id: &str) -> Result<Option<ExceptionRow>, sqlx::Error>;
    /// The steps of exceptions (a JSON array of ids), each one's in their order.
    async fn steps(&self, exceptions: &str) -> Result<Vec<StepRow>, sqlx::Error>;
    /// Posten of a subject, and what lies in it.
    async fn deposit(&self, subject: &str) -> Result<Option<DepositRow>, sqlx::Error>;
    /// The bytes of the records of an exception's resolution, in their order: of the one whose last step stands at a
    /// place of the log, or of the newest.
    async fn resolved_by(
        &self,
        ledger: &str,
        exception: &str,
        at: Option<i64>,
    ) -> Result<Vec<(Vec<u8>,)>, sqlx::Error>;
    /// Balances of a Posten: account, credit less debit.
    async fn lies(&self, posten: &str) -> Result<Vec<(String, i64)>, sqlx::Error>;
    /// Orders to pay money out behind a number.
    async fn payout_orders(
        &self,
        ledger: &str,
        seen: &SeenRows,
        after: i64,
        limit: i64,
    ) -> Result<Vec<OrderRow>, sqlx::Error>;
    /// How many orders to pay money out there are.
    async fn payout_orders_so_far(&self, ledger: &str) -> Result<i64, sqlx::Error>;
}

#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct DepositRow {
    pub id: String,
    pub cents: i64,
    pub case_id: Option<String>,
    pub attempt_id: Option<String>,
}

#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct OrderRow {
    pub posten_id: String,
    pub number: i64,
    pub exception_id: String,
    pub how: String,
    pub way: String,
    pub reference: String,
    pub cents: i64,
    pub open_cents: i64,
    pub opened_at: i64,
    pub decided_at: Option<i64>,
    pub subject: Option<String>,
    pub case_id: Option<String>,
    pub attempt_id: Option<String>,
    pub authority_id: Option<String>,
    pub kassenzeichen: Option<String>,
}

/// Orders, with what has not left yet, and the step that gave each: the one in whose Change its Posten was credited. An
/// exception that was taken back and decided again has several. The argument tells how a database reads the array `$4`.
macro_rules! payout_orders {
    ($among:literal) => {
        concat!(
            "SELECT o.posten_id, o.number, o.exception_id, o.how, o.way, o.reference, o.cents, \
                 coalesce(b.credit_cents - b.debit_cents, 0) AS open_cents, p.opened_at, \
                 (SELECT min(s.position) FROM resolution AS s \
                     JOIN record AS d ON d.ledger_id = s.ledger_id AND d.position = s.position \
                     JOIN record AS r ON r.change_id = d.change_id AND r.ledger_id = d.ledger_id \
                     JOIN booking_line AS l ON l.ledger_id = r.ledger_id AND l.position = r.position \
                     WHERE s.exception_id = o.exception_id AND s.state = 'done' AND l.credit_posten = o.posten_id \
                         AND l.credit_account = 'erstattung') AS decided_at, p.subject, p.case_id, \
                 p.attempt_id, c.authority_id, a.kassenzeichen \
             FROM payout_order AS o JOIN posten AS p ON p.ledger_id = o.ledger_id AND p.id = o.posten_id \
             LEFT JOIN balance AS b ON b.ledger_id = o.ledger_id AND b.posten_id = o.posten_id \
                 AND b.account = 'erstattung' \
             LEFT JOIN cases AS c ON c.id = p.case_id LEFT JOIN attempt AS a ON a.id = p.attempt_id \
             WHERE o.ledger_id = $1 AND o.number > $2 AND ($3 = 1 OR c.authority_id ",
            $among,
            " OR (c.authority_id IS NULL AND $5 = 1)) ORDER BY o.number LIMIT $6"
        )
    };
}

/// The records of one Change stand together: those around the one that resolved the exception.
pub(in crate::store) const RESOLVED_BY: &str = "SELECT r.bytes FROM record AS r JOIN record AS d \
         ON d.ledger_id = r.ledger_id AND d.change_id = r.change_id \
     WHERE r.ledger_id = $1 AND d.position = coalesce(CAST($3 AS BIGINT), (SELECT max(s.position) \
         FROM resolution AS s WHERE s.exception_id = $2 AND s.state = 'done')) \
         AND r.position BETWEEN d.position - 200 AND d.position + 200 \
     ORDER BY r.position";

/// Exceptions with the state of their newest step.
macro_rules! exceptions {
    ($($which:expr),+ $(,)?) => {
        concat!(
            "SELECT e.id, e.ledger_id, e.position, r.recorded_at, e.code, e.case_id, e.attempt_id, e.subject, e.cents, \
                 c.authority_id, a.kassenzeichen, s.state \
             FROM exception AS e JOIN record AS r ON r.ledger_id = e.ledger_id AND r.position = e.position \
             LEFT JOIN posten AS p ON p.subject = e.subject AND p.kind = 'verwahrung' AND e.subject LIKE 'posten/%' \
             LEFT JOIN cases AS c ON c.id = coalesce(e.case_id, p.case_id) \
             LEFT JOIN attempt AS a ON a.id = coalesce(e.attempt_id, p.attempt_id) \
             LEFT JOIN resolution AS s ON s.exception_id = e.id AND s.position = \
                 (SELECT max(n.position) FROM resolution AS n WHERE n.exception_id = e.id) \
             WHERE e.ledger_id = $1 ",
            $($which),+
        )
    };
}

/// One of them.
pub(in crate::store) const EXCEPTION: &str = exceptions!("AND e.id = $2");

/// A page of them: the arguments tell how a database reads the array `$5`, and what else is asked for.
macro_rules! worklist {
    ($among:literal, $more:literal) => {
        $crate::store::exceptions::rows::exceptions!(
            "AND e.position > $2 AND ($3 = 1 OR s.state IS NULL OR s.state NOT IN ('done', 'back', 'paid')) \
                 AND ($4 = 1 OR c.authority_id ",
            $among,
            " OR (c.authority_id IS NULL AND $6 = 1)) AND r.recorded_at <= $7 \
                 AND coalesce(e.cents, 0) >= $8 AND coalesce(e.cents, 0) <= $9",
            $more,
            " ORDER BY e.position LIMIT $10"
        )
    };
}

macro_rules! exception_rows {
    ($engine:ident) => {
        #[async_trait]
        impl $crate::store::exceptions::rows::ExceptionRows for $engine {
            async fn exceptions_of(
                &self,
                ledger: &str,
                wanted: &$crate::store::exceptions::rows::WantedRows,
                after: i64,
                limit: i64,
            ) -> Result<Vec<$crate::store::exceptions::rows::ExceptionRow>, sqlx::Error> {
                let statement = match wanted.code {
                    None => sql::WORKLIST,
                    Some(_) => sql::WORKLIST_OF_CODE,
                };
                let asked = sqlx::query_as(statement)
                    .bind(ledger)
                    .bind(after)
                    .bind(wanted.resolved)
                    .bind(wanted.seen.all)
                    .bind(&wanted.seen.authorities)
                    .bind(wanted.seen.of_nobody)
                    .bind(wanted.until)
                    .bind(wanted.min)
                    .bind(wanted.max)
                    .bind(limit);
                match &wanted.code {
                    None => asked.fetch_all(&self.reader).await,
                    Some(code) => asked.bind(code).fetch_all(&self.reader).await,
                }
            }

            async fn exception(
                &self,
                ledger: &str,
                id: &str,
            ) -> Result<Option<$crate::store::exceptions::rows::ExceptionRow>, sqlx::Error> {
                sqlx::query_as($crate::store::exceptions::rows::EXCEPTION)
                    .bind(ledger)
                    .bind(id)
                    .fetch_optional(&self.reader)
                    .await
            }

            async fn steps(
                &self,
                exceptions: &str,
            ) -> Result<Vec<$crate::store::exceptions::rows::StepRow>, sqlx::Error> {
                sqlx::query_as(sql::STEPS).bind(exceptions).fetch_all(&self.reader).await
            }

            async fn resolved_by(
                &self,
                ledger: &str,
                exception: &str,
                at: Option<i64>,
            ) -> Result<Vec<(Vec<u8>,)>, sqlx::Error> {
                sqlx::query_as($crate::store::exceptions::rows::RESOLVED_BY)
                    .bind(ledger)
                    .bind(exception)
                    .bind(at)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn lies(&self, posten: &str) -> Result<Vec<(String, i64)>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT account, credit_cents - debit_cents FROM balance \
                     WHERE posten_id = $1 AND ledger_id = (SELECT ledger_id FROM posten WHERE id = $1)",
                )
                .bind(posten)
                .fetch_all(&self.reader)
                .await
            }

            async fn payout_orders(
                &self,
                ledger: &str,
                seen: &$crate::store::exceptions::rows::SeenRows,
                after: i64,
                limit: i64,
            ) -> Result<Vec<$crate::store::exceptions::rows::OrderRow>, sqlx::Error> {
                sqlx::query_as(sql::PAYOUT_ORDERS)
                    .bind(ledger)
                    .bind(after)
                    .bind(seen.all)
                    .bind(&seen.authorities)
                    .bind(seen.of_nobody)
                    .bind(limit)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn payout_orders_so_far(&self, ledger: &str) -> Result<i64, sqlx::Error> {
                let (count,) = sqlx::query_as("SELECT count(*) FROM payout_order WHERE ledger_id = $1")
                    .bind(ledger)
                    .fetch_one(&self.reader)
                    .await?;
                Ok(count)
            }

            async fn deposit(
                &self,
                subject: &str,
            ) -> Result<Option<$crate::store::exceptions::rows::DepositRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT p.id, b.credit_cents - b.debit_cents AS cents, p.case_id, p.attempt_id FROM posten AS p \
                     JOIN balance AS b ON b.ledger_id = p.ledger_id AND b.posten_id = p.id \
                     WHERE p.subject = $1 AND b.account = 'verwahrung'",
                )
                .bind(subject)
                .fetch_optional(&self.reader)
                .await
            }
        }
    };
}

pub(in crate::store) use {exception_rows, exceptions, payout_orders, worklist};
