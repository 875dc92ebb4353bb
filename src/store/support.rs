//! What an operator looks up when somebody calls: which case a number belongs to, and what the provider's support wants
//! to know of it. The statements are the same in both databases.

use async_trait::async_trait;

use super::map::At;
use super::{SqlStore, unavailable};
use crate::app::ports::{ReadError, Scope, SupportStore};
use crate::domain::change::ProviderCall;
use crate::domain::ids::CaseId;
use crate::domain::time::Timestamp;

/// One call as it is stored.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct CallRow {
    pub attempt_id: String,
    pub at: i64,
    pub operation: String,
    pub code: Option<String>,
    pub reference: String,
}

/// A database, as support reads it.
#[async_trait]
pub trait SupportEngine: Send + Sync {
    /// The cases that a text leads to, the newest first.
    async fn find(&self, text: &str, ledger: Option<&str>, limit: i64) -> Result<Vec<String>, sqlx::Error>;
    /// The newest calls about the attempts of a case, in their order.
    async fn calls(&self, case: &str, limit: i64) -> Result<Vec<CallRow>, sqlx::Error>;
}

/// The cases that an id, a number or a reference leads to; each arm has an index of its own.
pub(super) const FIND: &str = "SELECT DISTINCT found.case_id FROM ( \
         SELECT id AS case_id FROM cases WHERE id = $1 \
         UNION SELECT case_id FROM payment WHERE id = $1 \
         UNION SELECT case_id FROM payment WHERE request_id = $1 \
         UNION SELECT case_id FROM payment WHERE transaction_id = $1 \
         UNION SELECT case_id FROM attempt WHERE id = $1 \
         UNION SELECT case_id FROM attempt WHERE nummer = $1 \
         UNION SELECT case_id FROM attempt WHERE kassenzeichen = $1 \
         UNION SELECT case_id FROM attempt WHERE remote_id = $1 \
         UNION SELECT a.case_id FROM provider_call AS c JOIN attempt AS a ON a.id = c.attempt_id WHERE c.reference = $1 \
     ) AS found JOIN cases ON cases.id = found.case_id \
     WHERE CAST($2 AS TEXT) IS NULL OR cases.ledger_id = $2 \
     ORDER BY found.case_id DESC LIMIT $3";

/// Sizes for metrics.
pub(super) const COUNTS: &str = "SELECT \
     (SELECT count(*) FROM payment WHERE answer = 'INITIAL') AS payments_open, \
     (SELECT count(*) FROM attempt WHERE standing IN ('calling', 'unclear') \
         AND standing = 'unclear') AS attempts_unclear, \
     (SELECT count(*) FROM watch WHERE due_at IS NOT NULL AND due_at <= $1) AS watches_due, \
     (SELECT count(*) FROM delivery WHERE state = 'pending') AS deliveries_pending, \
     (SELECT count(*) FROM delivery WHERE state = 'dead') AS deliveries_dead, \
     (SELECT count(*) FROM exception) - (SELECT count(*) FROM resolution AS r \
         WHERE r.state IN ('done', 'back', 'paid') AND r.position = (SELECT max(n.position) FROM resolution AS n \
             WHERE n.exception_id = r.exception_id)) AS exceptions_open";

/// The exceptions of a case that nobody has resolved: code and attempt.
pub(super) const OPEN_EXCEPTIONS: &str = "SELECT e.id, e.code, e.attempt_id FROM exception AS e WHERE e.case_id = $1 \
     AND coalesce((SELECT r.state FROM resolution AS r WHERE r.exception_id = e.id ORDER BY r.position DESC LIMIT 1), '') \
         NOT IN ('done', 'back', 'paid') \
     ORDER BY e.position";

/// The newest calls about the attempts of a case.
pub(super) const CALLS: &str = "SELECT c.attempt_id, c.at, c.operation, c.code, c.reference \
     FROM attempt AS a JOIN provider_call AS c ON c.attempt_id = a.id WHERE a.case_id = $1 ORDER BY c.at DESC LIMIT $2";

macro_rules! support {
    ($engine:ident) => {
        #[async_trait]
        impl crate::store::support::SupportEngine for $engine {
            async fn find(
                &self,
                text: &str,
                ledger: Option<&str>,
                limit: i64,
            ) -> Result<Vec<String>, sqlx::Error> {
                let rows: Vec<(String,)> = sqlx::query_as(crate::store::support::FIND)
                    .bind(text)
                    .bind(ledger)
                    .bind(limit)
                    .fetch_all(&self.reader)
                    .await?;
                Ok(rows.into_iter().map(|(id,)| id).collect())
            }

            async fn calls(
                &self,
                case: &str,
                limit: i64,
            ) -> Result<Vec<crate::store::support::CallRow>, sqlx::Error> {
                sqlx::query_as(crate::store::support::CALLS)
                    .bind(case)
                    .bind(limit)
                    .fetch_all(&self.reader)
                    .await
            }
        }
    };
}

pub(super) use support;

#[async_trait]
impl SupportStore for SqlStore {
    async fn find_cases(&self, scope: &Scope, text: &str, limit: u32) -> Result<Vec<CaseId>, ReadError> {
        let found = self.engine.find(text, scope.ledger(), i64::from(limit)).await;
        let at = At {
            table: "cases",
            row: text,
        };
        let ids = found.map_err(unavailable)?;
        ids.iter().map(|id| at.read("id", id.parse())).collect()
    }

    async fn provider_calls(&self, case: CaseId, limit: u32) -> Result<Vec<ProviderCall>, ReadError> {
        let case = case.to_string();
        let rows = self.engine.calls(&case, i64::from(limit)).await;
        let at = At {
            table: "provider_call",
            row: &case,
        };
        let rows = rows.map_err(unavailable)?.into_iter().rev();
        rows.map(|row| {
            Ok(ProviderCall {
                attempt: at.read("attempt_id", row.attempt_id.parse())?,
                at: Timestamp::from_millis(row.at),
                operation: row.operation,
                code: row.code,
                reference: row.reference,
            })
        })
        .collect()
    }
}
