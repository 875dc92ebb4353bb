//! The sums of a closing, record by record.
//!
//! Positions tell the period from what lies before it: a record at or behind the previous closing's size belongs to the
//! period. So the same records give the same sums whether they are read from the beginning of the log
//! ([`Totals::from_the_start`]) or behind what the previous closing carries forward ([`Totals::after`]).

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::account::{AccountClass, AccountName};
use super::fact::{Booked, Difference, Entry, Fact, Leg};
use super::{AccountTotals, Books, Closing, Exception, Exceptions, Movement, OpenPosten, TitleTotals, age};
use crate::domain::booking::BookingKind;
use crate::domain::ids::{AuthorityId, ExceptionId, Kassenzeichen, Method, PostenId};
use crate::domain::money::Cents;

/// Records that cannot be those of one log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TotalsError {
    /// A position that was passed.
    #[error("record {position} was already passed, the next one is {next}; feed the log in its order")]
    Backwards {
        /// The position.
        position: u64,
        /// The lowest position that may come.
        next: u64,
    },
    /// A record behind the cut.
    #[error("the closing is cut at {size}, but records up to {next} were fed")]
    Beyond {
        /// The size of the closing.
        size: u64,
        /// One more than the last position.
        next: u64,
    },
    /// A line of nothing or less.
    #[error("record {position} has a line of {cents} EUR; each line moves more than nothing")]
    Nothing {
        /// The position.
        position: u64,
        /// The amount.
        cents: Cents,
    },
    /// An exception that is open already.
    #[error("record {position} opens exception {id} again")]
    OpenedAgain {
        /// The position.
        position: u64,
        /// The exception.
        id: ExceptionId,
    },
    /// An exception that is not open.
    #[error("record {position} resolves exception {id}, which is not open")]
    NotOpen {
        /// The position.
        position: u64,
        /// The exception.
        id: ExceptionId,
    },
}

#[derive(Debug, Clone, Copy, Default)]
struct Moved {
    opening: Cents,
    debit: Cents,
    credit: Cents,
}

#[derive(Debug, Clone, Copy, Default)]
struct Title {
    soll: Cents,
    ist: Cents,
    soll_moved: Cents,
    ist_moved: Cents,
}

#[derive(Debug, Clone)]
struct Standing {
    /// Debit minus credit.
    balance: Cents,
    opened_on: Date,
    kind: String,
    kassenzeichen: Option<Kassenzeichen>,
    authority: Option<AuthorityId>,
}

type MovementKey = (AccountName, Option<String>, Option<Method>, Option<AuthorityId>);

/// The accumulator.
#[derive(Debug, Clone)]
pub struct Totals {
    /// The first position of the period.
    period: u64,
    /// The lowest position that may come.
    next: u64,
    accounts: BTreeMap<AccountName, Moved>,
    titles: BTreeMap<(i16, Option<String>), Title>,
    movements: BTreeMap<MovementKey, (u64, Cents, Cents)>,
    standing: BTreeMap<(AccountName, PostenId), Standing>,
    opened: BTreeMap<ExceptionId, Exception>,
    resolved: Vec<Exception>,
    open: BTreeMap<ExceptionId, Exception>,
}

impl Totals {
    /// Nothing yet. `period` is the size of the previous closing, or 0 before the first.
    pub fn from_the_start(period: u64) -> Self {
        Self {
            period,
            next: 0,
            accounts: BTreeMap::new(),
            titles: BTreeMap::new(),
            movements: BTreeMap::new(),
            standing: BTreeMap::new(),
            opened: BTreeMap::new(),
            resolved: Vec::new(),
            open: BTreeMap::new(),
        }
    }

