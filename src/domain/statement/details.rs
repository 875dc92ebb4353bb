//! Which entry of a notification (camt.054) tells the payments of which batched line (Sammler).
//!
//! A line and an entry belong together where their amounts are the same to the cent, the days are near, and a reference
//! of the batch stands in both: the bank's (`AcctSvcrRef`), the message's (`MsgId`), the file's (`PmtInfId`, `KREF`), or
//! the one from end to end. Fillers such as NOTPROVIDED are none. The entry is weighed first: its payments make its
//! amount, and they are as many as the line says. What could be several things is none: a person sees the whole line.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Detail, Entry};
use crate::domain::money::Cents;

/// For how many days a line and its notification may be apart.
const APART: i32 = 10;
/// A shorter reference (the number of a line) tells nothing.
const SHORTEST: usize = 6;

/// A line whose payments are not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Its amount with its sign.
    pub cents: Cents,
    /// When it was booked.
    pub day: Date,
    /// How many payments the statement says it has.
    pub count: Option<u32>,
    /// The references of the batch.
    pub references: BTreeSet<String>,
}

/// An entry of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its amount with its sign.
    pub cents: Cents,
    /// When it was booked.
    pub day: Date,
    /// How many payments it tells.
    pub payments: u32,
    /// What they add up to.
    pub sum: Cents,
    /// How many it says it has.
    pub count: Option<u32>,
    /// The references of the batch.
    pub references: BTreeSet<String>,
}

/// Whether what is told of a line waits for its details: it is batched, and not opened.
pub const fn is_closed(detail: &Detail) -> bool {
    detail.cents.is_none()
}

/// Whether a line may be opened: it is batched and not opened, or nothing is told of its payment.
pub fn may_open(detail: &Detail) -> bool {
    let silent = detail.purpose.is_empty()
        && detail.structured.is_empty()
        && detail.references.end_to_end.is_none()
        && detail.counterparty.account.is_none();
    is_closed(detail) || silent
}

/// The references of a batch: those of its entry, and of its payments those that the first and the last share.
pub fn references(entry: &Entry, first: &Detail, last: &Detail) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = of_detail(first).intersection(&of_detail(last)).cloned().collect();
    let batch = entry.batch.as_ref();
    let of_entry = [
        entry.bank_reference.as_deref(),
        entry.reference.as_deref(),
        batch.and_then(|batch| batch.message_id.as_deref()),
        batch.and_then(|batch| batch.payment_information_id.as_deref()),
    ];
    found.extend(of_entry.into_iter().flatten().filter_map(key));
    found
}

fn of_detail(detail: &Detail) -> BTreeSet<String> {
    let references = &detail.references;
    [
        references.end_to_end.as_deref(),
        references.bank.as_deref(),
        references.instruction.as_deref(),
    ]
    .into_iter()
    .flatten()
    .chain(references.other.iter().map(|(_, text)| text.as_str()))
    .filter_map(key)
    .collect()
}

/// A reference as it is compared: capital letters and digits. None where it is a filler, or too short to tell anything.
fn key(text: &str) -> Option<String> {
    let key: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    let tells = key.len() >= SHORTEST
        && !matches!(key.as_str(), "NOTPROVIDED" | "NONREF" | "NOTAVAILABLE")
        && key.bytes().any(|byte| byte != b'0');
    tells.then_some(key)
}

/// An entry that opens a line, by their places, and the reference that both have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The line.
    pub line: usize,
    /// The entry of the notification.
    pub told: usize,
    /// The reference; of several the first.
    pub reference: String,
}

/// Which entry opens which line: each at most once, and only where nothing else could be meant. The same whatever the
/// order.
pub fn pair(lines: &[Closed], told: &[Told]) -> Vec<Pair> {
    let mut by_amount: BTreeMap<Cents, Vec<usize>> = BTreeMap::new();
    for (at, entry) in told.iter().enumerate().filter(|(_, entry)| entry.adds_up()) {
        by_amount.entry(entry.cents).or_default().push(at);
    }
    let weights: Vec<Vec<(usize, usize)>> = lines
        .iter()
        .map(|line| {
            let near = by_amount.get(&line.cents).map_or(&[][..], Vec::as_slice);
            let shared = near.iter().map(|at| (*at, told[*at].fits(line)));
            shared.filter(|(_, shared)| *shared > 0).collect()
        })
        .collect();
    let mut of_told: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    for (line, those) in weights.iter().enumerate() {
        for (at, shared) in those {
            of_told.entry(*at).or_default().push((line, *shared));
        }
    }
    let pairs = weights.iter().enumerate().filter_map(|(line, those)| {
        let at = best(those)?;
        (best(&of_told[&at])? == line).then(|| Pair {
            line,
            told: at,
            reference: first_shared(&lines[line], &told[at]),
        })
    });
    pairs.collect()
}

