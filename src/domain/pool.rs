//! Kassenzeichen of our own: taken from a pool in the Change that uses them, and never used twice.

use super::ids::Kassenzeichen;

/// How far a pool has been used; written in the Change that takes a number from it. It only saves looking: what keeps a
/// number from being used twice is its once-key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PoolTaken {
    /// Which range of which pool.
    pub range: String,
    /// The next number that nobody has taken.
    pub next: i64,
}

/// A Kassenzeichen that we give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnKassenzeichen {
    /// The Kassenzeichen, check digit included.
    pub kassenzeichen: Kassenzeichen,
    /// Where it comes from.
    pub taken: PoolTaken,
}
