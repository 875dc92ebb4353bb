//! What the table of settlement lists must say, by a list's record.

use serde_json::{Value, json};

use crate::domain::record::ListFiled;

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
