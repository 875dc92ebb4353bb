//! What holds for every input: drawn from few numbers and few amounts, so that everything collides with everything.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::kit::{claim, nov};
use crate::domain::money::Cents;
use crate::domain::reconcile::*;

const NUMBERS: [&str; 5] = [
    "1001000000001",
    "1001000000002",
    "01001000000001",
    "TX7K2M9Q",
    "4711",
];
const WRITINGS: [&str; 9] = ["", "KZ", "RF", "0", "cut", "blank", "two", "alike", "longer"];

#[derive(Debug, Clone)]
struct Drawn {
    number: usize,
    other: usize,
    writing: usize,
    field: bool,
    cents: i64,
    day: i8,
    account: u32,
    back: bool,
}

fn lines() -> impl Strategy<Value = Vec<Drawn>> {
    let line = (
        (
            0..NUMBERS.len(),
            0..NUMBERS.len(),
            0..WRITINGS.len(),
            any::<bool>(),
        ),
        prop::sample::select(vec![100, 200, 300, 95, -100, -103, -200, 0]),
        1..6_i8,
        1..3_u32,
        prop::bool::weighted(0.2),
    );
    let line = line.prop_map(
        |((number, other, writing, field), cents, day, account, back)| Drawn {
            number,
            other,
            writing,
            field,
            cents,
            day,
            account,
            back,
        },
    );
    prop::collection::vec(line, 0..24)
}

type Item = (usize, i64, u8, bool, Option<u32>);

fn items() -> impl Strategy<Value = Vec<Item>> {
    let item = (
        0..NUMBERS.len(),
        prop::sample::select(vec![100, 200, 300, -100]),
        0..4_u8,
        prop::bool::weighted(0.3),
        prop::option::weighted(0.2, 1..3_u32),
    );
    prop::collection::vec(item, 0..10)
}

fn book(items: &[(usize, Item)]) -> Book {
    let mut book = Book::new();
    for (id, (number, cents, kind, settled, account)) in items {
        let id = u64::try_from(*id).expect("few");
        let payout = Payout {
            gross: Cents::new(*cents),
            fee: None,
            count: 3,
            contract: Some(Contract {
                millionths: 50_000,
                ..Contract::default()
            }),
        };
        let kind = match kind {
            0 => Kind::Payout(payout),
            1 => Kind::Settlement,
            2 if *cents < 0 => Kind::Refund,
            _ => Kind::Claim,
        };
        let open = Open {
            kind,
            account: *account,
            ..claim(id, NUMBERS[*number], *cents)
        };
        let done = if *settled {
            book.settled(&Settled {
                id,
                kind,
                references: open.references.clone(),
                cents: open.cents,
                since: nov(1),
                account: *account,
            })
        } else {
            book.open(&open)
        };
        done.expect("it fits");
    }
    book
}

fn hand_in(lines: &[(usize, Drawn)]) -> Lines {
    let mut all = Lines::new();
    for (id, drawn) in lines {
        let (number, other) = (NUMBERS[drawn.number], NUMBERS[drawn.other]);
        let half = number.len() / 2;
        let (first, last) = number.split_at(half);
        let written = match WRITINGS[drawn.writing] {
            "cut" => vec![format!("Gebuehr {first}"), last.to_owned()],
            "blank" => vec![format!("{first} {last}")],
            "two" => vec![format!("{number} und {other}")],
            "alike" => vec![number.replace('0', "O")],
            "RF" => vec![format!("RF37{number}")],
            "longer" => vec![format!("9{number}9")],
            before => vec![format!("{before}{number}")],
        };
        let mut texts: Vec<(Field, &str)> = written
            .iter()
            .map(|text| (Field::Purpose, text.as_str()))
            .collect();
        if drawn.field {
            texts.push((Field::EndToEnd, other));
        }
        let line = Line {
            id: LineId(u64::try_from(*id).expect("few")),
            account: drawn.account,
            day: nov(drawn.day),
            cents: Cents::new(drawn.cents),
            texts,
            returned: drawn.back.then(|| ReturnFacts {
                code: None,
                original: None,
                charges: Some(Cents::new(3)),
            }),
        };
        all.push(&line).expect("it fits");
    }
    all
}

