//! The field `:86:`.

use super::{around, only, with_info};
use crate::domain::money::Cents;

#[test]
fn a_keyword_that_was_cut_in_two_is_found() {
    let (_, detail) = with_info("166?20EREF+E-1 KREF+K-1 MREF+M-1 S?21VWZ+KZ 4711-08?2215 danke ABWA+Amt 7");
    assert_eq!(detail.references.end_to_end.as_deref(), Some("E-1"));
    assert_eq!(detail.references.instruction.as_deref(), Some("K-1"));
    assert_eq!(detail.references.mandate.as_deref(), Some("M-1"));
    assert_eq!(detail.purpose, ["KZ 4711-08", "15 danke "]);
    assert_eq!(detail.counterparty.ultimate.as_deref(), Some("Amt 7"));
}

#[test]
fn what_somebody_wrote_into_the_purpose_makes_no_reference() {
    let (_, detail) = with_info("166?20EREF+ECHT?21SVWZ+Rechnung EREF+FALSCH MRE?22F+AUCH FALSCH");
    assert_eq!(detail.references.end_to_end.as_deref(), Some("ECHT"));
    assert_eq!(detail.references.mandate, None);
    assert_eq!(detail.purpose.concat(), "Rechnung EREF+FALSCH MREF+AUCH FALSCH");
}

#[test]
fn without_a_keyword_all_of_the_purpose_is_purpose() {
    let (_, detail) = with_info("051?00UEBERWEISUNG?20KZ 4711?21 0815?60mehr");
    assert_eq!(
        detail.purpose,
        ["KZ 4711", " 0815", "mehr"],
        "the blank may belong to it"
    );
    let (_, detail) = with_info("051?20EREF+E-1?21KZ 4711");
    assert_eq!(detail.purpose, ["EREF+E-1", "KZ 4711"]);
}

#[test]
fn references_with_a_colon_count_where_there_is_none_with_a_plus() {
    let (_, detail) = with_info("166?20KZ 4711 EREF: E-77 MREF: M-?217 IBAN: DE02120300000000202051");
    assert_eq!(detail.references.end_to_end.as_deref(), Some("E-77"));
    assert_eq!(detail.references.mandate.as_deref(), Some("M-7"));
    let (_, detail) = with_info("166?20EREF+E-1?21SVWZ+x EREF: E-2");
    assert_eq!(detail.references.end_to_end.as_deref(), Some("E-1"));
}

#[test]
fn a_question_mark_in_a_text_is_text() {
    let (_, detail) = with_info("166?00GUTSCHRIFT?20SVWZ+Warum? 15 Euro?15 mehr??21 ja?32Kim?");
    assert_eq!(detail.purpose, ["Warum? 15 Euro?15 mehr?", " ja"]);
    assert_eq!(detail.counterparty.name.as_deref(), Some("Kim?"));
}

#[test]
fn other_marks_than_the_question_mark_separate_too() {
    for mark in ['>', '<', '^', '~', '|', '§'] {
        let (entry, detail) = with_info(&format!("166{mark}00GUTSCHRIFT{mark}20KZ 4711{mark}310123456789"));
        assert_eq!(entry.text, "GUTSCHRIFT", "{mark}");
        assert_eq!(detail.purpose, ["KZ 4711"], "{mark}");
        assert_eq!(
            detail.counterparty.account.as_deref(),
            Some("0123456789"),
            "{mark}"
        );
    }
}

#[test]
fn a_line_break_inside_of_anything_is_no_break() {
    let info = "166\n?00GUTSCH\nRIFT?\n20SVW\nZ+KZ 47\n11?2\n108\n15?31DE0212030000000\n0202051?3\n8DE89370400440532013000";
    let (entry, detail) = with_info(info);
    assert_eq!(entry.text, "GUTSCHRIFT");
    assert_eq!(detail.purpose, ["KZ 4711", "0815"]);
    assert_eq!(
        detail.counterparty.account.as_deref(),
        Some("DE89370400440532013000"),
        "38 is the IBAN"
    );
}

#[test]
fn a_line_that_looks_like_a_tag_or_an_end_is_text_where_it_can_be_nothing_else() {
    let info = "166?20SVWZ+Termin 10.3.26 T16\n:26:37 Raum 3?21am T10\n:20:15 Uhr\n-\n:KO:4711";
    let (_, detail) = with_info(info);
    assert_eq!(
        detail.purpose,
        ["Termin 10.3.26 T16:26:37 Raum 3", "am T10:20:15 Uhr-:KO:4711"]
    );
}

#[test]
fn fees_of_a_return_are_certain_only_where_they_add_up() {
    let returned = |coam: &str| {
        let line = format!(
            ":61:2603100310RCR43,50NRTINONREF\n:86:109?00SEPA RUECKLASTSCHRIFT?20COAM+{coam}?21OAMT+41,50?22SVWZ+RETURN/REFUND SONSTIGE?34914"
        );
        only(&around(&line)).entries.remove(0).1
    };
    let detail = returned("2,00");
    assert_eq!(detail.original, Some(Cents::new(4150)));
    assert_eq!(detail.charges, [Cents::new(200)]);
    let detail = returned("1,00");
    assert!(detail.charges.is_empty());
    assert_eq!(detail.references.other, [("COAM".to_owned(), "1,00".to_owned())]);
}

