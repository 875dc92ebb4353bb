//! Which of the alike payments of an account the entries of a new statement are.

use std::collections::{BTreeMap, HashMap};

use super::{Fingerprint, Identity};

/// How a known statement stands to the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// It may tell the same payments.
    Overlapping,
    /// It cannot.
    Disjoint,
}

/// An entry of the new statement, placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// Which payment it is.
    pub identity: Identity,
    /// Whether no statement told it before.
    pub new: bool,
}

/// Places the entries of one new statement among the known ones of its account.
///
/// For a statement of many entries there is one per batch, told with [`Placer::know`] what is known of the batch's
/// fingerprints from other statements, and with [`Placer::begun`] how many alike ones earlier batches of the same
/// statement had. The order of the entries must be that of the statement, the same each time.
#[derive(Debug, Default)]
pub struct Placer {
    known: HashMap<Fingerprint, BTreeMap<u32, Relation>>,
    begun: HashMap<Fingerprint, u32>,
    places: HashMap<Fingerprint, Places>,
}

/// The places of alike entries.
#[derive(Debug)]
struct Places {
    /// How many are taken by entries of this statement.
    taken: u32,
    /// Ordinals of known payments that they may be, ascending.
    known: Vec<u32>,
    /// The highest known ordinal.
    last: u32,
}

impl Placer {
    /// A known payment, once for each statement in which it was seen (without the new one itself). All that is known
    /// of a fingerprint is told before its first entry is placed.
    pub fn know(&mut self, identity: Identity, relation: Relation) {
        self.known
            .entry(identity.fingerprint)
            .or_default()
            .entry(identity.ordinal)
            // What was seen in a disjoint statement is not in this one, wherever else it was seen.
            .and_modify(|known| {
                if relation == Relation::Disjoint {
                    *known = relation;
                }
            })
            .or_insert(relation);
    }

    /// How many alike entries of the same statement were placed already by another placer.
    pub fn begun(&mut self, fingerprint: Fingerprint, count: u32) {
        self.begun.insert(fingerprint, count);
    }

    /// The next entry with this fingerprint.
    pub fn place(&mut self, fingerprint: Fingerprint) -> Occurrence {
        let Self { known, begun, places } = self;
        let places = places.entry(fingerprint).or_insert_with(|| {
            let known = known.remove(&fingerprint).unwrap_or_default();
            Places {
                taken: begun.get(&fingerprint).copied().unwrap_or_default(),
                last: known.keys().next_back().copied().unwrap_or_default(),
                known: known
                    .into_iter()
                    .filter(|(_, relation)| *relation == Relation::Overlapping)
                    .map(|(ordinal, _)| ordinal)
                    .collect(),
            }
        });
        let (ordinal, new) = places.next();
        Occurrence {
            identity: Identity { fingerprint, ordinal },
            new,
        }
    }
}

impl Places {
    fn next(&mut self) -> (u32, bool) {
        let at = self.taken as usize;
        self.taken = self.taken.saturating_add(1);
        if let Some(ordinal) = self.known.get(at) {
            return (*ordinal, false);
        }
        let beyond = u32::try_from(at - self.known.len()).unwrap_or(u32::MAX);
        (self.last.saturating_add(beyond).saturating_add(1), true)
    }
}
