//! What is wrong with a template is told when it is read, by its path.

use super::*;

/// The problems of a template that was right until something in it was replaced.
fn wrong(text: &str, replacements: &[(&str, &str)]) -> Vec<String> {
    let mut changed = text.to_owned();
    for (right, wrong) in replacements {
        assert!(changed.contains(right), "{right}");
        changed = changed.replacen(right, wrong, 1);
    }
    match Template::parse(&changed) {
        Ok(_) => Vec::new(),
        Err(error) => error.0.iter().map(ToString::to_string).collect(),
    }
}

fn csv() -> &'static str {
    ready("neutral-csv").expect("a template")
}

#[test]
fn the_ready_templates_are_right() {
    for name in READY {
        assert_eq!(ready_template(name).name, name);
    }
    assert_eq!(wrong(FIXED, &[]), Vec::<String>::new());
}

#[test]
fn a_template_that_calls_itself_xfinanz_is_refused() {
    let xml = ready("neutral-xml").expect("a template");
    for (right, wrong_one, path) in [
        ("name = \"neutral-xml\"", "name = \"XFinanz 3.2\"", "name"),
        ("description = \"", "description = \"wie xfinanz, ", "description"),
        (
            "urn:epaybl-connector:hkr:1",
            "urn:xoev-de:agxfinanz:standard:xfinanz",
            "xml.namespace",
        ),
        ("root = \"Buchungen\"", "root = \"XFinanzNachricht\"", "xml.root"),
    ] {
        let told = wrong(xml, &[(right, wrong_one)]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with(&format!("{path}: a template may call itself XFinanz only when")),
            "{told:?}"
        );
        assert!(told[0].contains("no schema of it is on board"));
    }
}

#[test]
fn a_slip_of_the_pen_is_named_by_its_path() {
    for (right, wrong_one, text) in [
        (
            "source = \"kassenzeichen\"",
            "source = \"kassenzeihen\"",
            "record.columns[12].source: «kassenzeihen» is no field; did you mean «kassenzeichen»?",
        ),
        (
            "format = \"delimited\"",
            "format = \"csv\"",
            "format: unknown variant `csv`, expected one of `delimited`, `fixed`, `xml`",
        ),
        (
            "source = \"ledger\"",
            "source = \"position\"",
            "header[0].columns[3] («Kasse»).source: position is of a posting; only the record can have it",
        ),
        (
            "source = \"ledger\"",
            "source = \"parameter.stelle\"",
            "header[0].columns[3] («Kasse»).source: parameter.stelle is not declared; add [parameters.stelle]",
        ),
        (
            "source = \"amount\"",
            "source = \"signed_amount\"",
            "record.columns[9] («Betrag»).source: a record of both sides has no sign; set records = \"side\", or use amount",
        ),
        (
            "source = \"amount\"",
            "constant = \"1\", source = \"amount\"",
            "record.columns[9] («Betrag»): a column has one of source, constant and text",
        ),
        (
            "source = \"kassenzeichen\"",
            "source = \"kassenzeichen\", longest = 5, too_long = \"cut\"",
            "record.columns[12] («Kassenzeichen»).too_long: only words may be cut: a cut amount, day, code or Kassenzeichen \
             is another one",
        ),
        (
            "source = \"text\"",
            "source = \"text\", width = 5",
            "record.columns[13] («Buchungstext»).width: only fixed files have widths; use longest",
        ),
        (
            "source = \"text\"",
            "source = \"text\", date = \"%d\"",
            "record.columns[13] («Buchungstext»).date: only a day or an instant is written by a date format",
        ),
        (
            "source = \"buchungstag\"",
            "source = \"buchungstag\", date = \"%\"",
            "record.columns[5] («Buchungstag»).date: «%» does not write a day; write it like %d.%m.%Y",
        ),
        (
            "source = \"buchungstag\"",
            "source = \"buchungstag\", date = \"%d.%m. %H:%M\"",
            "record.columns[5] («Buchungstag»).date: «%d.%m. %H:%M» does not write a day; write it like %d.%m.%Y",
        ),
        (
            "day = \"%Y-%m-%d\"",
            "day = \"%Y\"",
            "day: «%Y» does not write a day; write it like %d.%m.%Y",
        ),
        (
            "source = \"test_mark\"",
            "constant = \"\"",
            "header: no column has test_mark; a file of the TEST environment must say in itself that it is one",
        ),
        (
            "-{file_number}.csv",
            ".csv",
            "file_name: the name has no {file_number}; two files would have one name",
        ),
        (
            "{ledger}-",
            "{kassenzeichen}-",
            "file_name: kassenzeichen is of a posting; a file has many",
        ),
        (
            "{ledger}-",
            "{ledger-",
            "file_name: «ledger-{file_number» is no field; there are file_number",
        ),
        (
            "separator = \";\"",
            "separator = \"\\\"\"",
            "delimited.quote: a quote is one ASCII mark, and not the separator",
        ),
        (
            "encoding = \"utf-8\"",
            "encoding = \"iso-8859-1\"",
            "byte_order_mark: only UTF-8 has one",
        ),
        (
            "titles = true",
            "titles = true\ncolumns = [{ name = \"x\" }]",
            "header[1]: a row of titles has no columns of its own",
        ),
        (
            "constant = \"K\"",
            "constant = \"K\", longest = 0",
            "header[0].columns[0] («Satzart»).longest: a column has room for something",
        ),
    ] {
        let told = wrong(csv(), &[(right, wrong_one)]);
        assert!(!told.is_empty(), "{text}");
        assert!(told[0].starts_with(text), "{told:?}\n{text}");
    }
    let told = wrong(csv(), &[("[[trailer]]", "colour = 3\n[[trailer]]")]);
    assert!(told[0].contains("colour"), "{told:?}");
}

