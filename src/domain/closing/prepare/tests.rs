use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::exception::ExceptionCode;
use crate::domain::record::{ExceptionOpened, Matched, StatementFiled};
use crate::domain::statement::header::{Days, Level};
use crate::domain::statement::{Format, Sequence};
use crate::domain::subject::{DetailId, Subject};

fn iban() -> Iban {
    Iban::parse("DE02120300000000202051").expect("an IBAN")
}

/// Statement `number` of a day in November 2026, from one balance to another.
fn sheet(number: u64, day: i8, opening: i64, closing: i64) -> Sheet {
    let day = date(2026, 11, day);
    let level = |cents| {
        Some(Level {
            cents: Cents::new(cents),
            day: Some(day),
        })
    };
    Sheet {
        id: StatementId(Uuid::from_u128(number.into())),
        account: iban(),
        position: number,
        name: number.to_string(),
        first_day: day,
        last_day: day,
        opening: Some(Cents::new(opening)),
        closing: Some(Cents::new(closing)),
        header: Header {
            account: iban().to_string(),
            format: Format::Camt053,
            currency: Some("EUR".to_owned()),
            sequence: Some(Sequence {
                number,
                page: None,
                last: None,
            }),
            opening: level(opening),
            closing: level(closing),
            days: Days::Between(day, day),
            day: Some(day),
        },
        excused: false,
    }
}

fn filed(sheet: &Sheet, credits: i64, debits: i64) -> Body {
    Body::Statement(StatementFiled {
        id: sheet.id,
        account: sheet.account.clone(),
        format: "camt053".to_owned(),
        bank_id: String::new(),
        number: None,
        page: None,
        first_day: sheet.first_day,
        last_day: sheet.last_day,
        opening: sheet.opening,
        closing: sheet.closing,
        entries: 1,
        fresh: 1,
        credits: Cents::new(credits),
        debits: Cents::new(debits),
        digest: [0; 32],
    })
}

fn claimed(sheet: &Sheet, cents: i64) -> Body {
    let detail = DetailId {
        statement: sheet.id,
        entry: 1,
        detail: 1,
    };
    Body::Match(Matched {
        detail,
        subject: Subject::Detail(detail),
        rule: String::new(),
        evidence: String::new(),
        cents: Cents::new(cents),
    })
}

#[test]
fn a_morning_closes_what_lies_before_the_kasse_day_that_has_come() {
    let rules = ClosingRules::default();
    for (today, to) in [
        // Tuesday to Friday: the day before. Monday: the weekend and what it follows on.
        (date(2026, 11, 24), date(2026, 11, 23)),
        (date(2026, 11, 23), date(2026, 11, 22)),
        // On a Saturday Friday's morning has come, and no other.
        (date(2026, 11, 28), date(2026, 11, 26)),
        // Christmas falls on a Friday: on Monday everything since Thursday.
        (date(2026, 12, 27), date(2026, 12, 23)),
        (date(2026, 12, 28), date(2026, 12, 27)),
    ] {
        assert_eq!(rules.due(today), Some(to), "{today}");
    }
    let weekly = ClosingRules {
        rhythm: ClosingRhythm::Weekly,
        ..rules
    };
    for today in [23, 25, 27, 29] {
        assert_eq!(weekly.due(date(2026, 11, today)), Some(date(2026, 11, 22)));
    }
    // Easter Monday is no Kasse day: the week is closed on Tuesday.
    assert_eq!(weekly.due(date(2026, 4, 6)), Some(date(2026, 3, 29)));
    assert_eq!(weekly.due(date(2026, 4, 7)), Some(date(2026, 4, 5)));
}

#[test]
fn a_day_without_statement_is_awaited_until_the_next_one_follows() {
    let (first, third) = (sheet(1, 23, 0, 100), sheet(2, 25, 100, 300));
    let days = (date(2026, 11, 16), date(2026, 11, 25));
    let awaited_of = |sheets: &[&Sheet]| awaited(sheets, days.0, days.1);
    // What lies before the first statement is none of ours.
    assert_eq!(
        awaited_of(&[&first]),
        [date(2026, 11, 24), date(2026, 11, 25)],
        "nobody knows yet whether they were quiet"
    );
    assert!(awaited_of(&[&first, &third]).is_empty(), "the 24th was quiet");
    let other = sheet(3, 25, 150, 300);
    assert_eq!(awaited_of(&[&first, &other]), [date(2026, 11, 24)]);
    // The one that was missing makes both whole, though it comes last.
    let late = sheet(2, 24, 100, 150);
    assert!(awaited_of(&[&first, &other, &late]).is_empty());
    let all = [&first, &other];
    let holds = waits_for(&iban(), &all, true, 0, days);
    assert_eq!(holds.len(), 2, "{holds:?}");
    let Hold::GuardBroken { code, .. } = &holds[1] else {
        panic!("{holds:?}")
    };
    assert!(code.contains("Auszug 3 vom 25.11.2026"), "{code}");
    // A person has said that the bank has nothing in between.
    assert_eq!(gaps(&all), [other.id]);
    let excused = Sheet {
        excused: true,
        ..other.clone()
    };
    assert!(waits_for(&iban(), &[&first, &excused], true, 0, days).is_empty());
    // What an earlier closing has seen is not weighed again, and a closed account is not waited for.
    assert!(waits_for(&iban(), &all, false, 4, days).is_empty());
    assert_eq!(awaited(&[], days.0, days.1).len(), 8, "no statement at all");
    // Statements without balances leave nothing that could be signed; one that tells its own is enough.
    let bare = Sheet {
        closing: None,
        ..first.clone()
    };
    let day = (date(2026, 11, 23), date(2026, 11, 23));
    let holds = waits_for(&iban(), &[&bare], true, 0, day);
    assert!(
        matches!(&holds[..], [Hold::StatementMissing { day: None, .. }]),
        "{holds:?}"
    );
    assert!(waits_for(&iban(), &[&bare, &first], true, 9, day).is_empty());
}

