//! The rules of DATEV's Buchungsstapel (format 700, version 13), field by field.

use super::*;

fn rows(facts: &FileFacts, postings: &[Posting]) -> Vec<Vec<String>> {
    let bytes = file(&ready_template("datev-extf"), facts, postings).expect("a file");
    let text = windows_1252(&bytes);
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    cells(&text, ';', '"')
}

fn digits(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[test]
fn a_buchungsstapel_is_what_it_was() {
    let bytes = file(&ready_template("datev-extf"), &datev_facts(&day()), &day()).expect("a file");
    demand_golden(
        &bytes,
        include_bytes!("../../../../fixtures/hkr/datev-extf.csv"),
        "datev-extf.csv",
    );
    // The header to the letter: which fields are quoted is part of the format.
    let text = windows_1252(&bytes);
    assert_eq!(
        text.lines().next(),
        Some(
            "\"EXTF\";700;21;\"Buchungsstapel\";13;20261121231530045;;\"EP\";\"ePayBL-Connector\";\"\";29098;55003;20260101;\
             4;20261120;20261231;\"ePayBL 42\";\"\";1;0;0;\"EUR\";;\"\";;;\"\";;;\"\";\"\""
        )
    );
}

#[test]
fn each_field_keeps_its_rule() {
    let rows = rows(&datev_facts(&day()), &day());
    assert_eq!(rows[0].len(), 31);
    let titles = &rows[1];
    assert_eq!(titles.len(), 125);
    for (number, title) in [
        (1, "Umsatz (ohne Soll/Haben-Kz)"),
        (7, "Konto"),
        (8, "Gegenkonto (ohne BU-Schlüssel)"),
        (10, "Belegdatum"),
        (11, "Belegfeld 1"),
        (14, "Buchungstext"),
        (21, "Beleginfo - Art 1"),
        (37, "KOST1 - Kostenstelle"),
        (48, "Zusatzinformation - Art 1"),
        (88, "Stück"),
        (114, "Festschreibung"),
        (125, "Abw. Skontokonto"),
    ] {
        assert_eq!(titles[number - 1], title);
    }
    assert_eq!(rows.len(), 2 + day().len());
    for (row, posting) in rows[2..].iter().zip(day()) {
        assert_eq!(row.len(), 125);
        let field = |number: usize| row[number - 1].as_str();
        let (euros, cents) = field(1).split_once(',').expect("a comma");
        assert!(digits(euros, 1..=10) && digits(cents, 2..=2));
        assert_eq!(Cents::parse(&format!("{euros}.{cents}")), Ok(posting.cents));
        assert_eq!(field(2), "S");
        assert_eq!(field(3), "EUR");
        assert!(digits(field(7), 1..=5) && digits(field(8), 1..=5));
        assert_eq!(chart().code(&posting.debit), Some(field(7)));
        assert_eq!(chart().code(&posting.credit), Some(field(8)));
        let day = posting.buchungstag;
        assert_eq!(field(10), format!("{:02}{:02}", day.day(), day.month()));
        assert_eq!(field(11), posting.kassenzeichen.unwrap_or_default());
        assert!(field(14).chars().count() <= 60);
        assert_eq!(
            field(22),
            format!("stadtkasse {}/{}", posting.position, posting.line)
        );
        assert_eq!(field(114), "0");
        // What has an Art has an Inhalt.
        for art in (21..=35).step_by(2).chain((48..=86).step_by(2)) {
            assert_eq!(field(art).is_empty(), field(art + 1).is_empty(), "{art}");
        }
    }
    assert_eq!(
        rows[3][13],
        "HYPERLINK(\"http://x\";\"Müller; Lódz\") zweite Zeile – 5 €"
    );
    assert_eq!(
        rows[6][13],
        "Straßensondernutzung für eine sehr lange Veranstaltung mit vi"
            .chars()
            .take(60)
            .collect::<String>()
    );
}

#[test]
fn settings_that_datev_would_refuse_are_told_when_the_tenant_is_applied() {
    let template = ready_template("datev-extf");
    let given = |name: &str, value: &str| {
        let mut facts = datev_facts(&[]);
        facts.parameters.insert(name.to_owned(), value.to_owned());
        let problems = template.check_parameters(&facts.parameters);
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(template.check_parameters(&datev_facts(&[]).parameters).is_empty());
    for (name, value, text) in [
        ("berater", "1000", "a whole number from 1001 to 9999999"),
        ("berater", "+2000", "a whole number from 1001 to 9999999"),
        ("mandant", "100000", "a whole number from 1 to 99999"),
        ("wj_beginn", "01.01.2026", "a day such as 2026-01-01"),
        ("sachkontenlaenge", "9", "a whole number from 4 to 8"),
        ("festschreibung", "ja", "one of 0, 1"),
        ("diktatkuerzel", "ABC", "at most 2 characters in one line"),
    ] {
        assert_eq!(
            given(name, value),
            [format!("parameters.{name}: «{value}» is not {text}")]
        );
    }
    assert_eq!(
        given("beratr", "1"),
        [
            "parameters.beratr: the template «datev-extf» has no such parameter; it has berater, diktatkuerzel, \
             festschreibung, mandant, sachkontenlaenge, sachkontenrahmen, wj_beginn"
        ]
    );
    let none = template.check_parameters(&BTreeMap::new());
    assert_eq!(none.len(), 5, "two of seven have a default");
    let error = file(&template, &facts(&day()), &day()).expect_err("a refusal");
    assert_eq!(error, "parameters.berater: the template «datev-extf» needs it");
}

#[test]
fn a_code_that_is_too_long_for_the_sachkontenlaenge_is_told_when_the_tenant_is_applied() {
    let template = ready_template("datev-extf");
    let given = datev_facts(&[]).parameters;
    assert!(template.check_codes(&chart(), &given).is_empty());
    let wrong = [
        ("forderung", "14000"),
        ("bank/*", "180000"),
        ("erloes/*", "4100A"),
    ];
    let wrong = Chart::new(wrong.map(|(key, code)| (key.to_owned(), code.to_owned())).into());
    let told: Vec<String> = template
        .check_codes(&wrong, &given)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [
            "accounts.«bank/*»: column «Konto» cannot have the code: «180000» has 6 characters; the column has 5",
            "accounts.«erloes/*»: column «Konto» cannot have the code: «4100A» has «A»; the column allows 0-9",
        ]
    );
}

#[test]
fn a_day_outside_the_business_year_would_become_another_day_and_stops_the_file() {
    let mut postings = day();
    postings[4].buchungstag = date(2027, 1, 1);
    let error =
        file(&ready_template("datev-extf"), &datev_facts(&postings), &postings).expect_err("a refusal");
    assert_eq!(
        error,
        "log 31, line 1, column «buchungstag»: 2027-01-01 is not in the business year that begins 2026-01-01; a file has \
         one year"
    );
    postings[4].buchungstag = last_day_of(2026);
    assert!(file(&ready_template("datev-extf"), &datev_facts(&postings), &postings).is_ok());
    postings[0].buchungstag = last_day_of(2025);
    assert!(file(&ready_template("datev-extf"), &datev_facts(&postings), &postings).is_err());
}

#[test]
fn a_kassenzeichen_that_belegfeld_1_does_not_allow_stops_the_file() {
    let mut postings = day();
    postings[3].kassenzeichen = Some("42.00".to_owned());
    let error =
        file(&ready_template("datev-extf"), &datev_facts(&postings), &postings).expect_err("a refusal");
    assert_eq!(
        error,
        "log 23, line 2, column «Belegfeld 1»: «42.00» has «.»; the column allows A-Za-z0-9$&%*+/-"
    );
    postings[3].kassenzeichen = None;
    postings[3].cents = Cents::new(1_000_000_000_000);
    let error =
        file(&ready_template("datev-extf"), &datev_facts(&postings), &postings).expect_err("a refusal");
    assert!(
        error.ends_with("«10000000000,00» has 14 characters; the column has 13"),
        "{error}"
    );
}
