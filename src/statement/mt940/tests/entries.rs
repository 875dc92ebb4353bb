//! The field `:61:`.

use super::{around, day, only, read, with_info, with_line};
use crate::domain::money::Cents;
use crate::domain::statement::{Direction, Status};

#[test]
fn a_reversal_of_a_credit_takes_money_out_and_one_of_a_debit_brings_it_back() {
    for (mark, direction, reversal) in [
        ("C", Direction::Credit, false),
        ("CR", Direction::Credit, false),
        ("D", Direction::Debit, false),
        ("DR", Direction::Debit, false),
        ("RC", Direction::Debit, true),
        ("RCR", Direction::Debit, true),
        ("RD", Direction::Credit, true),
        ("RDR", Direction::Credit, true),
    ] {
        let entry = with_line(&format!("2603100310{mark}1,00NTRFNONREF"));
        assert_eq!((entry.direction, entry.reversal), (direction, reversal), "{mark}");
        assert_eq!(entry.status, Status::Booked);
    }
}

#[test]
fn amounts_have_a_comma_anywhere_or_a_dot() {
    for (text, cents) in [
        ("1234,5", 123_450),
        (",50", 50),
        ("1234,", 123_400),
        ("1234.56", 123_456),
        ("1.234,56", 123_456),
        ("000000000001,00", 100),
        ("7", 700),
        ("0,00", 0),
        ("1,500", 150),
    ] {
        let entry = with_line(&format!("260310C{text}NTRFNONREF"));
        assert_eq!(entry.cents, Cents::new(cents), "{text}");
    }
}

#[test]
fn the_year_of_the_booking_day_is_the_one_next_to_the_value_date() {
    for (line, valued, booked) in [
        ("2601021231C1,", "2026-01-02", "2025-12-31"),
        ("2512310102C1,", "2025-12-31", "2026-01-02"),
        ("2603100310C1,", "2026-03-10", "2026-03-10"),
        ("2402290301C1,", "2024-02-29", "2024-03-01"),
    ] {
        let entry = with_line(line);
        assert_eq!(entry.valued_on, Some(day(valued)), "{line}");
        assert_eq!(entry.booked_on, Some(day(booked)), "{line}");
    }
    assert_eq!(with_line("2603100000C1,").booked_on, None, "0000 is no day");
}

#[test]
fn references_that_say_nothing_are_none() {
    for filler in [
        "NONREF",
        "KREF+",
        "NOTPROVIDED",
        "EREF            ",
        "0000000000000000",
        "",
    ] {
        let entry = with_line(&format!("260310C1,NTRF{filler}//NONREF"));
        assert_eq!((entry.reference, entry.bank_reference), (None, None), "{filler}");
    }
    let entry = with_line("260310C1,NTRFKZ 4711//B/7//8");
    assert_eq!(entry.reference.as_deref(), Some("KZ 4711"));
    assert_eq!(entry.bank_reference.as_deref(), Some("B/7//8"));
}

#[test]
fn the_type_of_transaction_may_be_missing_or_have_a_blank_before_it() {
    for (rest, kind, reference) in [
        ("NTRFKZ1", Some("NTRF"), Some("KZ1")),
        ("  NTRFKZ1", Some("NTRF"), Some("KZ1")),
        ("S   X", Some("S"), Some("X")),
        ("NONREF", None, None),
        ("KZ7", None, Some("KZ7")),
        ("", None, None),
    ] {
        let entry = with_line(&format!("260310CR1,{rest}"));
        assert_eq!(entry.code.swift.as_deref(), kind, "{rest}");
        assert_eq!(entry.reference.as_deref(), reference, "{rest}");
    }
}

#[test]
fn a_name_behind_the_sixteen_places_of_the_reference_is_text() {
    let entry = with_line("260310D12,N0440121470966      W.P. Jansen   ");
    assert_eq!(entry.reference.as_deref(), Some("0121470966"));
    assert_eq!(entry.text, "W.P. Jansen");
}

#[test]
fn an_entry_that_an_export_wrapped_in_its_amount_is_read() {
    let statement = only(&around(
        ":61:2603100310CR\n30,00N062NONREF\n:\n86:166?20SVWZ+Test",
    ));
    assert_eq!(statement.entry(1).cents, Cents::new(3000));
    assert_eq!(
        statement.detail(1).purpose,
        ["Test"],
        "the colon stood alone in its line"
    );
}