#[test]
fn a_template_of_records_alone_says_test_in_each() {
    let short = "name = \"kurz\"\nfile_name = \"{file_number}\"\nformat = \"delimited\"\nencoding = \"ascii\"\n\
                 unknown = \"refuse\"\nline_end = \"lf\"\n[delimited]\nseparator = \"\\t\"\n[record]\n\
                 columns = [{ name = \"a\", source = \"amount\" }, { name = \"t\", source = \"test_mark\" }]\n";
    let bytes = file(&template(short), &facts(&day()), &day()).expect("a file");
    assert!(bytes.starts_with(b"23,45\t\n23,45\t\n23,00\t\n"));
    assert_eq!(
        wrong(short, &[("source = \"test_mark\"", "constant = \"x\"")]),
        ["record: no column has test_mark; a file of the TEST environment must say in itself that it is one"]
    );
    let with_header = format!("{short}[[header]]\ncolumns = [{{ name = \"n\", source = \"lines\" }}]\n");
    assert!(wrong(&with_header, &[])[0].starts_with("header: no column has test_mark"));
    assert!(
        wrong(short, &[("[record]", "[record")])[0].contains("invalid"),
        "{:?}",
        wrong(short, &[("[record]", "[record")])
    );
}

#[test]
fn a_fixed_file_needs_widths_that_hold() {
    for (right, wrong_one, text) in [
        (
            "source = \"kassenzeichen\", width = 30",
            "source = \"kassenzeichen\"",
            "record.columns[11] («Kassenzeichen»).width: each column of a fixed file has a width",
        ),
        (
            "width = 4, align = \"right\", pad = \"0\"",
            "width = 4, pad = \"0\"",
            "header[0].columns[1] («Stelle»).pad: digits can fill only before a value; set align = \"right\"",
        ),
        (
            "width = 12, align = \"right\"",
            "width = 12, align = \"right\", pad = \"·\"",
            "record.columns[7] («Soll»).pad: the encoding does not have it",
        ),
        (
            "constant = \"2\", width = 1",
            "constant = \"20\", width = 1",
            "record.columns[0] («Satzart»).constant: «20» has 2 characters; the column has 1",
        ),
        (
            "encoding = \"ascii\"",
            "encoding = \"utf-8\"",
            "encoding: a letter of UTF-8 has one to four bytes, so that columns would shift; a fixed file is windows-1252, \
             iso-8859-1 or ascii",
        ),
        (
            "min = 1\n",
            "min = 1\ndefault = \"0\"\n",
            "parameters.stelle.default: «0» is not a whole number from 1 to 9999",
        ),
    ] {
        assert_eq!(wrong(FIXED, &[(right, wrong_one)]), [text]);
    }
}

#[test]
fn xml_needs_names_of_elements() {
    let xml = ready("neutral-xml").expect("a template");
    assert_eq!(
        wrong(xml, &[("record = \"Buchung\"", "record = \"1 Buchung\"")]),
        ["xml.record: «1 Buchung» is no name of an element"]
    );
    assert_eq!(
        wrong(xml, &[("name = \"Betrag\"", "name = \"Be><trag\"")]),
        ["record.columns[8] («Be><trag»).name: no name of an element"]
    );
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let told = wrong(
        csv(),
        &[
            ("name = \"neutral-csv\"", "name = \" \""),
            ("day = \"%Y-%m-%d\"", "day = \"\""),
            ("source = \"text\"", "source = \"text\", width = 5"),
        ],
    );
    assert_eq!(told.len(), 3, "{told:?}");
}
