//! Closings: what was cut and filed, who signed, and what stands beside the records. The statements are the same in both
//! databases.

use std::collections::BTreeMap;

use async_trait::async_trait;
use data_encoding::HEXLOWER;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::arrivals::{StatementExceptionRow, UnarrivedRow, of_statement, unarrived};
use super::batch::Write;
use super::map::At;
use super::{SqlStore, unavailable};
use crate::app::ports::{
    ClosingStore, FiledClosing, ListedClosing, ReadError, StatementException, StoredClosing, Unarrived,
};
use crate::domain::closing::{Beside, Difference, Signature};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, AuthorityId, Kassenzeichen, LedgerId, Method};
use crate::domain::money::Cents;
use crate::domain::record::{Body, Record};
use crate::domain::time::Timestamp;

pub mod listed;

use listed::ListedClosingRow;

/// A closing as it is stored.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct ClosingRow {
    pub number: i64,
    pub from_day: String,
    pub to_day: String,
    pub cut_at: i64,
    pub size: i64,
    pub root: Vec<u8>,
    pub state: String,
    pub digest: Option<Vec<u8>>,
    pub body: Option<String>,
}

/// What stands beside a record.
#[derive(Debug, Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are described in the migrations")]
pub struct BesideRow {
    pub position: i64,
    pub authority_id: Option<String>,
    pub method: Option<String>,
    pub kassenzeichen: Option<String>,
    pub reversed: Option<String>,
    pub exception_id: Option<String>,
    pub code: Option<String>,
    pub cents: Option<i64>,
    pub found: Option<String>,
}

/// A signature: person, role, time.
pub type SignatureRow = (String, String, i64);

