//! Money that comes back: with code and fee, and never by guess.

use super::kit::Story;

fn paid() -> Story {
    Story::default().paid(1, "1001000000001", 5000)
}

#[test]
fn a_return_reopens_with_code_and_fee() {
    let story = paid().comes_back(9, 3, -5300, "1001000000001", (Some(5000), Some(300)));
    assert_eq!(story.says(9), "settled 1 back, 50.00 fee 3.00, MS03");
    let story = paid().comes_back(9, 3, -5000, "1001000000001", (None, None));
    assert_eq!(story.says(9), "settled 1 back, 50.00 fee 0.00, MS03");
}

#[test]
fn the_fee_is_what_the_bank_tells_or_follows_from_the_original_amount() {
    let story = paid().comes_back(9, 3, -5300, "1001000000001", (None, Some(300)));
    assert_eq!(story.says(9), "settled 1 back, 50.00 fee 3.00, MS03");
    let story = paid().comes_back(9, 3, -5300, "1001000000001", (Some(5000), None));
    assert_eq!(story.says(9), "settled 1 back, 50.00 fee 3.00, MS03");
    let unexplained = paid().comes_back(9, 3, -5300, "1001000000001", (None, None));
    assert_eq!(
        unexplained.says(9),
        "ruecklauf_betrag: settled 1, expected -50.00"
    );
    let part = paid().comes_back(9, 3, -4000, "1001000000001", (Some(4000), None));
    assert_eq!(part.says(9), "ruecklauf_betrag: settled 1, expected -50.00");
}

#[test]
fn a_refund_that_comes_back_may_have_cost_a_fee() {
    let story = Story::default().paid(1, "1001000000001", -5000).comes_back(
        9,
        3,
        4800,
        "1001000000001",
        (Some(5000), None),
    );
    assert_eq!(story.says(9), "settled 1 back, 50.00 fee 2.00, MS03");
}

#[test]
fn paid_returned_and_paid_again_in_one_month() {
    let story = Story::default()
        .claim(1, "1001000000001", 5000)
        .line(3, 12, 5000, "1001000000001")
        .comes_back(2, 9, -5000, "1001000000001", (None, None))
        .line(1, 4, 5000, "1001000000001");
    assert!(story.says(1).starts_with("1 by"));
    assert_eq!(story.says(2), "1 back, 50.00 fee 0.00, MS03");
    assert!(story.says(3).starts_with("1 by"), "{}", story.says(3));
}

#[test]
fn a_return_on_the_day_of_the_payment_is_judged_after_it() {
    let story = Story::default()
        .claim(1, "1001000000001", 5000)
        .comes_back(1, 4, -5000, "1001000000001", (None, None))
        .line(2, 4, 5000, "1001000000001");
    assert!(story.says(2).starts_with("1 by"));
    assert_eq!(story.says(1), "1 back, 50.00 fee 0.00, MS03");
}

#[test]
fn a_return_after_a_doppelzahlung_could_be_either() {
    let story =
        paid()
            .line(1, 3, 5000, "1001000000001")
            .comes_back(2, 4, -5000, "1001000000001", (None, None));
    assert_eq!(story.says(2), "ambiguous: settled 1");
}

#[test]
fn a_return_of_what_was_never_paid_is_named_and_a_foreign_one_is_left() {
    let story = Story::default().claim(1, "1001000000001", 5000).comes_back(
        9,
        3,
        -5000,
        "1001000000001",
        (None, None),
    );
    assert_eq!(story.says(9), "ruecklauf_unbekannt: 1, expected 50.00");
    let foreign = paid().comes_back(9, 3, -5000, "Lastschrift 4711", (None, None));
    assert_eq!(foreign.says(9), "unmatched: ");
}

#[test]
fn a_second_return_of_one_payment_is_named() {
    let story = paid()
        .comes_back(1, 3, -5000, "1001000000001", (None, None))
        .comes_back(2, 4, -5000, "1001000000001", (None, None));
    assert_eq!(story.says(2), "ruecklauf_unbekannt: settled 1, expected 50.00");
}

#[test]
fn money_that_moves_the_same_way_again_takes_nothing_back() {
    let story = Story::default().paid(1, "1001000000001", -5000).comes_back(
        9,
        3,
        -5000,
        "1001000000001",
        (None, None),
    );
    assert_eq!(story.says(9), "ruecklauf_unbekannt: settled 1, expected -50.00");
}
