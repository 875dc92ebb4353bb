//! What stops a file, and what is brought into shape instead.

use super::*;

fn csv_error(change: impl FnOnce(&mut Vec<Posting>, &mut FileFacts)) -> String {
    let mut postings = day();
    let mut facts = facts(&postings);
    change(&mut postings, &mut facts);
    file(&ready_template("neutral-csv"), &facts, &postings).expect_err("a refusal")
}

#[test]
fn a_posting_that_is_missing_or_too_many_is_noticed() {
    for change in [
        |postings: &mut Vec<Posting>| drop(postings.pop()),
        |postings: &mut Vec<Posting>| postings.push(posting(99, 1, "zahlung", "forderung", "verwahrung", 1)),
        |postings: &mut Vec<Posting>| postings[0].cents = Cents::new(2346),
        |postings: &mut Vec<Posting>| postings[4].buchungstag = date(2026, 12, 30),
    ] {
        let error = csv_error(|postings, _| change(postings));
        assert!(
            error.starts_with("file 42 was to have 5 lines of 1234638.24, but got"),
            "{error}"
        );
    }
}

#[test]
fn a_posting_stands_in_a_file_once_and_in_its_place() {
    let error = csv_error(|postings, _| postings[1].position = 17);
    assert_eq!(
        error,
        "log 17, line 1, column «position»: it comes after a later one, or twice; postings are given in the order of the \
         log"
    );
    assert!(csv_error(|postings, _| postings.swap(0, 1)).contains("log 17, line 1"));
}

#[test]
fn nothing_and_less_are_no_postings() {
    for cents in [0, -1, i64::MIN] {
        let error = csv_error(|postings, _| postings[0].cents = Cents::new(cents));
        assert!(error.ends_with("is not more than nothing"), "{error}");
    }
    let error = csv_error(|postings, _| {
        postings[0].cents = Cents::new(i64::MAX);
    });
    assert!(error.ends_with("the sum is too large to be held"), "{error}");
}

#[test]
fn an_account_without_a_code_is_named_with_its_posting() {
    let error = csv_error(|postings, _| postings[2].debit = "vorschuss".to_owned());
    assert_eq!(
        error,
        "log 23, line 1, column «Sollkonto»: the account vorschuss has no code; add it to the accounts of the Kasse"
    );
}

#[test]
fn files_are_numbered_from_one() {
    assert_eq!(
        csv_error(|_, facts| facts.number = 0),
        "files are numbered from 1"
    );
}

#[test]
fn a_word_that_the_cash_system_has_no_key_for_stops_the_file() {
    let mut postings = day();
    postings[1].kind = "teilzahlung".to_owned();
    let facts = with(facts(&postings), &[("stelle", "1")]);
    assert_eq!(
        file(&template(FIXED), &facts, &postings).expect_err("a refusal"),
        "log 18, line 1, column «Schluessel»: «teilzahlung» is not among the words of the column (gutschrift, \
         sollstellung, storno, zahlung)"
    );
    postings[1].kind = "zahlung".to_owned();
    postings[1].kassenzeichen = Some("4".repeat(31));
    let error = file(&template(FIXED), &facts, &postings).expect_err("a refusal");
    assert!(error.ends_with("has 31 characters; the column has 30"), "{error}");
}

#[test]
fn letters_that_the_encoding_does_not_have_are_spelled_or_stop_the_file() {
    let mut postings = day();
    postings[1].text = "Geburtsurkunde".to_owned();
    let refusing = FIXED.replace("unknown = \"transliterate\"", "unknown = \"refuse\"");
    let facts = with(facts(&postings), &[("stelle", "1")]);
    assert_eq!(
        file(&template(&refusing), &facts, &postings).expect_err("a refusal"),
        "log 31, line 1, column «Text»: «4200000000061 Straßensondernutzung für eine sehr lange Veranstaltung mit vielen \
         Bühnen» has «ß», which the encoding does not have; set unknown = \"transliterate\" to have it spelled"
    );
    postings[0].kassenzeichen = None;
    for (encoding, text) in [
        ("ascii", "Aerger Oel 'x' Cicek Lodz E"),
        ("iso-8859-1", "Ärger Öl 'x' Çiçek Lódz EUR?"),
        ("windows-1252", "Ärger Öl ’x‘ Çiçek Lódz €?"),
    ] {
        postings[0].text = "Ärger Öl ’x‘ Çiçek Łódź €\u{1f600}".to_owned();
        let template =
            template(&FIXED.replace("encoding = \"ascii\"", &format!("encoding = \"{encoding}\"")));
        let bytes = file(&template, &facts, &postings).expect("a file");
        let text_of = windows_1252(&bytes);
        let line = text_of.lines().nth(1).expect("a record");
        assert_eq!(
            line.chars().skip(111).collect::<String>().trim_end(),
            text.chars().take(27).collect::<String>()
        );
        assert_eq!(line.chars().count(), 138);
    }
}

