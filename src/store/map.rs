//! Rows ↔ domain. A combination of columns that cannot be is an error that names table, column and row.

use std::collections::BTreeMap;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use super::rows::{AttemptRow, CaseRow, HeadRow, PaymentRow};
use crate::app::ports::ReadError;
use crate::domain::booking::{Booking, Line};
use crate::domain::case::{
    Attempt, Awaited, Books, Case, CaseStanding, Ending, Item, OpenException, Payment, PortalAnswer,
    Standing, Way,
};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{
    AttemptId, Bewirtschafter, CaseId, ClientId, Kassenzeichen, LedgerId, Mandant, Method, PaymentId,
    PersonalId, PostenId, ProviderId, RemoteId, RequestId, Token, TransactionId, Transaktionsnummer,
};
use crate::domain::log::Head;
use crate::domain::merkle::CompactRange;
use crate::domain::money::Cents;
use crate::domain::tenant::{Authority, Kasse, Route, Versioned};
use crate::domain::time::Timestamp;

/// A row's name for errors.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) table: &'static str,
    pub(super) row: &'a str,
}

impl At<'_> {
    pub(super) fn error(self, column: &'static str, why: impl std::fmt::Display) -> ReadError {
        ReadError::Row {
            table: self.table,
            column,
            row: self.row.to_owned(),
            why: why.to_string(),
        }
    }

    pub(super) fn read<T, E: std::fmt::Display>(
        self,
        column: &'static str,
        result: Result<T, E>,
    ) -> Result<T, ReadError> {
        result.map_err(|error| self.error(column, error))
    }

    fn need<T>(self, column: &'static str, value: Option<T>) -> Result<T, ReadError> {
        value.ok_or_else(|| self.error(column, "is missing in this state"))
    }
}

pub(super) fn case_row(case: &Case) -> Value {
    let authority = case.authority.id.as_str();
    json!({"id": case.id, "ledger_id": case.ledger, "authority_id": authority, "case_key": case.key, "rev": case.rev,
        "standing": case.standing.as_str(), "status_seq": case.status_seq, "created_at": case.created_at.millis()})
}

pub(super) fn payment_row(ledger: &str, case: CaseId, payment: &Payment) -> Value {
    let (at, method, reference, refusal) = match &payment.answer {
        PortalAnswer::Initial => (None, None, None, None),
        PortalAnswer::Payed {
            at,
            method,
            reference,
        } => (Some(at), Some(method), Some(reference), None),
        PortalAnswer::Failed { at } | PortalAnswer::Canceled { at } => (Some(at), None, None, None),
        PortalAnswer::Refused { at, code } => (Some(at), None, None, Some(code)),
    };
    let route = &payment.route.value;
    let items: Vec<Value> = payment
        .items
        .iter()
        .map(|item| {
            json!({"reference": item.reference, "net": item.net, "tax": item.tax, "kontierung": item.kontierung})
        })
        .collect();
    json!({"id": payment.id, "ledger_id": ledger, "case_id": case, "originator_id": route.originator_id,
        "end_point_id": route.end_point_id, "route_version": payment.route.version, "client_id": payment.client,
        "request_id": payment.request_id, "transaction_id": payment.transaction_id,
        "total_cents": payment.total.get(), "due_day": payment.due.to_string(), "answer": payment.answer.as_str(),
        "answered_at": at.map(|at| at.millis()), "method": method, "reference": reference, "refusal": refusal,
        "created_at": payment.created_at.millis(), "expires_at": payment.expires_at.millis(),
        "token": payment.token, "fingerprint": HEXLOWER.encode(&payment.fingerprint),
        "personal_id": payment.personal, "items": Value::from(items).to_string()})
}

