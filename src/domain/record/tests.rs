//! Random records come back as they were written, and bytes that nobody wrote are refused by field. The golden vectors
//! are in `tests/log_vectors.rs`.

use proptest::prelude::*;

use uuid::Uuid;

use super::*;
use crate::domain::booking::{Account, BookingKind, Line, Side};
use crate::domain::closing::SignerRole;
use crate::domain::ids::{Method, PostenId};

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

/// IBANs whose check digits follow from the rest.
fn iban() -> impl Strategy<Value = Iban> {
    (0..=999_999_999_999_999_999_u64).prop_map(|rest| {
        let number = u128::from(rest) * 1_000_000 + 131_400;
        let check = 98 - number % 97;
        Iban::parse(&format!("DE{check:02}{rest:018}")).expect("an IBAN")
    })
}

fn detail() -> impl Strategy<Value = DetailId> {
    (uuid(), any::<u32>(), any::<u32>()).prop_map(|(statement, entry, detail)| DetailId {
        statement: StatementId(statement),
        entry,
        detail,
    })
}

fn subject() -> impl Strategy<Value = Subject> {
    prop_oneof![
        2 => (uuid(), uuid()).prop_map(|(case, attempt)| Subject::Attempt {
            case: CaseId(case),
            attempt: AttemptId(attempt),
        }),
        1 => detail().prop_map(Subject::Detail),
        1 => uuid().prop_map(|id| Subject::Statement(StatementId(id))),
    ]
}

fn account() -> impl Strategy<Value = Account> {
    let part = || "[0-9a-zA-Z./% äß-]{1,12}";
    prop_oneof![
        Just(Account::Forderung),
        Just(Account::Verwahrung),
        Just(Account::Vorschuss),
        Just(Account::Rueckgebuehr),
        Just(Account::Erstattung),
        iban().prop_map(|iban| Account::Bank { iban }),
        part().prop_map(|key| Account::Steuer { key }),
        (part(), prop::option::of(part())).prop_map(|(haushaltsstelle, objektnummer)| Account::Erloes {
            haushaltsstelle,
            objektnummer,
        }),
        (part(), "[A-Z_0-9-]{1,12}").prop_map(|(zvp, method)| Account::Verrechnung {
            zvp,
            method: Method::parse(&method).expect("a method"),
        }),
    ]
}

fn side() -> impl Strategy<Value = Side> {
    (account(), uuid()).prop_map(|(account, posten)| Side {
        account,
        posten: PostenId(posten),
    })
}

fn line() -> impl Strategy<Value = Line> {
    let texts = (prop::option::of(".{0,8}"), prop::option::of(".{0,8}"), ".{0,8}");
    (side(), side(), 1..=i64::MAX, any::<i16>(), texts).prop_map(
        |(debit, credit, cents, haushaltsjahr, (haushaltsstelle, objektnummer, anordnung))| Line {
            debit,
            credit,
            cents: Cents::new(cents),
            haushaltsjahr,
            haushaltsstelle,
            objektnummer,
            anordnung,
        },
    )
}

fn booking(ledger: &LedgerId) -> impl Strategy<Value = Body> + use<> {
    let ledger = ledger.clone();
    let kind = prop::sample::select(BookingKind::ALL);
    let position = 0..=u64::try_from(i64::MAX).expect("63 bits");
    (kind, subject(), position, prop::collection::vec(line(), 1..4)).prop_map(
        move |(kind, subject, position, lines)| {
            Body::Booking(Booking {
                kind,
                ledger: ledger.clone(),
                subject,
                reverses: (kind == BookingKind::Storno).then_some(position),
                lines,
            })
        },
    )
}

