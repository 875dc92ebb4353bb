//! Statements of accounts: staging, which nobody counts on, what was filed, and the payments that nobody has claimed.
//! Staging writes past the writer: its rows count for nothing until one small Change files the statement.

use async_trait::async_trait;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::map::At;
use super::{SqlStore, not_committed, unavailable};
use crate::app::ports::{
    Alike, CommitError, Expected, FiledStatement, Fresh, NewStatement, OpenDetail, Placed, ReadError, Staged,
    StagedEntry, StagedWhole, StatementStore,
};
use crate::domain::ids::{AttemptId, Kassenzeichen, LedgerId, StatementId, Transaktionsnummer};
use crate::domain::money::Cents;
use crate::domain::statement::Iban;
use crate::domain::subject::DetailId;
use crate::domain::time::Timestamp;
use crate::domain::told::Heard;

#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct StatementRow {
    pub id: String,
    pub ledger_id: String,
    pub account: String,
    pub format: String,
    pub bank_id: String,
    pub number: Option<i64>,
    pub page: Option<i64>,
    pub first_day: Option<String>,
    pub last_day: Option<String>,
    pub opening_cents: Option<i64>,
    pub closing_cents: Option<i64>,
    pub entries: i64,
    pub header: Option<String>,
    pub guards: Option<String>,
    pub file: String,
    pub position: Option<i64>,
}

#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct DetailRow {
    pub statement_id: String,
    pub entry: i64,
    pub n: i64,
    pub cents: i64,
    pub account: String,
    pub booked_on: String,
    pub personal_id: String,
    pub sealed: Option<Vec<u8>>,
    pub wrapped: Option<Vec<u8>>,
}

#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct ExpectedRow {
    pub id: String,
    pub case_id: String,
    pub kassenzeichen: Option<String>,
    pub nummer: String,
    pub heard: String,
    pub settled_cents: i64,
    pub total_cents: i64,
    pub answer: String,
    pub by_transfer: i64,
    pub created_at: i64,
}

/// Rows of staged entries, as JSON arrays.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "named after their tables")]
pub struct StagedRows {
    pub keys: String,
    pub personal: String,
    pub entries: String,
    pub details: String,
}

/// A database, as statements need it.
#[async_trait]
pub trait StatementRows: Send + Sync {
    /// Begins to stage; the id and the last entry of what is being staged under the same head.
    async fn begin_staging(
        &self,
        row: &str,
        ledger: &str,
        head_key: &[u8],
    ) -> Result<(String, i64), sqlx::Error>;
    /// Stages entries.
    async fn stage(&self, rows: &StagedRows) -> Result<(), sqlx::Error>;
    /// Number and fingerprint of staged entries behind one.
    async fn staged_fingerprints(
        &self,
        id: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, Vec<u8>)>, sqlx::Error>;
    /// Known entries with these fingerprints (a JSON array).
    async fn alike(
        &self,
        id: &str,
        before: i64,
        fingerprints: &str,
    ) -> Result<Vec<(Vec<u8>, i64, String)>, sqlx::Error>;
    /// Places staged entries (a JSON array of rows).
    async fn place_staged(&self, rows: &str) -> Result<(), sqlx::Error>;
    /// Completes staging; count and sums of what is fresh.
    async fn finish_staging(&self, whole: &StagedWhole) -> Result<(i64, i64, i64), sqlx::Error>;
    /// Takes a staged statement away.
    async fn discard_staging(&self, id: &str) -> Result<(), sqlx::Error>;
    /// Filed statements.
    async fn filed(&self, ledger: &str, account: Option<&str>) -> Result<Vec<StatementRow>, sqlx::Error>;
    /// The filed statement with a digest.
    async fn filed_digest(&self, ledger: &str, digest: &[u8]) -> Result<Option<String>, sqlx::Error>;
    /// How often a row was changed.
    async fn row_rev(&self, name: &str) -> Result<Option<i64>, sqlx::Error>;
    /// Payments that nobody has claimed.
    async fn open_details(
        &self,
        ledger: &str,
        since: &str,
        after: (&str, i64, i64),
        limit: i64,
    ) -> Result<Vec<DetailRow>, sqlx::Error>;
    /// Attempts whose money a statement may show.
    async fn expected(&self, ledger: &str, after: &str, limit: i64) -> Result<Vec<ExpectedRow>, sqlx::Error>;
}

