//! Details of batched lines: notifications, and the lines that they may open. The statements are the same in both
//! databases.

use async_trait::async_trait;
use jiff::civil::Date;

use super::map::At;
use super::statements::open_detail;
use super::statements::rows::DetailRow;
use super::{SqlStore, unavailable};
use crate::app::ports::{DetailStore, FiledNotification, OpenDetail, ReadError, UnusedDetails};
use crate::domain::ids::LedgerId;
use crate::domain::money::Cents;
use crate::domain::statement::Iban;
use crate::domain::subject::DetailId;
use crate::domain::time::Timestamp;

/// An entry of a notification.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct UnusedRow {
    pub statement_id: String,
    pub entry: i64,
    pub account: String,
    pub cents: i64,
    pub booked_on: String,
    pub payments: i64,
    pub sum_cents: i64,
    pub first_id: String,
    pub first_sealed: Vec<u8>,
    pub last_id: String,
    pub last_sealed: Vec<u8>,
    pub wrapped: Vec<u8>,
}

/// A database, as the details of batched lines need it.
#[async_trait]
pub trait DetailRows: Send + Sync {
    /// Id, account and place in the log of notifications.
    async fn notifications(&self, ledger: &str) -> Result<Vec<(String, String, i64)>, sqlx::Error>;
    /// Entries of notifications that have opened nothing.
    async fn unused_details(&self, ledger: &str, since: i64) -> Result<Vec<UnusedRow>, sqlx::Error>;
    /// Lines that they may open.
    async fn closed_lines(&self, ledger: &str, since: i64) -> Result<Vec<DetailRow>, sqlx::Error>;
    /// A payment, by statement, entry and number.
    async fn detail(&self, ledger: &str, id: (&str, i64, i64)) -> Result<Option<DetailRow>, sqlx::Error>;
}

pub(super) const UNUSED: &str = "SELECT s.id AS statement_id, e.n AS entry, s.account, e.cents, e.booked_on, \
         (SELECT count(*) FROM statement_detail AS d WHERE d.statement_id = s.id AND d.entry = e.n) AS payments, \
         (SELECT CAST(sum(d.cents) AS BIGINT) FROM statement_detail AS d \
             WHERE d.statement_id = s.id AND d.entry = e.n) AS sum_cents, \
         first.id AS first_id, first.sealed AS first_sealed, last.id AS last_id, last.sealed AS last_sealed, k.wrapped \
     FROM statement AS s JOIN statement_entry AS e ON e.statement_id = s.id AND e.fresh = 1 \
     JOIN statement_detail AS f ON f.statement_id = s.id AND f.entry = e.n AND f.n = 1 \
     JOIN statement_detail AS l ON l.statement_id = s.id AND l.entry = e.n AND l.n = \
         (SELECT max(d.n) FROM statement_detail AS d WHERE d.statement_id = s.id AND d.entry = e.n) \
     JOIN personal AS first ON first.id = f.personal_id JOIN personal AS last ON last.id = l.personal_id \
     JOIN personal_key AS k ON k.subject_id = first.subject_id \
     WHERE s.ledger_id = $1 AND s.format = 'camt054' AND s.state = 'filed' AND s.staged_at >= $2 \
         AND NOT EXISTS (SELECT 1 FROM bank_match AS m WHERE m.subject = 'detail/' || s.id || '/' || e.n || '/0') \
     ORDER BY s.id, e.n";

pub(super) const CLOSED: &str = "SELECT d.statement_id, d.entry, d.n, d.cents, s.account, e.booked_on, s.staged_at, \
         d.personal_id, p.sealed, k.wrapped \
     FROM statement AS s JOIN statement_detail AS d ON d.statement_id = s.id AND d.matched IS NULL AND d.n = 1 \
     JOIN statement_entry AS e ON e.statement_id = s.id AND e.n = d.entry AND e.fresh = 1 AND e.cents = d.cents \
     JOIN personal AS p ON p.id = d.personal_id JOIN personal_key AS k ON k.subject_id = p.subject_id \
     WHERE s.ledger_id = $1 AND s.format <> 'camt054' AND s.state = 'filed' AND s.staged_at >= $2 \
         AND d.cents IN (SELECT told.cents FROM statement AS n \
             JOIN statement_entry AS told ON told.statement_id = n.id AND told.fresh = 1 \
             WHERE n.ledger_id = $1 AND n.format = 'camt054' AND n.state = 'filed' AND n.staged_at >= $2) \
     ORDER BY d.statement_id, d.entry";