    /// What a closing carries forward: only records behind it are fed.
    pub fn after(previous: &Closing) -> Self {
        let mut totals = Self::from_the_start(previous.cut.size);
        totals.next = previous.cut.size;
        let books = &previous.books;
        for account in &books.accounts {
            let opening = account.closing;
            let moved = Moved {
                opening,
                ..Moved::default()
            };
            totals.accounts.insert(account.account.clone(), moved);
        }
        for title in &books.titles {
            let sums = Title {
                soll: title.soll,
                ist: title.ist,
                ..Title::default()
            };
            let key = (title.haushaltsjahr, title.haushaltsstelle.clone());
            totals.titles.insert(key, sums);
        }
        for item in books.deposits.iter().chain(&books.advances) {
            let balance = match item.account.class() {
                AccountClass::Vorschuss => item.cents,
                _ => -item.cents,
            };
            let standing = Standing {
                balance,
                opened_on: item.opened_on,
                kind: item.kind.clone(),
                kassenzeichen: item.kassenzeichen.clone(),
                authority: item.authority.clone(),
            };
            totals
                .standing
                .insert((item.account.clone(), item.posten), standing);
        }
        for exception in &books.exceptions.open {
            totals.open.insert(exception.id, exception.clone());
        }
        totals
    }

    /// Takes the record at a position, with its booking day.
    ///
    /// # Errors
    /// [`TotalsError`] where it cannot be the next of this log. The totals are of no use afterwards.
    pub fn record(&mut self, position: u64, day: Date, fact: &Fact) -> Result<(), TotalsError> {
        if position < self.next {
            return Err(TotalsError::Backwards {
                position,
                next: self.next,
            });
        }
        self.next = position + 1;
        let within = position >= self.period;
        match fact {
            Fact::Booked(booked) => {
                for line in &booked.lines {
                    if !line.cents.is_positive() {
                        let cents = line.cents;
                        return Err(TotalsError::Nothing { position, cents });
                    }
                    self.side(within, day, booked, line, &line.debit, line.cents);
                    self.side(within, day, booked, line, &line.credit, -line.cents);
                }
            }
            Fact::Opened(difference) => self.opened(within, position, day, difference)?,
            Fact::Resolved(id) => {
                let Some(mut exception) = self.open.remove(id) else {
                    return Err(TotalsError::NotOpen { position, id: *id });
                };
                exception.resolved_on = Some(day);
                if within {
                    if let Some(opened) = self.opened.get_mut(id) {
                        opened.resolved_on = Some(day);
                    }
                    self.resolved.push(exception);
                }
            }
            Fact::Reopened(difference, found) => self.reopened(within, difference, *found),
        }
        Ok(())
    }

    /// One side of a line: `signed` is the amount of a debit, less than nothing of a credit.
    fn side(&mut self, within: bool, day: Date, booked: &Booked, line: &Entry, leg: &Leg, signed: Cents) {
        let moved = self.accounts.entry(leg.account.clone()).or_default();
        if within {
            let key = (
                leg.account.clone(),
                line.haushaltsstelle.clone(),
                booked.method.clone(),
                booked.authority.clone(),
            );
            let (count, debit, credit) = self.movements.entry(key).or_default();
            *count += 1;
            if signed.is_positive() {
                moved.debit += signed;
                *debit += signed;
            } else {
                moved.credit += -signed;
                *credit += -signed;
            }
        } else {
            moved.opening += signed;
        }
        match leg.account.class() {
            AccountClass::Forderung => self.title(within, booked.kind, line, signed),
            AccountClass::Verwahrung | AccountClass::Vorschuss => self.stand(day, booked, leg, signed),
            AccountClass::Bank | AccountClass::Other => {}
        }
    }

    fn title(&mut self, within: bool, kind: BookingKind, line: &Entry, signed: Cents) {
        let key = (line.haushaltsjahr, line.haushaltsstelle.clone());
        let title = self.titles.entry(key).or_default();
        if matches!(
            kind,
            BookingKind::Sollstellung | BookingKind::Absetzung | BookingKind::Ausbuchung
        ) {
            title.soll += signed;
            if within {
                title.soll_moved += signed;
            }
        } else {
            title.ist += -signed;
            if within {
                title.ist_moved += -signed;
            }
        }
    }

    fn stand(&mut self, day: Date, booked: &Booked, leg: &Leg, signed: Cents) {
        let key = (leg.account.clone(), leg.posten);
        let standing = self.standing.entry(key.clone()).or_insert_with(|| Standing {
            balance: Cents::ZERO,
            opened_on: day,
            kind: booked.kind.as_str().to_owned(),
            kassenzeichen: booked.kassenzeichen.clone(),
            authority: booked.authority.clone(),
        });
        standing.balance += signed;
        if standing.balance == Cents::ZERO {
            self.standing.remove(&key);
        }
    }

