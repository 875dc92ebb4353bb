//! Statements of accounts: staging, which nobody counts on, what was filed, and the payments that nobody has claimed.
//! Staging writes past the writer: its rows count for nothing until one small Change files the statement.

use async_trait::async_trait;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::map::At;
use super::{SqlStore, not_committed, unavailable};
use crate::app::ports::{
    Alike, CommitError, Expected, FiledStatement, Fresh, Held, Near, NewStatement, OpenDetail, Placed,
    ReadError, Staged, StagedEntry, StagedWhole, StatementStore,
};
use crate::domain::ids::{AttemptId, Kassenzeichen, LedgerId, StatementId, Transaktionsnummer};
use crate::domain::money::Cents;
use crate::domain::statement::Iban;
use crate::domain::subject::DetailId;
use crate::domain::time::Timestamp;
use crate::domain::told::Heard;

pub mod near;
pub mod rows;

use rows::{DetailRow, ExpectedRow, StagedRows, StatementRow};

fn array(rows: Vec<Value>) -> String {
    Value::from(rows).to_string()
}

fn staged_rows(ledger: &LedgerId, id: StatementId, entries: &[StagedEntry]) -> StagedRows {
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    let mut rows: [Vec<Value>; 4] = Default::default();
    for entry in entries {
        if !entry.continued {
            rows[0].push(json!({"subject_id": entry.key.subject, "ledger_id": ledger,
                "wrapped": hex(&entry.key.wrapped)}));
            rows[2].push(json!({"statement_id": id, "n": entry.n, "cents": entry.cents,
                "booked_on": entry.booked_on.to_string(), "valued_on": entry.valued_on.map(|day| day.to_string()),
                "fingerprint": hex(&entry.fingerprint)}));
        }
        for detail in &entry.details {
            let personal = &detail.personal;
            rows[1].push(
                json!({"id": personal.id, "ledger_id": ledger, "subject_id": personal.subject,
                    "class": personal.class, "sealed": hex(&personal.sealed)}),
            );
            rows[3].push(
                json!({"statement_id": id, "entry": entry.n, "n": detail.n, "cents": detail.cents,
                    "personal_id": personal.id}),
            );
        }
    }
    let [keys, personal, entries, details] = rows.map(array);
    StagedRows {
        keys,
        personal,
        entries,
        details,
    }
}

/// No row was found where somebody else reads the same statement, or has just filed it.
fn not_staged(error: sqlx::Error) -> CommitError {
    match error {
        sqlx::Error::RowNotFound => CommitError::Conflict,
        error => not_committed(error),
    }
}

fn bytes(at: At<'_>, stored: &[u8]) -> Result<[u8; 32], ReadError> {
    at.read("fingerprint", stored.try_into())
}

fn filed(row: StatementRow) -> Result<FiledStatement, ReadError> {
    let at = At {
        table: "statement",
        row: &row.id,
    };
    let day = |column, text: &Option<String>| -> Result<Date, ReadError> {
        at.read(column, text.as_deref().unwrap_or_default().parse::<Date>())
    };
    let count = |column, number: Option<i64>| number.map(|n| at.read(column, u64::try_from(n))).transpose();
    Ok(FiledStatement {
        id: at.read("id", row.id.parse())?,
        ledger: at.read("ledger_id", LedgerId::parse(&row.ledger_id))?,
        account: at.read("account", Iban::parse(&row.account))?,
        first_day: day("first_day", &row.first_day)?,
        last_day: day("last_day", &row.last_day)?,
        number: count("number", row.number)?,
        page: count("page", row.page)?,
        opening: row.opening_cents.map(Cents::new),
        closing: row.closing_cents.map(Cents::new),
        entries: at.read("entries", u64::try_from(row.entries))?,
        position: at.read("position", u64::try_from(row.position.unwrap_or(-1)))?,
        header: at.read(
            "header",
            serde_json::from_str(row.header.as_deref().unwrap_or_default()),
        )?,
        guards: row.guards.clone().unwrap_or_default(),
        format: row.format.clone(),
        bank_id: row.bank_id.clone(),
        file: row.file.clone(),
    })
}

