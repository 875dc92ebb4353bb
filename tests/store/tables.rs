//! The tables: the same in both databases, and what is written stays written.

use crate::cases::connect;
use crate::kit::db::{Db, Kind, databases};
use crate::kit::town::open;
use crate::kit::{Town, on_each};

/// Every column as `table.column type null?`, sorted, with the types' names of PostgreSQL.
async fn columns(db: &Db) -> Vec<String> {
    let sql = match db.kind {
        Kind::Sqlite => {
            "SELECT t.name || '.' || c.name || CASE c.type WHEN 'TEXT' THEN ' text' WHEN 'INTEGER' THEN ' bigint' \
                 WHEN 'BLOB' THEN ' bytea' ELSE c.type END || CASE c.\"notnull\" WHEN 1 THEN '' ELSE ' null' END \
             FROM sqlite_schema AS t, pragma_table_info(t.name) AS c \
             WHERE t.type = 'table' AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\'"
        }
        Kind::Postgres => {
            "SELECT table_name || '.' || column_name || ' ' || data_type || \
                 CASE is_nullable WHEN 'NO' THEN '' ELSE ' null' END FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_sqlx%' \
                 AND (data_type <> 'text' OR collation_name = 'C')"
        }
    };
    let mut columns = db.texts(sql).await;
    columns.sort();
    columns
}

/// Every index that has a name of ours.
async fn indexes(db: &Db) -> Vec<String> {
    let sql = match db.kind {
        Kind::Sqlite => {
            "SELECT name || ' ' || tbl_name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
        }
        Kind::Postgres => {
            "SELECT indexname || ' ' || tablename FROM pg_indexes WHERE schemaname = current_schema() \
             AND indexname NOT LIKE '%\\_key' AND indexname NOT LIKE '%\\_pkey'"
        }
    };
    let mut indexes = db.texts(sql).await;
    indexes.sort();
    indexes
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_and_indexes() {
    let databases = databases().await;
    let first = (columns(&databases[0]).await, indexes(&databases[0]).await);
    assert!(first.0.len() > 100 && first.1.len() > 10);
    for other in &databases[1..] {
        assert_eq!((columns(other).await, indexes(other).await), first);
        for table in ["record_kind", "booking_kind", "exception_code", "event_type"] {
            let names = format!("SELECT * FROM {table} ORDER BY 1");
            assert_eq!(other.texts(&names).await, databases[0].texts(&names).await);
        }
    }
}

#[tokio::test]
async fn the_tables_know_every_kind_that_the_program_knows() {
    use epaybl_connector::domain::booking::BookingKind;
    use epaybl_connector::domain::record::Body;
    on_each(async |db| {
        let mut records = Body::KINDS.to_vec();
        records.sort_unstable();
        assert_eq!(db.texts("SELECT kind FROM record_kind ORDER BY 1").await, records);
        let mut bookings: Vec<_> = BookingKind::ALL.iter().map(|kind| kind.as_str()).collect();
        bookings.sort_unstable();
        assert_eq!(
            db.texts("SELECT kind FROM booking_kind ORDER BY 1").await,
            bookings
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_written_stays_written() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let new = town.accept("stadt", "KZ1", &[500]);
        connector.becomes_true(&new.sealed).await;
        let read = connector.read(new.case.id).await;
        connector
            .becomes_true(&town.opened(&read, new.attempt, &open(Some("KZ1"))).0)
            .await;
        let read = connector.read(new.case.id).await;
        connector
            .becomes_true(&town.told(&read, new.attempt, Some("PAYPAL"), Some(-5)))
            .await;
        let secret = match db.kind {
            Kind::Sqlite => "INSERT INTO client_secret VALUES ('a', x'00', 0, 'c')",
            Kind::Postgres => "INSERT INTO client_secret VALUES ('a', '\\x00', 0, 'c')",
        };
        assert_eq!(db.execute(secret).await, Ok(1));
        for (table, column) in [
            ("record", "recorded_at"),
            ("booking", "position"),
            ("booking_line", "cents"),
            ("exception", "position"),
            ("event", "occurred_at"),
            ("tenant_object", "applied_at"),
            ("client_secret", "issued_at"),
            ("change_log", "committed_at"),
        ] {
            let mut tries = vec![
                format!("UPDATE {table} SET {column} = {column} + 1"),
                format!("DELETE FROM {table}"),
            ];
            if db.kind == Kind::Postgres {
                tries.push(format!("TRUNCATE {table} CASCADE"));
            }
            for sql in tries {
                let refused = db.execute(&sql).await;
                let says = refused
                    .as_ref()
                    .is_err_and(|why| why.contains("never updated or deleted"));
                assert!(says, "{sql}: {refused:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn migrations_run_once() {
    on_each(async |db| {
        let engine = db.engine().await;
        assert_eq!(engine.missing_migrations().await.expect("a read"), 0);
        engine.migrate().await.expect("nothing is left to do");
        engine.close().await;
    })
    .await;
}
