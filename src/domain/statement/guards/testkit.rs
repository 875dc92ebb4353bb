//! Pieces of statements for tests, as short as a story needs them.

use jiff::civil::{Date, date};

use crate::domain::money::Cents;
use crate::domain::statement::{
    Balance, Code, Detail, Direction, Entry, Format, Head, Party, Place, References, Sequence, Status, Tail,
};

/// A day of January 2026.
pub(crate) fn january(day: i8) -> Date {
    date(2026, 1, day)
}

/// A balance in EUR at the end of a day.
pub(crate) fn balance(cents: i64, day: Date) -> Balance {
    Balance {
        kind: "CLBD".into(),
        cents: Cents::new(cents),
        day: Some(day),
        currency: "EUR".into(),
    }
}

/// The head of an unnumbered camt.053 without balance.
pub(crate) fn head() -> Head {
    Head {
        format: Format::Camt053,
        version: Some("08".into()),
        account: "DE02120300000000202051".into(),
        currency: Some("EUR".into()),
        id: "STMT-1".into(),
        sequence: None,
        created: None,
        period: None,
        opening: None,
        place: Place { line: 1 },
    }
}

/// A number without page.
pub(crate) fn number(number: u64) -> Sequence {
    Sequence {
        number,
        page: None,
        last: None,
    }
}

/// A booked entry: more than nothing goes in, less goes out.
pub(crate) fn entry(ordinal: u32, cents: i64, day: Date) -> Entry {
    Entry {
        ordinal,
        cents: Cents::new(cents.abs()),
        currency: "EUR".into(),
        direction: direction(cents),
        reversal: false,
        status: Status::Booked,
        booked_on: Some(day),
        valued_on: Some(day),
        bank_reference: None,
        reference: None,
        code: Code::default(),
        batch: None,
        text: "GUTSCHRIFT".into(),
        raw: String::new(),
        place: Place {
            line: u64::from(ordinal) * 10,
        },
    }
}

/// A detail with its sign.
pub(crate) fn detail(ordinal: u32, cents: i64, purpose: &str) -> Detail {
    Detail {
        ordinal,
        cents: Some(Cents::new(cents.abs())),
        direction: direction(cents),
        references: References::default(),
        counterparty: Party::default(),
        purpose: vec![purpose.to_owned()],
        structured: Vec::new(),
        returned: None,
        original: None,
        charges: Vec::new(),
        code: Code::default(),
        raw: String::new(),
        place: Place::default(),
    }
}

/// A tail with its closing balance.
pub(crate) fn tail(closing: Option<Balance>) -> Tail {
    Tail {
        closing,
        ..Tail::default()
    }
}

fn direction(cents: i64) -> Direction {
    if cents < 0 {
        Direction::Debit
    } else {
        Direction::Credit
    }
}