fn numbered<T: Clone>(all: &[T]) -> Vec<(usize, T)> {
    all.iter().cloned().enumerate().collect()
}

fn run(lines: &[(usize, Drawn)], items: &[(usize, Item)]) -> Outcome {
    reconcile(&hand_in(lines), &book(items), Settings::default()).expect("no id comes twice")
}

fn shuffled<T: Clone>(all: &[T], seed: u64) -> Vec<T> {
    let mut left = all.to_vec();
    let mut seed = seed;
    let mut out = Vec::new();
    while !left.is_empty() {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(seed >> 33).expect("31 bits") % left.len();
        out.push(left.remove(at));
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn the_order_of_the_input_does_not_reach_the_outcome(lines in lines(), items in items(), seed in any::<u64>()) {
        let (lines, items) = (numbered(&lines), numbered(&items));
        let told = serde_json::to_string(&run(&lines, &items)).expect("it is written");
        let other = run(&shuffled(&lines, seed), &shuffled(&items, seed.rotate_left(7)));
        prop_assert_eq!(told, serde_json::to_string(&other).expect("it is written"));
    }

    #[test]
    fn every_line_is_judged_once_and_every_cent_is_somewhere(lines in lines(), items in items()) {
        let (lines, items) = (numbered(&lines), numbered(&items));
        let outcome = run(&lines, &items);
        let ids: Vec<u64> = outcome.judged.iter().map(|judged| judged.line.0).collect();
        let expected: Vec<u64> = (0..).take(lines.len()).collect();
        prop_assert_eq!(ids, expected);
        let mut in_parts: BTreeMap<u64, Cents> = BTreeMap::new();
        for (line, pairing) in outcome.pairings() {
            let drawn = &lines[usize::try_from(line.0).expect("few")].1;
            prop_assert_eq!(pairing.gross, Cents::new(drawn.cents) + pairing.fee);
            let (Target::Open(id) | Target::Settled(id)) = pairing.target;
            let (_, cents, kind, _, account) = items[usize::try_from(id).expect("few")].1;
            if pairing.rule == Rule::Sum {
                prop_assert_ne!(pairing.gross, Cents::new(cents), "one that is the whole needs no others");
                *in_parts.entry(id).or_default() += pairing.gross;
            } else {
                prop_assert_eq!(pairing.gross, Cents::new(cents), "an item is cleared whole or not at all");
            }
            prop_assert!(pairing.fee == Cents::ZERO || kind == 0, "only payouts lack a fee");
            prop_assert!(account.is_none_or(|only| only == drawn.account));
            prop_assert!(!pairing.evidence.spelling.alike && !drawn.back);
        }
        for (id, sum) in in_parts {
            let (_, cents, ..) = items[usize::try_from(id).expect("few")].1;
            // Once, and once more after each return.
            prop_assert_eq!(sum.get() % cents, 0, "parts are the whole together");
        }
    }

    #[test]
    fn no_item_is_claimed_twice_but_after_a_return(lines in lines(), items in items()) {
        let outcome = run(&numbered(&lines), &numbered(&items));
        let mut in_order: Vec<&Judged> = outcome.judged.iter().collect();
        in_order.sort_by_key(|judged| {
            let drawn = &lines[usize::try_from(judged.line.0).expect("few")];
            (drawn.day, drawn.back, judged.line)
        });
        let mut held: BTreeMap<Target, bool> = BTreeMap::new();
        let mut in_parts: BTreeMap<Target, i64> = BTreeMap::new();
        for judged in in_order {
            let (target, now) = match &judged.verdict {
                Verdict::Paired(pairing) if pairing.rule == Rule::Sum => {
                    let (Target::Open(id) | Target::Settled(id)) = pairing.target;
                    let sum = in_parts.entry(pairing.target).or_default();
                    *sum += pairing.gross.get();
                    if *sum != items[usize::try_from(id).expect("few")].1 {
                        continue;
                    }
                    in_parts.remove(&pairing.target);
                    (pairing.target, true)
                }
                Verdict::Paired(pairing) => (pairing.target, true),
                Verdict::Returned(back) => (back.target, false),
                _ => continue,
            };
            let before = held.insert(target, now).unwrap_or(matches!(target, Target::Settled(_)));
            prop_assert_ne!(before, now, "{:?}", target);
        }
        prop_assert!(in_parts.is_empty(), "no part without the others");
    }

    #[test]
    fn days_matched_one_by_one_say_what_the_month_says(lines in lines(), items in items(), until in 1..6_i8) {
        let (lines, items) = (numbered(&lines), numbered(&items));
        let early: Vec<(usize, Drawn)> = lines.iter().filter(|(_, line)| line.day <= until).cloned().collect();
        let month = run(&lines, &items);
        for judged in run(&early, &items).judged {
            let later = month.of(judged.line).expect("it is in the month too");
            if let (Verdict::Unmatched(_), Verdict::Unmatched(_)) = (&judged.verdict, later) {
                continue;
            }
            // What is missing of an amount may come on another day.
            if let (Verdict::Exception(early), Verdict::Paired(whole)) = (&judged.verdict, later) {
                prop_assert_eq!((early.code, whole.rule), (Difference::Amount, Rule::Sum));
                continue;
            }
            prop_assert_eq!(&judged.verdict, later);
        }
    }

    #[test]
    fn a_line_says_the_same_of_the_few_items_that_it_may_name_or_that_have_its_amount(
        lines in lines(), items in items(),
    ) {
        let items: Vec<(usize, Item)> =
            numbered(&items).into_iter().filter(|(_, item)| item.2 > 0 && item.1 > 0).collect();
        for line in numbered(&lines) {
            let line = [line];
            let id = LineId(u64::try_from(line[0].0).expect("few"));
            let names = names::names(&hand_in(&line), id);
            let few: Vec<(usize, Item)> = items
                .iter()
                .filter(|(_, (number, cents, ..))| {
                    names::of_text(NUMBERS[*number]).is_some_and(|name| names.contains(&name))
                        || *cents == line[0].1.cents
                })
                .copied()
                .collect();
            let all = run(&line, &items);
            // Sums are sought among all that wait.
            let sums = matches!(all.of(id), Some(Verdict::Unmatched(those))
                if those.iter().any(|one| one.hint == Hint::Sum));
            if !sums {
                prop_assert_eq!(all, run(&line, &few));
            }
        }
    }

    #[test]
    fn any_text_at_all_is_read(
        texts in prop::collection::vec(prop_oneof![any::<String>(), Just("RF00".to_owned())], 0..6),
        number in prop_oneof![any::<String>(), "[A-Z0-9]{6,12}"],
    ) {
        let mut book = Book::new();
        book.open(&claim(1, &number, 100)).expect("it fits");
        book.open(&claim(2, "1001000000001", 100)).expect("it fits");
        let mut lines = Lines::new();
        let all = [texts.clone(), vec![number.clone(), format!("RF00{number}"), "RF37".into()]].concat();
        for field in [Field::Purpose, Field::EndToEnd] {
            let id = LineId(u64::from(field == Field::Purpose));
            let texts = all.iter().map(|text| (field, text.as_str())).collect();
            let line = Line { id, account: 1, day: nov(3), cents: Cents::new(100), texts, returned: None };
            lines.push(&line).expect("it fits");
        }
        let outcome = reconcile(&lines, &book, Settings::default()).expect("no id comes twice");
        let findable = number.chars().any(|c| c.is_ascii_alphanumeric() && c != '0')
            && number.chars().filter(char::is_ascii_alphanumeric).count() <= 127;
        if findable {
            let found = !matches!(outcome.of(LineId(0)), Some(Verdict::Unmatched(_)));
            prop_assert!(found, "what fills a field is found: {:?}", outcome.of(LineId(0)));
        }
    }
}
