//! Files for the cash system, and what statistics count. What is read for them is in `rows`.

pub mod rows;

use std::collections::BTreeSet;

use async_trait::async_trait;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use self::rows::{CountedCaseRow, PostingFileRow, PostingLineRow};
use super::batch::Write;
use super::map::At;
use super::{SqlStore, tenant_object, unavailable};
use crate::app::ports::{
    CountedCase, PostingLine, PostingStore, ReadError, StoredPostingFile, TenantObject, WhichLines,
};
use crate::domain::booking::BookingKind;
use crate::domain::change::PostingWork;
use crate::domain::hkr::{Candidate, LineId, Posting, Said};
use crate::domain::ids::{AuthorityId, EndPointId, LedgerId, OriginatorId, RouteKey};
use crate::domain::money::Cents;
use crate::domain::record::{Body, PostingFile, Record};
use crate::domain::statistics::Row;
use crate::domain::tenant::Postings;
use crate::domain::time::Timestamp;

/// The rows that a record of a file writes, beside its own.
pub(super) fn rows(record: &Record, work: Option<&PostingWork>) -> Vec<(Write, Value)> {
    let (ledger, position, at) = (&record.ledger, record.position, record.recorded_at.millis());
    let lines = || work.iter().flat_map(|work| &work.lines);
    match &record.body {
        Body::PostingFile(file) => {
            let content = work
                .map(|work| HEXLOWER.encode(&work.content))
                .unwrap_or_default();
            let row = json!({"ledger_id": ledger, "number": file.number, "position": position,
                "from_position": file.from, "to_position": file.to, "postings": file.postings,
                "template": file.template, "template_digest": HEXLOWER.encode(&file.template_digest),
                "name": file.name, "media_type": file.media_type, "lines": file.lines, "sum_cents": file.sum.get(),
                "first_day": file.first.to_string(), "last_day": file.last.to_string(),
                "digest": HEXLOWER.encode(&file.digest), "size": file.size,
                "lines_digest": HEXLOWER.encode(&file.lines_digest), "person": file.person, "created_at": at,
                "content": content});
            let line = |id: &LineId| {
                let row = json!({"ledger_id": ledger, "position": id.position, "line": id.line, "number": file.number});
                (Write::NewPostingLine, row)
            };
            std::iter::once((Write::NewPostingFile, row))
                .chain(lines().map(line))
                .collect()
        }
        Body::PostingWithdrawn(withdrawn) => {
            let row = json!({"ledger_id": ledger, "position": position, "number": withdrawn.number,
                "lines": withdrawn.lines, "lines_digest": HEXLOWER.encode(&withdrawn.lines_digest),
                "person": withdrawn.person});
            let line = |id: &LineId| {
                let row = json!({"ledger_id": ledger, "number": withdrawn.number, "position": id.position,
                    "line": id.line, "withdrawal": position});
                (Write::NewPostingWithdrawn, row)
            };
            std::iter::once((Write::NewPostingWithdrawal, row))
                .chain(lines().map(line))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn file(ledger: &LedgerId, row: PostingFileRow) -> Result<StoredPostingFile, ReadError> {
    let name = format!("{ledger}/{}", row.number);
    let at = At {
        table: "posting_file",
        row: &name,
    };
    let count = |column, number: i64| at.read(column, u64::try_from(number));
    let hash = |column, bytes: &[u8]| at.read(column, <[u8; 32]>::try_from(bytes));
    Ok(StoredPostingFile {
        created_at: Timestamp::from_millis(row.created_at),
        withdrawn: count("number", row.withdrawn)?,
        file: PostingFile {
            number: count("number", row.number)?,
            from: count("from_position", row.from_position)?,
            to: count("to_position", row.to_position)?,
            postings: row.postings,
            template: row.template,
            template_digest: hash("template_digest", &row.template_digest)?,
            name: row.name,
            media_type: row.media_type,
            lines: count("lines", row.lines)?,
            sum: Cents::new(row.sum_cents),
            first: at.read("first_day", row.first_day.parse())?,
            last: at.read("last_day", row.last_day.parse())?,
            digest: hash("digest", &row.digest)?,
            size: count("size", row.size)?,
            lines_digest: hash("lines_digest", &row.lines_digest)?,
            person: row.person,
        },
    })
}

fn line(row: PostingLineRow) -> Result<PostingLine, ReadError> {
    let name = format!("{}/{}", row.position, row.n);
    let at = At {
        table: "booking_line",
        row: &name,
    };
    let kind: BookingKind = at.read("kind", row.kind.parse())?;
    let reversed = row.reversed.as_deref().map(str::parse).transpose();
    let day = at.read("buchungstag", row.buchungstag.parse())?;
    let id = LineId {
        position: at.read("position", u64::try_from(row.position))?,
        line: at.read("n", u32::try_from(row.n + 1))?,
    };
    let route = match (row.originator_id, row.end_point_id, row.route_version) {
        (Some(originator), Some(end_point), Some(version)) => {
            Some((route_key(at, &originator, &end_point)?, version))
        }
        _ => None,
    };
    Ok(PostingLine {
        candidate: Candidate {
            id,
            day,
            kind: at.read("reverses", reversed)?.unwrap_or(kind),
            ruled_at: at.read("reverses", u64::try_from(row.reverses.unwrap_or(row.position)))?,
            debit: at.read("debit_account", row.debit_account.parse())?,
            credit: at.read("credit_account", row.credit_account.parse())?,
        },
        posting: Posting {
            position: id.position,
            line: id.line,
            kind: row.kind,
            buchungstag: day,
            haushaltsjahr: at.read("haushaltsjahr", i16::try_from(row.haushaltsjahr))?,
            debit: row.debit_account,
            credit: row.credit_account,
            cents: Cents::new(row.cents),
            haushaltsstelle: row.haushaltsstelle,
            objektnummer: row.objektnummer,
            kassenzeichen: row.kassenzeichen,
            text: String::new(),
            anordnung: Some(row.anordnung).filter(|text| !text.is_empty()),
            authority: row.authority_id,
            method: row.method,
        },
        route,
    })
}

fn route_key(at: At<'_>, originator: &str, end_point: &str) -> Result<RouteKey, ReadError> {
    Ok(RouteKey {
        originator_id: at.read("originator_id", OriginatorId::parse(originator))?,
        end_point_id: at.read("end_point_id", EndPointId::parse(end_point))?,
    })
}

fn counted(row: CountedCaseRow) -> Result<CountedCase, ReadError> {
    let at = At {
        table: "cases",
        row: &row.id,
    };
    Ok(CountedCase {
        route: (
            route_key(at, &row.originator_id, &row.end_point_id)?,
            row.route_version,
        ),
        row: Row {
            authority: at.read("authority_id", AuthorityId::parse(&row.authority_id))?,
            leika: String::new(),
            opened_at: Timestamp::from_millis(row.created_at),
            paid: row
                .paid_at
                .zip(row.paid_cents)
                .map(|(at, cents)| CountedCase::paid(at, cents)),
            manual: row.manual,
        },
        place: (row.created_at, row.id),
    })
}

fn ids(rows: Vec<(i64, i64)>) -> Result<Vec<LineId>, ReadError> {
    let read = |(position, line): (i64, i64)| {
        let name = format!("{position}/{line}");
        let at = At {
            table: "posting_line",
            row: &name,
        };
        Ok(LineId {
            position: at.read("position", u64::try_from(position))?,
            line: at.read("line", u32::try_from(line))?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// What a record of a Kasse's configuration says of its postings.
fn said(bytes: &[u8]) -> Result<Option<(u64, Postings)>, ReadError> {
    let wrong = |row: String, why: String| ReadError::Row {
        table: "record",
        column: "bytes",
        row,
        why,
    };
    let record =
        Record::decode(bytes).map_err(|error| wrong("configuration".to_owned(), error.to_string()))?;
    let Body::Configuration(configured) = &record.body else {
        return Ok(None);
    };
    if configured.kind != "kasse" || configured.content.is_empty() {
        return Ok(None);
    }
    let name = format!("{}/{}", record.ledger, record.position);
    let content: Value =
        serde_json::from_str(&configured.content).map_err(|error| wrong(name, error.to_string()))?;
    let postings = content.get("hkr").and_then(|hkr| hkr.get("postings")?.as_str());
    Ok(match postings {
        Some("provider") => Some((record.position, Postings::Provider)),
        Some("connector") => Some((record.position, Postings::Connector)),
        _ => None,
    })
}

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[async_trait]
impl PostingStore for SqlStore {
    async fn posting_files(
        &self,
        ledger: &LedgerId,
        wanted: Option<u64>,
    ) -> Result<Vec<StoredPostingFile>, ReadError> {
        let rows = self
            .engine
            .posting_files(ledger.as_str(), wanted.map(number))
            .await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|row| file(ledger, row)).collect()
    }

    async fn posting_files_behind(
        &self,
        ledger: &LedgerId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<StoredPostingFile>, ReadError> {
        let rows = self
            .engine
            .posting_files_behind(ledger.as_str(), number(after), i64::from(limit))
            .await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|row| file(ledger, row)).collect()
    }

    async fn posting_reach(&self, ledger: &LedgerId) -> Result<(u64, u64), ReadError> {
        let reach = self.engine.posting_reach(ledger.as_str()).await;
        let (newest, passed) = reach.map_err(unavailable)?;
        let at = At {
            table: "posting_file",
            row: ledger.as_str(),
        };
        Ok((
            at.read("number", u64::try_from(newest))?,
            at.read("to_position", u64::try_from(passed))?,
        ))
    }

    async fn posting_content(&self, ledger: &LedgerId, of: u64) -> Result<Option<Vec<u8>>, ReadError> {
        let content = self.engine.posting_content(ledger.as_str(), number(of)).await;
        content.map_err(unavailable)
    }

    async fn lines_of_file(
        &self,
        ledger: &LedgerId,
        of: u64,
        counting: bool,
    ) -> Result<Vec<LineId>, ReadError> {
        let rows = self
            .engine
            .lines_of_file(ledger.as_str(), number(of), counting)
            .await;
        ids(rows.map_err(unavailable)?)
    }

    async fn withdrawn_by(&self, ledger: &LedgerId, position: u64) -> Result<Vec<LineId>, ReadError> {
        let rows = self.engine.withdrawn_by(ledger.as_str(), number(position)).await;
        ids(rows.map_err(unavailable)?)
    }

    async fn line_twice(&self, ledger: &LedgerId) -> Result<Option<LineId>, ReadError> {
        let row = self.engine.line_twice(ledger.as_str()).await;
        let found = ids(row.map_err(unavailable)?.into_iter().collect())?;
        Ok(found.first().copied())
    }

    async fn posting_lines(
        &self,
        ledger: &LedgerId,
        which: WhichLines,
    ) -> Result<Vec<PostingLine>, ReadError> {
        let rows = match which {
            WhichLines::Between(from, to) => {
                self.engine
                    .posting_lines(ledger.as_str(), number(from), number(to))
                    .await
            }
            WhichLines::Withdrawn(most) => {
                self.engine
                    .posting_lines_again(ledger.as_str(), i64::from(most))
                    .await
            }
        };
        rows.map_err(unavailable)?.into_iter().map(line).collect()
    }

    async fn accounts_in_use(&self, ledger: &LedgerId) -> Result<Vec<String>, ReadError> {
        let accounts = self.engine.accounts_in_use(ledger.as_str()).await;
        accounts.map_err(unavailable)
    }

    async fn route_version(&self, route: &RouteKey, version: i64) -> Result<Option<TenantObject>, ReadError> {
        let row = self
            .engine
            .tenant("route", &route.to_string(), Some(version))
            .await;
        row.map_err(unavailable)?.map(tenant_object).transpose()
    }

    async fn said_of_postings(&self, ledger: &LedgerId) -> Result<Said, ReadError> {
        let records = self
            .engine
            .configurations(ledger.as_str())
            .await
            .map_err(unavailable)?;
        let mut all = Vec::new();
        for record in &records {
            all.extend(said(record)?);
        }
        Ok(Said::new(all))
    }

    async fn counted_cases(
        &self,
        (ledger, authorities): (&LedgerId, Option<&BTreeSet<AuthorityId>>),
        (from, until): (Timestamp, Timestamp),
        after: Option<&(i64, String)>,
        limit: u32,
    ) -> Result<Vec<CountedCase>, ReadError> {
        let after = after.map_or((i64::MIN, ""), |(at, id)| (*at, id.as_str()));
        let time = (from.millis(), until.millis());
        let authorities = authorities.map(|authorities| json!(authorities).to_string());
        let rows = self
            .engine
            .counted_cases(
                (ledger.as_str(), authorities.as_deref()),
                time,
                after,
                i64::from(limit),
            )
            .await;
        rows.map_err(unavailable)?.into_iter().map(counted).collect()
    }
}
