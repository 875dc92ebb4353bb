//! The sentences of [`Fault`] and [`Lack`].

use super::reasons::{Fault, Lack, Sum, Whose};
use crate::domain::statement::Direction;

impl Fault {
    /// For the finance office.
    pub fn german(&self) -> String {
        match self {
            Self::Balance {
                opening,
                entries,
                closing,
                currency,
            } => {
                let reached = reached(*opening, *entries);
                format!(
                    "Anfangssaldo {} und Umsätze {} ergeben {}; der Auszug nennt als Endsaldo {}.",
                    opening.german(currency),
                    entries.german(currency),
                    reached.german(currency),
                    closing.german(currency)
                )
            }
            Self::CutOff => {
                "Der Auszug bricht ab: ihm fehlt der Endsaldo (:62F:). Bitte die Datei bei der Bank neu abholen."
                    .to_owned()
            }
            Self::DetailSum {
                entry,
                line,
                amount,
                details,
                currency,
            } => format!(
                "Buchung {entry} (Zeile {line}) lautet über {}; ihre Einzelposten ergeben {}.",
                amount.german(currency),
                details.german(currency)
            ),
            Self::DetailCount {
                entry,
                line,
                told,
                read,
            } => format!(
                "Sammelbuchung {entry} (Zeile {line}) nennt {told} Einzelposten; in der Datei stehen {read}."
            ),
            Self::DetailTotal {
                entry,
                line,
                told,
                details,
                currency,
            } => format!(
                "Sammelbuchung {entry} (Zeile {line}) nennt als Summe {}; ihre Einzelposten ergeben {}.",
                told.german(currency),
                details.german(currency)
            ),
            Self::StatedCount { told, read } => {
                format!("Die Bank nennt {told} Buchungen; in der Datei stehen {read}.")
            }
            Self::StatedSide {
                direction,
                told,
                read,
                currency,
            } => {
                let side = match direction {
                    Direction::Credit => "Gutschriften",
                    Direction::Debit => "Belastungen",
                };
                format!(
                    "Die Bank nennt {} {side} über {}; in der Datei stehen {} über {}.",
                    told.count,
                    told.sum.german(currency),
                    read.count,
                    read.sum.german(currency)
                )
            }
            Self::OtherCurrency {
                whose,
                found,
                account,
            } => {
                let whose = match whose {
                    Whose::Opening => "Der Anfangssaldo".to_owned(),
                    Whose::Closing => "Der Endsaldo".to_owned(),
                    Whose::Entry(entry) => format!("Buchung {entry}"),
                };
                format!("{whose} lautet auf {found}; das Konto wird in {account} geführt.")
            }
            Self::MissingStatements {
                from,
                to,
                year,
                chained,
            } => {
                let what = if from == to {
                    format!("Es fehlt der Auszug {from} ({year}).")
                } else {
                    format!("Es fehlen die Auszüge {from} bis {to} ({year}).")
                };
                if *chained {
                    format!("{what} Die Salden schließen dennoch aneinander an.")
                } else {
                    what
                }
            }
            Self::MissingPage { number, page } => {
                format!("Vom Auszug {number} fehlt das Blatt {page}.")
            }
            Self::SameNumber { number, year } => {
                format!("Ein anderer Auszug trägt schon die Nummer {number} ({year}).")
            }
            Self::Chain {
                day,
                closing,
                opening,
                currency,
            } => format!(
                "Der vorige Auszug endet am {} mit {}; der folgende beginnt mit {}.",
                day.strftime("%d.%m.%Y"),
                closing.german(currency),
                opening.german(currency)
            ),
        }
    }

