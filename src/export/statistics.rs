//! Statistics as JSON and CSV. Both hold [`Table`] and nothing else: what is too small to be told never reaches here.
//!
//! JSON: `{"format": "epaybl-statistics/1", "environment": "test" or "production", "threshold": …, "lines": [{"authority", "month", "kind", "leika",
//! "figures"}], "total": {…}}`; `figures` are `cases`, `paid`, `cents` (whole cents), `median_minutes` and
//! `without_manual_permille`, or `null` where suppressed. CSV: one row for each line, the total last; figures that are
//! suppressed are empty cells. Summed up: `{"format": "epaybl-statistics-groups/1", "environment", "threshold", "by", "groups":
//! [{"key", "figures"}], "total"}`. A member or column more is a new number behind the slash.

use serde::Serialize;

use super::sheet::{Cell, Sheet};
use crate::domain::statistics::{Figures, Groups, Table};
use crate::domain::tenant::Environment;

/// The table as JSON, indented, with a line feed at its end.
pub fn json(table: &Table) -> Vec<u8> {
    document(&table.document())
}

/// What is summed up as JSON, likewise.
pub fn groups_json(groups: &Groups) -> Vec<u8> {
    document(&groups.document())
}

fn document<T: Serialize>(document: &T) -> Vec<u8> {
    let mut bytes =
        serde_json::to_vec_pretty(document).expect("a table has text keys and whole numbers only");
    bytes.push(b'\n');
    bytes
}

/// The table as CSV.
pub fn csv(table: &Table) -> Vec<u8> {
    let test = is_test(table.environment);
    let mut sheet = Sheet::new(&[
        "Test",
        "Behörde",
        "Monat",
        "Art",
        "LeiKa",
        "Fälle",
        "bezahlt",
        "Summe",
        "Median Minuten bis zur Zahlung",
        "ohne Handarbeit in Promille",
    ]);
    for line in &table.lines {
        let names = [
            Cell::from(test),
            Cell::from(line.authority.as_str()),
            Cell::Text(line.month.to_string()),
            Cell::from(line.kind.german()),
            Cell::maybe(line.leika.as_ref()),
        ];
        sheet.row(&[names.to_vec(), figures(line.figures)].concat());
    }
    let names = [
        Cell::from(test),
        Cell::Empty,
        Cell::Empty,
        Cell::from("Summe"),
        Cell::Empty,
    ];
    sheet.row(&[names.to_vec(), figures(Some(table.total))].concat());
    sheet.into_bytes()
}

/// What is summed up as CSV.
pub fn groups_csv(groups: &Groups) -> Vec<u8> {
    let test = is_test(groups.environment);
    let mut sheet = Sheet::new(&[
        "Test",
        groups.by.german(),
        "Fälle",
        "bezahlt",
        "Summe",
        "Median Minuten bis zur Zahlung",
        "ohne Handarbeit in Promille",
    ]);
    let mut row = |key: &str, told: Figures| {
        let names = [Cell::from(test), Cell::from(key)];
        sheet.row(&[names.to_vec(), figures(Some(told))].concat());
    };
    for group in &groups.groups {
        row(group.key.as_deref().unwrap_or("Rest"), group.figures);
    }
    row("Summe", groups.total);
    sheet.into_bytes()
}

const fn is_test(environment: Environment) -> &'static str {
    match environment {
        Environment::Test => "ja",
        Environment::Production => "nein",
    }
}

fn figures(told: Option<Figures>) -> Vec<Cell> {
    let Some(told) = told else {
        return vec![Cell::Empty; 5];
    };
    vec![
        Cell::count(told.cases),
        Cell::count(told.paid),
        Cell::Amount(told.cents),
        told.median_minutes.map_or(Cell::Empty, Cell::Number),
        told.without_manual_permille.map_or(Cell::Empty, Cell::count),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::AuthorityId;
    use crate::domain::money::Cents;
    use crate::domain::statistics::{Paid, Row, Statistics, THRESHOLD};
    use crate::domain::tenant::Environment;
    use crate::domain::time::Timestamp;

    /// A town with a service that many use and two that few use, and a village that nearly nobody pays.
    fn table() -> Table {
        let mut statistics = Statistics::of(Environment::Test);
        for (authority, leika, cases) in [
            ("stadt-bad-langensalza", "99108008252000", 12),
            ("stadt-bad-langensalza", "99050012104000", 3),
            ("stadt-bad-langensalza", "99115005060000", 4),
            ("schoenstedt", "99108008252000", 2),
        ] {
            for case in 0..cases {
                let opened_at = Timestamp::from_millis(1_772_362_800_000).plus_seconds(case * 3600);
                statistics.add(&Row {
                    authority: AuthorityId::parse(authority).expect("an authority"),
                    leika: leika.to_owned(),
                    opened_at,
                    paid: (case % 4 != 3).then(|| Paid {
                        at: opened_at.plus_seconds(90 * (case + 1)),
                        cents: Cents::new(3750),
                    }),
                    manual: case == 0,
                });
            }
        }
        statistics.table(THRESHOLD)
    }

    #[test]
    fn the_documents_are_the_golden_ones() {
        assert_eq!(
            String::from_utf8(json(&table())).expect("text"),
            include_str!("../../fixtures/statistics/statistics.json")
        );
        assert_eq!(
            String::from_utf8(csv(&table())).expect("text"),
            include_str!("../../fixtures/statistics/statistics.csv")
        );
    }

    #[test]
    fn what_is_suppressed_is_in_no_document() {
        let told = String::from_utf8(csv(&table())).expect("text");
        let village = told.lines().find(|line| line.contains("schoenstedt"));
        assert_eq!(village, Some("ja;schoenstedt;2026-03;unterdrückt;;;;;;"));
        assert!(
            !told.contains("99050012104000"),
            "the small services are told as a rest"
        );
    }
}
