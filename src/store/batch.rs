//! A batch of Changes as rows: what to lock, which keys to claim, and what to write. Pure; the engines run it.
//!
//! Sums and duplicates are settled here, in memory, because the two databases treat duplicates inside one statement
//! differently, and silently.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use serde_json::{Value, json};

pub use super::write::Write;
use super::{closings, exceptions, guards, map, postings, readings};
use crate::app::ports::Sealed;
use crate::domain::change::{DeliveryOutcome, Lease, Save};
use crate::domain::ids::{AttemptId, CaseId, LedgerId, PersonalId};
use crate::domain::log::{Draft, Head};
use crate::domain::merkle::CompactRange;
use crate::domain::record::{Body, Record};
use crate::domain::time::Timestamp;

/// The attempts that a Change brings, with their cases.
pub(super) fn new_attempts(sealed: &Sealed) -> BTreeMap<AttemptId, CaseId> {
    let attempts = sealed.change.effects.attempts.iter();
    attempts
        .filter_map(|attempt| match attempt {
            Save::New((case, _, _, attempt)) => Some((attempt.id, *case)),
            Save::Changed(_) => None,
        })
        .collect()
}

/// Rehearses a Change before it is queued: what it would write, checked for what no database takes. Returns about how
/// many bytes that is.
///
/// # Errors
/// Says why it cannot be written, so that it costs no batch.
pub fn rehearse(sealed: &Sealed) -> Result<usize, String> {
    let change = &sealed.change;
    let effects = &change.effects;
    let known = |id: &PersonalId| sealed.personal.iter().any(|personal| personal.id == *id);
    if let Some((_, missing)) = effects
        .records
        .iter()
        .flat_map(|(body, personal)| personal.iter().map(move |id| (body, id)))
        .find(|(_, id)| !known(id))
    {
        return Err(format!(
            "a record names the personal data {missing}, which the Change does not bring"
        ));
    }
    let Some(ledger) = &change.ledger else {
        if !effects.records.is_empty() || !effects.events.is_empty() {
            return Err("it has records or events, and names no ledger for them".to_owned());
        }
        return rows_fit(sealed, &mut BTreeMap::new());
    };
    let head = Head {
        ledger: ledger.clone(),
        tree: CompactRange::default(),
        events: 0,
        recorded_at: Timestamp::from_millis(0),
        open_day: None,
    };
    rows_fit(sealed, &mut BTreeMap::from([(ledger.clone(), head)]))
}

fn rows_fit(sealed: &Sealed, heads: &mut BTreeMap<LedgerId, Head>) -> Result<usize, String> {
    let mut bytes = 0;
    let keys = guards::claims(std::iter::once(sealed));
    let rows = plan(std::iter::once(sealed), heads, Timestamp::from_millis(0));
    let rows = rows
        .iter()
        .flat_map(|(write, rows)| rows.iter().map(move |row| (Some(*write), row)));
    for (write, row) in rows.chain(keys.iter().map(|row| (None, row))) {
        for (column, value) in row.as_object().into_iter().flatten() {
            let text = value.as_str().unwrap_or_default();
            if text.contains('\0') {
                let of = write.map_or_else(|| "a key".to_owned(), |write| format!("{write:?}"));
                return Err(format!("{of}: {column} contains U+0000"));
            }
            if (write, column.as_str()) == (Some(Write::NewRecord), "bytes") {
                reads_back(text)?;
            }
            bytes += text.len();
        }
    }
    Ok(bytes)
}

/// What cannot be read back must never get into a log: nothing there is ever mended.
fn reads_back(hex: &str) -> Result<(), String> {
    let bytes = HEXLOWER
        .decode(hex.as_bytes())
        .map_err(|error| error.to_string())?;
    let read = Record::decode(&bytes);
    read.map(drop)
        .map_err(|error| format!("a record would not read back: {error}"))
}

/// The ledgers whose heads a batch locks, sorted.
pub fn ledgers<'a>(batch: impl Iterator<Item = &'a Sealed>) -> BTreeSet<LedgerId> {
    batch
        .filter(|sealed| {
            !sealed.change.effects.records.is_empty() || !sealed.change.effects.events.is_empty()
        })
        .filter_map(|sealed| sealed.change.ledger.clone())
        .collect()
}

/// Ledgers that come into being with a batch.
pub fn new_ledgers<'a>(batch: impl Iterator<Item = &'a Sealed>) -> BTreeSet<String> {
    batch
        .flat_map(|sealed| &sealed.change.effects.tenants)
        .filter(|object| object.kind == "kasse")
        .map(|object| object.id.clone())
        .collect()
}