/// The one that shares the most; none where several do.
fn best(those: &[(usize, usize)]) -> Option<usize> {
    let most = those.iter().map(|(_, shared)| *shared).max()?;
    let mut best = those.iter().filter(|(_, shared)| *shared == most);
    let (at, _) = best.next()?;
    best.next().is_none().then_some(*at)
}

fn first_shared(line: &Closed, told: &Told) -> String {
    let mut shared = line.references.intersection(&told.references);
    shared.next().cloned().unwrap_or_default()
}

impl Told {
    /// Whether its payments make its amount and are as many as it says.
    fn adds_up(&self) -> bool {
        self.sum == self.cents && self.count.is_none_or(|count| count == self.payments)
    }

    /// How many references it shares with a line that it fits; 0 where it does not.
    fn fits(&self, line: &Closed) -> usize {
        let apart = self
            .day
            .since(line.day)
            .map_or(i32::MAX, |span| span.get_days().abs());
        if self.cents != line.cents || apart > APART || line.count.is_some_and(|count| count != self.payments)
        {
            return 0;
        }
        self.references.intersection(&line.references).count()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn keys(references: &[&str]) -> BTreeSet<String> {
        references.iter().filter_map(|text| key(text)).collect()
    }

    fn line(cents: i64, references: &[&str]) -> Closed {
        Closed {
            cents: Cents::new(cents),
            day: date(2026, 11, 23),
            count: None,
            references: keys(references),
        }
    }

    fn told(cents: i64, references: &[&str]) -> Told {
        Told {
            cents: Cents::new(cents),
            day: date(2026, 11, 24),
            payments: 2,
            sum: Cents::new(cents),
            count: Some(2),
            references: keys(references),
        }
    }

    fn places(lines: &[Closed], told: &[Told]) -> Vec<(usize, usize)> {
        pair(lines, told)
            .iter()
            .map(|pair| (pair.line, pair.told))
            .collect()
    }

    #[test]
    fn a_line_and_an_entry_of_one_amount_that_share_a_reference_belong_together() {
        let lines = [
            line(500, &["SAMMLER-1"]),
            line(500, &["SAMMLER-2"]),
            line(700, &["SAMMLER-1"]),
        ];
        let entries = [told(500, &["sammler2"]), told(500, &["Sammler 1"])];
        assert_eq!(places(&lines, &entries), [(0, 1), (1, 0)]);
    }

    #[test]
    fn fillers_and_short_references_are_no_keys() {
        for filler in ["NOTPROVIDED", "NONREF", "0000000000", "1", "12345"] {
            assert!(keys(&[filler]).is_empty(), "{filler}");
        }
        assert!(places(&[line(500, &["NOTPROVIDED"])], &[told(500, &["NOTPROVIDED"])]).is_empty());
    }

    #[test]
    fn what_does_not_add_up_or_is_not_as_many_opens_nothing() {
        let lines = [Closed {
            count: Some(3),
            ..line(500, &["SAMMLER-1"])
        }];
        assert!(places(&lines, &[told(500, &["SAMMLER-1"])]).is_empty());
        let lines = [line(500, &["SAMMLER-1"])];
        for wrong in [
            Told {
                sum: Cents::new(499),
                ..told(500, &["SAMMLER-1"])
            },
            Told {
                count: Some(3),
                ..told(500, &["SAMMLER-1"])
            },
            Told {
                day: date(2026, 12, 24),
                ..told(500, &["SAMMLER-1"])
            },
            told(-500, &["SAMMLER-1"]),
        ] {
            assert!(
                places(&lines, std::slice::from_ref(&wrong)).is_empty(),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn what_could_be_two_is_none_unless_one_shares_more() {
        let twins = [line(500, &["SAMMLER-1"]), line(500, &["SAMMLER-1"])];
        assert!(places(&twins, &[told(500, &["SAMMLER-1"])]).is_empty());
        let lines = [
            line(500, &["SAMMLER-1", "BANK-0001"]),
            line(500, &["SAMMLER-1", "BANK-0002"]),
        ];
        let entries = [
            told(500, &["SAMMLER-1", "BANK-0002"]),
            told(500, &["SAMMLER-1", "BANK-0001"]),
        ];
        assert_eq!(places(&lines, &entries), [(0, 1), (1, 0)]);
    }
}
