//! Settlement lists of payment providers: staging, which nobody counts on, what was filed, and the lines that are still to
//! be booked. Staging writes past the writer, as that of statements does.

use std::collections::BTreeSet;

use async_trait::async_trait;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use super::map::At;
use super::statements::open_detail;
use super::{SqlStore, not_committed, unavailable};
use crate::app::ports::{
    CommitError, Deposited, DepositedLine, LineWork, ListStore, ListedLine, ListedPayout, NamedAttempt,
    NewList, OpenDetail, OpenException, ReadError, SeenLine, ShownPayout,
};
use crate::domain::booking::BookingKind;
use crate::domain::ids::{AttemptId, AuthorityId, CaseId, LedgerId, ListId, PayoutId, PostenId};
use crate::domain::money::Cents;
use crate::domain::payout::{Contents, Share, Sums};
use crate::domain::settlement::{Kind, Line, Owner};
use crate::domain::statement::Iban;
use crate::domain::subject::{DetailId, ListLineId, Subject};
use crate::domain::time::Timestamp;

pub mod rows;
pub(super) mod seen;
pub(super) mod sql;

use rows::{LineRow, PayoutRow};

fn number<T: TryInto<i64>>(number: T) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

fn list_row(new: &NewList) -> Value {
    let (of, ours, others) = (&new.filed, &new.filed.ours, &new.filed.others);
    json!({"id": of.id, "payout_id": of.payout, "posten_id": of.posten, "source": of.source,
        "reference": of.reference, "revision": number(of.revision), "supersedes": of.supersedes,
        "staged_at": new.at.millis(), "file": new.file, "line_count": number(ours.count),
        "payments": ours.payments, "gross_cents": ours.gross, "fee_cents": ours.fee,
        "fee_lines_cents": ours.fee_lines, "others_count": number(others.count),
        "others_payments": others.payments, "others_gross_cents": others.gross, "others_fee_cents": others.fee,
        "others_fee_lines_cents": others.fee_lines, "digest": HEXLOWER.encode(&of.digest)})
}

fn payout(row: PayoutRow) -> Result<ListedPayout, ReadError> {
    let at = At {
        table: "settlement_list",
        row: &row.id,
    };
    let count = |column, count: i64| at.read(column, u64::try_from(count));
    let payments = |column, count: i64| at.read(column, u32::try_from(count));
    let shown = match (row.statement_id, row.entry, row.detail, row.whole, row.account) {
        (Some(statement), Some(entry), Some(detail), Some(whole), Some(account)) => Some(ShownPayout {
            detail: DetailId {
                statement: at.read("statement_id", statement.parse())?,
                entry: at.read("entry", u32::try_from(entry))?,
                detail: at.read("detail", u32::try_from(detail))?,
            },
            account: at.read("account", Iban::parse(&account))?,
            whole: Cents::new(whole),
        }),
        _ => None,
    };
    Ok(ListedPayout {
        list: at.read("id", row.id.parse())?,
        payout: at.read("payout_id", row.payout_id.parse())?,
        posten: at.read("posten_id", row.posten_id.parse())?,
        revision: count("revision", row.revision)?,
        contents: Contents {
            ours: Sums {
                count: count("line_count", row.line_count)?,
                payments: payments("payments", row.payments)?,
                gross: Cents::new(row.gross_cents),
                fee: row.fee_cents.map(Cents::new),
                fee_lines: Cents::new(row.fee_lines_cents),
            },
            others: Sums {
                count: count("others_count", row.others_count)?,
                payments: payments("others_payments", row.others_payments)?,
                gross: Cents::new(row.others_gross_cents),
                fee: row.others_fee_cents.map(Cents::new),
                fee_lines: Cents::new(row.others_fee_lines_cents),
            },
        },
        at: Timestamp::from_millis(row.staged_at),
        done: row.done == 1,
        nothing: row.is_nothing == 1,
        source: row.source,
        reference: row.reference,
        file: row.file,
        shown,
    })
}

fn kind(text: &str) -> Result<Kind, String> {
    let all = [Kind::Payment, Kind::Refund, Kind::Chargeback, Kind::Fee];
    let kind = all.into_iter().find(|kind| kind.as_str() == text);
    kind.ok_or_else(|| format!("«{text}» is no kind of a line"))
}

fn line(row: LineRow) -> Result<(ListLineId, Line, Option<String>), ReadError> {
    let at = At {
        table: "list_line",
        row: &row.list_id,
    };
    let id = ListLineId {
        list: at.read("list_id", row.list_id.parse())?,
        line: at.read("n", u32::try_from(row.n))?,
    };
    let day = row.day.as_deref().map(str::parse).transpose();
    let line = Line {
        row: u64::from(id.line),
        owner: row.owner.map_or(Owner::Ours, Owner::Foreign),
        kind: at.read("kind", kind(&row.kind))?,
        reference: row.reference,
        transaction: row.transaction_id,
        payout: None,
        gross: Cents::new(row.gross_cents),
        fee: row.fee_cents.map(Cents::new),
        net: row.net_cents.map(Cents::new),
        day: at.read("day", day)?,
        method: row.method,
    };
    Ok((id, line, row.went))
}

