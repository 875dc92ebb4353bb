//! What is missing on statements: money that was told, and statements themselves. The statements are the same in both
//! databases.

use super::map::At;
use crate::app::ports::{ReadError, StatementException, Unarrived};
use crate::domain::ids::Method;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::domain::told::Heard;

/// An attempt whose money has not arrived.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct UnarrivedRow {
    pub id: String,
    pub case_id: String,
    pub heard: String,
    pub method: Option<String>,
    pub told_at: i64,
}

/// An exception about a statement: id, subject; state, person and place of its newest step.
pub type StatementExceptionRow = (String, String, Option<String>, Option<String>, Option<i64>);

/// The newest booking of money that was told, and whether anybody has named its absence since.
pub(super) const UNARRIVED: &str = "SELECT a.id, a.case_id, a.heard, p.method, r.recorded_at AS told_at \
     FROM attempt AS a JOIN payment AS p ON p.id = a.payment_id \
     JOIN record AS r ON r.ledger_id = a.ledger_id AND r.position = \
         (SELECT max(b.position) FROM booking AS b WHERE b.ledger_id = a.ledger_id AND b.case_id = a.case_id \
          AND b.attempt_id = a.id \
          AND b.kind IN ('zahlung', 'teilzahlung', 'ueberzahlung', 'doppelzahlung', 'spaete_zahlung')) \
     WHERE a.ledger_id = $1 AND a.unsettled = 1 AND a.id > $3 AND r.recorded_at <= $2 \
         AND NOT EXISTS (SELECT 1 FROM exception AS e WHERE e.case_id = a.case_id AND e.attempt_id = a.id \
             AND e.code = 'nicht_auf_konto' AND e.position > r.position \
             AND NOT EXISTS (SELECT 1 FROM resolution AS s WHERE s.exception_id = e.id AND s.state = 'done' \
                 AND s.person = 'programm')) \
     ORDER BY a.id LIMIT $4";

/// Exceptions about statements, with their newest step.
pub(super) const OF_STATEMENTS: &str = "SELECT e.id, e.subject, s.state, s.person, s.position \
     FROM exception AS e LEFT JOIN resolution AS s ON s.exception_id = e.id AND s.position = \
         (SELECT max(n.position) FROM resolution AS n WHERE n.exception_id = e.id) \
     WHERE e.ledger_id = $1 AND e.code = $2 AND e.subject IS NOT NULL ORDER BY e.position";

pub(super) fn unarrived(row: &UnarrivedRow) -> Result<Unarrived, ReadError> {
    let at = At {
        table: "attempt",
        row: &row.id,
    };
    let heard: Heard = at.read("heard", serde_json::from_str(&row.heard))?;
    Ok(Unarrived {
        case: at.read("case_id", row.case_id.parse())?,
        attempt: at.read("id", row.id.parse())?,
        told_at: Timestamp::from_millis(row.told_at),
        method: at.read("method", row.method.as_deref().map(Method::parse).transpose())?,
        cents: heard.waiting(false),
    })
}

/// None where it is about something inside a statement.
pub(super) fn of_statement(row: StatementExceptionRow) -> Result<Option<StatementException>, ReadError> {
    let (id, subject, state, person, position) = row;
    let at = At {
        table: "exception",
        row: &id,
    };
    let Subject::Statement(statement) = at.read("subject", Subject::named(&subject))? else {
        return Ok(None);
    };
    Ok(Some(StatementException {
        id: at.read("id", id.parse())?,
        statement,
        resolved: person
            .zip(position)
            .filter(|_| state.as_deref() == Some("done"))
            .map(|(person, position)| (person, u64::try_from(position).unwrap_or_default())),
    }))
}