/// The rows of a batch by kind, in the order in which they are written.
pub type Plan = BTreeMap<Write, Vec<Value>>;

/// Everything that the winners of a batch write. Stamps their records under the heads' locks.
pub fn plan<'a>(
    winners: impl Iterator<Item = &'a Sealed>,
    heads: &mut BTreeMap<LedgerId, Head>,
    now: Timestamp,
) -> Plan {
    let mut rows = Rows::default();
    for sealed in winners {
        rows.change(sealed, heads, now);
    }
    rows.finish(heads)
}

#[derive(Default)]
struct Rows {
    plan: Plan,
    balances: BTreeMap<(String, String, String), (i64, i64)>,
    stops: BTreeMap<(String, i64), Timestamp>,
    ranges: BTreeMap<String, i64>,
    wakes: BTreeMap<AttemptId, Timestamp>,
}

impl Rows {
    fn add(&mut self, write: Write, row: Value) {
        self.plan.entry(write).or_default().push(row);
    }

    fn change(&mut self, sealed: &Sealed, heads: &mut BTreeMap<LedgerId, Head>, now: Timestamp) {
        let change = &sealed.change;
        let effects = &change.effects;
        let id = change.id.to_string();
        let ledger = change.ledger.as_ref().map(LedgerId::as_str);
        self.add(
            Write::NewChangeLog,
            json!({"change_id": id, "committed_at": now.millis()}),
        );
        for object in &effects.tenants {
            self.add(
                Write::NewTenantObject,
                json!({"kind": object.kind, "id": object.id, "version": object.version,
                    "ledger_id": object.ledger.as_ref().map(LedgerId::as_str), "body": object.body,
                    "closed": i64::from(object.closed), "applied_at": object.at.millis(), "change_id": id}),
            );
        }
        for secret in &effects.secrets {
            self.add(
                Write::NewClientSecret,
                json!({"client_id": secret.client, "hash": HEXLOWER.encode(&secret.hash),
                    "issued_at": secret.at.millis(), "change_id": id}),
            );
        }
        if let Some(key) = &sealed.new_key {
            self.add(
                Write::NewPersonalKey,
                json!({"subject_id": key.subject, "ledger_id": ledger, "wrapped": HEXLOWER.encode(&key.wrapped)}),
            );
        }
        for personal in &sealed.personal {
            self.add(
                Write::NewPersonal,
                json!({"id": personal.id, "ledger_id": ledger, "subject_id": personal.subject,
                    "class": personal.class, "sealed": HEXLOWER.encode(&personal.sealed)}),
            );
        }
        self.aggregate(sealed);
        self.log(sealed, heads, now);
        self.schedules(sealed);
        for order in &effects.payout_orders {
            self.add(Write::NewPayoutOrder, exceptions::payout_order(ledger, order));
        }
        for call in &effects.calls {
            self.add(
                Write::NewProviderCall,
                json!({"attempt_id": call.attempt, "at": call.at.millis(), "operation": call.operation,
                    "code": call.code, "reference": call.reference}),
            );
        }
        for (write, row) in readings::rows(effects.cursor.iter()) {
            self.add(write, row);
        }
        for wake in &effects.wakes {
            self.wakes.insert(wake.attempt, wake.at);
        }
        for taken in &effects.pools {
            let next = self.ranges.entry(taken.range.clone()).or_insert(taken.next);
            *next = (*next).max(taken.next);
        }
        for (name, rev) in &change.guards.rows {
            self.add(Write::RowRev, json!({"name": name, "rev": rev + 1}));
        }
        for key in &effects.released {
            self.add(
                Write::ReleasedKeys,
                json!({"scope": key.scope, "key": key.key, "subject": key.subject}),
            );
        }
    }

    fn aggregate(&mut self, sealed: &Sealed) {
        let effects = &sealed.change.effects;
        match &effects.case {
            Some(Save::New(case)) => self.add(Write::NewCases, map::case_row(case)),
            Some(Save::Changed(case)) => self.add(Write::ChangedCases, map::case_row(case)),
            None => {}
        }
        let ledger = sealed.change.ledger.as_ref().map_or("", LedgerId::as_str);
        for payment in &effects.payments {
            let (write, (case, payment)) = match payment {
                Save::New(row) => (Write::NewPayment, row),
                Save::Changed(row) => (Write::ChangedPayment, row),
            };
            self.add(write, map::payment_row(ledger, *case, payment));
        }
        for attempt in &effects.attempts {
            let (write, (case, payment, n, attempt)) = match attempt {
                Save::New(row) => (Write::NewAttempt, row),
                Save::Changed(row) => (Write::ChangedAttempt, row),
            };
            self.add(write, map::attempt_row(ledger, *case, *payment, *n, attempt));
        }
        for posten in &effects.posten {
            let case = posten.subject.case().or(posten.of.map(|(case, _)| case));
            let attempt = posten.subject.attempt().or(posten.of.map(|(_, attempt)| attempt));
            self.add(
                Write::NewPosten,
                json!({"id": posten.id, "ledger_id": ledger, "case_id": case, "attempt_id": attempt, "subject": posten.subject.name(), "kind": posten.kind.as_str(), "haushaltsjahr": posten.haushaltsjahr,
                    "opened_at": posten.opened_at.millis()}),
            );
        }
    }

