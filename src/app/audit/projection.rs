//! What a table must say of a record.

use serde_json::Value;

use super::{AuditError, closings, lists, wrong};
use crate::domain::booking::Booking;
use crate::domain::ids::LedgerId;
use crate::domain::record::{Body, Record};

/// The columns of a booking, an exception, a claim or a closing against the bytes of its record.
pub(super) fn compare_projection(
    ledger: &LedgerId,
    record: &Record,
    row: Option<&Value>,
) -> Result<(), AuditError> {
    let position = record.position;
    let (table, expected) = match &record.body {
        Body::Booking(booking) => ("booking", booking_json(position, booking)),
        Body::Exception(opened) => (
            "exception",
            serde_json::json!({"position": position, "id": opened.id, "code": opened.code.as_str(),
                "case_id": opened.subject.case(), "attempt_id": opened.subject.attempt(),
                "subject": opened.subject.name(), "cents": opened.cents}),
        ),
        Body::Match(matched) => (
            "bank_match",
            serde_json::json!({"position": position, "statement_id": matched.detail.statement,
                "entry": matched.detail.entry, "detail": matched.detail.detail, "case_id": matched.subject.case(),
                "attempt_id": matched.subject.attempt(), "subject": matched.subject.name(), "rule": matched.rule,
                "evidence": matched.evidence, "cents": matched.cents}),
        ),
        Body::List(filed) => ("settlement_list", lists::expected(position, filed)),
        Body::ClosingCut(_)
        | Body::ClosingFiled(_)
        | Body::ClosingSigned(_)
        | Body::PostingFile(_)
        | Body::PostingWithdrawn(_) => closings::expected(record).expect("it is about a closing or a file"),
        Body::Callback(_) | Body::Configuration(_) | Body::Statement(_) | Body::Resolution(_) => {
            return Ok(());
        }
    };
    let name = format!("{ledger}/{position}");
    let row = row.ok_or_else(|| wrong(table, &name, "is not there, but the log has its record"))?;
    for (column, value) in expected.as_object().into_iter().flatten() {
        if row.get(column) != Some(value) {
            return Err(wrong(
                table,
                &name,
                format!("column {column} is not what the log says"),
            ));
        }
    }
    Ok(())
}

fn booking_json(position: u64, booking: &Booking) -> Value {
    let lines: Vec<Value> = booking
        .lines
        .iter()
        .enumerate()
        .map(|(n, line)| {
            serde_json::json!({"n": n, "debit_account": line.debit.account.to_string(),
                "debit_posten": line.debit.posten, "credit_account": line.credit.account.to_string(),
                "credit_posten": line.credit.posten, "cents": line.cents, "haushaltsjahr": line.haushaltsjahr,
                "haushaltsstelle": line.haushaltsstelle, "objektnummer": line.objektnummer,
                "anordnung": line.anordnung})
        })
        .collect();
    serde_json::json!({"position": position, "kind": booking.kind.as_str(), "case_id": booking.subject.case(),
        "attempt_id": booking.subject.attempt(), "subject": booking.subject.name(), "reverses": booking.reverses, "lines": lines})
}
