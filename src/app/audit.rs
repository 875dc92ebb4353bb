//! `audit verify`: recomputes every root, projection and balance from the stored bytes, and names the first row that is
//! wrong. Reads in chunks, so that memory grows with the number of open items and not with the log.

mod closings;
mod lists;
mod orders;
mod postings;
mod projection;
mod sums;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::App;
use super::ports::{AuditQuery, ReadError};
use super::tenants::read_body;
use crate::domain::case::Books;
use crate::domain::ids::LedgerId;
use crate::domain::log::Head;
use crate::domain::merkle::{CompactRange, Hash, leaf_hash};
use crate::domain::money::Cents;
use crate::domain::record::{Body, Commitment, Record};
use crate::domain::tenant::{Environment, Kasse};
use sums::Sums;

/// How many records are read at once.
const CHUNK: u64 = 1000;
/// How often a ledger that is written meanwhile is compared again.
const MOST_ROUNDS: usize = 100;

/// A ledger that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The ledger.
    pub ledger: LedgerId,
    /// How many records it has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Whether it is a test ledger.
    pub test: bool,
    /// How many pieces of personal data that records commit to are still there, and agree.
    pub personal: u64,
    /// How many have been erased since.
    pub erased: u64,
    /// How many bookings are among them.
    pub bookings: u64,
    /// What they move in all, in cents.
    pub moved: i64,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// A row is not what the log says.
    #[error("{table} {row}: {why}")]
    Wrong {
        /// The table.
        table: &'static str,
        /// The row.
        row: String,
        /// What is wrong.
        why: String,
    },
    /// The ledger was written all the time.
    #[error("{0} is written faster than it can be read: verify it again, or a copy of it")]
    Busy(LedgerId),
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

fn wrong(table: &'static str, row: impl ToString, why: impl ToString) -> AuditError {
    AuditError::Wrong {
        table,
        row: row.to_string(),
        why: why.to_string(),
    }
}

#[derive(Deserialize)]
struct RecordRow {
    position: u64,
    kind: String,
    recorded_at: i64,
    buchungstag: String,
    change_id: String,
    bytes: String,
}

impl App {
    /// Verifies every ledger.
    ///
    /// # Errors
    /// [`AuditError`] names the first row that is wrong.
    pub async fn verify_audit(&self) -> Result<Vec<Verified>, AuditError> {
        let mut verified = Vec::new();
        for head in self.store.heads().await? {
            verified.push(self.verify_ledger(&head.ledger).await?);
        }
        Ok(verified)
    }

    /// The root over the first `size` records of a ledger, for comparison with an earlier checkpoint.
    ///
    /// # Errors
    /// Where the ledger is shorter, or cannot be read.
    pub async fn root_at(&self, ledger: &LedgerId, size: u64) -> Result<Hash, AuditError> {
        let mut tree = CompactRange::default();
        while tree.size() < size {
            let limit = CHUNK.min(size - tree.size());
            let rows = self
                .store
                .audit_rows(AuditQuery::Records, ledger, tree.size(), limit)
                .await?;
            if rows.is_empty() {
                return Err(wrong(
                    "record",
                    format!("{ledger}/{}", tree.size()),
                    "is not there",
                ));
            }
            for row in rows {
                let (_, bytes) = record_row(ledger, tree.size(), row)?;
                tree.push(leaf_hash(&bytes));
            }
        }
        Ok(tree.root())
    }

    /// Verifies a ledger while it may be written: reads up to its head, compares, and believes the comparison only where
    /// the head has not moved meanwhile. A commit moves the head together with everything that is compared.
    async fn verify_ledger(&self, ledger: &LedgerId) -> Result<Verified, AuditError> {
        let mut tree = CompactRange::default();
        let mut sums = Sums::default();
        let mut last = i64::MIN;
        for _ in 0..MOST_ROUNDS {
            let head = self.head(ledger).await?;
            while tree.size() < head.tree.size() {
                self.verify_chunk(&head, &mut tree, &mut sums, &mut last).await?;
            }
            let compared = self.compare_whole(&head, &tree, &sums).await;
            if self.head(ledger).await?.tree != head.tree {
                continue;
            }
            compared?;
            return Ok(Verified {
                ledger: ledger.clone(),
                size: tree.size(),
                root: tree.root(),
                test: self.is_test(ledger).await?,
                personal: sums.personal,
                erased: sums.erased,
                bookings: sums.bookings,
                moved: sums.moved,
            });
        }
        Err(AuditError::Busy(ledger.clone()))
    }

    async fn head(&self, ledger: &LedgerId) -> Result<Head, AuditError> {
        let heads = self.store.heads().await?;
        let head = heads.into_iter().find(|head| head.ledger == *ledger);
        head.ok_or_else(|| wrong("log_head", ledger, "is not there"))
    }

