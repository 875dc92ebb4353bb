//! The guards of a batch: which rows to lock, which Changes have lost, which keys to claim. Pure; the engines run it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::Hash;

use serde_json::{Value, json};

use super::batch::new_attempts;
use crate::app::ports::Sealed;
use crate::domain::change::{Lease, OnceKey};
use crate::domain::ids::{CaseId, PersonalId};
use crate::domain::record::Commitment;

/// What a batch locks before it decides which Changes win.
#[derive(Debug, Default)]
pub struct Locks {
    /// Cases, sorted.
    pub cases: BTreeSet<CaseId>,
    /// Watches by attempt, sorted: those under a lease and those that are rescheduled.
    pub watches: BTreeSet<String>,
    /// Deliveries, sorted.
    pub deliveries: BTreeSet<String>,
    /// Read cursors, sorted.
    pub cursors: BTreeSet<String>,
    /// What has no revision of its own, by name, sorted.
    pub rows: BTreeSet<String>,
}

/// What the locked rows say.
#[derive(Debug, Default)]
pub struct Locked {
    /// Case → revision.
    pub cases: BTreeMap<String, i64>,
    /// Attempt → lease number.
    pub watches: BTreeMap<String, i64>,
    /// Delivery that is not finished → lease number.
    pub deliveries: BTreeMap<String, i64>,
    /// Read cursor → lease number.
    pub cursors: BTreeMap<String, i64>,
    /// Name → how often it was changed.
    pub rows: BTreeMap<String, i64>,
}

/// The rows to lock for a batch.
pub fn locks(batch: &[Sealed]) -> Locks {
    let mut locks = Locks::default();
    for sealed in batch {
        let change = &sealed.change;
        locks.cases.extend(change.guards.case.iter().map(|(id, _)| *id));
        locks
            .rows
            .extend(change.guards.rows.iter().map(|(name, _)| name.clone()));
        match &change.guards.lease {
            Some(Lease::Watch { attempt, .. }) => _ = locks.watches.insert(attempt.to_string()),
            Some(Lease::Delivery { delivery, .. }) => _ = locks.deliveries.insert(delivery.to_string()),
            Some(Lease::Cursor { cursor, .. }) => _ = locks.cursors.insert(cursor.clone()),
            None => {}
        }
        let new = new_attempts(sealed);
        let there = change
            .effects
            .watches
            .iter()
            .filter(|watch| !new.contains_key(&watch.attempt));
        locks.watches.extend(there.map(|watch| watch.attempt.to_string()));
        let woken = change.effects.wakes.iter();
        locks.watches.extend(woken.map(|wake| wake.attempt.to_string()));
    }
    locks
}

/// Which Changes of a batch lose before a key is claimed: those whose locked rows are no longer as they were decided on,
/// and, of several that hold on the same case, lease or key, all but the first.
///
/// A Change that loses here takes nothing from those behind it. One that loses later, since another batch has one of
/// its keys, has by then made those behind it lose that wanted the same case or another of its keys; they read again,
/// as everybody who loses does, and nothing is held against them then.
pub fn losers(batch: &[Sealed], locked: &Locked) -> BTreeSet<usize> {
    let mut cases = HashSet::new();
    let mut leases = HashSet::new();
    let mut keys = HashSet::new();
    let mut rows = HashSet::new();
    let mut losers = BTreeSet::new();
    for (index, sealed) in batch.iter().enumerate() {
        let guards = &sealed.change.guards;
        let case = guards.case.map(|(id, _)| id);
        let lease = guards.lease.as_ref().map(leased);
        let changed: Vec<_> = guards.rows.iter().map(|(name, _)| name).collect();
        let names: Vec<_> = guards.keys.iter().map(|key| (&key.scope, &key.key)).collect();
        let free = guards_hold(sealed, locked)
            && is_free(&cases, case.as_slice())
            && is_free(&leases, lease.as_slice())
            && is_free(&rows, &changed)
            && is_free(&keys, &names);
        if free {
            cases.extend(case);
            leases.extend(lease);
            rows.extend(changed);
            keys.extend(names);
        } else {
            losers.insert(index);
        }
    }
    losers
}

fn is_free<T: Eq + Hash>(taken: &HashSet<T>, wanted: &[T]) -> bool {
    wanted.iter().all(|name| !taken.contains(name))
}

fn leased(lease: &Lease) -> String {
    match lease {
        Lease::Watch { attempt, .. } => attempt.to_string(),
        Lease::Delivery { delivery, .. } => delivery.to_string(),
        Lease::Cursor { cursor, .. } => cursor.clone(),
    }
}

/// Whether the locked rows are still as the Change was decided on.
fn guards_hold(sealed: &Sealed, locked: &Locked) -> bool {
    let guards = &sealed.change.guards;
    let case = guards
        .case
        .is_none_or(|(id, rev)| locked.cases.get(&id.to_string()) == Some(&rev));
    let lease = match &guards.lease {
        None => true,
        Some(Lease::Watch { attempt, number }) => locked.watches.get(&attempt.to_string()) == Some(number),
        Some(Lease::Delivery { delivery, number }) => {
            locked.deliveries.get(&delivery.to_string()) == Some(number)
        }
        Some(Lease::Cursor { cursor, number }) => locked.cursors.get(cursor) == Some(number),
    };
    let rows = guards
        .rows
        .iter()
        .all(|(name, rev)| locked.rows.get(name).copied().unwrap_or(0) == *rev);
    case && lease && rows
}

/// The keys that a batch claims, as rows for the claiming statement, sorted.
pub fn claims<'a>(batch: impl Iterator<Item = &'a Sealed>) -> Vec<Value> {
    let mut keys: Vec<(&OnceKey, String)> = batch
        .flat_map(|sealed| {
            sealed
                .change
                .guards
                .keys
                .iter()
                .map(|key| (key, sealed.change.id.to_string()))
        })
        .collect();
    keys.sort();
    keys.into_iter()
        .map(|(key, change)| json!({"scope": key.scope, "key": key.key, "subject": key.subject, "change_id": change}))
        .collect()
}

/// The commitment to personal data that a record names; it is of its own Change.
pub(super) fn commitment(sealed: &Sealed, id: PersonalId) -> Commitment {
    let found = sealed.personal.iter().find(|personal| personal.id == id);
    Commitment {
        personal: id,
        hmac: found
            .expect("a record names personal data of its own Change")
            .hmac,
    }
}