    /// A resolution was taken back, or steps that were not complete: then it has been open all the time.
    fn reopened(&mut self, within: bool, found: &Difference, on: Date) {
        if self.open.contains_key(&found.id) {
            return;
        }
        let before = self.resolved.iter().position(|one| one.id == found.id);
        let exception = match before.map(|at| self.resolved.remove(at)) {
            Some(exception) => Exception {
                resolved_on: None,
                ..exception
            },
            None => of(found, on),
        };
        // What an earlier period resolved comes in again with this one.
        if within && (before.is_none() || self.opened.contains_key(&found.id)) {
            self.opened.insert(found.id, exception.clone());
        }
        self.open.insert(found.id, exception);
    }

    fn opened(
        &mut self,
        within: bool,
        position: u64,
        day: Date,
        found: &Difference,
    ) -> Result<(), TotalsError> {
        let exception = of(found, day);
        if within {
            self.opened.insert(found.id, exception.clone());
        }
        match self.open.insert(found.id, exception) {
            Some(_) => Err(TotalsError::OpenedAgain {
                position,
                id: found.id,
            }),
            None => Ok(()),
        }
    }

    /// The books at the cut: `size` records, the last day of the closing is `to`.
    ///
    /// # Errors
    /// [`TotalsError::Beyond`] where a record behind the cut was fed.
    pub fn finish(self, size: u64, to: Date) -> Result<Books, TotalsError> {
        if self.next > size {
            let next = self.next;
            return Err(TotalsError::Beyond { size, next });
        }
        let accounts = self.accounts.into_iter().map(|(account, moved)| AccountTotals {
            account,
            opening: moved.opening,
            debit: moved.debit,
            credit: moved.credit,
            closing: moved.opening + moved.debit - moved.credit,
        });
        let titles = self.titles.into_iter().map(|((year, place), title)| TitleTotals {
            haushaltsjahr: year,
            haushaltsstelle: place,
            soll_moved: title.soll_moved,
            ist_moved: title.ist_moved,
            soll: title.soll,
            ist: title.ist,
            rest: title.soll - title.ist,
        });
        let movements = self.movements.into_iter().map(|(key, (count, debit, credit))| {
            let (account, haushaltsstelle, method, authority) = key;
            Movement {
                account,
                haushaltsstelle,
                method,
                authority,
                count,
                debit,
                credit,
            }
        });
        let (advances, deposits) = open_posten(self.standing, to)
            .into_iter()
            .partition(|item| item.account.class() == AccountClass::Vorschuss);
        Ok(Books {
            accounts: accounts.collect(),
            titles: titles.collect(),
            movements: movements.collect(),
            deposits,
            advances,
            exceptions: Exceptions {
                opened: listed(self.opened.into_values(), to),
                resolved: listed(self.resolved, to),
                open: listed(self.open.into_values(), to),
            },
        })
    }
}

fn of(found: &Difference, on: Date) -> Exception {
    Exception {
        id: found.id,
        code: found.code.clone(),
        text: found.text.clone(),
        kassenzeichen: found.kassenzeichen.clone(),
        cents: found.cents,
        opened_on: on,
        resolved_on: None,
        age_days: 0,
    }
}

/// Oldest first.
fn open_posten(standing: BTreeMap<(AccountName, PostenId), Standing>, to: Date) -> Vec<OpenPosten> {
    let mut open: Vec<OpenPosten> = standing
        .into_iter()
        .map(|((account, posten), standing)| OpenPosten {
            posten,
            cents: match account.class() {
                AccountClass::Vorschuss => standing.balance,
                _ => -standing.balance,
            },
            account,
            kassenzeichen: standing.kassenzeichen,
            authority: standing.authority,
            kind: standing.kind,
            opened_on: standing.opened_on,
            age_days: age(standing.opened_on, to),
        })
        .collect();
    open.sort_by_key(|item| (item.opened_on, item.posten));
    open
}

/// Oldest first, with their ages.
fn listed(exceptions: impl IntoIterator<Item = Exception>, to: Date) -> Vec<Exception> {
    let mut list: Vec<Exception> = exceptions
        .into_iter()
        .map(|exception| Exception {
            age_days: age(exception.opened_on, exception.resolved_on.unwrap_or(to)),
            ..exception
        })
        .collect();
    list.sort_by_key(|exception| (exception.opened_on, exception.id));
    list
}
