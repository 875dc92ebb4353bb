//! Whether a statement follows on those of its account that are known: no number is missing, and it opens with what the
//! one before closed with.
//!
//! Banks number in their own ways. Most begin with 1 each year; some go on; some write the year before it, or count its days; some write
//! the same number each time, or none. So statements are put in order by their days first, and a number counts only
//! where it can be one: it grows with the days, by one, or begins anew with the year. Where it is none, the balances
//! alone say what follows.

use jiff::civil::Date;

use super::reasons::{Fault, Lack};
use super::{Sum, Verdict};
use crate::domain::statement::header::{Days, Header};
use crate::domain::statement::{Role, Sequence};

/// Weighs a statement against the known ones. Those of other accounts and formats are passed over: another format
/// counts for itself.
pub fn sequence(known: &[Header], new: &Header) -> Verdict {
    if new.format.role() != Role::Books {
        return Lack::NoChain.into();
    }
    if new.account.is_empty() {
        return Lack::NoAccount.into();
    }
    let known: Vec<&Header> = known
        .iter()
        .filter(|old| old.account == new.account && old.format == new.format && old.day.is_some())
        .collect();
    if known.is_empty() {
        return Lack::First.into();
    }
    if known.contains(&new) {
        return Lack::KnownAlready.into();
    }
    let Some(at) = order(new) else {
        return Lack::NotNumbered.into();
    };
    if known
        .iter()
        .any(|old| order(old) == Some(at) && goes_on(old, new))
    {
        return Verdict::Held;
    }
    let before = known
        .iter()
        .filter(|old| order(old) < Some(at))
        .max_by_key(|old| order(old));
    let after = known
        .iter()
        .filter(|old| order(old) > Some(at))
        .min_by_key(|old| order(old));
    let verdict = match before {
        Some(before) => follows(&known, before, new),
        None => same_number(&known, new).map_or_else(|| Lack::First.into(), Verdict::from),
    };
    match after {
        // A hole behind it was there before; only where the two are neighbours must the balances meet.
        Some(after) if !verdict.is_broken() && step(new, after) == Step::Next => match chain(new, after) {
            Some(Verdict::Held) | None if verdict == Lack::First.into() => Verdict::Held,
            Some(broken @ Verdict::Broken { .. }) => broken,
            _ => verdict,
        },
        _ => verdict,
    }
}

/// Day, number, page.
fn order(header: &Header) -> Option<(Date, u64, u64)> {
    let (number, page) = header
        .sequence
        .map_or((0, 0), |sequence| (sequence.number, page(sequence)));
    Some((header.day?, number, page))
}

/// Whether a page that is known not to be the last goes on in one with the same number: some banks do not count them.
fn goes_on(old: &Header, new: &Header) -> bool {
    let open = old.sequence.is_some_and(|old| old.last == Some(false));
    open && new.opens_where_closes(old) == Some(true)
}

fn page(sequence: Sequence) -> u64 {
    sequence.page.unwrap_or(1)
}

/// From one statement to the next by their numbers.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Next,
    Missing {
        from: u64,
        to: u64,
        year: i16,
    },
    MissingPage {
        number: u64,
        page: u64,
    },
    /// The numbers say nothing.
    Unknown,
}

fn step(earlier: &Header, later: &Header) -> Step {
    let (Some(old), Some(new)) = (earlier.sequence, later.sequence) else {
        return Step::Unknown;
    };
    let (Some(from), Some(to)) = (earlier.day, later.day) else {
        return Step::Unknown;
    };
    if counts_days(old, from) && counts_days(new, to) {
        return Step::Unknown;
    }
    let same_year = from.year() == to.year();
    if same_year && old.number == new.number {
        return match page(new).checked_sub(page(old)) {
            Some(1) => Step::Next,
            Some(0) | None => Step::Unknown,
            Some(_) => Step::MissingPage {
                number: new.number,
                page: page(old) + 1,
            },
        };
    }
    let grows = old.number.checked_add(1) == Some(new.number);
    let first = first_of_year((old, from), (new, to));
    let begins = !same_year && new.number == first;
    if same_year && new.number < old.number {
        return Step::Unknown;
    }
    if !grows && !begins {
        return Step::Missing {
            from: if same_year {
                old.number.saturating_add(1)
            } else {
                first
            },
            to: new.number.saturating_sub(1),
            year: to.year(),
        };
    }
    if old.last == Some(false) {
        return Step::MissingPage {
            number: old.number,
            page: page(old) + 1,
        };
    }
    if page(new) > 1 {
        return Step::MissingPage {
            number: new.number,
            page: 1,
        };
    }
    Step::Next
}

