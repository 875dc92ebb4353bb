use std::collections::BTreeMap;

use super::*;
use crate::domain::closing::SignerRole;
use crate::domain::closing::testkit::{closing, signature};
use crate::domain::tenant::Rechnungswesen;

const JSON: &str = include_str!("../../../fixtures/closing/closing.json");
const CSV: &[(&str, &str)] = &[
    ("kopf", include_str!("../../../fixtures/closing/kopf.csv")),
    ("konten", include_str!("../../../fixtures/closing/konten.csv")),
    ("titel", include_str!("../../../fixtures/closing/titel.csv")),
    (
        "bewegungen",
        include_str!("../../../fixtures/closing/bewegungen.csv"),
    ),
    (
        "offene-posten",
        include_str!("../../../fixtures/closing/offene-posten.csv"),
    ),
    (
        "ausnahmen",
        include_str!("../../../fixtures/closing/ausnahmen.csv"),
    ),
    ("banken", include_str!("../../../fixtures/closing/banken.csv")),
    (
        "pruefungen",
        include_str!("../../../fixtures/closing/pruefungen.csv"),
    ),
    (
        "unterschriften",
        include_str!("../../../fixtures/closing/unterschriften.csv"),
    ),
];

fn cells(line: &str) -> usize {
    let outside = line.split('"').step_by(2).map(|part| part.matches(';').count());
    outside.sum::<usize>() + 1
}

fn signed() -> crate::domain::closing::Closing {
    closing()
        .sign(signature("A. Müller", SignerRole::Clerk))
        .expect("a clerk may sign")
}

#[test]
fn the_json_document_is_the_golden_one() {
    assert_eq!(String::from_utf8(json(&signed())).expect("text"), JSON);
}

#[test]
fn the_golden_document_reads_back_and_a_changed_one_does_not() {
    assert_eq!(read(JSON.as_bytes()).expect("the golden document"), signed());
    let changed = JSON.replace("\"number\": \"43\"", "\"number\": \"44\"");
    assert_ne!(changed, JSON);
    assert!(matches!(read(changed.as_bytes()), Err(ReadError::Digest { .. })));
    let other = JSON.replace(FORMAT, "epaybl-closing/2");
    assert!(matches!(read(other.as_bytes()), Err(ReadError::Format(_))));
    assert!(matches!(read(b"{}"), Err(ReadError::Json(_))));
}

#[test]
fn a_signature_does_not_change_what_is_signed() {
    assert_eq!(digest(&signed()), digest(&closing()));
    let mut other = closing();
    other.number += 1;
    assert_ne!(digest(&other), digest(&closing()));
}

#[test]
fn the_tables_are_the_golden_ones() {
    assert_eq!(CSV.len(), CsvTable::ALL.len());
    for (name, golden) in CSV {
        let table: CsvTable = name.parse().expect("a table");
        let told = String::from_utf8(csv(&signed(), table)).expect("text");
        assert_eq!(told, *golden, "{name}");
        // Every row has as many cells as there are headings, read by a reader that knows of quotes only.
        let cells: Vec<usize> = told.lines().map(cells).collect();
        assert!(cells.iter().all(|count| *count == cells[0]), "{name}: {cells:?}");
        assert!(told.lines().count() > 1, "{name} has rows");
    }
    assert_eq!(
        "kopfe"
            .parse::<CsvTable>()
            .map_err(|why| why.contains("kopf, konten")),
        Err(true)
    );
}

#[test]
fn a_text_of_the_report_is_replaced_by_its_name() {
    let texts = |name: &str| BTreeMap::from([(name.to_owned(), "§ 1 Dienstanweisung".to_owned())]);
    let wording = Wording::of(Rechnungswesen::Land)
        .with(&texts("law"))
        .expect("law is a text");
    assert_eq!(wording.law, "§ 1 Dienstanweisung");
    assert_eq!(
        Wording::of(Rechnungswesen::Land).with(&texts("lay")),
        Err(UnknownText("lay".to_owned()))
    );
}