#[test]
fn foreign_money_bridges_from_the_banks_balance_to_ours() {
    let sheets = [sheet(1, 23, 5000, 6000), sheet(12, 24, 6000, 5700)];
    let mut first = Bridge::over(&sheets[..1], &[], &[]);
    first.record(&filed(&sheets[0], 1500, 500));
    first.record(&claimed(&sheets[0], 700));
    first.record(&Body::Exception(ExceptionOpened {
        id: crate::domain::ids::ExceptionId(Uuid::nil()),
        code: ExceptionCode::UnknownCredit,
        subject: Subject::Statement(sheets[0].id),
        cents: None,
    }));
    let banks = first.banks(&[], [], |_| Cents::new(700));
    let foreign = banks[0].foreign;
    assert_eq!(
        (foreign.opening.get(), foreign.credits.get(), foreign.debits.get()),
        (5000, 800, 500)
    );
    assert_eq!(banks[0].difference, Some(Cents::ZERO));
    // The next day: something goes out, and of the first day's foreign money 300 turn out to be ours, -500 too.
    let mut second = Bridge::over(&sheets, &[], &[10]);
    second.record(&filed(&sheets[1], 0, 300));
    second.record(&claimed(&sheets[0], 300));
    second.record(&claimed(&sheets[0], -500));
    second.record(&claimed(&sheets[1], -100));
    let banks = second.banks(&banks, [], |_| Cents::new(700 + 300 - 500 - 100));
    let foreign = banks[0].foreign;
    assert_eq!(
        (foreign.opening.get(), foreign.credits.get(), foreign.debits.get()),
        (5300, 500, 500)
    );
    assert_eq!(banks[0].difference, Some(Cents::ZERO));
    assert_eq!(
        banks[0].statement.as_ref().map(|one| one.number.as_str()),
        Some("12")
    );
    // A bank that says something else than its entries do is seen.
    let wrong = second.banks(&[], [], |_| Cents::ZERO);
    assert_ne!(wrong[0].difference, Some(Cents::ZERO));
    // An account without a statement is there where it is asked for, and empty.
    let other = Iban::parse("DE89370400440532013000").expect("an IBAN");
    let banks = Bridge::over(&[], &[], &[]).banks(&[], [&other], |_| Cents::ZERO);
    assert!(banks[0].statement.is_none() && banks[0].difference.is_none());
}

#[test]
fn a_statement_older_than_the_first_closing_moves_nothing() {
    let (first, old, older) = (
        sheet(5, 24, 6000, 5700),
        sheet(20, 23, 5000, 6000),
        sheet(21, 20, 0, 5000),
    );
    let sheets = [first, old, older];
    let mut one = Bridge::over(&sheets[..1], &[], &[]);
    one.record(&filed(&sheets[0], 0, 300));
    let banks = one.banks(&[], [], |_| Cents::ZERO);
    assert_eq!(banks[0].difference, Some(Cents::ZERO));
    // History comes in backwards, and 400 of it are ours.
    let mut two = Bridge::over(&sheets[..2], &[], &[10]);
    two.record(&filed(&sheets[1], 1500, 500));
    two.record(&claimed(&sheets[1], 400));
    let banks = two.banks(&banks, [], |_| Cents::new(400));
    assert_eq!(banks[0].difference, Some(Cents::ZERO));
    let foreign = banks[0].foreign;
    assert_eq!(
        (foreign.credits.get(), foreign.debits.get()),
        (0, 400),
        "it was foreign at the closing before, and has left that"
    );
    let mut three = Bridge::over(&sheets, &[], &[10, 21]);
    three.record(&filed(&sheets[2], 5000, 0));
    let banks = three.banks(&banks, [], |_| Cents::new(400));
    assert_eq!(banks[0].difference, Some(Cents::ZERO));
    assert_eq!(banks[0].foreign.credits, Cents::ZERO);
}