pub(super) fn attempt_row(
    ledger: &str,
    case: CaseId,
    payment: PaymentId,
    n: u32,
    attempt: &Attempt,
) -> Value {
    let (at, sent) = match &attempt.standing {
        Standing::Calling { until, sent } => (Some(until), *sent),
        Standing::Unclear { since, sent } => (Some(since), *sent),
        Standing::Open => (None, 0),
        Standing::Ended { at, .. } => (Some(at), 0),
    };
    let heard = serde_json::to_string(&attempt.heard).expect("plain values become JSON");
    let transfer = match &attempt.way {
        Some(Way::Transfer(to)) => Some(serde_json::to_string(to).expect("plain values become JSON")),
        _ => None,
    };
    let books = &attempt.books;
    json!({"id": attempt.id, "ledger_id": ledger, "case_id": case, "payment_id": payment, "n": n,
        "provider_id": attempt.provider, "mandant": attempt.mandant, "bewirtschafter": attempt.bewirtschafter,
        "nummer": attempt.nummer, "token": attempt.token, "replaces": attempt.replaces,
        "posten_id": attempt.posten, "standing": attempt.standing.as_str(),
        "standing_at": at.map(|at| at.millis()), "sent": sent, "kassenzeichen": attempt.kassenzeichen.known(),
        "paypage": attempt.paypage(), "remote_id": attempt.remote, "transfer": transfer, "heard": heard, "unproven": attempt.unproven,
        "soll_cents": books.soll.get(), "set_off_cents": books.set_off.get(),
        "credited_cents": books.credited.get(), "deposited_cents": books.deposited.get(),
        "deposit_id": books.deposit, "settled_cents": books.settled.get(), "refunded_cents": books.refunded.get(), "gone_cents": books.gone.get(),
        "unsettled": i64::from(!attempt.heard.outstanding().is_empty() || !attempt.heard.through.is_empty())})
}

pub(super) fn booking_row(position: u64, booking: &Booking) -> Value {
    json!({"ledger_id": booking.ledger, "position": position, "kind": booking.kind.as_str(),
        "case_id": booking.subject.case(), "attempt_id": booking.subject.attempt(),
        "subject": booking.subject.name(), "reverses": booking.reverses})
}

pub(super) fn line_row(ledger: &str, position: u64, n: usize, line: &Line) -> Value {
    json!({"ledger_id": ledger, "position": position, "n": n, "debit_account": line.debit.account.to_string(),
        "debit_posten": line.debit.posten, "credit_account": line.credit.account.to_string(),
        "credit_posten": line.credit.posten, "cents": line.cents.get(), "haushaltsjahr": line.haushaltsjahr,
        "haushaltsstelle": line.haushaltsstelle, "objektnummer": line.objektnummer, "anordnung": line.anordnung})
}

/// The head of a ledger's log.
pub fn head(row: &HeadRow) -> Result<Head, ReadError> {
    let at = At {
        table: "log_head",
        row: &row.ledger_id,
    };
    let size = at.read("size", u64::try_from(row.size))?;
    let tree = at.read("peaks", CompactRange::from_bytes(size, &row.peaks))?;
    if tree.root() != row.root.as_slice() {
        return Err(at.error("root", "is not the root of the stored peaks"));
    }
    Ok(Head {
        ledger: at.read("ledger_id", LedgerId::parse(&row.ledger_id))?,
        tree,
        events: at.read("events", u64::try_from(row.events))?,
        recorded_at: Timestamp::from_millis(row.recorded_at),
        open_day: row
            .open_day
            .as_deref()
            .map(|day| at.read("open_day", day.parse()))
            .transpose()?,
    })
}

/// What a case is put together from.
pub(super) struct CaseParts {
    pub(super) case: CaseRow,
    pub(super) payments: Vec<PaymentRow>,
    pub(super) attempts: Vec<AttemptRow>,
    pub(super) exceptions: Vec<(String, String, String)>,
    pub(super) kasse: Arc<Kasse>,
    pub(super) authority: Arc<Authority>,
    /// Route versions by (originatorId, endPointId, version).
    pub(super) routes: BTreeMap<(String, String, i64), Arc<Versioned<Route>>>,
}

