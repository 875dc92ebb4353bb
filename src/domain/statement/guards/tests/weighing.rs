use super::super::testkit::{balance, detail, entry, head, january, tail};
use super::super::{Fault, Lack, Scales, Sum, Verdict, Weighed, Whose};
use crate::domain::money::Cents;
use crate::domain::statement::{
    Batch, Detail, Direction, Entry, Format, Head, Piece, Refusal, Stated, Status, Tail,
};
use proptest::prelude::{ProptestConfig, any, prop, prop_assert, prop_assert_eq, proptest};

fn weighed(head: Head, lines: Vec<(Entry, Vec<Detail>)>, tail: Tail) -> Weighed {
    let mut scales = Scales::default();
    assert_eq!(scales.weigh(&Piece::Head(Box::new(head))), None);
    for (entry, details) in lines {
        assert_eq!(scales.weigh(&Piece::Entry(Box::new(entry))), None);
        for detail in details {
            assert_eq!(scales.weigh(&Piece::Detail(Box::new(detail))), None);
        }
    }
    scales
        .weigh(&Piece::Tail(Box::new(tail)))
        .expect("a statement with a tail weighs something")
}

fn whole(ordinal: u32, cents: i64) -> (Entry, Vec<Detail>) {
    (
        entry(ordinal, cents, january(2)),
        vec![detail(1, cents, "GEBUEHR")],
    )
}

fn opens_with(cents: i64) -> Head {
    Head {
        opening: Some(balance(cents, january(1))),
        ..head()
    }
}

fn closes_with(cents: i64) -> Tail {
    tail(Some(balance(cents, january(2))))
}

fn why(verdict: &Verdict) -> &Fault {
    match verdict {
        Verdict::Broken { why } => why,
        other => panic!("broken was expected, not {other:?}"),
    }
}

#[test]
fn opening_and_booked_entries_make_the_closing_balance() {
    let weighed = weighed(
        opens_with(10_000),
        vec![whole(1, 2345), whole(2, -345)],
        closes_with(12_000),
    );
    assert_eq!(weighed.balance, Verdict::Held);
    assert_eq!(weighed.details, Verdict::Held);
    assert_eq!(weighed.currency, Verdict::Held);
    assert_eq!(weighed.stated, Lack::NothingStated.into());
    assert!(!weighed.is_broken());
    assert_eq!((weighed.sums.credits.count, weighed.sums.debits.count), (1, 1));
    assert_eq!(weighed.sums.debits.sum.get(), 345);
}

#[test]
fn a_line_that_is_missing_is_named_by_the_balance() {
    let weighed = weighed(opens_with(10_000), vec![whole(1, 2345)], closes_with(12_000));
    assert!(weighed.is_broken());
    let why = why(&weighed.balance);
    assert_eq!(
        why.german(),
        "Anfangssaldo 100,00 EUR und Umsätze 23,45 EUR ergeben 123,45 EUR; der Auszug nennt als Endsaldo \
         120,00 EUR."
    );
    assert_eq!(
        why.english(),
        "opening balance 100.00 and entries 23.45 make 123.45 EUR; the statement closes with 120.00"
    );
}

#[test]
fn what_is_only_expected_does_not_move_the_balance() {
    let mut pending = whole(2, 99_999);
    pending.0.status = Status::Pending;
    let weighed = weighed(opens_with(0), vec![whole(1, 500), pending], closes_with(500));
    assert_eq!(weighed.balance, Verdict::Held);
    assert_eq!(weighed.sums.unbooked, 1);
    assert_eq!(weighed.sums.credits.count, 1);
}

#[test]
fn without_both_balances_nothing_is_said_of_them() {
    let balance_of = |head, tail| weighed(head, vec![whole(1, 500)], tail).balance;
    assert_eq!(balance_of(head(), tail(None)), Lack::NoBalances.into());
    assert_eq!(balance_of(opens_with(0), tail(None)), Lack::NoClosing.into());
    assert_eq!(balance_of(head(), closes_with(500)), Lack::NoOpening.into());
    let notification = Head {
        format: Format::Camt054,
        ..opens_with(0)
    };
    assert_eq!(
        balance_of(notification, closes_with(1)),
        Lack::NoBalancesByKind.into()
    );
}

#[test]
fn an_mt940_that_does_not_close_was_cut_off() {
    let of = |head: Head| {
        let head = Head {
            format: Format::Mt940,
            ..head
        };
        weighed(head, vec![whole(1, 500)], tail(None)).balance
    };
    assert_eq!(why(&of(opens_with(0))), &Fault::CutOff);
    assert_eq!(of(head()), Lack::NoBalances.into());
}

#[test]
fn a_report_during_the_day_may_count_otherwise() {
    let report = || Head {
        format: Format::Camt052,
        ..opens_with(0)
    };
    assert_eq!(
        weighed(report(), vec![whole(1, 500)], closes_with(700)).balance,
        Lack::Interim.into()
    );
    assert_eq!(
        weighed(report(), vec![whole(1, 500)], closes_with(500)).balance,
        Verdict::Held
    );
}