/// A database, as closings need it.
#[async_trait]
pub trait ClosingRows: Send + Sync {
    /// Closings from a number on, by number.
    async fn closings(&self, ledger: &str, from: i64, limit: i64) -> Result<Vec<ClosingRow>, sqlx::Error>;
    /// Closings behind a number, without what was filed.
    async fn closings_behind(
        &self,
        ledger: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<ListedClosingRow>, sqlx::Error>;
    /// Signatures of closings between two numbers, with the number, in their order.
    async fn signatures_between(
        &self,
        ledger: &str,
        from: i64,
        to: i64,
    ) -> Result<Vec<(i64, String, String, i64)>, sqlx::Error>;
    /// The number of the newest.
    async fn newest_closing(&self, ledger: &str) -> Result<Option<i64>, sqlx::Error>;
    /// What the closings before a number cover, by number.
    async fn closing_sizes(&self, ledger: &str, before: i64) -> Result<Vec<(i64,)>, sqlx::Error>;
    /// Signatures, in their order.
    async fn closing_signatures(&self, ledger: &str, number: i64) -> Result<Vec<SignatureRow>, sqlx::Error>;
    /// Attempts whose money was told until then and has not arrived.
    async fn unarrived(
        &self,
        ledger: &str,
        told_until: i64,
        after: &str,
        limit: i64,
    ) -> Result<Vec<UnarrivedRow>, sqlx::Error>;
    /// Exceptions about statements.
    async fn statement_exceptions(
        &self,
        ledger: &str,
        code: &str,
    ) -> Result<Vec<StatementExceptionRow>, sqlx::Error>;
    /// What stands beside the bookings and exceptions of a range of positions.
    async fn beside(&self, ledger: &str, from: i64, to: i64) -> Result<Vec<BesideRow>, sqlx::Error>;
}

/// What stands beside bookings and exceptions.
pub(super) const BESIDE: &str = "SELECT b.position, c.authority_id, p.method, a.kassenzeichen, r.kind AS reversed, \
             NULL AS exception_id, NULL AS code, CAST(NULL AS BIGINT) AS cents, NULL AS found \
         FROM booking AS b LEFT JOIN cases AS c ON c.id = b.case_id LEFT JOIN attempt AS a ON a.id = b.attempt_id \
         LEFT JOIN payment AS p ON p.id = a.payment_id \
         LEFT JOIN booking AS r ON r.ledger_id = b.ledger_id AND r.position = b.reverses \
         WHERE b.ledger_id = $1 AND b.position >= $2 AND b.position < $3 \
     UNION ALL SELECT e.position, c.authority_id, p.method, a.kassenzeichen, NULL, NULL, NULL, CAST(NULL AS BIGINT), NULL \
         FROM exception AS e LEFT JOIN cases AS c ON c.id = e.case_id LEFT JOIN attempt AS a ON a.id = e.attempt_id \
         LEFT JOIN payment AS p ON p.id = a.payment_id \
         WHERE e.ledger_id = $1 AND e.position >= $2 AND e.position < $3 \
     UNION ALL SELECT s.position, NULL, NULL, a.kassenzeichen, NULL, e.id, e.code, e.cents, f.buchungstag \
         FROM resolution AS s JOIN exception AS e ON e.id = s.exception_id \
         JOIN record AS f ON f.ledger_id = e.ledger_id AND f.position = e.position \
         LEFT JOIN attempt AS a ON a.id = e.attempt_id \
         WHERE s.ledger_id = $1 AND s.position >= $2 AND s.position < $3 AND s.state = 'undone'";

macro_rules! closing_rows {
    ($engine:ident) => {
        #[async_trait]
        impl $crate::store::closings::ClosingRows for $engine {
            async fn closings(
                &self,
                ledger: &str,
                from: i64,
                limit: i64,
            ) -> Result<Vec<$crate::store::closings::ClosingRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT number, from_day, to_day, cut_at, size, root, state, digest, body FROM closing \
                     WHERE ledger_id = $1 AND number >= $2 ORDER BY number LIMIT $3",
                )
                .bind(ledger)
                .bind(from)
                .bind(limit)
                .fetch_all(&self.reader)
                .await
            }

            async fn closings_behind(
                &self,
                ledger: &str,
                after: i64,
                limit: i64,
            ) -> Result<Vec<$crate::store::closings::listed::ListedClosingRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT number, from_day, to_day, size, root, digest FROM closing \
                     WHERE ledger_id = $1 AND number > $2 ORDER BY number LIMIT $3",
                )
                .bind(ledger)
                .bind(after)
                .bind(limit)
                .fetch_all(&self.reader)
                .await
            }

            async fn signatures_between(
                &self,
                ledger: &str,
                from: i64,
                to: i64,
            ) -> Result<Vec<(i64, String, String, i64)>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT number, person, role, signed_at FROM closing_signature \
                     WHERE ledger_id = $1 AND number >= $2 AND number <= $3 ORDER BY number, position",
                )
                .bind(ledger)
                .bind(from)
                .bind(to)
                .fetch_all(&self.reader)
                .await
            }

            async fn newest_closing(&self, ledger: &str) -> Result<Option<i64>, sqlx::Error> {
                let (newest,) = sqlx::query_as("SELECT max(number) FROM closing WHERE ledger_id = $1")
                    .bind(ledger)
                    .fetch_one(&self.reader)
                    .await?;
                Ok(newest)
            }

            async fn closing_sizes(&self, ledger: &str, before: i64) -> Result<Vec<(i64,)>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT size FROM closing WHERE ledger_id = $1 AND number < $2 ORDER BY number",
                )
                .bind(ledger)
                .bind(before)
                .fetch_all(&self.reader)
                .await
            }

            async fn closing_signatures(
                &self,
                ledger: &str,
                number: i64,
            ) -> Result<Vec<$crate::store::closings::SignatureRow>, sqlx::Error> {
                sqlx::query_as(
                    "SELECT person, role, signed_at FROM closing_signature \
                     WHERE ledger_id = $1 AND number = $2 ORDER BY position",
                )
                .bind(ledger)
                .bind(number)
                .fetch_all(&self.reader)
                .await
            }

            async fn unarrived(
                &self,
                ledger: &str,
                told_until: i64,
                after: &str,
                limit: i64,
            ) -> Result<Vec<$crate::store::arrivals::UnarrivedRow>, sqlx::Error> {
                sqlx::query_as($crate::store::arrivals::UNARRIVED)
                    .bind(ledger)
                    .bind(told_until)
                    .bind(after)
                    .bind(limit)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn statement_exceptions(
                &self,
                ledger: &str,
                code: &str,
            ) -> Result<Vec<$crate::store::arrivals::StatementExceptionRow>, sqlx::Error> {
                sqlx::query_as($crate::store::arrivals::OF_STATEMENTS)
                    .bind(ledger)
                    .bind(code)
                    .fetch_all(&self.reader)
                    .await
            }

            async fn beside(
                &self,
                ledger: &str,
                from: i64,
                to: i64,
            ) -> Result<Vec<$crate::store::closings::BesideRow>, sqlx::Error> {
                sqlx::query_as($crate::store::closings::BESIDE)
                    .bind(ledger)
                    .bind(from)
                    .bind(to)
                    .fetch_all(&self.reader)
                    .await
            }
        }
    };
}