    /// Records and events get their places under the head's lock.
    fn log(&mut self, sealed: &Sealed, heads: &mut BTreeMap<LedgerId, Head>, now: Timestamp) {
        let change = &sealed.change;
        let Some(head) = change.ledger.as_ref().and_then(|ledger| heads.get_mut(ledger)) else {
            return;
        };
        let drafts = change.effects.records.iter().map(|(body, personal)| Draft {
            body: body.clone(),
            personal: personal
                .iter()
                .map(|id| guards::commitment(sealed, *id))
                .collect(),
        });
        for (record, bytes) in head.stamp(change.id, drafts, now) {
            self.record(&record, &bytes);
            let closing = closings::rows(&record, change.effects.closing.as_deref());
            let posting = postings::rows(&record, change.effects.postings.as_ref());
            for (write, row) in closing.into_iter().chain(posting) {
                self.add(write, row);
            }
        }
        for event in &change.effects.events {
            let position = head.next_event();
            let case = change.effects.case.as_ref().map(|case| match case {
                Save::New(case) | Save::Changed(case) => case.id,
            });
            self.add(
                Write::NewEvent,
                json!({"ledger_id": head.ledger, "position": position, "id": event.id, "type": event.kind.as_str(),
                    "case_id": case, "payment_id": event.payment, "status_seq": event.status_seq,
                    "occurred_at": event.at.millis(), "personal_id": event.personal}),
            );
            for (delivery, target) in &event.deliveries {
                self.add(
                    Write::NewDelivery,
                    json!({"id": delivery, "ledger_id": head.ledger, "event_id": event.id, "case_id": case,
                        "target_id": target, "status_seq": event.status_seq, "state": "pending", "tries": 0,
                        "due_at": event.at.millis(), "lease_no": 0, "lease_until": 0, "tried_at": null, "why": null}),
                );
            }
        }
    }

    fn record(&mut self, record: &Record, bytes: &[u8]) {
        let (ledger, position) = (record.ledger.as_str(), record.position);
        self.add(
            Write::NewRecord,
            json!({"ledger_id": ledger, "position": position, "kind": record.body.kind(),
                "recorded_at": record.recorded_at.millis(), "buchungstag": record.buchungstag.to_string(),
                "change_id": record.change, "bytes": HEXLOWER.encode(bytes)}),
        );
        match &record.body {
            Body::Booking(booking) => {
                self.add(Write::NewBooking, map::booking_row(position, booking));
                for (n, line) in booking.lines.iter().enumerate() {
                    self.add(Write::NewBookingLine, map::line_row(ledger, position, n, line));
                    let cents = line.cents.get();
                    for (side, debit, credit) in [(&line.debit, cents, 0), (&line.credit, 0, cents)] {
                        let key = (ledger.to_owned(), side.posten.to_string(), side.account.to_string());
                        let sums = self.balances.entry(key).or_default();
                        sums.0 += debit;
                        sums.1 += credit;
                    }
                }
            }
            Body::Exception(opened) => self.add(
                Write::NewException,
                json!({"id": opened.id, "ledger_id": ledger, "position": position, "code": opened.code.as_str(),
                    "case_id": opened.subject.case(), "attempt_id": opened.subject.attempt(),
                    "subject": opened.subject.name(), "cents": opened.cents.map(crate::domain::money::Cents::get)}),
            ),
            Body::Statement(filed) => self.add(
                Write::FiledStatement,
                json!({"id": filed.id, "position": position, "digest": HEXLOWER.encode(&filed.digest)}),
            ),
            Body::List(filed) => self.add(
                Write::FiledList,
                json!({"id": filed.id, "position": position}),
            ),
            Body::Match(matched) => {
                let at = &matched.detail;
                self.add(
                    Write::NewMatch,
                    json!({"ledger_id": ledger, "position": position, "statement_id": at.statement,
                        "entry": at.entry, "detail": at.detail, "case_id": matched.subject.case(),
                        "attempt_id": matched.subject.attempt(), "subject": matched.subject.name(),
                        "rule": matched.rule, "evidence": matched.evidence, "cents": matched.cents.get()}),
                );
                self.add(
                    Write::ClaimedDetail,
                    json!({"statement_id": at.statement, "entry": at.entry, "n": at.detail, "position": position}),
                );
            }
            Body::Resolution(resolved) => self.add(
                Write::NewResolution,
                json!({"ledger_id": ledger, "position": position, "exception_id": resolved.exception,
                    "how": resolved.how, "plan": resolved.plan, "role": resolved.role, "person": resolved.person,
                    "state": resolved.state}),
            ),
            Body::Callback(_)
            | Body::Configuration(_)
            | Body::ClosingCut(_)
            | Body::ClosingFiled(_)
            | Body::ClosingSigned(_)
            | Body::PostingFile(_)
            | Body::PostingWithdrawn(_) => {}
        }
    }

