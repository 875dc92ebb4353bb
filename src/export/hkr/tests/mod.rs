//! Files are compared with golden ones under `fixtures/hkr`, and read back by readers that share nothing with the
//! writer.

mod datev;
mod properties;
mod reading;
mod refusals;
mod templates;

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use self::reading::{cells, windows_1252};
use super::*;
use crate::domain::hkr::{Chart, Posting, Totals};
use crate::domain::money::Cents;
use crate::domain::time::Timestamp;

const FIXED: &str = include_str!("../../../../fixtures/hkr/fixed.toml");

fn template(text: &str) -> Template {
    Template::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn ready_template(name: &str) -> Template {
    template(ready(name).expect("a ready template"))
}

fn chart() -> Chart {
    let codes = [
        ("forderung", "1400"),
        ("erloes/*", "4000"),
        ("erloes/1100.*", "4100"),
        ("verrechnung/*", "1460"),
        ("bank/*", "1800"),
        ("disagio/*", "4970"),
        ("verwahrung", "3790"),
    ];
    Chart::new(codes.map(|(key, code)| (key.to_owned(), code.to_owned())).into())
}

fn posting(position: u64, line: u32, kind: &str, debit: &str, credit: &str, cents: i64) -> Posting {
    Posting {
        position,
        line,
        kind: kind.to_owned(),
        buchungstag: date(2026, 11, 20),
        haushaltsjahr: 2026,
        debit: debit.to_owned(),
        credit: credit.to_owned(),
        cents: Cents::new(cents),
        haushaltsstelle: Some("1100.1000".to_owned()),
        objektnummer: Some("0000000001".to_owned()),
        kassenzeichen: Some("4200000000061".to_owned()),
        text: "Geburtsurkunde".to_owned(),
        anordnung: Some("AAO-7".to_owned()),
        authority: Some("standesamt".to_owned()),
        method: Some("KREDITKARTE".to_owned()),
    }
}

/// A day of a Kasse: paid by card, paid out with a fee, a Storno, and texts as people write them.
fn day() -> Vec<Posting> {
    let card = "verrechnung/epaybl/KREDITKARTE";
    let mut postings = vec![
        posting(
            17,
            1,
            "sollstellung",
            "forderung",
            "erloes/1100.1000/0000000001",
            2345,
        ),
        posting(18, 1, "zahlung", card, "forderung", 2345),
        posting(23, 1, "gutschrift", "bank/DE02120300000000202051", card, 2300),
        posting(23, 2, "gutschrift", "disagio/1100.6500", card, 45),
        posting(31, 1, "storno", "erloes/2000.1000", "forderung", 123_456_789),
    ];
    postings[1].text = "=HYPERLINK(\"http://x\";\"Müller; Łódź\")\r\nzweite Zeile – 5 €".to_owned();
    postings[2].kassenzeichen = None;
    postings[2].haushaltsstelle = None;
    postings[2].objektnummer = None;
    postings[2].text = "Auszahlung <A-77> & \"Rest\"".to_owned();
    postings[4].buchungstag = date(2026, 12, 31);
    postings[4].haushaltsjahr = 2025;
    postings[4].text =
        "  Straßensondernutzung für eine sehr lange Veranstaltung mit vielen Bühnen  ".to_owned();
    postings
}

fn created() -> Timestamp {
    Timestamp::from_instant("2026-11-21T22:15:30.045Z".parse().expect("an instant"))
}

fn facts(postings: &[Posting]) -> FileFacts {
    FileFacts {
        ledger: "stadtkasse".to_owned(),
        ledger_name: "Stadtkasse Bad Langensalza".to_owned(),
        number: 42,
        created: created(),
        test: false,
        test_wanted: false,
        parameters: BTreeMap::new(),
        chart: chart(),
        totals: Totals::of(postings).expect("totals"),
    }
}

fn with(mut facts: FileFacts, parameters: &[(&str, &str)]) -> FileFacts {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    facts.parameters = parameters.iter().map(owned).collect();
    facts
}

fn datev_facts(postings: &[Posting]) -> FileFacts {
    with(
        facts(postings),
        &[
            ("berater", "29098"),
            ("mandant", "55003"),
            ("wj_beginn", "2026-01-01"),
            ("sachkontenlaenge", "4"),
            ("festschreibung", "0"),
        ],
    )
}

fn file(template: &Template, facts: &FileFacts, postings: &[Posting]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let written = write(template, facts, postings, &mut bytes).map_err(|error| error.to_string())?;
    assert_eq!(written.bytes, bytes.len() as u64);
    Ok(bytes)
}

#[track_caller]
fn demand_golden(bytes: &[u8], golden: &[u8], name: &str) {
    if bytes != golden {
        let told = String::from_utf8_lossy(bytes);
        panic!("fixtures/hkr/{name} is not what is written:\n{told}");
    }
}

#[test]
fn a_day_of_a_kasse_as_neutral_csv() {
    let bytes = file(&ready_template("neutral-csv"), &facts(&day()), &day()).expect("a file");
    demand_golden(
        &bytes,
        include_bytes!("../../../../fixtures/hkr/neutral-csv.csv"),
        "neutral-csv.csv",
    );
    let text = String::from_utf8(bytes).expect("UTF-8");
    let rows = cells(text.strip_prefix('\u{feff}').expect("a mark"), ';', '"');
    assert_eq!(rows.len(), 8);
    assert_eq!(
        rows[0][6..9],
        ["5", "1234638,24", "1234638,24"].map(str::to_owned)
    );
    assert_eq!(rows[1].len(), rows[2].len());
    assert_eq!(
        rows[3][13],
        "'=HYPERLINK(\"http://x\";\"Müller; Łódź\") zweite Zeile – 5 €"
    );
    assert_eq!(rows[4][7..10], ["1800", "1460", "23,00"].map(str::to_owned));
    assert_eq!(rows[7], ["E", "42", "5", "1234638,24", "1234638,24"]);
}

#[test]
fn a_day_of_a_kasse_as_neutral_xml() {
    let bytes = file(&ready_template("neutral-xml"), &facts(&day()), &day()).expect("a file");
    demand_golden(
        &bytes,
        include_bytes!("../../../../fixtures/hkr/neutral-xml.xml"),
        "neutral-xml.xml",
    );
    let records = reading::elements(&bytes);
    assert_eq!(records.len(), 7);
    let (name, first) = &records[1];
    assert_eq!(name, "Buchung");
    assert!(first.contains(&("Betrag".to_owned(), "23.45".to_owned())));
    let (_, third) = &records[3];
    assert!(third.contains(&(
        "Buchungstext".to_owned(),
        "Auszahlung <A-77> & \"Rest\"".to_owned()
    )));
    assert!(
        third.iter().all(|(name, _)| name != "Kassenzeichen"),
        "what is empty is left out"
    );
    let (name, last) = &records[6];
    assert_eq!((name.as_str(), last[1].1.as_str()), ("Ende", "5"));
}

#[test]
fn a_day_of_a_kasse_in_fixed_widths_with_a_record_for_each_side() {
    let facts = with(facts(&day()), &[("stelle", "77")]);
    let bytes = file(&template(FIXED), &facts, &day()).expect("a file");
    demand_golden(
        &bytes,
        include_bytes!("../../../../fixtures/hkr/fixed.dat"),
        "fixed.dat",
    );
    let text = String::from_utf8(bytes).expect("ASCII");
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 12);
    assert_eq!(lines[0], "10077000042211120262315    ");
    assert!(lines[1..11].iter().all(|line| line.len() == 138));
    // Soll of the first line, then Haben.
    assert_eq!(&lines[1][..45], "20000001101400      4100      000000000023451");
    assert_eq!(&lines[2][..45], "20000002104100      1400      -00000000023452");
    assert_eq!(&lines[4][111..], "4200000000061 =HYPERLINK(\"h");
    assert_eq!(lines[11], "900000100000012346382400000123463824");
}