pub(super) const ONE: &str = "SELECT d.statement_id, d.entry, d.n, d.cents, s.account, e.booked_on, s.staged_at, \
         d.personal_id, p.sealed, k.wrapped \
     FROM statement AS s JOIN statement_detail AS d ON d.statement_id = s.id \
     JOIN statement_entry AS e ON e.statement_id = s.id AND e.n = d.entry \
     LEFT JOIN personal AS p ON p.id = d.personal_id LEFT JOIN personal_key AS k ON k.subject_id = p.subject_id \
     WHERE s.ledger_id = $1 AND s.state = 'filed' AND s.id = $2 AND d.entry = $3 AND d.n = $4";

macro_rules! detail_rows {
    ($engine:ident) => {
        #[async_trait]
        impl $crate::store::details::DetailRows for $engine {
            async fn notifications(&self, ledger: &str) -> Result<Vec<(String, String, i64)>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT id, account, position FROM statement \
                     WHERE ledger_id = $1 AND format = 'camt054' AND state = 'filed' ORDER BY position",
                )
                .bind(ledger)
                .fetch_all(&self.reader)
                .await
            }

            async fn unused_details(
                &self,
                ledger: &str,
                since: i64,
            ) -> Result<Vec<$crate::store::details::UnusedRow>, sqlx::Error> {
                sqlx::query_as($crate::store::details::UNUSED)
                    .bind(ledger)
                    .bind(since)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn closed_lines(
                &self,
                ledger: &str,
                since: i64,
            ) -> Result<Vec<$crate::store::statements::rows::DetailRow>, sqlx::Error> {
                sqlx::query_as($crate::store::details::CLOSED)
                    .bind(ledger)
                    .bind(since)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn detail(
                &self,
                ledger: &str,
                (statement, entry, n): (&str, i64, i64),
            ) -> Result<Option<$crate::store::statements::rows::DetailRow>, sqlx::Error> {
                sqlx::query_as($crate::store::details::ONE)
                    .bind(ledger)
                    .bind(statement)
                    .bind(entry)
                    .bind(n)
                    .fetch_optional(&self.reader)
                    .await
            }
        }
    };
}

pub(super) use detail_rows;

fn unused(row: UnusedRow) -> Result<UnusedDetails, ReadError> {
    let at = At {
        table: "statement_entry",
        row: &row.statement_id,
    };
    Ok(UnusedDetails {
        statement: at.read("statement_id", row.statement_id.parse())?,
        entry: at.read("n", u32::try_from(row.entry))?,
        account: at.read("account", Iban::parse(&row.account))?,
        cents: Cents::new(row.cents),
        booked_on: at.read("booked_on", row.booked_on.parse::<Date>())?,
        payments: at.read("n", u32::try_from(row.payments))?,
        sum: Cents::new(row.sum_cents),
        first: (at.read("personal_id", row.first_id.parse())?, row.first_sealed),
        last: (at.read("personal_id", row.last_id.parse())?, row.last_sealed),
        wrapped: row.wrapped,
    })
}

#[async_trait]
impl DetailStore for SqlStore {
    async fn notifications(&self, ledger: &LedgerId) -> Result<Vec<FiledNotification>, ReadError> {
        let rows = self.engine.notifications(ledger.as_str()).await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|(id, account, position)| {
            let at = At {
                table: "statement",
                row: &id,
            };
            Ok(FiledNotification {
                id: at.read("id", id.parse())?,
                account: at.read("account", Iban::parse(&account))?,
                position: at.read("position", u64::try_from(position))?,
            })
        })
        .collect()
    }

    async fn unused_details(
        &self,
        ledger: &LedgerId,
        since: Timestamp,
    ) -> Result<Vec<UnusedDetails>, ReadError> {
        let rows = self.engine.unused_details(ledger.as_str(), since.millis()).await;
        rows.map_err(unavailable)?.into_iter().map(unused).collect()
    }

    async fn closed_lines(&self, ledger: &LedgerId, since: Timestamp) -> Result<Vec<OpenDetail>, ReadError> {
        let rows = self.engine.closed_lines(ledger.as_str(), since.millis()).await;
        rows.map_err(unavailable)?.into_iter().map(open_detail).collect()
    }

    async fn detail(&self, ledger: &LedgerId, id: DetailId) -> Result<Option<OpenDetail>, ReadError> {
        let statement = id.statement.to_string();
        let at = (statement.as_str(), i64::from(id.entry), i64::from(id.detail));
        let row = self.engine.detail(ledger.as_str(), at).await;
        row.map_err(unavailable)?.map(open_detail).transpose()
    }
}