    fn schedules(&mut self, sealed: &Sealed) {
        let change = &sealed.change;
        let ledger = change.ledger.as_ref().map(LedgerId::as_str);
        let new = new_attempts(sealed);
        // Of several for one attempt the last counts.
        let watches: BTreeMap<_, _> = change
            .effects
            .watches
            .iter()
            .map(|watch| (watch.attempt, watch))
            .collect();
        for watch in watches.into_values() {
            let release = matches!(&change.guards.lease, Some(Lease::Watch { attempt, .. }) if *attempt == watch.attempt);
            let due_at = watch.due_at.map(Timestamp::millis);
            if let Some(case) = new.get(&watch.attempt) {
                self.add(
                    Write::NewWatch,
                    json!({"attempt_id": watch.attempt, "ledger_id": ledger, "case_id": case, "due_at": due_at,
                        "tries": watch.tries, "lease_no": 0, "lease_until": 0}),
                );
            } else {
                self.add(
                    Write::ChangedWatch,
                    json!({"attempt_id": watch.attempt, "due_at": due_at, "tries": watch.tries, "release": release}),
                );
            }
        }
        for tried in &change.effects.tried {
            let (state, due, why) = match &tried.outcome {
                DeliveryOutcome::Done => ("done", tried.at, None),
                DeliveryOutcome::Again { at, why } => {
                    // Those behind it in its lane need not be looked at before.
                    self.add(
                        Write::BlockedDelivery,
                        json!({"id": tried.id, "due_at": at.millis()}),
                    );
                    ("pending", *at, Some(why))
                }
                DeliveryOutcome::Dead { why } => ("dead", tried.at, Some(why)),
                DeliveryOutcome::Gone { target, version } => {
                    // Many cases hear it at the same time.
                    self.stops
                        .entry((target.as_str().to_owned(), *version))
                        .or_insert(tried.at);
                    ("pending", tried.at, None)
                }
            };
            self.add(
                Write::ChangedDelivery,
                json!({"id": tried.id, "state": state, "tries": tried.tries, "due_at": due.millis(),
                    "tried_at": tried.at.millis(), "why": why, "release": true}),
            );
        }
    }

    fn finish(mut self, heads: &BTreeMap<LedgerId, Head>) -> Plan {
        for ((ledger, posten, account), (debit, credit)) in std::mem::take(&mut self.balances) {
            self.add(
                Write::Balance,
                json!({"ledger_id": ledger, "posten_id": posten, "account": account, "debit_cents": debit,
                    "credit_cents": credit}),
            );
        }
        for ((target, version), at) in std::mem::take(&mut self.stops) {
            self.add(
                Write::NewTargetStop,
                json!({"target_id": target, "version": version, "stopped_at": at.millis()}),
            );
        }
        for (attempt, at) in std::mem::take(&mut self.wakes) {
            self.add(
                Write::WokenWatch,
                json!({"attempt_id": attempt, "due_at": at.millis()}),
            );
        }
        for (range, next) in std::mem::take(&mut self.ranges) {
            self.add(Write::PoolRange, json!({"range": range, "next": next}));
        }
        for head in heads.values() {
            self.add(
                Write::ChangedLogHead,
                json!({"ledger_id": head.ledger, "size": head.tree.size(),
                    "peaks": HEXLOWER.encode(&head.tree.to_bytes()), "root": HEXLOWER.encode(&head.tree.root()),
                    "events": head.events, "recorded_at": head.recorded_at.millis(),
                    "open_day": head.open_day.map(|day| day.to_string())}),
            );
        }
        self.plan
    }
}