fn body(ledger: &LedgerId) -> impl Strategy<Value = Body> + use<> {
    let code = prop::sample::select(ExceptionCode::ALL);
    let exception =
        (uuid(), code, subject(), prop::option::of(any::<i64>())).prop_map(|(id, code, subject, cents)| {
            Body::Exception(ExceptionOpened {
                id: ExceptionId(id),
                code,
                subject,
                cents: cents.map(Cents::new),
            })
        });
    let callback =
        ("[a-z0-9-]{1,60}", uuid(), uuid(), ".{0,40}").prop_map(|(provider, attempt, case, status)| {
            Body::Callback(CallbackReceived {
                provider: ProviderId::parse(&provider).expect("an id"),
                attempt: AttemptId(attempt),
                case: CaseId(case),
                status,
            })
        });
    let configuration =
        (".{0,9}", ".{0,9}", any::<i64>(), ".{0,60}").prop_map(|(kind, id, version, content)| {
            Body::Configuration(Configured {
                kind,
                id,
                version,
                content,
            })
        });
    let matched = (detail(), subject(), ".{0,12}", ".{0,12}", any::<i64>()).prop_map(
        |(detail, subject, rule, evidence, cents)| {
            Body::Match(Matched {
                detail,
                subject,
                rule,
                evidence,
                cents: Cents::new(cents),
            })
        },
    );
    let texts = (".{0,8}", ".{0,8}", ".{0,8}", ".{0,8}", ".{0,8}");
    let resolved = (uuid(), texts).prop_map(|(id, (how, plan, role, person, state))| {
        Body::Resolution(Resolved {
            exception: ExceptionId(id),
            how,
            plan,
            role,
            person,
            state,
        })
    });
    prop_oneof![
        3 => booking(ledger),
        1 => exception,
        1 => callback,
        1 => configuration,
        1 => filed(),
        1 => matched,
        1 => resolved,
        1 => closing(),
    ]
}

fn day() -> impl Strategy<Value = Date> {
    (-3000..3000_i32).prop_map(|days| jiff::civil::date(2026, 1, 1) + jiff::Span::new().days(days))
}

fn closing() -> impl Strategy<Value = Body> {
    let count = || 0..=u64::try_from(i64::MAX).expect("63 bits");
    let role = prop::sample::select(vec![SignerRole::Clerk, SignerRole::Kassenverwalter]);
    let cut = ([count(), count()], [day(), day(), day()], any::<[u8; 32]>()).prop_map(
        |([number, size], [from, to, open], root)| {
            Body::ClosingCut(ClosingCut {
                number,
                from,
                to,
                open,
                size,
                root,
            })
        },
    );
    let filed =
        (count(), count(), any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(number, size, root, digest)| {
            Body::ClosingFiled(ClosingFiled {
                number,
                size,
                root,
                digest,
            })
        });
    let signed = (count(), any::<[u8; 32]>(), ".{0,20}", role).prop_map(|(number, digest, person, role)| {
        Body::ClosingSigned(ClosingSigned {
            number,
            digest,
            person,
            role,
        })
    });
    prop_oneof![cut, filed, signed]
}

fn filed() -> impl Strategy<Value = Body> {
    let count = || 0..=u64::try_from(i64::MAX).expect("63 bits");
    let numbers = (prop::option::of(count()), prop::option::of(count()));
    let balances = (prop::option::of(any::<i64>()), prop::option::of(any::<i64>()));
    let days = (day(), day());
    let sums = (count(), count(), any::<i64>(), any::<i64>());
    let texts = (".{0,8}", ".{0,20}");
    (
        uuid(),
        iban(),
        texts,
        numbers,
        balances,
        days,
        sums,
        any::<[u8; 32]>(),
    )
        .prop_map(
            |(id, account, (format, bank_id), (number, page), balances, days, sums, digest)| {
                Body::Statement(StatementFiled {
                    id: StatementId(id),
                    account,
                    format,
                    bank_id,
                    number,
                    page,
                    first_day: days.0,
                    last_day: days.1,
                    opening: balances.0.map(Cents::new),
                    closing: balances.1.map(Cents::new),
                    entries: sums.0,
                    fresh: sums.1,
                    credits: Cents::new(sums.2),
                    debits: Cents::new(sums.3),
                    digest,
                })
            },
        )
}

fn record() -> impl Strategy<Value = Record> {
    let ledger = LedgerId::parse("musterstadt").expect("an id");
    let commitment = (uuid(), any::<[u8; 32]>()).prop_map(|(personal, hmac)| Commitment {
        personal: PersonalId(personal),
        hmac,
    });
    let position = 0..=u64::try_from(i64::MAX).expect("63 bits");
    let millis = -62_000_000_000_000_i64..250_000_000_000_000;
    let personal = prop::collection::vec(commitment, 0..3);
    let body = body(&ledger);
    (position, millis, uuid(), body, personal).prop_map(move |(position, millis, change, body, personal)| {
        let recorded_at = Timestamp::from_millis(millis);
        Record {
            ledger: ledger.clone(),
            position,
            recorded_at,
            buchungstag: recorded_at.berlin_day(),
            change: ChangeId(change),
            body,
            personal,
        }
    })
}

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
