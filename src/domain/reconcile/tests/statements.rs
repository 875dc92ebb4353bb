//! Lines as the readers of statements tell them.

use super::kit::{Story, nov};
use crate::domain::money::Cents;
use crate::domain::reconcile::*;
use crate::domain::statement::{
    Batch, Code, Detail, Direction, Entry, Party, Place, References, Return, Status,
};

fn entry() -> Entry {
    Entry {
        ordinal: 1,
        cents: Cents::new(2500),
        currency: "EUR".into(),
        direction: Direction::Credit,
        reversal: false,
        status: Status::Booked,
        booked_on: Some(nov(3)),
        valued_on: Some(nov(3)),
        bank_reference: None,
        reference: None,
        code: Code::default(),
        batch: None,
        text: String::new(),
        raw: String::new(),
        place: Place::default(),
    }
}

fn detail() -> Detail {
    Detail {
        ordinal: 1,
        cents: Some(Cents::new(2500)),
        direction: Direction::Credit,
        references: References::default(),
        counterparty: Party::default(),
        purpose: Vec::new(),
        structured: Vec::new(),
        returned: None,
        original: None,
        charges: Vec::new(),
        code: Code::default(),
        raw: String::new(),
        place: Place::default(),
    }
}

fn says(entry: &Entry, detail: &Detail, alone: bool) -> String {
    let line = Line::of(LineId(9), (1, nov(3)), entry, detail, alone).expect("it has an amount");
    Story::default()
        .claim(1, "1001000000001", 2500)
        .paid(2, "1001000000002", 5000)
        .any(&line)
        .says(9)
}

#[test]
fn every_field_of_a_detail_is_read() {
    let number = || Some("1001000000001".to_owned());
    let with = |references: References| Detail {
        references,
        ..detail()
    };
    let all = [
        (
            with(References {
                end_to_end: number(),
                ..References::default()
            }),
            "end_to_end",
        ),
        (
            with(References {
                transaction: number(),
                ..References::default()
            }),
            "reference",
        ),
        (
            with(References {
                instruction: number(),
                ..References::default()
            }),
            "reference",
        ),
        (
            with(References {
                bank: number(),
                ..References::default()
            }),
            "reference",
        ),
        (
            with(References {
                other: vec![("FI-UMSATZ-ID".into(), "1001000000001".into())],
                ..References::default()
            }),
            "reference",
        ),
        (
            Detail {
                structured: vec!["1001000000001".into()],
                ..detail()
            },
            "structured",
        ),
        (
            Detail {
                purpose: vec!["100100000".into(), "0001".into()],
                ..detail()
            },
            "purpose",
        ),
    ];
    for (detail, field) in all {
        let said = says(&entry(), &detail, false);
        assert!(
            said.starts_with("1 by ") && said.contains(&format!(": {field}:1:1 ")),
            "{field}: {said}"
        );
    }
}

#[test]
fn what_is_told_of_the_entry_is_told_of_a_detail_that_stands_alone() {
    let told = Entry {
        text: "GUTSCHRIFT 1001000000001".into(),
        ..entry()
    };
    assert!(says(&told, &detail(), true).starts_with("1 by referenz_im_text: text:1:12"));
    assert!(
        says(&told, &detail(), false).starts_with("unmatched"),
        "a batched line's text is not its parts'"
    );
    let batch = Batch {
        payment_information_id: Some("1001000000001".into()),
        ..Batch::default()
    };
    let told = Entry {
        batch: Some(batch),
        ..entry()
    };
    assert!(says(&told, &detail(), true).starts_with("1 by referenz_genau: reference:1:1"));
}

#[test]
fn a_return_brings_its_code_its_original_amount_and_its_fees() {
    let back = Detail {
        cents: Some(Cents::new(5300)),
        direction: Direction::Debit,
        returned: Some(Return {
            code: Some("AC04".into()),
            text: None,
        }),
        purpose: vec!["1001000000002".into()],
        charges: vec![Cents::new(200), Cents::new(100)],
        ..detail()
    };
    assert_eq!(
        says(&entry(), &back, true),
        "settled 2 back, 50.00 fee 3.00, AC04"
    );
    let original = Detail {
        charges: Vec::new(),
        original: Some(Cents::new(5000)),
        ..back.clone()
    };
    assert_eq!(
        says(&entry(), &original, true),
        "settled 2 back, 50.00 fee 3.00, AC04"
    );
    let absurd = Detail {
        charges: vec![Cents::new(i64::MAX), Cents::new(1)],
        ..back
    };
    assert!(says(&entry(), &absurd, true).starts_with("ruecklauf_betrag"));
}

#[test]
fn a_reversing_entry_takes_back_without_a_code() {
    let reversing = Entry {
        reversal: true,
        direction: Direction::Debit,
        ..entry()
    };
    let detail = Detail {
        cents: Some(Cents::new(5000)),
        direction: Direction::Debit,
        purpose: vec!["Storno 1001000000002".into()],
        ..detail()
    };
    assert_eq!(
        says(&reversing, &detail, true),
        "settled 2 back, 50.00 fee 0.00, no code"
    );
}

#[test]
fn what_is_not_booked_or_not_in_euro_is_no_line() {
    for entry in [
        Entry {
            status: Status::Pending,
            ..entry()
        },
        Entry {
            status: Status::Information,
            ..entry()
        },
        Entry {
            currency: "CHF".into(),
            ..entry()
        },
    ] {
        assert!(Line::of(LineId(9), (1, nov(3)), &entry, &detail(), true).is_none());
    }
}

#[test]
fn a_detail_without_an_amount_is_no_line() {
    let unopened = Detail {
        cents: None,
        ..detail()
    };
    assert!(Line::of(LineId(9), (1, nov(3)), &entry(), &unopened, true).is_none());
}
