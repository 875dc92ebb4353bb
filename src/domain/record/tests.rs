//! Random records come back as they were written, and bytes that nobody wrote are refused by field. The golden vectors
//! are in `tests/log_vectors.rs`.

use proptest::prelude::*;

use uuid::Uuid;

use super::*;
use crate::domain::booking::{Account, BookingKind, Line, Side};
use crate::domain::ids::PostenId;

mod strategies;

use strategies::record;

/// A refusal that says which field; what is read must be what would be written.
fn named_or_faithful(bytes: &[u8]) {
    match Record::decode(bytes) {
        Ok(record) => assert_eq!(record.encode(), bytes, "one record has one spelling"),
        Err(DecodeError::Ends(field) | DecodeError::Field { field, .. }) => assert!(!field.is_empty()),
        Err(DecodeError::Rest(rest)) => assert!(rest > 0),
    }
}

proptest! {
    #[test]
    fn a_record_reads_back_as_it_was_written(record in record()) {
        prop_assert_eq!(Record::decode(&record.encode()), Ok(record));
    }

    #[test]
    fn a_record_that_is_cut_short_is_refused(record in record(), at in any::<prop::sample::Index>()) {
        let bytes = record.encode();
        let cut = &bytes[..at.index(bytes.len())];
        prop_assert!(matches!(Record::decode(cut), Err(DecodeError::Ends(_))));
    }

    #[test]
    fn a_record_with_something_behind_it_is_refused(record in record(), more in prop::collection::vec(any::<u8>(), 1..9)) {
        let bytes = [record.encode(), more.clone()].concat();
        prop_assert_eq!(Record::decode(&bytes), Err(DecodeError::Rest(more.len())));
    }

    #[test]
    fn a_changed_byte_is_refused_or_is_another_record(
        record in record(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = record.encode();
        let index = at.index(bytes.len());
        let same = bytes[index] == byte;
        bytes[index] = byte;
        named_or_faithful(&bytes);
        prop_assert_eq!(Record::decode(&bytes).as_ref() == Ok(&record), same);
    }

    #[test]
    fn random_bytes_are_refused_and_cost_nothing(mut bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        named_or_faithful(&bytes);
        for known in [FIRST, NAMED] {
            if let Some(version) = bytes.first_mut() {
                *version = known;
            }
            named_or_faithful(&bytes);
        }
    }
}

/// The bytes of a small record, with one field's bytes replaced.
fn with(field: &[u8], other: &[u8]) -> Result<Record, DecodeError> {
    let sample = Record {
        ledger: LedgerId::parse("musterstadt").expect("an id"),
        position: 0x55,
        recorded_at: Timestamp::from_millis(0x77),
        buchungstag: "2026-03-01".parse().expect("a day"),
        change: ChangeId(Uuid::nil()),
        body: Body::Configuration(Configured {
            kind: "kasse".to_owned(),
            id: "musterstadt".to_owned(),
            version: 3,
            content: String::new(),
        }),
        personal: Vec::new(),
    };
    let bytes = sample.encode();
    let at = bytes
        .windows(field.len())
        .rposition(|window| window == field)
        .expect("the field");
    Record::decode(&[&bytes[..at], other, &bytes[at + field.len()..]].concat())
}

#[test]
fn a_refusal_names_the_field() {
    let number = i64::to_be_bytes;
    for (from, to, named) in [
        (number(0x55), number(-1), "position"),
        (number(0x77), number(i64::MAX), "recorded_at"),
        (number(0), number(-1), "count of commitments"),
    ] {
        let Err(DecodeError::Field { field, .. }) = with(&from, &to) else {
            panic!("{named} is refused");
        };
        assert_eq!(field, named);
    }
    // A length of 4 GiB is an end, not an allocation.
    assert_eq!(
        with(&5_u32.to_be_bytes(), &u32::MAX.to_be_bytes()),
        Err(DecodeError::Ends("object kind"))
    );
    assert_eq!(
        with(&number(0), &number(i64::MAX)),
        Err(DecodeError::Ends("personal id"))
    );
    // The same day in another spelling is not what was hashed.
    let spelt = with(b"\x00\x00\x00\x0a2026-03-01", b"\x00\x00\x00\x0820260301");
    assert!(
        matches!(
            spelt,
            Err(DecodeError::Field {
                field: "buchungstag",
                ..
            })
        ),
        "{spelt:?}"
    );
}

#[test]
fn a_booking_that_cannot_be_is_refused() {
    let side = || Side {
        account: Account::Forderung,
        posten: PostenId(Uuid::nil()),
    };
    let line = |cents| Line {
        debit: side(),
        credit: side(),
        cents: Cents::new(cents),
        haushaltsjahr: 2026,
        haushaltsstelle: None,
        objektnummer: None,
        anordnung: String::new(),
    };
    for (kind, reverses, lines) in [
        (BookingKind::Zahlung, None, vec![]),
        (BookingKind::Zahlung, None, vec![line(0)]),
        (BookingKind::Zahlung, None, vec![line(1), line(-1)]),
        (BookingKind::Zahlung, Some(1), vec![line(1)]),
        (BookingKind::Storno, None, vec![line(1)]),
    ] {
        let ledger = LedgerId::parse("musterstadt").expect("an id");
        let record = Record {
            ledger: ledger.clone(),
            position: 0,
            recorded_at: Timestamp::from_millis(0),
            buchungstag: "2026-03-01".parse().expect("a day"),
            change: ChangeId(Uuid::nil()),
            body: Body::Booking(Booking {
                kind,
                ledger,
                subject: Subject::Attempt {
                    case: CaseId(Uuid::nil()),
                    attempt: AttemptId(Uuid::nil()),
                },
                reverses,
                lines,
            }),
            personal: Vec::new(),
        };
        let read = Record::decode(&record.encode());
        assert!(
            matches!(read, Err(DecodeError::Field { field: "booking", .. })),
            "{read:?}"
        );
    }
}
