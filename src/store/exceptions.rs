//! Exceptions with the steps towards their resolution, and deposits. The statements are the same in both databases.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::map::At;
use super::{SqlStore, unavailable};
use crate::app::ports::{
    Deposit, ExceptionFilter, ExceptionStore, ListedException, ListedOrder, ReadError, Seen,
};
use crate::domain::decide::Lies;
use crate::domain::ids::{AuthorityId, ExceptionId, Kassenzeichen, LedgerId, PostenId};
use crate::domain::money::Cents;
use crate::domain::payout_order::PayoutOrder;
use crate::domain::record::Record;
use crate::domain::resolution::StepTaken;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;

pub mod rows;

use rows::{ExceptionRow, OrderRow, SeenRows, StepRow, WantedRows};

/// An order to pay money out, as a row.
pub(super) fn payout_order(ledger: Option<&str>, order: &PayoutOrder) -> Value {
    json!({"posten_id": order.posten, "ledger_id": ledger, "number": order.number,
        "exception_id": order.exception, "how": order.how, "way": order.way.as_str(),
        "reference": order.reference, "cents": order.cents.get()})
}

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

fn seen_rows(seen: Option<&Seen>) -> SeenRows {
    SeenRows {
        all: i64::from(seen.is_none()),
        authorities: json!(
            seen.map(|seen| &seen.authorities)
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
        )
        .to_string(),
        of_nobody: i64::from(seen.is_some_and(|seen| seen.of_nobody)),
    }
}

impl SqlStore {
    /// The steps of exceptions, by exception: one statement, however many they are.
    async fn steps_of<'a>(
        &self,
        exceptions: impl Iterator<Item = &'a String>,
    ) -> Result<BTreeMap<String, Vec<StepRow>>, ReadError> {
        let exceptions: Vec<&String> = exceptions.collect();
        let mut steps: BTreeMap<String, Vec<StepRow>> = BTreeMap::new();
        if exceptions.is_empty() {
            return Ok(steps);
        }
        let rows = self.engine.steps(&json!(exceptions).to_string()).await;
        for row in rows.map_err(unavailable)? {
            steps.entry(row.exception_id.clone()).or_default().push(row);
        }
        Ok(steps)
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
        let wanted = WantedRows {
            resolved: i64::from(filter.resolved),
            seen: seen_rows(filter.seen.as_ref()),
            code: filter.code.map(|code| code.as_str().to_owned()),
            until: filter.until.map_or(i64::MAX, Timestamp::millis),
            min: filter.min.map_or(i64::MIN, Cents::get),
            max: filter.max.map_or(i64::MAX, Cents::get),
        };
        let after = after.map_or(-1, |after| i64::try_from(after).unwrap_or(i64::MAX));
        let rows = self
            .engine
            .exceptions_of(ledger.as_str(), &wanted, after, i64::from(limit))
            .await;
        let rows = rows.map_err(unavailable)?;
        let begun = rows.iter().filter(|row| row.state.is_some());
        let mut steps = self.steps_of(begun.map(|row| &row.id)).await?;
        let rows = rows.into_iter();
        rows.map(|row| {
            let steps = steps.remove(&row.id).unwrap_or_default();
            listed(row, steps)
        })
        .collect()
    }

    async fn exception(
        &self,
        ledger: &LedgerId,
        id: ExceptionId,
    ) -> Result<Option<ListedException>, ReadError> {
        let row = self.engine.exception(ledger.as_str(), &id.to_string()).await;
        let Some(row) = row.map_err(unavailable)? else {
            return Ok(None);
        };
        let steps = self.steps_of([&row.id].into_iter()).await?.remove(&row.id);
        listed(row, steps.unwrap_or_default()).map(Some)
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
        seen: Option<&Seen>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<ListedOrder>, ReadError> {
        let rows = self
            .engine
            .payout_orders(ledger.as_str(), &seen_rows(seen), after, i64::from(limit))
            .await;
        let rows = rows.map_err(unavailable)?;
        let steps = self.steps_of(rows.iter().map(|row| &row.exception_id)).await?;
        let rows = rows.into_iter();
        rows.map(|row| {
            let steps = steps.get(&row.exception_id).cloned().unwrap_or_default();
            listed_order(ledger, row, steps)
        })
        .collect()
    }

    async fn payout_orders_so_far(&self, ledger: &LedgerId) -> Result<i64, ReadError> {
        self.engine
            .payout_orders_so_far(ledger.as_str())
            .await
            .map_err(unavailable)
    }
}
