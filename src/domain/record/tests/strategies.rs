//! Random records of every kind.

use proptest::prelude::*;
use uuid::Uuid;

use super::super::*;
use crate::domain::booking::{Account, BookingKind, Line, Side};
use crate::domain::closing::SignerRole;
use crate::domain::ids::{ListId, Method, PayoutId, PostenId};
use crate::domain::payout::Sums;
use crate::domain::subject::ListLineId;

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
        1 => uuid().prop_map(|id| Subject::Payout(PayoutId(id))),
        1 => (uuid(), any::<u32>()).prop_map(|(list, line)| Subject::ListLine(ListLineId {
            list: ListId(list),
            line,
        })),
        1 => uuid().prop_map(|id| Subject::Posten(PostenId(id))),
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
        part().prop_map(|haushaltsstelle| Account::Disagio { haushaltsstelle }),
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
        1 => posting(),
        1 => list(),
    ]
}

fn sums() -> impl Strategy<Value = Sums> {
    let count = 0..=u64::try_from(i64::MAX).expect("63 bits");
    let cents = || any::<i64>().prop_map(Cents::new);
    (count, any::<u32>(), cents(), prop::option::of(cents()), cents()).prop_map(
        |(count, payments, gross, fee, fee_lines)| Sums {
            count,
            payments,
            gross,
            fee,
            fee_lines,
        },
    )
}

fn list() -> impl Strategy<Value = Body> {
    let count = 0..=u64::try_from(i64::MAX).expect("63 bits");
    let ids = (uuid(), uuid(), uuid(), prop::option::of(uuid()));
    (ids, ".{0,8}", ".{0,20}", count, sums(), sums(), any::<[u8; 32]>()).prop_map(
        |((id, payout, posten, supersedes), source, reference, revision, ours, others, digest)| {
            Body::List(Box::new(ListFiled {
                id: ListId(id),
                payout: PayoutId(payout),
                posten: PostenId(posten),
                source,
                reference,
                revision,
                supersedes: supersedes.map(ListId),
                ours,
                others,
                digest,
            }))
        },
    )
}

fn day() -> impl Strategy<Value = Date> {
    (-3000..3000_i32).prop_map(|days| jiff::civil::date(2026, 1, 1) + jiff::Span::new().days(days))
}

fn posting() -> impl Strategy<Value = Body> {
    let count = || 0..=u64::try_from(i64::MAX).expect("63 bits");
    let texts = (".{0,8}", ".{0,8}", ".{0,8}", ".{0,8}", ".{0,8}");
    let made = (
        (count(), count(), count(), count(), count()),
        texts,
        any::<[[u8; 32]; 3]>(),
        any::<i64>(),
        [day(), day()],
    )
        .prop_map(|(counts, texts, digests, sum, [first, last])| {
            let (number, from, to, lines, size) = counts;
            let (postings, template, name, media_type, person) = texts;
            let [template_digest, digest, lines_digest] = digests;
            Body::PostingFile(PostingFile {
                number,
                from,
                to,
                postings,
                template,
                template_digest,
                name,
                media_type,
                lines,
                sum: Cents::new(sum),
                first,
                last,
                digest,
                size,
                lines_digest,
                person,
            })
        });
    let withdrawn =
        (count(), count(), any::<[u8; 32]>(), ".{0,8}").prop_map(|(number, lines, lines_digest, person)| {
            Body::PostingWithdrawn(PostingWithdrawn {
                number,
                lines,
                lines_digest,
                person,
            })
        });
    prop_oneof![made, withdrawn]
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

pub(super) fn record() -> impl Strategy<Value = Record> {
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