pub(super) use closing_rows;

/// The row that a record of a closing writes, beside its own; `body` is what is filed.
pub(super) fn rows(record: &Record, body: Option<&str>) -> Option<(Write, Value)> {
    let (ledger, position, at) = (&record.ledger, record.position, record.recorded_at.millis());
    match &record.body {
        Body::ClosingCut(cut) => Some((
            Write::NewClosing,
            json!({"ledger_id": ledger, "number": cut.number, "from_day": cut.from.to_string(),
                "to_day": cut.to.to_string(), "open_day": cut.open.to_string(), "cut_position": position,
                "cut_at": at, "size": cut.size, "root": HEXLOWER.encode(&cut.root)}),
        )),
        Body::ClosingFiled(filed) => Some((
            Write::FiledClosing,
            json!({"ledger_id": ledger, "number": filed.number, "position": position,
                "digest": HEXLOWER.encode(&filed.digest), "body": body}),
        )),
        Body::ClosingSigned(signed) => Some((
            Write::NewClosingSignature,
            json!({"ledger_id": ledger, "position": position, "number": signed.number,
                "digest": HEXLOWER.encode(&signed.digest), "person": signed.person,
                "role": signed.role.as_str(), "signed_at": at}),
        )),
        _ => None,
    }
}

fn stored(ledger: &LedgerId, row: ClosingRow) -> Result<StoredClosing, ReadError> {
    let name = format!("{ledger}/{}", row.number);
    let at = At {
        table: "closing",
        row: &name,
    };
    let filed = match (row.state.as_str(), row.digest, row.body) {
        ("cut", None, None) => None,
        ("filed", Some(digest), Some(body)) => Some(FiledClosing {
            digest: at.read("digest", digest.as_slice().try_into())?,
            body,
        }),
        (state, ..) => return Err(at.error("state", format!("«{state}» does not fit what is there"))),
    };
    Ok(StoredClosing {
        number: at.read("number", u64::try_from(row.number))?,
        from: at.read("from_day", row.from_day.parse())?,
        to: at.read("to_day", row.to_day.parse())?,
        size: at.read("size", u64::try_from(row.size))?,
        root: at.read("root", row.root.as_slice().try_into())?,
        cut_at: Timestamp::from_millis(row.cut_at),
        filed,
    })
}

fn beside(row: &BesideRow) -> Result<(u64, Beside), ReadError> {
    let name = row.position.to_string();
    let at = At {
        table: "booking",
        row: &name,
    };
    let authority = row.authority_id.as_deref().map(AuthorityId::parse).transpose();
    let method = row.method.as_deref().map(Method::parse).transpose();
    let kassenzeichen = row.kassenzeichen.as_deref().map(Kassenzeichen::parse).transpose();
    let reopened = reopened(&at, row)?;
    let reversed = row.reversed.as_deref().map(str::parse).transpose();
    let beside = Beside {
        authority: at.read("authority_id", authority)?,
        method: at.read("method", method)?,
        kassenzeichen: at.read("kassenzeichen", kassenzeichen)?,
        reversed: at.read("reverses", reversed)?,
        reopened,
    };
    Ok((at.read("position", u64::try_from(row.position))?, beside))
}

