//! The certain part: one line after the other, in the order of their days, against what the items are by then.
//!
//! Because lines are judged in this order, a month that is matched at once says the same as its days matched one by one:
//! an item that was paid on Monday is paid twice on Tuesday, and open again after Wednesday's return.

use std::collections::HashMap;

use super::book::{Book, Item, Target};
use super::find::{Finder, Hit};
use super::index::Index;
use super::lines::{Lines, ReturnFacts, Seen};
use super::outcome::{
    Candidate, Difference, Evidence, Exception, Hint, Judged, Outcome, Pairing, Returned, Rule, Suggestion,
    Verdict,
};
use super::suggest::Shelf;
use super::terms::Weighed;
use super::{InputError, Settings};
use crate::domain::money::Cents;

/// What has become of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Settled,
    /// Settled, and paid again in this run: what comes back now may be either.
    Twice,
}

/// Matches all lines; see the [room](super).
pub(super) fn decide(lines: &Lines, book: &Book, settings: Settings) -> Result<Outcome, InputError> {
    let order = lines.order()?;
    book.check()?;
    let index = Index::of(book)?;
    let mut finder = Finder::new(book, &index);
    let mut states: Vec<State> = book
        .items()
        .iter()
        .map(|item| match item.target {
            Target::Open(_) => State::Open,
            Target::Settled(_) => State::Settled,
        })
        .collect();
    let mut parts = HashMap::new();
    let mut judged = Vec::with_capacity(lines.len());
    let mut left = Vec::new();
    for at in order {
        let line = lines.seen(at);
        finder.read(&line);
        let mut desk = Desk {
            book,
            states: &mut states,
            parts: &mut parts,
            finder: &finder,
            line,
        };
        let Some(verdict) = desk.judge() else {
            left.push(at);
            continue;
        };
        let together = desk.adds_up(&verdict, judged.len());
        judged.push(Judged {
            line: line.id,
            verdict,
        });
        for (at, pairing) in together {
            judged[at].verdict = Verdict::Paired(pairing);
        }
    }
    let shelf = Shelf::of(book, &states, settings);
    for at in left {
        let line = lines.seen(at);
        finder.read(&line);
        judged.push(Judged {
            line: line.id,
            verdict: Verdict::Unmatched(shelf.suggest(&line, &finder)),
        });
    }
    judged.sort_unstable_by_key(|judged| judged.line);
    Ok(Outcome { judged })
}

/// Lines of a right reference and another amount, by their places among what is judged, and what they come to.
#[derive(Default)]
struct Parts {
    sum: i128,
    lines: Vec<(usize, Cents, Evidence)>,
}

/// One line, and what it is held against.
struct Desk<'a> {
    book: &'a Book,
    states: &'a mut [State],
    parts: &'a mut HashMap<Target, Parts>,
    finder: &'a Finder<'a>,
    line: Seen<'a>,
}

/// Which of the items that a line names it is.
enum Choice<T> {
    One(Hit, T),
    /// None has the amount; there is only this one.
    Other(Hit),
    /// None has the amount, but together they have.
    Together,
    /// It could be any of these.
    Open(Vec<Hit>),
}

