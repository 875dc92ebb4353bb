//! Payers who transfer: once, twice, too much, in advance, to the wrong account, under a reference that two items share.

use super::kit::{Story, claim, nov};
use crate::domain::money::Cents;
use crate::domain::reconcile::*;

#[test]
fn a_transfer_in_advance_books_both_sides() {
    let story = Story::default()
        .claim(1, "1001000000001", 2500)
        .line(9, 3, 2500, "1001000000001");
    let outcome = story.outcome();
    let (line, pairing) = outcome.pairings().next().expect("it is paired");
    assert_eq!((line, pairing.target), (LineId(9), Target::Open(1)));
    assert!(pairing.ahead, "nobody has said yet that it was paid");

    let told = Open {
        kind: Kind::Settlement,
        ..claim(1, "1001000000001", 2500)
    };
    let story = Story::default().open(&told).line(9, 3, 2500, "1001000000001");
    let outcome = story.outcome();
    let (_, pairing) = outcome.pairings().next().expect("it is paired");
    assert!(!pairing.ahead, "the provider said so before");
}

#[test]
fn another_amount_under_the_right_reference_is_never_a_pairing() {
    for cents in [2499, 2501, 1, 5000] {
        let story = Story::default()
            .claim(1, "1001000000001", 2500)
            .line(9, 3, cents, "1001000000001");
        assert_eq!(story.says(9), "betrag_weicht_ab: 1, expected 25.00", "{cents}");
    }
}

#[test]
fn payments_under_one_reference_that_add_up_are_the_item_together() {
    // The provider tells sums, the bank single payments: 25.00 came as 15.00 and 10.00.
    let told = Open {
        kind: Kind::Settlement,
        ..claim(1, "1001000000001", 2500)
    };
    let story = Story::default()
        .open(&told)
        .line(1, 4, 1000, "1001000000001")
        .line(2, 3, 1500, "KZ 1001000000001")
        .line(3, 5, 1000, "1001000000001")
        .line(4, 3, 700, "1001000000002");
    let by_sum = "1 by referenz_summe: purpose:1";
    assert!(story.says(1).starts_with(by_sum), "{}", story.says(1));
    assert!(story.says(2).starts_with(by_sum), "{}", story.says(2));
    assert_eq!(story.says(3), "zahlung_auf_erledigtes: 1, expected 25.00");
    let outcome = story.outcome();
    let gross: i64 = outcome.pairings().map(|(_, pairing)| pairing.gross.get()).sum();
    assert_eq!(gross, 2500);

    // One cent short, or one too many: nothing is taken.
    for last in [999, 1001] {
        let story = Story::default()
            .open(&told)
            .line(1, 3, 1500, "1001000000001")
            .line(2, 4, last, "1001000000001");
        assert_eq!(story.says(1), "betrag_weicht_ab: 1, expected 25.00");
        assert_eq!(story.says(2), "betrag_weicht_ab: 1, expected 25.00");
    }
    // A whole payment ends it: what differed before does not count afterwards.
    let story = Story::default()
        .open(&told)
        .line(1, 3, 1500, "1001000000001")
        .line(2, 4, 2500, "1001000000001")
        .line(3, 5, 1000, "1001000000001");
    assert_eq!(story.says(1), "betrag_weicht_ab: 1, expected 25.00");
    assert!(
        story.says(2).starts_with("1 by referenz_genau"),
        "{}",
        story.says(2)
    );
    assert_eq!(story.says(3), "zahlung_auf_erledigtes: 1, expected 25.00");
}

#[test]
fn of_two_equal_payments_the_first_by_day_counts_and_the_other_is_a_doppelzahlung() {
    let story = Story::default()
        .claim(1, "1001000000001", 2500)
        .line(1, 5, 2500, "1001000000001")
        .line(2, 4, 2500, "KZ 1001000000001");
    assert_eq!(story.says(1), "doppelzahlung: 1, expected 25.00");
    assert_eq!(
        story.says(2),
        "1 by referenz_im_text: purpose:1:4 kassenzeichen «1001000000001»"
    );

    let same_day = Story::default()
        .claim(1, "1001000000001", 2500)
        .line(8, 4, 2500, "1001000000001")
        .line(7, 4, 2500, "1001000000001");
    assert!(
        same_day.says(7).starts_with("1 by"),
        "on one day the statement's order counts"
    );
    assert!(same_day.says(8).starts_with("doppelzahlung"));
}

#[test]
fn money_for_what_was_paid_last_month_is_named() {
    let story = Story::default()
        .paid(1, "1001000000001", 2500)
        .line(1, 3, 2500, "1001000000001")
        .line(2, 3, 900, "1001000000001");
    assert_eq!(story.says(1), "doppelzahlung: settled 1, expected 25.00");
    assert_eq!(story.says(2), "zahlung_auf_erledigtes: settled 1, expected 25.00");
}

#[test]
fn a_payment_on_an_account_where_it_must_not_be_is_no_pairing() {
    let elsewhere = Open {
        account: Some(2),
        ..claim(1, "1001000000001", 2500)
    };
    let story = Story::default()
        .open(&elsewhere)
        .line(9, 3, 2500, "1001000000001");
    assert_eq!(story.says(9), "anderes_konto: 1, expected 25.00");
}

