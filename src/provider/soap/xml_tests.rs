//! The reader: every form that was seen, and what must not hurt it.

use proptest::prelude::*;

use super::super::decode::decode;
use super::*;

fn read(text: &str) -> Document {
    Document::read(text, MOST_ELEMENTS).expect("readable")
}

fn fails(text: &str) -> String {
    Document::read(text, MOST_ELEMENTS).expect_err("not readable")
}

#[test]
fn prefixes_types_and_case_do_not_matter() {
    let document = read(
        "<a:R xmlns:a='u'><!-- x --><b:EShopKundenNr b:type='c:odd'> k &amp; &#x31;<![CDATA[<2>]]> </b:EShopKundenNr>\
         <IBAN>x</IBAN><empty/><leer xsi:nil='1'>y</leer></a:R>",
    );
    let root = document.root();
    assert!(root.is("r"));
    assert_eq!(root.word(&["eShopKundenNr"]), Some("k & 1<2>"));
    assert_eq!(root.word(&["iban"]), Some("x"));
    assert_eq!(root.word(&["empty"]), None);
    assert!(root.child(&["leer"]).is_none());
    assert_eq!(root.children().count(), 4);
}

#[test]
fn a_reference_leads_to_what_it_means_and_a_circle_to_nothing() {
    let document = read(
        "<b><r href='#1'/><loop href='#2'/><lost href='#9'/><multiRef id='1'><x>5</x></multiRef>\
         <multiRef id='2' href='#3'/><multiRef id='3' href='#2'/></b>",
    );
    let root = document.root();
    assert_eq!(root.child(&["r"]).and_then(|r| r.word(&["x"])), Some("5"));
    assert!(root.child(&["loop"]).is_none() && root.child(&["lost"]).is_none());
}

#[test]
fn elements_that_hold_each_other_are_searched_only_so_often() {
    let document = read("<b><m id='1'><x href='#1'/><y href='#1'/></m></b>");
    assert!(document.root().within(&["nowhere"]).is_none());
    assert!(document.root().things(|_| false).is_empty());
}

#[test]
fn a_list_is_read_in_every_form() {
    let thing = |element: Element<'_>| element.child(&["betrag"]).is_some();
    for text in [
        "<b><l><item><betrag>1</betrag></item><item><betrag>2</betrag></item></l></b>",
        "<b><l><l><betrag>1</betrag></l><l><betrag>2</betrag></l></l></b>",
        "<b><l><list><e><betrag>1</betrag></e><e><betrag>2</betrag></e></list></l></b>",
        "<b><l><item href='#a'/><item href='#b'/></l><m id='a'><betrag>1</betrag></m><m id='b'><betrag>2</betrag></m></b>",
    ] {
        let document = read(text);
        let list = document.root().child(&["l"]).expect("a list");
        let found: Vec<_> = list
            .things(thing)
            .iter()
            .map(|one| one.word(&["betrag"]))
            .collect();
        assert_eq!(found, [Some("1"), Some("2")], "{text}");
    }
}

#[test]
fn what_is_broken_is_named() {
    assert!(fails("<a><b></a>").contains("broken"));
    assert!(fails("<a><b>").contains("ends before"));
    assert!(fails("").contains("ends before"));
    assert!(fails("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>").contains("DOCTYPE"));
    assert!(fails("<a>&x;</a>").contains("«x»"));
    assert!(fails("<a b='1' b='2'/>").contains("broken"));
    assert!(fails(&"<a>".repeat(65)).contains("deeper than 64"));
    assert!(fails(&format!("<a>{}</a>", "<b/>".repeat(20_000))).contains("more than 20000"));
}

