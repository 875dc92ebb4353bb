//! What does not add up in a closing, and what it waits for.
//!
//! A closing waits only for a statement that is missing, a guard that broke, a difference between bank and books, or
//! sums that contradict each other; never for an open exception, which it lists.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;

use super::account::{AccountClass, AccountName};
use super::{Bank, Books, Closing, Exception};
use crate::domain::ids::ExceptionId;
use crate::domain::money::Cents;

/// A sum that contradicts another: a fault of the program or of the store, never of the Kasse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Two sums that must be the same.
    Sum {
        /// What was summed up.
        what: String,
        /// What it is.
        is: Cents,
        /// What it must be.
        must_be: Cents,
    },
    /// The chain of closings is broken.
    Chain(String),
    /// An exception is in a list in which it cannot be.
    Exception {
        /// The exception.
        id: ExceptionId,
        /// What is wrong.
        why: &'static str,
    },
    /// A bank account of the books that no bank is told of.
    NoBank(AccountName),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sum { what, is, must_be } => write!(f, "{what} is {is} EUR and must be {must_be} EUR"),
            Self::Chain(why) => f.write_str(why),
            Self::Exception { id, why } => write!(f, "exception {id} {why}"),
            Self::NoBank(account) => write!(
                f,
                "{account} is in the books, but no statement account is set up for it"
            ),
        }
    }
}

/// What a closing waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// The statement of a day is missing.
    StatementMissing {
        /// The bank account.
        iban: String,
        /// The day; none where there never was a statement that tells a balance.
        day: Option<Date>,
    },
    /// A guard of the statements broke.
    GuardBroken {
        /// The bank account.
        iban: String,
        /// The guard's code.
        code: String,
    },
    /// Ist-Bestand and Soll-Bestand differ (§ 72 Abs. 3 ThürGemHV: to be cleared at once).
    Differs {
        /// The bank account.
        iban: String,
        /// Ist less Soll.
        cents: Cents,
    },
    /// The closing contradicts itself.
    DoesNotAddUp(Finding),
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StatementMissing { iban, day: Some(day) } => {
                write!(f, "the statement of {iban} for {day} is missing; import it")
            }
            Self::StatementMissing { iban, day: None } => {
                write!(
                    f,
                    "there is no statement of {iban} yet that tells a balance; import one"
                )
            }
            Self::GuardBroken { iban, code } => {
                write!(f, "guard {code} of {iban} broke; look at the statements")
            }
            Self::Differs { iban, cents } => {
                write!(
                    f,
                    "bank and books of {iban} differ by {cents} EUR; find the entries that are missing"
                )
            }
            Self::DoesNotAddUp(finding) => write!(f, "{finding}; report it"),
        }
    }
}

/// The findings so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn same(&mut self, what: impl Into<String>, is: Cents, must_be: Cents) {
        if is != must_be {
            self.0.push(Finding::Sum {
                what: what.into(),
                is,
                must_be,
            });
        }
    }
}

impl Closing {
    /// What does not add up; empty where all is well.
    pub fn check(&self) -> Vec<Finding> {
        let mut found = Findings::default();
        self.chain(&mut found);
        self.books.accounts_add_up(&mut found);
        self.books.open_items_add_up(&mut found);
        self.books.exceptions_fit(&mut found);
        for bank in &self.banks {
            bank.adds_up(&self.books, &mut found);
        }
        for account in &self.books.accounts {
            let told = |bank: &Bank| AccountName::bank(&bank.iban) == account.account;
            if account.account.class() == AccountClass::Bank && !self.banks.iter().any(told) {
                found.0.push(Finding::NoBank(account.account.clone()));
            }
        }
        found.0
    }

    /// What it waits for before it can be signed; empty where it can be.
    pub fn holds(&self) -> Vec<Hold> {
        let mut holds: Vec<Hold> = self.check().into_iter().map(Hold::DoesNotAddUp).collect();
        for bank in &self.banks {
            let iban = &bank.iban;
            holds.extend(bank.awaited.iter().map(|day| Hold::StatementMissing {
                iban: iban.clone(),
                day: Some(*day),
            }));
            if bank.statement.is_none() && bank.awaited.is_empty() {
                holds.push(Hold::StatementMissing {
                    iban: iban.clone(),
                    day: None,
                });
            }
            holds.extend(
                bank.guards
                    .iter()
                    .filter(|guard| !guard.held)
                    .map(|guard| Hold::GuardBroken {
                        iban: iban.clone(),
                        code: guard.code.clone(),
                    }),
            );
            holds.extend(
                bank.difference
                    .filter(|cents| *cents != Cents::ZERO)
                    .map(|cents| Hold::Differs {
                        iban: iban.clone(),
                        cents,
                    }),
            );
        }
        holds
    }

