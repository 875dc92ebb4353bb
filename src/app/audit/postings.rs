//! What the tables of files for the cash system must say, by the records of the log.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{App, AuditError, wrong};
use crate::domain::hkr::{LineId, lines_digest};
use crate::domain::ids::LedgerId;
use crate::domain::record::{Body, Record};

/// The row that belongs to a record about a file.
pub(super) fn expected(record: &Record) -> Option<(&'static str, Value)> {
    let (position, at) = (record.position, record.recorded_at);
    match &record.body {
        Body::PostingFile(file) => Some((
            "posting_file",
            json!({"position": position, "number": file.number, "from_position": file.from,
                "to_position": file.to, "postings": file.postings, "template": file.template,
                "template_digest": HEXLOWER.encode(&file.template_digest), "name": file.name,
                "media_type": file.media_type, "lines": file.lines, "sum_cents": file.sum,
                "first_day": file.first.to_string(), "last_day": file.last.to_string(),
                "digest": HEXLOWER.encode(&file.digest), "size": file.size,
                "lines_digest": HEXLOWER.encode(&file.lines_digest), "person": file.person, "created_at": at}),
        )),
        Body::PostingWithdrawn(withdrawn) => Some((
            "posting_withdrawal",
            json!({"position": position, "number": withdrawn.number, "lines": withdrawn.lines,
                "lines_digest": HEXLOWER.encode(&withdrawn.lines_digest), "person": withdrawn.person}),
        )),
        _ => None,
    }
}

impl App {
    /// That a file is what was recorded, byte for byte and line for line; likewise what is withdrawn from it.
    pub(super) async fn posting_holds(&self, record: &Record) -> Result<(), AuditError> {
        let ledger = &record.ledger;
        match &record.body {
            Body::PostingFile(file) => {
                let name = format!("{ledger}/{}", file.number);
                let content = self.store.posting_content(ledger, file.number).await?;
                let digest: [u8; 32] = Sha256::digest(content.unwrap_or_default()).into();
                if digest != file.digest {
                    return Err(wrong(
                        "posting_file",
                        name,
                        "column content is not what was recorded",
                    ));
                }
                let lines = self.store.lines_of_file(ledger, file.number, false).await?;
                same("posting_line", name, &lines, file.lines_digest)
            }
            Body::PostingWithdrawn(withdrawn) => {
                let lines = self.store.withdrawn_by(ledger, record.position).await?;
                let name = format!("{ledger}/{}", record.position);
                same("posting_withdrawn", name, &lines, withdrawn.lines_digest)
            }
            _ => Ok(()),
        }
    }

    /// That no line counts in two files.
    pub(super) async fn compare_postings(&self, ledger: &LedgerId) -> Result<(), AuditError> {
        match self.store.line_twice(ledger).await? {
            None => Ok(()),
            Some(line) => {
                let why = "counts in more than one file";
                Err(wrong("posting_line", format!("{ledger} {line}"), why))
            }
        }
    }
}

fn same(table: &'static str, name: String, lines: &[LineId], digest: [u8; 32]) -> Result<(), AuditError> {
    if lines_digest(lines) == digest {
        return Ok(());
    }
    Err(wrong(table, name, "its lines are not those that were recorded"))
}
