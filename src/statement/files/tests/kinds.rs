use super::super::kind::{Kind, of};
use super::{camt, read_all, swift};

#[test]
fn the_content_says_what_a_file_is() {
    assert_eq!(read_all(camt("C1").as_bytes()), ["upload: camt053 C1"]);
    assert_eq!(read_all(swift("S1").as_bytes()), ["upload: mt940 S1"]);
}

#[test]
fn a_byte_order_mark_and_leading_blanks_hide_nothing() {
    let marked = format!("\u{feff}{}", camt("C1"));
    assert_eq!(read_all(marked.as_bytes()), ["upload: camt053 C1"]);
    let indented = format!("\r\n \r\n{}", swift("S1"));
    assert_eq!(read_all(indented.as_bytes()), ["upload: mt940 S1"]);
}

#[test]
fn utf_16_is_text_too() {
    let declared = camt("C1").replace("UTF-8", "UTF-16");
    for little in [true, false] {
        assert_eq!(
            read_all(&wide(&declared, little)),
            ["upload: camt053 C1"],
            "{little}"
        );
        assert_eq!(of(&wide(&swift("S1"), little)), Kind::Swift, "{little}");
        assert_eq!(of(&wide(" ", little)), Kind::Other("the file is empty".into()));
    }
}

fn wide(text: &str, little: bool) -> Vec<u8> {
    let bytes = |unit: u16| {
        if little {
            unit.to_le_bytes()
        } else {
            unit.to_be_bytes()
        }
    };
    format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
}

#[test]
fn swift_is_known_by_its_fields_whatever_stands_before_them() {
    for text in [
        "{1:F01AAAABBCCAXXX0000000000}{2:I940AAAABBCCXXXXN}{4:\r\n:20:A",
        "ABNANL2A\r\n940\r\nABNANL2A\r\n:20:A",
        "\u{1}:20:A",
        "940\n   :20:A",
        "@@:20:A@@:25:1",
        "-\r\n:25:12030000/202051",
        ":28C:00000/001",
        ":60M:C260102EUR1,",
    ] {
        assert_eq!(of(text.as_bytes()), Kind::Swift, "{text:?}");
    }
}

#[test]
fn a_field_in_the_middle_of_a_line_makes_no_statement() {
    let table = "Datum;Text\n02.01.2026;um :20:00 Uhr\n";
    assert!(matches!(of(table.as_bytes()), Kind::Other(_)));
    assert!(matches!(of(b":99Z:unknown"), Kind::Other(_)));
}

#[test]
fn what_is_no_statement_is_refused_with_its_first_bytes() {
    assert_eq!(
        read_all("Buchungstag;Betrag\r\n02.01.2026;5,00".as_bytes()),
        [
            "upload: refused, it is neither camt, MT940/MT942 nor a ZIP of them: it begins with «Buchungstag;Betrag  \
          02.01.2026;5,00»"
        ]
    );
    assert_eq!(
        read_all(b"%PDF-1.7\n%\x93\x8c\x8b\x9e\x00"),
        [
            "upload: refused, it is neither camt, MT940/MT942 nor a ZIP of them (it is a PDF): it begins with the bytes \
          25 50 44 46 2d 31 2e 37"
        ]
    );
    assert_eq!(read_all(b""), ["upload: refused, the file is empty"]);
    assert_eq!(read_all(b" \r\n"), ["upload: refused, the file is empty"]);
}

#[test]
fn a_letter_that_is_cut_by_the_window_is_no_reason_to_panic() {
    let umlauts = "ä".repeat(30);
    let told = read_all(umlauts.as_bytes());
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("ääää"), "{told:?}");
}