/// Takes away the last staged entry of a statement, with what the bank wrote of it.
pub(super) const DROP_LAST: [&str; 3] = [
    "DELETE FROM personal_key WHERE subject_id IN (SELECT p.subject_id FROM statement AS s \
         JOIN statement_detail AS d ON d.statement_id = s.id JOIN personal AS p ON p.id = d.personal_id \
         WHERE s.ledger_id = $1 AND s.head_key = $2 AND s.state = 'staging' \
             AND d.entry = (SELECT max(e.n) FROM statement_entry AS e WHERE e.statement_id = s.id))",
    "DELETE FROM personal WHERE id IN (SELECT d.personal_id FROM statement AS s \
         JOIN statement_detail AS d ON d.statement_id = s.id \
         WHERE s.ledger_id = $1 AND s.head_key = $2 AND s.state = 'staging' \
             AND d.entry = (SELECT max(e.n) FROM statement_entry AS e WHERE e.statement_id = s.id))",
    "DELETE FROM statement_entry WHERE (statement_id, n) IN (SELECT s.id, max(e.n) FROM statement AS s \
         JOIN statement_entry AS e ON e.statement_id = s.id \
         WHERE s.ledger_id = $1 AND s.head_key = $2 AND s.state = 'staging' GROUP BY s.id)",
];