pub(super) fn open_detail(row: DetailRow) -> Result<OpenDetail, ReadError> {
    let at = At {
        table: "statement_detail",
        row: &row.statement_id,
    };
    let sealed = match (row.sealed, row.wrapped) {
        (Some(sealed), Some(wrapped)) => {
            Some((at.read("personal_id", row.personal_id.parse())?, sealed, wrapped))
        }
        _ => None,
    };
    Ok(OpenDetail {
        id: DetailId {
            statement: at.read("statement_id", row.statement_id.parse())?,
            entry: at.read("entry", u32::try_from(row.entry))?,
            detail: at.read("n", u32::try_from(row.n))?,
        },
        account: at.read("account", Iban::parse(&row.account))?,
        cents: Cents::new(row.cents),
        booked_on: at.read("booked_on", row.booked_on.parse::<Date>())?,
        came_in: Timestamp::from_millis(row.staged_at),
        sealed,
    })
}

fn expected(row: &ExpectedRow) -> Result<Expected, ReadError> {
    let at = At {
        table: "attempt",
        row: &row.id,
    };
    let heard: Heard = at.read("heard", serde_json::from_str(&row.heard))?;
    let kassenzeichen = row.kassenzeichen.as_deref().map(Kassenzeichen::parse).transpose();
    Ok(Expected {
        case: at.read("case_id", row.case_id.parse())?,
        attempt: at.read("id", row.id.parse())?,
        kassenzeichen: at.read("kassenzeichen", kassenzeichen)?,
        nummer: at.read("nummer", Transaktionsnummer::parse(&row.nummer))?,
        outstanding: heard.waiting(false),
        returning: heard.waiting(true),
        passing: heard.passing(),
        passing_at: heard.through_at,
        total: Cents::new(row.total_cents),
        settled: Cents::new(row.settled_cents),
        // One that comes late is the payment's too, as long as the portal has not heard that it is paid.
        awaited_transfer: row.by_transfer == 1
            && matches!(row.answer.as_str(), "INITIAL" | "FAILED" | "CANCELED"),
        since: Timestamp::from_millis(row.created_at),
    })
}

#[async_trait]
impl StatementStore for SqlStore {
    async fn begin_staging(&self, new: &NewStatement) -> Result<Staged, CommitError> {
        let number = |number: Option<u64>| number.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        let row = json!([{"id": new.id, "ledger_id": new.ledger, "account": new.account,
            "format": new.format.as_str(), "bank_id": new.bank_id, "number": number(new.number),
            "page": number(new.page), "head_key": data_encoding::HEXLOWER.encode(&new.head_key),
            "staged_at": new.at.millis(), "file": new.file, "opening_cents": new.opening}]);
        let found = self
            .engine
            .begin_staging(&row.to_string(), new.ledger.as_str(), &new.head_key)
            .await;
        let (id, entries, number) = found.map_err(not_staged)?;
        let at = At {
            table: "statement",
            row: &id,
        };
        let broken = |error: ReadError| CommitError::Refused(error.to_string());
        Ok(Staged {
            held: Held {
                id: at.read("id", id.parse()).map_err(broken)?,
                number,
            },
            entries: at.read("entries", u32::try_from(entries)).map_err(broken)?,
        })
    }

    async fn stage(&self, ledger: &LedgerId, held: Held, entries: &[StagedEntry]) -> Result<(), CommitError> {
        let rows = staged_rows(ledger, held.id, entries);
        self.engine.stage(held, &rows).await.map_err(not_staged)
    }