#[test]
fn a_text_that_a_spreadsheet_would_calculate_is_only_a_text() {
    let csv = ready("neutral-csv").expect("a template");
    for (formulas, text, written) in [
        ("apostrophe", "=1+1", "'=1+1"),
        ("apostrophe", "\t@SUM(A1)", "'@SUM(A1)"),
        ("apostrophe", "＝1", "'＝1"),
        ("apostrophe", "a=1", "a=1"),
        ("strip", "=-+ @cmd|' /C calc'!A0", "cmd|' /C calc'!A0"),
        ("keep", "=1+1", "=1+1"),
    ] {
        let template = template(&csv.replace("\"apostrophe\"", &format!("\"{formulas}\"")));
        let mut postings = day();
        postings[0].text = text.to_owned();
        let bytes = file(&template, &facts(&postings), &postings).expect("a file");
        let rows = cells(
            String::from_utf8(bytes)
                .expect("UTF-8")
                .trim_start_matches('\u{feff}'),
            ';',
            '"',
        );
        assert_eq!(rows[2][13], written);
    }
}

#[test]
fn control_characters_open_no_further_line() {
    let mut postings = day();
    postings[0].text = "a\r\nB;9;\u{0}\u{1b}[31m\u{85}b\u{2028}c".to_owned();
    for name in ["neutral-csv", "neutral-xml"] {
        let bytes = file(&ready_template(name), &facts(&postings), &postings).expect("a file");
        let lines = file(&ready_template(name), &facts(&day()), &day()).expect("a file");
        let count = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').count();
        assert_eq!(count(&bytes), count(&lines));
        assert!(
            String::from_utf8(bytes)
                .expect("UTF-8")
                .contains("a B;9;[31m b c")
        );
    }
}

#[test]
fn a_disk_that_is_full_is_told() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = write(&ready_template("neutral-csv"), &facts(&day()), &day(), Full).expect_err("an error");
    assert!(matches!(error, WriteError::Io(_)));
}

#[test]
fn quotes_stand_where_the_template_wants_them() {
    let csv = ready("neutral-csv").expect("a template");
    for (quoted, row) in [
        ("needed", "B;1;17;1;sollstellung;2026-11-20;2026;1400;4100;23,45;"),
        (
            "words",
            "\"B\";1;17;1;\"sollstellung\";2026-11-20;2026;\"1400\";\"4100\";23,45;",
        ),
        (
            "all",
            "\"B\";\"1\";\"17\";\"1\";\"sollstellung\";\"2026-11-20\";\"2026\";\"1400\";\"4100\";\"23,45\";",
        ),
    ] {
        let template = template(&csv.replace("quoted = \"needed\"", &format!("quoted = \"{quoted}\"")));
        let bytes = file(&template, &facts(&day()), &day()).expect("a file");
        let text = String::from_utf8(bytes).expect("UTF-8");
        assert!(
            text.lines().nth(2).expect("a record").starts_with(row),
            "{quoted}"
        );
        let rows = cells(text.trim_start_matches('\u{feff}'), ';', '"');
        assert_eq!(rows[2][13], "Geburtsurkunde");
    }
    // Another quote is doubled as well, and a separator that is a tab needs quotes for nothing else.
    let single = csv
        .replace("separator = \";\"", "separator = \"\\t\"\nquote = \"'\"")
        .replace("\"apostrophe\"", "\"keep\"");
    let mut postings = day();
    postings[0].text = "it's; \"so\"".to_owned();
    let bytes = file(&template(&single), &facts(&postings), &postings).expect("a file");
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert!(text.contains("\t'it''s; \"so\"'\t"));
    assert_eq!(
        cells(text.trim_start_matches('\u{feff}'), '\t', '\'')[2][13],
        "it's; \"so\""
    );
}

#[test]
fn what_a_column_does_not_allow_is_dropped_where_the_template_says_so() {
    let csv = ready("neutral-csv").expect("a template");
    let dropping = csv.replace(
        "source = \"text\"",
        "source = \"text\", allowed = \"A-Za-z0-9 -\", disallowed = \"drop\", longest = 12, too_long = \"cut\", required = \
         true",
    );
    let mut postings = day();
    postings[0].text = "a/b-c: Ärger 12345".to_owned();
    let bytes = file(&template(&dropping), &facts(&postings), &postings).expect("a file");
    let rows = cells(
        String::from_utf8(bytes)
            .expect("UTF-8")
            .trim_start_matches('\u{feff}'),
        ';',
        '"',
    );
    assert_eq!(rows[2][13], "ab-c rger 12");
    postings[0].text = "ÄÖÜ".to_owned();
    assert_eq!(
        file(&template(&dropping), &facts(&postings), &postings).expect_err("a refusal"),
        "log 17, line 1, column «Buchungstext»: it is empty, but required"
    );
}