/// The difference whose resolution was taken back.
fn reopened(at: &At<'_>, row: &BesideRow) -> Result<Option<(Difference, Date)>, ReadError> {
    let (Some(id), Some(code), Some(found)) = (&row.exception_id, &row.code, &row.found) else {
        return Ok(None);
    };
    let code: ExceptionCode = at.read("code", code.parse())?;
    let kassenzeichen = row.kassenzeichen.as_deref().map(Kassenzeichen::parse).transpose();
    let difference = Difference {
        id: at.read("exception_id", id.parse())?,
        code: code.as_str().to_owned(),
        text: code.german().to_owned(),
        kassenzeichen: at.read("kassenzeichen", kassenzeichen)?,
        cents: row.cents.map(Cents::new),
    };
    Ok(Some((difference, at.read("found", found.parse())?)))
}

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[async_trait]
impl ClosingStore for SqlStore {
    async fn closings(&self, ledger: &LedgerId) -> Result<Vec<StoredClosing>, ReadError> {
        let rows = self.engine.closings(ledger.as_str(), 0, i64::MAX).await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|row| stored(ledger, row)).collect()
    }

    async fn closing(
        &self,
        ledger: &LedgerId,
        wanted: Option<u64>,
    ) -> Result<Option<StoredClosing>, ReadError> {
        let wanted = match wanted {
            Some(wanted) => Some(number(wanted)),
            None => self
                .engine
                .newest_closing(ledger.as_str())
                .await
                .map_err(unavailable)?,
        };
        let Some(wanted) = wanted else { return Ok(None) };
        let rows = self.engine.closings(ledger.as_str(), wanted, 1).await;
        let row = rows.map_err(unavailable)?.into_iter().next();
        row.filter(|row| row.number == wanted)
            .map(|row| stored(ledger, row))
            .transpose()
    }

    async fn closings_behind(
        &self,
        ledger: &LedgerId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ListedClosing>, ReadError> {
        let rows = self
            .engine
            .closings_behind(ledger.as_str(), number(after), i64::from(limit))
            .await;
        let rows = rows.map_err(unavailable)?;
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(Vec::new());
        };
        let signed = self
            .engine
            .signatures_between(ledger.as_str(), first.number, last.number)
            .await;
        let at = At {
            table: "closing_signature",
            row: ledger.as_str(),
        };
        let mut signatures: BTreeMap<i64, Vec<Signature>> = BTreeMap::new();
        for (number, who, role, signed_at) in signed.map_err(unavailable)? {
            signatures.entry(number).or_default().push(Signature {
                who,
                role: at.read("role", role.parse())?,
                at: Timestamp::from_millis(signed_at),
            });
        }
        let rows = rows.iter();
        rows.map(|row| {
            let signatures = signatures.remove(&row.number).unwrap_or_default();
            Ok(ListedClosing {
                signatures,
                ..listed::closing(ledger, row)?
            })
        })
        .collect()
    }

    async fn closing_sizes(&self, ledger: &LedgerId, before: u64) -> Result<Vec<u64>, ReadError> {
        let sizes = self.engine.closing_sizes(ledger.as_str(), number(before)).await;
        let sizes = sizes.map_err(unavailable)?.into_iter();
        Ok(sizes
            .map(|(size,)| u64::try_from(size).unwrap_or_default())
            .collect())
    }

    async fn closing_signatures(&self, ledger: &LedgerId, of: u64) -> Result<Vec<Signature>, ReadError> {
        let rows = self.engine.closing_signatures(ledger.as_str(), number(of)).await;
        let at = At {
            table: "closing_signature",
            row: ledger.as_str(),
        };
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|(who, role, signed_at)| {
            Ok(Signature {
                who,
                role: at.read("role", role.parse())?,
                at: Timestamp::from_millis(signed_at),
            })
        })
        .collect()
    }

    async fn unarrived(
        &self,
        ledger: &LedgerId,
        told_until: Timestamp,
        after: AttemptId,
        limit: u32,
    ) -> Result<Vec<Unarrived>, ReadError> {
        let (until, after) = (told_until.millis(), after.to_string());
        let rows = self
            .engine
            .unarrived(ledger.as_str(), until, &after, i64::from(limit))
            .await;
        rows.map_err(unavailable)?.iter().map(unarrived).collect()
    }

    async fn statement_exceptions(
        &self,
        ledger: &LedgerId,
        code: ExceptionCode,
    ) -> Result<Vec<StatementException>, ReadError> {
        let rows = self
            .engine
            .statement_exceptions(ledger.as_str(), code.as_str())
            .await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.filter_map(|row| of_statement(row).transpose()).collect()
    }

    async fn beside(
        &self,
        ledger: &LedgerId,
        from: u64,
        to: u64,
    ) -> Result<BTreeMap<u64, Beside>, ReadError> {
        let rows = self
            .engine
            .beside(ledger.as_str(), number(from), number(to))
            .await;
        rows.map_err(unavailable)?.iter().map(beside).collect()
    }
}