macro_rules! statement_rows {
    ($engine:ident) => {
        #[async_trait]
        impl $crate::store::statements::StatementRows for $engine {
            async fn begin_staging(
                &self,
                row: &str,
                ledger: &str,
                head_key: &[u8],
            ) -> Result<(String, i64), sqlx::Error> {
                let mut tx = self.writer.begin_with(BEGIN).await?;
                sqlx::query(sql::NEW_STATEMENT).bind(row).execute(&mut *tx).await?;
                // The last entry may be there in parts only: it is read again.
                for statement in $crate::store::statements::DROP_LAST {
                    sqlx::query(statement).bind(ledger).bind(head_key).execute(&mut *tx).await?;
                }
                let found = sqlx::query_as(
                    "SELECT s.id, (SELECT coalesce(max(e.n), 0) FROM statement_entry AS e \
                         WHERE e.statement_id = s.id) \
                     FROM statement AS s \
                     WHERE s.ledger_id = $1 AND s.head_key = $2 AND s.state = 'staging'",
                )
                .bind(ledger)
                .bind(head_key)
                .fetch_one(&mut *tx)
                .await?;
                tx.commit().await?;
                Ok(found)
            }

            async fn stage(&self, rows: &$crate::store::statements::StagedRows) -> Result<(), sqlx::Error> {
                let mut tx = self.writer.begin_with(BEGIN).await?;
                for (statement, rows) in [
                    (sql::write(batch::Write::NewPersonalKey), &rows.keys),
                    (sql::write(batch::Write::NewPersonal), &rows.personal),
                    (sql::NEW_ENTRIES, &rows.entries),
                    (sql::NEW_DETAILS, &rows.details),
                ] {
                    sqlx::query(statement).bind(rows).execute(&mut *tx).await?;
                }
                tx.commit().await
            }

            async fn staged_fingerprints(
                &self,
                id: &str,
                after: i64,
                limit: i64,
            ) -> Result<Vec<(i64, Vec<u8>)>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT n, fingerprint FROM statement_entry WHERE statement_id = $1 AND n > $2 \
                     ORDER BY n LIMIT $3",
                )
                .bind(id)
                .bind(after)
                .bind(limit)
                .fetch_all(&self.reader)
                .await
            }

            async fn alike(
                &self,
                id: &str,
                before: i64,
                fingerprints: &str,
            ) -> Result<Vec<(Vec<u8>, i64, String)>, sqlx::Error> {
                sqlx::query_as(sql::ALIKE)
                    .bind(id)
                    .bind(before)
                    .bind(fingerprints)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn place_staged(&self, rows: &str) -> Result<(), sqlx::Error> {
                let mut tx = self.writer.begin_with(BEGIN).await?;
                sqlx::query(sql::PLACE_ENTRIES).bind(rows).execute(&mut *tx).await?;
                tx.commit().await
            }

            async fn finish_staging(
                &self,
                whole: &$crate::app::ports::StagedWhole,
            ) -> Result<(i64, i64, i64), sqlx::Error> {
                let id = whole.id.to_string();
                let mut tx = self.writer.begin_with(BEGIN).await?;
                sqlx::query(
                    "UPDATE statement SET first_day = $2, last_day = $3, closing_cents = $4, entries = $5, \
                         guards = $6, header = $7 WHERE id = $1",
                )
                .bind(&id)
                .bind(whole.first_day.to_string())
                .bind(whole.last_day.to_string())
                .bind(whole.closing.map($crate::domain::money::Cents::get))
                .bind(i64::try_from(whole.entries).unwrap_or(i64::MAX))
                .bind(&whole.guards)
                .bind(serde_json::to_string(&whole.header).expect("plain values become JSON"))
                .execute(&mut *tx)
                .await?;
                let fresh = sqlx::query_as(
                    "SELECT count(*), \
                         CAST(coalesce(sum(CASE WHEN cents > 0 THEN cents ELSE 0 END), 0) AS BIGINT), \
                         CAST(coalesce(sum(CASE WHEN cents < 0 THEN -cents ELSE 0 END), 0) AS BIGINT) \
                     FROM statement_entry WHERE statement_id = $1 AND fresh = 1",
                )
                .bind(&id)
                .fetch_one(&mut *tx)
                .await?;
                tx.commit().await?;
                Ok(fresh)
            }

            async fn discard_staging(&self, id: &str) -> Result<(), sqlx::Error> {
                let mut tx = self.writer.begin_with(BEGIN).await?;
                for statement in [
                    "DELETE FROM personal_key WHERE subject_id IN (SELECT p.subject_id FROM statement_detail AS d \
                         JOIN personal AS p ON p.id = d.personal_id JOIN statement AS s ON s.id = d.statement_id \
                         WHERE d.statement_id = $1 AND s.state = 'staging')",
                    "DELETE FROM personal WHERE id IN (SELECT d.personal_id FROM statement_detail AS d \
                         JOIN statement AS s ON s.id = d.statement_id \
                         WHERE d.statement_id = $1 AND s.state = 'staging')",
                    "DELETE FROM statement WHERE id = $1 AND state = 'staging'",
                ] {
                    sqlx::query(statement).bind(id).execute(&mut *tx).await?;
                }
                tx.commit().await
            }

            async fn filed(
                &self,
                ledger: &str,
                account: Option<&str>,
            ) -> Result<Vec<$crate::store::statements::StatementRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT id, ledger_id, account, format, bank_id, number, page, first_day, last_day, \
                         opening_cents, closing_cents, entries, header, guards, file, position \
                     FROM statement WHERE ledger_id = $1 AND state = 'filed' \
                         AND (CAST($2 AS TEXT) IS NULL OR account = $2) \
                     ORDER BY account, first_day, position",
                )
                .bind(ledger)
                .bind(account)
                .fetch_all(&self.reader)
                .await
            }

            async fn filed_digest(&self, ledger: &str, digest: &[u8]) -> Result<Option<String>, sqlx::Error> {
                let row: Option<(String,)> = sqlx::query_as(
                    "SELECT id FROM statement WHERE ledger_id = $1 AND digest = $2 AND state = 'filed'",
                )
                .bind(ledger)
                .bind(digest)
                .fetch_optional(&self.reader)
                .await?;
                Ok(row.map(|(id,)| id))
            }

            async fn row_rev(&self, name: &str) -> Result<Option<i64>, sqlx::Error> {
                let row: Option<(i64,)> = sqlx::query_as("SELECT rev FROM row_rev WHERE name = $1")
                    .bind(name)
                    .fetch_optional(&self.reader)
                    .await?;
                Ok(row.map(|(rev,)| rev))
            }

            async fn open_details(
                &self,
                ledger: &str,
                since: &str,
                after: (&str, i64, i64),
                limit: i64,
            ) -> Result<Vec<$crate::store::statements::DetailRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT d.statement_id, d.entry, d.n, d.cents, s.account, e.booked_on, d.personal_id, \
                         p.sealed, k.wrapped \
                     FROM statement AS s \
                     JOIN statement_detail AS d ON d.statement_id = s.id AND d.matched IS NULL \
                     JOIN statement_entry AS e ON e.statement_id = s.id AND e.n = d.entry AND e.fresh = 1 \
                     LEFT JOIN personal AS p ON p.id = d.personal_id \
                     LEFT JOIN personal_key AS k ON k.subject_id = p.subject_id \
                     WHERE s.ledger_id = $1 AND s.state = 'filed' AND s.last_day >= $2 \
                         AND (d.statement_id, d.entry, d.n) > ($3, $4, $5) \
                     ORDER BY d.statement_id, d.entry, d.n LIMIT $6",
                )
                .bind(ledger)
                .bind(since)
                .bind(after.0)
                .bind(after.1)
                .bind(after.2)
                .bind(limit)
                .fetch_all(&self.reader)
                .await
            }

            async fn expected(
                &self,
                ledger: &str,
                after: &str,
                limit: i64,
            ) -> Result<Vec<$crate::store::statements::ExpectedRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT a.id, a.case_id, a.kassenzeichen, a.nummer, a.heard, a.settled_cents, p.total_cents, \
                         p.answer, CASE WHEN a.transfer IS NULL THEN CAST(0 AS BIGINT) ELSE 1 END AS by_transfer, \
                         p.created_at \
                     FROM attempt AS a JOIN payment AS p ON p.id = a.payment_id \
                     WHERE a.ledger_id = $1 AND a.id > $2 \
                         AND (a.unsettled = 1 OR a.transfer IS NOT NULL OR a.settled_cents <> 0) \
                     ORDER BY a.id LIMIT $3",
                )
                .bind(ledger)
                .bind(after)
                .bind(limit)
                .fetch_all(&self.reader)
                .await
            }
        }
    };
}

