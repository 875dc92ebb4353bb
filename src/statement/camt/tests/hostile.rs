use super::{Drops, entries, entry, refusal, refusals, statement, tell, tell_entry};
use crate::domain::statement::Piece;
use crate::statement::camt::Reader;

#[test]
fn what_is_no_camt_is_refused_once() {
    for file in [
        "",
        "\u{feff}",
        "   \n",
        ":20:STARTUMSE\n:25:10010010/1234567890\n",
        "PK\u{3}\u{4}",
        "<html><body>not found</body></html>",
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn/></Document>",
        "<Document><BkToCstmrStmt/></Document>",
        "\0\0\0\0",
    ] {
        let pieces = tell(file);
        assert_eq!(pieces.len(), 1, "{file}: {pieces:?}");
        assert!(refusal(&pieces).contains("this is no camt"), "{file}: {pieces:?}");
    }
}

#[test]
fn broken_xml_ends_the_file_with_one_refusal() {
    for (good, bad) in [
        ("</Amt>", "</Amount>"),
        ("<Sts>", "<Sts"),
        ("BOOK", "B & K"),
        ("BOOK", "&undefined;"),
        ("BOOK", "&#0;"),
        ("BOOK", "&#x110000;"),
        ("</Ntry>", "</Ntry></Ntry>"),
    ] {
        let file = statement(&format!("{}{}", entry(""), entry("")));
        let pieces = tell(file.replacen(good, bad, 1));
        assert_eq!(refusals(&pieces).len(), 1, "{bad}");
        assert!(matches!(pieces.last(), Some(Piece::Refused(_))), "{bad}");
    }
}

#[test]
fn a_doctype_is_refused_before_anything_is_made_of_it() {
    let bomb = "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]>";
    let pieces = tell(format!(
        "{bomb}{}",
        statement(&entry("<AddtlNtryInf>&lol2;</AddtlNtryInf>"))
    ));
    assert_eq!(pieces.len(), 1);
    assert!(refusal(&pieces).contains("DOCTYPE"));
}

#[test]
fn characters_by_number_and_the_five_that_xml_knows_are_read() {
    let (told, _) = tell_entry(
        "<AddtlNtryInf>&lt;&gt;&amp;&apos;&quot;&#228;&#xE4;a<!-- x -->b<?pi?>c<![CDATA[&amp;]]></AddtlNtryInf>",
    );
    assert_eq!(told.text, "<>&'\"ääabc&amp;");
}

#[test]
fn elements_may_not_lie_too_deep() {
    let deep = |levels: usize| format!("{}{}", "<X>".repeat(levels), "</X>".repeat(levels));
    assert_eq!(refusals(&tell(statement(&deep(90)))), []);
    assert!(refusal(&tell(statement(&deep(5000)))).contains("more than 100 deep"));
}

#[test]
fn a_single_text_may_not_be_longer_than_a_mebibyte() {
    let long = "x".repeat((1 << 20) + 1);
    for inside in [
        format!("<X>{long}</X>"),
        format!("<!--{long}-->"),
        format!("<X><![CDATA[{long}]]></X>"),
    ] {
        assert!(refusal(&tell(statement(&inside))).contains("longer than 1 MiB"));
    }
    let attribute = format!("<X y=\"{}\"/>", &long[..70_000]);
    assert!(refusal(&tell(statement(&attribute))).contains("a tag is longer than 64 KiB"));
}

#[test]
fn a_detail_may_not_be_larger_than_a_mebibyte_and_the_next_statement_is_read() {
    let line = format!("<Ustrd>{}</Ustrd>", "x".repeat(140));
    let large = format!(
        "<NtryDtls><TxDtls><RmtInf>{}</RmtInf></TxDtls></NtryDtls>",
        line.repeat(8000)
    );
    let file = statement(&entry(&large));
    let end = file.find("</Stmt>").expect("a statement") + "</Stmt>".len();
    let next = statement("");
    let start = next.find("<Stmt>").expect("a statement");
    let pieces = tell(format!("{}{}", &file[..end], &next[start..]));
    assert!(refusal(&pieces).contains("larger than 1 MiB"));
    assert!(matches!(pieces.last(), Some(Piece::Tail(_))));
    let many = "<X/>".repeat(60_000);
    let refused = tell(statement(&entry(&format!("<Purp>{many}</Purp>"))));
    assert!(refusal(&refused).contains("50000 elements"));
}

#[test]
fn many_attributes_do_not_make_it_slow() {
    let binding = |index: u32| format!(" xmlns:n{index}=\"camt.05\"");
    let bindings = (0..3000).map(binding).collect::<Vec<_>>().concat();
    let file = statement(&entry("").repeat(500)).replacen("<Document", &format!("<Document{bindings}"), 1);
    assert_eq!(entries(&tell(file)).len(), 500);
}

#[test]
fn what_nobody_knows_is_passed_over_wherever_it_stands() {
    let unknown = "<Unknown a=\"1\"><Ntry><Amt Ccy=\"EUR\">1</Amt></Ntry><Id>X</Id></Unknown>";
    let plain = statement(&entry("<NtryDtls><TxDtls></TxDtls></NtryDtls>"));
    let strange = plain
        .replace("<Stmt>", &format!("{unknown}<Stmt>{unknown}"))
        .replace("<Sts>", &format!("{unknown}<Sts>"))
        .replace("<NtryDtls>", &format!("<NtryDtls>{unknown}"))
        .replace("<TxDtls>", &format!("<TxDtls>{unknown}"))
        .replace("</Stmt>", &format!("{unknown}</Stmt>{unknown}"));
    let without_text = |file: &str| -> Vec<Piece> {
        let mut pieces = tell(file);
        for piece in &mut pieces {
            match piece {
                Piece::Entry(entry) => entry.raw.clear(),
                Piece::Detail(detail) => detail.raw.clear(),
                _ => {}
            }
        }
        pieces
    };
    assert_eq!(without_text(&strange), without_text(&plain));
}

#[test]
fn a_name_that_is_no_text_does_not_stop_the_reader() {
    // Elements where a text belongs, and texts where elements belong.
    let odd = "<NtryRef><A>1</A></NtryRef><ValDt>soon</ValDt><NtryDtls>text<TxDtls>text<RmtInf><Ustrd><B/></Ustrd></RmtInf></TxDtls></NtryDtls>";
    let (told, details) = tell_entry(odd);
    assert_eq!((told.reference, told.valued_on), (None, None));
    assert_eq!(details[0].purpose, Vec::<String>::new());
}

#[test]
fn what_stands_behind_the_last_element_does_no_harm() {
    let file = statement(&entry(""));
    for rest in ["\n\n", "\0\0\0", "\u{1a}", "<!-- made by a bank -->"] {
        assert_eq!(refusals(&tell(format!("{file}{rest}"))), [], "{rest:?}");
    }
}

#[test]
fn a_reader_that_is_asked_again_after_the_end_stays_silent() {
    let mut reader = Reader::new(Drops(b"<a/>", 1));
    assert!(matches!(reader.next(), Some(Piece::Refused(_))));
    assert_eq!(reader.next(), None);
    assert_eq!(reader.next(), None);
}