#[test]
fn the_reason_of_a_return_comes_from_its_code_or_from_its_number() {
    let reason = |info: &str| {
        let line = format!(":61:2603100310D41,50NRTINONREF\n:86:{info}");
        let detail = only(&around(&line)).entries.remove(0).1;
        let returned = detail.returned.expect("it came back");
        (returned.code, returned.text)
    };
    let told = |code: Option<&str>, text: Option<&str>| (code.map(str::to_owned), text.map(str::to_owned));
    assert_eq!(
        reason("109?20SVWZ+MS03 SONST.GRÜNDE?34912"),
        told(Some("MS03"), Some("SONST.GRÜNDE"))
    );
    assert_eq!(reason("109?20SVWZ+KZ 4711?34912"), told(Some("MD06"), None));
    assert_eq!(
        reason("109?20SVWZ+KZ 4711?34914"),
        told(None, None),
        "914 is not one reason"
    );
    assert_eq!(
        reason("109?20SVWZ+XMS034?34997"),
        told(None, None),
        "no word by itself"
    );
    let words = reason("159?20MTLG:Konto gesperrt Rueck?21ueberweisung?34903");
    assert_eq!(
        words,
        told(Some("AC06"), Some("Konto gesperrt Rueckueberweisung"))
    );
}

#[test]
fn who_pays_for_a_return_has_not_returned_anything() {
    let (_, detail) = with_info("166?00GUTSCHRIFT?20SVWZ+Rücklastschrift MS03 vom?21 1.3.?34909");
    assert_eq!(detail.returned, None);
}

#[test]
fn structured_references_of_dutch_banks_are_kept_apart() {
    let (_, detail) = with_info("/REMI/STRD/CUR/RF18539007547034/EREF/E-1");
    assert_eq!(detail.structured, ["RF18539007547034"]);
    assert!(detail.purpose.is_empty());
    let (_, detail) =
        with_info("/CNTP/NL91ABNA0417164300/ABNANL2A/J. Jansen///REMI/USTD//factuur/\n 7//EREF/E-2/");
    assert_eq!(detail.purpose, ["factuur/", " 7"]);
    assert_eq!(detail.references.end_to_end.as_deref(), Some("E-2"));
}

#[test]
fn slashes_without_a_word_of_the_remittance_information_are_all_of_it() {
    let (_, detail) = with_info("/OCMT/USD2853,12/\nPAYMENT OF INVOICES 204011665\n/OGB/A BANK/");
    assert_eq!(
        detail.purpose,
        [
            "/OCMT/USD2853,12/",
            "PAYMENT OF INVOICES 204011665",
            "/OGB/A BANK/"
        ]
    );
    let (_, detail) = with_info("/EREF/E-1\n/CRNM/A BANK\n/NAME/Kim");
    assert_eq!(detail.references.end_to_end.as_deref(), Some("E-1"));
    assert_eq!(detail.purpose.len(), 3);
    let (_, detail) = with_info("/EREF/E-1/REMI//ISDT/2026-03-10");
    assert!(detail.purpose.is_empty(), "it is told, and is nothing");
    let (_, detail) = with_info("/EREF/E-1\n/REMI/KZ 4711\n/OPRP/Tag");
    assert_eq!(detail.purpose, ["KZ 4711"], "a code begins a line");
}

#[test]
fn a_code_may_be_missing_before_the_first_sub_field() {
    for info in ["?00GUTSCHRIFT?20KZ 4711?32Kim", "<00GUTSCHRIFT<20KZ 4711<32Kim"] {
        let (entry, detail) = with_info(info);
        assert_eq!((entry.code.gvc, entry.text.as_str()), (None, "GUTSCHRIFT"));
        assert_eq!(detail.purpose, ["KZ 4711"]);
    }
}

#[test]
fn words_that_begin_with_a_number_have_no_structure() {
    for info in [
        "500.00 EUR Miete",
        "123-20 Uhr",
        "020:00 Uhr",
        "052.89.39.882 LADEN",
        "911 TEXT",
        "166",
    ] {
        let (entry, detail) = with_info(info);
        assert_eq!(entry.code.gvc.is_some(), info == "166", "{info}");
        assert_eq!(detail.purpose.is_empty(), info == "166", "{info}");
    }
    let (entry, detail) = with_info("999KZ 4711\nzweite Zeile");
    assert_eq!(entry.code.gvc.as_deref(), Some("999"));
    assert_eq!(detail.purpose, ["KZ 4711", "zweite Zeile"]);
    assert!(with_info("NONREF").1.purpose.is_empty());
}

#[test]
fn a_longer_number_may_stand_in_place_of_the_code() {
    let (entry, detail) = with_info("654801?00654801?20PAYMENT?32Kim");
    assert_eq!((entry.code.gvc, entry.text.as_str()), (None, "654801"));
    assert_eq!(detail.purpose, ["PAYMENT"]);
    assert_eq!(detail.counterparty.name.as_deref(), Some("Kim"));
    let (_, words) = with_info("4711?20 Uhr oder spaeter");
    assert_eq!(words.purpose, ["4711?20 Uhr oder spaeter"]);
}

#[test]
fn amounts_and_references_of_the_bank_end_the_text_before_them() {
    let info = "/RREF/3825-1 /EREF/E-1 /ORDP//NAME/AB AG/REMI/KZ 4711 /RCMT/EUR 100,00 /CHRG/DKK 4,00";
    let (_, detail) = with_info(info);
    assert_eq!(detail.references.end_to_end.as_deref(), Some("E-1"));
    assert_eq!(detail.counterparty.name.as_deref(), Some("AB AG"));
    assert_eq!(detail.purpose.concat().trim(), "KZ 4711");
    let other = [("RREF", "3825-1"), ("RCMT", "EUR 100,00"), ("CHRG", "DKK 4,00")];
    assert_eq!(
        detail.references.other,
        other.map(|(code, value)| (code.to_owned(), value.to_owned()))
    );
}
