//! What goes into the next file: every line once, in the order of the log, and what was withdrawn once more.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::scope::{Said, goes_out};
use crate::domain::booking::{Account, BookingKind};

/// A line of a booking: the booking's place in the log, and the line's number within it, from 1. Prints as `123/1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LineId {
    /// The place of the booking.
    pub position: u64,
    /// The number of the line.
    pub line: u32,
}

impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.position, self.line)
    }
}

impl FromStr for LineId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = |text: &str| -> Option<Self> {
            let (position, line) = text.split_once('/')?;
            let id = Self {
                position: position.parse().ok()?,
                line: line.parse().ok().filter(|line| *line > 0)?,
            };
            (id.to_string() == text).then_some(id)
        };
        read(text).ok_or_else(|| format!("«{text}» is no line; expected place/line, such as 123/1"))
    }
}

/// SHA-256 over lines, each as it prints, with a line feed.
pub fn lines_digest(lines: &[LineId]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for line in lines {
        digest.update(format!("{line}\n"));
    }
    digest.finalize().into()
}

/// A line that may go into the next file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Which.
    pub id: LineId,
    /// Its Buchungstag.
    pub day: Date,
    /// What its booking is; of a Storno, what it reverses.
    pub kind: BookingKind,
    /// The place whose rule counts: its own, of a Storno that of what it reverses.
    pub ruled_at: u64,
    /// Soll.
    pub debit: Account,
    /// Haben.
    pub credit: Account,
}

impl Candidate {
    /// Whether it goes out by what was said when it was booked.
    pub fn goes_out(&self, said: &Said) -> bool {
        said.at(self.ruled_at)
            .is_some_and(|said| goes_out(said, self.kind, &self.debit, &self.credit))
    }
}

/// How far files have come, and how far the next one may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Every line before this place was in a file, or goes into none.
    pub passed: u64,
    /// Every line before this place that goes out is among those to choose from.
    pub read: u64,
    /// How many lines a file takes at the most.
    pub most: usize,
}

/// What goes into the next file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// How many of the lines, from the first on.
    pub lines: usize,
    /// How far files have come then.
    pub to: u64,
}

/// Chooses from lines that go out, which are in the order of the log: first those that were withdrawn, which all lie
/// before `passed`, then the new ones. No booking is cut in two; `year` names the business year of a day, and a file has
/// one year where it names any.
pub fn choose(lines: &[(LineId, Date)], reach: Reach, year: impl Fn(Date) -> Option<Date>) -> Chosen {
    let mut taken = 0;
    let first = lines.first().map(|(_, day)| year(*day));
    for booking in lines.chunk_by(|(one, _), (next, _)| one.position == next.position) {
        let (id, day) = booking[0];
        let full = taken > 0 && (taken + booking.len() > reach.most || first != Some(year(day)));
        if full {
            let to = id.position.max(reach.passed);
            return Chosen { lines: taken, to };
        }
        taken += booking.len();
    }
    let to = reach.read.max(reach.passed);
    Chosen { lines: taken, to }
}
