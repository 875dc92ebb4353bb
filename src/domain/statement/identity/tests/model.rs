//! An account is drawn, and statements of it: numbered ones, two of the same day too, and exports over any days. They
//! are read in any order, some twice; in the end the payments are those of the account.

use std::collections::{BTreeSet, HashMap};

use super::super::{Fingerprint, Identity, Placer, Relation, disjoint, fingerprint};
use crate::domain::statement::guards::testkit::{balance, detail, entry, head, january, number, tail};
use crate::domain::statement::header::Header;
use crate::domain::statement::{Format, Head};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_assert_eq, proptest};

/// A statement as a store would keep it.
#[derive(Debug, Clone)]
struct Told {
    header: Header,
    fingerprints: Vec<Fingerprint>,
}

/// Reads statements one after the other, in batches, as a store would.
#[derive(Default)]
struct Books {
    headers: Vec<Header>,
    seen: HashMap<Fingerprint, Vec<(u32, usize)>>,
    payments: BTreeSet<Identity>,
}

impl Books {
    fn read(&mut self, told: &Told, batch: usize) {
        let mut begun: HashMap<Fingerprint, u32> = HashMap::new();
        let mut placed = Vec::new();
        for fingerprints in told.fingerprints.chunks(batch) {
            let mut placer = Placer::default();
            for fingerprint in fingerprints {
                for (ordinal, statement) in self.seen.get(fingerprint).into_iter().flatten() {
                    let relation = if disjoint(&told.header, &self.headers[*statement]) {
                        Relation::Disjoint
                    } else {
                        Relation::Overlapping
                    };
                    let identity = Identity {
                        fingerprint: *fingerprint,
                        ordinal: *ordinal,
                    };
                    placer.know(identity, relation);
                }
                placer.begun(*fingerprint, begun.get(fingerprint).copied().unwrap_or_default());
            }
            for fingerprint in fingerprints {
                let occurrence = placer.place(*fingerprint);
                assert_eq!(self.payments.insert(occurrence.identity), occurrence.new);
                placed.push(occurrence.identity);
                *begun.entry(*fingerprint).or_default() += 1;
            }
        }
        let statement = self.headers.len();
        self.headers.push(told.header.clone());
        for identity in placed {
            let seen = self.seen.entry(identity.fingerprint).or_default();
            seen.push((identity.ordinal, statement));
        }
    }
}

/// What moves on one day: few amounts, so that many are alike.
type Day = Vec<i64>;

fn account() -> impl Strategy<Value = Vec<Day>> {
    let amount = prop::sample::select(vec![100_i64, 100, 100, -100, 250]);
    prop::collection::vec(prop::collection::vec(amount, 0..6), 1..6)
}

/// The statement of some of the payments of the account, in their order.
fn told(days: &[Day], from: (usize, usize), to: (usize, usize), counted: Option<u64>) -> Told {
    let mut level = 1_000_000_i64;
    let mut lines = Vec::new();
    let mut opening = None;
    // The day of a balance is that on which it was reached: the day before, or this one in the middle of it.
    let mut reached = january(1);
    for (day, amounts) in days.iter().enumerate() {
        let date = january(i8::try_from(day).expect("few days") + 2);
        for (at, cents) in amounts.iter().enumerate() {
            if (day, at) >= from && (day, at) < to {
                opening.get_or_insert((level, reached));
                lines.push((*cents, date));
            }
            level += cents;
            reached = date;
        }
    }
    let (opening, opened_on) = opening.unwrap_or((level, reached));
    let head = Head {
        sequence: counted.map(number),
        opening: Some(balance(opening, opened_on)),
        format: Format::Camt053,
        ..head()
    };
    let mut header = Header::begin(&head);
    let mut fingerprints = Vec::new();
    for (ordinal, (cents, date)) in (1..).zip(&lines) {
        let line = entry(ordinal, *cents, *date);
        header.entry(&line);
        fingerprints.push(fingerprint(
            &head.account,
            &line,
            Some(&detail(1, *cents, "MIETE")),
        ));
    }
    let closing = opening + lines.iter().map(|(cents, _)| cents).sum::<i64>();
    let closed_on = lines.last().map_or(opened_on, |(_, date)| *date);
    Told {
        header: header.end(&tail(Some(balance(closing, closed_on)))),
        fingerprints,
    }
}

/// The bank's own statements: each day in one, or in two.
fn numbered(days: &[Day], halves: &[bool]) -> Vec<Told> {
    let mut statements = Vec::new();
    let mut next = 1;
    for (day, amounts) in days.iter().enumerate() {
        let middle = if halves[day % halves.len()] {
            amounts.len() / 2
        } else {
            0
        };
        for (from, to) in [(0, middle), (middle, amounts.len())] {
            if from < to {
                statements.push(told(days, (day, from), (day, to), Some(next)));
                next += 1;
            }
        }
    }
    statements
}

fn stories() -> impl Strategy<Value = (Vec<Day>, Vec<Told>, usize)> {
    let drawn = (
        account(),
        prop::collection::vec(any::<bool>(), 5),
        prop::collection::vec((0_usize..6, 0_usize..6), 0..4),
        1_usize..9,
    );
    drawn.prop_flat_map(|(days, halves, exports, batch)| {
        let mut statements = numbered(&days, &halves);
        for (one, other) in exports {
            let (first, last) = (one.min(other), one.max(other));
            statements.push(told(&days, (first, 0), (last + 1, 0), None));
        }
        let again: Vec<Told> = statements.iter().step_by(2).cloned().collect();
        statements.extend(again);
        (Just(days), Just(statements).prop_shuffle(), Just(batch))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn statements_in_any_order_overlapping_and_twice_tell_the_payments_of_the_account(
        (days, statements, batch) in stories(),
    ) {
        let mut once = Books::default();
        once.read(&told(&days, (0, 0), (days.len(), 0), None), 1_000);
        let mut books = Books::default();
        for statement in &statements {
            books.read(statement, batch);
        }
        prop_assert_eq!(books.payments, once.payments);
    }
}
