//! What a person may look at first where a line names nothing for certain: references that look alike, the right amount
//! at the right time, a few open items that add up.
//!
//! Nothing here claims anything, and the work for a line is bounded whatever the books hold: where many items have the
//! same amount, the amount says nothing.

use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::Date;

use super::Settings;
use super::book::{Book, Item, Target};
use super::decide::State;
use super::find::{Finder, one_slip};
use super::lines::Seen;
use super::outcome::{Hint, Suggestion};
use crate::domain::money::Cents;

/// Suggestions for a line, at most.
const AT_MOST: usize = 5;
/// Items of the right amount that are looked at, latest first.
const LOOKED_AT: usize = 128;
/// Among more open items than these some always add up by chance.
const FEW: usize = 40;
/// More sums than these are chance.
const SUMS: usize = 3;
/// A Fälligkeit that is further away does not widen the window.
const FURTHEST_DUE: i32 = 400;

/// What is still open, by amount and by day.
pub(super) struct Shelf<'a> {
    book: &'a Book,
    states: &'a [State],
    settings: Settings,
    by_amount: Vec<u32>,
    by_day: Vec<u32>,
    /// Days from opening to Fälligkeit of any item, at most.
    reach: i32,
}

impl<'a> Shelf<'a> {
    pub fn of(book: &'a Book, states: &'a [State], settings: Settings) -> Self {
        let is_open = |at: &u32| states[*at as usize] == State::Open;
        let mut by_amount: Vec<u32> = (0..).take(book.len()).filter(is_open).collect();
        let mut by_day = by_amount.clone();
        let key = |at: u32| (book.item(at).since, book.item(at).target);
        by_amount.sort_unstable_by_key(|at| (book.expects(book.item(*at)), key(*at)));
        by_day.sort_unstable_by_key(|at| key(*at));
        let reach = by_day
            .iter()
            .map(|at| days(book.item(*at).since, book.item(*at).due))
            .max();
        Self {
            book,
            states,
            settings,
            by_amount,
            by_day,
            reach: reach.unwrap_or(0).min(FURTHEST_DUE),
        }
    }

    /// Suggestions for a line that the finder has just read, best first.
    pub fn suggest(&self, line: &Seen<'_>, finder: &Finder<'_>) -> Vec<Suggestion> {
        if line.cents == Cents::ZERO || line.returned.is_some() {
            return Vec::new();
        }
        let mut suggestions = self.alike(line, finder);
        let candidates = self.of_amount(line);
        let words = if candidates.is_empty() {
            Vec::new()
        } else {
            finder.words()
        };
        for at in &candidates {
            let item = self.book.item(*at);
            let near = self.book.references_of(item).iter().any(|reference| {
                let key = self.book.key(reference);
                words.iter().any(|word| one_slip(word, key))
            });
            if near {
                suggestions.push(one(Hint::Near, item.target));
            }
        }
        if candidates.len() <= AT_MOST {
            let mut nearest: Vec<&Item> = candidates.iter().map(|at| self.book.item(*at)).collect();
            nearest.sort_unstable_by_key(|item| (days(item.since, line.day).abs(), item.target));
            suggestions.extend(nearest.into_iter().map(|item| one(Hint::Amount, item.target)));
        }
        if suggestions.is_empty() {
            suggestions = self.sums(line);
        }
        let mut seen: Vec<Target> = Vec::new();
        suggestions.retain(|suggestion| match suggestion.targets[..] {
            [target] if seen.contains(&target) => false,
            [target] => {
                seen.push(target);
                true
            }
            _ => true,
        });
        suggestions.truncate(AT_MOST);
        suggestions
    }

    /// Open items whose reference is there, but for characters that are taken for each other.
    fn alike(&self, line: &Seen<'_>, finder: &Finder<'_>) -> Vec<Suggestion> {
        let mut alike: Vec<Suggestion> = finder
            .hits()
            .iter()
            .filter(|hit| self.states[hit.item as usize] == State::Open)
            .map(|hit| {
                let item = self.book.item(hit.item);
                let right = self.book.expects(item) == line.cents;
                Suggestion {
                    hint: if right { Hint::Near } else { Hint::NearOtherAmount },
                    targets: vec![item.target],
                    evidence: Some(finder.evidence(line, hit)),
                }
            })
            .collect();
        alike.sort_by_key(|suggestion| suggestion.hint);
        alike
    }

    /// Open items of exactly this amount whose window holds the line's day, latest first.
    fn of_amount(&self, line: &Seen<'_>) -> Vec<u32> {
        let span = self.span(line.day);
        let from = self
            .by_amount
            .partition_point(|at| self.amount_and_day(*at) < (line.cents, span.start));
        let to = self
            .by_amount
            .partition_point(|at| self.amount_and_day(*at) <= (line.cents, span.end));
        self.by_amount[from..to]
            .iter()
            .rev()
            .take(LOOKED_AT)
            .filter(|at| self.in_time(**at, line))
            .copied()
            .collect()
    }

    fn amount_and_day(&self, at: u32) -> (Cents, Date) {
        let item = self.book.item(at);
        (self.book.expects(item), item.since)
    }

    /// First and last day on which an item may have been opened.
    fn span(&self, day: Date) -> Range<Date> {
        let back = i32::from(self.settings.days_after) + self.reach;
        let on = i32::from(self.settings.days_before);
        day.saturating_sub(back.days())..day.saturating_add(on.days())
    }

    fn in_time(&self, at: u32, line: &Seen<'_>) -> bool {
        let item = self.book.item(at);
        item.account.is_none_or(|only| only == line.account)
            && days(item.due, line.day) <= i32::from(self.settings.days_after)
    }

    /// Two or three open items that add up, where few are open.
    fn sums(&self, line: &Seen<'_>) -> Vec<Suggestion> {
        let span = self.span(line.day);
        let from = self
            .by_day
            .partition_point(|at| self.book.item(*at).since < span.start);
        let to = self
            .by_day
            .partition_point(|at| self.book.item(*at).since <= span.end);
        if to - from > FEW {
            return Vec::new();
        }
        let sign = line.cents.get().signum();
        let few: Vec<(i128, Target)> = self.by_day[from..to]
            .iter()
            .filter(|at| self.in_time(**at, line))
            .map(|at| self.book.item(*at))
            .map(|item| (i128::from(self.book.expects(item).get()), item.target))
            .filter(|(cents, _)| cents.signum() == i128::from(sign))
            .collect();
        let whole = i128::from(line.cents.get());
        let mut sums: Vec<Vec<Target>> = Vec::new();
        for (at, (a, first)) in few.iter().enumerate() {
            for (next, (b, second)) in few.iter().enumerate().skip(at + 1) {
                if a + b == whole {
                    sums.push(vec![*first, *second]);
                }
                let third = few.iter().skip(next + 1).filter(|(c, _)| a + b + c == whole);
                sums.extend(third.map(|(_, third)| vec![*first, *second, *third]));
                if sums.len() > SUMS {
                    return Vec::new();
                }
            }
        }
        for targets in &mut sums {
            targets.sort_unstable();
        }
        sums.sort_unstable_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        sums.into_iter()
            .map(|targets| Suggestion {
                hint: Hint::Sum,
                targets,
                evidence: None,
            })
            .collect()
    }
}

fn one(hint: Hint, target: Target) -> Suggestion {
    Suggestion {
        hint,
        targets: vec![target],
        evidence: None,
    }
}

/// Days from one to the other.
fn days(from: Date, to: Date) -> i32 {
    to.since(from).map_or(i32::MAX, |span| span.get_days())
}