    /// The next records up to the head, with their projections.
    async fn verify_chunk(
        &self,
        head: &Head,
        tree: &mut CompactRange,
        sums: &mut Sums,
        last: &mut i64,
    ) -> Result<(), AuditError> {
        let (ledger, from) = (&head.ledger, tree.size());
        let limit = CHUNK.min(head.tree.size() - from);
        let rows = self
            .store
            .audit_rows(AuditQuery::Records, ledger, from, limit)
            .await?;
        let bookings = self
            .by_position(AuditQuery::Bookings, ledger, from, limit)
            .await?;
        let exceptions = self
            .by_position(AuditQuery::Exceptions, ledger, from, limit)
            .await?;
        let matches = self.by_position(AuditQuery::Matches, ledger, from, limit).await?;
        let lists = self.by_position(AuditQuery::Lists, ledger, from, limit).await?;
        let closings = self
            .by_position(AuditQuery::Closings, ledger, from, limit)
            .await?;
        if rows.is_empty() {
            return Err(wrong("record", format!("{ledger}/{from}"), "is not there"));
        }
        let mut claimed = 0;
        for row in rows {
            let position = tree.size();
            let (row, bytes) = record_row(ledger, position, row)?;
            let record = compare_record(ledger, &row, &bytes, last)?;
            let projected = match &record.body {
                Body::Booking(_) => bookings.get(&position),
                Body::Exception(_) => exceptions.get(&position),
                Body::Match(_) => matches.get(&position),
                Body::List(_) => lists.get(&position),
                Body::ClosingCut(_)
                | Body::ClosingFiled(_)
                | Body::ClosingSigned(_)
                | Body::PostingFile(_)
                | Body::PostingWithdrawn(_) => closings.get(&position),
                _ => None,
            };
            claimed += usize::from(projected.is_some());
            projection::compare_projection(ledger, &record, projected)?;
            closings::holds(&record, tree, projected)?;
            self.posting_holds(&record).await?;
            self.list_holds(&record).await?;
            sums.orders.add(&record)?;
            for commitment in &record.personal {
                let there = self.agrees(commitment).await?;
                sums.personal += u64::from(there);
                sums.erased += u64::from(!there);
            }
            if let Body::Booking(booking) = &record.body {
                sums.add(ledger, position, booking)?;
            }
            tree.push(leaf_hash(&bytes));
        }
        if claimed != bookings.len() + exceptions.len() + matches.len() + lists.len() + closings.len() {
            let why = "there is a row to which no record belongs";
            return Err(wrong(
                "booking, exception, bank_match, settlement_list or closing",
                format!("{ledger}/{from}…"),
                why,
            ));
        }
        Ok(())
    }

    /// What holds of a ledger as a whole: its root, nothing behind its head, balances and attempts.
    async fn compare_whole(&self, head: &Head, tree: &CompactRange, sums: &Sums) -> Result<(), AuditError> {
        let (ledger, size) = (&head.ledger, tree.size());
        for query in [
            AuditQuery::Records,
            AuditQuery::Bookings,
            AuditQuery::Exceptions,
            AuditQuery::Matches,
            AuditQuery::Lists,
            AuditQuery::Closings,
        ] {
            if !self
                .store
                .audit_rows(query, ledger, size, CHUNK)
                .await?
                .is_empty()
            {
                let why = format!("says {size} records, the log has more");
                return Err(wrong("log_head", ledger, why));
            }
        }
        if tree.root() != head.tree.root() {
            return Err(wrong("log_head", ledger, "its root is not the root of the log"));
        }
        self.compare_postings(ledger).await?;
        self.compare_orders(ledger, &sums.orders).await?;
        self.compare_balances(ledger, sums).await?;
        self.compare_attempts(ledger, sums).await
    }

    /// Whether personal data is what its record committed to; `false` where it was erased.
    async fn agrees(&self, commitment: &Commitment) -> Result<bool, AuditError> {
        let id = commitment.personal;
        let Some((sealed, wrapped)) = self.store.personal(id).await? else {
            return Ok(false);
        };
        let key = self
            .vault
            .unwrap_key(&wrapped)
            .map_err(|error| wrong("personal_key", id, error))?;
        let plain = key
            .open(id, &sealed)
            .map_err(|error| wrong("personal", id, error))?;
        if key.commitment(id, &plain) == commitment.hmac {
            Ok(true)
        } else {
            Err(wrong("personal", id, "is not what its record commits to"))
        }
    }

    async fn is_test(&self, ledger: &LedgerId) -> Result<bool, AuditError> {
        let Some(kasse) = self.store.tenant("kasse", ledger.as_str()).await? else {
            return Ok(false);
        };
        Ok(read_body::<Kasse>(&kasse)?.environment == Environment::Test)
    }