pub(super) use statement_rows;

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

fn open_detail(row: DetailRow) -> Result<OpenDetail, ReadError> {
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
        let (id, entries) = found.map_err(not_committed)?;
        let at = At {
            table: "statement",
            row: &id,
        };
        let broken = |error: ReadError| CommitError::Refused(error.to_string());
        Ok(Staged {
            id: at.read("id", id.parse()).map_err(broken)?,
            entries: at.read("entries", u32::try_from(entries)).map_err(broken)?,
        })
    }

    async fn stage(
        &self,
        ledger: &LedgerId,
        id: StatementId,
        entries: &[StagedEntry],
    ) -> Result<(), CommitError> {
        let rows = staged_rows(ledger, id, entries);
        self.engine.stage(&rows).await.map_err(not_committed)
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

    async fn place_staged(&self, id: StatementId, placed: &[Placed]) -> Result<(), CommitError> {
        let rows = placed.iter().map(|placed| {
            json!({"statement_id": id, "n": placed.n, "occurrence": placed.ordinal, "fresh": i64::from(placed.fresh)})
        });
        let rows = array(rows.collect());
        self.engine.place_staged(&rows).await.map_err(not_committed)
    }

    async fn finish_staging(&self, whole: &StagedWhole) -> Result<Fresh, CommitError> {
        let fresh = self.engine.finish_staging(whole).await;
        let (entries, credits, debits) = fresh.map_err(not_committed)?;
        Ok(Fresh {
            entries: u64::try_from(entries).unwrap_or(0),
            credits: Cents::new(credits),
            debits: Cents::new(debits),
        })
    }

    async fn discard_staging(&self, id: StatementId) -> Result<(), CommitError> {
        let discarded = self.engine.discard_staging(&id.to_string()).await;
        discarded.map_err(not_committed)
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
        since: Date,
        after: Option<DetailId>,
        limit: u32,
    ) -> Result<Vec<OpenDetail>, ReadError> {
        let statement = after.map(|after| after.statement.to_string()).unwrap_or_default();
        let (entry, detail) = after.map_or((0, 0), |after| (after.entry, after.detail));
        let after = (statement.as_str(), i64::from(entry), i64::from(detail));
        let rows = self
            .engine
            .open_details(ledger.as_str(), &since.to_string(), after, i64::from(limit))
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
}