#[test]
fn words_in_subfield_nine_are_text_and_amounts_are_amounts() {
    let statement = only(&around(
        ":61:260310D12,35NRTINONREF\nReturned item\n/OCMT/EUR11,85//CHGS/EUR0,50/\n/CHGS/EUR0,00/\n:61:260310D9,NTRFNONREF\n/OCMT/USD10,00/",
    ));
    assert_eq!(statement.entry(1).text, "Returned item");
    assert_eq!(statement.detail(1).original, Some(Cents::new(1185)));
    assert_eq!(statement.detail(1).charges, [Cents::new(50)], "nothing is no fee");
    assert_eq!(statement.detail(2).original, None, "it is in another currency");
}

#[test]
fn what_a_batch_holds_is_not_known() {
    let (entry, detail) = with_info("194?00SEPA SAMMLER?20KREF+LAUF-7?21SVWZ+DATEI");
    let batch = entry.batch.expect("194 is a batch");
    assert_eq!(batch.payment_information_id.as_deref(), Some("LAUF-7"));
    assert_eq!((batch.count, detail.cents), (None, None));
    let (entry, detail) = with_info("166?00GUTSCHRIFT?20SVWZ+eine");
    assert_eq!((entry.batch, detail.cents), (None, Some(Cents::new(4150))));
}

#[test]
fn several_info_fields_of_one_entry_belong_together() {
    let statement = only(&around(
        ":61:260310C1,NTRFNONREF\n:86:KZ 4711\n:86:0815\n:61:260310C2,NTRFNONREF\n:61:260310C3,NTRFNONREF\n:86:drei",
    ));
    assert_eq!(statement.detail(1).purpose, ["KZ 4711", "0815"]);
    assert!(statement.detail(2).purpose.is_empty());
    assert_eq!(statement.detail(3).purpose, ["drei"]);
}

#[test]
fn numbered_lines_say_what_the_info_field_says_elsewhere() {
    let statement = only(&around(
        ":61:020322CM20000,00S051\n:NS:01KZ 4711\n02zweite Zeile\n15Kim \n16Beispiel\n17GUTSCHRIFT\n1812345",
    ));
    assert_eq!(statement.entry(1).text, "GUTSCHRIFT");
    assert_eq!(statement.detail(1).purpose, ["KZ 4711", "zweite Zeile"]);
    assert_eq!(
        statement.detail(1).counterparty.name.as_deref(),
        Some("Kim Beispiel")
    );
}

#[test]
fn a_long_statement_is_told_before_it_ends_and_so_without_its_end_in_the_head() {
    let entries: Vec<String> = (1..=20_000)
        .map(|number| format!(":61:260310C1,NTRFKZ{number}\n:86:166?00GUTSCHRIFT?20SVWZ+{number}"))
        .collect();
    let statements = read(&around(&entries.join("\n")));
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0].entries.len(), 20_000);
    assert_eq!(statements[0].entry(20_000).reference.as_deref(), Some("KZ20000"));
    let head = statements[0].head();
    assert_eq!((head.period, head.sequence.expect("a number").last), (None, None));
}

#[test]
fn subfield_9_may_follow_without_a_line_break() {
    let entry = with_line("2603100310D13,00NRTINONREF/OCMT/EUR10,00//CHGS/EUR3,00/");
    assert_eq!((entry.reference, entry.bank_reference), (None, None));
    assert_eq!(entry.code.swift.as_deref(), Some("NRTI"));
    let entry = with_line("2603100310C1,57NTRFPREF//00000000001006/TRCD/00200/");
    assert_eq!(entry.bank_reference.as_deref(), Some("00000000001006"));
    assert_eq!(entry.text, "/TRCD/00200/");
    let statement = only(&around(
        ":61:2603100310D13,00NRTINONREF/OCMT/EUR10,00//CHGS/EUR3,00/\n:86:109?00RETOURE?20SVWZ+KZ 4711",
    ));
    let detail = statement.detail(1);
    assert_eq!(detail.original, Some(Cents::new(1000)));
    assert_eq!(detail.charges, [Cents::new(300)]);
}
