use jiff::civil::{Date, date};

use super::super::testkit::{balance, entry, head, january, number, tail};
use super::super::{Fault, Lack, Sum, Verdict, sequence};
use crate::domain::money::Cents;
use crate::domain::statement::header::Header;
use crate::domain::statement::{Format, Head, Sequence};

/// A statement of one day.
fn of(day: Date, sequence: impl Into<Option<Sequence>>, opening: i64, closing: i64) -> Header {
    let head = Head {
        sequence: sequence.into(),
        opening: Some(balance(opening, day)),
        ..head()
    };
    let mut header = Header::begin(&head);
    header.entry(&entry(1, closing - opening, day));
    header.end(&tail(Some(balance(closing, day))))
}

fn page(number: u64, page: u64, last: bool) -> Sequence {
    Sequence {
        number,
        page: Some(page),
        last: Some(last),
    }
}

fn broken(verdict: Verdict) -> Fault {
    match verdict {
        Verdict::Broken { why } => why,
        other => panic!("broken was expected, not {other:?}"),
    }
}

#[test]
fn the_first_statement_of_an_account_follows_on_nothing() {
    let new = of(january(5), number(4), 0, 100);
    assert_eq!(sequence(&[], &new), Lack::First.into());
    let mut elsewhere = of(january(4), number(3), 0, 999);
    elsewhere.account = "DE75512108001245126199".into();
    let mut otherwise = of(january(4), number(3), 0, 999);
    otherwise.format = Format::Mt940;
    assert_eq!(sequence(&[elsewhere, otherwise], &new), Lack::First.into());
}

#[test]
fn the_next_number_with_the_same_balance_follows() {
    let known = [of(january(5), number(4), 0, 100)];
    assert_eq!(
        sequence(&known, &of(january(6), number(5), 100, 80)),
        Verdict::Held
    );
}

#[test]
fn missing_statements_are_named_by_their_numbers() {
    let known = [of(january(5), number(4), 0, 100)];
    let one = broken(sequence(&known, &of(january(8), number(6), 130, 80)));
    assert_eq!(one.german(), "Es fehlt der Auszug 5 (2026).");
    let three = broken(sequence(&known, &of(january(8), number(8), 100, 80)));
    assert_eq!(
        three.german(),
        "Es fehlen die Auszüge 5 bis 7 (2026). Die Salden schließen dennoch aneinander an."
    );
    assert_eq!(
        three.english(),
        "statements 5 to 7 of 2026 are missing, although the balances follow on one another"
    );
}

#[test]
fn the_year_begins_with_one_or_goes_on() {
    let known = [of(date(2025, 12, 30), number(250), 0, 100)];
    for first in [1, 251] {
        assert_eq!(
            sequence(&known, &of(january(2), number(first), 100, 80)),
            Verdict::Held,
            "{first}"
        );
    }
    assert_eq!(
        broken(sequence(&known, &of(january(5), number(3), 90, 80))),
        Fault::MissingStatements {
            from: 1,
            to: 2,
            year: 2026,
            chained: false
        }
    );
}

#[test]
fn a_year_that_is_written_before_the_number_is_no_part_of_it() {
    for (old, first, third) in [
        (250_000_250, 260_000_001, 260_000_003),
        (2_025_250, 2_026_001, 2_026_003),
    ] {
        let known = [of(date(2025, 12, 30), number(old), 0, 100)];
        assert_eq!(
            sequence(&known, &of(january(2), number(first), 100, 80)),
            Verdict::Held
        );
        assert_eq!(
            broken(sequence(&known, &of(january(6), number(third), 90, 80))),
            Fault::MissingStatements {
                from: first,
                to: third - 1,
                year: 2026,
                chained: false
            }
        );
    }
}

#[test]
fn the_next_number_with_another_balance_is_broken() {
    let known = [of(january(5), number(4), 0, 100)];
    let why = broken(sequence(&known, &of(january(6), number(5), 99, 80)));
    assert_eq!(
        why.german(),
        "Der vorige Auszug endet am 05.01.2026 mit 1,00 EUR; der folgende beginnt mit 0,99 EUR."
    );
}

#[test]
fn a_statement_that_fills_a_hole_must_meet_both_sides() {
    let known = [
        of(january(5), number(4), 0, 100),
        of(january(7), number(6), 150, 200),
    ];
    assert_eq!(
        sequence(&known, &of(january(6), number(5), 100, 150)),
        Verdict::Held
    );
    assert_eq!(
        broken(sequence(&known, &of(january(6), number(5), 100, 140))),
        Fault::Chain {
            day: january(6),
            closing: Sum::from(Cents::new(140)),
            opening: Sum::from(Cents::new(150)),
            currency: "EUR".into()
        }
    );
}

#[test]
fn an_older_one_before_all_that_are_known_is_measured_by_the_next_only() {
    let known = [of(january(7), number(6), 150, 200)];
    assert_eq!(
        sequence(&known, &of(january(6), number(5), 100, 150)),
        Verdict::Held
    );
    assert!(sequence(&known, &of(january(6), number(5), 100, 140)).is_broken());
    assert_eq!(
        sequence(&known, &of(january(2), number(2), 10, 20)),
        Lack::First.into()
    );
}

