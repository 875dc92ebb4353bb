//! References as banks and people write them.

use super::kit::Story;
use crate::domain::reconcile::Field;

const KASSENZEICHEN: &str = "1001000000001";

/// What is said of a payment of the right amount with this purpose.
fn says(purpose: &str) -> String {
    Story::default()
        .claim(1, KASSENZEICHEN, 2500)
        .line(9, 3, 2500, purpose)
        .says(9)
}

fn found(purpose: &str, evidence: &str) {
    let said = says(purpose);
    assert!(said.starts_with("1 by referenz_"), "{purpose}: {said}");
    assert_eq!(
        said.split_once(": ").map(|(_, told)| told),
        Some(evidence),
        "{purpose}"
    );
}

/// Whatever is suggested, nothing is paired.
fn not_found(purpose: &str) {
    let said = says(purpose);
    assert!(said.starts_with("unmatched: "), "{purpose}: {said}");
}

#[test]
fn a_kassenzeichen_split_by_27_characters_is_found() {
    let purpose = "Gebuehr Personalausweis 100|1000000001 Mustermann";
    assert_eq!(purpose.find('|'), Some(27));
    found(purpose, "purpose:1:25 kassenzeichen «100|1000000001» cut");
}

#[test]
fn a_kassenzeichen_split_twice_with_a_blank_at_the_cut_is_found() {
    found(
        "1001| 000000|001",
        "purpose:1:1 kassenzeichen «1001| 000000|001» cut blanks",
    );
}

#[test]
fn blanks_hyphens_and_points_inside_do_not_matter() {
    found(
        "KZ 1001 0000 00001",
        "purpose:1:4 kassenzeichen «1001 0000 00001» blanks",
    );
    found(
        "1001-0000.00001 ",
        "purpose:1:1 kassenzeichen «1001-0000.00001» blanks",
    );
}

#[test]
fn words_around_it_do_not_matter() {
    found("KZ:1001000000001", "purpose:1:4 kassenzeichen «1001000000001»");
    found(
        "Kassenzeichen 1001000000001 Gebuehr",
        "purpose:1:15 kassenzeichen «1001000000001»",
    );
    found(
        "kz1001000000001gebuehr",
        "purpose:1:3 kassenzeichen «1001000000001»",
    );
    found(
        "SVWZ+1001000000001EREF+X",
        "purpose:1:6 kassenzeichen «1001000000001»",
    );
    found(
        "Bürgergebühr (1001000000001)",
        "purpose:1:15 kassenzeichen «1001000000001»",
    );
}

#[test]
fn a_part_of_a_longer_number_is_no_find() {
    not_found("91001000000001234");
    not_found("91001000000001");
    not_found("10010000000012");
    not_found("9100100|00000012");
}

#[test]
fn a_line_end_may_part_it_from_another_number() {
    found(
        "Rechnung 4711 vom 20261102|1001000000001|2026",
        "purpose:2:1 kassenzeichen «1001000000001»",
    );
}

#[test]
fn leading_zeros_may_be_missing_or_added() {
    found(
        "0001001000000001",
        "purpose:1:1 kassenzeichen «0001001000000001» zeros",
    );
    let story = Story::default()
        .claim(1, "0001001000000001", 2500)
        .line(9, 3, 2500, KASSENZEICHEN);
    assert_eq!(
        story.says(9),
        "1 by referenz_im_text: purpose:1:1 kassenzeichen «1001000000001» zeros"
    );
}

#[test]
fn as_it_is_written_wins_over_zeros_more_or_fewer() {
    let both = || {
        Story::default()
            .claim(1, "0123456789", 2500)
            .claim(2, "123456789", 2500)
    };
    assert!(
        both()
            .line(9, 3, 2500, "0123456789")
            .says(9)
            .starts_with("1 by referenz_genau")
    );
    assert!(
        both()
            .line(9, 3, 2500, "123456789")
            .says(9)
            .starts_with("2 by referenz_genau")
    );
    assert_eq!(both().line(9, 3, 2500, "00123456789").says(9), "ambiguous: 1+2");
}

#[test]
fn an_rf_reference_is_undressed_if_its_check_digits_are_right() {
    found(
        "RF371001000000001",
        "purpose:1:1 kassenzeichen «RF371001000000001» rf",
    );
    found(
        "rf37 1001 0000 0000 1",
        "purpose:1:1 kassenzeichen «rf37 1001 0000 0000 1» blanks rf",
    );
    assert_eq!(says("RF361001000000001"), "unmatched: aehnliche_referenz 1");
    assert_eq!(says("RF36 1001 0000 0000 1"), "unmatched: aehnliche_referenz 1");
    let structured = Story::default().claim(1, KASSENZEICHEN, 2500).told(
        9,
        3,
        2500,
        &[(Field::Structured, "RF371001000000001")],
    );
    assert_eq!(
        structured.says(9),
        "1 by referenz_genau: structured:1:1 kassenzeichen «RF371001000000001» rf"
    );
    let with_zero = Story::default()
        .claim(1, "01001000000001", 2500)
        .line(9, 3, 2500, "RF3701001000000001");
    assert!(with_zero.says(9).starts_with("1 by"), "{}", with_zero.says(9));
}

#[test]
fn small_letters_are_read_as_capitals() {
    let story = Story::default()
        .claim(1, "TX7K2M9Q", 2500)
        .line(9, 3, 2500, "Zahlung tx7k2m9q danke");
    assert_eq!(
        story.says(9),
        "1 by referenz_im_text: purpose:1:9 kassenzeichen «tx7k2m9q»"
    );
}

