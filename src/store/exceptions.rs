//! Exceptions with the steps towards their resolution, and deposits. The statements are the same in both databases.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::map::At;
use super::{SqlStore, unavailable};
use crate::app::ports::{Deposit, ExceptionFilter, ExceptionStore, ListedException, ListedOrder, ReadError};
use crate::domain::decide::Lies;
use crate::domain::ids::{AuthorityId, ExceptionId, Kassenzeichen, LedgerId, PostenId};
use crate::domain::money::Cents;
use crate::domain::payout_order::PayoutOrder;
use crate::domain::record::Record;
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
    pub position: i64,
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
    async fn payout_orders(&self, ledger: &str, after: i64, limit: i64)
    -> Result<Vec<OrderRow>, sqlx::Error>;
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
/// exception that was taken back and decided again has several.
pub(super) const PAYOUT_ORDERS: &str = "SELECT o.posten_id, o.number, o.exception_id, o.how, o.way, o.reference, o.cents, \
         coalesce(b.credit_cents - b.debit_cents, 0) AS open_cents, p.opened_at, \
         (SELECT min(s.position) FROM resolution AS s \
             JOIN record AS d ON d.ledger_id = s.ledger_id AND d.position = s.position \
             JOIN record AS r ON r.change_id = d.change_id AND r.ledger_id = d.ledger_id \
             JOIN booking_line AS l ON l.ledger_id = r.ledger_id AND l.position = r.position \
             WHERE s.exception_id = o.exception_id AND s.state = 'done' AND l.credit_posten = o.posten_id \
                 AND l.credit_account = 'erstattung') AS decided_at, \
         p.subject, p.case_id, p.attempt_id, c.authority_id, a.kassenzeichen \
     FROM payout_order AS o JOIN posten AS p ON p.ledger_id = o.ledger_id AND p.id = o.posten_id \
     LEFT JOIN balance AS b ON b.ledger_id = o.ledger_id AND b.posten_id = o.posten_id AND b.account = 'erstattung' \
     LEFT JOIN cases AS c ON c.id = p.case_id LEFT JOIN attempt AS a ON a.id = p.attempt_id \
     WHERE o.ledger_id = $1 AND o.number > $2 ORDER BY o.number LIMIT $3";

/// The records of one Change stand together: those around the one that resolved the exception.
pub(super) const RESOLVED_BY: &str = "SELECT r.bytes FROM record AS r JOIN record AS d \
         ON d.ledger_id = r.ledger_id AND d.change_id = r.change_id \
     WHERE r.ledger_id = $1 AND d.position = coalesce(CAST($3 AS BIGINT), (SELECT max(s.position) \
         FROM resolution AS s WHERE s.exception_id = $2 AND s.state = 'done')) \
         AND r.position BETWEEN d.position - 200 AND d.position + 200 \
     ORDER BY r.position";

/// Exceptions with the state of their newest step.
pub(super) const EXCEPTIONS: &str = "SELECT e.id, e.ledger_id, e.position, r.recorded_at, e.code, e.case_id, e.attempt_id, e.subject, e.cents, \
         c.authority_id, a.kassenzeichen, s.state \
     FROM exception AS e JOIN record AS r ON r.ledger_id = e.ledger_id AND r.position = e.position \
     LEFT JOIN posten AS p ON p.subject = e.subject AND p.kind = 'verwahrung' AND e.subject LIKE 'posten/%' \
     LEFT JOIN cases AS c ON c.id = coalesce(e.case_id, p.case_id) \
     LEFT JOIN attempt AS a ON a.id = coalesce(e.attempt_id, p.attempt_id) \
     LEFT JOIN resolution AS s ON s.exception_id = e.id AND s.position = \
         (SELECT max(n.position) FROM resolution AS n WHERE n.exception_id = e.id) \
     WHERE e.ledger_id = $1 AND e.position > $2 AND ($3 = 1 OR s.state IS NULL OR s.state NOT IN ('done', 'back', 'paid')) \
         AND (CAST($4 AS TEXT) IS NULL OR e.id = $4) \
     ORDER BY e.position LIMIT $5";

/// An order to pay money out, as a row.
pub(super) fn payout_order(ledger: Option<&str>, order: &PayoutOrder) -> Value {
    json!({"posten_id": order.posten, "ledger_id": ledger, "number": order.number,
        "exception_id": order.exception, "how": order.how, "way": order.way.as_str(),
        "reference": order.reference, "cents": order.cents.get()})
}

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
                    "SELECT position, how, plan, role, person, state FROM resolution WHERE exception_id = $1 ORDER BY position",
                )
                .bind(exception)
                .fetch_all(&self.reader)
                .await
            }

            async fn resolved_by(
                &self,
                ledger: &str,
                exception: &str,
                at: Option<i64>,
            ) -> Result<Vec<(Vec<u8>,)>, sqlx::Error> {
                sqlx::query_as($crate::store::exceptions::RESOLVED_BY)
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
                after: i64,
                limit: i64,
            ) -> Result<Vec<$crate::store::exceptions::OrderRow>, sqlx::Error> {
                sqlx::query_as($crate::store::exceptions::PAYOUT_ORDERS)
                    .bind(ledger)
                    .bind(after)
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
            ) -> Result<Option<$crate::store::exceptions::DepositRow>, sqlx::Error> {
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
    let (back, steps) = counted(steps);
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
        resolved: matches!(row.state.as_deref(), Some("done" | "back" | "paid")),
        back: back.into_iter().map(taken).collect(),
        steps: steps.into_iter().map(taken).collect(),
    })
}

