//! Closings as a list tells of them: without what was filed, which may be large.

use crate::app::ports::{ListedClosing, ReadError};
use crate::domain::ids::LedgerId;
use crate::store::map::At;

/// A closing without what was filed.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct ListedClosingRow {
    pub number: i64,
    pub from_day: String,
    pub to_day: String,
    pub size: i64,
    pub root: Vec<u8>,
    pub digest: Option<Vec<u8>>,
}

pub(super) fn closing(ledger: &LedgerId, row: &ListedClosingRow) -> Result<ListedClosing, ReadError> {
    let name = format!("{ledger}/{}", row.number);
    let at = At {
        table: "closing",
        row: &name,
    };
    let digest = row.digest.as_deref().map(TryInto::try_into).transpose();
    Ok(ListedClosing {
        number: at.read("number", u64::try_from(row.number))?,
        from: at.read("from_day", row.from_day.parse())?,
        to: at.read("to_day", row.to_day.parse())?,
        size: at.read("size", u64::try_from(row.size))?,
        root: at.read("root", row.root.as_slice().try_into())?,
        digest: at.read("digest", digest)?,
        signatures: Vec::new(),
    })
}