#[test]
fn o_for_0_proves_nothing_but_is_suggested() {
    assert_eq!(says("KZ 1OO1OOOOOOOO1"), "unmatched: aehnliche_referenz 1");
    let less = Story::default()
        .claim(1, KASSENZEICHEN, 2500)
        .line(9, 3, 900, "KZ 1OO1OOOOOOOO1");
    assert_eq!(less.says(9), "unmatched: aehnliche_referenz_anderer_betrag 1");
}

#[test]
fn a_short_reference_is_found_only_where_it_fills_a_field() {
    let short = || Story::default().claim(1, "4711", 2500);
    assert!(
        short()
            .told(9, 3, 2500, &[(Field::EndToEnd, "4711")])
            .says(9)
            .starts_with("1 by referenz_genau")
    );
    assert_eq!(
        short().line(9, 3, 2500, "Rechnung 4711").says(9),
        "unmatched: betrag_und_zeit 1"
    );
}

#[test]
fn small_numbers_in_a_row_are_no_reference() {
    let story = || Story::default().claim(1, "123456", 2500);
    assert_eq!(
        story().line(9, 3, 2500, "Haus 12 34 56 Ort").says(9),
        "unmatched: betrag_und_zeit 1"
    );
    assert!(
        story()
            .line(9, 3, 2500, "Haus 123456 Ort")
            .says(9)
            .starts_with("1 by")
    );
    assert_eq!(
        story().line(9, 3, 2500, "Rg X123456Y").says(9),
        "unmatched: aehnliche_referenz 1"
    );
}

#[test]
fn a_reference_inside_a_longer_one_is_not_meant() {
    let story = Story::default()
        .claim(1, "10010000", 2500)
        .claim(2, KASSENZEICHEN, 2500)
        .line(9, 3, 2500, "KZ 1001 0000 00001");
    assert!(
        story.says(9).starts_with("2 by referenz_im_text"),
        "{}",
        story.says(9)
    );
}

#[test]
fn fields_are_not_read_into_each_other() {
    let story = Story::default().claim(1, KASSENZEICHEN, 2500).told(
        9,
        3,
        2500,
        &[
            (Field::Reference, "1001000"),
            (Field::Purpose, "000001"),
            (Field::Text, "1001000"),
        ],
    );
    assert_eq!(story.says(9), "unmatched: betrag_und_zeit 1");
}

#[test]
fn a_request_id_with_hyphens_is_found_across_lines() {
    let id = "3f2c8a90-1b7e-4c55-9d21-7e0f4a6b8c12";
    let story =
        Story::default()
            .claim(1, id, 2500)
            .line(9, 3, 2500, "3f2c8a90-1b7e-4c55-9d21-7e0|f4a6b8c12 Ausweis");
    assert!(
        story.says(9).starts_with("1 by referenz_im_text"),
        "{}",
        story.says(9)
    );
}

#[test]
fn a_reference_that_everybody_bears_names_nobody() {
    let mut story = Story::default();
    for id in 0..300 {
        story = story.claim(id, "TEST1234", 100 + i64::try_from(id).expect("small"));
    }
    assert_eq!(
        story.line(999, 3, 105, "TEST1234").says(999),
        "unmatched: aehnliche_referenz 5"
    );
}

#[test]
fn marks_stand_inside_a_reference_only_where_it_is_written_with_them() {
    let story = |number| {
        Story::default()
            .claim(1, number, 2500)
            .claim(2, "ANOTHER:123", 100)
            .line(9, 3, 2500, "Zahlung PAY:100:2026, danke")
    };
    assert!(story("PAY:100:2026").says(9).starts_with("1 by referenz_im_text"));
    assert!(story("PAY1002026").says(9).starts_with("unmatched"));
}

#[test]
fn a_short_number_may_touch_a_word_that_announces_it() {
    for (number, purpose, found) in [
        ("123456", "KZ123456 danke", true),
        ("123456", "Az123456", true),
        ("123456", "QX123456 danke", false),
        ("12AB3456", "Kassenzeichen12AB3456", true),
        ("12AB3456", "Vertrag12AB3456", false),
        ("123456", "KZ123456QX", false),
    ] {
        let said = Story::default()
            .claim(1, number, 2500)
            .line(9, 3, 2500, purpose)
            .says(9);
        assert_eq!(said.starts_with("1 by"), found, "{purpose}: {said}");
    }
}

#[test]
fn a_tag_ends_what_stands_before_it() {
    let story = |number| {
        Story::default().claim(1, number, 2500).line(
            9,
            3,
            2500,
            "EREF+110-1MREF+41310-123CRED+DE1|1ZZZSVWZ+AB12XY9QEREF+9",
        )
    };
    assert!(
        story("AB12XY9Q")
            .says(9)
            .starts_with("1 by referenz_im_text: purpose:2:10")
    );
    assert!(
        story("41310-123")
            .says(9)
            .starts_with("1 by referenz_im_text: purpose:1:16")
    );
    assert!(story("AB12XY9QEREF9").says(9).starts_with("unmatched"));
}

#[test]
fn only_numbers_have_leading_zeros() {
    let story = Story::default()
        .claim(1, "AB123456", 2500)
        .line(9, 3, 2500, "000AB123456");
    assert!(story.says(9).starts_with("unmatched"), "{}", story.says(9));
}