/// Puts a case together from its rows.
pub(super) fn case(parts: CaseParts) -> Result<Case, ReadError> {
    let CaseParts {
        case: row,
        payments,
        attempts,
        exceptions,
        kasse,
        authority,
        routes,
    } = parts;
    let at = At {
        table: "cases",
        row: &row.id,
    };
    let standing = match row.standing.as_str() {
        "open" => CaseStanding::Open,
        "paid" => CaseStanding::Paid,
        "reopened" => CaseStanding::Reopened,
        other => return Err(at.error("standing", format!("«{other}» is not known"))),
    };
    let mut by_payment: BTreeMap<String, Vec<Attempt>> = BTreeMap::new();
    for attempt in attempts {
        by_payment
            .entry(attempt.payment_id.clone())
            .or_default()
            .push(attempt_of(&attempt)?);
    }
    let payments = payments
        .into_iter()
        .map(|payment| {
            let attempts = by_payment.remove(&payment.id).unwrap_or_default();
            payment_of(&payment, attempts, &routes)
        })
        .collect::<Result<_, _>>()?;
    let open_exceptions = exceptions
        .into_iter()
        .map(|(id, code, attempt)| {
            Ok(OpenException {
                id: at.read("exceptions", id.parse())?,
                code: at.read("exceptions", code.parse::<ExceptionCode>())?,
                attempt: at.read("exceptions", attempt.parse::<AttemptId>())?,
            })
        })
        .collect::<Result<_, ReadError>>()?;
    Ok(Case {
        id: at.read("id", row.id.parse::<CaseId>())?,
        ledger: at.read("ledger_id", LedgerId::parse(&row.ledger_id))?,
        key: row.case_key.clone(),
        rev: row.rev,
        standing,
        status_seq: row.status_seq,
        created_at: Timestamp::from_millis(row.created_at),
        kasse,
        authority,
        payments,
        open_exceptions,
    })
}

#[derive(serde::Deserialize)]
struct ItemJson {
    reference: String,
    net: Cents,
    tax: Cents,
    kontierung: crate::domain::order::Kontierung,
}

fn payment_of(
    row: &PaymentRow,
    attempts: Vec<Attempt>,
    routes: &BTreeMap<(String, String, i64), Arc<Versioned<Route>>>,
) -> Result<Payment, ReadError> {
    let at = At {
        table: "payment",
        row: &row.id,
    };
    let key = (
        row.originator_id.clone(),
        row.end_point_id.clone(),
        row.route_version,
    );
    let route = at.need("route_version", routes.get(&key).cloned())?;
    let when = || {
        at.need("answered_at", row.answered_at)
            .map(Timestamp::from_millis)
    };
    let answer = match row.answer.as_str() {
        "INITIAL" => PortalAnswer::Initial,
        "PAYED" => PortalAnswer::Payed {
            at: when()?,
            method: at.read("method", Method::parse(at.need("method", row.method.as_deref())?))?,
            reference: at.read(
                "reference",
                Kassenzeichen::parse(at.need("reference", row.reference.as_deref())?),
            )?,
        },
        "FAILED" => PortalAnswer::Failed { at: when()? },
        "CANCELED" => PortalAnswer::Canceled { at: when()? },
        "REFUSED" => PortalAnswer::Refused {
            at: when()?,
            code: at.need("refusal", row.refusal.clone())?,
        },
        other => return Err(at.error("answer", format!("«{other}» is not known"))),
    };
    if attempts.is_empty() {
        return Err(at.error("id", "has no attempt"));
    }
    let items: Vec<ItemJson> = at.read("items", serde_json::from_str(&row.items))?;
    Ok(Payment {
        id: at.read("id", row.id.parse::<PaymentId>())?,
        route,
        client: at.read("client_id", ClientId::parse(&row.client_id))?,
        request_id: at.read("request_id", RequestId::parse(&row.request_id))?,
        transaction_id: at.read("transaction_id", TransactionId::parse(&row.transaction_id))?,
        total: Cents::new(row.total_cents),
        due: at.read("due_day", row.due_day.parse())?,
        answer,
        created_at: Timestamp::from_millis(row.created_at),
        expires_at: Timestamp::from_millis(row.expires_at),
        token: at.read("token", Token::parse(&row.token))?,
        fingerprint: row.fingerprint.clone(),
        personal: at.read("personal_id", row.personal_id.parse::<PersonalId>())?,
        items: items
            .into_iter()
            .map(|item| Item {
                reference: item.reference,
                net: item.net,
                tax: item.tax,
                kontierung: item.kontierung,
            })
            .collect(),
        attempts,
    })
}