    async fn by_position(
        &self,
        query: AuditQuery,
        ledger: &LedgerId,
        from: u64,
        limit: u64,
    ) -> Result<BTreeMap<u64, Value>, AuditError> {
        let rows = self.store.audit_rows(query, ledger, from, limit).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| Some((row.get("position")?.as_u64()?, row)))
            .collect())
    }

    async fn compare_balances(&self, ledger: &LedgerId, sums: &Sums) -> Result<(), AuditError> {
        let mut seen = 0;
        loop {
            let rows = self
                .store
                .audit_rows(AuditQuery::Balances, ledger, seen, CHUNK)
                .await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let key = (text(row, "posten_id"), text(row, "account"));
                let stored = (number(row, "debit_cents"), number(row, "credit_cents"));
                let computed = sums.balances.get(&key).copied().unwrap_or_default();
                if stored != computed {
                    let why = format!("says {stored:?} (debit, credit), the lines say {computed:?}");
                    return Err(wrong("balance", format!("{ledger}/{}/{}", key.0, key.1), why));
                }
            }
            seen += rows.len() as u64;
        }
        if seen != sums.balances.len() as u64 {
            let why = format!("has {seen} rows, the lines make {}", sums.balances.len());
            return Err(wrong("balance", ledger, why));
        }
        Ok(())
    }

    async fn compare_attempts(&self, ledger: &LedgerId, sums: &Sums) -> Result<(), AuditError> {
        let mut missing: BTreeSet<&str> = sums.attempts.keys().map(String::as_str).collect();
        let mut seen = 0;
        loop {
            let rows = self
                .store
                .audit_rows(AuditQuery::Attempts, ledger, seen, CHUNK)
                .await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let id = text(row, "id");
                let cents = |column| Cents::new(number(row, column));
                let deposit = row.get("deposit_id").and_then(Value::as_str);
                let deposit = deposit.map(str::parse).transpose();
                let stored = Books {
                    soll: cents("soll_cents"),
                    set_off: cents("set_off_cents"),
                    credited: cents("credited_cents"),
                    deposited: cents("deposited_cents"),
                    deposit: deposit.map_err(|_| wrong("attempt", &id, "its deposit_id is no id"))?,
                    settled: cents("settled_cents"),
                    refunded: cents("refunded_cents"),
                    gone: cents("gone_cents"),
                };
                // An attempt that was opened between two pages moves others into the next one: they come twice.
                missing.remove(id.as_str());
                let computed = sums.attempts.get(&id).copied().unwrap_or_default();
                if stored != computed {
                    return Err(wrong(
                        "attempt",
                        id,
                        format!("says {stored:?}, the lines say {computed:?}"),
                    ));
                }
            }
            seen += rows.len() as u64;
        }
        match missing.first() {
            Some(id) => Err(wrong("attempt", id, "is not there, but bookings name it")),
            None => Ok(()),
        }
    }
}

fn record_row(ledger: &LedgerId, expected: u64, row: Value) -> Result<(RecordRow, Vec<u8>), AuditError> {
    let name = || format!("{ledger}/{expected}");
    let row: RecordRow = serde_json::from_value(row).map_err(|error| wrong("record", name(), error))?;
    if row.position != expected {
        return Err(wrong(
            "record",
            name(),
            format!("is not there; the next one is {}", row.position),
        ));
    }
    let bytes = data_encoding::HEXLOWER
        .decode(row.bytes.as_bytes())
        .map_err(|error| wrong("record", name(), format!("its bytes cannot be read: {error}")))?;
    Ok((row, bytes))
}

fn compare_record(
    ledger: &LedgerId,
    row: &RecordRow,
    bytes: &[u8],
    last: &mut i64,
) -> Result<Record, AuditError> {
    let name = format!("{ledger}/{}", row.position);
    let record = Record::decode(bytes).map_err(|error| wrong("record", &name, error))?;
    let differs = |column: &str| {
        wrong(
            "record",
            &name,
            format!("column {column} is not what the bytes say"),
        )
    };
    if record.ledger != *ledger {
        return Err(differs("ledger_id"));
    }
    if record.position != row.position {
        return Err(differs("position"));
    }
    if record.body.kind() != row.kind {
        return Err(differs("kind"));
    }
    if record.recorded_at.millis() != row.recorded_at {
        return Err(differs("recorded_at"));
    }
    if record.buchungstag.to_string() != row.buchungstag {
        return Err(differs("buchungstag"));
    }
    if record.change.to_string() != row.change_id {
        return Err(differs("change_id"));
    }
    if record.recorded_at.millis() < *last {
        return Err(wrong(
            "record",
            &name,
            "was recorded before the record that precedes it",
        ));
    }
    *last = record.recorded_at.millis();
    Ok(record)
}

fn text(row: &Value, member: &str) -> String {
    row.get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn number(row: &Value, member: &str) -> i64 {
    row.get(member).and_then(Value::as_i64).unwrap_or_default()
}
