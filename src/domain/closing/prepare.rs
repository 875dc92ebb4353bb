//! What is closed when, what a closing waits for, and the banks beside the books.
//!
//! A closing of a day is cut on the morning of the Kasse day behind it, once the statements of its bank days are in.
//! What is recorded that morning before the cut (those statements above all, and what they settle) belongs to the
//! closing, with the booking day that it has; what comes behind the cut belongs to the open day.
//!
//! *Foreign* is what statements show and nobody has claimed: the bridge between the bank's balance and ours. It begins
//! with what was on the account before its first statement, and grows with fresh entries less claims.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};

use super::check::Hold;
use super::{Bank, Foreign, Guard, StatementBalance};
use crate::domain::calendar::is_bank_day;
use crate::domain::ids::StatementId;
use crate::domain::money::Cents;
use crate::domain::record::{Body, Matched};
use crate::domain::statement::guards::{Verdict, sequence};
use crate::domain::statement::header::Header;
use crate::domain::statement::{Format, Iban};
use crate::domain::subject::{DetailId, Subject};
use crate::domain::tenant::{ClosingRhythm, ClosingRules};

impl ClosingRules {
    /// The last day that may be closed on a morning: the day before the Kasse day that has come, or before the first
    /// one of its week. None where the calendar ends.
    pub fn due(&self, today: Date) -> Option<Date> {
        let calendar = self.calendar();
        let come = |day: Date| {
            if calendar.is_kasse_day(day) {
                Some(day)
            } else {
                calendar.previous(day)
            }
        };
        let last = come(today)?;
        match self.rhythm {
            ClosingRhythm::Daily => last.yesterday().ok(),
            ClosingRhythm::Weekly => {
                let since_monday = last.weekday().since(Weekday::Monday);
                let monday = last
                    .checked_sub(jiff::Span::new().days(i64::from(since_monday)))
                    .ok()?;
                monday.yesterday().ok()
            }
        }
    }
}

/// A filed statement, as a closing looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its id.
    pub id: StatementId,
    /// The account.
    pub account: Iban,
    /// Its place in the log.
    pub position: u64,
    /// Its number as the bank counts, or its id.
    pub name: String,
    /// The first day that it covers.
    pub first_day: Date,
    /// The last.
    pub last_day: Date,
    /// What was on the account before.
    pub opening: Option<Cents>,
    /// What was on it afterwards.
    pub closing: Option<Cents>,
    /// What places it among the others of its account.
    pub header: Header,
    /// Whether a person has said that the bank has nothing between it and the one before.
    pub excused: bool,
}

impl Sheet {
    /// By its days, then as the bank counts, then as they came.
    fn order(&self) -> (Date, Date, u64, u64, u64) {
        let (number, page) = self
            .header
            .sequence
            .map_or((0, 0), |sequence| (sequence.number, sequence.page.unwrap_or(1)));
        (self.last_day, self.first_day, number, page, self.position)
    }

    /// Whether it follows on the others of its account, those that came later among them.
    fn follows(&self, all: &[&Self]) -> Verdict {
        let others: Vec<Header> = all
            .iter()
            .filter(|other| other.id != self.id)
            .map(|other| other.header.clone())
            .collect();
        sequence(&others, &self.header)
    }
}

