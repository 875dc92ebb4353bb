//! What is suggested, and what is not.

use super::kit::{Story, claim, nov};
use crate::domain::reconcile::find::one_slip;
use crate::domain::reconcile::*;
use jiff::civil::date;

#[test]
fn a_slip_of_the_pen_with_the_right_amount_is_suggested_first() {
    for slip in [
        "1001000000092",
        "100100000029",
        "10010000000292",
        "1001000000028",
        "10010 0000 0092",
    ] {
        let story = Story::default()
            .claim(1, "1001000000001", 2500)
            .claim(2, "1001000000029", 2500)
            .line(9, 3, 2500, &format!("KZ {slip}"));
        assert!(
            story
                .says(9)
                .starts_with("unmatched: aehnliche_referenz 2, betrag_und_zeit 1"),
            "{slip}: {}",
            story.says(9)
        );
    }
}

#[test]
fn one_slip_is_one_character_or_two_that_changed_places() {
    for (a, b, slip) in [
        ("123456", "123456", true),
        ("123456", "123457", true),
        ("123456", "12345", false),
        ("12345", "123456", true),
        ("1234567", "123456", true),
        ("132456", "123456", true),
        ("153426", "123456", false),
        ("1234567", "12345", false),
    ] {
        assert_eq!(one_slip(a.as_bytes(), b.as_bytes()), slip, "{a} {b}");
    }
}

#[test]
fn the_right_amount_at_the_right_time_is_suggested_nearest_first() {
    let since = |id, kz, since| Open {
        since,
        ..claim(id, kz, 2500)
    };
    let story = Story::default()
        .open(&since(1, "1001000000001", nov(2)))
        .open(&since(2, "1001000000002", nov(19)))
        .open(&since(3, "1001000000003", date(2026, 8, 1)))
        .open(&since(4, "1001000000004", date(2026, 12, 24)))
        .line(9, 20, 2500, "Gebuehr");
    assert_eq!(story.says(9), "unmatched: betrag_und_zeit 2, betrag_und_zeit 1");
}

#[test]
fn a_late_faelligkeit_widens_the_window() {
    let rent = Open {
        since: date(2026, 8, 1),
        due: Some(nov(1)),
        ..claim(1, "1001000000001", 2500)
    };
    let story = Story::default().open(&rent).line(9, 20, 2500, "Miete");
    assert_eq!(story.says(9), "unmatched: betrag_und_zeit 1");
}

#[test]
fn where_many_have_the_amount_it_says_nothing() {
    let mut story = Story::default();
    for id in 1..=6 {
        story = story.claim(id, &format!("100100000000{id}"), 2500);
    }
    assert_eq!(story.line(9, 3, 2500, "Gebuehr").says(9), "unmatched: ");
}

#[test]
fn an_item_that_was_paid_for_certain_is_suggested_to_nobody() {
    let story = Story::default()
        .claim(1, "1001000000001", 2500)
        .line(1, 3, 2500, "Gebuehr")
        .line(2, 9, 2500, "1001000000001");
    assert_eq!(story.says(1), "unmatched: ");
    assert!(story.says(2).starts_with("1 by"));
}

#[test]
fn a_few_open_items_that_add_up_are_suggested() {
    let few = || {
        Story::default()
            .claim(1, "1001000000001", 2500)
            .claim(2, "1001000000002", 1730)
            .claim(3, "1001000000003", 990)
    };
    assert_eq!(few().line(9, 3, 4230, "zwei").says(9), "unmatched: summe 1+2");
    assert_eq!(few().line(9, 3, 5220, "drei").says(9), "unmatched: summe 1+2+3");
    assert_eq!(few().line(9, 3, -5220, "fort").says(9), "unmatched: ");
    assert_eq!(few().line(9, 3, 5221, "keine").says(9), "unmatched: ");
}

#[test]
fn on_another_account_nothing_is_suggested() {
    let elsewhere = Open {
        account: Some(2),
        ..claim(1, "1001000000001", 2500)
    };
    let story = Story::default().open(&elsewhere).line(9, 3, 2500, "Gebuehr");
    assert_eq!(story.says(9), "unmatched: ");
}

#[test]
fn among_many_open_items_no_sums_are_looked_for() {
    let among = |others: i64| {
        let mut story = Story::default().claim(1, "", 1000).claim(2, "", 2001);
        for other in 1..=others {
            story = story.claim(u64::try_from(other).expect("small") + 2, "", other * 10_000);
        }
        story.line(9, 3, 3001, "zwei").says(9)
    };
    assert_eq!(among(38), "unmatched: summe 1+2");
    assert_eq!(among(39), "unmatched: ");
}

#[test]
fn sums_that_come_about_in_many_ways_are_chance() {
    let mut story = Story::default();
    for (id, cents) in (1..).zip([1001, 8999, 2001, 7999, 3001, 6999]) {
        story = story.claim(id, "", cents);
    }
    let three = story.line(99, 3, 10_000, "zwei");
    assert_eq!(three.says(99), "unmatched: summe 1+2, summe 3+4, summe 5+6");
    let four = three.claim(7, "", 4001).claim(8, "", 5999);
    assert_eq!(four.says(99), "unmatched: ");
}

#[test]
fn the_faelligkeit_of_one_item_does_not_widen_the_window_of_another() {
    let old = |id, due| Open {
        since: date(2026, 8, 1),
        due,
        ..claim(id, "", 2500)
    };
    let story = Story::default()
        .open(&old(1, None))
        .open(&old(2, Some(nov(1))))
        .line(9, 20, 2500, "Miete");
    assert_eq!(story.says(9), "unmatched: betrag_und_zeit 2");
}
