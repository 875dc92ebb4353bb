//! How long a year end takes: a million statement lines against a million open items, and whether time and memory grow
//! with their number and no faster.
//!
//! `cargo bench --bench matching` makes lines and items from their numbers alone (no randomness), matches 100 000,
//! 300 000 and a million of them one after the other, demands the known truth of every line, and prints seconds and the
//! peak of the resident memory, the input included. One thread. A number behind it measures that many only:
//! `cargo bench --bench matching -- 1000000`; that is the figure for memory.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark reads the clock and prints, and nobody calls it"
)]

use std::fmt::Write as _;
use std::time::Instant;

use epaybl_connector::domain::money::Cents;
use epaybl_connector::domain::reconcile::{
    Book, Contract, Field, Kind, Line, LineId, Lines, Name, Open, Outcome, Payout, ReturnFacts, Settings,
    Settled, Target, Verdict, reconcile,
};
use jiff::civil::{Date, date};

/// How many lines, and as many items.
const SIZES: [u64; 3] = [100_000, 300_000, 1_000_000];
/// The most that a million may take.
const SECONDS: u64 = 30;
const MEGABYTES: u64 = 500;

/// What kind of line this number makes: of a hundred, so many of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Field,
    Purpose,
    Cut,
    Blanks,
    Rf,
    Zeros,
    Less,
    Payout,
    Return,
    Slip,
    Foreign,
}

const fn way(number: u64) -> Way {
    match number * 37 % 100 {
        0..25 => Way::Field,
        25..45 => Way::Purpose,
        45..57 => Way::Cut,
        57..65 => Way::Blanks,
        65..70 => Way::Rf,
        70..74 => Way::Zeros,
        74..76 => Way::Less,
        76..78 => Way::Payout,
        78..80 => Way::Return,
        80..82 => Way::Slip,
        _ => Way::Foreign,
    }
}

/// Scattered, but each number once: a multiplication modulo a prime.
const fn scattered(number: u64) -> u64 {
    number * 5_915_587 % 9_999_999_967
}

fn kassenzeichen(number: u64) -> String {
    format!("100{:010}", scattered(number + 1))
}

fn cents(number: u64) -> i64 {
    const FEES: [i64; 8] = [1000, 1300, 2280, 2880, 3700, 6000, 7000, 10_250];
    let few = FEES[usize::try_from(number % 8).expect("less than 8")];
    // One in four is a bill of its own amount.
    if number % 4 == 3 {
        few + i64::try_from(scattered(number) % 50_000).expect("less than 50 000")
    } else {
        few
    }
}

fn day(number: u64) -> Date {
    let of_year = i16::try_from(scattered(number) % 365).expect("less than 365");
    date(2026, 1, 1)
        .tomorrow()
        .and_then(|day| day.checked_add(jiff::Span::new().days(of_year)))
        .expect("a day of this century")
}

fn payout(number: u64) -> Payout {
    Payout {
        gross: Cents::new(cents(number) * 40),
        fee: None,
        count: 40,
        contract: Some(Contract {
            per_payout: Cents::ZERO,
            per_item: Cents::new(25),
            millionths: 12_500,
        }),
    }
}

fn rf(number: &str) -> String {
    let rest = number
        .bytes()
        .chain(*b"271500")
        .fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
    format!("RF{:02}{number}", 98 - rest)
}

fn books(size: u64) -> Book {
    let mut book = Book::new();
    let mut attempt = String::new();
    for number in 0..size {
        let kassenzeichen = kassenzeichen(number);
        attempt.clear();
        write!(attempt, "TX{:014X}", scattered(number) * 7919).expect("a text takes it");
        let references = vec![
            (Name::Kassenzeichen, kassenzeichen.as_str()),
            (Name::Transaktionsnummer, &attempt),
        ];
        let done = if way(number) == Way::Return {
            book.settled(&Settled {
                id: number,
                kind: Kind::Settlement,
                references,
                cents: Cents::new(cents(number)),
                since: day(number),
                account: None,
            })
        } else {
            let kind = match way(number) {
                Way::Payout => Kind::Payout(payout(number)),
                Way::Field => Kind::Settlement,
                _ => Kind::Claim,
            };
            book.open(&Open {
                id: number,
                kind,
                references,
                cents: Cents::new(cents(number)),
                since: day(number),
                due: None,
                account: None,
            })
        };
        done.expect("there is not too much");
    }
    book
}