    fn chain(&self, found: &mut Findings) {
        let mut wrong = |why: String| found.0.push(Finding::Chain(why));
        if self.from > self.to {
            wrong(format!("the closing goes from {} back to {}", self.from, self.to));
        }
        match self.previous {
            None if self.number != 1 => {
                wrong(format!(
                    "closing {} names no closing before it; only number 1 has none",
                    self.number
                ));
            }
            Some(previous) if Some(self.number) != previous.number.checked_add(1) => wrong(format!(
                "closing {} follows closing {}; numbers have no gaps",
                self.number, previous.number
            )),
            Some(previous) if self.cut.size < previous.size => wrong(format!(
                "the closing covers {} records, the one before {}; a log only grows",
                self.cut.size, previous.size
            )),
            Some(previous) if self.cut.size == previous.size && self.cut.root != previous.root => {
                wrong("the root is another one than before although no record was added".to_owned());
            }
            _ => {}
        }
    }
}

impl Books {
    /// What a class of accounts holds: debit minus credit.
    pub fn balance(&self, class: AccountClass) -> Cents {
        self.accounts
            .iter()
            .filter(|account| account.account.class() == class)
            .map(|account| account.closing)
            .sum()
    }

    /// What the period debited in all, which is what it credited.
    pub fn debited(&self) -> Cents {
        self.accounts.iter().map(|account| account.debit).sum()
    }

    /// What the period credited in all.
    pub fn credited(&self) -> Cents {
        self.accounts.iter().map(|account| account.credit).sum()
    }

    fn accounts_add_up(&self, found: &mut Findings) {
        let zero = Cents::ZERO;
        let opening = self.accounts.iter().map(|account| account.opening).sum();
        let closing = self.accounts.iter().map(|account| account.closing).sum();
        found.same("the sum of all balances before the period", opening, zero);
        found.same("the sum of all debits", self.debited(), self.credited());
        found.same("the sum of all balances", closing, zero);
        let mut moved: BTreeMap<&AccountName, (Cents, Cents)> = BTreeMap::new();
        for movement in &self.movements {
            let (debit, credit) = moved.entry(&movement.account).or_default();
            *debit += movement.debit;
            *credit += movement.credit;
        }
        for account in &self.accounts {
            let name = &account.account;
            let must_be = account.opening + account.debit - account.credit;
            found.same(format!("the balance of {name}"), account.closing, must_be);
            let (debit, credit) = moved.remove(name).unwrap_or_default();
            found.same(format!("the movements debited to {name}"), debit, account.debit);
            found.same(
                format!("the movements credited to {name}"),
                credit,
                account.credit,
            );
        }
        for (name, (debit, credit)) in moved {
            let what = format!("the movement of {name}, which is in no balance,");
            found.same(what, debit + credit, zero);
        }
    }

    fn open_items_add_up(&self, found: &mut Findings) {
        let deposits = self.deposits.iter().map(|item| item.cents).sum();
        let advances = self.advances.iter().map(|item| item.cents).sum();
        let rests = self.titles.iter().map(|title| title.rest).sum();
        found.same(
            "the sum of the deposits",
            deposits,
            -self.balance(AccountClass::Verwahrung),
        );
        found.same(
            "the sum of the advances",
            advances,
            self.balance(AccountClass::Vorschuss),
        );
        found.same(
            "the sum of the titles' rests",
            rests,
            self.balance(AccountClass::Forderung),
        );
        for title in &self.titles {
            let place = title.haushaltsstelle.as_deref().unwrap_or("–");
            let what = format!("the rest of {place} in {}", title.haushaltsjahr);
            found.same(what, title.rest, title.soll - title.ist);
        }
    }

    fn exceptions_fit(&self, found: &mut Findings) {
        let lists = &self.exceptions;
        let mut wrong = |id, why| found.0.push(Finding::Exception { id, why });
        for exception in &lists.open {
            if exception.resolved_on.is_some() {
                wrong(exception.id, "is listed as open although it is resolved");
            }
        }
        for exception in &lists.resolved {
            if exception.resolved_on.is_none() {
                wrong(exception.id, "is listed as resolved without a day");
            }
        }
        let ids = |list: &[Exception]| list.iter().map(|exception| exception.id).collect::<BTreeSet<_>>();
        let (resolved, open) = (ids(&lists.resolved), ids(&lists.open));
        for exception in &lists.opened {
            let kept = if exception.resolved_on.is_some() {
                &resolved
            } else {
                &open
            };
            if !kept.contains(&exception.id) {
                wrong(exception.id, "was opened and is neither resolved nor open");
            }
        }
    }
}

impl Bank {
    fn adds_up(&self, books: &Books, found: &mut Findings) {
        let account = AccountName::bank(&self.iban);
        let booked = books
            .accounts
            .iter()
            .find(|totals| totals.account == account)
            .map_or(Cents::ZERO, |totals| totals.closing);
        found.same(
            format!("our balance beside the bank's of {}", self.iban),
            self.ours,
            booked,
        );
        let bridge = self.foreign.opening + self.foreign.credits - self.foreign.debits;
        found.same(
            format!("foreign money on {}", self.iban),
            self.foreign.closing,
            bridge,
        );
        let difference = self.ist().map(|ist| ist - self.soll());
        if self.difference != difference {
            found.same(
                format!("the difference of {}", self.iban),
                self.difference.unwrap_or_default(),
                difference.unwrap_or_default(),
            );
        }
    }
}