/// The bank days of a period whose statement is not there. A day that no statement covers is quiet where the next one
/// follows on the one before; days before the first statement are none of ours.
pub fn awaited(sheets: &[&Sheet], from: Date, to: Date) -> Vec<Date> {
    let first = sheets.iter().map(|sheet| sheet.first_day).min();
    let mut day = first.map_or(from, |first| from.max(first));
    let mut missing = Vec::new();
    let mut quiet: BTreeMap<StatementId, bool> = BTreeMap::new();
    while day <= to {
        if is_bank_day(day) && !is_covered(sheets, day, &mut quiet) {
            missing.push(day);
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    missing
}

fn is_covered(sheets: &[&Sheet], day: Date, quiet: &mut BTreeMap<StatementId, bool>) -> bool {
    if sheets
        .iter()
        .any(|sheet| sheet.first_day <= day && day <= sheet.last_day)
    {
        return true;
    }
    let next = sheets
        .iter()
        .filter(|sheet| sheet.first_day > day)
        .min_by_key(|sheet| sheet.order());
    next.is_some_and(|next| {
        *quiet
            .entry(next.id)
            .or_insert_with(|| next.excused || next.follows(sheets) == Verdict::Held)
    })
}

/// Statements that do not follow on the one before them.
pub fn gaps(sheets: &[&Sheet]) -> Vec<StatementId> {
    let broken = |sheet: &&&Sheet| sheet.follows(sheets).is_broken();
    sheets.iter().filter(broken).map(|sheet| sheet.id).collect()
}

/// Whether the statements that came since the previous closing follow on each other.
fn guards(sheets: &[&Sheet], since: u64) -> Vec<Guard> {
    let new = sheets.iter().filter(|sheet| sheet.position >= since);
    new.map(|sheet| {
        let (held, text) = match sheet.follows(sheets) {
            Verdict::Held => (true, "Er schließt an den vorigen an.".to_owned()),
            Verdict::Broken { why } if sheet.excused => {
                (true, format!("{} Mit Vermerk geschlossen.", why.german()))
            }
            Verdict::Broken { why } => (false, why.german()),
            Verdict::NotApplicable { why } => (true, why.german().to_owned()),
        };
        Guard {
            code: "auszugsfolge".to_owned(),
            text: format!(
                "Auszug {} vom {}: {text}",
                sheet.name,
                sheet.last_day.strftime("%d.%m.%Y")
            ),
            held,
        }
    })
    .collect()
}

/// What the statements of an account keep a closing waiting for. `counts`: whether statements are expected at all.
pub fn waits_for(iban: &Iban, sheets: &[&Sheet], counts: bool, since: u64, days: (Date, Date)) -> Vec<Hold> {
    let mut holds = Vec::new();
    if counts {
        // A closing that no balance stands beside could never be signed.
        if !sheets.is_empty() && sheets.iter().all(|sheet| sheet.closing.is_none()) {
            holds.push(Hold::StatementMissing {
                iban: iban.to_string(),
                day: None,
            });
        }
        let missing = awaited(sheets, days.0, days.1);
        holds.extend(missing.into_iter().map(|day| Hold::StatementMissing {
            iban: iban.to_string(),
            day: Some(day),
        }));
    }
    let broken = guards(sheets, since).into_iter().filter(|guard| !guard.held);
    holds.extend(broken.map(|guard| Hold::GuardBroken {
        iban: iban.to_string(),
        code: format!("{} ({})", guard.code, guard.text),
    }));
    holds
}

/// What a period moved on an account, as its records tell: entries that are fresh, and claims.
#[derive(Debug, Clone, Copy, Default)]
struct Moved {
    credits: Cents,
    debits: Cents,
}

/// Statements that came after the first closing of their account and are older than all that it knew: the balance that it
/// began with holds what they moved.
fn history(sheets: &[Sheet], sizes: &[u64]) -> BTreeSet<StatementId> {
    let mut accounts: BTreeMap<&Iban, Vec<&Sheet>> = BTreeMap::new();
    for sheet in sheets {
        accounts.entry(&sheet.account).or_default().push(sheet);
    }
    let mut old = BTreeSet::new();
    for sheets in accounts.into_values() {
        let came_first = sheets.iter().map(|sheet| sheet.position).min();
        let first = sizes
            .iter()
            .find(|size| came_first.is_some_and(|first| first < **size));
        let Some(size) = first else { continue };
        let known = sheets.iter().filter(|sheet| sheet.position < *size);
        let begin = known.map(|sheet| (sheet.first_day, sheet.order())).min();
        let later = sheets.iter().filter(|sheet| sheet.position >= *size);
        let older = later.filter(|sheet| Some((sheet.first_day, sheet.order())) < begin);
        old.extend(older.map(|sheet| sheet.id));
    }
    old
}

/// The bridge of foreign money: fed with the records of a period, it gives the banks of its closing.
#[derive(Debug)]
pub struct Bridge<'a> {
    sheets: &'a [Sheet],
    since: u64,
    accounts: BTreeMap<StatementId, (&'a Iban, u64)>,
    history: BTreeSet<StatementId>,
    /// Of entries of notifications that opened a line in this period: whether the line is of this period.
    opened: BTreeMap<(StatementId, u32), bool>,
    /// Of payments of this period that were claimed: whether they came in.
    came_in: BTreeMap<DetailId, bool>,
    moved: BTreeMap<&'a Iban, Moved>,
}

impl<'a> Bridge<'a> {
    /// Over all statements before the cut, and the notifications that tell their details: id, account and place.
    /// `sizes`: how many records each earlier closing covers, in their order.
    pub fn over(sheets: &'a [Sheet], notifications: &'a [(StatementId, Iban, u64)], sizes: &[u64]) -> Self {
        let told = notifications
            .iter()
            .map(|(id, account, at)| (*id, (account, *at)));
        let accounts = sheets
            .iter()
            .map(|sheet| (sheet.id, (&sheet.account, sheet.position)))
            .chain(told)
            .collect();
        Self {
            sheets,
            since: sizes.last().copied().unwrap_or_default(),
            accounts,
            history: history(sheets, sizes),
            opened: BTreeMap::new(),
            came_in: BTreeMap::new(),
            moved: BTreeMap::new(),
        }
    }

    /// Takes a record of the period.
    pub fn record(&mut self, body: &Body) {
        match body {
            // What a notification tells is told by its line already.
            Body::Statement(filed) if filed.format == Format::Camt054.as_str() => {}
            Body::Statement(filed) => {
                let known = self.accounts.get(&filed.id);
                if let Some((account, _)) = known.filter(|_| !self.history.contains(&filed.id)) {
                    let moved = self.moved.entry(account).or_default();
                    moved.credits += filed.credits;
                    moved.debits += filed.debits;
                }
            }
            Body::Match(matched) => self.claim(matched),
            _ => {}
        }
    }

    /// What is claimed is foreign no longer; what a claim leaves again is foreign again.
    fn claim(&mut self, matched: &Matched) {
        let statement = matched.detail.statement;
        let Some((account, position)) = self.accounts.get(&statement) else {
            return;
        };
        // What history moved is in the balance that the account began with, like what earlier closings counted.
        let is_new = *position >= self.since && !self.history.contains(&statement);
        if let Subject::Detail(told) = matched.subject
            && told.detail == 0
        {
            self.opened.insert((told.statement, told.entry), is_new);
        }
        let of = (statement, matched.detail.entry);
        let is_new = self.opened.get(&of).copied().unwrap_or(is_new);
        let came_in = if is_new && matched.cents != Cents::ZERO {
            // A claim that is made smaller has the other sign: the first one tells which way the money went.
            *self
                .came_in
                .entry(matched.detail)
                .or_insert(matched.cents.is_positive())
        } else {
            // What an earlier closing counted as foreign leaves it the other way.
            !matched.cents.is_positive()
        };
        let moved = self.moved.entry(account).or_default();
        if came_in {
            moved.credits += -matched.cents;
        } else {
            moved.debits += matched.cents;
        }
    }

    /// The banks, by IBAN. `ours` says what the books hold of an account; `also` names accounts that are there without
    /// a statement.
    pub fn banks<'b>(
        &'b self,
        previous: &[Bank],
        also: impl IntoIterator<Item = &'b Iban>,
        ours: impl Fn(&Iban) -> Cents,
    ) -> Vec<Bank> {
        let mut accounts: BTreeMap<&'b Iban, Vec<&'b Sheet>> =
            also.into_iter().map(|iban| (iban, Vec::new())).collect();
        for sheet in self.sheets {
            accounts.entry(&sheet.account).or_default().push(sheet);
        }
        let banks = accounts.into_iter().map(|(iban, sheets)| {
            let before = previous.iter().find(|bank| bank.iban == iban.as_str());
            let earliest = sheets.iter().min_by_key(|sheet| (sheet.first_day, sheet.order()));
            let opening = match (before, earliest) {
                (Some(bank), _) => bank.foreign.closing,
                (None, Some(sheet)) => sheet.opening.unwrap_or_default(),
                (None, None) => Cents::ZERO,
            };
            let moved = self.moved.get(iban).copied().unwrap_or_default();
            let last = sheets
                .iter()
                .filter(|sheet| sheet.closing.is_some())
                .max_by_key(|sheet| sheet.order());
            Bank {
                iban: iban.to_string(),
                statement: last.and_then(|sheet| {
                    Some(StatementBalance {
                        number: sheet.name.clone(),
                        day: sheet.header.day.unwrap_or(sheet.last_day),
                        balance: sheet.closing?,
                    })
                }),
                awaited: Vec::new(),
                ours: ours(iban),
                foreign: Foreign::moved(opening, moved.credits, moved.debits),
                difference: None,
                guards: guards(&sheets, self.since),
            }
            .weighed()
        });
        banks.collect()
    }
}

#[cfg(test)]
mod tests;