#[test]
fn what_stands_around_the_envelope_is_passed_over() {
    let envelope = "<s:Envelope><s:Body/></s:Envelope>";
    for before in [
        "",
        "\r\n  ",
        "--part\r\nContent-ID: <root@host>\r\n\r\n",
        "OK<br>\n",
        "<?xml version='1.0'?>\n",
        "junk <?xml version=\"1.0\" encoding=\"UTF-8\"?>",
    ] {
        let text = format!("{before}{envelope}\r\n--part--\r\n<not><closed>");
        let found = decode(None, text.as_bytes()).expect("found");
        assert!(read(&found).root().is("Envelope"), "{before}");
    }
    for nothing in ["", "<html><body>no</body></html>", "plain", "<Envelop>"] {
        assert!(
            decode(None, nothing.as_bytes())
                .expect_err("no envelope")
                .contains("no SOAP envelope")
        );
    }
    let far = format!("{}{envelope}", " ".repeat(70_000));
    assert!(decode(None, far.as_bytes()).is_err());
}

#[test]
fn the_encoding_is_the_one_that_is_named() {
    let declared = |name: &str| format!("<?xml version='1.0' encoding='{name}'?><Envelope>Gebühr</Envelope>");
    let latin = |text: &str| -> Vec<u8> {
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).expect("Latin-1"))
            .collect()
    };
    let utf16 = |text: &str, bom: bool| -> Vec<u8> {
        let mark = if bom { vec![0xFF, 0xFE] } else { Vec::new() };
        mark.into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect()
    };
    let marked = [b"\xef\xbb\xbf".as_slice(), declared("ISO-8859-1").as_bytes()].concat();
    for (header, body) in [
        (None, declared("UTF-8").into_bytes()),
        (None, latin(&declared("ISO-8859-1"))),
        (
            Some("text/xml; charset=\"iso-8859-1\""),
            latin(&declared("UTF-8")),
        ),
        (
            Some("multipart/related; type=\"text/xml\""),
            latin(&format!(
                "Content-Type: text/xml; charset=ISO-8859-15\n\n{}",
                declared("UTF-8")
            )),
        ),
        (None, utf16(&declared("UTF-16"), true)),
        (None, utf16(&declared("UTF-16"), false)),
        (None, marked),
    ] {
        let text = decode(header, &body).expect("readable");
        assert_eq!(read(&text).root().text(), Some("Gebühr"));
    }
    let wrong = decode(None, &latin(&declared("UTF-8"))).expect_err("not UTF-8");
    assert_eq!(wrong, "the answer is not in UTF-8, the encoding that it names");
    let unknown =
        decode(Some("text/xml; charset=klingon"), declared("UTF-8").as_bytes()).expect_err("unknown");
    assert!(unknown.contains("«klingon»"), "{unknown}");
}

proptest! {
    #[test]
    fn bytes_of_any_kind_never_hurt(body in prop::collection::vec(any::<u8>(), 0..2_000), header in ".{0,40}") {
        if let Ok(text) = decode(Some(&header), &body) {
            let _ = Document::read(&text, MOST_ELEMENTS);
        }
    }

    #[test]
    fn a_bent_answer_never_hurts(
        at in 0_usize..2_000,
        bytes in prop::collection::vec(any::<u8>(), 0..8),
        cut in 0_usize..20,
    ) {
        let good = include_bytes!("../../../fixtures/soap/connector/answers/info.v3.multiref.xml");
        let mut bent = good.to_vec();
        let at = at % bent.len();
        let end = (at + cut).min(bent.len());
        bent.splice(at..end, bytes);
        if let Ok(text) = decode(None, &bent)
            && let Ok(document) = Document::read(&text, MOST_ELEMENTS)
        {
            prop_assert!(document.elements.len() <= MOST_ELEMENTS);
            let _ = document.root().within(&["saldo"]);
            let _ = document.root().things(|element| element.is("x"));
        }
    }

    #[test]
    fn brackets_of_any_kind_never_hurt(parts in prop::collection::vec(
        prop::sample::select(vec!["<", ">", "</", "/>", "<a", " href='#1'", " id='1'", "&", ";", "&#", "<!", "<?", "--", "]]>", "<![CDATA[", "'", "\"", "a", "<Envelope>", "</Envelope>"]),
        0..200,
    )) {
        let text = format!("<Envelope>{}", parts.concat());
        if let Ok(document) = Document::read(&text, MOST_ELEMENTS) {
            let _ = document.root().within(&["x"]);
        }
    }
}
