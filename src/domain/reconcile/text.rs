//! The texts of a line as one row of capital letters and digits, with what stood between them.
//!
//! Banks cut a purpose into lines of 27, 35 or 140 characters, wherever that falls; people write blanks into numbers.
//! So nothing that may stand inside a reference is part of the row: it is kept beside it, as the gap before a character.

use super::lines::{Field, Seen};

/// What banks write before the parts of a purpose, a plus behind it (Anlage 3 of the DFÜ agreement, field 86).
const TAGS: &[&[u8; 4]] = &[
    b"EREF", b"KREF", b"MREF", b"BREF", b"RREF", b"CRED", b"DEBT", b"COAM", b"OAMT", b"SVWZ", b"ABWA",
    b"ABWE", b"PURP", b"IBAN",
];

/// What stands between two characters of the row. In this order each is stronger than those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Nothing.
    Joined,
    /// A line of the purpose ends here.
    Cut,
    /// Blanks, hyphens, points, slashes: they may stand inside a reference.
    Blank,
    /// Any other character.
    Mark,
    /// A field ends here.
    Edge,
}

/// Where a character of the row stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    piece: u32,
    byte: u32,
}

/// Row, gaps and places; its buffers are used again for the next line.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub chars: Vec<u8>,
    /// Before each character, and after the last one.
    pub gaps: Vec<Gap>,
    places: Vec<Place>,
    /// Of the row up to each character, folded.
    hashes: Vec<u64>,
    powers: Vec<u64>,
}

/// What a character is that is neither letter nor digit.
pub(super) const fn gap(byte: u8) -> Gap {
    match byte {
        b' ' | b'-' | b'.' | b'/' | b'_' => Gap::Blank,
        byte if letter_or_digit(byte) => Gap::Joined,
        _ => Gap::Mark,
    }
}

pub(super) const fn letter_or_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

pub(super) const fn upper(byte: u8) -> u8 {
    byte.to_ascii_uppercase()
}

/// Characters that are taken for each other become one.
pub(super) const fn fold(byte: u8) -> u8 {
    match byte {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        b'Z' => b'2',
        b'S' => b'5',
        b'B' => b'8',
        other => other,
    }
}

/// A Mersenne prime: hashes are polynomials modulo it, so that the hash of any part of the row is one subtraction away.
const PRIME: u64 = (1 << 61) - 1;
const BASE: u64 = 0x0dc3_a5b7_41e9_6f2d;

fn multiply(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    let low = u64::try_from(product & u128::from(PRIME)).unwrap_or(0);
    let high = u64::try_from(product >> 61).unwrap_or(0);
    reduce(low + high)
}

const fn reduce(value: u64) -> u64 {
    if value >= PRIME { value - PRIME } else { value }
}

fn add(hash: u64, byte: u8) -> u64 {
    reduce(multiply(hash, BASE) + u64::from(fold(byte)))
}

/// The hash of a whole reference, 61 bits.
pub(super) fn hash(key: &[u8]) -> u64 {
    key.iter().fold(0, |hash, byte| add(hash, *byte))
}

impl Row {
    /// Reads the texts of a line.
    pub fn read(&mut self, line: &Seen<'_>) {
        self.chars.clear();
        self.gaps.clear();
        self.places.clear();
        let mut gap = Gap::Edge;
        let mut before = None;
        for (piece, (field, text)) in (0..).zip(line.pieces()) {
            let follows = field == Field::Purpose && before == Some(Field::Purpose);
            gap = gap.max(if follows { Gap::Cut } else { Gap::Edge });
            before = Some(field);
            for (byte, char) in (0..).zip(text.bytes()) {
                if letter_or_digit(char) {
                    self.chars.push(upper(char));
                    self.gaps.push(gap);
                    self.places.push(Place { piece, byte });
                    gap = Gap::Joined;
                } else {
                    gap = gap.max(self::gap(char));
                    if char == b'+' {
                        self.tag();
                    }
                }
            }
        }
        self.gaps.push(Gap::Edge);
        self.hashes.clear();
        self.hashes.push(0);
        let mut so_far = 0;
        for char in &self.chars {
            so_far = add(so_far, *char);
            self.hashes.push(so_far);
        }
        while self.powers.len() <= self.chars.len() {
            let next = self.powers.last().map_or(1, |power| multiply(*power, BASE));
            self.powers.push(next);
        }
    }

    /// What stands before a tag ends there: `EREF+AB12SVWZ+Zahlung` holds `AB12`.
    fn tag(&mut self) {
        if let Some(from) = self.chars.len().checked_sub(4)
            && TAGS.iter().any(|tag| self.chars[from..] == **tag)
        {
            self.gaps[from] = self.gaps[from].max(Gap::Mark);
        }
    }

    pub fn len(&self) -> usize {
        self.chars.len()
    }

    /// The hash of a part of the row, as [`hash`] has it.
    pub fn hash(&self, from: usize, to: usize) -> u64 {
        let before = multiply(self.hashes[from], self.powers[to - from]);
        reduce(self.hashes[to] + PRIME - before)
    }

    /// Whether letters become digits here, or digits letters, with nothing between.
    pub fn seam(&self, at: usize) -> bool {
        at > 0
            && at < self.len()
            && self.gaps[at] == Gap::Joined
            && self.chars[at - 1].is_ascii_digit() != self.chars[at].is_ascii_digit()
    }

    /// Whether something may begin or end here.
    pub fn bound(&self, at: usize) -> bool {
        self.gaps[at] != Gap::Joined || self.seam(at)
    }

    /// The letters that end right before here.
    pub fn word_before(&self, at: usize) -> &[u8] {
        let mut from = at;
        while from > 0 && self.gaps[from] == Gap::Joined && self.chars[from - 1].is_ascii_uppercase() {
            from -= 1;
        }
        &self.chars[from..at]
    }

    /// The field of a character, which of its pieces, its place there from 1, and how the part is written.
    pub fn written(&self, line: &Seen<'_>, from: usize, to: usize) -> (Field, u16, u32, Box<str>) {
        let (first, last) = (self.places[from], self.places[to - 1]);
        let mut written = String::new();
        let (mut field, mut number, mut at) = (Field::Text, 0, 0);
        let mut before = None;
        let mut count: u16 = 0;
        for (piece, (its_field, text)) in (0u32..).zip(line.pieces()) {
            count = if before == Some(its_field) {
                count.saturating_add(1)
            } else {
                1
            };
            before = Some(its_field);
            if piece < first.piece {
                continue;
            }
            if piece > last.piece {
                break;
            }
            let mut part = text;
            if piece == last.piece {
                part = part.get(..last.byte as usize + 1).unwrap_or(part);
            }
            if piece == first.piece {
                let skipped = part.get(..first.byte as usize).unwrap_or("");
                (field, number) = (its_field, count);
                at = u32::try_from(skipped.chars().count())
                    .unwrap_or(u32::MAX)
                    .saturating_add(1);
                part = &part[skipped.len()..];
            } else {
                written.push('|');
            }
            written.push_str(part);
        }
        (field, number, at, written.into_boxed_str())
    }
}
