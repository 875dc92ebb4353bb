//! The migrations of both databases: the same files, the same tables, the same words in the lookup tables, and what is
//! written stays written. To add a migration: one file with the same number and name for each database.

mod database;
#[path = "../support/mod.rs"]
mod support;
mod tables;

use std::collections::BTreeSet;
use std::path::Path;

use database::{Database, on_both, on_postgres, sqlite};
use epaybl_connector::domain::booking::BookingKind;
use epaybl_connector::domain::event::EventType;
use epaybl_connector::domain::exception::ExceptionCode;
use epaybl_connector::domain::record::Body;
use tables::Table;

/// Tables whose rows are never updated or deleted; both databases refuse it, whoever asks.
const APPEND_ONLY: &[&str] = &[
    "bank_match",
    "booking",
    "booking_line",
    "change_log",
    "client_secret",
    "closing_signature",
    "event",
    "exception",
    "posting_file",
    "posting_line",
    "posting_withdrawal",
    "posting_withdrawn",
    "payout_order",
    "record",
    "resolution",
    "tenant_object",
];

fn files(database: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(database);
    let entries = std::fs::read_dir(&folder).expect("the folder of migrations");
    entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

#[test]
fn both_databases_have_the_same_migrations() {
    let (sqlite, postgres) = (files("sqlite"), files("postgres"));
    assert_eq!(sqlite, postgres);
    for (index, name) in sqlite.iter().enumerate() {
        let number = format!("{:04}_", index + 1);
        assert!(name.starts_with(&number), "{name}: {number}….sql is next");
    }
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    on_postgres(async |postgres| {
        sqlite(async |sqlite| {
            let (sqlite, postgres) = (tables::read(sqlite).await, tables::read(postgres).await);
            let names =
                |tables: &[Table]| -> Vec<String> { tables.iter().map(|table| table.name.clone()).collect() };
            assert_eq!(names(&sqlite), names(&postgres));
            assert!(sqlite.len() > 20, "{} tables", sqlite.len());
            for (sqlite, postgres) in sqlite.iter().zip(&postgres) {
                assert_eq!(sqlite, postgres);
            }
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn no_table_takes_what_its_columns_do_not_allow() {
    sqlite(async |database| {
        let lax = database.rows(tables::NOT_STRICT).await;
        assert!(lax.is_empty(), "these tables are not STRICT: {lax:?}");
    })
    .await;
    on_postgres(async |database| {
        let odd = database.rows(tables::NOT_BYTEWISE).await;
        assert!(odd.is_empty(), "these columns are not COLLATE \"C\": {odd:?}");
    })
    .await;
}

#[tokio::test]
async fn the_lookup_tables_hold_what_the_program_knows() {
    on_both(async |database| {
        let known: [(&str, BTreeSet<&str>); 4] = [
            (
                "SELECT kind FROM booking_kind",
                BookingKind::ALL.iter().map(|kind| kind.as_str()).collect(),
            ),
            (
                "SELECT code FROM exception_code",
                ExceptionCode::ALL.iter().map(|code| code.as_str()).collect(),
            ),
            (
                "SELECT type FROM event_type",
                EventType::ALL.iter().map(|kind| kind.as_str()).collect(),
            ),
            (
                "SELECT kind FROM record_kind",
                Body::KINDS.iter().copied().collect(),
            ),
        ];
        for (query, known) in known {
            let rows = database.rows(query).await;
            let stored: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
            assert_eq!(stored, known, "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_written_stays_written() {
    on_both(async |database| {
        let tables = tables::read(database).await;
        fill(database, &tables).await;
        for table in &tables {
            let (name, column) = (&table.name, &table.columns[0].name);
            let mut attempts = vec![
                format!("UPDATE {name} SET {column} = {column}"),
                format!("DELETE FROM {name}"),
            ];
            match database {
                Database::Sqlite(_) => attempts.push(format!(
                    "REPLACE INTO {name} SELECT * FROM {name} WHERE {column} = {column}"
                )),
                Database::Postgres(_) => attempts.push(format!("TRUNCATE {name} CASCADE")),
            }
            for attempt in attempts {
                let refused = match database.attempt(&attempt).await {
                    Ok(()) => false,
                    Err(why) => why.contains("never updated or deleted"),
                };
                // To empty a table whose rows are referred to empties those that refer to it.
                let reaches = |other: &&str| attempt.starts_with("TRUNCATE") && refers(&tables, other, name);
                let expected = APPEND_ONLY.contains(&name.as_str()) || APPEND_ONLY.iter().any(reaches);
                assert_eq!(refused, expected, "{attempt}");
            }
        }
    })
    .await;
}

/// Whether rows of `from` refer to rows of `to`, be it through others.
fn refers(tables: &[Table], from: &str, to: &str) -> bool {
    let table = tables.iter().find(|table| table.name == from).expect("a table");
    let mut targets = table.foreign.iter().map(|key| key.table.as_str());
    targets.any(|target| target == to || refers(tables, target, to))
}

/// One row into every table. All have the same values, so every reference finds its row.
async fn fill(database: &Database, tables: &[Table]) {
    let mut waiting: Vec<&Table> = tables.iter().collect();
    while !waiting.is_empty() {
        let ready = |table: &&Table| {
            let mut targets = table.foreign.iter().map(|key| key.table.as_str());
            targets.all(|target| !waiting.iter().any(|other| other.name == target))
        };
        let at = waiting.iter().position(ready).expect("references make no circle");
        let table = waiting.remove(at);
        let values: Vec<&str> = table
            .columns
            .iter()
            .map(|column| match (column.kind.as_str(), database) {
                ("text", _) => "'x'",
                ("bigint", _) => "1",
                ("bytea", Database::Sqlite(_)) => "x'00'",
                ("bytea", Database::Postgres(_)) => "'\\x00'",
                (kind, _) => panic!("{}.{} is a {kind}", table.name, column.name),
            })
            .collect();
        let insert = format!("INSERT INTO {} VALUES ({})", table.name, values.join(", "));
        database.execute(&insert).await;
    }
}