#[async_trait]
impl ListStore for SqlStore {
    async fn stage_list(&self, new: &NewList, ledger: &LedgerId) -> Result<(), CommitError> {
        let mut row = list_row(new);
        row["ledger_id"] = json!(ledger);
        let rows = Value::from(vec![row]).to_string();
        let staged = self.engine.stage_list(&rows, "[]", "[]").await;
        staged.map_err(not_committed)
    }

    async fn stage_lines(
        &self,
        list: ListId,
        lines: &[(u32, Line)],
        gone: &[ListLineId],
    ) -> Result<(), CommitError> {
        let lines = lines.iter().map(|(n, line)| {
            let owner = match &line.owner {
                Owner::Ours => None,
                Owner::Foreign(name) => Some(name),
            };
            json!({"list_id": list, "n": n, "owner": owner, "kind": line.kind.as_str(),
                "reference": line.reference, "transaction_id": line.transaction, "gross_cents": line.gross,
                "fee_cents": line.fee, "net_cents": line.net, "day": line.day.map(|day| day.to_string()),
                "method": line.method})
        });
        let gone = gone
            .iter()
            .map(|gone| json!({"list_id": list, "gone_list_id": gone.list, "gone_n": gone.line}));
        let [lines, gone] =
            [lines.collect(), gone.collect()].map(|rows: Vec<Value>| Value::from(rows).to_string());
        let staged = self.engine.stage_list("[]", &lines, &gone).await;
        staged.map_err(not_committed)
    }

    async fn discard_left(
        &self,
        ledger: &LedgerId,
        (source, reference): (&str, &str),
        before: Timestamp,
    ) -> Result<(), CommitError> {
        let discarded = self
            .engine
            .discard_left(ledger.as_str(), source, reference, before.millis())
            .await;
        discarded.map_err(not_committed)
    }

    async fn discard_list(&self, list: ListId) -> Result<(), CommitError> {
        let discarded = self.engine.discard_list(&list.to_string()).await;
        discarded.map_err(not_committed)
    }

    async fn list_digest(
        &self,
        ledger: &LedgerId,
        (source, reference): (&str, &str),
        digest: &[u8; 32],
    ) -> Result<Option<ListId>, ReadError> {
        let found = self
            .engine
            .list_digest(ledger.as_str(), source, reference, digest)
            .await;
        let found = found.map_err(unavailable)?;
        found
            .map(|id| super::id("settlement_list", "id", &id))
            .transpose()
    }

    async fn payout(
        &self,
        ledger: &LedgerId,
        source: &str,
        reference: &str,
    ) -> Result<Option<ListedPayout>, ReadError> {
        let found = self.engine.payout(ledger.as_str(), source, reference).await;
        found.map_err(unavailable)?.map(payout).transpose()
    }

    async fn payout_by_id(&self, ledger: &LedgerId, id: PayoutId) -> Result<Option<ListedPayout>, ReadError> {
        let found = self.engine.payout_by_id(ledger.as_str(), &id.to_string()).await;
        found.map_err(unavailable)?.map(payout).transpose()
    }