/// The first number of the later year: 1, or after a year that is written before each number (`260000001`, `2026001`).
fn first_of_year(old: (Sequence, Date), new: (Sequence, Date)) -> u64 {
    let base = |(sequence, day): (Sequence, Date)| {
        let year = u64::try_from(day.year()).ok()?;
        // Two digits of the year need three more behind them, four as well: nobody counts that far in a year.
        (3..12).find_map(|digits| {
            let unit = 10_u64.pow(digits);
            let before = sequence.number / unit;
            (before == year || (before >= 10 && before == year % 100)).then_some(before * unit)
        })
    };
    match (base(old), base(new)) {
        (Some(_), Some(base)) => base + 1,
        _ => 1,
    }
}

/// Whether a number is that of the day in its year: alone, after the year (`26322`), or with two digits of its own behind
/// it (`32201`).
fn counts_days(sequence: Sequence, day: Date) -> bool {
    u64::try_from(day.day_of_year())
        .is_ok_and(|of_year| sequence.number % 1000 == of_year || sequence.number / 100 == of_year)
}

fn follows(known: &[&Header], before: &Header, new: &Header) -> Verdict {
    let met = new.opens_where_closes(before);
    if let Some(same) = same_number(known, new) {
        // A bank that writes the same number each time does not number.
        return if met == Some(true) {
            Verdict::Held
        } else {
            same.into()
        };
    }
    match step(before, new) {
        Step::Next => chain(before, new).unwrap_or(Verdict::Held),
        Step::Missing { from, to, year } => Fault::MissingStatements {
            from,
            to,
            year,
            chained: met == Some(true),
        }
        .into(),
        Step::MissingPage { number, page } => Fault::MissingPage { number, page }.into(),
        Step::Unknown => by_balances(known, before, new),
    }
}

fn same_number(known: &[&Header], new: &Header) -> Option<Fault> {
    let (sequence, year) = (new.sequence?, new.year()?);
    let same = |old: &&&Header| {
        old.year() == Some(year)
            && old
                .sequence
                .is_some_and(|old| old.number == sequence.number && page(old) == page(sequence))
    };
    known.iter().find(same).map(|_| Fault::SameNumber {
        number: sequence.number,
        year,
    })
}

fn by_balances(known: &[&Header], before: &Header, new: &Header) -> Verdict {
    // Of several statements of one day, any may be the last.
    let same_day = known.iter().filter(|old| old.day == before.day);
    let mut told = false;
    for old in same_day {
        match new.opens_where_closes(old) {
            Some(true) => return Verdict::Held,
            Some(false) => told = true,
            None => {}
        }
    }
    let overlapping = |old: &&Header| old.days != Days::Unknown && old.days.touch(new.days);
    if !told {
        Lack::NotNumbered.into()
    } else if new.days != Days::Unknown && known.iter().any(overlapping) {
        Lack::Overlapping.into()
    } else {
        chain(before, new).unwrap_or_else(|| Lack::NotNumbered.into())
    }
}

/// Whether the later one opens with what the earlier one closed with; none where a balance is missing.
fn chain(earlier: &Header, later: &Header) -> Option<Verdict> {
    if later.opens_where_closes(earlier)? {
        return Some(Verdict::Held);
    }
    Some(
        Fault::Chain {
            day: earlier.day?,
            closing: Sum::from(earlier.closing?.cents),
            opening: Sum::from(later.opening?.cents),
            currency: later.currency.clone().unwrap_or_default(),
        }
        .into(),
    )
}