impl Desk<'_> {
    /// The verdict, or none where the line names nothing for certain.
    fn judge(&mut self) -> Option<Verdict> {
        let named: Vec<Hit> = self
            .finder
            .hits()
            .iter()
            .filter(|hit| hit.certain())
            .copied()
            .collect();
        if named.is_empty() || self.line.cents == Cents::ZERO {
            return None;
        }
        if let Some(facts) = self.line.returned {
            return Some(self.goes_back(&named, facts));
        }
        let sign = self.line.cents.get().signum();
        let of = |state_is_open: bool, same: bool| -> Vec<Hit> {
            named
                .iter()
                .filter(|hit| (self.states[hit.item as usize] == State::Open) == state_is_open)
                .filter(|hit| (self.expects(hit).get().signum() == sign) == same)
                .copied()
                .collect()
        };
        let (open, paid) = (of(true, true), of(false, true));
        Some(if !open.is_empty() {
            self.pays(&open)
        } else if !paid.is_empty() {
            self.pays_again(&paid)
        } else if let [only] = named[..] {
            self.differs(Difference::Opposite, &only)
        } else {
            self.ambiguous(&named)
        })
    }

    fn item(&self, hit: &Hit) -> &Item {
        self.book.item(hit.item)
    }

    fn expects(&self, hit: &Hit) -> Cents {
        self.book.expects(self.item(hit))
    }

    /// The line pays something that is open.
    fn pays(&mut self, open: &[Hit]) -> Verdict {
        let account = self.line.account;
        let here: Vec<Hit> = open
            .iter()
            .filter(|hit| self.item(hit).account.is_none_or(|only| only == account))
            .copied()
            .collect();
        if here.is_empty() {
            return match open {
                [only] => self.differs(Difference::Account, only),
                several => self.ambiguous(several),
            };
        }
        match self.choose(&here, Self::fits) {
            Choice::One(hit, (rule, fee)) => {
                self.states[hit.item as usize] = State::Settled;
                let target = self.item(&hit).target;
                self.parts.remove(&target);
                Verdict::Paired(Pairing {
                    target,
                    ahead: self.item(&hit).ahead(),
                    rule,
                    evidence: self.finder.evidence(&self.line, &hit),
                    gross: self.line.cents + fee,
                    fee,
                })
            }
            Choice::Other(hit) => match self
                .book
                .payout(self.item(&hit))
                .map(|payout| payout.weigh(self.line.cents))
            {
                Some(Weighed::Short) => self.differs(Difference::Fee, &hit),
                _ => self.differs(Difference::Amount, &hit),
            },
            Choice::Together => {
                let mut targets: Vec<Target> = here.iter().map(|hit| self.item(hit).target).collect();
                targets.sort_unstable();
                Verdict::Unmatched(vec![Suggestion {
                    hint: Hint::SeveralNamed,
                    targets,
                    evidence: None,
                }])
            }
            Choice::Open(those) => self.ambiguous(&those),
        }
    }

    /// The pairings that a verdict brings about, by their places: where an amount differs, and the lines so far make it
    /// right together. What is short of it stays an exception.
    fn adds_up(&mut self, verdict: &Verdict, at: usize) -> Vec<(usize, Pairing)> {
        let Verdict::Exception(exception) = verdict else {
            return Vec::new();
        };
        let (Difference::Amount, Some(target), Some(expected), Some(evidence)) = (
            exception.code,
            exception.target,
            exception.expected,
            &exception.evidence,
        ) else {
            return Vec::new();
        };
        let hit = self
            .finder
            .hits()
            .iter()
            .find(|hit| self.item(hit).target == target);
        let Some(hit) = hit
            .copied()
            .filter(|hit| self.book.payout(self.item(hit)).is_none())
        else {
            return Vec::new();
        };
        let parts = self.parts.entry(target).or_default();
        parts.sum += i128::from(self.line.cents.get());
        parts.lines.push((at, self.line.cents, evidence.clone()));
        if parts.sum != i128::from(expected.get()) {
            return Vec::new();
        }
        let parts = self.parts.remove(&target).unwrap_or_default();
        self.states[hit.item as usize] = State::Settled;
        let ahead = self.item(&hit).ahead();
        let pairing = |(at, cents, evidence)| {
            let pairing = Pairing {
                target,
                ahead,
                rule: Rule::Sum,
                evidence,
                gross: cents,
                fee: Cents::ZERO,
            };
            (at, pairing)
        };
        parts.lines.into_iter().map(pairing).collect()
    }

    /// The line pays what has been paid. Of two that are the same the first counts, by day and by its place in the
    /// statement; this is the second.
    fn pays_again(&mut self, paid: &[Hit]) -> Verdict {
        match self.choose(paid, Self::fits) {
            Choice::One(hit, _) => {
                self.states[hit.item as usize] = State::Twice;
                self.differs(Difference::Twice, &hit)
            }
            Choice::Other(hit) => self.differs(Difference::AfterSettled, &hit),
            Choice::Together => self.ambiguous(paid),
            Choice::Open(those) => self.ambiguous(&those),
        }
    }

    /// The line takes back what has been paid.
    fn goes_back(&mut self, named: &[Hit], facts: &ReturnFacts) -> Verdict {
        let sign = self.line.cents.get().signum();
        let paid: Vec<Hit> = named
            .iter()
            .filter(|hit| self.states[hit.item as usize] != State::Open)
            .filter(|hit| self.expects(hit).get().signum() == -sign)
            .copied()
            .collect();
        if paid.is_empty() {
            return match named {
                [only] => self.differs(Difference::ReturnUnknown, only),
                several => self.ambiguous(several),
            };
        }
        match self.choose(&paid, |desk, hit| desk.kept_by_bank(hit, facts)) {
            Choice::One(hit, _) if self.states[hit.item as usize] == State::Twice => self.ambiguous(&[hit]),
            Choice::One(hit, fee) => {
                self.states[hit.item as usize] = State::Open;
                Verdict::Returned(Box::new(Returned {
                    target: self.item(&hit).target,
                    rule: rule_of(&hit),
                    evidence: self.finder.evidence(&self.line, &hit),
                    code: facts.code.as_deref().map(Box::from),
                    gross: Cents::new(self.expects(&hit).get().abs()),
                    fee,
                }))
            }
            Choice::Other(hit) => self.differs(Difference::ReturnAmount, &hit),
            Choice::Together => self.ambiguous(&paid),
            Choice::Open(those) => self.ambiguous(&those),
        }
    }

    /// Which of several it is. A single one is, if it fits. Of several that bear one reference the only one that fits,
    /// or the one that a reference of its own, filling a field, names besides. Of several references the one that fills
    /// a field alone, if nothing else fits. Otherwise nobody but a person may choose.
    fn choose<T>(&self, hits: &[Hit], fits: impl Fn(&Self, &Hit) -> Option<T>) -> Choice<T> {
        let mut fitting: Vec<(Hit, T)> = hits
            .iter()
            .filter_map(|hit| Some((*hit, fits(self, hit)?)))
            .collect();
        if fitting.is_empty() {
            return match hits {
                [only] => Choice::Other(*only),
                _ if self.add_up(hits) => Choice::Together,
                _ => Choice::Open(hits.to_vec()),
            };
        }
        let others = |hit: Hit| hits.iter().filter(move |other| other.item != hit.item);
        let alone = |hit: Hit| hit.exact && !others(hit).any(|other| other.exact);
        let only = fitting.len() == 1;
        let meant = fitting.iter().position(|(hit, _)| {
            let one_reference = others(*hit).all(|other| self.bears(*hit, *other));
            (only && one_reference) || (alone(*hit) && (only || one_reference))
        });
        match meant {
            Some(at) => {
                let (hit, how) = fitting.swap_remove(at);
                Choice::One(hit, how)
            }
            None if only => Choice::Open(hits.to_vec()),
            None => Choice::Open(fitting.into_iter().map(|(hit, _)| hit).collect()),
        }
    }

    /// Whether an item also bears the reference by which another one was found.
    fn bears(&self, hit: Hit, other: Hit) -> bool {
        let key = self.finder.key(&other);
        self.book
            .references_of(self.item(&hit))
            .iter()
            .any(|reference| self.book.key(reference) == key)
    }

    fn add_up(&self, hits: &[Hit]) -> bool {
        let sum: i128 = hits.iter().map(|hit| i128::from(self.expects(hit).get())).sum();
        sum == i128::from(self.line.cents.get())
    }

    /// By which rule the amount is the item's, and what its provider kept.
    fn fits(&self, hit: &Hit) -> Option<(Rule, Cents)> {
        let item = self.item(hit);
        match self.book.payout(item).map(|payout| payout.weigh(self.line.cents)) {
            Some(Weighed::Fits(rule, fee)) => Some((rule, fee)),
            Some(Weighed::Short | Weighed::Over) => None,
            None => (item.cents == self.line.cents).then_some((rule_of(hit), Cents::ZERO)),
        }
    }

    /// What the bank kept of a return, where it is nothing or the bank says why: the fees, or the amount of the payment.
    fn kept_by_bank(&self, hit: &Hit, facts: &ReturnFacts) -> Option<Cents> {
        let paid = self.expects(hit);
        let fee = (-i128::from(paid.get())) - i128::from(self.line.cents.get());
        let fee = i64::try_from(fee).ok().map(Cents::new)?;
        let gross = Cents::new(paid.get().checked_abs()?);
        let original = facts.original == Some(gross);
        let told = facts.charges == Some(fee) || original;
        (fee == Cents::ZERO || (fee.is_positive() && told)).then_some(fee)
    }

    fn differs(&self, code: Difference, hit: &Hit) -> Verdict {
        let expects = self.expects(hit);
        let expected = match code {
            Difference::ReturnAmount => expects.get().checked_neg().map(Cents::new),
            _ => Some(expects),
        };
        Verdict::Exception(Box::new(Exception {
            code,
            target: Some(self.item(hit).target),
            expected,
            evidence: Some(self.finder.evidence(&self.line, hit)),
        }))
    }

    fn ambiguous(&self, hits: &[Hit]) -> Verdict {
        let mut candidates: Vec<Candidate> = hits
            .iter()
            .map(|hit| Candidate {
                target: self.item(hit).target,
                evidence: self.finder.evidence(&self.line, hit),
            })
            .collect();
        candidates.sort_unstable_by_key(|candidate| candidate.target);
        Verdict::Ambiguous(candidates)
    }
}

fn rule_of(hit: &Hit) -> Rule {
    if hit.exact { Rule::Exact } else { Rule::InText }
}
