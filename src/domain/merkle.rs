//! The Merkle tree of a ledger's log, RFC 6962 §2.1, kept as a compact range: the roots of the full subtrees from left
//! to right. Appending and the root cost O(log n), so the head row alone is enough to go on.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash of a leaf: SHA-256(0x00 ‖ entry).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(entry)
        .finalize()
        .into()
}

/// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// A tree of `size` leaves, known by the roots of its full subtrees, largest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CompactRange {
    size: u64,
    peaks: Vec<Hash>,
}

/// A stored compact range that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a tree of {size} leaves has {expected} peaks of 32 bytes, the stored ones are {bytes} bytes")]
pub struct CompactRangeError {
    size: u64,
    expected: u32,
    bytes: usize,
}

impl CompactRange {
    /// From what the head row stores: the size and the peaks one after the other.
    ///
    /// # Errors
    /// Where the number of peaks does not fit the size.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Result<Self, CompactRangeError> {
        let (chunks, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || chunks.len() != size.count_ones() as usize {
            return Err(CompactRangeError {
                size,
                expected: size.count_ones(),
                bytes: bytes.len(),
            });
        }
        Ok(Self {
            size,
            peaks: chunks.to_vec(),
        })
    }

    /// The peaks one after the other, for the head row.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Each trailing one-bit of the size is a full subtree that the new leaf completes.
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("a one-bit of the size has its peak");
            node = node_hash(&left, &node);
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root; of an empty tree the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => Sha256::digest([]).into(),
            Some(last) => peaks.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::{BASE64, HEXLOWER};

    /// The definition of RFC 6962 §2.1, written down without cleverness.
    fn definition(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [only] => leaf_hash(only),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node_hash(&definition(&leaves[..split]), &definition(&leaves[split..]))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_the_definition_at_every_size() {
        let leaves: Vec<Vec<u8>> = (0..70_u8).map(|n| vec![n; usize::from(n) % 5]).collect();
        let mut range = CompactRange::default();
        assert_eq!(range.root(), definition(&[]));
        for (index, leaf) in leaves.iter().enumerate() {
            range.push(leaf_hash(leaf));
            assert_eq!(range.root(), definition(&leaves[..=index]), "size {}", index + 1);
            assert_eq!(
                CompactRange::from_bytes(range.size(), &range.to_bytes()),
                Ok(range.clone())
            );
        }
    }

    #[test]
    fn the_root_is_that_of_the_public_test_tree() {
        // The eight leaves used by the Certificate Transparency reference implementation.
        let leaves = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let mut range = CompactRange::default();
        for leaf in leaves {
            range.push(leaf_hash(&HEXLOWER.decode(leaf.as_bytes()).expect("hex")));
        }
        assert_eq!(
            HEXLOWER.encode(&range.root()),
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        );
    }

    #[test]
    fn the_empty_tree_has_the_hash_of_nothing() {
        assert_eq!(
            BASE64.encode(&CompactRange::default().root()),
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        );
    }

    #[test]
    fn peaks_that_do_not_fit_the_size_are_refused() {
        assert!(CompactRange::from_bytes(3, &[0; 32]).is_err());
        assert!(CompactRange::from_bytes(1, &[0; 31]).is_err());
    }
}