#[test]
fn a_file_fetched_again_is_the_same_to_the_byte() {
    for name in READY {
        let template = ready_template(name);
        let facts = if name == "datev-extf" {
            datev_facts(&day())
        } else {
            facts(&day())
        };
        assert_eq!(
            file(&template, &facts, &day()),
            file(&template, &facts, &day()),
            "{name}"
        );
        assert!(file(&template, &facts, &day()).is_ok());
    }
    assert_eq!(ready("xfinanz"), None);
}

#[test]
fn a_file_of_a_test_is_written_only_where_it_is_wanted_and_says_so() {
    let mut facts = datev_facts(&day());
    facts.test = true;
    let template = ready_template("datev-extf");
    assert!(
        file(&template, &facts, &day())
            .expect_err("a refusal")
            .starts_with("the Kasse is of the TEST environment")
    );
    facts.test_wanted = true;
    let text = windows_1252(&file(&template, &facts, &day()).expect("a file"));
    let rows = cells(&text, ';', '"');
    assert_eq!(rows[0][16], "TEST ePayBL 42");
    assert!(rows[2..].iter().all(|row| row[13].starts_with("TEST ")));
    assert_eq!(
        file_name(&template, &facts),
        "EXTF_TESTBuchungsstapel_stadtkasse_42.csv"
    );
    for name in ["neutral-csv", "neutral-xml"] {
        let template = ready_template(name);
        let facts = with(facts.clone(), &[]);
        let text = String::from_utf8(file(&template, &facts, &day()).expect("a file")).expect("UTF-8");
        assert!(text.contains("TEST"), "{name}");
        assert!(
            file_name(&template, &facts).starts_with("TEST-hkr-stadtkasse-42."),
            "{name}"
        );
    }
    facts.test = false;
    assert_eq!(
        file(&template, &facts, &day()).expect_err("a refusal"),
        "only Kassen of the TEST environment have previews; what is of real money has its number"
    );
}

#[test]
fn a_file_name_has_nothing_in_it_that_leads_elsewhere() {
    let mut facts = facts(&day());
    facts.ledger = "../../etc/Kasse Ä".to_owned();
    let name = file_name(&ready_template("neutral-csv"), &facts);
    assert_eq!(name, "hkr-..-..-etc-Kasse---42.csv");
}

#[test]
fn an_empty_file_has_a_header_and_a_trailer_of_nothing() {
    let bytes = file(&ready_template("neutral-csv"), &facts(&[]), &[]).expect("a file");
    let text = String::from_utf8(bytes).expect("UTF-8");
    let rows = cells(text.trim_start_matches('\u{feff}'), ';', '"');
    assert_eq!(rows[0][6..], ["0", "0,00", "0,00", "", ""].map(str::to_owned));
    assert_eq!(rows[2], ["E", "42", "0", "0,00", "0,00"]);
}

fn last_day_of(year: i16) -> Date {
    date(year, 12, 31)
}