fn attempt_of(row: &AttemptRow) -> Result<Attempt, ReadError> {
    let at = At {
        table: "attempt",
        row: &row.id,
    };
    let when = || {
        at.need("standing_at", row.standing_at)
            .map(Timestamp::from_millis)
    };
    let sent = at.read("sent", u32::try_from(row.sent))?;
    let standing = match row.standing.as_str() {
        "calling" => Standing::Calling { until: when()?, sent },
        "unclear" => Standing::Unclear { since: when()?, sent },
        "open" => Standing::Open,
        other => match Ending::ALL.iter().find(|ending| ending.as_str() == other) {
            Some(how) => Standing::Ended {
                at: when()?,
                how: *how,
            },
            None => return Err(at.error("standing", format!("«{other}» is not known"))),
        },
    };
    let kassenzeichen = match &row.kassenzeichen {
        None => Awaited::Awaited,
        Some(text) => Awaited::Known(at.read("kassenzeichen", Kassenzeichen::parse(text))?),
    };
    let id = |column, text: &Option<String>| {
        text.as_deref()
            .map(|text| at.read(column, text.parse::<uuid::Uuid>()))
            .transpose()
    };
    Ok(Attempt {
        id: at.read("id", row.id.parse::<AttemptId>())?,
        provider: at.read("provider_id", ProviderId::parse(&row.provider_id))?,
        mandant: at.read("mandant", Mandant::parse(&row.mandant))?,
        bewirtschafter: at.read("bewirtschafter", Bewirtschafter::parse(&row.bewirtschafter))?,
        nummer: at.read("nummer", Transaktionsnummer::parse(&row.nummer))?,
        token: at.read("token", Token::parse(&row.token))?,
        replaces: id("replaces", &row.replaces)?.map(AttemptId),
        posten: at.read("posten_id", row.posten_id.parse::<PostenId>())?,
        standing,
        kassenzeichen,
        remote: row
            .remote_id
            .as_deref()
            .map(|text| at.read("remote_id", RemoteId::parse(text)))
            .transpose()?,
        way: match (&row.paypage, &row.transfer) {
            (None, None) => None,
            (Some(page), None) => Some(Way::Paypage(page.clone())),
            (None, Some(to)) => Some(Way::Transfer(at.read("transfer", serde_json::from_str(to))?)),
            (Some(_), Some(_)) => return Err(at.error("transfer", "stands beside a paypage")),
        },
        heard: at.read("heard", serde_json::from_str(&row.heard))?,
        unproven: at.read("unproven", u32::try_from(row.unproven))?,
        books: Books {
            soll: Cents::new(row.soll_cents),
            set_off: Cents::new(row.set_off_cents),
            credited: Cents::new(row.credited_cents),
            deposited: Cents::new(row.deposited_cents),
            deposit: id("deposit_id", &row.deposit_id)?.map(PostenId),
            settled: Cents::new(row.settled_cents),
            refunded: Cents::new(row.refunded_cents),
            gone: Cents::new(row.gone_cents),
        },
    })
}
