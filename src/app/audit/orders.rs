//! What the table of orders to pay money out must say, by the log: an order is a booking whose Change resolves an exception,
//! and they are numbered in the order of the log.

use serde_json::{Value, json};

use super::{App, AuditError, CHUNK, number, wrong};
use crate::app::ports::AuditQuery;
use crate::domain::booking::{Account, BookingKind};
use crate::domain::ids::{ChangeId, LedgerId, PostenId};
use crate::domain::money::Cents;
use crate::domain::payout_order::reference;
use crate::domain::record::{Body, Record};

/// The orders of a ledger so far.
#[derive(Default)]
pub(super) struct Orders {
    /// Ordered in a Change whose resolution follows.
    begun: Vec<(ChangeId, PostenId, Cents)>,
    rows: Vec<Value>,
}

impl Orders {
    /// Takes the next record of the log.
    pub(super) fn add(&mut self, record: &Record) -> Result<(), AuditError> {
        if self.begun.iter().any(|(change, ..)| *change != record.change) {
            let name = format!("{}/{}", record.ledger, record.position);
            let why = "money was ordered to be paid out before it, and that resolves no exception";
            return Err(wrong("record", name, why));
        }
        match &record.body {
            Body::Booking(booking)
                if matches!(booking.kind, BookingKind::Erstattung | BookingKind::Weiterleitung) =>
            {
                let lines = booking.lines.iter();
                for line in lines.filter(|line| line.credit.account == Account::Erstattung) {
                    self.begun.push((record.change, line.credit.posten, line.cents));
                }
            }
            Body::Resolution(step) => {
                for (_, posten, cents) in self.begun.drain(..) {
                    let way = step.plan.rsplit(' ').next().unwrap_or_default();
                    self.rows
                        .push(json!({"posten_id": posten, "number": self.rows.len() + 1,
                        "exception_id": step.exception, "how": step.how, "way": way,
                        "reference": reference(posten), "cents": cents}));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl App {
    /// That the orders are those of the log, each with its number.
    pub(super) async fn compare_orders(&self, ledger: &LedgerId, orders: &Orders) -> Result<(), AuditError> {
        let mut seen = 0;
        loop {
            let query = AuditQuery::Orders;
            let rows = self.store.audit_rows(query, ledger, seen as u64, CHUNK).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let name = format!("{ledger}/{}", number(row, "number"));
                let Some(expected) = orders.rows.get(seen) else {
                    return Err(wrong("payout_order", name, "was never ordered, by the log"));
                };
                for (column, value) in expected.as_object().into_iter().flatten() {
                    if row.get(column) != Some(value) {
                        let why = format!("column {column} is not what the log says");
                        return Err(wrong("payout_order", name, why));
                    }
                }
                seen += 1;
            }
        }
        if seen != orders.rows.len() {
            let why = format!("has {seen} orders, the log has {}", orders.rows.len());
            return Err(wrong("payout_order", ledger, why));
        }
        Ok(())
    }
}