fn listed_order(ledger: &LedgerId, row: OrderRow, steps: Vec<StepRow>) -> Result<ListedOrder, ReadError> {
    let at = At {
        table: "payout_order",
        row: &row.posten_id,
    };
    let of = match (&row.case_id, &row.attempt_id) {
        (Some(case), Some(attempt)) => Some((
            at.read("case_id", case.parse())?,
            at.read("attempt_id", attempt.parse())?,
        )),
        _ => None,
    };
    // A part is a payment's no longer, whatever it was before.
    let (subject, attempt) = match (&row.subject, of) {
        (Some(subject), _) => (at.read("subject", Subject::named(subject))?, None),
        (None, Some((case, attempt))) => (Subject::Attempt { case, attempt }, of),
        (None, None) => return Err(at.error("subject", "is not there")),
    };
    let authority = row.authority_id.as_deref().map(AuthorityId::parse).transpose();
    let kassenzeichen = row.kassenzeichen.as_deref().map(Kassenzeichen::parse).transpose();
    let Some(decided_at) = row.decided_at else {
        return Err(at.error("posten_id", "was not booked by a resolution of its exception"));
    };
    // What was decided later, after this order was taken back, speaks of another order.
    let until = steps.into_iter().filter(|step| step.position <= decided_at);
    let (_, steps) = counted(until.collect());
    Ok(ListedOrder {
        order: PayoutOrder {
            posten: at.read("posten_id", row.posten_id.parse())?,
            number: row.number,
            exception: at.read("exception_id", row.exception_id.parse())?,
            how: row.how.clone(),
            way: at.read("way", row.way.parse())?,
            reference: row.reference.clone(),
            cents: Cents::new(row.cents),
        },
        ledger: ledger.clone(),
        open: Cents::new(row.open_cents),
        subject,
        attempt,
        ordered_at: Timestamp::from_millis(row.opened_at),
        decided_at: at.read("position", u64::try_from(decided_at))?,
        authority: at.read("authority_id", authority)?,
        kassenzeichen: at.read("kassenzeichen", kassenzeichen)?,
        steps: steps.into_iter().map(taken).collect(),
    })
}

/// The steps that count: those towards taking a resolution back, and those by which it was decided. What was undone counts
/// no longer, nor what came before it.
fn counted(steps: Vec<StepRow>) -> (Vec<StepRow>, Vec<StepRow>) {
    let after = steps
        .iter()
        .rposition(|step| step.state == "undone")
        .map_or(0, |at| at + 1);
    let decides = |step: &StepRow| !matches!(step.state.as_str(), "opened" | "paid");
    let steps = steps.into_iter().skip(after).filter(decides);
    steps.partition(|step| step.state == "back")
}

fn taken(step: StepRow) -> StepTaken {
    StepTaken {
        how: step.how,
        plan: step.plan,
        role: step.role,
        person: step.person,
    }
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

    async fn deposit(&self, subject: Subject) -> Result<Option<Deposit>, ReadError> {
        let Some(name) = subject.name() else {
            return Ok(None);
        };
        let at = At {
            table: "posten",
            row: &name,
        };
        let row = self.engine.deposit(&name).await.map_err(unavailable)?;
        let Some(row) = row else { return Ok(None) };
        let of = match (row.case_id, row.attempt_id) {
            (Some(case), Some(attempt)) => Some((
                at.read("case_id", case.parse())?,
                at.read("attempt_id", attempt.parse())?,
            )),
            _ => None,
        };
        Ok(Some(Deposit {
            posten: at.read("id", row.id.parse())?,
            cents: Cents::new(row.cents),
            of,
        }))
    }

    async fn resolved_by(
        &self,
        ledger: &LedgerId,
        exception: ExceptionId,
        at: Option<u64>,
    ) -> Result<Vec<Record>, ReadError> {
        let place = at.map(|at| i64::try_from(at).unwrap_or(i64::MAX));
        let name = exception.to_string();
        let at = At {
            table: "record",
            row: &name,
        };
        let rows = self.engine.resolved_by(ledger.as_str(), &name, place).await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|(bytes,)| at.read("bytes", Record::decode(&bytes)))
            .collect()
    }

    async fn lies(&self, posten: &[PostenId]) -> Result<Lies, ReadError> {
        let mut lies = Lies::new();
        for posten in posten {
            let name = posten.to_string();
            let at = At {
                table: "balance",
                row: &name,
            };
            for (account, cents) in self.engine.lies(&name).await.map_err(unavailable)? {
                let account = at.read("account", account.parse())?;
                lies.insert((*posten, account), Cents::new(cents));
            }
        }
        Ok(lies)
    }

    async fn payout_orders(
        &self,
        ledger: &LedgerId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<ListedOrder>, ReadError> {
        let rows = self
            .engine
            .payout_orders(ledger.as_str(), after, i64::from(limit))
            .await;
        let mut all = Vec::new();
        for row in rows.map_err(unavailable)? {
            let steps = self.engine.steps(&row.exception_id).await.map_err(unavailable)?;
            all.push(listed_order(ledger, row, steps)?);
        }
        Ok(all)
    }

    async fn payout_orders_so_far(&self, ledger: &LedgerId) -> Result<i64, ReadError> {
        self.engine
            .payout_orders_so_far(ledger.as_str())
            .await
            .map_err(unavailable)
    }
}