#[test]
fn what_a_notification_tells_of_a_line_is_claimed_of_the_lines_money() {
    let sheets = [sheet(3, 23, 0, 1000)];
    let told = StatementId(Uuid::from_u128(99));
    let notifications = [(told, iban(), 1)];
    let mut bridge = Bridge::over(&sheets, &notifications, &[2]);
    bridge.record(&filed(&sheets[0], 1000, 0));
    let of = |statement, detail| DetailId {
        statement,
        entry: 1,
        detail,
    };
    let claim = |detail, subject, cents| {
        Body::Match(Matched {
            detail,
            subject: Subject::Detail(subject),
            rule: String::new(),
            evidence: String::new(),
            cents: Cents::new(cents),
        })
    };
    // The line is opened, which moves nothing, and one of its payments is ours.
    bridge.record(&claim(of(sheets[0].id, 1), of(told, 0), 0));
    bridge.record(&claim(of(told, 1), of(told, 1), 700));
    let banks = bridge.banks(&[], [], |_| Cents::new(700));
    let foreign = banks[0].foreign;
    assert_eq!((foreign.credits.get(), foreign.debits.get()), (300, 0));
    assert_eq!(banks[0].difference, Some(Cents::ZERO));
}

#[test]
fn a_claim_that_is_made_smaller_on_its_day_gives_back_what_came_in() {
    let sheets = [sheet(1, 23, 0, 600)];
    let mut bridge = Bridge::over(&sheets, &[], &[]);
    bridge.record(&filed(&sheets[0], 1000, 400));
    let other = |cents| match claimed(&sheets[0], cents) {
        Body::Match(matched) => Body::Match(Matched {
            detail: DetailId {
                entry: 2,
                ..matched.detail
            },
            ..matched
        }),
        _ => unreachable!("a claim"),
    };
    for claim in [
        claimed(&sheets[0], 700),
        claimed(&sheets[0], -200),
        other(-300),
        other(100),
    ] {
        bridge.record(&claim);
    }
    let banks = bridge.banks(&[], [], |_| Cents::new(500 - 200));
    let foreign = banks[0].foreign;
    assert_eq!((foreign.credits.get(), foreign.debits.get()), (500, 200));
    assert_eq!(banks[0].difference, Some(Cents::ZERO));
}

/// Payments: whether each came before this period, its amount (less than nothing went out), and up to how many
/// hundredths of it are claimed, one claim after the other.
fn any_claims() -> impl Strategy<Value = Vec<(bool, i64, Vec<i64>)>> {
    let amount = prop_oneof![1..50_000_i64, -50_000..0_i64];
    let walk = prop::collection::vec(0..=100_i64, 0..6);
    prop::collection::vec((any::<bool>(), amount, walk), 0..12)
}

proptest! {
    #[test]
    fn foreign_money_never_comes_or_goes_with_the_wrong_sign(payments in any_claims()) {
        let sum = |old: bool, came: bool| -> i64 {
            let of = payments.iter().filter(|(before, cents, _)| *before == old && (*cents > 0) == came);
            of.map(|(_, cents, _)| cents.abs()).sum()
        };
        let before = sum(true, true) - sum(true, false);
        let after = before + sum(false, true) - sum(false, false);
        let sheets = [sheet(1, 23, 0, before), sheet(12, 24, before, after)];
        let mut first = Bridge::over(&sheets[..1], &[], &[]);
        first.record(&filed(&sheets[0], sum(true, true), sum(true, false)));
        let first = first.banks(&[], [], |_| Cents::ZERO);
        let mut bridge = Bridge::over(&sheets, &[], &[10]);
        bridge.record(&filed(&sheets[1], sum(false, true), sum(false, false)));
        let mut ours = 0;
        for (entry, (old, cents, walk)) in (1..).zip(&payments) {
            let mut claimed_of = 0;
            for hundredths in walk {
                let next = cents * hundredths / 100;
                let Body::Match(mut matched) = claimed(&sheets[usize::from(!old)], next - claimed_of) else {
                    unreachable!("a claim");
                };
                matched.detail.entry = entry;
                bridge.record(&Body::Match(matched));
                claimed_of = next;
            }
            ours += claimed_of;
        }
        let banks = bridge.banks(&first, [], |_| Cents::new(ours));
        prop_assert_eq!(banks[0].difference, Some(Cents::ZERO));
        prop_assert!(banks[0].foreign.credits >= Cents::ZERO, "{:?}", banks[0].foreign);
        prop_assert!(banks[0].foreign.debits >= Cents::ZERO, "{:?}", banks[0].foreign);
    }
}
