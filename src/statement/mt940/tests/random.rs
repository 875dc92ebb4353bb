//! Statements that chance writes are read back as they were meant, and no noise breaks the reader.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{only, read};
use crate::domain::money::Cents;
use crate::domain::statement::Direction;

#[derive(Debug, Clone)]
struct Meant {
    cents: i64,
    mark: (&'static str, Direction),
    end_to_end: Option<String>,
    purpose: String,
    name: String,
}

/// Cuts a text every so many characters, as banks do.
fn cut(text: &str, width: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunks(width)
        .map(|piece| piece.iter().collect())
        .collect()
}

/// Keywords in sub-fields of 27, or run on behind blanks; all of it in lines of 65.
fn write(statement: &[Meant], runs_on: bool, end: &str) -> String {
    let mut text = ":20:CHANCE\n:25:82051000/0123456789\n:28C:1/1\n:60F:C260309EUR0,00\n".to_owned();
    let mut sum = 0;
    for meant in statement {
        sum += meant.mark.1.signed(Cents::new(meant.cents)).get();
        let amount = format!("{},{:02}", meant.cents / 100, meant.cents % 100);
        let end_to_end = meant.end_to_end.as_ref().map(|told| format!("EREF+{told}"));
        let remittance = format!("SVWZ+{}", meant.purpose);
        let words: Vec<String> = end_to_end.into_iter().chain([remittance]).collect();
        let pieces = if runs_on {
            cut(&words.join(" "), 27)
        } else {
            words.iter().flat_map(|word| cut(word, 27)).collect()
        };
        let keys = (20..30).chain(60..64);
        let mut info = ":86:166?00GUTSCHRIFT?109310".to_owned();
        for (key, piece) in keys.zip(pieces) {
            write!(info, "?{key}{piece}").expect("a text grows");
        }
        for (key, piece) in (32..34).zip(cut(&meant.name, 27)) {
            write!(info, "?{key}{piece}").expect("a text grows");
        }
        writeln!(text, ":61:2603100310{}{amount}NTRFNONREF", meant.mark.0).expect("a text grows");
        for line in cut(&info, 65) {
            writeln!(text, "{line}").expect("a text grows");
        }
    }
    let sign = if sum < 0 { 'D' } else { 'C' };
    let closing = format!("{},{:02}", sum.abs() / 100, sum.abs() % 100);
    writeln!(text, ":62F:{sign}260310EUR{closing}\n-").expect("a text grows");
    text.lines().flat_map(|line| [line, end]).collect()
}

fn meant() -> impl Strategy<Value = Meant> {
    let mark = prop::sample::select(vec![
        ("C", Direction::Credit),
        ("DR", Direction::Debit),
        ("RC", Direction::Debit),
        ("RDR", Direction::Credit),
    ]);
    let end_to_end = prop::option::of("[A-Z]{5}[A-Z0-9-]{0,25}");
    let purpose = "[A-Za-zäöüß0-9.,:/+-]([A-Za-zäöüß0-9.,:/+ -]{0,120}[A-Za-zäöüß0-9.,:/+-])?";
    (
        1_i64..10_000_000_000,
        mark,
        end_to_end,
        purpose,
        "[A-Z][a-zäöüß]{1,40}",
    )
        .prop_map(|(cents, mark, end_to_end, purpose, name)| Meant {
            cents,
            mark,
            end_to_end,
            purpose,
            name,
        })
}

proptest! {
    #[test]
    fn what_a_bank_writes_is_read_back(
        statement in prop::collection::vec(meant(), 0..8),
        runs_on: bool,
        end in prop::sample::select(vec!["\n", "\r\n", "\r", "@@"]),
        latin: bool,
    ) {
        let text = write(&statement, runs_on, end);
        let bytes = if latin {
            encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()
        } else {
            text.clone().into_bytes()
        };
        let told = only(&bytes);
        prop_assert!(told.adds_up(), "{text}");
        prop_assert_eq!(told.entries.len(), statement.len());
        for ((entry, detail), meant) in told.entries.iter().zip(&statement) {
            prop_assert_eq!(entry.cents, Cents::new(meant.cents));
            prop_assert_eq!(entry.direction, meant.mark.1);
            prop_assert_eq!(detail.purpose.concat(), meant.purpose.clone());
            prop_assert_eq!(&detail.references.end_to_end, &meant.end_to_end);
            prop_assert_eq!(detail.counterparty.name.as_ref(), Some(&meant.name));
        }
    }

    #[test]
    fn noise_is_told_in_order_and_never_breaks_the_reader(
        parts in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![
                    ":20:", ":25:82051000/1", ":28C:1/2", ":60F:C260309EUR1,", ":61:", "2603100310C1,NTRF", ":86:166?20",
                    "?21SVWZ+", "EREF:", ":62F:C260309EUR1,", ":62M:", ":90C:1EUR", ":34F:EURD0,", "\n", "\r\n", "-", "@@", "-}",
                    "{1:F01}{2:I942}{4:", ":", ":NS:01", "/REMI/USTD//", "/CNTP/", "/OCMT/EUR", "ü", "?",
                ]).prop_map(|text| text.as_bytes().to_vec()),
                prop::collection::vec(any::<u8>(), 0..6),
            ],
            0..60,
        ),
    ) {
        prop_assert!(!read(&parts.concat()).is_empty());
    }
}
