//! Exceptions with the steps towards their resolution, and deposits. The statements are the same in both databases.

use async_trait::async_trait;

use super::map::At;
use super::{SqlStore, unavailable};
use crate::app::ports::{ExceptionFilter, ExceptionStore, ListedException, ReadError};
use crate::domain::ids::{AuthorityId, Kassenzeichen, LedgerId, PostenId};
use crate::domain::money::Cents;
use crate::domain::resolution::StepTaken;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;

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
    pub how: String,
    pub plan: String,
    pub role: String,
    pub person: String,
    pub state: String,
}

/// A database, as the worklist needs it.
#[async_trait]
pub trait ExceptionRows: Send + Sync {
    /// Exceptions behind a place; `all`: those that are resolved too.
    async fn exceptions_of(
        &self,
        ledger: &str,
        (all, id): (bool, Option<&str>),
        after: i64,
        limit: i64,
    ) -> Result<Vec<ExceptionRow>, sqlx::Error>;
    /// The steps of an exception, in their order.
    async fn steps(&self, exception: &str) -> Result<Vec<StepRow>, sqlx::Error>;
    /// Posten of a subject, and what lies in it.
    async fn deposit(&self, subject: &str) -> Result<Option<(String, i64)>, sqlx::Error>;
}

/// Exceptions with the state of their newest step.
pub(super) const EXCEPTIONS: &str = "SELECT e.id, e.ledger_id, e.position, r.recorded_at, e.code, e.case_id, e.attempt_id, e.subject, e.cents, \
         c.authority_id, a.kassenzeichen, s.state \
     FROM exception AS e JOIN record AS r ON r.ledger_id = e.ledger_id AND r.position = e.position \
     LEFT JOIN cases AS c ON c.id = e.case_id LEFT JOIN attempt AS a ON a.id = e.attempt_id \
     LEFT JOIN resolution AS s ON s.exception_id = e.id AND s.position = \
         (SELECT max(n.position) FROM resolution AS n WHERE n.exception_id = e.id) \
     WHERE e.ledger_id = $1 AND e.position > $2 AND ($3 = 1 OR s.state IS NULL OR s.state <> 'done') \
         AND (CAST($4 AS TEXT) IS NULL OR e.id = $4) \
     ORDER BY e.position LIMIT $5";

macro_rules! exception_rows {
    ($engine:ident) => {
        #[async_trait]
        impl $crate::store::exceptions::ExceptionRows for $engine {
            async fn exceptions_of(
                &self,
                ledger: &str,
                (all, id): (bool, Option<&str>),
                after: i64,
                limit: i64,
            ) -> Result<Vec<$crate::store::exceptions::ExceptionRow>, sqlx::Error> {
                sqlx::query_as($crate::store::exceptions::EXCEPTIONS)
                    .bind(ledger)
                    .bind(after)
                    .bind(i64::from(all))
                    .bind(id)
                    .bind(limit)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn steps(
                &self,
                exception: &str,
            ) -> Result<Vec<$crate::store::exceptions::StepRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT how, plan, role, person, state FROM resolution WHERE exception_id = $1 ORDER BY position",
                )
                .bind(exception)
                .fetch_all(&self.reader)
                .await
            }

            async fn deposit(&self, subject: &str) -> Result<Option<(String, i64)>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT p.id, b.credit_cents - b.debit_cents FROM posten AS p \
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

pub(super) use exception_rows;

fn listed(row: ExceptionRow, steps: Vec<StepRow>) -> Result<ListedException, ReadError> {
    let at = At {
        table: "exception",
        row: &row.id,
    };
    let subject = match (&row.case_id, &row.attempt_id, &row.subject) {
        (Some(case), Some(attempt), _) => Subject::Attempt {
            case: at.read("case_id", case.parse())?,
            attempt: at.read("attempt_id", attempt.parse())?,
        },
        (_, _, subject) => at.read("subject", Subject::named(subject.as_deref().unwrap_or_default()))?,
    };
    let authority = row.authority_id.as_deref().map(AuthorityId::parse).transpose();
    let kassenzeichen = row.kassenzeichen.as_deref().map(Kassenzeichen::parse).transpose();
    // What was undone counts no longer, nor what came before it.
    let after = steps
        .iter()
        .rposition(|step| step.state == "undone")
        .map_or(0, |at| at + 1);
    Ok(ListedException {
        id: at.read("id", row.id.parse())?,
        ledger: at.read("ledger_id", LedgerId::parse(&row.ledger_id))?,
        position: at.read("position", u64::try_from(row.position))?,
        opened_at: Timestamp::from_millis(row.recorded_at),
        code: at.read("code", row.code.parse())?,
        subject,
        cents: row.cents.map(Cents::new),
        authority: at.read("authority_id", authority)?,
        kassenzeichen: at.read("kassenzeichen", kassenzeichen)?,
        resolved: row.state.as_deref() == Some("done"),
        steps: steps
            .into_iter()
            .skip(after)
            .map(|step| StepTaken {
                how: step.how,
                plan: step.plan,
                role: step.role,
                person: step.person,
            })
            .collect(),
    })
}

#[async_trait]
impl ExceptionStore for SqlStore {
    async fn exceptions(
        &self,
        ledger: &LedgerId,
        filter: &ExceptionFilter,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<ListedException>, ReadError> {
        let id = filter.id.map(|id| id.to_string());
        let after = after.map_or(-1, |after| i64::try_from(after).unwrap_or(i64::MAX));
        let rows = self
            .engine
            .exceptions_of(
                ledger.as_str(),
                (filter.resolved, id.as_deref()),
                after,
                i64::from(limit),
            )
            .await;
        let mut all = Vec::new();
        for row in rows.map_err(unavailable)? {
            let steps = match &row.state {
                Some(_) => self.engine.steps(&row.id).await.map_err(unavailable)?,
                None => Vec::new(),
            };
            all.push(listed(row, steps)?);
        }
        Ok(all)
    }

    async fn deposit(&self, subject: Subject) -> Result<Option<(PostenId, Cents)>, ReadError> {
        let Some(name) = subject.name() else {
            return Ok(None);
        };
        let at = At {
            table: "posten",
            row: &name,
        };
        let row = self.engine.deposit(&name).await.map_err(unavailable)?;
        row.map(|(posten, cents)| Ok((at.read("id", posten.parse())?, Cents::new(cents))))
            .transpose()
    }
}