    async fn staged_fingerprints(
        &self,
        id: StatementId,
        after: u32,
        limit: u32,
    ) -> Result<Vec<(u32, [u8; 32])>, ReadError> {
        let id = id.to_string();
        let at = At {
            table: "statement_entry",
            row: &id,
        };
        let rows = self
            .engine
            .staged_fingerprints(&id, i64::from(after), i64::from(limit))
            .await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|(n, fingerprint)| Ok((at.read("n", u32::try_from(n))?, bytes(at, &fingerprint)?)))
            .collect()
    }

    async fn alike(
        &self,
        id: StatementId,
        before: u32,
        fingerprints: &[[u8; 32]],
    ) -> Result<Vec<Alike>, ReadError> {
        let hex: Vec<String> = fingerprints
            .iter()
            .map(|bytes| data_encoding::HEXLOWER.encode(bytes))
            .collect();
        let (id, hex) = (id.to_string(), json!(hex).to_string());
        let at = At {
            table: "statement_entry",
            row: &id,
        };
        let rows = self.engine.alike(&id, i64::from(before), &hex).await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|(fingerprint, ordinal, statement)| {
            Ok(Alike {
                fingerprint: bytes(at, &fingerprint)?,
                ordinal: at.read("occurrence", u32::try_from(ordinal))?,
                statement: at.read("statement_id", statement.parse())?,
            })
        })
        .collect()
    }

    async fn place_staged(&self, held: Held, placed: &[Placed]) -> Result<(), CommitError> {
        let rows = placed.iter().map(|placed| {
            json!({"statement_id": held.id, "n": placed.n, "occurrence": placed.ordinal, "fresh": i64::from(placed.fresh)})
        });
        let rows = array(rows.collect());
        self.engine.place_staged(held, &rows).await.map_err(not_staged)
    }

    async fn finish_staging(&self, held: Held, whole: &StagedWhole) -> Result<Fresh, CommitError> {
        let fresh = self.engine.finish_staging(held, whole).await;
        let (staged, entries, credits, debits) = fresh.map_err(not_staged)?;
        Ok(Fresh {
            staged: u64::try_from(staged).unwrap_or(0),
            entries: u64::try_from(entries).unwrap_or(0),
            credits: Cents::new(credits),
            debits: Cents::new(debits),
        })
    }

    async fn discard_staging(&self, held: Held) -> Result<(), CommitError> {
        match self.engine.discard_staging(held).await {
            // It is somebody else's, and stays.
            Err(sqlx::Error::RowNotFound) => Ok(()),
            discarded => discarded.map_err(not_staged),
        }
    }

    async fn filed_statements(
        &self,
        ledger: &LedgerId,
        account: Option<&Iban>,
    ) -> Result<Vec<FiledStatement>, ReadError> {
        let rows = self
            .engine
            .filed(ledger.as_str(), account.map(Iban::as_str))
            .await;
        rows.map_err(unavailable)?.into_iter().map(filed).collect()
    }

    async fn statements_behind(
        &self,
        ledger: &LedgerId,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<FiledStatement>, ReadError> {
        let after = after.map_or(-1, |after| i64::try_from(after).unwrap_or(i64::MAX));
        let rows = self
            .engine
            .filed_behind(ledger.as_str(), after, i64::from(limit))
            .await;
        rows.map_err(unavailable)?.into_iter().map(filed).collect()
    }

    async fn filed_digest(
        &self,
        ledger: &LedgerId,
        digest: &[u8; 32],
    ) -> Result<Option<StatementId>, ReadError> {
        let found = self.engine.filed_digest(ledger.as_str(), digest).await;
        let found = found.map_err(unavailable)?;
        found.map(|id| super::id("statement", "id", &id)).transpose()
    }

    async fn row_rev(&self, name: &str) -> Result<i64, ReadError> {
        Ok(self.engine.row_rev(name).await.map_err(unavailable)?.unwrap_or(0))
    }

    async fn open_details(
        &self,
        ledger: &LedgerId,
        since: Timestamp,
        after: Option<DetailId>,
        limit: u32,
    ) -> Result<Vec<OpenDetail>, ReadError> {
        let statement = after.map(|after| after.statement.to_string()).unwrap_or_default();
        let (entry, detail) = after.map_or((0, 0), |after| (after.entry, after.detail));
        let after = (statement.as_str(), i64::from(entry), i64::from(detail));
        let rows = self
            .engine
            .open_details(ledger.as_str(), since.millis(), after, i64::from(limit))
            .await;
        rows.map_err(unavailable)?.into_iter().map(open_detail).collect()
    }

    async fn expected(
        &self,
        ledger: &LedgerId,
        after: AttemptId,
        limit: u32,
    ) -> Result<Vec<Expected>, ReadError> {
        let rows = self
            .engine
            .expected(ledger.as_str(), &after.to_string(), i64::from(limit))
            .await;
        rows.map_err(unavailable)?.iter().map(expected).collect()
    }

    async fn expected_near(&self, ledger: &LedgerId, near: &Near) -> Result<Vec<Expected>, ReadError> {
        let (ledger, time) = (ledger.as_str(), (near.from.millis(), near.until.millis()));
        let names = json!(near.names).to_string();
        let mut rows = self
            .engine
            .expected_named(ledger, &names)
            .await
            .map_err(unavailable)?;
        if let Some(cents) = near.cents {
            let of_amount = self.engine.expected_of(ledger, cents.get(), time).await;
            rows.extend(of_amount.map_err(unavailable)?);
            let (first, last) = near::ids(time);
            let waiting = self.engine.expected_in(ledger, time, (&first, &last)).await;
            rows.extend(waiting.map_err(unavailable)?);
        }
        rows.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        rows.dedup_by(|a, b| a.id == b.id);
        rows.iter().map(expected).collect()
    }
}