#[test]
fn a_batch_whose_payments_do_not_make_it_is_named_with_its_line() {
    let torn = (
        entry(2, 1000, january(2)),
        vec![detail(1, 400, "A"), detail(2, 500, "B")],
    );
    let weighed = weighed(head(), vec![whole(1, 1), torn, whole(3, 1)], tail(None));
    let why = why(&weighed.details);
    assert_eq!(
        why.english(),
        "entry 2 (line 20) is 10.00 EUR; its details make 9.00"
    );
    assert_eq!(
        why.german(),
        "Buchung 2 (Zeile 20) lautet über 10,00 EUR; ihre Einzelposten ergeben 9,00 EUR."
    );
}

#[test]
fn the_last_entry_is_weighed_too_and_the_first_break_is_the_one_that_is_named() {
    let torn = |ordinal| (entry(ordinal, 1000, january(2)), vec![detail(1, 999, "A")]);
    let weighed_two = weighed(head(), vec![torn(1), torn(2)], tail(None));
    assert!(matches!(
        why(&weighed_two.details),
        Fault::DetailSum { entry: 1, .. }
    ));
    let weighed_last = weighed(head(), vec![whole(1, 1), torn(2)], tail(None));
    assert!(matches!(
        why(&weighed_last.details),
        Fault::DetailSum { entry: 2, .. }
    ));
}

#[test]
fn a_batch_may_hold_payments_of_both_directions() {
    let mixed = (
        entry(1, 700, january(2)),
        vec![detail(1, 1000, "A"), detail(2, -300, "B")],
    );
    assert_eq!(weighed(head(), vec![mixed], tail(None)).details, Verdict::Held);
}

#[test]
fn a_batch_says_how_many_payments_it_has_and_how_much() {
    let batch = |count, total: i64| {
        let mut line = (
            entry(1, 900, january(2)),
            vec![detail(1, 400, "A"), detail(2, 500, "B")],
        );
        line.0.batch = Some(Batch {
            count: Some(count),
            total: Some(Cents::new(total)),
            ..Batch::default()
        });
        weighed(head(), vec![line], tail(None)).details
    };
    assert_eq!(batch(2, 900), Verdict::Held);
    assert!(matches!(
        why(&batch(3, 900)),
        Fault::DetailCount { told: 3, read: 2, .. }
    ));
    assert!(matches!(why(&batch(2, 901)), Fault::DetailTotal { .. }));
}

#[test]
fn a_batch_that_is_not_opened_says_nothing_but_an_opened_one_beside_it_does() {
    let closed = |ordinal| {
        let mut line = whole(ordinal, 900);
        line.0.batch = Some(Batch {
            count: Some(12),
            ..Batch::default()
        });
        line
    };
    let mut silent = whole(2, 900);
    silent.1[0].cents = None;
    let alone = weighed(head(), vec![closed(1), silent.clone()], tail(None));
    assert_eq!(alone.details, Lack::NotOpened.into());
    assert_eq!(alone.sums.unopened, 2);
    let beside = weighed(head(), vec![closed(1), silent, whole(3, 5)], tail(None));
    assert_eq!(beside.details, Verdict::Held);
    assert_eq!(beside.sums.unopened, 2);
}

fn stated(told: Stated, lines: Vec<(Entry, Vec<Detail>)>) -> Verdict {
    let tail = Tail {
        stated: told,
        ..tail(None)
    };
    weighed(head(), lines, tail).stated
}

fn sides(credits: (u64, i64), debits: (u64, i64)) -> Stated {
    Stated {
        count: Some(credits.0 + debits.0),
        credits: Some((credits.0, Cents::new(credits.1))),
        debits: Some((debits.0, Cents::new(debits.1))),
    }
}

#[test]
fn what_the_bank_says_there_is_must_be_there() {
    let lines = || vec![whole(1, 500), whole(2, 700), whole(3, -100)];
    assert_eq!(stated(sides((2, 1200), (1, 100)), lines()), Verdict::Held);
    let more = stated(sides((3, 1900), (1, 100)), lines());
    assert_eq!(
        why(&more).german(),
        "Die Bank nennt 3 Gutschriften über 19,00 EUR; in der Datei stehen 2 über 12,00 EUR."
    );
    let only_count = Stated {
        count: Some(4),
        ..Stated::default()
    };
    assert_eq!(
        why(&stated(only_count, lines())),
        &Fault::StatedCount { told: 4, read: 3 }
    );
}

