//! What the tables of settlement lists must say, by a list's record.

use serde_json::{Value, json};

use super::{App, AuditError, wrong};
use crate::domain::payout::digest;
use crate::domain::record::{Body, ListFiled, Record};
use crate::domain::settlement::Line;

/// The columns of a list that was filed at a place of the log.
pub(super) fn expected(position: u64, filed: &ListFiled) -> Value {
    let (ours, others) = (&filed.ours, &filed.others);
    json!({"position": position, "id": filed.id, "payout_id": filed.payout, "posten_id": filed.posten,
        "source": filed.source, "reference": filed.reference, "revision": filed.revision,
        "supersedes": filed.supersedes, "line_count": ours.count, "payments": ours.payments,
        "gross_cents": ours.gross, "fee_cents": ours.fee, "fee_lines_cents": ours.fee_lines,
        "others_count": others.count, "others_payments": others.payments, "others_gross_cents": others.gross,
        "others_fee_cents": others.fee, "others_fee_lines_cents": others.fee_lines,
        "digest": data_encoding::HEXLOWER.encode(&filed.digest)})
}

impl App {
    /// That the lines that counted when a list was filed are those that it had.
    pub(super) async fn list_holds(&self, record: &Record) -> Result<(), AuditError> {
        let Body::List(filed) = &record.body else {
            return Ok(());
        };
        let lines = self.store.lines_filed(filed.id).await?;
        let lines: Vec<Line> = lines.into_iter().map(|listed| listed.line).collect();
        if digest(&lines) == filed.digest {
            return Ok(());
        }
        let name = format!("{}/{}", record.ledger, filed.id);
        Err(wrong(
            "list_line",
            name,
            "its lines are not those that were filed",
        ))
    }
}
