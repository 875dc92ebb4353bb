//! Short words for telling a story: what is open, what the bank shows, what is said of it.

use jiff::civil::{Date, date};

use crate::domain::money::Cents;
use crate::domain::reconcile::*;

/// A day of November 2026.
pub fn nov(day: i8) -> Date {
    date(2026, 11, day)
}

/// A story: books and lines that grow as it is told.
#[derive(Default)]
pub struct Story {
    pub book: Book,
    pub lines: Lines,
}

impl Story {
    /// A claim of a payer who transfers, open since the 2nd.
    pub fn claim(mut self, id: u64, kassenzeichen: &str, cents: i64) -> Self {
        self.add(&claim(id, kassenzeichen, cents));
        self
    }

    pub fn open(mut self, open: &Open<'_>) -> Self {
        self.add(open);
        self
    }

    fn add(&mut self, open: &Open<'_>) {
        self.book.open(open).expect("it fits");
    }

    /// An item that was paid last month.
    pub fn paid(mut self, id: u64, kassenzeichen: &str, cents: i64) -> Self {
        self.book
            .settled(&Settled {
                id,
                kind: Kind::Settlement,
                references: vec![(Name::Kassenzeichen, kassenzeichen)],
                cents: Cents::new(cents),
                since: date(2026, 10, 5),
                account: None,
            })
            .expect("it fits");
        self
    }

    /// A line whose purpose is this, as the bank cut it at `|`.
    pub fn line(self, id: u64, day: i8, cents: i64, purpose: &str) -> Self {
        self.told(
            id,
            day,
            cents,
            &purpose
                .split('|')
                .map(|text| (Field::Purpose, text))
                .collect::<Vec<_>>(),
        )
    }

    pub fn told(self, id: u64, day: i8, cents: i64, texts: &[(Field, &str)]) -> Self {
        self.any(&Line {
            id: LineId(id),
            account: 1,
            day: nov(day),
            cents: Cents::new(cents),
            texts: texts.to_vec(),
            returned: None,
        })
    }

    /// A return: what the bank tells of the original amount and of its fees.
    pub fn comes_back(
        self,
        id: u64,
        day: i8,
        cents: i64,
        purpose: &str,
        (original, charges): (Option<i64>, Option<i64>),
    ) -> Self {
        self.any(&Line {
            id: LineId(id),
            account: 1,
            day: nov(day),
            cents: Cents::new(cents),
            texts: vec![(Field::Purpose, purpose)],
            returned: Some(ReturnFacts {
                code: Some("MS03".into()),
                original: original.map(Cents::new),
                charges: charges.map(Cents::new),
            }),
        })
    }

    pub fn any(mut self, line: &Line<'_>) -> Self {
        self.lines.push(line).expect("it fits");
        self
    }

    pub fn outcome(&self) -> Outcome {
        reconcile(&self.lines, &self.book, Settings::default()).expect("no id comes twice")
    }

    /// What is said of a line, in few words.
    pub fn says(&self, line: u64) -> String {
        let outcome = self.outcome();
        in_words(outcome.of(LineId(line)).expect("every line is judged"))
    }
}

pub fn claim(id: u64, kassenzeichen: &str, cents: i64) -> Open<'_> {
    Open {
        id,
        kind: Kind::Claim,
        references: vec![(Name::Kassenzeichen, kassenzeichen)],
        cents: Cents::new(cents),
        since: nov(2),
        due: None,
        account: None,
    }
}

fn name(target: Target) -> String {
    match target {
        Target::Open(id) => format!("{id}"),
        Target::Settled(id) => format!("settled {id}"),
    }
}

/// A verdict in few words: what a test compares.
pub fn in_words(verdict: &Verdict) -> String {
    let names = |targets: &[Target]| {
        targets
            .iter()
            .map(|target| name(*target))
            .collect::<Vec<_>>()
            .join("+")
    };
    match verdict {
        Verdict::Paired(pairing) => {
            let (target, rule, evidence) = (name(pairing.target), pairing.rule.as_str(), &pairing.evidence);
            match pairing.fee {
                Cents::ZERO => format!("{target} by {rule}: {evidence}"),
                fee => format!("{target} by {rule}, fee {fee}: {evidence}"),
            }
        }
        Verdict::Returned(back) => {
            let code = back.code.as_deref().unwrap_or("no code");
            format!(
                "{} back, {} fee {}, {code}",
                name(back.target),
                back.gross,
                back.fee
            )
        }
        Verdict::Exception(exception) => {
            let target = exception.target.map_or("nobody".to_owned(), name);
            let expected = exception.expected.unwrap_or_default();
            format!("{}: {target}, expected {expected}", exception.code.as_str())
        }
        Verdict::Ambiguous(candidates) => {
            let targets: Vec<Target> = candidates.iter().map(|candidate| candidate.target).collect();
            format!("ambiguous: {}", names(&targets))
        }
        Verdict::Unmatched(suggestions) => {
            let all: Vec<String> = suggestions
                .iter()
                .map(|suggestion| format!("{} {}", suggestion.hint.as_str(), names(&suggestion.targets)))
                .collect();
            format!("unmatched: {}", all.join(", "))
        }
    }
}