/// The purpose of the line, cut by the bank after 27 characters; its end-to-end reference; and its amount.
fn told(number: u64) -> (String, String, i64) {
    let kz = kassenzeichen(number);
    let owed = cents(number);
    let none = "NOTPROVIDED".to_owned();
    let paid_out = payout(number).net().get();
    match way(number) {
        Way::Field => ("Gebuehr Personalausweis Buergeramt Mitte".into(), kz, owed),
        Way::Purpose => (format!("Kassenzeichen {kz} Verwaltungsgebuehr"), none, owed),
        Way::Cut => (format!("Personalausweis Muster {kz} danke"), none, owed),
        Way::Blanks => (format!("KZ {} {} {}", &kz[..4], &kz[4..8], &kz[8..]), none, owed),
        Way::Rf => (rf(&kz), none, owed),
        Way::Zeros => (format!("Zahlung 000{kz}"), none, owed),
        Way::Less => (format!("KZ {kz} abzueglich Porto"), none, owed - 1),
        Way::Payout => (format!("AUSZAHLUNG {kz} 40 POSTEN"), none, paid_out - 17),
        Way::Return => (format!("RETOURE {kz}"), none, -owed - 300),
        Way::Slip => (format!("KZ {}X{}", &kz[..6], &kz[7..]), none, owed),
        Way::Foreign => (
            format!("Miete November Wohnung {} Mustermann Erika", number % 97),
            none,
            owed + 1,
        ),
    }
}

fn statement(size: u64) -> Lines {
    let mut lines = Lines::new();
    for number in 0..size {
        let (purpose, end_to_end, cents) = told(number);
        let mut texts = vec![(Field::EndToEnd, end_to_end.as_str())];
        let mut rest = purpose.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(27));
            texts.push((Field::Purpose, line));
            rest = after;
        }
        texts.push((Field::Text, "GUTSCHRIFT"));
        let line = Line {
            // Statements do not come in the order of our numbers.
            id: LineId(scattered(number)),
            account: 1,
            day: day(number),
            cents: Cents::new(cents),
            texts,
            returned: (way(number) == Way::Return).then(|| ReturnFacts {
                code: Some("MS03".into()),
                original: None,
                charges: Some(Cents::new(300)),
            }),
        };
        lines.push(&line).expect("there is not too much");
    }
    lines
}

/// Every line must be what it was made as. How many are paired.
fn check(outcome: &Outcome, size: u64) -> u64 {
    let mut paired = 0;
    for number in 0..size {
        let verdict = outcome
            .of(LineId(scattered(number)))
            .expect("every line is judged");
        let right = match (way(number), verdict) {
            (Way::Foreign | Way::Slip, Verdict::Unmatched(_)) => true,
            (Way::Less, Verdict::Exception(exception)) => exception.target == Some(Target::Open(number)),
            (Way::Return, Verdict::Returned(back)) => {
                back.target == Target::Settled(number) && back.fee == Cents::new(300)
            }
            (Way::Foreign | Way::Slip | Way::Less | Way::Return, _) => false,
            (_, Verdict::Paired(pairing)) => {
                paired += 1;
                pairing.target == Target::Open(number)
            }
            _ => false,
        };
        assert!(right, "line {number}, {:?}: {verdict:?}", way(number));
    }
    paired
}

/// The peak of the resident memory so far, in kilobytes; nothing where the system does not tell.
fn peak() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|line| line.starts_with("VmHWM"))?.to_owned();
            line.split_whitespace().nth(1)?.parse().ok()
        })
        .unwrap_or(0)
}

fn main() {
    let asked: Vec<u64> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let sizes = if asked.is_empty() { SIZES.to_vec() } else { asked };
    for size in sizes {
        let start = Instant::now();
        let (book, lines) = (books(size), statement(size));
        let made = start.elapsed();
        let before = peak();
        let start = Instant::now();
        let outcome = reconcile(&lines, &book, Settings::default()).expect("no id comes twice");
        let took = start.elapsed();
        let paired = check(&outcome, size);
        let a_line = took.as_nanos() / u128::from(size.max(1));
        println!(
            "{size:>9} lines, as many items: {:>6} ms to match ({a_line} ns a line), {paired} paired; handed in within \
             {} ms; peak {} MB, of which {} MB were handed in",
            took.as_millis(),
            made.as_millis(),
            peak() / 1024,
            before / 1024,
        );
        assert!(
            took.as_secs() < SECONDS,
            "a million lines take {SECONDS} seconds at most"
        );
        assert!(peak() / 1024 < MEGABYTES, "and {MEGABYTES} MB at most");
    }
}
