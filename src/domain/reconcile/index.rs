//! All references of the books, found by their hash in two steps through memory, whatever their number.
//!
//! Hashes are sorted, and a table says where those with the same leading bits begin. That is half the memory of a hash
//! map, and nothing in it depends on chance.

use super::InputError;
use super::book::Book;
use super::lines::offset;
use super::text::hash;

const BITS: u32 = 61;

/// References by the hash of their key.
#[derive(Debug)]
pub(super) struct Index {
    hashes: Vec<u64>,
    references: Vec<u32>,
    starts: Vec<u32>,
    shift: u32,
    /// Which lengths there are: bit by length.
    lengths: u128,
    marks: bool,
}

impl Index {
    pub fn of(book: &Book) -> Result<Self, InputError> {
        let count = offset(book.references().len())?;
        let mut lengths = 0;
        let mut sorted: Vec<(u64, u32)> = (0..count)
            .map(|at| {
                let key = book.key(book.reference(at));
                lengths |= 1 << key.len();
                (hash(key), at)
            })
            .collect();
        sorted.sort_unstable();
        let bits = (u32::BITS - count.leading_zeros()).clamp(1, 26);
        let shift = BITS - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        let mut at = 0;
        for bucket in 0..=(1_u64 << bits) {
            while sorted.get(at).is_some_and(|(hash, _)| hash >> shift < bucket) {
                at += 1;
            }
            starts.push(offset(at)?);
        }
        Ok(Self {
            hashes: sorted.iter().map(|(hash, _)| *hash).collect(),
            references: sorted.iter().map(|(_, at)| *at).collect(),
            starts,
            shift,
            lengths,
            marks: book.references().iter().any(|reference| reference.marked),
        })
    }

    /// Whether any key is that long.
    pub fn has_length(&self, length: usize) -> bool {
        length < 128 && self.lengths & (1 << length) != 0
    }

    /// Whether any reference has marks inside, such as a colon.
    pub fn has_marks(&self) -> bool {
        self.marks
    }

    /// References whose key may be the one with this hash; the caller compares.
    pub fn with(&self, hash: u64) -> &[u32] {
        let bucket = usize::try_from(hash >> self.shift).unwrap_or(usize::MAX);
        let (Some(from), Some(to)) = (self.starts.get(bucket), self.starts.get(bucket + 1)) else {
            return &[];
        };
        let (from, to) = (*from as usize, *to as usize);
        let slice = &self.hashes[from..to];
        let first = slice.partition_point(|other| *other < hash);
        let after = slice.partition_point(|other| *other <= hash);
        &self.references[from + first..from + after]
    }
}