#[test]
fn rates_under_one_kassenzeichen_are_told_apart_by_amount_and_stay_ambiguous_without() {
    let rates = || {
        Story::default()
            .claim(1, "1001000000001", 2500)
            .claim(2, "1001000000001", 2600)
            .claim(3, "1001000000001", 2600)
    };
    assert!(
        rates()
            .line(9, 3, 2500, "1001000000001")
            .says(9)
            .starts_with("1 by referenz_genau")
    );
    assert_eq!(
        rates().line(9, 3, 2600, "1001000000001").says(9),
        "ambiguous: 2+3"
    );
    assert_eq!(
        rates().line(9, 3, 2700, "1001000000001").says(9),
        "ambiguous: 1+2+3"
    );
}

#[test]
fn a_rate_that_its_own_number_names_is_not_ambiguous() {
    let rate = |id, number: &'static str| Open {
        references: vec![
            (Name::Kassenzeichen, "1001000000001"),
            (Name::Transaktionsnummer, number),
        ],
        ..claim(id, "", 2600)
    };
    let story = Story::default()
        .open(&rate(1, "TX0001AB"))
        .open(&rate(2, "TX0002AB"))
        .told(
            9,
            3,
            2600,
            &[
                (Field::EndToEnd, "TX0002AB"),
                (Field::Purpose, "Kassenzeichen 1001000000001"),
            ],
        );
    assert_eq!(
        story.says(9),
        "2 by referenz_genau: end_to_end:1:1 transaktionsnummer «TX0002AB»"
    );
}

#[test]
fn two_references_in_one_text_are_ambiguous_unless_they_add_up() {
    let two = || {
        Story::default()
            .claim(1, "1001000000001", 2500)
            .claim(2, "1001000000002", 1500)
    };
    let text = "1001000000001 und|1001000000002";
    assert_eq!(two().line(9, 3, 2500, text).says(9), "ambiguous: 1+2");
    assert_eq!(
        two().line(9, 3, 4000, text).says(9),
        "unmatched: mehrere_genannt 1+2"
    );
    let field = [(Field::EndToEnd, "1001000000001"), (Field::Purpose, text)];
    assert!(
        two()
            .told(9, 3, 2500, &field)
            .says(9)
            .starts_with("1 by referenz_genau")
    );
    assert_eq!(two().told(9, 3, 1500, &field).says(9), "ambiguous: 1+2");
}

#[test]
fn a_refund_goes_out_and_other_money_out_under_our_reference_is_named() {
    let refund = Open {
        kind: Kind::Refund,
        cents: Cents::new(-2500),
        ..claim(1, "1001000000001", 0)
    };
    let story = Story::default()
        .paid(7, "1001000000001", 2500)
        .open(&refund)
        .line(1, 3, -2500, "Erstattung 1001000000001")
        .line(2, 4, -2500, "Erstattung 1001000000001");
    assert!(
        story.says(1).starts_with("1 by referenz_im_text"),
        "{}",
        story.says(1)
    );
    assert_eq!(story.says(2), "doppelzahlung: 1, expected -25.00");

    let story = Story::default()
        .paid(7, "1001000000001", 2500)
        .line(1, 3, -2500, "1001000000001");
    assert_eq!(story.says(1), "gegenbewegung: settled 7, expected 25.00");
}

#[test]
fn a_line_of_nothing_and_a_line_without_texts_are_left() {
    let story = Story::default()
        .claim(1, "1001000000001", 2500)
        .line(1, 3, 0, "1001000000001")
        .told(2, 3, -1, &[]);
    assert_eq!(story.says(1), "unmatched: ");
    assert_eq!(story.says(2), "unmatched: ");
}

#[test]
fn an_id_that_comes_twice_is_refused_by_name() {
    let story = Story::default().line(4, 3, 1, "a").line(4, 3, 1, "b");
    let refused = reconcile(&story.lines, &story.book, Settings::default());
    assert_eq!(refused, Err(InputError::LineTwice(4)));
    let story = Story::default()
        .claim(5, "1001000000001", 1)
        .claim(5, "1001000000002", 1);
    let refused = reconcile(&story.lines, &story.book, Settings::default());
    assert_eq!(refused, Err(InputError::OpenTwice(5)));
    let story = Story::default()
        .paid(6, "1001000000001", 1)
        .paid(6, "1001000000002", 1);
    let refused = reconcile(&story.lines, &story.book, Settings::default());
    assert_eq!(refused, Err(InputError::SettledTwice(6)));
}

#[test]
fn amounts_beyond_all_bounds_are_judged_like_others() {
    let far = Open {
        since: nov(2),
        ..claim(1, "1001000000001", i64::MAX)
    };
    let story = Story::default()
        .open(&far)
        .paid(2, "1001000000002", i64::MIN)
        .line(1, 3, i64::MIN, "1001000000001")
        .line(2, 3, i64::MAX, "1001000000002")
        .comes_back(3, 3, i64::MAX, "1001000000002", (Some(i64::MIN), Some(i64::MAX)))
        .line(4, 3, i64::MAX, "1001000000001");
    assert!(story.says(1).starts_with("gegenbewegung"), "{}", story.says(1));
    assert!(story.says(2).starts_with("gegenbewegung"), "{}", story.says(2));
    assert!(story.says(3).starts_with("ruecklauf_betrag"), "{}", story.says(3));
    assert!(story.says(4).starts_with("1 by"), "{}", story.says(4));
}
