//! A small Kasse for tests: two authorities, two days, one bank account that also carries foreign money.

use jiff::civil::{Date, date};
use uuid::Uuid;

use super::*;
use crate::domain::booking::BookingKind;

pub const IBAN: &str = "DE02120300000000202051";
pub const DAY: Date = date(2026, 3, 3);
/// The records of the first closing.
pub const FIRST: u64 = 6;
/// The records of both.
pub const BOTH: u64 = 14;

/// A side of a line.
pub fn leg(account: &str, posten: u128) -> Leg {
    Leg {
        account: AccountName::new(account),
        posten: PostenId(Uuid::from_u128(posten)),
    }
}

/// A booking of one line.
pub fn booked(
    kind: BookingKind,
    (debit, credit): (&str, &str),
    posten: u128,
    cents: i64,
    title: Option<&str>,
) -> Fact {
    let authority = AuthorityId::parse("stadt-bad-langensalza").expect("an authority");
    Fact::Booked(Booked {
        kind,
        authority: Some(authority),
        method: Method::parse("KREDITKARTE").ok(),
        kassenzeichen: Kassenzeichen::parse(&format!("42000000{posten:04}")).ok(),
        lines: vec![Entry {
            debit: leg(debit, posten),
            credit: leg(credit, posten),
            cents: Cents::new(cents),
            haushaltsjahr: 2026,
            haushaltsstelle: title.map(str::to_owned),
        }],
    })
}

/// A difference.
pub fn opened(id: u128, code: &str, text: &str, cents: Option<i64>) -> Fact {
    Fact::Opened(Difference {
        id: ExceptionId(Uuid::from_u128(id)),
        code: code.to_owned(),
        text: text.to_owned(),
        kassenzeichen: Kassenzeichen::parse(&format!("42000000{id:04}")).ok(),
        cents: cents.map(Cents::new),
    })
}

const CARD: &str = "verrechnung/epaybl/KREDITKARTE";
const TITLE: &str = "1100.1000";

/// Two days of records, each with its booking day.
pub fn story() -> Vec<(Date, Fact)> {
    use BookingKind::{Doppelzahlung, Ruecklastschrift, Sollstellung, Ueberzahlung, Zahlung};
    let bank = format!("bank/{IBAN}");
    let (monday, tuesday) = (date(2026, 3, 2), DAY);
    let soll = ("forderung", "erloes/1100.1000/0000000001");
    let paid = (CARD, "forderung");
    vec![
        (monday, booked(Sollstellung, soll, 1, 2345, Some(TITLE))),
        (monday, booked(Zahlung, paid, 1, 2345, Some(TITLE))),
        (monday, booked(Doppelzahlung, (CARD, "verwahrung"), 2, 2345, None)),
        (
            monday,
            opened(
                2,
                "doppelzahlung",
                "Für denselben Vorgang wurde ein zweites Mal gezahlt.",
                Some(2345),
            ),
        ),
        (
            monday,
            opened(9, "verwaist", "Ein Vorgang ohne Antwort; er bleibt.", None),
        ),
        (monday, booked(Sollstellung, soll, 3, 5000, Some(TITLE))),
        (tuesday, booked(Zahlung, paid, 3, 5000, Some(TITLE))),
        (tuesday, booked(Ueberzahlung, (CARD, "verwahrung"), 4, 150, None)),
        (
            tuesday,
            opened(
                4,
                "ueberzahlung",
                "Es wurde mehr gezahlt als gefordert.",
                Some(150),
            ),
        ),
        (tuesday, booked(Zahlung, (&bank, CARD), 5, 7345, None)),
        (
            tuesday,
            booked(Ruecklastschrift, ("forderung", CARD), 1, 2345, Some(TITLE)),
        ),
        (tuesday, booked(Zahlung, ("vorschuss", &bank), 6, 1000, None)),
        (
            tuesday,
            booked(Doppelzahlung, ("verwahrung", "erstattung"), 2, 2345, None),
        ),
        (tuesday, Fact::Resolved(ExceptionId(Uuid::from_u128(2)))),
    ]
}

/// The books of a part of a story, from the beginning.
pub fn books(story: &[(Date, Fact)], period: u64, to: Date) -> Books {
    let mut totals = Totals::from_the_start(period);
    for (position, (day, fact)) in (0..).zip(story) {
        totals.record(position, *day, fact).expect("a story of one log");
    }
    totals
        .finish(story.len() as u64, to)
        .expect("nothing is behind the cut")
}

/// A closing over some books.
pub fn closing_of(books: Books, number: u64, size: u64, to: Date) -> Closing {
    Closing {
        ledger: LedgerId::parse("stadt-bad-langensalza").expect("a Kasse"),
        kasse: "Stadtkasse Bad Langensalza".to_owned(),
        rechnungswesen: Rechnungswesen::Kameral,
        test: false,
        number,
        from: to,
        to,
        cut: Cut {
            size,
            root: Root([u8::try_from(number).expect("a small number"); 32]),
        },
        previous: (number > 1).then(|| Previous {
            number: number - 1,
            size: FIRST,
            root: Root([u8::try_from(number - 1).expect("a small number"); 32]),
        }),
        program: Program {
            version: "0.1.0".to_owned(),
            build: "7c9e6679".to_owned(),
            freigabe: Some("20.2-902.41/2026".to_owned()),
        },
        prepared_at: Timestamp::from_millis(1_772_604_000_000),
        books,
        banks: Vec::new(),
        signing: Signing::default(),
    }
}

/// The closing of the second day, whose bank and books agree.
pub fn closing() -> Closing {
    let mut closing = closing_of(books(&story(), FIRST, DAY), 2, BOTH, DAY);
    closing.banks = vec![
        Bank {
            iban: IBAN.to_owned(),
            statement: Some(StatementBalance {
                number: "43".to_owned(),
                day: DAY,
                balance: Cents::new(1_006_345),
            }),
            awaited: Vec::new(),
            ours: Cents::new(6345),
            foreign: Foreign::moved(Cents::new(980_000), Cents::new(45_000), Cents::new(25_000)),
            difference: None,
            guards: vec![Guard {
                code: "saldenkette".to_owned(),
                text: "Der Anfangssaldo ist der Endsaldo des vorigen Auszugs.".to_owned(),
                held: true,
            }],
        }
        .weighed(),
    ];
    closing
}

/// A signature at an hour of the next morning.
pub fn signature(who: &str, role: SignerRole) -> Signature {
    Signature {
        who: who.to_owned(),
        role,
        at: Timestamp::from_millis(1_772_607_600_000),
    }
}
