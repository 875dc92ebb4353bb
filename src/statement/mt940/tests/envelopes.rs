//! What stands around statements: line ends, encodings, blocks, borders.

use std::io::BufReader;

use super::dialects::{ALL, SPARKASSE, VR_BANK, WORDS};
use super::{Reader, around, day, only, pieces, read};
use crate::domain::statement::{Format, Piece};

fn with_line_ends(text: &str, end: &str) -> Vec<u8> {
    text.lines()
        .flat_map(|line| [line, end])
        .collect::<String>()
        .into_bytes()
}

#[test]
fn every_kind_of_line_end_tells_the_same() {
    let text = std::str::from_utf8(VR_BANK).expect("plain text");
    let expected = pieces(VR_BANK);
    for end in ["\r\n", "\r", "@@", "@@\r\n", "@@\n"] {
        assert_eq!(pieces(&with_line_ends(text, end)), expected, "{end:?}");
    }
    let begun: Vec<u8> = [b"@@".as_slice(), &with_line_ends(text, "@@")].concat();
    assert_eq!(read(&begun).len(), 2);
}

#[test]
fn one_byte_at_a_time_tells_the_same() {
    for file in ALL {
        let slowly: Vec<Piece> = Reader::new(BufReader::with_capacity(1, *file)).collect();
        assert_eq!(slowly, pieces(file));
    }
}

#[test]
fn a_file_that_breaks_off_anywhere_is_told_up_to_there() {
    for file in ALL {
        for length in 0..file.len() {
            let statements = read(&file[..length]);
            assert!(!statements.is_empty(), "something is told of {length} bytes");
        }
    }
}

#[test]
fn utf_8_with_a_byte_order_mark_is_read() {
    let file = ["\u{feff}".as_bytes(), WORDS].concat();
    let statement = only(&file);
    assert_eq!(statement.head().id, "20260310000000");
    assert_eq!(statement.detail(1).purpose[0], "Gebühr Reisepass");
}

#[test]
fn transmission_controls_and_blank_lines_before_a_statement_do_not_count() {
    let file = [b"\x01\r\n\r\n  \r\n\x02".as_slice(), SPARKASSE, b"\x03"].concat();
    assert_eq!(only(&file).entries.len(), 2);
}

#[test]
fn a_statement_may_begin_without_its_number_and_without_its_reference() {
    let file = b":25:DE89370400440532013000EUR\n:60F:C260309EUR1,00\n:62F:C260310EUR1,00\n:25:DE02 1203 0000 0000 2020 51\n:60F:C260309EUR2,00\n:61:260310C1,\n:62F:C260310EUR3,00\n";
    let statements = read(file);
    let accounts: Vec<&str> = statements
        .iter()
        .map(|statement| statement.head().account.as_str())
        .collect();
    assert_eq!(accounts, ["DE89370400440532013000", "DE02120300000000202051"]);
    assert!(statements[1].adds_up());
}

#[test]
fn a_page_without_a_head_of_its_own_has_that_of_the_page_before() {
    let file = b":20:A\n:25:82051000/1\n:28C:3/1\n:60F:C260309EUR1,\n:62M:C260309EUR1,\n:60M:C260309EUR1,\n:61:260310C1,\n:62F:C260310EUR2,\n";
    let statements = read(file);
    assert_eq!(statements.len(), 2);
    assert_eq!(statements[1].head().account, "82051000/1");
    assert_eq!(statements[1].entries.len(), 1);
}

#[test]
fn accounts_are_told_without_blanks_currency_and_bank() {
    for (written, account, currency) in [
        ("51210600/9223382012EUR", "51210600/9223382012", "EUR"),
        ("51210600/9223382012 EUR", "51210600/9223382012", "EUR"),
        (
            "COBADEFFXXX/DE89370400440532013000",
            "DE89370400440532013000",
            "EUR",
        ),
        ("//AT39364/12345678912/EUR", "AT39364/12345678912", "EUR"),
        (
            "MU43BOMM0101123456789101000MUR",
            "MU43BOMM0101123456789101000MUR",
            "EUR",
        ),
        (
            "IBAN DE89 3704 0044 0532 0130 00",
            "DE89370400440532013000",
            "EUR",
        ),
    ] {
        let file = format!(":20:X\n:25:{written}\n:60F:C260309EUR1,\n:62F:C260309EUR1,\n");
        let statement = only(file.as_bytes());
        assert_eq!(statement.head().account, account, "{written}");
        assert_eq!(statement.head().currency.as_deref(), Some(currency), "{written}");
    }
}

#[test]
fn the_envelope_says_which_format_it_is_where_nothing_else_does() {
    let file = |kind: &str| {
        format!(
            "{{1:F01AAAADEFFAXXX0000000000}}{{2:I{kind}AAAADEFFXXXXN}}{{4:\n:20:A\n:25:82051000/1EUR\n:61:260310C1,\n-}}"
        )
    };
    assert_eq!(only(file("942").as_bytes()).head().format, Format::Mt942);
    assert_eq!(only(file("940").as_bytes()).head().format, Format::Mt940);
    let in_lines = file("942").replace('{', "\n{");
    assert_eq!(only(in_lines.as_bytes()).head().format, Format::Mt942);
    let statements = read([file("942"), file("")].concat().as_bytes());
    assert!(
        statements[1].refusal().contains("neither an opening balance"),
        "it says nothing of the next"
    );
}

#[test]
fn balances_without_a_currency_or_a_day_are_read_and_others_that_cannot_be_are_left_out() {
    let file = b":20:A\n:25:82051000/1\n:60F:C000000EUR10,\n:62F:D26030995000,00\n:64:C260309EUR1,\n:65F:Dnullnull7414,3\n";
    let statement = only(file);
    let opening = statement.head().opening.as_ref().expect("an opening balance");
    assert_eq!(opening.day, None);
    let tail = statement.tail.as_ref().expect("a tail");
    let closing = tail.closing.as_ref().expect("a closing balance");
    assert_eq!(
        (closing.cents.get(), closing.currency.as_str()),
        (-9_500_000, "EUR")
    );
    assert_eq!(closing.day, Some(day("2026-03-09")));
    assert_eq!(tail.others.len(), 1);
}

#[test]
fn a_file_whose_lines_are_all_indented_is_read_and_a_single_indented_line_is_text() {
    let text = std::str::from_utf8(VR_BANK).expect("plain text");
    let indented: String = text.lines().flat_map(|line| ["  ", line, "\n"]).collect();
    let statements = read(indented.as_bytes());
    assert_eq!(statements.len(), 2);
    assert_eq!(statements[0].entries.len(), 1);
    let statement = only(&around(":61:260310C1,\n:86:KZ 4711\n :61:260310C2,"));
    assert_eq!(statement.entries.len(), 1);
}

#[test]
fn utf_16_as_an_editor_saved_it_is_read() {
    let text: String = SPARKASSE.iter().map(|byte| char::from(*byte)).collect();
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    let file: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
    let statement = only(&file);
    assert_eq!(statement.head().id, "STARTUMSE");
    assert_eq!(statement.detail(1).purpose[0], "Geburtsurkunde Jürg");
}