#[test]
fn pages_follow_on_pages() {
    let known = [of(january(5), page(4, 1, false), 0, 100)];
    let second = of(january(5), page(4, 2, true), 100, 120);
    assert_eq!(sequence(&known, &second), Verdict::Held);
    assert_eq!(
        broken(sequence(&known, &of(january(5), page(4, 3, true), 110, 120))).german(),
        "Vom Auszug 4 fehlt das Blatt 2."
    );
    assert_eq!(
        broken(sequence(&known, &of(january(6), page(5, 1, true), 100, 120))),
        Fault::MissingPage { number: 4, page: 2 }
    );
    assert_eq!(
        broken(sequence(&[second], &of(january(6), page(5, 2, true), 120, 130))),
        Fault::MissingPage { number: 5, page: 1 }
    );
}

#[test]
fn a_page_may_go_on_under_the_same_number_of_a_page() {
    let known = [
        of(january(4), page(3, 1, true), 0, 50),
        of(january(5), page(4, 1, false), 50, 100),
    ];
    let second = of(january(5), page(4, 1, true), 100, 120);
    assert_eq!(sequence(&known, &second), Verdict::Held);
    let other = of(january(5), page(4, 1, true), 90, 120);
    assert_eq!(
        broken(sequence(&known, &other)),
        Fault::SameNumber {
            number: 4,
            year: 2026
        }
    );
}

#[test]
fn what_names_no_account_follows_on_nothing() {
    let nobody = Header {
        account: String::new(),
        ..of(january(5), number(4), 0, 100)
    };
    let known = [of(january(4), number(3), 0, 0), nobody.clone()];
    assert_eq!(sequence(&known, &nobody), Lack::NoAccount.into());
}

#[test]
fn the_same_statement_again_is_known() {
    let known = [of(january(5), number(4), 0, 100)];
    assert_eq!(sequence(&known, &known[0]), Lack::KnownAlready.into());
}

#[test]
fn another_statement_with_the_same_number_is_broken() {
    let known = [of(january(5), number(4), 0, 100)];
    let why = broken(sequence(&known, &of(january(5), number(4), 0, 120)));
    assert_eq!(
        why.german(),
        "Ein anderer Auszug trägt schon die Nummer 4 (2026)."
    );
    assert!(sequence(&known, &of(january(6), number(4), 50, 120)).is_broken());
}

#[test]
fn a_bank_that_always_writes_one_does_not_number() {
    let known = [of(january(5), number(1), 0, 100)];
    assert_eq!(
        sequence(&known, &of(january(6), number(1), 100, 120)),
        Verdict::Held
    );
}

#[test]
fn a_bank_that_counts_the_days_of_the_year_leaves_out_weekends() {
    for (friday, monday) in [(9, 12), (26_009, 26_012), (901, 1201)] {
        let known = [of(january(9), number(friday), 0, 100)];
        let chained = of(january(12), number(monday), 100, 120);
        assert_eq!(sequence(&known, &chained), Verdict::Held, "{monday}");
        let torn = of(january(12), number(monday), 90, 120);
        assert!(
            matches!(broken(sequence(&known, &torn)), Fault::Chain { .. }),
            "{monday}"
        );
    }
}

#[test]
fn a_bank_that_begins_anew_each_month_is_followed_by_its_balances() {
    let known = [of(january(30), number(20), 0, 100)];
    assert_eq!(
        sequence(&known, &of(date(2026, 2, 2), number(1), 100, 120)),
        Verdict::Held
    );
    assert!(sequence(&known, &of(date(2026, 2, 2), number(1), 90, 120)).is_broken());
}

#[test]
fn without_numbers_the_balances_say_what_follows() {
    let known = [of(january(5), None, 0, 100)];
    assert_eq!(sequence(&known, &of(january(6), None, 100, 120)), Verdict::Held);
    assert!(matches!(
        broken(sequence(&known, &of(january(6), None, 90, 120))),
        Fault::Chain { .. }
    ));
    let mut silent = of(january(6), None, 90, 120);
    silent.opening = None;
    assert_eq!(sequence(&known, &silent), Lack::NotNumbered.into());
    silent.day = None;
    assert_eq!(sequence(&known, &silent), Lack::NotNumbered.into());
}

#[test]
fn several_unnumbered_statements_of_one_day_come_in_any_order() {
    let known = [of(january(5), None, 50, 70), of(january(5), None, 0, 50)];
    assert_eq!(sequence(&known, &of(january(6), None, 70, 90)), Verdict::Held);
}

#[test]
fn an_unnumbered_export_over_known_days_follows_none_of_them() {
    let known = [of(january(5), None, 0, 100), of(january(6), None, 100, 120)];
    let mut month = of(january(5), None, 0, 200);
    month.days = super::super::super::header::Days::Between(january(5), january(8));
    month.day = Some(january(8));
    assert_eq!(sequence(&known, &month), Lack::Overlapping.into());
}

#[test]
fn a_balance_in_another_currency_is_not_compared() {
    let known = [of(january(5), None, 0, 100)];
    let mut franc = of(january(6), None, 90, 120);
    franc.currency = Some("CHF".into());
    assert_eq!(sequence(&known, &franc), Lack::NotNumbered.into());
}

#[test]
fn previews_and_notifications_form_no_chain() {
    for format in [Format::Camt052, Format::Camt054, Format::Mt942] {
        let mut new = of(january(6), number(9), 0, 1);
        new.format = format;
        assert_eq!(sequence(&[], &new), Lack::NoChain.into(), "{format:?}");
    }
}

#[test]
fn the_largest_number_there_can_be_is_followed_by_none() {
    let known = [of(january(5), number(u64::MAX), 0, 100)];
    assert_eq!(
        sequence(&known, &of(january(6), number(1), 100, 120)),
        Verdict::Held
    );
    let next = [of(january(5), number(1), 0, 100)];
    assert!(sequence(&next, &of(january(6), number(u64::MAX), 100, 120)).is_broken());
}
