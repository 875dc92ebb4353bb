//! What the tables of closings must say, by the records of the log.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{AuditError, wrong};
use crate::domain::merkle::CompactRange;
use crate::domain::record::{Body, Record};

/// The row that belongs to a record about a closing or about a file of postings.
pub(super) fn expected(record: &Record) -> Option<(&'static str, Value)> {
    let (position, at) = (record.position, record.recorded_at);
    match &record.body {
        Body::ClosingCut(cut) => Some((
            "closing",
            json!({"position": position, "number": cut.number, "from_day": cut.from.to_string(),
                "to_day": cut.to.to_string(), "open_day": cut.open.to_string(), "cut_at": at,
                "size": cut.size, "root": HEXLOWER.encode(&cut.root)}),
        )),
        Body::ClosingFiled(filed) => Some((
            "closing",
            json!({"position": position, "number": filed.number, "size": filed.size,
                "root": HEXLOWER.encode(&filed.root), "digest": HEXLOWER.encode(&filed.digest),
                "state": "filed"}),
        )),
        Body::ClosingSigned(signed) => Some((
            "closing_signature",
            json!({"position": position, "number": signed.number, "digest": HEXLOWER.encode(&signed.digest),
                "person": signed.person, "role": signed.role.as_str(), "signed_at": at}),
        )),
        _ => super::postings::expected(record),
    }
}

/// That a cut says what lies before it, and that what was filed is what its digest is over.
pub(super) fn holds(record: &Record, tree: &CompactRange, row: Option<&Value>) -> Result<(), AuditError> {
    let name = format!("{}/{}", record.ledger, record.position);
    match &record.body {
        Body::ClosingCut(cut) if cut.size != tree.size() || cut.root != tree.root() => {
            let why = "its cut does not say what lies before it";
            Err(wrong("record", name, why))
        }
        Body::ClosingFiled(filed) => {
            let body = row.and_then(|row| row.get("body")?.as_str()).unwrap_or_default();
            let digest: [u8; 32] = Sha256::digest(body).into();
            if digest == filed.digest {
                Ok(())
            } else {
                Err(wrong("closing", name, "column body is not what was filed"))
            }
        }
        _ => Ok(()),
    }
}