#[test]
fn banks_count_what_is_expected_and_reversals_in_their_own_ways() {
    let mut pending = whole(2, 700);
    pending.0.status = Status::Pending;
    let lines = || vec![whole(1, 500), pending.clone()];
    assert_eq!(stated(sides((2, 1200), (0, 0)), lines()), Verdict::Held);
    assert_eq!(stated(sides((1, 500), (0, 0)), lines()), Verdict::Held);

    let mut back = whole(2, -500);
    back.0.reversal = true;
    let lines = || vec![whole(1, 500), back.clone()];
    assert_eq!(stated(sides((1, 500), (1, 500)), lines()), Verdict::Held);
    assert_eq!(stated(sides((2, 1000), (0, 0)), lines()), Verdict::Held);
    assert!(stated(sides((2, 1000), (1, 500)), lines()).is_broken());
}

#[test]
fn an_amount_in_another_currency_is_named_and_nothing_is_added_up_with_it() {
    let mut foreign = whole(2, 500);
    foreign.0.currency = "CHF".into();
    let weighed = weighed(opens_with(0), vec![whole(1, 1), foreign], closes_with(1));
    assert_eq!(
        why(&weighed.currency),
        &Fault::OtherCurrency {
            whose: Whose::Entry(2),
            found: "CHF".into(),
            account: "EUR".into()
        }
    );
    assert_eq!(weighed.balance, Lack::MixedCurrencies.into());
    assert!(weighed.is_broken());
}

#[test]
fn what_is_only_expected_may_be_in_the_currency_in_which_it_was_ordered() {
    let mut expected = whole(2, 99_999);
    expected.0.currency = "USD".into();
    expected.0.status = Status::Pending;
    let weighed = weighed(opens_with(0), vec![whole(1, 500), expected], closes_with(500));
    assert_eq!(
        (weighed.balance, weighed.currency),
        (Verdict::Held, Verdict::Held)
    );
    assert_eq!(weighed.stated, Lack::MixedCurrencies.into());
}

#[test]
fn a_file_without_currency_of_the_account_is_measured_by_the_first_that_it_names() {
    let silent = Head {
        currency: None,
        ..head()
    };
    assert_eq!(
        weighed(silent.clone(), vec![whole(1, 1)], closes_with(1)).currency,
        Verdict::Held
    );
    assert_eq!(
        weighed(silent.clone(), Vec::new(), tail(None)).currency,
        Lack::NoCurrency.into()
    );
    let mut franc = balance(1, january(2));
    franc.currency = "CHF".into();
    assert!(
        weighed(silent, vec![whole(1, 1)], tail(Some(franc)))
            .currency
            .is_broken()
    );
}

#[test]
fn a_refused_statement_weighs_nothing_and_the_next_begins_anew() {
    let mut scales = Scales::default();
    let refused = Piece::Refused(Refusal {
        entry: Some(1),
        place: crate::domain::statement::Place { line: 9 },
        reason: "cut off".into(),
    });
    scales.weigh(&Piece::Head(Box::new(opens_with(0))));
    scales.weigh(&Piece::Entry(Box::new(entry(1, 77_777, january(2)))));
    assert_eq!(scales.weigh(&refused), None);
    assert_eq!(scales.weigh(&Piece::Tail(Box::new(closes_with(0)))), None);
    scales.weigh(&Piece::Head(Box::new(opens_with(0))));
    let weighed = scales.weigh(&Piece::Tail(Box::new(closes_with(0))));
    assert_eq!(weighed.map(|weighed| weighed.balance), Some(Verdict::Held));
}

#[test]
fn amounts_as_large_as_they_can_be_do_not_overflow() {
    let most = i64::MAX;
    let lines = (1..=4).map(|ordinal| whole(ordinal, most)).collect();
    let weighed = weighed(opens_with(most), lines, closes_with(0));
    assert!(weighed.balance.is_broken());
    assert_eq!(weighed.sums.credits.sum.get(), 4 * i128::from(most));
    assert!(
        why(&weighed.balance)
            .german()
            .contains("461.168.601.842.738.790,35 EUR")
    );
}

#[test]
fn sums_print_like_money() {
    assert_eq!(
        Sum::from(Cents::new(-123_456_789)).german("EUR"),
        "-1.234.567,89 EUR"
    );
    assert_eq!(Sum::from(Cents::new(5)).german(""), "0,05");
    assert_eq!(Sum::signed(Direction::Debit, Cents::new(5)).to_string(), "-0.05");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_sum_that_is_right_holds_and_every_other_breaks(
        opening in -1_000_000_i64..1_000_000,
        amounts in prop::collection::vec(-1_000_000_i64..1_000_000, 0..20),
        off in any::<i16>(),
    ) {
        let lines = || (1..).zip(&amounts).map(|(ordinal, cents)| whole(ordinal, *cents)).collect::<Vec<_>>();
        let closing = opening + amounts.iter().sum::<i64>();
        let right = weighed(opens_with(opening), lines(), closes_with(closing));
        prop_assert!(!right.is_broken());
        prop_assert_eq!(&right.balance, &Verdict::Held);
        let shifted = weighed(opens_with(opening), lines(), closes_with(closing + i64::from(off)));
        prop_assert_eq!(shifted.balance.is_broken(), off != 0);
    }
}