    async fn seen_lines(
        &self,
        (ledger, payout): (&LedgerId, PayoutId),
        authorities: &BTreeSet<AuthorityId>,
        (revision, n): (u64, u32),
        limit: u32,
    ) -> Result<Vec<SeenLine>, ReadError> {
        let (payout, authorities) = (payout.to_string(), json!(authorities).to_string());
        let after = (number(revision), i64::from(n));
        let rows = self
            .engine
            .seen_lines((ledger.as_str(), &payout), after, i64::from(limit), &authorities)
            .await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|row| {
            let at = At {
                table: "list_line",
                row: &payout,
            };
            let authority = row.authority_id.as_deref().map(AuthorityId::parse).transpose();
            let authority = at.read("authority_id", authority)?;
            let revision = at.read("revision", u64::try_from(row.revision))?;
            let (id, line, _) = line(row.line)?;
            Ok(SeenLine {
                revision,
                id,
                line,
                authority,
            })
        })
        .collect()
    }

    async fn payouts(
        &self,
        ledger: &LedgerId,
        since: Timestamp,
        after: Option<PayoutId>,
        limit: u32,
    ) -> Result<Vec<ListedPayout>, ReadError> {
        let after = after.map(|after| after.to_string()).unwrap_or_default();
        let rows = self
            .engine
            .payouts(ledger.as_str(), since.millis(), &after, i64::from(limit))
            .await;
        rows.map_err(unavailable)?.into_iter().map(payout).collect()
    }

    async fn payout_lines(&self, ledger: &LedgerId, payout: PayoutId) -> Result<Vec<ListedLine>, ReadError> {
        let rows = self
            .engine
            .payout_lines(ledger.as_str(), &payout.to_string())
            .await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|row| line(row).map(|(id, line, _)| ListedLine { id, line }))
            .collect()
    }

    async fn lines_filed(&self, list: ListId) -> Result<Vec<ListedLine>, ReadError> {
        let rows = self.engine.lines_filed(&list.to_string()).await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|row| line(row).map(|(id, line, _)| ListedLine { id, line }))
            .collect()
    }

    async fn payout_work(&self, ledger: &LedgerId, payout: PayoutId) -> Result<Vec<LineWork>, ReadError> {
        let rows = self
            .engine
            .payout_work(ledger.as_str(), &payout.to_string())
            .await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|row| line(row).map(|(id, line, back_from)| LineWork { id, line, back_from }))
            .collect()
    }

    async fn list_done(&self, list: ListId) -> Result<(), CommitError> {
        self.engine
            .list_done(&list.to_string())
            .await
            .map_err(not_committed)
    }

    async fn share_booked(&self, ledger: &LedgerId, payout: PayoutId) -> Result<Share, ReadError> {
        let subject = format!("payout/{payout}");
        let at = At {
            table: "booking",
            row: &subject,
        };
        let rows = self.engine.booked_on(ledger.as_str(), &subject).await;
        let mut share = Share::default();
        for (kind, cents) in rows.map_err(unavailable)? {
            let cents = Cents::new(cents);
            match at.read("kind", kind.parse())? {
                BookingKind::Auszahlung => share.bank += cents,
                BookingKind::Disagio => share.fee += cents,
                BookingKind::Klaerung | BookingKind::Vorschuss | BookingKind::Ruecknahme => {
                    share.others = share.others - cents;
                }
                // What became of it later is no share any more.
                _ => {}
            }
        }
        Ok(share)
    }

    async fn attempts_listed(
        &self,
        ledger: &LedgerId,
        references: &[String],
    ) -> Result<Vec<NamedAttempt>, ReadError> {
        let references = json!(references).to_string();
        let rows = self.engine.attempts_listed(ledger.as_str(), &references).await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|(reference, case, attempt)| {
            let at = At {
                table: "attempt",
                row: &attempt,
            };
            Ok(NamedAttempt {
                reference,
                case: at.read("case_id", case.parse())?,
                attempt: at.read("id", attempt.parse())?,
            })
        })
        .collect()
    }

    async fn deposited_details(
        &self,
        ledger: &LedgerId,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, OpenDetail, Deposited)>, ReadError> {
        let rows = self
            .engine
            .deposited_details(ledger.as_str(), after.map_or(-1, number), i64::from(limit))
            .await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|row| {
            let at = At {
                table: "posten",
                row: &row.posten_id,
            };
            let deposited = Deposited {
                posten: at.read("id", row.posten_id.parse())?,
                exception: at.read("exception_id", row.exception_id.parse())?,
            };
            let position = at.read("position", u64::try_from(row.position))?;
            Ok((position, open_detail(row.detail)?, deposited))
        })
        .collect()
    }

    async fn deposited_lines(&self, ledger: &LedgerId) -> Result<Vec<DepositedLine>, ReadError> {
        let rows = self.engine.deposited_lines(ledger.as_str()).await;
        let mut lines = Vec::new();
        for (exception, posten, subject, cents) in rows.map_err(unavailable)? {
            let at = At {
                table: "posten",
                row: &posten,
            };
            let Subject::ListLine(line) = at.read("subject", Subject::named(&subject))? else {
                continue;
            };
            let reference = self
                .engine
                .line_reference(&line.list.to_string(), i64::from(line.line))
                .await;
            let Some(reference) = reference.map_err(unavailable)? else {
                continue;
            };
            lines.push(DepositedLine {
                line,
                reference,
                cents: Cents::new(cents),
                deposited: Deposited {
                    posten: at.read("id", posten.parse())?,
                    exception: at.read("exception_id", exception.parse())?,
                },
            });
        }
        Ok(lines)
    }

    async fn assigned_from(
        &self,
        ledger: &LedgerId,
        line: ListLineId,
        deposit: PostenId,
    ) -> Result<Vec<(CaseId, AttemptId, Cents)>, ReadError> {
        let (subject, posten) = (Subject::ListLine(line).name(), deposit.to_string());
        let rows = self
            .engine
            .assigned_from(ledger.as_str(), &subject.unwrap_or_default(), &posten)
            .await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|(case, attempt, cents)| {
            let at = At {
                table: "booking",
                row: &posten,
            };
            let case = at.read("case_id", case.parse())?;
            Ok((case, at.read("attempt_id", attempt.parse())?, Cents::new(cents)))
        })
        .collect()
    }

    async fn open_exceptions(
        &self,
        ledger: &LedgerId,
        subject: Subject,
    ) -> Result<Vec<OpenException>, ReadError> {
        let name = subject.name().unwrap_or_default();
        let rows = self.engine.open_exceptions(ledger.as_str(), &name).await;
        let rows = rows.map_err(unavailable)?.into_iter();
        rows.map(|(id, code, state)| {
            let at = At {
                table: "exception",
                row: &id,
            };
            Ok(OpenException {
                id: at.read("id", id.parse())?,
                code: at.read("code", code.parse())?,
                begun: state.as_deref() == Some("step"),
            })
        })
        .collect()
    }
}