    /// For the command line and the log.
    pub fn english(&self) -> String {
        match self {
            Self::Balance {
                opening,
                entries,
                closing,
                currency,
            } => {
                let reached = reached(*opening, *entries);
                format!(
                    "opening balance {opening} and entries {entries} make {reached} {currency}; the statement \
                     closes with {closing}"
                )
            }
            Self::CutOff => {
                "the statement breaks off: it has no closing balance (:62F:); get the file from the bank anew"
                    .to_owned()
            }
            Self::DetailSum {
                entry,
                line,
                amount,
                details,
                currency,
            } => format!("entry {entry} (line {line}) is {amount} {currency}; its details make {details}"),
            Self::DetailCount {
                entry,
                line,
                told,
                read,
            } => format!("entry {entry} (line {line}) says that it has {told} details; the file has {read}"),
            Self::DetailTotal {
                entry,
                line,
                told,
                details,
                currency,
            } => format!(
                "entry {entry} (line {line}) names {told} {currency} as its total; its details make {details}"
            ),
            Self::StatedCount { told, read } => {
                format!("the bank names {told} entries; the file has {read}")
            }
            Self::StatedSide {
                direction,
                told,
                read,
                currency,
            } => {
                let side = match direction {
                    Direction::Credit => "credits",
                    Direction::Debit => "debits",
                };
                format!(
                    "the bank names {} {side} of {} {currency}; the file has {} of {}",
                    told.count, told.sum, read.count, read.sum
                )
            }
            Self::OtherCurrency {
                whose,
                found,
                account,
            } => {
                let whose = match whose {
                    Whose::Opening => "the opening balance".to_owned(),
                    Whose::Closing => "the closing balance".to_owned(),
                    Whose::Entry(entry) => format!("entry {entry}"),
                };
                format!("{whose} is in {found}; the account is in {account}")
            }
            Self::MissingStatements {
                from,
                to,
                year,
                chained,
            } => {
                let what = if from == to {
                    format!("statement {from} of {year} is missing")
                } else {
                    format!("statements {from} to {to} of {year} are missing")
                };
                let but = if *chained {
                    ", although the balances follow on one another"
                } else {
                    ""
                };
                format!("{what}{but}")
            }
            Self::MissingPage { number, page } => format!("page {page} of statement {number} is missing"),
            Self::SameNumber { number, year } => {
                format!("another statement has the number {number} of {year} already")
            }
            Self::Chain {
                day,
                closing,
                opening,
                currency,
            } => format!(
                "the statement before closes on {day} with {closing} {currency}; the one after opens with {opening}"
            ),
        }
    }
}

fn reached(opening: Sum, entries: Sum) -> Sum {
    let mut reached = opening;
    reached += entries;
    reached
}

impl Lack {
    /// For the finance office.
    pub const fn german(self) -> &'static str {
        match self {
            Self::NoBalancesByKind => "Eine Sammelbuchungsdatei (camt.054) hat keine Salden.",
            Self::NoBalances => "Die Datei nennt keine Salden.",
            Self::NoOpening => "Die Datei nennt keinen Anfangssaldo.",
            Self::NoClosing => "Die Datei nennt keinen Endsaldo.",
            Self::Interim => "Untertägige Umsätze müssen die genannten Salden nicht ergeben.",
            Self::MixedCurrencies => "Beträge in verschiedenen Währungen lassen sich nicht zusammenzählen.",
            Self::NotOpened => "Die Einzelposten der Sammelbuchungen stehen nicht in der Datei.",
            Self::NothingStated => "Die Bank nennt keine Summen.",
            Self::NoCurrency => "Die Datei nennt keine Währung.",
            Self::NoChain => "Nur gebuchte Auszüge schließen aneinander an.",
            Self::NoAccount => "Die Datei nennt kein Konto.",
            Self::First => "Es ist kein früherer Auszug des Kontos bekannt.",
            Self::KnownAlready => "Dieser Auszug ist schon bekannt.",
            Self::NotNumbered => {
                "Die Bank nummeriert nicht, und Tage oder Salden sagen nicht, welcher Auszug folgt."
            }
            Self::Overlapping => {
                "Der Auszug überschneidet sich mit bekannten und folgt auf keinen von ihnen."
            }
        }
    }

    /// For the command line and the log.
    pub const fn english(self) -> &'static str {
        match self {
            Self::NoBalancesByKind => "a notification (camt.054) has no balances",
            Self::NoBalances => "the file has no balances",
            Self::NoOpening => "the file has no opening balance",
            Self::NoClosing => "the file has no closing balance",
            Self::Interim => "a report during the day need not add up to its balances",
            Self::MixedCurrencies => "amounts in several currencies cannot be added up",
            Self::NotOpened => "the details of the batched entries are not in the file",
            Self::NothingStated => "the bank names no totals",
            Self::NoCurrency => "the file names no currency",
            Self::NoChain => "only booked statements follow on one another",
            Self::NoAccount => "the file names no account",
            Self::First => "no earlier statement of the account is known",
            Self::KnownAlready => "this statement is known already",
            Self::NotNumbered => {
                "the bank does not number, and days or balances do not say which statement follows"
            }
            Self::Overlapping => "it overlaps with known statements and follows none of them",
        }
    }
}
